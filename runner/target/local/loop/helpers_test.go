package loop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"labctl/checks/alarm"
	"labctl/labs/clock"
)

var (
	here  = Place{"123456789012", "us-east-1"}
	there = Place{"123456789012", "us-west-2"}
	start = time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC)
)

// fakeSource is a server in memory.
type fakeSource struct {
	defined  Definitions
	revision int64
	pending  Feed // told by the next Feed
	fails    error

	points      []Point
	transitions []Transition
	clocks      []string
	cursors     []int64
}

func (f *fakeSource) Feed(_ context.Context, cursor, revision int64) (Feed, error) {
	f.cursors = append(f.cursors, cursor)
	if f.fails != nil {
		return Feed{}, f.fails
	}
	feed := f.pending
	f.pending = Feed{}
	feed.Cursor, feed.Revision = cursor+1, f.revision
	if revision != f.revision {
		d := f.defined
		d.States = f.states()
		feed.Definitions = &d
	}
	return feed, nil
}

// states are as the server has them: the last that it was told.
func (f *fakeSource) states() map[Place]map[string]alarm.State {
	states := map[Place]map[string]alarm.State{}
	for place, named := range f.defined.States {
		states[place] = map[string]alarm.State{}
		for name, state := range named {
			states[place][name] = state
		}
	}
	return states
}

func (f *fakeSource) PutPoints(_ context.Context, points []Point) error {
	if f.fails != nil {
		return f.fails
	}
	f.points = append(f.points, points...)
	return nil
}

func (f *fakeSource) PutTransitions(_ context.Context, transitions []Transition) ([]string, error) {
	if f.fails != nil {
		return nil, f.fails
	}
	for _, t := range transitions {
		if f.defined.States[t.Place] != nil {
			f.defined.States[t.Place][t.Alarm] = t.To
		}
	}
	f.transitions = append(f.transitions, transitions...)
	return nil, nil
}

func (f *fakeSource) SetClock(_ context.Context, now time.Time, speed int) error {
	f.clocks = append(f.clocks, fmt.Sprintf("%s at %d", now.Format(time.TimeOnly), speed))
	return f.fails
}

// define replaces what is defined. Alarms and filters without a place are here.
func (f *fakeSource) define(alarms []alarm.Alarm, composites []alarm.Composite, filters ...Filter) {
	f.revision++
	f.defined = Definitions{
		Alarms: map[Place][]alarm.Alarm{here: alarms}, Composites: map[Place][]alarm.Composite{here: composites},
		States: map[Place]map[string]alarm.State{here: {}}, Filters: filters,
	}
	for _, a := range alarms {
		f.defined.States[here][a.Name] = alarm.InsufficientData
	}
	for _, c := range composites {
		f.defined.States[here][c.Name] = alarm.InsufficientData
	}
}

// taken returns the transitions so far in words, and forgets them.
func (f *fakeSource) taken() []string {
	words := []string{}
	for _, t := range f.transitions {
		text := fmt.Sprintf("%s %s %s->%s", t.At.Format("15:04:05"), t.Alarm, t.From, t.To)
		if len(t.Actions) > 0 {
			text += " " + fmt.Sprint(t.Actions)
		}
		if t.Withheld != "" {
			text += " withheld: " + string(t.Withheld)
		}
		words = append(words, text)
	}
	f.transitions = nil
	return words
}

// emitted returns the data points so far in words, and forgets them.
func (f *fakeSource) emitted() []string {
	words := []string{}
	for _, p := range f.points {
		dimensions := strings.TrimPrefix(fmt.Sprint(p.Metric.Dimensions), "map")
		words = append(words, fmt.Sprintf("%s %s%s %gx%g %s", p.At.Format("15:04"), p.Metric.Name, dimensions, p.Count, p.Maximum, p.Unit))
	}
	f.points = nil
	return words
}

// running is a loop under test, one look at a time.
type running struct {
	*state
	source *fakeSource
	log    []string
}

func run(t *testing.T, c clock.Clock, newEngine func() engine) *running {
	t.Helper()
	r := &running{source: &fakeSource{}}
	if newEngine == nil {
		newEngine = func() engine { return alarm.NewMonitor() }
	}
	r.state = newState(Loop{Source: r.source, Clock: c, Log: func(format string, args ...any) {
		r.log = append(r.log, fmt.Sprintf(format, args...))
	}}, newEngine)
	return r
}

// look looks once, when everything up to a moment counts.
func (r *running) look(t *testing.T, moment time.Time) {
	t.Helper()
	r.outcome(r.tick(t.Context(), moment.Add(settle)))
}

func (f *fakeSource) put(m alarm.Metric, at time.Time, values ...float64) {
	for _, v := range values {
		f.pending.Points = append(f.pending.Points, Point{Place: here, Metric: m, Unit: "Count", Datum: alarm.Value(at, v)})
	}
}

func (f *fakeSource) log(place Place, at time.Time, messages ...string) {
	for _, m := range messages {
		f.pending.Lines = append(f.pending.Lines, Line{Place: place, Group: "api", At: at, Message: m})
	}
}

var errorsOf = alarm.Metric{Namespace: "app", Name: "Errors"}

// failing goes off with one error in a minute.
func failing(name string, change ...func(*alarm.Alarm)) alarm.Alarm {
	a := alarm.Alarm{
		Name: name, ARN: "arn:" + name, Metric: errorsOf, Statistic: "Sum", Period: 60, EvaluationPeriods: 1, ComparisonOperator: "GreaterThanThreshold",
		TreatMissingData: "notBreaching", Actions: alarm.Actions{ActionsEnabled: true, AlarmActions: []string{"page"}, OKActions: []string{"fine"}},
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

func minutes(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

func contains(words []string, word string) bool { return slices.Contains(words, word) }
