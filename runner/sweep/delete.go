package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Delete deletes the resources in dependency order and returns when they are gone,
// or when what is left goes on refusing; the error is then a *RefusedError. One that
// refuses does not keep the others. Progress is told the end of each, nil or the
// reason, and is never called twice at once; nil is allowed.
func (s *Sweeper) Delete(ctx context.Context, resources []Resource, progress func(Resource, error)) error {
	if progress == nil {
		progress = func(Resource, error) {}
	}
	d := &deletion{sweeper: s, patience: s.Patience, progress: progress, resources: resources}
	for _, stage := range s.stages {
		d.stage(ctx, stage)
	}
	for _, r := range resources {
		if err := s.reaches(r); err != nil {
			d.ended(r, err)
		}
	}
	if len(d.refused) > 0 {
		return &RefusedError{Refused: d.refused}
	}
	return nil
}

// reaches says why there is nobody to delete a resource.
func (s *Sweeper) reaches(r Resource) error {
	kinds := slices.Concat(s.stages...)
	switch {
	case slices.ContainsFunc(kinds, r.of):
		return nil
	case slices.ContainsFunc(kinds, func(k kind) bool { return k.name == r.Kind }):
		return fmt.Errorf("this sweep does not reach region %s", r.Region)
	}
	return &UnknownKindError{Kind: r.Kind, ARN: r.ARN}
}

func (r Resource) of(k kind) bool { return k.name == r.Kind && k.region == r.Region }

// deletion is one Delete under way.
type deletion struct {
	sweeper   *Sweeper
	resources []Resource
	patience  time.Duration // of the current stage

	mu       sync.Mutex
	progress func(Resource, error)
	refused  []Refusal
}

func (d *deletion) ended(r Resource, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.refused = append(d.refused, Refusal{Resource: r, Reason: err})
	}
	d.progress(r, err)
}

// stage deletes the resources of several kinds side by side.
func (d *deletion) stage(ctx context.Context, kinds []kind) {
	var wg sync.WaitGroup
	for _, k := range kinds {
		var mine []Resource
		for _, r := range d.resources {
			if r.of(k) {
				mine = append(mine, r)
			}
		}
		if len(mine) > 0 {
			wg.Go(func() { d.kind(ctx, k, mine) })
		}
	}
	wg.Wait()
	if len(d.refused) > 0 {
		// What refused has been waited for. What depends on it will refuse too, and
		// waiting as long at every later stage would tell nothing new.
		d.patience = d.sweeper.Patience / 8
	}
}

// kind deletes resources of one kind and waits until the kind lists them no more.
func (d *deletion) kind(ctx context.Context, k kind, resources []Resource) {
	var (
		mu      sync.Mutex
		pending []Resource
	)
	doomed := d.doomedWith(k)
	_ = each(resources, func(r Resource) error {
		if err := d.request(ctx, k, r, doomed); err != nil {
			d.ended(r, err)
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		pending = append(pending, r)
		return nil
	})
	d.awaitGone(ctx, k, pending)
}

// doomedWith are the ids of what is deleted in the kind's region, and in none: elsewhere
// the same id may be something else's.
func (d *deletion) doomedWith(k kind) map[string]bool {
	doomed := map[string]bool{}
	for _, r := range d.resources {
		if r.Region == "" || r.Region == k.region {
			doomed[r.ID] = true
		}
	}
	return doomed
}

// request asks for a deletion until it is accepted or patience ends, which lasts longer where
// something is ending already.
func (d *deletion) request(ctx context.Context, k kind, r Resource, doomed map[string]bool) error {
	began := time.Now()
	for wait := newBackoff(); ; {
		err := k.delete(ctx, r.ID, doomed)
		limit := d.patience
		if errors.Is(err, errEnding) {
			limit = d.forTheEnd()
		}
		switch {
		case err == nil || isGone(err):
			return nil
		case ctx.Err() != nil:
			return interrupted(ctx, err)
		case !isBusy(err) || time.Since(began) > limit:
			return explain(ctx, k, r.ID, err)
		}
		if !wait.sleep(ctx) {
			return interrupted(ctx, err)
		}
	}
}

// forTheEnd is how long a deletion may take that was accepted.
func (d *deletion) forTheEnd() time.Duration { return 8 * d.sweeper.Patience }

// awaitGone polls the kind's own list: it leaves out what exists no more.
func (d *deletion) awaitGone(ctx context.Context, k kind, pending []Resource) {
	deadline := time.Now().Add(d.forTheEnd())
	for wait := newBackoff(); len(pending) > 0; {
		ids := make([]string, len(pending))
		for i, r := range pending {
			ids[i] = r.ID
		}
		found, err := k.list(ctx, ids)
		if err == nil {
			pending = d.stillThere(pending, found)
			err = errStillThere
		}
		switch {
		case len(pending) == 0:
		case time.Now().After(deadline):
			d.refuseAll(pending, fmt.Errorf("its deletion was accepted, but: %w", err))
			return
		case !wait.sleep(ctx):
			d.refuseAll(pending, interrupted(ctx, err))
			return
		}
	}
}

var errStillThere = errors.New("still there")

func (d *deletion) stillThere(pending []Resource, found []found) []Resource {
	alive := map[string]bool{}
	for _, f := range found {
		alive[f.id] = !f.part
	}
	return slices.DeleteFunc(pending, func(r Resource) bool {
		if !alive[r.ID] {
			d.ended(r, nil)
		}
		return !alive[r.ID]
	})
}

func (d *deletion) refuseAll(pending []Resource, err error) {
	for _, r := range pending {
		d.ended(r, err)
	}
}

// interrupted keeps both why the work stopped and what was wrong until then.
func interrupted(ctx context.Context, last error) error {
	return fmt.Errorf("%w (last answer: %w)", context.Cause(ctx), last)
}

// backoff doubles from what suits a local server to what suits AWS.
type backoff struct{ next time.Duration }

const (
	shortestWait = 50 * time.Millisecond
	longestWait  = 5 * time.Second
)

func newBackoff() *backoff { return &backoff{next: shortestWait} }

// sleep reports whether it slept to the end.
func (b *backoff) sleep(ctx context.Context) bool {
	timer := time.NewTimer(b.next)
	defer timer.Stop()
	b.next = min(2*b.next, longestWait)
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
