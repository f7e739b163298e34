package backup

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"labctl/checks/inventory"
)

// mutations change a fixture as the fault with the same id changes the live lab.
func mutations() map[string]func(*account) {
	all := map[string]func(*account){}
	for _, list := range []map[string]func(*account){planMutations(), dataMutations(), vaultMutations(), accessMutations()} {
		maps.Copy(all, list)
	}
	return all
}

// brokenIDs are the ids of the mutations, in order.
func brokenIDs() []string { return slices.Sorted(maps.Keys(mutations())) }

func planMutations() map[string]func(*account) {
	return map[string]func(*account){
		"weekly-plan":       func(a *account) { a.rule().ScheduleExpression = "cron(0 5 ? * SUN *)" },
		"slow-completion":   func(a *account) { a.rule().CompletionWindow = aws.Int(24 * 60) },
		"week-of-retention": func(a *account) { a.rule().Lifecycle.DeleteAfter = aws.Int(7) },
		"no-copies":         func(a *account) { a.rule().CopyActions = nil },
		"copies-forever": func(a *account) {
			for n := range a.rule().CopyActions {
				a.rule().CopyActions[n].Lifecycle = inventory.BackupLifecycle{}
			}
		},
		"tag-in-capitals": func(a *account) { a.table().Tags[backupTag] = "Twice-Daily" },
		"new-disk": func(a *account) {
			tags := maps.Clone(a.volume().Tags)
			delete(tags, backupTag)
			a.Volumes = append(a.Volumes, inventory.Volume{VolumeId: "vol-0fa017d15c", KmsKeyId: a.volume().KmsKeyId, State: "available", Tags: tags})
		},
		"newest-deleted": func(a *account) {
			a.RecoveryPoints = slices.DeleteFunc(slices.Clone(a.RecoveryPoints), func(p inventory.RecoveryPoint) bool {
				return p.ResourceArn == a.inventory().VolumeARN(a.volume().VolumeId)
			})
		},
	}
}

func dataMutations() map[string]func(*account) {
	return map[string]func(*account){
		"recovery-off": func(a *account) {
			*a.recovery() = inventory.ContinuousBackups{TableName: a.recovery().TableName}
		},
		"recovery-day":         func(a *account) { a.recovery().RecoveryPeriodInDays = 1 },
		"protection-off":       func(a *account) { a.table().DeletionProtectionEnabled = false },
		"versions-suspended":   func(a *account) { a.guard(roleDrafts).Versioning = "Suspended" },
		"no-default-retention": func(a *account) { a.guard(roleDocuments).ObjectLock = inventory.ObjectLock{Enabled: true} },
		"one-key":              func(a *account) { a.guard(roleDrafts).Encryption.KMSMasterKeyID = a.vault().EncryptionKeyArn },
		"versions-day":         func(a *account) { a.lifecycle(roleDrafts).Rules[0].NoncurrentDays = 1 },
		"large-versions-day": func(a *account) {
			l := a.lifecycle(roleDrafts)
			l.Rules = append(l.Rules, inventory.LifecycleRule{ID: "large-versions", Enabled: true, NoncurrentDays: 1, Filter: inventory.LifecycleFilter{ObjectSizeGreaterThan: 1 << 20}})
		},
	}
}

func vaultMutations() map[string]func(*account) {
	return map[string]func(*account){
		"short-lock":      func(a *account) { a.vault().MinRetentionDays = 1 },
		"lock-above-jobs": func(a *account) { a.vault().MinRetentionDays = 60 },
		"offsite-unlocked": func(a *account) {
			a.offsite().Locked, a.offsite().MinRetentionDays = false, 0
		},
		"vault-policy-removed": func(a *account) { a.vaultPolicy().Document = "" },
		"vault-policy-excepts-all": func(a *account) {
			a.rewrite(&a.vaultPolicy().Document, `"ArnNotEquals":{"aws:PrincipalArn":"`+a.role(roleBreakGlass).Arn+`"}`, `"ArnNotLike":{"aws:PrincipalArn":"arn:aws*:iam::*:*"}`)
		},
		"lifecycle-undenied": func(a *account) {
			a.rewrite(&a.offsitePolicy().Document, `"backup:UpdateRecoveryPointLifecycle",`, "")
		},
		"vault-key-disabled": func(a *account) { a.key(roleVault).KeyState = "Disabled" },
		"restore-cannot-read": func(a *account) {
			a.rewrite(&a.key(roleVault).Policy, `["kms:DescribeKey","kms:Decrypt","kms:ReEncryptFrom"]`, `["kms:DescribeKey","kms:ReEncryptFrom"]`)
		},
	}
}

func accessMutations() map[string]func(*account) {
	return map[string]func(*account){
		"restore-denied": func(a *account) {
			a.may(roleRestore, "Deny", a.vault().EncryptionKeyArn, "kms:Decrypt", "kms:ReEncryptFrom")
		},
		"workload-deletes": func(a *account) { a.may(roleWorkload, "Allow", "*", "dynamodb:ListBackups", "dynamodb:DeleteBackup") },
		"backup-overwrites": func(a *account) {
			a.may(roleBackup, "Allow", a.table().TableArn, "dynamodb:BatchWriteItem", "dynamodb:PutItem")
		},
		"workload-deletes-versions": func(a *account) {
			arn := "arn:aws:s3:::" + a.bucket(roleDrafts).Name
			a.policyOf(arn).Document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + a.role(roleWorkload).Arn + `"},"Action":"s3:DeleteObjectVersion","Resource":"` + arn + `/*"}}`
		},
		"only-completed": func(a *account) {
			a.rewrite(&a.eventRule().EventPattern, `["FAILED","ABORTED","EXPIRED"]`, `["COMPLETED"]`)
		},
		"rule-off": func(a *account) { a.eventRule().State = "DISABLED" },
		"alerts-filtered": func(a *account) {
			a.subscription().FilterPolicy, a.subscription().FilterScope = `{"severity":["page"]}`, "MessageAttributes"
		},
		"queue-refuses": func(a *account) {
			a.rewrite(&a.queue().Policy, a.topic().TopicArn+`"`, a.topic().TopicArn+`-old"`)
		},
	}
}
