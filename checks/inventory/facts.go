package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"labctl/checks/reach"
)

// ErrNotFound is wrapped by the error of a read that names one thing, where the account does not have it.
var ErrNotFound = errors.New("not found")

// Facts are what an inventory can know of an account, as plain data. Their JSON form is a network snapshot with
// further lists beside those of the network.
type Facts struct {
	Network   *reach.Network `json:"-"`
	VpcDNS    []VPCDNS
	FlowLogs  []FlowLog
	LogGroups []LogGroup
	Roles     []Role
	Buckets   []Bucket // those that carry the scope's tag

	Elsewhere map[string]Facts `json:",omitempty"` // other regions of the account

	AuditFacts
	AccessFacts
	WorkloadFacts
	WatchFacts
	RecoveryFacts
}

// DecodeFacts reads the JSON form.
func DecodeFacts(data []byte) (Facts, error) {
	var facts Facts
	if err := json.Unmarshal(data, &facts); err != nil {
		return Facts{}, fmt.Errorf("reading facts: %w", err)
	}
	var err error
	facts.Network, err = decodeNetwork(data)
	return facts, err
}

func (f Facts) in(region string) source { return f.Elsewhere[region] }

func (f Facts) readNetwork(context.Context) (*reach.Network, error) { return f.Network, nil }
func (f Facts) readFlowLogs(context.Context) ([]FlowLog, error)     { return f.FlowLogs, nil }
func (f Facts) readBuckets(_ context.Context, scope Scope) ([]Bucket, error) {
	return within(f.Buckets, scope, func(b Bucket) map[string]string { return b.Tags }), nil
}

// within leaves out what carries tags, but not the scope's.
func within[T any](list []T, scope Scope, tags func(T) map[string]string) []T {
	return slices.DeleteFunc(slices.Clone(list), func(item T) bool {
		of := tags(item)
		return of != nil && of[scope.Key] != scope.Value
	})
}

func (f Facts) readVPCDNS(_ context.Context, vpcID string) (VPCDNS, error) {
	return pick(f.VpcDNS, func(d VPCDNS) bool { return d.VpcId == vpcID })
}

func (f Facts) readLogGroup(_ context.Context, name string) (LogGroup, error) {
	return pick(f.LogGroups, func(g LogGroup) bool { return g.LogGroupName == name })
}

func (f Facts) readRole(_ context.Context, name string) (Role, error) {
	return pick(f.Roles, func(r Role) bool { return r.RoleName == name })
}

func pick[T any](list []T, is func(T) bool) (T, error) {
	if n := slices.IndexFunc(list, is); n >= 0 {
		return list[n], nil
	}
	var none T
	return none, ErrNotFound
}
