package alarm

import (
	"reflect"
	"slices"
	"time"
)

// Status is where an alarm stands.
type Status struct {
	// State is the last state that was certain. While Err is set it isn't certain any more.
	State  State
	Reason string
	// Since is when the state changed; zero if it never did.
	Since time.Time
	// Err is an [InvalidError] or an [InconclusiveError] if the state can't be told now.
	Err error
	// Latest is the newest data point of a metric alarm, NaN where it is missing.
	Latest float64
	// Withheld is why the actions of a composite alarm are not taken at the moment.
	Withheld Withheld
}

// Transition is a change of an alarm's state, or the actions of earlier changes taken late.
type Transition struct {
	At    time.Time
	Alarm string
	ARN   string
	// From and To are the same only if actions of an earlier change are taken late.
	From, To State
	Reason   string
	// Actions are the ARNs that are notified.
	Actions []string
	// Withheld is why nobody is notified; empty also if the alarm has no actions for the state.
	Withheld Withheld
	// Late says that the state changed earlier, and that its actions were withheld until now.
	Late bool
}

// Monitor keeps the states of a set of alarms while time passes. It is for one goroutine at a time.
type Monitor struct {
	metrics    []*metricEntry
	composites []*compositeEntry // children before those that watch them
	index      map[string]*entry // by name and by ARN
}

// entry is an alarm with its status.
type entry struct {
	Status
	name, arn string
	actions   Actions
}

type metricEntry struct {
	entry
	definition Alarm
	evaluator  *Evaluator // nil if the alarm can't be evaluated
	evaluated  time.Time
}

// NewMonitor has no alarms yet.
func NewMonitor() *Monitor { return &Monitor{} }

// Define sets the alarms. Those that it had keep their state, also if their definition changed ("its state is left unchanged",
// PutMetricAlarm); new ones have insufficient data; others are forgotten. It costs little if nothing changed.
func (m *Monitor) Define(alarms []Alarm, composites []Composite) {
	old := *m
	*m = Monitor{index: map[string]*entry{}}
	for _, a := range alarms {
		e := old.metric(a.Name)
		if e == nil || !reflect.DeepEqual(e.definition, a) {
			e = &metricEntry{entry: entry{Status: old.standing(a.Name), name: a.Name, arn: a.ARN, actions: a.Actions}, definition: a}
			e.evaluator, e.Err = Compile(a)
		}
		m.metrics = append(m.metrics, e)
		m.enter(&e.entry)
	}
	for _, c := range composites {
		e := old.compositeNamed(c.Name)
		if e == nil || !reflect.DeepEqual(e.definition, c) {
			e = &compositeEntry{entry: entry{Status: old.standing(c.Name), name: c.Name, arn: c.ARN, actions: c.Actions}, definition: c}
			e.rule, e.broken = ParseRule(c.AlarmRule)
			e.notified = e.State
		}
		m.composites = append(m.composites, e)
		m.enter(&e.entry)
	}
	m.arrange()
}

// standing is the status with which an alarm starts.
func (m *Monitor) standing(name string) Status {
	if e := m.index[name]; e != nil {
		return e.Status
	}
	return Status{State: InsufficientData, Reason: "Unchecked: Initial alarm creation", Latest: absent}
}

func (m *Monitor) metric(name string) *metricEntry {
	for _, e := range m.metrics {
		if e.name == name {
			return e
		}
	}
	return nil
}

func (m *Monitor) compositeNamed(name string) *compositeEntry {
	for _, e := range m.composites {
		if e.name == name {
			return e
		}
	}
	return nil
}

func (m *Monitor) enter(e *entry) {
	m.index[e.name] = e
	if e.arn != "" {
		m.index[e.arn] = e
	}
}

// Status is where an alarm stands, by its name or ARN.
func (m *Monitor) Status(alarm string) (Status, bool) {
	if e := m.index[alarm]; e != nil {
		return e.Status, true
	}
	return Status{}, false
}

// states is what rules know of other alarms.
func (m *Monitor) states(alarm string) (State, bool) {
	e := m.index[alarm]
	if e == nil || e.Err != nil {
		return "", false
	}
	return e.State, true
}

// Step lets time pass: it evaluates each metric alarm at the end of the latest minute (or 10 seconds, for high resolution) if it
// hasn't been already, then the composite alarms. A step of several minutes evaluates once. Transitions come in the order of the alarms, children before the
// composite alarms that watch them.
func (m *Monitor) Step(data *Data, at time.Time) []Transition {
	var out []Transition
	for _, e := range m.metrics {
		if e.evaluator == nil {
			continue
		}
		moment := at.Truncate(e.evaluator.Interval())
		if !moment.After(e.evaluated) {
			continue
		}
		e.evaluated = moment
		evaluation, err := e.evaluator.Evaluate(data, moment, e.State)
		if e.Err = err; err != nil {
			e.Latest = absent
			continue
		}
		e.Latest = evaluation.Points[len(evaluation.Points)-1].Value
		if evaluation.State != e.State {
			out = append(out, e.notify(e.turn(evaluation.State, evaluation.Reason, at)))
		}
	}
	return append(out, m.settle(at)...)
}

// Set puts an alarm into a state, as SetAlarmState does, until it is next evaluated: a metric alarm within its minute, a composite
// alarm when one of its children changes ("SetAlarmState"). Actions are taken as for any transition.
func (m *Monitor) Set(alarm string, state State, reason string, at time.Time) ([]Transition, error) {
	e := m.index[alarm]
	if e == nil {
		return nil, invalid("there is no alarm %q", alarm)
	}
	if !slices.Contains([]State{OK, InAlarm, InsufficientData}, state) {
		return nil, invalid("there is no state %q", state)
	}
	var out []Transition
	if state != e.State {
		t := e.turn(state, reason, at)
		if c := m.compositeNamed(e.name); c != nil {
			t = m.take(c, t)
		} else {
			t = e.notify(t)
		}
		out = append(out, t)
	}
	return append(out, m.settle(at)...), nil
}

// turn changes the state.
func (e *entry) turn(to State, reason string, at time.Time) Transition {
	t := Transition{At: at, Alarm: e.name, ARN: e.arn, From: e.State, To: to, Reason: reason}
	e.State, e.Reason, e.Since = to, reason, at
	return t
}

// notify takes the actions of a transition. An alarm invokes actions only when it changes state (alarms-and-actions).
func (e *entry) notify(t Transition) Transition {
	if t.Actions = e.actions.of(t.To); !e.actions.ActionsEnabled {
		t.Withheld = ByActionsDisabled
	}
	return t
}
