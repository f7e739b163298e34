package backup

import (
	"context"
	"time"

	"labctl/labs"
)

// swap is a fault that consists of one setting: before is what it is, after what the fault makes of it, and put makes the
// account have either.
func swap[T any](fault labs.Fault, plan func(context.Context, parts, labs.Live) (before, after T, err error), put func(context.Context, labs.Live, T) error) labs.Fault {
	const key = "before"
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		before, after, err := plan(ctx, partsOf(live), live)
		if err != nil {
			return err
		}
		if err := labs.Remember(record, key, before); err != nil {
			return err
		}
		return put(ctx, live, after)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var before T
		if found, err := labs.Recall(record, key, &before); err != nil || !found {
			return err
		}
		return put(ctx, live, before)
	}
	return fault
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
