package labtest

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/aws/smithy-go/middleware"
)

// errCut stands for a labctl that was killed in the middle of a fault.
var errCut = errors.New("cut short")

// failAfter lets a number of changing calls through and fails every further one. Calls that only read always pass.
func failAfter(allowed int) func(*middleware.Stack) error {
	var made atomic.Int64
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("labtest.FailAfter", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			if !reads(middleware.GetOperationName(ctx)) && made.Add(1) > int64(allowed) {
				return middleware.InitializeOutput{}, middleware.Metadata{}, errCut
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.After)
	}
}

// reads tells whether an operation changes nothing, by the verbs that AWS's APIs use.
func reads(operation string) bool {
	for _, verb := range []string{"Describe", "Get", "List", "Search"} {
		if len(operation) > len(verb) && operation[:len(verb)] == verb {
			return true
		}
	}
	return false
}
