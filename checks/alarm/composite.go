package alarm

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

type compositeEntry struct {
	entry
	definition Composite
	rule       *Rule
	broken     error  // why the rule can't be evaluated, whatever the states of its children
	seen       string // the states of its children when the rule was last evaluated
	suppression
}

// arrange puts composite alarms after those that they watch, and finds the circles: "the evaluation of composite alarms stops if
// CloudWatch detects a cycle in the evaluation path" (Create_Composite_Alarm).
func (m *Monitor) arrange() {
	var ordered []*compositeEntry
	var visit func(c *compositeEntry, path []*compositeEntry)
	visit = func(c *compositeEntry, path []*compositeEntry) {
		if start := slices.Index(path, c); start >= 0 {
			for _, member := range path[start:] {
				member.broken = inconclusive("the composite alarm watches itself, by way of %d alarms", len(path)-start)
			}
			return
		}
		if slices.Contains(ordered, c) {
			return
		}
		path = append(path, c)
		for _, r := range c.references() {
			if child := m.index[r.Alarm]; child != nil {
				if inner := m.compositeNamed(child.name); inner != nil {
					visit(inner, path)
				}
			}
		}
		ordered = append(ordered, c)
	}
	for _, c := range m.composites {
		if c.rule != nil {
			c.broken = nil // a circle may have been cut
		}
	}
	for _, c := range m.composites {
		visit(c, nil)
	}
	m.composites = ordered
}

func (c *compositeEntry) references() []Reference {
	if c.rule == nil {
		return nil
	}
	return c.rule.references
}

// settle evaluates the composite alarms whose children changed.
func (m *Monitor) settle(at time.Time) []Transition {
	changes := map[*compositeEntry]Transition{}
	for _, c := range m.composites {
		if t, changed := m.evaluate(c, at); changed {
			changes[c] = t
		}
	}
	// Actions come after all states are settled, as a suppressor may be any alarm.
	var out []Transition
	for _, c := range m.composites {
		if t, changed := changes[c]; changed {
			out = append(out, m.take(c, t))
		} else if t, late := m.release(c, at); late {
			out = append(out, t)
		}
	}
	return out
}

// evaluate evaluates a composite alarm if the state of one of its children changed.
func (m *Monitor) evaluate(c *compositeEntry, at time.Time) (Transition, bool) {
	if c.Err = c.broken; c.Err != nil {
		return Transition{}, false
	}
	seen := m.childStates(c)
	unchanged := seen == c.seen
	holds, err := c.rule.Evaluate(m.states)
	if c.Err = err; err != nil || unchanged {
		return Transition{}, false
	}
	c.seen = seen
	state := OK
	if holds {
		state = InAlarm
	}
	if state == c.State {
		return Transition{}, false
	}
	return c.turn(state, m.cause(c, state), at), true
}

// childStates is the states of all children as a string. It isn't empty, as a rule that was never evaluated differs from all.
func (m *Monitor) childStates(c *compositeEntry) string {
	var b strings.Builder
	for _, r := range c.rule.references {
		state, known := m.states(r.Alarm)
		fmt.Fprintf(&b, "%s %t,", state, known)
	}
	return b.String() + "."
}

// cause words why a composite alarm changed, as CloudWatch does: by the child that changed last.
func (m *Monitor) cause(c *compositeEntry, to State) string {
	var latest *entry
	for _, r := range c.rule.references {
		if child := m.index[r.Alarm]; child != nil && !child.Since.IsZero() && (latest == nil || child.Since.After(latest.Since)) {
			latest = child
		}
	}
	if latest == nil {
		return fmt.Sprintf("%s was created and its alarm rule evaluates to %s", c.reference(), to)
	}
	return fmt.Sprintf("%s transitioned to %s at %s", latest.reference(), latest.State, latest.Since.UTC().Format("Monday 02 January, 2006 15:04:05 UTC"))
}

func (e *entry) reference() string {
	if e.arn != "" {
		return e.arn
	}
	return e.name
}

// take takes the actions of a composite alarm that changes, or withholds them.
func (m *Monitor) take(c *compositeEntry, t Transition) Transition {
	by := m.withheld(c, t.At, true)
	if c.Withheld = by; by == "" {
		c.notified = t.To
		return c.notify(t)
	}
	t.Withheld = by
	return t
}

// release takes the actions that were withheld, when they no longer are, if the state still differs from the one last notified.
func (m *Monitor) release(c *compositeEntry, at time.Time) (Transition, bool) {
	if c.Withheld = m.withheld(c, at, false); c.Withheld != "" || c.Err != nil || c.notified == c.State {
		return Transition{}, false
	}
	t := Transition{At: at, Alarm: c.name, ARN: c.arn, From: c.notified, To: c.State, Reason: c.Reason, Late: true}
	c.notified = c.State
	return c.notify(t), true
}
