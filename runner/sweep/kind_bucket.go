package sweep

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

type bucketAPI interface {
	s3.ListBucketsAPIClient
	s3.ListObjectVersionsAPIClient
	GetBucketLocation(context.Context, *s3.GetBucketLocationInput, ...func(*s3.Options)) (*s3.GetBucketLocationOutput, error)
	DeleteBucketPolicy(context.Context, *s3.DeleteBucketPolicyInput, ...func(*s3.Options)) (*s3.DeleteBucketPolicyOutput, error)
	GetBucketTagging(context.Context, *s3.GetBucketTaggingInput, ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
	DeleteBucket(context.Context, *s3.DeleteBucketInput, ...func(*s3.Options)) (*s3.DeleteBucketOutput, error)
}

// buckets are found by name, and by what the tagging API knows. S3 lists the buckets of
// all regions; each handler takes those of its own.
type buckets struct {
	api    bucketAPI
	region string
}

// bucketsAtOnce has to be said: only a request with a parameter is told the buckets' regions.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Bucket.html
const bucketsAtOnce = 1000

func (h buckets) list(ctx context.Context, also []string) ([]found, error) {
	var named []types.Bucket
	pages := s3.NewListBucketsPaginator(h.api, &s3.ListBucketsInput{MaxBuckets: aws.Int32(bucketsAtOnce)})
	err := eachPage(ctx, pages, func(page *s3.ListBucketsOutput) {
		for _, b := range page.Buckets {
			if name := aws.ToString(b.Name); strings.HasPrefix(name, namePrefix) || slices.Contains(also, name) {
				named = append(named, b)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	all, err := lookUp(named, func(b types.Bucket) (found, error) {
		here, err := h.here(ctx, b)
		if err != nil || !here {
			return found{}, err
		}
		return h.found(ctx, aws.ToString(b.Name))
	})
	return slices.DeleteFunc(all, func(f found) bool { return f.id == "" }), err
}

func (h buckets) here(ctx context.Context, b types.Bucket) (bool, error) {
	if b.BucketRegion != nil {
		return *b.BucketRegion == h.region, nil
	}
	out, err := h.api.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: b.Name})
	if err != nil {
		return false, err
	}
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
	return cmp.Or(string(out.LocationConstraint), "us-east-1") == h.region, nil
}

func (h buckets) found(ctx context.Context, name string) (found, error) {
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
}

// delete takes the policy off first, since a denial in it may well concern whoever sweeps, and
// then empties the bucket of every version and delete marker.
func (h buckets) delete(ctx context.Context, id string, _ map[string]bool) error {
	if _, err := h.api.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: aws.String(id)}); err != nil {
		return err
	}
	var kept []types.Error
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
		refused, err := h.deleteObjects(ctx, id, objects)
		if err != nil {
			return err
		}
		kept = append(kept, refused...)
	}
	if len(kept) > 0 {
		return h.keptError(ctx, id, kept)
	}
	_, err := h.api.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(id)})
	return err
}

// deleteObjects deletes what is locked in governance mode too, and returns what stays.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
func (h buckets) deleteObjects(ctx context.Context, bucket string, objects []types.ObjectIdentifier) ([]types.Error, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	out, err := h.api.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: aws.String(bucket), Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)},
		BypassGovernanceRetention: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	return out.Errors, nil
}

// keptError says why objects stay and, where a lock in compliance mode keeps them, until when:
// nobody can delete them before that.
func (h buckets) keptError(ctx context.Context, bucket string, kept []types.Error) error {
	var (
		mu     sync.Mutex
		until  time.Time
		locked int
	)
	_ = each(kept, func(e types.Error) error {
		out, err := h.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: e.Key, VersionId: e.VersionId})
		if err != nil || out.ObjectLockMode != types.ObjectLockModeCompliance {
			return nil //nolint:nilerr // S3's own reason is told then
		}
		mu.Lock()
		defer mu.Unlock()
		locked++
		if date := aws.ToTime(out.ObjectLockRetainUntilDate); date.After(until) {
			until = date
		}
		return nil
	})
	why := &smithy.GenericAPIError{Code: aws.ToString(kept[0].Code), Message: aws.ToString(kept[0].Message)}
	if locked == 0 {
		return fmt.Errorf("%d objects stay, the first is %s: %w", len(kept), aws.ToString(kept[0].Key), why)
	}
	return fmt.Errorf("%d objects stay, of which %d are locked in compliance mode, the last until %s: %w",
		len(kept), locked, until.UTC().Format(time.RFC3339), why)
}
