package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"labctl/runner/journal"
	"labctl/runner/sweep"
)

// Swept is what a sweep ends with.
type Swept struct {
	Gone     []Remnant
	Kept     []KeptRemnant
	Spared   []SparedRun
	Archived []string // runs of which nothing is left: their records went to the archive
}

// KeptRemnant could not be deleted.
type KeptRemnant struct {
	Remnant
	Reason error
}

// SparedRun was left alone.
type SparedRun struct {
	Run    string
	Reason error // a *journal.LockedError, or that it has more time now
}

// errExtended says that a run was given more time while it was looked at.
var errExtended = errors.New("its deadline is ahead again")

var (
	// errListed is the reason for what was said to be gone.
	errListed = errors.New("it was deleted, and the account lists it still")
	// errAppeared is the reason for what was not there when the sweep looked first.
	errAppeared = errors.New("it has appeared while the rest was deleted")
)

// Sweep deletes what Remains has listed, waits until it is gone, reads again, and archives the records of the runs of
// which nothing is left. A run that another labctl works on is left alone.
func (r *Runner) Sweep(ctx context.Context, remains Remains) (Swept, error) {
	held, spared := r.holdAll(remains)
	defer func() {
		for _, h := range held {
			h.release()
		}
	}()
	swept := Swept{Spared: spared}
	doomed := slices.DeleteFunc(slices.Clone(remains.Resources), func(res Remnant) bool {
		return slices.ContainsFunc(spared, func(s SparedRun) bool { return s.Run == res.Run })
	})
	if len(doomed) == 0 {
		return swept, keptOut(spared)
	}
	for _, h := range held {
		if err := r.save(h, journal.Destroying); err != nil {
			r.warn("%v. Removing the run all the same.", err)
		}
	}
	err := r.empty(ctx, remains, doomed, &swept)
	if ctx.Err() == nil {
		err = errors.Join(err, r.archiveAll(ctx, remains, held, &swept))
	}
	return swept, interruptedOr(ctx, "sweeping account "+remains.Target.Account, errors.Join(err, keptOut(spared)))
}

// holdAll locks the recorded runs, and only then believes their records.
func (r *Runner) holdAll(remains Remains) (all []*held, spared []SparedRun) {
	seen := map[string]bool{}
	for _, res := range remains.Resources {
		if seen[res.Run] {
			continue
		}
		seen[res.Run] = true
		if res.Record == nil { // none, or one that cannot be read: somebody may work on it all the same
			if holder := r.Journal.Holder(res.Run); holder != nil {
				spared = append(spared, SparedRun{Run: res.Run, Reason: &journal.LockedError{ID: res.Run, Holder: *holder}})
			}
			continue
		}
		h, err := r.hold(res.Run)
		var gone *journal.NotFoundError
		switch {
		case errors.As(err, &gone): // removed meanwhile; what is left of it is nobody's
			continue
		case err != nil:
			spared = append(spared, SparedRun{Run: res.Run, Reason: err})
			continue
		case remains.expired && time.Now().Before(h.run.Expires):
			h.release()
			spared = append(spared, SparedRun{Run: res.Run, Reason: errExtended})
			continue
		}
		all = append(all, h)
	}
	return all, spared
}

// keptOut is what kept a sweep from runs that it was meant for.
func keptOut(spared []SparedRun) error {
	var errs []error
	for _, s := range spared {
		if !errors.Is(s.Reason, errExtended) {
			errs = append(errs, s.Reason)
		}
	}
	return errors.Join(errs...)
}

// empty deletes, and tells apart what is gone and what is not by reading the account again.
func (r *Runner) empty(ctx context.Context, remains Remains, doomed []Remnant, swept *Swept) error {
	resources := make([]sweep.Resource, len(doomed))
	for i, res := range doomed {
		resources[i] = res.Resource
	}
	r.step("Deleting %d resources", len(resources))
	began, done := time.Now(), 0
	reasons := map[sweep.Resource]error{}
	_ = remains.account.Delete(ctx, resources, func(res sweep.Resource, err error) {
		phase := Done
		if err != nil {
			phase, reasons[res] = Failed, err
		} else {
			done++
		}
		r.Emit(Resource{Address: res.String(), Action: "delete", Phase: phase, Elapsed: time.Since(began), Done: done, Total: len(resources)})
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.step("Reading account %s again", remains.Target.Account)
	left, err := remains.account.List(ctx, remains.scope)
	if err != nil {
		return fmt.Errorf("reading what is left: %w", err)
	}
	runs := map[string]Remnant{}
	for _, res := range doomed {
		runs[res.Run] = res
		i := slices.IndexFunc(left, same(res.Resource))
		if i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
		switch reason, refused := reasons[res.Resource]; {
		case refused:
			swept.Kept = append(swept.Kept, KeptRemnant{Remnant: res, Reason: reason})
		case i >= 0:
			swept.Kept = append(swept.Kept, KeptRemnant{Remnant: res, Reason: errListed})
		default:
			swept.Gone = append(swept.Gone, res)
		}
	}
	for _, res := range left {
		if of, doomed := runs[res.Run]; doomed {
			usd, priced := r.priceOf(remains.Target, res)
			swept.Kept = append(swept.Kept, KeptRemnant{Reason: errAppeared, Remnant: Remnant{
				Resource: res, Record: of.Record, Deadline: of.Deadline, USD: usd, Priced: priced,
			}})
		}
	}
	if len(swept.Kept) > 0 {
		return hinted(fmt.Errorf("still there after the sweep: %d of %d", len(swept.Kept), len(doomed)), "remove what holds them, then run the same command again")
	}
	return nil
}

func same(a sweep.Resource) func(sweep.Resource) bool {
	return func(b sweep.Resource) bool { return a.Kind == b.Kind && a.ID == b.ID && a.Region == b.Region }
}

// archiveAll closes the record of each run of which the account shows nothing any more, by tag, place or name.
func (r *Runner) archiveAll(ctx context.Context, remains Remains, held []*held, swept *Swept) error {
	var errs []error
	for _, h := range held {
		left, err := remains.account.List(ctx, r.sweepScope(h.run))
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("reading what is left of run %s: %w", h.run.ID, err))
			continue
		case len(left) > 0:
			if !slices.ContainsFunc(swept.Kept, func(k KeptRemnant) bool { return k.Run == h.run.ID }) {
				errs = append(errs, fmt.Errorf("run %s: %w", h.run.ID, &LeftoverError{Resources: left}))
			}
			continue
		}
		if _, err := r.Journal.Archive(h.run.ID, time.Now()); err != nil {
			errs = append(errs, err)
			continue
		}
		swept.Archived = append(swept.Archived, h.run.ID)
	}
	if len(swept.Archived) > 0 {
		if err := r.releaseTarget(ctx, journal.Run{Target: remains.Target.Name}); err != nil {
			r.warn("The target could not be released: %v", err)
		}
	}
	return errors.Join(errs...)
}
