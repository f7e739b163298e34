package inventory

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

// Bucket is an S3 bucket that carries the scope's tag.
type Bucket struct {
	Name string
	Tags map[string]string
}

// Buckets reads the region's buckets that carry the scope's tag. It asks the tagging API: S3 itself can only be asked
// for the tags of one bucket after the other.
func (i *Inventory) Buckets(ctx context.Context) ([]Bucket, error) {
	return i.buckets.get("the S3 buckets tagged "+i.Scope.String(), func() ([]Bucket, error) { return i.source.readBuckets(ctx, i.Scope) })
}

func (l live) readBuckets(ctx context.Context, scope Scope) ([]Bucket, error) {
	tagged, err := l.readTagged(ctx, scope, "s3")
	if err != nil {
		return nil, err
	}
	var found []Bucket
	for _, resource := range tagged {
		// arn:aws:s3:::name; an access point or a storage lens has a region and an account.
		parts := strings.Split(resource.arn, ":")
		if len(parts) == 6 && parts[3] == "" && parts[4] == "" {
			found = append(found, Bucket{Name: parts[5], Tags: resource.tags})
		}
	}
	return found, nil
}

// tagged is a resource as the tagging API tells of it.
type tagged struct {
	arn  string
	tags map[string]string
}

// readTagged reads the region's resources of one type that carry the scope's tag.
func (l live) readTagged(ctx context.Context, scope Scope, kind string) ([]tagged, error) {
	resources, err := all(ctx, resourcegroupstaggingapi.NewGetResourcesPaginator(l.tagging, &resourcegroupstaggingapi.GetResourcesInput{
		ResourceTypeFilters: []string{kind},
		TagFilters:          []types.TagFilter{{Key: aws.String(scope.Key), Values: []string{scope.Value}}},
	}), func(o *resourcegroupstaggingapi.GetResourcesOutput) []types.ResourceTagMapping {
		return o.ResourceTagMappingList
	})
	if err != nil {
		return nil, err
	}
	found := make([]tagged, len(resources))
	for n, resource := range resources {
		found[n] = tagged{arn: aws.ToString(resource.ResourceARN), tags: map[string]string{}}
		for _, tag := range resource.Tags {
			found[n].tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	return found, nil
}
