package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/backup"
)

// BackupOptIns reads which types of resources AWS Backup protects in the region where nothing names the type: EBS, S3, ...
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRegionSettings.html
func (i *Inventory) BackupOptIns(ctx context.Context) (map[string]bool, error) {
	return i.recovery.optIns.get("the types that AWS Backup protects in "+i.Region, func() (map[string]bool, error) { return i.source.readOptIns(ctx) })
}

func (l live) readOptIns(ctx context.Context) (map[string]bool, error) {
	got, err := l.backup.DescribeRegionSettings(ctx, &backup.DescribeRegionSettingsInput{})
	if err != nil {
		return nil, err //nolint:wrapcheck // the SDK's errors name the call
	}
	return got.ResourceTypeOptInPreference, nil
}

func (f Facts) readOptIns(context.Context) (map[string]bool, error) { return f.BackupOptIns, nil }
