package ha

import (
	"context"
	"fmt"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/checks/scaling"
	"labctl/labs/say"
)

func decideHeadroom(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		headroom := scaling.Headroom(scaling.Group{Max: group.MaxSize}, scaling.Service{UnitCapacity: instanceRate}, peakRate)
		carries := fmt.Sprintf("Group %s may have %s, which carry %s; the peak is %s", group.AutoScalingGroupName, typeset.Count(group.MaxSize, "instance"), rate(float64(group.MaxSize)*instanceRate), rate(peakRate))
		if headroom < 1 {
			o.Add(carries+".", group.AutoScalingGroupName)
		}
		told = append(told, fmt.Sprintf("%s: %.1f times as much.", carries, headroom))
	}
	return told, nil
}

// steering is what a policy does about demand.
type steering struct {
	name     string
	metric   string // as AWS names it
	follows  bool   // the metric rises with demand and falls with capacity
	unknown  bool   // it cannot be told
	out, in  bool
	warmup   time.Duration
	obstacle string // why it does nothing
}

// decidePolicy looks for a policy that scales out as demand asks for it, and one that scales in.
func decidePolicy(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		all, err := a.steeringOf(ctx, group)
		if err != nil {
			return nil, err
		}
		out, in := pick(all, func(s steering) bool { return s.out }), pick(all, func(s steering) bool { return s.in })
		name := group.AutoScalingGroupName
		if why := lacksOut(out); why != "" {
			if undecided := unknownMetrics(all); undecided != "" {
				return nil, fmt.Errorf("whether a metric follows demand cannot be told: %s", undecided)
			}
			o.Add(fmt.Sprintf("Group %s does not scale out with demand: %s%s", name, why, tellObstacles(all)), name)
			continue
		}
		if len(in) == 0 {
			if undecided := unknownMetrics(all); undecided != "" {
				return nil, fmt.Errorf("whether a metric follows demand cannot be told: %s", undecided)
			}
			o.Add(fmt.Sprintf("Group %s never scales in: none of its policies may (%s). After the first peak it stays at its largest.%s", name, names(all), tellObstacles(all)), name)
			continue
		}
		told = append(told, fmt.Sprintf("Group %s scales out by %s (policy %s, warm-up %s) and in by %s (policy %s).", name, out[0].metric, out[0].name, out[0].warmup, in[0].metric, in[0].name))
	}
	return told, nil
}

// pick are the policies that steer by a metric that follows demand, in one direction.
func pick(all []steering, direction func(steering) bool) []steering {
	var found []steering
	for _, s := range all {
		if s.follows && s.obstacle == "" && direction(s) {
			found = append(found, s)
		}
	}
	return found
}

// lacksOut says why none of the policies that scale out does in time; "" where one does.
func lacksOut(out []steering) string {
	if len(out) == 0 {
		return "no enabled policy adds instances by a metric that rises with demand and falls with capacity."
	}
	for _, s := range out {
		if s.warmup < rampTime {
			return ""
		}
	}
	return fmt.Sprintf("policy %s waits %s for an instance to warm up, and the ramp takes %s.", out[0].name, out[0].warmup, rampTime)
}

func unknownMetrics(all []steering) string {
	for _, s := range all {
		if s.unknown && s.obstacle == "" {
			return fmt.Sprintf("policy %s uses %s", s.name, s.metric)
		}
	}
	return ""
}

func names(all []steering) string {
	var found []string
	for _, s := range all {
		found = append(found, s.name)
	}
	return say.List(found)
}

func tellObstacles(all []steering) string {
	var told strings.Builder
	for _, s := range all {
		if s.obstacle != "" {
			told.WriteString(" " + say.Sentence(s.obstacle))
		}
	}
	return told.String()
}

func (a *architecture) steeringOf(ctx context.Context, group inventory.AutoScalingGroup) ([]steering, error) {
	policies, err := a.policiesOf(ctx, group)
	if err != nil {
		return nil, err
	}
	alarms, err := a.inv.Alarms(ctx)
	if err != nil {
		return nil, err
	}
	var found []steering
	for _, policy := range policies {
		s := steering{name: policy.PolicyName, warmup: warmupOf(policy, group)}
		switch policy.PolicyType {
		case "TargetTrackingScaling":
			s.out, s.in = true, !policy.DisableScaleIn
			s.metric = policy.PredefinedMetric + policy.CustomMetric
			s.judge(trackedMetric(policy))
		case "StepScaling", "SimpleScaling":
			s.out, s.in = adjusts(policy)
			s.invokedBy(alarmsOf(policy, alarms))
		default:
			s.obstacle = fmt.Sprintf("Policy %s (%s) does not react to demand as it comes", policy.PolicyName, policy.PolicyType)
		}
		found = append(found, s)
	}
	return found, nil
}

// judge says of a metric whether it follows demand. Traffic follows what is answered, not what is asked for: errors are small,
// so that the metric falls when the site fails, and EC2 sends it each five minutes.
func (s *steering) judge(metric scaling.Metric) {
	switch metric {
	case scaling.RequestCountPerTarget, scaling.AverageCPU, scaling.BacklogPerInstance, scaling.LoadPerInstance:
		s.follows = true
	case scaling.AverageNetworkIn, scaling.AverageNetworkOut:
		s.obstacle = fmt.Sprintf("Policy %s steers by %s: traffic follows the size of answers, not the number of visitors", s.name, s.metric)
	default:
		s.unknown = true
	}
}

// invokedBy judges the alarms that invoke a step or simple policy: one that follows demand is enough.
func (s *steering) invokedBy(alarms []inventory.MetricAlarm) {
	if len(alarms) == 0 {
		s.obstacle = fmt.Sprintf("No alarm invokes policy %s", s.name)
		return
	}
	for _, alarm := range alarms {
		one := steering{name: s.name, metric: alarm.Namespace + "/" + alarm.MetricName}
		one.judge(alarmMetric(alarm))
		s.metric, s.follows, s.unknown, s.obstacle = one.metric, one.follows, one.unknown, one.obstacle
		if s.follows {
			return
		}
	}
}

// adjusts says in which directions a step or simple policy changes the capacity. An exact capacity may be either.
func adjusts(policy inventory.ScalingPolicy) (out, in bool) {
	if policy.AdjustmentType == string(scaling.ExactCapacity) {
		return true, true
	}
	adjustments := []int{policy.ScalingAdjustment}
	for _, step := range policy.Steps {
		adjustments = append(adjustments, step.Adjustment)
	}
	for _, n := range adjustments {
		out, in = out || n > 0, in || n < 0
	}
	return out, in
}

// warmupOf is the warm-up that counts for a policy.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html (EstimatedInstanceWarmup)
func warmupOf(policy inventory.ScalingPolicy, group inventory.AutoScalingGroup) time.Duration {
	switch {
	case policy.EstimatedInstanceWarmup != nil:
		return seconds(*policy.EstimatedInstanceWarmup)
	case group.DefaultInstanceWarmup != nil:
		return seconds(*group.DefaultInstanceWarmup)
	default:
		return seconds(group.DefaultCooldown)
	}
}
