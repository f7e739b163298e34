package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"labctl/runner/target/local/engine"
)

// motoProcess is the running Python with moto.
type motoProcess struct {
	process process
	port    int
	ended   chan struct{} // closed when it has ended
	exit    string        // how it ended; read it after ended is closed
	alive   io.Closer     // the server ends itself when this pipe is closed
}

// ready is the line that the server writes to its stdout once it listens.
type ready struct {
	Port int `json:"port"`
}

// startMoto writes the Python side into the state directory and starts it there. It
// returns when the server listens. Engines is the URL of what it asks for verdicts.
func startMoto(ctx context.Context, opts SupervisorOptions, instance, engines string) (*motoProcess, error) {
	code := filepath.Join(opts.StateDir, codeDir)
	if err := writeServer(code); err != nil {
		return nil, err
	}
	supported, err := json.Marshal(supportedMoto())
	if err != nil {
		return nil, err
	}
	//nolint:noctx // it is stopped in good order, not killed
	cmd := exec.Command(opts.Python, "-B", "-m", "labctl_moto", instance, string(supported))
	cmd.Dir, cmd.Env, cmd.Stderr = code, append(serverEnv(opts.Env), engine.Variable+"="+engines), os.Stderr
	// A group of its own: an interrupt typed at a supervisor in the foreground is
	// the supervisor's to handle.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	m := &motoProcess{ended: make(chan struct{}), alive: alive}
	started, said := make(chan error, 1), make(chan ready, 1)
	go m.live(cmd, stdout, started, said)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", opts.Python, err)
	}
	select {
	case r := <-said:
		m.port = r.Port
		return m, nil
	case <-m.ended:
		return nil, fmt.Errorf("moto ended while it started: %s", m.exit)
	case <-time.After(startLimit):
		err = errors.New("moto did not come up in time")
	case <-ctx.Done():
		err = ctx.Err()
	}
	m.stop()
	return nil, err
}

// live starts the process and stays with it until it ends, on one thread: the kernel
// takes the end of the thread that started it for the end of its parent.
func (m *motoProcess) live(cmd *exec.Cmd, stdout io.Reader, started chan<- error, said chan<- ready) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	var err error
	if m.process, err = identify(cmd.Process.Pid); err != nil {
		m.process = process{PID: cmd.Process.Pid} // it ended at once; Wait says why
	}
	started <- nil
	if line, err := bufio.NewReader(stdout).ReadBytes('\n'); err == nil {
		var r ready
		if json.Unmarshal(line, &r) == nil && r.Port != 0 {
			said <- r
		}
	}
	_ = cmd.Wait()
	m.exit = cmd.ProcessState.String()
	close(m.ended)
}

// stop ends the server and waits until it has ended. A stopped process (SIGSTOP)
// obeys only the second signal.
func (m *motoProcess) stop() {
	_ = m.alive.Close()
	m.process.signal(syscall.SIGTERM)
	select {
	case <-m.ended:
	case <-time.After(3 * time.Second):
		m.process.signal(syscall.SIGKILL)
		<-m.ended
	}
}
