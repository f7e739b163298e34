package scaling

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAScenarioThatMakesNoSenseIsRefusedWithItsReason(t *testing.T) {
	simple := func(s *Scenario, change func(*Simple)) {
		p := Simple{Name: "p", Alarm: above(1), Type: ChangeInCapacity}
		change(&p)
		s.Policies.Simple = []Simple{p}
	}
	for _, c := range []struct {
		want   string
		change func(*Scenario)
	}{
		{"the duration is 0s", func(s *Scenario) { s.Duration = 0 }},
		{"the duration is 72h0m0s", func(s *Scenario) { s.Duration = 72 * time.Hour }},
		{"want 0 <= minimum 3 <= desired 2 <= maximum 9", func(s *Scenario) { s.Group.Min = 3 }},
		{"minimum 1 <= desired 2 <= maximum 1 ", func(s *Scenario) { s.Group.Max = 1 }},
		{"minimum -1", func(s *Scenario) { s.Group.Min = -1 }},
		{"maximum 1000000", func(s *Scenario) { s.Group.Max = 1000000 }},
		{"the group has no zone", func(s *Scenario) { s.Group.Zones = nil }},
		{`zone "a" is empty or named twice`, func(s *Scenario) { s.Group.Zones = []string{"a", "a"} }},
		{`zone "" is empty`, func(s *Scenario) { s.Group.Zones = []string{""} }},
		{"the time -1s", func(s *Scenario) { s.Group.LaunchTime = -second }},
		{"the time -1s", func(s *Scenario) { s.Group.LoadBalancer.Detect = -second }},
		{"the time -1s", func(s *Scenario) { s.Group.DefaultInstanceWarmup = ptr(-second) }},
		{"an instance carries 0 a second", func(s *Scenario) { s.Service.UnitCapacity = 0 }},
		{"an instance carries NaN a second", func(s *Scenario) { s.Service.UnitCapacity = math.NaN() }},
		{"the buffer is -1", func(s *Scenario) { s.Service.Buffer = -1 }},
		{"there is no demand", func(s *Scenario) { s.Demand = nil }},
		{"the demand is -1 at 0s", func(s *Scenario) { s.Demand = level(-1) }},
		{"the demand is +Inf at 0s", func(s *Scenario) { s.Demand = level(math.Inf(1)) }},
		{"the demand's point at 1s comes after 2s", func(s *Scenario) { s.Demand = Demand{{2 * second, 1}, {second, 1}} }},
		{`zone "x" of an event`, func(s *Scenario) { s.Events = []Event{{LoseZone: "x"}} }},
		{`zone "x" of an event`, func(s *Scenario) { s.Events = []Event{{RestoreZone: "x"}} }},
		{"the event at 1m0s is 0 things", func(s *Scenario) { s.Events = []Event{{At: min1}} }},
		{"the event at 0s is 2 things", func(s *Scenario) { s.Events = []Event{{LoseZone: "a", Stop: 1}} }},
		{"can't stop -1", func(s *Scenario) { s.Events = []Event{{Stop: -1}} }},
		{"the time -1s", func(s *Scenario) { s.Events = []Event{{At: -second, Stop: 1}} }},
		{"policy track has the target 0", func(s *Scenario) { s.Policies.TargetTracking = []TargetTracking{tracking(0)} }},
		{`policy p: this scenario can't be replayed: the metric "Latency" is unknown`, func(s *Scenario) {
			s.Policies.TargetTracking = []TargetTracking{{Name: "p", Metric: "Latency", Target: 1}}
		}},
		{"the metric ASGAverageNetworkOut needs the bytes of a request", func(s *Scenario) {
			s.Policies.TargetTracking = []TargetTracking{{Name: "p", Metric: AverageNetworkOut, Target: 1}}
		}},
		{"the alarm's period 1m30s", func(s *Scenario) { simple(s, func(p *Simple) { p.Alarm.Period = 90 * second }) }},
		{"the alarm wants 3 of 2 data points", func(s *Scenario) {
			simple(s, func(p *Simple) { p.Alarm.EvaluationPeriods, p.Alarm.DatapointsToAlarm = 2, 3 })
		}},
		{"the alarm's threshold is NaN", func(s *Scenario) { simple(s, func(p *Simple) { p.Alarm.Threshold = math.NaN() }) }},
		{`the alarm's comparison "" is unknown`, func(s *Scenario) { simple(s, func(p *Simple) { p.Alarm.Comparison = "" }) }},
		{`the adjustment type "" is unknown`, func(s *Scenario) { simple(s, func(p *Simple) { p.Type = "" }) }},
		{"the time -1s", func(s *Scenario) { simple(s, func(p *Simple) { p.Cooldown = ptr(-second) }) }},
		{"policy s: this scenario", func(s *Scenario) { s.Policies.Step = []Step{{Name: "s", Type: ExactCapacity}} }},
	} {
		t.Run(c.want, func(t *testing.T) {
			s := scene(1, 2, 9)
			c.change(&s)
			_, err := Simulate(s)
			require.ErrorIs(t, err, ErrScenario)
			assert.ErrorContains(t, err, c.want)
		})
	}
}
