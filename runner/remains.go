package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"labctl/runner/journal"
	"labctl/runner/sweep"
	"labctl/runner/target"
)

// SweepOptions say where to look for what labctl has made, and which of it is meant.
type SweepOptions struct {
	Place   target.Place // its region is one to look in; the others in use are found out
	Run     string       // "" is every run
	Expired bool         // only what is past its deadline
}

// Remains are labctl's resources in an account, in the order in which they can be deleted.
type Remains struct {
	Target    target.Target
	Regions   []string // where was looked
	Resources []Remnant
	Timeless  []string // runs that say no deadline, left out where only expired ones are meant

	account account
	scope   sweep.Scope
	expired bool
}

// Remnant is one of them.
type Remnant struct {
	sweep.Resource
	Record   *journal.Run // of its run; nil where this machine has none
	Deadline time.Time    // the record's, else the latest that the run's tags name; zero if nobody says
	USD      float64      // an hour, here
	Priced   bool         // the price is known
}

// account is what a sweep reads and empties. *sweep.Sweeper is one.
type account interface {
	List(ctx context.Context, scope sweep.Scope) ([]sweep.Resource, error)
	Delete(ctx context.Context, resources []sweep.Resource, progress func(sweep.Resource, error)) error
}

// Remains lists what is in the account of a target, with the journal's record or without. With a
// *sweep.IncompleteError it returns what it found; that is not all there may be.
func (r *Runner) Remains(ctx context.Context, opts SweepOptions) (Remains, error) {
	t, err := r.current(ctx, opts.Place, nil, "run `labctl doctor`")
	if err != nil {
		return Remains{}, err
	}
	regions := r.regionsInUse(ctx, t)
	r.step("Looking for what labctl has made in account %s, %s", t.Account, join(regions))
	remains, err := r.remains(ctx, t, sweeper(t, regions...), opts)
	remains.Regions = regions
	return remains, interruptedOr(ctx, "looking for what labctl has made", err)
}

func (r *Runner) remains(ctx context.Context, t target.Target, in account, opts SweepOptions) (Remains, error) {
	records := r.recordsOn(t)
	scope := r.sweepScope(journal.Run{ID: opts.Run})
	scope.Every = opts.Run == ""
	found, err := in.List(ctx, scope)
	remains := Remains{Target: t, account: in, scope: scope, expired: opts.Expired}
	deadlines := deadlines(found, records)
	for _, res := range found {
		deadline := deadlines[res.Run]
		switch {
		case opts.Expired && deadline.IsZero():
			if !slices.Contains(remains.Timeless, res.Run) {
				remains.Timeless = append(remains.Timeless, res.Run)
			}
			continue
		case opts.Expired && time.Now().Before(deadline):
			continue
		}
		usd, priced := r.priceOf(t, res)
		remains.Resources = append(remains.Resources, Remnant{Resource: res, Record: records[res.Run], Deadline: deadline, USD: usd, Priced: priced})
	}
	return remains, err
}

// recordsOn are the journal's records of runs in the account, on the server that is there now.
func (r *Runner) recordsOn(t target.Target) map[string]*journal.Run {
	runs, err := r.Journal.List()
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.warn("Some records cannot be read, so their runs count as not recorded: %v", err)
	}
	records := map[string]*journal.Run{}
	for _, run := range runs {
		if run.Target == t.Name && run.Account == t.Account && run.Server == t.Server && run.Endpoint == t.Endpoint {
			records[run.ID] = &run
		}
	}
	return records
}

// deadlines are those of the runs: what belongs together expires together, also what carries no tag or an older one.
func deadlines(found []sweep.Resource, records map[string]*journal.Run) map[string]time.Time {
	latest := map[string]time.Time{}
	for _, res := range found {
		if res.Expires.After(latest[res.Run]) {
			latest[res.Run] = res.Expires
		}
	}
	for id, run := range records {
		latest[id] = run.Expires
	}
	return latest
}

// priceOf knows what something costs an hour where the price table has its type and, where the price depends on that,
// its variant.
func (r *Runner) priceOf(t target.Target, res sweep.Resource) (usd float64, known bool) {
	if t.Free {
		return 0, true
	}
	name := res.Type
	if res.Variant != "" {
		name = fmt.Sprintf("%s (%s)", res.Type, res.Variant)
	}
	entry, known := r.Prices[name]
	return entry.PerHour() * float64(max(res.Units, 1)), known
}

// regionsInUse are the target's region, those of the journal's runs and the second ones that labs work in, and, where
// that costs money, each in which something carries labctl's tag.
func (r *Runner) regionsInUse(ctx context.Context, t target.Target) []string {
	regions := []string{t.Region}
	add := func(more ...string) {
		for _, region := range more {
			if region != "" && !slices.Contains(regions, region) {
				regions = append(regions, region)
			}
		}
	}
	for _, lab := range r.Labs {
		if lab.SecondRegion != nil {
			add(lab.SecondRegion(t.Region))
		}
	}
	for _, run := range r.recordsOn(t) {
		add(run.Region, run.SecondRegion)
	}
	if !t.Free {
		used, err := sweep.RegionsInUse(ctx, t.Config)
		if err != nil {
			r.warn("Not every region could be asked whether something of labctl is in it, so some are left out: %v", err)
		}
		add(used...)
	}
	slices.Sort(regions[1:])
	return regions
}
