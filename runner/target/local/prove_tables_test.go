package local_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (a account) setRecovery(t T, table string, on bool) {
	must[dynamodb.UpdateContinuousBackupsOutput](t)(a.tables.UpdateContinuousBackups(a.ctx, &dynamodb.UpdateContinuousBackupsInput{
		TableName: &table, PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &on},
	}))
}

// recoveryWindow returns the earliest and the latest moment to which the table can be restored.
func (a account) recoveryWindow(t T, table string) (earliest, latest time.Time) {
	out := must[dynamodb.DescribeContinuousBackupsOutput](t)(a.tables.DescribeContinuousBackups(a.ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table}))
	recovery := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	require.NotNil(t, recovery.EarliestRestorableDateTime)
	require.NotNil(t, recovery.LatestRestorableDateTime)
	return *recovery.EarliestRestorableDateTime, *recovery.LatestRestorableDateTime
}

func (a account) restoreTo(table, target string, moment time.Time) error {
	_, err := a.tables.RestoreTableToPointInTime(a.ctx, &dynamodb.RestoreTableToPointInTimeInput{
		SourceTableName: &table, TargetTableName: &target, RestoreDateTime: &moment,
	})
	return err
}

func proveTableRecovery(t T, a account) {
	const table = "recovered"
	a.table(t, table)
	requireCode(t, a.restoreTo(table, "without", time.Now()), "PointInTimeRecoveryUnavailableException")
	a.setRecovery(t, table, true)
	began, _ := a.recoveryWindow(t, table)
	moment := func() time.Time {
		time.Sleep(5 * time.Millisecond)
		now := time.Now().Truncate(time.Millisecond)
		time.Sleep(5 * time.Millisecond)
		return now
	}
	a.putItem(t, table, "3", "new")
	healthy := moment()
	a.deleteItem(t, table, "1")
	a.putItem(t, table, "2", "corrupt")
	must[dynamodb.UpdateItemOutput](t)(a.tables.UpdateItem(a.ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(table), Key: order("3"), UpdateExpression: aws.String("SET #s = :s"),
		ExpressionAttributeNames:  map[string]string{"#s": "state"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":s": &types.AttributeValueMemberS{Value: "changed"}},
	}))
	corrupt := moment()
	a.deleteItem(t, table, "2")
	requireCode(t, a.restoreTo(table, "future", time.Now()), "InvalidRestoreTimeException")
	requireCode(t, a.restoreTo(table, "past", time.Now().AddDate(0, 0, -40)), "InvalidRestoreTimeException")
	require.Eventually(t, func() bool {
		_, latest := a.recoveryWindow(t, table)
		return latest.After(corrupt)
	}, 5*time.Second, 100*time.Millisecond, "the latest moment follows the present")

	for target, want := range map[string]struct {
		moment time.Time
		items  []string
	}{
		"to-began":   {began, []string{"1", "2"}},
		"to-healthy": {healthy, []string{"1", "2", "3"}},
		"to-corrupt": {corrupt, []string{"2 corrupt", "3 changed"}},
	} {
		require.NoError(t, a.restoreTo(table, target, want.moment), target)
		assert.Equal(t, want.items, a.items(t, target), target)
	}
	_, err := a.tables.RestoreTableToPointInTime(a.ctx, &dynamodb.RestoreTableToPointInTimeInput{SourceTableName: aws.String(table), TargetTableName: aws.String("neither")})
	requireCode(t, err, "ValidationException")
	a.setRecovery(t, table, false)
	requireCode(t, a.restoreTo(table, "off", healthy), "PointInTimeRecoveryUnavailableException")
}

func proveRestoredTables(t T, a account) {
	const table = "settings"
	key, other := a.keyARN(t), a.keyARN(t)
	a.table(t, table, func(in *dynamodb.CreateTableInput) {
		in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: &key}
	})
	a.setRecovery(t, table, true)
	saved := must[dynamodb.CreateBackupOutput](t)(a.tables.CreateBackup(a.ctx, &dynamodb.CreateBackupInput{TableName: aws.String(table), BackupName: aws.String("b")}))
	restore := func(target string, override *types.SSESpecification) *types.TableDescription {
		return must[dynamodb.RestoreTableFromBackupOutput](t)(a.tables.RestoreTableFromBackup(a.ctx, &dynamodb.RestoreTableFromBackupInput{
			BackupArn: saved.BackupDetails.BackupArn, TargetTableName: &target, SSESpecificationOverride: override,
		})).TableDescription
	}
	same := restore("settings-same", nil)
	assert.Equal(t, types.BillingModePayPerRequest, same.BillingModeSummary.BillingMode)
	require.NotNil(t, same.SSEDescription)
	assert.Equal(t, key, *same.SSEDescription.KMSMasterKeyArn)
	rekeyed := restore("settings-rekeyed", &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: &other})
	assert.Equal(t, other, *rekeyed.SSEDescription.KMSMasterKeyArn)
	assert.Nil(t, restore("settings-plain", &types.SSESpecification{Enabled: aws.Bool(false)}).SSEDescription)

	latest := must[dynamodb.RestoreTableToPointInTimeOutput](t)(a.tables.RestoreTableToPointInTime(a.ctx, &dynamodb.RestoreTableToPointInTimeInput{
		SourceTableName: aws.String(table), TargetTableName: aws.String("settings-latest"), UseLatestRestorableTime: aws.Bool(true),
		BillingModeOverride: types.BillingModeProvisioned, ProvisionedThroughputOverride: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(3), WriteCapacityUnits: aws.Int64(4)},
	})).TableDescription
	assert.Equal(t, types.BillingModeProvisioned, latest.BillingModeSummary.BillingMode)
	assert.EqualValues(t, 4, *latest.ProvisionedThroughput.WriteCapacityUnits)
	assert.Equal(t, key, *latest.SSEDescription.KMSMasterKeyArn)
}

func proveTableTags(t T, a account) {
	const table = "tagged"
	a.table(t, table)
	arn := must[dynamodb.DescribeTableOutput](t)(a.tables.DescribeTable(a.ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table)})).Table.TableArn
	set := func(value string, keys ...string) {
		var tags []types.Tag
		for _, key := range keys {
			tags = append(tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
		}
		must[dynamodb.TagResourceOutput](t)(a.tables.TagResource(a.ctx, &dynamodb.TagResourceInput{ResourceArn: arn, Tags: tags}))
	}
	set("old", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l")
	set("new", "a")
	found := map[string]string{}
	for page := (&dynamodb.ListTagsOfResourceOutput{}); ; {
		page = must[dynamodb.ListTagsOfResourceOutput](t)(a.tables.ListTagsOfResource(a.ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: arn, NextToken: page.NextToken}))
		for _, tag := range page.Tags {
			require.NotContains(t, found, *tag.Key, "a tag is listed once")
			found[*tag.Key] = *tag.Value
		}
		if page.NextToken == nil {
			break
		}
	}
	assert.Len(t, found, 13, "with the one that it was made with")
	assert.Equal(t, "new", found["a"])
	assert.Equal(t, "old", found["b"])
}

func proveTableDeletions(t T, a account) {
	const table = "deleted"
	a.table(t, table, func(in *dynamodb.CreateTableInput) { in.DeletionProtectionEnabled = aws.Bool(true) })
	a.setRecovery(t, table, true)
	remove := func() (*dynamodb.DeleteTableOutput, error) {
		return a.tables.DeleteTable(a.ctx, &dynamodb.DeleteTableInput{TableName: aws.String(table)})
	}
	_, err := remove()
	requireCode(t, err, "Disable deletion protection first")
	must[dynamodb.UpdateTableOutput](t)(a.tables.UpdateTable(a.ctx, &dynamodb.UpdateTableInput{TableName: aws.String(table), DeletionProtectionEnabled: aws.Bool(false)}))
	assert.Equal(t, types.TableStatusDeleting, must[dynamodb.DeleteTableOutput](t)(remove()).TableDescription.TableStatus)
	backups := func(kind types.BackupTypeFilter) []types.BackupSummary {
		return must[dynamodb.ListBackupsOutput](t)(a.tables.ListBackups(a.ctx, &dynamodb.ListBackupsInput{TableName: aws.String(table), BackupType: kind})).BackupSummaries
	}
	assert.Empty(t, backups(""))
	system := backups(types.BackupTypeFilterSystem)
	require.Len(t, system, 1)
	assert.Equal(t, "deleted$DeletedTableBackup", *system[0].BackupName)
	must[dynamodb.RestoreTableFromBackupOutput](t)(a.tables.RestoreTableFromBackup(a.ctx, &dynamodb.RestoreTableFromBackupInput{BackupArn: system[0].BackupArn, TargetTableName: aws.String("undeleted")}))
	assert.Equal(t, []string{"1", "2"}, a.items(t, "undeleted"))
}
