package alarm

import "fmt"

// InvalidError says that CloudWatch would refuse the definition.
type InvalidError struct {
	Problem string
}

func (e *InvalidError) Error() string { return e.Problem }

func invalid(format string, args ...any) error {
	return &InvalidError{Problem: fmt.Sprintf(format, args...)}
}

// InconclusiveError says that the state can't be told: the definition uses what this package does not model, or AWS does not document
// what happens.
type InconclusiveError struct {
	Problem string
}

func (e *InconclusiveError) Error() string { return "cannot be decided: " + e.Problem }

func inconclusive(format string, args ...any) error {
	return &InconclusiveError{Problem: fmt.Sprintf(format, args...)}
}
