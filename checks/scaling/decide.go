package scaling

import (
	"fmt"
	"time"
)

// proposal is what a policy wants the desired capacity to be.
type proposal struct {
	name   string
	to     int
	reason string
	// refusal is why the policy can't have its way; empty where it can.
	refusal string
	// cooldown starts where the proposal is taken.
	cooldown int
}

// decider is a policy at work.
type decider interface {
	// observe takes the data points of the minute that ended.
	observe(*meter)
	// propose is false where the policy wants nothing.
	propose(*replay, int) (proposal, bool)
}

func newDeciders(p Policies, r rules) []decider {
	var out []decider
	for n, policy := range p.TargetTracking {
		policy.Name = named(policy.Name, "target tracking", n)
		out = append(out, newTracker(policy, r))
	}
	for n, policy := range p.Step {
		policy.Name = named(policy.Name, "step", n)
		out = append(out, &stepper{policy: policy, watch: newWatch(policy.Alarm), warmup: r.policyWarmup(policy.Warmup)})
	}
	for n, policy := range p.Simple {
		policy.Name = named(policy.Name, "simple", n)
		cooldown := r.cooldown
		if policy.Cooldown != nil {
			cooldown = seconds(*policy.Cooldown)
		}
		out = append(out, &simpleton{policy: policy, watch: newWatch(policy.Alarm), cooldown: cooldown})
	}
	return out
}

func named(name, kind string, n int) string {
	if name != "" {
		return name
	}
	return fmt.Sprintf("%s %d", kind, n+1)
}

// scale lets the policies decide. Of several that scale out, and of several that scale in, the one with the largest capacity
// wins, and scaling out wins over scaling in (as-scale-based-on-demand, "Multiple scaling policies").
func (r *replay) scale(t int) {
	for _, d := range r.deciders {
		d.observe(r.meter)
	}
	if r.rules.suspended(AlarmNotification) {
		return
	}
	var out, in *proposal
	refusals := map[string]string{}
	for _, d := range r.deciders {
		p, ok := d.propose(r, t)
		if !ok {
			continue
		}
		if p.refusal == "" {
			p.refusal = r.refusal(p)
		}
		switch {
		case p.refusal != "":
			refusals[p.name] = p.refusal
			if r.refusals[p.name] != p.refusal {
				r.note(t, Blocked, "%s: %s, but %s", p.name, p.reason, p.refusal)
			}
		case p.to > r.desired && (out == nil || p.to > out.to):
			out = &p
		case p.to < r.desired && (in == nil || p.to > in.to):
			in = &p
		}
	}
	r.refusals = refusals
	switch {
	case out != nil:
		r.resize(t, ScaleOut, *out)
	case in != nil:
		r.resize(t, ScaleIn, *in)
	}
}

// refusal is what stands against a proposal whichever policy it is from.
func (r *replay) refusal(p proposal) string {
	switch to := r.rules.clamp(p.to); {
	case p.to > r.desired && r.rules.suspended(Launch):
		return "the process Launch is suspended"
	case p.to < r.desired && r.rules.suspended(Terminate):
		return "the process Terminate is suspended"
	case to == r.desired && p.to > r.desired:
		return fmt.Sprintf("the maximum is %d", r.rules.group.Max)
	case to == r.desired && p.to < r.desired:
		return fmt.Sprintf("the minimum is %d", r.rules.group.Min)
	case p.to < r.desired && r.fleet.census.pending > 0:
		// "A scale-in activity can't start while a scale-out activity is in progress" (as-scaling-target-tracking).
		return "instances are still being launched"
	default:
		return ""
	}
}

func (r *replay) resize(t int, kind Kind, p proposal) {
	to := r.rules.clamp(p.to)
	r.ledger.resized(Decision{At: t, Kind: kind, From: r.desired, To: to, Reason: p.name + ": " + p.reason}, r.demand)
	r.desired, r.cooldown = to, p.cooldown
}

// warmCapacity is the group's current capacity for scaling out: instances that warm up are not part of it, so that one cause
// doesn't add capacity twice (as-scaling-target-tracking, "Instance warm-up").
func (r *replay) warmCapacity(t, warmup int) int { return r.fleet.warm(t, warmup) }

// fullCapacity is the group's current capacity for scaling in: instances that terminate still are part of it, so that one cause
// doesn't remove capacity twice (same page).
func (r *replay) fullCapacity() int { return r.fleet.live() + r.fleet.census.terminating }

// warming is why a policy with that warm-up can't scale in: it waits until instances have finished warming up
// (ec2-auto-scaling-default-instance-warmup).
func (r *replay) warming(t, warmup int) string {
	if n := r.fleet.census.inService - r.fleet.warm(t, warmup); n > 0 {
		return fmt.Sprintf("%s still warming up (%s)", instances(n), time.Duration(warmup)*time.Second)
	}
	return ""
}
