package local_test

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (s site) activities() []types.Activity {
	return must[autoscaling.DescribeScalingActivitiesOutput](s.t)(s.groups.DescribeScalingActivities(s.ctx, &autoscaling.DescribeScalingActivitiesInput{
		AutoScalingGroupName: &s.name,
	})).Activities
}

// fillLastSubnet leaves no address free in a new, smallest subnet, and returns it.
func (s site) fillLastSubnet() string {
	subnet := s.subnet(s.t, s.vpc, "10.1.9.0/28")
	for range 11 {
		s.networkInterface(s.t, subnet)
	}
	return subnet
}

func proveScalingActivities(t T, a account) {
	s := a.site(t, "scaling-activities")
	s.group(1, 3)
	first := s.members()[0]
	s.desire(2)
	s.terminate(first)
	activities := s.activities()
	require.Len(t, activities, 4)
	latest, termination, launch := activities[0], activities[1], activities[3]
	assert.Contains(t, *latest.Description, "Launching a new EC2 instance: i-")
	assert.Contains(t, *latest.Cause, "launched in response to an unhealthy instance needing to be replaced")
	assert.Contains(t, *activities[2].Cause, "increasing the capacity from 1 to 2.")
	assert.Equal(t, "Terminating EC2 instance: "+first, *termination.Description)
	assert.Contains(t, *termination.Cause, "EC2 health check indicating it has been terminated or stopped")
	assert.Equal(t, "Launching a new EC2 instance: "+first, *launch.Description)
	assert.Contains(t, *launch.Cause, "changing the desired capacity from 0 to 1.")
	for _, activity := range activities {
		assert.Equal(t, types.ScalingActivityStatusCodeSuccessful, activity.StatusCode)
		assert.Equal(t, s.name, *activity.AutoScalingGroupName)
		assert.Contains(t, *activity.Details, `"Availability Zone": "us-east-1`)
	}
	second := s.members()[0]
	ended := must[autoscaling.TerminateInstanceInAutoScalingGroupOutput](t)(s.groups.TerminateInstanceInAutoScalingGroup(s.ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
		InstanceId: &second, ShouldDecrementDesiredCapacity: aws.Bool(true),
	})).Activity
	assert.Contains(t, *ended.Cause, "instance "+second+" was taken out of service in response to a user request, shrinking the capacity from 2 to 1.")
	assert.Equal(t, *ended.ActivityId, *s.activities()[0].ActivityId)
	page := must[autoscaling.DescribeScalingActivitiesOutput](t)(s.groups.DescribeScalingActivities(s.ctx, &autoscaling.DescribeScalingActivitiesInput{
		AutoScalingGroupName: &s.name, MaxRecords: aws.Int32(3),
	}))
	assert.Len(t, page.Activities, 3)
	assert.NotNil(t, page.NextToken)

	s.desire(2)
	s.desire(1)
	assert.Contains(t, *s.activities()[0].Cause, "shrinking the capacity from 2 to 1.")
	s.desire(2)

	full := s.fillLastSubnet()
	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{VPCZoneIdentifier: &full, DesiredCapacity: aws.Int32(3)}))
	failed := s.activities()[0]
	assert.Equal(t, types.ScalingActivityStatusCodeFailed, failed.StatusCode)
	assert.Contains(t, *failed.StatusMessage, "free addresses")
	assert.Len(t, s.members(), 2, "nobody leaves for somebody who cannot be launched")
}

// inbox is a queue behind a new topic.
func (s site) inbox() (topic, queue string) {
	topic = *must[sns.CreateTopicOutput](s.t)(s.sns.CreateTopic(s.ctx, &sns.CreateTopicInput{Name: &s.name})).TopicArn
	queue = *must[sqs.CreateQueueOutput](s.t)(s.sqs.CreateQueue(s.ctx, &sqs.CreateQueueInput{QueueName: &s.name})).QueueUrl
	arn := must[sqs.GetQueueAttributesOutput](s.t)(s.sqs.GetQueueAttributes(s.ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn},
	})).Attributes["QueueArn"]
	must[sns.SubscribeOutput](s.t)(s.sns.Subscribe(s.ctx, &sns.SubscribeInput{
		TopicArn: &topic, Protocol: aws.String("sqs"), Endpoint: &arn, Attributes: map[string]string{"RawMessageDelivery": "true"},
	}))
	return topic, queue
}

// heard are the events in the queue, oldest first.
func (s site) heard(queue string) (events []string) {
	for {
		out := must[sqs.ReceiveMessageOutput](s.t)(s.sqs.ReceiveMessage(s.ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10}))
		if len(out.Messages) == 0 {
			return events
		}
		for _, m := range out.Messages {
			var event struct{ Event, AutoScalingGroupName string }
			require.NoError(s.t, json.Unmarshal([]byte(*m.Body), &event))
			assert.Equal(s.t, s.name, event.AutoScalingGroupName)
			events = append(events, event.Event)
		}
	}
}

func proveScalingNotifications(t T, a account) {
	s := a.site(t, "scaling-notifications")
	s.group(0, 3)
	topic, queue := s.inbox()
	types := []string{"autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_LAUNCH_ERROR", "autoscaling:EC2_INSTANCE_TERMINATE"}
	must[autoscaling.PutNotificationConfigurationOutput](t)(s.groups.PutNotificationConfiguration(s.ctx, &autoscaling.PutNotificationConfigurationInput{
		AutoScalingGroupName: &s.name, TopicARN: &topic, NotificationTypes: types,
	}))
	configured := func() (names []string) {
		out := must[autoscaling.DescribeNotificationConfigurationsOutput](t)(s.groups.DescribeNotificationConfigurations(s.ctx, &autoscaling.DescribeNotificationConfigurationsInput{
			AutoScalingGroupNames: []string{s.name},
		}))
		for _, c := range out.NotificationConfigurations {
			assert.Equal(t, topic, *c.TopicARN)
			names = append(names, *c.NotificationType)
		}
		return names
	}
	assert.Equal(t, types, configured())
	s.desire(1)
	s.desire(0)
	full := s.fillLastSubnet()
	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{VPCZoneIdentifier: &full, DesiredCapacity: aws.Int32(1)}))
	assert.Equal(t, []string{"autoscaling:TEST_NOTIFICATION", types[0], types[2], types[1]}, s.heard(queue))

	must[autoscaling.DeleteNotificationConfigurationOutput](t)(s.groups.DeleteNotificationConfiguration(s.ctx, &autoscaling.DeleteNotificationConfigurationInput{
		AutoScalingGroupName: &s.name, TopicARN: &topic,
	}))
	assert.Empty(t, configured())
	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{VPCZoneIdentifier: &s.subnets[0]}))
	assert.Empty(t, s.heard(queue))
	_, err := s.groups.PutNotificationConfiguration(s.ctx, &autoscaling.PutNotificationConfigurationInput{
		AutoScalingGroupName: &s.name, TopicARN: aws.String(topic + "-missing"), NotificationTypes: types,
	})
	require.ErrorContains(t, err, "ValidationError")
}
