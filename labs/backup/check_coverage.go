package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// backupService assumes the role of a selection.
const backupService = "backup.amazonaws.com"

// decideCoverage looks for a selection that includes each resource and that works.
func decideCoverage(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	plans, err := a.inv.BackupPlans(ctx)
	if err != nil {
		return nil, err
	}
	if len(plans) == 0 {
		o.Add(fmt.Sprintf("No backup plan carries %s.", a.inv.Scope))
		return nil, nil
	}
	var told []string
	for _, r := range a.stateful {
		var reasons []string
		by := ""
		for _, plan := range plans {
			selected, why, err := a.selects(ctx, plan, r)
			if err != nil {
				return nil, err
			}
			if selected && by == "" {
				by = plan.BackupPlanName
			}
			reasons = append(reasons, why...)
		}
		if by == "" {
			o.Add(fmt.Sprintf("%s is in no selection. %s", begin(r), strings.Join(reasons, " ")), r.Arn)
			continue
		}
		told = append(told, fmt.Sprintf("%s is selected by plan %s.", begin(r), by))
	}
	return told, nil
}

// selects says whether a plan backs a resource up, or why each of its selections does not.
func (a *architecture) selects(ctx context.Context, plan inventory.BackupPlan, r resource) (bool, []string, error) {
	selections, err := a.inv.BackupSelections(ctx, plan.BackupPlanId)
	if err != nil {
		return false, nil, err
	}
	if len(selections) == 0 {
		return false, []string{fmt.Sprintf("Plan %s has no selection.", plan.BackupPlanName)}, nil
	}
	var reasons []string
	for _, s := range selections {
		c, err := choose(s, r)
		if err != nil {
			return false, nil, err
		}
		if c.selected {
			if c.why, err = a.idle(ctx, s, c, r); err != nil {
				return false, nil, err
			}
		}
		if c.why == "" {
			return true, nil, nil
		}
		reasons = append(reasons, fmt.Sprintf("Selection %s: %s.", s.SelectionName, c.why))
	}
	return false, reasons, nil
}

// idle says why a selection that includes a resource makes no backup of it all the same; "" where nothing is in the way.
func (a *architecture) idle(ctx context.Context, s inventory.BackupSelection, c choice, r resource) (string, error) {
	if !c.explicit {
		optIns, err := a.inv.BackupOptIns(ctx)
		if err != nil {
			return "", err
		}
		if !optIns[r.optInName()] {
			return fmt.Sprintf("it includes it, but not by a type of its own, and the region's settings have not opted in to %s", r.optInName()), nil
		}
	}
	everybody, err := a.inv.Identities(ctx)
	if err != nil {
		return "", err
	}
	n := slices.IndexFunc(everybody.Roles, func(i inventory.Identity) bool { return i.Arn == s.IamRoleArn })
	if n < 0 {
		return fmt.Sprintf("it includes it, but its role %s does not exist", s.IamRoleArn), nil
	}
	trust, err := parse(everybody.Roles[n].TrustPolicy, "trust policy of "+everybody.Roles[n].Name)
	if err != nil {
		return "", err
	}
	decision := policy.Evaluate(policy.Input{
		Request: policy.Request{
			Principal: policy.Service(backupService), Action: "sts:AssumeRole", Resource: s.IamRoleArn, ResourceAccount: a.inv.Account,
			Context: map[string][]string{"aws:SourceAccount": {a.inv.Account}, "aws:SourceArn": {fmt.Sprintf("arn:aws:backup:%s:%s:backup-plan:%s", a.inv.Region, a.inv.Account, s.BackupPlanId)}},
		},
		ResourcePolicy: trust,
	})
	switch decision.Outcome {
	case policy.Allow:
		return a.powerless(ctx, everybody.Roles[n], r)
	case policy.Inconclusive:
		return "", fmt.Errorf("whether AWS Backup may assume role %s cannot be decided: %s", s.IamRoleArn, decision.Explanation())
	default:
		return fmt.Sprintf("it includes it, but its role %s does not trust AWS Backup", everybody.Roles[n].Name), nil
	}
}

// powerless says why a role backs nothing up of a resource; "" where it may.
func (a *architecture) powerless(ctx context.Context, role inventory.Identity, r resource) (string, error) {
	in, err := a.caller(ctx, role.Arn)
	if err != nil {
		return "", err
	}
	own, err := a.targetOf(ctx, r)
	if err != nil {
		return "", err
	}
	on, actions := r.backupCall()
	own.arn = on
	for _, action := range actions {
		if by, err := allowed(a.to(in, action, own)); err != nil || by != "" {
			return "", err
		}
	}
	return fmt.Sprintf("it includes it, but its role %s may not %s", role.Name, actions[0]), nil
}
