package backup

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"labctl/checks/report/typeset"
	"labctl/labs"
)

// traces are what a drill is going to leave in the account, by names that it chooses. They are recorded before the first of
// them is made.
type traces struct {
	Table   string       `json:",omitempty"` // into which rows are put
	Key     string       `json:",omitempty"`
	Seeding labs.Seeding `json:",omitzero"`

	Copies []string `json:",omitempty"` // tables
	Backup string   `json:",omitempty"` // name of a backup that DynamoDB makes of Table
	Alarm  string   `json:",omitempty"` // what the names of alarms begin with

	Buckets []string `json:",omitempty"` // into which objects are put

	Token string    `json:",omitempty"` // tag of the snapshot and the volume that are made
	Point string    `json:",omitempty"` // recovery point that is restored
	Since time.Time `json:",omitzero"`  // no restore of it began before
}

const (
	tracesLeft = "traces"
	tokenTag   = "labctl:drill" // #nosec G101 -- the name of a tag
)

func (t traces) remember(record labs.Record) error { return labs.Remember(record, tracesLeft, t) }

const accessDenied = "AccessDenied"

// restored is the name of a copy: the restore role may make no other.
func restored(live labs.Live, what string) string { return "labctl-" + live.Run + "-restored-" + what }

// takeBack makes the lab as it was before a drill: it is the Restore of all of them.
func takeBack(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	var t traces
	if found, err := labs.Recall(live.Record, tracesLeft, &t); err != nil || !found {
		return err
	}
	made, err := t.restores(ctx, live)
	return errors.Join(
		err,
		t.removeVolumes(ctx, live, line, made),
		t.removeRows(ctx, live, line),
		t.removeObjects(ctx, live, line),
		t.removeAlarm(ctx, live),
		t.removeCopies(ctx, live, line),
		t.removeBackup(ctx, live, line),
	)
}

// removeRows takes the drill's rows out of the table, by their keys, and no other.
func (t traces) removeRows(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	if t.Table == "" || t.Seeding.Rows == 0 {
		return nil
	}
	keys := drillKeys(t.Key, t.Seeding)
	err := tablesOf(live).write(ctx, t.Table, deletes(t.Key, keys), shown(line, "Taking the rows out of the table", len(keys)))
	if labs.IsCode(err, "ResourceNotFoundException") {
		return nil
	}
	if err == nil {
		line.Say("The drill's rows are out of %s again.", t.Table)
	}
	return err
}

func (t traces) removeCopies(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	var problems []error
	for _, table := range t.Copies {
		_, err := tablesOf(live).describe(ctx, table)
		if labs.IsCode(err, "ResourceNotFoundException") {
			continue
		}
		if err == nil {
			err = tablesOf(live).remove(ctx, table)
		}
		if err == nil {
			line.Say("The copy %s is gone.", table)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

func (t traces) removeBackup(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	if t.Backup == "" {
		return nil
	}
	api := dynamodb.NewFromConfig(live.Config)
	in := &dynamodb.ListBackupsInput{TableName: &t.Table}
	for {
		got, err := api.ListBackups(ctx, in)
		if err != nil {
			return fmt.Errorf("listing the backups of %s: %w", t.Table, err)
		}
		for _, b := range got.BackupSummaries {
			if aws.ToString(b.BackupName) != t.Backup {
				continue
			}
			_, err := api.DeleteBackup(ctx, &dynamodb.DeleteBackupInput{BackupArn: b.BackupArn})
			if err := labs.Unless(err, "BackupNotFoundException"); err != nil {
				return fmt.Errorf("deleting backup %s: %w", t.Backup, err)
			}
			line.Say("The backup %s is gone.", t.Backup)
		}
		if got.LastEvaluatedBackupArn == nil {
			return nil
		}
		in.ExclusiveStartBackupArn = got.LastEvaluatedBackupArn
	}
}

func (t traces) removeAlarm(ctx context.Context, live labs.Live) error {
	if t.Alarm == "" {
		return nil
	}
	api := cloudwatch.NewFromConfig(live.Config)
	var doomed []string
	pages := cloudwatch.NewDescribeAlarmsPaginator(api, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: &t.Alarm})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("looking for the copy's alarms: %w", err)
		}
		for _, alarm := range page.MetricAlarms {
			doomed = append(doomed, aws.ToString(alarm.AlarmName))
		}
	}
	if len(doomed) == 0 {
		return nil
	}
	if _, err := api.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: doomed}); err != nil {
		return fmt.Errorf("deleting the alarms %v: %w", doomed, err)
	}
	return nil
}

// removeObjects removes every version of the drill's objects, and the markers. Locked ones take the permission to bypass
// governance mode.
func (t traces) removeObjects(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	var problems []error
	for _, bucket := range t.Buckets {
		n, err := removeVersions(ctx, buckets(live), bucket)
		if n > 0 {
			line.Say("The drill's objects are out of %s again: %s.", bucket, typeset.Count(n, "version"))
		}
		problems = append(problems, labs.Unless(err, "NoSuchBucket"))
	}
	return errors.Join(problems...)
}

func removeVersions(ctx context.Context, api *s3.Client, bucket string) (removed int, err error) {
	pages := s3.NewListObjectVersionsPaginator(api, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: aws.String(drillRow)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return removed, fmt.Errorf("listing the versions in bucket %s: %w", bucket, err)
		}
		var doomed []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			doomed = append(doomed, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			doomed = append(doomed, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		for _, v := range doomed {
			in := &s3.DeleteObjectInput{Bucket: &bucket, Key: v.Key, VersionId: v.VersionId}
			_, err := api.DeleteObject(ctx, in)
			if labs.IsCode(err, accessDenied) {
				in.BypassGovernanceRetention = aws.Bool(true) // which a bucket without Object Lock does not take
				_, err = api.DeleteObject(ctx, in)
			}
			if err != nil {
				return removed, fmt.Errorf("deleting version %s of %s in bucket %s: %w", aws.ToString(v.VersionId), aws.ToString(v.Key), bucket, err)
			}
			removed++
		}
	}
	return removed, nil
}

// removeVolumes removes the volumes and snapshots that bear the drill's token, and the volume that a restore job has made.
func (t traces) removeVolumes(ctx context.Context, live labs.Live, line *labs.TimeLine, restored []string) error {
	if t.Token == "" {
		return nil
	}
	api := ec2.NewFromConfig(live.Config)
	byToken := []ec2types.Filter{{Name: aws.String("tag:" + tokenTag), Values: []string{t.Token}}}
	made, err := api.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{Filters: byToken})
	if err != nil {
		return fmt.Errorf("looking for the drill's volumes: %w", err)
	}
	var volumes []string
	for _, arn := range restored {
		if strings.Contains(arn, ":volume/") {
			volumes = append(volumes, path.Base(arn))
		}
	}
	for _, v := range made.Volumes {
		volumes = append(volumes, aws.ToString(v.VolumeId))
	}
	for _, id := range volumes {
		_, err := api.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: &id})
		if labs.IsCode(err, "InvalidVolume.NotFound") {
			continue
		}
		if err != nil {
			return fmt.Errorf("deleting volume %s: %w", id, err)
		}
		line.Say("The volume %s is gone.", id)
	}
	snapshots, err := api.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{Filters: byToken, OwnerIds: []string{"self"}})
	if err != nil {
		return fmt.Errorf("looking for the drill's snapshots: %w", err)
	}
	for _, s := range snapshots.Snapshots {
		if _, err := api.DeleteSnapshot(ctx, &ec2.DeleteSnapshotInput{SnapshotId: s.SnapshotId}); err != nil {
			return fmt.Errorf("deleting snapshot %s: %w", aws.ToString(s.SnapshotId), err)
		}
		line.Say("The snapshot %s is gone.", aws.ToString(s.SnapshotId))
	}
	return nil
}

// restores are the ARNs of what restore jobs have made of the drill's recovery point. One that still runs has to be waited
// for: what it makes is not there yet.
func (t traces) restores(ctx context.Context, live labs.Live) ([]string, error) {
	if t.Point == "" || !hasJobs(live) {
		return nil, nil
	}
	var found []string
	api := backup.NewFromConfig(live.Config)
	pages := backup.NewListRestoreJobsPaginator(api, &backup.ListRestoreJobsInput{ByCreatedAfter: aws.Time(t.Since)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the restore jobs: %w", err)
		}
		for _, job := range page.RestoreJobs {
			if aws.ToString(job.RecoveryPointArn) != t.Point {
				continue
			}
			done, err := restoreDone(ctx, api, aws.ToString(job.RestoreJobId), func(string) {})
			if err != nil {
				return nil, err
			}
			found = append(found, aws.ToString(done.CreatedResourceArn))
		}
	}
	return found, nil
}

// shown shows how far something is with rows, where it takes long enough to be watched.
func shown(line *labs.TimeLine, what string, total int) func(done int) {
	const worthwhile = 1000
	if total < worthwhile {
		return func(int) {}
	}
	return func(done int) { line.Progress(labs.Progress{What: what, Unit: "row", Done: done, Total: total}) }
}
