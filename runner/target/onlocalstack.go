package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"labctl/runner/target/localstack"
)

// startLocalStack takes a LocalStack that answers, and else starts one.
func (r Resolver) startLocalStack(ctx context.Context, place Place) (Target, error) {
	if err := r.LocalStack.Claim(); err != nil {
		return Target{}, err
	}
	info, found, err := r.findLocalStack(ctx, place.Endpoint)
	if err != nil {
		return Target{}, err
	}
	if !found {
		if info, err = r.LocalStack.Start(ctx, place.Image); err != nil {
			return Target{}, startTrouble(err)
		}
	}
	return onLocalStack(ctx, info, place.Region)
}

func (r Resolver) currentLocalStack(ctx context.Context, place Place) (Target, error) {
	info, found, err := r.findLocalStack(ctx, place.Endpoint)
	if err == nil && !found {
		err = &UnusableError{Reason: "no LocalStack answers, at AWS_ENDPOINT_URL or at " + localstack.DefaultEndpoint, Next: "start one, or name its address with --endpoint"}
	}
	if err != nil {
		return Target{}, err
	}
	return onLocalStack(ctx, info, place.Region)
}

func (r Resolver) findLocalStack(ctx context.Context, endpoint string) (localstack.Info, bool, error) {
	if endpoint != "" {
		var err error
		if endpoint, err = ParseEndpoint(endpoint); err != nil {
			return localstack.Info{}, false, err
		}
	}
	info, found, err := r.LocalStack.Find(ctx, endpoint)
	switch {
	case errors.Is(err, localstack.ErrNotLocalStack):
		err = &UnusableError{Reason: fmt.Sprintf("what answers at %s is no LocalStack: it has no health page", endpoint), Next: "use `--target endpoint --endpoint " + endpoint + "`", Err: err}
	case err != nil && endpoint != "" && ctx.Err() == nil:
		err = &UnusableError{Reason: fmt.Sprintf("no LocalStack answers at %s: %v", endpoint, rootCause(err)), Next: "start it there, or leave out --endpoint", Err: err}
	}
	return info, found, err
}

// startTrouble says what to do when LocalStack could not be started.
func startTrouble(err error) error {
	var token *localstack.TokenError
	var docker *localstack.DockerError
	switch {
	case errors.As(err, &token):
		return &UnusableError{Reason: err.Error(), Next: "set " + localstack.TokenVariable + ", or leave out --localstack-image for " + localstack.DefaultImage + ", which needs none", Err: err}
	case errors.As(err, &docker):
		return &UnusableError{Reason: "no LocalStack answers, and none could be started: " + err.Error(), Next: "start Docker, or a LocalStack (name its address with --endpoint), or use --target local, which needs neither", Err: err}
	default:
		return fmt.Errorf("starting LocalStack: %w", err)
	}
}

func (r Resolver) aliveLocalStack(ctx context.Context, held Held) error {
	err := r.LocalStack.Verify(ctx, held.Endpoint, held.Server)
	if errors.Is(err, localstack.ErrGone) {
		return &LostError{Err: err}
	}
	return err
}

func onLocalStack(ctx context.Context, info localstack.Info, region string) (Target, error) {
	t := emulator(LocalStack, info.Endpoint, cmp.Or(region, DefaultRegion), dummy)
	t.Server, t.Services = info.Session, info.Services
	return withAccount(ctx, t, "LocalStack")
}
