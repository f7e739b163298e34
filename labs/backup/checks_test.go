package backup

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs/labtest"
)

func judgedAll(t *testing.T, a *account) map[string]checks.Finding {
	t.Helper()
	return labtest.Judge(t, New(), a.inventory)
}

func notPassing(t *testing.T, a *account) []string {
	t.Helper()
	return labtest.Failing(t, New(), a.inventory)
}

func TestEveryCorrectDesignPassesEveryCheck(t *testing.T) {
	for _, design := range []string{reference, archive, twoOwners} {
		t.Run(design, func(t *testing.T) {
			assert.Empty(t, notPassing(t, load(t, design)))
		})
		t.Run(design+" with a stranger in the same account", func(t *testing.T) {
			a := load(t, design)
			a.add(stranger(t))
			assert.Empty(t, notPassing(t, a))
		})
	}
}

func TestTheStrangerIsBroken(t *testing.T) {
	failing := notPassing(t, &account{Facts: stranger(t), t: t, run: "stranger"})
	for _, check := range New().Checks {
		assert.Contains(t, failing, check.ID, "a decoy that is sound shows nothing")
	}
}

func TestEachMutationBreaksExactlyTheChecksThatItsFaultNames(t *testing.T) {
	for _, fault := range New().Faults {
		for _, design := range []string{reference, archive} {
			t.Run(fault.ID+" in "+design, func(t *testing.T) {
				mutate := mutations()[fault.ID]
				require.NotNil(t, mutate, "no mutation does to a fixture what the fault does")
				a := load(t, design)
				mutate(a)
				assert.ElementsMatch(t, fault.Breaks, notPassing(t, a))
				a.add(stranger(t))
				assert.ElementsMatch(t, fault.Breaks, notPassing(t, a), "with a stranger in the same account")
			})
		}
	}
}

func TestWithoutTheTagsNothingPasses(t *testing.T) {
	for name, change := range map[string]func(*account){
		"nothing carries the scope's tag": func(a *account) { a.run = "nobody" },
		"the account is empty":            func(a *account) { a.Facts = inventory.Facts{} },
	} {
		t.Run(name, func(t *testing.T) {
			a := load(t, reference)
			change(a)
			for id, finding := range judgedAll(t, a) {
				assert.Equal(t, checks.Fail, finding.Status, "%s: %v", id, finding.Found)
				assert.Contains(t, fmt.Sprint(finding.Found), "labctl:", "%s says which tag is missing", id)
			}
		})
	}
}

func TestAHandBuiltDesignIsJudgedByAnyTag(t *testing.T) {
	a := load(t, reference)
	tagged := []map[string]string{a.table().Tags, a.volume().Tags, a.plan().Tags, a.vault().Tags, a.offsite().Tags, a.eventRule().Tags}
	for n := range a.Buckets {
		tagged = append(tagged, a.Buckets[n].Tags)
	}
	for n := range a.Identities.Roles {
		tagged = append(tagged, a.Identities.Roles[n].Tags)
	}
	for _, tags := range tagged {
		delete(tags, "labctl:run")
		tags["project"] = "shop"
	}
	a.selection().Conditions.StringEquals = []inventory.TagCondition{{Key: "aws:ResourceTag/project", Value: "shop"}}
	inv := inventory.Of(a.Facts, fixtureAccount, fixtureRegion, inventory.Scope{Key: "project", Value: "shop"})
	for _, check := range New().Checks {
		finding, err := check.Decide(t.Context(), inv)
		require.NoError(t, err, check.ID)
		assert.Equal(t, checks.Pass, finding.Status, "%s: %v", check.ID, finding.Found)
	}
}

// variant is a change of the reference that a check has to see through, whichever way. says is in what is found, or in the
// error.
type variant struct {
	check, name string
	change      func(*account)
	status      checks.Status
	says        string
}

func TestChecksJudgeThePropertyAndNotItsUsualShape(t *testing.T) {
	for _, v := range slices.Concat(planVariants(), dataVariants(), vaultVariants(), keyVariants(), roleVariants(), alertVariants()) {
		t.Run(v.check+" "+v.name, func(t *testing.T) {
			a := load(t, reference)
			v.change(a)
			check, ok := New().Check(v.check)
			require.True(t, ok)
			finding, err := check.Decide(t.Context(), a.inventory())
			if v.status == checks.Error {
				require.ErrorContains(t, err, v.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, v.status, finding.Status, "%v", finding.Found)
			assert.Contains(t, strings.Join(finding.Found, "\n"), v.says)
		})
	}
}

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

func vaultVariants() []variant {
	breakGlass := func(a *account) string { return a.role(roleBreakGlass).Arn }
	deny := func(a *account, principal, condition string) {
		a.vaultPolicy().Document = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":` + principal +
			`,"Action":["backup:DeleteRecoveryPoint","backup:UpdateRecoveryPointLifecycle","backup:PutBackupVaultAccessPolicy"],"Resource":"*"` + condition + `}]}`
	}
	return []variant{
		{"bk-vault-lock", "compliance mode", func(a *account) { a.vault().LockDate = aws.Time(time.Now().Add(-day)) }, checks.Pass, "compliance mode, which nobody can take off"},
		{"bk-vault-lock", "compliance mode from next week on", func(a *account) { a.vault().LockDate = aws.Time(time.Now().Add(7 * day)) }, checks.Pass, "becomes compliance mode"},
		{"bk-vault-lock", "a maximum below what jobs ask for", func(a *account) { a.offsite().MaxRetentionDays = 60 }, checks.Fail, "maximum is 60"},
		{"bk-vault-lock", "a maximum, and copies for ever", func(a *account) {
			a.offsite().MaxRetentionDays = 365
			a.rule().CopyActions[0].Lifecycle.DeleteAfter = nil
		}, checks.Fail, "for ever"},
		{"bk-vault-lock", "locked without a minimum", func(a *account) { a.vault().MinRetentionDays = 0 }, checks.Fail, "0 days"},
		{"bk-vault-lock", "the plan fills a vault without tags", func(a *account) {
			open := inventory.BackupVault{BackupVaultName: "Default", BackupVaultArn: "arn:aws:backup:us-east-1:123456789012:backup-vault:Default", EncryptionKeyArn: a.vault().EncryptionKeyArn}
			a.BackupVaults = append(a.BackupVaults, open)
			a.rule().TargetBackupVaultName = "Default"
		}, checks.Fail, "Vault Default (us-east-1) is not locked"},
		{"bk-vault-lock", "what has to stay for longer", func(a *account) { a.volume().Tags[keepTag] = "60d" }, checks.Fail, "should be 60 days"},

		{"bk-vault-policy", "break-glass spared by NotPrincipal, and others", func(a *account) {
			a.rewrite(&a.vaultPolicy().Document, `"aws:PrincipalArn":"`+breakGlass(a)+`"`, `"aws:PrincipalArn":["`+breakGlass(a)+`","`+a.role(roleBackup).Arn+`"]`)
		}, checks.Fail, "labctl-reference-backup"},
		{"bk-vault-policy", "a name that somebody can take", func(a *account) {
			a.rewrite(&a.vaultPolicy().Document, breakGlass(a), "arn:aws:iam::123456789012:role/emergency")
		}, checks.Fail, "emergency"},
		{"bk-vault-policy", "whatever is called break-glass", func(a *account) {
			a.rewrite(&a.vaultPolicy().Document, "ArnNotEquals", "ArnNotLike")
			a.rewrite(&a.vaultPolicy().Document, breakGlass(a), "arn:aws:iam::*:role/*break-glass*")
		}, checks.Fail, "break-glass"},
		{"bk-vault-policy", "some are denied, by name", func(a *account) {
			deny(a, `{"AWS":["`+a.role(roleWorkload).Arn+`","`+a.role(roleBackup).Arn+`"]}`, "")
		}, checks.Fail, "does not deny"},
		{"bk-vault-policy", "everybody is denied, break-glass too", func(a *account) { deny(a, `"*"`, "") }, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "those without a second factor are denied", func(a *account) {
			deny(a, `"*"`, `,"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`)
		}, checks.Fail, "anybody"},
		{"bk-vault-policy", "by tag in the place of a name", func(a *account) {
			deny(a, `"*"`, `,"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalTag/labctl:role":"break-glass"}}`)
		}, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "the vault's own ARN is no recovery point", func(a *account) {
			a.rewrite(&a.vaultPolicy().Document, `"Resource":"*"`, `"Resource":"`+a.vault().BackupVaultArn+`"`)
		}, checks.Fail, "backup:DeleteRecoveryPoint"},
		{"bk-vault-policy", "snapshots are recovery points, too", func(a *account) {
			a.rewrite(&a.vaultPolicy().Document, `"Resource":"*"`, `"Resource":["arn:aws:backup:*:*:recovery-point:*","arn:aws:backup:*:*:backup-vault:*"]`)
		}, checks.Fail, "backup:DeleteRecoveryPoint"},
		{"bk-vault-policy", "the policy can be replaced", func(a *account) {
			a.rewrite(&a.vaultPolicy().Document, `,"backup:PutBackupVaultAccessPolicy"`, "")
		}, checks.Fail, "backup:PutBackupVaultAccessPolicy"},
		{"bk-vault-policy", "an allow is no deny", func(a *account) {
			a.rewrite(&a.vaultPolicy().Document, `"Effect":"Deny"`, `"Effect":"Allow"`)
		}, checks.Fail, "does not deny"},
		{"bk-vault-policy", "all actions of AWS Backup", func(a *account) {
			a.rewrite(&a.vaultPolicy().Document, `["backup:DeleteRecoveryPoint","backup:UpdateRecoveryPointLifecycle","backup:PutBackupVaultAccessPolicy"]`, `["backup:Delete*","backup:Update*","backup:Put*"]`)
		}, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "break-glass without a second factor", func(a *account) {
			a.role(roleBreakGlass).TrustPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}}`
		}, checks.Fail, "without a second factor"},
		{"bk-vault-policy", "a second factor where there is one", func(a *account) {
			a.rewrite(&a.role(roleBreakGlass).TrustPolicy, `"Bool"`, `"BoolIfExists"`)
			a.rewrite(&a.role(roleBreakGlass).TrustPolicy, `"NumericLessThan"`, `"NumericLessThanIfExists"`)
		}, checks.Pass, "second factor"},
		{"bk-vault-policy", "an operator that nobody knows", func(a *account) {
			deny(a, `"*"`, `,"Condition":{"ArnSomewhatEquals":{"aws:PrincipalArn":"`+breakGlass(a)+`"}}`)
		}, checks.Error, "cannot be decided"},
	}
}

func keyVariants() []variant {
	return []variant{
		{"bk-key-split", "the table under the vault's key", func(a *account) { a.table().KMSMasterKeyArn = a.vault().EncryptionKeyArn }, checks.Fail, "same key"},
		{"bk-key-split", "a bucket under an alias of the vault's key", func(a *account) {
			a.key(roleVault).Aliases = []string{"alias/papers"}
			a.guard(roleDrafts).Encryption.KMSMasterKeyID = "alias/papers"
		}, checks.Fail, "drafts"},
		{"bk-key-split", "the table under a key of DynamoDB's own", func(a *account) { a.table().KMSMasterKeyArn = "" }, checks.Pass, "none of the data"},
		{"bk-key-split", "a key that waits for its deletion", func(a *account) { a.key(roleVault).KeyState = "PendingDeletion" }, checks.Fail, "PendingDeletion"},
		{"bk-key-split", "a key that is gone", func(a *account) { a.vault().EncryptionKeyArn += "0" }, checks.Fail, "does not exist"},
		{"bk-key-split", "no restore role", func(a *account) { delete(a.role(roleRestore).Tags, roleTag) }, checks.Fail, "labctl:role=restore"},
		{"bk-key-split", "the key leaves it to the account, and the role's policy says so", func(a *account) {
			a.key(roleVault).Policy = a.key("data").Policy
			a.may(roleRestore, "Allow", a.vault().EncryptionKeyArn, "kms:Decrypt")
		}, checks.Pass, "may decrypt with it"},
		{"bk-key-split", "the key leaves it to the account, and the role's policy says nothing", func(a *account) { a.key(roleVault).Policy = a.key("data").Policy }, checks.Fail, "may not decrypt"},
		{"bk-key-split", "through AWS Backup only", func(a *account) {
			a.key(roleVault).Policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + a.role(roleRestore).Arn +
				`"},"Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"backup.us-east-1.amazonaws.com"}}}}`
		}, checks.Pass, "may decrypt with it"},
		{"bk-key-split", "a boundary without KMS", func(a *account) {
			a.key(roleVault).Policy = a.key("data").Policy
			a.may(roleRestore, "Allow", "*", "kms:*")
			a.role(roleRestore).Boundary = &inventory.PolicyDocument{Name: "limit", Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["dynamodb:*","s3:*","ec2:*"],"Resource":"*"}}`}
		}, checks.Fail, "may not decrypt"},
	}
}

func roleVariants() []variant {
	return []variant{
		{"bk-roles", "no workload role", func(a *account) { delete(a.role(roleWorkload).Tags, roleTag) }, checks.Fail, "labctl:role=workload"},
		{"bk-roles", "the workload may all that begins with Delete", func(a *account) { a.may(roleWorkload, "Allow", "*", "dynamodb:Delete*") }, checks.Fail, "dynamodb:DeleteBackup"},
		{"bk-roles", "the workload may all but IAM", func(a *account) {
			role := a.role(roleWorkload)
			role.Policies = []inventory.PolicyDocument{{Name: "power", Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}`}}
		}, checks.Fail, "backup:DeleteBackupVaultAccessPolicy"},
		{"bk-roles", "the workload turns recovery off", func(a *account) { a.may(roleWorkload, "Allow", a.table().TableArn, "dynamodb:UpdateContinuousBackups") }, checks.Fail, "UpdateContinuousBackups"},
		{"bk-roles", "the workload writes the lifecycle", func(a *account) { a.may(roleWorkload, "Allow", "*", "s3:PutLifecycleConfiguration") }, checks.Fail, "s3:PutLifecycleConfiguration"},
		{"bk-roles", "the workload deletes snapshots of the run", func(a *account) {
			role := a.role(roleWorkload)
			role.Policies = append(slices.Clone(role.Policies), inventory.PolicyDocument{Name: "more", Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:DeleteSnapshot","Resource":"*","Condition":{"StringEquals":{"ec2:ResourceTag/labctl:run":"reference"}}}}`})
		}, checks.Fail, "ec2:DeleteSnapshot"},
		{"bk-roles", "the vault's policy stops what IAM allows", func(a *account) { a.may(roleWorkload, "Allow", "*", deletePoint) }, checks.Pass, "may do nothing to backups"},
		{"bk-roles", "the vault's policy allows it", func(a *account) {
			a.vaultPolicy().Document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + a.role(roleWorkload).Arn + `"},"Action":"backup:DeleteRecoveryPoint","Resource":"*"}}`
		}, checks.Fail, "backup:DeleteRecoveryPoint"},
		{"bk-roles", "the workload becomes break-glass", func(a *account) {
			a.may(roleWorkload, "Allow", "*", "sts:AssumeRole")
			a.role(roleBreakGlass).TrustPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}}`
		}, checks.Fail, "sts:AssumeRole"},
		{"bk-roles", "the backup role has what restores need", func(a *account) { a.may(roleBackup, "Allow", "*", "s3:PutObject", "s3:DeleteObject") }, checks.Fail, "s3:PutObject"},
		{"bk-roles", "the table's policy lets the backup role write", func(a *account) {
			a.policyOf(a.table().TableArn).Document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + a.role(roleBackup).Arn + `"},"Action":"dynamodb:PutItem","Resource":"*"}}`
		}, checks.Fail, "dynamodb:PutItem"},
		{"bk-roles", "the backup role writes into new tables only", func(a *account) {
			a.may(roleBackup, "Allow", "arn:aws:dynamodb:us-east-1:123456789012:table/labctl-reference-restored-*", "dynamodb:PutItem", "dynamodb:BatchWriteItem")
		}, checks.Pass, "may neither write nor delete"},
		{"bk-roles", "a boundary stops it", func(a *account) {
			a.may(roleWorkload, "Allow", "*", "dynamodb:DeleteBackup")
			a.role(roleWorkload).Boundary = &inventory.PolicyDocument{Name: "limit", Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:GetObject","dynamodb:PutItem"],"Resource":"*"}}`}
		}, checks.Pass, "may do nothing to backups"},
		{"bk-roles", "a condition that the caller meets at will", func(a *account) {
			role := a.role(roleWorkload)
			role.Policies = append(slices.Clone(role.Policies), inventory.PolicyDocument{Name: "more", Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:DeleteBackup","Resource":"*","Condition":{"StringEquals":{"aws:UserAgent":"shop"}}}}`})
		}, checks.Fail, "dynamodb:DeleteBackup"},
	}
}

func alertVariants() []variant {
	pattern := func(text string) func(*account) { return func(a *account) { a.eventRule().EventPattern = text } }
	publish := func(a *account, statement string) {
		a.topic().Policy = `{"Version":"2012-10-17","Statement":` + statement + `}`
	}
	return []variant{
		{"bk-alert", "everything that AWS Backup says", pattern(`{"source":["aws.backup"]}`), checks.Pass, "tells topic"},
		{"bk-alert", "whatever is not completed", pattern(`{"source":["aws.backup"],"detail":{"state":[{"anything-but":["CREATED","PENDING","RUNNING","COMPLETED"]}]}}`), checks.Pass, "tells topic"},
		{"bk-alert", "only failed", pattern(`{"source":["aws.backup"],"detail":{"state":["FAILED"]}}`), checks.Fail, "ABORTED"},
		{"bk-alert", "no copies", pattern(`{"source":["aws.backup"],"detail-type":["Backup Job State Change"],"detail":{"state":["FAILED","ABORTED","EXPIRED"]}}`), checks.Fail, "A copy job"},
		{"bk-alert", "in small letters", pattern(`{"source":["aws.backup"],"detail":{"state":["failed","aborted","expired"]}}`), checks.Fail, "does not match"},
		{"bk-alert", "volumes only", pattern(`{"source":["aws.backup"],"detail":{"resourceType":["EBS"]}}`), checks.Fail, "A backup job of table"},
		{"bk-alert", "a pattern that EventBridge would refuse", pattern(`{"source":"aws.backup"}`), checks.Error, "pattern of rule"},
		{"bk-alert", "two rules share the work", func(a *account) {
			second := *a.eventRule()
			second.Name, second.EventPattern = "copies", `{"source":["aws.backup"],"detail-type":["Copy Job State Change"]}`
			a.eventRule().EventPattern = `{"source":["aws.backup"],"detail-type":["Backup Job State Change"]}`
			a.EventRules = append(a.EventRules, second)
		}, checks.Pass, "Rule copies tells"},
		{"bk-alert", "no target", func(a *account) { a.eventRule().Targets = nil }, checks.Fail, "has no target"},
		{"bk-alert", "a topic that is gone", func(a *account) { a.Topics = nil }, checks.Fail, "does not exist"},
		{"bk-alert", "a topic whose policy puts conditions on EventBridge", func(a *account) {
			publish(a, `{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"`+a.eventRule().Arn+`"}}}`)
		}, checks.Fail, "sends nothing to put conditions on"},
		{"bk-alert", "a topic that only its owner writes to", func(a *account) {
			publish(a, `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sns:Publish","Resource":"*","Condition":{"StringEquals":{"aws:SourceOwner":"123456789012"}}}`)
		}, checks.Fail, "does not let EventBridge publish"},
		{"bk-alert", "a topic under the key of SNS", func(a *account) { a.topic().KmsMasterKeyId = "alias/aws/sns" }, checks.Fail, "may not use"},
		{"bk-alert", "a topic under a key whose policy names EventBridge", func(a *account) {
			a.topic().KmsMasterKeyId = a.key("data").KeyId
			a.key("data").Policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":["kms:GenerateDataKey*","kms:Decrypt"],"Resource":"*"}}`
		}, checks.Pass, "tells topic"},
		{"bk-alert", "a topic under a key whose policy does not", func(a *account) { a.topic().KmsMasterKeyId = a.key("data").Arn }, checks.Fail, "kms:GenerateDataKey"},
		{"bk-alert", "a queue under a key that is disabled", func(a *account) {
			a.queue().KmsMasterKeyId = a.key("data").KeyId
			a.key("data").KeyState = "Disabled"
		}, checks.Fail, "is Disabled"},
		{"bk-alert", "nobody is subscribed", func(a *account) { a.Subscriptions = nil }, checks.Fail, "Nobody is subscribed"},
		{"bk-alert", "a subscription that nobody confirmed", func(a *account) {
			*a.subscription() = inventory.Subscription{TopicArn: a.topic().TopicArn, Protocol: "email", Endpoint: "night@shop.example", SubscriptionArn: "PendingConfirmation"}
		}, checks.Fail, "not confirmed"},
		{"bk-alert", "mail in the place of a queue", func(a *account) {
			a.subscription().Protocol, a.subscription().Endpoint = "email", "night@shop.example"
		}, checks.Pass, "email subscriber"},
		{"bk-alert", "a filter on the body that lets it through", func(a *account) {
			a.subscription().FilterPolicy, a.subscription().FilterScope = `{"source":["aws.backup"]}`, "MessageBody"
		}, checks.Pass, "tells topic"},
		{"bk-alert", "a filter on the body that lets failures only through", func(a *account) {
			a.subscription().FilterPolicy, a.subscription().FilterScope = `{"detail":{"state":["FAILED"]}}`, "MessageBody"
		}, checks.Fail, "filters it"},
		{"bk-alert", "a queue that is the target itself", func(a *account) {
			a.eventRule().Targets = []inventory.EventTarget{{Id: "q", Arn: a.queue().QueueArn}}
			a.queue().Policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"` + a.eventRule().Arn + `"}}}}`
		}, checks.Pass, "tells queue"},
		{"bk-alert", "a function, of which labctl knows nothing", func(a *account) {
			a.eventRule().Targets = []inventory.EventTarget{{Id: "f", Arn: "arn:aws:lambda:us-east-1:123456789012:function:page"}}
		}, checks.Error, "labctl follows topics and queues"},
	}
}
