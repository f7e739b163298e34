package backup

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
	"labctl/labs"
	"labctl/labs/labtest"
)

// exercise carries drills out on a live lab.
type exercise struct {
	suite labtest.Suite
	live  labs.Live
}

// remembered is a record that lives as long as the test.
type remembered map[string]string

func (r remembered) Set(key, value string) error { r[key] = value; return nil }
func (r remembered) Get(key string) string       { return r[key] }

func (e exercise) on(change func(*labs.Live)) exercise {
	e.live.Config = e.live.Config.Copy()
	change(&e.live)
	return e
}

// through lets every call pass through a function that may change what is asked and what is answered.
func (e exercise) through(step func(ctx context.Context, in any, next func(any) (any, error)) (any, error)) exercise {
	return e.on(func(live *labs.Live) {
		live.Config.APIOptions = append(slices.Clone(live.Config.APIOptions), func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("test.Through", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, meta middleware.Metadata, err error) {
				out.Result, err = step(ctx, in.Parameters, func(parameters any) (any, error) {
					in.Parameters = parameters
					var o middleware.InitializeOutput
					o, meta, err = next.HandleInitialize(ctx, in)
					return o.Result, err
				})
				return out, meta, err
			}), middleware.After)
		})
	})
}

// drill carries one out, as the runner does, and asserts that the account is as it was.
func (e exercise) drill(ctx context.Context, t *testing.T, id string, seeding labs.Seeding) (*labs.TimeLine, error) {
	t.Helper()
	d, ok := e.suite.Lab.Drill(id)
	require.True(t, ok, id)
	after := context.WithoutCancel(ctx) // an interrupted drill leaves nothing either
	before := e.census(after, t)
	live, line := e.live, labs.NewTimeLine(func(m labs.Moment) { t.Logf("%6.1fs %s", m.After.Seconds(), m.Text) })
	live.Inventory = inventory.New(live.Config, e.suite.Account, inventory.Scope{Key: "labctl:run", Value: live.Run})
	live.Record, live.Seeding = remembered{}, seeding
	err := d.Run(ctx, live, line)
	live.Config = e.suite.Config // what a test has broken is mended
	for range 2 {
		require.NoError(t, d.Restore(after, live, line))
	}
	assert.Equal(t, before, e.census(after, t), "the lab is as it was")
	return line, err
}

// census is what the drills might leave: rows, tables, backups, alarms, versions, volumes and snapshots. Recovery points stay.
func (e exercise) census(ctx context.Context, t *testing.T) string {
	t.Helper()
	seen, live := map[string]any{}, e.live
	live.Config = e.suite.Config
	store := tablesOf(live)
	listed, err := store.api.ListTables(ctx, &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	for _, table := range listed.TableNames {
		rows, err := store.scan(ctx, table, func(int) {})
		require.NoError(t, err)
		seen["table "+table] = fmt.Sprintf("%d rows, %s", len(rows), sumsOf(rows, "order"))
	}
	backups, err := store.api.ListBackups(ctx, &dynamodb.ListBackupsInput{BackupType: types.BackupTypeFilterAll})
	require.NoError(t, err)
	seen["backups"] = each(backups.BackupSummaries, func(b types.BackupSummary) string { return *b.BackupName })
	alarms, err := cloudwatch.NewFromConfig(live.Config).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
	require.NoError(t, err)
	seen["alarms"] = len(alarms.MetricAlarms)
	for _, role := range []string{roleDrafts, roleDocuments} {
		versions, err := buckets(live).ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: aws.String(e.bucket(ctx, t, role))})
		require.NoError(t, err)
		seen["versions of "+role] = []int{len(versions.Versions), len(versions.DeleteMarkers)}
	}
	volumes, err := ec2.NewFromConfig(live.Config).DescribeVolumes(ctx, &ec2.DescribeVolumesInput{})
	require.NoError(t, err)
	snapshots, err := ec2.NewFromConfig(live.Config).DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}})
	require.NoError(t, err)
	seen["volumes and snapshots"] = []int{len(volumes.Volumes), len(snapshots.Snapshots)}
	text, err := json.MarshalIndent(seen, "", " ")
	require.NoError(t, err)
	return string(text)
}

func (e exercise) bucket(ctx context.Context, t *testing.T, role string) string {
	t.Helper()
	name, err := partsOf(e.live).bucket(ctx, role)
	require.NoError(t, err)
	return name
}

// passes asserts that a drill measures something, and all as it should be.
func (e exercise) passes(t *testing.T, id string, seeding labs.Seeding, measures int) string {
	t.Helper()
	line, err := e.drill(t.Context(), t, id, seeding)
	require.NoError(t, err)
	assert.Empty(t, missed(line))
	assert.Len(t, line.Measures(), measures)
	return whole(line)
}

// misses asserts that a drill fails in what it measures.
func (e exercise) misses(t *testing.T, id string, seeding labs.Seeding, measures ...string) string {
	t.Helper()
	line, err := e.drill(t.Context(), t, id, seeding)
	require.NoError(t, err)
	assert.Equal(t, measures, missed(line))
	return whole(line)
}

// TestDrills carries every drill out on one live lab: as it is, without backup jobs, interrupted, and in an account in which
// something does not do as it should.
func TestDrills(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions the lab")
	}
	t.Parallel()
	suite := labtest.Provision(t, New())
	e := exercise{suite: suite, live: labs.Live{
		Config: suite.Config, Run: suite.Run, Tags: suite.Tags, Support: suite.Support, SecondRegion: "us-west-2",
		Inventory: inventory.New(suite.Config, suite.Account, inventory.Scope{Key: "labctl:run", Value: suite.Run}),
	}}
	table, err := planTable(t.Context(), e.live)
	require.NoError(t, err)
	somebodys := []row{{"order": str("o-1"), "cents": &types.AttributeValueMemberN{Value: "1.50"}}, {"order": str("labctl-drill"), "seals": &types.AttributeValueMemberSS{Value: []string{"b", "a"}}}}
	require.NoError(t, tablesOf(e.live).write(t.Context(), table.Name, puts(somebodys), func(int) {}))

	few, objects := labs.Seeding{Seed: 7, Rows: 60}, labs.Seeding{Seed: 7, Rows: 3}
	t.Run("as it is", func(t *testing.T) {
		assert.Contains(t, e.passes(t, "table-restore", few, 6), "62 the same, 0 lost, 0 changed, 0 extra")
		assert.Contains(t, e.passes(t, "table-pitr", few, 6), "no RPO is judged here")
		e.passes(t, "object-undo", objects, 6)
		e.passes(t, "locked-delete", labs.Seeding{}, 7)
		assert.Contains(t, e.passes(t, "volume-restore", labs.Seeding{}, 6), "The newest recovery point of the volume")
		lost := e.passes(t, "parity", labs.Seeding{}, 2)
		for _, name := range []settingName{alarmSetting, deletionProtection, recoverySetting, streamSetting, tagSetting, timeToLive} {
			assert.Contains(t, lost, "Lost: "+string(name))
		}
		assert.Contains(t, lost, "Kept: encryption")
	})
	t.Run("without backup jobs", func(t *testing.T) {
		without := e.on(func(live *labs.Live) { live.Support = nil })
		assert.Contains(t, without.passes(t, "table-restore", few, 4), "DynamoDB has made backup")
		assert.Contains(t, without.passes(t, "volume-restore", labs.Seeding{}, 5), "a snapshot takes their place")
	})
	t.Run("interrupted", func(t *testing.T) {
		for _, id := range []string{"table-restore", "table-pitr", "object-undo", "volume-restore", "parity"} {
			for _, call := range []int{8, 20} {
				interruptedAt(t, e, id, call)
			}
		}
	})
	t.Run("where something is wrong", func(t *testing.T) { wrongs(t, e, few, objects) })
}

// interruptedAt ends a drill at its nth call.
func interruptedAt(t *testing.T, e exercise, id string, nth int) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	calls := 0
	_, err := e.through(func(_ context.Context, in any, next func(any) (any, error)) (any, error) {
		if calls++; calls == nth {
			interrupt()
		}
		return next(in)
	}).drill(ctx, t, id, labs.Seeding{Seed: 1, Rows: 30})
	if calls >= nth {
		require.ErrorIs(t, err, context.Canceled, "%s at call %d", id, nth)
	}
}

func wrongs(t *testing.T, e exercise, few, objects labs.Seeding) {
	t.Run("a restore that loses a row", func(t *testing.T) {
		line := e.through(func(_ context.Context, in any, next func(any) (any, error)) (any, error) {
			out, err := next(in)
			if scan, ok := in.(*dynamodb.ScanInput); ok && err == nil && *scan.TableName == restored(e.live, "orders") {
				found := out.(*dynamodb.ScanOutput)
				found.Items = slices.DeleteFunc(found.Items, func(r row) bool { return keyOf(r, "order") == drillRow+"7-000003" })
			}
			return out, err
		}).misses(t, "table-restore", few, rowsMeasure, sumMeasure, lostMeasure)
		assert.Contains(t, line, "lost: "+drillRow+"7-000003.")
	})
	t.Run("a moment outside of the window that is taken", func(t *testing.T) {
		e.through(func(_ context.Context, in any, next func(any) (any, error)) (any, error) {
			if ask, ok := in.(*dynamodb.RestoreTableToPointInTimeInput); ok && *ask.TargetTableName == restored(e.live, "too-early") {
				ask.RestoreDateTime, ask.UseLatestRestorableTime = nil, aws.Bool(true)
			}
			return next(in)
		}).misses(t, "table-pitr", few, earlyMeasure)
	})
	t.Run("recovery to the newest moment, whatever was asked for", func(t *testing.T) {
		e.through(func(ctx context.Context, in any, next func(any) (any, error)) (any, error) {
			if ask, ok := in.(*dynamodb.RestoreTableToPointInTimeInput); ok && *ask.TargetTableName == restored(e.live, "moment") {
				if err := sleep(ctx, 3*time.Second); err != nil {
					return nil, err
				}
				ask.RestoreDateTime, ask.UseLatestRestorableTime = nil, aws.Bool(true)
			}
			return next(in)
		}).misses(t, "table-pitr", few, rowsMeasure, sumMeasure, lostMeasure)
	})
	t.Run("drafts that keep no versions", func(t *testing.T) {
		set := func(status s3types.BucketVersioningStatus) {
			_, err := buckets(e.live).PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
				Bucket: aws.String(e.bucket(t.Context(), t, roleDrafts)), VersioningConfiguration: &s3types.VersioningConfiguration{Status: status},
			})
			require.NoError(t, err)
		}
		set(s3types.BucketVersioningStatusSuspended)
		defer set(s3types.BucketVersioningStatusEnabled)
		e.misses(t, "object-undo", objects, "bytes lost in the drafts", "objects as before in the drafts")
	})
	t.Run("a lock that is got around", func(t *testing.T) {
		e.through(func(_ context.Context, in any, next func(any) (any, error)) (any, error) {
			if remove, ok := in.(*s3.DeleteObjectInput); ok {
				remove.BypassGovernanceRetention = aws.Bool(true)
			}
			return next(in)
		}).misses(t, "locked-delete", labs.Seeding{}, "deleting that version", "the version afterwards")
	})
	t.Run("a restore that leaves the tags behind, after a recovery point that is too old", func(t *testing.T) {
		e.through(func(_ context.Context, in any, next func(any) (any, error)) (any, error) {
			if start, ok := in.(*backup.StartRestoreJobInput); ok {
				start.CopySourceTagsToRestoredResource = false
			}
			out, err := next(in)
			if found, ok := out.(*backup.ListRecoveryPointsByBackupVaultOutput); ok {
				for n := range found.RecoveryPoints {
					found.RecoveryPoints[n].CreationDate = aws.Time(time.Now().Add(-25 * time.Hour))
				}
			}
			return out, err
		}).misses(t, "volume-restore", labs.Seeding{}, "data lost: the age of that recovery point", "tags that differ")
	})
	t.Run("a runbook whose time to live does not take", func(t *testing.T) {
		e.through(func(_ context.Context, in any, next func(any) (any, error)) (any, error) {
			if _, ok := in.(*dynamodb.UpdateTimeToLiveInput); ok {
				return &dynamodb.UpdateTimeToLiveOutput{}, nil
			}
			return next(in)
		}).misses(t, "parity", labs.Seeding{}, "settings lost by the restore", "settings lost after the runbook")
	})
}
