package backup

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"labctl/labs"
)

// The faults of what holds data: the table and the buckets.

// recovery is a table's point-in-time recovery.
type recovery struct {
	Table string
	On    bool
	Days  int32 // how far back it goes
}

func recoveryOff() labs.Fault {
	return recoveryFault(labs.Fault{
		ID:     "recovery-off",
		Title:  "A release has overwritten a thousand orders at 14:02. Somebody asks for the table as it was at 14:01.",
		Answer: "Point-in-time recovery of the table is switched off: there is nothing between two backups, and twelve hours are between them.",
		// Without it, the RPO of five minutes is left to a plan that takes up to 16 hours.
		Breaks: []string{"bk-objectives", "bk-pitr", "bk-fresh"},
		Hints: []string{
			"There is a backup of this morning. It is not what was asked for.",
			"What brings back any second, rather than one moment in twelve hours?",
			"Look at the table's continuous backups.",
		},
	}, func(r recovery) recovery { return recovery{Table: r.Table} })
}

func recoveryDay() labs.Fault {
	return recoveryFault(labs.Fault{
		ID:     "recovery-day",
		Title:  "Corruption was found after three days. The second before it began cannot be restored, though recovery was on all the time.",
		Answer: "Point-in-time recovery goes back one day only.",
		Breaks: []string{"bk-pitr"},
		Twin:   true,
		Hints: []string{
			"It is on, and has been.",
			"Which is the earliest second that can be restored?",
			"Look at the recovery period of the table's continuous backups.",
		},
	}, func(r recovery) recovery { return recovery{r.Table, true, 1} })
}

func recoveryFault(fault labs.Fault, change func(recovery) recovery) labs.Fault {
	return swap(fault, func(ctx context.Context, p parts, live labs.Live) (before, after recovery, err error) {
		found, err := p.table(ctx)
		if err != nil {
			return before, after, err
		}
		table := found.TableName
		got, err := dynamodb.NewFromConfig(live.Config).DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
		if err != nil {
			return before, after, fmt.Errorf("reading the continuous backups of table %s: %w", table, err)
		}
		now := got.ContinuousBackupsDescription.PointInTimeRecoveryDescription
		if now == nil || now.PointInTimeRecoveryStatus != ddbtypes.PointInTimeRecoveryStatusEnabled {
			return before, after, labs.Lacks("point-in-time recovery of table %s is off", table)
		}
		before = recovery{table, true, aws.ToInt32(now.RecoveryPeriodInDays)}
		return before, change(before), nil
	}, putRecovery)
}

func putRecovery(ctx context.Context, live labs.Live, r recovery) error {
	spec := &ddbtypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &r.On}
	if r.On && r.Days > 0 {
		spec.RecoveryPeriodInDays = &r.Days
	}
	err := untilFree(ctx, func() error {
		_, err := dynamodb.NewFromConfig(live.Config).UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{TableName: &r.Table, PointInTimeRecoverySpecification: spec})
		return err //nolint:wrapcheck // wrapped below
	}, "ContinuousBackupsUnavailableException")
	if err := labs.Unless(err, "TableNotFoundException"); err != nil {
		return fmt.Errorf("changing the point-in-time recovery of table %s: %w", r.Table, err)
	}
	return nil
}

// protection is a table's deletion protection.
type protection struct {
	Table string
	On    bool
}

func protectionOff() labs.Fault {
	return swap(labs.Fault{
		ID:     "protection-off",
		Title:  "A script that tidies up has deleted a table in another account. Could it have been this one?",
		Answer: "Deletion protection of the table is switched off.",
		Breaks: []string{"bk-protect"},
		Hints: []string{
			"Nothing is wrong with the data, yet.",
			"What would AWS answer to a deletion?",
			"Look at the deletion protection of the table.",
		},
	}, func(ctx context.Context, p parts, _ labs.Live) (before, after protection, err error) {
		table, err := p.table(ctx)
		return protection{table.TableName, true}, protection{table.TableName, false}, err
	}, putProtection)
}

func putProtection(ctx context.Context, live labs.Live, p protection) error {
	err := untilFree(ctx, func() error {
		_, err := dynamodb.NewFromConfig(live.Config).UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &p.Table, DeletionProtectionEnabled: &p.On})
		return err //nolint:wrapcheck // wrapped below
	}, "ResourceInUseException")
	if err := labs.Unless(err, "ResourceNotFoundException"); err != nil {
		return fmt.Errorf("switching the deletion protection of table %s: %w", p.Table, err)
	}
	return nil
}

// versioning is whether a bucket keeps what is overwritten and deleted.
type versioning struct {
	Bucket string
	Status types.BucketVersioningStatus
}

// versionsSuspended is about the drafts: AWS refuses a suspension where Object Lock is on.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
func versionsSuspended() labs.Fault {
	return swap(labs.Fault{
		ID:     "versions-suspended",
		Title:  "A draft was overwritten this morning. Its versions of last week are there; the one of yesterday evening is not.",
		Answer: "Versioning of the drafts is suspended: old versions stay, and what is overwritten from now on is gone.",
		Breaks: []string{"bk-s3-versions"},
		Hints: []string{
			"List the versions of an object, old and new.",
			"Some have an id, and the newest has the id null.",
			"Versioning is on, off, or the third thing. Look at the status of the drafts' bucket.",
		},
	}, func(ctx context.Context, p parts, _ labs.Live) (before, after versioning, err error) {
		bucket, err := p.bucket(ctx, roleDrafts)
		return versioning{bucket, types.BucketVersioningStatusEnabled}, versioning{bucket, types.BucketVersioningStatusSuspended}, err
	}, func(ctx context.Context, live labs.Live, v versioning) error {
		_, err := buckets(live).PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
			Bucket: &v.Bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: v.Status},
		})
		if err := labs.Unless(err, "NoSuchBucket"); err != nil {
			return fmt.Errorf("changing the versioning of bucket %s: %w", v.Bucket, err)
		}
		return nil
	})
}

// defaultLock is a bucket's Object Lock configuration.
type defaultLock struct {
	Bucket        string
	Configuration types.ObjectLockConfiguration
}

func noDefaultRetention() labs.Fault {
	return swap(labs.Fault{
		ID:     "no-default-retention",
		Title:  "The auditors have deleted a version of a document that was filed today, to see whether they could. They could.",
		Answer: "The documents' bucket has Object Lock, but no default retention: what is filed is locked only if whoever files it asks for that.",
		Breaks: []string{"bk-s3-lock"},
		Hints: []string{
			"Documents that were filed last week are locked. Those of today are not.",
			"Object Lock is on. Who says for how long?",
			"Look at the rule in the bucket's Object Lock configuration.",
		},
	}, func(ctx context.Context, p parts, live labs.Live) (before, after defaultLock, err error) {
		bucket, err := p.bucket(ctx, roleDocuments)
		if err != nil {
			return before, after, err
		}
		got, err := buckets(live).GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &bucket})
		if err != nil {
			return before, after, fmt.Errorf("reading the Object Lock of bucket %s: %w", bucket, err)
		}
		before = defaultLock{bucket, *got.ObjectLockConfiguration}
		after = defaultLock{bucket, types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled}}
		return before, after, nil
	}, func(ctx context.Context, live labs.Live, l defaultLock) error {
		_, err := buckets(live).PutObjectLockConfiguration(ctx, &s3.PutObjectLockConfigurationInput{Bucket: &l.Bucket, ObjectLockConfiguration: &l.Configuration})
		if err := labs.Unless(err, "NoSuchBucket"); err != nil {
			return fmt.Errorf("changing the Object Lock of bucket %s: %w", l.Bucket, err)
		}
		return nil
	})
}

// encryption is a bucket's default encryption.
type encryption struct {
	Bucket        string
	Configuration types.ServerSideEncryptionConfiguration
}

func oneKey() labs.Fault {
	return swap(labs.Fault{
		ID:     "one-key",
		Title:  "A key is to be retired next month. Half of the company says that it is only in use for backups.",
		Answer: "The drafts are encrypted with the vault's key: whoever takes that key away has taken data and backups.",
		Breaks: []string{"bk-key-split"},
		Hints: []string{
			"The vault's key is what it was.",
			"What else is encrypted with it?",
			"Compare the default encryption of both buckets.",
		},
	}, func(ctx context.Context, p parts, live labs.Live) (before, after encryption, err error) {
		bucket, err := p.bucket(ctx, roleDrafts)
		if err != nil {
			return before, after, err
		}
		_, vault, err := p.vault(ctx, roleVault)
		if err != nil {
			return before, after, err
		}
		got, err := buckets(live).GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &bucket})
		if err != nil {
			return before, after, fmt.Errorf("reading the encryption of bucket %s: %w", bucket, err)
		}
		before = encryption{bucket, *got.ServerSideEncryptionConfiguration}
		after = encryption{bucket, types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &vault.EncryptionKeyArn},
			BucketKeyEnabled:                   aws.Bool(true),
		}}}}
		return before, after, nil
	}, func(ctx context.Context, live labs.Live, e encryption) error {
		_, err := buckets(live).PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &e.Bucket, ServerSideEncryptionConfiguration: &e.Configuration})
		if err := labs.Unless(err, "NoSuchBucket"); err != nil {
			return fmt.Errorf("changing the encryption of bucket %s: %w", e.Bucket, err)
		}
		return nil
	})
}

// rules are a bucket's lifecycle.
type rules struct {
	Bucket string
	Rules  []types.LifecycleRule
	Size   types.TransitionDefaultMinimumObjectSize
}

func versionsDay() labs.Fault {
	return lifecycleFault(labs.Fault{
		ID:     "versions-day",
		Title:  "The bill for storage has been halved. Whoever looks for the draft of the day before yesterday finds none.",
		Answer: "The drafts' lifecycle expires a version one day after it was replaced.",
		Breaks: []string{"bk-lifecycle-trap"},
		Hints: []string{
			"Versioning is on, and yesterday's version is there.",
			"Nobody has deleted anything. What deletes by itself?",
			"Look at the noncurrent versions in the bucket's lifecycle.",
		},
	}, func(list []types.LifecycleRule) []types.LifecycleRule {
		for n := range list {
			if list[n].NoncurrentVersionExpiration != nil {
				list[n].NoncurrentVersionExpiration = &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(1)}
				list[n].NoncurrentVersionTransitions = nil
			}
		}
		return list
	})
}

func largeVersionsDay() labs.Fault {
	return lifecycleFault(labs.Fault{
		ID:     "large-versions-day",
		Title:  "Old versions of letters are all there. Of the plans and drawings there are none.",
		Answer: "A second lifecycle rule expires what is larger than 1 MiB one day after it was replaced; the first rule still says 35 days.",
		Breaks: []string{"bk-lifecycle-trap"},
		Twin:   true,
		Hints: []string{
			"Plans and drawings differ from letters in something that S3 can see.",
			"One rule for replaced versions is as it should be. Is it the only one?",
			"Read every rule of the drafts' lifecycle, with its filter. Where two concern a version, the earlier date counts.",
		},
	}, func(list []types.LifecycleRule) []types.LifecycleRule {
		return append(list, types.LifecycleRule{
			ID: aws.String("large-versions"), Status: types.ExpirationStatusEnabled,
			Filter:                      &types.LifecycleRuleFilter{ObjectSizeGreaterThan: aws.Int64(1 << 20)},
			NoncurrentVersionExpiration: &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(1)},
		})
	})
}

// lifecycleFault is a fault that consists of other lifecycle rules of the drafts, which are always put as a whole.
func lifecycleFault(fault labs.Fault, change func([]types.LifecycleRule) []types.LifecycleRule) labs.Fault {
	read := func(ctx context.Context, live labs.Live, bucket string) (rules, error) {
		got, err := buckets(live).GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &bucket})
		if err != nil {
			return rules{}, fmt.Errorf("reading the lifecycle of bucket %s: %w", bucket, err)
		}
		return rules{bucket, got.Rules, got.TransitionDefaultMinimumObjectSize}, nil
	}
	return swap(fault, func(ctx context.Context, p parts, live labs.Live) (before, after rules, err error) {
		bucket, err := p.bucket(ctx, roleDrafts)
		if err != nil {
			return before, after, err
		}
		if before, err = read(ctx, live, bucket); err != nil {
			return before, after, err
		}
		after = before
		after.Rules = change(append([]types.LifecycleRule{}, before.Rules...))
		return before, after, nil
	}, func(ctx context.Context, live labs.Live, r rules) error {
		_, err := buckets(live).PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
			Bucket: &r.Bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: r.Rules}, TransitionDefaultMinimumObjectSize: r.Size,
		})
		if err := labs.Unless(err, "NoSuchBucket"); err != nil {
			return fmt.Errorf("changing the lifecycle of bucket %s: %w", r.Bucket, err)
		}
		return nil
	})
}
