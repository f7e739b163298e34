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
	Tags           map[string]string `json:",omitempty"` // nil where the topic was asked for by its ARN
}

// TopicTags reads the tags of the region's topics that carry the scope's tag, by ARN.
func (i *Inventory) TopicTags(ctx context.Context) (map[string]map[string]string, error) {
	return i.watch.topicTags.get("the topics tagged "+i.Scope.String(), func() (map[string]map[string]string, error) { return i.source.readTopicTags(ctx, i.Scope) })
}

// Topic reads one topic; where there is none the error wraps ErrNotFound.
func (i *Inventory) Topic(ctx context.Context, arn string) (Topic, error) {
	return i.watch.topic.get(arn, "topic", func() (Topic, error) { return i.source.readTopic(ctx, arn) })
}

func (l live) readTopicTags(ctx context.Context, scope Scope) (map[string]map[string]string, error) {
	return l.readTagsOf(ctx, scope, "sns")
}

func (l live) readTopic(ctx context.Context, arn string) (Topic, error) {
	got, err := l.topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
	if err != nil {
		return Topic{}, missing(err, "NotFound", "NotFoundException")
	}
	return Topic{TopicArn: arn, Policy: got.Attributes["Policy"], KmsMasterKeyId: got.Attributes["KmsMasterKeyId"]}, nil
}

func (f Facts) readTopicTags(_ context.Context, scope Scope) (map[string]map[string]string, error) {
	found := map[string]map[string]string{}
	for _, topic := range f.Topics {
		if topic.Tags[scope.Key] == scope.Value {
			found[topic.TopicArn] = topic.Tags
		}
	}
	return found, nil
}

func (f Facts) readTopic(_ context.Context, arn string) (Topic, error) {
	return pick(f.Topics, func(t Topic) bool { return t.TopicArn == arn })
}
