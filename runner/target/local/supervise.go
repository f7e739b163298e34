package local

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"labctl/runner/target/local/engine"
)

// SupervisorOptions are what the background process is started with. StateDir, Python
// and Speed come from the flags that a Manager adds.
type SupervisorOptions struct {
	StateDir string
	Python   string
	Env      []string // the environment; only what Python needs reaches the server
	Speed    int      // simulated seconds in a real one; 0 and 1 are real time

	// InUse, which must be set, reports whether a run still lives on this server. An error counts as
	// yes: what cannot be read is never a reason to lose state.
	InUse func() (bool, error)

	Poll       time.Duration // how often InUse is asked; 2 s when zero
	StartGrace time.Duration // how long a server may wait for its first run; 30 s when zero
	IdleGrace  time.Duration // how long it stays after its last run; 5 s when zero
}

func (o SupervisorOptions) withDefaults() SupervisorOptions {
	if o.Poll == 0 {
		o.Poll = 2 * time.Second
	}
	if o.StartGrace == 0 {
		o.StartGrace = 30 * time.Second
	}
	if o.IdleGrace == 0 {
		o.IdleGrace = 5 * time.Second
	}
	return o
}

// Supervise runs the local AWS until the context ends, TERM or INT comes, its last
// run is gone, its record is taken away, or moto dies. It answers HUP with nothing:
// the terminal that started it may close. The error of a server that died says so.
//
// moto is never started again, since all state of the local AWS is in its memory.
func Supervise(ctx context.Context, opts SupervisorOptions) error {
	signal.Ignore(syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	s := &supervisor{opts: opts.withDefaults()}
	err := s.run(ctx)
	return errors.Join(err, s.close(err))
}

type supervisor struct {
	opts     SupervisorOptions
	record   record
	lastUsed time.Time
}

func (s *supervisor) run(ctx context.Context) error {
	self, err := identify(os.Getpid())
	if err != nil {
		return fmt.Errorf("finding out who the supervisor is: %w", err)
	}
	s.record = record{
		State: StateStarting, Instance: newInstance(), Supervisor: self,
		Python: s.opts.Python, StartedAt: time.Now().UTC(), Speed: max(s.opts.Speed, 1),
	}
	if err := writeRecord(s.opts.StateDir, s.record); err != nil {
		return err
	}
	engines, err := engine.Serve()
	if err != nil {
		return err
	}
	defer func() { _ = engines.Close() }()
	moto, err := startMoto(ctx, s.opts, s.record.Instance, engines.URL)
	if err != nil {
		return err
	}
	defer moto.stop()
	s.record.Moto, s.record.Port = moto.process, moto.port
	id, err := askIdentity(ctx, s.record.endpoint())
	if err != nil {
		return fmt.Errorf("asking the new server who it is: %w", err)
	}
	if id.Instance != s.record.Instance {
		return fmt.Errorf("port %d is answered by another local AWS", moto.port)
	}
	s.record.MotoVersion, s.record.PythonVersion, s.record.Corrections = id.Moto, id.Python, id.Corrections
	stop, err := s.simulate(ctx)
	if err != nil {
		return err
	}
	defer stop()
	s.record.State = StateRunning
	if err := writeRecord(s.opts.StateDir, s.record); err != nil {
		return err
	}
	s.log("moto %s with %d corrections answers at %s", id.Moto, len(s.record.Corrections), s.record.endpoint())
	return s.watch(ctx, moto)
}

// watch returns nil when the server shall stop, and the reason when it died.
func (s *supervisor) watch(ctx context.Context, moto *motoProcess) error {
	tick := time.NewTicker(s.opts.Poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-moto.ended:
			return fmt.Errorf("moto ended: %s", moto.exit)
		case now := <-tick.C:
			if s.dropped() {
				s.log("the record is gone or another server's")
				return nil
			}
			if s.idle(now) && s.mayStop(ctx) {
				return nil
			}
		}
	}
}

// idle reports whether nobody needs the server any longer.
func (s *supervisor) idle(now time.Time) bool {
	if s.exists(keptFile) {
		return false
	}
	if used, err := s.opts.InUse(); used || err != nil {
		s.lastUsed = now
		return false
	}
	wanted := s.record.StartedAt
	if st, err := os.Stat(filepath.Join(s.opts.StateDir, wantedFile)); err == nil && st.ModTime().After(wanted) {
		wanted = st.ModTime()
	}
	return now.Sub(wanted) > s.opts.StartGrace && now.Sub(s.lastUsed) > s.opts.IdleGrace
}

// mayStop decides it under the lock that Ensure holds, so that no labctl is told of a
// server that is about to go. While one holds it, the answer is no.
func (s *supervisor) mayStop(ctx context.Context) bool {
	lock := flock.New(filepath.Join(s.opts.StateDir, lockFile))
	if held, err := lock.TryLock(); !held || err != nil {
		return false
	}
	defer func() { _ = lock.Unlock() }()
	if !s.idle(time.Now()) {
		return false
	}
	// From here on Status must not say running.
	s.record.State, s.record.EndedAt = StateStopped, time.Now().UTC()
	return ctx.Err() == nil && writeRecord(s.opts.StateDir, s.record) == nil
}

// close records how it ended.
func (s *supervisor) close(died error) error {
	if died == nil {
		s.log("stopped")
	} else {
		s.log("%v", died)
	}
	if s.record.Instance == "" || s.dropped() {
		return nil
	}
	s.record.State, s.record.EndedAt = StateStopped, time.Now().UTC()
	if died != nil {
		s.record.State, s.record.Exit = StateDied, died.Error()
		s.record.LastLog = tail(filepath.Join(s.opts.StateDir, logFile), failureLines)
	}
	return writeRecord(s.opts.StateDir, s.record)
}

// log writes a line to stderr, which is the log when a Manager started the process.
func (s *supervisor) log(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s labctl: "+format+"\n", append([]any{time.Now().UTC().Format(time.RFC3339)}, args...)...)
}

// dropped reports whether the record is gone, or somebody else's: no command can know of
// this server any longer.
func (s *supervisor) dropped() bool {
	r, ok, err := readRecord(s.opts.StateDir)
	return err == nil && (!ok || r.Instance != s.record.Instance)
}

func (s *supervisor) exists(name string) bool {
	_, err := os.Stat(filepath.Join(s.opts.StateDir, name))
	return err == nil
}

// newInstance returns the random name of one life of the server.
func newInstance() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return hex.EncodeToString(b)
}
