package inventory

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"golang.org/x/sync/errgroup"
)

// Key is a KMS key that carries the scope's tag.
type Key struct {
	KeyId              string
	Arn                string
	Aliases            []string // alias/...
	Tags               map[string]string
	KeyManager         string // CUSTOMER or AWS
	KeyState           string // Enabled, Disabled, PendingDeletion, ...
	KeyRotationEnabled bool
	Policy             string
}

// Keys reads the region's KMS keys that carry the scope's tag, also those that wait for their deletion.
func (i *Inventory) Keys(ctx context.Context) ([]Key, error) {
	return i.audit.keys.get("the KMS keys tagged "+i.Scope.String(), func() ([]Key, error) { return i.source.readKeys(ctx, i.Scope) })
}

// Key reads one key, by its id, ARN or alias, without its tags; where there is none the error wraps ErrNotFound.
func (i *Inventory) Key(ctx context.Context, ref string) (Key, error) {
	return i.watch.key.get(ref, "key", func() (Key, error) { return i.source.readKeyByRef(ctx, ref) })
}

func (l live) readKeyByRef(ctx context.Context, ref string) (Key, error) {
	key, err := l.readKey(ctx, tagged{arn: ref})
	return key, missing(err, "NotFoundException")
}

func (l live) readKeys(ctx context.Context, scope Scope) ([]Key, error) {
	tagged, err := l.readTagged(ctx, scope, "kms:key")
	if err != nil || len(tagged) == 0 {
		return nil, err
	}
	aliases, err := all(ctx, kms.NewListAliasesPaginator(l.kms, &kms.ListAliasesInput{}), func(o *kms.ListAliasesOutput) []types.AliasListEntry { return o.Aliases })
	if err != nil {
		return nil, err
	}
	found := make([]Key, len(tagged))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, resource := range tagged {
		group.Go(func() error {
			key, err := l.readKey(ctx, resource)
			for _, alias := range aliases {
				if aws.ToString(alias.TargetKeyId) == key.KeyId {
					key.Aliases = append(key.Aliases, aws.ToString(alias.AliasName))
				}
			}
			found[n] = key
			return err
		})
	}
	return found, group.Wait()
}

func (l live) readKey(ctx context.Context, resource tagged) (Key, error) {
	got, err := l.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &resource.arn})
	if err != nil {
		return Key{}, err //nolint:wrapcheck // the SDK's errors name the call
	}
	key := Key{
		KeyId: aws.ToString(got.KeyMetadata.KeyId), Arn: aws.ToString(got.KeyMetadata.Arn), Tags: resource.tags,
		KeyManager: string(got.KeyMetadata.KeyManager), KeyState: string(got.KeyMetadata.KeyState),
	}
	policy, err := l.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: got.KeyMetadata.Arn, PolicyName: aws.String("default")})
	if err != nil {
		return key, err //nolint:wrapcheck // the SDK's errors name the call
	}
	key.Policy = aws.ToString(policy.Policy)
	// Keys of other kinds never rotate by themselves, and one that waits for its deletion does not.
	// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
	if got.KeyMetadata.KeySpec != types.KeySpecSymmetricDefault && got.KeyMetadata.KeySpec != "" ||
		!slices.Contains([]types.KeyState{types.KeyStateEnabled, types.KeyStateDisabled}, got.KeyMetadata.KeyState) {
		return key, nil
	}
	rotation, err := l.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: got.KeyMetadata.Arn})
	if err != nil {
		return key, unless(err, "UnsupportedOperationException")
	}
	key.KeyRotationEnabled = rotation.KeyRotationEnabled
	return key, nil
}

func (f Facts) readKeys(_ context.Context, scope Scope) ([]Key, error) {
	return within(f.Keys, scope, func(k Key) map[string]string { return k.Tags }), nil
}

func (f Facts) readKeyByRef(_ context.Context, ref string) (Key, error) {
	return pick(f.Keys, func(k Key) bool { return ref == k.Arn || ref == k.KeyId || slices.Contains(k.Aliases, ref) })
}
