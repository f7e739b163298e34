package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"labctl/checks/inventory"
)

// safe is a backup vault where recovery points go, and where it is.
type safe struct {
	inventory.BackupVault
	region string
	inv    *inventory.Inventory // of that region
	asked  []asked              // how long jobs want their recovery points kept
}

// asked is what a rule's jobs ask of a vault.
type asked struct {
	by    string
	after *int // days until they want it deleted; nil for never
}

func (s *safe) String() string {
	return fmt.Sprintf("vault %s (%s)", s.BackupVaultName, s.region)
}

// airGapped is the type of vaults that are locked in compliance mode from the first day on.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
const airGapped = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"

// forRestores is the type of vaults that show another account's, to restore from: no job fills them.
const forRestores = "RESTORE_ACCESS_BACKUP_VAULT"

// keyOfAWS says whether the vault is encrypted with a key that AWS owns.
func (s *safe) keyOfAWS() bool {
	return s.EncryptionKeyType == "AWS_OWNED_KMS_KEY" || s.VaultType == airGapped && s.EncryptionKeyArn == ""
}

// inCompliance says whether nobody can take the vault's lock off any more, administrators included.
func (s *safe) inCompliance(now time.Time) bool {
	return s.VaultType == airGapped || s.Locked && s.LockDate != nil && !s.LockDate.After(now)
}

// lost is a vault that a rule names and that labctl cannot see.
type lost struct {
	rule, arn string
	foreign   bool // it is in another account
	copies    bool // it is for copies
}

// safes finds the vaults of the account that the plans fill, copies included, and those that carry the scope's tag. Those
// that cannot be seen it returns apart.
func (a *architecture) safes(ctx context.Context) ([]*safe, []lost, error) {
	plans, err := a.inv.BackupPlans(ctx)
	if err != nil {
		return nil, nil, err
	}
	here, err := a.inv.BackupVaults(ctx)
	if err != nil {
		return nil, nil, err
	}
	var found []*safe
	for _, v := range here {
		if a.inScope(v.Tags) && v.VaultType != forRestores {
			found = append(found, &safe{BackupVault: v, region: a.inv.Region, inv: a.inv})
		}
	}
	var unseen []lost
	for _, plan := range plans {
		for _, rule := range plan.Rules {
			target := a.vaultARN(rule.TargetBackupVaultName)
			copies := append([]inventory.BackupCopy{{DestinationBackupVaultArn: target, Lifecycle: rule.Lifecycle}}, rule.CopyActions...)
			if rule.AirGappedVaultArn != "" {
				copies = append(copies, inventory.BackupCopy{DestinationBackupVaultArn: rule.AirGappedVaultArn, Lifecycle: rule.Lifecycle})
			}
			for n, c := range copies {
				name := "rule " + rule.RuleName
				if n > 0 {
					name = "the copy of rule " + rule.RuleName
				}
				s, err := a.safe(ctx, &found, c.DestinationBackupVaultArn)
				if err != nil {
					return nil, nil, err
				}
				if s == nil {
					unseen = append(unseen, lost{name, c.DestinationBackupVaultArn, a.foreign(c.DestinationBackupVaultArn), n > 0})
					continue
				}
				s.asked = append(s.asked, asked{name, c.Lifecycle.DeleteAfter})
			}
		}
	}
	return found, unseen, nil
}

func (a *architecture) vaultARN(name string) string {
	return fmt.Sprintf("arn:aws:backup:%s:%s:backup-vault:%s", a.inv.Region, a.inv.Account, name)
}

// place is the region and the account of an ARN.
func place(arn string) (region, account string) {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[3], parts[4]
	}
	return "", ""
}

func (a *architecture) foreign(arn string) bool {
	_, account := place(arn)
	return account != a.inv.Account
}

// safe finds one vault by its ARN, and adds it to the list; nil where the account has none.
func (a *architecture) safe(ctx context.Context, list *[]*safe, arn string) (*safe, error) {
	if n := slices.IndexFunc(*list, func(s *safe) bool { return s.BackupVaultArn == arn }); n >= 0 {
		return (*list)[n], nil
	}
	if a.foreign(arn) {
		return nil, nil //nolint:nilnil // another account's
	}
	region, _ := place(arn)
	there := a.inv.In(region)
	vaults, err := there.BackupVaults(ctx)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(vaults, func(v inventory.BackupVault) bool { return v.BackupVaultArn == arn })
	if n < 0 {
		return nil, nil //nolint:nilnil // none
	}
	s := &safe{BackupVault: vaults[n], region: region, inv: there}
	*list = append(*list, s)
	return s, nil
}

// noVault says that there is no vault to judge.
func (a *architecture) noVault() string {
	return fmt.Sprintf("No backup vault carries %s, and no backup plan that does fills one.", a.inv.Scope)
}
