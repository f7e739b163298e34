package observability

import (
	"slices"

	"labctl/checks/alarm"
	"labctl/checks/inventory"
)

// engineAlarm is an alarm as the engine knows one. Its actions are on: whether they are is obs-enabled's question, and a replay
// tells when an alarm would notify.
func engineAlarm(one inventory.MetricAlarm) alarm.Alarm {
	found := alarm.Alarm{
		Name: one.AlarmName, ARN: one.AlarmArn, Actions: actions(one.AlarmActions, one.OKActions, one.InsufficientDataActions),
		Metric:    alarm.Metric{Namespace: one.Namespace, Name: one.MetricName, Dimensions: one.Dimensions},
		Statistic: one.Statistic, ExtendedStatistic: one.ExtendedStatistic, Unit: one.Unit, Period: one.Period,
		EvaluationPeriods: one.EvaluationPeriods, DatapointsToAlarm: one.DatapointsToAlarm, Threshold: one.Threshold,
		ComparisonOperator: one.ComparisonOperator, ThresholdMetricID: one.ThresholdMetricId,
		TreatMissingData: one.TreatMissingData, EvaluateLowSampleCountPercentile: one.LowSamples,
	}
	for _, query := range one.Metrics {
		q := alarm.MetricDataQuery{ID: query.Id, Expression: query.Expression, Period: query.Period, ReturnData: query.ReturnData}
		if stat := query.MetricStat; stat != nil {
			q.MetricStat = &alarm.MetricStat{
				Metric: alarm.Metric{Namespace: stat.Namespace, Name: stat.MetricName, Dimensions: stat.Dimensions},
				Period: stat.Period, Stat: stat.Stat, Unit: stat.Unit,
			}
		}
		found.Metrics = append(found.Metrics, q)
	}
	return found
}

// engineComposite is a composite alarm as the engine knows one.
func engineComposite(one inventory.CompositeAlarm) alarm.Composite {
	return alarm.Composite{
		Name: one.AlarmName, ARN: one.AlarmArn, Actions: actions(one.AlarmActions, one.OKActions, one.InsufficientDataActions), AlarmRule: one.AlarmRule,
		ActionsSuppressor: one.ActionsSuppressor, ActionsSuppressorWaitPeriod: one.ActionsSuppressorWaitPeriod,
		ActionsSuppressorExtensionPeriod: one.ActionsSuppressorExtensionPeriod,
	}
}

func actions(toAlarm, toOK, toInsufficient []string) alarm.Actions {
	return alarm.Actions{ActionsEnabled: true, AlarmActions: toAlarm, OKActions: toOK, InsufficientDataActions: toInsufficient}
}

// dangling are the alarms in the rule of a composite alarm, or its suppressor, that do not exist.
func (a *architecture) dangling(one inventory.CompositeAlarm) []string {
	names := references(one.AlarmRule)
	if one.ActionsSuppressor != "" {
		names = append(names, one.ActionsSuppressor)
	}
	return slices.DeleteFunc(names, func(name string) bool { return a.known[name] })
}

// paging are the alarms that decide whether somebody is woken: those that page and those in their rules. What is in the rule of
// one that page and does not exist is obs-composite's question; such an alarm is left out.
func (a *architecture) paging() ([]inventory.MetricAlarm, []inventory.CompositeAlarm) {
	wanted := map[string]bool{}
	for _, p := range a.pagers() {
		wanted[p.Arn], wanted[p.Name] = true, true
	}
	var composites []inventory.CompositeAlarm
	for added := true; added; {
		added, composites = false, nil
		for _, one := range a.composites {
			if !wanted[one.AlarmArn] && !wanted[one.AlarmName] || len(a.dangling(one)) > 0 {
				continue
			}
			composites = append(composites, one)
			for _, name := range append(references(one.AlarmRule), one.ActionsSuppressor) {
				added = added || !wanted[name]
				wanted[name] = true
			}
		}
	}
	alarms := slices.DeleteFunc(slices.Clone(a.alarms), func(one inventory.MetricAlarm) bool { return !wanted[one.AlarmArn] && !wanted[one.AlarmName] })
	return alarms, composites
}
