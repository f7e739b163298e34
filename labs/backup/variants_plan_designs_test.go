package backup

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"labctl/checks"
	"labctl/checks/inventory"
)

// planDesigns are plans, selections and recovery points of other forms than the reference has, good and bad ones.
func planDesigns() []variant {
	database := func(a *account, arn string) {
		tags := maps.Clone(a.volume().Tags)
		a.Databases = []inventory.Database{{Arn: arn, Identifier: lastPart(arn), DeletionProtection: true, BackupRetentionPeriod: 35, Tags: tags}}
		a.selection().Resources = append(slices.Clone(a.selection().Resources), "arn:aws:rds:*:*:cluster:*", "arn:aws:rds:*:*:db:*")
	}
	schedules := func(a *account, expressions ...string) {
		rule := *a.rule()
		a.plan().Rules = nil
		for n, expression := range expressions {
			rule.RuleName, rule.ScheduleExpression = "r"+string(rune('0'+n)), expression
			a.plan().Rules = append(a.plan().Rules, rule)
		}
	}
	return []variant{
		{"bk-objectives", "two daily rules take turns", func(a *account) { schedules(a, "cron(0 5 * * ? *)", "cron(0 17 * * ? *)") }, checks.Pass, "loses at most 16 h"},
		{"bk-objectives", "working days and weekends have a rule each", func(a *account) {
			schedules(a, "cron(0 5/12 ? * MON-FRI *)", "cron(0 5/12 ? * SAT,SUN *)")
		}, checks.Pass, "loses at most 16 h"},
		{"bk-objectives", "two daily rules at nearly the same time", func(a *account) { schedules(a, "cron(0 5 * * ? *)", "cron(0 7 * * ? *)") }, checks.Fail, "can lose 26 h"},
		{"bk-objectives", "two plans take turns", func(a *account) {
			schedules(a, "cron(0 5 * * ? *)")
			second := *a.plan()
			second.BackupPlanId, second.Rules = "p2", slices.Clone(second.Rules)
			second.Rules[0].RuleName, second.Rules[0].ScheduleExpression = "evening", "cron(0 17 * * ? *)"
			a.BackupPlans = append(a.BackupPlans, second)
			selection := *a.selection()
			selection.BackupPlanId, selection.SelectionId = "p2", "s2"
			a.BackupSelections = append(a.BackupSelections, selection)
		}, checks.Pass, "loses at most 16 h"},
		{"bk-objectives", "a weekly rule beside the good one", func(a *account) { schedules(a, "cron(0 5 ? * SUN *)", "cron(0 5/12 * * ? *)") }, checks.Pass, "16 h"},
		{"bk-objectives", "the second of the two may take a day to start", func(a *account) {
			schedules(a, "cron(0 5 * * ? *)", "cron(0 17 * * ? *)")
			a.plan().Rules[1].StartWindow = aws.Int(24 * 60)
		}, checks.Fail, "can lose 28 h"},
		{"bk-objectives", "what no rule says takes eight hours to start", func(a *account) {
			a.rule().StartWindow = nil
		}, checks.Pass, "8 h to start"},
		{"bk-objectives", "in a zone with summer time", func(a *account) {
			a.rule().ScheduleExpression, a.rule().ScheduleTimezone = "cron(0 2,14 * * ? *)", "Europe/Berlin"
		}, checks.Pass, "13 h between two"},
		{"bk-objectives", "an objective that the scenario does not grant the orders", func(a *account) { a.table().Tags[rpoTag] = "24h" }, checks.Fail, "5 min"},
		{"bk-objectives", "a week for documents", func(a *account) { a.bucket(roleDocuments).Tags[rpoTag] = "7d" }, checks.Fail, "24 h"},
		{"bk-objectives", "a day to bring the orders back", func(a *account) { a.table().Tags[rtoTag] = "1d" }, checks.Fail, "1 h"},
		{"bk-objectives", "a table that holds something else", func(a *account) {
			a.table().Tags[roleTag], a.table().Tags[rpoTag], a.table().Tags[rtoTag] = "sessions", "24h", "8h"
		}, checks.Pass, "may lose 24 h"},
		{"bk-objectives", "more is promised than is asked", func(a *account) { a.bucket(roleDrafts).Tags[rtoTag] = "2h" }, checks.Pass, "drafts"},

		{"bk-coverage", "a service without a type, which is not opted in to", func(a *account) {
			a.selection().Resources = []string{"arn:aws:ec2:*", "arn:aws:dynamodb:*", "arn:aws:s3:::*"}
			a.BackupOptIns = map[string]bool{"DynamoDB": true, "S3": true, "EBS": false}
		}, checks.Fail, "opted in to EBS"},
		{"bk-coverage", "a service without a type, which is opted in to", func(a *account) {
			a.selection().Resources = []string{"arn:aws:ec2:*", "arn:aws:dynamodb:*", "arn:aws:s3:::*"}
		}, checks.Pass, "is selected"},
		{"bk-coverage", "a type that is named, whatever is opted in to", func(a *account) { a.BackupOptIns = map[string]bool{} }, checks.Pass, "is selected"},
		{"bk-coverage", "a cluster of Aurora is named, and is not opted in to", func(a *account) {
			database(a, "arn:aws:rds:us-east-1:123456789012:cluster:ledger")
		}, checks.Fail, "opted in to Aurora"},
		{"bk-coverage", "an instance of RDS is named, and is not opted in to", func(a *account) {
			database(a, "arn:aws:rds:us-east-1:123456789012:db:ledger")
			a.may(roleBackup, "Allow", "*", "rds:CreateDBSnapshot")
		}, checks.Pass, "Database ledger is selected"},
		{"bk-coverage", "a name with a wildcard in its middle, which AWS Backup does not support", func(a *account) {
			a.selection().Resources = []string{"arn:aws:dynamodb:*:*:table/*", "arn:aws:ec2:*:*:volume/*", "arn:aws:s3:::*-123456789012"}
		}, checks.Fail, "wildcard"},
		{"bk-coverage", "names with a wildcard at their end", func(a *account) {
			a.selection().Resources = []string{"arn:aws:dynamodb:us-east-1:123456789012:table/labctl-*", "arn:aws:ec2:us-east-1:123456789012:volume/vol-*", "arn:aws:s3:::labctl-reference-*"}
		}, checks.Pass, "is selected"},
		{"bk-coverage", "each by its name", func(a *account) {
			a.selection().Resources, a.selection().Conditions = nil, inventory.SelectionConditions{}
			for _, r := range a.RecoveryPoints {
				a.selection().Resources = append(a.selection().Resources, r.ResourceArn)
			}
		}, checks.Pass, "is selected"},
		{"bk-coverage", "another's resources by their names", func(a *account) {
			a.selection().Resources = []string{"arn:aws:dynamodb:us-east-1:123456789012:table/orders", "arn:aws:s3:::papers"}
		}, checks.Fail, "none of its ARNs"},
		{"bk-coverage", "a value without its pattern's end", func(a *account) {
			a.selection().Conditions = inventory.SelectionConditions{StringLike: []inventory.TagCondition{{Key: tagKey + backupTag, Value: "daily*"}}}
		}, checks.Fail, "asks for another value"},
		{"bk-coverage", "everything in the scope but what is excluded by a type", func(a *account) {
			a.selection().NotResources = []string{"arn:aws:ec2:*:*:volume/*"}
		}, checks.Fail, "excluded by"},

		{"bk-coverage", "all but databases", func(a *account) {
			a.selection().Resources, a.selection().NotResources = nil, []string{"arn:aws:rds:*:*:db:*"}
		}, checks.Pass, "is selected"},
		{"bk-coverage", "all but databases, and volumes are not opted in to", func(a *account) {
			a.selection().Resources, a.selection().NotResources = nil, []string{"arn:aws:rds:*:*:db:*"}
			a.BackupOptIns["EBS"] = false
		}, checks.Fail, "opted in to EBS"},
		{"bk-coverage", "what meets the conditions, of whichever type", func(a *account) { a.selection().Resources = nil }, checks.Pass, "is selected"},
		{"bk-coverage", "a role that may not back up volumes", func(a *account) { a.may(roleBackup, "Deny", "*", "ec2:CreateSnapshot") }, checks.Fail, "may not ec2:CreateSnapshot"},
		{"bk-coverage", "a role that may do nothing", func(a *account) { a.role(roleBackup).Policies = nil }, checks.Fail, "may not dynamodb:StartAwsBackupJob"},
		{"bk-coverage", "a role with AWS Backup's managed policies", func(a *account) {
			a.role(roleBackup).Policies = nil
			a.grant(roleBackup, managedBackup)
		}, checks.Pass, "is selected"},

		{"bk-offsite", "the rule that copies has run for the last time", func(a *account) {
			once := *a.rule()
			once.RuleName, once.ScheduleExpression = "once", "cron(0 5 1 1 ? 2024)"
			a.rule().CopyActions = nil
			a.plan().Rules = append(a.plan().Rules, once)
		}, checks.Fail, "does not run again"},
		{"bk-offsite", "once a month", func(a *account) { a.rule().ScheduleExpression = "cron(0 5 1 * ? *)" }, checks.Pass, "Rule twice-daily"},
		{"bk-offsite", "the second of two copies is a good one", func(a *account) {
			here := inventory.BackupCopy{DestinationBackupVaultArn: a.vault().BackupVaultArn}
			a.rule().CopyActions = append([]inventory.BackupCopy{here}, a.rule().CopyActions...)
		}, checks.Pass, "us-west-2"},
		{"bk-offsite", "another account in the same region", func(a *account) {
			a.rule().CopyActions[0].DestinationBackupVaultArn = "arn:aws:backup:us-east-1:222233334444:backup-vault:bunker"
		}, checks.Pass, "222233334444"},

		{"bk-retention", "a year in cold storage after a month", func(a *account) {
			a.rule().Lifecycle = inventory.BackupLifecycle{MoveToColdStorage: aws.Int(30), DeleteAfter: aws.Int(365)}
		}, checks.Pass, "365 days"},
		{"bk-retention", "34 days", func(a *account) { a.rule().Lifecycle.DeleteAfter = aws.Int(34) }, checks.Fail, "34 days"},
		{"bk-retention", "an hourly rule keeps for two days", func(a *account) {
			hourly := *a.rule()
			hourly.RuleName, hourly.Lifecycle.DeleteAfter = "hourly", aws.Int(2)
			a.plan().Rules = append(a.plan().Rules, hourly)
		}, checks.Fail, "2 days"},
		{"bk-retention", "cold on the day on which it goes", func(a *account) {
			a.rule().Lifecycle = inventory.BackupLifecycle{MoveToColdStorage: aws.Int(90), DeleteAfter: aws.Int(90)}
		}, checks.Fail, "90 days too early"},

		{"bk-fresh", "point-in-time recovery, and no copy of the table in any vault", func(a *account) {
			a.RecoveryPoints = slices.DeleteFunc(slices.Clone(a.RecoveryPoints), func(p inventory.RecoveryPoint) bool { return p.ResourceArn == a.table().TableArn })
		}, checks.Fail, "Table labctl-reference-orders has no completed recovery point"},
		{"bk-fresh", "a volume that says no RPO, and was never backed up", func(a *account) {
			delete(a.volume().Tags, rpoTag)
			a.RecoveryPoints = slices.DeleteFunc(slices.Clone(a.RecoveryPoints), func(p inventory.RecoveryPoint) bool { return strings.Contains(p.ResourceArn, "volume") })
		}, checks.Fail, "no completed recovery point"},
		{"bk-fresh", "nothing says an RPO, and everything is fresh", func(a *account) {
			for _, tags := range []map[string]string{a.table().Tags, a.volume().Tags, a.Buckets[0].Tags, a.Buckets[1].Tags} {
				delete(tags, rpoTag)
			}
		}, checks.Pass, "of the 24 h that it may"},
		{"bk-fresh", "what says an RPO of a month is no month old", func(a *account) {
			a.volume().Tags[rpoTag] = "30d"
			a.age(3 * day)
			a.recovery().LatestRestorableDateTime = aws.Time(time.Now())
		}, checks.Fail, "may lose 24 h; its newest"},
		{"bk-fresh", "what is left is expired", func(a *account) {
			for n := range a.RecoveryPoints {
				a.RecoveryPoints[n].Status = "EXPIRED"
			}
		}, checks.Fail, "no completed recovery point"},
		{"bk-fresh", "a continuous backup that was stopped", func(a *account) {
			for n := range a.RecoveryPoints {
				if strings.Contains(a.RecoveryPoints[n].ResourceArn, "s3") {
					a.RecoveryPoints[n].Status = "STOPPED"
				}
			}
		}, checks.Fail, "no completed recovery point"},
		{"bk-fresh", "a younger one that is being made", func(a *account) {
			a.age(20 * time.Hour)
			making := a.RecoveryPoints[len(a.RecoveryPoints)-1]
			making.Status, making.CreationDate = "CREATING", time.Now()
			a.RecoveryPoints = append(a.RecoveryPoints, making)
			a.recovery().LatestRestorableDateTime = aws.Time(time.Now())
		}, checks.Pass, "would lose 20 h"},
		{"bk-fresh", "a database that goes back to any second", func(a *account) {
			database(a, "arn:aws:rds:us-east-1:123456789012:db:ledger")
			a.Databases[0].LatestRestorableTime = aws.Time(time.Now().Add(-4 * time.Minute))
			point := a.RecoveryPoints[0]
			point.ResourceArn = a.Databases[0].Arn
			a.RecoveryPoints = append(a.RecoveryPoints, point)
		}, checks.Pass, "Database ledger"},
	}
}

// dataDesigns are settings of what holds data, of other forms than the reference has.
func dataDesigns() []variant {
	return []variant{
		{"bk-pitr", "34 days", func(a *account) { a.recovery().RecoveryPeriodInDays = 34 }, checks.Fail, "34 days"},
		{"bk-pitr", "a tag that asks for more than there is", func(a *account) { a.table().Tags[keepTag] = "90d" }, checks.Pass, "35 days"},
		{"bk-pitr", "a tag that asks for less", func(a *account) {
			a.table().Tags[keepTag] = "7d"
			a.recovery().RecoveryPeriodInDays = 7
		}, checks.Fail, "35 days"},
		{"bk-s3-versions", "documents suspended, drafts not", func(a *account) { a.guard(roleDocuments).Versioning = "Suspended" }, checks.Fail, "documents"},
		{"bk-s3-lock", "a retention that locks nothing", func(a *account) { a.guard(roleDocuments).ObjectLock.Days = 0 }, checks.Fail, "no default retention"},
		{"bk-s3-lock", "a second bucket of documents without", func(a *account) {
			second := *a.bucket(roleDrafts)
			second.Tags = maps.Clone(second.Tags)
			second.Tags[roleTag] = roleDocuments
			*a.bucket(roleDrafts) = second
		}, checks.Fail, "drafts"},
		{"bk-lifecycle-trap", "only so many versions, and no days", func(a *account) {
			rule := &a.lifecycle(roleDrafts).Rules[0]
			rule.NoncurrentDays, rule.NewerNoncurrentVersions = 0, 2
		}, checks.Fail, "3 times"},
		{"bk-lifecycle-trap", "two versions for longer than all", func(a *account) { a.lifecycle(roleDrafts).Rules[0].NewerNoncurrentVersions = 2 }, checks.Pass, "35 days"},
		{"bk-lifecycle-trap", "locked for a year, and gone a day after it was replaced", func(a *account) {
			a.guard(roleDocuments).ObjectLock = inventory.ObjectLock{Enabled: true, Mode: "COMPLIANCE", Years: 1}
			a.lifecycle(roleDocuments).Rules[0].NoncurrentDays = 1
		}, checks.Fail, "1 day"},
		{"bk-lifecycle-trap", "by a tag", func(a *account) {
			l := a.lifecycle(roleDrafts)
			l.Rules = append(l.Rules, inventory.LifecycleRule{ID: "tmp", Enabled: true, NoncurrentDays: 7, Filter: inventory.LifecycleFilter{Tags: map[string]string{"kind": "tmp"}}})
		}, checks.Fail, "tagged kind=tmp"},
		{"bk-lifecycle-trap", "on a certain date, without versions", func(a *account) {
			a.lifecycle(roleDrafts).Rules[0].ExpirationDate = aws.Time(time.Now().Add(day))
			a.guard(roleDrafts).Versioning = ""
		}, checks.Fail, "is gone"},
		{"bk-protect", "a cluster that one call deletes", func(a *account) {
			a.Databases = []inventory.Database{{Arn: "arn:aws:rds:us-east-1:123456789012:cluster:a", Cluster: true, Identifier: "a", Tags: maps.Clone(a.table().Tags)}}
		}, checks.Fail, "database a"},
		{"bk-protect", "a second table", func(a *account) {
			a.Tables = append(a.Tables, inventory.Table{TableName: "second", TableArn: a.table().TableArn + "2", Tags: maps.Clone(a.table().Tags)})
		}, checks.Fail, "table second"},
		{"bk-protect", "somebody else's table", func(a *account) {
			a.Tables = append(a.Tables, inventory.Table{TableName: "second", TableArn: a.table().TableArn + "2"})
		}, checks.Pass, "protected from deletion"},
	}
}
