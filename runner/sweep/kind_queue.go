package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type queueAPI interface {
	sqs.ListQueuesAPIClient
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	ListQueueTags(context.Context, *sqs.ListQueueTagsInput, ...func(*sqs.Options)) (*sqs.ListQueueTagsOutput, error)
	DeleteQueue(context.Context, *sqs.DeleteQueueInput, ...func(*sqs.Options)) (*sqs.DeleteQueueOutput, error)
}

// queues are found by name, and by what the tagging API knows. Their messages go with them.
type queues struct{ api queueAPI }

func (h queues) list(ctx context.Context, also []string) ([]found, error) {
	urls := map[string]string{} // by name
	pages := sqs.NewListQueuesPaginator(h.api, &sqs.ListQueuesInput{QueueNamePrefix: aws.String(namePrefix)})
	err := eachPage(ctx, pages, func(page *sqs.ListQueuesOutput) {
		for _, url := range page.QueueUrls {
			urls[url[strings.LastIndex(url, "/")+1:]] = url
		}
	})
	if err != nil {
		return nil, err
	}
	var named []string
	for name := range urls {
		named = append(named, name)
	}
	for _, name := range also {
		if !slices.Contains(named, name) {
			named = append(named, name)
		}
	}
	return lookUp(named, func(name string) (found, error) {
		url := aws.String(urls[name])
		if *url == "" {
			out, err := h.api.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(name)})
			if err != nil {
				return found{}, err
			}
			url = out.QueueUrl
		}
		out, err := h.api.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: url})
		if err != nil {
			return found{}, err
		}
		return found{id: name, name: name, tags: out.Tags}, nil
	})
}

func (h queues) delete(ctx context.Context, id string, _ map[string]bool) error {
	out, err := h.api.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(id)})
	if err != nil {
		return err
	}
	_, err = h.api.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl})
	return err
}
