package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func objectProbes() []probe {
	return []probe{
		{"lifecycle-rules", []string{"s3"}, lifecycleRules},
		{"object-retention", []string{"s3"}, objectRetention},
		{"snapshot-keys", []string{"ec2", "kms"}, snapshotKeys},
	}
}

// lifecycleRules looks for what decides how much a rule spares: the newer versions, and the sizes.
func lifecycleRules(ctx context.Context, b *bench) error {
	bucket, err := b.bucket(ctx, "lifecycle", false)
	if err != nil {
		return err
	}
	rule := types.LifecycleRule{
		ID: aws.String("old"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{ObjectSizeGreaterThan: aws.Int64(10)},
		NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(35), NewerNoncurrentVersions: aws.Int32(3)},
	}
	if _, err := b.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{rule}},
	}); err != nil {
		return err
	}
	out, err := b.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	if err != nil {
		return err
	}
	if len(out.Rules) != 1 || out.Rules[0].NoncurrentVersionExpiration == nil || aws.ToInt32(out.Rules[0].NoncurrentVersionExpiration.NewerNoncurrentVersions) != 3 {
		return errors.New("a lifecycle rule loses how many newer versions it spares")
	}
	if out.Rules[0].Filter == nil || aws.ToInt64(out.Rules[0].Filter.ObjectSizeGreaterThan) != 10 {
		return errors.New("a lifecycle rule loses the size of the objects that it concerns")
	}
	return nil
}

// objectRetention locks a version in governance mode, which the sweep can go round, as labctl does for the lab.
func objectRetention(ctx context.Context, b *bench) error {
	bucket, err := b.bucket(ctx, "retention", true)
	if err != nil {
		return err
	}
	made, err := b.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("contract"), Body: strings.NewReader("signed")})
	if err != nil {
		return err
	}
	get := func() (*s3.GetObjectRetentionOutput, error) {
		return b.s3.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: bucket, Key: aws.String("contract"), VersionId: made.VersionId})
	}
	now := time.Now().UTC().Truncate(time.Second)
	put := func(hours int, bypass bool) error {
		_, err := b.s3.PutObjectRetention(ctx, &s3.PutObjectRetentionInput{
			Bucket: bucket, Key: aws.String("contract"), VersionId: made.VersionId, BypassGovernanceRetention: &bypass,
			Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionModeGovernance, RetainUntilDate: aws.Time(now.Add(time.Duration(hours) * time.Hour))},
		})
		return err
	}
	_, err = get()
	if err := refusal(err, "NoSuchObjectLockConfiguration", "an object that nobody has locked says that it is"); err != nil {
		return err
	}
	if err := put(2, false); err != nil {
		return err
	}
	out, err := get()
	if err != nil {
		return err
	}
	if out.Retention == nil || out.Retention.Mode != types.ObjectLockRetentionModeGovernance || !now.Add(2*time.Hour).Equal(aws.ToTime(out.Retention.RetainUntilDate)) {
		return errors.New("the retention of an object is not read back as it was put")
	}
	if err := refusal(put(1, false), "AccessDenied", "the retention of an object can be made shorter by anybody"); err != nil {
		return err
	}
	_, err = b.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("contract"), VersionId: made.VersionId})
	if err := refusal(err, "AccessDenied", "a locked version can be deleted"); err != nil {
		return err
	}
	return put(1, true)
}

// snapshotKeys follows a key from a volume to its snapshot, and on to a volume that is made from that.
func snapshotKeys(ctx context.Context, b *bench) error {
	key, err := b.key(ctx, "snapshot")
	if err != nil {
		return err
	}
	zones, err := b.zones(ctx)
	if err != nil {
		return err
	}
	volume, err := b.volume(ctx, &ec2.CreateVolumeInput{Size: aws.Int32(1), Encrypted: aws.Bool(true), KmsKeyId: key, AvailabilityZone: &zones[0]})
	if err != nil {
		return err
	}
	snapshot, err := b.ec2.CreateSnapshot(ctx, &ec2.CreateSnapshotInput{VolumeId: volume.VolumeId, TagSpecifications: b.tagged(ec2types.ResourceTypeSnapshot)})
	if err != nil {
		return err
	}
	if err := b.until(ctx, readyLimit, "a snapshot is complete", func() (bool, error) {
		out, err := b.ec2.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: []string{*snapshot.SnapshotId}})
		if err != nil {
			return false, err
		}
		if len(out.Snapshots) != 1 || aws.ToString(out.Snapshots[0].KmsKeyId) != *key {
			return false, errors.New("the snapshot of a volume does not say that it has the volume's key")
		}
		return out.Snapshots[0].State == ec2types.SnapshotStateCompleted, nil
	}); err != nil {
		return err
	}
	again, err := b.volume(ctx, &ec2.CreateVolumeInput{SnapshotId: snapshot.SnapshotId, AvailabilityZone: &zones[0]})
	if err != nil {
		return err
	}
	if aws.ToString(again.KmsKeyId) != *key || !aws.ToBool(again.Encrypted) {
		return fmt.Errorf("a volume that is made from a snapshot has the key %q, and not the snapshot's", aws.ToString(again.KmsKeyId))
	}
	return nil
}

func (b *bench) volume(ctx context.Context, in *ec2.CreateVolumeInput) (*ec2.CreateVolumeOutput, error) {
	in.TagSpecifications = b.tagged(ec2types.ResourceTypeVolume)
	return b.ec2.CreateVolume(ctx, in)
}
