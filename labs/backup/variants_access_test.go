package backup

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"labctl/checks"
	"labctl/checks/inventory"
)

// vaultVariants are about locks and policies of the vaults.
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
		}, checks.Fail, "does not deny"},
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
		}, checks.Fail, "without a second factor"},
		{"bk-vault-policy", "an operator that nobody knows", func(a *account) {
			deny(a, `"*"`, `,"Condition":{"ArnSomewhatEquals":{"aws:PrincipalArn":"`+breakGlass(a)+`"}}`)
		}, checks.Error, "cannot be decided"},
	}
}

// keyVariants are about the keys of vaults and data.
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

// roleVariants are about what roles may do.
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

// alertVariants are about the way from an event to somebody.
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
		{"bk-alert", "a queue that takes nothing from the topic", func(a *account) { a.queue().Policy = "" }, checks.Fail, "does not let topic labctl-reference-alerts send"},
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
