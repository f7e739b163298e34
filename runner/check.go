package runner

import (
	"context"
	"errors"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/reach"
	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/target"
)

// CheckOptions say what to judge.
type CheckOptions struct {
	Lab    labs.Lab
	Run    string           // the run's name; "" is the lab's only run
	Tag    *inventory.Scope // judge whatever carries this tag, instead of a run
	Place  target.Place     // where the tagged architecture lives
	Only   []string         // ids of the checks to run; none means all
	Settle time.Duration
}

// Select returns the lab's checks that only names, in the lab's order; none named means all.
func Select(lab labs.Lab, only []string) ([]checks.Check, error) {
	if len(only) == 0 {
		return lab.Checks, nil
	}
	wanted := map[string]bool{}
	for _, id := range only {
		if _, ok := lab.Check(id); !ok {
			return nil, Unknown("check", id, CheckIDs(lab))
		}
		wanted[id] = true
	}
	var chosen []checks.Check
	for _, check := range lab.Checks {
		if wanted[check.ID] {
			chosen = append(chosen, check)
		}
	}
	return chosen, nil
}

// CheckIDs lists the ids of a lab's checks.
func CheckIDs(lab labs.Lab) []string {
	ids := make([]string, len(lab.Checks))
	for i, check := range lab.Checks {
		ids[i] = check.ID
	}
	return ids
}

// Check judges a run, or whatever carries a tag. It takes no lock: it only reads, and may watch a run at work.
func (r *Runner) Check(ctx context.Context, opts CheckOptions) (Outcome, error) {
	chosen, err := Select(opts.Lab, opts.Only)
	if err != nil {
		return Outcome{}, err
	}
	outcome, scope, err := r.judged(ctx, opts, chosen)
	if err != nil {
		return Outcome{}, err
	}
	r.tellOfDrill(outcome.Run)
	outcome.Report = r.check(ctx, outcome.Target, scope, chosen, opts.Settle)
	return outcome, interruptedOr(ctx, "checking "+scope.String(), nil)
}

// tellOfDrill warns that what is judged is not the lab alone: a drill is at work on it, or was cut off.
func (r *Runner) tellOfDrill(run journal.Run) {
	switch {
	case run.Drill == nil:
	case r.Journal.Holder(run.ID) != nil:
		r.warn("Drill %s is at work on run %s: what it changes may fail.", run.Drill.ID, run.ID)
	default:
		r.warn("Drill %s was cut off on run %s: what it left may fail. `labctl up %s` takes it back.", run.Drill.ID, run.ID, run.Lab)
	}
}

func (r *Runner) judged(ctx context.Context, opts CheckOptions, chosen []checks.Check) (Outcome, inventory.Scope, error) {
	if opts.Tag != nil {
		t, err := r.current(ctx, opts.Place, needsOfChecks(chosen), "start it with `labctl local start`")
		return Outcome{Target: t}, *opts.Tag, err
	}
	id, err := r.find(opts.Lab, opts.Run)
	if err != nil {
		return Outcome{}, inventory.Scope{}, err
	}
	run, err := r.Journal.Load(id)
	if err != nil {
		return Outcome{}, inventory.Scope{}, err
	}
	t, err := r.attach(ctx, run)
	return Outcome{Run: run, Target: t}, r.scope(run), lostHint(err, run)
}

// lostHint adds what to do about a run whose server is gone.
func lostHint(err error, run journal.Run) error {
	var lost *target.LostError
	if errors.As(err, &lost) {
		return hinted(err, "run `labctl up "+run.Lab+"` to build it again, or `labctl down "+run.Lab+"` to clear the record")
	}
	return hinted(err, "run `labctl doctor`")
}

// NetworkOptions say whose network to read.
type NetworkOptions struct {
	Run   string // reach the account that holds this run; "" is the target as it is
	Place target.Place
}

// Network reads the network of an account: what `trace` and `snapshot` work on.
func (r *Runner) Network(ctx context.Context, opts NetworkOptions) (*reach.Network, error) {
	t, err := r.reachable(ctx, opts)
	if err != nil {
		return nil, err
	}
	network, err := r.inventory(t, inventory.Scope{}).Network(ctx)
	if err != nil {
		return nil, interruptedOr(ctx, "reading the network", err)
	}
	return network.Network, nil
}

func (r *Runner) reachable(ctx context.Context, opts NetworkOptions) (target.Target, error) {
	if opts.Run == "" {
		return r.current(ctx, opts.Place, nil, "bring a lab up first: `labctl up networking`")
	}
	run, err := r.Journal.Load(opts.Run)
	if err != nil {
		return target.Target{}, err
	}
	t, err := r.attach(ctx, run)
	return t, lostHint(err, run)
}
