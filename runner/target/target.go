// Package target answers where a lab lives: how to reach it, who one is there, and what it can show.
//
// Endpoint and credentials for the SDK and for Terraform's provider come from one place, so that both always mean the
// same account. How the local server is run is the business of the package local below this one.
package target

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"labctl/checks"
	"labctl/labs/clock"
	"labctl/runner/target/local"
)

// Local is the name of the target that labctl runs itself.
const Local = "local"

// Names lists the targets that exist, the default first.
func Names() []string { return []string{Local} }

// Target is a place where a lab can live.
type Target struct {
	Name     string
	Endpoint string // "" where the SDK finds the endpoints itself
	Server   string // identity of the local server that holds the resources; "" elsewhere
	Account  string
	Region   string
	Free     bool // nothing that is made here costs money
	Clock    clock.Clock

	Config  aws.Config        // for the SDK
	Env     map[string]string // for Terraform's provider
	Support map[checks.Capability]checks.Support
}

// LostError says that the server which held a run's resources is gone, and the resources with it.
type LostError struct{ Err error }

func (e *LostError) Error() string { return e.Err.Error() }
func (e *LostError) Unwrap() error { return e.Err }

// Manager is what a resolver needs of the local server. *local.Manager is one.
type Manager interface {
	Ensure(ctx context.Context) (local.Info, error)
	Status(ctx context.Context) (local.Info, error)
	Verify(ctx context.Context, instance string) error
	Stop(ctx context.Context) (bool, error)
}

// Resolver finds targets.
type Resolver struct{ Local Manager }

// Start readies the target called name for new resources, starting what has to run.
func (r Resolver) Start(ctx context.Context, name, region string) (Target, error) {
	if name != Local {
		return Target{}, fmt.Errorf("unknown target %q", name)
	}
	info, err := r.Local.Ensure(ctx)
	if err != nil {
		return Target{}, fmt.Errorf("starting the local AWS: %w", err)
	}
	return onLocal(ctx, info, region)
}

// Attach reaches the target that holds a run. It starts nothing: a local server that is gone is a *LostError.
func (r Resolver) Attach(ctx context.Context, name, server, region string) (Target, error) {
	if err := r.Alive(ctx, name, server); err != nil {
		return Target{}, err
	}
	info, err := r.Local.Status(ctx)
	if err != nil {
		return Target{}, fmt.Errorf("reaching the local AWS: %w", err)
	}
	return onLocal(ctx, info, region)
}

// Alive tells whether the server that holds a run is still the one that it was made on.
func (r Resolver) Alive(ctx context.Context, name, server string) error {
	if name != Local {
		return fmt.Errorf("unknown target %q", name)
	}
	if err := r.Local.Verify(ctx, server); err != nil {
		if errors.Is(err, local.ErrGone) {
			return &LostError{Err: err}
		}
		return fmt.Errorf("reaching the local AWS: %w", err)
	}
	return nil
}

// Current reaches the target as it is, without starting anything and without a run: what `check --tag` and `trace` use.
func (r Resolver) Current(ctx context.Context, name, region string) (Target, error) {
	if name != Local {
		return Target{}, fmt.Errorf("unknown target %q", name)
	}
	info, err := r.Local.Status(ctx)
	if err != nil {
		return Target{}, fmt.Errorf("reaching the local AWS: %w", err)
	}
	if info.State != local.StateRunning {
		return Target{}, &LostError{Err: fmt.Errorf("the local AWS is not running (%s)", info.State)}
	}
	return onLocal(ctx, info, region)
}

// Release tells the target that its last run is gone.
func (r Resolver) Release(ctx context.Context, name string) error {
	if name != Local {
		return nil
	}
	info, err := r.Local.Status(ctx)
	if err != nil || info.Kept {
		return err
	}
	_, err = r.Local.Stop(ctx)
	return err
}

// Dummy credentials: the local server takes any, and labctl never lets it see real ones.
const (
	localKey    = "labctl"
	localSecret = "labctl-local" //nolint:gosec // no secret: the local server does not look at it
)

func onLocal(ctx context.Context, info local.Info, region string) (Target, error) {
	t := Target{
		Name: Local, Endpoint: info.Endpoint, Server: info.Instance, Region: region, Free: true, Clock: info.Clock(),
		Config:  localConfig(info.Endpoint, region),
		Support: localSupport(info),
		Env: map[string]string{
			"AWS_ACCESS_KEY_ID":     localKey,
			"AWS_SECRET_ACCESS_KEY": localSecret,
			"AWS_ENDPOINT_URL":      info.Endpoint,
			"AWS_REGION":            region,
			"HTTP_PROXY":            info.Endpoint, // see onlyTo
			"HTTPS_PROXY":           info.Endpoint,
		},
	}
	who, err := sts.NewFromConfig(t.Config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Target{}, fmt.Errorf("asking the local AWS for the account: %w", err)
	}
	t.Account = aws.ToString(who.Account)
	return t, nil
}

// localConfig is built by hand and not with the config package: nothing of the user's AWS settings (profiles, keys,
// endpoints, CA bundles, proxies) may reach a local run, or a local run reach anything but loopback.
func localConfig(endpoint, region string) aws.Config {
	return aws.Config{
		Region:       region,
		Credentials:  credentials.NewStaticCredentialsProvider(localKey, localSecret, ""),
		BaseEndpoint: aws.String(endpoint),
		HTTPClient: &http.Client{
			Timeout:   30 * time.Second,
			Transport: &http.Transport{Proxy: onlyTo(endpoint), MaxIdleConnsPerHost: 16, IdleConnTimeout: 10 * time.Second},
		},
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = 3
				o.MaxBackoff = time.Second
			})
		},
	}
}

// onlyTo makes the local server the proxy of every request that is not for it: those whose host name begins with the
// account id (S3 Control) it answers, and nothing else leaves this machine.
func onlyTo(endpoint string) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		server, err := url.Parse(endpoint)
		if err != nil {
			return nil, fmt.Errorf("the local AWS's endpoint: %w", err)
		}
		if r.URL.Host == server.Host {
			return nil, nil //nolint:nilnil // net/http's way to say "no proxy"
		}
		return server, nil
	}
}
