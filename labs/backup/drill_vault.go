package backup

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"labctl/labs"
)

// copier makes a copy of a table and restores it to a new one.
type copier interface {
	// backUp returns what restore takes, and says where it is.
	backUp(ctx context.Context, t orderTable) (point, told string, err error)
	restore(ctx context.Context, t orderTable, point, to string) error
}

// jobs are backup and restore jobs of AWS Backup, in the lab's vault and with the lab's roles.
type jobs struct {
	api     *backup.Client
	maker   *maker
	restore string // ARN of the role
	line    *labs.TimeLine
}

// hasJobs tells whether the target shows backup jobs, recovery points and what is made of them.
func hasJobs(live labs.Live) bool {
	return live.Support[backupJobs].Shown && live.Support[recoveryPoints].Shown && live.Support[restoreJobs].Shown
}

func newJobs(ctx context.Context, live labs.Live, line *labs.TimeLine) (*jobs, error) {
	m, err := newMaker(ctx, live, func(string) {}) // what comes of a backup the drill says itself
	if err != nil {
		return nil, err
	}
	role, err := partsOf(live).role(ctx, roleRestore)
	if err != nil {
		return nil, err
	}
	return &jobs{api: backup.NewFromConfig(live.Config), maker: m, restore: role.Arn, line: line}, nil
}

// newest is the newest complete recovery point of a resource; ok is false where there is none.
func (j *jobs) newest(ctx context.Context, resource string) (point types.RecoveryPointByBackupVault, ok bool, err error) {
	pages := backup.NewListRecoveryPointsByBackupVaultPaginator(j.api, &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: &j.maker.vault, ByResourceArn: &resource})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return point, false, fmt.Errorf("listing the recovery points of %s: %w", resource, err)
		}
		for _, p := range page.RecoveryPoints {
			complete := p.Status == types.RecoveryPointStatusCompleted || p.Status == types.RecoveryPointStatusAvailable
			if complete && (!ok || aws.ToTime(p.CreationDate).After(aws.ToTime(point.CreationDate))) {
				point, ok = p, true
			}
		}
	}
	return point, ok, nil
}

// backUp runs a backup job and returns the recovery point.
func (j *jobs) backUp(ctx context.Context, resource string) (string, error) {
	id, err := j.maker.start(ctx, resource)
	if err == nil {
		err = j.maker.wait(ctx, id)
	}
	if err != nil {
		return "", err
	}
	done, err := j.api.DescribeBackupJob(ctx, &backup.DescribeBackupJobInput{BackupJobId: &id})
	if err != nil {
		return "", fmt.Errorf("reading backup job %s: %w", id, err)
	}
	return aws.ToString(done.RecoveryPointArn), nil
}

// run runs a restore job and returns the ARN of what it has made.
func (j *jobs) run(ctx context.Context, point string, metadata map[string]string, sourceTags bool) (string, error) {
	started, err := j.api.StartRestoreJob(ctx, &backup.StartRestoreJobInput{
		RecoveryPointArn: &point, IamRoleArn: &j.restore, Metadata: metadata, CopySourceTagsToRestoredResource: sourceTags,
		IdempotencyToken: aws.String(rand.Text()),
	})
	if err != nil {
		return "", fmt.Errorf("restoring %s: %w", point, err)
	}
	done, err := restoreDone(ctx, j.api, aws.ToString(started.RestoreJobId), func(text string) { j.line.Say("%s", text) })
	if err != nil {
		return "", err
	}
	if done.Status != types.RestoreJobStatusCompleted {
		return "", fmt.Errorf("restore job %s of %s is %s: %s", aws.ToString(started.RestoreJobId), point, done.Status, aws.ToString(done.StatusMessage))
	}
	return aws.ToString(done.CreatedResourceArn), nil
}

// restoreDone waits until a restore job has ended, one way or the other.
func restoreDone(ctx context.Context, api *backup.Client, id string, tell func(string)) (*backup.DescribeRestoreJobOutput, error) {
	return poll(ctx, tell, func() (*backup.DescribeRestoreJobOutput, string, error) {
		job, err := api.DescribeRestoreJob(ctx, &backup.DescribeRestoreJobInput{RestoreJobId: &id})
		if err != nil {
			return nil, "", fmt.Errorf("reading restore job %s: %w", id, err)
		}
		if job.Status == types.RestoreJobStatusPending || job.Status == types.RestoreJobStatusRunning {
			return nil, fmt.Sprintf("restore job %s is %s (%s percent)", id, job.Status, aws.ToString(job.PercentDone)), nil
		}
		return job, "", nil
	})
}

// pointName is what tells a recovery point from others in a vault.
func pointName(arn string) string { return arn[strings.LastIndexAny(arn, ":/")+1:] }

// vaultCopier copies a table into the vault.
type vaultCopier struct {
	jobs   *jobs
	tables tables
}

func (c vaultCopier) backUp(ctx context.Context, t orderTable) (point, told string, err error) {
	point, err = c.jobs.backUp(ctx, t.Arn)
	return point, fmt.Sprintf("AWS Backup has put recovery point %s into vault %s, where the lock keeps it; labctl down removes it", pointName(point), c.jobs.maker.vault), err
}

// restore asks for the key of the original: what a restore job makes is encrypted with DynamoDB's own key otherwise.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
func (c vaultCopier) restore(ctx context.Context, t orderTable, point, to string) error {
	d, err := c.tables.describe(ctx, t.Name)
	if err != nil {
		return err
	}
	metadata := map[string]string{"targetTableName": to, "encryptionType": "Default"}
	if d.SSEDescription != nil && aws.ToString(d.SSEDescription.KMSMasterKeyArn) != "" {
		metadata["encryptionType"], metadata["kmsMasterKeyArn"] = "KMS", *d.SSEDescription.KMSMasterKeyArn
	}
	arn, err := c.jobs.run(ctx, point, metadata, false)
	if err != nil {
		return err
	}
	return c.tables.tag(ctx, arn, c.tables.tags)
}

// ownCopier is DynamoDB's own backup, on demand.
type ownCopier struct {
	tables tables
	name   string // of the backup
	line   *labs.TimeLine
}

func (c ownCopier) backUp(ctx context.Context, t orderTable) (point, told string, err error) {
	made, err := c.tables.api.CreateBackup(ctx, &dynamodb.CreateBackupInput{TableName: &t.Name, BackupName: &c.name})
	if err != nil {
		return "", "", fmt.Errorf("backing up table %s: %w", t.Name, err)
	}
	arn := aws.ToString(made.BackupDetails.BackupArn)
	_, err = poll(ctx, func(text string) { c.line.Say("%s", text) }, func() (bool, string, error) {
		got, err := c.tables.api.DescribeBackup(ctx, &dynamodb.DescribeBackupInput{BackupArn: &arn})
		if err != nil {
			return false, "", fmt.Errorf("reading backup %s: %w", arn, err)
		}
		if status := got.BackupDescription.BackupDetails.BackupStatus; status != ddbtypes.BackupStatusAvailable {
			return false, fmt.Sprintf("backup %s is %s", c.name, status), nil
		}
		return true, "", nil
	})
	return arn, "DynamoDB has made backup " + c.name, err
}

func (c ownCopier) restore(ctx context.Context, _ orderTable, point, to string) error {
	made, err := c.tables.api.RestoreTableFromBackup(ctx, &dynamodb.RestoreTableFromBackupInput{BackupArn: &point, TargetTableName: &to})
	if err != nil {
		return fmt.Errorf("restoring backup %s: %w", c.name, err)
	}
	if _, err := c.tables.whole(ctx, to, func(text string) { c.line.Say("%s", text) }); err != nil {
		return err
	}
	return c.tables.tag(ctx, aws.ToString(made.TableDescription.TableArn), c.tables.tags)
}
