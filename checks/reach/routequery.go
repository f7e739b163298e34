package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

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

// RouteTable returns the route table in force for a subnet, as the snapshot shows it: the one associated with it, else the VPC's main one (main
// is then true). Where the snapshot shows none, it is an empty one whose id says so.
func (e *Engine) RouteTable(subnetID string) (table RouteTable, main bool, err error) {
	s, err := e.knownSubnet(subnetID)
	if err != nil {
		return RouteTable{}, false, err
	}
	return *s.table.rec, s.main, nil
}

func (e *Engine) knownSubnet(id string) (*subnet, error) {
	if s := e.subnets[id]; s != nil {
		return s, nil
	}
	return nil, unknown("subnet", id, sortedKeys(e.subnets))
}

// RouteFor says which route of the subnet's table an address takes. (A packet for an address in the same subnet asks no route table.)
func (e *Engine) RouteFor(subnetID string, addr netip.Addr) (RouteDecision, error) {
	shares, err := e.Partition(subnetID, netip.PrefixFrom(addr, addr.BitLen()))
	if err != nil {
		return RouteDecision{}, err
	}
	if len(shares) == 0 {
		return RouteDecision{}, fmt.Errorf("address %q: %w", addr, ErrSyntax)
	}
	return shares[0].RouteDecision, nil
}

// Partition says how a subnet's route table divides the prefixes among its routes. Every address is in exactly one share; those that no
// route holds are in one with TargetNone. To ask by which targets a service's addresses leave, give it the prefixes of [Engine.PrefixList].
func (e *Engine) Partition(subnetID string, prefixes ...netip.Prefix) ([]RouteShare, error) {
	s, err := e.knownSubnet(subnetID)
	if err != nil {
		return nil, err
	}
	var out []RouteShare
	for _, f := range []Family{IPv4, IPv6} {
		all := prefixAddrs(f, prefixes...)
		if len(all) == 0 {
			continue
		}
		for _, part := range s.table.lookup(f, packets{{dst: all}}) {
			to := part.set.destinations()
			out = append(out, RouteShare{RouteDecision: decision(s, part.route, to), Addresses: toPrefixes(to)})
		}
	}
	return out, nil
}

func decision(s *subnet, r *route, to addrs) RouteDecision {
	d := RouteDecision{RouteTableID: s.table.id, Main: s.main, Kind: TargetNone, Explanation: s.explainRoute(r, to)}
	if r == nil {
		d.Reason = "no route holds the address"
		return d
	}
	d.Destination, d.PrefixListID, d.Kind, d.Target, d.Propagated = r.prefix, r.prefixList, r.kind, r.target, r.propagated
	d.Live, d.Reason = r.dead == "", r.dead
	return d
}

// PrefixList returns the prefixes of a managed prefix list.
func (e *Engine) PrefixList(id string) ([]netip.Prefix, error) {
	if e.prefixLists[id] == nil {
		return nil, unknown("prefix list", id, sortedKeys(e.prefixLists))
	}
	return e.listPrefixes(id), nil
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

// Blackholes lists every route that leads nowhere. Targets are resolved in the network; a route's own State is not read. A transit gateway
// route that was made as a blackhole, with no attachment, is none.
func (e *Engine) Blackholes() []Blackhole {
	var out []Blackhole
	for _, rec := range e.network.RouteTables {
		for _, r := range rec.Routes {
			kind, target := targetOf(&r)
			if reason := e.deadTarget(e.vpcs[rec.VpcId], kind, target); reason != "" {
				out = append(out, Blackhole{rec.RouteTableId, rec.VpcId, destination(&r), kind, target, reason})
			}
		}
	}
	for _, rec := range e.network.TransitGatewayRouteTables {
		for _, r := range rec.Routes {
			for _, a := range r.TransitGatewayAttachments {
				resource := a.ResourceType
				if resource == "" {
					resource = "vpc"
				}
				reason := e.deadAttachment(&transitRoute{attachment: a.TransitGatewayAttachmentId, resource: resource})
				if reason != "" {
					out = append(out, Blackhole{rec.TransitGatewayRouteTableId, "", r.DestinationCidrBlock + r.PrefixListId, TargetAttachment,
						a.TransitGatewayAttachmentId, reason})
				}
			}
		}
	}
	return out
}

func destination(r *Route) string {
	return r.DestinationCidrBlock + r.DestinationIpv6CidrBlock + r.DestinationPrefixListId
}

// Range is an address range and who holds it.
type Range struct {
	Owner  string
	Prefix netip.Prefix
}

// Overlap is a pair of ranges that share addresses.
type Overlap struct {
	A, B Range
}

// VpcRanges lists the ranges in use of the VPCs, of all where none is named. Ids that are not in the network are passed over.
func (e *Engine) VpcRanges(vpcIDs ...string) []Range {
	if len(vpcIDs) == 0 {
		vpcIDs = sortedKeys(e.vpcs)
	}
	var out []Range
	for _, id := range vpcIDs {
		if v := e.vpcs[id]; v != nil {
			for _, p := range v.cidrs {
				out = append(out, Range{id, p})
			}
		}
	}
	return out
}

// Overlaps lists the pairs of ranges that overlap, ordered by the first one's address.
func Overlaps(ranges []Range) []Overlap {
	sorted := slices.Clone(ranges)
	slices.SortStableFunc(sorted, func(a, b Range) int {
		if c := a.Prefix.Masked().Addr().Compare(b.Prefix.Masked().Addr()); c != 0 {
			return c
		}
		return strings.Compare(a.Owner, b.Owner)
	})
	var out []Overlap
	for i, a := range sorted {
		for _, b := range sorted[i+1:] {
			if a.Prefix.Overlaps(b.Prefix) {
				out = append(out, Overlap{a, b})
			}
		}
	}
	return out
}
