package sweep

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"
)

// kind is one sort of resource.
type kind struct {
	name      string   // AWS's term
	terraform string   // its resource type, "" if it has none
	region    string   // where its handler looks, or global
	arns      []string // the ARNs that it covers, as "service:type" or "service"
	handler
}

// global is the region of what an account has once, such as a role.
const global = ""

// handler lists and deletes the resources of one kind.
type handler interface {
	// list returns everybody's resources of the kind that exist and can cost or
	// block something: nothing that AWS still shows after its end. Some APIs have
	// no tags in their lists; those handlers look up what has labctl's name, and
	// what also names.
	list(ctx context.Context, also []string) ([]found, error)

	// delete asks for the deletion of one resource, together with its own parts and
	// attachments. It reads what it needs anew and does not wait for the end.
	// Doomed are the ids of all that this sweep deletes: of other resources only
	// those, and what is in doomed VPCs, may be changed to make way.
	delete(ctx context.Context, id string, doomed map[string]bool) error
}

// atOnce bounds the kinds read at a time, and the look-ups of each: well below what EC2
// throttles at.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
const atOnce = 12

// each calls do for every item, several at a time, and returns all errors.
func each[T any](items []T, do func(T) error) error {
	var (
		group errgroup.Group
		mu    sync.Mutex
		errs  []error
	)
	group.SetLimit(atOnce)
	for _, item := range items {
		group.Go(func() error {
			if err := do(item); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
			return nil
		})
	}
	_ = group.Wait() // the functions above return no errors
	return errors.Join(errs...)
}

// lookUp makes a found of every item, several at a time; one that is gone by then is
// left out.
func lookUp[T any](items []T, look func(T) (found, error)) ([]found, error) {
	var (
		mu  sync.Mutex
		all []found
	)
	err := each(items, func(item T) error {
		f, err := look(item)
		switch {
		case isGone(err):
			return nil
		case err != nil:
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, f)
		return nil
	})
	return all, err
}

// pager is what the SDK's paginators have in common.
type pager[Page, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (*Page, error)
}

func eachPage[Page, Options any](ctx context.Context, pages pager[Page, Options], visit func(*Page)) error {
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		visit(page)
	}
	return nil
}

// tagsOf makes a map of any service's tags.
func tagsOf[T any](tags []T, pair func(T) (key, value *string)) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		key, value := pair(t)
		m[aws.ToString(key)] = aws.ToString(value)
	}
	return m
}

// ec2Found is a found of EC2, whose names are tags.
func ec2Found(id *string, tags []ec2types.Tag, in ...*string) found {
	f := found{
		id:   aws.ToString(id),
		tags: tagsOf(tags, func(t ec2types.Tag) (*string, *string) { return t.Key, t.Value }),
		in:   ids(in...),
	}
	f.name = f.tags["Name"]
	return f
}

// ids leaves out what is not set.
func ids(pointers ...*string) []string {
	var set []string
	for _, p := range pointers {
		if id := aws.ToString(p); id != "" {
			set = append(set, id)
		}
	}
	return set
}
