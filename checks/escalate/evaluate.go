package escalate

import (
	"strings"

	"labctl/checks/policy"
)

// Evaluate tries every known path for a subject. account is nil where it is not known.
func Evaluate(subject Subject, account *Account) Report {
	s := newSearch(subject, account)
	report := Report{Principal: subject.Principal.String(), Administrator: s.isAdministrator()}
	for _, path := range Paths() {
		report.Results = append(report.Results, s.path(path))
	}
	return report
}

// isAdministrator tells whether the subject may do everything that tells an administrator from others.
func (s *search) isAdministrator() bool {
	for _, action := range telling() {
		// Whether a key or a role lets it in is not a matter of its own rights.
		if strings.HasPrefix(action, "kms:") || strings.HasPrefix(action, "sts:") {
			continue
		}
		if s.ask(s.subject.Input, request{action: action, resource: s.instance("*", action)}) != policy.Allow {
			return false
		}
	}
	return true
}

// finding is what trying led to: the better it is for the caller, the higher its score.
type finding struct {
	verdict
	steps   []Step
	allowed bool // the calls are, though they lead nowhere
}

func (f finding) score() int {
	if f.status == Closed && f.allowed {
		return 1
	}
	return 2 * f.status.rank()
}

// path tries a path: each of its kinds of resource by itself, because only calls on the same resource depend on each other.
func (s *search) path(p Path) Result {
	result := Result{Path: p, Status: Open}
	var decisive *finding
	for _, k := range kindsOf(p.Calls) {
		found := s.best(k, p.Calls)
		if decisive == nil || found.score() < decisive.score() {
			decisive = &found
		}
		result.Status = smaller(result.Status, found.status)
		result.Steps = append(result.Steps, found.steps...)
	}
	result.Note = decisive.note
	if result.Status == Closed {
		result.Steps = decisive.steps
	}
	return result
}

func kindsOf(calls []Call) []kind {
	var kinds []kind
next:
	for _, call := range calls {
		for _, k := range kinds {
			if k == call.on {
				continue next
			}
		}
		kinds = append(kinds, call.on)
	}
	return kinds
}

// best tries the calls on one kind of resource on all targets, and keeps what serves the caller best.
func (s *search) best(k kind, calls []Call) finding {
	targets, whole := s.targets(k)
	var best *finding
	for _, t := range targets {
		if found := s.on(t, k, calls); best == nil || found.score() > best.score() {
			best = &found
		}
		if best.status == Open {
			return *best
		}
	}
	if !whole {
		best.verdict = verdict{larger(best.status, Inconclusive), "the policies name more resources than can be tried"}
	}
	return *best
}

// on tries the calls on one target: all must be allowed there.
func (s *search) on(t target, k kind, calls []Call) finding {
	all := finding{verdict: verdict{status: Open}, allowed: true}
	for _, call := range calls {
		if call.on != k {
			continue
		}
		found := s.call(call, t)
		if found.status.rank() < all.status.rank() || all.note == "" {
			all.note = found.note
		}
		all.status = smaller(all.status, found.status)
		all.allowed = all.allowed && found.allowed
		all.steps = append(all.steps, found.steps...)
		if !found.allowed {
			all.steps = found.steps
			return all
		}
	}
	return all
}

// call tries one call on one target with every choice of the caller.
func (s *search) call(call Call, t target) finding {
	var best *finding
	whole := s.tries(call, t, func(a attempt) bool {
		found := finding{verdict: verdict{status: a.status()}, allowed: a.status() != Closed}
		if found.allowed && call.gain != nil {
			v := call.gain(s, call, t, a)
			if found.status == Inconclusive && v.status != Closed {
				v.note = "whether " + call.Action + " is allowed cannot be decided"
			}
			found.verdict = verdict{smaller(found.status, v.status), v.note}
		}
		if best == nil || found.score() > best.score() {
			found.steps = []Step{{Action: call.Action, Resource: readable(t.arn), Context: a.context, Decision: a.decision}}
			best = &found
		}
		return best.status == Open
	})
	if !whole {
		best.verdict = verdict{larger(best.status, Inconclusive), "the policies ask for more combinations of context keys than can be tried"}
		best.allowed = true
	}
	return *best
}
