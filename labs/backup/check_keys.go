package backup

import (
	"context"
	"errors"
	"fmt"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
	"labctl/labs/say"
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
		if s.keyOfAWS() {
			told = append(told, fmt.Sprintf("%s has a key that AWS owns: it encrypts none of the data, and whoever restores needs no right to it.", begin(s)))
			continue
		}
		if data := uses[s.EncryptionKeyArn]; len(data) > 0 {
			o.Add(fmt.Sprintf("%s and %s are encrypted with the same key, %s.", begin(s), say.And(data), lastPart(s.EncryptionKeyArn)), s.BackupVaultArn, s.EncryptionKeyArn)
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
	if len(a.of(kindVolume))+len(a.of(kindDatabase)) > 0 {
		told = append(told, "Recovery points of volumes and databases keep the key of what they are made of, whichever vault they are in; their copies take the other vault's key.")
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
		answer, err := a.decrypts(ctx, s, key, document, role)
		if err != nil {
			return "", err
		}
		if answer.refusal != "" {
			own, err := s.brought(ctx, key)
			if err != nil {
				return "", err
			}
			if own && !answer.denied {
				return "it is AWS Backup's own, which whoever restores uses through the service", nil
			}
			o.Add(fmt.Sprintf("Role %s may not decrypt with the key of %s, %s: %s", role.Name, s, key.KeyId, answer.refusal), role.Arn, key.Arn)
			continue
		}
		may = append(may, role.Name)
	}
	return say.And(may) + " may decrypt with it", nil
}

// decryption is the answer to whether somebody may decrypt.
type decryption struct {
	refusal string // why not; "" where they may
	denied  bool   // by a Deny
}

// decrypts asks whether a role may decrypt: as itself or through AWS Backup, or else through each service that restores
// what the vault's key encrypts, as AWS Backup's managed policies for restores have it.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html
func (a *architecture) decrypts(ctx context.Context, s *safe, key inventory.Key, document *policy.Policy, role inventory.Identity) (decryption, error) {
	var answer decryption
	for _, all := range [][]string{{""}, {"backup"}, a.restorers()} {
		answer = decryption{}
		for _, service := range all {
			one, err := a.decryptsBy(ctx, s, key, document, role, service)
			if err != nil {
				return one, err
			}
			if one.refusal != "" {
				answer = one
			}
		}
		if answer.refusal == "" {
			return answer, nil
		}
	}
	return answer, nil
}

// restorers are the services that restore what a vault's key encrypts: recovery points of tables and buckets. Those of
// volumes and databases keep the key of what they are made of, and their copies take the vault's.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
func (a *architecture) restorers() []string {
	var found []string
	for _, by := range []struct {
		kind    kind
		service string
	}{{kindTable, "dynamodb"}, {kindBucket, "s3"}, {kindVolume, "ec2"}, {kindDatabase, "rds"}} {
		if len(a.of(by.kind)) > 0 {
			found = append(found, by.service)
		}
	}
	return found
}

// decryptsBy asks whether a role may decrypt through a service; "" for directly.
func (a *architecture) decryptsBy(ctx context.Context, s *safe, key inventory.Key, document *policy.Policy, role inventory.Identity, service string) (decryption, error) {
	in, err := a.caller(ctx, role.Arn)
	if err != nil {
		return decryption{}, err
	}
	in = a.to(in, "kms:Decrypt", target{arn: key.Arn, policy: document})
	through := ""
	if service != "" {
		through = fmt.Sprintf("%s.%s.amazonaws.com", service, s.region)
		in.Context["kms:ViaService"] = []string{through}
		through = " through " + through
	}
	decision := policy.Evaluate(in)
	switch decision.Outcome {
	case policy.Allow:
		return decryption{}, nil
	case policy.Inconclusive:
		return decryption{}, fmt.Errorf("whether role %s may decrypt with key %s%s cannot be decided: %s", role.Name, key.KeyId, through, decision.Explanation())
	case policy.ExplicitDeny:
		return decryption{"it is denied by " + statements(decision), true}, nil
	default:
		return decryption{fmt.Sprintf("no statement of the key's policy, and of the role's where the key leaves it to them, allows it%s.", through), false}, nil
	}
}

// statements names the statements that decided.
func statements(decision policy.Decision) string {
	return say.And(each(decision.Details().Deciding, func(f policy.Finding) string { return f.String() })) + "."
}

// brought says whether a key is the one that AWS Backup brings along.
func (s *safe) brought(ctx context.Context, key inventory.Key) (bool, error) {
	own, err := s.inv.Key(ctx, backupKey)
	if errors.Is(err, inventory.ErrNotFound) {
		return false, nil
	}
	return own.Arn == key.Arn, err
}
