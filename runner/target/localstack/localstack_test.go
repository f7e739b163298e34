package localstack

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// healthy answers as a LocalStack does. What it says can be changed while it runs.
type healthy struct {
	*httptest.Server
	health, info string
}

func newHealthy(t *testing.T) *healthy {
	t.Helper()
	h := &healthy{
		health: `{"services": {"s3": "available", "ec2": "running", "sqs": "error", "sns": "disabled"}, "edition": "community", "version": "4.14.0"}`,
		info:   `{"version": "4.14.0", "is_license_activated": false, "session_id": "s-1"}`,
	}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/_localstack/health":
			fmt.Fprint(w, h.health)
		case "/_localstack/info":
			fmt.Fprint(w, h.info)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

// fakeDocker writes down what it is asked for, and answers from the files of its directory: ps, port, inspect and logs
// print theirs, and a command whose file "<name>.fails" exists fails with what stands there.
const fakeDocker = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> asked
echo "token=$LOCALSTACK_AUTH_TOKEN" >> environment
if [ -f "$1.fails" ]; then cat "$1.fails" >&2; exit 1; fi
case "$1" in
run) echo c0ffee > ps; echo c0ffee ;;
stop) rm -f ps ;;
image) [ -f image ] || { echo "No such image" >&2; exit 1; } ;;
pull) touch image ;;
*) cat "$1" 2>/dev/null ;;
esac
exit 0
`

type docker struct {
	dir      string
	progress []string
	*Manager
}

// newDocker is a Manager over a fake Docker whose containers answer at the server's address.
func newDocker(t *testing.T, server *healthy, environ ...string) *docker {
	t.Helper()
	d := &docker{dir: t.TempDir()}
	path := filepath.Join(d.dir, "docker")
	require.NoError(t, os.WriteFile(path, []byte(fakeDocker), 0o700)) //nolint:gosec // it is to be run
	d.write(t, "inspect", "true")
	if server != nil {
		d.write(t, "port", strings.TrimPrefix(server.URL, "http://")+"\n[::1]:1\n")
	}
	d.Manager = NewManager(Options{
		StateDir: filepath.Join(d.dir, "state"), Docker: path, Environ: append([]string{"PATH=" + os.Getenv("PATH")}, environ...),
		Usual: "http://127.0.0.1:1", Progress: func(line string) { d.progress = append(d.progress, line) }, StartLimit: 2 * time.Second,
	})
	return d
}

func (d *docker) write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o600))
}

func (d *docker) read(name string) string {
	text, err := os.ReadFile(filepath.Join(d.dir, name))
	if err != nil {
		return ""
	}
	return string(text)
}

// asked are the commands with which the fake was called, by their first word.
func (d *docker) asked(first string) []string {
	var found []string
	for line := range strings.Lines(d.read("asked")) {
		if strings.HasPrefix(line, first+" ") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

func TestALocalStackIsKnownByItsHealthPage(t *testing.T) {
	server := newHealthy(t)
	info, err := Read(t.Context(), server.URL)
	require.NoError(t, err)
	assert.Equal(t, Info{Endpoint: server.URL, Version: "4.14.0", Edition: "community", Services: []string{"ec2", "s3"}, Session: "s-1"}, info)
	assert.True(t, info.Has("s3"))
	assert.False(t, info.Has("sqs"), "it is broken")
	assert.False(t, info.Has("cloudtrail"))

	server.info = `{"is_license_activated": true, "session_id": "s-2"}`
	info, err = Read(t.Context(), server.URL)
	require.NoError(t, err)
	assert.Empty(t, info.Session, "a licensed one may keep its state over a restart")

	server.health = `{"ok": true}`
	_, err = Read(t.Context(), server.URL)
	require.ErrorIs(t, err, ErrNotLocalStack)
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	_, err = Read(t.Context(), other.URL)
	require.ErrorIs(t, err, ErrNotLocalStack)
}

func TestImagesAfterTheLastCommunityArchiveNeedAToken(t *testing.T) {
	for image, want := range map[string]bool{
		DefaultImage: false, "localstack/localstack:4.2": false, "localstack/localstack:3": false, "docker.io/localstack/localstack:4.14.0": false,
		"registry:5000/localstack/localstack:4.14.0@sha256:1": false, "example.org/our-own:1": false,
		"localstack/localstack": true, "localstack/localstack:latest": true, "localstack/localstack:stable": true, "localstack/localstack:4": true,
		"localstack/localstack:4.15.0": true, "localstack/localstack:2026.3.0": true, "registry:5000/localstack/localstack": true,
		"localstack/localstack-pro:4.2.0": true,
	} {
		assert.Equal(t, want, NeedsToken(image), image)
	}
}

func TestAContainerIsStartedOnLoopbackLabelledAndStoppedAgain(t *testing.T) {
	server := newHealthy(t)
	d := newDocker(t, server)
	_, found, err := d.Find(t.Context(), "")
	require.NoError(t, err)
	require.False(t, found)
	require.NoError(t, d.Claim())

	info, err := d.Start(t.Context(), "")
	require.NoError(t, err)
	assert.Equal(t, server.URL, info.Endpoint)
	assert.Equal(t, []string{"pull --quiet " + DefaultImage}, d.asked("pull"))
	assert.Equal(t, []string{"run --detach --rm --label labctl.target=localstack --label labctl.home=" + d.opts.StateDir + " --publish 127.0.0.1::4566/tcp --env DISABLE_EVENTS=1 " + DefaultImage}, d.asked("run"))
	assert.Contains(t, d.progress[0], "pulling "+DefaultImage)

	// Another labctl, or this one after a crash, finds it and starts none of its own.
	again := NewManager(d.opts)
	info, found, err = again.Find(t.Context(), "")
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, server.URL, info.Endpoint)
	_, err = again.Start(t.Context(), "")
	require.NoError(t, err)
	assert.Len(t, d.asked("run"), 1)

	// While one is about to make something there, another does not stop it.
	require.NoError(t, again.Claim())
	stopped, err := d.Stop(t.Context())
	require.NoError(t, err)
	assert.False(t, stopped)
	stopped, err = again.Stop(t.Context())
	require.NoError(t, err)
	assert.True(t, stopped)
	assert.Equal(t, []string{"stop c0ffee"}, d.asked("stop"))
	stopped, err = again.Stop(t.Context())
	require.NoError(t, err)
	assert.False(t, stopped, "there is none any more")
}

func TestALocalStackThatWasThereIsUsedAndNotStopped(t *testing.T) {
	server := newHealthy(t)
	d := newDocker(t, server, "AWS_ENDPOINT_URL="+server.URL+"/")
	for _, endpoint := range []string{"", server.URL} {
		info, found, err := d.Find(t.Context(), endpoint)
		require.NoError(t, err)
		assert.True(t, found)
		assert.Equal(t, server.URL, info.Endpoint)
	}
	stopped, err := d.Stop(t.Context())
	require.NoError(t, err)
	assert.False(t, stopped)
	assert.Empty(t, d.asked("run"))
	assert.Empty(t, d.asked("stop"))

	d.opts.Environ, d.opts.Usual = nil, server.URL
	_, found, err := d.Find(t.Context(), "")
	require.NoError(t, err)
	assert.True(t, found, "at the usual address")

	_, _, err = d.Find(t.Context(), "http://127.0.0.1:1")
	require.Error(t, err, "one that is named has to be there")
}

func TestAnImageThatNeedsATokenIsRefusedBeforeItIsPulled(t *testing.T) {
	d := newDocker(t, newHealthy(t))
	_, err := d.Start(t.Context(), "localstack/localstack:2026.3.0")
	var token *TokenError
	require.ErrorAs(t, err, &token)
	assert.Contains(t, err.Error(), TokenVariable)
	assert.Empty(t, d.read("asked"))
}

func TestATokenReachesTheContainerAndNoListOfProcesses(t *testing.T) {
	d := newDocker(t, newHealthy(t), TokenVariable+"=ls-secret")
	_, err := d.Start(t.Context(), "localstack/localstack:2026.3.0")
	require.NoError(t, err)
	require.Len(t, d.asked("run"), 1)
	assert.Contains(t, d.asked("run")[0], "--env "+TokenVariable+" localstack/localstack:2026.3.0")
	assert.NotContains(t, d.read("asked"), "ls-secret")
	assert.Contains(t, d.read("environment"), "token=ls-secret")
}

func TestAContainerThatDoesNotBecomeHealthyIsToldOfAndStopped(t *testing.T) {
	mute := newHealthy(t)
	mute.health = "starting"
	d := newDocker(t, mute)
	_, err := d.Start(t.Context(), "")
	require.ErrorContains(t, err, "is not healthy after 2s")
	assert.Equal(t, []string{"stop c0ffee"}, d.asked("stop"))

	d = newDocker(t, mute)
	d.write(t, "inspect", "false")
	d.write(t, "logs", "one\nno license\n")
	_, err = d.Start(t.Context(), "")
	require.ErrorContains(t, err, "has ended: no license")

	d = newDocker(t, mute)
	d.write(t, "inspect.fails", "No such container: c0ffee")
	_, err = d.Start(t.Context(), "")
	require.ErrorContains(t, err, "ended at once")
}

func TestAnInterruptEndsTheWaitAndTheContainer(t *testing.T) {
	mute := newHealthy(t)
	mute.health = "starting"
	d := newDocker(t, mute)
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	_, err := d.Start(ctx, "")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Empty(t, d.read("ps"))
}

func TestWhatDockerSaysIsPassedOn(t *testing.T) {
	d := newDocker(t, newHealthy(t))
	d.write(t, "pull.fails", "Using default tag\nno space left on device\n")
	_, err := d.Start(t.Context(), "")
	var trouble *DockerError
	require.ErrorAs(t, err, &trouble)
	assert.Equal(t, "docker pull: no space left on device", trouble.Reason)

	d.opts.Docker = "no-such-docker"
	_, err = d.Start(t.Context(), "")
	require.ErrorAs(t, err, &trouble)
	assert.Contains(t, trouble.Reason, "not on PATH")
	stopped, err := d.Stop(t.Context())
	require.NoError(t, err, "without Docker there is no container of labctl's")
	assert.False(t, stopped)

	d = newDocker(t, nil)
	d.write(t, "port", "0.0.0.0:4566\n")
	_, err = d.Start(t.Context(), "")
	require.ErrorContains(t, err, "not on 127.0.0.1")
}

func TestAServerThatIsGoneOrAnotherHasLostWhatItHeld(t *testing.T) {
	server := newHealthy(t)
	d := newDocker(t, server)
	require.NoError(t, d.Verify(t.Context(), server.URL, "s-1"))
	require.ErrorIs(t, d.Verify(t.Context(), server.URL, "s-0"), ErrGone, "started anew")

	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := "http://" + listener.Addr().String()
	require.NoError(t, listener.Close())
	require.ErrorIs(t, d.Verify(t.Context(), nobody, "s-1"), ErrGone)
	err = d.Verify(t.Context(), nobody, "")
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrGone, "a licensed one may come back with all that it held")

	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	require.ErrorIs(t, d.Verify(t.Context(), other.URL, "s-1"), ErrGone)
}
