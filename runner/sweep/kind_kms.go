package sweep

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

type kmsKeyAPI interface {
	kms.ListKeysAPIClient
	kms.ListResourceTagsAPIClient
	DescribeKey(context.Context, *kms.DescribeKeyInput, ...func(*kms.Options)) (*kms.DescribeKeyOutput, error)
	ScheduleKeyDeletion(context.Context, *kms.ScheduleKeyDeletionInput, ...func(*kms.Options)) (*kms.ScheduleKeyDeletionOutput, error)
}

// kmsKeys counts keys that wait for their deletion as gone: nothing is charged for them
// (https://aws.amazon.com/kms/pricing/). Their tags still tell whose their aliases are.
type kmsKeys struct{ api kmsKeyAPI }

var endedKeys = []types.KeyState{types.KeyStatePendingDeletion, types.KeyStatePendingReplicaDeletion}

// list cannot read a key whose own policy shuts the caller out. Such a key is somebody
// else's, if the tagging API does not say otherwise and the caller can read other keys;
// one who can read none lacks the permission, and that is an error.
func (h kmsKeys) list(ctx context.Context, also []string) ([]found, error) {
	var keys []string
	err := eachPage(ctx, kms.NewListKeysPaginator(h.api, &kms.ListKeysInput{}), func(page *kms.ListKeysOutput) {
		for _, k := range page.Keys {
			keys = append(keys, ids(k.KeyId)...)
		}
	})
	if err != nil {
		return nil, err
	}
	var read atomic.Bool
	var shut atomic.Pointer[error]
	all, err := lookUp(keys, func(id string) (found, error) {
		f, err := h.found(ctx, id)
		switch {
		case err == nil:
			read.Store(true)
		case code(err) == "AccessDeniedException" && !slices.Contains(also, id):
			shut.Store(&err)
			return found{id: id, part: true}, nil
		}
		return f, err
	})
	if denied := shut.Load(); err == nil && denied != nil && !read.Load() {
		err = *denied
	}
	return all, err
}

func (h kmsKeys) found(ctx context.Context, id string) (found, error) {
	out, err := h.api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(id)})
	if err != nil {
		return found{}, err
	}
	key := out.KeyMetadata
	f := found{id: id, arn: aws.ToString(key.Arn), tags: map[string]string{}}
	if key.KeyManager == types.KeyManagerTypeAws {
		f.part = true
		return f, nil
	}
	f.part = slices.Contains(endedKeys, key.KeyState)
	err = eachPage(ctx, kms.NewListResourceTagsPaginator(h.api, &kms.ListResourceTagsInput{KeyId: aws.String(id)}), func(page *kms.ListResourceTagsOutput) {
		for _, t := range page.Tags {
			f.tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
		}
	})
	f.name = f.tags["Name"]
	return f, err
}

// shortestWindow is the least number of days that KMS keeps a key on its way out.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
const shortestWindow = 7

func (h kmsKeys) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: aws.String(id), PendingWindowInDays: aws.Int32(shortestWindow)})
	return err
}

type kmsAliasAPI interface {
	kms.ListAliasesAPIClient
	DeleteAlias(context.Context, *kms.DeleteAliasInput, ...func(*kms.Options)) (*kms.DeleteAliasOutput, error)
}

// kmsAliases have no tags and live in their key. They outlast the request to delete it,
// and keep their name from being used again.
type kmsAliases struct{ api kmsAliasAPI }

func (h kmsAliases) list(ctx context.Context, _ []string) (all []found, err error) {
	err = eachPage(ctx, kms.NewListAliasesPaginator(h.api, &kms.ListAliasesInput{}), func(page *kms.ListAliasesOutput) {
		for _, a := range page.Aliases {
			name := strings.TrimPrefix(aws.ToString(a.AliasName), "alias/")
			if strings.HasPrefix(name, "aws/") {
				continue
			}
			all = append(all, found{id: aws.ToString(a.AliasName), name: name, arn: aws.ToString(a.AliasArn), in: ids(a.TargetKeyId)})
		}
	})
	return all, err
}

func (h kmsAliases) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: aws.String(id)})
	return err
}
