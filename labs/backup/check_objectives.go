package backup

import "labctl/checks"

func objectiveChecks() []checks.Check {
	return []checks.Check{{
		ID:          "bk-objectives",
		Title:       "Everything that holds data states its RPO and RTO, and the schedule meets the RPO",
		Requirement: objectives,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL13-BP01", "backup-plan-min-frequency-and-min-retention-check"},
		Needs:       []checks.Capability{backupTags, backupPlans, backupSelections},
		Expected: "Each table, bucket, volume and database says labctl:rpo and labctl:rto; the longest time between two backups, plus the windows in which one starts and completes, " +
			"is no longer than that RPO, or point-in-time recovery is.",
		Why:    "The newest backup is oldest just before the next one is done: the interval alone is a promise that the completion window breaks.",
		Hint:   "Add up three numbers of the rule, and compare the sum with the tag on the resource.",
		Decide: undecided,
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
		Decide:      undecided,
	}}
}
