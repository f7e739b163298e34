package scaling

import (
	"slices"
	"time"
)

// rules is a group with its times in seconds.
type rules struct {
	group                       Group
	launch, ready, grace, drain int
	detect                      int
	replacesHung                bool
	// warmup is the default instance warm-up, 0 where it isn't enabled.
	warmup   int
	cooldown int
}

func newRules(g Group) rules {
	r := rules{
		group: g, launch: seconds(g.LaunchTime), ready: seconds(g.ReadyTime), grace: seconds(g.HealthCheckGrace),
		warmup: seconds(valueOr(g.DefaultInstanceWarmup, 0)), cooldown: seconds(g.DefaultCooldown),
	}
	if lb := g.LoadBalancer; lb != nil {
		r.detect, r.drain, r.replacesHung = seconds(lb.Detect), seconds(lb.DeregistrationDelay), lb.HealthCheck
	}
	return r
}

func seconds(d time.Duration) int { return int(d / time.Second) }

func (r rules) suspended(p Process) bool { return slices.Contains(r.group.Suspended, p) }

// policyWarmup is the warm-up that counts for a policy: its own, else the group's default instance warm-up, else the group's
// default cooldown (API reference of PutScalingPolicy, EstimatedInstanceWarmup).
func (r rules) policyWarmup(own *time.Duration) int {
	switch {
	case own != nil:
		return seconds(*own)
	case r.group.DefaultInstanceWarmup != nil:
		return r.warmup
	default:
		return r.cooldown
	}
}

// margin is by how many instances rebalancing may exceed the maximum: 10 percent or one, whichever is greater
// (auto-scaling-benefits, "Rebalancing activities").
func (r rules) margin() int { return max(1, r.group.Max/10) }

// clamp keeps a capacity within the group's limits (as-scale-based-on-demand).
func (r rules) clamp(capacity int) int { return min(max(capacity, r.group.Min), r.group.Max) }
