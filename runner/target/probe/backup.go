package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func backupProbes() []probe {
	vaults, jobs := []string{"backup"}, []string{"backup", "dynamodb", "iam"}
	return []probe{
		{"backup-tags", vaults, backupTags},
		{"backup-vaults", vaults, backupVaults},
		{"backup-plans", vaults, backupPlans},
		{"backup-selections", []string{"backup", "iam"}, backupSelections},
		{"vault-policies", vaults, vaultPolicies},
		{"backup-jobs", jobs, backupJobs},
		{"recovery-points", jobs, recoveryPoints},
		{"restore-jobs", jobs, restoreJobs},
	}
}

// depot is a vault, and a role that AWS Backup may assume.
type depot struct{ vault, vaultARN, role *string }

const trustBackup = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"backup.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

func (b *bench) makeDepot(ctx context.Context) (depot, error) {
	vault, arn, err := b.vault(ctx, "depot")
	if err != nil {
		return depot{}, err
	}
	out, err := b.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: b.name("backup"), AssumeRolePolicyDocument: aws.String(trustBackup), Tags: []iamtypes.Tag{{Key: aws.String(tagRun), Value: &b.run}},
	})
	if err != nil {
		return depot{}, err
	}
	return depot{vault, arn, out.Role.Arn}, nil
}

func (b *bench) vault(ctx context.Context, purpose string) (name, arn *string, err error) {
	out, err := b.backup.CreateBackupVault(ctx, &backup.CreateBackupVaultInput{BackupVaultName: b.name(purpose), BackupVaultTags: b.tags()})
	if err != nil {
		return nil, nil, err
	}
	return b.name(purpose), out.BackupVaultArn, nil
}

func (b *bench) plan(ctx context.Context, purpose string, vault *string, lifecycle *types.Lifecycle) (*backup.CreateBackupPlanOutput, error) {
	return b.backup.CreateBackupPlan(ctx, &backup.CreateBackupPlanInput{BackupPlan: b.planOf(purpose, vault, lifecycle), BackupPlanTags: b.tags()})
}

func (b *bench) planOf(purpose string, vault *string, lifecycle *types.Lifecycle) *types.BackupPlanInput {
	return &types.BackupPlanInput{BackupPlanName: b.name(purpose), Rules: []types.BackupRuleInput{
		{RuleName: aws.String("daily"), TargetBackupVaultName: vault, Lifecycle: lifecycle},
	}}
}

// backupTags looks for the tags of a vault and of a plan: they are how the lab finds both.
func backupTags(ctx context.Context, b *bench) error {
	vault, arn, err := b.vault(ctx, "tags")
	if err != nil {
		return err
	}
	plan, err := b.plan(ctx, "tags", vault, nil)
	if err != nil {
		return err
	}
	for _, of := range []*string{arn, plan.BackupPlanArn} {
		if _, err := b.backup.TagResource(ctx, &backup.TagResourceInput{ResourceArn: of, Tags: map[string]string{"labctl:role": "probe"}}); err != nil {
			return err
		}
		out, err := b.backup.ListTags(ctx, &backup.ListTagsInput{ResourceArn: of})
		if err != nil {
			return err
		}
		if len(out.Tags) != 2 || out.Tags[tagRun] != b.run {
			return fmt.Errorf("%s has not the tags that it was given", aws.ToString(of))
		}
	}
	return nil
}

func backupVaults(ctx context.Context, b *bench) error {
	name, _, err := b.vault(ctx, "plain")
	if err != nil {
		return err
	}
	out, err := b.backup.DescribeBackupVault(ctx, &backup.DescribeBackupVaultInput{BackupVaultName: name})
	if err != nil {
		return err
	}
	if !strings.Contains(aws.ToString(out.EncryptionKeyArn), ":key/") {
		return errors.New("a vault that was given no key has none")
	}
	if _, err := b.backup.DeleteBackupVault(ctx, &backup.DeleteBackupVaultInput{BackupVaultName: name}); err != nil {
		return err
	}
	_, err = b.backup.DeleteBackupVault(ctx, &backup.DeleteBackupVaultInput{BackupVaultName: name})
	return refusal(err, "ResourceNotFound", "a vault that is not there can be deleted")
}

// backupPlans changes a plan and deletes it, and tries a rule that cannot be kept: 90 days in cold storage are billed.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
func backupPlans(ctx context.Context, b *bench) error {
	vault, _, err := b.vault(ctx, "plans")
	if err != nil {
		return err
	}
	_, err = b.plan(ctx, "cold", vault, &types.Lifecycle{MoveToColdStorageAfterDays: aws.Int64(30), DeleteAfterDays: aws.Int64(119)})
	if err := refusal(err, "InvalidParameterValue", "a plan may delete what was in cold storage for 89 days"); err != nil {
		return err
	}
	plan, err := b.plan(ctx, "plan", vault, &types.Lifecycle{DeleteAfterDays: aws.Int64(120)})
	if err != nil {
		return err
	}
	if _, err := b.backup.UpdateBackupPlan(ctx, &backup.UpdateBackupPlanInput{
		BackupPlanId: plan.BackupPlanId, BackupPlan: b.planOf("plan", vault, &types.Lifecycle{DeleteAfterDays: aws.Int64(35)}),
	}); err != nil {
		return err
	}
	for version, days := range map[*string]int64{nil: 35, plan.VersionId: 120} {
		out, err := b.backup.GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: plan.BackupPlanId, VersionId: version})
		if err != nil {
			return err
		}
		if rules := out.BackupPlan.Rules; len(rules) != 1 || rules[0].Lifecycle == nil || aws.ToInt64(rules[0].Lifecycle.DeleteAfterDays) != days {
			return errors.New("a version of a backup plan is not read back as it was written")
		}
	}
	if _, err := b.backup.DeleteBackupPlan(ctx, &backup.DeleteBackupPlanInput{BackupPlanId: plan.BackupPlanId}); err != nil {
		return err
	}
	_, err = b.backup.GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: plan.BackupPlanId})
	return refusal(err, "ResourceNotFound", "a backup plan that was deleted is still there")
}

func backupSelections(ctx context.Context, b *bench) error {
	d, err := b.depot(ctx)
	if err != nil {
		return err
	}
	plan, err := b.plan(ctx, "selections", d.vault, nil)
	if err != nil {
		return err
	}
	selection := &types.BackupSelection{
		SelectionName: b.name("selection"), IamRoleArn: d.role, Resources: []string{"arn:aws:dynamodb:*:*:table/" + *b.name("none")},
		Conditions: &types.Conditions{StringEquals: []types.ConditionParameter{{ConditionKey: aws.String("aws:ResourceTag/" + tagRun), ConditionValue: &b.run}}},
	}
	made, err := b.backup.CreateBackupSelection(ctx, &backup.CreateBackupSelectionInput{BackupPlanId: plan.BackupPlanId, BackupSelection: selection})
	if err != nil {
		return err
	}
	out, err := b.backup.GetBackupSelection(ctx, &backup.GetBackupSelectionInput{BackupPlanId: plan.BackupPlanId, SelectionId: made.SelectionId})
	if err != nil {
		return err
	}
	read := out.BackupSelection
	if read == nil || len(read.Resources) != 1 || read.Conditions == nil || len(read.Conditions.StringEquals) != 1 || aws.ToString(read.Conditions.StringEquals[0].ConditionValue) != b.run {
		return errors.New("a selection is not read back as it was made")
	}
	_, err = b.backup.DeleteBackupPlan(ctx, &backup.DeleteBackupPlanInput{BackupPlanId: plan.BackupPlanId})
	if err := refusal(err, "InvalidRequest", "a plan that has a selection can be deleted"); err != nil {
		return err
	}
	_, err = b.backup.DeleteBackupSelection(ctx, &backup.DeleteBackupSelectionInput{BackupPlanId: plan.BackupPlanId, SelectionId: made.SelectionId})
	return err
}

// vaultPolicies reads back what it has put. Whether a policy binds the caller is not tried: the checks ask the engine.
func vaultPolicies(ctx context.Context, b *bench) error {
	vault, arn, err := b.vault(ctx, "policies")
	if err != nil {
		return err
	}
	put := func(policy string) error {
		_, err := b.backup.PutBackupVaultAccessPolicy(ctx, &backup.PutBackupVaultAccessPolicyInput{BackupVaultName: vault, Policy: &policy})
		return err
	}
	get := func() (*backup.GetBackupVaultAccessPolicyOutput, error) {
		return b.backup.GetBackupVaultAccessPolicy(ctx, &backup.GetBackupVaultAccessPolicyInput{BackupVaultName: vault})
	}
	_, err = get()
	if err := refusal(err, "ResourceNotFound", "a vault has a policy that nobody gave it"); err != nil {
		return err
	}
	if err := refusal(put("nope"), "InvalidParameterValue", "a vault takes a policy that is no JSON"); err != nil {
		return err
	}
	if err := put(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"backup:DeleteRecoveryPoint","Resource":"*"}]}`); err != nil {
		return err
	}
	out, err := get()
	if err != nil {
		return err
	}
	if aws.ToString(out.BackupVaultArn) != aws.ToString(arn) || !strings.Contains(aws.ToString(out.Policy), "backup:DeleteRecoveryPoint") {
		return errors.New("the policy of a vault is not read back as it was put")
	}
	if _, err := b.backup.DeleteBackupVaultAccessPolicy(ctx, &backup.DeleteBackupVaultAccessPolicyInput{BackupVaultName: vault}); err != nil {
		return err
	}
	_, err = get()
	return refusal(err, "ResourceNotFound", "the policy of a vault cannot be taken away")
}

// backUp runs a backup job to its end, whatever that is.
func (b *bench) backUp(ctx context.Context, resource *string) (job *backup.DescribeBackupJobOutput, err error) {
	d, err := b.depot(ctx)
	if err != nil {
		return nil, err
	}
	started, err := b.backup.StartBackupJob(ctx, &backup.StartBackupJobInput{
		BackupVaultName: d.vault, ResourceArn: resource, IamRoleArn: d.role, RecoveryPointTags: b.tags(), Lifecycle: &types.Lifecycle{DeleteAfterDays: aws.Int64(1)},
	})
	if err != nil {
		return nil, err
	}
	err = b.until(ctx, readyLimit, "a backup job ends", func() (bool, error) {
		job, err = b.backup.DescribeBackupJob(ctx, &backup.DescribeBackupJobInput{BackupJobId: started.BackupJobId})
		return err == nil && (job.State == types.BackupJobStateCompleted || job.State == types.BackupJobStateFailed), err
	})
	return job, err
}

// point is the recovery point of a new table.
func (b *bench) point(ctx context.Context, purpose string) (point, table *string, err error) {
	if table, err = b.table(ctx, purpose); err != nil {
		return nil, nil, err
	}
	job, err := b.backUp(ctx, table)
	if err != nil {
		return nil, nil, err
	}
	if job.State != types.BackupJobStateCompleted || job.RecoveryPointArn == nil {
		return nil, nil, fmt.Errorf("the backup of a table is %s: %s", job.State, aws.ToString(job.StatusMessage))
	}
	return job.RecoveryPointArn, table, nil
}

func backupJobs(ctx context.Context, b *bench) error {
	_, table, err := b.point(ctx, "jobs")
	if err != nil {
		return err
	}
	missing, err := b.backUp(ctx, aws.String(*table+"-missing"))
	if err := refusalOr(err, missing, "the backup of a table that does not exist succeeds"); err != nil {
		return err
	}
	d, err := b.depot(ctx)
	if err != nil {
		return err
	}
	_, err = b.backup.StartBackupJob(ctx, &backup.StartBackupJobInput{BackupVaultName: b.name("nowhere"), ResourceArn: table, IamRoleArn: d.role})
	return refusal(err, "ResourceNotFound", "a backup can be put into a vault that does not exist")
}

// refusalOr takes it for shown that a job is refused at once, and that it fails.
func refusalOr(err error, job *backup.DescribeBackupJobOutput, otherwise string) error {
	switch {
	case err != nil:
		return refusal(err, "ResourceNotFound", "")
	case job.State != types.BackupJobStateFailed:
		return errors.New(otherwise)
	default:
		return nil
	}
}

func recoveryPoints(ctx context.Context, b *bench) error {
	point, table, err := b.point(ctx, "points")
	if err != nil {
		return err
	}
	d, err := b.depot(ctx)
	if err != nil {
		return err
	}
	list := func() ([]types.RecoveryPointByBackupVault, error) {
		out, err := b.backup.ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: d.vault, ByResourceArn: table})
		if err != nil {
			return nil, err
		}
		return out.RecoveryPoints, nil
	}
	points, err := list()
	if err != nil {
		return err
	}
	if len(points) != 1 || aws.ToString(points[0].RecoveryPointArn) != *point || points[0].CalculatedLifecycle == nil || points[0].CalculatedLifecycle.DeleteAt == nil {
		return errors.New("the recovery point of a backup is not in its vault, with the day on which it is deleted")
	}
	tags, err := b.backup.ListTags(ctx, &backup.ListTagsInput{ResourceArn: point})
	if err != nil {
		return err
	}
	if tags.Tags[tagRun] != b.run {
		return errors.New("a recovery point has not the tags that it was given")
	}
	_, err = b.backup.DeleteBackupVault(ctx, &backup.DeleteBackupVaultInput{BackupVaultName: d.vault})
	if err := refusal(err, "InvalidRequest", "a vault that holds a recovery point can be deleted"); err != nil {
		return err
	}
	if _, err := b.backup.DeleteRecoveryPoint(ctx, &backup.DeleteRecoveryPointInput{BackupVaultName: d.vault, RecoveryPointArn: point}); err != nil {
		return err
	}
	return b.until(ctx, readyLimit, "a recovery point that was deleted is gone", func() (bool, error) {
		points, err := list()
		return len(points) == 0, err
	})
}

func restoreJobs(ctx context.Context, b *bench) error {
	point, _, err := b.point(ctx, "restore")
	if err != nil {
		return err
	}
	d, err := b.depot(ctx)
	if err != nil {
		return err
	}
	target := b.name("restore-again")
	started, err := b.backup.StartRestoreJob(ctx, &backup.StartRestoreJobInput{
		RecoveryPointArn: point, IamRoleArn: d.role, Metadata: map[string]string{"targetTableName": *target, "encryptionType": "Default"},
	})
	if err != nil {
		return err
	}
	var job *backup.DescribeRestoreJobOutput
	if err := b.until(ctx, readyLimit, "a restore job ends", func() (bool, error) {
		job, err = b.backup.DescribeRestoreJob(ctx, &backup.DescribeRestoreJobInput{RestoreJobId: started.RestoreJobId})
		return err == nil && (job.Status == types.RestoreJobStatusCompleted || job.Status == types.RestoreJobStatusFailed), err
	}); err != nil {
		return err
	}
	if job.Status != types.RestoreJobStatusCompleted || !strings.HasSuffix(aws.ToString(job.CreatedResourceArn), *target) {
		return fmt.Errorf("the restore of a table is %s: %s", job.Status, aws.ToString(job.StatusMessage))
	}
	return b.holds(ctx, target, "first")
}
