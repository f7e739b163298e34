package reach

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Errors that [Engine.Endpoint] and the other look-ups wrap.
var (
	ErrUnknown   = errors.New("not in the network")
	ErrAmbiguous = errors.New("ambiguous")
)

// Endpoint is one end of a connection. Get one from [Engine.Endpoint].
type Endpoint struct {
	ref   string
	hosts []*host
	// addr is the address that was asked for: a host's private or public one, or one that isn't in the network.
	addr     netip.Addr
	internet bool
}

// String is what the endpoint was asked for by.
func (p Endpoint) String() string { return p.ref }

// Interfaces are the network interfaces that the endpoint stands for; none for an address outside, a NAT gateway, or a subnet without any.
func (p Endpoint) Interfaces() []string {
	var ids []string
	for _, h := range p.hosts {
		if h.kind == realHost {
			ids = append(ids, h.id)
		}
	}
	return ids
}

// Endpoint finds the end of a connection that ref names: a network interface, an instance, a subnet, a NAT gateway or an
// interface endpoint by id, an IPv4 or IPv6 address, or "internet". An unknown id is an error that wraps [ErrUnknown] and names the nearest
// one; an address that several VPCs hold is one that wraps [ErrAmbiguous].
//
// A subnet stands for its interfaces, an answer is for the best pair of them. One without interfaces, and an address
// in a subnet that no interface has, stand for a host that isn't there yet: its security groups allow everything, and it has a
// public IPv4 address only if the subnet gives one at launch.
func (e *Engine) Endpoint(ref string) (Endpoint, error) {
	p := Endpoint{ref: ref}
	if ref == "internet" {
		p.internet = true
		return p, nil
	}
	if a, ok := parseAddr(ref); ok {
		return e.addressEndpoint(p, a)
	}
	switch {
	case e.hosts[ref] != nil:
		p.hosts = []*host{e.gatewayHost(e.hosts[ref])}
	case e.nats[ref] != nil:
		p.hosts = []*host{e.nats[ref].host}
	case e.subnets[ref] != nil:
		p.hosts = e.hostsIn[ref]
		if len(p.hosts) == 0 {
			p.hosts = []*host{location(e.subnets[ref], e.subnets[ref].public)}
		}
	case e.endpoints[ref] != nil:
		for _, id := range e.endpoints[ref].NetworkInterfaceIds {
			if h := e.hosts[id]; h != nil {
				p.hosts = append(p.hosts, h)
			}
		}
		if len(p.hosts) == 0 {
			return Endpoint{}, fmt.Errorf("%s has no network interface in the network: %w", ref, ErrUnknown)
		}
	default:
		p.hosts = e.hostsOfInstance(ref)
		if len(p.hosts) == 0 {
			return Endpoint{}, e.unknownEndpoint(ref)
		}
	}
	return p, nil
}

// gatewayHost is the NAT gateway behind an interface that is one's; any other interface is its own.
func (e *Engine) gatewayHost(h *host) *host {
	for _, n := range e.nats {
		for _, a := range n.rec.NatGatewayAddresses {
			if a.NetworkInterfaceId == h.id {
				return n.host
			}
		}
	}
	return h
}

func (e *Engine) hostsOfInstance(id string) []*host {
	if id == "" {
		return nil
	}
	var out []*host
	for _, key := range sortedKeys(e.hosts) {
		if e.hosts[key].instance == id {
			out = append(out, e.hosts[key])
		}
	}
	return out
}

func (e *Engine) addressEndpoint(p Endpoint, a netip.Addr) (Endpoint, error) {
	p.addr = a
	if h := e.byPublic[a]; h != nil {
		p.hosts = []*host{h}
		return p, nil
	}
	for _, id := range sortedKeys(e.hosts) {
		if h := e.hosts[id]; h.kind == realHost && h.addrs[familyOf(a).index()].has(a) {
			p.hosts = append(p.hosts, h)
		}
	}
	for _, id := range sortedKeys(e.nats) {
		if h := e.nats[id].host; h.addrs[familyOf(a).index()].has(a) || h.publicAddrs(IPv4).has(a) {
			p.hosts = append(p.hosts, h)
		}
	}
	if len(p.hosts) == 0 {
		for _, id := range sortedKeys(e.subnets) {
			if s := e.subnets[id]; s.ranges[familyOf(a).index()].has(a) {
				h := location(s, s.public)
				h.addrs = [2]addrs{}
				h.addrs[familyOf(a).index()] = oneAddr(a)
				p.hosts = append(p.hosts, h)
			}
		}
	}
	if len(p.hosts) > 1 {
		ids := make([]string, len(p.hosts))
		for i, h := range p.hosts {
			ids[i] = h.id
		}
		return Endpoint{}, fmt.Errorf("address %s is in several places (%s), name one by id: %w", a, strings.Join(ids, ", "), ErrAmbiguous)
	}
	return p, nil
}

func (e *Engine) unknownEndpoint(ref string) error {
	ids := []string{"internet"}
	ids = append(ids, sortedKeys(e.hosts)...)
	ids = append(ids, sortedKeys(e.subnets)...)
	ids = append(ids, sortedKeys(e.nats)...)
	ids = append(ids, sortedKeys(e.endpoints)...)
	for _, id := range sortedKeys(e.hosts) {
		if i := e.hosts[id].instance; i != "" {
			ids = append(ids, i)
		}
	}
	return unknown("no network interface, instance, subnet or address", ref, ids)
}

// unknown is the error for an id that isn't in the network, with the nearest that is.
func unknown(what, ref string, ids []string) error {
	if near := nearest(ref, ids); near != "" {
		return fmt.Errorf("%s %q: %w; the nearest is %s", what, ref, ErrUnknown, near)
	}
	return fmt.Errorf("%s %q: %w", what, ref, ErrUnknown)
}

// nearest is the id that takes the fewest edits to reach, the first of several; "" where every one would have to be rewritten by more than half.
func nearest(ref string, ids []string) string {
	best, at := "", 1+max(len(ref)/2, 3)
	for _, id := range ids {
		if d := distance(ref, id); d < at {
			best, at = id, d
		}
	}
	return best
}

// distance is the Levenshtein distance of two ids, byte by byte.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
