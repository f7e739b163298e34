package loop

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"labctl/checks/alarm"
)

// engine evaluates alarms. *alarm.Monitor is one.
type engine interface {
	Define(alarms []alarm.Alarm, composites []alarm.Composite)
	Step(data *alarm.Data, at time.Time) []alarm.Transition
	Set(name string, state alarm.State, reason string, at time.Time) ([]alarm.Transition, error)
	Status(name string) (alarm.Status, bool)
}

// watch is the alarms and the data of one place.
type watch struct {
	Place
	engine     engine
	newEngine  func() engine
	data       *alarm.Data
	alarms     []alarm.Alarm
	composites []alarm.Composite
	broken     map[string]error          // alarms on which the engine failed: they are left out
	told       map[string]string         // what was said of alarms whose state cannot be told
	withheld   map[string]alarm.Withheld // why the actions of composite alarms are not taken, as the server has it
	stepped    time.Time
	tell       func(about, problem string)
}

func newWatch(place Place, newEngine func() engine, tell func(about, problem string)) *watch {
	return &watch{Place: place, engine: newEngine(), newEngine: newEngine, data: alarm.NewData(), broken: map[string]error{}, told: map[string]string{}, withheld: map[string]alarm.Withheld{}, tell: tell}
}

// grain is the time between two steps: alarms with a period of less than a minute are evaluated each 10 seconds.
const grain = 10 * time.Second

// mostSteps is how many steps are made up for, after a machine was asleep: the states of a past that nobody saw are no news.
const mostSteps = 1000

// define sets the alarms, and takes over the server's state of those that have another one here: an alarm that was deleted and
// made anew between two looks, or all of them when the loop begins on a server that has been running.
func (w *watch) define(alarms []alarm.Alarm, composites []alarm.Composite, states map[string]alarm.State, at time.Time) []Transition {
	w.alarms, w.composites = alarms, composites
	clear(w.broken)
	w.engine.Define(alarms, composites)
	return w.placed(w.restore(states, at))
}

// restore puts alarms into states of which everybody has been told. Transitions are those of other alarms, which watch them.
func (w *watch) restore(states map[string]alarm.State, at time.Time) []alarm.Transition {
	var other []string
	for _, name := range w.names() {
		status, known := w.engine.Status(name)
		if state := states[name]; known && state != "" && state != status.State {
			other = append(other, name)
		}
	}
	var out []alarm.Transition
	for _, name := range other {
		transitions, err := w.engine.Set(name, states[name], "", at)
		if err == nil { // else the server has a state that there is not
			out = append(out, transitions...)
		}
	}
	return slices.DeleteFunc(out, func(t alarm.Transition) bool { return slices.Contains(other, t.Alarm) })
}

// names are all alarms, composite ones last: what is put into its state after its children keeps it.
func (w *watch) names() []string {
	var names []string
	for _, a := range w.alarms {
		names = append(names, a.Name)
	}
	for _, c := range w.composites {
		names = append(names, c.Name)
	}
	return names
}

// set follows a SetAlarmState.
func (w *watch) set(s Set) []Transition {
	transitions, err := w.engine.Set(s.Alarm, s.State, s.Reason, s.At)
	if err != nil { // the alarm is gone already
		return nil
	}
	if s.Notified {
		transitions = slices.DeleteFunc(transitions, func(t alarm.Transition) bool { return t.Alarm == s.Alarm })
	}
	return w.placed(transitions)
}

// step evaluates the alarms up to a moment.
func (w *watch) step(until time.Time) []Transition {
	until = until.Truncate(grain)
	if len(w.alarms)+len(w.composites) == 0 {
		w.stepped = until
		return nil
	}
	if w.stepped.Before(until.Add(-mostSteps * grain)) {
		w.stepped = until.Add(-grain)
	}
	var out []Transition
	for at := w.stepped.Add(grain); !at.After(until); at = at.Add(grain) {
		out = append(out, w.placed(w.stepTo(at))...)
		w.stepped = at
	}
	out = append(out, w.placed(w.untold())...)
	return append(out, w.placed(w.suppressed())...)
}

// suppressed marks the composite alarms whose actions are withheld for another reason than the server has, or no longer, although
// their state is what it was.
func (w *watch) suppressed() []alarm.Transition {
	var out []alarm.Transition
	for _, c := range w.composites {
		status, known := w.engine.Status(c.Name)
		if known && status.Err == nil && status.Withheld != w.withheld[c.Name] {
			out = append(out, alarm.Transition{At: w.stepped, Alarm: c.Name, From: status.State, To: status.State, Reason: status.Reason, Withheld: status.Withheld})
		}
	}
	return out
}

// stepTo makes one step. An alarm on which the engine fails is left out from then on, and the step is made again without it.
func (w *watch) stepTo(at time.Time) (transitions []alarm.Transition) {
	for {
		before := w.states()
		err := try(func() error { transitions = w.engine.Step(w.data, at); return nil })
		if err == nil {
			return transitions
		}
		if !w.blame(at) { // no alarm alone makes it fail: without any of them it cannot
			for _, name := range w.names() {
				w.broken[name] = err
			}
		}
		w.engine = w.newEngine()
		w.engine.Define(w.sound())
		_ = w.restore(before, at) // the step that follows finds again what changes
	}
}

// blame finds the alarms on which the engine fails when it knows nothing else.
func (w *watch) blame(at time.Time) bool {
	found := false
	try1 := func(name string, define func(engine)) {
		if w.broken[name] != nil {
			return
		}
		alone := w.newEngine()
		define(alone)
		if err := try(func() error { alone.Step(w.data, at); return nil }); err != nil {
			w.broken[name], found = err, true
			var failure *panicError
			if errors.As(err, &failure) {
				w.tell("alarm "+name, fmt.Sprintf("%v\n%s", err, failure.stack))
			}
		}
	}
	for _, a := range w.alarms {
		try1(a.Name, func(e engine) { e.Define([]alarm.Alarm{a}, nil) })
	}
	for _, c := range w.composites {
		try1(c.Name, func(e engine) { e.Define(nil, []alarm.Composite{c}) })
	}
	return found
}

// sound are the alarms on which the engine does not fail.
func (w *watch) sound() ([]alarm.Alarm, []alarm.Composite) {
	return slices.DeleteFunc(slices.Clone(w.alarms), func(a alarm.Alarm) bool { return w.broken[a.Name] != nil }),
		slices.DeleteFunc(slices.Clone(w.composites), func(c alarm.Composite) bool { return w.broken[c.Name] != nil })
}

func (w *watch) states() map[string]alarm.State {
	states := map[string]alarm.State{}
	for _, name := range w.names() {
		if status, known := w.engine.Status(name); known {
			states[name] = status.State
		}
	}
	return states
}

// untold marks the alarms whose state cannot be told, each once: a reason, the state that they had, and no actions.
func (w *watch) untold() []alarm.Transition {
	var out []alarm.Transition
	for _, name := range w.names() {
		status, _ := w.engine.Status(name)
		err := w.broken[name]
		if err == nil {
			err = status.Err
		}
		problem := ""
		if err != nil {
			problem = err.Error()
		}
		if problem == w.told[name] {
			continue
		}
		w.told[name] = problem
		reason := status.Reason
		if problem != "" {
			reason = "labctl cannot tell the state of this alarm: " + problem
			w.tell("alarm "+name, problem)
		}
		state := status.State
		if state == "" {
			state = alarm.InsufficientData
		}
		out = append(out, alarm.Transition{At: w.stepped, Alarm: name, From: state, To: state, Reason: reason})
	}
	return out
}

func (w *watch) placed(transitions []alarm.Transition) []Transition {
	var out []Transition
	for _, t := range transitions {
		w.withheld[t.Alarm] = t.Withheld
		if t.Withheld == alarm.ByActionsDisabled { // which is no suppression
			w.withheld[t.Alarm] = ""
		}
		out = append(out, Transition{Place: w.Place, Transition: t})
	}
	return out
}
