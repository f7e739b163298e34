package sweep

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeBackup has a plan and vaults with recovery points, and records what is taken away.
type fakeBackup struct {
	backupPlanAPI
	vault   backup.DescribeBackupVaultOutput
	points  map[string][]types.RecoveryPointByBackupVault
	listErr error
	calls   []string
}

func (f *fakeBackup) ListBackupPlans(context.Context, *backup.ListBackupPlansInput, ...func(*backup.Options)) (*backup.ListBackupPlansOutput, error) {
	out := &backup.ListBackupPlansOutput{}
	for id, name := range map[string]string{"p1": "labctl-a1-plan", "p2": "payroll", "p3": "tagged"} {
		out.BackupPlansList = append(out.BackupPlansList, types.BackupPlansListMember{BackupPlanId: &id, BackupPlanName: &name, BackupPlanArn: aws.String("arn:" + id)})
	}
	return out, f.listErr
}

func (f *fakeBackup) ListTags(_ context.Context, in *backup.ListTagsInput, _ ...func(*backup.Options)) (*backup.ListTagsOutput, error) {
	if in.NextToken == nil {
		return &backup.ListTagsOutput{Tags: map[string]string{"of": *in.ResourceArn}, NextToken: aws.String("more")}, nil
	}
	return &backup.ListTagsOutput{Tags: map[string]string{tagRun: "a1"}}, nil
}

func (f *fakeBackup) ListBackupSelections(context.Context, *backup.ListBackupSelectionsInput, ...func(*backup.Options)) (*backup.ListBackupSelectionsOutput, error) {
	return &backup.ListBackupSelectionsOutput{BackupSelectionsList: []types.BackupSelectionsListMember{{SelectionId: aws.String("s1")}, {SelectionId: aws.String("s2")}}}, nil
}

func (f *fakeBackup) DeleteBackupSelection(_ context.Context, in *backup.DeleteBackupSelectionInput, _ ...func(*backup.Options)) (*backup.DeleteBackupSelectionOutput, error) {
	f.calls = append(f.calls, "selection "+*in.SelectionId)
	return nil, nil
}

func (f *fakeBackup) DeleteBackupPlan(_ context.Context, in *backup.DeleteBackupPlanInput, _ ...func(*backup.Options)) (*backup.DeleteBackupPlanOutput, error) {
	f.calls = append(f.calls, "plan "+*in.BackupPlanId)
	return nil, nil
}

func (f *fakeBackup) ListBackupVaults(context.Context, *backup.ListBackupVaultsInput, ...func(*backup.Options)) (*backup.ListBackupVaultsOutput, error) {
	out := &backup.ListBackupVaultsOutput{}
	for name := range f.points {
		out.BackupVaultList = append(out.BackupVaultList, types.BackupVaultListMember{BackupVaultName: &name, BackupVaultArn: aws.String("arn:" + name)})
	}
	return out, f.listErr
}

func (f *fakeBackup) ListRecoveryPointsByBackupVault(_ context.Context, in *backup.ListRecoveryPointsByBackupVaultInput, _ ...func(*backup.Options)) (*backup.ListRecoveryPointsByBackupVaultOutput, error) {
	return &backup.ListRecoveryPointsByBackupVaultOutput{RecoveryPoints: f.points[*in.BackupVaultName]}, nil
}

func (f *fakeBackup) DescribeBackupVault(context.Context, *backup.DescribeBackupVaultInput, ...func(*backup.Options)) (*backup.DescribeBackupVaultOutput, error) {
	return &f.vault, nil
}

func (f *fakeBackup) DeleteBackupVaultAccessPolicy(context.Context, *backup.DeleteBackupVaultAccessPolicyInput, ...func(*backup.Options)) (*backup.DeleteBackupVaultAccessPolicyOutput, error) {
	f.calls = append(f.calls, "policy")
	return nil, apiError("ResourceNotFoundException")
}

func (f *fakeBackup) DeleteBackupVaultLockConfiguration(context.Context, *backup.DeleteBackupVaultLockConfigurationInput, ...func(*backup.Options)) (*backup.DeleteBackupVaultLockConfigurationOutput, error) {
	f.calls = append(f.calls, "lock")
	return nil, nil
}

func (f *fakeBackup) DeleteRecoveryPoint(_ context.Context, in *backup.DeleteRecoveryPointInput, _ ...func(*backup.Options)) (*backup.DeleteRecoveryPointOutput, error) {
	f.calls = append(f.calls, "point "+*in.RecoveryPointArn)
	return nil, nil
}

func (f *fakeBackup) DeleteBackupVault(_ context.Context, in *backup.DeleteBackupVaultInput, _ ...func(*backup.Options)) (*backup.DeleteBackupVaultOutput, error) {
	f.calls = append(f.calls, "vault "+*in.BackupVaultName)
	return nil, nil
}

func point(arn string) types.RecoveryPointByBackupVault {
	return types.RecoveryPointByBackupVault{RecoveryPointArn: &arn, Status: types.RecoveryPointStatusCompleted}
}

func keptUntil(arn string, until time.Time) types.RecoveryPointByBackupVault {
	p := point(arn)
	p.CalculatedLifecycle = &types.CalculatedLifecycle{DeleteAt: &until}
	return p
}

func TestAPlanIsFoundByNameOrTagAndGoesAfterItsSelections(t *testing.T) {
	f := &fakeBackup{}
	all, err := backupPlans{f}.list(t.Context(), []string{"p3"})
	require.NoError(t, err)
	ids := map[string]string{}
	for _, p := range all {
		ids[p.id] = p.name
		assert.Equal(t, map[string]string{"of": p.arn, tagRun: "a1"}, p.tags, "from both pages")
	}
	assert.Equal(t, map[string]string{"p1": "labctl-a1-plan", "p3": "tagged"}, ids)

	require.NoError(t, backupPlans{f}.delete(t.Context(), "p1", nil))
	assert.Equal(t, []string{"selection s1", "selection s2", "plan p1"}, f.calls)
}

func TestAVaultLosesWhatProtectsItThenItsPointsThenItself(t *testing.T) {
	hour := func(n time.Duration) *time.Time { at := time.Now().Add(n * time.Hour); return &at }
	deleting := point("c")
	deleting.Status = types.RecoveryPointStatusDeleting
	tests := []struct {
		name   string
		locked bool
		since  *time.Time
		points []types.RecoveryPointByBackupVault
		calls  []string
		busy   bool
	}{
		{"empty and free", false, nil, nil, []string{"policy", "vault v"}, false},
		{"locked in governance mode", true, nil, []types.RecoveryPointByBackupVault{point("a"), point("b"), deleting}, []string{"policy", "lock", "point a", "point b"}, true},
		{"within the days of grace of compliance mode", true, hour(3), []types.RecoveryPointByBackupVault{point("a")}, []string{"policy", "lock", "point a"}, true},
		{"locked for good, and empty", true, hour(-3), nil, []string{"policy", "vault v"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &fakeBackup{
				vault:  backup.DescribeBackupVaultOutput{BackupVaultName: aws.String("v"), Locked: &test.locked, LockDate: test.since},
				points: map[string][]types.RecoveryPointByBackupVault{"v": test.points},
			}
			err := backupVaults{f}.delete(t.Context(), "v", nil)
			assert.Equal(t, test.calls, f.calls)
			assert.Equal(t, test.busy, isBusy(err), err)
			if !test.busy {
				require.NoError(t, err)
			}
		})
	}
}

func TestAVaultInComplianceModeIsRefusedWithTheDateOfItsLastPoint(t *testing.T) {
	since := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	first, last := since.AddDate(0, 3, 0), since.AddDate(1, 0, 0)
	tests := []struct {
		name   string
		points []types.RecoveryPointByBackupVault
		want   string
	}{
		{"each has an end", []types.RecoveryPointByBackupVault{keptUntil("a", last), keptUntil("b", first)},
			"locked in compliance mode since 2026-01-02T00:00:00Z: its 2 recovery points stay, the last until 2027-01-02T00:00:00Z"},
		{"one has none", []types.RecoveryPointByBackupVault{keptUntil("a", last), point("b")},
			"locked in compliance mode since 2026-01-02T00:00:00Z: its 2 recovery points stay, b for ever"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &fakeBackup{
				vault:  backup.DescribeBackupVaultOutput{BackupVaultName: aws.String("v"), Locked: aws.Bool(true), LockDate: &since},
				points: map[string][]types.RecoveryPointByBackupVault{"v": test.points},
			}
			err := backupVaults{f}.delete(t.Context(), "v", nil)
			require.ErrorIs(t, err, errLocked)
			require.EqualError(t, err, test.want)
			assert.False(t, isBusy(err))
			assert.Equal(t, []string{"policy"}, f.calls, "nothing is deleted")
		})
	}
}

func TestOnlyATargetWithoutAWSBackupHasNoPlansAndVaults(t *testing.T) {
	for status, fails := range map[int]bool{http.StatusNotImplemented: false, http.StatusForbidden: true} {
		answer := &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: apiError("No")}
		f := &fakeBackup{listErr: answer, points: map[string][]types.RecoveryPointByBackupVault{}}
		for _, h := range []handler{backupPlans{f}, backupVaults{f}} {
			all, err := h.list(t.Context(), nil)
			assert.Equal(t, fails, err != nil, status)
			assert.Empty(t, all)
		}
		_, err := vaultsOfPoints(t.Context(), f)
		assert.Equal(t, fails, err != nil, status)
	}
}

// fakeSnapshots are one by hand and three of AWS Backup: in the run's vault, in a stranger's, and nowhere any more.
type fakeSnapshots struct{ snapshotAPI }

func (fakeSnapshots) DescribeSnapshots(_ context.Context, in *ec2.DescribeSnapshotsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSnapshotsOutput, error) {
	if len(in.OwnerIds) != 1 || in.OwnerIds[0] != "self" {
		return nil, apiError("EverybodysSnapshots")
	}
	run := []ec2types.Tag{{Key: aws.String(tagRun), Value: aws.String("a1")}}
	mark := append([]ec2types.Tag{{Key: aws.String("aws:backup:source-resource"), Value: aws.String("vol-1")}}, run...)
	words := aws.String("This snapshot is created by the AWS Backup service.")
	return &ec2.DescribeSnapshotsOutput{Snapshots: []ec2types.Snapshot{
		{SnapshotId: aws.String("snap-hand"), VolumeId: aws.String("vol-1"), VolumeSize: aws.Int32(8)},
		{SnapshotId: aws.String("snap-ours"), VolumeId: aws.String("vol-1"), Description: words},
		{SnapshotId: aws.String("snap-theirs"), VolumeId: aws.String("vol-1"), Tags: mark},
		{SnapshotId: aws.String("snap-lost"), VolumeId: aws.String("vol-1"), Tags: run, Description: words},
	}}, nil
}

func TestASnapshotOfAWSBackupBelongsToItsVaultWhateverItsTags(t *testing.T) {
	f := &fakeBackup{points: map[string][]types.RecoveryPointByBackupVault{
		"labctl-a1-vault": {point("arn:aws:ec2:us-east-1::snapshot/snap-ours"), point("arn:aws:backup:us-east-1:1:recovery-point:x")},
		"payroll":         {point("arn:aws:ec2:us-east-1::snapshot/snap-theirs")},
	}}
	all, err := snapshots{fakeSnapshots{}, f}.list(t.Context(), nil)
	require.NoError(t, err)
	assert.ElementsMatch(t, []found{
		{id: "snap-hand", tags: map[string]string{}, in: []string{"vol-1"}, units: 8},
		{id: "snap-ours", arn: "arn:aws:ec2:us-east-1::snapshot/snap-ours", in: []string{"arn:labctl-a1-vault"}, madeBy: "labctl-a1-vault"},
	}, all)
}

func TestASnapshotIsListedAlthoughTheVaultsCannotBeRead(t *testing.T) {
	all, err := snapshots{fakeSnapshots{}, &fakeBackup{listErr: apiError("AccessDeniedException")}}.list(t.Context(), nil)
	assert.Equal(t, "AccessDeniedException", code(err))
	assert.Len(t, all, 1)
}

// fakeTableBackups are on two pages, of all types.
type fakeTableBackups struct {
	tableBackupAPI
	deleteErr error
}

func (fakeTableBackups) ListBackups(_ context.Context, in *dynamodb.ListBackupsInput, _ ...func(*dynamodb.Options)) (*dynamodb.ListBackupsOutput, error) {
	if in.BackupType != dynamotypes.BackupTypeFilterAll || in.TableName != nil {
		return nil, apiError("NotAllOfThem")
	}
	backup := func(arn string, of dynamotypes.BackupType) dynamotypes.BackupSummary {
		return dynamotypes.BackupSummary{BackupArn: &arn, TableName: aws.String("labctl-a1-orders"), TableArn: aws.String("arn:orders"), BackupType: of}
	}
	if in.ExclusiveStartBackupArn == nil {
		return &dynamodb.ListBackupsOutput{LastEvaluatedBackupArn: aws.String("arn:b1"), BackupSummaries: []dynamotypes.BackupSummary{
			backup("arn:b1", dynamotypes.BackupTypeUser), backup("arn:system", dynamotypes.BackupTypeSystem),
		}}, nil
	}
	ended := backup("arn:ended", dynamotypes.BackupTypeUser)
	ended.BackupStatus = dynamotypes.BackupStatusDeleted
	return &dynamodb.ListBackupsOutput{BackupSummaries: []dynamotypes.BackupSummary{
		ended, backup("arn:ours", dynamotypes.BackupTypeAwsBackup), backup("arn:theirs", dynamotypes.BackupTypeAwsBackup),
	}}, nil
}

func (f fakeTableBackups) DeleteBackup(context.Context, *dynamodb.DeleteBackupInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteBackupOutput, error) {
	return nil, f.deleteErr
}

func TestATablesBackupsBelongToItAndThoseOfAWSBackupToTheirVault(t *testing.T) {
	f := &fakeBackup{points: map[string][]types.RecoveryPointByBackupVault{"labctl-a1-vault": {point("arn:ours")}, "payroll": {point("arn:theirs")}}}
	all, err := tableBackups{fakeTableBackups{}, f}.list(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, []found{
		{id: "arn:b1", name: "labctl-a1-orders", arn: "arn:b1", in: []string{"arn:orders"}, untaggable: true},
		{id: "arn:ours", name: "labctl-a1-orders", arn: "arn:ours", in: []string{"arn:labctl-a1-vault"}, madeBy: "labctl-a1-vault"},
	}, all)
}

func TestABackupOfATableThatIsGoneBelongsToWhomTheTablesNameSays(t *testing.T) {
	tests := []struct {
		name  string
		table []found
		want  []string
	}{
		{"the run's table", []found{{id: "labctl-a1-orders", arn: "arn:orders", tags: map[string]string{tagRun: "a1"}}}, []string{"a1", "a1"}},
		{"another run's table of that name", []found{{id: "labctl-a1-orders", arn: "arn:orders", tags: map[string]string{tagRun: "a2"}}}, []string{"a2", ""}},
		{"the table is gone", nil, []string{"a1", "a1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := found{id: "arn:b1", name: "labctl-a1-orders", in: []string{"arn:orders"}, untaggable: true}
			o := newOwners(Scope{Run: "a1"}, append(test.table, b), nil)
			assert.Equal(t, test.want[0], o.run(b))
			if scope := (Scope{Every: true}); test.want[1] != "" {
				o = newOwners(scope, append(test.table, b), []string{"a1"})
				assert.Equal(t, test.want[1], o.run(b))
			}
		})
	}
}

func TestADeletionThatOnlyAWSBackupCanDoSaysSo(t *testing.T) {
	err := tableBackups{fakeTableBackups{deleteErr: apiError("ValidationException")}, nil}.delete(t.Context(), "arn:ours", nil)
	assert.EqualError(t, err, "only AWS Backup can delete what it made: api error ValidationException: no")
	require.NoError(t, tableBackups{fakeTableBackups{}, nil}.delete(t.Context(), "arn:b1", nil))
}

func TestALooseVolumeBelongsToItsSnapshotAndAnAttachedOneToItsInstance(t *testing.T) {
	all, err := volumes{fakeVolumes{}}.list(t.Context(), nil)
	require.NoError(t, err)
	got := map[string]string{}
	for _, f := range all {
		got[f.id] = fmt.Sprintf("%v%s %d", f.in, f.variant, f.units)
	}
	assert.Equal(t, map[string]string{"vol-loose": "[snap-1] 8", "vol-used": "[i-1]io2 8"}, got)
}

// fakeVolumes are restored from one snapshot.
type fakeVolumes struct{ volumeAPI }

func (fakeVolumes) DescribeVolumes(context.Context, *ec2.DescribeVolumesInput, ...func(*ec2.Options)) (*ec2.DescribeVolumesOutput, error) {
	volume := func(id string, of ec2types.VolumeType, in ...ec2types.VolumeAttachment) ec2types.Volume {
		return ec2types.Volume{VolumeId: &id, SnapshotId: aws.String("snap-1"), VolumeType: of, Size: aws.Int32(8), Attachments: in}
	}
	return &ec2.DescribeVolumesOutput{Volumes: []ec2types.Volume{
		volume("vol-loose", ec2types.VolumeTypeGp3), volume("vol-used", ec2types.VolumeTypeIo2, ec2types.VolumeAttachment{InstanceId: aws.String("i-1")}),
	}}, nil
}
