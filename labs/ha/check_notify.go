package ha

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

const launchError = "autoscaling:EC2_INSTANCE_LAUNCH_ERROR"

// decideNotify follows a launch failure from the group to a queue. One way that works is enough.
func decideNotify(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		name := group.AutoScalingGroupName
		notifications, err := a.inv.GroupNotifications(ctx, name)
		if err != nil {
			return nil, err
		}
		var obstacles []string
		reached := ""
		for _, n := range notifications {
			if n.NotificationType != launchError || reached != "" {
				continue
			}
			queue, further, err := a.delivery(ctx, n.TopicARN)
			if err != nil {
				return nil, err
			}
			reached, obstacles = queue, append(obstacles, further...)
			if queue != "" {
				told = append(told, fmt.Sprintf("A launch failure of group %s goes to topic %s and from there to queue %s.", name, n.TopicARN, queue))
			}
		}
		switch {
		case reached != "":
		case len(obstacles) == 0:
			o.Add(fmt.Sprintf("Group %s tells nobody that a launch failed: no notification of the type %s.", name, launchError), name)
		default:
			o.Add(fmt.Sprintf("A launch failure of group %s reaches no queue. %s", name, strings.Join(obstacles, " ")), name)
		}
	}
	return told, nil
}

// delivery finds a queue that gets every message of a topic, or says what is in the way.
func (a *architecture) delivery(ctx context.Context, topic string) (queue string, obstacles []string, err error) {
	subscriptions, err := a.inv.Subscriptions(ctx, topic)
	if errors.Is(err, inventory.ErrNotFound) {
		return "", []string{fmt.Sprintf("Topic %s does not exist.", topic)}, nil
	}
	if err != nil {
		return "", nil, err
	}
	for _, s := range subscriptions {
		if s.Protocol != "sqs" {
			continue
		}
		why, err := a.subscriptionObstacle(ctx, s)
		if err != nil {
			return "", nil, err
		}
		if why == "" {
			return s.Endpoint, nil, nil
		}
		obstacles = append(obstacles, why)
	}
	if len(obstacles) == 0 {
		obstacles = []string{fmt.Sprintf("No queue is subscribed to topic %s.", topic)}
	}
	return "", obstacles, nil
}

func (a *architecture) subscriptionObstacle(ctx context.Context, s inventory.Subscription) (string, error) {
	if !strings.HasPrefix(s.SubscriptionArn, "arn:") {
		return fmt.Sprintf("The subscription of queue %s is not confirmed.", s.Endpoint), nil
	}
	// What Auto Scaling publishes has no attributes, so that a filter on them holds it back.
	if filter := s.FilterPolicy; filter != "" {
		if s.FilterScope == "MessageBody" {
			return "", fmt.Errorf("whether the filter %s of the subscription of queue %s lets a launch failure through cannot be decided: it looks at the message's body", filter, s.Endpoint)
		}
		return fmt.Sprintf("The subscription of queue %s filters: %s. What a group publishes carries no attributes and is dropped.", s.Endpoint, filter), nil
	}
	queue, err := a.inv.Queue(ctx, s.Endpoint)
	if errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("Queue %s is subscribed and does not exist.", s.Endpoint), nil
	}
	if err != nil {
		return "", err
	}
	return a.queueObstacle(queue, s.TopicArn)
}

// queueObstacle asks the policy engine whether the queue lets the topic send.
// https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
func (a *architecture) queueObstacle(queue inventory.Queue, topic string) (string, error) {
	refused := fmt.Sprintf("The policy of queue %s does not let topic %s send.", queue.QueueArn, topic)
	if queue.Policy == "" {
		return refused, nil
	}
	document, err := policy.Parse([]byte(queue.Policy))
	if err != nil {
		return "", fmt.Errorf("the policy of queue %s: %w", queue.QueueArn, err)
	}
	decision := policy.Evaluate(policy.Input{
		Request: policy.Request{
			Principal: policy.Service("sns.amazonaws.com"), Action: "sqs:SendMessage", Resource: queue.QueueArn,
			Context: map[string][]string{"aws:SourceArn": {topic}, "aws:SourceAccount": {a.inv.Account}, "aws:SecureTransport": {"true"}},
		},
		ResourcePolicy: document.Named("queue policy"),
	})
	switch decision.Outcome {
	case policy.Allow:
		return "", nil
	case policy.Inconclusive:
		return "", fmt.Errorf("whether queue %s lets topic %s send cannot be decided: %s", queue.QueueArn, topic, decision.Explanation())
	default:
		return refused, nil
	}
}
