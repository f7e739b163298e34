package inventory

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// RecoveryPoint is a backup that AWS Backup has made of a resource, or is making.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RecoveryPointByResource.html
type RecoveryPoint struct {
	RecoveryPointArn string
	ResourceArn      string
	BackupVaultName  string
	Status           string // COMPLETED, PARTIAL, CREATING, EXPIRED, ...
	CreationDate     time.Time
}

// ContinuousBackups is the point-in-time recovery of a DynamoDB table.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoveryDescription.html
type ContinuousBackups struct {
	TableName                  string
	Enabled                    bool
	RecoveryPeriodInDays       int // 0 where recovery is off
	EarliestRestorableDateTime *time.Time
	LatestRestorableDateTime   *time.Time
}

// longestRecovery is how many days DynamoDB goes back where nobody has asked for fewer.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html
const longestRecovery = 35

// RecoveryPoints reads the recovery points of a resource that the region's vaults hold.
func (i *Inventory) RecoveryPoints(ctx context.Context, resource string) ([]RecoveryPoint, error) {
	return i.recovery.points.get(resource, "the recovery points of", func() ([]RecoveryPoint, error) { return i.source.readRecoveryPoints(ctx, resource) })
}

// ContinuousBackups reads the point-in-time recovery of a table, by its name.
func (i *Inventory) ContinuousBackups(ctx context.Context, table string) (ContinuousBackups, error) {
	return i.recovery.continuous.get(table, "the continuous backups of table", func() (ContinuousBackups, error) { return i.source.readContinuousBackups(ctx, table) })
}

func (l live) readRecoveryPoints(ctx context.Context, resource string) ([]RecoveryPoint, error) {
	list, err := all(ctx, backup.NewListRecoveryPointsByResourcePaginator(l.backup, &backup.ListRecoveryPointsByResourceInput{ResourceArn: &resource}), func(o *backup.ListRecoveryPointsByResourceOutput) []types.RecoveryPointByResource {
		return o.RecoveryPoints
	})
	if err != nil {
		return nil, unless(err, "ResourceNotFoundException") // AWS Backup has never met it
	}
	var found []RecoveryPoint
	for _, point := range list {
		found = append(found, RecoveryPoint{
			RecoveryPointArn: aws.ToString(point.RecoveryPointArn), ResourceArn: resource, BackupVaultName: aws.ToString(point.BackupVaultName),
			Status: string(point.Status), CreationDate: aws.ToTime(point.CreationDate),
		})
	}
	return found, nil
}

func (l live) readContinuousBackups(ctx context.Context, table string) (ContinuousBackups, error) {
	found := ContinuousBackups{TableName: table}
	got, err := l.dynamodb.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	if err != nil {
		return found, missing(err, "TableNotFoundException")
	}
	if d := got.ContinuousBackupsDescription; d != nil && d.PointInTimeRecoveryDescription != nil {
		found = continuousBackupsOf(table, d.PointInTimeRecoveryDescription)
	}
	return found, nil
}

func continuousBackupsOf(table string, d *dynamotypes.PointInTimeRecoveryDescription) ContinuousBackups {
	found := ContinuousBackups{
		TableName: table, Enabled: d.PointInTimeRecoveryStatus == dynamotypes.PointInTimeRecoveryStatusEnabled,
		RecoveryPeriodInDays: number(d.RecoveryPeriodInDays), EarliestRestorableDateTime: d.EarliestRestorableDateTime, LatestRestorableDateTime: d.LatestRestorableDateTime,
	}
	if found.Enabled && d.RecoveryPeriodInDays == nil {
		found.RecoveryPeriodInDays = longestRecovery
	}
	return found
}

func (f Facts) readRecoveryPoints(_ context.Context, resource string) ([]RecoveryPoint, error) {
	return only(f.RecoveryPoints, func(p RecoveryPoint) bool { return p.ResourceArn == resource }), nil
}

func (f Facts) readContinuousBackups(_ context.Context, table string) (ContinuousBackups, error) {
	return pick(f.ContinuousBackups, func(c ContinuousBackups) bool { return c.TableName == table })
}
