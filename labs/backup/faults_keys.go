package backup

import (
	"context"
	"fmt"
	"path"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"labctl/labs"
)

// The faults of the vault's key. That the data has the same one is a fault of the data: see oneKey.

// keyPolicy is a key's policy.
type keyPolicy struct{ Key, Policy string }

func restoreCannotRead() labs.Fault {
	return swap(labs.Fault{
		ID:     "restore-cannot-read",
		Title:  "The first restore in a year fails: access denied. Backups have been made all the time.",
		Answer: "The vault key's policy does not allow the restore role kms:Decrypt any more.",
		Breaks: []string{"bk-key-split"},
		Twin:   true,
		Hints: []string{
			"The recovery point is there, and the restore role is allowed to make the table.",
			"What does it need to read a recovery point?",
			"Look at what the vault key's policy lets the restore role do.",
		},
	}, func(ctx context.Context, p parts, live labs.Live) (before, after keyPolicy, err error) {
		_, vault, err := p.vault(ctx, roleVault)
		if err != nil {
			return before, after, err
		}
		role, err := p.role(ctx, roleRestore)
		if err != nil {
			return before, after, err
		}
		key := vault.EncryptionKeyArn
		got, err := kms.NewFromConfig(live.Config).GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &key})
		if err != nil {
			return before, after, fmt.Errorf("reading the policy of key %s: %w", key, err)
		}
		before = keyPolicy{key, aws.ToString(got.Policy)}
		d, err := readDocument(before.Policy)
		if err != nil {
			return before, after, fmt.Errorf("reading the policy of key %s: %w", key, err)
		}
		if !d.dropFor(role.Arn, "kms:Decrypt") {
			return before, after, labs.Lacks("the policy of key %s does not allow %s alone to decrypt", key, role.Name)
		}
		return before, keyPolicy{key, d.String()}, nil
	}, func(ctx context.Context, live labs.Live, p keyPolicy) error {
		_, err := kms.NewFromConfig(live.Config).PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &p.Key, Policy: &p.Policy})
		if err := labs.Unless(err, "NotFoundException", "KMSInvalidStateException"); err != nil {
			return fmt.Errorf("changing the policy of key %s: %w", p.Key, err)
		}
		return nil
	})
}

// keyState is whether a key can be used.
type keyState struct {
	Key     string
	Enabled bool
}

func keyDisabled() labs.Fault {
	return swap(labs.Fault{
		ID:     "vault-key-disabled",
		Title:  "Somebody has tidied up keys that no application uses. No restore works.",
		Answer: "The vault's key is disabled.",
		Breaks: []string{"bk-key-split"},
		Twin:   true,
		Hints: []string{
			"Vault, policy and roles are as they were.",
			"The vault names a key. Is that one of use?",
			"Look at the state of the vault's key.",
		},
	}, func(ctx context.Context, p parts, _ labs.Live) (before, after keyState, err error) {
		_, vault, err := p.vault(ctx, roleVault)
		id := path.Base(vault.EncryptionKeyArn) // the local server finds a key by its id here, and not by its ARN
		return keyState{id, true}, keyState{id, false}, err
	}, func(ctx context.Context, live labs.Live, k keyState) error {
		var err error
		if api := kms.NewFromConfig(live.Config); k.Enabled {
			_, err = api.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &k.Key})
		} else {
			_, err = api.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &k.Key})
		}
		if err := labs.Unless(err, "NotFoundException", "KMSInvalidStateException"); err != nil {
			return fmt.Errorf("switching key %s: %w", k.Key, err)
		}
		return nil
	})
}
