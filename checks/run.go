package checks

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"labctl/checks/inventory"
)

// Support says whether a target shows a capability.
type Support struct {
	Shown     bool   // a test on this target has shown it
	Simulated bool   // labctl's own correction or control loop shows it
	Reason    string // why it is not shown: what the learner reads beside a skip
}

// Options steer one run of checks.
type Options struct {
	// Support answers for each capability of the target. A capability that is absent is not shown.
	Support map[Capability]Support
	// Parallel bounds the checks that run at once; below 1 means 8.
	Parallel int
	// Settle is how long a pending fail is looked at again before it counts. Zero means once.
	Settle time.Duration
	// OnResult, if set, is told each final result; calls do not overlap.
	OnResult func(Result)
}

// Result is a check, what it found, and how long that took.
type Result struct {
	Check     Check
	Finding   Finding
	Simulated bool
	Elapsed   time.Duration
}

// Report is the outcome of one run of checks.
type Report struct {
	Results  []Result // in the order of the checks
	APICalls int64    // calls that the inventory made
	Started  time.Time
	Elapsed  time.Duration
}

// settlePause is the time between two looks at an account that is not finished.
const settlePause = 2 * time.Second

// Run decides the checks against inventories that fresh returns. All checks of one look share one inventory; a
// pending fail is looked at again with a fresh one until opts.Settle is over.
func Run(ctx context.Context, fresh func() *inventory.Inventory, all []Check, opts Options) Report {
	report := Report{Results: make([]Result, len(all)), Started: time.Now()}
	settled := make([]bool, len(all))
	deadline := report.Started.Add(opts.Settle)
	for {
		inv := fresh()
		look(ctx, inv, all, opts, settled, report.Results)
		report.APICalls += inv.Calls()

		last := ctx.Err() != nil || time.Now().Add(settlePause).After(deadline)
		waiting := false
		for i := range report.Results {
			if settled[i] {
				continue
			}
			if report.Results[i].Finding.Pending && !last {
				waiting = true
				continue
			}
			settled[i] = true
			if opts.OnResult != nil {
				opts.OnResult(report.Results[i])
			}
		}
		if !waiting {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(settlePause):
		}
	}
	report.Elapsed = time.Since(report.Started)
	return report
}

func look(ctx context.Context, inv *inventory.Inventory, all []Check, opts Options, settled []bool, results []Result) {
	var group errgroup.Group
	group.SetLimit(max(opts.Parallel, 1))
	if opts.Parallel < 1 {
		group.SetLimit(8)
	}
	for i, check := range all {
		if settled[i] {
			continue
		}
		group.Go(func() error {
			results[i] = decide(ctx, inv, check, opts.Support)
			return nil
		})
	}
	_ = group.Wait() // the functions above return nil: a check that could not decide says so in its result
}

func decide(ctx context.Context, inv *inventory.Inventory, check Check, support map[Capability]Support) Result {
	result := Result{Check: check}
	for _, need := range check.Needs {
		s := support[need]
		if !s.Shown {
			reason := s.Reason
			if reason == "" {
				reason = fmt.Sprintf("this target has not been shown to support %s", need)
			}
			result.Finding = Finding{Status: Skip, Found: []string{reason}}
			return result
		}
		result.Simulated = result.Simulated || s.Simulated
	}
	began := time.Now()
	finding, err := safely(ctx, inv, check)
	result.Elapsed = time.Since(began)
	switch {
	case err != nil:
		result.Finding = Finding{Status: Error, Found: []string{err.Error()}}
	case finding.Status != Pass && finding.Status != Fail && finding.Status != Skip:
		result.Finding = Finding{Status: Error, Found: []string{fmt.Sprintf("the check concluded nothing (status %q)", finding.Status)}}
	default:
		result.Finding = finding
	}
	return result
}

// safely keeps a defect in one check from taking the verdicts of all others with it: a panic is "could not decide".
func safely(ctx context.Context, inv *inventory.Inventory, check Check) (finding Finding, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("defect in the check: %v\n%s", r, debug.Stack())
		}
	}()
	finding, err = check.Decide(ctx, inv)
	if err == nil {
		err = ctx.Err()
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted before it could decide")
	}
	return finding, err
}

// Count is the number of results with the status.
func (r Report) Count(status Status) int {
	n := 0
	for _, result := range r.Results {
		if result.Finding.Status == status {
			n++
		}
	}
	return n
}

// Verdict is the outcome of the whole: fail beats error, error beats pass, and a run in which nothing was decided
// is an error, because an empty result is never a pass.
func (r Report) Verdict() Status {
	switch {
	case r.Count(Fail) > 0:
		return Fail
	case r.Count(Error) > 0, r.Count(Pass) == 0:
		return Error
	default:
		return Pass
	}
}
