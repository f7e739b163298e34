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

	"labctl/checks/reach"
)

// Scope is the tag that marks what is judged: labctl:run=<run> for a run, any Key=Value for a hand-built architecture.
type Scope struct{ Key, Value string }

func (s Scope) String() string { return s.Key + "=" + s.Value }

// Inventory reads one account in one region.
type Inventory struct {
	Scope   Scope
	Account string
	Region  string

	source source
	calls  *atomic.Int64 // shared by the regions

	mu        sync.Mutex
	elsewhere map[string]*Inventory

	network   memo[*Network]
	flowLogs  memo[[]FlowLog]
	buckets   memo[[]Bucket]
	vpcDNS    keyed[VPCDNS]
	logGroups keyed[LogGroup]
	roles     keyed[Role]
	audit     audit
	access    access
	workload  workload
	watch     watch
	recovery  recovery
}

// source is where an inventory reads from: an account, or Facts.
type source interface {
	in(region string) source
	readNetwork(ctx context.Context) (*reach.Network, error)
	readVPCDNS(ctx context.Context, vpcID string) (VPCDNS, error)
	readFlowLogs(ctx context.Context) ([]FlowLog, error)
	readLogGroup(ctx context.Context, name string) (LogGroup, error)
	readRole(ctx context.Context, name string) (Role, error)
	readBuckets(ctx context.Context, scope Scope) ([]Bucket, error)
	auditSource
	accessSource
	workloadSource
	watchSource
	recoverySource
}

// New makes an inventory that reads with config and judges what carries the scope's tag.
func New(config aws.Config, account string, scope Scope) *Inventory {
	inv := &Inventory{Scope: scope, Account: account, Region: config.Region, calls: new(atomic.Int64)}
	counted := config.Copy()
	counted.APIOptions = append(append([]func(*middleware.Stack) error{}, config.APIOptions...), inv.countCalls)
	inv.source = newLive(counted)
	return inv
}

// Of makes an inventory of facts that are known already: what was saved before, or what a test made up. It calls nothing.
func Of(facts Facts, account, region string, scope Scope) *Inventory {
	return &Inventory{Scope: scope, Account: account, Region: region, source: facts, calls: new(atomic.Int64)}
}

// In is the inventory of another region of the same account, with the same scope. Everybody who asks for a region gets
// the same one.
func (i *Inventory) In(region string) *Inventory {
	if region == i.Region {
		return i
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.elsewhere == nil {
		i.elsewhere = map[string]*Inventory{}
	}
	if i.elsewhere[region] == nil {
		i.elsewhere[region] = &Inventory{Scope: i.Scope, Account: i.Account, Region: region, source: i.source.in(region), calls: i.calls}
	}
	return i.elsewhere[region]
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

// keyed is a memo for each key. Its zero value is ready to use.
type keyed[T any] struct {
	mu    sync.Mutex
	memos map[string]*memo[T]
}

func (k *keyed[T]) get(key, what string, read func() (T, error)) (T, error) {
	k.mu.Lock()
	if k.memos == nil {
		k.memos = map[string]*memo[T]{}
	}
	m := k.memos[key]
	if m == nil {
		m = &memo[T]{}
		k.memos[key] = m
	}
	k.mu.Unlock() // the read itself must not keep others from reading other keys
	return m.get(what+" "+key, read)
}
