package backup

import (
	"context"
	"errors"

	"labctl/checks"
	"labctl/checks/inventory"
)

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
		Decide:      undecided,
	}, {
		ID:          "bk-fresh",
		Title:       "The newest recovery point of everything is younger than its RPO",
		Requirement: objectives,
		Evidence:    checks.Config,
		Refs:        []string{"dynamodb-last-backup-recovery-point-created"},
		Needs:       []checks.Capability{backupTags, backupSelections, recoveryPoints, backupJobs, tableRecovery},
		Expected:    "Each table, bucket, volume and database has a completed recovery point, and the newest, or the latest second that can be restored, is younger than labctl:rpo.",
		Why:         "A schedule is an intention; the age of the newest recovery point is what you would lose now.",
		Hint:        "List the recovery points of each resource by time, and look at their status.",
		Decide:      undecided,
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
		Decide: undecided,
	}, {
		ID:          "bk-protect",
		Title:       "Deletion protection of the table is on",
		Requirement: anySecond,
		Evidence:    checks.Config,
		Refs:        []string{"DynamoDB.6", "RDS.8"},
		Expected:    "Each table, and each database if there is one, is protected from deletion.",
		Why:         "Deleting a table takes one call, and bringing it back takes the better part of an hour.",
		Hint:        "What would AWS answer to a deletion?",
		Decide:      undecided,
	}}
}

func undecided(context.Context, *inventory.Inventory) (checks.Finding, error) {
	return checks.Finding{}, errors.New("this check is being written")
}
