package local_test

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startBackup runs a backup job into the vault, which keeps the backup for days, and returns the job.
func (a account) startBackup(t T, vault, resource, role string, days int64) *backup.DescribeBackupJobOutput {
	started := must[backup.StartBackupJobOutput](t)(a.backup.StartBackupJob(a.ctx, &backup.StartBackupJobInput{
		BackupVaultName: &vault, ResourceArn: &resource, IamRoleArn: &role,
		Lifecycle: &types.Lifecycle{DeleteAfterDays: &days}, RecoveryPointTags: map[string]string{"by": "proof"},
	}))
	return must[backup.DescribeBackupJobOutput](t)(a.backup.DescribeBackupJob(a.ctx, &backup.DescribeBackupJobInput{BackupJobId: started.BackupJobId}))
}

// point makes a recovery point and returns its ARN.
func (a account) point(t T, vault, resource, role string) string {
	job := a.startBackup(t, vault, resource, role, 35)
	require.Equal(t, types.BackupJobStateCompleted, job.State, aws.ToString(job.StatusMessage))
	return *job.RecoveryPointArn
}

func (a account) lockVault(t T, vault string, days int64) {
	must[backup.PutBackupVaultLockConfigurationOutput](t)(a.backup.PutBackupVaultLockConfiguration(a.ctx, &backup.PutBackupVaultLockConfigurationInput{
		BackupVaultName: &vault, MinRetentionDays: &days,
	}))
}

func proveBackupJobs(t T, a account) {
	const vault = "jobs"
	a.vault(t, vault)
	table, role := a.table(t, "jobs"), a.serviceRole(t, "jobs", "backup")
	for why, in := range map[string]backup.StartBackupJobInput{
		"ResourceNotFoundException":      {BackupVaultName: aws.String("nowhere"), ResourceArn: &table, IamRoleArn: &role},
		"cannot be assumed":              {BackupVaultName: aws.String(vault), ResourceArn: &table, IamRoleArn: aws.String("arn:aws:iam::123456789012:role/nobody")},
		"InvalidParameterValueException": {BackupVaultName: aws.String(vault), ResourceArn: aws.String("arn:aws:sqs:us-east-1:123456789012:q"), IamRoleArn: &role},
	} {
		_, err := a.backup.StartBackupJob(a.ctx, &in)
		requireCode(t, err, why)
	}
	done := a.startBackup(t, vault, table, role, 35)
	assert.Equal(t, types.BackupJobStateCompleted, done.State)
	assert.Equal(t, "DynamoDB", *done.ResourceType)
	assert.Contains(t, *done.RecoveryPointArn, ":recovery-point:")
	_, err := a.backup.StopBackupJob(a.ctx, &backup.StopBackupJobInput{BackupJobId: done.BackupJobId})
	requireCode(t, err, "InvalidRequestException")

	a.bucket(t, "jobs-without-versions")
	assert.Equal(t, types.BackupJobStateFailed, a.startBackup(t, vault, "arn:aws:s3:::jobs-without-versions", role, 35).State)
	assert.Equal(t, types.BackupJobStateFailed, a.startBackup(t, vault, table+"-gone", role, 35).State)
	a.lockVault(t, vault, 7)
	short := a.startBackup(t, vault, table, role, 6)
	assert.Equal(t, types.BackupJobStateFailed, short.State)
	assert.Contains(t, aws.ToString(short.StatusMessage), "shorter")
	assert.Equal(t, types.BackupJobStateCompleted, a.startBackup(t, vault, table, role, 7).State)

	jobs := must[backup.ListBackupJobsOutput](t)(a.backup.ListBackupJobs(a.ctx, &backup.ListBackupJobsInput{
		ByBackupVaultName: aws.String(vault), ByState: types.BackupJobStateFailed, ByCreatedBefore: aws.Time(done.CreationDate.AddDate(1, 0, 0)),
	}))
	assert.Len(t, jobs.BackupJobs, 3)
}

func proveRecoveryPoints(t T, a account) {
	const vault = "points"
	a.vault(t, vault)
	table, role, guard := a.table(t, "points"), a.serviceRole(t, "points", "backup"), a.serviceRole(t, "points-guard", "ec2")
	volume := a.volume(t, &ec2.CreateVolumeInput{Size: aws.Int32(1)})
	first, snapshot := a.point(t, vault, table, role), a.point(t, vault, "arn:aws:ec2:us-east-1:123456789012:volume/"+volume, role)
	list := func(resource *string) []types.RecoveryPointByBackupVault {
		return must[backup.ListRecoveryPointsByBackupVaultOutput](t)(a.backup.ListRecoveryPointsByBackupVault(a.ctx, &backup.ListRecoveryPointsByBackupVaultInput{
			BackupVaultName: aws.String(vault), ByResourceArn: resource,
		})).RecoveryPoints
	}
	assert.Len(t, list(nil), 2)
	require.Len(t, list(&table), 1)
	described := must[backup.DescribeRecoveryPointOutput](t)(a.backup.DescribeRecoveryPoint(a.ctx, &backup.DescribeRecoveryPointInput{BackupVaultName: aws.String(vault), RecoveryPointArn: &first}))
	assert.Equal(t, described.CreationDate.AddDate(0, 0, 35), *described.CalculatedLifecycle.DeleteAt)
	assert.Equal(t, types.RecoveryPointStatusCompleted, described.Status)
	tags := must[backup.ListTagsOutput](t)(a.backup.ListTags(a.ctx, &backup.ListTagsInput{ResourceArn: &first})).Tags
	assert.Equal(t, map[string]string{"by": "proof", "kind": "orders"}, tags)
	byResource := must[backup.ListRecoveryPointsByResourceOutput](t)(a.backup.ListRecoveryPointsByResource(a.ctx, &backup.ListRecoveryPointsByResourceInput{ResourceArn: &table}))
	assert.Len(t, byResource.RecoveryPoints, 1)
	counted := must[backup.DescribeBackupVaultOutput](t)(a.backup.DescribeBackupVault(a.ctx, &backup.DescribeBackupVaultInput{BackupVaultName: aws.String(vault)}))
	assert.EqualValues(t, 2, counted.NumberOfRecoveryPoints)

	remove := func(by account, arn string) error {
		_, err := by.backup.DeleteRecoveryPoint(a.ctx, &backup.DeleteRecoveryPointInput{BackupVaultName: aws.String(vault), RecoveryPointArn: &arn})
		return err
	}
	keepFor := func(days int64) error {
		_, err := a.backup.UpdateRecoveryPointLifecycle(a.ctx, &backup.UpdateRecoveryPointLifecycleInput{
			BackupVaultName: aws.String(vault), RecoveryPointArn: &first, Lifecycle: &types.Lifecycle{DeleteAfterDays: &days},
		})
		return err
	}
	_, err := a.backup.DeleteBackupVault(a.ctx, &backup.DeleteBackupVaultInput{BackupVaultName: aws.String(vault)})
	requireCode(t, err, "InvalidRequestException")
	_, err = a.ec2.DeleteSnapshot(a.ctx, &ec2.DeleteSnapshotInput{SnapshotId: aws.String(filepath.Base(snapshot))})
	requireCode(t, err, "InvalidParameterValue")
	require.NoError(t, a.putVaultPolicy(vault, deniedToOthers(guard, "backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle")))
	requireCode(t, remove(a, first), "AccessDeniedException")
	requireCode(t, keepFor(36), "AccessDeniedException")
	require.NoError(t, remove(a.as(t, guard), snapshot))
	must[backup.DeleteBackupVaultAccessPolicyOutput](t)(a.backup.DeleteBackupVaultAccessPolicy(a.ctx, &backup.DeleteBackupVaultAccessPolicyInput{BackupVaultName: aws.String(vault)}))
	require.NoError(t, keepFor(36))
	a.lockVault(t, vault, 7)
	requireCode(t, remove(a, first), "InvalidParameterValueException")
	requireCode(t, keepFor(37), "InvalidParameterValueException")
	must[backup.DeleteBackupVaultLockConfigurationOutput](t)(a.backup.DeleteBackupVaultLockConfiguration(a.ctx, &backup.DeleteBackupVaultLockConfigurationInput{BackupVaultName: aws.String(vault)}))
	require.NoError(t, remove(a, first))
	requireCode(t, remove(a, first), "ResourceNotFoundException")
	assert.Empty(t, list(nil))
	snapshots := must[ec2.DescribeSnapshotsOutput](t)(a.ec2.DescribeSnapshots(a.ctx, &ec2.DescribeSnapshotsInput{Filters: filter("volume-id", volume)}))
	assert.Empty(t, snapshots.Snapshots, "the snapshot goes with its recovery point")
	must[backup.DeleteBackupVaultOutput](t)(a.backup.DeleteBackupVault(a.ctx, &backup.DeleteBackupVaultInput{BackupVaultName: aws.String(vault)}))
}

func (a account) copyPoint(t T, vault, point, to, role string, days int64) *types.CopyJob {
	started := must[backup.StartCopyJobOutput](t)(a.backup.StartCopyJob(a.ctx, &backup.StartCopyJobInput{
		SourceBackupVaultName: &vault, RecoveryPointArn: &point, DestinationBackupVaultArn: &to, IamRoleArn: &role,
		Lifecycle: &types.Lifecycle{DeleteAfterDays: &days},
	}))
	return must[backup.DescribeCopyJobOutput](t)(a.backup.DescribeCopyJob(a.ctx, &backup.DescribeCopyJobInput{CopyJobId: started.CopyJobId})).CopyJob
}

func proveCopyJobs(t T, a account) {
	const vault = "copied"
	west := a.in("us-west-2")
	a.vault(t, vault)
	away, role := west.vault(t, "away"), a.serviceRole(t, "copied", "backup")
	point := a.point(t, vault, a.table(t, "copied"), role)
	west.lockVault(t, "away", 35)
	assert.Equal(t, types.CopyJobStateFailed, a.copyPoint(t, vault, point, away, role, 34).State)
	done := a.copyPoint(t, vault, point, away, role, 90)
	require.Equal(t, types.CopyJobStateCompleted, done.State)
	copied := must[backup.DescribeRecoveryPointOutput](t)(west.backup.DescribeRecoveryPoint(a.ctx, &backup.DescribeRecoveryPointInput{
		BackupVaultName: aws.String("away"), RecoveryPointArn: done.DestinationRecoveryPointArn,
	}))
	assert.Contains(t, *copied.RecoveryPointArn, ":us-west-2:")
	assert.Contains(t, *copied.EncryptionKeyArn, ":us-west-2:", "a copy has the key of its vault")
	assert.EqualValues(t, 90, *copied.Lifecycle.DeleteAfterDays)

	volume := a.volume(t, &ec2.CreateVolumeInput{Size: aws.Int32(2)})
	snapshot := a.copyPoint(t, vault, a.point(t, vault, "arn:aws:ec2:us-east-1:123456789012:volume/"+volume, role), away, role, 90)
	require.Equal(t, types.CopyJobStateCompleted, snapshot.State)
	assert.Contains(t, *snapshot.DestinationRecoveryPointArn, "arn:aws:ec2:us-west-2::snapshot/snap-")

	stranger := a.as(t, "arn:aws:iam::999988887777:role/admin")
	theirs := stranger.vault(t, "theirs")
	_, err := a.backup.StartCopyJob(a.ctx, &backup.StartCopyJobInput{
		SourceBackupVaultName: aws.String(vault), RecoveryPointArn: &point, DestinationBackupVaultArn: aws.String(theirs + "-not"), IamRoleArn: &role,
	})
	requireCode(t, err, "ResourceNotFoundException")
	assert.Equal(t, types.CopyJobStateFailed, a.copyPoint(t, vault, point, theirs, role, 90).State, "the other account has not allowed it")
	require.NoError(t, stranger.putVaultPolicy("theirs", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"backup:CopyIntoBackupVault","Resource":"*"}`))
	assert.Equal(t, types.CopyJobStateCompleted, a.copyPoint(t, vault, point, theirs, role, 90).State)
	jobs := must[backup.ListCopyJobsOutput](t)(a.backup.ListCopyJobs(a.ctx, &backup.ListCopyJobsInput{ByState: types.CopyJobStateCompleted, ByDestinationVaultArn: &away}))
	assert.Len(t, jobs.CopyJobs, 2)
}

// restore runs a restore job and returns it.
func (a account) restore(t T, point, role string, metadata map[string]string) *backup.DescribeRestoreJobOutput {
	started := must[backup.StartRestoreJobOutput](t)(a.backup.StartRestoreJob(a.ctx, &backup.StartRestoreJobInput{
		RecoveryPointArn: &point, IamRoleArn: &role, Metadata: metadata, CopySourceTagsToRestoredResource: true,
	}))
	return must[backup.DescribeRestoreJobOutput](t)(a.backup.DescribeRestoreJob(a.ctx, &backup.DescribeRestoreJobInput{RestoreJobId: started.RestoreJobId}))
}

func proveRestoreJobs(t T, a account) {
	const vault = "restored"
	a.vault(t, vault)
	role, key := a.serviceRole(t, "restored", "backup"), a.keyARN(t)
	table := a.table(t, "restored")
	point := a.point(t, vault, table, role)
	a.deleteItem(t, "restored", "1")
	job := a.restore(t, point, role, map[string]string{"targetTableName": "restored-again"})
	require.Equal(t, types.RestoreJobStatusCompleted, job.Status)
	assert.Equal(t, table+"-again", *job.CreatedResourceArn)
	assert.Equal(t, []string{"1", "2"}, a.items(t, "restored-again"), "with the item that was deleted since")
	described := must[dynamodb.DescribeTableOutput](t)(a.tables.DescribeTable(a.ctx, &dynamodb.DescribeTableInput{TableName: aws.String("restored-again")})).Table
	assert.EqualValues(t, "PAY_PER_REQUEST", described.BillingModeSummary.BillingMode)
	assert.Equal(t, types.RestoreJobStatusFailed, a.restore(t, point, role, map[string]string{"targetTableName": "restored"}).Status, "the name is taken")
	_, err := a.backup.StartRestoreJob(a.ctx, &backup.StartRestoreJobInput{RecoveryPointArn: &point, IamRoleArn: &role, Metadata: map[string]string{}})
	requireCode(t, err, "MissingParameterValueException")

	volume := a.volume(t, &ec2.CreateVolumeInput{Size: aws.Int32(3), Encrypted: aws.Bool(true), KmsKeyId: &key, TagSpecifications: []ec2types.TagSpecification{
		{ResourceType: ec2types.ResourceTypeVolume, Tags: []ec2types.Tag{{Key: aws.String("kind"), Value: aws.String("index")}}},
	}})
	job = a.restore(t, a.point(t, vault, "arn:aws:ec2:us-east-1:123456789012:volume/"+volume, role), role, map[string]string{"availabilityZone": "us-east-1b"})
	require.Equal(t, types.RestoreJobStatusCompleted, job.Status, aws.ToString(job.StatusMessage))
	made := a.describeVolume(t, filepath.Base(*job.CreatedResourceArn))
	assert.Equal(t, []any{int32(3), "us-east-1b", key}, []any{*made.Size, *made.AvailabilityZone, aws.ToString(made.KmsKeyId)})
	assert.Contains(t, made.Tags, ec2types.Tag{Key: aws.String("kind"), Value: aws.String("index")})

	a.restoreBucket(t, vault, role)
	jobs := must[backup.ListRestoreJobsOutput](t)(a.backup.ListRestoreJobs(a.ctx, &backup.ListRestoreJobsInput{ByStatus: types.RestoreJobStatusCompleted, ByResourceType: aws.String("EBS")}))
	assert.Len(t, jobs.RestoreJobs, 1)
}

// restoreBucket overwrites an object and brings it back into another bucket.
func (a account) restoreBucket(t T, vault, role string) {
	bucket, key := aws.String("restored-documents"), aws.String("a/b.txt")
	put := func(body string) {
		must[s3.PutObjectOutput](t)(a.s3.PutObject(a.ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader(body), ContentType: aws.String("text/plain")}))
	}
	a.bucket(t, *bucket)
	a.setVersioning(t, *bucket, s3types.BucketVersioningStatusEnabled)
	put("before")
	point := a.point(t, vault, "arn:aws:s3:::"+*bucket, role)
	put("after")
	job := a.restore(t, point, role, map[string]string{"DestinationBucketName": *bucket + "-again", "NewBucket": "true"})
	require.Equal(t, types.RestoreJobStatusCompleted, job.Status, aws.ToString(job.StatusMessage))
	got := must[s3.GetObjectOutput](t)(a.s3.GetObject(a.ctx, &s3.GetObjectInput{Bucket: aws.String(*bucket + "-again"), Key: key}))
	body, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	assert.Equal(t, "before", string(body))
	assert.Equal(t, "text/plain", *got.ContentType)
}

func proveProtectedResources(t T, a account) {
	a.vault(t, "protected")
	table, role := a.table(t, "protected"), a.serviceRole(t, "protected", "backup")
	describe := func() (*backup.DescribeProtectedResourceOutput, error) {
		return a.backup.DescribeProtectedResource(a.ctx, &backup.DescribeProtectedResourceInput{ResourceArn: &table})
	}
	_, err := describe()
	requireCode(t, err, "ResourceNotFoundException")
	a.point(t, "protected", table, role)
	newest := a.point(t, "protected", table, role)
	assert.Equal(t, newest, *must[backup.DescribeProtectedResourceOutput](t)(describe()).LastRecoveryPointArn)
	var listed []string
	for _, r := range must[backup.ListProtectedResourcesOutput](t)(a.backup.ListProtectedResources(a.ctx, &backup.ListProtectedResourcesInput{})).Results {
		listed = append(listed, *r.ResourceArn)
	}
	assert.Contains(t, listed, table)

	optIn := func() bool {
		out := must[backup.DescribeRegionSettingsOutput](t)(a.backup.DescribeRegionSettings(a.ctx, &backup.DescribeRegionSettingsInput{}))
		return out.ResourceTypeOptInPreference["DynamoDB"]
	}
	assert.True(t, optIn())
	must[backup.UpdateRegionSettingsOutput](t)(a.backup.UpdateRegionSettings(a.ctx, &backup.UpdateRegionSettingsInput{ResourceTypeOptInPreference: map[string]bool{"DynamoDB": false}}))
	assert.False(t, optIn())
}
