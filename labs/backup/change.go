package backup

import (
	"context"
	"time"

	"labctl/labs"
)

// swap is [labs.Swap] with a plan that reads the parts of the lab.
func swap[T any](fault labs.Fault, plan func(context.Context, parts, labs.Live) (before, after T, err error), put func(context.Context, labs.Live, T) error) labs.Fault {
	return labs.Swap(fault, func(ctx context.Context, live labs.Live) (before, after T, err error) {
		return plan(ctx, partsOf(live), live)
	}, put)
}

// busyPause is the time between two tries to change what is being changed.
const busyPause = 2 * time.Second

// untilFree makes a change as soon as what it concerns takes one: a table takes one at a time.
func untilFree(ctx context.Context, change func() error, busy ...string) error {
	for {
		err := change()
		if !labs.IsCode(err, busy...) {
			return err
		}
		if err := sleep(ctx, busyPause); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // its caller says what it was waiting for
	case <-time.After(pause):
		return nil
	}
}
