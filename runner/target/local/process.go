package local

import (
	"errors"
	"syscall"
	"time"
)

// process names a process for good: the system may give its pid to another one
// after it ended, but not with the same start time.
type process struct {
	PID     int    `json:"pid"`
	Started string `json:"started"`
}

// identify returns the process that has pid now.
func identify(pid int) (process, error) {
	started, err := startTime(pid)
	if err != nil {
		return process{}, err
	}
	return process{PID: pid, Started: started}, nil
}

// alive reports whether p still runs.
func (p process) alive() bool {
	if p.PID <= 0 {
		return false
	}
	started, err := startTime(p.PID)
	return err == nil && started == p.Started
}

// signal sends s to p, and nothing to a process that merely has its pid.
func (p process) signal(s syscall.Signal) {
	if p.alive() {
		_ = syscall.Kill(p.PID, s) // it may end between the two lines; both outcomes are fine
	}
}

// awaitEnd waits until p has ended and reports whether it did within the limit.
func (p process) awaitEnd(limit time.Duration) bool {
	for deadline := time.Now().Add(limit); p.alive(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// end asks p to end, and kills it if it has not done so within stopLimit. A
// stopped process (SIGSTOP) obeys only the second.
func (p process) end() {
	p.signal(syscall.SIGTERM)
	if !p.awaitEnd(stopLimit) {
		p.signal(syscall.SIGKILL)
		p.awaitEnd(stopLimit)
	}
}

var errNoProcess = errors.New("no such process")
