package reach

import (
	"fmt"
	"net/netip"
	"slices"
)

// Group is a set of places that packets start from or arrive at, made by [Interfaces], [Subnets], [VPCs],
// [NATGateways], [Internet], [Addresses] and [Join].
type Group struct {
	parts []part
}

type part struct {
	kind      partKind
	ids       []string
	prefixes  []netip.Prefix
	locations bool
	public    bool
}

type partKind int

const (
	partInterfaces partKind = iota
	partSubnets
	partVPCs
	partNATs
	partOutside
)

// Interfaces is the group of the network interfaces with the ids.
func Interfaces(ids ...string) Group { return Group{[]part{{kind: partInterfaces, ids: ids}}} }

// Subnets is the group of all interfaces in the subnets.
func Subnets(ids ...string) Group { return Group{[]part{{kind: partSubnets, ids: ids}}} }

// VPCs is the group of all interfaces in the VPCs.
func VPCs(ids ...string) Group { return Group{[]part{{kind: partVPCs, ids: ids}}} }

// NATGateways is the group of the NAT gateways themselves. They only start packets: nothing can open a connection to one.
func NATGateways(ids ...string) Group { return Group{[]part{{kind: partNATs, ids: ids}}} }

// Internet is the group of all addresses of the internet, IPv4 and IPv6.
func Internet() Group { return Group{[]part{{kind: partOutside}}} }

// Addresses is the part of the internet that the prefixes hold.
func Addresses(prefixes ...netip.Prefix) Group {
	return Group{[]part{{kind: partOutside, prefixes: append([]netip.Prefix{}, prefixes...)}}}
}

// Join is the group of what is in any of the groups.
func Join(groups ...Group) Group {
	var all Group
	for _, g := range groups {
		all.parts = append(all.parts, g.parts...)
	}
	return all
}

// AsLocations adds, for each of the group's subnets and VPCs' subnets, a host that is not there yet: one that may have any free address
// of the subnet, whose security groups allow everything and whom no rule refers to. A property that holds for it holds for whatever is launched
// there next with groups of its own. With public set, the host has a public IPv4 address too; an IPv6 address is always public.
func (g Group) AsLocations(public bool) Group {
	parts := slices.Clone(g.parts)
	for i := range parts {
		parts[i].locations, parts[i].public = true, public
	}
	return Group{parts}
}

// places are the hosts and the outside addresses of a group.
type places struct {
	hosts   []*host
	outside [2]addrs
}

func (e *Engine) places(g Group) (places, error) {
	var out places
	seen := map[*host]bool{}
	add := func(hosts ...*host) {
		for _, h := range hosts {
			if !seen[h] {
				seen[h] = true
				out.hosts = append(out.hosts, h)
			}
		}
	}
	for _, p := range g.parts {
		if p.kind == partOutside {
			for _, f := range []Family{IPv4, IPv6} {
				out.outside[f.index()] = out.outside[f.index()].union(p.outside(f))
			}
			continue
		}
		for _, id := range p.ids {
			hosts, err := e.partHosts(p, id)
			if err != nil {
				return places{}, err
			}
			add(hosts...)
		}
	}
	return out, nil
}

func (p part) outside(f Family) addrs {
	all := internet(f)
	if f == IPv6 {
		all = all.union(nat64)
	}
	if p.prefixes == nil {
		return all
	}
	return all.intersect(prefixAddrs(f, p.prefixes...))
}

func (e *Engine) partHosts(p part, id string) ([]*host, error) {
	switch p.kind {
	case partInterfaces:
		h := e.hosts[id]
		if h == nil {
			return nil, unknown("network interface", id, sortedKeys(e.hosts))
		}
		return []*host{e.gatewayHost(h)}, nil
	case partSubnets:
		s := e.subnets[id]
		if s == nil {
			return nil, unknown("subnet", id, sortedKeys(e.subnets))
		}
		return e.subnetHosts(p, s), nil
	case partVPCs:
		v := e.vpcs[id]
		if v == nil {
			return nil, unknown("VPC", id, sortedKeys(e.vpcs))
		}
		var all []*host
		for _, s := range v.subnets {
			all = append(all, e.subnetHosts(p, s)...)
		}
		return all, nil
	default:
		n := e.nats[id]
		if n == nil {
			return nil, unknown("NAT gateway", id, sortedKeys(e.nats))
		}
		return []*host{n.host}, nil
	}
}

func (e *Engine) subnetHosts(p part, s *subnet) []*host {
	hosts := slices.Clone(e.hostsIn[s.id])
	if p.locations {
		hosts = append(hosts, location(s, p.public))
	}
	return hosts
}

// exception is a [Packets] resolved against the network.
type exception struct {
	proto, ports nums
	from, to     *places // nil for everywhere
}

func (e *Engine) exceptions(list []Packets) ([]exception, error) {
	out := make([]exception, len(list))
	for i, p := range list {
		x := exception{proto: allProtos, ports: allPorts}
		if p.Protocol != "" && p.Protocol != AnyProtocol {
			x.proto = protocols(string(p.Protocol))
			if p.Protocol == ICMP {
				x.proto = withTypes
			}
			if len(x.proto) == 0 {
				return nil, fmt.Errorf("protocol %q: %w", p.Protocol, ErrSyntax)
			}
		}
		if p.Ports != (PortRange{}) {
			x.ports = portRange(p.Ports.From, p.Ports.To)
		}
		for _, end := range []struct {
			group Group
			into  **places
		}{{p.From, &x.from}, {p.To, &x.to}} {
			if len(end.group.parts) == 0 {
				continue
			}
			// A group's subnets are meant with whatever is launched in them.
			found, err := e.places(end.group.AsLocations(true))
			if err != nil {
				return nil, err
			}
			*end.into = &found
		}
		out[i] = x
	}
	return out, nil
}

// covers are the addresses of the family for which an end of an exception holds, given the host at that end (nil outside).
func (p *places) covers(f Family, h *host, all addrs) addrs {
	switch {
	case p == nil:
		return all
	case h == nil:
		return p.outside[f.index()]
	}
	for _, member := range p.hosts {
		if member == h || slices.Contains(h.members, member) || h.kind == futureHost && member.kind == futureHost && member.subnet == h.subnet {
			return all
		}
	}
	return nil
}
