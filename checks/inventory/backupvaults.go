package inventory

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"golang.org/x/sync/errgroup"
)

// BackupVault is a backup vault and its lock. Its policy is a [ResourcePolicy].
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupVaultListMember.html
type BackupVault struct {
	BackupVaultName   string
	BackupVaultArn    string
	VaultType         string `json:",omitempty"` // BACKUP_VAULT, LOGICALLY_AIR_GAPPED_BACKUP_VAULT or RESTORE_ACCESS_BACKUP_VAULT
	EncryptionKeyArn  string // "" for a key that AWS owns
	EncryptionKeyType string `json:",omitempty"` // CUSTOMER_MANAGED_KMS_KEY or AWS_OWNED_KMS_KEY
	Locked            bool
	LockDate          *time.Time // from when on nobody can take the lock off; nil for governance mode
	MinRetentionDays  int        // 0 where the lock sets none
	MaxRetentionDays  int        // 0 where the lock sets none
	RecoveryPoints    int
	Tags              map[string]string
}

// BackupVaults reads all of the region's backup vaults: a plan refers to them by name, whatever they carry.
func (i *Inventory) BackupVaults(ctx context.Context) ([]BackupVault, error) {
	return i.recovery.vaults.get("the backup vaults of "+i.Region, func() ([]BackupVault, error) { return i.source.readVaults(ctx) })
}

func (l live) readVaults(ctx context.Context) ([]BackupVault, error) {
	list, err := all(ctx, backup.NewListBackupVaultsPaginator(l.backup, &backup.ListBackupVaultsInput{}), func(o *backup.ListBackupVaultsOutput) []types.BackupVaultListMember {
		return o.BackupVaultList
	})
	if err != nil {
		return nil, err
	}
	found := make([]BackupVault, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, v := range list {
		found[n] = backupVaultOf(v)
		group.Go(func() (err error) {
			found[n].Tags, err = l.readBackupTags(ctx, v.BackupVaultArn)
			return err
		})
	}
	return found, group.Wait()
}

func backupVaultOf(v types.BackupVaultListMember) BackupVault {
	return BackupVault{
		BackupVaultName: aws.ToString(v.BackupVaultName), BackupVaultArn: aws.ToString(v.BackupVaultArn), EncryptionKeyArn: aws.ToString(v.EncryptionKeyArn),
		VaultType: string(v.VaultType), EncryptionKeyType: string(v.EncryptionKeyType),
		Locked: aws.ToBool(v.Locked), LockDate: v.LockDate, MinRetentionDays: int(aws.ToInt64(v.MinRetentionDays)), MaxRetentionDays: int(aws.ToInt64(v.MaxRetentionDays)),
		RecoveryPoints: int(v.NumberOfRecoveryPoints),
	}
}

func (f Facts) readVaults(context.Context) ([]BackupVault, error) { return f.BackupVaults, nil }
