package local_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs/clock"
)

// loopProofs show what the control loops do, on a server that runs sixty times as fast.
var loopProofs = []struct {
	name  string
	check func(t T, w watched)
}{
	{"metric-filter-data", proveMetricFilterData},
	{"alarm-evaluation", proveAlarmEvaluation},
}

func TestTheControlLoops(t *testing.T) {
	t.Parallel()
	info, err := newManager(t).Keep(t.Context(), 60)
	require.NoError(t, err)
	assert.Equal(t, 60, info.Speed)
	for _, p := range loopProofs {
		t.Run(p.name, func(t *testing.T) {
			assert.True(t, info.Corrected(p.name), "it is claimed")
			t.Parallel()
			p.check(t, watched{account: newAccount(t.Context(), info.Endpoint), name: p.name, clock: info.Clock()})
		})
	}
}

// loopsAsProofs are the proofs of the loops for a server that runs none.
func loopsAsProofs() []proof {
	var out []proof
	for _, p := range loopProofs {
		out = append(out, proof{p.name, func(t T, a account) { p.check(t, watched{account: a, name: p.name}) }})
	}
	return out
}

// watched is an account with a log group, a topic and a queue behind it.
type watched struct {
	account
	name  string
	clock clock.Clock
}

func (w watched) filter(t T, pattern string, transformation logtypes.MetricTransformation) {
	must[cloudwatchlogs.PutMetricFilterOutput](t)(w.logs.PutMetricFilter(w.ctx, &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName: &w.name, FilterName: transformation.MetricName, FilterPattern: &pattern,
		MetricTransformations: []logtypes.MetricTransformation{transformation},
	}))
}

func (w watched) group(t T) {
	must[cloudwatchlogs.CreateLogGroupOutput](t)(w.logs.CreateLogGroup(w.ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &w.name}))
	must[cloudwatchlogs.CreateLogStreamOutput](t)(w.logs.CreateLogStream(w.ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &w.name, LogStreamName: &w.name}))
}

func (w watched) write(t T, at time.Time, messages ...string) {
	var events []logtypes.InputLogEvent
	for i := range messages {
		events = append(events, logtypes.InputLogEvent{Timestamp: aws.Int64(at.UnixMilli()), Message: &messages[i]})
	}
	out := must[cloudwatchlogs.PutLogEventsOutput](t)(w.logs.PutLogEvents(w.ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &w.name, LogStreamName: &w.name, LogEvents: events}))
	require.Nil(t, out.RejectedLogEventsInfo)
}

// statistics of a metric of the account's namespace, over ten minutes before and after a moment.
func (w watched) statistics(t T, metric string, at time.Time, dimensions ...types.Dimension) []types.Datapoint {
	out := must[cloudwatch.GetMetricStatisticsOutput](t)(w.metrics.GetMetricStatistics(w.ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: &w.name, MetricName: &metric, Dimensions: dimensions, Period: aws.Int32(1200),
		StartTime: aws.Time(at.Add(-10 * time.Minute)), EndTime: aws.Time(at.Add(10 * time.Minute)),
		Statistics: []types.Statistic{types.StatisticSum, types.StatisticSampleCount, types.StatisticMaximum},
	}))
	return out.Datapoints
}

func proveMetricFilterData(t T, w watched) {
	w.group(t)
	w.filter(t, `{ $.level = "ERROR" }`, logtypes.MetricTransformation{MetricNamespace: &w.name, MetricName: aws.String("Errors"), MetricValue: aws.String("1"), DefaultValue: aws.Float64(0)})
	w.filter(t, `{ $.level = "FATAL" }`, logtypes.MetricTransformation{MetricNamespace: &w.name, MetricName: aws.String("Fatal"), MetricValue: aws.String("1"), DefaultValue: aws.Float64(0)})
	w.filter(t, `{ $.ms >= 0 }`, logtypes.MetricTransformation{
		MetricNamespace: &w.name, MetricName: aws.String("Latency"), MetricValue: aws.String("$.ms"), Unit: logtypes.StandardUnitMilliseconds,
		Dimensions: map[string]string{"Route": "$.route"},
	})
	at := w.clock.Now()
	w.write(t, at, `{"level": "ERROR", "ms": 250, "route": "/a"}`, `{"level": "ERROR", "ms": 12.5, "route": "/a"}`, `{"level": "INFO", "ms": 7, "route": "/b"}`)
	assert.Eventually(t, func() bool { return len(w.statistics(t, "Fatal", at)) > 0 }, 5*time.Second, 50*time.Millisecond, "the default value, when the minute is over")

	for _, c := range []struct {
		metric          string
		dimensions      []types.Dimension
		count, sum, max float64
	}{
		{"Errors", nil, 2, 2, 1},
		{"Fatal", nil, 1, 0, 0},
		{"Latency", []types.Dimension{{Name: aws.String("Route"), Value: aws.String("/a")}}, 2, 262.5, 250},
	} {
		found := w.statistics(t, c.metric, at, c.dimensions...)
		require.Len(t, found, 1, c.metric)
		assert.InDelta(t, c.count, *found[0].SampleCount, 0, c.metric)
		assert.InDelta(t, c.sum, *found[0].Sum, 0, c.metric)
		assert.InDelta(t, c.max, *found[0].Maximum, 0, c.metric)
	}
}

// pages makes a topic with a queue behind it.
func (w watched) pages(t T) (topic, queue string) {
	made := must[sns.CreateTopicOutput](t)(w.sns.CreateTopic(w.ctx, &sns.CreateTopicInput{Name: &w.name}))
	address := must[sqs.CreateQueueOutput](t)(w.sqs.CreateQueue(w.ctx, &sqs.CreateQueueInput{QueueName: &w.name}))
	must[sns.SubscribeOutput](t)(w.sns.Subscribe(w.ctx, &sns.SubscribeInput{
		TopicArn: made.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String(strings.Replace(*made.TopicArn, ":sns:", ":sqs:", 1)),
	}))
	return *made.TopicArn, *address.QueueUrl
}

// page waits for a message of an alarm, and says which alarm and which state; "" if none comes.
func (w watched) page(t T, queue string, wait int32) (alarm string) {
	out := must[sqs.ReceiveMessageOutput](t)(w.sqs.ReceiveMessage(w.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: wait, MaxNumberOfMessages: 1}))
	if len(out.Messages) == 0 {
		return ""
	}
	must[sqs.DeleteMessageOutput](t)(w.sqs.DeleteMessage(w.ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: out.Messages[0].ReceiptHandle}))
	var envelope struct{ Message string }
	var message struct{ AlarmName, NewStateValue string }
	require.NoError(t, json.Unmarshal([]byte(*out.Messages[0].Body), &envelope))
	require.NoError(t, json.Unmarshal([]byte(envelope.Message), &message))
	return message.AlarmName + " " + message.NewStateValue
}

func (w watched) state(t T, name string) types.StateValue {
	out := must[cloudwatch.DescribeAlarmsOutput](t)(w.metrics.DescribeAlarms(w.ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{name}, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	}))
	if len(out.MetricAlarms) == 1 {
		return out.MetricAlarms[0].StateValue
	}
	require.Len(t, out.CompositeAlarms, 1)
	return out.CompositeAlarms[0].StateValue
}

func (w watched) becomes(t T, name string, state types.StateValue) {
	assert.Eventually(t, func() bool { return w.state(t, name) == state }, 10*time.Second, 50*time.Millisecond, "%s becomes %s", name, state)
}

// ratio is an alarm on the share of errors, in metric math.
func (w watched) ratio(actions ...string) *cloudwatch.PutMetricAlarmInput {
	sum := func(id string) types.MetricDataQuery {
		return types.MetricDataQuery{Id: aws.String(strings.ToLower(id)), ReturnData: aws.Bool(false), MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: &w.name, MetricName: &id}, Period: aws.Int32(60), Stat: aws.String("Sum"),
		}}
	}
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("ratio"), Metrics: []types.MetricDataQuery{
			{Id: aws.String("share"), Expression: aws.String("errors / requests"), ReturnData: aws.Bool(true)}, sum("Errors"), sum("Requests"),
		},
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, Threshold: aws.Float64(0.25), EvaluationPeriods: aws.Int32(1),
		TreatMissingData: aws.String("notBreaching"), AlarmActions: actions,
	}
}

func proveAlarmEvaluation(t T, w watched) {
	w.group(t)
	topic, queue := w.pages(t)
	for metric, pattern := range map[string]string{"Requests": "", "Errors": "ERROR"} {
		w.filter(t, pattern, logtypes.MetricTransformation{MetricNamespace: &w.name, MetricName: &metric, MetricValue: aws.String("1"), DefaultValue: aws.Float64(0)})
	}
	must[cloudwatch.PutMetricAlarmOutput](t)(w.metrics.PutMetricAlarm(w.ctx, w.ratio()))
	must[cloudwatch.PutCompositeAlarmOutput](t)(w.metrics.PutCompositeAlarm(w.ctx, &cloudwatch.PutCompositeAlarmInput{
		AlarmName: aws.String("page"), AlarmRule: aws.String(`ALARM("ratio")`), AlarmActions: []string{topic}, OKActions: []string{topic},
	}))
	assert.Equal(t, types.StateValueInsufficientData, w.state(t, "ratio"), "that is how an alarm begins")
	w.write(t, w.clock.Now(), "fine", "fine")
	w.becomes(t, "page", types.StateValueOk)
	assert.Equal(t, "page OK", w.page(t, queue, 5))

	started := w.clock.Now()
	w.write(t, started, "ERROR one", "ERROR two")
	assert.Equal(t, "page ALARM", w.page(t, queue, 10))
	assert.Less(t, w.clock.Now().Sub(started), 5*time.Minute, "simulated")
	assert.Equal(t, types.StateValueAlarm, w.state(t, "ratio"))
	w.becomes(t, "page", types.StateValueOk) // no more lines, no more errors
	assert.Equal(t, "page OK", w.page(t, queue, 10))

	history := must[cloudwatch.DescribeAlarmHistoryOutput](t)(w.metrics.DescribeAlarmHistory(w.ctx, &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: aws.String("page"), AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}, ScanBy: types.ScanByTimestampAscending,
	}))
	var summaries []string
	for _, item := range history.AlarmHistoryItems {
		assert.WithinDuration(t, started, *item.Timestamp, 30*time.Minute, "simulated")
		if item.HistoryItemType == types.HistoryItemTypeStateUpdate {
			summaries = append(summaries, *item.HistorySummary)
		}
	}
	assert.Equal(t, []string{
		"Alarm updated from INSUFFICIENT_DATA to OK", "Alarm updated from OK to ALARM", "Alarm updated from ALARM to OK",
	}, summaries)

	must[cloudwatch.DisableAlarmActionsOutput](t)(w.metrics.DisableAlarmActions(w.ctx, &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{"page"}}))
	w.write(t, w.clock.Now(), "ERROR three")
	w.becomes(t, "page", types.StateValueAlarm)
	w.becomes(t, "page", types.StateValueOk)
	assert.Empty(t, w.page(t, queue, 0), "actions that are disabled notify nobody")
	must[cloudwatch.EnableAlarmActionsOutput](t)(w.metrics.EnableAlarmActions(w.ctx, &cloudwatch.EnableAlarmActionsInput{AlarmNames: []string{"page"}}))

	must[cloudwatch.SetAlarmStateOutput](t)(w.metrics.SetAlarmState(w.ctx, &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("ratio"), StateValue: types.StateValueAlarm, StateReason: aws.String("by hand")}))
	assert.Equal(t, types.StateValueAlarm, w.state(t, "ratio"))
	assert.Equal(t, "page ALARM", w.page(t, queue, 10), "those that watch an alarm hear of a state that was set")
	w.becomes(t, "ratio", types.StateValueOk)
	assert.Equal(t, "page OK", w.page(t, queue, 10), "the next evaluation takes it back")
}
