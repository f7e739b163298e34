package probe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

func watchingProbes() []probe {
	return []probe{
		{"log-patterns", []string{"logs"}, logPatterns},
		{"metric-filter-data", []string{"logs", "cloudwatch"}, metricFilterData},
		{"sampling-rules", []string{"xray"}, samplingRules},
		{"trace-groups", []string{"xray"}, traceGroups},
		{"trace-summaries", []string{"xray"}, traceSummaries},
	}
}

// Lines of a log of which one has failed.
const goodLine, failedLine = `{"status":200,"ms":12}`, `{"status":503,"ms":250}`

func (b *bench) logGroup(ctx context.Context, purpose string) (*string, error) {
	group := b.name(purpose)
	if _, err := b.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group, Tags: b.tags()}); err != nil {
		return nil, err
	}
	_, err := b.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: group})
	return group, err
}

func (b *bench) writeLines(ctx context.Context, group *string) error {
	now := aws.Int64(time.Now().UnixMilli())
	_, err := b.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: group, LogEvents: []logtypes.InputLogEvent{
		{Timestamp: now, Message: aws.String(goodLine)}, {Timestamp: now, Message: aws.String(failedLine)},
	}})
	return err
}

func logPatterns(ctx context.Context, b *bench) error {
	const failed = "{ $.status >= 500 }"
	tested, err := b.logs.TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{FilterPattern: aws.String(failed), LogEventMessages: []string{goodLine, failedLine}})
	if err != nil {
		return err
	}
	if len(tested.Matches) != 1 || tested.Matches[0].EventNumber != 2 {
		return fmt.Errorf("a pattern that is tried out matches %d of two lines, and not the second", len(tested.Matches))
	}
	group, err := b.logGroup(ctx, "patterns")
	if err != nil {
		return err
	}
	if err := b.writeLines(ctx, group); err != nil {
		return err
	}
	const searched = 5 * time.Second // what was written may be found a little later
	return b.until(ctx, searched, "the one line that matches a pattern is found", func() (bool, error) {
		out, err := b.logs.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: aws.String(failed)})
		if err != nil {
			return false, err
		}
		if len(out.Events) > 1 {
			return false, errors.New("a search by pattern finds what does not match")
		}
		return len(out.Events) == 1 && aws.ToString(out.Events[0].Message) == failedLine, nil
	})
}

// metricFilterData waits for the number that a filter takes out of the line that it matches. The default value comes when a
// minute is over, for which no probe waits.
func metricFilterData(ctx context.Context, b *bench) error {
	group, err := b.logGroup(ctx, "filter-data")
	if err != nil {
		return err
	}
	if _, err := b.logs.PutMetricFilter(ctx, &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName: group, FilterName: aws.String("failed"), FilterPattern: aws.String("{ $.status >= 500 }"),
		MetricTransformations: []logtypes.MetricTransformation{{MetricNamespace: b.name("metrics"), MetricName: group, MetricValue: aws.String("$.ms")}},
	}); err != nil {
		return err
	}
	if err := b.writeLines(ctx, group); err != nil {
		return err
	}
	now := time.Now()
	const counted = 10 * time.Second
	return b.until(ctx, counted, "a metric filter makes a data point", func() (bool, error) {
		out, err := b.metrics.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
			Namespace: b.name("metrics"), MetricName: group, Period: aws.Int32(60), Statistics: []metrictypes.Statistic{metrictypes.StatisticSum},
			StartTime: aws.Time(now.Add(-5 * time.Minute)), EndTime: aws.Time(now.Add(5 * time.Minute)),
		})
		if err != nil || len(out.Datapoints) == 0 {
			return false, err
		}
		if sum := aws.ToFloat64(out.Datapoints[0].Sum); len(out.Datapoints) != 1 || sum != 250 {
			return false, fmt.Errorf("a metric filter takes %v out of a line that says 250", sum)
		}
		return true, nil
	})
}

func (b *bench) traceTags() []types.Tag { return []types.Tag{{Key: aws.String(tagRun), Value: &b.run}} }

func samplingRules(ctx context.Context, b *bench) error {
	rule := func(rate float64) error {
		_, err := b.traces.CreateSamplingRule(ctx, &xray.CreateSamplingRuleInput{Tags: b.traceTags(), SamplingRule: &types.SamplingRule{
			RuleName: b.name("rule"), Priority: aws.Int32(9000), FixedRate: rate, ReservoirSize: 1, Version: aws.Int32(1), ServiceName: b.name("nobody"), ServiceType: aws.String("*"),
			Host: aws.String("*"), HTTPMethod: aws.String("*"), URLPath: aws.String("*"), ResourceARN: aws.String("*"),
		}})
		return err
	}
	if err := refusal(rule(5), "InvalidRequest", "a sampling rule takes five times what there is"); err != nil {
		return err
	}
	if err := rule(0.05); err != nil {
		return err
	}
	for pages := xray.NewGetSamplingRulesPaginator(b.traces, &xray.GetSamplingRulesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, r := range page.SamplingRuleRecords {
			if aws.ToString(r.SamplingRule.RuleName) == *b.name("rule") && r.SamplingRule.FixedRate == 0.05 && r.SamplingRule.ReservoirSize == 1 {
				return nil
			}
		}
	}
	return errors.New("a sampling rule is not read back as it was made")
}

func traceGroups(ctx context.Context, b *bench) error {
	create := func(expression string) error {
		_, err := b.traces.CreateGroup(ctx, &xray.CreateGroupInput{GroupName: b.name("group"), FilterExpression: &expression, Tags: b.traceTags()})
		return err
	}
	if err := refusal(create(`service("api"`), "InvalidRequest", "a trace group takes an expression that ends in the middle"); err != nil {
		return err
	}
	if err := create("fault"); err != nil {
		return err
	}
	out, err := b.traces.GetGroup(ctx, &xray.GetGroupInput{GroupName: b.name("group")})
	if err != nil {
		return err
	}
	if out.Group == nil || aws.ToString(out.Group.FilterExpression) != "fault" {
		return errors.New("a trace group is not read back as it was made")
	}
	tags, err := b.traces.ListTagsForResource(ctx, &xray.ListTagsForResourceInput{ResourceARN: out.Group.GroupARN})
	if err != nil {
		return err
	}
	if len(tags.Tags) != 1 {
		return errors.New("the tags of a trace group are lost")
	}
	return nil
}

// traceSummaries writes two traces, of which one has failed, and looks for that. Nothing deletes a trace, nor has it tags: its
// service has the name of the run, and X-Ray forgets it after 30 days.
// https://docs.aws.amazon.com/xray/latest/devguide/aws-xray-interface-api.html
func traceSummaries(ctx context.Context, b *bench) error {
	began := time.Now().Add(-2 * time.Second)
	id := func(number int) string {
		return fmt.Sprintf("1-%08x-%s%018x", began.Unix(), b.run[len(b.run)-6:], number)
	}
	var documents []string
	for number, fault := range []bool{false, true} {
		documents = append(documents, fmt.Sprintf(`{"trace_id":%q,"id":"%016x","name":%q,"start_time":%d.5,"end_time":%d.9,"fault":%t}`,
			id(number), number+1, *b.name("api"), began.Unix(), began.Unix(), fault))
	}
	put, err := b.traces.PutTraceSegments(ctx, &xray.PutTraceSegmentsInput{TraceSegmentDocuments: documents})
	if err != nil {
		return err
	}
	if len(put.UnprocessedTraceSegments) != 0 {
		return errors.New("a segment of a trace is not taken")
	}
	const indexed = 10 * time.Second
	return b.until(ctx, indexed, "the one trace that failed is found", func() (bool, error) {
		out, err := b.traces.GetTraceSummaries(ctx, &xray.GetTraceSummariesInput{
			StartTime: aws.Time(began.Add(-time.Minute)), EndTime: aws.Time(time.Now()), FilterExpression: aws.String(fmt.Sprintf("service(%q) AND fault", *b.name("api"))),
		})
		if err != nil {
			return false, err
		}
		if len(out.TraceSummaries) > 1 {
			return false, errors.New("a search by expression finds traces that do not match")
		}
		return len(out.TraceSummaries) == 1 && aws.ToString(out.TraceSummaries[0].Id) == id(1) && aws.ToBool(out.TraceSummaries[0].HasFault), nil
	})
}
