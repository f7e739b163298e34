package scaling

import (
	"math"
	"slices"
)

type lifecycle int

const (
	pending lifecycle = iota
	inService
	terminating
	terminated
)

// never is a second that doesn't come, always one that is long past.
const (
	never  = math.MaxInt / 2
	always = -never
)

// instance is one member of the group. Moments are seconds since the start.
type instance struct {
	zone  int
	state lifecycle
	// since is when the instance came into service.
	since int
	// until is when a pending instance is in service, or a draining one is gone.
	until int
	// ready is when the application answers.
	ready int
	// hung is when it ceased to, or never.
	hung int
	// gone says that it no longer runs, which the group may not know yet.
	gone bool
	// attached says that it is registered with the load balancer.
	attached bool
}

func (i instance) answers(t int) bool {
	return i.state == inService && i.attached && !i.gone && t >= i.ready && t < i.hung
}

// census counts a fleet.
type census struct {
	pending, inService, terminating, answering int
}

// fleet is the group's instances, in order of launch.
type fleet struct {
	rules     rules
	instances []instance
	lost      []bool // by zone
	census    census
	// next is the second at which an instance changes by itself, and changed says that one was changed.
	next    int
	changed bool
	// settled is when the last launch or termination finished.
	settled int
}

func newFleet(r rules) *fleet {
	f := &fleet{rules: r, lost: make([]bool, len(r.group.Zones)), settled: always}
	for n := range r.group.Desired {
		zone := n % len(f.lost)
		f.instances = append(f.instances, instance{zone: zone, state: inService, since: always, ready: always, until: never, hung: never, attached: true})
	}
	f.changed = true
	return f
}

// advance lets instances come into service and leave.
func (f *fleet) advance(t int) {
	if t < f.next && !f.changed {
		return
	}
	for n := range f.instances {
		i := &f.instances[n]
		switch {
		case i.until > t || i.gone:
		case i.state == pending:
			i.state, i.since, i.until, i.ready = inService, t, never, t+f.rules.ready
			f.settled = t
		case i.state == terminating:
			i.state = terminated
			f.settled = t
		}
	}
	f.instances = slices.DeleteFunc(f.instances, func(i instance) bool { return i.state == terminated })
	f.count(t)
}

// count also finds the next second at which an instance changes by itself.
func (f *fleet) count(t int) {
	f.census, f.next, f.changed = census{}, never, false
	for _, i := range f.instances {
		switch i.state {
		case pending:
			f.census.pending++
		case inService:
			f.census.inService++
		default:
			f.census.terminating++
		}
		if i.answers(t) {
			f.census.answering++
		}
		for _, at := range []int{i.until, i.ready} {
			if at > t && !i.gone {
				f.next = min(f.next, at)
			}
		}
	}
}

// live is what the group counts towards its desired capacity.
func (f *fleet) live() int { return f.census.pending + f.census.inService }

// warm counts the instances in service whose warm-up is over. It starts when they come into service
// (ec2-auto-scaling-default-instance-warmup).
func (f *fleet) warm(t, warmup int) int {
	n := 0
	for _, i := range f.instances {
		if i.state == inService && i.since+warmup <= t {
			n++
		}
	}
	return n
}

// spread counts the instances of each zone that are neither leaving nor gone.
func (f *fleet) spread() []int {
	counts := make([]int, len(f.lost))
	for _, i := range f.instances {
		if (i.state == pending || i.state == inService) && !i.gone {
			counts[i.zone]++
		}
	}
	return counts
}

// launch starts that many instances, each in the zone with the fewest, and says where. A launch that fails in one zone is tried in
// another one (auto-scaling-benefits, "Instance distribution"); where no zone works it starts none.
func (f *fleet) launch(t, n int) []int {
	// An instance that is launched while AddToLoadBalancer is suspended gets no traffic, also later (as-suspend-resume-processes).
	attached := f.rules.group.LoadBalancer == nil || !f.rules.suspended(AddToLoadBalancer)
	var zones []int
	counts := f.spread()
	for range n {
		best := -1
		for zone, n := range counts {
			if !f.lost[zone] && (best < 0 || n < counts[best]) {
				best = zone
			}
		}
		if best < 0 {
			break
		}
		f.instances = append(f.instances, instance{zone: best, state: pending, until: t + f.rules.launch, ready: never, hung: never, attached: attached})
		zones = append(zones, best)
		counts[best]++
	}
	f.changed = len(zones) > 0 || f.changed
	return zones
}

// terminate lets an instance drain: the group waits for the deregistration before it terminates (ec2-auto-scaling-health-checks).
// What no longer runs has nothing to drain.
func (f *fleet) terminate(t, n int) {
	i := &f.instances[n]
	i.state, i.until = terminating, t
	if i.attached && !i.gone {
		i.until = t + f.rules.drain
	}
	i.gone = false
	f.changed = true
}

// leaving chooses instances to remove, of those in service: keeping zones balanced has precedence over the termination policy
// (ec2-auto-scaling-termination-policies), then the oldest goes.
func (f *fleet) leaving(n int) []int {
	byZone := make([][]int, len(f.lost))
	for at, i := range f.instances {
		if i.state == inService {
			byZone[i.zone] = append(byZone[i.zone], at)
		}
	}
	return oldestOfFullest(byZone, n)
}

// oldestOfFullest takes up to n from lists that are in order of age, each from the one that is longest then.
func oldestOfFullest(byZone [][]int, n int) []int {
	var out []int
	for range n {
		fullest := 0
		for zone := range byZone {
			if len(byZone[zone]) > len(byZone[fullest]) {
				fullest = zone
			}
		}
		if len(byZone[fullest]) == 0 {
			break
		}
		out = append(out, byZone[fullest][0])
		byZone[fullest] = byZone[fullest][1:]
	}
	return out
}

// strike lets events happen to an instance: it stops running, or it runs and no longer answers.
func (f *fleet) strike(t, n int, stops bool) {
	i := &f.instances[n]
	switch {
	case !stops:
		i.hung = min(i.hung, t)
	case i.state == terminating:
		i.until = t
	default:
		i.gone = true
	}
	f.changed = true
}

// victims chooses instances for an event to strike, of those that still work.
func (f *fleet) victims(t, n int) []int {
	byZone := make([][]int, len(f.lost))
	for at, i := range f.instances {
		if i.state == inService && !i.gone && t < i.hung {
			byZone[i.zone] = append(byZone[i.zone], at)
		}
	}
	return oldestOfFullest(byZone, n)
}
