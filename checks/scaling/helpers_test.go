package scaling

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	second = time.Second
	min1   = time.Minute
)

func ptr[T any](v T) *T { return &v }

// level is demand that never changes.
func level(rate float64) Demand { return Demand{{0, rate}} }

// jump is demand that is at one rate until a moment and at another one from then on; further pairs of moment and rate follow.
func jump(rate float64, then ...any) Demand {
	d := Demand{{0, rate}}
	for n := 0; n < len(then); n += 2 {
		at := then[n].(time.Duration)
		d = append(d, Point{at, d[len(d)-1].Rate}, Point{at, float64(then[n+1].(int))})
	}
	return d
}

// scene is a scenario of a group over three zones that launches in a minute and warms up in another, whose instances carry 100 requests a second,
// with unlimited buffer and no policy.
func scene(smallest, desired, largest int) Scenario {
	return Scenario{
		Group: Group{
			Min: smallest, Max: largest, Desired: desired, Zones: []string{"a", "b", "c"}, LaunchTime: min1,
			DefaultInstanceWarmup: ptr(min1), DefaultCooldown: 5 * min1, DetailedMonitoring: true,
			LoadBalancer: &LoadBalancer{HealthCheck: true, Detect: 20 * second, DeregistrationDelay: 30 * second},
		},
		Service:  Service{UnitCapacity: 100, Buffer: Unlimited()},
		Demand:   level(0),
		Duration: time.Hour,
	}
}

// tracking is target tracking on the load of an instance: with a target of 50, 100 requests a second want 2 instances.
func tracking(target float64) TargetTracking {
	return TargetTracking{Name: "track", Metric: LoadPerInstance, Target: target}
}

// above is an alarm on one data point of a minute.
func above(threshold float64) Alarm {
	return Alarm{Metric: LoadPerInstance, Threshold: threshold, Comparison: GreaterThanOrEqualToThreshold, Period: min1, EvaluationPeriods: 1}
}

func below(threshold float64) Alarm {
	a := above(threshold)
	a.Comparison = LessThanOrEqualToThreshold
	return a
}

func run(t *testing.T, s Scenario) Series {
	t.Helper()
	series, err := Simulate(s)
	require.NoError(t, err)
	return series
}

// resizes are the changes of the desired capacity: "8:00 4->10".
func resizes(s Series) []string {
	out := []string{}
	for _, d := range s.Decisions {
		if d.From != d.To {
			out = append(out, fmt.Sprintf("%s %d->%d", clock(d.At), d.From, d.To))
		}
	}
	return out
}

// told are the decisions of some kinds with their reasons: "2:00 replace 1 instance no longer running, taken out".
func told(s Series, kinds ...Kind) []string {
	out := []string{}
	for _, d := range s.Decisions {
		if slices.Contains(kinds, d.Kind) {
			out = append(out, fmt.Sprintf("%s %s %s", clock(d.At), d.Kind, d.Reason))
		}
	}
	return out
}

// at is the sample of a moment, which must be a multiple of the step.
func at(t *testing.T, s Series, moment time.Duration) Sample {
	t.Helper()
	n := seconds(moment) / s.Step
	require.Less(t, n, len(s.Samples))
	require.Equal(t, seconds(moment), s.Samples[n].At)
	return s.Samples[n]
}
