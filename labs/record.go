package labs

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/smithy-go"
)

// The vocabulary of faults: a change is planned against the live architecture, recorded, then made; taking it back works
// from the record alone. Every step tolerates that it, or the one before it, never happened.

// Record is what a fault leaves for its undo, or a drill for its restoring. Set is durable when it returns.
type Record interface {
	Set(key, value string) error
	Get(key string) string
}

// Remember puts a value in the record under one key.
func Remember(record Record, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("recording %s: %w", key, err)
	}
	return record.Set(key, string(text))
}

// Recall reads what Remember wrote. It says false where nothing was written: the fault never got that far.
func Recall(record Record, key string, value any) (bool, error) {
	text := record.Get(key)
	if text == "" {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return false, fmt.Errorf("reading %s from the record: %w", key, err)
	}
	return true, nil
}

// ErrNothing says that the lab lacks what a fault or a drill would change.
var ErrNothing = errors.New("the lab has nothing to change here")

// Lacks is an ErrNothing that says what is missing.
func Lacks(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNothing, fmt.Sprintf(format, args...))
}

// IsCode tells whether an API refused with one of the codes.
func IsCode(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}

// Unless drops an error with one of the codes: the thing is gone, or the change is made, already.
func Unless(err error, codes ...string) error {
	if IsCode(err, codes...) {
		return nil
	}
	return err
}
