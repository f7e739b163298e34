package scaling

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Simulate replays the scenario. The error wraps [ErrScenario] where that isn't possible, and says why.
func Simulate(s Scenario) (Series, error) {
	return simulate(s, func(*replay, int) {})
}

// replay is the state of a simulation.
type replay struct {
	scenario Scenario
	rules    rules
	fleet    *fleet
	meter    *meter
	ledger   *ledger
	desired  int
	// surplus are the instances that rebalancing launches before it terminates others.
	surplus int
	demand  float64
	// cooldown is that of the policy which scaled last.
	cooldown int
	deciders []decider
	refusals map[string]string
	stranded bool
	events   []Event
}

func simulate(s Scenario, observe func(*replay, int)) (Series, error) {
	if err := s.validate(); err != nil {
		return Series{}, err
	}
	r := newReplay(s)
	end := seconds(s.Duration)
	for t := range end {
		r.second(t)
		observe(r, t)
		r.flow(t)
	}
	r.fleet.advance(end)
	r.ledger.sample(end, s.Demand.Rate(time.Duration(end)*time.Second), s.Service.UnitCapacity, r.fleet.census, r.desired)
	return r.ledger.finish(), nil
}

func newReplay(s Scenario) *replay {
	rules := newRules(s.Group)
	r := &replay{
		scenario: s, rules: rules, fleet: newFleet(rules), meter: &meter{service: s.Service}, desired: s.Group.Desired,
		cooldown: rules.cooldown, refusals: map[string]string{}, events: slices.Clone(s.Events),
		ledger: &ledger{series: Series{Step: sampleStep, Samples: []Sample{}, Decisions: []Decision{}, Facts: Facts{Recoveries: []Recovery{}}}},
	}
	slices.SortStableFunc(r.events, func(a, b Event) int { return seconds(a.At) - seconds(b.At) })
	r.deciders = newDeciders(s.Policies, rules)
	return r
}

// second brings the group to the state at t: what happens by itself, what the group notices and decides, then what strikes it.
// So that an event is noticed at the next health check, and not at one of the same second.
func (r *replay) second(t int) {
	r.demand = r.scenario.Demand.Rate(time.Duration(t) * time.Second)
	r.fleet.advance(t)
	if t > 0 && t%60 == 0 {
		r.meter.close()
		r.checkHealth(t)
		r.fleet.advance(t)
		r.scale(t)
		r.reconcile(t)
		r.rebalance(t)
	}
	r.reconcile(t)
	r.strike(t)
	r.fleet.advance(t)
}

func (r *replay) flow(t int) {
	c, unit := r.fleet.census, r.scenario.Service.UnitCapacity
	if t%sampleStep == 0 {
		r.ledger.sample(t, r.demand, unit, c, r.desired)
	}
	r.ledger.sized(t, c, r.desired)
	arrived, served := r.ledger.flow(t, r.demand, unit*float64(c.answering), r.scenario.Service.Buffer)
	r.meter.add(arrived, served, r.ledger.backlog, c)
}

// note records something that leaves the desired capacity as it is.
func (r *replay) note(t int, kind Kind, format string, args ...any) {
	r.ledger.decide(Decision{At: t, Kind: kind, From: r.desired, To: r.desired, Reason: fmt.Sprintf(format, args...)})
}

// reconcile launches and terminates until the group has its desired capacity.
func (r *replay) reconcile(t int) {
	if r.surplus > 0 && r.fleet.census.pending == 0 {
		// Rebalancing launches first and terminates then (auto-scaling-benefits, "Rebalancing activities").
		r.surplus = 0
	}
	switch missing := min(r.desired+r.surplus, r.rules.group.Max+r.rules.margin()) - r.fleet.live(); {
	case missing > 0 && !r.rules.suspended(Launch):
		r.launch(t, missing)
	case missing < 0 && !r.rules.suspended(Terminate):
		for _, n := range r.fleet.leaving(-missing) {
			r.fleet.terminate(t, n)
		}
	}
	r.fleet.advance(t)
}

func (r *replay) launch(t, n int) {
	zones := r.fleet.launch(t, n)
	if len(zones) > 0 {
		r.note(t, Started, "%s launched: %s", instances(len(zones)), r.zoneCounts(zones))
	}
	if stranded := len(zones) < n; stranded != r.stranded {
		r.stranded = stranded
		if stranded {
			r.note(t, Blocked, "%s can't be launched: no zone works", instances(n-len(zones)))
		}
	}
}

func instances(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return fmt.Sprintf("%d instances", n)
}

// zoneCounts says how many there are in which zone: "2 in us-east-1a, 1 in us-east-1b".
func (r *replay) zoneCounts(zones []int) string {
	var parts []string
	for zone, name := range r.rules.group.Zones {
		n := 0
		for _, z := range zones {
			if z == zone {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d in %s", n, name))
		}
	}
	return strings.Join(parts, ", ")
}

// rebalance evens out the zones, as after a zone has come back. It launches new instances before it terminates old ones, and
// may exceed the maximum by the margin for that (auto-scaling-benefits). Suspending Launch stops it; suspending Terminate
// lets it launch and never terminate (understand-how-suspending-processes-affects-other-processes).
func (r *replay) rebalance(t int) {
	if r.rules.suspended(AZRebalance) || r.rules.suspended(Launch) {
		return
	}
	live, top := r.fleet.live(), r.rules.group.Max
	if r.surplus > 0 || r.fleet.census.pending > 0 {
		return
	}
	moves := r.moves()
	batch := min(moves, max(top-live, r.rules.margin()), top+r.rules.margin()-live)
	if batch <= 0 {
		return
	}
	r.surplus = live + batch - r.desired
	r.note(t, Rebalance, "the zones are out of balance: %d of %s moved to where there are fewer", batch, instances(moves))
	r.launch(t, batch)
	r.fleet.count(t)
}

// moves counts the instances that are missing in zones for an even spread over those which work.
func (r *replay) moves() int {
	var counts []int
	total := 0
	for zone, n := range r.fleet.spread() {
		if !r.fleet.lost[zone] {
			counts = append(counts, n)
			total += n
		}
	}
	if len(counts) == 0 || slices.Max(counts)-slices.Min(counts) < 2 {
		return 0
	}
	moves := 0
	for _, n := range counts {
		moves += max(0, total/len(counts)-n)
	}
	// Where the rest of the division hides the gap (3, 1, 1), one move closes it.
	return max(1, moves)
}

// strike lets the events of this second happen.
func (r *replay) strike(t int) {
	for len(r.events) > 0 && seconds(r.events[0].At) <= t {
		e := r.events[0]
		r.events = r.events[1:]
		before := r.fleet.census.answering
		what := r.happen(t, e)
		r.fleet.changed = true
		r.fleet.advance(t)
		after := r.fleet.census.answering
		r.note(t, Happened, "%s: %s", what, answer(before, after))
		if after < before {
			r.ledger.series.Facts.Recoveries = append(r.ledger.series.Facts.Recoveries, Recovery{At: t, Event: what, Before: before, After: after})
		}
	}
}

func answer(before, after int) string {
	if before == after {
		return instances(after) + " answering as before"
	}
	return fmt.Sprintf("%d of %s still answering", after, instances(before))
}

func (r *replay) happen(t int, e Event) string {
	switch {
	case e.LoseZone != "":
		zone := slices.Index(r.rules.group.Zones, e.LoseZone)
		r.fleet.lost[zone] = true
		for n, i := range r.fleet.instances {
			if i.zone == zone {
				r.fleet.strike(t, n, true)
			}
		}
		return "zone " + e.LoseZone + " is lost"
	case e.RestoreZone != "":
		r.fleet.lost[slices.Index(r.rules.group.Zones, e.RestoreZone)] = false
		return "zone " + e.RestoreZone + " is back"
	case e.Stop > 0:
		r.strikeSome(t, e.Stop, true)
		return instances(e.Stop) + " stopped"
	default:
		r.strikeSome(t, e.Hang, false)
		return instances(e.Hang) + " hung"
	}
}

func (r *replay) strikeSome(t, n int, stops bool) {
	for _, victim := range r.fleet.victims(t, n) {
		r.fleet.strike(t, victim, stops)
	}
}
