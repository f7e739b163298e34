package localstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// The labels of a container that labctl starts. The second holds the state directory: two users, or two state
// directories of one, have nothing to do with each other's containers.
const (
	labelOurs = "labctl.target=localstack"
	labelHome = "labctl.home"
)

// port is the one that LocalStack serves everything on.
const port = "4566/tcp"

// docker runs the Docker client and returns what it printed.
func (m *Manager) docker(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, m.opts.Docker, args...)
	cmd.Env = m.opts.Environ
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case err == nil:
		return strings.TrimSpace(stdout.String()), nil
	case errors.Is(err, exec.ErrNotFound):
		return "", &DockerError{Reason: "there is no Docker on this machine: `docker` is not on PATH", Err: err}
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	return "", &DockerError{Reason: fmt.Sprintf("docker %s: %s", args[0], lastLine(stderr.String())), Err: err}
}

// DockerError says that Docker could not do what it was asked for.
type DockerError struct {
	Reason string
	Err    error
}

func (e *DockerError) Error() string { return e.Reason }
func (e *DockerError) Unwrap() error { return e.Err }

// ours is the id of the container that labctl has started for this state directory; "" if there is none that runs.
func (m *Manager) ours(ctx context.Context) (string, error) {
	list, err := m.docker(ctx, "ps", "--quiet", "--no-trunc", "--filter", "label="+labelOurs, "--filter", "label="+labelHome+"="+m.opts.StateDir)
	if err != nil {
		return "", err
	}
	id, _, _ := strings.Cut(list, "\n")
	return id, nil
}

// address is where the container's port is published on this machine.
func (m *Manager) address(ctx context.Context, id string) (string, error) {
	published, err := m.docker(ctx, "port", id, port)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(published, "\n")
	if !strings.HasPrefix(first, "127.0.0.1:") {
		return "", &DockerError{Reason: fmt.Sprintf("container %.12s is published at %q and not on 127.0.0.1", id, first)}
	}
	return "http://" + first, nil
}

// run starts a container whose port is on 127.0.0.1 only. The token is passed by name, so that no list of processes
// shows it.
func (m *Manager) run(ctx context.Context, image string) (string, error) {
	args := []string{
		"run", "--detach", "--rm", "--label", labelOurs, "--label", labelHome + "=" + m.opts.StateDir,
		"--publish", "127.0.0.1::" + port, "--env", "DISABLE_EVENTS=1",
	}
	if m.getenv(TokenVariable) != "" {
		args = append(args, "--env", TokenVariable)
	}
	id, err := m.docker(ctx, append(args, image)...)
	return lastLine(id), err
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
