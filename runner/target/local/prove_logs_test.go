package local_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logGroup makes a log group with streams.
func (a account) logGroup(t T, name string, streams ...string) {
	must[cloudwatchlogs.CreateLogGroupOutput](t)(a.logs.CreateLogGroup(a.ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name}))
	for _, stream := range streams {
		must[cloudwatchlogs.CreateLogStreamOutput](t)(a.logs.CreateLogStream(a.ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &name, LogStreamName: &stream}))
	}
}

func line(at time.Time, message string) types.InputLogEvent {
	return types.InputLogEvent{Timestamp: aws.Int64(at.UnixMilli()), Message: &message}
}

func (a account) putLines(t T, group, stream string, lines ...types.InputLogEvent) *cloudwatchlogs.PutLogEventsOutput {
	return must[cloudwatchlogs.PutLogEventsOutput](t)(a.logs.PutLogEvents(a.ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &stream, LogEvents: lines}))
}

// findLines returns the messages that match a pattern.
func (a account) findLines(group, pattern string) ([]string, error) {
	out, err := a.logs.FilterLogEvents(a.ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, FilterPattern: &pattern})
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range out.Events {
		found = append(found, *e.Message)
	}
	return found, nil
}

func proveLogEventTimes(t T, a account) {
	a.logGroup(t, "times", "api")
	now := time.Now()
	out := a.putLines(t, "times", "api", line(now.Add(-16*24*time.Hour), "older"), line(now.Add(-15*24*time.Hour), "old"), line(now, "good"),
		line(now.Add(time.Hour), "good too"), line(now.Add(3*time.Hour), "new"), line(now.Add(4*time.Hour), "newer"))
	require.NotNil(t, out.RejectedLogEventsInfo)
	assert.Equal(t, int32(2), *out.RejectedLogEventsInfo.TooOldLogEventEndIndex, "exclusive")
	assert.Equal(t, int32(4), *out.RejectedLogEventsInfo.TooNewLogEventStartIndex, "inclusive")
	found, err := a.findLines("times", "")
	require.NoError(t, err)
	assert.Equal(t, []string{"good", "good too"}, found)
}

func proveLogPatterns(t T, a account) {
	test := func(pattern string, messages ...string) (*cloudwatchlogs.TestMetricFilterOutput, error) {
		return a.logs.TestMetricFilter(a.ctx, &cloudwatchlogs.TestMetricFilterInput{FilterPattern: &pattern, LogEventMessages: messages})
	}
	out := must[cloudwatchlogs.TestMetricFilterOutput](t)(test(`{ ($.status >= 500) && ($.route = "/pay*") }`,
		`{"status":200,"route":"/pay"}`, `{"status":503,"route":"/payments","ms":7}`, `no JSON`))
	require.Len(t, out.Matches, 1)
	assert.Equal(t, int64(2), out.Matches[0].EventNumber)
	assert.Equal(t, map[string]string{"$.status": "503", "$.route": "/payments"}, out.Matches[0].ExtractedValues)
	out = must[cloudwatchlogs.TestMetricFilterOutput](t)(test(`[ip, status = 4*, bytes]`, "127.0.0.1 404 12", "127.0.0.1 200 12"))
	require.Len(t, out.Matches, 1)
	assert.Equal(t, "12", out.Matches[0].ExtractedValues["$bytes"])
	_, err := test(`{ $.status >= }`, "a")
	requireCode(t, err, "InvalidParameterException")

	a.logGroup(t, "patterns", "one", "two")
	now := time.Now()
	a.putLines(t, "patterns", "one", line(now.Add(-3*time.Minute), `{"trace_id":"1-a","n":1}`), line(now.Add(-time.Minute), `{"trace_id":"1-a","n":3}`))
	a.putLines(t, "patterns", "two", line(now.Add(-2*time.Minute), `{"trace_id":"1-a","n":2}`), line(now, `{"trace_id":"1-b","n":4}`))
	for pattern, want := range map[string][]string{
		`{ $.trace_id = "1-a" }`: {`{"trace_id":"1-a","n":1}`, `{"trace_id":"1-a","n":2}`, `{"trace_id":"1-a","n":3}`},
		`{ $.n > 3 }`:            {`{"trace_id":"1-b","n":4}`},
		`"1-b"`:                  {`{"trace_id":"1-b","n":4}`},
		`{ $.n = 9 }`:            nil,
	} {
		found, err := a.findLines("patterns", pattern)
		require.NoError(t, err)
		assert.Equal(t, want, found, pattern)
	}
	_, err = a.findLines("patterns", "{ $.n > }")
	requireCode(t, err, "InvalidParameterException")
}

// proveRefusedFilters is the part of the proof of metric filters that is about what CloudWatch Logs refuses.
func proveRefusedFilters(t T, a account, group string) {
	for problem, c := range map[string]struct {
		pattern string
		metric  types.MetricTransformation
	}{
		"exclusive":  {"{ $.a = 1 }", types.MetricTransformation{MetricValue: aws.String("1"), DefaultValue: aws.Float64(0), Dimensions: map[string]string{"A": "$.a"}}},
		"pattern":    {"{ $.a = }", types.MetricTransformation{MetricValue: aws.String("1")}},
		"no values":  {"ERROR", types.MetricTransformation{MetricValue: aws.String("$.ms")}},
		"neither":    {"ERROR", types.MetricTransformation{MetricValue: aws.String("many")}},
		"no field":   {"{ $.a = 1 }", types.MetricTransformation{MetricValue: aws.String("1"), Dimensions: map[string]string{"A": "a"}}},
		"dimensions": {"{ $.a = 1 }", types.MetricTransformation{MetricValue: aws.String("1"), Dimensions: map[string]string{"A": "$.a", "B": "$.b", "C": "$.c", "D": "$.d"}}},
	} {
		c.metric.MetricName, c.metric.MetricNamespace = aws.String("M"), aws.String("lab")
		_, err := a.logs.PutMetricFilter(a.ctx, &cloudwatchlogs.PutMetricFilterInput{
			LogGroupName: &group, FilterName: aws.String("refused"), FilterPattern: &c.pattern, MetricTransformations: []types.MetricTransformation{c.metric},
		})
		requireCode(t, err, "InvalidParameterException")
		assert.ErrorContains(t, err, problem)
	}
}
