package local_test

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/stretchr/testify/require"
)

// watching is the part of an account that the corrections of the observability lab need.
type watching struct {
	traces *xray.Client
	tagged *resourcegroupstaggingapi.Client
}

func newWatching(cfg aws.Config) watching {
	return watching{traces: xray.NewFromConfig(cfg), tagged: resourcegroupstaggingapi.NewFromConfig(cfg)}
}

// alarm is an alarm on one metric. It ignores missing data, so that it keeps the state that a proof sets.
func (a account) alarm(t T, name string, change ...func(*cloudwatch.PutMetricAlarmInput)) {
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, Namespace: aws.String("lab"), MetricName: aws.String("Nothing"), Statistic: types.StatisticSum,
		Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, TreatMissingData: aws.String("ignore"),
	}
	for _, c := range change {
		c(in)
	}
	must[cloudwatch.PutMetricAlarmOutput](t)(a.metrics.PutMetricAlarm(a.ctx, in))
}

// composite makes a composite alarm, which notifies the actions in ALARM.
func (a account) composite(name, rule string, change ...func(*cloudwatch.PutCompositeAlarmInput)) error {
	in := &cloudwatch.PutCompositeAlarmInput{AlarmName: &name, AlarmRule: &rule}
	for _, c := range change {
		c(in)
	}
	_, err := a.metrics.PutCompositeAlarm(a.ctx, in)
	return err
}

func (a account) deleteAlarms(names ...string) error {
	_, err := a.metrics.DeleteAlarms(a.ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: names})
	return err
}

func (a account) describeAlarms(t T, in *cloudwatch.DescribeAlarmsInput) *cloudwatch.DescribeAlarmsOutput {
	return must[cloudwatch.DescribeAlarmsOutput](t)(a.metrics.DescribeAlarms(a.ctx, in))
}

func (a account) metricAlarm(t T, name string) types.MetricAlarm {
	out := a.describeAlarms(t, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	require.Len(t, out.MetricAlarms, 1)
	return out.MetricAlarms[0]
}

func (a account) setState(t T, alarm string, state types.StateValue, reason string) {
	must[cloudwatch.SetAlarmStateOutput](t)(a.metrics.SetAlarmState(a.ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: &alarm, StateValue: state, StateReason: &reason, StateReasonData: aws.String(`{"by":"hand"}`),
	}))
}

// inbox is a topic with a queue behind it; the two have one name. The attributes are the topic's.
func (a account) inbox(t T, name string, attributes map[string]string) pager {
	topic := must[sns.CreateTopicOutput](t)(a.topics.CreateTopic(a.ctx, &sns.CreateTopicInput{Name: &name, Attributes: attributes}))
	queue := must[sqs.CreateQueueOutput](t)(a.queues.CreateQueue(a.ctx, &sqs.CreateQueueInput{QueueName: &name}))
	must[sns.SubscribeOutput](t)(a.topics.Subscribe(a.ctx, &sns.SubscribeInput{
		TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:123456789012:" + name),
	}))
	return pager{topic: *topic.TopicArn, queue: *queue.QueueUrl}
}

// notification is what an alarm publishes.
type notification struct {
	Subject string
	Message struct {
		AlarmName, AlarmArn, AWSAccountId, NewStateValue, NewStateReason, OldStateValue, Region, AlarmRule string //nolint:revive // CloudWatch's names
		StateChangeTime                                                                                    string
		AlarmActions                                                                                       []string
		Trigger                                                                                            struct {
			MetricName, Namespace, StatisticType, Statistic, ExtendedStatistic, ComparisonOperator string
			Dimensions                                                                             []struct{ Name, Value string }
			Threshold                                                                              float64
			Period                                                                                 int
			Metrics                                                                                []struct{ ID, Expression string }
		}
	}
}

// notifications returns what has arrived, and takes it off the queue.
func (a account) notifications(t T, p pager) (all []notification) {
	for {
		out := must[sqs.ReceiveMessageOutput](t)(a.queues.ReceiveMessage(a.ctx, &sqs.ReceiveMessageInput{QueueUrl: &p.queue, MaxNumberOfMessages: 10}))
		if len(out.Messages) == 0 {
			return all
		}
		for _, m := range out.Messages {
			var envelope struct{ Subject, Message, TopicArn string }
			require.NoError(t, json.Unmarshal([]byte(*m.Body), &envelope))
			n := notification{Subject: envelope.Subject}
			require.NoError(t, json.Unmarshal([]byte(envelope.Message), &n.Message))
			all = append(all, n)
			must[sqs.DeleteMessageOutput](t)(a.queues.DeleteMessage(a.ctx, &sqs.DeleteMessageInput{QueueUrl: &p.queue, ReceiptHandle: m.ReceiptHandle}))
		}
	}
}

// tagsOf are the tags of a resource that the tagging API lists under a type, by key.
func (a account) tagsOf(t T, kind, arn string) map[string]string {
	out := must[resourcegroupstaggingapi.GetResourcesOutput](t)(a.tagged.GetResources(a.ctx, &resourcegroupstaggingapi.GetResourcesInput{ResourceTypeFilters: []string{kind}}))
	for _, m := range out.ResourceTagMappingList {
		if *m.ResourceARN == arn {
			tags := map[string]string{}
			for _, tag := range m.Tags {
				tags[*tag.Key] = *tag.Value
			}
			return tags
		}
	}
	return nil
}

func alarmARN(name string) string {
	return fmt.Sprintf("arn:aws:cloudwatch:us-east-1:123456789012:alarm:%s", name)
}
