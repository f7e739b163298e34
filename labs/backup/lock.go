package backup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"labctl/labs"
)

// The modes of Object Lock and Vault Lock, as the learner writes them.
const (
	governance = "governance"
	compliance = "compliance"
)

// What terraform/backup locks, and for how long.
const (
	documentDays = 1  // a document, by the bucket's default retention
	copyDays     = 90 // a copy of a recovery point
	graceDays    = 3  // until a vault's lock in compliance mode can no longer be taken off
)

// options lets the learner have what a regulator asks for, who knows that it cannot be taken down then.
func options() []labs.Option {
	return []labs.Option{{
		Flag: "lock-mode", Help: "mode of Object Lock and Vault Lock", Values: []string{governance, compliance},
		Permit: "allow-compliance-lock", PermitHelp: "lock in compliance mode, although the lab cannot be taken down then until the locks have run out",
		Refusal: func(mode string, now time.Time) string {
			if mode != compliance {
				return ""
			}
			return fmt.Sprintf("nobody, the root user included, could delete a document before %s nor, once the vaults' %d days of grace are over, a copy of a recovery point before %s; until then the lab could not be taken down",
				date(now.AddDate(0, 0, documentDays)), graceDays, date(now.AddDate(0, 0, copyDays)))
		},
		Variables: func(mode string) map[string]any {
			return map[string]any{"lock_mode": strings.ToUpper(mode), "allow_compliance_lock": mode == compliance}
		},
	}}
}

func date(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// blocked tells what nobody can delete yet, and until when: what is locked in compliance mode.
func blocked(ctx context.Context, p parts, vaults []vault, live labs.Live) ([]string, error) {
	list, err := p.inv.Buckets(ctx)
	var told []string
	failed := []error{err}
	for _, bucket := range list {
		until, err := lockedObjects(ctx, live, bucket.Name)
		failed = append(failed, err)
		if !until.IsZero() {
			told = append(told, fmt.Sprintf("bucket %s holds versions that are locked in compliance mode until %s", bucket.Name, date(until)))
		}
	}
	for _, vault := range vaults {
		until, err := lockedPoints(ctx, live, vault)
		failed = append(failed, err)
		if !until.IsZero() {
			told = append(told, fmt.Sprintf("%s is locked in compliance mode, and its recovery points stay until %s", vault, date(until)))
		}
	}
	return told, errors.Join(failed...)
}

// lockedObjects is when the last version of a bucket can be deleted that is locked in compliance mode; zero where none is.
// Only a bucket whose default is that mode is searched version by version.
func lockedObjects(ctx context.Context, live labs.Live, bucket string) (time.Time, error) {
	api := buckets(live)
	got, err := api.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &bucket})
	if err != nil {
		return time.Time{}, labs.Unless(err, "ObjectLockConfigurationNotFoundError", "NoSuchBucket")
	}
	rule := got.ObjectLockConfiguration.Rule
	if rule == nil || rule.DefaultRetention == nil || rule.DefaultRetention.Mode != types.ObjectLockRetentionModeCompliance {
		return time.Time{}, nil
	}
	var last time.Time
	pages := s3.NewListObjectVersionsPaginator(api, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return last, fmt.Errorf("listing the versions in %s: %w", bucket, err)
		}
		for _, version := range page.Versions {
			got, err := api.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: &bucket, Key: version.Key, VersionId: version.VersionId})
			if labs.IsCode(err, "NoSuchObjectLockConfiguration") {
				continue
			}
			if err != nil {
				return last, fmt.Errorf("reading the retention of %s in %s: %w", aws.ToString(version.Key), bucket, err)
			}
			until := aws.ToTime(got.Retention.RetainUntilDate)
			if got.Retention.Mode == types.ObjectLockRetentionModeCompliance && until.After(time.Now()) && until.After(last) {
				last = until
			}
		}
	}
	return last, nil
}

// lockedPoints is when the last recovery point of a vault goes whose lock can no longer be taken off; zero where there is
// no such thing.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
func lockedPoints(ctx context.Context, live labs.Live, vault vault) (time.Time, error) {
	api := vault.api(live)
	got, err := api.DescribeBackupVault(ctx, &backup.DescribeBackupVaultInput{BackupVaultName: &vault.Name})
	if err != nil {
		return time.Time{}, labs.Unless(err, "ResourceNotFoundException")
	}
	if got.LockDate == nil || got.LockDate.After(time.Now()) {
		return time.Time{}, nil
	}
	var last time.Time
	pages := backup.NewListRecoveryPointsByBackupVaultPaginator(api, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: &vault.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return last, fmt.Errorf("listing the recovery points of %s: %w", vault, err)
		}
		for _, point := range page.RecoveryPoints {
			if point.CalculatedLifecycle != nil && aws.ToTime(point.CalculatedLifecycle.DeleteAt).After(last) {
				last = aws.ToTime(point.CalculatedLifecycle.DeleteAt)
			}
		}
	}
	return last, nil
}
