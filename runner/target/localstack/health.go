package localstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"syscall"
	"time"
)

// Info is a LocalStack that answers.
type Info struct {
	Endpoint string
	Version  string
	Edition  string   // "community", "pro"; "unknown" when it runs outside its image
	Services []string // that it has, sorted

	// Session names this start of the server. All that it holds is in memory and ends with it, but for a licensed one,
	// which may persist its state: that has no session here.
	// https://docs.localstack.cloud/aws/capabilities/state-management/persistence/
	Session string
}

// Has tells whether the server has a service.
func (i Info) Has(service string) bool { return slices.Contains(i.Services, service) }

func (i Info) String() string {
	return fmt.Sprintf("LocalStack %s (%s edition, %d services) at %s", i.Version, i.Edition, len(i.Services), i.Endpoint)
}

// ErrNotLocalStack says that what answers at an endpoint is something else.
var ErrNotLocalStack = errors.New("what answers there is no LocalStack")

// ask is the client of the health pages: no proxy, and no patience with what does not answer.
var ask = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}

// Read asks the health page of a server.
// https://docs.localstack.cloud/aws/configuration/networking/internal-endpoints/
func Read(ctx context.Context, endpoint string) (Info, error) {
	var health struct {
		Version  string
		Edition  string
		Services map[string]string
	}
	if err := get(ctx, endpoint+"/_localstack/health", &health); err != nil {
		return Info{}, err
	}
	if health.Version == "" || health.Services == nil {
		return Info{}, fmt.Errorf("%s: %w", endpoint, ErrNotLocalStack)
	}
	info := Info{Endpoint: endpoint, Version: health.Version, Edition: health.Edition}
	for name, state := range health.Services {
		if state != "disabled" && state != "error" {
			info.Services = append(info.Services, name)
		}
	}
	slices.Sort(info.Services)
	var start struct {
		Session  string `json:"session_id"`
		Licensed bool   `json:"is_license_activated"`
	}
	if err := get(ctx, endpoint+"/_localstack/info", &start); err != nil {
		return Info{}, err
	}
	if !start.Licensed {
		info.Session = start.Session
	}
	return info, nil
}

func get(ctx context.Context, url string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := ask.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	switch {
	case err != nil:
		return err
	case response.StatusCode != http.StatusOK, json.Unmarshal(body, answer) != nil:
		return fmt.Errorf("%s: %w", url, ErrNotLocalStack)
	}
	return nil
}

// nobodyThere tells whether no server listens at all, which is more than that none answers.
func nobodyThere(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
