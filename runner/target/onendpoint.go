package target

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// The variables that name other credentials for an endpoint than the dummy ones. AWS_ACCESS_KEY_ID and its kin are not
// asked: what signs requests to AWS is nothing that another server should see, and an emulator that derives the account
// from the key would put the lab somewhere else each time the user changes accounts.
const (
	EndpointKeyVariable    = "LABCTL_ENDPOINT_ACCESS_KEY_ID"
	EndpointSecretVariable = "LABCTL_ENDPOINT_SECRET_ACCESS_KEY" //nolint:gosec // the name of a variable
)

// onEndpoint reaches any server that speaks AWS.
func (r Resolver) onEndpoint(ctx context.Context, place Place) (Target, error) {
	if place.Endpoint == "" {
		return Target{}, &UnusableError{Reason: "target endpoint needs the server's address", Next: "name it: `--target endpoint --endpoint http://127.0.0.1:5000`"}
	}
	endpoint, err := ParseEndpoint(place.Endpoint)
	if err != nil {
		return Target{}, err
	}
	who := dummy
	if id := r.getenv(EndpointKeyVariable); id != "" {
		who = keys{id: id, secret: r.getenv(EndpointSecretVariable)}
	}
	t := emulator(Endpoint, endpoint, cmp.Or(place.Region, DefaultRegion), who)
	if !near(endpoint) {
		t.Identity = &Identity{} // what it is, and what it costs, labctl cannot know
	}
	if t, err = withAccount(ctx, t, endpoint); err != nil {
		return t, &UnusableError{
			Reason: fmt.Sprintf("%s does not answer as AWS does: %v", endpoint, rootCause(err)),
			Next:   "see that the server runs there, and that it has STS", Err: err,
		}
	}
	return t, nil
}

// ParseEndpoint reads the address of a server: scheme, host and port, and nothing else. AWS's own are refused, because
// what labctl does with a real account is guarded by target aws.
func ParseEndpoint(text string) (string, error) {
	wrong := func(why string) error {
		return &UnusableError{Reason: fmt.Sprintf("endpoint %q: %s", text, why), Next: "write scheme, host and port, such as http://127.0.0.1:5000"}
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", wrong("it is no URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", wrong("it begins with neither http:// nor https://")
	case u.Hostname() == "":
		return "", wrong("it names no host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return "", wrong("it holds more than scheme, host and port")
	case isAWS(u.Hostname()):
		return "", &RefusedError{Reason: fmt.Sprintf("%s is AWS itself", u.Hostname()), Next: "use `--target aws`, which asks before it makes anything"}
	}
	return u.Scheme + "://" + u.Host, nil
}

// isAWS recognises the names under which AWS serves its APIs in all partitions.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
func isAWS(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, domain := range []string{"amazonaws.com", "amazonaws.com.cn", "api.aws", "amazonwebservices.com.cn", "amazonaws.eu", "aws.amazon.com", "on.aws"} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

// near tells whether an endpoint is on this machine or in a private network, by what its name says.
func near(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	host := u.Hostname()
	if address, err := netip.ParseAddr(host); err == nil {
		return address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast()
	}
	// A name without a dot is one of this machine, its container network or its local network; localhost.localstack.cloud
	// is LocalStack's name for 127.0.0.1.
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") ||
		strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, "localhost.localstack.cloud")
}

func (r Resolver) getenv(name string) string {
	for i := len(r.Environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(r.Environ[i], name+"="); ok {
			return value
		}
	}
	return ""
}
