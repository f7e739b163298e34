package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func tableProbes() []probe {
	return []probe{
		{"table-recovery", []string{"dynamodb"}, tableRecovery},
		{"restored-tables", []string{"dynamodb", "kms"}, restoredTables},
		{"table-deletions", []string{"dynamodb"}, tableDeletions},
	}
}

// table makes a table that is paid by request, and puts the item "first" into it.
func (b *bench) table(ctx context.Context, purpose string, changes ...func(*dynamodb.CreateTableInput)) (arn *string, err error) {
	in := &dynamodb.CreateTableInput{
		TableName: b.name(purpose), BillingMode: types.BillingModePayPerRequest, Tags: []types.Tag{{Key: aws.String(tagRun), Value: &b.run}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	}
	for _, change := range changes {
		change(in)
	}
	out, err := b.tables.CreateTable(ctx, in)
	if err != nil {
		return nil, err
	}
	if _, err := b.active(ctx, in.TableName); err != nil {
		return nil, err
	}
	return out.TableDescription.TableArn, b.putItem(ctx, in.TableName, "first")
}

// active waits for a table, and describes it.
func (b *bench) active(ctx context.Context, name *string) (table *types.TableDescription, err error) {
	err = b.until(ctx, readyLimit, "a table is active", func() (bool, error) {
		out, err := b.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: name})
		if err != nil {
			return false, err
		}
		table = out.Table
		return table.TableStatus == types.TableStatusActive, nil
	})
	return table, err
}

func itemKey(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
}

func (b *bench) putItem(ctx context.Context, table *string, id string) error {
	_, err := b.tables.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: itemKey(id)})
	return err
}

// holds is nil if a table holds just these items.
func (b *bench) holds(ctx context.Context, table *string, want ...string) error {
	if _, err := b.active(ctx, table); err != nil {
		return err
	}
	out, err := b.tables.Scan(ctx, &dynamodb.ScanInput{TableName: table, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return err
	}
	var found []string
	for _, item := range out.Items {
		if id, ok := item["id"].(*types.AttributeValueMemberS); ok {
			found = append(found, id.Value)
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, want) {
		return fmt.Errorf("a restored table holds %v, and not %v", found, want)
	}
	return nil
}

func (b *bench) recover(ctx context.Context, table *string) error {
	_, err := b.tables.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
		TableName: table, PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	})
	return err
}

// tableRecovery restores a table to a moment between two changes.
func tableRecovery(ctx context.Context, b *bench) error {
	table := b.name("recovery")
	if _, err := b.table(ctx, "recovery"); err != nil {
		return err
	}
	restore := func(purpose string, moment time.Time) error {
		_, err := b.tables.RestoreTableToPointInTime(ctx, &dynamodb.RestoreTableToPointInTimeInput{SourceTableName: table, TargetTableName: b.name(purpose), RestoreDateTime: &moment})
		return err
	}
	if err := refusal(restore("recovery-off", time.Now()), "PointInTimeRecoveryUnavailable", "a table without point-in-time recovery can be restored to a moment"); err != nil {
		return err
	}
	if err := b.recover(ctx, table); err != nil {
		return err
	}
	if err := b.putItem(ctx, table, "second"); err != nil {
		return err
	}
	time.Sleep(50 * time.Millisecond) // so that the moment is after one change and before the other
	moment := time.Now().Truncate(time.Millisecond)
	time.Sleep(50 * time.Millisecond)
	if _, err := b.tables.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: itemKey("first")}); err != nil {
		return err
	}
	if err := refusal(restore("recovery-future", time.Now().Add(time.Hour)), "InvalidRestoreTime", "a table can be restored to a moment that has not been"); err != nil {
		return err
	}
	if err := b.until(ctx, readyLimit, "the latest moment to which a table can be restored follows the present", func() (bool, error) {
		out, err := b.tables.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: table})
		if err != nil {
			return false, err
		}
		window := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
		if window == nil || window.EarliestRestorableDateTime == nil || window.LatestRestorableDateTime == nil {
			return false, errors.New("point-in-time recovery does not say to which moments a table can be restored")
		}
		return window.LatestRestorableDateTime.After(moment), nil
	}); err != nil {
		return err
	}
	if err := restore("recovery-again", moment); err != nil {
		return err
	}
	return b.holds(ctx, b.name("recovery-again"), "first", "second")
}

// restoredTables looks for the billing mode and the key of the original. Of other settings a restored table has none.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html
func restoredTables(ctx context.Context, b *bench) error {
	key, err := b.key(ctx, "restored")
	if err != nil {
		return err
	}
	if _, err := b.table(ctx, "restored", func(in *dynamodb.CreateTableInput) {
		in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: key}
	}); err != nil {
		return err
	}
	saved, err := b.tables.CreateBackup(ctx, &dynamodb.CreateBackupInput{TableName: b.name("restored"), BackupName: b.name("restored")})
	if err != nil {
		return err
	}
	again := b.name("restored-again")
	if err := b.until(ctx, readyLimit, "a backup of a table can be restored", func() (bool, error) {
		_, err := b.tables.RestoreTableFromBackup(ctx, &dynamodb.RestoreTableFromBackupInput{BackupArn: saved.BackupDetails.BackupArn, TargetTableName: again})
		if refusal(err, "BackupInUse", "") == nil { // it is still being made
			return false, nil
		}
		return true, err
	}); err != nil {
		return err
	}
	table, err := b.active(ctx, again)
	if err != nil {
		return err
	}
	if table.BillingModeSummary == nil || table.BillingModeSummary.BillingMode != types.BillingModePayPerRequest {
		return errors.New("a restored table has not the billing mode of the original")
	}
	if table.SSEDescription == nil || aws.ToString(table.SSEDescription.KMSMasterKeyArn) != *key {
		return errors.New("a restored table is not encrypted with the key of the original")
	}
	return b.holds(ctx, again, "first")
}

// key makes a key and returns its ARN.
func (b *bench) key(ctx context.Context, purpose string) (*string, error) {
	out, err := b.kms.CreateKey(ctx, &kms.CreateKeyInput{Description: b.name(purpose), Tags: []kmstypes.Tag{{TagKey: aws.String(tagRun), TagValue: &b.run}}})
	if err != nil {
		return nil, err
	}
	return out.KeyMetadata.Arn, nil
}

// tableDeletions deletes a table that has point-in-time recovery, which leaves a backup that DynamoDB makes itself.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
func tableDeletions(ctx context.Context, b *bench) error {
	name := b.name("deletions")
	if _, err := b.table(ctx, "deletions", func(in *dynamodb.CreateTableInput) { in.DeletionProtectionEnabled = aws.Bool(true) }); err != nil {
		return err
	}
	if err := b.recover(ctx, name); err != nil {
		return err
	}
	_, err := b.tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: name})
	if err := refusal(err, "Validation", "a table with deletion protection can be deleted"); err != nil {
		return err
	}
	if _, err := b.tables.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: name, DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
		return err
	}
	if _, err := b.active(ctx, name); err != nil {
		return err
	}
	if _, err := b.tables.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: name}); err != nil {
		return err
	}
	return b.until(ctx, settled, "a deleted table leaves a backup", func() (bool, error) {
		out, err := b.tables.ListBackups(ctx, &dynamodb.ListBackupsInput{TableName: name, BackupType: types.BackupTypeFilterSystem})
		if err != nil {
			return false, err
		}
		return len(out.BackupSummaries) == 1, nil
	})
}
