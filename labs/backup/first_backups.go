package backup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs"
)

// jobsAPI is what making a backup now takes.
type jobsAPI interface {
	backup.ListBackupJobsAPIClient
	backup.ListRecoveryPointsByBackupVaultAPIClient
	StartBackupJob(context.Context, *backup.StartBackupJobInput, ...func(*backup.Options)) (*backup.StartBackupJobOutput, error)
	DescribeBackupJob(context.Context, *backup.DescribeBackupJobInput, ...func(*backup.Options)) (*backup.DescribeBackupJobOutput, error)
}

// maker makes backups without waiting for the plan's next turn.
type maker struct {
	api   jobsAPI
	vault string // name
	role  string // ARN
	tags  map[string]string
	tell  func(string)
}

// afterUp makes the first backup of everything that has none: the plan's first turn is up to twelve hours away, and until
// then there would be nothing to restore.
func afterUp(ctx context.Context, live labs.Live, tell func(string)) error {
	for _, need := range []checks.Capability{backupJobs, recoveryPoints} {
		if !live.Support[need].Shown {
			tell(fmt.Sprintf("No first backups are made, because this target does not show %s.", need))
			return nil
		}
	}
	a, err := readListed(ctx, live.Inventory, func() *inventory.Inventory {
		return inventory.New(live.Config, live.Inventory.Account, live.Inventory.Scope)
	})
	if err != nil {
		return err
	}
	m, err := newMaker(ctx, live, tell)
	if err != nil {
		return err
	}
	return m.backUpMissing(ctx, each(a.stateful, func(r resource) string { return r.Arn }))
}

// untilListed is how long what was just made may take to be found by its tags.
const untilListed = time.Minute

// readListed reads the architecture, and reads it again while a kind of what Terraform makes is missing: AWS lists the tags
// of what was just made with a delay. What is not listed in the end is left to the plan, and bk-fresh says so.
// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
func readListed(ctx context.Context, inv *inventory.Inventory, again func() *inventory.Inventory) (*architecture, error) {
	began := time.Now()
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		a, err := readArchitecture(ctx, inv)
		if err != nil {
			return nil, err
		}
		missing := slices.ContainsFunc([]kind{kindTable, kindBucket, kindVolume}, func(k kind) bool { return len(a.of(k)) == 0 })
		if !missing || time.Since(began)+pause > untilListed {
			return a, nil
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, fmt.Errorf("waiting for the tags of what was made: %w", err)
		}
		inv = again()
	}
}

// newMaker makes backups as the plan does: into the vault, as the backup role.
func newMaker(ctx context.Context, live labs.Live, tell func(string)) (*maker, error) {
	p := partsOf(live)
	into, _, err := p.vault(ctx, roleVault)
	if err != nil {
		return nil, err
	}
	as, err := p.role(ctx, roleBackup)
	if err != nil {
		return nil, err
	}
	return &maker{api: into.api(live), vault: into.Name, role: as.Arn, tags: live.Tags, tell: tell}, nil
}

// kept is how long a recovery point is kept.
const kept = keepDays * day

// backUpMissing makes a backup of each resource that has none, or waits for the one that is being made.
func (m *maker) backUpMissing(ctx context.Context, resources []string) error {
	var jobs []string
	for _, arn := range resources {
		points, err := m.since(ctx, arn, kept)
		if err != nil {
			return err
		}
		if len(points) > 0 {
			continue
		}
		job, err := m.start(ctx, arn)
		if err != nil {
			return err
		}
		jobs = append(jobs, job)
	}
	if len(jobs) > 0 {
		m.tell(fmt.Sprintf("Making %s; on AWS this takes some minutes", typeset.Count(len(jobs), "first backup")))
	}
	var failed []error
	for _, job := range jobs {
		failed = append(failed, m.wait(ctx, job))
	}
	return errors.Join(failed...)
}

// since lists the complete recovery points of a resource that are no older than an age.
func (m *maker) since(ctx context.Context, arn string, age time.Duration) ([]string, error) {
	var found []string
	pages := backup.NewListRecoveryPointsByBackupVaultPaginator(m.api, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: &m.vault, ByResourceArn: &arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the recovery points of %s: %w", arn, err)
		}
		for _, point := range page.RecoveryPoints {
			complete := point.Status == types.RecoveryPointStatusCompleted || point.Status == types.RecoveryPointStatusAvailable
			if complete && time.Since(aws.ToTime(point.CreationDate)) <= age {
				found = append(found, aws.ToString(point.RecoveryPointArn))
			}
		}
	}
	return found, nil
}

// start begins a backup and returns the job: the one that runs already, where an `up` was cut off while it did.
func (m *maker) start(ctx context.Context, arn string) (string, error) {
	running, err := runningJobs(ctx, m.api, &backup.ListBackupJobsInput{ByBackupVaultName: &m.vault, ByResourceArn: &arn})
	if err != nil {
		return "", err
	}
	if len(running) > 0 {
		return aws.ToString(running[0].BackupJobId), nil
	}
	started, err := m.api.StartBackupJob(ctx, &backup.StartBackupJobInput{
		BackupVaultName: &m.vault, ResourceArn: &arn, IamRoleArn: &m.role, RecoveryPointTags: m.tags,
		Lifecycle: &types.Lifecycle{DeleteAfterDays: aws.Int64(keepDays)},
		// Sent again because its answer was lost, it is still one job. One token for good would make a later job none.
		IdempotencyToken: aws.String(rand.Text()),
	})
	if err != nil {
		return "", fmt.Errorf("backing up %s: %w", arn, err)
	}
	return aws.ToString(started.BackupJobId), nil
}

// The time between two looks at a job grows, and every so often the job is told of although nothing has changed.
const (
	firstLook = 250 * time.Millisecond
	lastLook  = 10 * time.Second
	tellAgain = time.Minute
)

// wait waits until a job is done.
func (m *maker) wait(ctx context.Context, id string) error {
	began, told := time.Now(), time.Now()
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		job, err := m.api.DescribeBackupJob(ctx, &backup.DescribeBackupJobInput{BackupJobId: &id})
		if err != nil {
			return fmt.Errorf("reading backup job %s: %w", id, err)
		}
		what := aws.ToString(job.ResourceArn)
		switch job.State {
		case types.BackupJobStateCompleted:
			m.tell(fmt.Sprintf("%s is backed up", what))
			return nil
		case types.BackupJobStateFailed, types.BackupJobStateAborted, types.BackupJobStateExpired, types.BackupJobStatePartial:
			return fmt.Errorf("backup job %s of %s is %s: %s", id, what, job.State, aws.ToString(job.StatusMessage))
		}
		if time.Since(told) > tellAgain {
			told = time.Now()
			m.tell(fmt.Sprintf("%s is %s since %s", what, job.State, time.Since(began).Round(time.Second)))
		}
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("waiting for backup job %s of %s: %w", id, what, err)
		}
	}
}

// runningJobs lists the backup jobs that are not done.
func runningJobs(ctx context.Context, api backup.ListBackupJobsAPIClient, in *backup.ListBackupJobsInput) ([]types.BackupJob, error) {
	var running []types.BackupJob
	pages := backup.NewListBackupJobsPaginator(api, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the backup jobs: %w", err)
		}
		for _, job := range page.BackupJobs {
			switch job.State {
			case types.BackupJobStateCreated, types.BackupJobStatePending, types.BackupJobStateRunning, types.BackupJobStateAborting:
				running = append(running, job)
			}
		}
	}
	return running, nil
}
