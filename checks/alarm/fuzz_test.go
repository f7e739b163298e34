package alarm

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// chooser makes choices of fuzzed bytes.
type chooser struct{ data []byte }

func (c *chooser) next(n int) int {
	if len(c.data) == 0 {
		return 0
	}
	choice := int(c.data[0]) % n
	c.data = c.data[1:]
	return choice
}

func addSeeds(f *testing.F) {
	for seed := range 64 {
		data := make([]byte, 48)
		for i := range data {
			data[i] = byte((seed*131 + i*i*31 + i*seed*7) % 251)
		}
		f.Add(data)
	}
}

func typed(t *testing.T, err error) {
	t.Helper()
	require.True(t, errors.As(err, new(*InvalidError)) || errors.As(err, new(*InconclusiveError)), "%v", err)
}

func FuzzExpressionsNeverPanic(f *testing.F) {
	for _, expression := range []string{
		"100 * m1 / m2", "IF(m1 > 5 AND m2 != 0, FILL(m1, REPEAT), 0)", `SUM([METRICS("m"), m1 ^ 2])`, "RATE(FILL(METRICS(), LINEAR))", "-(m1--3)||m2<=.5", "MAX([m1,m2]) - e1", "§", "((((", "'",
	} {
		f.Add(expression, 1.0, 2.0)
	}
	f.Fuzz(func(t *testing.T, expression string, one, two float64) {
		e, err := Compile(onMath(expression))
		if err != nil {
			typed(t, err)
			return
		}
		data := NewData()
		perMinute(data, errs, one, math.NaN(), two)
		perMinute(data, requests, two, one, one)
		got, err := e.Evaluate(data, noon, OK)
		if err != nil {
			typed(t, err)
			return
		}
		require.Contains(t, []State{OK, InAlarm, InsufficientData}, got.State)
		require.NotEmpty(t, got.Reason)
	})
}

func FuzzRulesNeverPanicAndLogicHolds(f *testing.F) {
	for _, text := range []string{"ALARM(a) AND NOT (OK(b) OR FALSE)", `ALARM("a") OR ALARM(b) AND INSUFFICIENT_DATA(c)`, "NOT (NOT TRUE)", "((", "ALARM(a", "ü"} {
		f.Add(text, byte(0))
		f.Add(text, byte(7))
	}
	f.Fuzz(func(t *testing.T, text string, seed byte) {
		r, err := ParseRule(text)
		if err != nil {
			typed(t, err)
			return
		}
		states := func(alarm string) (State, bool) {
			n := int(seed)
			for _, c := range alarm {
				n += int(c)
			}
			return []State{OK, InAlarm, InsufficientData, ""}[n%4], n%4 < 3
		}
		holds, err := r.Evaluate(states)
		if err != nil {
			typed(t, err)
		}
		negated, negatedErr := rule(t, "NOT ("+text+")").Evaluate(states)
		require.Equal(t, err == nil, negatedErr == nil)
		if err == nil {
			require.NotEqual(t, holds, negated)
		}
		for _, row := range []struct {
			text string
			want bool
		}{{"(" + text + ") OR TRUE", true}, {"(" + text + ") AND FALSE", false}} {
			got, err := rule(t, row.text).Evaluate(states)
			require.NoError(t, err, "what isn't known doesn't matter here")
			require.Equal(t, row.want, got)
		}
	})
}

// points makes the data points of an evaluation range: breaching, within the threshold, or missing.
func (c *chooser) points(length int) []float64 {
	out := make([]float64, length)
	for i := range out {
		out[i] = []float64{absent, 0, 5}[c.next(3)]
	}
	return out
}

func (c *chooser) alarm() Alarm {
	of := c.next(6) + 1
	a := above(c.next(of)+1, of)
	a.TreatMissingData = []string{"missing", "notBreaching", "breaching", "ignore"}[c.next(4)]
	return a
}

func FuzzMoreBreachingDataNeverEndsAnAlarm(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &chooser{data}
		a := c.alarm()
		e := evaluator(t, a)
		points := c.points(e.of + beyond)
		current := []State{OK, InAlarm, InsufficientData}[c.next(3)]
		before := e.decide(points, current)
		at := c.next(len(points))
		after := append([]float64{}, points...)
		after[at] = 5
		now := e.decide(after, current)
		if before.state == InAlarm {
			require.Equal(t, InAlarm, now.state, "%d of %d, %s: %v, breaching at %d", a.DatapointsToAlarm, a.EvaluationPeriods, a.TreatMissingData, points, at)
		}
		// And data within the threshold never begins one.
		after[at] = 0
		if now := e.decide(after, current); before.state == OK && !before.retained {
			require.Equal(t, OK, now.state, "%d of %d, %s: %v, within at %d", a.DatapointsToAlarm, a.EvaluationPeriods, a.TreatMissingData, points, at)
		}
	})
}

func FuzzMOutOfNKeepsItsInvariants(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &chooser{data}
		a := c.alarm()
		e := evaluator(t, a)
		points := c.points(e.of + beyond)
		existing, breaching := 0, 0
		for i := len(points) - 1; i >= 0 && existing < e.of; i-- {
			if !missing(points[i]) {
				existing++
				if points[i] > 1 {
					breaching++
				}
			}
		}
		got := e.decide(points, OK)
		require.Len(t, got.evaluated, existing)
		require.Equal(t, e.of, existing+got.filled, "the number of data points evaluated is that of the evaluation periods")
		if existing == e.of {
			require.Equal(t, breaching >= e.need, got.state == InAlarm, "with enough data the treatment of missing data is ignored")
			require.NotEqual(t, InsufficientData, got.state)
		}
		if breaching >= e.need {
			require.Equal(t, InAlarm, got.state)
		}
		if a.TreatMissingData == "breaching" || a.TreatMissingData == "notBreaching" {
			require.NotEqual(t, InsufficientData, got.state)
		}
		require.Equal(t, a.TreatMissingData == "ignore" && existing < e.of && breaching == existing && breaching < e.need, got.retained)
		// A smaller M goes off whenever a larger one does, but for the premature alarm it is the same rule.
		if e.need > 1 && got.state == InAlarm {
			a.DatapointsToAlarm--
			require.Equal(t, InAlarm, evaluator(t, a).decide(points, OK).state)
		}
	})
}

func FuzzAMonitorAgreesWithASingleEvaluation(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, bytes []byte) {
		c := &chooser{bytes}
		a := c.alarm()
		data := NewData()
		for n, v := range c.points(20) {
			if !missing(v) {
				data.Put(errs, "Count", Value(minute(n), v))
			}
		}
		timeline := Replay([]Alarm{a}, nil, data, minute(1), minute(20))
		track, _ := timeline.Track("errors")
		current, changes := InsufficientData, 0
		for n, got := range track.States {
			want, err := Evaluate(a, data, timeline.Start.Add(time.Duration(n)*timeline.Step), current)
			require.NoError(t, err)
			require.Equal(t, want.State, got)
			if got != current {
				require.Equal(t, want.Reason, timeline.Transitions[changes].Reason)
				changes++
			}
			current = got
		}
		require.Len(t, timeline.Transitions, changes)
	})
}
