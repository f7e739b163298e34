package observability

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// decideDashboard reads the dashboards that show anything of the architecture's.
func decideDashboard(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	all, err := a.inv.Dashboards(ctx)
	if err != nil {
		return nil, err
	}
	p, err := a.publications(ctx)
	if err != nil {
		return nil, err
	}
	var told []string
	found := false
	for _, dashboard := range all {
		b := parseBoard(dashboard.DashboardBody, a.inv.Region, a.inv.Account)
		if !a.shows(b, p) {
			continue
		}
		found = true
		before := len(b.problems)
		problems, err := a.stale(ctx, b, p)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", dashboard.DashboardName, err)
		}
		for _, problem := range append(b.problems, problems...) {
			o.Add(fmt.Sprintf("Dashboard %s: %s", dashboard.DashboardName, say.Sentence(problem)), dashboard.DashboardName)
		}
		if before+len(problems) == 0 {
			told = append(told, fmt.Sprintf("Dashboard %s is valid; %s, %s and %s in it exist.", dashboard.DashboardName,
				typeset.Count(len(b.alarms), "alarm"), typeset.Count(len(b.metrics), "metric"), typeset.Count(len(b.logGroups), "log group")))
		}
	}
	if !found {
		o.Add(fmt.Sprintf("No dashboard shows an alarm or a metric of %s.", a.inv.Scope))
	}
	return told, nil
}

// shows says whether a dashboard has to do with the architecture.
func (a *architecture) shows(b board, p *publications) bool {
	ours := func(arn string) bool {
		return slices.ContainsFunc(a.alarms, func(one inventory.MetricAlarm) bool { return one.AlarmArn == arn }) ||
			slices.ContainsFunc(a.composites, func(one inventory.CompositeAlarm) bool { return one.AlarmArn == arn })
	}
	return slices.ContainsFunc(b.alarms, ours) || slices.ContainsFunc(b.metrics, func(m inventory.Metric) bool {
		return len(p.named[m.Namespace+"/"+m.MetricName]) > 0
	})
}

// stale is what a dashboard shows and does not exist.
func (a *architecture) stale(ctx context.Context, b board, p *publications) ([]string, error) {
	var found []string
	for _, arn := range b.alarms {
		if !a.known[arn] && strings.Contains(arn, ":"+a.inv.Region+":"+a.inv.Account+":") {
			found = append(found, fmt.Sprintf("alarm %s does not exist", arn))
		}
	}
	for _, m := range b.metrics {
		if _, known := documented()[m.Namespace]; strings.HasPrefix(m.Namespace, "AWS/") && !known {
			continue // of a service whose metrics labctl does not know
		}
		why, err := p.obstacle(ctx, inventory.MetricStat{Namespace: m.Namespace, MetricName: m.MetricName, Dimensions: m.Dimensions, Period: shortest})
		if err != nil {
			return nil, err
		}
		if why != "" {
			found = append(found, fmt.Sprintf("metric %s: %s", metricName(m), why))
		}
	}
	for _, name := range b.logGroups {
		_, err := a.inv.LogGroup(ctx, name)
		if errors.Is(err, inventory.ErrNotFound) {
			found = append(found, fmt.Sprintf("log group %s does not exist", name))
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
