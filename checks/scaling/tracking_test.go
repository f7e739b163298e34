package scaling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Each row is a rule of as-scaling-target-tracking or of ec2-auto-scaling-default-instance-warmup.
func TestTargetTrackingKeepsAWSsRules(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Scenario)
		want   []string
	}{
		{"three points above the target scale out in proportion", func(s *Scenario) {
			s.Demand = jump(150, 5*min1, 300)
		}, []string{"8:00 3->6"}},
		{"two points above the target do nothing", func(s *Scenario) {
			s.Demand = jump(150, 5*min1, 300, 7*min1, 150)
		}, []string{}},
		{"a metric at the target does nothing", func(s *Scenario) { s.Demand = level(150) }, []string{}},
		{"adding 1.5 instances adds two", func(s *Scenario) { s.Demand = jump(150, 5*min1, 225) }, []string{"8:00 3->5"}},
		{"removing 1.5 instances removes one, after fifteen points", func(s *Scenario) {
			s.Group.Desired = 4
			s.Demand = jump(200, 5*min1, 125)
		}, []string{"20:00 4->3"}},
		{"a metric a little below the target doesn't scale in", func(s *Scenario) {
			s.Group.Min, s.Group.Desired, s.Group.Max = 1, 20, 40
			s.Demand = level(920)
		}, []string{}},
		{"scaling in doesn't go where the target would be exceeded", func(s *Scenario) {
			s.Group.Desired = 2
			s.Demand = level(80) // 40 each; one instance alone would have 80
		}, []string{}},
		{"with scale-in disabled it only scales out", func(s *Scenario) {
			s.Policies.TargetTracking[0].DisableScaleIn = true
			s.Demand = jump(150, 5*min1, 300, 10*min1, 10)
		}, []string{"8:00 3->6"}},
		{"it stops at the maximum", func(s *Scenario) {
			s.Group.Max = 5
			s.Demand = jump(150, 5*min1, 900)
		}, []string{"8:00 3->5"}},
		{"it stops at the minimum", func(s *Scenario) { s.Group.Min, s.Demand = 2, level(1) }, []string{"15:00 3->2"}},
		{"instances that come up are not counted, so one cause adds capacity once", func(s *Scenario) {
			s.Group.Desired, s.Group.LaunchTime = 4, time.Hour
			s.Demand = jump(200, 5*min1, 250, 9*min1, 300) // +1 at once, still +1, then +2
		}, []string{"8:00 4->5", "10:00 5->6"}},
		{"instances that warm up are not counted either", func(s *Scenario) {
			s.Group.DefaultInstanceWarmup = ptr(10 * min1)
			// At 10:00 there are 6 in service with 75 each, but 3 warm: they want 4.5, not 9. At 19:00 the new ones are warm.
			s.Demand = jump(150, 5*min1, 300, 9*min1, 450)
		}, []string{"8:00 3->6", "19:00 6->9"}},
		{"without warm-up the metric of the minute before counts for the new instances, too", func(s *Scenario) {
			s.Group.DefaultInstanceWarmup = ptr(time.Duration(0))
			s.Demand = jump(150, 5*min1, 300)
		}, []string{"8:00 3->6", "9:00 6->12", "25:00 12->6"}},
		{"the policy's own warm-up comes before the group's", func(s *Scenario) {
			s.Group.DefaultInstanceWarmup = ptr(15 * min1)
			s.Policies.TargetTracking[0].Warmup = ptr(2 * min1)
			s.Demand = jump(150, 5*min1, 300, 9*min1, 450)
		}, []string{"8:00 3->6", "11:00 6->9"}},
		{"the group's warm-up comes before its cooldown", func(s *Scenario) {
			s.Group.DefaultInstanceWarmup, s.Group.DefaultCooldown = ptr(2*min1), 15*min1
			s.Demand = jump(150, 5*min1, 300, 9*min1, 450)
		}, []string{"8:00 3->6", "11:00 6->9"}},
		{"without any warm-up the default cooldown is the warm-up", func(s *Scenario) {
			s.Group.DefaultInstanceWarmup, s.Group.DefaultCooldown = nil, 15*min1
			s.Demand = jump(150, 5*min1, 300, 9*min1, 450)
		}, []string{"8:00 3->6", "24:00 6->9"}},
		{"scaling in waits until instances have warmed up", func(s *Scenario) {
			s.Group.DefaultInstanceWarmup = ptr(20 * min1)
			s.Demand = jump(150, 5*min1, 300, 9*min1, 60) // in service at 9:00, warm at 29:00; fifteen low points at 24:00
		}, []string{"8:00 3->6", "29:00 6->2"}},
		{"scaling in waits until launches are complete", func(s *Scenario) {
			s.Group.LaunchTime, s.Group.DefaultInstanceWarmup = 20*min1, ptr(time.Duration(0))
			s.Demand = jump(150, 5*min1, 300, 8*min1, 60) // in service at 28:00; until then 3 share the 60
		}, []string{"8:00 3->6", "28:00 6->3", "29:00 3->2"}},
		{"instances that drain still count, so one cause removes capacity once", func(s *Scenario) {
			s.Group.Desired, s.Group.LoadBalancer.DeregistrationDelay = 6, 10*min1
			s.Demand = level(150)
		}, []string{"15:00 6->3"}},
		{"nor more than the metric asks for once they are gone", func(s *Scenario) {
			s.Group.Desired, s.Group.LoadBalancer.DeregistrationDelay = 8, 10*min1
			s.Demand = jump(200, 15*min1, 150) // 37.5 on each of four: three would do, but eight are counted until 25:00
		}, []string{"15:00 8->4", "25:00 4->3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scene(1, 3, 20)
			s.Duration = 40 * min1
			s.Policies.TargetTracking = []TargetTracking{tracking(50)}
			c.change(&s)
			assert.Equal(t, c.want, resizes(run(t, s)))
		})
	}
}

// as-scaling-target-tracking, "Multiple target tracking scaling policies".
func TestSeveralTrackingPoliciesPreferAvailability(t *testing.T) {
	for _, c := range []struct {
		name     string
		policies []TargetTracking
		demand   Demand
		want     []string
	}{
		{"any of them scales out", []TargetTracking{tracking(50), tracking(500)}, jump(150, 5*min1, 300), []string{"8:00 3->6"}},
		{"the largest capacity wins", []TargetTracking{tracking(50), tracking(25)}, level(150), []string{"3:00 3->6"}},
		{"all of them must be ready to scale in", []TargetTracking{tracking(50), tracking(20)}, level(60), []string{}},
		{"the largest capacity wins for scaling in, too", []TargetTracking{tracking(50), tracking(40)}, level(80), []string{"15:00 3->2"}},
		{"one with scale-in disabled has no say in it", []TargetTracking{
			tracking(50), {Name: "out only", Metric: LoadPerInstance, Target: 20, DisableScaleIn: true},
		}, level(60), []string{"15:00 3->2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scene(1, 3, 20)
			s.Duration, s.Demand = 17*min1, c.demand
			s.Policies.TargetTracking = c.policies
			assert.Equal(t, c.want, resizes(run(t, s)))
		})
	}
}

func TestMetricsSayWhatCloudWatchWouldSay(t *testing.T) {
	m := meter{service: Service{UnitCapacity: 100, BytesIn: 2, BytesOut: 10}}
	for range 60 { // 4 in service, 3 of them answer; 600 a second arrive, 300 are carried, 1000 wait
		m.add(600, 300, 1000, census{answering: 3, inService: 4})
	}
	m.close()
	for metric, want := range map[Metric]float64{
		RequestCountPerTarget: 600 * 60 / 3,
		AverageCPU:            100,
		AverageNetworkIn:      600 * 60 / 3 * 2,
		AverageNetworkOut:     300 * 60 / 3 * 10,
		LoadPerInstance:       200,
		BacklogPerInstance:    250,
	} {
		value, ok := m.point(metric, 1)
		assert.True(t, ok, metric)
		assert.InDelta(t, want, value, 1e-6, metric)
	}
}

func TestWithoutInstancesOnlyTheRequestCountHasData(t *testing.T) {
	m := meter{service: Service{UnitCapacity: 100, BytesIn: 1, BytesOut: 1}}
	m.add(600, 0, 0, census{})
	m.close()
	for _, metric := range []Metric{AverageCPU, AverageNetworkIn, AverageNetworkOut, LoadPerInstance, BacklogPerInstance} {
		_, ok := m.point(metric, 1)
		assert.False(t, ok, metric)
	}
	value, ok := m.point(RequestCountPerTarget, 1)
	assert.True(t, ok)
	assert.Zero(t, value)
}

func TestTrackingDoesNotScaleInWithoutData(t *testing.T) {
	s := scene(1, 3, 20)
	s.Group.LoadBalancer.HealthCheck = false // nobody replaces them
	s.Events = []Event{{At: 30 * second, Hang: 3}}
	s.Policies.TargetTracking = []TargetTracking{tracking(50)}
	assert.Empty(t, resizes(run(t, s)))

	s.Policies.TargetTracking[0].Metric = RequestCountPerTarget
	assert.Equal(t, []string{"15:00 3->1"}, resizes(run(t, s)), "the request count is zero then, which is data")
}

func TestTrackingThatWasHeldBackDoesNotScaleInOnceDataCeases(t *testing.T) {
	s := scene(1, 3, 20)
	s.Group.LoadBalancer.HealthCheck, s.Group.DefaultInstanceWarmup = false, ptr(30*min1)
	s.Demand = jump(300, 5*min1, 10) // 3:00 3->6, low from 20:00 on, warm at 34:00
	s.Policies.TargetTracking = []TargetTracking{tracking(50)}
	assert.Equal(t, []string{"3:00 3->6", "34:00 6->1"}, resizes(run(t, s)))
	s.Events = []Event{{At: 25 * min1, Hang: 6}}
	assert.Equal(t, []string{"3:00 3->6"}, resizes(run(t, s)))
}

func TestCPUSaturatesSoThatALargeRampTakesSeveralRounds(t *testing.T) {
	s := scene(1, 2, 40)
	s.Group.DefaultInstanceWarmup = ptr(2 * min1)
	s.Policies.TargetTracking = []TargetTracking{{Name: "cpu", Metric: AverageCPU, Target: 50}}
	s.Demand, s.Duration = jump(100, 5*min1, 1600), 30*min1
	// The metric says 100 percent, which only ever asks for twice the warm instances. What waited keeps CPUs busy beyond the need.
	assert.Equal(t, []string{"8:00 2->4", "11:00 4->8", "14:00 8->16", "17:00 16->32", "20:00 32->40"}, resizes(run(t, s)))

	s.Policies.TargetTracking[0] = tracking(50)
	assert.Equal(t, []string{"8:00 2->32"}, resizes(run(t, s)), "a metric of the demand itself asks for all of them at once")
}

func TestWithoutDetailedMonitoringCPUComesEachFiveMinutes(t *testing.T) {
	s := scene(1, 2, 4)
	s.Policies.TargetTracking = []TargetTracking{{Name: "cpu", Metric: AverageCPU, Target: 50}}
	s.Demand = jump(100, 5*min1, 150)
	assert.Equal(t, []string{"8:00 2->3"}, resizes(run(t, s)))
	s.Group.DetailedMonitoring = false
	assert.Equal(t, "20:00 2->3", resizes(run(t, s))[0])
}

func TestBacklogPerInstanceScalesWorkersOfAQueue(t *testing.T) {
	s := scene(1, 1, 10)
	s.Group.LoadBalancer = nil
	s.Service.UnitCapacity = 10
	s.Policies.TargetTracking = []TargetTracking{{Name: "queue", Metric: BacklogPerInstance, Target: 100, Warmup: ptr(5 * min1)}}
	s.Demand, s.Duration = jump(5, 5*min1, 20, 20*min1, 5), 90*min1
	series := run(t, s)
	assert.Equal(t, 10, series.Facts.MaxInService)
	assert.NotNil(t, series.Facts.DrainedAt)
	assert.Equal(t, 1, at(t, series, 90*min1).InService, "after the backlog is gone the group shrinks")
}

func TestARampUnderEachWarmupDrainsSoonerTheShorterItIs(t *testing.T) {
	var drained []int
	for _, warmup := range []time.Duration{min1, 5 * min1, 15 * min1} {
		s := ticketing()
		s.Group.DefaultInstanceWarmup = &warmup
		series := run(t, s)
		assert.Zero(t, series.Facts.Flaps)
		drained = append(drained, *series.Facts.DrainedAt)
	}
	assert.IsIncreasing(t, drained)
}

// ticketing is the scenario of the ha lab: eight times the load within ten minutes.
func ticketing() Scenario {
	s := scene(4, 4, 24)
	s.Group.DefaultInstanceWarmup = ptr(min1)
	s.Service.UnitCapacity = 50
	s.Policies.TargetTracking = []TargetTracking{{Name: "requests", Metric: RequestCountPerTarget, Target: 30 * 60}}
	s.Demand = Ramp(100, 800, 5*min1, 10*min1, 20*min1, 5*min1)
	s.Duration = 75 * min1
	return s
}
