package runner

import (
	"context"
	"fmt"
	"time"

	"labctl/checks"
	"labctl/labs"
	"labctl/labs/clock"
	"labctl/runner/journal"
	"labctl/runner/target"
)

// EmitOptions say what traffic to write to which run.
type EmitOptions struct {
	Lab labs.Lab
	Run string // the run's name; "" is the lab's only run
	labs.Emission
}

// Emitting is what came of writing traffic.
type Emitting struct {
	Run    journal.Run
	Target target.Target
	labs.Emitted
	Evaluated bool // alarms are evaluated there
}

// alarmEvaluation is what a target shows where alarms do anything.
const alarmEvaluation checks.Capability = "alarm-evaluation"

// ProfileNames lists the names of a lab's profiles of traffic.
func ProfileNames(lab labs.Lab) []string {
	var names []string
	if lab.Traffic != nil {
		for _, p := range lab.Traffic.Profiles {
			names = append(names, p.Name)
		}
	}
	return names
}

// ValidEmission says what of an emission the lab does not take.
func ValidEmission(lab labs.Lab, e labs.Emission) error {
	if lab.Traffic == nil {
		return &UsageError{Reason: fmt.Sprintf("lab %s has no traffic to write", lab.ID)}
	}
	names, known := ProfileNames(lab), false
	for _, name := range names {
		known = known || name == e.Profile
	}
	if !known {
		return Unknown("profile", e.Profile, names)
	}
	for _, n := range []struct {
		flag  string
		value int
		takes labs.Amount
	}{{"--minutes", e.Minutes, lab.Traffic.Minutes}, {"--rate", e.Rate, lab.Traffic.Rate}} {
		if nearest := min(max(n.value, n.takes.Least), n.takes.Most); nearest != n.value {
			return &UsageError{Reason: fmt.Sprintf("%s %d: it is from %d to %d; the nearest is %d", n.flag, n.value, n.takes.Least, n.takes.Most, nearest)}
		}
	}
	return nil
}

// EmitTraffic writes what a run's architecture would write if it was used. It takes no lock: it changes nothing, and a fault may
// be injected, found or repaired meanwhile.
func (r *Runner) EmitTraffic(ctx context.Context, opts EmitOptions) (Emitting, error) {
	if err := ValidEmission(opts.Lab, opts.Emission); err != nil {
		return Emitting{}, err
	}
	id, err := r.find(opts.Lab, opts.Run)
	if err != nil {
		return Emitting{}, err
	}
	run, err := r.Journal.Load(id)
	if err != nil {
		return Emitting{}, err
	}
	if run.State != journal.Ready && run.State != journal.Broken {
		return Emitting{}, hinted(&RefusedError{Reason: fmt.Sprintf("run %s is not ready (%s)", run.ID, run.State)}, "run `labctl up "+opts.Lab.ID+"` first")
	}
	t, err := r.attach(ctx, run)
	if err != nil {
		return Emitting{}, lostHint(err, run)
	}
	if err := r.allow(t); err != nil {
		return Emitting{}, err
	}
	out := Emitting{Run: run, Target: t, Evaluated: t.Name != target.Local || t.Support[alarmEvaluation].Shown}
	if !opts.AtOnce {
		r.noteDuration(opts.Emission, t.Clock)
	}
	out.Emitted, err = opts.Lab.Traffic.Write(ctx, r.live(run, t), opts.Emission, func(p labs.Progress) { r.Emit(Counted{Progress: p}) })
	return out, interruptedOr(ctx, "writing traffic to run "+run.ID, err)
}

// noteDuration says how long traffic takes that is written as the clock goes.
func (r *Runner) noteDuration(e labs.Emission, c clock.Clock) {
	now := time.Now()
	takes := c.When(c.At(now).Add(time.Duration(e.Minutes) * time.Minute)).Sub(now).Round(time.Second)
	if speed := c.SpeedAt(now); speed > 1 {
		r.note("%d minutes take %s here, where the clock runs %d times as fast; Ctrl-C ends it sooner", e.Minutes, takes, speed)
		return
	}
	r.note("It is written as it would come, and takes %s; Ctrl-C ends it sooner, and --at-once writes the minutes that are over", takes)
}
