package local_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// history returns the items of the alarm, the oldest first.
func (a account) history(t T, alarm string, change ...func(*cloudwatch.DescribeAlarmHistoryInput)) []types.AlarmHistoryItem {
	in := &cloudwatch.DescribeAlarmHistoryInput{AlarmName: &alarm, ScanBy: types.ScanByTimestampAscending}
	for _, c := range change {
		c(in)
	}
	return must[cloudwatch.DescribeAlarmHistoryOutput](t)(a.metrics.DescribeAlarmHistory(a.ctx, in)).AlarmHistoryItems
}

func summaries(items []types.AlarmHistoryItem) (all []string) {
	for _, item := range items {
		all = append(all, *item.HistorySummary)
	}
	return all
}

func proveAlarmHistory(t T, a account) {
	p := a.inbox(t, "history", nil)
	a.alarm(t, "history", func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmActions = []string{p.topic} })
	a.setState(t, "history", types.StateValueAlarm, "by hand")
	a.alarm(t, "history", func(in *cloudwatch.PutMetricAlarmInput) { in.Threshold = aws.Float64(2) })
	require.NoError(t, a.deleteAlarms("history"))
	want := []string{
		`Alarm "history" created`, "Alarm updated from INSUFFICIENT_DATA to ALARM", "Successfully executed action " + p.topic,
		`Alarm "history" updated`, `Alarm "history" deleted`,
	}
	items := a.history(t, "history")
	assert.Equal(t, want, summaries(items))
	for _, item := range items {
		assert.Equal(t, types.AlarmTypeMetricAlarm, item.AlarmType)
		assert.WithinDuration(t, time.Now(), *item.Timestamp, time.Minute)
	}
	assert.Equal(t, want[:1], summaries(a.history(t, "history", func(in *cloudwatch.DescribeAlarmHistoryInput) { in.MaxRecords = aws.Int32(1) })))
	assert.Equal(t, want[4], summaries(a.history(t, "history", func(in *cloudwatch.DescribeAlarmHistoryInput) { in.ScanBy = "" }))[0], "the newest comes first")
	assert.Empty(t, a.history(t, "history", func(in *cloudwatch.DescribeAlarmHistoryInput) { in.EndDate = aws.Time(time.Now().Add(-time.Hour)) }))
	assert.Empty(t, a.history(t, "history", func(in *cloudwatch.DescribeAlarmHistoryInput) {
		in.AlarmTypes = []types.AlarmType{types.AlarmTypeCompositeAlarm}
	}))

	moved := a.history(t, "history", func(in *cloudwatch.DescribeAlarmHistoryInput) { in.HistoryItemType = types.HistoryItemTypeStateUpdate })
	require.Len(t, moved, 1)
	assert.JSONEq(t, `{"version":"1.0","oldState":{"stateValue":"INSUFFICIENT_DATA","stateReason":"Unchecked: Initial alarm creation"},
		"newState":{"stateValue":"ALARM","stateReason":"by hand","stateReasonData":{"by":"hand"}}}`, *moved[0].HistoryData)
	var created struct {
		Type         string
		CreatedAlarm struct {
			AlarmName string
			Threshold float64
		}
	}
	require.NoError(t, json.Unmarshal([]byte(*items[0].HistoryData), &created))
	assert.Equal(t, []any{"Create", "history", 1.0}, []any{created.Type, created.CreatedAlarm.AlarmName, created.CreatedAlarm.Threshold})
	assert.Contains(t, *items[2].HistoryData, `"actionState": "Succeeded"`)

	require.NoError(t, a.composite("history-page", "FALSE"))
	assert.Empty(t, a.history(t, "history-page"), "composite alarms are asked for")
	page := a.history(t, "history-page", func(in *cloudwatch.DescribeAlarmHistoryInput) {
		in.AlarmTypes = []types.AlarmType{types.AlarmTypeCompositeAlarm}
	})
	require.NotEmpty(t, page)
	assert.Equal(t, `Alarm "history-page" created`, *page[0].HistorySummary)
}

// lets is a policy that lets CloudWatch do something for the alarms of a name.
func lets(alarms string, actions ...string) string {
	named, err := json.Marshal(actions)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Sid":"Owner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"*","Resource":"*"},
		{"Sid":"Alarms","Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":%s,"Resource":"*",
		"Condition":{"ArnLike":{"aws:SourceArn":"%s"},"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`, named, alarmARN(alarms))
}

func proveAlarmNotifications(t T, a account) {
	key := must[kms.CreateKeyOutput](t)(a.kms.CreateKey(a.ctx, &kms.CreateKeyInput{Policy: aws.String(lets("notify*", "kms:Decrypt", "kms:GenerateDataKey*"))})).KeyMetadata
	p := a.inbox(t, "notify", map[string]string{"Policy": lets("notify*", "sns:Publish"), "KmsMasterKeyId": *key.Arn})
	a.alarm(t, "notify", func(in *cloudwatch.PutMetricAlarmInput) {
		in.AlarmActions, in.OKActions = []string{p.topic}, []string{p.topic}
		in.Dimensions = []types.Dimension{{Name: aws.String("Route"), Value: aws.String("/")}}
		in.Statistic, in.ExtendedStatistic, in.AlarmDescription = "", aws.String("p99"), aws.String("Owner: on-call.")
	})
	a.setState(t, "notify", types.StateValueAlarm, "by hand")
	got := a.notifications(t, p)
	require.Len(t, got, 1)
	message := got[0].Message
	assert.Equal(t, `ALARM: "notify" in US East (N. Virginia)`, got[0].Subject)
	assert.Equal(t, []string{"notify", alarmARN("notify"), "123456789012", "ALARM", "by hand", "INSUFFICIENT_DATA", "US East (N. Virginia)"}, []string{
		message.AlarmName, message.AlarmArn, message.AWSAccountId, message.NewStateValue, message.NewStateReason, message.OldStateValue, message.Region,
	})
	changed, err := time.Parse("2006-01-02T15:04:05.000-0700", message.StateChangeTime)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), changed, time.Minute)
	trigger := message.Trigger
	assert.Equal(t, []any{"Nothing", "lab", "ExtendedStatistic", "p99", "GreaterThanThreshold", 1.0, 60, "/"}, []any{
		trigger.MetricName, trigger.Namespace, trigger.StatisticType, trigger.ExtendedStatistic, trigger.ComparisonOperator, trigger.Threshold, trigger.Period, trigger.Dimensions[0].Value,
	})
	a.setState(t, "notify", types.StateValueAlarm, "still")
	a.setState(t, "notify", types.StateValueInsufficientData, "no action for this")
	assert.Empty(t, a.notifications(t, p))
	a.setState(t, "notify", types.StateValueOk, "over")
	require.Len(t, a.notifications(t, p), 1)

	must[cloudwatch.DisableAlarmActionsOutput](t)(a.metrics.DisableAlarmActions(a.ctx, &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{"notify"}}))
	a.setState(t, "notify", types.StateValueAlarm, "nobody hears")
	assert.Empty(t, a.notifications(t, p))
	must[cloudwatch.EnableAlarmActionsOutput](t)(a.metrics.EnableAlarmActions(a.ctx, &cloudwatch.EnableAlarmActionsInput{AlarmNames: []string{"notify"}}))
	for name, forbid := range map[string]func(policy string) error{
		"topic": func(policy string) error {
			_, err := a.topics.SetTopicAttributes(a.ctx, &sns.SetTopicAttributesInput{TopicArn: &p.topic, AttributeName: aws.String("Policy"), AttributeValue: &policy})
			return err
		},
		"key": func(policy string) error {
			_, err := a.kms.PutKeyPolicy(a.ctx, &kms.PutKeyPolicyInput{KeyId: key.KeyId, Policy: &policy})
			return err
		},
	} {
		require.NoError(t, forbid(lets("another", "sns:Publish", "kms:*")))
		a.setState(t, "notify", types.StateValueOk, "over")
		a.setState(t, "notify", types.StateValueAlarm, "again")
		assert.Empty(t, a.notifications(t, p), name)
		require.NoError(t, forbid(lets("notify*", "sns:Publish", "kms:*")))
	}
	failed := a.history(t, "notify", func(in *cloudwatch.DescribeAlarmHistoryInput) { in.HistoryItemType = types.HistoryItemTypeAction })
	assert.Contains(t, *failed[len(failed)-1].HistoryData, "authoriz")
	a.setState(t, "notify", types.StateValueOk, "over")
	assert.Len(t, a.notifications(t, p), 1)
}
