package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// HintedError is an error with a next step for the learner.
type HintedError struct {
	Err  error
	Next string // what to do: "run `labctl doctor`"
}

func (e *HintedError) Error() string { return e.Err.Error() }
func (e *HintedError) Unwrap() error { return e.Err }

// hinted decorates an error with a next step, keeping one that is there already: it was closer to the cause.
func hinted(err error, next string) error {
	var already *HintedError
	if err == nil || errors.As(err, &already) {
		return err
	}
	return &HintedError{Err: err, Next: next}
}

// UsageError says that what the user asked for makes no sense.
type UsageError struct{ Reason string }

func (e *UsageError) Error() string { return e.Reason }

// RefusedError says that a guard refused: another account, a price, a state in which the command would do harm.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// UnknownError says that a name which the user gave is not one of the valid ones.
type UnknownError struct {
	Kind, Name string   // "lab", "netwrking"
	Nearest    string   // "" where nothing is near
	Valid      []string // all valid names
}

func (e *UnknownError) Error() string {
	switch {
	case e.Nearest != "":
		return fmt.Sprintf("unknown %s %q: did you mean %q?", e.Kind, e.Name, e.Nearest)
	case len(e.Valid) == 0:
		return fmt.Sprintf("unknown %s %q: there is none", e.Kind, e.Name)
	default:
		return fmt.Sprintf("unknown %s %q: choose from %s", e.Kind, e.Name, join(e.Valid))
	}
}

// Unknown makes the error for a name that is not valid, with the nearest name that is.
func Unknown(kind, name string, valid []string) *UnknownError {
	e := &UnknownError{Kind: kind, Name: name, Valid: valid}
	best := 0.5 // below that the two have too little in common to be a slip of the finger
	for _, v := range valid {
		if score := levenshtein.Match(strings.ToLower(name), v, nil); score > best {
			best, e.Nearest = score, v
		}
	}
	return e
}

// NoRunError says that a lab is not up.
type NoRunError struct{ Lab string }

func (e *NoRunError) Error() string { return fmt.Sprintf("lab %s is not up", e.Lab) }

// InterruptedError says that work was cut short by a signal, and that nothing is lost.
type InterruptedError struct {
	Doing string // "provisioning run networking-k3f9"
	Err   error
}

func (e *InterruptedError) Error() string {
	return "interrupted while " + e.Doing + "; the state is safe"
}
func (e *InterruptedError) Unwrap() error { return e.Err }

// interruptedOr is err, or an InterruptedError where the context was cancelled: what then went wrong is a consequence.
func interruptedOr(ctx context.Context, doing string, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return &InterruptedError{Doing: doing, Err: errors.Join(ctx.Err(), err)}
}

func join(names []string) string { return strings.Join(names, ", ") }
