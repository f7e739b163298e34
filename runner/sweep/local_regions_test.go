package sweep

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestASweepRemovesARunFromTwoRegionsAndNothingElse(t *testing.T) {
	cfg := localAWS(t)
	far := cfg.Copy()
	far.Region = there
	mine, mineFar := newBuilder(t, cfg, "a1"), newBuilder(t, far, "a1")
	longer, longerFar := newBuilder(t, cfg, "a1-b"), newBuilder(t, far, "a1-b")
	stranger, strangerFar := newBuilder(t, cfg, ""), newBuilder(t, far, "")

	for _, b := range []*builder{mine, longer, stranger} {
		b.backups(b.vault(b.name("vault")))
		b.watch()
	}
	mine.copies(mine.name("vault"), mineFar, mineFar.vault(mine.name("offsite")), mineFar.backupRole())
	mineFar.watch()
	// Decoys in the second region: names of the run's that another run has there, and a stranger's.
	longerFar.vault(mine.name("vault"))
	strangerFar.backups(strangerFar.vault("payroll-vault"))
	strangerFar.watch()
	// A stranger backs up the run's volume too: the copy carries the run's tag, and is his.
	theirs := stranger.point(stranger.name("vault"), "arn:aws:ec2:us-east-1:123456789012:volume/"+mine.volume(), "arn:aws:iam::123456789012:role/"+stranger.name("backup-us-east-1"))

	s := New(cfg, there)
	s.Patience = 5 * time.Second
	before := everything(t, s)
	made := maps.Clone(mine.made)
	maps.Copy(made, mineFar.made)

	began := time.Now()
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	t.Logf("listed %d resources in %v", len(list), time.Since(began))
	assert.ElementsMatch(t, slices.Collect(maps.Keys(made)), idsOf(list))
	every, err := s.List(t.Context(), Scope{Every: true, OtherRuns: []string{"a1"}})
	require.NoError(t, err)
	assert.Subset(t, idsOf(every), idsOf(list), "a sweep of every run finds what that of the run finds")
	for _, r := range every {
		assert.Contains(t, []string{"a1", "a1-b"}, r.Run, r)
	}

	require.NoError(t, s.Delete(t.Context(), list, nil))
	for id := range made {
		delete(before, id)
	}
	left, err := s.List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	assert.Empty(t, left)
	assert.Equal(t, before, everything(t, s), "everything else in the account is as it was")

	points, err := stranger.backup.ListRecoveryPointsByBackupVault(t.Context(), &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: aws.String(stranger.name("vault"))})
	var arns []string
	for _, p := range must(t, points, err).RecoveryPoints {
		arns = append(arns, *p.RecoveryPointArn)
	}
	assert.Len(t, arns, 4)
	assert.Contains(t, arns, theirs)
}

func TestASweepOfOneRegionLeavesTheOtherAlone(t *testing.T) {
	cfg := localAWS(t)
	far := cfg.Copy()
	far.Region = there
	mine, mineFar := newBuilder(t, cfg, "a1"), newBuilder(t, far, "a1")
	mine.vault(mine.name("vault"))
	mineFar.vault(mine.name("vault")) // of the same name
	mineFar.bucketIn("far")
	list, err := New(cfg).List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	assert.Equal(t, []string{"backup vault labctl-a1-vault"}, idsOf(list))
	require.NoError(t, New(cfg).Delete(t.Context(), list, nil))
	list, err = New(cfg, there).List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	assert.Equal(t, []string{"backup vault labctl-a1-vault in us-west-2", "S3 bucket labctl-a1-far-us-west-2 in us-west-2"}, idsOf(list))
}

func TestADocumentInComplianceModeStaysWithTheDateAndKeepsNoOther(t *testing.T) {
	cfg := localAWS(t)
	b := newBuilder(t, cfg, "a1")
	name, until := b.bucketIn("documents"), time.Now().Add(48*time.Hour).Truncate(time.Second)
	_, err := b.s3.PutObjectRetention(t.Context(), &s3.PutObjectRetentionInput{Bucket: &name, Key: aws.String("contract"), Retention: &s3types.ObjectLockRetention{
		Mode: s3types.ObjectLockRetentionModeCompliance, RetainUntilDate: &until,
	}})
	require.NoError(t, err)
	b.ordersTable("orders")

	s := New(cfg)
	s.Patience = time.Second
	list, err := s.List(t.Context(), Scope{Run: "a1"})
	require.NoError(t, err)
	err = s.Delete(t.Context(), list, nil)
	require.ErrorContains(t, err, "1 objects stay, of which 1 are locked in compliance mode, the last until "+until.UTC().Format(time.RFC3339))
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Len(t, refused.Refused, 1)
}
