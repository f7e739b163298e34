package backup

import (
	"context"
	"errors"
	"fmt"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// decideKeys compares the keys of the vaults with those of the data, and asks for the restore roles whether they may use
// them.
func decideKeys(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	safes, unseen, err := a.safes(ctx)
	if err != nil {
		return nil, err
	}
	if len(safes) == 0 {
		o.Add(a.noVault())
		return nil, nil
	}
	uses, err := a.dataKeys(ctx)
	if err != nil {
		return nil, err
	}
	restorers, err := a.rolesOf(ctx, roleRestore)
	if err != nil {
		return nil, err
	}
	if len(restorers) == 0 {
		o.Add(a.nothing("role", roleRestore))
	}
	told := elsewhereToo(unseen)
	for _, s := range safes {
		if data := uses[s.EncryptionKeyArn]; len(data) > 0 {
			o.Add(fmt.Sprintf("%s and %s are encrypted with the same key, %s.", begin(s), join(data), lastPart(s.EncryptionKeyArn)), s.BackupVaultArn, s.EncryptionKeyArn)
		}
		key, err := s.inv.Key(ctx, s.EncryptionKeyArn)
		switch {
		case errors.Is(err, inventory.ErrNotFound):
			o.Add(fmt.Sprintf("The key of %s, %s, does not exist.", s, s.EncryptionKeyArn), s.BackupVaultArn)
			continue
		case err != nil:
			return nil, err
		case key.KeyState != "Enabled":
			o.Add(fmt.Sprintf("The key of %s, %s, is not enabled but %s: nothing in the vault can be restored.", s, key.KeyId, key.KeyState), s.BackupVaultArn, key.Arn)
			continue
		}
		who, err := a.readers(ctx, s, key, restorers, o)
		if err != nil {
			return nil, err
		}
		told = append(told, fmt.Sprintf("%s has a key that encrypts none of the data (%s); %s.", begin(s), key.KeyId, who))
	}
	return told, nil
}

// dataKeys are the things that hold data, by the ARN of the key that they are encrypted with. A key that AWS owns has none.
func (a *architecture) dataKeys(ctx context.Context) (map[string][]string, error) {
	refs := map[string]string{} // by the resource's ARN
	tables, err := a.inv.Tables(ctx)
	volumes, err2 := a.inv.Volumes(ctx)
	databases, err3 := a.inv.Databases(ctx)
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	for _, t := range tables {
		refs[t.TableArn] = t.KMSMasterKeyArn
	}
	for _, v := range volumes {
		refs[a.inv.VolumeARN(v.VolumeId)] = v.KmsKeyId
	}
	for _, d := range databases {
		refs[d.Arn] = d.KmsKeyId
	}
	uses := map[string][]string{}
	for _, r := range a.stateful {
		ref := refs[r.Arn]
		if r.Kind == kindBucket {
			guard, err := a.inv.BucketGuard(ctx, r.Name)
			if err != nil {
				return nil, err
			}
			ref = guard.Encryption.KMSMasterKeyID
		}
		if ref == "" {
			continue
		}
		key, err := a.inv.Key(ctx, ref)
		if errors.Is(err, inventory.ErrNotFound) {
			continue // whatever it was, it is no vault's
		}
		if err != nil {
			return nil, err
		}
		uses[key.Arn] = append(uses[key.Arn], r.String())
	}
	return uses, nil
}

// backupKey is the alias of the key that AWS Backup brings along. Its policy lets everybody in the account use it through
// AWS Backup, and nobody can change that.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
const backupKey = "alias/aws/backup"

// readers adds the restore roles that may not decrypt with a vault's key, and tells who may.
func (a *architecture) readers(ctx context.Context, s *safe, key inventory.Key, restorers []inventory.Identity, o *checks.Offences) (string, error) {
	document, err := parse(key.Policy, "policy of key "+key.KeyId)
	if err != nil {
		return "", err
	}
	var may []string
	for _, role := range restorers {
		by, denial, err := a.decrypts(ctx, s, key, document, role)
		if err != nil {
			return "", err
		}
		if by == "" {
			own, err := s.brought(ctx, key)
			if err != nil {
				return "", err
			}
			if own {
				return "it is AWS Backup's own, which whoever restores uses through the service", nil
			}
			o.Add(fmt.Sprintf("Role %s may not decrypt with the key of %s, %s: %s", role.Name, s, key.KeyId, denial), role.Arn, key.Arn)
			continue
		}
		may = append(may, role.Name)
	}
	return join(may) + " may decrypt with it", nil
}

// decrypts says what lets a role decrypt, as itself or through AWS Backup; or why it may not.
func (a *architecture) decrypts(ctx context.Context, s *safe, key inventory.Key, document *policy.Policy, role inventory.Identity) (by, denial string, err error) {
	in, err := a.caller(ctx, role.Arn)
	if err != nil {
		return "", "", err
	}
	in = a.to(in, "kms:Decrypt", target{arn: key.Arn, policy: document})
	in.Context["kms:CallerAccount"] = []string{a.inv.Account}
	var doubt error
	for _, service := range []string{"", "backup." + s.region + ".amazonaws.com"} {
		asked := in
		if service != "" {
			asked = a.to(in, in.Action, target{arn: key.Arn, policy: document})
			asked.Context["kms:ViaService"] = []string{service}
			asked.Context["kms:CallerAccount"] = []string{a.inv.Account}
		}
		decision := policy.Evaluate(asked)
		switch decision.Outcome {
		case policy.Allow:
			return why(decision), "", nil
		case policy.Inconclusive:
			doubt = fmt.Errorf("whether role %s may decrypt with key %s cannot be decided: %s", role.Name, key.KeyId, decision.Explanation())
		case policy.ExplicitDeny:
			denial = "it is denied by " + statements(decision)
		default:
			denial = "no statement of the key's policy, and of the role's where the key leaves it to them, allows it."
		}
	}
	return "", denial, doubt
}

// statements names the statements that decided.
func statements(decision policy.Decision) string {
	return join(each(decision.Details().Deciding, func(f policy.Finding) string { return f.String() })) + "."
}

// brought says whether a key is the one that AWS Backup brings along.
func (s *safe) brought(ctx context.Context, key inventory.Key) (bool, error) {
	own, err := s.inv.Key(ctx, backupKey)
	if errors.Is(err, inventory.ErrNotFound) {
		return false, nil
	}
	return own.Arn == key.Arn, err
}
