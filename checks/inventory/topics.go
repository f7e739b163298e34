package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// Topic is an SNS topic.
// https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
type Topic struct {
	TopicArn       string
	Policy         string
	KmsMasterKeyId string            // a key's id, ARN or alias; "" where messages lie unencrypted
	Tags           map[string]string `json:",omitempty"` // in Facts only: whoever asks for a topic knows its ARN
}

// Topics reads the ARNs of the region's topics that carry the scope's tag.
func (i *Inventory) Topics(ctx context.Context) ([]string, error) {
	return i.watch.topics.get("the topics tagged "+i.Scope.String(), func() ([]string, error) { return i.source.readScopeTopics(ctx, i.Scope) })
}

// Topic reads one topic; where there is none the error wraps ErrNotFound.
func (i *Inventory) Topic(ctx context.Context, arn string) (Topic, error) {
	return i.watch.topic.get(arn, "topic", func() (Topic, error) { return i.source.readTopic(ctx, arn) })
}

func (l live) readScopeTopics(ctx context.Context, scope Scope) ([]string, error) {
	marked, err := l.readTagged(ctx, scope, "sns")
	arns := make([]string, len(marked))
	for n, resource := range marked {
		arns[n] = resource.arn
	}
	return arns, err
}

func (l live) readTopic(ctx context.Context, arn string) (Topic, error) {
	got, err := l.topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
	if err != nil {
		return Topic{}, missing(err, "NotFound", "NotFoundException")
	}
	return Topic{TopicArn: arn, Policy: got.Attributes["Policy"], KmsMasterKeyId: got.Attributes["KmsMasterKeyId"]}, nil
}

func (f Facts) readScopeTopics(_ context.Context, scope Scope) ([]string, error) {
	var arns []string
	for _, topic := range f.Topics {
		if topic.Tags[scope.Key] == scope.Value {
			arns = append(arns, topic.TopicArn)
		}
	}
	return arns, nil
}

func (f Facts) readTopic(_ context.Context, arn string) (Topic, error) {
	return pick(f.Topics, func(t Topic) bool { return t.TopicArn == arn })
}
