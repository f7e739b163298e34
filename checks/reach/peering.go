package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
)

func (p *VpcPeeringConnection) active() bool { return p.Status.Code == "active" }

// peerOf is the side of a peering that isn't the VPC's; nil for a VPC that has no part in it.
func (p *VpcPeeringConnection) peerOf(vpcID string) *PeeringVpcInfo {
	switch vpcID {
	case p.RequesterVpcInfo.VpcId:
		return &p.AccepterVpcInfo
	case p.AccepterVpcInfo.VpcId:
		return &p.RequesterVpcInfo
	}
	return nil
}

// indexPeers notes between which VPCs security groups may refer to each other: an active peering within one region.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
func (e *Engine) indexPeers() {
	for _, p := range e.peerings {
		a, b := &p.RequesterVpcInfo, &p.AccepterVpcInfo
		sameRegion := a.Region == "" || b.Region == "" || a.Region == b.Region
		if p.active() && sameRegion {
			e.vpc(a.VpcId).peers[b.VpcId] = true
			e.vpc(b.VpcId).peers[a.VpcId] = true
		}
	}
}

func (e *Engine) deadPeering(v *vpc, id string) string {
	p := e.peerings[id]
	if p == nil {
		return id + " doesn't exist"
	}
	if !p.active() {
		return fmt.Sprintf("%s is %s", id, cmp.Or(p.Status.Code, "in no known state"))
	}
	if p.peerOf(v.id) == nil {
		return fmt.Sprintf("%s doesn't connect %s", id, v.id)
	}
	return ""
}

// ranges are the addresses of a peer: its VPC's own or, where the snapshot lacks it, what the peering says.
func (e *Engine) peerRanges(f Family, info *PeeringVpcInfo) addrs {
	if v := e.vpcs[info.VpcId]; v != nil && len(v.cidrs) > 0 {
		return v.ranges[f.index()]
	}
	var prefixes []netip.Prefix
	add := func(text string) {
		if p, ok := parsePrefix(text); ok {
			prefixes = append(prefixes, p)
		}
	}
	add(info.CidrBlock)
	for _, c := range info.CidrBlockSet {
		add(c.CidrBlock)
	}
	for _, c := range info.Ipv6CidrBlockSet {
		add(c.Ipv6CidrBlock)
	}
	return prefixAddrs(f, prefixes...)
}

// throughPeering takes packets to the peer VPC. A peering carries only packets from addresses of the one VPC to addresses of the other: it is no way
// on to a third network, and none to the peer's gateways and endpoints.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
func (w *walk) throughPeering(f flow, p *VpcPeeringConnection) {
	id := p.VpcPeeringConnectionId
	other := p.peerOf(f.vpc.id)
	if f.src != nil && f.src.kind == natHost {
		w.undecided(f, ComponentPeering, id, func() string {
			return fmt.Sprintf("AWS doesn't document that a NAT gateway's packets pass a peering such as %s.", id)
		})
		return
	}
	if f.src == nil {
		w.drop(f, ComponentPeering, id, Drops,
			func() string {
				return fmt.Sprintf("Peering %s is no transit: %s is not in %s, where the packet enters it.", id, describeAddrs(f.set.sources()), f.vpc.id)
			},
			func() string {
				return "Peer the source's VPC with the destination's directly, or use a transit gateway."
			})
		return
	}
	set := f.set.toward(w.e.peerRanges(w.f, other))
	if len(set) == 0 {
		w.drop(f, ComponentPeering, id, Drops,
			func() string {
				return fmt.Sprintf("Peering %s carries packets for addresses of %s only, and %s is none: there is no way on to its gateways or other networks.",
					id, other.VpcId, describeAddrs(f.set.destinations()))
			},
			func() string { return "Connect the source's VPC to that network itself." })
		return
	}
	f.set = set
	peer := w.e.vpcs[other.VpcId]
	if peer == nil || len(peer.subnets) == 0 {
		w.undecided(f, ComponentPeering, id, func() string {
			return fmt.Sprintf("Peering %s leads to %s, which the snapshot doesn't describe.", id, strings.TrimSpace(other.VpcId+" of "+other.OwnerId))
		})
		return
	}
	w.pass(&f, ComponentPeering, id, Passes, func() string {
		return fmt.Sprintf("Peering %s is active and takes the packet from %s to %s.", id, f.vpc.id, peer.id)
	})
	f.via = via{viaPeering, f.vpc.id}
	f.src, f.vpc = nil, peer
	w.deliver(f, peer, nil)
}
