package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
)

type transitGateway struct {
	rec   *TransitGateway
	byVPC map[string]*attachment
}

// attachment is a VPC's attachment to a transit gateway.
type attachment struct {
	rec     *TransitGatewayVpcAttachment
	vpc     *vpc
	subnets []*subnet
	table   *transitTable // the route table that it is associated with
}

type transitTable struct {
	id     string
	routes [2][]transitRoute
}

type transitRoute struct {
	prefix     netip.Prefix
	attachment string // "" for a blackhole
	resource   string // the kind of thing attached
	propagated bool
}

func (e *Engine) indexTransit() {
	for i := range e.network.TransitGateways {
		rec := &e.network.TransitGateways[i]
		e.tgws[rec.TransitGatewayId] = &transitGateway{rec: rec, byVPC: map[string]*attachment{}}
	}
	for i := range e.network.TransitGatewayVpcAttachments {
		rec := &e.network.TransitGatewayVpcAttachments[i]
		a := &attachment{rec: rec, vpc: e.vpc(rec.VpcId)}
		for _, id := range rec.SubnetIds {
			a.subnets = append(a.subnets, e.subnet(id, rec.VpcId))
		}
		e.attachments[rec.TransitGatewayAttachmentId] = a
		if g := e.tgws[rec.TransitGatewayId]; g != nil && a.dead() == "" {
			g.byVPC[rec.VpcId] = a
		}
	}
	for i := range e.network.TransitGatewayRouteTables {
		e.indexTransitTable(&e.network.TransitGatewayRouteTables[i])
	}
}

// dead says why an attachment carries no packets, or "".
func (a *attachment) dead() string {
	if a.rec.State == "" || a.rec.State == "available" || a.rec.State == "modifying" {
		return ""
	}
	return fmt.Sprintf("%s is %s", a.rec.TransitGatewayAttachmentId, a.rec.State)
}

func (e *Engine) indexTransitTable(rec *TransitGatewayRouteTable) {
	t := &transitTable{id: rec.TransitGatewayRouteTableId}
	e.tgwTables[t.id] = t
	for _, assoc := range rec.Associations {
		if a := e.attachments[assoc.TransitGatewayAttachmentId]; a != nil && inForce(assoc.State) {
			a.table = t
		}
	}
	for _, r := range rec.Routes {
		e.addTransitRoute(t, &r)
	}
	e.addPropagations(t, rec)
	for f := range t.routes {
		slices.SortStableFunc(t.routes[f], compareTransitRoutes)
	}
}

func (e *Engine) addTransitRoute(t *transitTable, r *TransitGatewayRoute) {
	prefixes := e.listPrefixes(r.PrefixListId)
	if p, ok := parsePrefix(r.DestinationCidrBlock); ok {
		prefixes = []netip.Prefix{p}
	}
	for _, p := range prefixes {
		route := transitRoute{prefix: p, propagated: r.Type == "propagated"}
		if len(r.TransitGatewayAttachments) > 0 {
			route.attachment = r.TransitGatewayAttachments[0].TransitGatewayAttachmentId
			route.resource = cmp.Or(r.TransitGatewayAttachments[0].ResourceType, "vpc")
		}
		f := familyOf(p.Addr()).index()
		t.routes[f] = append(t.routes[f], route)
	}
}

// addPropagations adds the ranges of the VPCs that propagate into the table, since not every server lists those routes.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html#tgw-route-propagation-overview
func (e *Engine) addPropagations(t *transitTable, rec *TransitGatewayRouteTable) {
	for _, p := range rec.Propagations {
		a := e.attachments[p.TransitGatewayAttachmentId]
		if a == nil || p.State != "" && p.State != "enabled" {
			continue
		}
		for _, prefix := range a.vpc.localPrefixes() {
			f := familyOf(prefix.Addr()).index()
			t.routes[f] = append(t.routes[f], transitRoute{prefix: prefix, attachment: p.TransitGatewayAttachmentId, resource: "vpc", propagated: true})
		}
	}
}

// compareTransitRoutes orders routes as they win: the longest prefix, then static before propagated.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html#tgw-route-evaluation-overview
func compareTransitRoutes(a, b transitRoute) int {
	return cmp.Or(
		cmp.Compare(b.prefix.Bits(), a.prefix.Bits()),
		a.prefix.Addr().Compare(b.prefix.Addr()),
		cmp.Compare(btoi(a.propagated), btoi(b.propagated)),
	)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (e *Engine) deadTransit(v *vpc, id string) string {
	g := e.tgws[id]
	switch {
	case g == nil:
		return id + " doesn't exist"
	case g.rec.State != "" && g.rec.State != "available" && g.rec.State != "modifying":
		return fmt.Sprintf("%s is %s", id, g.rec.State)
	case g.byVPC[v.id] == nil:
		return fmt.Sprintf("%s has no available attachment to %s", v.id, id)
	}
	return ""
}

// throughTransit takes packets from a subnet into a transit gateway: by the attachment's subnet in the same zone, whose network ACL applies inbound, to the
// route table that the attachment is associated with.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
func (w *walk) throughTransit(f flow, id string, s *subnet) {
	a := w.e.tgws[id].byVPC[s.vpc.id]
	attachmentID := a.rec.TransitGatewayAttachmentId
	door := a.inZone(s.zone)
	if door == nil {
		w.drop(f, ComponentAttachment, attachmentID, Drops,
			func() string {
				return fmt.Sprintf("Attachment %s has no subnet in %s, the zone of %s: hosts in that zone can't reach the transit gateway.", attachmentID, s.zone, s.id)
			},
			func() string { return fmt.Sprintf("Add a subnet in %s to %s.", s.zone, attachmentID) })
		return
	}
	if !w.carriesFamily(f, a) || !w.acl(&f, door, false) {
		return
	}
	w.pass(&f, ComponentAttachment, attachmentID, Passes, func() string {
		return fmt.Sprintf("Attachment %s takes the packet from %s, by %s in the same zone, to transit gateway %s.", attachmentID, s.vpc.id, door.id, id)
	})
	if a.table == nil {
		w.drop(f, ComponentAttachment, attachmentID, Drops,
			func() string {
				return fmt.Sprintf("Attachment %s is associated with no transit gateway route table.", attachmentID)
			},
			func() string { return fmt.Sprintf("Associate %s with a transit gateway route table.", attachmentID) })
		return
	}
	w.acrossTransit(f, w.e.tgws[id], a, s.zone)
}

func (w *walk) carriesFamily(f flow, a *attachment) bool {
	if w.f == IPv4 || a.rec.Options.Ipv6Support != "disable" {
		return true
	}
	id := a.rec.TransitGatewayAttachmentId
	w.drop(f, ComponentAttachment, id, Drops,
		func() string { return fmt.Sprintf("IPv6 support of attachment %s is switched off.", id) },
		func() string { return fmt.Sprintf("Switch IPv6 support of %s on.", id) })
	return false
}

func (a *attachment) inZone(zone string) *subnet {
	for _, s := range a.subnets {
		if s.zone == zone {
			return s
		}
	}
	return nil
}

// acrossTransit divides packets by the transit gateway's route table.
func (w *walk) acrossTransit(f flow, g *transitGateway, from *attachment, zone string) {
	t := from.table
	routes := t.routes[w.f.index()]
	for i := range routes {
		r := &routes[i]
		part := f
		if part.set = f.set.toward(addrs{prefixRange(r.prefix)}); len(part.set) == 0 {
			continue
		}
		f.set = f.set.notToward(addrs{prefixRange(r.prefix)})
		w.followTransit(part, g, t, r, from, zone)
		if w.stop {
			return
		}
	}
	if len(f.set) > 0 {
		w.drop(f, ComponentTransitTable, t.id, Drops,
			func() string {
				return fmt.Sprintf("Transit gateway route table %s has no route that holds %s.", t.id, describeAddrs(f.set.destinations()))
			},
			func() string {
				return fmt.Sprintf("Add a route for %s to %s, or let the destination's attachment propagate into it.", describeAddrs(f.set.destinations()), t.id)
			})
	}
}

func (w *walk) followTransit(f flow, g *transitGateway, t *transitTable, r *transitRoute, from *attachment, zone string) {
	sentence := fmt.Sprintf
	to := w.e.attachments[r.attachment]
	dead := w.e.deadAttachment(r)
	switch {
	case r.attachment == "" || dead != "":
		w.drop(f, ComponentTransitTable, t.id, Drops,
			func() string {
				return sentence("Transit gateway route table %s: the longest prefix that holds %s is %s, a blackhole%s.", t.id,
					describeAddrs(f.set.destinations()), r.prefix, parenthesis(dead))
			},
			func() string { return sentence("Point %s in %s to a live attachment.", r.prefix, t.id) })
		return
	case to == nil:
		w.undecided(f, ComponentTransitTable, t.id, func() string {
			return sentence("Transit gateway route table %s sends %s to %s (%s), beyond what the snapshot describes.", t.id, r.prefix, r.attachment, r.resource)
		})
		return
	}
	w.pass(&f, ComponentTransitTable, t.id, Routes, func() string {
		kind := "static"
		if r.propagated {
			kind = "propagated"
		}
		return sentence("Transit gateway route table %s sends %s (%s) to %s: the longest prefix that holds %s.", t.id, r.prefix, kind, r.attachment,
			describeAddrs(f.set.destinations()))
	})
	if !w.carriesFamily(f, to) {
		return
	}
	f.via = via{viaTransitNoGroups, from.vpc.id}
	if referencing(g.rec, from, to) {
		f.via.kind = viaTransit
	}
	f.src, f.vpc = nil, to.vpc
	for _, door := range w.doors(to, zone) {
		h := f
		w.pass(&h, ComponentAttachment, r.attachment, Passes, func() string {
			return sentence("Attachment %s takes the packet into %s, by %s, whose route table and network ACL apply from here.", r.attachment, to.vpc.id, door.id)
		})
		w.leave(h, door)
	}
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// deadAttachment says why a route's attachment carries no packets, or "". One of another kind than a VPC's isn't in the snapshot and counts as live.
func (e *Engine) deadAttachment(r *transitRoute) string {
	a := e.attachments[r.attachment]
	switch {
	case r.attachment == "" || a == nil && r.resource != "vpc":
		return ""
	case a == nil:
		return r.attachment + " doesn't exist"
	}
	return a.dead()
}

// referencing says whether security groups may be referred to across the transit gateway: it is off by default for the gateway and on for its attachments.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html#vpc-attachment-security
func referencing(g *TransitGateway, attachments ...*attachment) bool {
	return g.Options.SecurityGroupReferencingSupport == "enable" &&
		!slices.ContainsFunc(attachments, func(a *attachment) bool { return a.rec.Options.SecurityGroupReferencingSupport == "disable" })
}

// doors are the subnets by which packets may come out of a transit gateway: the one in the zone where they started if the attachment has one there,
// any otherwise or in appliance mode. Where they may be several, a must-reach question is answered for the first.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
func (w *walk) doors(a *attachment, zone string) []*subnet {
	if s := a.inZone(zone); s != nil && a.rec.Options.ApplianceModeSupport != "enable" {
		return []*subnet{s}
	}
	if w.exact && len(a.subnets) > 1 {
		return a.subnets[:1]
	}
	return a.subnets
}
