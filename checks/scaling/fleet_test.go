package scaling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// spreadAt replays a scenario and returns how many instances each zone has at a moment, those that leave or are gone apart.
func spreadAt(t *testing.T, s Scenario, moment time.Duration) []int {
	t.Helper()
	var spread []int
	_, err := simulate(s, func(r *replay, now int) {
		if now == seconds(moment) {
			spread = r.fleet.spread()
		}
	})
	require.NoError(t, err)
	return spread
}

func TestZonesAreKeptInBalance(t *testing.T) {
	out := scene(1, 4, 20)
	out.Policies.TargetTracking = []TargetTracking{tracking(50)}
	out.Demand = level(500)
	assert.Equal(t, []int{2, 1, 1}, spreadAt(t, out, 0))
	assert.Equal(t, []int{4, 3, 3}, spreadAt(t, out, 10*min1), "launches go to the zone with the fewest")

	in := scene(1, 8, 20)
	in.Policies.TargetTracking = []TargetTracking{tracking(50)}
	in.Demand = level(200)
	assert.Equal(t, []int{3, 3, 2}, spreadAt(t, in, 0))
	assert.Equal(t, []int{1, 1, 2}, spreadAt(t, in, 20*min1), "the zone with the most gives first")
}

func TestALostZoneIsMadeUpForInTheOthers(t *testing.T) {
	s := scene(3, 6, 6)
	s.Events = []Event{{At: 5*min1 + 10*second, LoseZone: "b"}}
	series := run(t, s)
	assert.Equal(t, []int{3, 0, 3}, spreadAt(t, s, 6*min1))
	assert.Equal(t, 4, at(t, series, 5*min1+10*second).Answering)
	assert.Equal(t, 2, at(t, series, 6*min1).Pending)
	assert.Equal(t, 0, at(t, series, 6*min1).Terminating, "what no longer runs has nothing to drain")
	assert.Equal(t, 6, at(t, series, 7*min1).Answering)
	require.Len(t, series.Facts.Recoveries, 1)
	assert.Equal(t, Recovery{At: 310, Event: "zone b is lost", Before: 6, After: 4, Took: ptr(110)}, series.Facts.Recoveries[0])
	assert.Equal(t, []string{
		"5:10 event zone b is lost: 4 of 6 instances still answering",
		"6:00 replace 2 instances no longer running, taken out",
		"6:00 launch 2 instances launched: 1 in a, 1 in c",
	}, told(series, Happened, Replaced, Started))
}

func TestWhatIsLostWhileItComesUpIsNeverInService(t *testing.T) {
	s := scene(1, 3, 6)
	s.Group.LaunchTime = 30 * second
	s.Policies.TargetTracking = []TargetTracking{tracking(50)}
	s.Demand = level(300)
	s.Events = []Event{{At: 3*min1 + 10*second, LoseZone: "a"}} // one of three that were launched at 3:00
	series := run(t, s)
	lost := at(t, series, 3*min1+40*second)
	assert.Equal(t, 1, lost.Pending)
	assert.Equal(t, 5, lost.InService, "two of the new ones, and the old one that the group doesn't know to be gone")
	assert.Equal(t, 4, lost.Answering)
	assert.Equal(t, 6, at(t, series, 4*min1+30*second).Answering)
}

func TestTheLossOfEveryZoneIsRecoveredWhenOneIsBack(t *testing.T) {
	s := scene(3, 3, 6)
	s.Events = []Event{{At: min1, LoseZone: "a"}, {At: min1, LoseZone: "b"}, {At: min1, LoseZone: "c"}, {At: 10 * min1, RestoreZone: "c"}}
	series := run(t, s)
	assert.Contains(t, told(series, Blocked), "2:00 blocked 3 instances can't be launched: no zone works")
	assert.Equal(t, 0, at(t, series, 10*min1).Answering)
	assert.Equal(t, 3, at(t, series, 12*min1).Answering)
	assert.Zero(t, series.Facts.MinAnswering)
}

// auto-scaling-benefits, "Rebalancing activities": launch first, then terminate; exceed the maximum by 10 percent or one.
func TestAZoneThatIsBackIsFilledAgain(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*Scenario)
		spread  []int // at 30:00
		highest int
	}{
		{"at the maximum by one beyond it at a time", func(*Scenario) {}, []int{2, 2, 2}, 7},
		{"below the maximum as the room allows", func(s *Scenario) { s.Group.Max = 9 }, []int{2, 2, 2}, 8},
		{"a large group by 10 percent beyond it", func(s *Scenario) { s.Group.Desired, s.Group.Max = 30, 30 }, []int{10, 10, 10}, 33},
		{"an uneven group as far as it goes", func(s *Scenario) { s.Group.Desired, s.Group.Max = 7, 7 }, []int{2, 2, 3}, 8},
		{"after the loss of two zones, too", func(s *Scenario) {
			s.Group.Desired, s.Group.Max = 5, 5
			s.Events = append(s.Events, Event{At: 5 * min1, LoseZone: "c"}, Event{At: 10 * min1, RestoreZone: "c"})
		}, []int{2, 2, 1}, 6},
		{"beyond the maximum not further when the group scales out meanwhile", func(s *Scenario) {
			s.Group.Max, s.Group.LaunchTime = 12, 3*min1 // rebalancing launches 2 at 11:00, scaling 6 at 12:00
			s.Policies.TargetTracking = []TargetTracking{{Name: "out", Metric: LoadPerInstance, Target: 50, DisableScaleIn: true}}
			s.Demand = jump(100, 9*min1, 600)
		}, []int{4, 4, 4}, 13},
		{"not while AZRebalance is suspended", func(s *Scenario) { s.Group.Suspended = []Process{AZRebalance} }, []int{3, 0, 3}, 6},
		{"not while Launch is suspended after the loss was made up for", func(s *Scenario) {
			s.Events[0].LoseZone, s.Group.Suspended = "b", []Process{Launch}
		}, []int{2, 0, 2}, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scene(3, 6, 6)
			s.Events = []Event{{At: 5 * min1, LoseZone: "b"}, {At: 10 * min1, RestoreZone: "b"}}
			c.change(&s)
			assert.Equal(t, c.spread, spreadAt(t, s, 30*min1))
			highest, least := 0, s.Group.Desired
			_, err := simulate(s, func(r *replay, now int) {
				highest = max(highest, r.fleet.live())
				if now > 10*60 && !r.rules.suspended(Launch) {
					least = min(least, r.fleet.census.answering)
				}
			})
			require.NoError(t, err)
			assert.Equal(t, c.highest, highest)
			assert.Equal(t, s.Group.Desired, least, "rebalancing takes nothing away")
		})
	}
}

// "It can launch new instances without terminating the old ones" (understand-how-suspending-processes-affects-other-processes).
func TestRebalancingWithTerminateSuspendedStaysAboveTheMaximum(t *testing.T) {
	s := scene(3, 20, 20)
	s.Group.Suspended = []Process{Terminate}
	s.Events = []Event{{At: 5 * min1, LoseZone: "b"}, {At: 10 * min1, RestoreZone: "b"}}
	series := run(t, s)
	last := series.Samples[len(series.Samples)-1]
	assert.Equal(t, 22, last.InService)
	assert.Equal(t, 15, last.Answering, "the lost instances still count, as ReplaceUnhealthy needs Terminate")
}

func TestALeavingInstanceDrainsAndTakesNoTraffic(t *testing.T) {
	s := scene(1, 4, 9)
	s.Group.LoadBalancer.DeregistrationDelay = 2 * min1
	s.Policies.Step = []Step{{Alarm: below(10), Type: ExactCapacity, Steps: []StepAdjustment{{nil, ptr(0.0), 3}}}}
	series := run(t, s)
	assert.Equal(t, []int{4, 0, 4}, []int{at(t, series, 50*second).InService, at(t, series, 50*second).Terminating, at(t, series, 50*second).Answering})
	assert.Equal(t, []int{3, 1, 3}, []int{at(t, series, min1).InService, at(t, series, min1).Terminating, at(t, series, min1).Answering})
	assert.Equal(t, 1, at(t, series, 2*min1+50*second).Terminating)
	assert.Equal(t, 0, at(t, series, 3*min1).Terminating)

	s.Group.LoadBalancer = nil
	assert.Equal(t, 0, at(t, run(t, s), min1).Terminating, "without a load balancer there is nothing to drain")
}

func TestALaunchTakesItsTimeAndTheApplicationItsOwn(t *testing.T) {
	s := scene(1, 1, 2)
	s.Group.LaunchTime, s.Group.ReadyTime, s.Group.HealthCheckGrace = 90*second, 40*second, 5*min1
	s.Policies.Step = []Step{{Alarm: above(1), Type: ExactCapacity, Steps: []StepAdjustment{{ptr(0.0), nil, 2}}}}
	s.Demand = level(10)
	series := run(t, s)
	assert.Equal(t, 1, at(t, series, 2*min1+20*second).Pending)
	assert.Equal(t, 2, at(t, series, 2*min1+30*second).InService)
	assert.Equal(t, 1, at(t, series, 3*min1).Answering)
	assert.Equal(t, 2, at(t, series, 3*min1+10*second).Answering)
}

func TestAnInstanceLaunchedWithAddToLoadBalancerSuspendedNeverAnswers(t *testing.T) {
	s := scene(1, 1, 2)
	s.Group.Suspended = []Process{AddToLoadBalancer}
	s.Policies.Step = []Step{{Alarm: above(1), Type: ExactCapacity, Steps: []StepAdjustment{{ptr(0.0), nil, 2}}}}
	s.Demand = level(10)
	last := at(t, run(t, s), time.Hour)
	assert.Equal(t, 2, last.InService)
	assert.Equal(t, 1, last.Answering)
}
