package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"labctl/checks"
	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/target"
)

// BreakOptions say which fault to inject.
type BreakOptions struct {
	Lab   labs.Lab
	Run   string
	Fault string  // "" draws one and does not tell which
	Seed  *uint64 // makes the draw repeatable
}

// Broken is a run with a fault in it.
type Broken struct {
	Run    journal.Run
	Fault  labs.Fault
	Hidden bool
}

// FaultIDs lists the ids of a lab's faults.
func FaultIDs(lab labs.Lab) []string {
	ids := make([]string, len(lab.Faults))
	for i, fault := range lab.Faults {
		ids[i] = fault.ID
	}
	return ids
}

// Break injects a fault into a run that is ready.
func (r *Runner) Break(ctx context.Context, opts BreakOptions) (Broken, error) {
	if _, ok := opts.Lab.Fault(opts.Fault); opts.Fault != "" && !ok {
		return Broken{}, Unknown("fault", opts.Fault, FaultIDs(opts.Lab))
	}
	h, t, err := r.openToMake(ctx, opts.Lab, opts.Run)
	if err != nil {
		return Broken{}, err
	}
	defer h.release()
	switch h.run.State {
	case journal.Ready:
	case journal.Broken:
		return Broken{}, hinted(&RefusedError{Reason: fmt.Sprintf("run %s is broken already: two faults at once teach nothing", h.run.ID)}, "find it with `labctl hint "+opts.Lab.ID+"`, or take it back with `labctl fix "+opts.Lab.ID+"`")
	default:
		return Broken{}, hinted(&RefusedError{Reason: fmt.Sprintf("run %s is not ready (%s)", h.run.ID, h.run.State)}, "run `labctl up "+opts.Lab.ID+"` first")
	}

	fault, err := choose(opts, t)
	if err != nil {
		return Broken{}, err
	}
	if err := r.restoreCutOff(ctx, h, t); err != nil {
		return Broken{}, err
	}
	h.run.Fault = &journal.Fault{ID: fault.ID, Hidden: opts.Fault == "", Since: time.Now().UTC()}
	if err := r.save(h, journal.Broken); err != nil {
		return Broken{}, err
	}
	if err := fault.Inject(ctx, r.live(h.run, t), r.faultRecord(h)); err != nil {
		err = fmt.Errorf("injecting the fault: %w", err)
		return Broken{}, hinted(interruptedOr(ctx, "injecting the fault; it may be half made", err), "take it back with `labctl fix "+opts.Lab.ID+"`")
	}
	return Broken{Run: h.run, Fault: fault, Hidden: h.run.Fault.Hidden}, nil
}

// choose takes the fault that was named, or draws one of those that are one on the target: where no check can tell, there
// would be nothing to find.
func choose(opts BreakOptions, t target.Target) (labs.Fault, error) {
	var possible []labs.Fault
	for _, fault := range opts.Lab.Faults {
		need, reason := lacking(opts.Lab.NeedsOf(fault), t)
		switch {
		case reason == "" && fault.ID == opts.Fault:
			return fault, nil
		case reason == "":
			possible = append(possible, fault)
		case fault.ID == opts.Fault:
			return labs.Fault{}, &RefusedError{Reason: fmt.Sprintf("no check could tell fault %s here, because it needs %s: %s", fault.ID, need, reason)}
		}
	}
	if len(possible) == 0 {
		return labs.Fault{}, &RefusedError{Reason: fmt.Sprintf("lab %s has no fault that target %s can show", opts.Lab.ID, t.Name)}
	}
	draw := rand.IntN //nolint:gosec // an exercise, not a secret
	if opts.Seed != nil {
		draw = rand.New(rand.NewPCG(*opts.Seed, 0)).IntN //nolint:gosec // repeatable by intent
	}
	return possible[draw(len(possible))], nil
}

// lacking is the first of the needs that the target does not show, and the reason; without one the reason is empty.
func lacking(needs []checks.Capability, t target.Target) (need checks.Capability, reason string) {
	for _, need := range needs {
		support := t.Support[need]
		if support.Shown {
			continue
		}
		if support.Reason != "" {
			return need, support.Reason
		}
		return need, fmt.Sprintf("target %s has not been shown to support it", t.Name)
	}
	return "", ""
}

// Hint is one rung of a fault's ladder.
type Hint struct {
	Text  string
	N, Of int
}

// Hint gives the next hint about the fault in a run; after the last one it repeats that.
func (r *Runner) Hint(_ context.Context, lab labs.Lab, run string) (Hint, error) {
	id, err := r.find(lab, run)
	if err != nil {
		return Hint{}, err
	}
	h, err := r.hold(id)
	if err != nil {
		return Hint{}, err
	}
	defer h.release()
	fault, err := injected(lab, h.run)
	if err != nil {
		return Hint{}, err
	}
	n := min(h.run.Fault.Hints+1, len(fault.Hints))
	h.run.Fault.Hints = n
	if err := r.save(h, h.run.State); err != nil {
		return Hint{}, err
	}
	return Hint{Text: fault.Hints[n-1], N: n, Of: len(fault.Hints)}, nil
}

// Fixed is a fault that was taken back.
type Fixed struct {
	Run   journal.Run
	Fault labs.Fault
}

// Fix takes the fault of a run back.
func (r *Runner) Fix(ctx context.Context, lab labs.Lab, run string) (Fixed, error) {
	h, t, err := r.open(ctx, lab, run)
	if err != nil {
		return Fixed{}, err
	}
	defer h.release()
	fault, err := injected(lab, h.run)
	if err != nil {
		return Fixed{}, err
	}
	if err := fault.Undo(ctx, r.live(h.run, t), r.faultRecord(h)); err != nil {
		err = fmt.Errorf("taking fault %s back: %w", fault.ID, err)
		return Fixed{}, hinted(interruptedOr(ctx, "taking the fault back", err), "run `labctl fix "+lab.ID+"` again; if it keeps failing, `labctl down "+lab.ID+"` removes everything")
	}
	h.run.Fault, h.run.Repaired = nil, true
	return Fixed{Run: h.run, Fault: fault}, r.save(h, journal.Ready)
}

// NotBrokenError says that there is no fault to hint at or to fix.
type NotBrokenError struct{ Run string }

func (e *NotBrokenError) Error() string { return fmt.Sprintf("run %s has no fault in it", e.Run) }

func injected(lab labs.Lab, run journal.Run) (labs.Fault, error) {
	if run.Fault == nil {
		return labs.Fault{}, hinted(&NotBrokenError{Run: run.ID}, "put one in with `labctl break "+lab.ID+"`")
	}
	fault, ok := lab.Fault(run.Fault.ID)
	if !ok {
		return labs.Fault{}, fmt.Errorf("this labctl does not know fault %q of run %s; it was injected by version %s", run.Fault.ID, run.ID, run.Labctl)
	}
	return fault, nil
}

// open finds, holds and reaches a run.
func (r *Runner) open(ctx context.Context, lab labs.Lab, name string) (*held, target.Target, error) {
	id, err := r.find(lab, name)
	if err != nil {
		return nil, target.Target{}, err
	}
	h, err := r.hold(id)
	if err != nil {
		return nil, target.Target{}, err
	}
	t, err := r.attach(ctx, h.run)
	if err != nil {
		h.release()
		return nil, t, lostHint(err, h.run)
	}
	return h, t, nil
}

// openToMake is open for commands that make things there, and costs.
func (r *Runner) openToMake(ctx context.Context, lab labs.Lab, name string) (*held, target.Target, error) {
	h, t, err := r.open(ctx, lab, name)
	if err != nil {
		return nil, t, err
	}
	if err := r.allow(t); err != nil {
		h.release()
		return nil, t, err
	}
	return h, t, nil
}

func (r *Runner) live(run journal.Run, t target.Target) labs.Live {
	return labs.Live{Config: t.Config, Inventory: r.inventory(t, r.scope(run)), Run: run.ID, Tags: run.Tags, SecondRegion: run.SecondRegion, Support: t.Support, Clock: t.Clock}
}

// record keeps in the journal what an undo, or a drill's restoring, needs. What it hands to put is not changed afterwards.
type record struct {
	runner *Runner
	held   *held
	data   map[string]string
	put    func(data map[string]string)
}

func (r *record) Get(key string) string { return r.data[key] }

func (r *record) Set(key, value string) error {
	data := maps.Clone(r.data)
	if data == nil {
		data = map[string]string{}
	}
	data[key] = value
	r.data = data
	r.put(data)
	return r.runner.Journal.Save(r.held.run)
}

var _ labs.Record = (*record)(nil)

// faultRecord is the record of the fault in a run.
func (r *Runner) faultRecord(h *held) *record {
	return &record{runner: r, held: h, data: h.run.Fault.Data, put: func(data map[string]string) {
		fault := *h.run.Fault
		fault.Data = data
		h.run.Fault = &fault
	}}
}

// undoFault takes a fault back before a run is removed, so that Terraform finds what it made. That it can't is no
// reason to keep the run: the sweep removes what is left.
func (r *Runner) undoFault(ctx context.Context, h *held, t target.Target) {
	lab, err := r.lab(h.run.Lab)
	if err != nil {
		return
	}
	fault, err := injected(lab, h.run)
	var none *NotBrokenError
	if errors.As(err, &none) {
		return
	}
	if err == nil {
		err = fault.Undo(ctx, r.live(h.run, t), r.faultRecord(h))
	}
	if err != nil {
		r.warn("The fault could not be taken back first (%v). Removing everything all the same.", err)
	}
}
