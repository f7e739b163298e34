package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/sweep"
	"labctl/runner/target"
	"labctl/runner/tf"
	"labctl/terraform"
)

// provision makes the account match the lab's Terraform. The record says `creating` before the first resource is made.
func (r *Runner) provision(ctx context.Context, h *held, lab labs.Lab, t target.Target) ([]labs.Suggestion, error) {
	if err := supports(lab, t); err != nil {
		return nil, err
	}
	before := h.run.State
	again := r.recorded(h.run.ID)
	if err := r.save(h, journal.Creating); err != nil {
		return nil, err
	}
	work, err := r.workspace(ctx, h.run, t)
	if err == nil && again && before != journal.Ready {
		_, err = r.removeStrays(ctx, h.run, t, work)
	}
	if err == nil {
		err = r.apply(ctx, lab, work, again)
	}
	if err != nil {
		next := fmt.Sprintf("run `labctl up %s --run %s` to go on, or `labctl down %s --run %s` to remove it", lab.ID, h.run.ID, lab.ID, h.run.ID)
		return nil, hinted(interruptedOr(ctx, "provisioning run "+h.run.ID, err), next)
	}
	resources, err := work.Resources()
	if err != nil {
		return nil, err
	}
	h.run.Resources = len(resources)
	if err := r.save(h, journal.Ready); err != nil {
		return nil, err
	}
	outputs, err := work.Outputs()
	if err != nil {
		return nil, err
	}
	return lab.Explore(outputs)
}

// supports refuses a target that cannot hold the lab, before anything is made there.
func supports(lab labs.Lab, t target.Target) error {
	for _, need := range lab.Needs {
		if s := t.Support[need]; !s.Shown {
			return hinted(fmt.Errorf("target %s cannot hold lab %s: %s", t.Name, lab.ID, s.Reason), "run `labctl doctor`")
		}
	}
	return nil
}

// recorded tells whether Terraform has worked in the run's directory before.
func (r *Runner) recorded(id string) bool {
	_, err := os.Stat(r.terraformDir(id))
	return err == nil
}

// workspace readies the run's Terraform directory: the lab's configuration, the variables, the providers.
func (r *Runner) workspace(ctx context.Context, run journal.Run, t target.Target) (*tf.Workspace, error) {
	binary, err := tf.Find(ctx, tf.FindOptions{
		Explicit: r.Terraform, Env: r.Getenv(tf.BinaryVariable), Path: r.Getenv("PATH"), CacheDir: r.CacheDir,
		Progress: func(message string) { r.note("%s", message) },
	})
	if err != nil {
		return nil, fmt.Errorf("finding Terraform: %w", err)
	}
	dir := r.terraformDir(run.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making Terraform's directory: %w", err)
	}
	if _, err := terraform.Extract(run.Lab, dir); err != nil {
		return nil, fmt.Errorf("writing the lab's Terraform: %w", err)
	}
	work, err := tf.New(tf.Options{
		Dir: dir, Binary: binary, CacheDir: r.CacheDir, Env: t.Env, Local: t.Name == target.Local,
		Mirrors: tf.DefaultMirrors(r.Getenv),
	})
	if err != nil {
		return nil, err
	}
	if err := work.SetVariables(run.Variables); err != nil {
		return nil, err
	}
	if aside, err := work.RecoverState(); err != nil {
		return nil, err
	} else if aside != "" {
		r.warn("Terraform's state was damaged; it is kept as %s, and what it knew is found by tag.", aside)
	}
	return work, work.Init(ctx)
}

// apply provisions. On a first apply there is nothing to refresh.
func (r *Runner) apply(ctx context.Context, lab labs.Lab, work *tf.Workspace, refresh bool) error {
	r.step("Provisioning %s", lab.ID)
	err := work.Apply(ctx, tf.ApplyOptions{Refresh: refresh, OnEvent: r.relay(ctx, new(tally))})
	r.tellInFlight(ctx, err)
	return err
}

// removeStrays removes what belongs to the run and Terraform does not know of: what it made and could not record
// because it was killed, what a fault has left, what the learner has made by hand. It returns how many are gone.
func (r *Runner) removeStrays(ctx context.Context, run journal.Run, t target.Target, work *tf.Workspace) (int, error) {
	known, err := work.Resources()
	if err != nil {
		return 0, err
	}
	found, err := sweeper(t).List(ctx, r.sweepScope(run))
	if err != nil {
		return 0, fmt.Errorf("looking for what Terraform does not know of: %w", err)
	}
	strays := slices.DeleteFunc(found, func(res sweep.Resource) bool {
		return slices.ContainsFunc(known, func(k tf.Resource) bool { return k.ID == res.ID })
	})
	if len(strays) == 0 {
		return 0, nil
	}
	r.step("Removing %d resources that Terraform does not know of", len(strays))
	return r.delete(ctx, t, strays)
}

// delete removes resources one by one, without Terraform.
func (r *Runner) delete(ctx context.Context, t target.Target, doomed []sweep.Resource) (gone int, err error) {
	err = sweeper(t).Delete(ctx, doomed, func(res sweep.Resource, err error) {
		if err == nil {
			gone++
			r.note("%s removed", res)
		}
	})
	return gone, err
}

// destroy removes what Terraform knows of, without reading it first: one unreadable resource must not keep the others.
// What Terraform does not know of goes first: a VPC with a stranger in it would keep the provider waiting for minutes.
// What goes wrong is told, and left to the sweep.
func (r *Runner) destroy(ctx context.Context, h *held, t target.Target) (removed int, err error) {
	if !r.recorded(h.run.ID) {
		return 0, nil // killed before Terraform began
	}
	work, err := r.workspace(ctx, h.run, t)
	if err != nil {
		return 0, err
	}
	strays, strayErr := r.removeStrays(ctx, h.run, t, work)
	if ctx.Err() != nil {
		return strays, ctx.Err()
	}
	done := new(tally)
	err = work.Destroy(ctx, tf.ApplyOptions{OnEvent: r.relay(ctx, done)})
	r.tellInFlight(ctx, err)
	return strays + done.finished, errors.Join(strayErr, err)
}

// tally counts resources over one operation.
type tally struct{ planned, finished int }

// tellInFlight names what an interrupted Terraform had in hand: it may exist without being in the state. The error of
// a killed one says so itself.
func (r *Runner) tellInFlight(ctx context.Context, err error) {
	var failure *tf.Error
	if ctx.Err() != nil && errors.As(err, &failure) && len(failure.InFlight) > 0 {
		r.note("In hand when Terraform was cut off: %s. What exists of it carries the run's tag and is found by that.", join(failure.InFlight))
	}
}

// relay passes Terraform's events on as the runner's. What fails after an interrupt fails because of it.
func (r *Runner) relay(ctx context.Context, count *tally) func(tf.Event) {
	return func(e tf.Event) {
		phase := Working
		switch e.Kind {
		case tf.Planned:
			return
		case tf.Plan:
			count.planned = e.Summary.Add + e.Summary.Change + e.Summary.Remove
			return
		case tf.Diagnosed:
			if e.Diagnostic.Severity == tf.SeverityError && ctx.Err() == nil {
				r.warn("%s", e.Diagnostic)
			}
			return
		case tf.Started:
			phase = Started
		case tf.Done:
			phase = Done
		case tf.Failed:
			if ctx.Err() != nil {
				return
			}
			phase = Failed
		case tf.Progress:
		default:
			return
		}
		if e.Action == tf.Read {
			return // data sources are no work on a resource
		}
		if phase == Done {
			count.finished++
		}
		r.Emit(Resource{Address: e.Address, Action: string(e.Action), Phase: phase, Elapsed: e.Elapsed, Done: count.finished, Total: count.planned})
	}
}

// sweeper finds and deletes in the target's account. The local server takes no time to let go of things.
func sweeper(t target.Target) *sweep.Sweeper {
	s := sweep.New(t.Config)
	if t.Free {
		s.Patience = 5 * time.Second
	}
	return s
}

// sweepScope is the run and, for the protection of their names, the others that the journal knows.
func (r *Runner) sweepScope(run journal.Run) sweep.Scope {
	scope := sweep.Scope{Run: run.ID}
	runs, err := r.Journal.List()
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.warn("Some records cannot be read, so their runs' names are not known: %v", err)
	}
	for _, other := range runs {
		if other.ID != run.ID {
			scope.OtherRuns = append(scope.OtherRuns, other.ID)
		}
	}
	return scope
}
