package observability

import (
	"math"
	"slices"
	"strings"

	"labctl/checks/inventory"
	"labctl/labs"
)

// The alarms that faults change: found by what they do, in either form of the architecture.

const (
	roleBurn        = "burn"
	roleMaintenance = "maintenance"
)

// looksBack is over how many seconds an alarm looks.
func looksBack(one inventory.MetricAlarm) int { return longestPeriod(one) * one.EvaluationPeriods }

// burnAlarms are the alarms on burn rates, those that look back longest last.
func (a *architecture) burnAlarms() []inventory.MetricAlarm {
	found := slices.DeleteFunc(slices.Clone(a.alarms), func(one inventory.MetricAlarm) bool { return a.tags[one.AlarmArn][roleTag] != roleBurn })
	slices.SortFunc(found, func(x, y inventory.MetricAlarm) int {
		if looksBack(x) != looksBack(y) {
			return looksBack(x) - looksBack(y)
		}
		return strings.Compare(x.AlarmName, y.AlarmName)
	})
	return found
}

// slowBurn is the alarm that sees a slow burn: it looks back longest.
func slowBurn(a *architecture) (inventory.MetricAlarm, error) {
	found := a.burnAlarms()
	if len(found) == 0 {
		return inventory.MetricAlarm{}, labs.Lacks("%s", a.nothing("alarm", roleBurn))
	}
	return found[len(found)-1], nil
}

// fastBurn is the alarm that a leak of the fast burn rate needs: of those with its threshold the one with the shortest period.
func fastBurn(a *architecture) (inventory.MetricAlarm, error) {
	const fast = 14.4
	var best *inventory.MetricAlarm
	for _, one := range a.burnAlarms() {
		if math.Abs(one.Threshold-fast) < 0.1 && (best == nil || longestPeriod(one) < longestPeriod(*best)) {
			best = &one
		}
	}
	if best == nil {
		return inventory.MetricAlarm{}, labs.Lacks("no alarm of %s with %s=%s has the threshold %v", a.inv.Scope, roleTag, roleBurn, fast)
	}
	return *best, nil
}

// alarmWhere is the first alarm of a kind.
func alarmWhere(what string, is func(*architecture, inventory.MetricAlarm) bool) func(*architecture) (inventory.MetricAlarm, error) {
	return func(a *architecture) (inventory.MetricAlarm, error) {
		n := slices.IndexFunc(a.alarms, func(one inventory.MetricAlarm) bool { return is(a, one) })
		if n < 0 {
			return inventory.MetricAlarm{}, labs.Lacks("no alarm of %s %s", a.inv.Scope, what)
		}
		return a.alarms[n], nil
	}
}

// sliAlarm is the alarm on the objective.
func sliAlarm(a *architecture) (inventory.MetricAlarm, error) {
	return alarmWhere("is on the objective", func(a *architecture, one inventory.MetricAlarm) bool { return a.tags[one.AlarmArn][roleTag] == roleSLI })(a)
}

// heartbeatAlarm is the one for which missing data is breaching.
func heartbeatAlarm(a *architecture) (inventory.MetricAlarm, error) {
	return alarmWhere("takes missing data for bad news", func(_ *architecture, one inventory.MetricAlarm) bool { return one.TreatMissingData == "breaching" })(a)
}

// latencyAlarm is one on a metric with a dimension.
func latencyAlarm(a *architecture) (inventory.MetricAlarm, error) {
	return alarmWhere("looks at a dimension", func(_ *architecture, one inventory.MetricAlarm) bool {
		return slices.ContainsFunc(watched(one), func(m inventory.MetricStat) bool { return len(m.Dimensions) > 0 })
	})(a)
}

// maintenanceAlarm is the one that says that somebody works on the API.
func maintenanceAlarm(a *architecture) (inventory.MetricAlarm, error) {
	return alarmWhere("is on maintenance", func(a *architecture, one inventory.MetricAlarm) bool {
		return a.tags[one.AlarmArn][roleTag] == roleMaintenance
	})(a)
}

// pageOf is the composite alarm that pages when an alarm goes off.
func (a *architecture) pageOf(one inventory.MetricAlarm) (inventory.CompositeAlarm, error) {
	for _, page := range a.composites {
		if slices.Contains(references(page.AlarmRule), one.AlarmName) && slices.ContainsFunc(page.AlarmActions, a.pages) {
			return page, nil
		}
	}
	return inventory.CompositeAlarm{}, labs.Lacks("alarm %s is in the rule of no alarm that pages", one.AlarmName)
}

// pageErrors and pageSilence are the composite alarms that page when the budget burns, and when nothing is heard.
func pageErrors(a *architecture) (inventory.CompositeAlarm, error) {
	fast, err := fastBurn(a)
	if err != nil {
		return inventory.CompositeAlarm{}, err
	}
	return a.pageOf(fast)
}

func pageSilence(a *architecture) (inventory.CompositeAlarm, error) {
	heartbeat, err := heartbeatAlarm(a)
	if err != nil {
		return inventory.CompositeAlarm{}, err
	}
	return a.pageOf(heartbeat)
}
