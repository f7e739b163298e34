package runner

import (
	"context"
	"fmt"
	"time"

	"labctl/checks"
	"labctl/labs"
	"labctl/runner/journal"
)

// DrillOptions say which drill to carry out.
type DrillOptions struct {
	Lab   labs.Lab
	Run   string
	Drill string
	Tell  func(labs.Moment) // told each moment of the time line as it comes
}

// Drilled is what came of a drill.
type Drilled struct {
	Run       journal.Run
	Drill     labs.Drill
	Status    checks.Status
	Reason    string // why it was skipped, or could not decide
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
	h, t, err := r.open(ctx, opts.Lab, opts.Run)
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
	drilled := Drilled{Run: h.run, Drill: drill, Started: time.Now()}
	if need, reason := lacking(drill.Needs, t); reason != "" {
		drilled.Status, drilled.Reason = checks.Skip, fmt.Sprintf("the drill needs %s: %s", need, reason)
		return drilled, nil
	}
	for _, need := range drill.Needs {
		drilled.Simulated = drilled.Simulated || t.Support[need].Simulated
	}
	line := labs.NewTimeLine(opts.Tell)
	err = drill.Run(ctx, r.live(h.run, t), line)
	drilled.Elapsed, drilled.Moments, drilled.Measures = time.Since(drilled.Started), line.Moments(), line.Measures()
	if ctx.Err() != nil {
		return drilled, interruptedOr(ctx, "carrying out drill "+drill.ID, err)
	}
	drilled.Status, drilled.Reason = verdictOf(drilled.Measures, err)
	return drilled, nil
}

// verdictOf is fail where something that was measured is not as it should be, and error where nothing was measured or
// the drill could not go on.
func verdictOf(measures []labs.Measure, err error) (checks.Status, string) {
	for _, m := range measures {
		if !m.Met {
			return checks.Fail, ""
		}
	}
	switch {
	case err != nil:
		return checks.Error, err.Error()
	case len(measures) == 0:
		return checks.Error, "the drill measured nothing"
	default:
		return checks.Pass, ""
	}
}
