package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/sweep"
	"labctl/runner/target"
	"labctl/runner/tf"
	"labctl/terraform"
)

// provision makes the account match the lab's Terraform. The record says `creating` before the first resource is made.
func (r *Runner) provision(ctx context.Context, h *held, lab labs.Lab, t target.Target, binary tf.Binary) ([]labs.Suggestion, error) {
	if err := supports(lab, t); err != nil {
		return nil, err
	}
	before := h.run.State
	again := r.recorded(h.run.ID)
	if err := r.save(h, journal.Creating); err != nil {
		return nil, err
	}
	work, err := r.workspace(ctx, h, t, binary)
	if err == nil {
		err = r.make(ctx, h.run, t, work, again, again && (before != journal.Ready || h.run.Repaired))
	}
	if err == nil && lab.AfterUp != nil {
		r.step("Finishing what Terraform cannot make")
		err = lab.AfterUp(ctx, r.live(h.run, t), func(text string) { r.note("%s", text) })
	}
	if err != nil {
		next := fmt.Sprintf("run `labctl up %s --run %s` to go on, or `labctl down %s --run %s` to remove it", lab.ID, h.run.ID, lab.ID, h.run.ID)
		return nil, hinted(interruptedOr(ctx, "provisioning run "+h.run.ID, err), next)
	}
	resources, err := work.Resources()
	if err != nil {
		return nil, err
	}
	h.run.Resources, h.run.Repaired = len(resources), false
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
		if !t.Support[need].Shown {
			reason := ""
			if why := t.Support[need].Reason; why != "" {
				reason = " (" + why + ")"
			}
			return hinted(fmt.Errorf("target %s cannot hold lab %s: it does not show %s%s", t.Name, lab.ID, need, reason), "use the default --target local, and see `labctl show "+lab.ID+"` for what each target can show")
		}
	}
	return nil
}

// recorded tells whether Terraform has worked in the run's directory before.
func (r *Runner) recorded(id string) bool {
	_, err := os.Stat(r.terraformDir(id))
	return err == nil
}

// findTerraform finds or installs the binary, before anything is begun for which there would be none.
func (r *Runner) findTerraform(ctx context.Context) (tf.Binary, error) {
	binary, err := tf.Find(ctx, tf.FindOptions{
		Explicit: r.Terraform, Env: r.Getenv(tf.BinaryVariable), Path: r.Getenv("PATH"), CacheDir: r.CacheDir,
		Progress: func(message string) { r.note("%s", message) },
	})
	if err != nil {
		return tf.Binary{}, fmt.Errorf("finding Terraform: %w", err)
	}
	return binary, nil
}

// workspace readies the run's Terraform directory: the lab's configuration, the variables, the providers. What gives the
// provider its credentials ends with the hold on the run.
func (r *Runner) workspace(ctx context.Context, h *held, t target.Target, binary tf.Binary) (*tf.Workspace, error) {
	run := h.run
	env, stop, err := t.Handout(ctx)
	if err != nil {
		return nil, err
	}
	h.ends = append(h.ends, stop)
	dir := r.terraformDir(run.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making Terraform's directory: %w", err)
	}
	if _, err := terraform.Extract(run.Lab, dir); err != nil {
		return nil, fmt.Errorf("writing the lab's Terraform: %w", err)
	}
	work, err := tf.New(tf.Options{
		Dir: dir, Binary: binary, CacheDir: r.CacheDir, Env: env, Local: t.Endpoint != "",
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

// make applies the lab's configuration. After an interrupt or a repair, what is there without Terraform's knowledge is
// removed: made again, it would be there twice, or its name would be taken. What is in use then is free once Terraform
// is done. On a first apply there is nothing to refresh.
func (r *Runner) make(ctx context.Context, run journal.Run, t target.Target, work *tf.Workspace, refresh, strays bool) error {
	var inUse *sweep.RefusedError
	if strays {
		if err := r.removeStrays(ctx, run, t, work); err != nil && !errors.As(err, &inUse) {
			return err
		}
	}
	r.step("Provisioning %s", run.Lab)
	err := r.watched(ctx, run, func(ctx context.Context) error {
		return work.Apply(ctx, tf.ApplyOptions{Refresh: refresh, OnEvent: r.relay(ctx, new(tally))})
	})
	if err == nil && inUse != nil {
		err = r.removeStrays(ctx, run, t, work)
	}
	return err
}

// strays lists what belongs to the run and Terraform does not know of: what it made and could not record because it was
// killed, what a fault has left, what the learner has made by hand.
func (r *Runner) strays(ctx context.Context, run journal.Run, t target.Target, work *tf.Workspace) ([]sweep.Resource, error) {
	known, err := work.Resources()
	if err != nil {
		return nil, err
	}
	found, err := sweeper(t, run.SecondRegion).List(ctx, r.sweepScope(run))
	if err != nil {
		return nil, fmt.Errorf("looking for what Terraform does not know of: %w", err)
	}
	return unknownTo(known, found), nil
}

// unknownTo leaves out what Terraform knows, and what something that it knows has made: the instances of an Auto Scaling
// group, their volumes. A list of the sweep has makers before what they make.
func unknownTo(known []tf.Resource, found []sweep.Resource) []sweep.Resource {
	ids := places{}
	for _, k := range known {
		region := regionOf(k.ARN)
		ids.add(k.ID, region)
		if k.Type == "aws_sqs_queue" {
			ids.add(path.Base(k.ID), region) // its id in Terraform is its URL, and to the sweep it is its name
		}
	}
	return slices.DeleteFunc(found, func(res sweep.Resource) bool {
		if res.MadeBy != "" && ids.have(res.MadeBy, res.Region) {
			ids.add(res.ID, res.Region)
		}
		return ids.have(res.ID, res.Region)
	})
}

// places are ids and the regions that they are in: two regions may have the same, such as the name of a vault.
type places map[string]map[string]bool

func (p places) add(id, region string) {
	if p[id] == nil {
		p[id] = map[string]bool{}
	}
	p[id][region] = true
}

// have counts an id without a region for any, unless some region is known of it: a vault's name is the id of its lock too.
func (p places) have(id, region string) bool {
	return p[id][region] || p[id][""] && len(p[id]) == 1
}

// regionOf is "" where an ARN, such as a role's or a bucket's, names none.
func regionOf(name string) string {
	parsed, err := arn.Parse(name)
	if err != nil {
		return ""
	}
	return parsed.Region
}

func (r *Runner) removeStrays(ctx context.Context, run journal.Run, t target.Target, work *tf.Workspace) error {
	strays, err := r.strays(ctx, run, t, work)
	if err != nil || len(strays) == 0 {
		return err
	}
	r.step("Removing %d resources that Terraform does not know of", len(strays))
	_, err = r.delete(ctx, sweeper(t, run.SecondRegion), strays)
	return err
}

// delete removes resources one by one, without Terraform.
func (r *Runner) delete(ctx context.Context, s *sweep.Sweeper, doomed []sweep.Resource) (gone int, err error) {
	err = s.Delete(ctx, doomed, func(res sweep.Resource, err error) {
		if err == nil {
			gone++
			r.note("%s removed", res)
		}
	})
	return gone, err
}

// destroy removes what Terraform knows of, without reading it first: one unreadable resource must not keep the others.
// Where there is something that Terraform does not know of, it would wait for minutes to delete what that is in or
// hangs on. Then everything is swept first, in the order that the whole needs, and Terraform reads what is left for it. What goes wrong is told, and left to the last sweep.
func (r *Runner) destroy(ctx context.Context, h *held, t target.Target) (int, error) {
	if !r.recorded(h.run.ID) {
		return 0, nil // killed before Terraform began
	}
	binary, err := r.findTerraform(ctx)
	if err != nil {
		return 0, err
	}
	work, err := r.workspace(ctx, h, t, binary)
	if err != nil {
		return 0, err
	}
	strays, err := r.strays(ctx, h.run, t, work)
	if err != nil {
		return 0, err
	}
	if len(strays) > 0 {
		return r.destroySwept(ctx, h, t, work, strays)
	}
	done := new(tally)
	err = r.watched(ctx, h.run, func(ctx context.Context) error {
		return work.Destroy(ctx, tf.ApplyOptions{OnEvent: r.relay(ctx, done)})
	})
	return done.finished, err
}

func (r *Runner) destroySwept(ctx context.Context, h *held, t target.Target, work *tf.Workspace, strays []sweep.Resource) (int, error) {
	r.step("Sweeping run %s", h.run.ID)
	for _, stray := range strays {
		r.note("Terraform does not know of %s", stray)
	}
	swept, err := r.sweep(ctx, h.run, t)
	if ctx.Err() != nil {
		return swept, ctx.Err()
	}
	if err != nil {
		r.warn("The sweep could not remove everything: %v. Terraform tries next.", err)
	}
	r.step("Removing what only Terraform knows of")
	return swept, r.watched(ctx, h.run, func(ctx context.Context) error {
		return work.Destroy(ctx, tf.ApplyOptions{Refresh: true, OnEvent: r.relay(ctx, new(tally))})
	})
}

// tally counts resources over one operation.
type tally struct{ planned, finished int }

// watched runs a Terraform operation and interrupts it when the server that holds the run is gone: the provider would
// go on asking it for a while.
func (r *Runner) watched(ctx context.Context, run journal.Run, operation func(context.Context) error) error {
	watched, stop := context.WithCancel(ctx)
	defer stop()
	lost := func(ctx context.Context) (lost *target.LostError) {
		_ = errors.As(r.Targets.Alive(ctx, heldBy(run)), &lost)
		return lost
	}
	go func() {
		for watched.Err() == nil {
			if lost(watched) != nil {
				stop()
			}
			select {
			case <-watched.Done():
			case <-time.After(time.Second):
			}
		}
	}()
	err := operation(watched)
	if err != nil && ctx.Err() == nil {
		if gone := lost(ctx); gone != nil {
			return hinted(gone, fmt.Sprintf("run `labctl up %s` to build it again, or `labctl down %s` to clear the record", run.Lab, run.Lab))
		}
	}
	r.tellInFlight(ctx, err)
	return err
}

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

// sweeper finds and deletes in the target's account, in its region and further ones; "" is none. The local server takes no
// time to let go of things.
func sweeper(t target.Target, further ...string) *sweep.Sweeper {
	s := sweep.New(t.Config, further...)
	if t.Free {
		s.Patience = 5 * time.Second
	}
	return s
}

// sweepScope is the run and, for the protection of their names, the others that the journal knows, be their records damaged
// or not.
func (r *Runner) sweepScope(run journal.Run) sweep.Scope {
	scope := sweep.Scope{Run: run.ID}
	ids, err := r.Journal.IDs()
	if err != nil {
		r.warn("The names of other runs are not known: %v", err)
	}
	for _, other := range ids {
		if other != run.ID {
			scope.OtherRuns = append(scope.OtherRuns, other)
		}
	}
	return scope
}
