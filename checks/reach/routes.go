package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// table is a route table, its routes in the order in which they win.
type table struct {
	rec    *RouteTable
	id     string
	vpc    *vpc
	routes [2][]route
	// unheld are the prefix lists that routes name and the snapshot doesn't hold.
	unheld []string
}

// route is one prefix of a route: a route to a prefix list makes one for each entry.
type route struct {
	prefix     netip.Prefix
	addrs      addrs
	prefixList string
	kind       TargetKind
	target     string
	propagated bool
	implicit   bool // a local route that the snapshot leaves out
	// dead says why packets sent to the target are lost; "" for a live one.
	dead string
}

// indexTables orders every table's routes and ties tables to subnets.
//
// A subnet with no association of its own uses the VPC's main table.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
func (e *Engine) indexTables() {
	for i := range e.network.RouteTables {
		rec := &e.network.RouteTables[i]
		t := e.compileTable(rec)
		e.tables[t.id] = t
		for _, a := range rec.Associations {
			switch {
			case !inForce(a.AssociationState.State):
			case a.Main:
				t.vpc.main = t
			case a.SubnetId != "":
				e.subnet(a.SubnetId, rec.VpcId).table = t
			case a.GatewayId != "" && a.GatewayId == t.vpc.igw:
				t.vpc.edge = t
			}
		}
	}
}

// indexDefaults gives the subnets without a table or a network ACL of their own the VPC's, once all subnets are known, those too that something
// names but the snapshot doesn't describe.
func (e *Engine) indexDefaults(acls map[*vpc]*acl) {
	for _, id := range sortedKeys(e.subnets) {
		s := e.subnets[id]
		if s.acl == nil {
			s.acl = acls[s.vpc]
		}
		if s.table != nil {
			continue
		}
		s.main = true
		if s.vpc.main == nil {
			// Every VPC has a main table with its local routes, whether the snapshot shows it or not.
			s.vpc.main = e.compileTable(&RouteTable{RouteTableId: "main table of " + s.vpc.id, VpcId: s.vpc.id})
		}
		s.table = s.vpc.main
	}
}

func (e *Engine) compileTable(rec *RouteTable) *table {
	t := &table{rec: rec, id: rec.RouteTableId, vpc: e.vpc(rec.VpcId)}
	seen := map[netip.Prefix]bool{}
	for _, r := range rec.Routes {
		kind, target := targetOf(&r)
		dead := e.deadTarget(t.vpc, kind, target)
		if list := r.DestinationPrefixListId; list != "" && e.prefixLists[list] == nil {
			t.unheld = append(t.unheld, list)
		}
		for _, p := range e.routePrefixes(&r) {
			seen[p] = seen[p] || r.DestinationPrefixListId == ""
			t.add(route{prefix: p, prefixList: r.DestinationPrefixListId, kind: kind, target: target, dead: dead,
				propagated: r.Origin == "EnableVgwRoutePropagation"})
		}
	}
	// The local routes cannot be deleted, only given another target.
	for _, p := range t.vpc.localPrefixes() {
		if !seen[p] {
			t.add(route{prefix: p, kind: TargetLocal, target: "local", implicit: true})
		}
	}
	for f := range t.routes {
		slices.SortStableFunc(t.routes[f], compareRoutes)
	}
	return t
}

// localPrefixes are the VPC's ranges or, for a VPC that the snapshot doesn't describe, its subnets'.
func (v *vpc) localPrefixes() []netip.Prefix {
	if len(v.cidrs) > 0 {
		return v.cidrs
	}
	var out []netip.Prefix
	for _, s := range v.subnets {
		for f := range s.ranges {
			out = append(out, toPrefixes(s.ranges[f])...)
		}
	}
	return out
}

func (t *table) add(r route) {
	r.addrs = addrs{prefixRange(r.prefix)}
	f := familyOf(r.prefix.Addr()).index()
	t.routes[f] = append(t.routes[f], r)
}

// compareRoutes orders routes as they win: the longest prefix, even when its target is dead; between equal prefixes the
// local route, then a static route to a CIDR block, then one to a prefix list, then a propagated one. Between two prefix lists AWS picks
// at random; the engine takes the first by id.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func compareRoutes(a, b route) int {
	return cmp.Or(
		cmp.Compare(b.prefix.Bits(), a.prefix.Bits()),
		a.prefix.Addr().Compare(b.prefix.Addr()),
		cmp.Compare(a.rank(), b.rank()),
		strings.Compare(a.prefixList, b.prefixList),
	)
}

func (r *route) rank() int {
	switch {
	case r.kind == TargetLocal:
		return 0
	case r.propagated:
		return 3
	case r.prefixList != "":
		return 2
	default:
		return 1
	}
}

// routePrefixes are the prefixes that a route holds: its CIDR block, or the entries of its prefix list.
func (e *Engine) routePrefixes(r *Route) []netip.Prefix {
	if r.DestinationPrefixListId != "" {
		return e.listPrefixes(r.DestinationPrefixListId)
	}
	if p, ok := parsePrefix(cmp.Or(r.DestinationCidrBlock, r.DestinationIpv6CidrBlock)); ok {
		return []netip.Prefix{p}
	}
	return nil
}

func (e *Engine) listPrefixes(id string) []netip.Prefix {
	list := e.prefixLists[id]
	if list == nil {
		return nil
	}
	var out []netip.Prefix
	for _, entry := range list.Entries {
		if p, ok := parsePrefix(entry.Cidr); ok {
			out = append(out, p)
		}
	}
	return out
}

// targetOf reads which target a route names. GatewayId stands for several kinds, told apart by the id.
func targetOf(r *Route) (TargetKind, string) {
	switch {
	case r.NatGatewayId != "":
		return TargetNAT, r.NatGatewayId
	case r.TransitGatewayId != "":
		return TargetTransit, r.TransitGatewayId
	case r.VpcPeeringConnectionId != "":
		return TargetPeering, r.VpcPeeringConnectionId
	case r.EgressOnlyInternetGatewayId != "":
		return TargetEgressOnly, r.EgressOnlyInternetGatewayId
	case r.NetworkInterfaceId != "" || r.InstanceId != "":
		return TargetInterface, cmp.Or(r.NetworkInterfaceId, r.InstanceId)
	}
	id := cmp.Or(r.GatewayId, r.LocalGatewayId, r.CarrierGatewayId, r.CoreNetworkArn)
	for prefix, kind := range map[string]TargetKind{
		"igw-": TargetInternetGateway, "vpce-": TargetEndpoint, "eigw-": TargetEgressOnly, "nat-": TargetNAT,
		"tgw-": TargetTransit, "pcx-": TargetPeering, "eni-": TargetInterface,
	} {
		if strings.HasPrefix(id, prefix) {
			return kind, id
		}
	}
	switch id {
	case "local":
		return TargetLocal, id
	case "":
		return TargetNone, ""
	}
	return TargetOther, id
}

// deadTarget says why a target carries no packets, or "". It resolves the target itself: a route's State is what an
// emulator, or a snapshot taken a while ago, last believed. AWS calls such a route a blackhole.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func (e *Engine) deadTarget(v *vpc, kind TargetKind, id string) string {
	switch kind {
	case TargetLocal:
		return ""
	case TargetInternetGateway:
		return e.deadInternetGateway(v, id)
	case TargetEgressOnly:
		return e.deadEgressOnly(v, id)
	case TargetNAT:
		return e.deadNAT(v, id)
	case TargetEndpoint:
		return e.deadEndpoint(v, id)
	case TargetPeering:
		return e.deadPeering(v, id)
	case TargetTransit:
		return e.deadTransit(v, id)
	case TargetInterface:
		return e.deadInterface(id)
	case TargetOther:
		return "" // a snapshot doesn't list these; the walk says that it can't follow them
	default:
		return "the route names no target"
	}
}

func (e *Engine) deadInterface(id string) string {
	for i := range e.network.NetworkInterfaces {
		rec := &e.network.NetworkInterfaces[i]
		if rec.NetworkInterfaceId == id || rec.Attachment != nil && rec.Attachment.InstanceId == id {
			return ""
		}
	}
	return id + " doesn't exist"
}

// share is a part of a set of packets and the route that takes it; route is nil where none does.
type share struct {
	route *route
	set   packets
}

// lookup divides packets among the routes of the table by their destination. Every packet is in exactly one share.
func (t *table) lookup(f Family, set packets) []share {
	var out []share
	for i := range t.routes[f.index()] {
		if len(set) == 0 {
			return out
		}
		r := &t.routes[f.index()][i]
		if taken := set.toward(r.addrs); len(taken) > 0 {
			out = append(out, share{r, taken})
			set = set.notToward(r.addrs)
		}
	}
	if len(set) > 0 {
		out = append(out, share{nil, set})
	}
	return out
}

// toGateway is the part of the addresses that the table sends to the target.
func (t *table) toGateway(f Family, to addrs, target string) addrs {
	var out addrs
	for _, s := range t.lookup(f, packets{{dst: to}}) {
		if s.route != nil && s.route.target == target && s.route.dead == "" {
			out = out.union(s.set.destinations())
		}
	}
	return out
}

// name says which table it is and whether the subnet has it by default only.
func (s *subnet) tableName() string {
	if s.main {
		return s.table.id + " (main)"
	}
	return s.table.id
}

// explainRoute is the sentence for the route that the subnet's table picks.
func (s *subnet) explainRoute(r *route, to addrs) string {
	return explainRoute(s.tableName(), r, to) + s.table.leftOut(r)
}

// leftOut names the prefix lists whose entries may hold the packet but aren't known.
func (t *table) leftOut(r *route) string {
	if len(t.unheld) == 0 || r != nil && r.kind == TargetLocal {
		return ""
	}
	return fmt.Sprintf(" The snapshot doesn't hold prefix list %s, so its routes are left out.", strings.Join(t.unheld, ", "))
}

// explainRoute is the sentence for the route that a table picks.
func explainRoute(tableName string, r *route, to addrs) string {
	if r == nil {
		return fmt.Sprintf("Route table %s has no route that holds %s.", tableName, describeAddrs(to))
	}
	what := r.prefix.String()
	if r.prefixList != "" {
		what = fmt.Sprintf("%s (in prefix list %s)", what, r.prefixList)
	}
	target := r.target
	if r.kind == TargetLocal {
		target = "local, inside the VPC"
	}
	s := fmt.Sprintf("Route table %s sends %s to %s: the longest prefix that holds %s.", tableName, what, target, describeAddrs(to))
	if r.dead != "" {
		s += fmt.Sprintf(" The target is dead (%s), and no shorter prefix takes its place: the route is a blackhole.", r.dead)
	}
	return s
}
