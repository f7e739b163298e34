package reach

import "net/netip"

// TargetKind is the kind of target that a route names.
type TargetKind string

// The kinds of target.
const (
	TargetLocal           TargetKind = "local"
	TargetInternetGateway TargetKind = "internet-gateway"
	TargetEgressOnly      TargetKind = "egress-only-internet-gateway"
	TargetNAT             TargetKind = "nat-gateway"
	TargetEndpoint        TargetKind = "vpc-endpoint"
	TargetPeering         TargetKind = "vpc-peering-connection"
	TargetTransit         TargetKind = "transit-gateway"
	TargetInterface       TargetKind = "network-interface"
	TargetOther           TargetKind = "gateway" // virtual private, local or carrier gateway, core network
	TargetAttachment      TargetKind = "transit-gateway-attachment"
	TargetNone            TargetKind = "none" // no route holds the address
)

// RouteDecision is the route that a table picks for an address, or for the addresses of a [RouteShare].
type RouteDecision struct {
	RouteTableID string
	// Main says that the subnet has no association of its own and falls back to the VPC's main table.
	Main bool
	// Destination is the route's prefix; PrefixListID is set where it is an entry of a prefix list.
	Destination  netip.Prefix
	PrefixListID string
	Kind         TargetKind
	Target       string
	Propagated   bool
	// Live is false where the target is missing or not in a state that carries packets; Reason says so.
	Live        bool
	Reason      string
	Explanation string
}

// RouteShare is a part of a prefix and the route that takes it.
type RouteShare struct {
	RouteDecision
	// Addresses is the part, as the fewest prefixes that make it up.
	Addresses []netip.Prefix
}

// RouteTable returns the route table in force for a subnet: the one associated with it, else the VPC's main one.
func (e *Engine) RouteTable(subnetID string) (table RouteTable, main bool, err error) {
	return RouteTable{}, false, nil
}

// RouteFor says which route a packet from the subnet to the address takes.
func (e *Engine) RouteFor(subnetID string, addr netip.Addr) (RouteDecision, error) {
	return RouteDecision{}, nil
}

// Partition says how a subnet's route table divides the prefixes among its routes. Every address is in exactly one share; those that no
// route holds are in one with TargetNone. It is the way to ask by which targets a prefix list's addresses leave.
func (e *Engine) Partition(subnetID string, prefixes ...netip.Prefix) ([]RouteShare, error) {
	return nil, nil
}

// Blackhole is a route whose target is missing or not in a state that carries packets.
type Blackhole struct {
	// RouteTableID is a VPC's or a transit gateway's route table; VpcID is empty for the latter.
	RouteTableID string
	VpcID        string
	// Destination is the route's CIDR block or prefix list id, as written.
	Destination string
	Kind        TargetKind
	Target      string
	Reason      string
}

// Blackholes lists every route that leads nowhere. Targets are resolved in the network; a route's own State is not read. A transit gateway route that
// was made as a blackhole on purpose (no attachment) is none.
func (e *Engine) Blackholes() []Blackhole { return nil }

// Range is an address range and who holds it.
type Range struct {
	Owner  string
	Prefix netip.Prefix
}

// Overlap is a pair of ranges that share addresses.
type Overlap struct {
	A, B Range
}

// VpcRanges lists the ranges in use of the VPCs, of all where none is named.
func (e *Engine) VpcRanges(vpcIDs ...string) []Range { return nil }

// Overlaps lists the pairs of ranges, of different owners, that overlap.
func Overlaps(ranges []Range) []Overlap { return nil }
