package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

type topicAPI interface {
	sns.ListTopicsAPIClient
	ListTagsForResource(context.Context, *sns.ListTagsForResourceInput, ...func(*sns.Options)) (*sns.ListTagsForResourceOutput, error)
	DeleteTopic(context.Context, *sns.DeleteTopicInput, ...func(*sns.Options)) (*sns.DeleteTopicOutput, error)
}

// topics are found by name and by what the tagging API knows; their ids are ARNs. Their
// subscriptions go with them.
type topics struct{ api topicAPI }

func (h topics) list(ctx context.Context, also []string) ([]found, error) {
	var named []found
	err := eachPage(ctx, sns.NewListTopicsPaginator(h.api, &sns.ListTopicsInput{}), func(page *sns.ListTopicsOutput) {
		for _, t := range page.Topics {
			arn := aws.ToString(t.TopicArn)
			name := arn[strings.LastIndex(arn, ":")+1:]
			if strings.HasPrefix(name, namePrefix) || slices.Contains(also, name) {
				named = append(named, found{id: arn, name: name, arn: arn})
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return lookUp(named, func(f found) (found, error) {
		out, err := h.api.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: aws.String(f.arn)})
		if err != nil {
			return found{}, err
		}
		f.tags = tagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
		return f, nil
	})
}

func (h topics) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: aws.String(id)})
	return err
}
