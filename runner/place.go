package runner

import (
	"context"
	"errors"
	"maps"
	"slices"

	"labctl/checks"
	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/target"
)

// explained turns a target's own account of what is wrong with it into what the commands end with.
func explained(err error) error {
	var refused *target.RefusedError
	if errors.As(err, &refused) {
		return hinted(&RefusedError{Reason: refused.Reason}, refused.Next)
	}
	var unusable *target.UnusableError
	if errors.As(err, &unusable) {
		return hinted(err, unusable.Next)
	}
	return err
}

// heldBy says where a run lives.
func heldBy(run journal.Run) target.Held {
	return target.Held{
		Place:  target.Place{Name: run.Target, Region: run.Region, Endpoint: run.Endpoint, Profile: run.Profile},
		Server: run.Server,
	}
}

// current reaches a target as it is, without a run, and finds out what it shows of what is needed.
func (r *Runner) current(ctx context.Context, place target.Place, needs []checks.Capability, next string) (target.Target, error) {
	t, err := r.Targets.Current(ctx, place)
	if err != nil {
		return t, hinted(explained(err), next)
	}
	if len(needs) > 0 {
		t.Support, err = r.probe(ctx, t, needs)
	}
	return t, err
}

// probe finds out what a target shows. That something which was made for that is left is no reason to stop: it carries
// a tag, and it lies where nothing costs money.
func (r *Runner) probe(ctx context.Context, t target.Target, needs []checks.Capability) (map[checks.Capability]checks.Support, error) {
	if t.Support != nil || len(needs) == 0 {
		return t.Support, nil
	}
	r.step("Trying out what %s at %s can show", t.Name, t.Endpoint)
	support, err := r.Targets.Probe(ctx, t, needs)
	if support == nil {
		return nil, interruptedOr(ctx, "trying out what the target can show", err)
	}
	if err != nil {
		r.warn("%v", err)
	}
	shown := 0
	for _, s := range support {
		if s.Shown {
			shown++
		}
	}
	r.note("It shows %d of the %d capabilities that are asked for.", shown, len(support))
	return support, nil
}

// supportFor finds out whether a target can hold a lab, and then what else it shows of what the lab asks about. What
// came of that is for the record; nil where it is known without asking.
func (r *Runner) supportFor(ctx context.Context, lab labs.Lab, t *target.Target) (map[string]journal.Support, error) {
	if t.Support != nil {
		return nil, supports(lab, *t)
	}
	support, err := r.probe(ctx, *t, lab.Needs)
	if err != nil {
		return nil, err
	}
	held := *t
	held.Support = support
	if err := supports(lab, held); err != nil {
		return nil, err
	}
	needs := slices.DeleteFunc(lab.AsksAbout(), func(need checks.Capability) bool { return slices.Contains(lab.Needs, need) })
	further, err := r.probe(ctx, *t, needs)
	if err != nil {
		return nil, err
	}
	t.Support = map[checks.Capability]checks.Support{}
	maps.Copy(t.Support, support)
	maps.Copy(t.Support, further)
	return recordedSupport(t.Support), nil
}

func needsOfChecks(all []checks.Check) []checks.Capability {
	var needs []checks.Capability
	for _, check := range all {
		needs = append(needs, check.Needs...)
	}
	return needs
}

// known gives a target what is on record of what it shows.
func known(t target.Target, run journal.Run) target.Target {
	if run.Support == nil {
		return t
	}
	t.Support = map[checks.Capability]checks.Support{}
	for name, support := range run.Support {
		t.Support[checks.Capability(name)] = checks.Support(support)
	}
	return t
}

// recordedSupport is what a target shows, for the record.
func recordedSupport(support map[checks.Capability]checks.Support) map[string]journal.Support {
	record := map[string]journal.Support{}
	for name, s := range support {
		record[string(name)] = journal.Support(s)
	}
	return record
}
