package emit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"labctl/checks/inventory"
	"labctl/labs"
)

// Services are the names of the services in lines and segments, and of their log groups.
type Services struct {
	API      string
	Payments string // "" where the architecture has none
}

// logsAPI and tracesAPI are what a Writer needs of AWS.
type logsAPI interface {
	CreateLogStream(context.Context, *cloudwatchlogs.CreateLogStreamInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogStreamOutput, error)
	PutLogEvents(context.Context, *cloudwatchlogs.PutLogEventsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutLogEventsOutput, error)
}

type tracesAPI interface {
	PutTraceSegments(context.Context, *xray.PutTraceSegmentsInput, ...func(*xray.Options)) (*xray.PutTraceSegmentsOutput, error)
}

// Writer writes to the log groups of a live lab, and to X-Ray. It is for one goroutine.
type Writer struct {
	Services
	logs   logsAPI
	traces tracesAPI
	stream string

	lines    map[string][]logtypes.InputLogEvent // by log group, not yet written
	segments []string                            // not yet written

	// What was written, and why traces were not.
	Requests, Failed, Lines, Traces int
	Untraced                        error
	Example                         string // the trace id of a failed request that was traced
}

// Open finds the run's log groups by their role and begins a stream in each.
func Open(ctx context.Context, live labs.Live) (*Writer, error) {
	groups, err := live.Inventory.ScopeLogGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("finding the log groups: %w", err)
	}
	services := servicesOf(groups)
	if services.API == "" {
		return nil, fmt.Errorf("no log group of the run carries %s=api: there is nowhere to write to", roleTag)
	}
	stream := fmt.Sprintf("labctl-emit-%d", time.Now().UnixNano())
	return open(ctx, cloudwatchlogs.NewFromConfig(live.Config), xray.NewFromConfig(live.Config), services, stream)
}

const roleTag = "labctl:role"

func servicesOf(groups []inventory.LogGroup) Services {
	var s Services
	for _, g := range groups {
		switch g.Tags[roleTag] {
		case "api":
			s.API = g.LogGroupName
		case "payments":
			s.Payments = g.LogGroupName
		}
	}
	return s
}

func open(ctx context.Context, logs logsAPI, traces tracesAPI, services Services, stream string) (*Writer, error) {
	w := &Writer{Services: services, logs: logs, traces: traces, stream: stream, lines: map[string][]logtypes.InputLogEvent{}}
	for _, group := range []string{services.API, services.Payments} {
		if group == "" {
			continue
		}
		if _, err := logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream}); err != nil {
			return nil, fmt.Errorf("beginning a stream in log group %s: %w", group, err)
		}
	}
	return w, nil
}

// Request takes in a request that was answered at a moment: its lines, and its segments if it was traced.
func (w *Writer) Request(r Request, at time.Time) {
	w.Requests++
	if r.Failed() {
		w.Failed++
	}
	w.line(w.API, at, r.answered(w.API, at))
	if r.behind > 0 && w.Payments != "" {
		w.line(w.Payments, at.Add(-time.Millisecond), r.asked(w.Payments, at))
	}
	if !r.Traced || w.Untraced != nil {
		return
	}
	w.Traces++
	w.segments = append(w.segments, r.segments(w.Services, at)...)
	if r.Failed() {
		w.Example = r.TraceID(at)
	}
}

// Heartbeat takes in the API's line of a minute.
func (w *Writer) Heartbeat(at time.Time) { w.line(w.API, at, heartbeat(w.API, at)) }

func (w *Writer) line(group string, at time.Time, text string) {
	w.Lines++
	w.lines[group] = append(w.lines[group], logtypes.InputLogEvent{Timestamp: aws.Int64(at.UnixMilli()), Message: &text})
}

// Flush writes what was taken in. Where X-Ray takes nothing, lines are written all the same.
func (w *Writer) Flush(ctx context.Context) error {
	for _, group := range []string{w.Payments, w.API} { // the API's are counted, by then all is there
		for _, batch := range batches(w.lines[group]) {
			out, err := w.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &w.stream, LogEvents: batch})
			if err != nil {
				return fmt.Errorf("writing lines to log group %s: %w", group, err)
			}
			if out.RejectedLogEventsInfo != nil {
				return fmt.Errorf("log group %s took some of the lines only: their times are too old or too new for it", group)
			}
		}
		delete(w.lines, group)
	}
	if err := w.flushSegments(ctx); err != nil && ctx.Err() == nil {
		w.Untraced, w.Traces, w.Example = err, 0, ""
	}
	w.segments = nil
	return ctx.Err()
}

// mostSegments is how many segment documents a call takes.
// https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html
const mostSegments = 50

func (w *Writer) flushSegments(ctx context.Context) error {
	for batch := range slices.Chunk(w.segments, mostSegments) {
		out, err := w.traces.PutTraceSegments(ctx, &xray.PutTraceSegmentsInput{TraceSegmentDocuments: batch})
		if err != nil {
			return fmt.Errorf("writing traces: %w", err)
		}
		if len(out.UnprocessedTraceSegments) > 0 {
			first := out.UnprocessedTraceSegments[0]
			return errors.New("writing traces: X-Ray did not take a segment: " + aws.ToString(first.ErrorCode) + " " + aws.ToString(first.Message))
		}
	}
	return nil
}

// The limits of a call of PutLogEvents.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const (
	mostLines  = 10_000
	mostBytes  = 1_048_576
	eventBytes = 26 // what each event costs besides its text
	mostSpan   = 24 * time.Hour
)

// batches puts lines into the order of time and into calls.
func batches(lines []logtypes.InputLogEvent) [][]logtypes.InputLogEvent {
	slices.SortStableFunc(lines, func(a, b logtypes.InputLogEvent) int { return int(*a.Timestamp - *b.Timestamp) })
	var out [][]logtypes.InputLogEvent
	begin, size := 0, 0
	for i, l := range lines {
		cost := len(*l.Message) + eventBytes
		full := i-begin == mostLines || size+cost > mostBytes || *l.Timestamp-*lines[begin].Timestamp >= mostSpan.Milliseconds()
		if full && i > begin {
			out = append(out, lines[begin:i])
			begin, size = i, 0
		}
		size += cost
	}
	if begin < len(lines) {
		out = append(out, lines[begin:])
	}
	return out
}
