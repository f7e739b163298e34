package backup

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"

	"labctl/labs"
)

// The faults of the vaults: their locks and their policies.

// vaultLock is a vault's lock in governance mode, or that it has none.
type vaultLock struct {
	Vault    vault
	On       bool
	Min, Max int // days; 0 for none
}

func shortLock() labs.Fault {
	return lockFault(roleVault, labs.Fault{
		ID:     "short-lock",
		Title:  "A recovery point of last week has been deleted by its own lifecycle. The vault is locked.",
		Answer: "The vault's lock demands one day of retention: a job may ask for no more than that, and what it makes is gone tomorrow.",
		Breaks: []string{"bk-vault-lock"},
		Hints: []string{
			"The lock has done what it says.",
			"A lock says for how long at least.",
			"Describe the vault and look at the minimum of its lock.",
		},
	}, func(l vaultLock) vaultLock { l.Min = 1; return l })
}

func lockAboveJobs() labs.Fault {
	return lockFault(roleVault, labs.Fault{
		ID:     "lock-above-jobs",
		Title:  "Security has made the vault's lock stricter. Since then no backup has been made.",
		Answer: "The lock's minimum retention is 60 days, and the plan's jobs ask for 35: the vault refuses each of them.",
		Breaks: []string{"bk-vault-lock"},
		Twin:   true,
		Hints: []string{
			"The vault is locked, and for longer than the policy demands.",
			"What do the failed jobs say?",
			"Compare the minimum of the lock with what the plan's rule asks for.",
		},
	}, func(l vaultLock) vaultLock { l.Min = 60; return l })
}

func offsiteUnlocked() labs.Fault {
	return lockFault(roleOffsite, labs.Fault{
		ID:     "offsite-unlocked",
		Title:  "Whoever tried to shorten the life of the backups was refused. In the other region nobody has tried, yet.",
		Answer: "The vault in the second region has no lock any more; the first one's is as it was.",
		Breaks: []string{"bk-vault-lock"},
		Twin:   true,
		Hints: []string{
			"The vault is locked, for 35 days at least.",
			"Which vault?",
			"Describe the vault of the copies, in its region.",
		},
	}, func(l vaultLock) vaultLock { l.On = false; return l })
}

// lockFault is a fault that consists of another lock of the vault with the role.
func lockFault(role string, fault labs.Fault, change func(vaultLock) vaultLock) labs.Fault {
	return swap(fault, func(ctx context.Context, p parts, _ labs.Live) (before, after vaultLock, err error) {
		before, err = p.lock(ctx, role)
		return before, change(before), err
	}, putLock)
}

// lock is the lock of a vault of the run. In compliance mode nobody could put it back, so that is no lock to change.
func (p parts) lock(ctx context.Context, role string) (vaultLock, error) {
	vault, found, err := p.vault(ctx, role)
	if err != nil {
		return vaultLock{}, err
	}
	if !found.Locked || found.LockDate != nil {
		return vaultLock{}, labs.Lacks("%s has no lock in governance mode", vault)
	}
	return vaultLock{vault, true, found.MinRetentionDays, found.MaxRetentionDays}, nil
}

func putLock(ctx context.Context, live labs.Live, l vaultLock) error {
	var err error
	if l.On {
		_, err = l.Vault.api(live).PutBackupVaultLockConfiguration(ctx, &backup.PutBackupVaultLockConfigurationInput{
			BackupVaultName: &l.Vault.Name, MinRetentionDays: retention(l.Min), MaxRetentionDays: retention(l.Max),
		})
	} else {
		_, err = l.Vault.api(live).DeleteBackupVaultLockConfiguration(ctx, &backup.DeleteBackupVaultLockConfigurationInput{BackupVaultName: &l.Vault.Name})
	}
	if err := labs.Unless(err, "ResourceNotFoundException"); err != nil {
		return fmt.Errorf("changing the lock of %s: %w", l.Vault, err)
	}
	return nil
}

// retention is a limit of a lock.
func retention(n int) *int64 {
	if n == 0 {
		return nil
	}
	return aws.Int64(int64(n))
}

// vaultPolicy is a vault's access policy; "" is none.
type vaultPolicy struct {
	Vault  vault
	Policy string
}

func policyRemoved() labs.Fault {
	return policyFault(roleVault, labs.Fault{
		ID:     "vault-policy-removed",
		Title:  "An exercise: somebody plays an administrator whose key was stolen, and deletes recovery points. Only the lock stops them, and that they can take off.",
		Answer: "The vault has no access policy any more: whatever IAM allows is allowed.",
		Breaks: []string{"bk-vault-policy"},
		Hints: []string{
			"An administrator may do whatever nothing denies.",
			"What could deny it to an administrator, too?",
			"Look at the vault's access policy.",
		},
	}, func(*document) bool { return false })
}

func policyExceptsAll() labs.Fault {
	return policyFault(roleVault, labs.Fault{
		ID:     "vault-policy-excepts-all",
		Title:  "The exercise again: the policy is there, denies what it should, and the administrator deletes a recovery point all the same.",
		Answer: "The Deny excepts every role and user of every account, and not break-glass only.",
		Breaks: []string{"bk-vault-policy"},
		Twin:   true,
		Hints: []string{
			"The statement names the right actions, and everybody as its principal.",
			"Whom does it not concern?",
			"Read the condition of the Deny. Which principals match its pattern?",
		},
	}, func(d *document) bool {
		for _, statement := range d.denials() {
			statement["Condition"] = map[string]any{"ArnNotLike": map[string]any{"aws:PrincipalArn": "arn:aws*:iam::*:*"}}
		}
		return true
	})
}

func lifecycleUndenied() labs.Fault {
	return policyFault(roleOffsite, labs.Fault{
		ID:     "lifecycle-undenied",
		Title:  "The exercise goes on in the second region: nothing can be deleted there. It will be gone tomorrow, without anybody having deleted it.",
		Answer: "The second vault's policy does not deny backup:UpdateRecoveryPointLifecycle: who cannot delete a recovery point lets it expire.",
		Breaks: []string{"bk-vault-policy"},
		Twin:   true,
		Hints: []string{
			"DeleteRecoveryPoint is refused, to everybody but break-glass.",
			"There is another way for a recovery point to go.",
			"Compare the actions of the two vaults' policies.",
		},
	}, func(d *document) bool {
		for _, statement := range d.denials() {
			d.drop(statement, "backup:UpdateRecoveryPointLifecycle")
		}
		return true
	})
}

// policyFault is a fault that consists of another policy of the vault with the role; change says whether there is one still.
func policyFault(role string, fault labs.Fault, change func(*document) bool) labs.Fault {
	return swap(fault, func(ctx context.Context, p parts, live labs.Live) (before, after vaultPolicy, err error) {
		vault, _, err := p.vault(ctx, role)
		if err != nil {
			return before, after, err
		}
		if before, err = readVaultPolicy(ctx, live, vault); err != nil {
			return before, after, err
		}
		after = vaultPolicy{Vault: vault}
		d, err := readDocument(before.Policy)
		if err != nil {
			return before, after, fmt.Errorf("reading the policy of %s: %w", vault, err)
		}
		if change(d) {
			after.Policy = d.String()
		}
		return before, after, nil
	}, putVaultPolicy)
}

func readVaultPolicy(ctx context.Context, live labs.Live, vault vault) (vaultPolicy, error) {
	got, err := vault.api(live).GetBackupVaultAccessPolicy(ctx, &backup.GetBackupVaultAccessPolicyInput{BackupVaultName: &vault.Name})
	if labs.IsCode(err, "ResourceNotFoundException") {
		return vaultPolicy{}, labs.Lacks("%s has no access policy", vault)
	}
	if err != nil {
		return vaultPolicy{}, fmt.Errorf("reading the policy of %s: %w", vault, err)
	}
	return vaultPolicy{vault, aws.ToString(got.Policy)}, nil
}

// putVaultPolicy takes the policy off before it puts another: a policy that denies to be replaced can still be deleted.
func putVaultPolicy(ctx context.Context, live labs.Live, p vaultPolicy) error {
	api := p.Vault.api(live)
	_, err := api.DeleteBackupVaultAccessPolicy(ctx, &backup.DeleteBackupVaultAccessPolicyInput{BackupVaultName: &p.Vault.Name})
	if err := labs.Unless(err, "ResourceNotFoundException"); err != nil {
		return fmt.Errorf("taking the policy off %s: %w", p.Vault, err)
	}
	if p.Policy == "" {
		return nil
	}
	_, err = api.PutBackupVaultAccessPolicy(ctx, &backup.PutBackupVaultAccessPolicyInput{BackupVaultName: &p.Vault.Name, Policy: &p.Policy})
	if err := labs.Unless(err, "ResourceNotFoundException"); err != nil {
		return fmt.Errorf("putting the policy of %s: %w", p.Vault, err)
	}
	return nil
}
