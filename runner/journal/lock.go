package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Holder says who holds a lock.
type Holder struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// LockedError says that another labctl works on the run.
type LockedError struct {
	ID     string
	Holder Holder
}

func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return e.what() + " is in use by another labctl"
	}
	return fmt.Sprintf("%s is in use by %q (pid %d, since %s)", e.what(), e.Holder.Command, e.Holder.PID, e.Holder.Since.Local().Format("15:04:05"))
}

// what names the run, or the lab of which a run is being begun.
func (e *LockedError) what() string {
	if lab, ok := strings.CutPrefix(e.ID, "new."); ok {
		return "lab " + lab
	}
	return "run " + e.ID
}

// Lock is held on one run. The operating system frees it when the process ends, however it ends.
type Lock struct{ file *flock.Flock }

// Lock takes the run's lock, or says at once who holds it. The lock file lies beside the runs, so that it outlives
// the archiving of the run that it guards.
func (j *Journal) Lock(id, command string) (*Lock, error) {
	dir := filepath.Join(j.dir, "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("locking run %s: %w", id, err)
	}
	path := filepath.Join(dir, id+".lock")
	lock := flock.New(path)
	got, err := tryLock(lock)
	if err != nil {
		return nil, fmt.Errorf("locking run %s: %w", id, err)
	}
	if !got {
		_ = lock.Close()
		return nil, &LockedError{ID: id, Holder: readHolder(path)}
	}
	holder, err := json.Marshal(Holder{PID: os.Getpid(), Command: command, Since: time.Now()})
	if err == nil {
		err = os.WriteFile(path, holder, 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking run %s: %w", id, err), lock.Close())
	}
	return &Lock{file: lock}, nil
}

// tryLock tries for a fifth of a second: `labctl status` holds each lock for a moment to see whether it is free.
func tryLock(lock *flock.Flock) (bool, error) {
	for range 4 {
		if got, err := lock.TryLock(); got || err != nil {
			return got, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return lock.TryLock()
}

// readHolder is best effort: the holder may be writing its name just now.
func readHolder(path string) Holder {
	var holder Holder
	if data, err := os.ReadFile(path); err == nil { //nolint:gosec // the path is the journal's own
		_ = json.Unmarshal(data, &holder)
	}
	return holder
}

// Unlock frees the lock.
func (l *Lock) Unlock() error {
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("unlocking: %w", err)
	}
	return nil
}

// Holder tells who holds the run's lock; nil is nobody.
func (j *Journal) Holder(id string) *Holder {
	path := filepath.Join(j.dir, "locks", id+".lock")
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	lock := flock.New(path)
	got, err := lock.TryRLock()
	defer func() { _ = lock.Close() }()
	if err != nil || got {
		return nil
	}
	holder := readHolder(path)
	return &holder
}
