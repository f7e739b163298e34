package networking

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/reach"
)

// partner is some IPv4 host on the internet.
func partner() netip.Addr { return netip.AddrFrom4([4]byte{198, 51, 100, 10}) }

func decideNATPerAZ(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var pass []string
	for _, subnet := range a.subnets(appTier) {
		shares, err := a.Engine.Partition(subnet.SubnetId, everyIPv4())
		if err != nil {
			return nil, fmt.Errorf("reading the routes of %s: %w", subnet.SubnetId, err)
		}
		n := slices.IndexFunc(shares, func(s reach.RouteShare) bool { return s.Kind != reach.TargetNone && s.Destination.Bits() == 0 })
		if n < 0 {
			o.Add(fmt.Sprintf("%s has no default route: its hosts cannot reach the internet.", subnetLabel(subnet)), subnet.SubnetId)
			continue
		}
		if wrong := a.wrongNAT(subnet, shares[n].RouteDecision); wrong != "" {
			o.Add(fmt.Sprintf("%s in %s: its default route in %s leads to %s %s, %s", subnetLabel(subnet), zone(subnet), shares[n].RouteTableID, shares[n].Kind, shares[n].Target, sentence(wrong)), subnet.SubnetId, shares[n].Target)
			continue
		}
		blocked, err := a.blockedThrough(subnet, shares[n].Target)
		if err != nil {
			return nil, err
		}
		if blocked != "" {
			o.Add(fmt.Sprintf("%s in %s: its default route leads to %s in the same zone, but that does not get it to the internet. %s", subnetLabel(subnet), zone(subnet), shares[n].Target, blocked), subnet.SubnetId, shares[n].Target)
			continue
		}
		pass = append(pass, fmt.Sprintf("%s leaves %s by %s in its own zone.", subnetLabel(subnet), zone(subnet), shares[n].Target))
	}
	return pass, nil
}

// blockedThrough says what keeps a NAT gateway from the internet, or the subnet from getting there through it: the routes and the
// network ACL of the gateway's own subnet, and the ACL of the subnet, both ways. What the subnet's security groups let out is
// not the gateway's business.
func (a *architecture) blockedThrough(subnet reach.Subnet, nat string) (string, error) {
	for _, from := range []string{nat, subnet.SubnetId} {
		answer, err := connect(a.Engine, from, partner().String(), https)
		if err != nil {
			return "", err
		}
		if answer.Verdict != reach.Reachable && answer.BlockedBy != nil && answer.BlockedBy.Component != reach.ComponentSecurityGroup {
			return tellBlock(answer), nil
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
		told = count(peerings, "peering") + " with the shared VPC resolve private names both ways"
	}
	return []string{fmt.Sprintf("DNS support and hostnames are on in %s; %s.", strings.Join(a.vpcIDs(), ", "), told)}, nil
}
