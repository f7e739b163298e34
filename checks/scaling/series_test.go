package scaling

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWorkBeyondCapacityWaitsAndIsMadeUpFor(t *testing.T) {
	s := scene(2, 2, 2) // carries 200 a second
	s.Demand, s.Duration = jump(100, min1, 300, 2*min1, 150), 10*min1
	f := run(t, s).Facts
	assert.InDelta(t, 6000, f.MaxBacklog, 1e-6)
	assert.Equal(t, 120, f.MaxBacklogAt)
	require.NotNil(t, f.DrainedAt)
	assert.Equal(t, 240, *f.DrainedAt, "6000 with 50 to spare take 120 s")
	assert.Equal(t, 60, f.BelowNeed)
	assert.InDelta(t, 100, f.WorstGap, 1e-9)
	assert.InDelta(t, 300, f.PeakDemand, 1e-9)
	assert.Zero(t, f.Dropped)
	assert.InDelta(t, f.Arrived, f.Served, 1e-6)
}

func TestWorkThatNeverFitsInWaitsAtTheEnd(t *testing.T) {
	s := scene(1, 1, 1)
	s.Demand, s.Duration = level(150), min1
	f := run(t, s).Facts
	assert.Nil(t, f.DrainedAt)
	assert.InDelta(t, 3000, f.Backlog, 1e-6)
	assert.InDelta(t, f.Arrived, f.Served+f.Backlog, 1e-6)
}

func TestNothingEverWaitsWithCapacityToSpare(t *testing.T) {
	s := scene(1, 1, 1)
	s.Demand = level(100)
	f := run(t, s).Facts
	require.NotNil(t, f.DrainedAt)
	assert.Zero(t, *f.DrainedAt)
	assert.Zero(t, f.MaxBacklog)
	assert.Zero(t, f.BelowNeed)
}

func TestWhatDoesNotFitIntoTheBufferIsDropped(t *testing.T) {
	s := scene(1, 1, 1)
	s.Demand, s.Duration = level(150), min1
	s.Service.Buffer = 1000
	f := run(t, s).Facts
	assert.InDelta(t, 1000, f.MaxBacklog, 1e-6)
	assert.InDelta(t, 2000, f.Dropped, 1e-6)

	s.Service.Buffer = 0
	f = run(t, s).Facts
	assert.Zero(t, f.MaxBacklog)
	assert.InDelta(t, 3000, f.Dropped, 1e-6, "where nothing can wait all of it is dropped")
}

func TestOnlyATurnThatDemandDoesNotExplainIsAFlap(t *testing.T) {
	for _, c := range []struct {
		name           string
		change         func(*Scenario)
		changes, flaps int
	}{
		{"one way is no turn", func(s *Scenario) { s.Demand = jump(100, 5*min1, 500) }, 0, 0},
		{"back with demand is a turn and no flap", func(s *Scenario) { s.Demand = jump(100, 5*min1, 500, 20*min1, 100) }, 1, 0},
		{"up and down and up with demand is two turns and no flap",
			func(s *Scenario) { s.Demand = jump(100, 5*min1, 500, 20*min1, 100, 50*min1, 500) }, 2, 0},
		{"back under level demand is a flap", func(s *Scenario) {
			s.Group.DefaultInstanceWarmup = ptr(time.Duration(0)) // overshoots
			s.Demand = jump(100, 5*min1, 500)
		}, 1, 1},
		{"two policies that fight flap all the time", func(s *Scenario) {
			s.Policies = Policies{Step: []Step{
				{Name: "out", Alarm: above(60), Type: ChangeInCapacity, Steps: []StepAdjustment{{ptr(0.0), nil, 1}}},
				{Name: "in", Alarm: below(70), Type: ChangeInCapacity, Steps: []StepAdjustment{{nil, ptr(0.0), -1}}},
			}}
			s.Demand = level(130) // 65 on each of two; 43 on each of three
		}, 39, 39}, // out, launched, warmed up, in: each three minutes
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scene(1, 2, 20)
			s.Policies.TargetTracking = []TargetTracking{tracking(50)}
			s.Duration = 61 * min1
			c.change(&s)
			f := run(t, s).Facts
			assert.Equal(t, c.changes, f.DirectionChanges)
			assert.Equal(t, c.flaps, f.Flaps)
		})
	}
}

func TestARecoveryEndsWhenAsManyAnswerAsAreDesired(t *testing.T) {
	s := scene(1, 6, 6)
	s.Group.Suspended = []Process{Launch}
	s.Policies.TargetTracking = []TargetTracking{tracking(50)}
	s.Demand = level(120)
	s.Events = []Event{{At: 5 * min1, Stop: 3}} // 40 on each of three from then on, and 3 are enough
	assert.Equal(t, []Recovery{{At: 300, Event: "3 instances stopped", Before: 6, After: 3, Took: ptr(600)}}, run(t, s).Facts.Recoveries)
}

func TestASeriesIsSampledEachTenSecondsWithItsEnd(t *testing.T) {
	s := scene(1, 2, 3)
	s.Duration = 2*min1 + 5*second
	series := run(t, s)
	require.Len(t, series.Samples, 14)
	assert.Equal(t, 120, series.Samples[12].At)
	assert.Equal(t, 125, series.Samples[13].At)
}

func TestTheJSONOfASeriesHasItsListsAndNames(t *testing.T) {
	s := scene(1, 1, 1)
	s.Duration = 5 * second
	s.Demand = level(150)
	text, err := json.Marshal(run(t, s))
	require.NoError(t, err)
	assert.JSONEq(t, `{"step": 10, "decisions": [], "samples": [
		{"at": 0, "demand": 150, "capacity": 100, "desired": 1, "inService": 1, "answering": 1, "pending": 0, "terminating": 0, "backlog": 0, "dropped": 0},
		{"at": 5, "demand": 150, "capacity": 100, "desired": 1, "inService": 1, "answering": 1, "pending": 0, "terminating": 0, "backlog": 250, "dropped": 0}
	], "facts": {"peakDemand": 150, "arrived": 750, "served": 500, "dropped": 0, "backlog": 250, "maxBacklog": 250, "maxBacklogAt": 5,
		"drainedAt": null, "belowNeed": 5, "worstGap": 50, "minAnswering": 1, "maxInService": 1, "directionChanges": 0, "flaps": 0, "recoveries": []}}`,
		string(text))
}
