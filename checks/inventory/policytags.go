package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// PolicyTags reads the tags of one customer managed policy, which Identities does not tell. A policy of AWS has none.
func (i *Inventory) PolicyTags(ctx context.Context, arn string) (map[string]string, error) {
	return i.audit.policyTags.get(arn, "the tags of policy", func() (map[string]string, error) { return i.source.readPolicyTags(ctx, arn) })
}

func (l live) readPolicyTags(ctx context.Context, arn string) (map[string]string, error) {
	tags, err := all(ctx, iam.NewListPolicyTagsPaginator(l.policyTagsOf, &iam.ListPolicyTagsInput{PolicyArn: &arn}), func(o *iam.ListPolicyTagsOutput) []types.Tag { return o.Tags })
	if err != nil {
		return nil, unless(err, "NoSuchEntity", "InvalidInput")
	}
	return tagMap(tags), nil
}

func (f Facts) readPolicyTags(_ context.Context, arn string) (map[string]string, error) {
	return f.PolicyTags[arn], nil
}
