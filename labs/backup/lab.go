// Package backup is the lab about backup and restore: its story, the properties that the scenario asks for, the faults
// that break them one by one, and the drills that lose something and bring it back.
//
// The checks find what holds data, the vaults, the plans and the roles by tag (the scope's, and labctl:role), and all else
// by relation: selections, recovery points, keys, topics and who has subscribed to them. The vocabulary of the tags stands
// at the top of terraform/backup/main.tf.
//
// Who may delete a backup is never read off a policy's text: the policy engine is asked, for every principal. Whether an
// event reaches somebody is asked of the pattern engine, with the events that AWS Backup sends.
package backup

import (
	"labctl/checks"
	"labctl/labs"
)

// ID is the lab's name on the command line.
const ID = "backup"

// New describes the lab.
func New() labs.Lab {
	return labs.Lab{
		ID:           ID,
		Title:        "Bring back what was lost",
		Domain:       "SAP-C02 domain 3: Continuous Improvement for Existing Solutions",
		Summary:      "Backups that survive an administrator's stolen credentials, and corruption that is found three days late.",
		Scenario:     scenario,
		Architecture: architectureDrawing,
		Requirements: requirements(),
		Objectives: []labs.Objective{
			{Name: "RPO of the orders", Value: "5 minutes"},
			{Name: "RTO of the orders", Value: "1 hour"},
			{Name: "RPO of the documents", Value: "24 hours"},
			{Name: "RTO of the documents", Value: "8 hours"},
			{Name: "Retention", Value: "35 days"},
			{Name: "Budget", Value: "3 USD a month"},
		},
		TradeOffs: []string{
			"Point-in-time recovery or snapshots, when the RPO becomes 24 hours?",
			"Governance or compliance lock, when a regulator wants WORM?",
			"Backup and restore or a warm standby, when the RTO becomes 5 minutes? Replicas copy corruption too.",
		},
		Checks:       allChecks(),
		Faults:       allFaults(),
		Drills:       allDrills(),
		Bill:         bill(),
		Needs:        []checks.Capability{backupTags, backupPlans, backupVaults, lifecycleRules},
		Uses:         []checks.Capability{restoreJobs},
		Options:      options(),
		AfterUp:      afterUp,
		BeforeDown:   releaseData,
		SecondRegion: secondRegion,
		Variables: func(support map[checks.Capability]checks.Support) map[string]any {
			return map[string]any{
				"backup_selections": support[backupSelections].Shown,
				"vault_policies":    support[vaultPolicies].Shown,
				"backup_jobs":       support[backupJobs].Shown && support[recoveryPoints].Shown,
			}
		},
		Tagging: "Whatever holds data (tables, buckets, volumes, databases) carries the tag, and labctl:rpo, labctl:rto and labctl:keep, such as 24h, 8h and " +
			"35d; the bucket whose versions are locked labctl:role=documents. The IAM roles carry it with labctl:role=workload, backup, restore or " +
			"break-glass, and the backup plan and the event rule carry it as they are. Everything else is found from there.",
		Explore: explore,
	}
}

// secondRegion is where the copies go.
func secondRegion(region string) string {
	if region == "us-west-2" {
		return "us-east-1"
	}
	return "us-west-2"
}

// bill counts what terraform/backup makes with selections and vault policies, and copies to a second region.
func bill() []labs.BillLine {
	return []labs.BillLine{
		{Type: "aws_dynamodb_table", Count: 1},
		{Type: "aws_s3_bucket", Count: 2},
		{Type: "aws_s3_bucket_public_access_block", Count: 2},
		{Type: "aws_ebs_volume", Count: 1}, // of 1 GB
		{Type: "aws_kms_key", Count: 2},
		{Type: "aws_backup_vault", Count: 2},
		{Type: "aws_backup_vault_lock_configuration", Count: 2},
		{Type: "aws_backup_vault_policy", Count: 2},
		{Type: "aws_backup_plan", Count: 1},
		{Type: "aws_backup_selection", Count: 1},
		{Type: "aws_iam_role", Count: 4},
		{Type: "aws_iam_role_policy", Count: 4},
		{Type: "aws_cloudwatch_event_rule", Count: 1},
		{Type: "aws_cloudwatch_event_target", Count: 1},
		{Type: "aws_sns_topic", Count: 1},
		{Type: "aws_sns_topic_subscription", Count: 1},
		{Type: "aws_sqs_queue", Count: 1},
		{Type: "aws_cloudwatch_metric_alarm", Count: 1},
	}
}
