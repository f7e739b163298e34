package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// AccessKey is a long-term credential of an IAM user. The secret is not part of it.
type AccessKey struct {
	UserName    string
	AccessKeyId string
	Status      string // Active or Inactive
}

// AccessKeys reads the access keys of one IAM user.
func (i *Inventory) AccessKeys(ctx context.Context, user string) ([]AccessKey, error) {
	return i.audit.accessKeys.get(user, "the access keys of user", func() ([]AccessKey, error) { return i.source.readAccessKeys(ctx, user) })
}

func (l live) readAccessKeys(ctx context.Context, user string) ([]AccessKey, error) {
	keys, err := all(ctx, iam.NewListAccessKeysPaginator(l.accessKeysOf, &iam.ListAccessKeysInput{UserName: &user}), func(o *iam.ListAccessKeysOutput) []types.AccessKeyMetadata { return o.AccessKeyMetadata })
	if err != nil {
		return nil, err
	}
	found := make([]AccessKey, len(keys))
	for n, key := range keys {
		found[n] = AccessKey{UserName: user, AccessKeyId: aws.ToString(key.AccessKeyId), Status: string(key.Status)}
	}
	return found, nil
}

func (f Facts) readAccessKeys(_ context.Context, user string) ([]AccessKey, error) {
	var found []AccessKey
	for _, key := range f.AccessKeys {
		if key.UserName == user {
			found = append(found, key)
		}
	}
	return found, nil
}
