package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Status says what became of the local AWS, from its record, its processes and its
// own answer. It changes nothing, and returns within seconds whatever the server does.
func (m *Manager) Status(ctx context.Context) (Info, error) {
	r, ok, err := readRecord(m.opts.StateDir)
	if err != nil {
		return Info{}, err
	}
	if !ok {
		return Info{State: StateStopped}, nil
	}
	info := r.info()
	if r.State == StateStopped || r.State == StateDied {
		return info, nil
	}
	if _, err := os.Stat(filepath.Join(m.opts.StateDir, keptFile)); err == nil {
		info.Kept = true
	}
	if r.State == StateStarting && r.Supervisor.alive() {
		return info, nil
	}
	if lost := r.lost(); lost != "" {
		return m.died(r, info, lost), nil
	}
	id, err := askIdentity(ctx, r.endpoint())
	switch {
	case ctx.Err() != nil:
		return Info{}, ctx.Err()
	case err == nil && id.Instance == r.Instance:
		info.State, info.Uptime = StateRunning, time.Since(r.StartedAt).Round(time.Millisecond)
		if r.Speed > 1 {
			info.SimulatedTime, info.CatchesUp = r.clock().Now().Round(0), r.clock().CatchesUp()
		}
	case r.lost() != "": // it ended while it was asked
		return m.died(r, info, r.lost()), nil
	case err == nil:
		info.State, info.Detail = StateUnresponsive, "another local AWS answers at "+r.endpoint()
	case errors.Is(err, context.DeadlineExceeded):
		info.State, info.Detail = StateUnresponsive, fmt.Sprintf("no answer from process %d at %s within %s", r.Moto.PID, r.endpoint(), answerLimit)
	default:
		info.State, info.Detail = StateUnresponsive, err.Error()
	}
	return info, nil
}

// lost says which of the server's processes is gone without having recorded it, if any.
func (r record) lost() string {
	supervisor, moto := r.Supervisor.alive(), r.Moto.alive()
	switch {
	case !supervisor && !moto:
		return "its processes were killed, or the machine was restarted"
	case !supervisor:
		return "its supervisor was killed"
	case !moto:
		return "the moto process was killed"
	}
	return ""
}

// died describes a server whose processes are gone. A supervisor that is about to
// record the death of its moto knows better why.
func (m *Manager) died(r record, info Info, why string) Info {
	if r.Supervisor.awaitEnd(time.Second) {
		if late, ok, err := readRecord(m.opts.StateDir); err == nil && ok && late.Instance == r.Instance && late.State != StateRunning && late.State != StateStarting {
			return late.info()
		}
	}
	info.State, info.Detail = StateDied, why
	info.LastLog = tail(filepath.Join(m.opts.StateDir, logFile), failureLines)
	return info
}

// Verify returns nil while the server that was started as instance still runs,
// ErrGone when its resources are lost, and ErrUnresponsive when it cannot tell.
// It is one short call, cheap enough to make before every operation on a run.
func (m *Manager) Verify(ctx context.Context, instance string) error {
	r, ok, err := readRecord(m.opts.StateDir)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: nothing is recorded about it", ErrGone)
	}
	if r.Instance != instance {
		return fmt.Errorf("%w: another one was started at %s", ErrGone, r.StartedAt.Local().Format(time.DateTime))
	}
	info, err := m.Status(ctx)
	if err != nil {
		return err
	}
	switch info.State {
	case StateRunning:
		return nil
	case StateDied:
		return fmt.Errorf("%w: it died: %s", ErrGone, info.Detail)
	case StateStopped:
		return fmt.Errorf("%w: it was stopped at %s", ErrGone, r.EndedAt.Local().Format(time.DateTime))
	}
	return fmt.Errorf("%w: %s", ErrUnresponsive, info.Detail)
}
