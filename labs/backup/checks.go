package backup

import "labctl/checks"

// What a target must show beyond what every emulator of these services does. The local server's corrections have the same names.
const (
	backupTags       checks.Capability = "backup-tags"
	backupPlans      checks.Capability = "backup-plans"
	backupVaults     checks.Capability = "backup-vaults"
	backupSelections checks.Capability = "backup-selections"
	vaultPolicies    checks.Capability = "vault-policies"
	backupJobs       checks.Capability = "backup-jobs"
	recoveryPoints   checks.Capability = "recovery-points"
	tableRecovery    checks.Capability = "table-recovery"
	lifecycleRules   checks.Capability = "lifecycle-rules"
)

// allChecks are the lab's properties, in the order of its table.
func allChecks() []checks.Check {
	all := objectiveChecks()
	all = append(all, dataChecks()...)
	all = append(all, vaultChecks()...)
	return append(all, planChecks()...)
}

func objectiveChecks() []checks.Check {
	return []checks.Check{{
		ID:          "bk-objectives",
		Title:       "Everything that holds data states its RPO and RTO, and the schedule meets the RPO",
		Requirement: objectives,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL13-BP01", "backup-plan-min-frequency-and-min-retention-check"},
		Needs:       []checks.Capability{backupTags, backupPlans, backupSelections},
		Expected: "Each table, bucket, volume and database says labctl:rpo and labctl:rto, and no more than the scenario grants; the longest time between two backups, plus the windows in which " +
			"one starts and completes, is no longer than that RPO, or point-in-time recovery meets it.",
		Why:    "The newest backup is oldest just before the next one is done: the interval alone is a promise that the completion window breaks.",
		Hint:   "Add up three numbers of the rule, and compare the sum with the tag on the resource.",
		Decide: judge(decideObjectives),
	}, {
		ID:          "bk-coverage",
		Title:       "Everything that holds data is in a selection of a backup plan",
		Requirement: coverage,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL09-BP01", "DynamoDB.4", "EC2.28"},
		Needs:       []checks.Capability{backupTags, backupPlans, backupSelections},
		Expected:    "For each table, bucket, volume and database there is a selection whose ARNs and conditions include it, to the letter.",
		Why:         "What no plan selects fails no job and sets off no alarm: its backup is missed on the day of the restore.",
		Hint:        "Hold the tags of the resource against the conditions of the selection. AWS Backup tells capitals from small letters.",
		Decide:      judge(decideCoverage),
	}}
}

func dataChecks() []checks.Check {
	return []checks.Check{{
		ID:          "bk-pitr",
		Title:       "Point-in-time recovery of the table is on",
		Requirement: anySecond,
		Evidence:    checks.Config,
		Refs:        []string{"DynamoDB.2"},
		Expected:    "Each table has point-in-time recovery, with a recovery period no shorter than its labctl:keep.",
		Why:         "Corruption that is found three days late needs the second before it began, and no snapshot was taken then.",
		Hint:        "It is a setting of the table's continuous backups, and it has a length.",
		Decide:      judge(decideRecovery),
	}, {
		ID:          "bk-s3-versions",
		Title:       "Overwritten and deleted objects can be brought back: versioning is on",
		Requirement: everyVersion,
		Evidence:    checks.Config,
		Refs:        []string{"S3.14"},
		Expected:    "Each bucket's versioning status is Enabled.",
		Why:         "A suspended bucket looks versioned: old versions are there, and the next overwrite is for good.",
		Hint:        "There are three states of versioning, and two of them keep nothing new.",
		Decide:      judge(decideVersions),
	}, {
		ID:          "bk-s3-lock",
		Title:       "The documents bucket locks what is put into it by default",
		Requirement: everyVersion,
		Evidence:    checks.Config,
		Refs:        []string{"S3.15", "s3-bucket-default-lock-enabled"},
		Expected:    "The bucket with labctl:role=documents has Object Lock with a default retention.",
		Why:         "Object Lock without a default locks nothing that was not locked by hand.",
		Hint:        "Object Lock on the bucket, and a rule in its configuration: these are two things.",
		Decide:      judge(decideLock),
	}, {
		ID:          "bk-lifecycle-trap",
		Title:       "No lifecycle rule removes an old version before its time",
		Requirement: everyVersion,
		Evidence:    checks.Analysis,
		Refs:        []string{"S3.13", "SEC07-BP04"},
		Needs:       []checks.Capability{lifecycleRules},
		Expected:    "Of each bucket's enabled lifecycle rules, none expires a version sooner than labctl:keep (35 days at least) after it was replaced.",
		Why:         "Versioning keeps what was overwritten until a rule that was written to save money removes it.",
		Hint:        "Read every enabled rule, whatever its prefix: after how many days does a noncurrent version go?",
		Decide:      judge(decideLifecycle),
	}}
}

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
		Decide:      judge(decideVaultLock),
	}, {
		ID:          "bk-vault-policy",
		Title:       "Nobody but break-glass deletes recovery points",
		Requirement: noDeletion,
		Evidence:    checks.Analysis,
		Refs:        []string{"backup-recovery-point-manual-deletion-disabled"},
		Needs:       []checks.Capability{backupTags, vaultPolicies},
		Expected: "Whatever IAM allows, each vault's policy denies every principal but break-glass to delete a recovery point, to shorten its life, and to replace the policy, or the vault's lock in " +
			"compliance mode does; and nobody becomes break-glass without a second factor.",
		Why:    "An administrator is allowed everything that nothing denies, and so is whoever has stolen the administrator's credentials.",
		Hint:   "Ask it as an administrator would: which statement of the vault's policy stops you, and from which actions?",
		Decide: judge(decideVaultPolicy),
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
		Decide:      judge(decideKeys),
	}, {
		ID:          "bk-offsite",
		Title:       "Copies go to another region or account, with a retention of their own",
		Requirement: elsewhere,
		Evidence:    checks.Config,
		Refs:        []string{"REL13-BP02"},
		Needs:       []checks.Capability{backupTags, backupPlans, backupVaults},
		Expected:    "Each plan has a rule that runs again and copies to a vault in another region, which exists, or in another account, and the copy's own lifecycle deletes it some day, and not before labctl:keep.",
		Why:         "A backup in the same place is lost in the same accident.",
		Hint:        "Read the rule's copy actions: which ARN, which region in it, and how long does the copy live?",
		Decide:      judge(decideOffsite),
	}, {
		ID:          "bk-roles",
		Title:       "The workload deletes no backup, and the backup role overwrites no production data",
		Requirement: noDeletion,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC08-BP04", "SEC03-BP02"},
		Needs:       []checks.Capability{backupTags, vaultPolicies},
		Expected: "The workload role may delete neither recovery points nor table backups nor snapshots nor versions, nor change what protects them: policies, locks, lifecycles, the vaults' keys; the " +
			"backup role may neither write nor delete data; neither becomes a role that may, nor gives itself rights.",
		Why:    "The intruder meets the workload first: what it may do to backups is what ransomware does.",
		Hint:   "labctl can ROLE ACTION RESOURCE says which statement allows it.",
		Decide: judge(decideRoles),
	}}
}

func planChecks() []checks.Check {
	return []checks.Check{{
		ID:          "bk-retention",
		Title:       "Recovery points are kept for 35 days or longer, and 90 days longer than they stay warm",
		Requirement: keeping,
		Evidence:    checks.Config,
		Refs:        []string{"backup-recovery-point-minimum-retention-check"},
		Needs:       []checks.Capability{backupTags, backupPlans},
		Expected:    "Each rule and each copy is deleted no sooner than labctl:keep, 35 days at least, and where it moves to cold storage, no sooner than 90 days after that.",
		Why:         "A retention shorter than the time in which damage goes unnoticed keeps backups of the damage only.",
		Hint:        "Each rule has a lifecycle, and so has each copy.",
		Decide:      judge(decideRetention),
	}, {
		ID:          "bk-fresh",
		Title:       "The newest recovery point of everything is younger than its RPO",
		Requirement: objectives,
		Evidence:    checks.Config,
		Refs:        []string{"dynamodb-last-backup-recovery-point-created"},
		Needs:       []checks.Capability{backupTags, backupSelections, recoveryPoints, backupJobs, tableRecovery},
		Expected:    "Each table, bucket, volume and database has a completed recovery point in a vault, and the newest, or the latest second that can be restored, is younger than labctl:rpo.",
		Why:         "A schedule is an intention; the age of the newest recovery point is what you would lose now.",
		Hint:        "List the recovery points of each resource by time, and look at their status.",
		Decide:      judge(decideFresh),
	}, {
		ID:          "bk-alert",
		Title:       "A backup that failed, was aborted or expired reaches somebody",
		Requirement: telling,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL09-BP03", "OPS08-BP04"},
		Expected: "An enabled rule matches the events of backup and copy jobs that failed, were aborted or expired; its target may be published to, and somebody is subscribed there " +
			"whom the message reaches.",
		Why:    "The backup that did not happen is the only failure that nobody notices until they need it.",
		Hint:   "Follow the event: does the pattern match it, may the rule publish, who has subscribed, and whom does the queue let send?",
		Decide: judge(decideAlert),
	}, {
		ID:          "bk-protect",
		Title:       "Deletion protection of the table is on",
		Requirement: anySecond,
		Evidence:    checks.Config,
		Refs:        []string{"DynamoDB.6", "RDS.8"},
		Expected:    "Each table, and each database if there is one, is protected from deletion.",
		Why:         "Deleting a table takes one call, and bringing it back takes the better part of an hour.",
		Hint:        "What would AWS answer to a deletion?",
		Decide:      judge(decideProtection),
	}}
}
