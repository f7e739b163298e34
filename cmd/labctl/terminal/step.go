package terminal

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"labctl/checks"
	"labctl/checks/report/typeset"
	"labctl/runner"
)

// ending is how a step came to its end. An event tells only that the work went on; whether the last step succeeded
// is for the command's result to say.
type ending int

const (
	wentOn  ending = iota // the next step began, or all of this one was counted
	leftOff               // the view was closed
)

// step is what is known of the step in hand.
type step struct {
	text   string
	began  time.Time
	warned bool

	mu      sync.Mutex     // a live view is drawn at any time
	running map[string]job // by action and address

	done, total, failed int // resources
	checked, checks     int
	verdicts            map[checks.Status]int

	unit string // of what is counted, where that is no resources
}

// job is a resource in the making.
type job struct {
	address, action string
	began           time.Time
}

func newStep(text string) *step {
	return &step{
		text: typeset.Line(text), began: time.Now(), running: map[string]job{}, verdicts: map[checks.Status]int{},
	}
}

func (s *step) count(r runner.Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// Resources are reported from several goroutines, so that a count may come late.
	s.done, s.total = max(s.done, r.Done), max(s.total, r.Total)
	key := r.Action + " " + r.Address
	switch r.Phase {
	case runner.Started, runner.Working:
		if _, known := s.running[key]; !known {
			s.running[key] = job{typeset.Line(r.Address), r.Action, time.Now().Add(-r.Elapsed)}
		}
	case runner.Failed:
		s.failed++
		delete(s.running, key)
	case runner.Done:
		delete(s.running, key)
	}
}

func (s *step) countCheck(c runner.Checked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checked, s.checks = max(s.checked, c.Done), max(s.checks, c.Total)
	s.verdicts[c.Result.Finding.Status]++
}

func (s *step) countUp(c runner.Counted) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done, s.total, s.unit = c.Done, c.Total, c.Unit
}

// inFlight is the resources in the making, the one that takes longest first.
func (s *step) inFlight() []job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.running), func(a, b job) int {
		return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.address, b.address))
	})
}

// progress is how much of how much is done, and how much failed; total is zero where that is not known.
func (s *step) progress() (done, total, failed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checks > 0 {
		return s.checked, s.checks, s.failed
	}
	return s.done, s.total, s.failed
}

// numbers is how far the step has come, and for how long.
func (s *step) numbers() string {
	done, total, failed := s.progress()
	numbers := ""
	if total > 0 {
		numbers = fmt.Sprintf(" %d/%d", done, total)
	}
	if failed > 0 {
		numbers += fmt.Sprintf(", %d failed", failed)
	}
	return numbers + "  " + s.elapsed()
}

// summary is what the step has done, in a few words, or nothing where nothing was counted.
func (s *step) summary() string {
	var parts []string
	unit := cmp.Or(s.unit, "resource")
	switch {
	case s.checks > 0:
		for _, status := range []checks.Status{checks.Pass, checks.Fail, checks.Error, checks.Skip} {
			if n := s.verdicts[status]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, status))
			}
		}
	case s.total > 0 && s.done < s.total:
		parts = append(parts, fmt.Sprintf("%d of %s", s.done, typeset.Count(s.total, unit)))
	case s.done > 0:
		parts = append(parts, typeset.Count(s.done, unit))
	}
	if s.failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", s.failed))
	}
	return strings.Join(parts, ", ")
}

func (s *step) elapsed() string { return typeset.Elapsed(time.Since(s.began)) }

// doing and did put Terraform's word for an action into a sentence.
func doing(action string) string {
	if action == "" {
		return "working on"
	}
	return strings.TrimSuffix(action, "e") + "ing"
}

func did(action string) string {
	switch {
	case action == "":
		return "done"
	case action == "read":
		return "read"
	case strings.HasSuffix(action, "e"):
		return action + "d"
	default:
		return action + "ed"
	}
}
