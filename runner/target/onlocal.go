package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"labctl/runner/target/local"
)

func (r Resolver) currentLocal(ctx context.Context, region string) (Target, error) {
	info, err := r.Local.Status(ctx)
	if err != nil {
		return Target{}, fmt.Errorf("reaching the local AWS: %w", err)
	}
	if info.State != local.StateRunning {
		return Target{}, &LostError{Err: fmt.Errorf("the local AWS is not running (%s)", info.State)}
	}
	return onLocal(ctx, info, region)
}

func (r Resolver) aliveLocal(ctx context.Context, server string) error {
	err := r.Local.Verify(ctx, server)
	switch {
	case errors.Is(err, local.ErrGone):
		return &LostError{Err: err}
	case err != nil:
		return fmt.Errorf("reaching the local AWS: %w", err)
	}
	return nil
}

func (r Resolver) releaseLocal(ctx context.Context) error {
	info, err := r.Local.Status(ctx)
	if err != nil || info.Kept {
		return err
	}
	_, err = r.Local.Stop(ctx)
	return err
}

func onLocal(ctx context.Context, info local.Info, region string) (Target, error) {
	t := emulator(Local, info.Endpoint, cmp.Or(region, DefaultRegion), dummy)
	t.Server, t.Support, t.Clock = info.Instance, localSupport(info), info.Clock()
	return withAccount(ctx, t, "the local AWS")
}
