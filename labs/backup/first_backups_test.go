package backup

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
	"labctl/labs"
)

// fakeJobs is AWS Backup whose jobs go through states, one at each look.
type fakeJobs struct {
	points  map[string][]types.RecoveryPointByBackupVault // by resource
	jobs    []types.BackupJob
	states  []types.BackupJobState
	looks   int
	started []*backup.StartBackupJobInput
}

func (f *fakeJobs) ListBackupJobs(_ context.Context, in *backup.ListBackupJobsInput, _ ...func(*backup.Options)) (*backup.ListBackupJobsOutput, error) {
	out := &backup.ListBackupJobsOutput{}
	for _, job := range f.jobs {
		if *job.ResourceArn == *in.ByResourceArn {
			out.BackupJobs = append(out.BackupJobs, job)
		}
	}
	return out, nil
}

func (f *fakeJobs) ListRecoveryPointsByBackupVault(_ context.Context, in *backup.ListRecoveryPointsByBackupVaultInput, _ ...func(*backup.Options)) (*backup.ListRecoveryPointsByBackupVaultOutput, error) {
	return &backup.ListRecoveryPointsByBackupVaultOutput{RecoveryPoints: f.points[*in.ByResourceArn]}, nil
}

func (f *fakeJobs) StartBackupJob(_ context.Context, in *backup.StartBackupJobInput, _ ...func(*backup.Options)) (*backup.StartBackupJobOutput, error) {
	f.started = append(f.started, in)
	return &backup.StartBackupJobOutput{BackupJobId: aws.String("new")}, nil
}

func (f *fakeJobs) DescribeBackupJob(_ context.Context, in *backup.DescribeBackupJobInput, _ ...func(*backup.Options)) (*backup.DescribeBackupJobOutput, error) {
	state := f.states[min(f.looks, len(f.states)-1)]
	f.looks++
	return &backup.DescribeBackupJobOutput{BackupJobId: in.BackupJobId, State: state, ResourceArn: aws.String("of " + *in.BackupJobId), StatusMessage: aws.String("the vault's lock asks for 35 days")}, nil
}

func pointOf(status types.RecoveryPointStatus, age time.Duration) []types.RecoveryPointByBackupVault {
	return []types.RecoveryPointByBackupVault{{RecoveryPointArn: aws.String("point"), Status: status, CreationDate: aws.Time(time.Now().Add(-age))}}
}

func TestOnlyWhatHasNoBackupIsBackedUp(t *testing.T) {
	for name, c := range map[string]struct {
		point  []types.RecoveryPointByBackupVault
		job    types.BackupJobState
		starts int
		waits  string // the job that is waited for
	}{
		"there is one":                          {point: pointOf(types.RecoveryPointStatusCompleted, time.Hour)},
		"there is none":                         {starts: 1, waits: "new"},
		"there is part of one":                  {point: pointOf(types.RecoveryPointStatusPartial, time.Hour), starts: 1, waits: "new"},
		"the one that is there is expired":      {point: pointOf(types.RecoveryPointStatusExpired, time.Hour), starts: 1, waits: "new"},
		"one is being made":                     {job: types.BackupJobStateRunning, waits: "old"},
		"the job before this one failed":        {job: types.BackupJobStateFailed, starts: 1, waits: "new"},
		"what the job before made is not there": {job: types.BackupJobStateCompleted, starts: 1, waits: "new"},
	} {
		t.Run(name, func(t *testing.T) {
			const resource = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"
			api := &fakeJobs{points: map[string][]types.RecoveryPointByBackupVault{resource: c.point}, states: []types.BackupJobState{types.BackupJobStateCreated, types.BackupJobStateCompleted}}
			if c.job != "" {
				api.jobs = []types.BackupJob{{BackupJobId: aws.String("old"), ResourceArn: aws.String(resource), State: c.job}}
			}
			var told []string
			m := &maker{api: api, vault: "vault", role: "role", tags: map[string]string{"labctl:run": "r1"}, tell: func(text string) { told = append(told, text) }}
			require.NoError(t, m.backUpMissing(t.Context(), []string{resource}))
			require.Len(t, api.started, c.starts)
			if c.starts > 0 {
				assert.Equal(t, int64(keepDays), *api.started[0].Lifecycle.DeleteAfterDays)
				assert.Equal(t, "r1", api.started[0].RecoveryPointTags["labctl:run"])
				assert.NotEmpty(t, *api.started[0].IdempotencyToken)
			}
			if c.waits == "" {
				assert.Empty(t, told)
				return
			}
			assert.Equal(t, "of "+c.waits+" is backed up", told[len(told)-1])
		})
	}
}

func TestABackupThatFailsSaysWhy(t *testing.T) {
	for _, state := range []types.BackupJobState{types.BackupJobStateFailed, types.BackupJobStateAborted, types.BackupJobStateExpired, types.BackupJobStatePartial} {
		m := &maker{api: &fakeJobs{states: []types.BackupJobState{state}}, tell: func(string) {}}
		err := m.wait(t.Context(), "job")
		require.ErrorContains(t, err, "the vault's lock asks for 35 days")
		require.ErrorContains(t, err, string(state))
	}
}

func TestWaitingForABackupEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	m := &maker{api: &fakeJobs{states: []types.BackupJobState{types.BackupJobStateRunning}}, tell: func(string) {}}
	require.ErrorIs(t, m.wait(ctx, "job"), context.DeadlineExceeded)
}

func TestWhatAWSListsLateIsWaitedFor(t *testing.T) {
	scope := inventory.Scope{Key: "labctl:run", Value: "r1"}
	tags := map[string]string{scope.Key: scope.Value}
	var facts inventory.Facts
	facts.Buckets = []inventory.Bucket{{Name: "drafts", Tags: tags}}
	facts.Volumes = []inventory.Volume{{VolumeId: "vol-1", Tags: tags}}
	read := func() *inventory.Inventory { return inventory.Of(facts, "123456789012", "us-east-1", scope) }
	looks := 0
	a, err := readListed(t.Context(), read(), func() *inventory.Inventory {
		looks++
		facts.Tables = []inventory.Table{{TableName: "orders", Tags: tags}}
		return read()
	})
	require.NoError(t, err)
	assert.Equal(t, 1, looks)
	assert.Len(t, a.stateful, 3)

	facts.Tables = nil
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = readListed(ctx, read(), read)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestATargetWithoutJobsIsLeftAlone(t *testing.T) {
	var told []string
	require.NoError(t, afterUp(t.Context(), labs.Live{}, func(text string) { told = append(told, text) }))
	assert.Equal(t, []string{"No first backups are made, because this target does not show backup-jobs."}, told)
}
