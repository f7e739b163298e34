package eventpattern

import (
	"fmt"
	"strings"
)

// SyntaxError says that EventBridge refuses the pattern.
type SyntaxError struct {
	// Key is the path of the field with the problem, such as "detail.state"; empty
	// for the pattern as a whole.
	Key string
	// Problem is worded as EventBridge words it behind "Event pattern is not valid. Reason:".
	Problem string
}

func (e *SyntaxError) Error() string {
	if e.Key == "" {
		return "event pattern: " + e.Problem
	}
	return fmt.Sprintf("event pattern, at %s: %s", e.Key, e.Problem)
}

// InconclusiveError says that the documentation does not decide: a form that AWS
// does not describe (from Parse), or an event on which two readings of the
// pattern differ (from Match).
type InconclusiveError struct {
	Key     string
	Problem string
}

func (e *InconclusiveError) Error() string {
	return fmt.Sprintf("cannot be decided: %s: %s", e.Key, e.Problem)
}

// path is where a field stands in a pattern.
type path []string

func (p path) String() string { return strings.Join(p, ".") }

// child is the path of a field inside; the parent is left as it is.
func (p path) child(name string) path {
	return append(p[:len(p):len(p)], name)
}

func (p path) refuse(format string, args ...any) error {
	return &SyntaxError{Key: p.String(), Problem: fmt.Sprintf(format, args...)}
}

func (p path) inconclusive(format string, args ...any) error {
	return &InconclusiveError{Key: p.String(), Problem: fmt.Sprintf(format, args...)}
}
