package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/access"
	"labctl/checks/inventory"
	"labctl/checks/policy"
	"labctl/checks/report/typeset"
)

// harm is something that a role must not be able to do.
type harm struct {
	action string
	target
	// within is where the target is one of many, such as arn:aws:s3:::bucket/: to do it to any of these is as bad.
	within string
}

// decideRoles asks the policy engine what the workload may do to backups, and what the backup role may do to production.
// Resource policies take part: within an account one Allow is enough, wherever it stands.
func decideRoles(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	toBackups, err := a.harmToBackups(ctx)
	if err != nil {
		return nil, err
	}
	toProduction, err := a.harmToProduction(ctx)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, ask := range []struct {
		part string
		harm []harm
		told string
	}{
		{roleWorkload, toBackups, "may do nothing to backups, nor to what protects them"},
		{roleBackup, toProduction, "may neither write nor delete production data"},
	} {
		roles, err := a.rolesOf(ctx, ask.part)
		if err != nil {
			return nil, err
		}
		if len(roles) == 0 {
			o.Add(a.nothing("role", ask.part))
		}
		for _, role := range roles {
			clean, err := a.harmless(ctx, role, ask.harm, o)
			if err != nil {
				return nil, err
			}
			if clean {
				told = append(told, fmt.Sprintf("Role %s %s (%s asked).", role.Name, ask.told, typeset.Count(len(ask.harm), "request")))
			}
		}
	}
	return told, nil
}

// harmless adds what a role may do of a list.
func (a *architecture) harmless(ctx context.Context, role inventory.Identity, list []harm, o *checks.Offences) (bool, error) {
	in, err := a.caller(ctx, role.Arn)
	if err != nil {
		return false, err
	}
	clean := true
	for _, h := range slices.Concat(list, harmToLimits(role)) {
		arn, by, err := a.anyAllowed(in, h)
		if err != nil {
			return false, err
		}
		if by != "" {
			clean = false
			o.Add(fmt.Sprintf("Role %s may %s on %s: %s.", role.Name, h.action, arn, by), role.Arn)
		}
	}
	return clean, nil
}

// anyAllowed says what a harm may be done to, and why; "" for nothing.
func (a *architecture) anyAllowed(in policy.Input, h harm) (arn, by string, err error) {
	first := a.to(in, h.action, h.target)
	names := []string{h.arn}
	if h.within != "" {
		names = append(names, access.Within(first, h.within)...)
	}
	for _, h.arn = range names {
		if by, err := allowed(a.to(in, h.action, h.target)); err != nil || by != "" {
			return h.arn, by, err
		}
	}
	return "", "", nil
}

func harms(t target, actions ...string) []harm {
	return each(actions, func(action string) harm { return harm{action: action, target: t} })
}

// harmsWithin are harms to something that stands for all that is in the same place.
func harmsWithin(place, name string, t target, actions ...string) []harm {
	t.arn = place + name
	return each(actions, func(action string) harm { return harm{action, t, place} })
}

// harmToLimits are the ways in which a role gives itself whatever else it wants.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
func harmToLimits(role inventory.Identity) []harm {
	list := harms(target{arn: role.Arn, tags: role.Tags}, "iam:PutRolePolicy", "iam:AttachRolePolicy")
	for _, arn := range role.Attached {
		if _, account := place(arn); account != "aws" {
			list = append(list, harms(target{arn: arn}, "iam:CreatePolicyVersion")...)
		}
	}
	return list
}

// harmToBackups are the ways to lose backups, or what protects them.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
func (a *architecture) harmToBackups(ctx context.Context) ([]harm, error) {
	safes, _, err := a.safes(ctx)
	if err != nil {
		return nil, err
	}
	var list []harm
	for _, s := range safes {
		document, err := policyOf(ctx, s.inv, s.BackupVaultArn, "policy of "+s.String())
		if err != nil {
			return nil, err
		}
		for _, point := range a.points(s) {
			list = append(list, harms(target{point, a.scopeTags(), document}, deletePoint, shortenPoint, "backup:DisassociateRecoveryPoint")...)
		}
		if len(a.of(kindVolume)) > 0 {
			list = append(list, harmsWithin(strings.TrimSuffix(s.snapshot(), lastPart(s.snapshot())), lastPart(s.snapshot()), target{tags: a.scopeTags()}, "ec2:DeleteSnapshot")...)
		}
		toKey, err := a.harmToKey(ctx, s)
		if err != nil {
			return nil, err
		}
		list = append(list, toKey...)
		list = append(list, harms(target{s.BackupVaultArn, s.Tags, document},
			replacePolicy, "backup:DeleteBackupVaultAccessPolicy", "backup:PutBackupVaultLockConfiguration", "backup:DeleteBackupVaultLockConfiguration", "backup:DeleteBackupVault")...)
	}
	plans, err := a.inv.BackupPlans(ctx)
	if err != nil {
		return nil, err
	}
	for _, plan := range plans {
		list = append(list, harms(target{plan.BackupPlanArn, plan.Tags, nil}, "backup:UpdateBackupPlan", "backup:DeleteBackupPlan", "backup:DeleteBackupSelection")...)
	}
	for _, r := range a.stateful {
		further, err := a.harmToCopies(ctx, r)
		if err != nil {
			return nil, err
		}
		list = append(list, further...)
	}
	roles, err := a.becoming(ctx, roleBackup, roleRestore, roleBreakGlass)
	return append(list, roles...), err
}

// harmToKey are the ways to make all of a vault unreadable. Of a key that AWS owns or manages nobody has these rights.
// https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
func (a *architecture) harmToKey(ctx context.Context, s *safe) ([]harm, error) {
	if s.keyOfAWS() {
		return nil, nil
	}
	key, err := s.inv.Key(ctx, s.EncryptionKeyArn)
	if errors.Is(err, inventory.ErrNotFound) {
		return nil, nil // which bk-key-split tells
	}
	if err != nil {
		return nil, err
	}
	own, err := s.brought(ctx, key)
	if err != nil || own {
		return nil, err
	}
	document, err := parse(key.Policy, "policy of key "+key.KeyId)
	if err != nil {
		return nil, err
	}
	return harms(target{key.Arn, key.Tags, document}, "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy"), nil
}

// harmToCopies are the ways to lose what a resource can be brought back from.
func (a *architecture) harmToCopies(ctx context.Context, r resource) ([]harm, error) {
	own, err := a.targetOf(ctx, r)
	if err != nil {
		return nil, err
	}
	switch r.Kind {
	case kindTable: // backups of a table have no policy of their own, and no tags
		return append(harms(own, "dynamodb:UpdateContinuousBackups", "dynamodb:PutResourcePolicy"), harmsWithin(r.Arn+"/backup/", "01700000000000-0123abcd", target{}, "dynamodb:DeleteBackup")...), nil
	case kindBucket:
		return append(
			harms(own, "s3:PutLifecycleConfiguration", "s3:PutBucketVersioning", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketPolicy"),
			harmsWithin(r.Arn+"/", "document", target{policy: own.policy}, "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention")...), nil
	case kindVolume:
		return nil, nil // its snapshots are asked for where the vaults are
	default:
		return append(
			harms(target{arn: fmt.Sprintf("arn:aws:rds:%s:%s:snapshot:%s-0", a.inv.Region, a.inv.Account, r.Name), tags: a.scopeTags()}, "rds:DeleteDBSnapshot"),
			harms(target{arn: fmt.Sprintf("arn:aws:rds:%s:%s:cluster-snapshot:%s-0", a.inv.Region, a.inv.Account, r.Name), tags: a.scopeTags()}, "rds:DeleteDBClusterSnapshot")...), nil
	}
}

// harmToProduction are the ways to change or lose the data itself.
func (a *architecture) harmToProduction(ctx context.Context) ([]harm, error) {
	var list []harm
	for _, r := range a.stateful {
		own, err := a.targetOf(ctx, r)
		if err != nil {
			return nil, err
		}
		switch r.Kind {
		case kindTable:
			list = append(list, harms(own, "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
				"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete", "dynamodb:DeleteTable")...)
		case kindBucket:
			list = append(list, harms(own, "s3:PutLifecycleConfiguration", "s3:PutBucketVersioning", "s3:PutBucketPolicy", "s3:DeleteBucket")...)
			list = append(list, harmsWithin(r.Arn+"/", "document", target{policy: own.policy}, "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion")...)
		case kindVolume:
			list = append(list, harms(own, "ec2:DeleteVolume", "ec2:AttachVolume", "ec2:DetachVolume")...)
		default:
			list = append(list, harms(own, "rds:DeleteDBInstance", "rds:DeleteDBCluster", "rds:ModifyDBInstance", "rds:ModifyDBCluster")...)
		}
	}
	roles, err := a.becoming(ctx, roleWorkload)
	return append(list, roles...), err
}

// becoming are the ways to become another role.
func (a *architecture) becoming(ctx context.Context, parts ...string) ([]harm, error) {
	var list []harm
	for _, part := range parts {
		roles, err := a.rolesOf(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, role := range roles {
			trust, err := parse(role.TrustPolicy, "trust policy of "+role.Name)
			if err != nil {
				return nil, err
			}
			list = append(list, harms(target{role.Arn, role.Tags, trust}, "sts:AssumeRole")...)
			list = append(list, harms(target{arn: role.Arn, tags: role.Tags}, "iam:UpdateAssumeRolePolicy")...)
		}
	}
	return list, nil
}

// targetOf is what holds data as a target, with its policy.
func (a *architecture) targetOf(ctx context.Context, r resource) (target, error) {
	var document *policy.Policy
	if r.Kind == kindTable || r.Kind == kindBucket { // volumes and databases have no policies
		var err error
		if document, err = policyOf(ctx, a.inv, r.Arn, "policy of "+r.String()); err != nil {
			return target{}, err
		}
	}
	return target{r.Arn, r.Tags, document}, nil
}

// scopeTags are the tags of a recovery point of the scope.
func (a *architecture) scopeTags() map[string]string {
	return map[string]string{a.inv.Scope.Key: a.inv.Scope.Value}
}
