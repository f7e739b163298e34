package runner

import (
	"context"
	"errors"
	"time"

	"labctl/runner/journal"
	"labctl/runner/target"
)

// RunStatus is a run as it stands now.
type RunStatus struct {
	Run     journal.Run
	Lost    bool            // its local server is gone, and its resources with it
	Trouble string          // why the target could not be reached
	Holder  *journal.Holder // the labctl that works on it
	Spent   float64         // USD since it was created
	Expired bool
}

// Status tells of every run. Records that cannot be read are the error beside the others.
func (r *Runner) Status(ctx context.Context) ([]RunStatus, error) {
	runs, err := r.Journal.List()
	all := make([]RunStatus, 0, len(runs))
	now := time.Now()
	for _, run := range runs {
		status := RunStatus{
			Run: run, Expired: now.After(run.Expires), Spent: run.PerHour * now.Sub(run.Created).Hours(),
			Holder: r.Journal.Holder(run.ID),
		}
		_, err := r.attach(ctx, run)
		var lost *target.LostError
		switch {
		case errors.As(err, &lost):
			status.Lost = true
		case err != nil:
			status.Trouble = err.Error()
		}
		all = append(all, status)
	}
	return all, err
}
