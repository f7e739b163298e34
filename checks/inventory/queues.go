package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"
)

// Queue is an SQS queue. Times are seconds.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
type Queue struct {
	QueueArn               string
	QueueUrl               string
	VisibilityTimeout      int
	MessageRetentionPeriod int
	DeadLetterTargetArn    string // "" without a redrive policy
	MaxReceiveCount        int
	Policy                 string
	KmsMasterKeyId         string            `json:",omitempty"` // "" without a key, or with one of SQS's own
	Tags                   map[string]string // nil where the queue was asked for by its ARN
}

// Subscription is a subscription to an SNS topic.
// https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html
type Subscription struct {
	SubscriptionArn string // "PendingConfirmation" until it is confirmed
	TopicArn        string
	Protocol        string
	Endpoint        string
	FilterPolicy    string // "" where everything is delivered
	FilterScope     string // MessageAttributes or MessageBody: what the filter looks at
}

// Queues reads the region's queues that carry the scope's tag.
func (i *Inventory) Queues(ctx context.Context) ([]Queue, error) {
	return i.workload.queues.get("the queues tagged "+i.Scope.String(), func() ([]Queue, error) { return i.source.readScopeQueues(ctx, i.Scope) })
}

// Queue reads one queue; where there is none the error wraps ErrNotFound.
func (i *Inventory) Queue(ctx context.Context, arn string) (Queue, error) {
	return i.workload.queue.get(arn, "queue", func() (Queue, error) { return i.source.readQueueByARN(ctx, arn) })
}

// Subscriptions reads who has subscribed to a topic; where there is no such topic the error wraps ErrNotFound.
func (i *Inventory) Subscriptions(ctx context.Context, topic string) ([]Subscription, error) {
	return i.workload.subscriptions.get(topic, "the subscriptions of", func() ([]Subscription, error) { return i.source.readSubscriptions(ctx, topic) })
}

func (l live) readScopeQueues(ctx context.Context, scope Scope) ([]Queue, error) {
	marked, err := l.readTagged(ctx, scope, "sqs")
	if err != nil {
		return nil, err
	}
	found := make([]Queue, len(marked))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, resource := range marked {
		group.Go(func() (err error) {
			found[n], err = l.readQueueByARN(ctx, resource.arn)
			found[n].Tags = resource.tags
			return err
		})
	}
	return found, group.Wait()
}

func (l live) readQueueByARN(ctx context.Context, arn string) (Queue, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return Queue{}, ErrNotFound
	}
	url, err := l.queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &parts[5], QueueOwnerAWSAccountId: &parts[4]})
	if err != nil {
		return Queue{}, noQueue(err)
	}
	got, err := l.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll}})
	if err != nil {
		return Queue{}, noQueue(err)
	}
	q := Queue{QueueArn: arn, QueueUrl: aws.ToString(url.QueueUrl), Policy: got.Attributes["Policy"], KmsMasterKeyId: got.Attributes["KmsMasterKeyId"]}
	for name, into := range map[string]*int{"VisibilityTimeout": &q.VisibilityTimeout, "MessageRetentionPeriod": &q.MessageRetentionPeriod} {
		if *into, err = strconv.Atoi(got.Attributes[name]); err != nil {
			return q, fmt.Errorf("%s of the queue: %w", name, err)
		}
	}
	if text := got.Attributes["RedrivePolicy"]; text != "" {
		// SQS gives the count back as it was given: a number, or a number as text.
		var redrive struct {
			DeadLetterTargetArn string
			MaxReceiveCount     json.RawMessage
		}
		if err := json.Unmarshal([]byte(text), &redrive); err != nil {
			return q, fmt.Errorf("its redrive policy: %w", err)
		}
		q.DeadLetterTargetArn = redrive.DeadLetterTargetArn
		if q.MaxReceiveCount, err = strconv.Atoi(strings.Trim(string(redrive.MaxReceiveCount), `"`)); err != nil {
			return q, fmt.Errorf("its redrive policy: %w", err)
		}
	}
	return q, nil
}

func noQueue(err error) error {
	return missing(err, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
}

func (l live) readSubscriptions(ctx context.Context, topic string) ([]Subscription, error) {
	list, err := all(ctx, sns.NewListSubscriptionsByTopicPaginator(l.topics, &sns.ListSubscriptionsByTopicInput{TopicArn: &topic}), func(o *sns.ListSubscriptionsByTopicOutput) []snstypes.Subscription {
		return o.Subscriptions
	})
	if err != nil {
		return nil, missing(err, "NotFound", "NotFoundException")
	}
	found := make([]Subscription, len(list))
	for n, s := range list {
		found[n] = Subscription{SubscriptionArn: aws.ToString(s.SubscriptionArn), TopicArn: topic, Protocol: aws.ToString(s.Protocol), Endpoint: aws.ToString(s.Endpoint)}
		if !strings.HasPrefix(found[n].SubscriptionArn, "arn:") {
			continue // it waits for its confirmation and has no attributes yet
		}
		got, err := l.topics.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: s.SubscriptionArn})
		if err != nil {
			return nil, err //nolint:wrapcheck // the SDK's errors name the call
		}
		// An empty filter is how one is taken away.
		if filter := strings.TrimSpace(got.Attributes["FilterPolicy"]); filter != "" && filter != "{}" {
			found[n].FilterPolicy, found[n].FilterScope = filter, got.Attributes["FilterPolicyScope"]
		}
	}
	return found, nil
}

func (f Facts) readScopeQueues(_ context.Context, scope Scope) ([]Queue, error) {
	return only(f.Queues, func(q Queue) bool { return q.Tags[scope.Key] == scope.Value }), nil
}

func (f Facts) readQueueByARN(_ context.Context, arn string) (Queue, error) {
	return pick(f.Queues, func(q Queue) bool { return q.QueueArn == arn })
}

func (f Facts) readSubscriptions(_ context.Context, topic string) ([]Subscription, error) {
	return only(f.Subscriptions, func(s Subscription) bool { return s.TopicArn == topic }), nil
}
