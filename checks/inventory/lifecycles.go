package inventory

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// BucketLifecycle are the lifecycle rules of a bucket.
type BucketLifecycle struct {
	Bucket string
	Rules  []LifecycleRule
}

// LifecycleRule is a rule that moves or removes objects. Times are days.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
type LifecycleRule struct {
	ID      string
	Enabled bool
	Filter  LifecycleFilter

	ExpirationDays          int        // of the newest version; 0 for none
	ExpirationDate          *time.Time // of the newest version
	NoncurrentDays          int        // until a replaced version goes; 0 for never
	NewerNoncurrentVersions int        // as many replaced versions stay, however old
	NoncurrentTransitions   []LifecycleTransition
}

// LifecycleFilter says which objects a rule is about: all, where it says nothing.
type LifecycleFilter struct {
	Prefix                string            `json:",omitempty"`
	Tags                  map[string]string `json:",omitempty"`
	ObjectSizeGreaterThan int64             `json:",omitempty"`
	ObjectSizeLessThan    int64             `json:",omitempty"`
}

// LifecycleTransition moves a replaced version to another storage class.
type LifecycleTransition struct {
	Days         int
	StorageClass string
}

// Lifecycle reads the lifecycle rules of a bucket, none where it has none.
func (i *Inventory) Lifecycle(ctx context.Context, bucket string) ([]LifecycleRule, error) {
	return i.recovery.lifecycles.get(bucket, "the lifecycle of bucket", func() ([]LifecycleRule, error) { return i.source.readLifecycle(ctx, bucket) })
}

func (l live) readLifecycle(ctx context.Context, bucket string) ([]LifecycleRule, error) {
	got, err := l.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &bucket})
	if err != nil {
		return nil, unless(err, "NoSuchLifecycleConfiguration")
	}
	var rules []LifecycleRule
	for _, rule := range got.Rules {
		rules = append(rules, lifecycleRuleOf(rule))
	}
	return rules, nil
}

func lifecycleRuleOf(rule types.LifecycleRule) LifecycleRule {
	found := LifecycleRule{ID: aws.ToString(rule.ID), Enabled: rule.Status == types.ExpirationStatusEnabled, Filter: lifecycleFilterOf(rule)}
	if e := rule.Expiration; e != nil {
		found.ExpirationDays, found.ExpirationDate = number(e.Days), e.Date
	}
	if e := rule.NoncurrentVersionExpiration; e != nil {
		found.NoncurrentDays, found.NewerNoncurrentVersions = number(e.NoncurrentDays), number(e.NewerNoncurrentVersions)
	}
	for _, t := range rule.NoncurrentVersionTransitions {
		found.NoncurrentTransitions = append(found.NoncurrentTransitions, LifecycleTransition{number(t.NoncurrentDays), string(t.StorageClass)})
	}
	return found
}

// lifecycleFilterOf reads both forms of a filter, and the prefix that old rules have instead.
func lifecycleFilterOf(rule types.LifecycleRule) LifecycleFilter {
	found := LifecycleFilter{Prefix: aws.ToString(rule.Prefix)} //nolint:staticcheck // old rules are still in force
	var tags []types.Tag
	if f := rule.Filter; f != nil {
		found.Prefix += aws.ToString(f.Prefix)
		found.ObjectSizeGreaterThan, found.ObjectSizeLessThan = aws.ToInt64(f.ObjectSizeGreaterThan), aws.ToInt64(f.ObjectSizeLessThan)
		if f.Tag != nil {
			tags = append(tags, *f.Tag)
		}
		if f.And != nil {
			found.Prefix = aws.ToString(f.And.Prefix)
			found.ObjectSizeGreaterThan, found.ObjectSizeLessThan = aws.ToInt64(f.And.ObjectSizeGreaterThan), aws.ToInt64(f.And.ObjectSizeLessThan)
			tags = f.And.Tags
		}
	}
	for _, tag := range tags {
		if found.Tags == nil {
			found.Tags = map[string]string{}
		}
		found.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return found
}

func (f Facts) readLifecycle(_ context.Context, bucket string) ([]LifecycleRule, error) {
	found, err := pick(f.BucketLifecycles, func(l BucketLifecycle) bool { return l.Bucket == bucket })
	if err != nil {
		return nil, nil //nolint:nilerr // a bucket without rules is not among them
	}
	return found.Rules, nil
}
