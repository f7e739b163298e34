package backup

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"labctl/checks"
	"labctl/checks/inventory"
)

// grant gives a role one more policy, as it is written.
func (a *account) grant(part, statement string) {
	role := a.role(part)
	role.Policies = append(slices.Clone(role.Policies), inventory.PolicyDocument{Name: "more", Document: `{"Version":"2012-10-17","Statement":` + statement + `}`})
}

// user adds a user of the account.
func (a *account) user(name string) string {
	arn := "arn:aws:iam::" + fixtureAccount + ":user/" + name
	a.Identities.Users = append(slices.Clone(a.Identities.Users), inventory.Identity{Name: name, Arn: arn, Id: "AIDA" + name})
	return arn
}

// airGap makes the offsite vault a logically air-gapped one: locked from the first day, without a policy, under a key of AWS's.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
func (a *account) airGap() {
	v := a.offsite()
	v.VaultType, v.EncryptionKeyType, v.EncryptionKeyArn = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "AWS_OWNED_KMS_KEY", ""
	v.Locked, v.MinRetentionDays, v.MaxRetentionDays, v.LockDate = true, 35, 90, nil
	a.offsitePolicy().Document = ""
}

// What the managed policies AWSBackupServiceRolePolicyForRestores and ...ForS3Restore say of keys.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html
const managedRestore = `[{"Effect":"Allow","Action":["kms:Decrypt","kms:Encrypt","kms:GenerateDataKey","kms:ReEncryptTo","kms:ReEncryptFrom","kms:DescribeKey"],"Resource":"*",
	"Condition":{"StringLike":{"kms:ViaService":["dynamodb.*.amazonaws.com","ec2.*.amazonaws.com","elasticfilesystem.*.amazonaws.com","rds.*.amazonaws.com"]}}},
	{"Effect":"Allow","Action":["kms:DescribeKey","kms:GenerateDataKey","kms:Decrypt"],"Resource":"*","Condition":{"StringLike":{"kms:ViaService":"s3.*.amazonaws.com"}}}]`

// What AWSBackupServiceRolePolicyForBackup and ...ForS3Backup allow of tables, volumes and buckets.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
const managedBackup = `[{"Effect":"Allow","Action":["dynamodb:DescribeTable","dynamodb:CreateBackup","dynamodb:StartAwsBackupJob","dynamodb:ListTagsOfResource"],"Resource":"arn:aws:dynamodb:*:*:table/*"},
	{"Effect":"Allow","Action":["dynamodb:DescribeBackup","dynamodb:DeleteBackup"],"Resource":"arn:aws:dynamodb:*:*:table/*/backup/*"},
	{"Effect":"Allow","Action":["ec2:CreateSnapshot","ec2:DeleteSnapshot","ec2:DescribeVolumes","ec2:DescribeSnapshots"],"Resource":"*"},
	{"Effect":"Allow","Action":["s3:GetBucketTagging","s3:GetInventoryConfiguration","s3:ListBucketVersions","s3:ListBucket","s3:GetBucketVersioning","s3:PutInventoryConfiguration","s3:PutBucketNotification"],"Resource":"arn:aws:s3:::*"},
	{"Effect":"Allow","Action":["s3:GetObject","s3:GetObjectVersion","s3:GetObjectTagging"],"Resource":"arn:aws:s3:::*/*"}]`

// vaultDesigns are vaults, locks, policies and keys of other forms than the reference has.
func vaultDesigns() []variant {
	breakGlass := func(a *account) string { return a.role(roleBreakGlass).Arn }
	spare := func(a *account, operator, key string, values ...string) {
		condition := ""
		for n, value := range values {
			if n > 0 {
				condition += `","`
			}
			condition += value
		}
		a.vaultPolicy().Document = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["backup:DeleteRecoveryPoint","backup:UpdateRecoveryPointLifecycle","backup:PutBackupVaultAccessPolicy"],"Resource":"*","Condition":{"` +
			operator + `":{"` + key + `":["` + condition + `"]}}}]}`
	}
	trust := func(a *account, principal, condition string) {
		a.role(roleBreakGlass).TrustPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"` + condition + `}}`
	}
	return []variant{
		{"bk-vault-lock", "a vault that is air-gapped", func(a *account) { a.airGap() }, checks.Pass, "compliance mode"},
		{"bk-vault-lock", "a vault that is air-gapped, for less time", func(a *account) {
			a.airGap()
			a.offsite().MinRetentionDays = 7
		}, checks.Fail, "7 days"},
		{"bk-vault-lock", "the rule fills a vault that is air-gapped besides, which keeps nothing for so long", func(a *account) {
			bunker := *a.vault()
			bunker.BackupVaultName, bunker.BackupVaultArn, bunker.VaultType, bunker.Tags = "bunker", a.vault().BackupVaultArn+"-bunker", airGapped, nil
			bunker.MinRetentionDays, bunker.MaxRetentionDays = 35, 35
			a.BackupVaults = append(a.BackupVaults, bunker)
			a.rule().AirGappedVaultArn, a.rule().Lifecycle.DeleteAfter = bunker.BackupVaultArn, aws.Int(90)
		}, checks.Fail, "Vault bunker (us-east-1) takes nothing from"},
		{"bk-vault-lock", "the plan's vault is gone", func(a *account) {
			a.rule().TargetBackupVaultName = "labctl-reference-old"
		}, checks.Fail, "does not exist"},
		{"bk-vault-lock", "a vault of a run that is not this one", func(a *account) {
			a.BackupVaults = append(a.BackupVaults, inventory.BackupVault{BackupVaultName: "Default", BackupVaultArn: "arn:aws:backup:us-east-1:123456789012:backup-vault:Default"})
		}, checks.Pass, "labctl-reference-vault"},
		{"bk-vault-lock", "a maximum that jobs keep to", func(a *account) { a.vault().MaxRetentionDays = 35 }, checks.Pass, "governance mode"},

		{"bk-vault-policy", "a vault that is air-gapped needs none", func(a *account) { a.airGap() }, checks.Pass, "compliance mode"},
		{"bk-vault-policy", "compliance mode needs none", func(a *account) {
			a.vault().LockDate = aws.Time(time.Now().Add(-day))
			a.vaultPolicy().Document = ""
		}, checks.Pass, "compliance mode"},
		{"bk-vault-policy", "compliance mode from next week on needs one until then", func(a *account) {
			a.vault().LockDate = aws.Time(time.Now().Add(7 * day))
			a.vaultPolicy().Document = ""
		}, checks.Fail, "no access policy"},
		{"bk-vault-policy", "compliance mode without a minimum keeps what has a retention", func(a *account) {
			a.vault().LockDate, a.vault().MinRetentionDays = aws.Time(time.Now().Add(-day)), 0
			a.vaultPolicy().Document = ""
		}, checks.Pass, "compliance mode"},
		{"bk-vault-policy", "everybody but break-glass, by NotPrincipal", func(a *account) {
			a.vaultPolicy().Document = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["` + breakGlass(a) + `","arn:aws:iam::123456789012:root"]},"Action":"backup:*","Resource":"*"}}`
		}, checks.Fail, "root"},
		{"bk-vault-policy", "break-glass by the id of the role", func(a *account) {
			spare(a, "StringNotLike", "aws:userId", a.role(roleBreakGlass).Id+":*")
		}, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "break-glass by the id of another role", func(a *account) {
			spare(a, "StringNotLike", "aws:userId", a.role(roleWorkload).Id+":*")
		}, checks.Fail, "workload"},
		{"bk-vault-policy", "break-glass by role and by session", func(a *account) {
			spare(a, "ArnNotLike", "aws:PrincipalArn", breakGlass(a), "arn:aws:sts::123456789012:assumed-role/labctl-reference-break-glass/*")
		}, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "AWS Backup's own role is spared, which nobody can take on", func(a *account) {
			const own = "arn:aws:iam::123456789012:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
			a.Identities.Roles = append(a.Identities.Roles, inventory.Identity{
				Name: "AWSServiceRoleForBackup", Arn: own, Id: "AROASERVICE",
				TrustPolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"backup.amazonaws.com"},"Action":"sts:AssumeRole"}}`,
			})
			spare(a, "ArnNotEquals", "aws:PrincipalArn", breakGlass(a), own)
		}, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "a tag that whoever makes a role can give it", func(a *account) {
			spare(a, "StringNotEquals", "aws:PrincipalTag/labctl:role", "break-glass")
		}, checks.Fail, "to a role yet to be made"},
		{"bk-vault-policy", "whoever is not of the account", func(a *account) { spare(a, "StringNotEquals", "aws:PrincipalAccount", "123456789012") }, checks.Fail, "anybody"},
		{"bk-vault-policy", "from anywhere but the office", func(a *account) {
			a.vaultPolicy().Document = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"backup:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}}`
		}, checks.Fail, "anybody"},
		{"bk-vault-policy", "until last year", func(a *account) { spare(a, "DateLessThan", "aws:CurrentTime", "2025-01-01T00:00:00Z") }, checks.Fail, "anybody"},
		{"bk-vault-policy", "the account is denied, which is everybody in it", func(a *account) {
			a.vaultPolicy().Document = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"backup:*","Resource":"*"}}`
		}, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "another account is denied", func(a *account) {
			a.vaultPolicy().Document = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::222233334444:root"},"Action":"backup:*","Resource":"*"}}`
		}, checks.Fail, "anybody"},
		{"bk-vault-policy", "all actions but reading", func(a *account) {
			a.vaultPolicy().Document = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":"*"},"NotAction":["backup:List*","backup:Describe*","backup:Get*","backup:StartRestoreJob"],"Resource":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"` + breakGlass(a) + `"}}}}`
		}, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "snapshots of a database are recovery points, too", func(a *account) {
			a.Databases = []inventory.Database{{Arn: "arn:aws:rds:us-east-1:123456789012:db:ledger", Identifier: "ledger", Tags: a.volume().Tags}}
			a.rewrite(&a.vaultPolicy().Document, `"Resource":"*"`, `"Resource":["arn:aws:backup:*","arn:aws:ec2:*::snapshot/*"]`)
		}, checks.Fail, "backup:DeleteRecoveryPoint"},

		{"bk-vault-policy", "break-glass asks for a second factor where the key is there, which it is not with an access key", func(a *account) {
			trust(a, `{"AWS":"arn:aws:iam::123456789012:root"}`, `,"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`)
		}, checks.Fail, "without a second factor"},
		{"bk-vault-policy", "break-glass refuses those who have no second factor, where the key is there", func(a *account) {
			a.role(roleBreakGlass).TrustPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"},
				{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}`
		}, checks.Fail, "without a second factor"},
		{"bk-vault-policy", "break-glass refuses those who have no second factor", func(a *account) {
			a.role(roleBreakGlass).TrustPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"},
				{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}`
		}, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "break-glass trusts one user by name", func(a *account) {
			trust(a, `{"AWS":"`+a.user("alice")+`"}`, "")
		}, checks.Fail, "alice"},
		{"bk-vault-policy", "break-glass trusts one user by name, who has to prove it", func(a *account) {
			trust(a, `{"AWS":"`+a.user("alice")+`"}`, `,"Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"900"}}`)
		}, checks.Pass, "denies it to all"},
		{"bk-vault-policy", "break-glass trusts a service that runs what an administrator gives it", func(a *account) { trust(a, `{"Service":"lambda.amazonaws.com"}`, "") }, checks.Fail, "lambda.amazonaws.com"},
		{"bk-vault-policy", "break-glass trusts another account", func(a *account) { trust(a, `{"AWS":"arn:aws:iam::222233334444:root"}`, "") }, checks.Pass, "denies it to all"},

		{"bk-key-split", "a vault that is air-gapped has a key of AWS's", func(a *account) { a.airGap() }, checks.Pass, "AWS owns"},
		{"bk-key-split", "a vault that is air-gapped, under the key of the data", func(a *account) {
			a.airGap()
			a.offsite().EncryptionKeyType, a.offsite().EncryptionKeyArn = "CUSTOMER_MANAGED_KMS_KEY", a.key("data").Arn
			there := a.second()
			there.Keys = append(there.Keys, *a.key("data"))
			a.Elsewhere[fixtureSecond] = there
		}, checks.Fail, "same key"},
		{"bk-key-split", "AWS Backup's managed policy and the key's default policy", func(a *account) {
			a.key(roleVault).Policy = a.key("data").Policy
			a.grant(roleRestore, managedRestore)
		}, checks.Pass, "may decrypt with it"},
		{"bk-key-split", "the managed policy for restores without the one for buckets", func(a *account) {
			a.key(roleVault).Policy = a.key("data").Policy
			a.grant(roleRestore, `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringLike":{"kms:ViaService":["dynamodb.*.amazonaws.com","ec2.*.amazonaws.com"]}}}`)
		}, checks.Fail, "through s3.us-east-1"},
		{"bk-key-split", "through services that restore nothing", func(a *account) {
			a.key(roleVault).Policy = a.key("data").Policy
			a.grant(roleRestore, `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringLike":{"kms:ViaService":["lambda.*.amazonaws.com","sqs.*.amazonaws.com"]}}}`)
		}, checks.Fail, "may not decrypt"},
		{"bk-key-split", "AWS Backup's own key, and a role that is denied all of KMS", func(a *account) {
			a.vault().EncryptionKeyArn = a.key(roleVault).Arn
			a.key(roleVault).Aliases = []string{backupKey}
			a.may(roleRestore, "Deny", "*", "kms:*")
		}, checks.Fail, "denied by"},
		{"bk-key-split", "buckets under S3's own keys", func(a *account) {
			for n := range a.BucketGuards {
				a.BucketGuards[n].Encryption = inventory.DefaultEncryption{SSEAlgorithm: "AES256"}
			}
		}, checks.Pass, "none of the data"},
		{"bk-key-split", "twice encrypted under the vault's key", func(a *account) {
			a.guard(roleDocuments).Encryption = inventory.DefaultEncryption{SSEAlgorithm: "aws:kms:dsse", KMSMasterKeyID: a.vault().EncryptionKeyArn}
		}, checks.Fail, "documents"},
		{"bk-key-split", "the volume under the vault's key", func(a *account) { a.volume().KmsKeyId = a.vault().EncryptionKeyArn }, checks.Fail, "same key"},
		{"bk-key-split", "only from another account", func(a *account) {
			a.key(roleVault).Policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"222233334444"}}}}`
		}, checks.Fail, "may not decrypt"},
	}
}

// roleDesigns are rights of other forms than the reference has.
func roleDesigns() []variant {
	drafts := func(a *account) string { return "arn:aws:s3:::" + a.bucket(roleDrafts).Name }
	return []variant{
		{"bk-roles", "AWS Backup's managed policies", func(a *account) { a.grant(roleBackup, managedBackup) }, checks.Pass, "may neither write nor delete"},
		{"bk-roles", "all of DynamoDB but what deletes", func(a *account) {
			a.grant(roleWorkload, `[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"},{"Effect":"Deny","Action":["dynamodb:DeleteBackup","dynamodb:UpdateContinuousBackups","dynamodb:PutResourcePolicy"],"Resource":"*"}]`)
		}, checks.Pass, "may do nothing to backups"},
		{"bk-roles", "all of DynamoDB, and what deletes is denied for another table", func(a *account) {
			a.grant(roleWorkload, `[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"},{"Effect":"Deny","Action":["dynamodb:Delete*","dynamodb:Update*"],"Resource":"arn:aws:dynamodb:*:*:table/other*"}]`)
		}, checks.Fail, "dynamodb:DeleteBackup"},
		{"bk-roles", "the workload disables the vault's key", func(a *account) {
			a.key(roleVault).Policy = a.key("data").Policy
			a.may(roleWorkload, "Allow", "*", "kms:DisableKey")
		}, checks.Fail, "kms:DisableKey"},
		{"bk-roles", "the workload schedules the deletion of the vault's key, which the key's policy leaves to the account", func(a *account) {
			a.may(roleWorkload, "Allow", "*", "kms:ScheduleKeyDeletion")
		}, checks.Fail, "kms:ScheduleKeyDeletion"},
		{"bk-roles", "the key's policy leaves it to nobody else", func(a *account) {
			a.key(roleVault).Policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + a.role(roleBreakGlass).Arn + `"},"Action":"kms:*","Resource":"*"}}`
			a.may(roleWorkload, "Allow", "*", "kms:*")
		}, checks.Pass, "may do nothing to backups"},
		{"bk-roles", "the workload deletes versions in one folder", func(a *account) { a.may(roleWorkload, "Allow", drafts(a)+"/tmp/*", "s3:DeleteObjectVersion") }, checks.Fail, "s3:DeleteObjectVersion"},
		{"bk-roles", "the workload deletes versions in one folder of any bucket", func(a *account) { a.may(roleWorkload, "Allow", "arn:aws:s3:::*/tmp/*", "s3:DeleteObjectVersion") }, checks.Fail, "s3:DeleteObjectVersion"},
		{"bk-roles", "the workload deletes versions in another bucket", func(a *account) { a.may(roleWorkload, "Allow", "arn:aws:s3:::cache/*", "s3:DeleteObjectVersion") }, checks.Pass, "may do nothing to backups"},
		{"bk-roles", "the workload deletes versions, and in one folder it may not", func(a *account) {
			a.grant(roleWorkload, `[{"Effect":"Allow","Action":"s3:DeleteObjectVersion","Resource":"`+drafts(a)+`/*"},{"Effect":"Deny","Action":"s3:DeleteObjectVersion","Resource":"`+drafts(a)+`/doc*"}]`)
		}, checks.Fail, "s3:DeleteObjectVersion"},
		{"bk-roles", "the workload writes the bucket's policy", func(a *account) { a.may(roleWorkload, "Allow", drafts(a), "s3:PutBucketPolicy") }, checks.Fail, "s3:PutBucketPolicy"},
		{"bk-roles", "the workload writes the table's policy", func(a *account) { a.may(roleWorkload, "Allow", "*", "dynamodb:PutResourcePolicy") }, checks.Fail, "dynamodb:PutResourcePolicy"},
		{"bk-roles", "the workload loosens the vault's lock", func(a *account) { a.may(roleWorkload, "Allow", "*", "backup:PutBackupVaultLockConfiguration") }, checks.Fail, "backup:PutBackupVaultLockConfiguration"},
		{"bk-roles", "the workload lets go of continuous backups", func(a *account) { a.may(roleWorkload, "Allow", "*", "backup:DisassociateRecoveryPoint") }, checks.Fail, "backup:DisassociateRecoveryPoint"},
		{"bk-roles", "the workload gives itself rights", func(a *account) { a.may(roleWorkload, "Allow", "*", "iam:PutRolePolicy") }, checks.Fail, "iam:PutRolePolicy"},
		{"bk-roles", "the workload attaches policies to roles of its own path", func(a *account) {
			a.may(roleWorkload, "Allow", a.role(roleWorkload).Arn, "iam:AttachRolePolicy")
		}, checks.Fail, "iam:AttachRolePolicy"},
		{"bk-roles", "the workload writes whom break-glass trusts", func(a *account) {
			a.may(roleWorkload, "Allow", a.role(roleBreakGlass).Arn, "iam:UpdateAssumeRolePolicy")
		}, checks.Fail, "iam:UpdateAssumeRolePolicy"},
		{"bk-roles", "the workload passes the backup role and starts backups", func(a *account) {
			a.may(roleWorkload, "Allow", "*", "iam:PassRole", "backup:StartBackupJob")
		}, checks.Pass, "may do nothing to backups"},
		{"bk-roles", "the workload deletes snapshots where the copies are", func(a *account) {
			a.may(roleWorkload, "Allow", "arn:aws:ec2:us-west-2::snapshot/*", "ec2:DeleteSnapshot")
		}, checks.Fail, "us-west-2"},
		{"bk-roles", "the workload becomes the restore role", func(a *account) {
			a.may(roleWorkload, "Allow", "*", "sts:AssumeRole")
			a.role(roleRestore).TrustPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}}`
		}, checks.Fail, "sts:AssumeRole"},
		{"bk-roles", "the backup role writes into one folder", func(a *account) { a.may(roleBackup, "Allow", drafts(a)+"/inbox/*", "s3:PutObject") }, checks.Fail, "s3:PutObject"},
		{"bk-roles", "the backup role gives itself rights", func(a *account) { a.may(roleBackup, "Allow", "*", "iam:PutRolePolicy") }, checks.Fail, "iam:PutRolePolicy"},
		{"bk-roles", "the backup role deletes the table", func(a *account) { a.may(roleBackup, "Allow", "*", "dynamodb:DeleteTable") }, checks.Fail, "dynamodb:DeleteTable"},
	}
}

// alertDesigns are ways from an event to somebody, of other forms than the reference has.
func alertDesigns() []variant {
	pattern := func(text string) func(*account) { return func(a *account) { a.eventRule().EventPattern = text } }
	asRole := func(a *account, service, statement string) {
		arn := "arn:aws:iam::123456789012:role/rule"
		a.Identities.Roles = append(a.Identities.Roles, inventory.Identity{
			Name: "rule", Arn: arn, Id: "AROARULE",
			TrustPolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}}`,
			Policies:    []inventory.PolicyDocument{{Name: "publish", Document: `{"Version":"2012-10-17","Statement":` + statement + `}`}},
		})
		a.eventRule().Targets[0].RoleArn = arn
		a.topic().Policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sns:GetTopicAttributes","Resource":"*"}}`
	}
	const publishes = `{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}`
	return []variant{
		{"bk-alert", "the vault by its name", pattern(`{"source":["aws.backup"],"detail-type":["Backup Job State Change"],"detail":{"backupVaultName":["labctl-reference-vault"]}}`), checks.Fail, "A copy job"},
		{"bk-alert", "the vault by its name, and copies by their source", func(a *account) {
			second := *a.eventRule()
			second.Name, second.EventPattern = "copies", `{"source":["aws.backup"],"detail":{"sourceBackupVaultArn":["`+a.vault().BackupVaultArn+`"]}}`
			a.eventRule().EventPattern = `{"source":["aws.backup"],"detail":{"backupVaultName":["labctl-reference-vault"]}}`
			a.EventRules = append(a.EventRules, second)
		}, checks.Pass, "tells topic"},
		{"bk-alert", "another vault by its name", pattern(`{"source":["aws.backup"],"detail":{"backupVaultName":["Default"]}}`), checks.Fail, "reaches nobody"},
		{"bk-alert", "one of the vaults that the plan fills", func(a *account) {
			second := *a.rule()
			second.RuleName, second.TargetBackupVaultName = "other", "other"
			a.plan().Rules = append(a.plan().Rules, second)
			a.eventRule().EventPattern = `{"source":["aws.backup"],"$or":[{"detail":{"backupVaultName":["labctl-reference-vault"]}},{"detail-type":["Copy Job State Change"]}]}`
		}, checks.Fail, "reaches nobody"},
		{"bk-alert", "a detail-type in other capitals", pattern(`{"source":["aws.backup"],"detail-type":["Backup job state change","Copy job state change"]}`), checks.Fail, "does not match"},
		{"bk-alert", "a detail-type in any capitals", pattern(`{"source":["aws.backup"],"detail-type":[{"equals-ignore-case":"backup job state change"},{"equals-ignore-case":"copy job state change"}]}`), checks.Pass, "tells topic"},
		{"bk-alert", "whatever is not failed", pattern(`{"source":["aws.backup"],"detail":{"state":[{"anything-but":"FAILED"}]}}`), checks.Fail, "FAILED"},
		{"bk-alert", "jobs of the plan, by its id", func(a *account) {
			a.eventRule().EventPattern = `{"source":["aws.backup"],"detail":{"createdBy":{"backupPlanId":["` + a.plan().BackupPlanId + `"]}}}`
		}, checks.Pass, "tells topic"},
		{"bk-alert", "by what is in resources, which is empty where nothing was made", pattern(`{"source":["aws.backup"],"resources":[{"prefix":"arn:aws:backup:us-east-1:123456789012:"}]}`), checks.Fail, "A backup job"},
		{"bk-alert", "only copies to the second region", func(a *account) {
			a.eventRule().EventPattern = `{"source":["aws.backup"],"detail":{"destinationBackupVaultArn":["` + a.offsite().BackupVaultArn + `"]}}`
		}, checks.Fail, "A backup job"},
		{"bk-alert", "from another region", pattern(`{"source":["aws.backup"],"region":["eu-west-1"]}`), checks.Fail, "does not match"},
		{"bk-alert", "another source", pattern(`{"source":["backup.amazonaws.com"]}`), checks.Fail, "does not match"},
		{"bk-alert", "a target that sends another text, and a filter on the body", func(a *account) {
			a.eventRule().Targets[0].Transformed = true
			a.subscription().FilterPolicy, a.subscription().FilterScope = `{"source":["aws.backup"]}`, "MessageBody"
		}, checks.Error, "another text"},
		{"bk-alert", "a target that sends another text", func(a *account) { a.eventRule().Targets[0].Transformed = true }, checks.Pass, "tells topic"},
		{"bk-alert", "as a role that may publish", func(a *account) { asRole(a, "events.amazonaws.com", publishes) }, checks.Pass, "tells topic"},
		{"bk-alert", "as a role that may not publish", func(a *account) {
			asRole(a, "events.amazonaws.com", `{"Effect":"Allow","Action":"sns:ListTopics","Resource":"*"}`)
		}, checks.Fail, "may not"},
		{"bk-alert", "as a role that does not trust EventBridge", func(a *account) { asRole(a, "scheduler.amazonaws.com", publishes) }, checks.Fail, "does not trust"},
		{"bk-alert", "as a role that is gone", func(a *account) { a.eventRule().Targets[0].RoleArn = "arn:aws:iam::123456789012:role/gone" }, checks.Fail, "does not exist"},
		{"bk-alert", "the topic denies what is not encrypted on its way", func(a *account) {
			a.rewrite(&a.topic().Policy, `"Statement":[`, `"Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},`)
		}, checks.Pass, "tells topic"},
		{"bk-alert", "the queue denies everybody", func(a *account) {
			a.queue().Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}]}`
		}, checks.Fail, "does not let topic"},
		{"bk-alert", "a filter on an attribute that must not be there", func(a *account) {
			a.subscription().FilterPolicy, a.subscription().FilterScope = `{"quiet":[{"exists":false}]}`, "MessageAttributes"
		}, checks.Pass, "tells topic"},
		{"bk-alert", "of two subscribers one hears of it", func(a *account) {
			second := *a.subscription()
			a.subscription().FilterPolicy, a.subscription().FilterScope = `{"severity":["page"]}`, "MessageAttributes"
			a.Subscriptions = append(a.Subscriptions, second)
		}, checks.Pass, "tells topic"},
		{"bk-alert", "a rule that hears of what CloudTrail records, too", func(a *account) { a.eventRule().State = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" }, checks.Pass, "tells topic"},
	}
}
