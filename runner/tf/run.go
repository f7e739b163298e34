package tf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
)

const (
	opInit    = "init"
	opApply   = "apply"
	opDestroy = "destroy"
)

const (
	// waitDelay is how long an interrupted Terraform may take before it is killed: the slowest waiters of the provider
	// (an RDS instance, a NAT gateway on a bad day) end within it.
	waitDelay = 20 * time.Minute
	// startGrace bounds the wait for the first output of a Terraform that is to be interrupted.
	startGrace = 10 * time.Second
	// terminalGrace is how long a terminal's own interrupt takes at most to show in Terraform's output.
	terminalGrace = 3 * time.Second
)

// terminalReachesTerraform: terraform-exec puts Terraform into a process group of its own on Linux only. Elsewhere
// Ctrl-C reaches Terraform directly, and a second interrupt from labctl would make it quit without recording what is in
// flight.
const terminalReachesTerraform = runtime.GOOS != "linux"

// isInterruptMessage recognises the first line that Terraform logs when it has received an interrupt.
func isInterruptMessage(message string) bool { return strings.Contains(message, "Interrupt received") }

// operation is one call of Terraform.
type operation struct {
	name    string
	env     map[string]string
	onEvent func(Event)
	call    func(context.Context, *tfexec.Terraform, io.Writer) error
}

// run runs one operation to its end. The context only asks Terraform to stop; see relayInterrupt.
func (w *Workspace) run(ctx context.Context, o operation) error {
	if ctx.Err() != nil {
		return &Error{Op: o.name, Err: fmt.Errorf("%w: %w", ErrInterrupted, context.Cause(ctx))}
	}
	pid, err := w.Busy()
	if err != nil {
		return err
	}
	if pid != 0 {
		return &BusyError{PID: pid}
	}
	// A fresh value each time: the JSON calls set its standard output for good.
	terraform, err := tfexec.NewTerraform(w.dir, w.binary.Path)
	if err != nil {
		return fmt.Errorf("terraform %s: %w", o.name, err)
	}
	env, clear, err := w.withSockets(o.env)
	if err != nil {
		return fmt.Errorf("terraform %s: %w", o.name, err)
	}
	defer clear()
	if err := terraform.SetEnv(env); err != nil {
		return fmt.Errorf("terraform %s: %w", o.name, err)
	}
	if err := terraform.SetWaitDelay(waitDelay); err != nil {
		return fmt.Errorf("terraform %s: %w", o.name, err)
	}
	log, err := openLog(w.dir)
	if err != nil {
		return fmt.Errorf("terraform %s: %w", o.name, err)
	}
	defer log.Close()

	out := &output{log: log, decoder: newDecoder(), onEvent: o.onEvent, started: make(chan struct{}), stopping: make(chan struct{})}
	terraform.SetStderr(&out.stderr)
	out.stderr.log = log

	runCtx, interrupt := context.WithCancel(context.WithoutCancel(ctx))
	defer interrupt()
	finished := make(chan struct{})
	go relayInterrupt(ctx, interrupt, out, finished, w.terminalReaches)
	// Linux sends the parent-death signal when the *thread* that started the process ends: keep it
	// (https://github.com/golang/go/issues/27505).
	runtime.LockOSThread()
	err = o.call(runCtx, terraform, out)
	runtime.UnlockOSThread()
	close(finished)
	err = out.result(ctx, o.name, err)
	var failure *Error
	if errors.As(err, &failure) && (errors.Is(err, ErrInterrupted) || errors.Is(err, ErrKilled)) {
		failure.InFlight = w.notRecorded(out.decoder.creating)
	}
	return err
}

// notRecorded returns those of the addresses that the state does not have: all, where there is no sound state.
func (w *Workspace) notRecorded(creating map[string]bool) []string {
	left := maps.Clone(creating)
	resources, err := w.Resources()
	if err == nil {
		for _, r := range resources {
			delete(left, r.Address)
		}
	}
	return slices.Sorted(maps.Keys(left))
}

// relayInterrupt passes a cancelled context on to Terraform as one interrupt. terraform-exec must not see a context that
// is cancelled while it starts the process: it would return and leave the process running. So the interrupt waits until
// Terraform has said something, which it does once it listens to signals.
func relayInterrupt(ctx context.Context, interrupt context.CancelFunc, out *output, finished <-chan struct{}, terminal bool) {
	select {
	case <-ctx.Done():
	case <-finished:
		return
	}
	select {
	case <-out.started:
	case <-time.After(startGrace):
	case <-finished:
		return
	}
	if terminal {
		select {
		case <-out.stopping: // the terminal has told Terraform already
			return
		case <-time.After(terminalGrace):
		case <-finished:
			return
		}
	}
	interrupt()
}

// output takes what Terraform writes to standard output: lines of JSON.
type output struct {
	log      io.Writer
	decoder  *decoder
	onEvent  func(Event)
	partial  []byte
	stderr   tail
	started  chan struct{} // closed at the first line
	stopping chan struct{} // closed when Terraform says that it was interrupted
	begun    sync.Once
	stopped  sync.Once
}

// Write never fails: terraform-exec stops reading at a failed write, and Terraform would die of its full pipe.
func (o *output) Write(p []byte) (int, error) {
	_, _ = o.log.Write(p)
	o.partial = append(o.partial, p...)
	for {
		line, rest, ok := bytes.Cut(o.partial, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		o.partial = rest
		o.begun.Do(func() { close(o.started) })
		o.line(line)
	}
}

func (o *output) line(line []byte) {
	e, ok := o.decoder.decode(line)
	if !ok {
		return
	}
	if e.Kind == Stopping {
		o.stopped.Do(func() { close(o.stopping) })
	}
	if o.onEvent != nil {
		o.onEvent(e)
	}
}

// result turns how the process ended into nil or an *Error. It never calls err.Error() on terraform-exec's own error,
// which panics when Terraform ended well after its context was cancelled.
func (o *output) result(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	failure := &Error{Op: op, Diagnostics: o.decoder.diagnostics, Output: o.stderr.String()}
	var exit *exec.ExitError
	exited := errors.As(err, &exit)
	switch {
	case exited && died(exit):
		failure.Err = fmt.Errorf("%w (%w)", ErrKilled, exit)
	case errors.Is(err, context.Canceled) && !exited:
		return nil // Terraform had completed before it heard the interrupt
	case ctx.Err() != nil:
		failure.Err = fmt.Errorf("%w: %w", ErrInterrupted, context.Cause(ctx))
	case exited:
		failure.Err = exit
	default:
		failure.Err = err
	}
	return failure
}

func died(exit *exec.ExitError) bool {
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}

// tail keeps the end of what Terraform writes to standard error: a panic of Terraform, or a message from before it
// speaks JSON.
type tail struct {
	log  io.Writer
	kept []byte
}

const tailSize = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	_, _ = t.log.Write(p)
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailSize; over > 0 {
		t.kept = t.kept[over:]
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.kept)) }
