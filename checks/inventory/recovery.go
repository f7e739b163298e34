package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// recovery are the memos of what brings back: backup plans and vaults, recovery points, lifecycles, volumes.
type recovery struct {
	plans      memo[[]BackupPlan]
	selections keyed[[]BackupSelection]
	vaults     memo[[]BackupVault]
	points     keyed[[]RecoveryPoint]
	continuous keyed[ContinuousBackups]
	lifecycles keyed[[]LifecycleRule]
	volumes    memo[[]Volume]
	optIns     memo[map[string]bool]
}

type recoverySource interface {
	readBackupPlans(ctx context.Context, scope Scope) ([]BackupPlan, error)
	readSelections(ctx context.Context, plan string) ([]BackupSelection, error)
	readVaults(ctx context.Context) ([]BackupVault, error)
	readRecoveryPoints(ctx context.Context, resource string) ([]RecoveryPoint, error)
	readContinuousBackups(ctx context.Context, table string) (ContinuousBackups, error)
	readLifecycle(ctx context.Context, bucket string) ([]LifecycleRule, error)
	readVolumes(ctx context.Context, scope Scope) ([]Volume, error)
	readOptIns(ctx context.Context) (map[string]bool, error)
}

// RecoveryFacts are the part of Facts that is about what brings back.
type RecoveryFacts struct {
	BackupPlans       []BackupPlan
	BackupSelections  []BackupSelection
	BackupVaults      []BackupVault
	RecoveryPoints    []RecoveryPoint
	ContinuousBackups []ContinuousBackups
	BucketLifecycles  []BucketLifecycle
	Volumes           []Volume
	BackupOptIns      map[string]bool `json:",omitempty"`
}

// recoveryClients read an account.
type recoveryClients struct {
	backup  *backup.Client
	volumes ec2.DescribeVolumesAPIClient
}

func newRecoveryClients(config aws.Config) recoveryClients {
	return recoveryClients{backup: backup.NewFromConfig(config), volumes: ec2.NewFromConfig(config)}
}
