package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func alarmProbes() []probe {
	return []probe{
		{"alarm-types", []string{"cloudwatch"}, alarmTypes},
		{"alarm-notifications", []string{"cloudwatch", "sns", "sqs"}, alarmNotifications},
		{"alarm-evaluation", []string{"cloudwatch"}, alarmEvaluation},
	}
}

// alarm makes an alarm that goes off when its metric, which has the alarm's name, is above zero for 10 seconds.
func (b *bench) alarm(ctx context.Context, purpose string, actions ...string) (name *string, err error) {
	name = b.name(purpose)
	_, err = b.metrics.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName: name, Namespace: b.name("metrics"), MetricName: name, Statistic: types.StatisticSum, Period: aws.Int32(10), EvaluationPeriods: aws.Int32(1),
		Threshold: aws.Float64(0), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, TreatMissingData: aws.String("notBreaching"),
		AlarmActions: actions, Tags: []types.Tag{{Key: aws.String(tagRun), Value: &b.run}},
	})
	return name, err
}

// alarmTypes puts a composite alarm above another one. DescribeAlarms tells of composite alarms only where it is asked for them.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
func alarmTypes(ctx context.Context, b *bench) error {
	child, err := b.alarm(ctx, "child")
	if err != nil {
		return err
	}
	name, rule := b.name("composite"), fmt.Sprintf("ALARM(%q)", *child)
	if _, err := b.metrics.PutCompositeAlarm(ctx, &cloudwatch.PutCompositeAlarmInput{
		AlarmName: name, AlarmRule: &rule, Tags: []types.Tag{{Key: aws.String(tagRun), Value: &b.run}},
	}); err != nil {
		return err
	}
	describe := func(kinds ...types.AlarmType) (*cloudwatch.DescribeAlarmsOutput, error) {
		return b.metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{*name, *child}, AlarmTypes: kinds})
	}
	plain, err := describe()
	if err != nil {
		return err
	}
	both, err := describe(types.AlarmTypeCompositeAlarm, types.AlarmTypeMetricAlarm)
	if err != nil {
		return err
	}
	if len(plain.MetricAlarms) != 1 || len(plain.CompositeAlarms) != 0 || len(both.MetricAlarms) != 1 || len(both.CompositeAlarms) != 1 {
		return errors.New("alarms are not described by the types that are asked for")
	}
	if aws.ToString(both.CompositeAlarms[0].AlarmRule) != rule {
		return errors.New("a composite alarm is not read back as it was put")
	}
	_, err = b.metrics.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{*child}})
	return refusal(err, "Validation", "an alarm that a composite alarm watches can be deleted")
}

// inbox is a topic with a queue behind it.
func (b *bench) inbox(ctx context.Context, purpose string) (topic, queue *string, err error) {
	name := b.name(purpose)
	made, err := b.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: name, Tags: []snstypes.Tag{{Key: aws.String(tagRun), Value: &b.run}}})
	if err != nil {
		return nil, nil, err
	}
	arn := strings.Replace(aws.ToString(made.TopicArn), ":sns:", ":sqs:", 1)
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"` + arn + `"}]}`
	at, err := b.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: name, Tags: b.tags(), Attributes: map[string]string{string(sqstypes.QueueAttributeNamePolicy): policy}})
	if err != nil {
		return nil, nil, err
	}
	_, err = b.sns.Subscribe(ctx, &sns.SubscribeInput{TopicArn: made.TopicArn, Protocol: aws.String("sqs"), Endpoint: &arn})
	return made.TopicArn, at.QueueUrl, err
}

// alarmNotifications sets an alarm's state by hand, which notifies as any change of it does.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
func alarmNotifications(ctx context.Context, b *bench) error {
	topic, queue, err := b.inbox(ctx, "page")
	if err != nil {
		return err
	}
	alarm, err := b.alarm(ctx, "page", *topic)
	if err != nil {
		return err
	}
	if _, err := b.metrics.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: alarm, StateValue: types.StateValueAlarm, StateReason: aws.String("a probe")}); err != nil {
		return err
	}
	out, err := b.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue, WaitTimeSeconds: 5})
	if err != nil {
		return err
	}
	if len(out.Messages) != 1 || !strings.Contains(aws.ToString(out.Messages[0].Body), *alarm) {
		return errors.New("an alarm that is set off by hand notifies nobody")
	}
	return nil
}

// alarmEvaluation writes to a metric of high resolution, so that its alarm has a period of 10 seconds and is looked at as often.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
func alarmEvaluation(ctx context.Context, b *bench) error {
	alarm, err := b.alarm(ctx, "evaluation")
	if err != nil {
		return err
	}
	const evaluated = 15 * time.Second
	return b.until(ctx, evaluated, "an alarm goes off by what its metric shows", func() (bool, error) {
		if _, err := b.metrics.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: b.name("metrics"), MetricData: []types.MetricDatum{
			{MetricName: alarm, Value: aws.Float64(1), Timestamp: aws.Time(time.Now()), StorageResolution: aws.Int32(1)},
		}}); err != nil {
			return false, err
		}
		out, err := b.metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{*alarm}})
		if err != nil {
			return false, err
		}
		return len(out.MetricAlarms) == 1 && out.MetricAlarms[0].StateValue == types.StateValueAlarm, nil
	})
}
