package scaling

import (
	"fmt"
	"math"
	"time"
)

// The alarms that AWS makes for a target tracking policy; see the package comment on what is documented of them.
const (
	pointsOut = 3
	pointsIn  = 15
	lowShare  = 0.9
)

// tracker is a target tracking policy at work.
type tracker struct {
	policy    TargetTracking
	warmup    int
	cooldown  int
	high, low *watch
}

func newTracker(p TargetTracking, r rules) *tracker {
	alarm := Alarm{
		Metric: p.Metric, Threshold: p.Target, Comparison: GreaterThanThreshold,
		Period: time.Duration(r.group.period(p.Metric)) * time.Minute, EvaluationPeriods: pointsOut,
	}
	high := newWatch(alarm)
	alarm.Threshold, alarm.Comparison, alarm.EvaluationPeriods = p.Target*lowShare, LessThanThreshold, pointsIn
	return &tracker{policy: p, warmup: r.policyWarmup(p.Warmup), cooldown: r.cooldown, high: high, low: newWatch(alarm)}
}

func (p *tracker) observe(m *meter) {
	p.high.observe(m)
	p.low.observe(m)
}

// propose scales proportionally: up as soon as the alarm says so, down only where the metric would still be at or below the
// target with fewer instances. Both round so that there are rather too many (as-scaling-target-tracking, "Considerations").
func (p *tracker) propose(r *replay, t int) (proposal, bool) {
	switch {
	case p.high.alarm():
		warm := r.warmCapacity(t, p.warmup)
		to := roundUp(float64(warm) * p.high.value / p.policy.Target)
		return p.proposal(to, p.high, instances(warm)+" warm"), to > r.desired
	case p.readyToScaleIn():
		full := r.fullCapacity()
		to := roundUp(float64(full) * p.low.value / p.policy.Target)
		out := p.proposal(to, p.low, instances(full))
		if out.refusal = r.warming(t, p.warmup); out.refusal == "" {
			out.refusal = r.disagreement()
		}
		return out, to < r.desired
	default:
		return proposal{}, false
	}
}

func (p *tracker) proposal(to int, w *watch, base string) proposal {
	return proposal{name: p.policy.Name, to: to, cooldown: p.cooldown, reason: fmt.Sprintf("%s is %s for a target of %s, with %s",
		p.policy.Metric, number(w.value), number(p.policy.Target), base)}
}

// readyToScaleIn needs data: with insufficient data a target tracking policy doesn't scale in (as-scaling-target-tracking).
func (p *tracker) readyToScaleIn() bool {
	return !p.policy.DisableScaleIn && p.low.fresh && p.low.alarm()
}

// disagreement is why target tracking can't scale in: it does so only if all its policies that may are ready to
// (as-scaling-target-tracking, "Considerations").
func (r *replay) disagreement() string {
	for _, d := range r.deciders {
		if p, ok := d.(*tracker); ok && !p.policy.DisableScaleIn && !p.readyToScaleIn() {
			return p.policy.Name + " isn't ready to scale in"
		}
	}
	return ""
}

// roundUp rounds up to a whole number of instances, but not for what is lost in the division, and not beyond what a group can have.
func roundUp(instances float64) int {
	return int(min(math.Ceil(instances-1e-6), maxInstances*10))
}
