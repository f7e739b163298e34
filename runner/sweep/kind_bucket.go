package sweep

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

type bucketAPI interface {
	s3.ListBucketsAPIClient
	s3.ListObjectVersionsAPIClient
	DeleteBucketPolicy(context.Context, *s3.DeleteBucketPolicyInput, ...func(*s3.Options)) (*s3.DeleteBucketPolicyOutput, error)
	GetBucketTagging(context.Context, *s3.GetBucketTaggingInput, ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error)
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
	DeleteBucket(context.Context, *s3.DeleteBucketInput, ...func(*s3.Options)) (*s3.DeleteBucketOutput, error)
}

// buckets are found by name, and by what the tagging API knows. S3 lists the buckets of
// all regions; those of other regions are for a Sweeper there.
type buckets struct {
	api    bucketAPI
	region string
}

func (h buckets) list(ctx context.Context, also []string) ([]found, error) {
	var names []string
	err := eachPage(ctx, s3.NewListBucketsPaginator(h.api, &s3.ListBucketsInput{}), func(page *s3.ListBucketsOutput) {
		for _, b := range page.Buckets {
			name := aws.ToString(b.Name)
			here := b.BucketRegion == nil || *b.BucketRegion == h.region
			if here && (strings.HasPrefix(name, namePrefix) || slices.Contains(also, name)) {
				names = append(names, name)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return lookUp(names, func(name string) (found, error) {
		f := found{id: name, name: name, arn: "arn:aws:s3:::" + name}
		out, err := h.api.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: aws.String(name)})
		switch {
		case code(err) == "NoSuchTagSet": // Terraform tags a bucket after it made it
			return f, nil
		case err != nil:
			return found{}, err
		}
		f.tags = tagsOf(out.TagSet, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
		return f, nil
	})
}

// delete takes the policy off first, since a denial in it may well concern whoever sweeps, and
// then empties the bucket of every version and delete marker.
func (h buckets) delete(ctx context.Context, id string, _ map[string]bool) error {
	if _, err := h.api.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: aws.String(id)}); err != nil {
		return err
	}
	pages := s3.NewListObjectVersionsPaginator(h.api, &s3.ListObjectVersionsInput{Bucket: aws.String(id)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		var objects []types.ObjectIdentifier // at most 1,000, which is what one request deletes
		for _, v := range page.Versions {
			objects = append(objects, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			objects = append(objects, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if err := h.deleteObjects(ctx, id, objects); err != nil {
			return err
		}
	}
	_, err := h.api.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(id)})
	return err
}

// deleteObjects deletes what is locked in governance mode too. Nobody can delete what is locked
// in compliance mode or under legal hold.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
func (h buckets) deleteObjects(ctx context.Context, bucket string, objects []types.ObjectIdentifier) error {
	if len(objects) == 0 {
		return nil
	}
	out, err := h.api.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: aws.String(bucket), Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)},
		BypassGovernanceRetention: aws.Bool(true),
	})
	if err != nil {
		return err
	}
	for _, e := range out.Errors {
		return fmt.Errorf("%d objects stay, the first is %s: %w", len(out.Errors), aws.ToString(e.Key),
			&smithy.GenericAPIError{Code: aws.ToString(e.Code), Message: aws.ToString(e.Message)})
	}
	return nil
}
