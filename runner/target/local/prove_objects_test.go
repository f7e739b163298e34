package local_test

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (a account) lockedBucket(t T, name string) {
	must[s3.CreateBucketOutput](t)(a.s3.CreateBucket(a.ctx, &s3.CreateBucketInput{Bucket: &name, ObjectLockEnabledForBucket: aws.Bool(true)}))
}

func proveSuspendedVersioning(t T, a account) {
	a.lockedBucket(t, "versions-locked")
	_, err := a.s3.PutBucketVersioning(a.ctx, &s3.PutBucketVersioningInput{
		Bucket: aws.String("versions-locked"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusSuspended},
	})
	requireCode(t, err, "InvalidBucketState")
	a.setVersioning(t, "versions-locked", types.BucketVersioningStatusEnabled)
	a.bucket(t, "versions-free")
	a.setVersioning(t, "versions-free", types.BucketVersioningStatusEnabled)
	a.setVersioning(t, "versions-free", types.BucketVersioningStatusSuspended)
	status := must[s3.GetBucketVersioningOutput](t)(a.s3.GetBucketVersioning(a.ctx, &s3.GetBucketVersioningInput{Bucket: aws.String("versions-free")}))
	assert.Equal(t, types.BucketVersioningStatusSuspended, status.Status)
}

func proveObjectRetention(t T, a account) {
	bucket, key := aws.String("retention"), aws.String("contract")
	a.lockedBucket(t, *bucket)
	version := must[s3.PutObjectOutput](t)(a.s3.PutObject(a.ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("signed")})).VersionId
	get := func() (*s3.GetObjectRetentionOutput, error) {
		return a.s3.GetObjectRetention(a.ctx, &s3.GetObjectRetentionInput{Bucket: bucket, Key: key, VersionId: version})
	}
	put := func(mode types.ObjectLockRetentionMode, hours int, bypass bool) error {
		until := time.Now().UTC().Add(time.Duration(hours) * time.Hour).Truncate(time.Second)
		_, err := a.s3.PutObjectRetention(a.ctx, &s3.PutObjectRetentionInput{
			Bucket: bucket, Key: key, VersionId: version, BypassGovernanceRetention: &bypass,
			Retention: &types.ObjectLockRetention{Mode: mode, RetainUntilDate: &until},
		})
		return err
	}
	_, err := get()
	requireCode(t, err, "NoSuchObjectLockConfiguration")
	const governance, compliance = types.ObjectLockRetentionModeGovernance, types.ObjectLockRetentionModeCompliance
	require.NoError(t, put(governance, 24, false))
	read := must[s3.GetObjectRetentionOutput](t)(get()).Retention
	assert.Equal(t, governance, read.Mode)
	assert.WithinDuration(t, time.Now().Add(24*time.Hour), *read.RetainUntilDate, time.Minute)
	require.NoError(t, put(governance, 48, false), "longer is free to all")
	requireCode(t, put(governance, 1, false), "AccessDenied")
	require.NoError(t, put(governance, 1, true))
	require.NoError(t, put(compliance, 2, false))
	requireCode(t, put(compliance, 1, true), "AccessDenied")
	requireCode(t, put(governance, 3, true), "AccessDenied")

	a.bucket(t, "retention-none")
	must[s3.PutObjectOutput](t)(a.s3.PutObject(a.ctx, &s3.PutObjectInput{Bucket: aws.String("retention-none"), Key: key, Body: strings.NewReader("draft")}))
	_, err = a.s3.GetObjectRetention(a.ctx, &s3.GetObjectRetentionInput{Bucket: aws.String("retention-none"), Key: key})
	requireCode(t, err, "InvalidRequest")
}

func proveLifecycleRules(t T, a account) {
	bucket := aws.String("lifecycle")
	a.bucket(t, *bucket)
	written := []types.LifecycleRule{
		{
			ID: aws.String("newer"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
			NoncurrentVersionExpiration:  &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(35), NewerNoncurrentVersions: aws.Int32(3)},
			NoncurrentVersionTransitions: []types.NoncurrentVersionTransition{{NoncurrentDays: aws.Int32(30), StorageClass: types.TransitionStorageClassGlacierIr}},
		},
		{
			ID: aws.String("sizes"), Status: types.ExpirationStatusDisabled, Expiration: &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
			Filter: &types.LifecycleRuleFilter{And: &types.LifecycleRuleAndOperator{
				Prefix: aws.String("a/"), ObjectSizeGreaterThan: aws.Int64(10), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
			}},
		},
		{
			ID: aws.String("small"), Status: types.ExpirationStatusEnabled, Expiration: &types.LifecycleExpiration{Days: aws.Int32(1)},
			Filter: &types.LifecycleRuleFilter{ObjectSizeLessThan: aws.Int64(9)},
		},
	}
	must[s3.PutBucketLifecycleConfigurationOutput](t)(a.s3.PutBucketLifecycleConfiguration(a.ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: written},
	}))
	read := must[s3.GetBucketLifecycleConfigurationOutput](t)(a.s3.GetBucketLifecycleConfiguration(a.ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket}))
	assert.Equal(t, written, read.Rules)
	must[s3.DeleteBucketLifecycleOutput](t)(a.s3.DeleteBucketLifecycle(a.ctx, &s3.DeleteBucketLifecycleInput{Bucket: bucket}))
	_, err := a.s3.GetBucketLifecycleConfiguration(a.ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	requireCode(t, err, "NoSuchLifecycleConfiguration")
}

func proveSnapshotKeys(t T, a account) {
	key, other := a.keyARN(t), a.keyARN(t)
	volume := a.volume(t, &ec2.CreateVolumeInput{Size: aws.Int32(1), Encrypted: aws.Bool(true), KmsKeyId: &key})
	snapshot := must[ec2.CreateSnapshotOutput](t)(a.ec2.CreateSnapshot(a.ctx, &ec2.CreateSnapshotInput{VolumeId: &volume}))
	assert.Equal(t, key, aws.ToString(snapshot.KmsKeyId))
	must[ec2.ModifyVolumeOutput](t)(a.ec2.ModifyVolume(a.ctx, &ec2.ModifyVolumeInput{VolumeId: &volume, Size: aws.Int32(4)}))
	read := must[ec2.DescribeSnapshotsOutput](t)(a.ec2.DescribeSnapshots(a.ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: []string{*snapshot.SnapshotId}})).Snapshots[0]
	assert.Equal(t, []any{key, int32(1)}, []any{aws.ToString(read.KmsKeyId), *read.VolumeSize})

	keyOf := func(in *ec2.CreateVolumeInput) string {
		in.SnapshotId = snapshot.SnapshotId
		made := a.describeVolume(t, a.volume(t, in))
		assert.True(t, *made.Encrypted)
		return aws.ToString(made.KmsKeyId)
	}
	assert.Equal(t, key, keyOf(&ec2.CreateVolumeInput{}))
	assert.Equal(t, key, keyOf(&ec2.CreateVolumeInput{Encrypted: aws.Bool(true)}))
	assert.Equal(t, other, keyOf(&ec2.CreateVolumeInput{Encrypted: aws.Bool(true), KmsKeyId: &other}))
}
