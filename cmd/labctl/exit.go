package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"labctl/checks"
	"labctl/checks/report/typeset"
	"labctl/runner"
	"labctl/runner/journal"
)

// The exit codes, documented in `labctl --help`.
const (
	exitPass        = 0
	exitFail        = 1
	exitUsage       = 2
	exitUndecided   = 3
	exitRefused     = 4
	exitLocked      = 5
	exitInterrupted = 130
)

// verdictError ends a command whose result was shown already: only the exit code is left to say.
type verdictError struct{ verdict checks.Status }

func (e *verdictError) Error() string { return "verdict: " + string(e.verdict) }

// usageError is what the user typed wrong, found while parsing.
type usageError struct {
	err  error
	next string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// exitCode is the one place where errors become exit codes.
func exitCode(err error) int {
	var (
		verdict     *verdictError
		usage       *usageError
		badUse      *runner.UsageError
		unknown     *runner.UnknownError
		refused     *runner.RefusedError
		locked      *journal.LockedError
		interrupted *runner.InterruptedError
	)
	switch {
	case err == nil:
		return exitPass
	case errors.As(err, &interrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &verdict):
		if verdict.verdict == checks.Fail {
			return exitFail
		}
		return exitUndecided
	case errors.As(err, &usage), errors.As(err, &badUse), errors.As(err, &unknown):
		return exitUsage
	case errors.As(err, &refused):
		return exitRefused
	case errors.As(err, &locked):
		return exitLocked
	default:
		return exitUndecided
	}
}

// exit shows an error once, with the next step, and returns the exit code.
func (a *app) exit(err error) int {
	code := exitCode(err)
	var verdict *verdictError
	if err == nil || errors.As(err, &verdict) {
		return code
	}
	fmt.Fprintf(a.streams.Err, "%s %s\n", a.streams.Bad("Error:"), typeset.Clean(err.Error()))
	if next := nextStep(err, code); next != "" {
		fmt.Fprintf(a.streams.Err, "%s %s\n", a.streams.Dim("Next: "), next)
	}
	return code
}

func nextStep(err error, code int) string {
	var hint *runner.HintedError
	if errors.As(err, &hint) {
		return hint.Next
	}
	var usage *usageError
	if errors.As(err, &usage) {
		return usage.next
	}
	var damaged *journal.CorruptError
	if errors.As(err, &damaged) {
		dir := filepath.Dir(damaged.Path)
		return fmt.Sprintf("repair it, or: `labctl sweep --run %s` (with the run's --target) lists what the run has made, --yes deletes that, and then %s can be moved away", filepath.Base(dir), dir)
	}
	var unknown *runner.UnknownError
	if errors.As(err, &unknown) && unknown.Nearest == "" {
		return ""
	}
	switch code {
	case exitLocked:
		return "wait until it is done, then run the command again"
	case exitInterrupted:
		return "the state is safe: `labctl status` tells what is there"
	case exitUndecided:
		return "run `labctl doctor`"
	default:
		return ""
	}
}

// untilInterrupted cancels the context at the first INT, TERM or HUP. Later ones only warn: Terraform is recording
// what it has in hand, and cutting that short would lose track of it.
func (a *app) untilInterrupted(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		for first := true; ; first = false {
			select {
			case <-done:
				return
			case got := <-signals:
				if first {
					fmt.Fprintf(a.streams.Err, "\n%s: stopping; what is in hand is finished and recorded first.\n", got)
					cancel()
					continue
				}
				fmt.Fprintln(a.streams.Err, "Still stopping: please wait, so that nothing is lost track of.")
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}
