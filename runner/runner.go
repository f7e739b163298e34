// Package runner is the life of a run: up, check, break, fix, down. It ties a lab, a target, Terraform and the journal
// together and tells what it does as events. It prints nothing and knows no flags.
package runner

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/price"
	"labctl/runner/target"
)

// The tags that every resource of a run carries.
const (
	TagLab     = "labctl:lab"
	TagRun     = "labctl:run"
	TagExpires = "labctl:expires"
)

// Targets finds where a lab can live. target.Resolver is one.
type Targets interface {
	Start(ctx context.Context, place target.Place) (target.Target, error)
	Attach(ctx context.Context, held target.Held) (target.Target, error)
	Alive(ctx context.Context, held target.Held) error
	Current(ctx context.Context, place target.Place) (target.Target, error)
	Probe(ctx context.Context, t target.Target, needs []checks.Capability) (map[checks.Capability]checks.Support, error)
	Release(ctx context.Context, name string) error
}

// Settings are what a runner works with.
type Settings struct {
	Labs      []labs.Lab
	Journal   *journal.Journal
	Targets   Targets
	Prices    price.Table
	CacheDir  string
	Terraform string // the binary asked for, or ""
	Getenv    func(string) string
	Environ   []string
	Version   string // of labctl
	Command   string // what the user typed, for those whom the lock keeps out
	Emit      func(Event)

	Allowed Allowed                                            // which real accounts may be used
	Confirm func(ctx context.Context, proposal Proposal) error // asks the user; a *RefusedError is a no
}

// Runner carries out commands on runs.
type Runner struct{ Settings }

// New makes a runner.
func New(settings Settings) *Runner { return &Runner{Settings: settings} }

func (r *Runner) step(format string, args ...any) { r.Emit(Step{Text: fmt.Sprintf(format, args...)}) }
func (r *Runner) note(format string, args ...any) { r.Emit(Note{Text: fmt.Sprintf(format, args...)}) }
func (r *Runner) warn(format string, args ...any) {
	r.Emit(Warning{Text: fmt.Sprintf(format, args...)})
}

// held is a run that this process holds the locks of.
type held struct {
	run   journal.Run
	locks []*journal.Lock
	ends  []func() // what else ends with the hold on the run
}

func (h *held) take(lock *journal.Lock, err error) error {
	if err == nil {
		h.locks = append(h.locks, lock)
	}
	return err
}

// release frees the locks. One that could not be freed is freed by the end of the process.
func (h *held) release() {
	for _, end := range h.ends {
		end()
	}
	for _, lock := range h.locks {
		_ = lock.Unlock()
	}
}

// hold locks a run and then reads its record: only what is read under the lock is still true.
func (r *Runner) hold(id string) (*held, error) {
	h := &held{}
	err := h.take(r.Journal.Lock(id, r.Command))
	if err == nil {
		h.run, err = r.Journal.Load(id)
	}
	if err != nil {
		h.release()
		return nil, err
	}
	return h, nil
}

// save records the run in a new state.
func (r *Runner) save(h *held, state journal.State) error {
	h.run.State = state
	return r.Journal.Save(h.run)
}

// find names the run that a command means: the one called name, or else the lab's only one.
func (r *Runner) find(lab labs.Lab, name string) (string, error) {
	runs, err := r.Journal.List()
	if name != "" {
		i := slices.IndexFunc(runs, func(run journal.Run) bool { return run.ID == name })
		switch {
		case i >= 0 && runs[i].Lab != lab.ID:
			return "", &UnknownError{Kind: "run of lab " + lab.ID, Name: name, Valid: idsOf(runs, lab.ID)}
		case i >= 0:
			return name, nil
		}
		if _, loadErr := r.Journal.Load(name); loadErr != nil {
			var missing *journal.NotFoundError
			if !errors.As(loadErr, &missing) {
				return "", loadErr
			}
		}
		return "", Unknown("run", name, idsOf(runs, lab.ID))
	}
	ids := idsOf(runs, lab.ID)
	switch {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		return "", hinted(&UsageError{Reason: fmt.Sprintf("there are %d runs of lab %s", len(ids), lab.ID)}, "name one with --run: "+join(ids))
	case err != nil:
		return "", err
	default:
		return "", hinted(&NoRunError{Lab: lab.ID}, "run `labctl up "+lab.ID+"`")
	}
}

func idsOf(runs []journal.Run, lab string) []string {
	var ids []string
	for _, run := range runs {
		if run.Lab == lab {
			ids = append(ids, run.ID)
		}
	}
	return ids
}

func (r *Runner) lab(id string) (labs.Lab, error) {
	for _, lab := range r.Labs {
		if lab.ID == id {
			return lab, nil
		}
	}
	return labs.Lab{}, fmt.Errorf("this labctl has no lab %q; the run was made by another version", id)
}

// attach reaches the target that holds a run, and makes sure that it is the account which the record names.
func (r *Runner) attach(ctx context.Context, run journal.Run) (target.Target, error) {
	t, err := r.Targets.Attach(ctx, heldBy(run))
	if err != nil {
		return t, explained(fmt.Errorf("reaching the target of run %s: %w", run.ID, err))
	}
	t = known(t, run)
	if t.Account != run.Account {
		err := &RefusedError{Reason: fmt.Sprintf("run %s is in account %s, but the target is account %s now", run.ID, run.Account, t.Account)}
		if t.Name == target.AWS {
			return t, hinted(err, "use credentials of account "+run.Account+", for example with AWS_PROFILE")
		}
		return t, err
	}
	return t, nil
}

func (r *Runner) scope(run journal.Run) inventory.Scope {
	return inventory.Scope{Key: TagRun, Value: run.ID}
}

func (r *Runner) inventory(t target.Target, scope inventory.Scope) *inventory.Inventory {
	return inventory.New(t.Config, t.Account, scope)
}

// check runs the checks of a lab and tells each result.
func (r *Runner) check(ctx context.Context, t target.Target, scope inventory.Scope, all []checks.Check, settle time.Duration) *checks.Report {
	done := 0
	report := checks.Run(ctx, func() *inventory.Inventory { return r.inventory(t, scope) }, all, checks.Options{
		Support: t.Support,
		Settle:  settle,
		OnResult: func(result checks.Result) {
			done++
			r.Emit(Checked{Result: result, Done: done, Total: len(all)})
		},
	})
	return &report
}

func (r *Runner) terraformDir(id string) string { return filepath.Join(r.Journal.Dir(id), "terraform") }

// newID makes a run's name: the lab and four letters that nobody can mistake for others.
func newID(lab string) string {
	const letters = "bcdfghjkmnpqrstvwxz23456789"
	id := []byte(lab + "-")
	for range 4 {
		id = append(id, letters[rand.IntN(len(letters))]) //nolint:gosec // a name, not a secret
	}
	return string(id)
}
