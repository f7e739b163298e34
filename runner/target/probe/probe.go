// Package probe tries out what a server that speaks AWS can show: one small exercise through the SDK for each capability
// that labs ask for. What it makes carries the tag labctl:run and a name of its own run, and is swept again at the end.
//
// It is for servers that labctl did not make. The local AWS is tested correction by correction, and of AWS itself nothing
// needs to be tried. A capability without a probe is not claimed.
package probe

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"golang.org/x/sync/errgroup"

	"labctl/checks"
	"labctl/runner/sweep"
)

// exercise shows a capability, or says in its error what it saw instead.
type exercise func(ctx context.Context, b *bench) error

// probe is the exercise of one capability, and the services that it is about, in LocalStack's names.
type probe struct {
	shows    checks.Capability
	services []string
	try      exercise
}

// all are the probes that exist.
func all() []probe {
	return slices.Concat(networkProbes(), identityProbes(), groupProbes(), memberProbes(), backupProbes(), tableProbes(), objectProbes(), alarmProbes(), watchingProbes())
}

// Probed lists the capabilities that can be found out.
func Probed() []checks.Capability {
	var names []checks.Capability
	for _, p := range all() {
		names = append(names, p.shows)
	}
	return names
}

// Unprobed says of the capabilities that have no probe why not.
func Unprobed() map[checks.Capability]string {
	return map[checks.Capability]string{
		"policy-enforcement": "no server at hand enforces IAM policies, so that a probe would never have been seen to succeed",
		"scaling-from-load":  "it takes minutes of load on instances that run",
	}
}

// The time that one exercise may take, and the sweep after all of them.
const (
	limit      = time.Minute
	sweepLimit = 2 * time.Minute
	atOnce     = 4
)

// Run tries out the capabilities that are needed. Services are those that the server says it has; nil where it does not
// say. Beside the answer there may be an error: what was made could not all be removed.
func Run(ctx context.Context, cfg aws.Config, needs []checks.Capability, services []string) (map[checks.Capability]checks.Support, error) {
	b := newBench(cfg, fmt.Sprintf("probe-%06x", rand.IntN(1<<24))) //nolint:gosec // a name, not a secret
	probes := all()
	needs = slices.Compact(slices.Sorted(slices.Values(needs)))
	answers := make([]checks.Support, len(needs))
	var group errgroup.Group
	group.SetLimit(atOnce)
	tried := false
	for i, need := range needs {
		at := slices.IndexFunc(probes, func(p probe) bool { return p.shows == need })
		if at < 0 {
			answers[i].Reason = strings.TrimSuffix("labctl has no probe for it, so it is not claimed here: "+Unprobed()[need], ": ")
			continue
		}
		if missing := lacking(probes[at].services, services); missing != "" {
			answers[i].Reason = "the server has no service " + missing
			continue
		}
		tried = true
		group.Go(func() error {
			answers[i] = judge(ctx, b, probes[at])
			return nil
		})
	}
	_ = group.Wait() // an exercise that fails is an answer
	support := map[checks.Capability]checks.Support{}
	for i, need := range needs {
		support[need] = answers[i]
	}
	var err error
	if tried {
		err = b.clear(ctx)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return support, err
}

func lacking(wanted, present []string) string {
	if present == nil {
		return ""
	}
	for _, service := range wanted {
		if !slices.Contains(present, service) {
			return service
		}
	}
	return ""
}

func judge(ctx context.Context, b *bench, p probe) checks.Support {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := p.try(ctx, b)
	if err == nil {
		return checks.Support{Shown: true}
	}
	return checks.Support{Reason: "tried, and the server did otherwise: " + inShort(err)}
}

// inShort is what the server answered, without the SDK's account of the way there.
func inShort(err error) string {
	var response *smithyhttp.ResponseError
	var operation *smithy.OperationError
	var answer smithy.APIError
	status := 0
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	switch {
	case status == http.StatusNotImplemented, status == http.StatusNotFound && !errors.As(err, &answer): // the latter is no answer of AWS's
		return "it does not implement the call"
	case errors.As(err, &operation) && errors.As(err, &answer):
		return fmt.Sprintf("%s %s answered %s: %.160s", operation.Service(), operation.Operation(), answer.ErrorCode(), answer.ErrorMessage())
	case errors.As(err, &operation):
		return fmt.Sprintf("%s %s failed: %.160s", operation.Service(), operation.Operation(), operation.Err)
	default:
		return err.Error()
	}
}

// LeftoverError says what the probes made and could not remove.
type LeftoverError struct {
	Run string
	Err error
}

func (e *LeftoverError) Error() string {
	return fmt.Sprintf("that all is gone which was made to try the server out was not shown; it carries the tag labctl:run=%s: %s", e.Run, e.reason())
}
func (e *LeftoverError) Unwrap() error { return e.Err }

// reason names what is left or could not be read, and leaves the calls that failed to Unwrap.
func (e *LeftoverError) reason() string {
	var unread *sweep.IncompleteError
	var refused *sweep.RefusedError
	var parts []string
	if errors.As(e.Err, &refused) {
		for _, r := range refused.Refused {
			parts = append(parts, r.Resource.String()+" could not be deleted")
		}
	}
	if errors.As(e.Err, &unread) {
		for _, u := range unread.Unread {
			parts = append(parts, u.Kind+" could not be listed")
		}
	}
	if len(parts) == 0 {
		return e.Err.Error()
	}
	return strings.Join(parts, ", ")
}

// clear removes what the exercises made, also after an interrupt.
func (b *bench) clear(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sweepLimit)
	defer cancel()
	sweeper := sweep.New(b.cfg)
	sweeper.Patience = 5 * time.Second
	scope := sweep.Scope{Run: b.run}
	left, err := sweeper.List(ctx, scope)
	if len(left) > 0 {
		err = errors.Join(err, sweeper.Delete(ctx, left, func(sweep.Resource, error) {}))
	}
	if err != nil {
		return &LeftoverError{Run: b.run, Err: err}
	}
	return nil
}
