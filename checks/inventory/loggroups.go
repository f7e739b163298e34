package inventory

import (
	"context"
	"strings"

	"golang.org/x/sync/errgroup"
)

// ScopeLogGroups reads the region's log groups that carry the scope's tag.
func (i *Inventory) ScopeLogGroups(ctx context.Context) ([]LogGroup, error) {
	return i.watch.scopeLogGroups.get("the log groups tagged "+i.Scope.String(), func() ([]LogGroup, error) { return i.source.readScopeLogGroups(ctx, i.Scope) })
}

func (l live) readScopeLogGroups(ctx context.Context, scope Scope) ([]LogGroup, error) {
	marked, err := l.readTagged(ctx, scope, "logs")
	if err != nil {
		return nil, err
	}
	marked = only(marked, func(t tagged) bool { return strings.Contains(t.arn, ":log-group:") }) // there are delivery sources and more
	found := make([]LogGroup, len(marked))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, resource := range marked {
		group.Go(func() (err error) {
			_, name, _ := strings.Cut(resource.arn, ":log-group:")
			found[n], err = l.readLogGroup(ctx, strings.TrimSuffix(name, ":*"))
			found[n].Tags = resource.tags
			return err
		})
	}
	return found, group.Wait()
}

func (f Facts) readScopeLogGroups(_ context.Context, scope Scope) ([]LogGroup, error) {
	return only(f.LogGroups, func(g LogGroup) bool { return g.Tags[scope.Key] == scope.Value }), nil
}
