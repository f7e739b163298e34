package scaling

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// ErrScenario is wrapped by every error that says a scenario can't be replayed, and why.
var ErrScenario = errors.New("this scenario can't be replayed")

// Limits that keep a replay short; no group of a lab comes near them.
const (
	maxInstances = 5000
	maxDuration  = 48 * time.Hour
)

func (s Scenario) validate() error {
	if s.Duration < time.Second || s.Duration > maxDuration {
		return wrong("the duration is %s, not between 1s and %s", s.Duration, maxDuration)
	}
	for _, err := range []error{s.Group.validate(), s.Service.validate(), s.Demand.validate(), s.validateEvents(), s.validatePolicies()} {
		if err != nil {
			return err
		}
	}
	return nil
}

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrScenario}, args...)...)
}

func (g Group) validate() error {
	// Min, desired and max keep that order in AWS (asg-capacity-limits).
	if g.Min < 0 || g.Min > g.Desired || g.Desired > g.Max || g.Max > maxInstances {
		return wrong("want 0 <= minimum %d <= desired %d <= maximum %d <= %d", g.Min, g.Desired, g.Max, maxInstances)
	}
	if len(g.Zones) == 0 {
		return wrong("the group has no zone")
	}
	for i, zone := range g.Zones {
		if zone == "" || slices.Contains(g.Zones[:i], zone) {
			return wrong("zone %q is empty or named twice", zone)
		}
	}
	times := []time.Duration{g.LaunchTime, g.ReadyTime, g.HealthCheckGrace, g.DefaultCooldown, valueOr(g.DefaultInstanceWarmup, 0)}
	if lb := g.LoadBalancer; lb != nil {
		times = append(times, lb.Detect, lb.DeregistrationDelay)
	}
	for _, d := range times {
		if err := validTime(d); err != nil {
			return err
		}
	}
	return nil
}

func validTime(d time.Duration) error {
	if d < 0 || d > maxDuration {
		return wrong("the time %s is not between 0s and %s", d, maxDuration)
	}
	return nil
}

func (s Service) validate() error {
	if !positive(s.UnitCapacity) {
		return wrong("an instance carries %v a second", s.UnitCapacity)
	}
	if math.IsNaN(s.Buffer) || s.Buffer < 0 {
		return wrong("the buffer is %v", s.Buffer)
	}
	return nil
}

// positive also refuses what is not a number, and what is so large or small that sums of it mean nothing.
func positive(f float64) bool { return f >= 1e-9 && f <= 1e12 }

func (d Demand) validate() error {
	if len(d) == 0 {
		return wrong("there is no demand")
	}
	for i, p := range d {
		if p.Rate != 0 && !positive(p.Rate) {
			return wrong("the demand is %v at %s", p.Rate, p.At)
		}
		if i > 0 && p.At < d[i-1].At {
			return wrong("the demand's point at %s comes after %s", p.At, d[i-1].At)
		}
		if err := validTime(p.At); err != nil {
			return err
		}
	}
	return nil
}

func (s Scenario) validateEvents() error {
	for _, e := range s.Events {
		if err := validTime(e.At); err != nil {
			return err
		}
		if e.Stop < 0 || e.Hang < 0 {
			return wrong("an event can't stop %d or hang %d instances", e.Stop, e.Hang)
		}
		if things := set(e.LoseZone != "") + set(e.RestoreZone != "") + set(e.Stop > 0) + set(e.Hang > 0); things != 1 {
			return wrong("the event at %s is %d things instead of one", e.At, things)
		}
		for _, zone := range []string{e.LoseZone, e.RestoreZone} {
			if zone != "" && !slices.Contains(s.Group.Zones, zone) {
				return wrong("zone %q of an event is none of the group's", zone)
			}
		}
	}
	return nil
}

func set(field bool) int {
	if field {
		return 1
	}
	return 0
}

func (s Scenario) validatePolicies() error {
	for _, p := range s.Policies.TargetTracking {
		if !positive(p.Target) {
			return wrong("policy %s has the target %v", p.Name, p.Target)
		}
		if err := errors.Join(s.Service.canShow(p.Metric), validTime(valueOr(p.Warmup, 0))); err != nil {
			return fmt.Errorf("policy %s: %w", p.Name, err)
		}
	}
	for _, p := range s.Policies.Step {
		err := errors.Join(s.Service.canShow(p.Alarm.Metric), p.Alarm.validate(), p.Type.validate(), validTime(valueOr(p.Warmup, 0)))
		if err != nil {
			return fmt.Errorf("policy %s: %w", p.Name, err)
		}
	}
	for _, p := range s.Policies.Simple {
		err := errors.Join(s.Service.canShow(p.Alarm.Metric), p.Alarm.validate(), p.Type.validate(), validTime(valueOr(p.Cooldown, 0)))
		if err != nil {
			return fmt.Errorf("policy %s: %w", p.Name, err)
		}
	}
	return nil
}

// canShow says whether the replay can compute the metric. A metric that it doesn't know can't be guessed.
func (s Service) canShow(m Metric) error {
	switch m {
	case RequestCountPerTarget, AverageCPU, BacklogPerInstance, LoadPerInstance:
		return nil
	case AverageNetworkIn, AverageNetworkOut:
		if bytes := s.bytes(m); !positive(bytes) {
			return wrong("the metric %s needs the bytes of a request, which are %v", m, bytes)
		}
		return nil
	default:
		return wrong("the metric %q is unknown", m)
	}
}

func (s Service) bytes(m Metric) float64 {
	if m == AverageNetworkIn {
		return s.BytesIn
	}
	return s.BytesOut
}

func (a Alarm) validate() error {
	if a.Period < time.Minute || a.Period > 24*time.Hour || a.Period%time.Minute != 0 {
		return wrong("the alarm's period %s is no whole number of minutes up to a day", a.Period)
	}
	// CloudWatch looks back over a week at most; a day is enough here.
	if a.EvaluationPeriods < 1 || a.EvaluationPeriods > 1440 || a.DatapointsToAlarm < 0 || a.DatapointsToAlarm > a.EvaluationPeriods {
		return wrong("the alarm wants %d of %d data points", a.DatapointsToAlarm, a.EvaluationPeriods)
	}
	if math.IsNaN(a.Threshold) || math.IsInf(a.Threshold, 0) {
		return wrong("the alarm's threshold is %v", a.Threshold)
	}
	switch a.Comparison {
	case GreaterThanThreshold, GreaterThanOrEqualToThreshold, LessThanThreshold, LessThanOrEqualToThreshold:
		return nil
	default:
		return wrong("the alarm's comparison %q is unknown", a.Comparison)
	}
}

func (t AdjustmentType) validate() error {
	switch t {
	case ChangeInCapacity, ExactCapacity, PercentChangeInCapacity:
		return nil
	default:
		return wrong("the adjustment type %q is unknown", t)
	}
}

func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
