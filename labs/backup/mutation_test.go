package backup

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"labctl/checks/inventory"
	"labctl/labs"
	"labctl/labs/labtest"
)

// TestMutation proves on a live lab that every fault breaks exactly the checks that it names, and can be taken back; and
// that nothing is left of the lab when it is taken down.
func TestMutation(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions the lab")
	}
	t.Parallel()
	suite := labtest.Provision(t, New())
	live := func(inv *inventory.Inventory) labs.Live {
		return labs.Live{Config: suite.Config, Inventory: inv, Run: suite.Run, Tags: suite.Tags, SecondRegion: secondRegion(suite.Config.Region)}
	}
	suite.State = func(ctx context.Context, inv *inventory.Inventory) (string, error) { return liveState(ctx, live(inv)) }
	suite.AssertBill(t)
	matrix := suite.Mutate(t)
	t.Logf("faults and the checks that they break:\n%s", matrix)
	assertRemoval(t, suite, live(inventory.New(suite.Config, suite.Account, inventory.Scope{Key: "labctl:run", Value: suite.Run})))
}

// state is what was read of the account, and what could not be.
type state struct {
	seen   map[string]any
	failed []error
}

func (s *state) see(what string, value any, err error) {
	s.seen[what] = value
	s.failed = append(s.failed, err)
}

// liveState is what the faults change, as the API tells it and not as the inventory does: what only the inventory overlooked
// shows all the same. It leaves out times and the ids of recovery points, which a backup that was lost and made again has
// others of.
func liveState(ctx context.Context, live labs.Live) (string, error) {
	s, p := &state{seen: map[string]any{}}, partsOf(live)
	s.seeTable(ctx, p, live)
	s.seeVolumes(ctx, live)
	for _, role := range []string{roleDocuments, roleDrafts} {
		s.seeBucket(ctx, p, live, role)
	}
	for _, role := range []string{roleVault, roleOffsite} {
		s.seeVault(ctx, p, live, role)
	}
	s.seePlan(ctx, p, live)
	s.seeRoles(ctx, live)
	s.seeAlerts(ctx, p, live)
	text, err := json.MarshalIndent(s.seen, "", " ")
	return string(text), errors.Join(append(s.failed, err)...)
}

func (s *state) seeTable(ctx context.Context, p parts, live labs.Live) {
	api := dynamodb.NewFromConfig(live.Config)
	table, err := p.table(ctx)
	s.see("table", table, err)
	got, err := api.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table.TableName})
	s.failed = append(s.failed, err)
	if err == nil {
		recovery := got.ContinuousBackupsDescription.PointInTimeRecoveryDescription
		s.seen["recovery"] = map[string]any{"status": recovery.PointInTimeRecoveryStatus, "days": recovery.RecoveryPeriodInDays}
	}
}

func (s *state) seeVolumes(ctx context.Context, live labs.Live) {
	volumes, err := ec2.NewFromConfig(live.Config).DescribeVolumes(ctx, &ec2.DescribeVolumesInput{})
	s.see("volumes", volumes, err)
}

func (s *state) seeBucket(ctx context.Context, p parts, live labs.Live, role string) {
	api := buckets(live)
	name, err := p.bucket(ctx, role)
	s.failed = append(s.failed, err)
	versioning, err := api.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name})
	s.see(role+" versioning", versioning, err)
	encryption, err := api.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &name})
	s.see(role+" encryption", encryption, err)
	lifecycle, err := api.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &name})
	s.see(role+" lifecycle", lifecycle, err)
	policy, err := api.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name})
	s.see(role+" policy", policy, labs.Unless(err, "NoSuchBucketPolicy"))
	lock, err := api.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &name})
	s.see(role+" lock", lock, labs.Unless(err, "ObjectLockConfigurationNotFoundError"))
}

func (s *state) seeVault(ctx context.Context, p parts, live labs.Live, role string) {
	vault, found, err := p.vault(ctx, role)
	s.see(role, found, err)
	policy, err := vault.api(live).GetBackupVaultAccessPolicy(ctx, &backup.GetBackupVaultAccessPolicyInput{BackupVaultName: &vault.Name})
	s.see(role+" policy", policy, err)
	points, err := vault.api(live).ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: &vault.Name})
	s.failed = append(s.failed, err)
	if err == nil {
		var told []string
		for _, point := range points.RecoveryPoints {
			told = append(told, aws.ToString(point.ResourceArn)+" "+string(point.Status))
		}
		slices.Sort(told)
		s.seen[role+" points"] = told
	}
	keys := kms.NewFromConfig(live.Config, func(o *kms.Options) { o.Region = vault.Region })
	key, err := keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &found.EncryptionKeyArn})
	s.see(role+" key", key, err)
	keyPolicy, err := keys.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &found.EncryptionKeyArn})
	s.see(role+" key policy", keyPolicy, err)
}

func (s *state) seePlan(ctx context.Context, p parts, live labs.Live) {
	plan, err := p.plan(ctx)
	s.failed = append(s.failed, err)
	got, err := backup.NewFromConfig(live.Config).GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: &plan.BackupPlanId})
	s.failed = append(s.failed, err)
	if err == nil {
		for n := range got.BackupPlan.Rules {
			got.BackupPlan.Rules[n].RuleId = nil // each version of a plan has rules of its own
		}
		s.seen["plan"] = got.BackupPlan
	}
	selections, err := live.Inventory.BackupSelections(ctx, plan.BackupPlanId)
	s.see("selections", selections, err)
}

func (s *state) seeRoles(ctx context.Context, live labs.Live) {
	everybody, err := live.Inventory.Identities(ctx)
	s.see("roles", everybody, err)
	list, err := iam.NewFromConfig(live.Config).ListRoles(ctx, &iam.ListRolesInput{})
	s.failed = append(s.failed, err)
	if err == nil {
		var names []string
		for _, role := range list.Roles {
			if strings.HasPrefix(aws.ToString(role.RoleName), "labctl-") {
				names = append(names, aws.ToString(role.RoleName))
			}
		}
		s.seen["role names"] = names
	}
}

func (s *state) seeAlerts(ctx context.Context, p parts, live labs.Live) {
	rule, err := p.rule(ctx)
	s.failed = append(s.failed, err)
	got, err := eventbridge.NewFromConfig(live.Config).DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &rule.Name})
	s.see("rule", got, err)
	s.seen["rule tags and targets"] = rule
	queue, err := p.queue(ctx)
	s.see("queue", queue, err)
	topic, err := p.topic(ctx)
	s.failed = append(s.failed, err)
	subscriptions, err := live.Inventory.Subscriptions(ctx, topic)
	s.see("subscriptions", subscriptions, err)
}
