package local_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/target/local/engine"
)

// bare is the Python side alone: no supervisor, and no control loop that reads its feed.
type bare struct {
	account
	t        *testing.T
	endpoint string
	instance string
}

// startBare writes the Python side out of the folder of the sources, and ends it with the test.
func startBare(t *testing.T) bare {
	t.Helper()
	engines, err := engine.Serve()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, engines.Close()) })
	const instance = "a0b1c2"
	//nolint:noctx // it ends with its stdin
	cmd := exec.Command(withMoto(t), "-B", "-m", "labctl_moto", instance, `["5.2.1"]`)
	cmd.Dir = "server"
	cmd.Env = append(os.Environ(), engine.Variable+"="+engines.URL, "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	ready, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err)
	var said struct{ Port int }
	require.NoError(t, json.Unmarshal(ready, &said))
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", said.Port)
	return bare{account: newAccount(t.Context(), endpoint), t: t, endpoint: endpoint, instance: instance}
}

// private calls an endpoint of the control loop.
func (b bare) private(method, path, body string) (status int, answer map[string]any) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.endpoint+"/labctl/"+path, strings.NewReader(body))
	require.NoError(b.t, err)
	req.Header.Set("Labctl-Instance", b.instance)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(b.t, err)
	defer resp.Body.Close()
	require.NoError(b.t, json.NewDecoder(resp.Body).Decode(&answer))
	return resp.StatusCode, answer
}

func (b bare) ask(method, path, body string) map[string]any {
	b.t.Helper()
	status, answer := b.private(method, path, body)
	require.Equal(b.t, http.StatusOK, status, answer)
	return answer
}

// feed reads on, and returns the kinds of the entries beside the answer.
func (b bare) feed(cursor, revision any) (answer map[string]any, kinds []string) {
	b.t.Helper()
	answer = b.ask(http.MethodGet, fmt.Sprintf("feed?cursor=%v&revision=%v", cursor, revision), "")
	for _, e := range answer["entries"].([]any) {
		kinds = append(kinds, e.(map[string]any)["kind"].(string))
	}
	return answer, kinds
}

func TestTheLoopReadsWhatCameInAndWhatIsDefined(t *testing.T) {
	t.Parallel()
	b := startBare(t)
	b.logGroup(t, "api", "one")
	b.putLines(t, "api", "one", line(time.Now(), "nobody counts this"))
	must[cloudwatchlogs.PutMetricFilterOutput](t)(b.logs.PutMetricFilter(b.ctx, &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName: aws.String("api"), FilterName: aws.String("slow"), FilterPattern: aws.String("{ $.ms > 1 }"),
		MetricTransformations: []logtypes.MetricTransformation{{
			MetricName: aws.String("Slow"), MetricNamespace: aws.String("lab"), MetricValue: aws.String("$.ms"), Dimensions: map[string]string{"Route": "$.route"},
		}},
	}))
	b.putLines(t, "api", "one", line(time.UnixMilli(time.Now().UnixMilli()), `{"ms":2}`))
	b.alarm(t, "one", func(in *cloudwatch.PutMetricAlarmInput) { in.Dimensions = dimensions("Route", "/") })
	require.NoError(t, b.composite("page", "ALARM(one)"))
	b.setState(t, "one", types.StateValueAlarm, "by hand")
	require.NoError(t, b.putData("lab", types.MetricDatum{MetricName: aws.String("M"), Values: []float64{1, 2}, Counts: []float64{1, 3}}))

	first, kinds := b.feed(0, 0)
	assert.Equal(t, []string{"line", "set", "point", "point"}, kinds)
	entries := first["entries"].([]any)
	assert.Subset(t, entries[0], map[string]any{"account": "123456789012", "region": "us-east-1", "group": "api", "stream": "one", "message": `{"ms":2}`})
	assert.Subset(t, entries[1], map[string]any{"alarm": "one", "state": "ALARM", "reason": "by hand", "notified": true})
	assert.Subset(t, entries[3], map[string]any{"namespace": "lab", "name": "M", "unit": "None", "count": 3.0, "sum": 6.0, "minimum": 2.0, "maximum": 2.0, "resolution": 60.0})
	defined := first["definitions"].(map[string]any)
	assert.Subset(t, defined["alarms"].([]any)[0], map[string]any{
		"Account": "123456789012", "Region": "us-east-1", "AlarmName": "one", "AlarmArn": alarmARN("one"), "Period": 60.0, "Threshold": 1.0, "StateValue": "ALARM",
		"TreatMissingData": "ignore", "ExtendedStatistic": "", "DatapointsToAlarm": 0.0, "Metrics": []any{}, "OKActions": []any{}, "ActionsEnabled": true,
		"Dimensions": []any{map[string]any{"Name": "Route", "Value": "/"}},
	})
	assert.Subset(t, defined["composites"].([]any)[0], map[string]any{"AlarmName": "page", "AlarmRule": "ALARM(one)", "ActionsSuppressor": "", "ActionsSuppressorWaitPeriod": 0.0})
	assert.Subset(t, defined["filters"].([]any)[0], map[string]any{"Account": "123456789012", "filterName": "slow", "logGroupName": "api", "metricTransformations": []any{map[string]any{
		"metricName": "Slow", "metricNamespace": "lab", "metricValue": "$.ms", "defaultValue": nil, "dimensions": map[string]any{"Route": "$.route"}, "unit": "None",
	}}})

	second, kinds := b.feed(first["cursor"], first["revision"])
	assert.Empty(t, kinds)
	assert.Nil(t, second["definitions"], "they have not changed")
	require.NoError(t, b.deleteAlarms("page"))
	third, _ := b.feed(second["cursor"], second["revision"])
	assert.Empty(t, third["definitions"].(map[string]any)["composites"])
}

func TestTheLoopWritesPointsAndStates(t *testing.T) {
	t.Parallel()
	b := startBare(t)
	at := time.Now().Add(-time.Hour).Truncate(time.Minute)
	b.ask(http.MethodPost, "points", fmt.Sprintf(`{"points":[{"account":"123456789012","region":"us-east-1","namespace":"lab","name":"Slow","dimensions":{"Route":"/"},
		"unit":"Milliseconds","at":%d,"count":2,"sum":5,"minimum":1,"maximum":4}]}`, at.UnixMilli()))
	statistics := must[cloudwatch.GetMetricStatisticsOutput](t)(b.metrics.GetMetricStatistics(b.ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("lab"), MetricName: aws.String("Slow"), Dimensions: dimensions("Route", "/"), Period: aws.Int32(60),
		StartTime: &at, EndTime: aws.Time(at.Add(time.Minute)), Statistics: []types.Statistic{types.StatisticSum},
	}))
	require.Len(t, statistics.Datapoints, 1)
	assert.InDelta(t, 5, *statistics.Datapoints[0].Sum, 0)
	answer, _ := b.feed(0, 0)
	assert.Subset(t, answer["entries"].([]any)[0], map[string]any{"kind": "point", "emitted": true})

	p := b.inbox(t, "pages", nil)
	b.alarm(t, "one")
	require.NoError(t, b.composite("page", "ALARM(one)", func(in *cloudwatch.PutCompositeAlarmInput) { in.AlarmActions = []string{p.topic} }))
	transition := func(alarm, state, actions, withheld string, at time.Time) map[string]any {
		return b.ask(http.MethodPost, "states", fmt.Sprintf(`{"transitions":[{"account":"123456789012","region":"us-east-1","alarm":"%s","state":"%s","reason":"because",
			"at":%d,"actions":%s,"withheld":"%s"}]}`, alarm, state, at.UnixMilli(), actions, withheld))
	}
	later := time.Now().Add(time.Minute).Truncate(time.Second)
	transition("one", "ALARM", "[]", "", later)
	read := b.metricAlarm(t, "one")
	assert.Equal(t, []any{types.StateValueAlarm, "because", later.UTC()}, []any{read.StateValue, *read.StateReason, read.StateTransitionedTimestamp.UTC()})
	transition("one", "OK", "[]", "", at)
	assert.Equal(t, later.UTC(), b.metricAlarm(t, "one").StateTransitionedTimestamp.UTC(), "a state does not change before it changed last")
	transition("one", "ALARM", "[]", "", later)

	suppressed := func() types.ActionsSuppressedBy {
		return b.describeAlarms(t, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"page"}, AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}}).CompositeAlarms[0].ActionsSuppressedBy
	}
	transition("page", "ALARM", "[]", "WaitPeriod", later)
	assert.Equal(t, types.ActionsSuppressedByWaitPeriod, suppressed())
	assert.Empty(t, b.notifications(t, p))
	answer = transition("page", "ALARM", fmt.Sprintf(`["%s","arn:aws:sns:us-east-1:123456789012:gone"]`, p.topic), "", later)
	assert.Empty(t, suppressed())
	got := b.notifications(t, p)
	require.Len(t, got, 1)
	assert.Equal(t, []string{"page", "ALARM", "ALARM(one)"}, []string{got[0].Message.AlarmName, got[0].Message.NewStateValue, got[0].Message.AlarmRule})
	assert.InDelta(t, 1, answer["published"], 0)
	assert.Equal(t, []any{map[string]any{"alarm": "page", "action": "arn:aws:sns:us-east-1:123456789012:gone", "problem": "Topic does not exist"}}, answer["failed"])
	history := b.history(t, "page", func(in *cloudwatch.DescribeAlarmHistoryInput) {
		in.AlarmTypes = []types.AlarmType{types.AlarmTypeCompositeAlarm}
	})
	assert.Equal(t, []string{
		`Alarm "page" created`, "Alarm updated from INSUFFICIENT_DATA to ALARM", "Successfully executed action " + p.topic,
		"Failed to execute action arn:aws:sns:us-east-1:123456789012:gone",
	}, summaries(history), "an action that is taken late is no second transition")
	assert.Equal(t, []any{"nobody"}, transition("nobody", "OK", "[]", "", later)["unknown"])
}

func TestTheServerGoesByTheClockOfTheLoop(t *testing.T) {
	t.Parallel()
	b := startBare(t)
	b.alarm(t, "real")
	assert.WithinDuration(t, time.Now(), *b.metricAlarm(t, "real").StateUpdatedTimestamp, 2*time.Second)
	start := time.Now().Add(-10 * 24 * time.Hour)
	b.ask(http.MethodPost, "clock", fmt.Sprintf(`{"now":%d,"speed":600}`, start.UnixMilli()))
	datum := func(at time.Time) types.MetricDatum {
		return types.MetricDatum{MetricName: aws.String("M"), Value: aws.Float64(1), Timestamp: &at}
	}
	require.NoError(t, b.putData("lab", datum(start.Add(-13*24*time.Hour))))
	require.Error(t, b.putData("lab", datum(time.Now())), "that is days ahead")
	b.logGroup(t, "api", "one")
	out := b.putLines(t, "api", "one", line(start.Add(-13*24*time.Hour), "good"), line(time.Now(), "new"))
	assert.Equal(t, int32(1), *out.RejectedLogEventsInfo.TooNewLogEventStartIndex)
	time.Sleep(100 * time.Millisecond)
	b.alarm(t, "simulated")
	assert.WithinRange(t, *b.metricAlarm(t, "simulated").StateUpdatedTimestamp, start.Add(time.Minute), start.Add(10*time.Hour), "a tenth of a second is a minute")
}

func TestThePrivateEndpointsRefuseStrangersAndNonsense(t *testing.T) {
	t.Parallel()
	b := startBare(t)
	for name, c := range map[string]struct {
		method, path, body string
		status             int
	}{
		"an unknown endpoint": {http.MethodGet, "nothing", "", http.StatusNotFound},
		"another method":      {http.MethodPost, "feed?cursor=0&revision=0", "", http.StatusNotFound},
		"no cursor":           {http.MethodGet, "feed", "", http.StatusBadRequest},
		"no number":           {http.MethodGet, "feed?cursor=a&revision=0", "", http.StatusBadRequest},
		"no JSON":             {http.MethodPost, "states", "{", http.StatusBadRequest},
		"no transitions":      {http.MethodPost, "states", "{}", http.StatusBadRequest},
	} {
		status, answer := b.private(c.method, c.path, c.body)
		assert.Equal(t, c.status, status, name)
		assert.NotEmpty(t, answer["error"], name)
	}
	b.instance = "another"
	status, _ := b.private(http.MethodGet, "feed?cursor=0&revision=0", "")
	assert.Equal(t, http.StatusForbidden, status)
}
