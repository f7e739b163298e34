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
	Type    string // Terraform's, such as "aws_nat_gateway"; "" where there is none, or the kind is unknown here
	Variant string // what its price depends on beside the type: an endpoint's "Interface", an instance's "t4g.nano"
	Units   int    // that are billed of it, where that is not one: the GiB of a volume
	ID      string
	Name    string // "" if it has none
	ARN     string // "" where neither the service nor the tagging API gives it
	Region  string // "" for what belongs to none, such as an IAM role
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

// Sweeper lists and deletes in one account, in one region or several.
type Sweeper struct {
	// Patience is how long Delete tries again what is refused because something
	// else is still in the way. It waits eight times as long for something to
	// disappear whose deletion was accepted: a transit gateway takes minutes.
	Patience time.Duration

	stages [][]kind
	tagged []taggedLister
}

// New returns a Sweeper for the account and region of a configuration, and for further
// regions of that account. It calls nothing yet.
func New(cfg aws.Config, further ...string) *Sweeper {
	regions := []string{cfg.Region}
	for _, region := range further {
		if region != "" && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	s := &Sweeper{Patience: 90 * time.Second, stages: inRegions(cfg, regions)}
	for _, region := range regions {
		s.tagged = append(s.tagged, newTaggedLister(cfg, region))
	}
	return s
}

// List returns what the scope takes in, in the order in which Delete deletes it.
// With an *IncompleteError it returns what it found all the same; the caller must
// not take that for all there is.
func (s *Sweeper) List(ctx context.Context, scope Scope) ([]Resource, error) {
	if err := scope.validate(); err != nil {
		return nil, err
	}
	tagged, unread := s.readTags(ctx)
	account := s.read(ctx, tagged)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("listing what is in the account: %w", context.Cause(ctx))
	}
	resources := append(account.resources(scope, tagged), s.uncovered(scope, tagged)...)
	if unread = append(account.unread, unread...); len(unread) > 0 {
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

// resources are what is in scope. What two regions list under one ARN is one thing.
func (a account) resources(scope Scope, tagged taggedResources) []Resource {
	var all []found
	for _, k := range a.kinds {
		all = append(all, k.found...)
	}
	owners := newOwners(scope, all, tagged.runs())
	seen := map[string]bool{}
	var resources []Resource
	for _, k := range a.kinds {
		for _, f := range k.found {
			run := owners.run(f)
			if f.part || !scope.includes(run) || f.arn != "" && seen[f.arn] {
				continue
			}
			seen[f.arn] = true
			resources = append(resources, Resource{
				Kind: k.kind.name, Type: k.kind.terraform, Variant: f.variant, Units: f.units,
				ID: f.id, Name: f.name, ARN: cmp.Or(f.arn, tagged.arn(k.kind, f.id)),
				Region: f.region, Run: run, MadeBy: f.madeBy, Expires: f.expires(),
			})
		}
	}
	return resources
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
			for n := range things {
				things[n].region = k.region
			}
			result.kinds[i] = kindFound{kind: k, found: things}
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				result.unread = append(result.unread, KindError{Kind: k.name, Region: k.region, Err: err})
			}
			return nil
		})
	}
	_ = group.Wait()
	slices.SortFunc(result.unread, func(a, b KindError) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Region, b.Region))
	})
	return result
}
