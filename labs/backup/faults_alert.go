package backup

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"labctl/labs"
)

// The faults of who hears of a backup that was not made.

// eventRule is what PutRule says of a rule: what it leaves out, it takes away.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
type eventRule struct {
	Name, Description, Pattern string
	State                      types.RuleState
}

func onlyCompleted() labs.Fault {
	return ruleFault(labs.Fault{
		ID:     "only-completed",
		Title:  "A message comes for each backup. Last week, on two nights, none came.",
		Answer: "The rule matches jobs that are COMPLETED: of one that fails, nobody hears.",
		Breaks: []string{"bk-alert"},
		Hints: []string{
			"What has happened to the jobs of these two nights?",
			"Silence is not a message.",
			"Read the states in the rule's event pattern.",
		},
	}, func(r eventRule) (eventRule, error) {
		var pattern map[string]any
		if err := json.Unmarshal([]byte(r.Pattern), &pattern); err != nil {
			return r, fmt.Errorf("reading the pattern of rule %s: %w", r.Name, err)
		}
		pattern["detail"] = map[string]any{"state": []string{"COMPLETED"}}
		text, err := json.Marshal(pattern)
		r.Pattern = string(text)
		return r, err //nolint:wrapcheck // it came from JSON
	})
}

func ruleOff() labs.Fault {
	return ruleFault(labs.Fault{
		ID:     "rule-off",
		Title:  "During the move of the account the alarms were silenced, and a job has failed since.",
		Answer: "The rule is disabled.",
		Breaks: []string{"bk-alert"},
		Twin:   true,
		Hints: []string{
			"Pattern, target, topic and subscription are right.",
			"The event matches, and nothing happens.",
			"Describe the rule: everything about it.",
		},
	}, func(r eventRule) (eventRule, error) { r.State = types.RuleStateDisabled; return r, nil })
}

// ruleFault is a fault that consists of other settings of the rule.
func ruleFault(fault labs.Fault, change func(eventRule) (eventRule, error)) labs.Fault {
	return swap(fault, func(ctx context.Context, p parts, live labs.Live) (before, after eventRule, err error) {
		rule, err := p.rule(ctx)
		if err != nil {
			return before, after, err
		}
		name := rule.Name
		got, err := eventbridge.NewFromConfig(live.Config).DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &name})
		if err != nil {
			return before, after, fmt.Errorf("reading rule %s: %w", name, err)
		}
		before = eventRule{name, aws.ToString(got.Description), aws.ToString(got.EventPattern), got.State}
		after, err = change(before)
		return before, after, err
	}, func(ctx context.Context, live labs.Live, r eventRule) error {
		// The tags of a rule that is there stay.
		_, err := eventbridge.NewFromConfig(live.Config).PutRule(ctx, &eventbridge.PutRuleInput{
			Name: &r.Name, Description: &r.Description, EventPattern: &r.Pattern, State: r.State,
		})
		if err != nil {
			return fmt.Errorf("changing rule %s: %w", r.Name, err)
		}
		return nil
	})
}

// filter is the filter policy of a subscription; "" is none.
type filter struct{ Subscription, Policy string }

func alertsFiltered() labs.Fault {
	return swap(labs.Fault{
		ID:     "alerts-filtered",
		Title:  "A backup failed last night; the queue of alerts is subscribed, and empty.",
		Answer: "The subscription has a filter policy: only messages with the attribute severity=page pass, and what EventBridge publishes has no attributes.",
		Breaks: []string{"bk-alert"},
		Twin:   true,
		Hints: []string{
			"The rule has matched and published.",
			"Between the topic and the queue something decides about each message.",
			"Look at the attributes of the subscription.",
		},
	}, func(ctx context.Context, p parts, live labs.Live) (before, after filter, err error) {
		topic, err := p.topic(ctx)
		if err != nil {
			return before, after, err
		}
		subscriptions, err := live.Inventory.Subscriptions(ctx, topic)
		if err != nil {
			return before, after, err
		}
		for _, s := range subscriptions {
			if s.Protocol == "sqs" {
				return filter{s.SubscriptionArn, s.FilterPolicy}, filter{s.SubscriptionArn, `{"severity":["page"]}`}, nil
			}
		}
		return before, after, labs.Lacks("no queue is subscribed to %s", topic)
	}, func(ctx context.Context, live labs.Live, f filter) error {
		policy := f.Policy
		if policy == "" {
			policy = "{}" // takes it away
		}
		_, err := sns.NewFromConfig(live.Config).SetSubscriptionAttributes(ctx, &sns.SetSubscriptionAttributesInput{
			SubscriptionArn: &f.Subscription, AttributeName: aws.String("FilterPolicy"), AttributeValue: &policy,
		})
		if err := labs.Unless(err, "NotFound"); err != nil {
			return fmt.Errorf("setting the filter of subscription %s: %w", f.Subscription, err)
		}
		return nil
	})
}

// queuePolicy is a queue's policy.
type queuePolicy struct{ Queue, Policy string }

func queueRefuses() labs.Fault {
	return swap(labs.Fault{
		ID:     "queue-refuses",
		Title:  "After a change of names the topic publishes and the queue stays empty. Nothing reports an error.",
		Answer: "The queue's policy lets another topic send to it: what this one delivers is refused, and SNS drops it.",
		Breaks: []string{"bk-alert"},
		Twin:   true,
		Hints: []string{
			"The subscription is confirmed and filters nothing.",
			"A queue takes messages from those whom its policy lets.",
			"Compare the ARN in the condition of the queue's policy with the topic's.",
		},
	}, func(ctx context.Context, p parts, _ labs.Live) (before, after queuePolicy, err error) {
		topic, err := p.topic(ctx)
		if err != nil {
			return before, after, err
		}
		queue, err := p.queue(ctx)
		if err != nil {
			return before, after, err
		}
		d, err := readDocument(queue.Policy)
		if err != nil {
			return before, after, fmt.Errorf("reading the policy of queue %s: %w", queue.QueueUrl, err)
		}
		for _, statement := range d.Statement {
			statement["Condition"] = map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": topic + "-old"}}
		}
		return queuePolicy{queue.QueueUrl, queue.Policy}, queuePolicy{queue.QueueUrl, d.String()}, nil
	}, func(ctx context.Context, live labs.Live, q queuePolicy) error {
		_, err := sqs.NewFromConfig(live.Config).SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
			QueueUrl: &q.Queue, Attributes: map[string]string{"Policy": q.Policy},
		})
		if err := labs.Unless(err, "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"); err != nil {
			return fmt.Errorf("changing the policy of queue %s: %w", q.Queue, err)
		}
		return nil
	})
}
