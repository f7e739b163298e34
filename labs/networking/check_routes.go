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

func everyIPv4() netip.Prefix { return netip.PrefixFrom(netip.IPv4Unspecified(), 0) }
func everyIPv6() netip.Prefix { return netip.PrefixFrom(netip.IPv6Unspecified(), 0) }

// decideDataIsolated asks for a host in the data tier that may have any address, even a public one, and any security
// group, and leaves the network ACLs out: what no route carries cannot leave, whatever is launched there next and
// whichever rule is edited.
func decideDataIsolated(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	data := a.subnets(dataTier)
	for _, eni := range a.astray(dataTier) {
		leak, err := a.IgnoringACLs().Any(reach.Question{From: reach.Subnets(eni.SubnetId).AsLocations(true), To: reach.Internet()})
		if err != nil {
			return nil, fmt.Errorf("asking the reachability engine: %w", err)
		}
		if leak.Found {
			o.Add(fmt.Sprintf("%s carries %s=%s but stands outside the tier, in %s, which has a way to the internet.", interfaceLabel(eni), roleTag, dataTier.role(), eni.SubnetId), eni.NetworkInterfaceId, eni.SubnetId)
		}
	}
	_, err := a.mustNot(o, a.IgnoringACLs(), reach.Question{From: reach.Subnets(ids(data)...).AsLocations(true), To: reach.Internet()})
	return []string{fmt.Sprintf("No packet from any host in %s of the data tier, there now or launched later, has a way to the internet, on IPv4 or IPv6.", typeset.Count(len(data), "subnet"))}, err
}

func decideMainRT(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	mains := 0
	for _, table := range a.RouteTables {
		if !a.judges(table.VpcId) || !slices.ContainsFunc(table.Associations, func(as reach.RouteTableAssociation) bool { return as.Main }) {
			continue
		}
		mains++
		for _, route := range table.Routes {
			if route.GatewayId != "local" {
				o.Add(fmt.Sprintf("The main route table %s of %s routes %s to %s: every subnet without a table of its own would get that.", table.RouteTableId, a.owner(table.VpcId), destination(route), routeTarget(route)), table.RouteTableId)
			}
		}
	}
	if mains < len(a.vpcs) {
		o.Add(fmt.Sprintf("%d VPCs are judged but only %d main route tables were found.", len(a.vpcs), mains))
	}
	subnets := a.subnets()
	for _, subnet := range subnets {
		table, main, err := a.Engine.RouteTable(subnet.SubnetId)
		if err != nil {
			return nil, fmt.Errorf("finding the route table of %s: %w", subnet.SubnetId, err)
		}
		if main {
			o.Add(fmt.Sprintf("%s has no route table of its own and falls back to the main one, %s.", subnetLabel(subnet), table.RouteTableId), subnet.SubnetId, table.RouteTableId)
		}
	}
	return []string{fmt.Sprintf("%s, local routes only; all %d subnets have a table of their own.", typeset.Count(mains, "main route table"), len(subnets))}, nil
}

func destination(r reach.Route) string {
	switch {
	case r.DestinationCidrBlock != "":
		return r.DestinationCidrBlock
	case r.DestinationIpv6CidrBlock != "":
		return r.DestinationIpv6CidrBlock
	default:
		return r.DestinationPrefixListId
	}
}

func routeTarget(r reach.Route) string {
	for _, id := range []string{r.GatewayId, r.NatGatewayId, r.EgressOnlyInternetGatewayId, r.VpcPeeringConnectionId, r.TransitGatewayId, r.NetworkInterfaceId, r.InstanceId, r.LocalGatewayId, r.CarrierGatewayId, r.CoreNetworkArn} {
		if id != "" {
			return id
		}
	}
	return "nothing"
}

func decideBlackhole(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	tables := map[string]bool{}
	routes := 0
	for _, table := range a.RouteTables {
		if a.judges(table.VpcId) {
			tables[table.RouteTableId] = true
			routes += len(table.Routes)
		}
	}
	for _, table := range a.TransitGatewayRouteTables {
		if slices.ContainsFunc(table.Associations, func(as reach.TransitGatewayTableAttachment) bool { return a.judges(as.ResourceId) }) {
			tables[table.TransitGatewayRouteTableId] = true
			routes += len(table.Routes)
		}
	}
	for _, table := range a.RouteTables {
		for _, route := range table.Routes {
			if why := a.idle(route); tables[table.RouteTableId] && why != "" {
				o.Add(fmt.Sprintf("%s routes %s to %s: %s Packets for it are dropped, even where a shorter route would work.", table.RouteTableId, destination(route), routeTarget(route), why), table.RouteTableId)
			}
		}
	}
	if routes == 0 {
		o.Add("The judged VPCs have no routes at all.")
	}
	for _, hole := range a.Engine.Blackholes() {
		if tables[hole.RouteTableID] {
			o.Add(fmt.Sprintf("%s routes %s to %s: %s Packets for it are dropped, even where a shorter route would work.", hole.RouteTableID, hole.Destination, hole.Target, say.Sentence(hole.Reason)), hole.RouteTableID)
		}
	}
	return []string{fmt.Sprintf("Every target of %d routes in %d route tables is there and carries packets.", routes, len(tables))}, nil
}

// idle says why a route's target carries no packets though it is there, or though no Describe call that is read lists its
// kind. Of a route's State only the bad news is taken: an emulator may call every route active.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func (a *architecture) idle(route reach.Route) string {
	detached := func(eni reach.NetworkInterface) bool {
		return eni.NetworkInterfaceId == route.NetworkInterfaceId && eni.Status == "available"
	}
	switch {
	case slices.ContainsFunc(a.NetworkInterfaces, detached):
		return "the interface is attached to nothing."
	case route.State == "blackhole" && (route.CoreNetworkArn != "" || route.LocalGatewayId != "" || route.CarrierGatewayId != "" || strings.HasPrefix(route.GatewayId, "vgw-")):
		return "the target is not attached or does not exist."
	}
	return ""
}

func decideV6Egress(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	private := a.privateSubnets()
	out := 0
	for _, subnet := range private {
		shares, err := a.Engine.Partition(subnet.SubnetId, everyIPv6())
		if err != nil {
			return nil, fmt.Errorf("reading the routes of %s: %w", subnet.SubnetId, err)
		}
		egress, covered := false, false
		for _, share := range shares {
			atLarge := toInternetAtLarge(share)
			covered = covered || atLarge
			switch {
			case share.Kind == reach.TargetEgressOnly && atLarge && share.Live:
				egress = true
			case share.Kind == reach.TargetInternetGateway, atLarge && share.Kind != reach.TargetEgressOnly:
				o.Add(fmt.Sprintf("%s sends %s to %s %s: an IPv6 address is public, so whoever is behind that can open connections to it.", subnetLabel(subnet), share.Destination, share.Kind, share.Target), subnet.SubnetId, share.RouteTableID)
			case atLarge:
				o.Add(fmt.Sprintf("%s sends %s to %s, which carries no packets: %s", subnetLabel(subnet), share.Destination, share.Target, say.Sentence(share.Reason)), subnet.SubnetId, share.RouteTableID)
			}
		}
		switch {
		case egress:
			out++
		case a.tierOf(subnet) == appTier && len(prefixes6(subnet)) > 0 && !covered:
			o.Add(fmt.Sprintf("%s has IPv6 addresses but no route ::/0: its hosts have no IPv6 way out.", subnetLabel(subnet)), subnet.SubnetId)
		}
	}
	if out == 0 {
		o.Add("No private subnet has a route ::/0 to a live egress-only internet gateway, so nothing shows that IPv6 leaves that way.")
	}
	return []string{fmt.Sprintf("IPv6 leaves %s by an egress-only gateway; the other %d private subnets have no IPv6 way out.", typeset.Count(out, "private subnet"), len(private)-out)}, nil
}
