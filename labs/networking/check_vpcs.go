package networking

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"labctl/checks"
	"labctl/checks/reach"
	"labctl/checks/report/typeset"
)

// decideEnvSplit asks for any packet between dev and prod, from and to whatever may be launched there, and then whether
// the tooling works for both. Environments are apart when no route joins them, so the network ACLs are left out of it.
func decideEnvSplit(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	devs, prods := reach.VPCs(a.vpcIDs(dev)...).AsLocations(true), reach.VPCs(a.vpcIDs(prod)...).AsLocations(true)
	for _, q := range []reach.Question{{From: devs, To: prods}, {From: prods, To: devs}} {
		if _, err := a.mustNot(o, a.IgnoringACLs(), q); err != nil {
			return nil, err
		}
	}
	tools := a.hosts(sharedTier)
	if len(tools) == 0 {
		o.Add("No network interface of a host stands in the shared tier: there is no tooling to reach.")
	}
	for _, t := range []tier{appTier, devTier} {
		users := a.hosts(t)
		if len(users) == 0 {
			o.Add(fmt.Sprintf("No network interface of a host stands in the %s tier: nothing uses the tooling.", t.role()))
		}
		if err := a.mustConnect(o, users, tools, https); err != nil {
			return nil, err
		}
	}
	return []string{fmt.Sprintf("No packet gets from dev to prod or back; the app tier and dev reach all of %s on tcp/443.", typeset.Count(len(tools), "shared host"))}, nil
}

// decidePeerRoutes judges the routes by which the VPCs reach each other, over a peering or a transit gateway. A spoke (prod, dev) may have
// routes to the shared tier's subnets, and the shared VPC to those subnets of the spokes that have such a route.
func decidePeerRoutes(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	links, err := a.links()
	if err != nil {
		return nil, err
	}
	users := map[string]int{}
	var using []reach.Subnet
	for _, l := range links {
		if l.there == nil && l.back == nil {
			continue
		}
		switch {
		case l.back == nil:
			o.Add(fmt.Sprintf("%s has a route to %s by %s, but no route leads back: replies are lost in %s.", subnetLabel(l.user), subnetLabel(l.tool), l.there.Target, subnetLabel(l.tool)), l.user.SubnetId, l.tool.SubnetId)
		case l.there == nil:
			o.Add(fmt.Sprintf("%s has a route to %s by %s, but no route leads back: replies are lost in %s.", subnetLabel(l.tool), subnetLabel(l.user), l.back.Target, subnetLabel(l.user)), l.tool.SubnetId, l.user.SubnetId)
		case l.there.Kind != l.back.Kind || l.there.Target != l.back.Target:
			o.Add(fmt.Sprintf("%s reaches %s by %s, but the way back is %s.", subnetLabel(l.user), subnetLabel(l.tool), l.there.Target, l.back.Target), l.user.SubnetId, l.tool.SubnetId)
		}
		users[a.vpcRole(l.user.VpcId)]++
		using = append(using, l.user)
	}
	for _, role := range []string{prod, dev} {
		if users[role] == 0 {
			o.Add(fmt.Sprintf("No subnet of the %s VPC has a route to the shared subnets, nor they to it.", role), a.vpcIDs(role)...)
		}
	}
	a.tooWide(o, using)
	return []string{fmt.Sprintf("Prod (%s) and dev (%s) have routes to the shared subnets and back, and to nothing else.", typeset.Count(users[prod], "pair"), typeset.Count(users[dev], "pair"))}, nil
}

// link is a pair of subnets, one of a spoke and one of the shared tier, with the route between them in each direction;
// nil where there is none. It is for one address family.
type link struct {
	user, tool  reach.Subnet
	there, back *reach.RouteShare
}

func (a *architecture) links() ([]link, error) {
	var found []link
	for _, user := range a.subnets() {
		if role := a.vpcRole(user.VpcId); role != prod && role != dev {
			continue
		}
		for _, tool := range a.subnets(sharedTier) {
			for _, userRange := range prefixes(user) {
				for _, toolRange := range prefixes(tool) {
					if userRange.Addr().Is4() != toolRange.Addr().Is4() {
						continue
					}
					there, err := a.between(user, toolRange)
					if err != nil {
						return nil, err
					}
					back, err := a.between(tool, userRange)
					if err != nil {
						return nil, err
					}
					found = append(found, link{user: user, tool: tool, there: there, back: back})
				}
			}
		}
	}
	return found, nil
}

// between is the route from a subnet to all addresses of a range in a different VPC. Where several routes share the range,
// they are one if they lead to the same target; where a part of it has none, there is no route to it.
func (a *architecture) between(from reach.Subnet, to netip.Prefix) (*reach.RouteShare, error) {
	shares, err := a.Engine.Partition(from.SubnetId, to)
	if err != nil {
		return nil, fmt.Errorf("reading the routes of %s: %w", from.SubnetId, err)
	}
	for _, share := range shares {
		if !share.Live || !connects(share.Kind) || share.Target != shares[0].Target {
			return nil, nil
		}
	}
	return &shares[0], nil
}

func connects(kind reach.TargetKind) bool {
	return kind == reach.TargetPeering || kind == reach.TargetTransit
}

// tooWide adds an offence for every route over a peering or transit gateway, in any table of the judged VPCs, that
// covers more than it has to.
func (a *architecture) tooWide(o *checks.Offences, using []reach.Subnet) {
	var tools, users []netip.Prefix
	for _, subnet := range a.subnets(sharedTier) {
		tools = append(tools, prefixes(subnet)...)
	}
	for _, subnet := range using {
		users = append(users, prefixes(subnet)...)
	}
	for _, table := range a.RouteTables {
		if !a.judges(table.VpcId) {
			continue
		}
		allowed, what := tools, "the shared subnets"
		if a.vpcRole(table.VpcId) == shared {
			allowed, what = users, "the subnets that use the tooling"
		}
		for _, route := range table.Routes {
			if route.VpcPeeringConnectionId == "" && route.TransitGatewayId == "" && route.CoreNetworkArn == "" {
				continue
			}
			if _, err := a.Engine.PrefixList(route.DestinationPrefixListId); err != nil && route.DestinationPrefixListId != "" {
				o.Add(fmt.Sprintf("%s routes %s to %s: which addresses these are is not known.", label(table.RouteTableId, table.Tags), destination(route), routeTarget(route)), table.RouteTableId)
			}
			for _, prefix := range a.destinations(route) {
				if !covered(prefix, allowed) {
					o.Add(fmt.Sprintf("%s routes %s to %s: that is more than %s.", label(table.RouteTableId, table.Tags), prefix, routeTarget(route), what), table.RouteTableId)
				}
			}
		}
	}
}

// destinations are the prefixes that a route is for.
func (a *architecture) destinations(route reach.Route) []netip.Prefix {
	var found []netip.Prefix
	if p, err := netip.ParsePrefix(destination(route)); err == nil {
		return append(found, p)
	}
	for _, list := range a.ManagedPrefixLists {
		if list.PrefixListId != route.DestinationPrefixListId {
			continue
		}
		for _, entry := range list.Entries {
			if p, err := netip.ParsePrefix(entry.Cidr); err == nil {
				found = append(found, p)
			}
		}
	}
	return found
}

// covered tells whether every address of p is in one of the prefixes.
func covered(p netip.Prefix, by []netip.Prefix) bool {
	if slices.ContainsFunc(by, func(b netip.Prefix) bool { return b.Bits() <= p.Bits() && b.Contains(p.Addr()) }) {
		return true
	}
	if p.Bits() == p.Addr().BitLen() || !slices.ContainsFunc(by, p.Overlaps) {
		return false
	}
	lower, upper := halves(p)
	return covered(lower, by) && covered(upper, by)
}

func halves(p netip.Prefix) (lower, upper netip.Prefix) {
	bits := p.Bits() + 1
	bytes := p.Masked().Addr().AsSlice()
	bytes[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
	high, _ := netip.AddrFromSlice(bytes)
	return netip.PrefixFrom(p.Masked().Addr(), bits), netip.PrefixFrom(high, bits)
}
