package inventory

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"
)

// ResourcePolicy is the policy of a bucket, a KMS key, a queue, a table or a backup vault. Document is "" where there is
// none.
type ResourcePolicy struct {
	Arn      string // of the bucket, key, queue, table or vault
	Document string
}

// queueReader is what reading queue policies takes of SQS. *sqs.Client is one.
type queueReader interface {
	sqs.ListQueuesAPIClient
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// ErrNoReader is wrapped by the error of ResourcePolicy for a resource whose policy labctl cannot read.
var ErrNoReader = errors.New("labctl reads the policies of S3 buckets, KMS keys, SQS queues, DynamoDB tables and backup vaults only")

// ResourcePolicy reads the policy that governs one resource: a bucket's for an object in it, a table's for its index. Where there is no such
// resource the error wraps ErrNotFound.
func (i *Inventory) ResourcePolicy(ctx context.Context, arn string) (ResourcePolicy, error) {
	owner := ownerOf(arn)
	if policyKind(owner) == "" {
		return ResourcePolicy{}, ErrNoReader
	}
	return i.access.resourcePolicy.get(owner, "the policy of", func() (ResourcePolicy, error) { return i.source.readResourcePolicy(ctx, owner) })
}

// ResourcePolicies reads the policies of the account's buckets and of the region's KMS keys and queues. What has none is
// not among them.
func (i *Inventory) ResourcePolicies(ctx context.Context) ([]ResourcePolicy, error) {
	return i.access.resourcePolicies.get("the policies of buckets, keys and queues", func() ([]ResourcePolicy, error) { return i.source.readResourcePolicies(ctx) })
}

// ownerOf is the resource that has the policy.
func ownerOf(arn string) string {
	if rest, ok := strings.CutPrefix(arn, "arn:"); ok {
		if _, object, ok := strings.Cut(rest, ":s3:::"); ok {
			bucket, _, _ := strings.Cut(object, "/")
			return strings.TrimSuffix(arn, object) + bucket
		}
	}
	if table, _, ok := strings.Cut(arn, "/index/"); ok && strings.Contains(arn, ":dynamodb:") {
		return table
	}
	return arn
}

// policyKind is the service of an ARN if labctl reads such policies, and "" if not: an access point, say, has a policy
// beside that of its bucket.
func policyKind(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	switch {
	case len(parts) != 6:
		return ""
	case parts[2] == "s3" && parts[4] == "", parts[2] == "kms" && strings.HasPrefix(parts[5], "key/"), parts[2] == "sqs",
		parts[2] == "dynamodb" && strings.HasPrefix(parts[5], "table/") && strings.Count(parts[5], "/") == 1,
		parts[2] == "backup" && strings.HasPrefix(parts[5], "backup-vault:"):
		return parts[2]
	default:
		return ""
	}
}

func (l live) readResourcePolicy(ctx context.Context, arn string) (ResourcePolicy, error) {
	parts := strings.SplitN(arn, ":", 6)
	found := ResourcePolicy{Arn: arn}
	var err error
	switch policyKind(arn) {
	case "s3":
		found.Document, err = l.readBucketPolicy(ctx, parts[5])
	case "kms":
		found.Document, err = l.readKeyPolicy(ctx, arn)
	case "dynamodb":
		found.Document, err = l.readTablePolicy(ctx, arn)
	case "backup":
		found.Document, err = l.readVaultPolicy(ctx, strings.TrimPrefix(parts[5], "backup-vault:"))
	default:
		found.Document, err = l.readQueuePolicy(ctx, parts[4], parts[5])
	}
	return found, missing(err, "NoSuchBucket", "NotFoundException", "ResourceNotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
}

// missing turns an error with one of the codes into ErrNotFound.
func missing(err error, codes ...string) error {
	var api smithy.APIError
	if errors.As(err, &api) && slices.Contains(codes, api.ErrorCode()) {
		return ErrNotFound
	}
	return err
}

func (l live) readBucketPolicy(ctx context.Context, bucket string) (string, error) {
	got, err := l.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &bucket})
	if err != nil {
		return "", unless(err, "NoSuchBucketPolicy")
	}
	return aws.ToString(got.Policy), nil
}

func (l live) readKeyPolicy(ctx context.Context, arn string) (string, error) {
	got, err := l.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &arn, PolicyName: aws.String("default")})
	if err != nil {
		return "", err //nolint:wrapcheck // the SDK's errors name the call
	}
	return aws.ToString(got.Policy), nil
}

// readTablePolicy reads the policy of a table. Its backups have none.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html
func (l live) readTablePolicy(ctx context.Context, arn string) (string, error) {
	got, err := l.dynamodb.GetResourcePolicy(ctx, &dynamodb.GetResourcePolicyInput{ResourceArn: &arn})
	if err != nil {
		return "", unless(err, "PolicyNotFoundException")
	}
	return aws.ToString(got.Policy), nil
}

// readVaultPolicy reads the policy of a backup vault. AWS Backup says ResourceNotFoundException of a vault without a policy
// and of one that is not there.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupVaultAccessPolicy.html
func (l live) readVaultPolicy(ctx context.Context, name string) (string, error) {
	got, err := l.backup.GetBackupVaultAccessPolicy(ctx, &backup.GetBackupVaultAccessPolicyInput{BackupVaultName: &name})
	if err != nil {
		return "", unless(err, "ResourceNotFoundException")
	}
	return aws.ToString(got.Policy), nil
}

func (l live) readQueuePolicy(ctx context.Context, account, name string) (string, error) {
	queue, err := l.queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name, QueueOwnerAWSAccountId: &account})
	if err != nil {
		return "", err //nolint:wrapcheck // the SDK's errors name the call
	}
	_, document, err := l.readQueue(ctx, aws.ToString(queue.QueueUrl))
	return document, err
}

func (l live) readQueue(ctx context.Context, url string) (arn, document string, err error) {
	got, err := l.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNamePolicy, sqstypes.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return "", "", err //nolint:wrapcheck // the SDK's errors name the call
	}
	return got.Attributes[string(sqstypes.QueueAttributeNameQueueArn)], got.Attributes[string(sqstypes.QueueAttributeNamePolicy)], nil
}

func (l live) readResourcePolicies(ctx context.Context) ([]ResourcePolicy, error) {
	var buckets, keys, queues []ResourcePolicy
	group, ctx := errgroup.WithContext(ctx)
	for list, read := range map[*[]ResourcePolicy]func(context.Context) ([]ResourcePolicy, error){
		&buckets: l.readBucketPolicies, &keys: l.readKeyPolicies, &queues: l.readQueuePolicies,
	} {
		group.Go(func() (err error) {
			*list, err = read(ctx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return withPolicy(slices.Concat(buckets, keys, queues)), nil
}

func withPolicy(list []ResourcePolicy) []ResourcePolicy {
	return slices.DeleteFunc(list, func(p ResourcePolicy) bool { return p.Document == "" })
}

// each reads one thing for every name, some at a time.
func each(ctx context.Context, names []string, read func(context.Context, string) (ResourcePolicy, error)) ([]ResourcePolicy, error) {
	found := make([]ResourcePolicy, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, name := range names {
		group.Go(func() (err error) {
			found[n], err = read(ctx, name)
			return err
		})
	}
	return found, group.Wait()
}

func (l live) readBucketPolicies(ctx context.Context) ([]ResourcePolicy, error) {
	buckets, err := all(ctx, s3.NewListBucketsPaginator(l.s3, &s3.ListBucketsInput{}), func(o *s3.ListBucketsOutput) []s3types.Bucket { return o.Buckets })
	if err != nil {
		return nil, err
	}
	names := make([]string, len(buckets))
	for n, bucket := range buckets {
		names[n] = aws.ToString(bucket.Name)
	}
	return each(ctx, names, func(ctx context.Context, name string) (ResourcePolicy, error) {
		document, err := l.readBucketPolicy(ctx, name)
		return ResourcePolicy{Arn: "arn:aws:s3:::" + name, Document: document}, err
	})
}

func (l live) readKeyPolicies(ctx context.Context) ([]ResourcePolicy, error) {
	keys, err := all(ctx, kms.NewListKeysPaginator(l.kms, &kms.ListKeysInput{}), func(o *kms.ListKeysOutput) []kmstypes.KeyListEntry { return o.Keys })
	if err != nil {
		return nil, err
	}
	arns := make([]string, len(keys))
	for n, key := range keys {
		arns[n] = aws.ToString(key.KeyArn)
	}
	return each(ctx, arns, func(ctx context.Context, arn string) (ResourcePolicy, error) {
		document, err := l.readKeyPolicy(ctx, arn)
		return ResourcePolicy{Arn: arn, Document: document}, err
	})
}

func (l live) readQueuePolicies(ctx context.Context) ([]ResourcePolicy, error) {
	urls, err := all(ctx, sqs.NewListQueuesPaginator(l.queues, &sqs.ListQueuesInput{MaxResults: aws.Int32(1000)}), func(o *sqs.ListQueuesOutput) []string { return o.QueueUrls })
	if err != nil {
		return nil, err
	}
	return each(ctx, urls, func(ctx context.Context, url string) (ResourcePolicy, error) {
		arn, document, err := l.readQueue(ctx, url)
		return ResourcePolicy{Arn: arn, Document: document}, err
	})
}

func (f Facts) readResourcePolicy(_ context.Context, arn string) (ResourcePolicy, error) {
	return pick(f.ResourcePolicies, func(p ResourcePolicy) bool { return p.Arn == arn })
}

func (f Facts) readResourcePolicies(context.Context) ([]ResourcePolicy, error) {
	return withPolicy(slices.Clone(f.ResourcePolicies)), nil
}
