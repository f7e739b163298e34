package loop

import (
	"fmt"
	"runtime/debug"
)

// panicError is a panic of an engine.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("labctl's engine failed: %v", e.value) }

// try makes an error of a panic.
func try(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value: value, stack: debug.Stack()}
		}
	}()
	return do()
}
