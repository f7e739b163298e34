package sweep

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"
)

// Resource is one thing in the account.
type Resource struct {
	Kind    string // AWS's term, such as "NAT gateway"
	ID      string
	Name    string // "" if it has none
	ARN     string // "" where neither the service nor the tagging API gives it
	Region  string // that of the Sweeper, also for global services
	Run     string
	MadeBy  string    // id of what made it and takes it away again; "" for what was made by itself
	Expires time.Time // zero if it says nothing about that
}

func (r Resource) String() string {
	if r.Name == "" || r.Name == r.ID {
		return r.Kind + " " + r.ID
	}
	return fmt.Sprintf("%s %s (%s)", r.Kind, r.ID, r.Name)
}

// Sweeper lists and deletes in one region of one account.
type Sweeper struct {
	// Patience is how long Delete tries again what is refused because something
	// else is still in the way. It waits eight times as long for something to
	// disappear whose deletion was accepted: a transit gateway takes minutes.
	Patience time.Duration

	region string
	stages [][]kind
	tagged taggedLister
}

// New returns a Sweeper for the account and region of a configuration. It calls
// nothing yet.
func New(cfg aws.Config) *Sweeper {
	return &Sweeper{
		Patience: 90 * time.Second,
		region:   cfg.Region,
		stages:   stages(newClients(cfg)),
		tagged:   newTaggedLister(cfg),
	}
}

// List returns what the scope takes in, in the order in which Delete deletes it.
// With an *IncompleteError it returns what it found all the same; the caller must
// not take that for all there is.
func (s *Sweeper) List(ctx context.Context, scope Scope) ([]Resource, error) {
	if err := scope.validate(); err != nil {
		return nil, err
	}
	tagged, tagErr := s.tagged.list(ctx)
	account := s.read(ctx, tagged)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("listing what is in the account: %w", context.Cause(ctx))
	}

	var all []found
	for _, k := range account.kinds {
		all = append(all, k.found...)
	}
	owners := newOwners(scope, all, tagged.runs())
	var resources []Resource
	for _, k := range account.kinds {
		for _, f := range k.found {
			run := owners.run(f)
			if f.part || !scope.includes(run) {
				continue
			}
			resources = append(resources, Resource{
				Kind: k.kind.name, ID: f.id, Name: f.name, ARN: cmp.Or(f.arn, tagged.arn(k.kind, f.id)),
				Region: s.region, Run: run, MadeBy: f.madeBy, Expires: f.expires(),
			})
		}
	}
	resources = append(resources, s.uncovered(scope, tagged)...)

	unread := account.unread
	if tagErr != nil {
		unread = append(unread, KindError{Kind: "what the tagging API knows", Err: tagErr})
	}
	if len(unread) > 0 {
		return resources, &IncompleteError{Unread: unread}
	}
	return resources, nil
}

// account is what the kinds answered.
type account struct {
	kinds  []kindFound
	unread []KindError
}

type kindFound struct {
	kind  kind
	found []found
}

// read asks all kinds at once. A kind that fails may still have found something.
func (s *Sweeper) read(ctx context.Context, tagged taggedResources) account {
	var (
		mu     sync.Mutex
		kinds  = slices.Concat(s.stages...)
		result = account{kinds: make([]kindFound, len(kinds))}
		group  errgroup.Group
	)
	group.SetLimit(atOnce)
	for i, k := range kinds {
		group.Go(func() error {
			things, err := k.list(ctx, tagged.ids(k))
			slices.SortFunc(things, func(a, b found) int { return cmp.Compare(a.id, b.id) })
			result.kinds[i] = kindFound{kind: k, found: things}
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				result.unread = append(result.unread, KindError{Kind: k.name, Err: err})
			}
			return nil
		})
	}
	_ = group.Wait()
	slices.SortFunc(result.unread, func(a, b KindError) int { return cmp.Compare(a.Kind, b.Kind) })
	return result
}
