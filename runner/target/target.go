// Package target answers where a lab lives: how to reach it, who one is there, and what it can show.
//
// Endpoint and credentials for the SDK and for Terraform's provider come from one place, so that both always mean the
// same account. How a server is run is the business of the packages below this one (local, localstack); what one that
// labctl did not make can show is found out by probe.
package target

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"labctl/checks"
	"labctl/labs/clock"
	"labctl/runner/target/local"
	"labctl/runner/target/localstack"
	"labctl/runner/target/probe"
)

// The names of the targets.
const (
	Local      = "local"      // the server that labctl runs itself
	LocalStack = "localstack" // one that is there, or that labctl starts with Docker
	Endpoint   = "endpoint"   // any server that speaks AWS
	AWS        = "aws"        // a real account
)

// Names lists the targets that exist, the default first.
func Names() []string { return []string{Local, LocalStack, Endpoint, AWS} }

// DefaultRegion is AWS's own first choice, and the one that the price table is for. Target aws has none: there the
// region comes from the user.
const DefaultRegion = "us-east-1"

// Place is where a lab is to live, as the user named it. Empty fields take the target's defaults.
type Place struct {
	Name     string // one of Names
	Region   string
	Endpoint string // of a LocalStack, or of another server
	Profile  string // of the user's AWS configuration
	Image    string // of the LocalStack to start
}

// Held is where a run lives, from its record.
type Held struct {
	Place
	Server string
}

// Target is a place where a lab can live.
type Target struct {
	Name     string
	Endpoint string // "" where the SDK finds the endpoints itself
	Server   string // identity of the server whose memory holds the resources; "" where they outlive it
	Account  string
	Region   string
	Profile  string
	Free     bool     // nothing that is made here costs money
	Services []string // that the server says it has; nil where it does not say
	Clock    clock.Clock

	// Identity tells more of the caller. It is set for targets that labctl asks about before it makes anything.
	Identity *Identity

	Config  aws.Config        // for the SDK
	Env     map[string]string // for Terraform's provider; on AWS the credentials come from Handout
	Support map[checks.Capability]checks.Support
}

// Guarded tells whether the user has to confirm before anything is made here.
func (t Target) Guarded() bool { return t.Identity != nil }

// Identity is who labctl is on a target.
type Identity struct {
	ARN   string
	Alias string // of the account; "" where it has none, or may not be read
	Root  bool   // the account's root user, who cannot be limited by a policy
}

// LostError says that the server which held a run's resources is gone, and the resources with it.
type LostError struct{ Err error }

func (e *LostError) Error() string { return e.Err.Error() }
func (e *LostError) Unwrap() error { return e.Err }

// UnusableError says why a target cannot be used as it is, and what to do about that.
type UnusableError struct {
	Reason string // one clear line
	Next   string // what to do
	Err    error  // the cause; nil where the reason says all
}

func (e *UnusableError) Error() string { return e.Reason }
func (e *UnusableError) Unwrap() error { return e.Err }

// RefusedError says that a target must not be used in this way.
type RefusedError struct{ Reason, Next string }

func (e *RefusedError) Error() string { return e.Reason }

// Manager is what a resolver needs of the local server. *local.Manager is one.
type Manager interface {
	Ensure(ctx context.Context) (local.Info, error)
	Status(ctx context.Context) (local.Info, error)
	Verify(ctx context.Context, instance string) error
	Stop(ctx context.Context) (bool, error)
}

// LocalStacks is what a resolver needs of LocalStack. *localstack.Manager is one.
type LocalStacks interface {
	Find(ctx context.Context, endpoint string) (localstack.Info, bool, error)
	Claim() error
	Start(ctx context.Context, image string) (localstack.Info, error)
	Verify(ctx context.Context, endpoint, session string) error
	Stop(ctx context.Context) (bool, error)
}

// Loader reads the user's AWS configuration. config.LoadDefaultConfig is one.
type Loader func(ctx context.Context, options ...func(*config.LoadOptions) error) (aws.Config, error)

// Resolver finds targets.
type Resolver struct {
	Local      Manager
	LocalStack LocalStacks
	LoadAWS    Loader
	Environ    []string // the user's environment
}

// Start readies a target for new resources, starting what has to run.
func (r Resolver) Start(ctx context.Context, place Place) (Target, error) {
	switch place.Name {
	case Local:
		info, err := r.Local.Ensure(ctx)
		if err != nil {
			return Target{}, fmt.Errorf("starting the local AWS: %w", err)
		}
		return onLocal(ctx, info, place.Region)
	case LocalStack:
		return r.startLocalStack(ctx, place)
	default:
		return r.Current(ctx, place)
	}
}

// Current reaches the target as it is, without starting anything and without a run: what `check --tag` and `trace` use.
func (r Resolver) Current(ctx context.Context, place Place) (Target, error) {
	switch place.Name {
	case Local:
		return r.currentLocal(ctx, place.Region)
	case LocalStack:
		return r.currentLocalStack(ctx, place)
	case Endpoint:
		return r.onEndpoint(ctx, place)
	case AWS:
		return r.onAWS(ctx, place)
	default:
		return Target{}, fmt.Errorf("unknown target %q", place.Name)
	}
}

// Attach reaches the target that holds a run. It starts nothing: a server that is gone is a *LostError.
func (r Resolver) Attach(ctx context.Context, held Held) (Target, error) {
	if err := r.Alive(ctx, held); err != nil {
		return Target{}, err
	}
	return r.Current(ctx, held.Place)
}

// Alive tells whether the server that holds a run is still the one that it was made on. What lives elsewhere outlives
// any server that labctl could ask.
func (r Resolver) Alive(ctx context.Context, held Held) error {
	switch held.Name {
	case Local:
		return r.aliveLocal(ctx, held.Server)
	case LocalStack:
		return r.aliveLocalStack(ctx, held)
	case Endpoint, AWS:
		return nil
	default:
		return fmt.Errorf("unknown target %q", held.Name)
	}
}

// Probe finds out what a target shows of the capabilities that are needed. Where labctl did not make the server, each is
// tried out on it, which makes a few tagged things and removes them again.
func (r Resolver) Probe(ctx context.Context, t Target, needs []checks.Capability) (map[checks.Capability]checks.Support, error) {
	switch t.Name {
	case LocalStack, Endpoint:
		return probe.Run(ctx, t.Config, needs, t.Services)
	default:
		return t.Support, nil
	}
}

// Release tells the target that its last run is gone.
func (r Resolver) Release(ctx context.Context, name string) error {
	switch name {
	case Local:
		return r.releaseLocal(ctx)
	case LocalStack:
		_, err := r.LocalStack.Stop(ctx) // only one that labctl has started
		return err
	default:
		return nil
	}
}

// withAccount asks who the caller is.
func withAccount(ctx context.Context, t Target, what string) (Target, error) {
	who, err := sts.NewFromConfig(t.Config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Target{}, fmt.Errorf("asking %s for the account: %w", what, err)
	}
	t.Account = aws.ToString(who.Account)
	if t.Identity != nil {
		t.Identity.ARN = aws.ToString(who.Arn)
		t.Identity.Root = strings.HasSuffix(t.Identity.ARN, ":root")
	}
	return t, nil
}
