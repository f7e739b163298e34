package backup

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/eventpattern"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
)

// incident is an event that somebody has to hear of.
type incident struct {
	name     string
	document []byte
}

// incidents are the events that AWS Backup sends when a job of each resource has failed, and when a copy has: of each rule of
// the plans.
func (a *architecture) incidents(ctx context.Context) ([]incident, error) {
	jobs, err := a.jobs(ctx)
	if err != nil {
		return nil, err
	}
	var list []incident
	for _, r := range a.stateful {
		for _, j := range jobs {
			for _, state := range []string{"FAILED", "ABORTED", "EXPIRED"} {
				i, err := a.incident(fmt.Sprintf("a backup job of %s that is %s", r, state), r, backupEvent(j, state))
				if err != nil {
					return nil, err
				}
				list = append(list, i)
			}
			i, err := a.incident(fmt.Sprintf("a copy job of %s that is FAILED", r), r, copyEvent(j, a.samplePoint()))
			if err != nil {
				return nil, err
			}
			list = append(list, i)
		}
	}
	return list, nil
}

// job is what the events of a rule's jobs tell of it.
type job struct {
	vault, vaultARN, copyARN string
	plan                     inventory.BackupPlan
}

// jobs are those of the plans' rules; one of some vault where there is no plan.
func (a *architecture) jobs(ctx context.Context) ([]job, error) {
	plans, err := a.inv.BackupPlans(ctx)
	if err != nil {
		return nil, err
	}
	var list []job
	for _, plan := range plans {
		for _, rule := range plan.Rules {
			j := job{vault: rule.TargetBackupVaultName, vaultARN: a.vaultARN(rule.TargetBackupVaultName), plan: plan}
			if len(rule.CopyActions) > 0 {
				j.copyARN = rule.CopyActions[0].DestinationBackupVaultArn
			}
			list = append(list, j)
		}
	}
	if len(list) == 0 {
		list = []job{{vault: "vault", vaultARN: a.vaultARN("vault")}}
	}
	return list, nil
}

const (
	sampleID   = "11111111-2222-3333-4444-555555555555"
	sampleTime = "2026-01-02T03:04:05Z"
)

func (a *architecture) samplePoint() string {
	return fmt.Sprintf("arn:aws:backup:%s:%s:recovery-point:%s", a.inv.Region, a.inv.Account, sampleID)
}

// event is what the events of different jobs differ in. Those of backup jobs that made nothing have no resources.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
type event struct {
	kind, state string
	resources   []string
	createdBy   inventory.BackupPlan
	detail      map[string]any
}

func backupEvent(j job, state string) event {
	return event{"Backup Job State Change", state, []string{}, j.plan, map[string]any{
		"backupJobId": sampleID, "backupVaultArn": j.vaultARN, "backupVaultName": j.vault, "bytesTransferred": "0", "startBy": sampleTime, "percentDone": 0,
	}}
}

func copyEvent(j job, point string) event {
	return event{"Copy Job State Change", "FAILED", []string{point}, j.plan, map[string]any{
		"copyJobId": sampleID, "sourceBackupVaultArn": j.vaultARN, "destinationBackupVaultArn": j.copyARN, "destinationRecoveryPointArn": map[string]any{},
		"backupSizeInBytes": 1, "completionDate": sampleTime,
	}}
}

func (a *architecture) incident(name string, r resource, e event) (incident, error) {
	detail := map[string]any{
		"state": e.state, "statusMessage": "", "resourceArn": r.Arn, "resourceType": r.optInName(), "creationDate": sampleTime,
		"iamRoleArn": fmt.Sprintf("arn:aws:iam::%s:role/backup", a.inv.Account),
		"createdBy":  map[string]any{"backupPlanId": e.createdBy.BackupPlanId, "backupPlanArn": e.createdBy.BackupPlanArn, "backupPlanVersion": "1", "backupPlanRuleId": sampleID},
	}
	maps.Copy(detail, e.detail)
	document, err := json.Marshal(map[string]any{
		"version": "0", "id": sampleID, "detail-type": e.kind, "source": "aws.backup", "account": a.inv.Account, "time": sampleTime,
		"region": a.inv.Region, "resources": e.resources, "detail": detail,
	})
	if err != nil {
		return incident{}, fmt.Errorf("writing a sample event: %w", err)
	}
	return incident{name, document}, nil
}

// decideAlert follows each event from a rule to somebody. One way that works is enough.
func decideAlert(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	rules, err := a.inv.EventRules(ctx)
	if err != nil {
		return nil, err
	}
	if len(rules) == 0 {
		o.Add(fmt.Sprintf("No event rule carries %s.", a.inv.Scope))
		return nil, nil
	}
	list, err := a.incidents(ctx)
	if err != nil {
		return nil, err
	}
	var told, unheard []string
	var obstacles []string
	for _, i := range list {
		who, wrong, err := a.hears(ctx, rules, i)
		if err != nil {
			return nil, err
		}
		if who == "" {
			unheard = append(unheard, i.name)
			obstacles = append(obstacles, wrong...)
			continue
		}
		told = append(told, who)
	}
	if len(unheard) > 0 {
		slices.Sort(obstacles)
		o.Add(fmt.Sprintf("%s reaches nobody. %s", listed3(unheard), strings.Join(slices.Compact(obstacles), " ")), each(rules, func(r inventory.EventRule) string { return r.Arn })...)
		return nil, nil
	}
	slices.Sort(told)
	return append(slices.Compact(told), fmt.Sprintf("%s were tried, of jobs that failed, were aborted or expired.", typeset.Count(len(list), "sample event"))), nil
}

// listed3 names the first of many.
func listed3(names []string) string {
	first := strings.ToUpper(names[0][:1]) + names[0][1:]
	if len(names) == 1 {
		return first
	}
	return fmt.Sprintf("%s (and %s like it)", first, typeset.Count(len(names)-1, "event"))
}

// hears finds somebody whom an event reaches, or says what is in the way.
func (a *architecture) hears(ctx context.Context, rules []inventory.EventRule, i incident) (who string, obstacles []string, err error) {
	var doubt error
	for _, rule := range rules {
		why, err := ignores(rule, i)
		if err != nil {
			doubt = err
			continue
		}
		if why != "" {
			obstacles = append(obstacles, why)
			continue
		}
		if len(rule.Targets) == 0 {
			obstacles = append(obstacles, fmt.Sprintf("Rule %s has no target.", rule.Name))
		}
		for _, t := range rule.Targets {
			who, further, err := a.reached(ctx, rule, t, i)
			if err != nil {
				doubt = err
				continue
			}
			if who != "" {
				return fmt.Sprintf("Rule %s tells %s.", rule.Name, who), nil, nil
			}
			obstacles = append(obstacles, further...)
		}
	}
	return "", obstacles, doubt
}

// ignores says why a rule does not match an event; "" where it does.
func ignores(rule inventory.EventRule, i incident) (string, error) {
	if !strings.HasPrefix(rule.State, "ENABLED") {
		return fmt.Sprintf("Rule %s is %s.", rule.Name, strings.ToLower(rule.State)), nil
	}
	if rule.EventPattern == "" {
		return fmt.Sprintf("Rule %s is a schedule.", rule.Name), nil
	}
	pattern, err := eventpattern.Parse(rule.EventPattern)
	if err != nil {
		return "", fmt.Errorf("the pattern of rule %s: %w", rule.Name, err)
	}
	match, err := pattern.Match(i.document)
	if err != nil {
		return "", fmt.Errorf("whether rule %s matches %s cannot be decided: %w", rule.Name, i.name, err)
	}
	if match.Matched {
		return "", nil
	}
	return fmt.Sprintf("Rule %s does not match it: %s.", rule.Name, strings.TrimSuffix(match.Explanation, ".")), nil
}

// reached finds somebody behind a rule's target.
func (a *architecture) reached(ctx context.Context, rule inventory.EventRule, t inventory.EventTarget, i incident) (who string, obstacles []string, err error) {
	from := publisher{service: eventsService, role: t.RoleArn}
	if why, err := a.mistrusts(ctx, t.RoleArn); err != nil || why != "" {
		return "", []string{why}, err
	}
	switch service := strings.SplitN(t.Arn+":::", ":", 4)[2]; service {
	case "sns":
		return a.topicTells(ctx, t, from, i)
	case "sqs":
		// A queue's policy may ask for the rule. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions
		from.keys = map[string][]string{"aws:SourceArn": {rule.Arn}, "aws:SourceAccount": {a.inv.Account}}
		why, err := a.queueRefuses(ctx, t.Arn, from)
		if err != nil || why != "" {
			return "", []string{why}, err
		}
		return "queue " + lastPart(t.Arn), nil, nil
	default:
		return "", nil, fmt.Errorf("whether target %s of rule %s tells anybody cannot be decided: labctl follows topics and queues", t.Arn, rule.Name)
	}
}
