package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
)

// decideOffsite looks, in each plan, for a rule that copies to another place. One is enough: a plan may make further backups
// more often and keep them here.
func decideOffsite(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	plans, err := a.plans(ctx, o)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, plan := range plans {
		var good, wrong []string
		for _, rule := range plan.Rules {
			for _, c := range rule.CopyActions {
				found, obstacle, err := a.copied(ctx, rule, c)
				if err != nil {
					return nil, err
				}
				if obstacle != "" {
					wrong = append(wrong, obstacle)
				} else {
					good = append(good, found)
				}
			}
		}
		switch {
		case len(good) > 0:
			told = append(told, good...)
		case len(wrong) == 0:
			o.Add(fmt.Sprintf("Plan %s copies nothing: what it makes stays in %s.", plan.BackupPlanName, a.inv.Region), plan.BackupPlanArn)
		default:
			o.Add(fmt.Sprintf("Plan %s: %s", plan.BackupPlanName, strings.Join(wrong, " ")), plan.BackupPlanArn)
		}
	}
	return told, nil
}

// plans are the scope's backup plans that have rules; that there is none is an offence.
func (a *architecture) plans(ctx context.Context, o *checks.Offences) ([]inventory.BackupPlan, error) {
	plans, err := a.inv.BackupPlans(ctx)
	if err != nil {
		return nil, err
	}
	plans = slices.DeleteFunc(slices.Clone(plans), func(p inventory.BackupPlan) bool { return len(p.Rules) == 0 })
	if len(plans) == 0 {
		o.Add(fmt.Sprintf("No backup plan with a rule carries %s.", a.inv.Scope))
	}
	return plans, nil
}

// copied says what a copy is, or what is wrong with it.
func (a *architecture) copied(ctx context.Context, rule inventory.BackupRule, c inventory.BackupCopy) (found, obstacle string, err error) {
	region, account := place(c.DestinationBackupVaultArn)
	name := lastPart(c.DestinationBackupVaultArn)
	after := c.Lifecycle.DeleteAfter
	cadence, err := cadenceOf(rule, time.Now())
	if err != nil {
		return "", "", err
	}
	switch {
	case cadence.never:
		return "", fmt.Sprintf("Rule %s copies to vault %s, and does not run again (%s).", rule.RuleName, name, rule.ScheduleExpression), nil
	case region == a.inv.Region && account == a.inv.Account:
		return "", fmt.Sprintf("Rule %s copies to vault %s, which is in the same region and account.", rule.RuleName, name), nil
	case after == nil:
		return "", fmt.Sprintf("The copies of rule %s in vault %s have no lifecycle of their own: they stay for ever, and are billed for ever.", rule.RuleName, name), nil
	case *after < a.kept():
		return "", fmt.Sprintf("The copies of rule %s in vault %s are deleted after %s; they should stay for %s.", rule.RuleName, name, days(*after), days(a.kept())), nil
	case account != a.inv.Account:
		return fmt.Sprintf("Rule %s copies to vault %s in account %s (%s), which labctl does not look into, and keeps the copy for %s.", rule.RuleName, name, account, region, days(*after)), "", nil
	}
	vaults, err := a.inv.In(region).BackupVaults(ctx)
	if err != nil {
		return "", "", err
	}
	if !slices.ContainsFunc(vaults, func(v inventory.BackupVault) bool { return v.BackupVaultArn == c.DestinationBackupVaultArn }) {
		return "", fmt.Sprintf("Rule %s copies to vault %s in %s, which does not exist.", rule.RuleName, name, region), nil
	}
	return fmt.Sprintf("Rule %s copies to vault %s in %s and keeps the copy for %s.", rule.RuleName, name, region, days(*after)), "", nil
}

// coldDays is what colder storage is billed for at least: AWS Backup takes no lifecycle that deletes earlier.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
const coldDays = 90

// decideRetention reads the lifecycle of each rule and of each copy.
func decideRetention(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	plans, err := a.plans(ctx, o)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, plan := range plans {
		for _, rule := range plan.Rules {
			all := []inventory.BackupCopy{{DestinationBackupVaultArn: a.vaultARN(rule.TargetBackupVaultName), Lifecycle: rule.Lifecycle}}
			for _, c := range append(all, rule.CopyActions...) {
				what := fmt.Sprintf("What rule %s of plan %s puts into vault %s", rule.RuleName, plan.BackupPlanName, lastPart(c.DestinationBackupVaultArn))
				wrong := a.short(c.Lifecycle)
				for _, reason := range wrong {
					o.Add(fmt.Sprintf("%s %s", what, reason), plan.BackupPlanArn)
				}
				if len(wrong) == 0 {
					told = append(told, fmt.Sprintf("%s stays for %s.", what, forHowLong(c.Lifecycle)))
				}
			}
		}
	}
	return told, nil
}

// short says what is wrong with a lifecycle.
func (a *architecture) short(l inventory.BackupLifecycle) []string {
	if l.DeleteAfter == nil {
		return nil
	}
	var wrong []string
	if *l.DeleteAfter < a.kept() {
		wrong = append(wrong, fmt.Sprintf("is deleted after %s; it should stay for %s.", days(*l.DeleteAfter), days(a.kept())))
	}
	if cold := l.MoveToColdStorage; cold != nil && *l.DeleteAfter < *cold+coldDays {
		wrong = append(wrong, fmt.Sprintf("moves to cold storage after %s and is deleted after %s: cold storage is billed for %s, so that is %s too early.", days(*cold), days(*l.DeleteAfter), days(coldDays), days(*cold+coldDays-*l.DeleteAfter)))
	}
	return wrong
}

func forHowLong(l inventory.BackupLifecycle) string {
	if l.DeleteAfter == nil {
		return "ever"
	}
	return days(*l.DeleteAfter)
}
