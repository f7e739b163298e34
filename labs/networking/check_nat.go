package networking

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/reach"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// partner is some IPv4 host on the internet.
func partner() netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 100, 10}) }

func decideNATPerAZ(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	// Hosts are left out of it: what their security groups let out is not the gateway's business.
	unfiltered := a.emptied(appTier)
	var pass []string
	for _, subnet := range a.subnets(appTier) {
		shares, err := a.Engine.Partition(subnet.SubnetId, everyIPv4())
		if err != nil {
			return nil, fmt.Errorf("reading the routes of %s: %w", subnet.SubnetId, err)
		}
		if wrong, at := a.wrongEgress(subnet, shares); wrong != "" {
			o.Add(wrong, at...)
			continue
		}
		nat := shares[slices.IndexFunc(shares, leavesByNAT)].Target
		blocked, err := a.blockedThrough(unfiltered, subnet, nat)
		if err != nil {
			return nil, err
		}
		if blocked != "" {
			o.Add(fmt.Sprintf("%s in %s: its default route leads to %s in the same zone, but that does not get it to the internet. %s", subnetLabel(subnet), zone(subnet), nat, blocked), subnet.SubnetId, nat)
			continue
		}
		pass = append(pass, fmt.Sprintf("%s leaves %s by %s in its own zone.", subnetLabel(subnet), zone(subnet), nat))
	}
	return pass, nil
}

// toInternetAtLarge tells a default route, or a part of one as 0.0.0.0/1 and 128.0.0.0/1 are, from a route to something in
// particular: longer prefixes may well lead to a partner's network, an endpoint or another VPC.
func toInternetAtLarge(s reach.RouteShare) bool {
	const longest4, longest6 = 7, 15 // 10.0.0.0/8 is private; an internet registry holds IPv6 by the /12
	longest := longest4
	if s.Destination.Addr().Is6() {
		longest = longest6
	}
	return s.Kind != reach.TargetNone && s.Kind != reach.TargetLocal && s.Destination.Bits() <= longest
}

func leavesByNAT(s reach.RouteShare) bool { return s.Kind == reach.TargetNAT }

// wrongEgress says which of a subnet's routes takes a part of the internet elsewhere than to a live public NAT gateway in
// the subnet's zone, and where that is; "" where none does.
func (a *architecture) wrongEgress(subnet reach.Subnet, shares []reach.RouteShare) (wrong string, at []string) {
	if slices.ContainsFunc(shares, func(s reach.RouteShare) bool { return s.Kind == reach.TargetNone }) {
		return subnetLabel(subnet) + " has no default route: its hosts cannot reach the internet.", []string{subnet.SubnetId}
	}
	for _, share := range shares {
		if !toInternetAtLarge(share) && share.Kind != reach.TargetNAT && share.Kind != reach.TargetInternetGateway {
			continue
		}
		if wrong := a.wrongNAT(subnet, share.RouteDecision); wrong != "" {
			route := "its default route"
			if share.Destination.Bits() > 0 {
				route = "its route " + share.Destination.String()
			}
			return fmt.Sprintf("%s in %s: %s in %s leads to %s %s, %s", subnetLabel(subnet), zone(subnet), route, share.RouteTableID, share.Kind, share.Target, say.Sentence(wrong)), []string{subnet.SubnetId, share.Target}
		}
	}
	if !slices.ContainsFunc(shares, leavesByNAT) {
		return subnetLabel(subnet) + " has no route to a NAT gateway.", []string{subnet.SubnetId}
	}
	return "", nil
}

// emptied is an engine for the same network before anything but gateways is in the tier's subnets.
func (a *architecture) emptied(t tier) *reach.Engine {
	subnets := ids(a.subnets(t))
	variant := *a.Network.Network
	variant.NetworkInterfaces = slices.DeleteFunc(slices.Clone(variant.NetworkInterfaces), func(eni reach.NetworkInterface) bool {
		return slices.Contains(subnets, eni.SubnetId) && eni.InterfaceType != "nat_gateway"
	})
	return reach.New(&variant)
}

// blockedThrough says what keeps a NAT gateway from the internet, or the subnet from getting there through it: the routes
// and the network ACL of the gateway's own subnet, and the ACL of the subnet, both ways.
func (a *architecture) blockedThrough(engine *reach.Engine, subnet reach.Subnet, nat string) (string, error) {
	for _, from := range []string{nat, subnet.SubnetId} {
		answer, err := connect(engine, from, partner().String(), https)
		if err != nil {
			return "", err
		}
		if answer.Verdict != reach.Reachable && answer.BlockedBy != nil && answer.BlockedBy.Component != reach.ComponentSecurityGroup {
			return say.Block(answer), nil
		}
	}
	n := slices.IndexFunc(a.NatGateways, func(gateway reach.NatGateway) bool { return gateway.NatGatewayId == nat })
	shares, err := engine.Partition(a.NatGateways[n].SubnetId, everyIPv4())
	if err != nil {
		return "", fmt.Errorf("reading the routes of %s: %w", nat, err)
	}
	for _, share := range shares {
		switch {
		case share.Kind == reach.TargetNone:
			return fmt.Sprintf("In the gateway's own subnet %s has no route for %s.", share.RouteTableID, some(share.Addresses)), nil
		case toInternetAtLarge(share) && (share.Kind != reach.TargetInternetGateway || !share.Live):
			return fmt.Sprintf("In the gateway's own subnet %s sends %s to %s %s.", share.RouteTableID, share.Destination, share.Kind, share.Target), nil
		}
	}
	return "", nil
}

// wrongNAT says why a default route does not lead to a live public NAT gateway in the subnet's zone; "" where it does.
func (a *architecture) wrongNAT(subnet reach.Subnet, route reach.RouteDecision) string {
	if route.Kind != reach.TargetNAT {
		return "which is no NAT gateway"
	}
	n := slices.IndexFunc(a.NatGateways, func(nat reach.NatGateway) bool { return nat.NatGatewayId == route.Target })
	switch {
	case n < 0:
		return "which does not exist"
	case !route.Live:
		return "which carries no packets: " + route.Reason
	}
	nat := a.NatGateways[n]
	home, ok := a.subnet(nat.SubnetId)
	switch {
	case nat.ConnectivityType == "private" || !slices.ContainsFunc(nat.NatGatewayAddresses, func(address reach.NatGatewayAddress) bool { return address.PublicIp != "" }):
		return "which is private: it has no public address"
	case !ok:
		return "whose zone is unknown"
	case zone(home) != zone(subnet):
		return "which stands in " + zone(home) + ": when that zone is lost, this subnet loses its egress too"
	}
	return ""
}

// decideDNS judges the attributes of every VPC, and the peerings by which the environments use the shared services.
func decideDNS(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	for _, vpc := range a.vpcs {
		dns, err := a.inv.VPCDNS(ctx, vpc.VpcId)
		if err != nil {
			return nil, err
		}
		if !dns.EnableDnsSupport {
			o.Add(fmt.Sprintf("%s has DNS support off: nothing in it can ask Amazon's resolver.", a.owner(vpc.VpcId)), vpc.VpcId)
		}
		if !dns.EnableDnsHostnames {
			o.Add(fmt.Sprintf("%s has DNS hostnames off: its hosts get no names, and private DNS of endpoints does not work.", a.owner(vpc.VpcId)), vpc.VpcId)
		}
	}
	peerings := 0
	for _, peering := range a.VpcPeeringConnections {
		ends := []string{a.vpcRole(peering.RequesterVpcInfo.VpcId), a.vpcRole(peering.AccepterVpcInfo.VpcId)}
		if peering.Status.Code != "active" || !slices.Contains(ends, shared) || slices.Contains(ends, "") {
			continue
		}
		peerings++
		for _, side := range []reach.PeeringVpcInfo{peering.RequesterVpcInfo, peering.AccepterVpcInfo} {
			if side.PeeringOptions == nil || !side.PeeringOptions.AllowDnsResolutionFromRemoteVpc {
				o.Add(fmt.Sprintf("%s: names of %s resolve to public addresses, or to none, for the other side (AllowDnsResolutionFromRemoteVpc is off).", label(peering.VpcPeeringConnectionId, peering.Tags), a.owner(side.VpcId)), peering.VpcPeeringConnectionId)
			}
		}
	}
	told := "there is no peering with the shared VPC, so no peering option is needed"
	if peerings > 0 {
		told = typeset.Count(peerings, "peering") + " with the shared VPC resolve private names both ways"
	}
	return []string{fmt.Sprintf("DNS support and hostnames are on in %s; %s.", strings.Join(a.vpcIDs(), ", "), told)}, nil
}
