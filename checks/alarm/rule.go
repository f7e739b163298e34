package alarm

import (
	"slices"
	"strings"
)

// Rule is the rule of a composite alarm (Create_Composite_Alarm, "Rule expressions").
type Rule struct {
	root       condition
	references []Reference
}

// Reference is what a rule says of another alarm: ALARM(name), OK(name) or INSUFFICIENT_DATA(name).
type Reference struct {
	State State
	// Alarm is a name or an ARN.
	Alarm string
}

// References are the alarms that the rule speaks of, in its order.
func (r *Rule) References() []Reference { return slices.Clone(r.references) }

// States says in which state an alarm is, by its name or ARN, and whether that is known.
type States func(alarm string) (State, bool)

// Evaluate says whether the rule holds. It is an [InconclusiveError] if that depends on an alarm which doesn't exist, as AWS doesn't
// document what happens then, or on the order of AND and OR without parentheses, of which it says nothing either.
func (r *Rule) Evaluate(states States) (bool, error) {
	switch r.root.judge(states) {
	case yes:
		return true, nil
	case no:
		return false, nil
	}
	var unknown []string
	for _, reference := range r.references {
		if _, ok := states(reference.Alarm); !ok && !slices.Contains(unknown, reference.Alarm) {
			unknown = append(unknown, reference.Alarm)
		}
	}
	if len(unknown) == 0 {
		return false, inconclusive("AWS doesn't document whether AND or OR comes first, and here it matters")
	}
	return false, inconclusive("the state of %s isn't known", strings.Join(unknown, ", "))
}

// truth is a three-valued answer: what isn't known must stay apart from yes and no until it is clear whether it matters.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// condition is a part of a rule.
type condition interface {
	judge(States) truth
}

type (
	constant bool
	negation struct{ of condition }
	// chain is conditions joined by AND and OR without parentheses.
	chain struct {
		conditions []condition
		and        []bool // whether AND stands after a condition, rather than OR
	}
)

func (c constant) judge(States) truth        { return truthOf(bool(c)) }
func (n negation) judge(states States) truth { return yes - n.of.judge(states) }
func (r Reference) judge(states States) truth {
	state, ok := states(r.Alarm)
	if !ok {
		return maybe
	}
	return truthOf(state == r.State)
}

// judge reads the chain both ways, AND before OR and from left to right, and knows the answer only if they agree.
func (c chain) judge(states States) truth {
	first := c.conditions[0].judge(states)
	leftToRight, alternatives, group := first, no, first
	for n, and := range c.and {
		next := c.conditions[n+1].judge(states)
		if and {
			leftToRight, group = min(leftToRight, next), min(group, next)
		} else {
			leftToRight, alternatives, group = max(leftToRight, next), max(alternatives, group), next
		}
	}
	if andFirst := max(alternatives, group); andFirst != leftToRight {
		return maybe
	}
	return leftToRight
}
