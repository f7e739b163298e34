package backup

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"labctl/checks"
	"labctl/checks/inventory"
)

// planVariants are about what the plan and its selections say, and about what came of it.
func planVariants() []variant {
	conditions := func(a *account) *inventory.SelectionConditions { return &a.selection().Conditions }
	return []variant{
		{"bk-objectives", "a rate as good as the schedule", func(a *account) { a.rule().ScheduleExpression = "rate(12 hours)" }, checks.Pass, "12 h between two"},
		{"bk-objectives", "daily is 24 hours before it has begun", func(a *account) { a.rule().ScheduleExpression = "cron(0 5 * * ? *)" }, checks.Fail, "can lose 28 h"},
		{"bk-objectives", "twice a day, close together", func(a *account) { a.rule().ScheduleExpression = "cron(0 5,6 * * ? *)" }, checks.Fail, "23 h between two"},
		{"bk-objectives", "on working days only", func(a *account) { a.rule().ScheduleExpression = "cron(0 5/12 ? * MON-FRI *)" }, checks.Fail, "60 h between two"},
		{"bk-objectives", "for this year only", func(a *account) {
			a.rule().ScheduleExpression = fmt.Sprintf("cron(0 5/12 * * ? %d)", time.Now().Year())
		}, checks.Fail, "may lose 24 h"},
		{"bk-objectives", "years ago", func(a *account) { a.rule().ScheduleExpression = "cron(0 5/12 * * ? 2020)" }, checks.Fail, "never"},
		{"bk-objectives", "what no rule says takes seven days", func(a *account) { a.rule().CompletionWindow = nil }, checks.Fail, "7 days to complete"},
		{"bk-objectives", "a second rule meets it", func(a *account) {
			daily := *a.rule()
			daily.RuleName, daily.ScheduleExpression = "daily", "cron(0 5 * * ? *)"
			a.plan().Rules = append([]inventory.BackupRule{daily}, a.plan().Rules...)
		}, checks.Pass, "rule twice-daily"},
		{"bk-objectives", "continuous backups of the buckets", func(a *account) {
			a.rule().EnableContinuousBackup = true
			for n := range a.Buckets {
				a.Buckets[n].Tags[rpoTag] = "1h"
			}
		}, checks.Pass, "continuous"},
		{"bk-objectives", "continuous backups are nothing to a volume", func(a *account) {
			a.rule().EnableContinuousBackup = true
			a.volume().Tags[rpoTag] = "1h"
		}, checks.Fail, "Volume"},
		{"bk-objectives", "a volume without an RPO", func(a *account) { delete(a.volume().Tags, rpoTag) }, checks.Fail, "does not say its RPO"},
		{"bk-objectives", "an RTO in words", func(a *account) { a.table().Tags[rtoTag] = "soon" }, checks.Fail, "does not say its RTO"},
		{"bk-objectives", "a database that nobody thought of", func(a *account) {
			a.Databases = []inventory.Database{{Arn: "arn:aws:rds:us-east-1:123456789012:db:old", Identifier: "old", Tags: map[string]string{"labctl:run": a.run}}}
		}, checks.Fail, "Database old does not say its RPO"},
		{"bk-objectives", "a schedule that labctl cannot read", func(a *account) { a.rule().ScheduleExpression = "cron(0 5 15W * ? *)" }, checks.Error, "15W"},

		{"bk-coverage", "a key in capitals", func(a *account) {
			delete(a.volume().Tags, backupTag)
			a.volume().Tags["Labctl:Backup"] = "twice-daily"
		}, checks.Fail, "which is another key"},
		{"bk-coverage", "a pattern that matches", func(a *account) {
			conditions(a).StringEquals = nil
			conditions(a).StringLike = []inventory.TagCondition{{Key: tagKey + backupTag, Value: "*daily"}}
		}, checks.Pass, "is selected"},
		{"bk-coverage", "one excluded by its ARN", func(a *account) { a.selection().NotResources = []string{"arn:aws:s3:::*-drafts-*"} }, checks.Fail, "drafts"},
		{"bk-coverage", "one excluded by another tag", func(a *account) {
			conditions(a).StringNotEquals = []inventory.TagCondition{{Key: tagKey + roleTag, Value: roleIndex}}
		}, checks.Fail, "Volume"},
		{"bk-coverage", "a tag that not everything has is compared", func(a *account) {
			conditions(a).StringNotEquals = []inventory.TagCondition{{Key: tagKey + "temporary", Value: "yes"}}
		}, checks.Error, "has no such tag"},
		{"bk-coverage", "a type that is missing", func(a *account) { a.selection().Resources = []string{"arn:aws:dynamodb:*:*:table/*", "arn:aws:s3:::*"} }, checks.Fail, "none of its ARNs matches"},
		{"bk-coverage", "another region's tables", func(a *account) { a.selection().Resources[0] = "arn:aws:dynamodb:eu-west-1:*:table/*" }, checks.Fail, "none of its ARNs"},
		{"bk-coverage", "a list of tags, with everything opted in", func(a *account) {
			*a.selection() = inventory.BackupSelection{
				BackupPlanId: a.plan().BackupPlanId, SelectionId: "s", SelectionName: "by-tag", IamRoleArn: a.selection().IamRoleArn,
				ListOfTags: []inventory.TagCondition{{Type: "STRINGEQUALS", Key: backupTag, Value: "never"}, {Type: "STRINGEQUALS", Key: backupTag, Value: "twice-daily"}},
			}
			a.BackupOptIns = map[string]bool{"DynamoDB": true, "S3": true, "EBS": true}
		}, checks.Pass, "is selected"},
		{"bk-coverage", "everything, and S3 is not opted in", func(a *account) {
			a.selection().Resources = []string{"*"}
			a.BackupOptIns = map[string]bool{"DynamoDB": true, "EBS": true, "S3": false}
		}, checks.Fail, "opted in to S3"},
		{"bk-coverage", "a role that is gone", func(a *account) { a.selection().IamRoleArn += "-old" }, checks.Fail, "does not exist"},
		{"bk-coverage", "a role that does not trust AWS Backup", func(a *account) { a.role(roleBackup).TrustPolicy = a.role(roleWorkload).TrustPolicy }, checks.Fail, "does not trust AWS Backup"},
		{"bk-coverage", "a plan without a selection", func(a *account) { a.BackupSelections = nil }, checks.Fail, "has no selection"},
		{"bk-coverage", "an operator that labctl does not know", func(a *account) {
			a.selection().ListOfTags = []inventory.TagCondition{{Type: "STRINGLIKE", Key: backupTag, Value: "*"}}
		}, checks.Error, "STRINGLIKE"},

		{"bk-offsite", "a vault in the same region", func(a *account) { a.rule().CopyActions[0].DestinationBackupVaultArn = a.vault().BackupVaultArn }, checks.Fail, "same region and account"},
		{"bk-offsite", "a vault that is gone", func(a *account) { a.rule().CopyActions[0].DestinationBackupVaultArn += "-old" }, checks.Fail, "does not exist"},
		{"bk-offsite", "a region in which there is nothing", func(a *account) {
			a.rewrite(&a.rule().CopyActions[0].DestinationBackupVaultArn, fixtureSecond, "eu-west-1")
		}, checks.Fail, "does not exist"},
		{"bk-offsite", "copies that go sooner than they should", func(a *account) { a.rule().CopyActions[0].Lifecycle.DeleteAfter = aws.Int(14) }, checks.Fail, "14 days"},
		{"bk-offsite", "a second rule makes the copies", func(a *account) {
			hourly := *a.rule()
			hourly.RuleName, hourly.CopyActions = "hourly", nil
			a.plan().Rules = append([]inventory.BackupRule{hourly}, a.plan().Rules...)
		}, checks.Pass, "Rule twice-daily"},
		{"bk-offsite", "a second plan copies nothing", func(a *account) {
			second := *a.plan()
			second.BackupPlanId, second.BackupPlanName, second.Rules = "p2", "second", []inventory.BackupRule{*a.rule()}
			second.Rules[0].CopyActions = nil
			a.BackupPlans = append(a.BackupPlans, second)
		}, checks.Fail, "Plan second copies nothing"},

		{"bk-retention", "no end", func(a *account) { a.rule().Lifecycle.DeleteAfter = nil }, checks.Pass, "for ever"},
		{"bk-retention", "cold storage that pays", func(a *account) {
			a.rule().Lifecycle = inventory.BackupLifecycle{MoveToColdStorage: aws.Int(30), DeleteAfter: aws.Int(120)}
		}, checks.Pass, "120 days"},
		{"bk-retention", "cold storage for a month", func(a *account) {
			a.rule().Lifecycle = inventory.BackupLifecycle{MoveToColdStorage: aws.Int(35), DeleteAfter: aws.Int(65)}
		}, checks.Fail, "60 days too early"},
		{"bk-retention", "a copy that goes after a week", func(a *account) { a.rule().CopyActions[0].Lifecycle.DeleteAfter = aws.Int(7) }, checks.Fail, "offsite is deleted after 7 days"},
		{"bk-retention", "a tag that asks for more", func(a *account) { a.volume().Tags[keepTag] = "60d" }, checks.Fail, "60 days"},
		{"bk-retention", "a tag that asks for less is no excuse", func(a *account) {
			for n := range a.Buckets {
				a.Buckets[n].Tags[keepTag] = "1d"
			}
			a.rule().Lifecycle.DeleteAfter = aws.Int(30)
		}, checks.Fail, "35 days"},

		{"bk-fresh", "a backup that was begun and not completed", func(a *account) {
			for n := range a.RecoveryPoints {
				a.RecoveryPoints[n].Status = "PARTIAL"
			}
		}, checks.Fail, "no completed recovery point"},
		{"bk-fresh", "two days ago", func(a *account) { a.age(48 * time.Hour) }, checks.Fail, "48 h"},
		{"bk-fresh", "a young snapshot of the table instead of recovery", func(a *account) { *a.recovery() = inventory.ContinuousBackups{TableName: a.table().TableName} }, checks.Fail, "continuously"},
		{"bk-fresh", "recovery that stands still", func(a *account) { a.recovery().LatestRestorableDateTime = aws.Time(time.Now().Add(-time.Hour)) }, checks.Fail, "1 h ago"},
		{"bk-fresh", "recovery as far behind as it is on AWS", func(a *account) {
			a.recovery().LatestRestorableDateTime = aws.Time(time.Now().Add(-5*time.Minute - 10*time.Second))
		}, checks.Pass, "restorable second"},
		{"bk-fresh", "a continuous backup of the bucket", func(a *account) {
			for n := range a.RecoveryPoints {
				if strings.Contains(a.RecoveryPoints[n].ResourceArn, "s3") {
					a.RecoveryPoints[n].Status, a.RecoveryPoints[n].CreationDate = "AVAILABLE", time.Now().Add(-30*day)
				}
			}
		}, checks.Pass, "continuous backup"},
	}
}

// dataVariants are about settings of what holds data.
func dataVariants() []variant {
	return []variant{
		{"bk-pitr", "no table", func(a *account) { a.Tables = nil }, checks.Fail, "No table"},
		{"bk-pitr", "a second table without", func(a *account) {
			tags := maps.Clone(a.table().Tags)
			a.Tables = append(a.Tables, inventory.Table{TableName: "second", TableArn: a.table().TableArn + "2", Tags: tags})
			a.ContinuousBackups = append(a.ContinuousBackups, inventory.ContinuousBackups{TableName: "second"})
		}, checks.Fail, "table second is off"},
		{"bk-s3-versions", "never versioned", func(a *account) { a.guard(roleDrafts).Versioning = "" }, checks.Fail, "never been versioned"},
		{"bk-s3-versions", "no bucket", func(a *account) { a.Buckets = nil }, checks.Fail, "No bucket"},
		{"bk-s3-lock", "a lock for a year, in compliance mode", func(a *account) {
			a.guard(roleDocuments).ObjectLock = inventory.ObjectLock{Enabled: true, Mode: "COMPLIANCE", Years: 1}
		}, checks.Pass, "1 year"},
		{"bk-s3-lock", "the wrong bucket is locked", func(a *account) {
			a.guard(roleDrafts).ObjectLock, a.guard(roleDocuments).ObjectLock = a.guard(roleDocuments).ObjectLock, inventory.ObjectLock{}
		}, checks.Fail, "documents"},
		{"bk-s3-lock", "no bucket plays the part", func(a *account) { a.bucket(roleDocuments).Tags[roleTag] = "papers" }, checks.Fail, "labctl:role=documents"},
		{"bk-lifecycle-trap", "for one folder only", func(a *account) {
			l := a.lifecycle(roleDocuments)
			l.Rules = append(l.Rules, inventory.LifecycleRule{ID: "tmp", Enabled: true, NoncurrentDays: 3, Filter: inventory.LifecycleFilter{Prefix: "invoices/2026"}})
		}, checks.Fail, "with prefix invoices/2026"},
		{"bk-lifecycle-trap", "five newer versions are not 35 days", func(a *account) {
			rule := &a.lifecycle(roleDrafts).Rules[0]
			rule.NoncurrentDays, rule.NewerNoncurrentVersions = 1, 5
		}, checks.Fail, "6 times"},
		{"bk-lifecycle-trap", "34 days", func(a *account) { a.lifecycle(roleDrafts).Rules[0].NoncurrentDays = 34 }, checks.Fail, "34 days"},
		{"bk-lifecycle-trap", "a rule that is off", func(a *account) {
			l := a.lifecycle(roleDrafts)
			l.Rules = append(l.Rules, inventory.LifecycleRule{ID: "off", NoncurrentDays: 1})
		}, checks.Pass, "35 days"},
		{"bk-lifecycle-trap", "a move to colder storage the next day", func(a *account) {
			a.lifecycle(roleDrafts).Rules[0].NoncurrentTransitions = []inventory.LifecycleTransition{{Days: 1, StorageClass: "GLACIER_IR"}}
		}, checks.Pass, "35 days"},
		{"bk-lifecycle-trap", "the newest version expires, and is hidden only", func(a *account) { a.lifecycle(roleDrafts).Rules[0].ExpirationDays = 1 }, checks.Pass, "35 days"},
		{"bk-lifecycle-trap", "the newest version expires, and nothing is versioned", func(a *account) {
			a.lifecycle(roleDrafts).Rules[0].ExpirationDays = 1
			a.guard(roleDrafts).Versioning = "Suspended"
		}, checks.Fail, "is gone"},
		{"bk-lifecycle-trap", "no rules at all", func(a *account) { a.BucketLifecycles = nil }, checks.Pass, "removes no version"},
		{"bk-lifecycle-trap", "what has to stay for longer", func(a *account) { a.bucket(roleDrafts).Tags[keepTag] = "90d" }, checks.Fail, "90 days"},
		{"bk-protect", "a database that one call deletes", func(a *account) {
			a.Databases = []inventory.Database{{Arn: "arn:aws:rds:us-east-1:123456789012:db:a", Identifier: "a", Tags: maps.Clone(a.table().Tags)}}
		}, checks.Fail, "database a"},
		{"bk-protect", "a protected database in the table's place", func(a *account) {
			a.Databases = []inventory.Database{{Arn: "arn:aws:rds:us-east-1:123456789012:db:a", Identifier: "a", DeletionProtection: true, Tags: maps.Clone(a.table().Tags)}}
			a.Tables = nil
		}, checks.Pass, "Database a"},
	}
}
