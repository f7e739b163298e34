package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs/say"
)

// How far behind the present continuous backups are.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
// https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
const (
	tableLag    = 5 * time.Minute
	databaseLag = 5 * time.Minute
	bucketLag   = 15 * time.Minute
)

// decideObjectives compares what is promised for each resource with how old its newest recovery point can become. What no
// plan selects at all is left to bk-coverage.
func decideObjectives(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, r := range a.stateful {
		if !states(r, o) {
			continue
		}
		best, err := a.meets(ctx, r)
		if err != nil {
			return nil, err
		}
		switch {
		case best == nil:
			told = append(told, fmt.Sprintf("%s states an RPO of %s; no selection includes it, which bk-coverage tells.", begin(r), span(r.RPO)))
		case best.never:
			o.Add(fmt.Sprintf("%s may lose %s; the backup plan's schedule never comes up twice (%s).", begin(r), span(r.RPO), best.by), r.Arn)
		case best.worst > r.RPO:
			o.Add(fmt.Sprintf("%s may lose %s and can lose %s: %s.", begin(r), span(r.RPO), span(best.worst), best.by), r.Arn)
		default:
			told = append(told, fmt.Sprintf("%s may lose %s and loses at most %s: %s.", begin(r), span(r.RPO), span(best.worst), best.by))
		}
	}
	return told, nil
}

// states says whether a resource states objectives that the scenario can live with, and adds what is wrong with them.
func states(r resource, o *checks.Offences) bool {
	rpo, rto := r.ceilings()
	good := true
	for _, objective := range []struct {
		name, tag    string
		stated, most time.Duration
	}{{"RPO", rpoTag, r.RPO, rpo}, {"RTO", rtoTag, r.RTO, rto}} {
		switch {
		case objective.stated == 0:
			good = false
			o.Add(fmt.Sprintf("%s does not say its %s: %s is %q, and should be a number with m, h or d, such as 24h.", begin(r), objective.name, objective.tag, r.Tags[objective.tag]), r.Arn)
		case objective.stated > objective.most:
			good = false
			o.Add(fmt.Sprintf("%s says an %s of %s; the scenario grants it %s at most.", begin(r), objective.name, span(objective.stated), span(objective.most)), r.Arn)
		}
	}
	return good
}

// bound is the most that can be lost, and what bounds it.
type bound struct {
	worst time.Duration
	by    string
	never bool
}

// meets finds the best bound of a resource; nil where nothing backs it up.
func (a *architecture) meets(ctx context.Context, r resource) (*bound, error) {
	bounds, err := a.continuously(ctx, r)
	if err != nil {
		return nil, err
	}
	plans, err := a.inv.BackupPlans(ctx)
	if err != nil {
		return nil, err
	}
	var rules []inventory.BackupRule
	for _, plan := range plans {
		selected, _, err := a.selects(ctx, plan, r)
		if err != nil {
			return nil, err
		}
		if selected {
			rules = append(rules, plan.Rules...)
		}
	}
	scheduled, err := ruleBounds(rules, r, time.Now())
	if err != nil {
		return nil, err
	}
	bounds = append(bounds, scheduled...)
	var best *bound
	for _, b := range bounds {
		if best == nil || best.never || !b.never && b.worst < best.worst {
			best = &b
		}
	}
	return best, nil
}

// ruleBounds are the bounds of each rule, and of all of them together where they take turns.
func ruleBounds(rules []inventory.BackupRule, r resource, now time.Time) ([]bound, error) {
	var bounds []bound
	var cadences []cadence
	var names []string
	for _, rule := range rules {
		if b := continuousBound(rule, r); b != nil {
			bounds = append(bounds, *b)
			continue
		}
		c, err := cadenceOf(rule, now)
		if err != nil {
			return nil, err
		}
		bounds = append(bounds, bound{worst: c.worst(), never: c.never, by: fmt.Sprintf("rule %s, %s", rule.RuleName, c)})
		cadences, names = append(cadences, c), append(names, rule.RuleName)
	}
	if worst, ok := together(cadences, now); ok && len(cadences) > 1 {
		bounds = append(bounds, bound{worst: worst, by: fmt.Sprintf("rules %s take turns", say.And(names))})
	}
	return bounds, nil
}

// continuousBound is the bound that a rule's continuous backups give; nil where it makes none of such a resource.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
func continuousBound(rule inventory.BackupRule, r resource) *bound {
	if !rule.EnableContinuousBackup {
		return nil
	}
	by := fmt.Sprintf("rule %s keeps continuous backups", rule.RuleName)
	switch r.Kind {
	case kindBucket:
		return &bound{worst: bucketLag, by: by}
	case kindDatabase:
		return &bound{worst: databaseLag, by: by}
	default:
		return nil
	}
}

// continuously are the bounds that a resource has of its own.
func (a *architecture) continuously(ctx context.Context, r resource) ([]bound, error) {
	switch r.Kind {
	case kindTable:
		recovery, err := a.inv.ContinuousBackups(ctx, r.Name)
		if errors.Is(err, inventory.ErrNotFound) || err == nil && !recovery.Enabled {
			return nil, nil
		}
		return []bound{{worst: tableLag, by: "point-in-time recovery, up to five minutes ago as a rule"}}, err
	case kindDatabase:
		databases, err := a.inv.Databases(ctx)
		for _, d := range databases {
			if d.Arn == r.Arn && d.BackupRetentionPeriod > 0 {
				return []bound{{worst: databaseLag, by: "automated backups, up to five minutes ago as a rule"}}, nil
			}
		}
		return nil, err
	default:
		return nil, nil
	}
}
