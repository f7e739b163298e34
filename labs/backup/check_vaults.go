package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
	"labctl/labs/say"
)

// kept is how long recovery points have to stay: as long as whatever is kept longest.
func (a *architecture) kept() int {
	longest := keepDays
	for _, r := range a.stateful {
		longest = max(longest, int(r.Keep/day))
	}
	return longest
}

// decideVaultLock asks each vault for its lock. A lock refuses jobs, too: those that ask for less than its minimum, or for
// more than its maximum.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
func decideVaultLock(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	safes, unseen, err := a.safes(ctx)
	if err != nil {
		return nil, err
	}
	if len(safes) == 0 {
		o.Add(a.noVault())
		return nil, nil
	}
	told := elsewhereToo(unseen)
	for _, l := range unseen {
		if !l.foreign && !l.copies { // bk-offsite tells of copies
			o.Add(fmt.Sprintf("Vault %s, which %s fills, does not exist: its jobs fail.", lastPart(l.arn), l.rule), l.arn)
		}
	}
	for _, s := range safes {
		switch {
		case !s.Locked && s.VaultType != airGapped:
			o.Add(fmt.Sprintf("%s is not locked: whoever may, deletes its recovery points.", begin(s)), s.BackupVaultArn)
			continue
		case s.MinRetentionDays < a.kept():
			o.Add(fmt.Sprintf("%s is locked with a minimum retention of %s; it should be %s.", begin(s), days(s.MinRetentionDays), days(a.kept())), s.BackupVaultArn)
			continue
		}
		for _, job := range s.asked {
			if wrong := refused(s.BackupVault, job); wrong != "" {
				o.Add(fmt.Sprintf("%s %s", begin(s), wrong), s.BackupVaultArn)
			}
		}
		told = append(told, fmt.Sprintf("%s is locked in %s, with a minimum retention of %s.", begin(s), s.lockMode(time.Now()), days(s.MinRetentionDays)))
	}
	return told, nil
}

// refused says why a vault's lock takes no recovery point of a job.
func refused(v inventory.BackupVault, job asked) string {
	switch {
	case job.after != nil && *job.after < v.MinRetentionDays:
		return fmt.Sprintf("takes nothing from %s: it asks for %s, and the lock's minimum is %d, so that its jobs fail.", job.by, days(*job.after), v.MinRetentionDays)
	case v.MaxRetentionDays > 0 && job.after == nil:
		return fmt.Sprintf("takes nothing from %s: it keeps what it makes for ever, and the lock's maximum is %s, so that its jobs fail.", job.by, days(v.MaxRetentionDays))
	case v.MaxRetentionDays > 0 && *job.after > v.MaxRetentionDays:
		return fmt.Sprintf("takes nothing from %s: it asks for %s, and the lock's maximum is %d, so that its jobs fail.", job.by, days(*job.after), v.MaxRetentionDays)
	default:
		return ""
	}
}

// lockMode tells whether administrators can take a lock off.
func (s *safe) lockMode(now time.Time) string {
	switch {
	case s.inCompliance(now):
		return "compliance mode, which nobody can take off"
	case s.LockDate != nil:
		return "what becomes compliance mode on " + s.LockDate.UTC().Format(time.DateOnly)
	default:
		return "governance mode, which an administrator can take off"
	}
}

// elsewhereToo mentions the vaults that labctl cannot look into.
func elsewhereToo(unseen []lost) []string {
	var told []string
	for _, l := range unseen {
		if l.foreign {
			_, account := place(l.arn)
			told = append(told, fmt.Sprintf("Not judged: the vault of %s, %s, is in account %s, into which labctl does not look.", l.rule, lastPart(l.arn), account))
		}
	}
	return told
}

// The actions by which a recovery point goes, or the policy that keeps it.
// https://docs.aws.amazon.com/config/latest/developerguide/backup-recovery-point-manual-deletion-disabled.html
const (
	deletePoint   = "backup:DeleteRecoveryPoint"
	shortenPoint  = "backup:UpdateRecoveryPointLifecycle"
	replacePolicy = "backup:PutBackupVaultAccessPolicy"
)

// decideVaultPolicy asks each vault's policy for everybody, as though IAM allowed them everything: that is what an
// administrator has, and what an administrator can give.
func decideVaultPolicy(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	safes, unseen, err := a.safes(ctx)
	if err != nil {
		return nil, err
	}
	if len(safes) == 0 {
		o.Add(a.noVault())
		return nil, nil
	}
	spared, err := a.rolesOf(ctx, roleBreakGlass)
	if err != nil {
		return nil, err
	}
	told := elsewhereToo(unseen)
	for _, s := range safes {
		if s.inCompliance(time.Now()) {
			told = append(told, fmt.Sprintf("%s is locked in compliance mode: whatever IAM or a policy allows, nobody deletes its recovery points before their time, or shortens it.", begin(s)))
			continue
		}
		document, err := policyOf(ctx, s.inv, s.BackupVaultArn, "policy of "+s.String())
		if err != nil {
			return nil, err
		}
		if document == nil {
			o.Add(fmt.Sprintf("%s has no access policy: whatever IAM allows is allowed.", begin(s)), s.BackupVaultArn)
			continue
		}
		asked, err := a.undenied(ctx, s, document, spared, o)
		if err != nil {
			return nil, err
		}
		told = append(told, fmt.Sprintf("%s: its policy denies it to all %d who were asked for (users, roles, the root, a role yet to be made), whatever IAM allows them.", begin(s), asked))
	}
	if err := a.secondFactor(ctx, spared, o); err != nil {
		return nil, err
	}
	for _, role := range spared {
		told = append(told, fmt.Sprintf("Break-glass is role %s, which nobody of the account becomes without a second factor.", role.Name))
	}
	return append(told, "Taking off a policy, or a lock in governance mode, is left to administrators: only compliance mode or another account helps against them."), nil
}

// undenied adds what a vault's policy lets somebody do who is not break-glass. It returns how many were asked for.
func (a *architecture) undenied(ctx context.Context, s *safe, document *policy.Policy, spared []inventory.Identity, o *checks.Offences) (int, error) {
	everybody, err := a.principals(ctx, document, spared)
	if err != nil {
		return 0, err
	}
	may := map[string][]string{} // names by the actions that nothing denies
	var order []string
	asks := harms(target{arn: s.BackupVaultArn}, replacePolicy)
	for _, point := range a.points(s) {
		asks = append(asks, harms(target{arn: point}, deletePoint, shortenPoint)...)
	}
	for _, in := range everybody {
		var actions []string
		for _, ask := range asks {
			stopped, err := denied(a.to(in, ask.action, target{ask.arn, a.scopeTags(), document}))
			if err != nil {
				return 0, err
			}
			if !stopped && !slices.Contains(actions, ask.action) {
				actions = append(actions, ask.action)
			}
		}
		if len(actions) > 0 {
			slices.Sort(actions)
			key := say.And(actions)
			if may[key] == nil {
				order = append(order, key)
			}
			may[key] = append(may[key], called(in.Principal))
		}
	}
	for _, actions := range order {
		o.Add(fmt.Sprintf("%s: its policy does not deny %s to %s.", begin(s), actions, some(may[actions], len(everybody))), s.BackupVaultArn)
	}
	return len(everybody), nil
}

// some names a few of many.
func some(names []string, all int) string {
	const few = 3
	switch {
	case len(names) == all:
		return "anybody"
	case len(names) > few:
		return fmt.Sprintf("%s and %d others", strings.Join(names[:few], ", "), len(names)-few)
	default:
		return say.And(names)
	}
}

// point and snapshot stand for recovery points: those that AWS Backup keeps itself, and those that are snapshots of EC2.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html#awsbackup-resources-for-iam-policies
func (s *safe) point() string {
	_, account := place(s.BackupVaultArn)
	return fmt.Sprintf("arn:aws:backup:%s:%s:recovery-point:11111111-2222-3333-4444-555555555555", s.region, account)
}

func (s *safe) snapshot() string {
	return fmt.Sprintf("arn:aws:ec2:%s::snapshot/snap-0123456789abcdef0", s.region)
}

// points stand for all recovery points that a vault can hold: those of databases are snapshots of RDS.
func (a *architecture) points(s *safe) []string {
	list := []string{s.point(), s.snapshot()}
	_, account := place(s.BackupVaultArn)
	for _, r := range a.of(kindDatabase) {
		form := "arn:aws:rds:%s:%s:snapshot:awsbackup:job-01234567"
		if strings.Contains(r.Arn, ":cluster:") {
			form = "arn:aws:rds:%s:%s:cluster-snapshot:awsbackup:job-01234567"
		}
		if arn := fmt.Sprintf(form, s.region, account); !slices.Contains(list, arn) {
			list = append(list, arn)
		}
	}
	return list
}
