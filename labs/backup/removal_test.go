package backup

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
	"labctl/labs/labtest"
)

// assertRemoval leaves behind what restores and a learner leave, takes the lab down, and looks for what is left of it in
// both regions.
func assertRemoval(t *testing.T, suite labtest.Suite, live labs.Live) {
	t.Helper()
	leaveObjects(t, live)
	leaveCopies(t, live)
	leaveRestored(t, live)
	require.NotEmpty(t, leftovers(t, suite, live), "what is looked for is found while it is there")
	suite.Labctl("down", suite.Lab.ID, "--run", suite.Run)
	assert.Empty(t, leftovers(t, suite, live))
}

// leaveObjects files documents, which are locked, and deletes one.
func leaveObjects(t *testing.T, live labs.Live) {
	t.Helper()
	api := buckets(live)
	for _, role := range []string{roleDocuments, roleDrafts} {
		bucket, err := partsOf(live).bucket(t.Context(), role)
		require.NoError(t, err)
		for _, text := range []string{"first", "second"} {
			_, err := api.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: &bucket, Key: aws.String("letter"), Body: strings.NewReader(text), ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32, // a locked one needs it
			})
			require.NoError(t, err)
		}
		_, err = api.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: aws.String("letter")})
		require.NoError(t, err)
	}
}

// leaveCopies copies every recovery point to the other region, and adds a selection to the plan by hand.
func leaveCopies(t *testing.T, live labs.Live) {
	t.Helper()
	ctx, p, api := t.Context(), partsOf(live), backup.NewFromConfig(live.Config)
	from, _, err := p.vault(ctx, roleVault)
	require.NoError(t, err)
	to, _, err := p.vault(ctx, roleOffsite)
	require.NoError(t, err)
	role, err := p.role(ctx, roleBackup)
	require.NoError(t, err)
	points, err := api.ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: &from.Name})
	require.NoError(t, err)
	require.NotEmpty(t, points.RecoveryPoints)
	for _, point := range points.RecoveryPoints {
		_, err := api.StartCopyJob(ctx, &backup.StartCopyJobInput{
			RecoveryPointArn: point.RecoveryPointArn, SourceBackupVaultName: &from.Name, DestinationBackupVaultArn: &to.ARN, IamRoleArn: &role.Arn,
			Lifecycle: &backuptypes.Lifecycle{DeleteAfterDays: aws.Int64(copyDays)},
		})
		require.NoError(t, err)
	}
	plan, err := p.plan(ctx)
	require.NoError(t, err)
	_, err = api.CreateBackupSelection(ctx, &backup.CreateBackupSelectionInput{BackupPlanId: &plan.BackupPlanId, BackupSelection: &backuptypes.BackupSelection{
		SelectionName: aws.String("by-hand"), IamRoleArn: &role.Arn, Resources: []string{"*"},
	}})
	require.NoError(t, err)
}

// leaveRestored leaves what a restore makes: a table, protected, with a backup of its own; a snapshot and a volume.
func leaveRestored(t *testing.T, live labs.Live) {
	t.Helper()
	ctx, tables, volumes := t.Context(), dynamodb.NewFromConfig(live.Config), ec2.NewFromConfig(live.Config)
	name := "labctl-" + live.Run + "-restored-orders"
	var tags []dynamotypes.Tag
	for key, value := range live.Tags {
		tags = append(tags, dynamotypes.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	_, err := tables.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: dynamotypes.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(true), Tags: tags,
		KeySchema:            []dynamotypes.KeySchemaElement{{AttributeName: aws.String("order"), KeyType: dynamotypes.KeyTypeHash}},
		AttributeDefinitions: []dynamotypes.AttributeDefinition{{AttributeName: aws.String("order"), AttributeType: dynamotypes.ScalarAttributeTypeS}},
	})
	require.NoError(t, err)
	_, err = tables.CreateBackup(ctx, &dynamodb.CreateBackupInput{TableName: &name, BackupName: aws.String(name)})
	require.NoError(t, err)

	volume, err := partsOf(live).volume(ctx)
	require.NoError(t, err)
	snapshot, err := volumes.CreateSnapshot(ctx, &ec2.CreateSnapshotInput{VolumeId: &volume.VolumeId, TagSpecifications: []ec2types.TagSpecification{
		{ResourceType: ec2types.ResourceTypeSnapshot, Tags: ec2Tags(live.Tags)},
	}})
	require.NoError(t, err)
	_, err = volumes.CreateVolume(ctx, &ec2.CreateVolumeInput{AvailabilityZone: aws.String(live.Config.Region + "a"), SnapshotId: snapshot.SnapshotId, TagSpecifications: []ec2types.TagSpecification{
		{ResourceType: ec2types.ResourceTypeVolume, Tags: ec2Tags(live.Tags)},
	}})
	require.NoError(t, err)
}

// leftovers lists, kind by kind and in both regions, what an account that held nothing else still has. What AWS keeps by
// itself is left out: its own keys, keys that wait for their deletion, and the system backup of a table that had recovery.
func leftovers(t *testing.T, suite labtest.Suite, live labs.Live) []string {
	t.Helper()
	ctx, found := t.Context(), []string{}
	add := func(kind, id string) {
		if !strings.HasPrefix(id, "AWS") {
			found = append(found, kind+" "+id)
		}
	}
	names, err := buckets(live).ListBuckets(ctx, &s3.ListBucketsInput{})
	require.NoError(t, err)
	for _, bucket := range names.Buckets {
		add("bucket", aws.ToString(bucket.Name))
	}
	roles, err := iam.NewFromConfig(live.Config).ListRoles(ctx, &iam.ListRolesInput{})
	require.NoError(t, err)
	for _, role := range roles.Roles {
		add("role", aws.ToString(role.RoleName))
	}
	for _, region := range []string{suite.Config.Region, live.SecondRegion} {
		config := suite.Config.Copy()
		config.Region = region
		addStored(t, config, add)
		addBackups(t, config, add)
		addAlerts(t, config, add)
	}
	return found
}

// addStored lists what holds data, and its keys.
func addStored(t *testing.T, config aws.Config, add func(kind, id string)) {
	t.Helper()
	ctx := t.Context()
	tables, err := dynamodb.NewFromConfig(config).ListTables(ctx, &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	for _, table := range tables.TableNames {
		add("table", table)
	}
	volumes, err := ec2.NewFromConfig(config).DescribeVolumes(ctx, &ec2.DescribeVolumesInput{})
	require.NoError(t, err)
	for _, volume := range volumes.Volumes {
		add("volume", aws.ToString(volume.VolumeId))
	}
	snapshots, err := ec2.NewFromConfig(config).DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}})
	require.NoError(t, err)
	for _, snapshot := range snapshots.Snapshots {
		if !strings.Contains(aws.ToString(snapshot.Description), "AMI") { // of the local server's machine images
			add("snapshot", aws.ToString(snapshot.SnapshotId))
		}
	}
	keys, err := kms.NewFromConfig(config).ListKeys(ctx, &kms.ListKeysInput{})
	require.NoError(t, err)
	for _, key := range keys.Keys {
		got, err := kms.NewFromConfig(config).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: key.KeyId})
		require.NoError(t, err)
		ownKey := got.KeyMetadata.KeyManager == kmstypes.KeyManagerTypeCustomer && !strings.HasPrefix(aws.ToString(got.KeyMetadata.Description), "Default key")
		if ownKey && got.KeyMetadata.KeyState != kmstypes.KeyStatePendingDeletion {
			add("key", aws.ToString(key.KeyId))
		}
	}
}

// addBackups lists vaults, with what they hold, plans and the tables' own backups.
func addBackups(t *testing.T, config aws.Config, add func(kind, id string)) {
	t.Helper()
	ctx, api := t.Context(), backup.NewFromConfig(config)
	vaults, err := api.ListBackupVaults(ctx, &backup.ListBackupVaultsInput{})
	require.NoError(t, err)
	for _, vault := range vaults.BackupVaultList {
		add("vault", aws.ToString(vault.BackupVaultName))
		points, err := api.ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: vault.BackupVaultName})
		require.NoError(t, err)
		for _, point := range points.RecoveryPoints {
			add("recovery point", aws.ToString(point.RecoveryPointArn))
		}
	}
	plans, err := api.ListBackupPlans(ctx, &backup.ListBackupPlansInput{})
	require.NoError(t, err)
	for _, plan := range plans.BackupPlansList {
		add("plan", aws.ToString(plan.BackupPlanName))
	}
	backups, err := dynamodb.NewFromConfig(config).ListBackups(ctx, &dynamodb.ListBackupsInput{})
	require.NoError(t, err)
	for _, b := range backups.BackupSummaries {
		if b.BackupType != dynamotypes.BackupTypeSystem {
			add("table backup", aws.ToString(b.BackupName))
		}
	}
}

// addAlerts lists rule, topic, queue and alarm.
func addAlerts(t *testing.T, config aws.Config, add func(kind, id string)) {
	t.Helper()
	ctx := t.Context()
	rules, err := eventbridge.NewFromConfig(config).ListRules(ctx, &eventbridge.ListRulesInput{})
	require.NoError(t, err)
	for _, rule := range rules.Rules {
		add("rule", aws.ToString(rule.Name))
	}
	topics, err := sns.NewFromConfig(config).ListTopics(ctx, &sns.ListTopicsInput{})
	require.NoError(t, err)
	for _, topic := range topics.Topics {
		add("topic", aws.ToString(topic.TopicArn))
	}
	queues, err := sqs.NewFromConfig(config).ListQueues(ctx, &sqs.ListQueuesInput{})
	require.NoError(t, err)
	for _, queue := range queues.QueueUrls {
		add("queue", queue)
	}
	alarms, err := cloudwatch.NewFromConfig(config).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
	require.NoError(t, err)
	for _, alarm := range alarms.MetricAlarms {
		add("alarm", aws.ToString(alarm.AlarmName))
	}
}
