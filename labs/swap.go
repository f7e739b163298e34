package labs

import "context"

// swapped is the record's key for what a setting was.
const swapped = "before"

// Swap is a fault that consists of one setting: before is what it is, after what the fault makes of it, and put makes the
// account have either. It remembers before, which is what the undo puts.
func Swap[T any](fault Fault, plan func(context.Context, Live) (before, after T, err error), put func(context.Context, Live, T) error) Fault {
	fault.Inject = func(ctx context.Context, live Live, record Record) error {
		before, after, err := plan(ctx, live)
		if err != nil {
			return err
		}
		if err := Remember(record, swapped, before); err != nil {
			return err
		}
		return put(ctx, live, after)
	}
	fault.Undo = func(ctx context.Context, live Live, record Record) error {
		var before T
		if found, err := Recall(record, swapped, &before); err != nil || !found {
			return err
		}
		return put(ctx, live, before)
	}
	return fault
}
