package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/access"
	"labctl/checks/inventory"
	"labctl/checks/policy"
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
	for _, s := range safes {
		switch {
		case !s.Locked:
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
		told = append(told, fmt.Sprintf("%s is locked in %s, with a minimum retention of %s.", begin(s), lockMode(s.BackupVault, time.Now()), days(s.MinRetentionDays)))
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
func lockMode(v inventory.BackupVault, now time.Time) string {
	switch {
	case v.LockDate == nil:
		return "governance mode"
	case v.LockDate.After(now):
		return "what becomes compliance mode on " + v.LockDate.UTC().Format(time.DateOnly)
	default:
		return "compliance mode, which nobody can take off"
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
	if err := a.secondFactor(spared, o); err != nil {
		return nil, err
	}
	for _, role := range spared {
		told = append(told, fmt.Sprintf("Break-glass is role %s, which takes a second factor.", role.Name))
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
	for _, in := range everybody {
		var actions []string
		for _, ask := range []struct{ action, resource string }{
			{deletePoint, s.point()}, {deletePoint, s.snapshot()}, {shortenPoint, s.point()}, {shortenPoint, s.snapshot()}, {replacePolicy, s.BackupVaultArn},
		} {
			stopped, err := denied(a.to(in, ask.action, target{arn: ask.resource, tags: map[string]string{a.inv.Scope.Key: a.inv.Scope.Value}, policy: document}))
			if err != nil {
				return 0, err
			}
			if !stopped && !slices.Contains(actions, ask.action) {
				actions = append(actions, ask.action)
			}
		}
		if len(actions) > 0 {
			key := join(actions)
			if may[key] == nil {
				order = append(order, key)
			}
			may[key] = append(may[key], lastPart(in.Principal.String()))
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
		return join(names)
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

// principals are all users and roles of the account but those that are spared, its root, a role that is not there yet, and
// whomever a policy names: that somebody can be made. All of them may do everything as far as IAM is concerned.
func (a *architecture) principals(ctx context.Context, document *policy.Policy, spared []inventory.Identity) ([]policy.Input, error) {
	identities, err := a.inv.Identities(ctx)
	if err != nil {
		return nil, err
	}
	all, err := everything()
	if err != nil {
		return nil, err
	}
	var found []policy.Input
	known := map[string]bool{}
	for _, role := range spared {
		known[role.Arn] = true
	}
	for _, i := range slices.Concat(identities.Roles, identities.Users) {
		if known[i.Arn] {
			continue
		}
		known[i.Arn] = true
		in, err := a.caller(ctx, i.Arn)
		if err != nil {
			return nil, err
		}
		found = append(found, in)
	}
	made := append([]string{fmt.Sprintf("arn:aws:iam::%s:root", a.inv.Account), fmt.Sprintf("arn:aws:iam::%s:role/%s", a.inv.Account, access.Stranger)}, named(document, a.inv.Account)...)
	for _, arn := range made {
		principal, err := policy.ParsePrincipal(arn)
		if err != nil || known[arn] {
			continue // no user, role or account: nobody who could ask
		}
		known[arn] = true
		found = append(found, policy.Input{Request: policy.Request{Principal: principal, Context: map[string][]string{
			"aws:SecureTransport": {"true"}, "aws:PrincipalIsAWSService": {"false"}, "aws:ViaAWSService": {"false"},
		}}})
	}
	for n := range found {
		found[n].IdentityPolicies, found[n].PermissionsBoundary = []*policy.Policy{all}, nil
	}
	return found, nil
}

// named are the principals of which a policy's conditions speak, with a name in the place of wildcards.
func named(document *policy.Policy, account string) []string {
	var found []string
	for _, m := range document.Mentions() {
		for _, c := range m.Conditions {
			if !strings.EqualFold(c.Key, "aws:PrincipalArn") {
				continue
			}
			for _, value := range c.Values {
				arn := access.Filled(strings.ReplaceAll(value, "::*:", "::"+account+":"))
				if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[5] == access.Stranger {
					parts[1], parts[5] = "aws", "role/"+access.Stranger
					arn = strings.Join(parts, ":")
				}
				found = append(found, arn)
			}
		}
	}
	return found
}

// secondFactor adds roles that break the glass without a second factor: an administrator's credentials alone must not do.
func (a *architecture) secondFactor(spared []inventory.Identity, o *checks.Offences) error {
	all, err := everything()
	if err != nil {
		return err
	}
	for _, role := range spared {
		trust, err := parse(role.TrustPolicy, "trust policy of "+role.Name)
		if err != nil {
			return err
		}
		admin, err := policy.ParsePrincipal(fmt.Sprintf("arn:aws:iam::%s:user/%s", a.inv.Account, access.Stranger))
		if err != nil {
			return errors.Join(fmt.Errorf("naming an administrator of account %s", a.inv.Account), err)
		}
		in := policy.Input{Request: policy.Request{Principal: admin, Context: map[string][]string{"aws:SecureTransport": {"true"}, "aws:MultiFactorAuthPresent": {"false"}, "aws:MultiFactorAuthAge": nil}}, IdentityPolicies: []*policy.Policy{all}}
		by, err := allowed(a.to(in, "sts:AssumeRole", target{arn: role.Arn, policy: trust}))
		if err != nil {
			return err
		}
		if by != "" {
			o.Add(fmt.Sprintf("Whoever holds an administrator's credentials becomes break-glass (role %s) without a second factor: %s.", role.Name, by), role.Arn)
		}
	}
	return nil
}
