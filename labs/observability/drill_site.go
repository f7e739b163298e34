package observability

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"labctl/labs"
	"labctl/labs/observability/emit"
)

// The states of alarms.
const (
	inAlarm      = "ALARM"
	content      = "OK"
	withoutData  = "INSUFFICIENT_DATA"
	stateReading = 100 // alarms that a call describes at most
)

// The profiles of the drills' traffic, and its seed: the first hours of ordinary traffic with it have no request that fails. One
// that fails among the last before a drill ends would be most of what is left in a window soon after, and page.
const (
	healthyTraffic = "healthy"
	outageTraffic  = "outage"
	quietSeed      = 1
)

// standing is the state of an alarm, and since when it has been in it.
type standing struct {
	State, Reason string
	Since         time.Time
}

// site is what the drills ask of the lab.
type site interface {
	// write writes traffic of a profile, as it comes, until ctx ends.
	write(ctx context.Context, profile string) error
	// writePast writes ordinary traffic into minutes that are over, at once, and says how many requests.
	writePast(ctx context.Context, minutes []time.Time) (int, error)
	// ask writes a request that fails and one that does not, both traced, as answered at a moment.
	ask(ctx context.Context, at time.Time) (asked, error)

	states(ctx context.Context, alarms []string) (map[string]standing, error)
	set(ctx context.Context, alarm, state, reason string) error
	// told is what an alarm has tried to tell somebody since a moment, and what became of it.
	told(ctx context.Context, alarm string, since time.Time) ([]string, error)

	publish(ctx context.Context, topic, text string) error
	// receive gets up to ten letters, and hides them for a while.
	receive(ctx context.Context, queue string) ([]letter, error)
	remove(ctx context.Context, queue string, l letter) error

	// lines are those of a log group that a pattern matches, from a moment on.
	lines(ctx context.Context, group, pattern string, since time.Time) ([]string, error)
	// segments are the documents of a trace; none where there is no such trace.
	segments(ctx context.Context, trace string) ([]string, error)
	// traces are the ids of those that a filter expression selects.
	traces(ctx context.Context, expression string, from, to time.Time) ([]string, error)
}

// asked is what was written of two requests.
type asked struct {
	Services         emit.Services
	Failed, Answered string // trace ids
	Untraced         string // why X-Ray did not take their segments; "" where it did
}

// accountSite is the lab as it is in the account.
type accountSite struct{ live labs.Live }

func (s accountSite) write(ctx context.Context, profile string) error {
	const day = 24 * 60 // longer than any drill
	_, err := emit.Write(ctx, s.live, labs.Emission{Profile: profile, Minutes: day, Rate: drillRate, Seed: quietSeed}, func(labs.Progress) {})
	return err
}

func (s accountSite) writePast(ctx context.Context, minutes []time.Time) (int, error) {
	w, err := emit.Open(ctx, s.live)
	if err != nil {
		return 0, err
	}
	const atOnce = 60 // minutes
	made := emit.New(emit.Profile{}, drillRate, quietSeed)
	for n, began := range minutes {
		w.Heartbeat(began)
		for _, r := range made.Minute(n) {
			w.Request(r, began.Add(r.After))
		}
		if (n+1)%atOnce == 0 || n == len(minutes)-1 {
			if err := w.Flush(ctx); err != nil {
				return w.Requests, err
			}
		}
	}
	return w.Requests, nil
}

func (s accountSite) ask(ctx context.Context, at time.Time) (asked, error) {
	w, err := emit.Open(ctx, s.live)
	if err != nil {
		return asked{}, err
	}
	outage, _ := emit.ByName(outageTraffic)
	seed := uint64(at.UnixNano()) //nolint:gosec // a number like any other
	failed, answered := emit.New(outage, 1, seed).Failing(), emit.New(emit.Profile{}, 1, seed).Answered()
	w.Request(failed, at)
	w.Request(answered, at)
	if err := w.Flush(ctx); err != nil {
		return asked{}, err
	}
	out := asked{Services: w.Services, Failed: failed.TraceID(at), Answered: answered.TraceID(at)}
	if w.Untraced != nil {
		out.Untraced = w.Untraced.Error()
	}
	return out, nil
}

func (s accountSite) states(ctx context.Context, alarms []string) (map[string]standing, error) {
	found := map[string]standing{}
	for names := range slices.Chunk(alarms, stateReading) {
		out, err := cloudwatch.NewFromConfig(s.live.Config).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: names, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}, MaxRecords: aws.Int32(stateReading),
		})
		if err != nil {
			return nil, fmt.Errorf("reading the states of the alarms: %w", err)
		}
		for _, one := range out.MetricAlarms {
			found[aws.ToString(one.AlarmName)] = standing{string(one.StateValue), aws.ToString(one.StateReason), since(one.StateTransitionedTimestamp, one.StateUpdatedTimestamp)}
		}
		for _, one := range out.CompositeAlarms {
			found[aws.ToString(one.AlarmName)] = standing{string(one.StateValue), aws.ToString(one.StateReason), since(one.StateTransitionedTimestamp, one.StateUpdatedTimestamp)}
		}
	}
	return found, nil
}

// since is when a state began; the last update where that is not told.
func since(transitioned, updated *time.Time) time.Time {
	if transitioned != nil {
		return *transitioned
	}
	return aws.ToTime(updated)
}

func (s accountSite) set(ctx context.Context, alarm, state, reason string) error {
	_, err := cloudwatch.NewFromConfig(s.live.Config).SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: &alarm, StateValue: types.StateValue(state), StateReason: &reason})
	if err != nil {
		return fmt.Errorf("setting alarm %s to %s: %w", alarm, state, err)
	}
	return nil
}

func (s accountSite) told(ctx context.Context, alarm string, since time.Time) ([]string, error) {
	out, err := cloudwatch.NewFromConfig(s.live.Config).DescribeAlarmHistory(ctx, &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: &alarm, StartDate: &since, HistoryItemType: types.HistoryItemTypeAction,
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	})
	if err != nil {
		return nil, fmt.Errorf("reading the history of alarm %s: %w", alarm, err)
	}
	var found []string
	for _, item := range out.AlarmHistoryItems {
		found = append(found, aws.ToString(item.HistorySummary))
	}
	return found, nil
}

func (s accountSite) publish(ctx context.Context, topic, text string) error {
	if _, err := sns.NewFromConfig(s.live.Config).Publish(ctx, &sns.PublishInput{TopicArn: &topic, Message: &text}); err != nil {
		return fmt.Errorf("publishing to %s: %w", topic, err)
	}
	return nil
}

// receive waits a second where a second is one: SQS asks all of its servers then. On a fast clock that is too long.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
func (s accountSite) receive(ctx context.Context, queue string) ([]letter, error) {
	const most = 10
	in := &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: most, VisibilityTimeout: int32(hidden / time.Second)}
	if s.live.Clock.SpeedAt(time.Now()) == 1 {
		in.WaitTimeSeconds = 1
	}
	out, err := sqs.NewFromConfig(s.live.Config).ReceiveMessage(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("receiving from %s: %w", queue, err)
	}
	found := make([]letter, len(out.Messages))
	for n, m := range out.Messages {
		found[n] = letter{aws.ToString(m.MessageId), aws.ToString(m.Body), aws.ToString(m.ReceiptHandle)}
	}
	return found, nil
}

func (s accountSite) remove(ctx context.Context, queue string, l letter) error {
	if _, err := sqs.NewFromConfig(s.live.Config).DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: &l.Receipt}); err != nil {
		return fmt.Errorf("deleting a message from %s: %w", queue, err)
	}
	return nil
}

func (s accountSite) lines(ctx context.Context, group, pattern string, since time.Time) ([]string, error) {
	var found []string
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(cloudwatchlogs.NewFromConfig(s.live.Config), &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &group, FilterPattern: &pattern, StartTime: aws.Int64(since.UnixMilli()),
	})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("searching log group %s for %s: %w", group, pattern, err)
		}
		for _, event := range out.Events {
			found = append(found, aws.ToString(event.Message))
		}
	}
	return found, nil
}

func (s accountSite) segments(ctx context.Context, trace string) ([]string, error) {
	out, err := xray.NewFromConfig(s.live.Config).BatchGetTraces(ctx, &xray.BatchGetTracesInput{TraceIds: []string{trace}})
	if err != nil {
		return nil, fmt.Errorf("reading trace %s: %w", trace, err)
	}
	var found []string
	for _, one := range out.Traces {
		for _, segment := range one.Segments {
			found = append(found, aws.ToString(segment.Document))
		}
	}
	return found, nil
}

func (s accountSite) traces(ctx context.Context, expression string, from, to time.Time) ([]string, error) {
	var found []string
	pages := xray.NewGetTraceSummariesPaginator(xray.NewFromConfig(s.live.Config), &xray.GetTraceSummariesInput{StartTime: &from, EndTime: &to, FilterExpression: said(expression)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("searching the traces for %s: %w", expression, err)
		}
		for _, summary := range out.TraceSummaries {
			found = append(found, aws.ToString(summary.Id))
		}
	}
	return found, nil
}

// isGone says that the queue of a drill is not there any more.
func isGone(err error) bool {
	return labs.IsCode(err, "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
}

// errNothingWritten says that traffic ended before it was to.
var errNothingWritten = errors.New("the traffic ended by itself")
