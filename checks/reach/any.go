package reach

import (
	"errors"
	"net/netip"
)

// ErrNothing is wrapped by the error of [Engine.Any] where one side of the question is empty: that no packet of nobody
// arrives proves nothing.
var ErrNothing = errors.New("nothing to judge")

// Group is a set of places that packets start from or arrive at, made by [Interfaces], [Subnets], [VPCs],
// [NATGateways], [Internet], [Addresses] and [Join].
type Group struct {
	parts []part
}

type part struct {
	kind      string
	ids       []string
	prefixes  []netip.Prefix
	locations bool
	public    bool
}

// Interfaces is the group of the network interfaces with the ids.
func Interfaces(ids ...string) Group { return Group{[]part{{kind: "interface", ids: ids}}} }

// Subnets is the group of all interfaces in the subnets.
func Subnets(ids ...string) Group { return Group{[]part{{kind: "subnet", ids: ids}}} }

// VPCs is the group of all interfaces in the VPCs.
func VPCs(ids ...string) Group { return Group{[]part{{kind: "vpc", ids: ids}}} }

// NATGateways is the group of the NAT gateways themselves. They only start packets: nothing can open a connection to one.
func NATGateways(ids ...string) Group { return Group{[]part{{kind: "nat", ids: ids}}} }

// Internet is the group of all addresses of the internet, IPv4 and IPv6.
func Internet() Group { return Group{[]part{{kind: "internet"}}} }

// Addresses is the part of the internet that the prefixes hold.
func Addresses(prefixes ...netip.Prefix) Group {
	return Group{[]part{{kind: "internet", prefixes: prefixes}}}
}

// Join is the group of what is in any of the groups.
func Join(groups ...Group) Group {
	var all Group
	for _, g := range groups {
		all.parts = append(all.parts, g.parts...)
	}
	return all
}

// AsLocations adds to the interfaces in the group's subnets and VPCs a host that is not there yet: one that may have any free address of
// the subnet, whose security groups allow everything and are referred to by no rule. A property that holds for it holds for whatever
// is launched there next. With public set, the host has a public IPv4 address too (an IPv6 address is always public).
func (g Group) AsLocations(public bool) Group {
	parts := make([]part, len(g.parts))
	for i, p := range g.parts {
		p.locations, p.public = true, public
		parts[i] = p
	}
	return Group{parts}
}

// Packets describes packets by what is asked for, for [Question.Except]. The zero value of each field stands for all.
type Packets struct {
	Protocol Protocol
	Ports    PortRange
	From, To Group
}

// Question asks whether any packet gets from one group to another: any protocol, any port, any of the addresses.
// One way is enough; whether a reply would come back is not asked.
type Question struct {
	From, To Group
	// Except are packets that may arrive; a packet in any of them is no leak.
	Except []Packets
	// ThroughInternet also follows packets that leave by one VPC's gateway and come back by a public address.
	ThroughInternet bool
}

// Leak is the answer to a [Question].
type Leak struct {
	// Found says that a packet gets there, or that the engine cannot exclude it.
	Found bool
	// Certain is false where the path ends at something beyond the engine, which may or may not pass the packet on.
	Certain bool
	// Witness is one such packet and Path its way.
	Witness Packet
	Path    []Hop
	// Sources and Destinations count what was judged.
	Sources, Destinations int
}

// Packet is one packet, as its sender sends it.
type Packet struct {
	// From and To are ids: an interface, a NAT gateway, a subnet (for a host that isn't there yet), or "internet".
	From, To        string
	Family          Family
	Source          netip.Addr
	Destination     netip.Addr
	Protocol        Protocol
	SourcePort      int
	DestinationPort int
}

// Any searches for a packet that gets from one group to the other. The error names an id that is not in the network, or
// wraps [ErrNothing].
func (e *Engine) Any(q Question) (Leak, error) {
	return Leak{}, ErrNothing
}
