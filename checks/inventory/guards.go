package inventory

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"
)

// BucketGuard is what protects a bucket's objects: its policy and its settings.
type BucketGuard struct {
	Bucket            string
	Policy            string // "" where there is none
	PublicAccessBlock PublicAccessBlock
	Encryption        DefaultEncryption
	Versioning        string // Enabled, Suspended or ""
	ObjectLock        ObjectLock
}

// PublicAccessBlock are the four flags of a bucket or an account.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html
type PublicAccessBlock struct {
	BlockPublicAcls       bool
	BlockPublicPolicy     bool
	IgnorePublicAcls      bool
	RestrictPublicBuckets bool
}

// DefaultEncryption is how S3 encrypts an object whose writer asks for nothing.
type DefaultEncryption struct {
	SSEAlgorithm   string // AES256, aws:kms, aws:kms:dsse
	KMSMasterKeyID string // a key id, a key's ARN or an alias
}

// ObjectLock is a bucket's lock with its default retention. Mode is "" where there is none.
type ObjectLock struct {
	Enabled bool
	Mode    string // GOVERNANCE or COMPLIANCE
	Days    int
	Years   int
}

// BucketGuard reads what protects one bucket.
func (i *Inventory) BucketGuard(ctx context.Context, bucket string) (BucketGuard, error) {
	return i.audit.guards.get(bucket, "the protection of bucket", func() (BucketGuard, error) { return i.source.readBucketGuard(ctx, bucket) })
}

// AccountPublicAccessBlock reads the flags that hold for all buckets of the account.
func (i *Inventory) AccountPublicAccessBlock(ctx context.Context) (PublicAccessBlock, error) {
	return i.audit.accountBlock.get("the account's public access block", func() (PublicAccessBlock, error) {
		return i.source.readAccountBlock(ctx, i.Account)
	})
}

func (l live) readBucketGuard(ctx context.Context, bucket string) (BucketGuard, error) {
	guard := BucketGuard{Bucket: bucket}
	group, ctx := errgroup.WithContext(ctx)
	for _, read := range []func(context.Context, *BucketGuard) error{l.readPolicy, l.readBlock, l.readEncryption, l.readVersioning, l.readLock} {
		group.Go(func() error { return read(ctx, &guard) })
	}
	return guard, group.Wait()
}

func (l live) readPolicy(ctx context.Context, guard *BucketGuard) error {
	got, err := l.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &guard.Bucket})
	if err != nil {
		return unless(err, "NoSuchBucketPolicy")
	}
	guard.Policy = aws.ToString(got.Policy)
	return nil
}

func (l live) readBlock(ctx context.Context, guard *BucketGuard) error {
	got, err := l.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &guard.Bucket})
	if err != nil {
		return unless(err, "NoSuchPublicAccessBlockConfiguration")
	}
	if c := got.PublicAccessBlockConfiguration; c != nil {
		guard.PublicAccessBlock = publicAccessBlock(c.BlockPublicAcls, c.BlockPublicPolicy, c.IgnorePublicAcls, c.RestrictPublicBuckets)
	}
	return nil
}

func (l live) readEncryption(ctx context.Context, guard *BucketGuard) error {
	got, err := l.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &guard.Bucket})
	if err != nil {
		return unless(err, "ServerSideEncryptionConfigurationNotFoundError")
	}
	if got.ServerSideEncryptionConfiguration == nil {
		return nil
	}
	for _, rule := range got.ServerSideEncryptionConfiguration.Rules {
		if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
			guard.Encryption = DefaultEncryption{SSEAlgorithm: string(d.SSEAlgorithm), KMSMasterKeyID: aws.ToString(d.KMSMasterKeyID)}
		}
	}
	return nil
}

func (l live) readVersioning(ctx context.Context, guard *BucketGuard) error {
	got, err := l.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &guard.Bucket})
	if err != nil {
		return err //nolint:wrapcheck // the SDK's errors name the call
	}
	guard.Versioning = string(got.Status)
	return nil
}

func (l live) readLock(ctx context.Context, guard *BucketGuard) error {
	got, err := l.s3.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &guard.Bucket})
	if err != nil {
		return unless(err, "ObjectLockConfigurationNotFoundError")
	}
	c := got.ObjectLockConfiguration
	if c == nil {
		return nil
	}
	guard.ObjectLock.Enabled = c.ObjectLockEnabled == "Enabled"
	if c.Rule != nil && c.Rule.DefaultRetention != nil {
		r := c.Rule.DefaultRetention
		guard.ObjectLock.Mode = string(r.Mode)
		guard.ObjectLock.Days, guard.ObjectLock.Years = int(aws.ToInt32(r.Days)), int(aws.ToInt32(r.Years))
	}
	return nil
}

func (l live) readAccountBlock(ctx context.Context, account string) (PublicAccessBlock, error) {
	got, err := l.s3control.GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: &account})
	if err != nil {
		return PublicAccessBlock{}, unless(err, "NoSuchPublicAccessBlockConfiguration")
	}
	c := got.PublicAccessBlockConfiguration
	if c == nil {
		return PublicAccessBlock{}, nil
	}
	return publicAccessBlock(c.BlockPublicAcls, c.BlockPublicPolicy, c.IgnorePublicAcls, c.RestrictPublicBuckets), nil
}

func publicAccessBlock(blockACLs, blockPolicy, ignoreACLs, restrict *bool) PublicAccessBlock {
	return PublicAccessBlock{
		BlockPublicAcls: aws.ToBool(blockACLs), BlockPublicPolicy: aws.ToBool(blockPolicy),
		IgnorePublicAcls: aws.ToBool(ignoreACLs), RestrictPublicBuckets: aws.ToBool(restrict),
	}
}

// unless drops an error whose code says that there is nothing to read.
func unless(err error, codes ...string) error {
	var api smithy.APIError
	if errors.As(err, &api) && slices.Contains(codes, api.ErrorCode()) {
		return nil
	}
	return err
}

func (f Facts) readBucketGuard(_ context.Context, bucket string) (BucketGuard, error) {
	return pick(f.BucketGuards, func(g BucketGuard) bool { return g.Bucket == bucket })
}

func (f Facts) readAccountBlock(context.Context, string) (PublicAccessBlock, error) {
	return f.AccountPublicAccessBlock, nil
}
