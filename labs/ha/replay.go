package ha

import (
	"context"
	"math"
	"slices"
	"time"

	"labctl/checks/inventory"
	"labctl/checks/scaling"
)

// The replay: the end of an ordinary hour, the sale, and what comes after: long enough to see the group shrink again.
const (
	saleBegins = 20 * time.Minute
	peakLasts  = 30 * time.Minute
	fallTime   = 10 * time.Minute
	replayed   = saleBegins + rampTime + peakLasts + fallTime + 40*time.Minute
	midPeak    = saleBegins + rampTime + peakLasts/2
	peakEnds   = saleBegins + rampTime + peakLasts
)

// scenarioOf puts a group as it is in the account before the demand of the scenario. Left out are the names of policies that
// the engine cannot replay.
func (a *architecture) scenarioOf(ctx context.Context, group inventory.AutoScalingGroup) (s scaling.Scenario, leftOut []string, err error) {
	zones, err := a.zonesOf(ctx, group)
	if err != nil {
		return s, nil, err
	}
	templates, err := a.templatesOf(ctx, group)
	if err != nil {
		return s, nil, err
	}
	targets, err := a.targetGroupsOf(ctx, group)
	if err != nil {
		return s, nil, err
	}
	policies, err := a.policiesOf(ctx, group)
	if err != nil {
		return s, nil, err
	}
	alarms, err := a.inv.Alarms(ctx)
	if err != nil {
		return s, nil, err
	}
	s = scaling.Scenario{
		Group:    groupOf(group, zones, templates, targets),
		Service:  scaling.Service{UnitCapacity: instanceRate, Buffer: scaling.Unlimited(), BytesIn: requestBytes, BytesOut: answerBytes},
		Demand:   scaling.Ramp(baseRate, peakRate, saleBegins, rampTime, peakLasts, fallTime),
		Duration: replayed,
	}
	s.Policies, leftOut = policiesOf(policies, alarms)
	return s, leftOut, nil
}

// settled is the scenario beginning with as many instances as the group settles at on an ordinary day: what it does to get
// there is no part of the sale.
func settled(s scaling.Scenario) (scaling.Scenario, error) {
	const long = 2 * time.Hour
	ordinary := s
	ordinary.Demand, ordinary.Duration = scaling.Demand{{At: 0, Rate: baseRate}}, long
	series, err := scaling.Simulate(ordinary)
	if err != nil {
		return s, err //nolint:wrapcheck // its caller names the group
	}
	s.Group.Desired = series.Samples[len(series.Samples)-1].Desired
	return s, nil
}

// groupOf is the group as the engine knows one, with as few instances as its limits allow and an ordinary day takes.
func groupOf(group inventory.AutoScalingGroup, zones []string, templates []inventory.LaunchTemplateVersion, targets []inventory.TargetGroup) scaling.Group {
	g := scaling.Group{
		Min: group.MinSize, Max: group.MaxSize, Desired: min(max(group.MinSize, int(math.Ceil(baseRate/instanceRate))), group.MaxSize), Zones: zones, LaunchTime: launchTime, ReadyTime: readyTime,
		HealthCheckGrace: seconds(group.HealthCheckGracePeriod), DefaultCooldown: seconds(group.DefaultCooldown), DefaultInstanceWarmup: duration(group.DefaultInstanceWarmup),
		DetailedMonitoring: len(templates) > 0 && !slices.ContainsFunc(templates, func(t inventory.LaunchTemplateVersion) bool { return !t.DetailedMonitoring }),
	}
	for _, process := range group.SuspendedProcesses {
		g.Suspended = append(g.Suspended, scaling.Process(process))
	}
	for _, target := range targets {
		// Of several target groups the slowest counts.
		if g.LoadBalancer == nil {
			g.LoadBalancer = &scaling.LoadBalancer{HealthCheck: slices.Contains(healthTypes(group), "ELB")}
		}
		g.LoadBalancer.Detect = max(g.LoadBalancer.Detect, detection(target))
		g.LoadBalancer.DeregistrationDelay = max(g.LoadBalancer.DeregistrationDelay, drainOf(target))
	}
	return g
}

// duration is a number of seconds that may not be set.
func duration(n *int) *time.Duration {
	if n == nil {
		return nil
	}
	d := seconds(*n)
	return &d
}

func policiesOf(policies []inventory.ScalingPolicy, alarms []inventory.MetricAlarm) (all scaling.Policies, leftOut []string) {
	for _, policy := range policies {
		switch policy.PolicyType {
		case "TargetTrackingScaling":
			metric := trackedMetric(policy)
			if metric == "" {
				leftOut = append(leftOut, policy.PolicyName)
				continue
			}
			all.TargetTracking = append(all.TargetTracking, scaling.TargetTracking{
				Name: policy.PolicyName, Metric: metric, Target: policy.TargetValue, DisableScaleIn: policy.DisableScaleIn, Warmup: duration(policy.EstimatedInstanceWarmup),
			})
		case "StepScaling", "SimpleScaling":
			invoked := false
			for _, alarm := range alarmsOf(policy, alarms) {
				if metric := alarmMetric(alarm); metric != "" {
					invoked = true
					addInvoked(&all, policy, replayedAlarm(alarm, metric))
				}
			}
			if !invoked {
				leftOut = append(leftOut, policy.PolicyName)
			}
		default:
			leftOut = append(leftOut, policy.PolicyName) // predictive scaling knows past weeks, which a replay does not
		}
	}
	return all, leftOut
}

// addInvoked adds a policy that an alarm invokes.
func addInvoked(all *scaling.Policies, policy inventory.ScalingPolicy, alarm scaling.Alarm) {
	kind := scaling.AdjustmentType(policy.AdjustmentType)
	if policy.PolicyType == "SimpleScaling" {
		all.Simple = append(all.Simple, scaling.Simple{
			Name: policy.PolicyName, Alarm: alarm, Type: kind, Adjustment: policy.ScalingAdjustment,
			MinAdjustmentMagnitude: policy.MinAdjustmentMagnitude, Cooldown: duration(policy.Cooldown),
		})
		return
	}
	step := scaling.Step{
		Name: policy.PolicyName, Alarm: alarm, Type: kind, MinAdjustmentMagnitude: policy.MinAdjustmentMagnitude, Warmup: duration(policy.EstimatedInstanceWarmup),
	}
	for _, s := range policy.Steps {
		step.Steps = append(step.Steps, scaling.StepAdjustment{Lower: s.Lower, Upper: s.Upper, Adjustment: s.Adjustment})
	}
	all.Step = append(all.Step, step)
}

// alarmsOf are the alarms that invoke a policy.
func alarmsOf(policy inventory.ScalingPolicy, alarms []inventory.MetricAlarm) []inventory.MetricAlarm {
	return slices.DeleteFunc(slices.Clone(alarms), func(alarm inventory.MetricAlarm) bool {
		return !alarm.ActionsEnabled || !slices.Contains(alarm.AlarmActions, policy.PolicyARN)
	})
}

func replayedAlarm(alarm inventory.MetricAlarm, metric scaling.Metric) scaling.Alarm {
	return scaling.Alarm{
		Metric: metric, Threshold: alarm.Threshold, Comparison: scaling.Comparison(alarm.ComparisonOperator), Period: seconds(alarm.Period),
		EvaluationPeriods: alarm.EvaluationPeriods, DatapointsToAlarm: alarm.DatapointsToAlarm,
	}
}

// trackedMetric is the metric of a target tracking policy as the engine knows it, "" where it does not.
func trackedMetric(policy inventory.ScalingPolicy) scaling.Metric {
	switch metric := scaling.Metric(policy.PredefinedMetric); metric {
	case scaling.RequestCountPerTarget, scaling.AverageCPU, scaling.AverageNetworkIn, scaling.AverageNetworkOut:
		return metric
	default:
		return knownMetric(policy.CustomMetric)
	}
}

// alarmMetric is the metric of an alarm as the engine knows it, "" where it does not: the count of requests is a sum, all
// others are averages.
func alarmMetric(alarm inventory.MetricAlarm) scaling.Metric {
	metric := knownMetric(alarm.Namespace + "/" + alarm.MetricName)
	wanted := "Average"
	if metric == scaling.RequestCountPerTarget {
		wanted = "Sum"
	}
	if alarm.Statistic != wanted {
		return ""
	}
	return metric
}

// knownMetric knows a metric by its namespace and name.
func knownMetric(name string) scaling.Metric {
	return map[string]scaling.Metric{
		"AWS/ApplicationELB/RequestCountPerTarget": scaling.RequestCountPerTarget,
		"AWS/EC2/CPUUtilization":                   scaling.AverageCPU,
		"AWS/EC2/NetworkIn":                        scaling.AverageNetworkIn,
		"AWS/EC2/NetworkOut":                       scaling.AverageNetworkOut,
	}[name]
}
