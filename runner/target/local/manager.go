package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// Options say where a Manager keeps its files and how it starts a supervisor. Paths are
// absolute, since the supervisor does not run in the user's directory.
type Options struct {
	StateDir string // the server's record, log and locks
	CacheDir string // the virtual environment that labctl makes where moto is missing

	// Supervisor is the command that calls Supervise: executable and arguments.
	// Flags are added for SupervisorOptions: --state-dir, --python and --speed.
	Supervisor []string

	// Env is the user's environment. PATH is where Python is looked for; pip sees
	// all of it, the server next to nothing.
	Env []string

	// Progress, when set, receives a line about each step that takes a while.
	Progress func(line string)
}

// Manager starts, finds and stops the local AWS of one state directory. Its methods
// may be called from several goroutines and processes at once.
type Manager struct {
	opts Options
}

// NewManager returns a Manager; it touches nothing yet.
func NewManager(opts Options) *Manager {
	if opts.Progress == nil {
		opts.Progress = func(string) {}
	}
	return &Manager{opts: opts}
}

const (
	startLimit = 30 * time.Second // Python on a cold, slow disk
	stopLimit  = 5 * time.Second
	pollEvery  = 15 * time.Millisecond
)

// Ensure returns the running server, starting one if there is none. It also puts
// off the stop of an idle server, so that the caller has time to record its run.
// A server that does not answer is left alone and reported as ErrUnresponsive.
func (m *Manager) Ensure(ctx context.Context) (Info, error) {
	return m.ensure(ctx, false, 0)
}

// Keep is Ensure for a server that shall live on without runs until it is stopped, and
// whose clock runs at a speed, 1 to Fastest. With 0 any speed is right, and a new server
// runs at 1. One that runs at another speed is left alone and reported as ErrSpeed.
func (m *Manager) Keep(ctx context.Context, speed int) (Info, error) {
	return m.ensure(ctx, true, speed)
}

func (m *Manager) ensure(ctx context.Context, keep bool, speed int) (Info, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return Info{}, err
	}
	defer unlock()
	info, err := m.Status(ctx)
	if err != nil {
		return Info{}, err
	}
	if info.State == StateStarting { // its labctl was interrupted before it came up
		if info, err = m.awaitStart(ctx, info.Instance, nil); err != nil {
			return Info{}, err
		}
	}
	switch info.State {
	case StateUnresponsive:
		return info, fmt.Errorf("%w: %s; `labctl local stop` ends it, and what it holds is lost", ErrUnresponsive, info.Detail)
	case StateRunning:
		if speed != 0 && speed != info.Speed {
			return info, fmt.Errorf("%w: at %d", ErrSpeed, info.Speed)
		}
		if err := m.touch(wantedFile); err != nil {
			return Info{}, err
		}
	default:
		if info, err = m.start(ctx, max(speed, 1)); err != nil {
			return Info{}, err
		}
	}
	if keep && !info.Kept {
		if err := m.touch(keptFile); err != nil {
			return Info{}, err
		}
		info.Kept = true
	}
	return info, nil
}

// Stop ends the server, and reports whether there was one to end. It works on a
// server that does not answer too.
func (m *Manager) Stop(ctx context.Context) (bool, error) {
	if _, err := os.Stat(m.opts.StateDir); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	unlock, err := m.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	r, ok, err := readRecord(m.opts.StateDir)
	if err != nil || !ok {
		return false, err
	}
	ran := r.Supervisor.alive() || r.Moto.alive()
	r.Supervisor.end()
	r.Moto.end()
	if err := m.remove(keptFile, wantedFile); err != nil {
		return ran, err
	}
	if !ran {
		return false, nil
	}
	// A supervisor that was killed, or that was killed just now, recorded nothing.
	if r, ok, err = readRecord(m.opts.StateDir); err != nil || !ok || r.State == StateStopped {
		return true, err
	}
	r.State, r.Exit, r.LastLog, r.EndedAt = StateStopped, "", nil, time.Now().UTC()
	return true, writeRecord(m.opts.StateDir, r)
}

// lock holds off every other Manager of the state directory, and the supervisor's
// decision to stop an idle server.
func (m *Manager) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(m.opts.StateDir, 0o700); err != nil {
		return nil, fmt.Errorf("making the state directory of the local AWS: %w", err)
	}
	l := flock.New(filepath.Join(m.opts.StateDir, lockFile))
	if _, err := l.TryLockContext(ctx, pollEvery); err != nil {
		return nil, fmt.Errorf("waiting for another labctl that starts or stops the local AWS: %w", err)
	}
	return func() { _ = l.Unlock() }, nil
}

// start ends what is left of an earlier server, and starts a new one.
func (m *Manager) start(ctx context.Context, speed int) (Info, error) {
	if len(m.opts.Supervisor) == 0 {
		return Info{}, fmt.Errorf("%w: no supervisor command is set", ErrStart)
	}
	python, err := findPython(ctx, m.opts)
	if err != nil {
		return Info{}, err
	}
	if old, ok, err := readRecord(m.opts.StateDir); err != nil {
		return Info{}, err
	} else if ok {
		old.Supervisor.end()
		old.Moto.end()
	}
	if err := m.remove(recordFile, keptFile); err != nil {
		return Info{}, err
	}
	if err := m.touch(wantedFile); err != nil {
		return Info{}, err
	}
	if python.corrected() {
		m.opts.Progress("starting the local AWS")
	} else {
		m.opts.Progress(fmt.Sprintf("starting the local AWS without corrections: moto %s is not a version that they are made for (%s)",
			python.Moto, strings.Join(supportedMoto(), ", ")))
	}
	exited, err := m.spawn(python.Path, speed)
	if err != nil {
		return Info{}, err
	}
	return m.awaitStart(ctx, "", exited)
}

// spawn starts the supervisor in a session of its own, so that neither a closed
// terminal nor an interrupt typed there reaches it. The channel is closed at its end.
func (m *Manager) spawn(python string, speed int) (exited <-chan struct{}, err error) {
	log, err := newLog(m.opts.StateDir)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	args := append(append([]string{}, m.opts.Supervisor[1:]...), "--state-dir", m.opts.StateDir, "--python", python, "--speed", strconv.Itoa(speed))
	cmd := exec.Command(m.opts.Supervisor[0], args...) //nolint:noctx // it outlives whoever starts it
	cmd.Env, cmd.Dir = m.opts.Env, "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // reaps it; what happened stands in its record and log
		close(done)
	}()
	return done, nil
}

// awaitStart waits until a server is recorded as running. Exited, when not nil, is
// closed when its supervisor ends.
func (m *Manager) awaitStart(ctx context.Context, instance string, exited <-chan struct{}) (Info, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		ended := false
		select {
		case <-ctx.Done():
			return Info{}, fmt.Errorf("%w in time: %w", ErrStart, ctx.Err())
		case <-exited:
			ended = true
		case <-time.After(pollEvery):
		}
		r, ok, err := readRecord(m.opts.StateDir)
		switch {
		case err != nil:
			return Info{}, err
		case ok && r.State == StateRunning:
			return m.Status(ctx)
		case ok && r.State != StateStarting:
			return Info{}, fmt.Errorf("%w: %s%s", ErrStart, r.Exit, indent(r.LastLog))
		case ended || instance != "" && !r.Supervisor.alive():
			return Info{}, fmt.Errorf("%w: its supervisor ended%s", ErrStart, indent(tail(filepath.Join(m.opts.StateDir, logFile), failureLines)))
		}
	}
}

func (m *Manager) touch(name string) error {
	path := filepath.Join(m.opts.StateDir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	now := time.Now()
	return errors.Join(f.Close(), os.Chtimes(path, now, now))
}

func (m *Manager) remove(names ...string) error {
	for _, name := range names {
		if err := os.Remove(filepath.Join(m.opts.StateDir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// indent prints the end of a log under the line that it explains.
func indent(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "\n    " + strings.Join(lines, "\n    ")
}
