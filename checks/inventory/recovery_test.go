package inventory

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnotherRegionHasAnInventoryOfItsOwn(t *testing.T) {
	inv := Of(Facts{
		RecoveryFacts: RecoveryFacts{BackupVaults: []BackupVault{{BackupVaultName: "here"}}},
		Elsewhere:     map[string]Facts{"us-west-2": {RecoveryFacts: RecoveryFacts{BackupVaults: []BackupVault{{BackupVaultName: "there"}}}}},
	}, "111122223333", "us-east-1", Scope{Key: "labctl:run", Value: "a"})
	there := inv.In("us-west-2")
	assert.Equal(t, "us-west-2", there.Region)
	assert.Equal(t, inv.Scope, there.Scope)
	assert.Equal(t, inv.Account, there.Account)
	assert.Same(t, inv, inv.In("us-east-1"), "its own region")
	assert.Same(t, there, inv.In("us-west-2"), "everybody gets the same one")
	for want, of := range map[string]*Inventory{"here": inv, "there": there} {
		vaults, err := of.BackupVaults(t.Context())
		require.NoError(t, err)
		require.Len(t, vaults, 1)
		assert.Equal(t, want, vaults[0].BackupVaultName)
	}
	vaults, err := inv.In("eu-west-1").BackupVaults(t.Context())
	require.NoError(t, err)
	assert.Empty(t, vaults, "a region of which nothing is known")
}

// regionServer answers ListBackupVaults with a vault named after the region that the request was signed for.
func regionServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope := strings.Split(r.Header.Get("Authorization"), "/") // Credential=id/date/region/service/aws4_request
		w.Header().Set("Content-Type", "application/json")
		body := `{"Tags":{}}`
		if strings.HasPrefix(r.URL.Path, "/backup-vaults") {
			body = `{"BackupVaultList":[{"BackupVaultName":"` + scope[2] + `","BackupVaultArn":"arn:x"}]}`
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAnotherRegionIsAskedInThatRegionAndCounted(t *testing.T) {
	inv := New(aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(regionServer(t)), Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}, "111122223333", Scope{})
	for _, region := range []string{"us-east-1", "us-west-2", "us-west-2"} {
		vaults, err := inv.In(region).BackupVaults(t.Context())
		require.NoError(t, err)
		require.Len(t, vaults, 1)
		assert.Equal(t, region, vaults[0].BackupVaultName)
	}
	assert.EqualValues(t, 4, inv.Calls(), "two reads of a list and of the tags of what is in it, and the third asks nobody")
}

func TestARuleOfABackupPlanSaysWhatItSaysAndNoMore(t *testing.T) {
	assert.Equal(t, BackupRule{}, backupRuleOf(backuptypes.BackupRule{}), "what is not said is not zero")
	rule := backupRuleOf(backuptypes.BackupRule{
		RuleName: aws.String("daily"), StartWindowMinutes: aws.Int64(60), Lifecycle: &backuptypes.Lifecycle{DeleteAfterDays: aws.Int64(35), MoveToColdStorageAfterDays: aws.Int64(-1)},
		CopyActions: []backuptypes.CopyAction{{DestinationBackupVaultArn: aws.String("arn:v")}},
	})
	assert.Equal(t, aws.Int(60), rule.StartWindow)
	assert.Nil(t, rule.CompletionWindow)
	assert.Equal(t, BackupLifecycle{DeleteAfter: aws.Int(35)}, rule.Lifecycle, "-1 is never")
	assert.Equal(t, []BackupCopy{{DestinationBackupVaultArn: "arn:v"}}, rule.CopyActions, "a copy does not inherit")
}

func TestAVaultSaysOfWhichTypeItIsAndWhoseItsKeyIs(t *testing.T) {
	assert.Equal(t, BackupVault{}, backupVaultOf(backuptypes.BackupVaultListMember{}), "what is not said is not there")
	vault := backupVaultOf(backuptypes.BackupVaultListMember{
		BackupVaultName: aws.String("bunker"), VaultType: backuptypes.VaultTypeLogicallyAirGappedBackupVault, EncryptionKeyType: backuptypes.EncryptionKeyTypeAwsOwnedKmsKey,
		Locked: aws.Bool(true), MinRetentionDays: aws.Int64(35), MaxRetentionDays: aws.Int64(90), NumberOfRecoveryPoints: 3,
	})
	assert.Equal(t, BackupVault{
		BackupVaultName: "bunker", VaultType: "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", EncryptionKeyType: "AWS_OWNED_KMS_KEY",
		Locked: true, MinRetentionDays: 35, MaxRetentionDays: 90, RecoveryPoints: 3,
	}, vault)
	assert.Equal(t, "arn:bunker", backupRuleOf(backuptypes.BackupRule{TargetLogicallyAirGappedBackupVaultArn: aws.String("arn:bunker")}).AirGappedVaultArn)
}

func TestPointInTimeRecoveryOfWhichNobodyHasSaidHowLongGoesBack35Days(t *testing.T) {
	on := &dynamotypes.PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: dynamotypes.PointInTimeRecoveryStatusEnabled}
	assert.Equal(t, ContinuousBackups{TableName: "t", Enabled: true, RecoveryPeriodInDays: 35}, continuousBackupsOf("t", on))
	on.RecoveryPeriodInDays = aws.Int32(7)
	assert.Equal(t, 7, continuousBackupsOf("t", on).RecoveryPeriodInDays)
	off := &dynamotypes.PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: dynamotypes.PointInTimeRecoveryStatusDisabled}
	assert.Equal(t, ContinuousBackups{TableName: "t"}, continuousBackupsOf("t", off))
}

// goneServer lists a table that is no longer there, as the tagging API does for a while.
func goneServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if strings.Contains(r.Header.Get("X-Amz-Target"), "GetResources") {
			_, _ = w.Write([]byte(`{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:dynamodb:us-east-1:1:table/gone","Tags":[]}]}`))
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Table: gone not found"}`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestATableThatIsGoneIsNotListed(t *testing.T) {
	inv := New(aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(goneServer(t)), Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}, "1", Scope{Key: "labctl:run", Value: "a"})
	tables, err := inv.Tables(t.Context())
	require.NoError(t, err)
	assert.Empty(t, tables)
}

func TestALifecycleRuleHasItsFilterInWhicheverForm(t *testing.T) {
	tag := s3types.Tag{Key: aws.String("k"), Value: aws.String("v")}
	for name, row := range map[string]struct {
		rule s3types.LifecycleRule
		want LifecycleFilter
	}{
		"none":            {s3types.LifecycleRule{}, LifecycleFilter{}},
		"of old":          {s3types.LifecycleRule{Prefix: aws.String("logs/")}, LifecycleFilter{Prefix: "logs/"}}, //nolint:staticcheck // old rules are still in force
		"a prefix":        {s3types.LifecycleRule{Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("a/")}}, LifecycleFilter{Prefix: "a/"}},
		"a tag":           {s3types.LifecycleRule{Filter: &s3types.LifecycleRuleFilter{Tag: &tag}}, LifecycleFilter{Tags: map[string]string{"k": "v"}}},
		"a size":          {s3types.LifecycleRule{Filter: &s3types.LifecycleRuleFilter{ObjectSizeGreaterThan: aws.Int64(5)}}, LifecycleFilter{ObjectSizeGreaterThan: 5}},
		"several of them": {s3types.LifecycleRule{Filter: &s3types.LifecycleRuleFilter{And: &s3types.LifecycleRuleAndOperator{Prefix: aws.String("a/"), Tags: []s3types.Tag{tag}, ObjectSizeLessThan: aws.Int64(9)}}}, LifecycleFilter{Prefix: "a/", Tags: map[string]string{"k": "v"}, ObjectSizeLessThan: 9}},
	} {
		assert.Equal(t, row.want, lifecycleRuleOf(row.rule).Filter, name)
	}
	rule := lifecycleRuleOf(s3types.LifecycleRule{Status: s3types.ExpirationStatusEnabled, NoncurrentVersionExpiration: &s3types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(3), NewerNoncurrentVersions: aws.Int32(2)}})
	assert.True(t, rule.Enabled)
	assert.Equal(t, 3, rule.NoncurrentDays)
	assert.Equal(t, 2, rule.NewerNoncurrentVersions)
}

func TestFactsAnswerForWhatBringsBackAsAnAccountDoes(t *testing.T) {
	mine, other := map[string]string{"labctl:run": "a"}, map[string]string{"labctl:run": "b"}
	now := time.Now()
	inv := Of(Facts{
		RecoveryFacts: RecoveryFacts{
			BackupPlans:       []BackupPlan{{BackupPlanId: "p1", Tags: mine}, {BackupPlanId: "p2", Tags: other}},
			BackupSelections:  []BackupSelection{{BackupPlanId: "p1", SelectionId: "s1"}, {BackupPlanId: "p2", SelectionId: "s2"}},
			RecoveryPoints:    []RecoveryPoint{{ResourceArn: "r1", CreationDate: now}, {ResourceArn: "r2"}},
			ContinuousBackups: []ContinuousBackups{{TableName: "t", Enabled: true}},
			BucketLifecycles:  []BucketLifecycle{{Bucket: "b", Rules: []LifecycleRule{{ID: "x"}}}},
			Volumes:           []Volume{{VolumeId: "v1", Tags: mine}, {VolumeId: "v2", Tags: other}},
		},
		AccessFacts: AccessFacts{ResourcePolicies: []ResourcePolicy{{"arn:aws:dynamodb:us-east-1:1:table/t", "{}"}, {"arn:aws:backup:us-east-1:1:backup-vault:v", "{}"}}},
	}, "1", "us-east-1", Scope{Key: "labctl:run", Value: "a"})
	ctx := t.Context()
	plans, err := inv.BackupPlans(ctx)
	require.NoError(t, err)
	require.Len(t, plans, 1, "of the scope only")
	selections, err := inv.BackupSelections(ctx, plans[0].BackupPlanId)
	require.NoError(t, err)
	assert.Len(t, selections, 1)
	points, err := inv.RecoveryPoints(ctx, "r1")
	require.NoError(t, err)
	assert.Len(t, points, 1)
	volumes, err := inv.Volumes(ctx)
	require.NoError(t, err)
	assert.Len(t, volumes, 1, "of the scope only")
	assert.Equal(t, "arn:aws:ec2:us-east-1:1:volume/v1", inv.VolumeARN("v1"))
	rules, err := inv.Lifecycle(ctx, "b")
	require.NoError(t, err)
	assert.Len(t, rules, 1)
	rules, err = inv.Lifecycle(ctx, "without")
	require.NoError(t, err)
	assert.Empty(t, rules)
	_, err = inv.ContinuousBackups(ctx, "gone")
	require.ErrorIs(t, err, ErrNotFound)
	for _, arn := range []string{"arn:aws:dynamodb:us-east-1:1:table/t", "arn:aws:dynamodb:us-east-1:1:table/t/index/i", "arn:aws:backup:us-east-1:1:backup-vault:v"} {
		_, err := inv.ResourcePolicy(ctx, arn)
		require.NoError(t, err, arn)
	}
	for _, arn := range []string{"arn:aws:dynamodb:us-east-1:1:table/t/backup/1", "arn:aws:dynamodb:us-east-1:1:table/t/stream/1", "arn:aws:backup:us-east-1:1:recovery-point:1"} {
		_, err := inv.ResourcePolicy(ctx, arn)
		require.ErrorIs(t, err, ErrNoReader, arn)
	}
}
