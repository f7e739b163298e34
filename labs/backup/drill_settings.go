package backup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"labctl/checks/report/typeset"
	"labctl/labs"
)

// accountSettings are the settings of tables in an account.
type accountSettings struct {
	tables tables
	alarms *cloudwatch.Client
	alarm  string // name of the copy's alarm, and what further ones begin with
}

func newAccountSettings(live labs.Live, alarm string) accountSettings {
	return accountSettings{tablesOf(live), cloudwatch.NewFromConfig(live.Config), alarm}
}

func (s accountSettings) read(ctx context.Context, table string) (settings, error) {
	d, err := s.tables.describe(ctx, table)
	if err != nil {
		return nil, err
	}
	found := settings{billingMode: billing(d), tableClass: class(d)}
	if d.SSEDescription != nil {
		found[encryptionKey] = aws.ToString(d.SSEDescription.KMSMasterKeyArn)
	}
	if d.StreamSpecification != nil && aws.ToBool(d.StreamSpecification.StreamEnabled) {
		found[streamSetting] = string(d.StreamSpecification.StreamViewType)
	}
	if aws.ToBool(d.DeletionProtectionEnabled) {
		found[deletionProtection] = "on"
	}
	if err := s.readBeside(ctx, table, found); err != nil {
		return nil, err
	}
	tags, err := s.tables.readTags(ctx, aws.ToString(d.TableArn))
	if err != nil {
		return nil, err
	}
	delete(tags, "Name") // a copy has a name of its own
	found.set(tagSetting, strings.Join(each(slices.Sorted(maps.Keys(tags)), func(key string) string { return key + "=" + tags[key] }), ", "))
	alarms, err := s.of(ctx, table)
	if err != nil {
		return nil, err
	}
	found.set(alarmSetting, strings.Join(each(alarms, tellAlarm), "; "))
	return found, nil
}

// readBeside reads what DescribeTable does not tell.
func (s accountSettings) readBeside(ctx context.Context, table string, found settings) error {
	recovery, err := s.tables.api.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	if err != nil {
		return fmt.Errorf("reading the continuous backups of %s: %w", table, err)
	}
	if r := recovery.ContinuousBackupsDescription.PointInTimeRecoveryDescription; r != nil && r.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled {
		found[recoverySetting] = days(recoveryDays(r))
	}
	ttl, err := s.tables.api.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	if err != nil {
		return fmt.Errorf("reading the time to live of %s: %w", table, err)
	}
	if d := ttl.TimeToLiveDescription; d != nil && (d.TimeToLiveStatus == types.TimeToLiveStatusEnabled || d.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		found[timeToLive] = aws.ToString(d.AttributeName)
	}
	return nil
}

func (s settings) set(name settingName, value string) {
	if value != "" {
		s[name] = value
	}
}

// recoveryDays is how far back a table can be restored: 35 days where nobody has said otherwise.
func recoveryDays(r *types.PointInTimeRecoveryDescription) int {
	if r.RecoveryPeriodInDays == nil {
		return keepDays
	}
	return int(*r.RecoveryPeriodInDays)
}

func billing(d *types.TableDescription) string {
	if d.BillingModeSummary != nil && d.BillingModeSummary.BillingMode == types.BillingModePayPerRequest {
		return "by request"
	}
	if d.ProvisionedThroughput == nil {
		return "provisioned"
	}
	return fmt.Sprintf("provisioned, %d reads and %d writes a second", aws.ToInt64(d.ProvisionedThroughput.ReadCapacityUnits), aws.ToInt64(d.ProvisionedThroughput.WriteCapacityUnits))
}

func class(d *types.TableDescription) string {
	if d.TableClassSummary == nil || d.TableClassSummary.TableClass == "" {
		return string(types.TableClassStandard)
	}
	return string(d.TableClassSummary.TableClass)
}

// of are the alarms on a table's metrics.
func (s accountSettings) of(ctx context.Context, table string) ([]cwtypes.MetricAlarm, error) {
	var found []cwtypes.MetricAlarm
	pages := cloudwatch.NewDescribeAlarmsPaginator(s.alarms, &cloudwatch.DescribeAlarmsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the alarms: %w", err)
		}
		for _, alarm := range page.MetricAlarms {
			if slices.ContainsFunc(alarm.Dimensions, func(d cwtypes.Dimension) bool { return isTable(d) && aws.ToString(d.Value) == table }) {
				found = append(found, alarm)
			}
		}
	}
	slices.SortFunc(found, func(x, y cwtypes.MetricAlarm) int { return strings.Compare(tellAlarm(x), tellAlarm(y)) })
	return found, nil
}

func isTable(d cwtypes.Dimension) bool { return aws.ToString(d.Name) == "TableName" }

func tellAlarm(a cwtypes.MetricAlarm) string {
	return fmt.Sprintf("%s %s %s %g over %d of %ds to %s", a.Statistic, aws.ToString(a.MetricName), a.ComparisonOperator, aws.ToFloat64(a.Threshold),
		aws.ToInt32(a.EvaluationPeriods), aws.ToInt32(a.Period), strings.Join(a.AlarmActions, ", "))
}

// apply is the runbook, one step for each setting.
func (s accountSettings) apply(ctx context.Context, name settingName, original, made string) (told string, err error) {
	from, err := s.tables.describe(ctx, original)
	if err != nil {
		return "", err
	}
	to, err := s.tables.describe(ctx, made)
	if err != nil {
		return "", err
	}
	switch name {
	case tagSetting:
		tags, err := s.tables.readTags(ctx, aws.ToString(from.TableArn))
		if err != nil {
			return "", err
		}
		delete(tags, "Name")
		return "tag-resource, with the original's tags", s.tables.tag(ctx, aws.ToString(to.TableArn), tags)
	case alarmSetting:
		return s.applyAlarms(ctx, original, made)
	case recoverySetting, timeToLive:
		return s.applyBeside(ctx, name, original, made)
	default:
		return s.update(ctx, name, from, made)
	}
}

func (s accountSettings) applyBeside(ctx context.Context, name settingName, original, made string) (told string, err error) {
	has := settings{}
	if err := s.readBeside(ctx, original, has); err != nil {
		return "", err
	}
	value, on := has[name]
	if name == timeToLive {
		_, err = s.tables.api.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName: &made, TimeToLiveSpecification: &types.TimeToLiveSpecification{Enabled: &on, AttributeName: &value},
		})
		return "update-time-to-live, attribute " + value, err //nolint:wrapcheck // its caller says which setting
	}
	recovery, err := s.tables.api.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &original})
	if err != nil {
		return "", err //nolint:wrapcheck // its caller says which setting
	}
	spec := &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &on}
	if on {
		spec.RecoveryPeriodInDays = recovery.ContinuousBackupsDescription.PointInTimeRecoveryDescription.RecoveryPeriodInDays
	}
	return "update-continuous-backups, " + orNone(value), s.tables.recover(ctx, made, spec)
}

// update changes what UpdateTable changes, and waits: it takes one change at a time.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
func (s accountSettings) update(ctx context.Context, name settingName, from *types.TableDescription, made string) (told string, err error) {
	in := &dynamodb.UpdateTableInput{TableName: &made}
	switch name {
	case streamSetting:
		in.StreamSpecification, told = from.StreamSpecification, "update-table --stream-specification"
	case deletionProtection:
		in.DeletionProtectionEnabled, told = aws.Bool(aws.ToBool(from.DeletionProtectionEnabled)), "update-table --deletion-protection-enabled"
	case encryptionKey:
		in.SSESpecification, told = sseOf(from), "update-table --sse-specification"
	case billingMode:
		in.BillingMode, told = types.BillingModePayPerRequest, "update-table --billing-mode"
		if d := from.BillingModeSummary; d == nil || d.BillingMode != types.BillingModePayPerRequest {
			in.BillingMode = types.BillingModeProvisioned
			in.ProvisionedThroughput = &types.ProvisionedThroughput{
				ReadCapacityUnits: from.ProvisionedThroughput.ReadCapacityUnits, WriteCapacityUnits: from.ProvisionedThroughput.WriteCapacityUnits,
			}
		}
	case tableClass:
		in.TableClass, told = types.TableClass(class(from)), "update-table --table-class"
	default:
		return "", fmt.Errorf("there is no step for %s", name)
	}
	if _, err := s.tables.api.UpdateTable(ctx, in); err != nil {
		return "", err //nolint:wrapcheck // its caller says which setting
	}
	_, err = s.tables.whole(ctx, made, func(string) {})
	return told, err
}

func sseOf(d *types.TableDescription) *types.SSESpecification {
	if d.SSEDescription == nil {
		return &types.SSESpecification{Enabled: aws.Bool(false)}
	}
	return &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: d.SSEDescription.KMSMasterKeyArn}
}

// applyAlarms makes the original's alarms for the copy.
func (s accountSettings) applyAlarms(ctx context.Context, original, made string) (told string, err error) {
	alarms, err := s.of(ctx, original)
	if err != nil {
		return "", err
	}
	for n, alarm := range alarms {
		in := likeAlarm(alarm)
		for d := range in.Dimensions {
			if isTable(in.Dimensions[d]) {
				in.Dimensions[d].Value = &made
			}
		}
		in.AlarmName = aws.String(alarmName(s.alarm, n))
		for key, value := range s.tables.tags {
			in.Tags = append(in.Tags, cwtypes.Tag{Key: &key, Value: &value})
		}
		if _, err := s.alarms.PutMetricAlarm(ctx, in); err != nil {
			return "", err //nolint:wrapcheck // its caller says which setting
		}
	}
	return "put-metric-alarm, " + typeset.Count(len(alarms), "alarm"), nil
}

func alarmName(first string, n int) string {
	if n == 0 {
		return first
	}
	return fmt.Sprintf("%s-%d", first, n+1)
}

// likeAlarm is what makes an alarm like another one.
func likeAlarm(a cwtypes.MetricAlarm) *cloudwatch.PutMetricAlarmInput {
	return &cloudwatch.PutMetricAlarmInput{
		AlarmDescription: a.AlarmDescription, ActionsEnabled: a.ActionsEnabled,
		AlarmActions: a.AlarmActions, OKActions: a.OKActions, InsufficientDataActions: a.InsufficientDataActions,
		Namespace: a.Namespace, MetricName: a.MetricName, Dimensions: slices.Clone(a.Dimensions), Unit: a.Unit,
		Statistic: a.Statistic, ExtendedStatistic: a.ExtendedStatistic, Period: a.Period, Metrics: a.Metrics,
		EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm, TreatMissingData: a.TreatMissingData,
		ComparisonOperator: a.ComparisonOperator, Threshold: a.Threshold, ThresholdMetricId: a.ThresholdMetricId,
		EvaluateLowSampleCountPercentile: a.EvaluateLowSampleCountPercentile,
	}
}
