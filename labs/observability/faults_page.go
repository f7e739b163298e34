package observability

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs"
)

// The faults of the way from an alarm to whoever is on call.

// pageTopic is the topic of the pages.
func (a *architecture) pageTopic(ctx context.Context) (inventory.Topic, error) {
	topics := a.pageTopics()
	if len(topics) == 0 {
		return inventory.Topic{}, labs.Lacks("%s", a.nothing("topic", roleOnCall))
	}
	return a.inv.Topic(ctx, topics[0])
}

// subscribed is a queue's subscription to a topic, or that there is none.
type subscribed struct {
	Subscription, Topic, Protocol, Endpoint string
	There                                   bool
}

func subscriptionGone() labs.Fault {
	return swap(labs.Fault{
		ID:     "subscription-gone",
		Title:  "The topic says that it has published eleven pages. Whoever was on call has seen none.",
		Answer: "The subscription of the queue was removed: the topic publishes to nobody.",
		Breaks: []string{"obs-enabled"},
		Twin:   true,
		Hints: []string{
			"Every alarm has its action, and actions are on.",
			"A topic keeps nothing: what nobody is subscribed to is gone.",
			"List the topic's subscriptions.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after subscribed, err error) {
		topic, err := a.pageTopic(ctx)
		if err != nil {
			return before, after, err
		}
		subscriptions, err := a.inv.Subscriptions(ctx, topic.TopicArn)
		if err != nil {
			return before, after, err
		}
		if len(subscriptions) != 1 {
			return before, after, labs.Lacks("topic %s has %s", topic.TopicArn, typeset.Count(len(subscriptions), "subscription"))
		}
		s := subscriptions[0]
		before = subscribed{s.SubscriptionArn, s.TopicArn, s.Protocol, s.Endpoint, true}
		after = before
		after.There = false
		return before, after, nil
	}, func(ctx context.Context, live labs.Live, s subscribed) error {
		api := sns.NewFromConfig(live.Config)
		if !s.There {
			_, err := api.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: &s.Subscription})
			if err := labs.Unless(err, "NotFound", "NotFoundException"); err != nil {
				return fmt.Errorf("ending subscription %s: %w", s.Subscription, err)
			}
			return nil
		}
		// Where the subscription is still there, SNS answers with it and makes no other.
		// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
		if _, err := api.Subscribe(ctx, &sns.SubscribeInput{TopicArn: &s.Topic, Protocol: &s.Protocol, Endpoint: &s.Endpoint}); err != nil {
			return fmt.Errorf("subscribing %s to %s: %w", s.Endpoint, s.Topic, err)
		}
		return nil
	})
}

// statement is one of a policy, as JSON has it.
type statement map[string]any

// of says whether the statement is for a service of AWS.
func (s statement) of(service string) bool {
	principal, ok := s["Principal"].(map[string]any)
	if !ok {
		return false
	}
	switch services := principal["Service"].(type) {
	case string:
		return services == service
	case []any:
		return slices.Contains(services, any(service))
	default:
		return false
	}
}

// changePolicy changes the statements of a policy. It is an ErrNothing where change leaves them as they are.
func changePolicy(what, text string, change func([]statement) ([]statement, bool)) (string, error) {
	var document map[string]json.RawMessage
	var statements []statement
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return "", fmt.Errorf("the policy of %s: %w", what, err)
	}
	if err := json.Unmarshal(document["Statement"], &statements); err != nil {
		return "", fmt.Errorf("the statements of the policy of %s: %w", what, err)
	}
	statements, changed := change(statements)
	if !changed {
		return "", labs.Lacks("the policy of %s has no such statement", what)
	}
	var err error
	if document["Statement"], err = json.Marshal(statements); err != nil {
		return "", fmt.Errorf("the statements of the policy of %s: %w", what, err)
	}
	changedText, err := json.Marshal(document)
	if err != nil {
		return "", fmt.Errorf("the policy of %s: %w", what, err)
	}
	return string(changedText), nil
}

// without drops the statements for a service.
func without(service string) func([]statement) ([]statement, bool) {
	return func(statements []statement) ([]statement, bool) {
		left := slices.DeleteFunc(slices.Clone(statements), func(s statement) bool { return s.of(service) })
		return left, len(left) < len(statements)
	}
}

// onBehalf sets the condition under which a service is let in.
func onBehalf(service string, condition map[string]any) func([]statement) ([]statement, bool) {
	return func(statements []statement) ([]statement, bool) {
		changed := false
		for _, s := range statements {
			if s.of(service) {
				s["Condition"], changed = condition, true
			}
		}
		return statements, changed
	}
}

// governed is the policy of a resource.
type governed struct{ Resource, Policy string }

// keyFault is a fault that consists of the policy of the topic's key.
func keyFault(fault labs.Fault, change func(*architecture) func([]statement) ([]statement, bool)) labs.Fault {
	return swap(fault, func(ctx context.Context, a *architecture, _ labs.Live) (before, after governed, err error) {
		topic, err := a.pageTopic(ctx)
		if err != nil {
			return before, after, err
		}
		key, err := a.inv.Key(ctx, topic.KmsMasterKeyId)
		if err != nil {
			return before, after, err
		}
		text, err := changePolicy("key "+key.Arn, key.Policy, change(a))
		return governed{key.Arn, key.Policy}, governed{key.Arn, text}, err
	}, func(ctx context.Context, live labs.Live, g governed) error {
		_, err := kms.NewFromConfig(live.Config).PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &g.Resource, PolicyName: aws.String("default"), Policy: &g.Policy})
		if err != nil {
			return fmt.Errorf("changing the policy of key %s: %w", g.Resource, err)
		}
		return nil
	})
}

const cloudWatch = "cloudwatch.amazonaws.com"

func keyWithoutAlarms() labs.Fault {
	return keyFault(labs.Fault{
		ID:     "key-without-alarms",
		Title:  "Since the review of the keys no page has come. The alarms do go off.",
		Answer: "The statement that lets CloudWatch use the topic's key was dropped from the key's policy.",
		Breaks: []string{"obs-topic-key"},
		Hints: []string{
			"A message that somebody of the account publishes to the topic by hand does arrive.",
			"The topic's policy lets the alarms publish. What else does publishing to this topic take?",
			"The topic is encrypted. Who may use its key?",
		},
	}, func(*architecture) func([]statement) ([]statement, bool) { return without(cloudWatch) })
}

func keyForOtherAlarms() labs.Fault {
	return keyFault(labs.Fault{
		ID:     "key-for-other-alarms",
		Title:  "The alarms have new names. They go off, and no page comes.",
		Answer: "The key's policy lets CloudWatch in on behalf of alarms that are called otherwise.",
		Breaks: []string{"obs-topic-key"},
		Twin:   true,
		Hints: []string{
			"The key's policy has a statement for CloudWatch, with the right actions.",
			"CloudWatch tells the key for whom it asks.",
			"Compare the condition of that statement with the ARN of an alarm.",
		},
	}, func(a *architecture) func([]statement) ([]statement, bool) {
		return onBehalf(cloudWatch, map[string]any{
			"ArnLike":      map[string]any{"aws:SourceArn": fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:api-*", a.inv.Region, a.inv.Account)},
			"StringEquals": map[string]any{"aws:SourceAccount": a.inv.Account},
		})
	})
}

// topicFault is a fault that consists of the topic's policy.
func topicFault(fault labs.Fault, change func(topic string) func([]statement) ([]statement, bool)) labs.Fault {
	return swap(fault, func(ctx context.Context, a *architecture, _ labs.Live) (before, after governed, err error) {
		topic, err := a.pageTopic(ctx)
		if err != nil {
			return before, after, err
		}
		text, err := changePolicy("topic "+topic.TopicArn, topic.Policy, change(topic.TopicArn))
		return governed{topic.TopicArn, topic.Policy}, governed{topic.TopicArn, text}, err
	}, func(ctx context.Context, live labs.Live, g governed) error {
		_, err := sns.NewFromConfig(live.Config).SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicArn: &g.Resource, AttributeName: aws.String("Policy"), AttributeValue: &g.Policy})
		if err != nil {
			return fmt.Errorf("changing the policy of topic %s: %w", g.Resource, err)
		}
		return nil
	})
}

func topicPublic() labs.Fault {
	return topicFault(labs.Fault{
		ID:     "topic-public",
		Title:  "Four pages tonight about a service that the firm does not have.",
		Answer: "The topic's policy lets everybody publish (principal *, without a condition).",
		Breaks: []string{"obs-topic-open"},
		Hints: []string{
			"No alarm has sent them.",
			"Whoever sent them has no user and no role here.",
			"Read the topic's policy as a stranger.",
		},
	}, func(topic string) func([]statement) ([]statement, bool) {
		return func(statements []statement) ([]statement, bool) {
			return append(statements, statement{"Sid": "Anybody", "Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}), true
		}
	})
}

func topicForAnyAlarm() labs.Fault {
	return topicFault(labs.Fault{
		ID:     "topic-for-any-alarm",
		Title:  "A page names an alarm of an account that nobody knows.",
		Answer: "The topic's policy lets CloudWatch publish on behalf of every alarm of every account: its condition rules out nothing.",
		Breaks: []string{"obs-topic-open"},
		Twin:   true,
		Hints: []string{
			"No statement names everybody as its principal, and each has a condition.",
			"CloudWatch works for other firms too.",
			"Which alarms meet the condition of the statement for CloudWatch?",
		},
	}, func(string) func([]statement) ([]statement, bool) {
		return onBehalf(cloudWatch, map[string]any{"ArnLike": map[string]any{"aws:SourceArn": "arn:aws:cloudwatch:*:*:alarm:*"}})
	})
}

// queueFault is a fault that consists of the policy of the queue that gets the pages.
func queueFault(fault labs.Fault, change func([]statement) ([]statement, bool)) labs.Fault {
	type queued struct{ Url, Policy string }
	return swap(fault, func(ctx context.Context, a *architecture, _ labs.Live) (before, after queued, err error) {
		queues, err := a.pageQueues(ctx, a.pageTopics())
		if err != nil {
			return before, after, err
		}
		if len(queues) == 0 {
			return before, after, labs.Lacks("%s", a.nothing("queue", roleOnCall))
		}
		text, err := changePolicy("queue "+queues[0].QueueArn, queues[0].Policy, change)
		return queued{queues[0].QueueUrl, queues[0].Policy}, queued{queues[0].QueueUrl, text}, err
	}, func(ctx context.Context, live labs.Live, q queued) error {
		_, err := sqs.NewFromConfig(live.Config).SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &q.Url, Attributes: map[string]string{"Policy": q.Policy}})
		if err != nil {
			return fmt.Errorf("changing the policy of queue %s: %w", q.Url, err)
		}
		return nil
	})
}

func queueForAnyTopic() labs.Fault {
	return queueFault(labs.Fault{
		ID:     "queue-for-any-topic",
		Title:  "The queue of whoever is on call has messages that the topic has never seen.",
		Answer: "The queue's policy lets SNS send on behalf of every topic of every account.",
		Breaks: []string{"obs-topic-open"},
		Twin:   true,
		Hints: []string{
			"The topic's policy lets in its own alarms only.",
			"Anybody who has a topic can subscribe somebody else's queue to it, if that queue agrees.",
			"Which topics meet the condition of the queue's statement for SNS?",
		},
	}, onBehalf("sns.amazonaws.com", map[string]any{"ArnLike": map[string]any{"aws:SourceArn": "arn:aws:sns:*:*:*"}}))
}

func changeUndelivered() labs.Fault {
	return queueFault(labs.Fault{
		ID:     "change-undelivered",
		Title:  "Somebody opened a security group an hour before the outage. The queue does not say so.",
		Answer: "The queue's policy no longer lets the rule on changes deliver.",
		Breaks: []string{"obs-change"},
		Twin:   true,
		Hints: []string{
			"The rule is on, its pattern matches, and its target is the queue.",
			"Pages do arrive in the queue.",
			"Whom does the queue let send, and on whose behalf?",
		},
	}, without("events.amazonaws.com"))
}
