package target

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// keys are static credentials.
type keys struct{ id, secret string }

// dummy credentials: emulators take any, and labctl never lets them see real ones.
var dummy = keys{id: "labctl", secret: "labctl-local"}

// emulator is a target at an endpoint. SDK and provider are bound to it: whatever would go to another host goes through
// it as the proxy.
func emulator(name, endpoint, region string, who keys) Target {
	return Target{
		Name: name, Endpoint: endpoint, Region: region, Free: true,
		Config: emulatorConfig(endpoint, region, who),
		Env: map[string]string{
			"AWS_ACCESS_KEY_ID":     who.id,
			"AWS_SECRET_ACCESS_KEY": who.secret,
			"AWS_ENDPOINT_URL":      endpoint,
			"AWS_REGION":            region,
			"HTTP_PROXY":            endpoint, // see onlyTo
			"HTTPS_PROXY":           endpoint,
		},
	}
}

// emulatorConfig is built by hand and not with the config package: nothing of the user's AWS settings (profiles, keys,
// endpoints, CA bundles, proxies) may reach such a run, or the run reach anything but the endpoint.
func emulatorConfig(endpoint, region string, who keys) aws.Config {
	return aws.Config{
		Region:       region,
		Credentials:  credentials.NewStaticCredentialsProvider(who.id, who.secret, ""),
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

// onlyTo makes the endpoint the proxy of every request that is not for it: those whose host name begins with the
// account id (S3 Control) emulators answer, and nothing else leaves for another place.
func onlyTo(endpoint string) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		server, err := url.Parse(endpoint)
		if err != nil {
			return nil, fmt.Errorf("the target's endpoint: %w", err)
		}
		if r.URL.Host == server.Host {
			return nil, nil //nolint:nilnil // net/http's way to say "no proxy"
		}
		return server, nil
	}
}
