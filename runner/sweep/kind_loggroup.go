package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

type logGroupAPI interface {
	cloudwatchlogs.DescribeLogGroupsAPIClient
	ListTagsForResource(context.Context, *cloudwatchlogs.ListTagsForResourceInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.ListTagsForResourceOutput, error)
	DeleteLogGroup(context.Context, *cloudwatchlogs.DeleteLogGroupInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DeleteLogGroupOutput, error)
}

// logGroups are found by name, and by what the tagging API knows.
type logGroups struct{ api logGroupAPI }

func (h logGroups) list(ctx context.Context, also []string) ([]found, error) {
	groups, err := h.named(ctx, namePrefix)
	if err != nil {
		return nil, err
	}
	for _, name := range also {
		name = strings.TrimSuffix(name, ":*") // some ARNs of log groups end so
		if strings.HasPrefix(name, namePrefix) {
			continue
		}
		more, err := h.named(ctx, name)
		if err != nil {
			return nil, err
		}
		groups = append(groups, slices.DeleteFunc(more, func(g types.LogGroup) bool { return aws.ToString(g.LogGroupName) != name })...)
	}
	return lookUp(groups, func(g types.LogGroup) (found, error) {
		name, arn := aws.ToString(g.LogGroupName), strings.TrimSuffix(aws.ToString(g.Arn), ":*")
		out, err := h.api.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(arn)})
		if err != nil {
			return found{}, err
		}
		return found{id: name, name: name, arn: arn, tags: out.Tags}, nil
	})
}

func (h logGroups) named(ctx context.Context, prefix string) (groups []types.LogGroup, err error) {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(h.api, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(prefix)})
	err = eachPage(ctx, pages, func(page *cloudwatchlogs.DescribeLogGroupsOutput) {
		groups = append(groups, page.LogGroups...)
	})
	return groups, err
}

func (h logGroups) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(id)})
	return err
}
