package backup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"

	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs"
)

// releaseData clears what stands in the way of a removal: deletion protection, selections that somebody has added to the
// plan, and jobs, whose recovery points would arrive when the vault has been emptied. It succeeds where all of that is
// gone already. What nobody can clear, a lock in compliance mode, is told as an error.
func releaseData(ctx context.Context, live labs.Live) error {
	p := partsOf(live)
	vaults, err := p.vaults(ctx)
	failed := []error{err, unprotect(ctx, p, live), dropSelections(ctx, p, live), endJobs(ctx, vaults, live)}
	told, err := blocked(ctx, p, vaults, live)
	if len(told) > 0 {
		failed = append(failed, errors.New(strings.Join(told, "; ")))
	}
	return errors.Join(append(failed, err)...)
}

// unprotect switches the deletion protection of the run's tables off.
func unprotect(ctx context.Context, p parts, live labs.Live) error {
	tables, err := p.inv.Tables(ctx)
	failed := []error{err}
	for _, table := range tables {
		if table.DeletionProtectionEnabled {
			failed = append(failed, putProtection(ctx, live, protection{table.TableName, false}))
		}
	}
	return errors.Join(failed...)
}

// dropSelections deletes the selections of the run's plans that somebody has added. AWS deletes no plan that has one, and
// Terraform would wait for ten minutes for those of which it does not know. Its own, which bear the run's name, it deletes
// itself, and fails where they are gone.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupPlan.html
func dropSelections(ctx context.Context, p parts, live labs.Live) error {
	if !live.Support[backupSelections].Shown {
		return nil
	}
	api := backup.NewFromConfig(live.Config)
	plans, err := p.inv.BackupPlans(ctx)
	failed := []error{err}
	for _, plan := range plans {
		selections, err := p.inv.BackupSelections(ctx, plan.BackupPlanId)
		if !errors.Is(err, inventory.ErrNotFound) {
			failed = append(failed, err)
		}
		for _, s := range selections {
			if strings.HasPrefix(s.SelectionName, "labctl-"+live.Run+"-") {
				continue
			}
			_, err := api.DeleteBackupSelection(ctx, &backup.DeleteBackupSelectionInput{BackupPlanId: &plan.BackupPlanId, SelectionId: &s.SelectionId})
			if err := labs.Unless(err, "ResourceNotFoundException"); err != nil {
				failed = append(failed, fmt.Errorf("deleting selection %s of backup plan %s: %w", s.SelectionName, plan.BackupPlanName, err))
			}
		}
	}
	return errors.Join(failed...)
}

// How long a job may take to end once it was told to, and a copy, which cannot be told.
const jobsEnd = 3 * time.Minute

// endJobs stops the backup jobs into the run's vaults, and waits for them and for the copies that are under way.
func endJobs(ctx context.Context, vaults []vault, live labs.Live) error {
	if !live.Support[backupJobs].Shown {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, jobsEnd)
	defer cancel()
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		running, err := stopJobs(ctx, vaults, live)
		if err != nil || running == 0 {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("waiting for %s to end: %w", typeset.Count(running, "job"), err)
		}
	}
}

// stopJobs tells every running backup job to stop, and counts what runs, copies included.
func stopJobs(ctx context.Context, vaults []vault, live labs.Live) (running int, err error) {
	for _, vault := range vaults {
		api := vault.api(live)
		jobs, err := runningJobs(ctx, api, &backup.ListBackupJobsInput{ByBackupVaultName: &vault.Name})
		if err != nil {
			return running, err
		}
		for _, job := range jobs {
			if job.State == types.BackupJobStateAborting {
				continue
			}
			_, err := api.StopBackupJob(ctx, &backup.StopBackupJobInput{BackupJobId: job.BackupJobId})
			// It has ended by itself, or is of a kind that cannot be stopped and is waited for.
			if err := labs.Unless(err, "ResourceNotFoundException", "InvalidRequestException", "InvalidParameterValueException"); err != nil {
				return running, fmt.Errorf("stopping backup job %s: %w", aws.ToString(job.BackupJobId), err)
			}
		}
		copies, err := runningCopies(ctx, backup.NewFromConfig(live.Config), vault.ARN)
		if err != nil {
			return running, err
		}
		running += len(jobs) + copies
	}
	return running, nil
}

// runningCopies counts the copies to a vault that are not done. They are jobs of the region that they come from.
func runningCopies(ctx context.Context, api backup.ListCopyJobsAPIClient, vault string) (running int, err error) {
	pages := backup.NewListCopyJobsPaginator(api, &backup.ListCopyJobsInput{ByDestinationVaultArn: &vault})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return running, fmt.Errorf("listing the copies to %s: %w", vault, err)
		}
		for _, job := range page.CopyJobs {
			if job.State == types.CopyJobStateCreated || job.State == types.CopyJobStateRunning {
				running++
			}
		}
	}
	return running, nil
}
