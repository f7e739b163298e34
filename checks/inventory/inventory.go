// Package inventory holds typed, memoised reads of the live account, shared by the checks of one run.
//
// Every read is made at most once per inventory, whoever asks first, and its error is shared too. An inventory is a
// snapshot: to look again, make a new one. It only reads; it decides nothing.
package inventory

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
)

// Scope is the tag that marks what is judged: labctl:run=<run> for a run, any Key=Value for a hand-built architecture.
type Scope struct{ Key, Value string }

func (s Scope) String() string { return s.Key + "=" + s.Value }

// Inventory reads one account in one region.
type Inventory struct {
	Scope   Scope
	Account string
	Region  string

	config  aws.Config
	calls   atomic.Int64
	network memo[*Network]
}

// New makes an inventory that reads with config and judges what carries the scope's tag.
func New(config aws.Config, account string, scope Scope) *Inventory {
	inv := &Inventory{Scope: scope, Account: account, Region: config.Region, config: config.Copy()}
	inv.config.APIOptions = append(append([]func(*middleware.Stack) error{}, config.APIOptions...), inv.countCalls)
	return inv
}

// Calls is the number of API requests made so far, retries included.
func (i *Inventory) Calls() int64 { return i.calls.Load() }

func (i *Inventory) countCalls(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("labctl.CountCalls", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		i.calls.Add(1)
		return next.HandleDeserialize(ctx, in)
	}), middleware.After)
}

// memo computes a value once. A reader whose own context ends does not spoil the value for the others: the
// computation runs with the context of whoever came first, and the runner gives all checks of one look the same one.
type memo[T any] struct {
	once  sync.Once
	value T
	err   error
}

func (m *memo[T]) get(what string, read func() (T, error)) (T, error) {
	m.once.Do(func() {
		m.value, m.err = read()
		if m.err != nil {
			m.err = fmt.Errorf("reading %s: %w", what, m.err)
		}
	})
	return m.value, m.err
}
