package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
)

type backupTagsAPI interface {
	ListTags(context.Context, *backup.ListTagsInput, ...func(*backup.Options)) (*backup.ListTagsOutput, error)
}

// backupTags gives each its tags. A target without AWS Backup has none of them.
func backupTags(ctx context.Context, api backupTagsAPI, named []found, err error) ([]found, error) {
	switch {
	case isNotEmulated(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return lookUp(named, func(f found) (found, error) {
		f.tags = map[string]string{}
		for in := (&backup.ListTagsInput{ResourceArn: aws.String(f.arn)}); ; {
			out, err := api.ListTags(ctx, in)
			if err != nil {
				return found{}, err
			}
			for k, v := range out.Tags {
				f.tags[k] = v
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return f, nil
			}
		}
	})
}

type backupPlanAPI interface {
	backupTagsAPI
	backup.ListBackupPlansAPIClient
	backup.ListBackupSelectionsAPIClient
	DeleteBackupSelection(context.Context, *backup.DeleteBackupSelectionInput, ...func(*backup.Options)) (*backup.DeleteBackupSelectionOutput, error)
	DeleteBackupPlan(context.Context, *backup.DeleteBackupPlanInput, ...func(*backup.Options)) (*backup.DeleteBackupPlanOutput, error)
}

// backupPlans are found by name, and by what the tagging API knows.
type backupPlans struct{ api backupPlanAPI }

func (h backupPlans) list(ctx context.Context, also []string) ([]found, error) {
	var named []found
	err := eachPage(ctx, backup.NewListBackupPlansPaginator(h.api, &backup.ListBackupPlansInput{}), func(page *backup.ListBackupPlansOutput) {
		for _, p := range page.BackupPlansList {
			f := found{id: aws.ToString(p.BackupPlanId), name: aws.ToString(p.BackupPlanName), arn: aws.ToString(p.BackupPlanArn)}
			if strings.HasPrefix(f.name, namePrefix) || slices.Contains(also, f.id) {
				named = append(named, f)
			}
		}
	})
	return backupTags(ctx, h.api, named, err)
}

// delete takes the selections off first: a plan that has some cannot be deleted.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupPlan.html
func (h backupPlans) delete(ctx context.Context, id string, _ map[string]bool) error {
	var selections []string
	pages := backup.NewListBackupSelectionsPaginator(h.api, &backup.ListBackupSelectionsInput{BackupPlanId: aws.String(id)})
	err := eachPage(ctx, pages, func(page *backup.ListBackupSelectionsOutput) {
		for _, s := range page.BackupSelectionsList {
			selections = append(selections, ids(s.SelectionId)...)
		}
	})
	if err != nil {
		return err
	}
	for _, s := range selections {
		_, err := h.api.DeleteBackupSelection(ctx, &backup.DeleteBackupSelectionInput{BackupPlanId: aws.String(id), SelectionId: aws.String(s)})
		if err != nil && !isGone(err) {
			return err
		}
	}
	_, err = h.api.DeleteBackupPlan(ctx, &backup.DeleteBackupPlanInput{BackupPlanId: aws.String(id)})
	return err
}

type recoveryPointAPI interface {
	backup.ListBackupVaultsAPIClient
	backup.ListRecoveryPointsByBackupVaultAPIClient
}

type backupVaultAPI interface {
	backupTagsAPI
	recoveryPointAPI
	DescribeBackupVault(context.Context, *backup.DescribeBackupVaultInput, ...func(*backup.Options)) (*backup.DescribeBackupVaultOutput, error)
	DeleteBackupVaultAccessPolicy(context.Context, *backup.DeleteBackupVaultAccessPolicyInput, ...func(*backup.Options)) (*backup.DeleteBackupVaultAccessPolicyOutput, error)
	DeleteBackupVaultLockConfiguration(context.Context, *backup.DeleteBackupVaultLockConfigurationInput, ...func(*backup.Options)) (*backup.DeleteBackupVaultLockConfigurationOutput, error)
	DeleteRecoveryPoint(context.Context, *backup.DeleteRecoveryPointInput, ...func(*backup.Options)) (*backup.DeleteRecoveryPointOutput, error)
	DeleteBackupVault(context.Context, *backup.DeleteBackupVaultInput, ...func(*backup.Options)) (*backup.DeleteBackupVaultOutput, error)
}

// backupVaults are found by name, and by what the tagging API knows. Their recovery points are
// parts of them, whatever those are copies of.
type backupVaults struct{ api backupVaultAPI }

func (h backupVaults) list(ctx context.Context, also []string) ([]found, error) {
	named, err := namedVaults(ctx, h.api, also)
	return backupTags(ctx, h.api, named, err)
}

func namedVaults(ctx context.Context, api backup.ListBackupVaultsAPIClient, also []string) (named []found, err error) {
	err = eachPage(ctx, backup.NewListBackupVaultsPaginator(api, &backup.ListBackupVaultsInput{}), func(page *backup.ListBackupVaultsOutput) {
		for _, v := range page.BackupVaultList {
			if name := aws.ToString(v.BackupVaultName); strings.HasPrefix(name, namePrefix) || slices.Contains(also, name) {
				named = append(named, found{id: name, name: name, arn: aws.ToString(v.BackupVaultArn)})
			}
		}
	})
	return named, err
}

// delete takes off what protects the recovery points, which a lab's vault has, then them, then
// the vault: only an empty one can be deleted.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVault.html
func (h backupVaults) delete(ctx context.Context, id string, _ map[string]bool) error {
	name := aws.String(id)
	vault, err := h.api.DescribeBackupVault(ctx, &backup.DescribeBackupVaultInput{BackupVaultName: name})
	if err != nil {
		return err
	}
	_, err = h.api.DeleteBackupVaultAccessPolicy(ctx, &backup.DeleteBackupVaultAccessPolicyInput{BackupVaultName: name})
	if err != nil && !isGone(err) {
		return err
	}
	points, err := recoveryPoints(ctx, h.api, id)
	if err != nil {
		return err
	}
	if err := h.unlock(ctx, vault, points); err != nil {
		return err
	}
	for _, p := range points {
		if p.Status == types.RecoveryPointStatusDeleting {
			continue
		}
		_, err := h.api.DeleteRecoveryPoint(ctx, &backup.DeleteRecoveryPointInput{BackupVaultName: name, RecoveryPointArn: p.RecoveryPointArn})
		if err != nil && !isGone(err) {
			return fmt.Errorf("recovery point %s: %w", aws.ToString(p.RecoveryPointArn), err)
		}
	}
	if len(points) > 0 {
		return fmt.Errorf("%d recovery points: %w", len(points), errEnding)
	}
	_, err = h.api.DeleteBackupVault(ctx, &backup.DeleteBackupVaultInput{BackupVaultName: name})
	return err
}

// errLocked says that nobody can delete something before a date.
var errLocked = errors.New("locked in compliance mode")

// unlock takes the lock off. One in compliance mode, after its days of grace, is there for good,
// and keeps the recovery points until their retention ends.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
func (h backupVaults) unlock(ctx context.Context, vault *backup.DescribeBackupVaultOutput, points []types.RecoveryPointByBackupVault) error {
	if !aws.ToBool(vault.Locked) {
		return nil
	}
	if vault.LockDate == nil || time.Now().Before(*vault.LockDate) {
		_, err := h.api.DeleteBackupVaultLockConfiguration(ctx, &backup.DeleteBackupVaultLockConfigurationInput{BackupVaultName: vault.BackupVaultName})
		if isGone(err) {
			return nil
		}
		return err
	}
	if len(points) == 0 {
		return nil // an empty vault can be deleted, locked or not
	}
	var until time.Time
	for _, p := range points {
		if p.CalculatedLifecycle == nil || p.CalculatedLifecycle.DeleteAt == nil {
			return fmt.Errorf("%w since %s: its %d recovery points stay, %s for ever", errLocked, day(*vault.LockDate), len(points), aws.ToString(p.RecoveryPointArn))
		}
		if at := *p.CalculatedLifecycle.DeleteAt; at.After(until) {
			until = at
		}
	}
	return fmt.Errorf("%w since %s: its %d recovery points stay, the last until %s", errLocked, day(*vault.LockDate), len(points), day(until))
}

func day(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func recoveryPoints(ctx context.Context, api backup.ListRecoveryPointsByBackupVaultAPIClient, vault string) (points []types.RecoveryPointByBackupVault, err error) {
	pages := backup.NewListRecoveryPointsByBackupVaultPaginator(api, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: aws.String(vault)})
	err = eachPage(ctx, pages, func(page *backup.ListRecoveryPointsByBackupVaultOutput) {
		points = append(points, page.RecoveryPoints...)
	})
	return points, err
}

// vaultsOfPoints tells in which vault with labctl's name each recovery point is, by the point's
// ARN: of a volume that is the snapshot's. Points in other vaults are left out.
func vaultsOfPoints(ctx context.Context, api recoveryPointAPI) (map[string]found, error) {
	vaults, err := namedVaults(ctx, api, nil)
	if isNotEmulated(err) {
		return nil, nil
	}
	of := map[string]found{}
	for _, v := range vaults {
		points, pointsErr := recoveryPoints(ctx, api, v.id)
		if pointsErr != nil && !isGone(pointsErr) {
			return nil, pointsErr
		}
		for _, p := range points {
			of[aws.ToString(p.RecoveryPointArn)] = v
		}
	}
	return of, err
}
