package sweep

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

type trailAPI interface {
	cloudtrail.ListTagsAPIClient
	DescribeTrails(context.Context, *cloudtrail.DescribeTrailsInput, ...func(*cloudtrail.Options)) (*cloudtrail.DescribeTrailsOutput, error)
	DeleteTrail(context.Context, *cloudtrail.DeleteTrailInput, ...func(*cloudtrail.Options)) (*cloudtrail.DeleteTrailOutput, error)
}

// trails are those whose home is the region. Elsewhere they are shadows, which go with them,
// and so are an organization's in its member accounts.
type trails struct{ api trailAPI }

// trailsAtOnce is how many resources one request may ask the tags of.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html
const trailsAtOnce = 20

func (h trails) list(ctx context.Context, _ []string) ([]found, error) {
	out, err := h.api.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)})
	if isNotEmulated(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tags := map[string][]types.Tag{}
	for some := range slices.Chunk(out.TrailList, trailsAtOnce) {
		var arns []string
		for _, t := range some {
			arns = append(arns, aws.ToString(t.TrailARN))
		}
		pages := cloudtrail.NewListTagsPaginator(h.api, &cloudtrail.ListTagsInput{ResourceIdList: arns})
		err := eachPage(ctx, pages, func(page *cloudtrail.ListTagsOutput) {
			for _, r := range page.ResourceTagList {
				arn := aws.ToString(r.ResourceId)
				tags[arn] = append(tags[arn], r.TagsList...)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	var all []found
	for _, t := range out.TrailList {
		name, arn := aws.ToString(t.Name), aws.ToString(t.TrailARN)
		all = append(all, found{
			id: name, name: name, arn: arn,
			tags: tagsOf(tags[arn], func(t types.Tag) (*string, *string) { return t.Key, t.Value }),
		})
	}
	return all, nil
}

func (h trails) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: aws.String(id)})
	return err
}
