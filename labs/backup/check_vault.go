package backup

import "labctl/checks"

func vaultChecks() []checks.Check {
	return []checks.Check{{
		ID:          "bk-vault-lock",
		Title:       "The vaults are locked, and their minimum retention is at least what the policy demands",
		Requirement: noDeletion,
		Evidence:    checks.Config,
		Refs:        []string{"REL09-BP02"},
		Needs:       []checks.Capability{backupTags},
		Expected:    "Each backup vault has a Vault Lock whose minimum retention is 35 days or longer, and no longer than what the plan's jobs ask for.",
		Why:         "A lock with a minimum of one day keeps each backup for one day: what counts is not that it is locked but for how long.",
		Hint:        "Describe the vault: is it locked, and with which minimum?",
		Decide:      undecided,
	}, {
		ID:          "bk-vault-policy",
		Title:       "Nobody but break-glass deletes recovery points",
		Requirement: noDeletion,
		Evidence:    checks.Analysis,
		Refs:        []string{"backup-recovery-point-manual-deletion-disabled"},
		Needs:       []checks.Capability{backupTags, vaultPolicies},
		Expected: "Whatever IAM allows, each vault's policy denies every principal but break-glass to delete a recovery point, to shorten its life, and to replace the policy; " +
			"break-glass may delete.",
		Why:    "An administrator is allowed everything that nothing denies, and so is whoever has stolen the administrator's credentials.",
		Hint:   "Ask it as an administrator would: which statement of the vault's policy stops you, and from which actions?",
		Decide: undecided,
	}, {
		ID:          "bk-key-split",
		Title:       "The vault's key is not the data's, is enabled, and the restore role may use it",
		Requirement: separateKeys,
		Evidence:    checks.ConfigAndAnalysis,
		Refs:        []string{"Backup.1", "REL09-BP02"},
		Needs:       []checks.Capability{backupTags, backupVaults},
		Expected:    "Each vault is encrypted with a key that encrypts no data; that key is enabled, and its policy and the restore role's let that role decrypt with it.",
		Why:         "One key for data and backups is one thing to lose; a key that the restore role may not use is found out about on the day of the restore.",
		Hint:        "Two questions: which keys, and who may use them? The second has its answer in the key's policy and in the role's.",
		Decide:      undecided,
	}, {
		ID:          "bk-offsite",
		Title:       "Copies go to another region or account, with a retention of their own",
		Requirement: elsewhere,
		Evidence:    checks.Config,
		Refs:        []string{"REL13-BP02"},
		Needs:       []checks.Capability{backupTags, backupPlans, backupVaults},
		Expected:    "Each rule of the plan copies to a vault in another region, or another account, that exists, with a lifecycle of its own.",
		Why:         "A backup in the same place is lost in the same accident.",
		Hint:        "Read the rule's copy actions: which ARN, which region in it, and how long does the copy live?",
		Decide:      undecided,
	}, {
		ID:          "bk-roles",
		Title:       "The workload deletes no backup, and the backup role overwrites no production data",
		Requirement: noDeletion,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC08-BP04", "SEC03-BP02"},
		Needs:       []checks.Capability{backupTags, vaultPolicies},
		Expected: "The workload role may delete neither recovery points nor table backups nor snapshots nor versions, nor change what protects them; the backup role may neither write nor delete " +
			"data, nor restore over it.",
		Why:    "The intruder meets the workload first: what it may do to backups is what ransomware does.",
		Hint:   "labctl can ROLE ACTION RESOURCE says which statement allows it.",
		Decide: undecided,
	}}
}
