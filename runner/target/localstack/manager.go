package localstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Options say how a Manager works.
type Options struct {
	StateDir string   // of labctl: containers are labelled with it
	Docker   string   // the Docker client
	Environ  []string // the user's environment
	Usual    string   // where LocalStack usually is; "" is DefaultEndpoint

	// Progress, when set, receives a line about each step that takes a while.
	Progress func(line string)
	// StartLimit bounds the wait for a new container's health; 0 is two minutes.
	StartLimit time.Duration
}

// DefaultEndpoint is where LocalStack listens unless it is told otherwise.
const DefaultEndpoint = "http://127.0.0.1:4566"

// Manager finds, starts and stops LocalStack.
type Manager struct {
	opts  Options
	users *flock.Flock // shared by all that may be about to make something there
}

// NewManager returns a Manager; it touches nothing yet.
func NewManager(opts Options) *Manager {
	if opts.Progress == nil {
		opts.Progress = func(string) {}
	}
	if opts.StartLimit == 0 {
		opts.StartLimit = 2 * time.Minute
	}
	if opts.Usual == "" {
		opts.Usual = DefaultEndpoint
	}
	return &Manager{opts: opts, users: flock.New(filepath.Join(opts.StateDir, "localstack.users"))}
}

func (m *Manager) getenv(name string) string {
	for i := len(m.opts.Environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(m.opts.Environ[i], name+"="); ok {
			return value
		}
	}
	return ""
}

// Find looks for a LocalStack that answers: at the endpoint, when one is named, and else the container that labctl has
// started, the one that AWS_ENDPOINT_URL names, and the usual address. One that is named and does not answer is an error.
func (m *Manager) Find(ctx context.Context, endpoint string) (Info, bool, error) {
	if endpoint != "" {
		info, err := Read(ctx, endpoint)
		if err != nil {
			return Info{}, false, fmt.Errorf("looking for LocalStack at %s: %w", endpoint, err)
		}
		return info, true, nil
	}
	// Without Docker there is no container of labctl's.
	if id, err := m.ours(ctx); err == nil && id != "" {
		at, err := m.address(ctx, id)
		if err != nil {
			return Info{}, false, err
		}
		info, err := m.await(ctx, id, at)
		return info, err == nil, err
	}
	for _, at := range []string{m.getenv("AWS_ENDPOINT_URL"), m.opts.Usual} {
		if info, err := Read(ctx, strings.TrimSuffix(at, "/")); at != "" && err == nil {
			return info, true, nil
		}
	}
	return Info{}, false, ctx.Err()
}

// Claim keeps other labctl from stopping the container, until the process ends or Stop is called: what is about to be
// made there is not on record yet.
func (m *Manager) Claim() error {
	if err := os.MkdirAll(m.opts.StateDir, 0o700); err != nil {
		return fmt.Errorf("making the state directory: %w", err)
	}
	if err := m.users.RLock(); err != nil {
		return fmt.Errorf("claiming LocalStack: %w", err)
	}
	return nil
}

// TokenError says that an image needs a token that is not there.
type TokenError struct{ Image string }

func (e *TokenError) Error() string {
	return fmt.Sprintf("image %s does not start without %s, which is not set", e.Image, TokenVariable)
}

// Start starts a container and waits until it is healthy. Two labctl that start at once get the same one.
func (m *Manager) Start(ctx context.Context, image string) (Info, error) {
	if image == "" {
		image = DefaultImage
	}
	if NeedsToken(image) && m.getenv(TokenVariable) == "" {
		return Info{}, &TokenError{Image: image}
	}
	unlock, err := m.lock(ctx)
	if err != nil {
		return Info{}, err
	}
	defer unlock()
	id, err := m.ours(ctx)
	if err != nil {
		return Info{}, err
	}
	if id == "" {
		if _, err := m.docker(ctx, "image", "inspect", "--format", "{{.Id}}", image); err != nil {
			m.opts.Progress("pulling " + image + " (about 1.2 GB unpacked, once)")
			if _, err := m.docker(ctx, "pull", "--quiet", image); err != nil {
				return Info{}, err
			}
		}
		if id, err = m.run(ctx, image); err != nil {
			return Info{}, err
		}
	}
	at, err := m.address(ctx, id)
	if err != nil {
		return Info{}, errors.Join(err, m.ended(ctx, id))
	}
	info, err := m.await(ctx, id, at)
	if err != nil {
		_, stopErr := m.docker(context.WithoutCancel(ctx), "stop", id) // what never came up holds nothing
		var gone *DockerError
		if stopErr != nil && !errors.As(stopErr, &gone) {
			err = errors.Join(err, stopErr)
		}
	}
	return info, err
}

const (
	pollEvery = 250 * time.Millisecond
	tellEvery = 10 * time.Second
)

// await waits for the health of a container, and tells that it does.
func (m *Manager) await(ctx context.Context, id, at string) (Info, error) {
	began := time.Now()
	told := began
	for {
		info, err := Read(ctx, at)
		if err == nil {
			return info, nil
		}
		if ended := m.ended(ctx, id); ended != nil {
			return Info{}, ended
		}
		if time.Since(began) > m.opts.StartLimit {
			return Info{}, fmt.Errorf("LocalStack in container %.12s is not healthy after %s: %w", id, m.opts.StartLimit, err)
		}
		if time.Since(told) > tellEvery {
			told = time.Now()
			m.opts.Progress(fmt.Sprintf("waiting for LocalStack at %s to be healthy (%s)", at, time.Since(began).Round(time.Second)))
		}
		select {
		case <-ctx.Done():
			return Info{}, ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// ended is an error with the last words of a container that has ended, and nil for one that runs.
func (m *Manager) ended(ctx context.Context, id string) error {
	state, err := m.docker(ctx, "inspect", "--format", "{{.State.Running}}", id)
	if err != nil || state == "true" {
		if err != nil && ctx.Err() == nil { // removed at its end, with its log
			return fmt.Errorf("the container of LocalStack ended at once: try the image by hand with `docker run`: %w", err)
		}
		return nil
	}
	words, _ := m.docker(ctx, "logs", "--tail", "5", id)
	return fmt.Errorf("the container of LocalStack has ended: %s", lastLine(words))
}

// ErrGone says that the LocalStack which held a run is no more.
var ErrGone = errors.New("the LocalStack that held it is gone")

// Verify tells whether the server at an endpoint is still the one that was found there. One that nobody answers for on
// this machine, or that has started anew, has lost what it held.
func (m *Manager) Verify(ctx context.Context, endpoint, session string) error {
	info, err := Read(ctx, endpoint)
	switch {
	case nobodyThere(err) && session != "":
		return fmt.Errorf("%w: nothing listens at %s", ErrGone, endpoint)
	case errors.Is(err, ErrNotLocalStack) && session != "":
		return fmt.Errorf("%w: something else is at %s", ErrGone, endpoint)
	case err != nil:
		return fmt.Errorf("asking LocalStack at %s: %w", endpoint, err)
	case session != "" && info.Session != session:
		return fmt.Errorf("%w: another one, or the same started anew, is at %s", ErrGone, endpoint)
	}
	return nil
}

// Stop ends the container that labctl has started, and reports whether it did. One that somebody else has claimed is
// left for them to stop.
func (m *Manager) Stop(ctx context.Context) (bool, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := m.users.Unlock(); err != nil {
		return false, fmt.Errorf("letting go of LocalStack: %w", err)
	}
	if alone, err := m.users.TryLock(); err != nil || !alone {
		return false, err
	}
	defer func() { _ = m.users.Unlock() }()
	id, err := m.ours(ctx)
	var none *DockerError
	if errors.As(err, &none) { // Docker is gone, and the container with it
		return false, nil
	}
	if err != nil || id == "" {
		return false, err
	}
	_, err = m.docker(ctx, "stop", id)
	return err == nil, err
}

// Version asks for Docker's server: what `labctl doctor` tells.
func (m *Manager) Version(ctx context.Context) (string, error) {
	return m.docker(ctx, "version", "--format", "{{.Server.Version}}")
}

// HasImage tells whether an image is on this machine.
func (m *Manager) HasImage(ctx context.Context, image string) bool {
	_, err := m.docker(ctx, "image", "inspect", "--format", "{{.Id}}", image)
	return err == nil
}

func (m *Manager) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(m.opts.StateDir, 0o700); err != nil {
		return nil, fmt.Errorf("making the state directory: %w", err)
	}
	l := flock.New(filepath.Join(m.opts.StateDir, "localstack.lock"))
	if _, err := l.TryLockContext(ctx, pollEvery); err != nil {
		return nil, fmt.Errorf("waiting for another labctl that starts or stops LocalStack: %w", err)
	}
	return func() { _ = l.Unlock() }, nil
}
