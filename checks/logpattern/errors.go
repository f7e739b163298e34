package logpattern

import (
	"fmt"
	"unicode/utf8"
)

// SyntaxError says that a text is no filter pattern: CloudWatch Logs refuses it.
type SyntaxError struct {
	// Position is the place of the problem: characters from the start, the first is 1.
	Position int
	// Near is what stands at that place; empty at the end of the pattern.
	Near    string
	Problem string
}

func (e *SyntaxError) Error() string {
	if e.Near == "" {
		return fmt.Sprintf("filter pattern, at its end (character %d): %s", e.Position, e.Problem)
	}
	return fmt.Sprintf("filter pattern, character %d, at %q: %s", e.Position, e.Near, e.Problem)
}

// InconclusiveError says that the documentation does not decide: a form that AWS
// does not describe (from Parse), or a message on which two readings of the
// pattern differ (from Match).
type InconclusiveError struct {
	Problem string
}

func (e *InconclusiveError) Error() string { return "cannot be decided: " + e.Problem }

func inconclusive(format string, args ...any) error {
	return &InconclusiveError{Problem: fmt.Sprintf(format, args...)}
}

// syntaxError describes a problem at a byte offset of a pattern.
func syntaxError(pattern string, offset int, format string, args ...any) error {
	const shown = 20
	near := []rune(pattern[offset:])
	if len(near) > shown {
		near = append(near[:shown:shown], '…')
	}
	return &SyntaxError{
		Position: utf8.RuneCountInString(pattern[:offset]) + 1,
		Near:     string(near),
		Problem:  fmt.Sprintf(format, args...),
	}
}
