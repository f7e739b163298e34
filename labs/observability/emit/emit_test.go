package emit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	xraytypes "github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
	"labctl/labs"
	"labctl/labs/clock"
)

var at = time.Date(2030, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

// fakeAWS takes what a Writer writes.
type fakeAWS struct {
	calls    []int // lines in each call of PutLogEvents
	lines    map[string][]string
	times    []time.Time // of the calls
	segments []string
	rejects  bool
	noTraces error
	noLines  error
}

func (f *fakeAWS) CreateLogStream(context.Context, *cloudwatchlogs.CreateLogStreamInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogStreamOutput, error) {
	return &cloudwatchlogs.CreateLogStreamOutput{}, f.noLines
}

func (f *fakeAWS) PutLogEvents(_ context.Context, in *cloudwatchlogs.PutLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutLogEventsOutput, error) {
	if f.noLines != nil {
		return nil, f.noLines
	}
	f.calls, f.times = append(f.calls, len(in.LogEvents)), append(f.times, time.Now())
	for _, e := range in.LogEvents {
		f.lines[*in.LogGroupName] = append(f.lines[*in.LogGroupName], *e.Message)
	}
	out := &cloudwatchlogs.PutLogEventsOutput{}
	if f.rejects {
		out.RejectedLogEventsInfo = &logtypes.RejectedLogEventsInfo{TooNewLogEventStartIndex: aws.Int32(0)}
	}
	return out, nil
}

func (f *fakeAWS) PutTraceSegments(_ context.Context, in *xray.PutTraceSegmentsInput, _ ...func(*xray.Options)) (*xray.PutTraceSegmentsOutput, error) {
	if f.noTraces != nil {
		return nil, f.noTraces
	}
	if len(in.TraceSegmentDocuments) > mostSegments {
		return nil, errors.New("too many segments")
	}
	f.segments = append(f.segments, in.TraceSegmentDocuments...)
	return &xray.PutTraceSegmentsOutput{}, nil
}

func opened(t *testing.T) (*Writer, *fakeAWS) {
	t.Helper()
	f := &fakeAWS{lines: map[string][]string{}}
	w, err := open(t.Context(), f, f, Services{API: "x-api", Payments: "x-payments"}, "stream")
	require.NoError(t, err)
	return w, f
}

func profile(t *testing.T, name string) Profile {
	t.Helper()
	p, ok := ByName(name)
	require.True(t, ok)
	return p
}

func TestProfilesAreWhatTheirTextsSay(t *testing.T) {
	for _, c := range []struct {
		profile      string
		failed, slow [2]int // of 20,000 requests, at least and at most
	}{
		{"healthy", [2]int{2, 2}, [2]int{0, 0}},
		{"leak", [2]int{400, 400}, [2]int{0, 0}},
		{"outage", [2]int{20_000, 20_000}, [2]int{0, 0}},
		{"slow", [2]int{2, 2}, [2]int{400, 600}},
	} {
		made, failed, slow, payments := New(profile(t, c.profile), 200, 7), 0, 0, 0
		for minute := range 100 {
			for _, r := range made.Minute(minute) {
				if r.Failed() {
					failed++
				}
				if r.Route == "/payments" {
					payments++
				}
				if r.Latency > time.Second {
					slow++
					assert.Equal(t, "/payments", r.Route)
				}
			}
		}
		assert.InDelta(t, 10_000, payments, 500, "half of them are payments")
		assert.GreaterOrEqual(t, failed, c.failed[0], c.profile)
		assert.LessOrEqual(t, failed, c.failed[1], c.profile)
		assert.GreaterOrEqual(t, slow, c.slow[0], c.profile)
		assert.LessOrEqual(t, slow, c.slow[1], c.profile)
	}
	_, ok := ByName("leaky")
	assert.False(t, ok)
}

func TestTheSameSeedMakesTheSameRequests(t *testing.T) {
	leak := profile(t, "leak")
	one, same, other := New(leak, 120, 7), New(leak, 120, 7), New(leak, 120, 8)
	assert.Equal(t, one.Minute(3), same.Minute(3))
	assert.NotEqual(t, one.Minute(3), other.Minute(3))
	assert.NotEqual(t, one.Minute(3), same.Minute(4))
	assert.Equal(t, one.Failing(), same.Failing())
	requests := one.Minute(3)
	for i, r := range requests {
		assert.Less(t, r.After, time.Minute)
		assert.True(t, i == 0 || requests[i-1].After <= r.After)
		early, late := r.TraceID(at), r.TraceID(at.Add(time.Hour))
		assert.Equal(t, strings.SplitN(early, "-", 3)[2], strings.SplitN(late, "-", 3)[2], "the id is the same but for its time")
	}
}

func TestLinesHaveTheSchemaOfTheLab(t *testing.T) {
	w, f := opened(t)
	r := New(profile(t, "outage"), 1, 1).Failing()
	w.Heartbeat(at)
	w.Request(r, at)
	require.NoError(t, w.Flush(t.Context()))

	require.Len(t, f.lines["x-api"], 2)
	var beat, line map[string]any
	require.NoError(t, json.Unmarshal([]byte(f.lines["x-api"][0]), &beat))
	assert.Equal(t, map[string]any{"time": "2030-01-02T03:04:05.678Z", "level": "INFO", "service": "x-api", "event": "heartbeat", "message": "still here"}, beat)
	require.NoError(t, json.Unmarshal([]byte(f.lines["x-api"][1]), &line))
	for field, want := range map[string]any{"event": "request", "level": "ERROR", "status": 503.0, "route": "/payments", "method": "POST", "trace_id": r.TraceID(at)} {
		assert.Equal(t, want, line[field], field)
	}
	assert.Positive(t, line["latency_ms"])
	assert.NotEmpty(t, line["request_id"])
	assert.NotEmpty(t, line["user_id"])
	require.Len(t, f.lines["x-payments"], 1)
	assert.Contains(t, f.lines["x-payments"][0], r.TraceID(at))
	assert.Contains(t, f.lines["x-payments"][0], `"level":"ERROR"`)
	assert.Equal(t, r.TraceID(at), w.Example)
}

func TestSegmentsOfARequestAreOneTraceOverBothHops(t *testing.T) {
	w, f := opened(t)
	r := New(profile(t, "outage"), 1, 1).Failing()
	w.Request(r, at)
	require.NoError(t, w.Flush(t.Context()))
	require.Len(t, f.segments, 2)
	var api, behind segment
	require.NoError(t, json.Unmarshal([]byte(f.segments[0]), &api))
	require.NoError(t, json.Unmarshal([]byte(f.segments[1]), &behind))
	assert.Equal(t, r.TraceID(at), api.TraceID)
	assert.Equal(t, r.TraceID(at), behind.TraceID)
	require.Len(t, api.Subsegments, 1)
	assert.Equal(t, api.Subsegments[0].ID, behind.ParentID, "the service is the child of the call")
	assert.Equal(t, []string{"x-api", "x-payments", "x-payments"}, []string{api.Name, api.Subsegments[0].Name, behind.Name})
	assert.True(t, api.Fault && behind.Fault)
	assert.LessOrEqual(t, api.StartTime, behind.StartTime)
	assert.GreaterOrEqual(t, api.EndTime, behind.EndTime)
	assert.Regexp(t, `^1-[0-9a-f]{8}-[0-9a-f]{24}$`, api.TraceID)
	assert.Regexp(t, `^[0-9a-f]{16}$`, api.ID)
}

func TestCallsKeepTheLimitsOfPutLogEvents(t *testing.T) {
	event := func(after time.Duration, size int) logtypes.InputLogEvent {
		return logtypes.InputLogEvent{Timestamp: aws.Int64(at.Add(after).UnixMilli()), Message: aws.String(strings.Repeat("x", size))}
	}
	var many, large []logtypes.InputLogEvent
	for i := range 25_000 {
		many = append(many, event(time.Duration(-i)*time.Millisecond, 1))
	}
	for range 30 {
		large = append(large, event(0, 100_000))
	}
	for _, c := range []struct {
		name  string
		lines []logtypes.InputLogEvent
		want  []int
	}{
		{"none", nil, nil},
		{"10,000 events", many, []int{10_000, 10_000, 5_000}},
		{"1 MiB with 26 bytes for each event", large, []int{10, 10, 10}},
		{"less than 24 hours", []logtypes.InputLogEvent{event(0, 1), event(24*time.Hour-time.Millisecond, 1), event(24*time.Hour, 1)}, []int{2, 1}},
	} {
		var sizes []int
		for _, batch := range batches(c.lines) {
			sizes = append(sizes, len(batch))
			for i := range batch {
				assert.True(t, i == 0 || *batch[i-1].Timestamp <= *batch[i].Timestamp, "in the order of time")
			}
		}
		assert.Equal(t, c.want, sizes, c.name)
	}
}

func TestWhereTracesAreNotTakenLinesAre(t *testing.T) {
	w, f := opened(t)
	f.noTraces = errors.New("not implemented")
	made := New(profile(t, "outage"), 600, 1)
	for _, r := range made.Minute(0) {
		w.Request(r, at.Add(r.After))
	}
	require.NoError(t, w.Flush(t.Context()))
	require.ErrorIs(t, w.Untraced, f.noTraces)
	assert.Len(t, f.lines["x-api"], 600)
	assert.Zero(t, w.Traces)
	assert.Empty(t, w.Example)

	f.rejects = true
	w.Heartbeat(at)
	assert.ErrorContains(t, w.Flush(t.Context()), "too old or too new")
	f.noLines = errors.New("it is gone")
	w.Heartbeat(at)
	assert.ErrorIs(t, w.Flush(t.Context()), f.noLines)
}

// A segment that X-Ray does not take is in its answer, not an error of the call.
func TestASegmentThatIsNotTakenIsNoTrace(t *testing.T) {
	w, f := opened(t)
	w.traces = refusingTraces{f}
	w.Request(New(profile(t, "outage"), 1, 1).Failing(), at)
	require.NoError(t, w.Flush(t.Context()))
	assert.ErrorContains(t, w.Untraced, "InvalidTraceId")
}

type refusingTraces struct{ *fakeAWS }

func (refusingTraces) PutTraceSegments(context.Context, *xray.PutTraceSegmentsInput, ...func(*xray.Options)) (*xray.PutTraceSegmentsOutput, error) {
	return &xray.PutTraceSegmentsOutput{UnprocessedTraceSegments: []xraytypes.UnprocessedTraceSegment{{ErrorCode: aws.String("InvalidTraceId")}}}, nil
}

func paced(w *Writer, c clock.Clock, minutes int) *pace {
	p, _ := ByName("leak")
	return &pace{Writer: w, made: New(p, 120, 1), clock: c, minutes: minutes, show: func(labs.Progress) {}}
}

func TestTrafficComesAsTheClockGoes(t *testing.T) {
	for _, c := range []struct {
		speed int
		takes time.Duration
		calls [2]int
	}{{1, 2 * time.Minute, [2]int{200, 250}}, {60, 2 * time.Second, [2]int{16, 24}}} {
		synctest.Test(t, func(t *testing.T) {
			w, f := opened(t)
			began := time.Now()
			clock := clock.Clock{Started: began, Speed: c.speed}
			to, err := paced(w, clock, 2).write(t.Context(), clock.Now())
			require.NoError(t, err)
			assert.Equal(t, c.takes, time.Since(began).Round(10*time.Millisecond))
			assert.WithinDuration(t, clock.Now(), to, time.Second)
			assert.Equal(t, 240, w.Requests)
			assert.Len(t, f.lines["x-api"], 242, "a heartbeat each minute")
			assert.GreaterOrEqual(t, len(f.calls), c.calls[0], "a call for two groups each time")
			assert.LessOrEqual(t, len(f.calls), c.calls[1])
		})
	}
}

func TestMinutesThatAreOverAreWrittenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, f := opened(t)
		began := time.Now()
		p := paced(w, clock.Clock{}, 60)
		var shown []int
		p.show = func(at labs.Progress) { shown = append(shown, at.Done*100/at.Total) }
		_, err := p.write(t.Context(), began.Add(-time.Hour))
		require.NoError(t, err)
		assert.Equal(t, []int{33, 66, 100}, shown)
		assert.Zero(t, time.Since(began))
		assert.Equal(t, 7200, w.Requests)
		assert.Equal(t, 144, w.Failed)
		assert.Len(t, f.calls, 6, "two groups, twenty minutes each time")
	})
}

func TestAnInterruptEndsTrafficBetweenTwoRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := opened(t)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := paced(w, clock.Clock{}, 60).write(ctx, time.Now())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.InDelta(t, 60, w.Requests, 2)
	})
}

func TestLogGroupsAreFoundByTheirRole(t *testing.T) {
	groups := []inventory.LogGroup{
		{LogGroupName: "b", Tags: map[string]string{roleTag: "payments"}}, {LogGroupName: "a", Tags: map[string]string{roleTag: "api"}}, {LogGroupName: "c"},
	}
	assert.Equal(t, Services{API: "a", Payments: "b"}, servicesOf(groups))
	w, f := opened(t)
	w.Payments = ""
	w.Request(New(profile(t, "outage"), 1, 1).Failing(), at)
	require.NoError(t, w.Flush(t.Context()))
	assert.Len(t, f.lines, 1, "an architecture without the service behind has no lines of it")
	assert.Len(t, f.segments, 1)
}

func TestWhatToLookAtNextNamesTheRunAndATrace(t *testing.T) {
	w, _ := opened(t)
	assert.Len(t, next("x", w), 2)
	w.Example = "1-2-3"
	assert.Contains(t, fmt.Sprint(next("x", w)), "batch-get-traces --trace-ids 1-2-3")
}
