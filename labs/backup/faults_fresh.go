package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"

	"labctl/labs"
)

// documentsRPO is that of the documents and their index.
const documentsRPO = 24 * time.Hour

// lostPoints are the newest recovery points of one resource, and what has to be put back around their deletion.
type lostPoints struct {
	Resource string // ARN
	Role     string // ARN, of whoever makes a new one
	Lock     vaultLock
	Policy   vaultPolicy
}

// newestDeleted takes lock and policy off, as an administrator can, deletes, and puts both back: all that is left to see is
// that the newest backup is too old. The undo cannot bring back what is deleted; it makes a new backup.
func newestDeleted() labs.Fault {
	const key = "lost"
	fault := labs.Fault{
		ID:     "newest-deleted",
		Title:  "The index has to be restored as it was this morning. Its newest backup is from another week, if there is any, and no job has failed.",
		Answer: "The newest recovery points of the volume are deleted. Lock and policy were taken off for that, and put on again.",
		Breaks: []string{"bk-fresh"},
		Hints: []string{
			"Plan, selection, lock and policy are as they should be.",
			"The job's record says COMPLETED. Where is what it made?",
			"List the recovery points of each resource by their age.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		lost, err := planLoss(ctx, partsOf(live), live)
		if err != nil {
			return err
		}
		points, err := lost.maker(live).since(ctx, lost.Resource, documentsRPO)
		if err != nil {
			return err
		}
		if len(points) == 0 {
			return labs.Lacks("no recovery point of %s is younger than %s", lost.Resource, documentsRPO)
		}
		if err := labs.Remember(record, key, lost); err != nil {
			return err
		}
		return lost.delete(ctx, live, points)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var lost lostPoints
		if found, err := labs.Recall(record, key, &lost); err != nil || !found {
			return err
		}
		return lost.restore(ctx, live)
	}
	return fault
}

// planLoss is about the volume: of all that the plan backs up, a snapshot is made again soonest.
func planLoss(ctx context.Context, p parts, live labs.Live) (lostPoints, error) {
	var lost lostPoints
	volume, err := p.volume(ctx)
	if err != nil {
		return lost, err
	}
	role, err := p.role(ctx, roleBackup)
	if err != nil {
		return lost, err
	}
	lost.Resource, lost.Role = p.inv.VolumeARN(volume.VolumeId), role.Arn
	if lost.Lock, err = p.lock(ctx, roleVault); err != nil {
		return lost, err
	}
	lost.Policy, err = readVaultPolicy(ctx, live, lost.Lock.Vault)
	if errors.Is(err, labs.ErrNothing) {
		err = nil // nothing to take off
	}
	return lost, err
}

// delete deletes recovery points out of a vault that is locked and has a policy.
func (l lostPoints) delete(ctx context.Context, live labs.Live, points []string) error {
	if l.Policy.Policy != "" {
		if err := putVaultPolicy(ctx, live, vaultPolicy{Vault: l.Policy.Vault}); err != nil {
			return err
		}
	}
	unlocked := l.Lock
	unlocked.On = false
	if err := putLock(ctx, live, unlocked); err != nil {
		return err
	}
	vault := l.Lock.Vault
	for _, point := range points {
		_, err := vault.api(live).DeleteRecoveryPoint(ctx, &backup.DeleteRecoveryPointInput{BackupVaultName: &vault.Name, RecoveryPointArn: aws.String(point)})
		if err := labs.Unless(err, "ResourceNotFoundException"); err != nil {
			return fmt.Errorf("deleting recovery point %s: %w", point, err)
		}
	}
	return l.protect(ctx, live)
}

// protect puts lock and policy back.
func (l lostPoints) protect(ctx context.Context, live labs.Live) error {
	err := putLock(ctx, live, l.Lock)
	if l.Policy.Policy != "" {
		err = errors.Join(err, putVaultPolicy(ctx, live, l.Policy))
	}
	return err
}

// restore makes a backup where there is none that is young enough.
func (l lostPoints) restore(ctx context.Context, live labs.Live) error {
	if err := l.protect(ctx, live); err != nil {
		return err
	}
	m := l.maker(live)
	points, err := m.since(ctx, l.Resource, documentsRPO)
	if err != nil || len(points) > 0 {
		return err
	}
	job, err := m.start(ctx, l.Resource)
	if err != nil {
		return labs.Unless(err, "ResourceNotFoundException")
	}
	return m.wait(ctx, job)
}

func (l lostPoints) maker(live labs.Live) *maker {
	return &maker{api: l.Lock.Vault.api(live), vault: l.Lock.Vault.Name, role: l.Role, tags: live.Tags, tell: func(string) {}}
}
