package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"labctl/checks"
	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/target"
)

// UpOptions say what to provision, and where.
type UpOptions struct {
	Lab       labs.Lab
	Run       string // the run's name; "" is the lab's run on the target, or a new one
	Place     target.Place
	NoCheck   bool // provision only
	KeepGoing bool // check what is there even when provisioning failed in part

	TTL      time.Duration // how long it shall live, from now; 0 is the target's default, or what the run has already
	MaxPrice *Budget       // what it may cost in that time; nil is no limit

	Choices map[string]string // the values of the lab's options that were chosen, by flag
	Permits map[string]bool   // the flags that were given to permit what is refused otherwise
}

// Outcome is what `up` and `check` end with.
type Outcome struct {
	Run    journal.Run
	Target target.Target
	Report *checks.Report // nil when nothing was checked

	// Explore are commands worth trying in the run that was provisioned.
	Explore []labs.Suggestion
}

// Up provisions a lab and checks it. A run that is there already is brought to what the lab's Terraform says, and one
// that is broken on purpose is only checked.
func (r *Runner) Up(ctx context.Context, opts UpOptions) (Outcome, error) {
	if err := r.Journal.Writable(); err != nil {
		return Outcome{}, hinted(err, "free some space there, or name another place with XDG_STATE_HOME")
	}
	if err := permitted(opts, time.Now()); err != nil {
		return Outcome{}, err
	}
	h, id, err := r.lockUp(opts)
	if err != nil {
		return Outcome{}, err
	}
	defer h.release()
	binary, err := r.findTerraform(ctx)
	if err != nil {
		return Outcome{}, interruptedOr(ctx, "looking for Terraform; nothing was made", err)
	}
	r.step("Reaching target %s", opts.Place.Name)
	t, err := r.Targets.Start(ctx, opts.Place)
	if err != nil {
		return Outcome{}, hinted(interruptedOr(ctx, "starting the target; nothing was made", explained(err)), "run `labctl doctor`")
	}
	if err = r.allow(t); err == nil {
		h.run, err = r.claim(ctx, id, opts, t)
	}
	if err != nil {
		r.releaseUnused(ctx, t)
		return Outcome{}, err
	}
	t = known(t, h.run)

	if err := r.restoreCutOff(ctx, h, t); err != nil {
		if ctx.Err() != nil {
			return Outcome{}, err
		}
		r.warn("%v. Going on: Terraform makes what it made as it was.", err)
		h.run.Repaired = true // copies that the drill left are unknown to Terraform
	}
	outcome := Outcome{Target: t}
	if h.run.State == journal.Broken {
		r.warn("Run %s is broken on purpose, so nothing is provisioned: it is only checked. `labctl fix %s` takes the fault back.", h.run.ID, h.run.Lab)
		if err := r.save(h, journal.Broken); err != nil { // it may have another deadline now
			return Outcome{}, err
		}
	} else if outcome.Explore, err = r.provision(ctx, h, opts.Lab, t, binary); err != nil {
		if !opts.KeepGoing || ctx.Err() != nil {
			return Outcome{}, err
		}
		r.warn("Provisioning failed in part: %v. Checking what is there.", err)
	}
	outcome.Run = h.run
	if opts.NoCheck {
		return outcome, nil
	}
	r.step("Checking %d properties", len(opts.Lab.Checks))
	outcome.Report = r.check(ctx, t, r.scope(h.run), opts.Lab.Checks, settle(t))
	return outcome, interruptedOr(ctx, "checking run "+h.run.ID, nil)
}

// settle is how long a check waits for what the account has not finished making. The local server finishes at once.
func settle(t target.Target) time.Duration {
	if t.Free {
		return 0
	}
	return 2 * time.Minute
}

// lockUp names the run that `up` is about, and holds it. Where it has no name yet, two labctl at once must not make two
// runs: the lab is held as well.
func (r *Runner) lockUp(opts UpOptions) (*held, string, error) {
	h := &held{}
	if opts.Run == "" {
		if err := h.take(r.Journal.Lock("new."+opts.Lab.ID, r.Command)); err != nil {
			return nil, "", err
		}
	}
	id, err := r.upID(opts)
	if err == nil {
		err = h.take(r.Journal.Lock(id, r.Command))
	}
	if err != nil {
		h.release()
		return nil, "", err
	}
	return h, id, nil
}

// claim reads the record of the run that `up` is about, or begins a new one. A run whose local server is gone has lost
// its resources; it is archived and another takes its place.
func (r *Runner) claim(ctx context.Context, id string, opts UpOptions, t target.Target) (journal.Run, error) {
	run, err := r.Journal.Load(id)
	var missing *journal.NotFoundError
	switch {
	case errors.As(err, &missing):
		return r.begin(ctx, id, opts, t)
	case err != nil:
		return run, err
	case run.Lab != opts.Lab.ID:
		return run, &UsageError{Reason: fmt.Sprintf("run %s is a run of lab %s, not of %s", id, run.Lab, opts.Lab.ID)}
	case run.Target != t.Name || run.Region != t.Region || run.Account != t.Account:
		return run, elsewhere(run)
	case run.Server == t.Server && (run.Endpoint == t.Endpoint || t.Name == target.Local):
		if err := sameChoices(run, opts); err != nil {
			return run, err
		}
		err := renew(&run, opts)
		return run, err
	}
	var lost *target.LostError
	if !errors.As(r.Targets.Alive(ctx, heldBy(run)), &lost) {
		return run, elsewhere(run)
	}
	r.warn("The server that held run %s is gone, and its resources with it. Starting anew.", id)
	if _, err := r.Journal.Archive(id, time.Now()); err != nil {
		return run, err
	}
	return r.begin(ctx, id, opts, t)
}

// elsewhere refuses to go on with a run at another place than where it is.
func elsewhere(run journal.Run) error {
	place := fmt.Sprintf("target %s, account %s, region %s", run.Target, run.Account, run.Region)
	if run.Endpoint != "" && run.Target != target.Local {
		place += ", at " + run.Endpoint
	}
	return &RefusedError{Reason: fmt.Sprintf("run %s is on %s: take it down first, or name another run with --run", run.ID, place)}
}

// renew gives a run that is there the lifetime that was asked for, within the price that it may have.
func renew(run *journal.Run, opts UpOptions) error {
	left := time.Until(run.Expires)
	if opts.TTL > 0 {
		left = opts.TTL
		setDeadline(run, time.Now().Add(left))
	}
	return opts.MaxPrice.take(opts.Lab, run.PerHour, max(left, 0))
}

// upID names the run that `up` is about.
func (r *Runner) upID(opts UpOptions) (string, error) {
	if opts.Run != "" {
		if err := journal.ValidID(opts.Run); err != nil {
			return "", &UsageError{Reason: err.Error()}
		}
		return opts.Run, nil
	}
	runs, err := r.Journal.List()
	var ids []string
	for _, run := range runs {
		if run.Lab == opts.Lab.ID && run.Target == opts.Place.Name {
			ids = append(ids, run.ID)
		}
	}
	switch {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		return "", hinted(&UsageError{Reason: fmt.Sprintf("there are %d runs of lab %s", len(ids), opts.Lab.ID)}, "name one with --run: "+join(ids))
	case err != nil:
		return "", err // a record that cannot be read may be the very run
	default:
		return newID(opts.Lab.ID), nil
	}
}

// begin is the record of a new run, not written yet.
func (r *Runner) begin(ctx context.Context, id string, opts UpOptions, t target.Target) (journal.Run, error) {
	now := time.Now().UTC().Truncate(time.Second)
	lives := lifetime(opts.TTL, t)
	expires := now.Add(lives)
	run := journal.Run{
		ID: id, Lab: opts.Lab.ID, Target: t.Name, Endpoint: t.Endpoint, Server: t.Server, Account: t.Account,
		Region: t.Region, Profile: t.Profile, Labctl: r.Version, Created: now, Expires: expires, State: journal.Creating,
		Tags: map[string]string{TagLab: opts.Lab.ID, TagRun: id, TagExpires: expires.Format(time.RFC3339)},
	}
	if t.Support != nil { // known without trying anything out
		if err := supports(opts.Lab, t); err != nil {
			return run, err
		}
	}
	var err error
	if run.PerHour, err = r.perHour(ctx, opts.Lab, t); err != nil {
		return run, err
	}
	if err := opts.MaxPrice.take(opts.Lab, run.PerHour, lives); err != nil {
		return run, err
	}
	if err := r.confirm(ctx, Proposal{Lab: opts.Lab, Run: id, Target: t, PerHour: run.PerHour, Lives: lives}); err != nil {
		return run, err
	}
	if run.Support, err = r.supportFor(ctx, opts.Lab, &t); err != nil {
		return run, err
	}
	run.Variables = map[string]any{
		"run": id, "region": t.Region, "endpoint": t.Endpoint, "expires": run.Tags[TagExpires],
	}
	if opts.Lab.SecondRegion != nil {
		run.SecondRegion = opts.Lab.SecondRegion(t.Region)
		run.Variables["second_region"] = run.SecondRegion
	}
	if opts.Lab.Variables != nil {
		maps.Copy(run.Variables, opts.Lab.Variables(t.Support))
	}
	maps.Copy(run.Variables, choices(opts))
	return run, nil
}
