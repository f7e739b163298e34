package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"labctl/checks"
	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/target"
)

// DrillOptions say which drill to carry out.
type DrillOptions struct {
	Lab   labs.Lab
	Run   string
	Drill string
	Seed  *uint64             // of the data that the drill makes; nil is the same as ever
	Rows  *int                // how much of it; nil is the drill's own choice
	Tell  func(labs.Moment)   // told each moment of the time line as it comes
	Show  func(labs.Progress) // shown how far something is; nil shows it to nobody
}

// Drilled is what came of a drill.
type Drilled struct {
	Run       journal.Run
	Drill     labs.Drill
	Status    checks.Status
	Reason    string // why it was skipped, or could not decide
	Partial   bool   // a part was carried out, the rest was skipped
	Simulated bool   // labctl's own correction or control loop took part
	Moments   []labs.Moment
	Measures  []labs.Measure
	Started   time.Time
	Elapsed   time.Duration
}

// DrillIDs lists the ids of a lab's drills.
func DrillIDs(lab labs.Lab) []string {
	ids := make([]string, len(lab.Drills))
	for i, d := range lab.Drills {
		ids[i] = d.ID
	}
	return ids
}

// Drill carries out a drill on a run that is ready. What the target does not show is skipped with the reason.
func (r *Runner) Drill(ctx context.Context, opts DrillOptions) (Drilled, error) {
	drill, ok := opts.Lab.Drill(opts.Drill)
	if !ok {
		return Drilled{}, Unknown("drill", opts.Drill, DrillIDs(opts.Lab))
	}
	seeding, err := seedingOf(opts, drill)
	if err != nil {
		return Drilled{}, err
	}
	h, t, err := r.openToMake(ctx, opts.Lab, opts.Run)
	if err != nil {
		return Drilled{}, err
	}
	defer h.release()
	switch h.run.State {
	case journal.Ready:
	case journal.Broken:
		return Drilled{}, hinted(&RefusedError{Reason: fmt.Sprintf("run %s is broken on purpose: a drill on it would measure the fault", h.run.ID)}, "take the fault back with `labctl fix "+opts.Lab.ID+"`")
	default:
		return Drilled{}, hinted(&RefusedError{Reason: fmt.Sprintf("run %s is not ready (%s)", h.run.ID, h.run.State)}, "run `labctl up "+opts.Lab.ID+"` first")
	}
	if err := r.restoreCutOff(ctx, h, t); err != nil {
		return Drilled{}, err
	}
	drilled := Drilled{Run: h.run, Drill: drill, Started: time.Now()}
	if need, reason := lacking(drill.Needs, t); reason != "" {
		drilled.Status, drilled.Reason = checks.Skip, fmt.Sprintf("the drill needs %s: %s", need, reason)
		return drilled, nil
	}
	for _, need := range slices.Concat(drill.Needs, drill.Wants) {
		drilled.Simulated = drilled.Simulated || t.Support[need].Simulated
	}
	line := labs.NewTimeLine(opts.Tell)
	line.Watch(opts.Show)
	err = r.carryOut(ctx, h, t, drill, seeding, line)
	drilled.Elapsed, drilled.Moments, drilled.Measures = time.Since(drilled.Started), line.Moments(), line.Measures()
	if ctx.Err() != nil {
		return drilled, interruptedOr(ctx, "carrying out drill "+drill.ID, err)
	}
	drilled.Status, drilled.Reason = verdictOf(drilled.Measures, line.LeftOut(), err)
	drilled.Partial = line.LeftOut() != ""
	return drilled, nil
}

// seedingOf is the data that a drill makes for itself.
func seedingOf(opts DrillOptions, drill labs.Drill) (labs.Seeding, error) {
	const seed = 1
	asked := opts.Seed != nil || opts.Rows != nil
	switch {
	case drill.Seeds == nil && asked:
		return labs.Seeding{}, hinted(&UsageError{Reason: fmt.Sprintf("drill %s makes no data of its own, so that there is nothing to seed", drill.ID)}, "leave out --seed and --rows")
	case drill.Seeds == nil:
		return labs.Seeding{}, nil
	}
	s := labs.Seeding{Seed: seed, Rows: drill.Seeds.Default}
	if opts.Seed != nil {
		s.Seed = *opts.Seed
	}
	if opts.Rows != nil {
		s.Rows = *opts.Rows
	}
	if s.Rows < drill.Seeds.Least || s.Rows > drill.Seeds.Most {
		return s, &UsageError{Reason: fmt.Sprintf("--rows %d: drill %s takes from %d to %d", s.Rows, drill.ID, drill.Seeds.Least, drill.Seeds.Most)}
	}
	return s, nil
}

// carryOut runs a drill and makes the lab as it was before. That the drill is under way is recorded before it begins, and
// until all that it left is gone.
func (r *Runner) carryOut(ctx context.Context, h *held, t target.Target, drill labs.Drill, seeding labs.Seeding, line *labs.TimeLine) error {
	live := r.live(h.run, t)
	live.Seeding = seeding
	if drill.Restore == nil {
		return drill.Run(ctx, live, line)
	}
	h.run.Drill = &journal.Drill{ID: drill.ID, Since: time.Now().UTC()}
	if err := r.save(h, h.run.State); err != nil {
		return err
	}
	live.Record = r.drillRecord(h)
	err := drill.Run(ctx, live, line)
	restoreErr := r.restore(ctx, h, live, drill, line)
	if ctx.Err() != nil && restoreErr != nil {
		r.warn("%v", restoreErr) // the interrupt is the error
	}
	return errors.Join(err, restoreErr)
}

// restore makes the lab as it was before a drill, also after an interrupt. The record stays where that failed.
func (r *Runner) restore(ctx context.Context, h *held, live labs.Live, drill labs.Drill, line *labs.TimeLine) error {
	after, done := labs.Afterwards(ctx)
	defer done()
	if err := drill.Restore(after, live, line); err != nil {
		return fmt.Errorf("what drill %s left could not all be taken back; it is recorded, and the next drill or `labctl up %s` tries again: %w", drill.ID, h.run.Lab, err)
	}
	h.run.Drill = nil
	return r.save(h, h.run.State)
}

// restoreCutOff makes the lab as it was before a drill that was killed.
func (r *Runner) restoreCutOff(ctx context.Context, h *held, t target.Target) error {
	if h.run.Drill == nil {
		return nil
	}
	lab, err := r.lab(h.run.Lab)
	if err != nil {
		return err
	}
	drill, ok := lab.Drill(h.run.Drill.ID)
	if !ok || drill.Restore == nil {
		return fmt.Errorf("this labctl does not know drill %q, which was cut off on run %s by version %s", h.run.Drill.ID, h.run.ID, h.run.Labctl)
	}
	r.note("Drill %s was cut off. Making the lab as it was before it.", drill.ID)
	live := r.live(h.run, t)
	live.Record = r.drillRecord(h)
	line := labs.NewTimeLine(func(m labs.Moment) { r.note("%s", m.Text) })
	err = r.restore(ctx, h, live, drill, line)
	return hinted(interruptedOr(ctx, "taking back what drill "+drill.ID+" left", err), fmt.Sprintf("run `labctl up %[1]s`, or `labctl down %[1]s` to remove everything", lab.ID))
}

// drillRecord is the record of the drill on a run.
func (r *Runner) drillRecord(h *held) *record {
	return &record{runner: r, held: h, data: h.run.Drill.Data, put: func(data map[string]string) {
		drill := *h.run.Drill
		drill.Data = data
		h.run.Drill = &drill
	}}
}

// verdictOf is fail where something that was measured is not as it should be, and error where nothing was measured or
// the drill could not go on. A part that is as it should be is no pass of the whole.
func verdictOf(measures []labs.Measure, leftOut string, err error) (checks.Status, string) {
	for _, m := range measures {
		if !m.Met {
			return checks.Fail, reasonOf(err)
		}
	}
	switch {
	case err != nil:
		return checks.Error, err.Error()
	case leftOut != "":
		return checks.Skip, leftOut
	case len(measures) == 0:
		return checks.Error, "the drill measured nothing"
	default:
		return checks.Pass, ""
	}
}

func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
