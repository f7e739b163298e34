package scaling

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/plot"
)

// FuzzSimulate replays random scenarios and holds each second of them against what must always be true.
func FuzzSimulate(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed, uint64(0))
	}
	f.Fuzz(func(t *testing.T, a, b uint64) {
		s := randomScenario(rand.New(rand.NewPCG(a, b)))
		series, err := simulate(s, func(r *replay, now int) { requireSane(t, r, now) })
		require.NoError(t, err)
		facts := series.Facts
		assert.InEpsilon(t, 1+facts.Arrived, 1+facts.Served+facts.Backlog+facts.Dropped, 1e-9, "work is carried, waits or was dropped")
		for _, sample := range series.Samples {
			require.GreaterOrEqual(t, sample.Backlog, 0.0)
			require.LessOrEqual(t, sample.Backlog, s.Service.Buffer)
		}
		assert.LessOrEqual(t, facts.Flaps, facts.DirectionChanges)
		Plot(series, plot.Options{Width: 66 + int(a%100), Height: 10 + int(a%20), ASCII: a%2 == 0})
		_, err = json.Marshal(series)
		require.NoError(t, err)
		again, err := Simulate(s)
		require.NoError(t, err)
		require.Equal(t, series, again, "a replay is the same each time")
	})
}

// requireSane holds for each second. Only rebalancing may exceed the maximum, by its margin; below the minimum a group is only
// while what it lost isn't back.
func requireSane(t *testing.T, r *replay, now int) {
	t.Helper()
	g, c := r.rules.group, r.fleet.census
	require.GreaterOrEqual(t, r.desired, g.Min)
	require.LessOrEqual(t, r.desired, g.Max)
	limit := g.Max
	if slices.ContainsFunc(r.ledger.series.Decisions, func(d Decision) bool { return d.Kind == Rebalance }) {
		limit += r.rules.margin()
	}
	require.LessOrEqual(t, r.fleet.live(), limit)
	if len(r.scenario.Events) == 0 {
		require.GreaterOrEqual(t, r.fleet.live(), g.Min)
	}
	require.LessOrEqual(t, c.answering, c.inService)
	require.GreaterOrEqual(t, r.ledger.backlog, 0.0)
	require.Equal(t, c, recount(r.fleet, now), "the census is up to date in second %d", now)
}

// recount counts a fleet anew.
func recount(f *fleet, now int) census {
	copied := fleet{rules: f.rules, instances: slices.Clone(f.instances), lost: f.lost}
	copied.count(now)
	return copied.census
}

func randomScenario(r *rand.Rand) Scenario {
	smallest := r.IntN(5)
	desired := smallest + r.IntN(5)
	s := Scenario{
		Duration: time.Duration(1+r.IntN(5400)) * second,
		Service:  Service{UnitCapacity: 1 + r.Float64()*100, Buffer: []float64{0, 500, Unlimited()}[r.IntN(3)], BytesIn: 100, BytesOut: 1000},
		Group: Group{
			Min: smallest, Desired: desired, Max: desired + r.IntN(20), Zones: []string{"a", "b", "c", "d"}[:1+r.IntN(4)],
			LaunchTime: span(r, 300), ReadyTime: span(r, 200), HealthCheckGrace: span(r, 600), DefaultCooldown: span(r, 900),
			DetailedMonitoring: r.IntN(2) == 0,
		},
	}
	if r.IntN(2) == 0 {
		s.Group.DefaultInstanceWarmup = ptr(span(r, 600))
	}
	if r.IntN(4) > 0 {
		s.Group.LoadBalancer = &LoadBalancer{HealthCheck: r.IntN(2) == 0, Detect: span(r, 60), DeregistrationDelay: span(r, 300)}
	}
	for _, p := range []Process{Launch, Terminate, AddToLoadBalancer, AlarmNotification, AZRebalance, HealthCheck, ReplaceUnhealthy} {
		if r.IntN(8) == 0 {
			s.Group.Suspended = append(s.Group.Suspended, p)
		}
	}
	at := time.Duration(0)
	for range 1 + r.IntN(8) {
		s.Demand = append(s.Demand, Point{at, float64(r.IntN(1500))})
		at += span(r, 1200)
	}
	for range r.IntN(6) {
		zone := s.Group.Zones[r.IntN(len(s.Group.Zones))]
		e := []Event{{LoseZone: zone}, {RestoreZone: zone}, {Stop: 1 + r.IntN(4)}, {Hang: 1 + r.IntN(4)}}[r.IntN(4)]
		e.At = span(r, 5400)
		s.Events = append(s.Events, e)
	}
	s.Policies = randomPolicies(r)
	return s
}

func randomPolicies(r *rand.Rand) Policies {
	metrics := []Metric{RequestCountPerTarget, AverageCPU, AverageNetworkIn, AverageNetworkOut, BacklogPerInstance, LoadPerInstance}
	kinds := []AdjustmentType{ChangeInCapacity, ExactCapacity, PercentChangeInCapacity}
	comparisons := []Comparison{GreaterThanThreshold, GreaterThanOrEqualToThreshold, LessThanThreshold, LessThanOrEqualToThreshold}
	alarm := func() Alarm {
		of := 1 + r.IntN(5)
		return Alarm{
			Metric: metrics[r.IntN(6)], Threshold: r.Float64() * 100, Comparison: comparisons[r.IntN(4)],
			Period: time.Duration(1+r.IntN(5)) * min1, EvaluationPeriods: of, DatapointsToAlarm: r.IntN(of + 1),
		}
	}
	var p Policies
	for n := range r.IntN(3) {
		p.TargetTracking = append(p.TargetTracking, TargetTracking{
			Name: fmt.Sprintf("t%d", n), Metric: metrics[r.IntN(6)], Target: 1 + r.Float64()*100, DisableScaleIn: r.IntN(4) == 0, Warmup: maybe(r, 600),
		})
	}
	for range r.IntN(3) {
		p.Step = append(p.Step, Step{
			Alarm: alarm(), Type: kinds[r.IntN(3)], MinAdjustmentMagnitude: r.IntN(3), Warmup: maybe(r, 600),
			Steps: []StepAdjustment{{nil, ptr(0.0), r.IntN(41) - 20}, {ptr(0.0), ptr(20.0), r.IntN(41) - 20}, {ptr(20.0), nil, r.IntN(200) - 100}},
		})
	}
	for range r.IntN(3) {
		p.Simple = append(p.Simple, Simple{
			Alarm: alarm(), Type: kinds[r.IntN(3)], Adjustment: r.IntN(41) - 20, MinAdjustmentMagnitude: r.IntN(3), Cooldown: maybe(r, 600),
		})
	}
	return p
}

func span(r *rand.Rand, most int) time.Duration { return time.Duration(r.IntN(most)) * second }

func maybe(r *rand.Rand, most int) *time.Duration {
	if r.IntN(2) == 0 {
		return nil
	}
	return ptr(span(r, most))
}

// FuzzNumbers gives the replay numbers that nobody would: it refuses them or gets through.
func FuzzNumbers(f *testing.F) {
	f.Add(1, 2, 3, 100.0, 50.0, 10.0, 5, int64(60), -7)
	f.Add(0, 0, 5000, 1e-9, 1e12, 0.0, 1<<62, int64(1)<<62, 1<<62)
	f.Add(-1, 1<<40, 0, -1.0, 1e300, -5.0, -1<<62, int64(-1), -1<<62)
	f.Fuzz(func(t *testing.T, smallest, desired, largest int, unit, target, rate float64, adjustment int, warmup int64, step int) {
		s := Scenario{
			Group:   Group{Min: smallest, Desired: desired, Max: largest, Zones: []string{"a", "b"}, LaunchTime: time.Duration(warmup), DefaultInstanceWarmup: ptr(time.Duration(warmup))},
			Service: Service{UnitCapacity: unit, Buffer: rate}, Demand: Ramp(rate, unit, min1, min1, min1, min1), Duration: 10 * min1,
			Events: []Event{{At: min1, Stop: adjustment}, {At: min1, Hang: step}},
			Policies: Policies{
				TargetTracking: []TargetTracking{tracking(target)},
				Step:           []Step{{Alarm: above(rate), Type: PercentChangeInCapacity, MinAdjustmentMagnitude: step, Steps: []StepAdjustment{{&rate, &unit, step}, {nil, nil, adjustment}}}},
				Simple:         []Simple{{Alarm: below(target), Type: ChangeInCapacity, Adjustment: adjustment}},
			},
		}
		series, err := simulate(s, func(r *replay, now int) { requireSane(t, r, now) })
		if err != nil {
			require.ErrorIs(t, err, ErrScenario)
			return
		}
		Plot(series, plot.Options{Width: smallest, Height: desired})
		Plot(series, plot.Options{Width: 80, Height: 20})
	})
}
