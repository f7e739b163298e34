package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/sweep"
	"labctl/runner/target"
)

// DownOptions say which run to remove.
type DownOptions struct {
	Lab labs.Lab
	Run string // "" is the lab's only run
}

// Removal is what `down` ends with.
type Removal struct {
	Run     journal.Run
	Removed int    // resources that Terraform and the sweep removed
	Lost    bool   // the local server was gone, and the resources with it
	Archive string // where the record went
}

// LeftoverError says what could not be removed. The record is kept, so that `down` can be run again.
type LeftoverError struct{ Resources []sweep.Resource }

func (e *LeftoverError) Error() string {
	text := fmt.Sprintf("%d resources are left", len(e.Resources))
	for _, res := range e.Resources {
		text += fmt.Sprintf("\n  %s %s", res.Kind, res.ID)
		if res.Region != "" {
			text += " in " + res.Region
		}
	}
	return text
}

// Down removes a run and proves that nothing of it is left.
func (r *Runner) Down(ctx context.Context, opts DownOptions) (Removal, error) {
	id, err := r.find(opts.Lab, opts.Run)
	if err != nil {
		return Removal{}, err
	}
	return r.Remove(ctx, id)
}

// Remove removes a run, of whichever lab, and proves that nothing of it is left.
func (r *Runner) Remove(ctx context.Context, id string) (Removal, error) {
	h, err := r.hold(id)
	if err != nil {
		return Removal{}, err
	}
	defer h.release()
	removal, err := r.removeHeld(ctx, h)
	if err != nil {
		next := fmt.Sprintf("run `labctl down %s --run %s` again: the record is kept until nothing is left", h.run.Lab, id)
		return Removal{}, hinted(interruptedOr(ctx, "removing run "+id, err), next)
	}
	// The run is gone; a server that could not be stopped is worth a word, not a failure.
	if err := r.releaseTarget(ctx, h.run); err != nil {
		r.warn("The target could not be released: %v", err)
	}
	return removal, nil
}

func (r *Runner) removeHeld(ctx context.Context, h *held) (Removal, error) {
	r.step("Removing run %s", h.run.ID)
	t, err := r.attach(ctx, h.run)
	var lost *target.LostError
	if errors.As(err, &lost) {
		r.note("%v. Nothing of run %s is left to remove.", lost, h.run.ID)
		archive, err := r.Journal.Archive(h.run.ID, time.Now())
		return Removal{Run: h.run, Lost: true, Archive: archive}, err
	}
	if err != nil {
		return Removal{}, err
	}
	if h.run.Fault != nil {
		r.undoFault(ctx, h, t)
	}
	if err := r.save(h, journal.Destroying); err != nil {
		r.warn("%v. Removing the run all the same.", err) // on a full disk, too, nothing may be left to pay for
	}
	if lab, err := r.lab(h.run.Lab); err == nil && lab.BeforeDown != nil {
		if err := lab.BeforeDown(ctx, r.live(h.run, t)); err != nil && ctx.Err() == nil {
			r.warn("What protects the run from deletion could not all be cleared (%v). Removing it all the same.", err)
		}
	}
	removed, destroyErr := r.destroy(ctx, h, t)
	if ctx.Err() != nil {
		return Removal{}, ctx.Err()
	}
	if destroyErr != nil {
		r.warn("Terraform could not remove everything: %v. Sweeping the rest.", destroyErr)
	}
	r.step("Reading account %s for leftovers", t.Account)
	swept, err := r.sweep(ctx, h.run, t)
	if err != nil {
		return Removal{}, err
	}
	archive, err := r.Journal.Archive(h.run.ID, time.Now())
	return Removal{Run: h.run, Removed: removed + swept, Archive: archive}, err
}

// sweep removes, without Terraform, all that the account shows of the run, and reads again to prove that nothing is left.
func (r *Runner) sweep(ctx context.Context, run journal.Run, t target.Target) (int, error) {
	scope, s := r.sweepScope(run), sweeper(t, run.SecondRegion)
	left, err := s.List(ctx, scope)
	if err != nil {
		return 0, fmt.Errorf("reading what is left: %w", err)
	}
	if len(left) == 0 {
		return 0, nil
	}
	r.note("%d resources to remove", len(left))
	swept, deleteErr := r.delete(ctx, s, left)
	if left, err = s.List(ctx, scope); err != nil {
		return swept, errors.Join(fmt.Errorf("reading what is left: %w", err), deleteErr)
	}
	if len(left) > 0 {
		return swept, errors.Join(&LeftoverError{Resources: left}, deleteErr)
	}
	return swept, nil
}

// releaseTarget lets the target go when no run needs it any more.
func (r *Runner) releaseTarget(ctx context.Context, gone journal.Run) error {
	runs, err := r.Journal.List()
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.Target == gone.Target {
			return nil
		}
	}
	return r.Targets.Release(ctx, gone.Target)
}
