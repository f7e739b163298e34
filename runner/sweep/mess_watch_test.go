package sweep

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	xraytypes "github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/stretchr/testify/require"
)

// watch is what a lab that observes leaves: alarms above alarms, a dashboard, a rule that writes
// to a queue, and what X-Ray keeps.
func (b *builder) watch() {
	b.pages()
	b.changes()
	b.traces()
}

func (b *builder) pages() {
	ctx, t := b.t.Context(), b.t
	var tags []cloudwatchtypes.Tag
	for k, v := range b.tags("page") {
		tags = append(tags, cloudwatchtypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	burn := aws.String(b.name("burn"))
	_, err := b.metrics.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName: burn, Tags: tags, Namespace: aws.String("lab"), MetricName: aws.String("n"), Statistic: cloudwatchtypes.StatisticSum,
		Period: aws.Int32(60), ComparisonOperator: cloudwatchtypes.ComparisonOperatorGreaterThanThreshold, Threshold: aws.Float64(0), EvaluationPeriods: aws.Int32(1),
	})
	require.NoError(t, err)
	b.note("CloudWatch alarm", burn)
	below := *burn
	for _, purpose := range []string{"page", "page-all", "a-page"} { // each above the one before it
		name := aws.String(b.name(purpose))
		_, err := b.metrics.PutCompositeAlarm(ctx, &cloudwatch.PutCompositeAlarmInput{AlarmName: name, AlarmRule: aws.String(fmt.Sprintf("ALARM(%q)", below)), Tags: tags})
		require.NoError(t, err)
		below = b.note("composite alarm", name)
	}
	// Two that refer to each other: no order of deletion is right.
	one, two := b.name("ring-1"), b.name("ring-2")
	for _, of := range [][2]string{{one, *burn}, {two, one}, {one, two}} {
		_, err := b.metrics.PutCompositeAlarm(ctx, &cloudwatch.PutCompositeAlarmInput{AlarmName: &of[0], AlarmRule: aws.String(fmt.Sprintf("ALARM(%q)", of[1])), Tags: tags})
		require.NoError(t, err)
		b.note("composite alarm", &of[0])
	}
	if b.region == there {
		return // a dashboard belongs to no region, though the local AWS keeps one in each
	}
	board := aws.String(b.name("api"))
	_, err = b.metrics.PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: board, DashboardBody: aws.String(`{"widgets":[]}`)})
	require.NoError(t, err)
	b.note("CloudWatch dashboard", board)
}

func (b *builder) changes() {
	ctx, t := b.t.Context(), b.t
	queue, err := b.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(b.name("changes")), Tags: b.tags("changes")})
	require.NoError(t, err)
	b.note("SQS queue", aws.String(b.name("changes")))
	attributes, err := b.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: queue.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn}})
	arn := must(t, attributes, err).Attributes[string(sqstypes.QueueAttributeNameQueueArn)]
	var tags []eventtypes.Tag
	for k, v := range b.tags("changes") {
		tags = append(tags, eventtypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	rule := aws.String(b.name("changes"))
	_, err = b.events.PutRule(ctx, &eventbridge.PutRuleInput{Name: rule, EventPattern: aws.String(`{"source":["aws.ec2"]}`), Tags: tags})
	require.NoError(t, err)
	_, err = b.events.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: rule, Targets: []eventtypes.Target{{Id: aws.String("queue"), Arn: &arn}}})
	require.NoError(t, err)
	b.note("EventBridge rule", rule)
}

func (b *builder) traces() {
	ctx, t := b.t.Context(), b.t
	var tags []xraytypes.Tag
	for k, v := range b.tags("api") {
		tags = append(tags, xraytypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	name := aws.String(b.name("api"))
	group, err := b.xray.CreateGroup(ctx, &xray.CreateGroupInput{GroupName: name, Tags: tags})
	b.note("X-Ray group", must(t, group, err).Group.GroupARN)
	_, err = b.xray.CreateSamplingRule(ctx, &xray.CreateSamplingRuleInput{Tags: tags, SamplingRule: &xraytypes.SamplingRule{
		RuleName: name, Priority: aws.Int32(100), FixedRate: 0.05, ReservoirSize: 1, Version: aws.Int32(1),
		ServiceName: aws.String("api"), ServiceType: aws.String("*"), Host: aws.String("*"), HTTPMethod: aws.String("*"), URLPath: aws.String("*"), ResourceARN: aws.String("*"),
	}})
	require.NoError(t, err)
	b.note("X-Ray sampling rule", name)
}
