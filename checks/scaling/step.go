package scaling

import (
	"fmt"
	"math"
)

// stepper is a step scaling policy at work.
type stepper struct {
	policy Step
	watch  *watch
	warmup int
}

func (p *stepper) observe(m *meter) { p.watch.observe(m) }

// propose adjusts the current capacity by the step that the breach falls in. Scaling out compares the result with the desired
// capacity, so that breaches in one step's range while instances warm up result in a single activity
// (as-scaling-simple-step, "Instance warm-up").
func (p *stepper) propose(r *replay, t int) (proposal, bool) {
	if !p.watch.alarm() {
		return proposal{}, false
	}
	adjustment, ok := p.adjustment(p.watch.value - p.policy.Alarm.Threshold)
	if !ok {
		return proposal{}, false
	}
	out := proposal{name: p.policy.Name, cooldown: r.rules.cooldown}
	out.reason = fmt.Sprintf("%s is %s for a threshold of %s: %s", p.policy.Alarm.Metric, number(p.watch.value),
		number(p.policy.Alarm.Threshold), p.policy.Type.describe(adjustment))
	switch {
	case p.policy.Type == ExactCapacity:
		out.to = p.policy.Type.apply(r.desired, adjustment, 0)
	case adjustment > 0:
		out.to = max(r.desired, p.policy.Type.apply(r.warmCapacity(t, p.warmup), adjustment, p.policy.MinAdjustmentMagnitude))
	default:
		out.to = min(r.desired, p.policy.Type.apply(r.fullCapacity(), adjustment, p.policy.MinAdjustmentMagnitude))
	}
	if out.to < r.desired {
		out.refusal = r.warming(t, p.warmup)
	}
	return out, out.to != r.desired
}

// adjustment finds the step for a breach. Above the threshold the lower bound is inclusive and the upper one exclusive, below it
// the other way round (as-scaling-simple-step, "Step adjustments").
func (p *stepper) adjustment(breach float64) (int, bool) {
	for _, s := range p.policy.Steps {
		lower, upper := valueOr(s.Lower, math.Inf(-1)), valueOr(s.Upper, math.Inf(1))
		above := breach >= 0 && breach >= lower && breach < upper
		below := breach < 0 && breach > lower && breach <= upper
		if above || below {
			return s.Adjustment, true
		}
	}
	return 0, false
}

// simpleton is a simple scaling policy at work.
type simpleton struct {
	policy   Simple
	watch    *watch
	cooldown int
}

func (p *simpleton) observe(m *meter) { p.watch.observe(m) }

// propose makes the one adjustment, once the last activity is complete and its cooldown over. The cooldown starts when the last
// instance has finished launching or draining, whichever policy or health check caused it
// (ec2-auto-scaling-scaling-cooldowns).
func (p *simpleton) propose(r *replay, t int) (proposal, bool) {
	if !p.watch.alarm() {
		return proposal{}, false
	}
	to := p.policy.Type.apply(r.desired, p.policy.Adjustment, p.policy.MinAdjustmentMagnitude)
	out := proposal{name: p.policy.Name, to: to, cooldown: p.cooldown}
	out.reason = fmt.Sprintf("%s is %s for a threshold of %s: %s", p.policy.Alarm.Metric, number(p.watch.value),
		number(p.policy.Alarm.Threshold), p.policy.Type.describe(p.policy.Adjustment))
	switch c := r.fleet.census; {
	case c.pending > 0 || c.terminating > 0:
		out.refusal = "the last activity isn't complete"
	case t < r.fleet.settled+r.cooldown:
		out.refusal = fmt.Sprintf("the cooldown lasts until %s", clock(r.fleet.settled+r.cooldown))
	}
	return out, to != r.desired
}

// apply is the capacity after an adjustment.
func (t AdjustmentType) apply(capacity, adjustment, atLeast int) int {
	change := float64(adjustment)
	switch t {
	case ExactCapacity:
		return bounded(change)
	case PercentChangeInCapacity:
		change = roundPercent(float64(capacity) * float64(adjustment) / 100)
		if adjustment != 0 && math.Abs(change) < float64(atLeast) {
			change = math.Copysign(float64(atLeast), float64(adjustment))
		}
	case ChangeInCapacity:
	}
	return bounded(float64(capacity) + change)
}

// roundPercent rounds towards zero, but what is between 0 and 1 is 1 and what is between -1 and 0 is -1
// (as-scaling-simple-step, "Scaling adjustment types").
func roundPercent(change float64) float64 {
	switch {
	case change > 0 && change < 1:
		return 1
	case change < 0 && change > -1:
		return -1
	default:
		return math.Trunc(change)
	}
}

func bounded(capacity float64) int { return int(min(max(capacity, 0), maxInstances*10)) }

func (t AdjustmentType) describe(adjustment int) string {
	switch t {
	case ExactCapacity:
		return fmt.Sprintf("exactly %d", adjustment)
	case PercentChangeInCapacity:
		return fmt.Sprintf("%+d%%", adjustment)
	default:
		return fmt.Sprintf("%+d", adjustment)
	}
}
