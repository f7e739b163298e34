package sweep

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
)

const trustBackup = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"backup.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// backups are what a backup lab and its drills leave: a plan, a table, a volume and a bucket with
// recovery points, and copies that nobody has tagged.
func (b *builder) backups(vault string) {
	role, volume, table := b.backupRole(), b.volume(), b.ordersTable("orders")
	bucket := b.bucketIn("drafts")
	b.plan(vault, role)
	region, account := b.region, "123456789012"
	for _, arn := range []string{
		fmt.Sprintf("arn:aws:ec2:%s:%s:volume/%s", region, account, volume),
		fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", region, account, table),
		"arn:aws:s3:::" + bucket,
	} {
		b.point(vault, arn, role)
	}
	b.restoredCopies(table, volume)
	b.onDemandBackups(table)
}

func (b *builder) backupRole() (arn string) {
	name := aws.String(b.name("backup-" + b.region))
	out, err := b.iam.CreateRole(b.t.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trustBackup)})
	arn = aws.ToString(must(b.t, out, err).Role.Arn)
	b.made["IAM role "+*name] = "IAM role"
	return arn
}

// vault is locked, and its policy lets nobody delete recovery points.
func (b *builder) vault(name string) string {
	ctx, t := b.t.Context(), b.t
	_, err := b.backup.CreateBackupVault(ctx, &backup.CreateBackupVaultInput{BackupVaultName: &name, BackupVaultTags: b.tags("vault")})
	require.NoError(t, err)
	_, err = b.backup.PutBackupVaultLockConfiguration(ctx, &backup.PutBackupVaultLockConfigurationInput{BackupVaultName: &name, MinRetentionDays: aws.Int64(35)})
	require.NoError(t, err)
	_, err = b.backup.PutBackupVaultAccessPolicy(ctx, &backup.PutBackupVaultAccessPolicyInput{BackupVaultName: &name, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["backup:DeleteRecoveryPoint","backup:PutBackupVaultAccessPolicy"],"Resource":"*"}]}`)})
	require.NoError(t, err)
	return b.note("backup vault", &name)
}

func (b *builder) plan(vault, role string) {
	ctx, t := b.t.Context(), b.t
	out, err := b.backup.CreateBackupPlan(ctx, &backup.CreateBackupPlanInput{
		BackupPlanTags: b.tags("plan"),
		BackupPlan: &backuptypes.BackupPlanInput{BackupPlanName: aws.String(b.name("plan")), Rules: []backuptypes.BackupRuleInput{{
			RuleName: aws.String("daily"), TargetBackupVaultName: &vault, ScheduleExpression: aws.String("cron(0 5 * * ? *)"),
		}}},
	})
	id := b.note("backup plan", must(t, out, err).BackupPlanId)
	_, err = b.backup.CreateBackupSelection(ctx, &backup.CreateBackupSelectionInput{
		BackupPlanId:    &id,
		BackupSelection: &backuptypes.BackupSelection{SelectionName: aws.String("all"), IamRoleArn: &role, Resources: []string{"*"}},
	})
	require.NoError(t, err)
}

// point backs a resource up. The snapshot of a volume is listed among the others.
func (b *builder) point(vault, arn, role string) string {
	ctx, t := b.t.Context(), b.t
	started, err := b.backup.StartBackupJob(ctx, &backup.StartBackupJobInput{BackupVaultName: &vault, ResourceArn: &arn, IamRoleArn: &role})
	id := must(t, started, err).BackupJobId
	job, err := b.backup.DescribeBackupJob(ctx, &backup.DescribeBackupJobInput{BackupJobId: id})
	require.Equal(t, backuptypes.BackupJobStateCompleted, must(t, job, err).State, aws.ToString(job.StatusMessage))
	made := aws.ToString(job.RecoveryPointArn)
	if _, snapshot, ok := strings.Cut(made, ":snapshot/"); ok {
		b.note("EBS snapshot", &snapshot)
	}
	return made
}

// copies puts every recovery point of a vault into one of another region.
func (b *builder) copies(from string, there *builder, to, role string) {
	ctx, t := b.t.Context(), b.t
	points, err := b.backup.ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: &from})
	for _, p := range must(t, points, err).RecoveryPoints {
		_, err := b.backup.StartCopyJob(ctx, &backup.StartCopyJobInput{
			SourceBackupVaultName: &from, RecoveryPointArn: p.RecoveryPointArn, IamRoleArn: &role,
			DestinationBackupVaultArn: aws.String(fmt.Sprintf("arn:aws:backup:%s:123456789012:backup-vault:%s", there.region, to)),
		})
		require.NoError(t, err)
	}
	copied, err := there.backup.ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: &to})
	require.Len(t, must(t, copied, err).RecoveryPoints, len(points.RecoveryPoints))
	for _, p := range copied.RecoveryPoints {
		if _, snapshot, ok := strings.Cut(*p.RecoveryPointArn, ":snapshot/"); ok {
			there.note("EBS snapshot", &snapshot)
		}
	}
}

func (b *builder) volume() string {
	out, err := b.ec2.CreateVolume(b.t.Context(), &ec2.CreateVolumeInput{
		AvailabilityZone: aws.String(b.region + "a"), Size: aws.Int32(1), TagSpecifications: b.ec2Tags(ec2types.ResourceTypeVolume, "index"),
	})
	return b.note("EBS volume", must(b.t, out, err).VolumeId)
}

// ordersTable is protected from deletion, and so are its past states.
func (b *builder) ordersTable(purpose string) string {
	ctx, t := b.t.Context(), b.t
	var tags []dynamotypes.Tag
	for k, v := range b.tags(purpose) {
		tags = append(tags, dynamotypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	name := b.name(purpose)
	_, err := b.dynamodb.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: dynamotypes.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(true), Tags: tags,
		KeySchema:            []dynamotypes.KeySchemaElement{{AttributeName: aws.String("order"), KeyType: dynamotypes.KeyTypeHash}},
		AttributeDefinitions: []dynamotypes.AttributeDefinition{{AttributeName: aws.String("order"), AttributeType: dynamotypes.ScalarAttributeTypeS}},
	})
	require.NoError(t, err)
	_, err = b.dynamodb.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
		TableName: &name, PointInTimeRecoverySpecification: &dynamotypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	})
	require.NoError(t, err)
	return b.note("DynamoDB table", &name)
}

func (b *builder) bucketIn(purpose string) string {
	ctx, t := b.t.Context(), b.t
	name := b.name(purpose + "-" + b.region)
	in := &s3.CreateBucketInput{Bucket: &name, ObjectLockEnabledForBucket: aws.Bool(true)} // versioned with it
	if b.region == there {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: there}
	}
	_, err := b.s3.CreateBucket(ctx, in)
	require.NoError(t, err)
	_, err = b.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: &name, Key: aws.String("contract"), Body: strings.NewReader("signed")})
	require.NoError(t, err)
	return b.note("S3 bucket", &name)
}

// restoredCopies are what a drill that was killed leaves: found by name, or by the snapshot that
// they come from.
func (b *builder) restoredCopies(table, volume string) {
	ctx, t := b.t.Context(), b.t
	copied := b.name("restored-orders")
	_, err := b.dynamodb.RestoreTableToPointInTime(ctx, &dynamodb.RestoreTableToPointInTimeInput{
		SourceTableName: &table, TargetTableName: &copied, UseLatestRestorableTime: aws.Bool(true),
	})
	require.NoError(t, err)
	b.note("DynamoDB table", &copied)
	snapshot, err := b.ec2.CreateSnapshot(ctx, &ec2.CreateSnapshotInput{VolumeId: &volume}) // by hand
	id := b.note("EBS snapshot", must(t, snapshot, err).SnapshotId)
	restored, err := b.ec2.CreateVolume(ctx, &ec2.CreateVolumeInput{AvailabilityZone: aws.String(b.region + "a"), SnapshotId: &id})
	b.note("EBS volume", must(t, restored, err).VolumeId)
}

// onDemandBackups are of a table that is there and of one that is not any more.
func (b *builder) onDemandBackups(table string) {
	ctx, t := b.t.Context(), b.t
	gone := b.ordersTable("restored-gone")
	for _, name := range []string{table, gone} {
		out, err := b.dynamodb.CreateBackup(ctx, &dynamodb.CreateBackupInput{TableName: aws.String(name), BackupName: aws.String("before-the-drill")})
		b.note("DynamoDB backup", must(t, out, err).BackupDetails.BackupArn)
	}
	_, err := b.dynamodb.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &gone, DeletionProtectionEnabled: aws.Bool(false)})
	require.NoError(t, err)
	_, err = b.dynamodb.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &gone})
	require.NoError(t, err)
	delete(b.made, inWords("DynamoDB table", gone, b.region))
}
