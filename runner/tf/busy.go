package tf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// Busy returns the pid of the Terraform process that holds the lock of the run's state, 0 when it is free. One may be
// left over where labctl was killed and the system has no parent-death signal (macOS).
//
// Terraform's local backend locks the state file with fcntl, so the kernel knows the holder and frees the lock when it
// dies, however it dies; .terraform.tfstate.lock.info may stay behind and means nothing.
func (w *Workspace) Busy() (pid int, err error) {
	f, err := os.OpenFile(filepath.Join(w.dir, stateName), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for a running terraform: %w", err)
	}
	defer f.Close()
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil {
		return 0, fmt.Errorf("look for a running terraform: lock of %s: %w", stateName, err)
	}
	if lock.Type == syscall.F_UNLCK {
		return 0, nil
	}
	return int(lock.Pid), nil
}
