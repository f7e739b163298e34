package reach

import (
	"fmt"
	"net/netip"
)

// walk follows sets of packets of one family, one way. It is the one place where the rules meet; Trace and Any differ in what they
// do with what arrives and what is lost.
type walk struct {
	e     *Engine
	f     Family
	dir   Direction
	goal  *goal
	reply bool // the packets answer others, so what keeps state lets them pass
	// exact asks for an account of every packet lost. It needs a goal whose hosts have one address each.
	exact   bool
	explain bool
	// hairpin follows packets that leave by an internet gateway to the public address of a goal.
	hairpin bool
	arrive  func(flow, arrival)
	lose    func(flow, loss)
	stop    bool
}

// goal is where packets are to arrive.
type goal struct {
	hosts    []*host
	bySubnet map[*vpc][]goalSubnet
	outside  addrs // addresses beyond the gateways
	service  bool  // those addresses may also be a service behind a gateway endpoint
}

type goalSubnet struct {
	subnet *subnet
	hosts  []*host
	addrs  addrs
}

// flow is a set of packets on its way.
type flow struct {
	set    packets
	origin *host // where it started; nil outside
	src    *host // whose address it carries, for an internet gateway to translate; nil when it entered the VPC from another network
	vpc    *vpc
	via    via
	nats   []*natGateway
	exit   exit
	hops   *trail
	steps  int
	depth  int
	// uncertain says that the way so far led through something that the snapshot doesn't hold.
	uncertain bool
}

// via is how packets came into the VPC that they are in: it decides what security group references mean.
type via struct {
	kind viaKind
	from string // the VPC that they came from
}

type viaKind int

const (
	viaLocal viaKind = iota
	viaPeering
	viaTransit         // with security group referencing
	viaTransitNoGroups // without
	viaInternet
)

// exit is how packets left the network, which decides how replies come back.
type exit struct {
	kind TargetKind
	id   string
}

// arrival is where packets arrived; host is nil beyond the gateways.
type arrival struct {
	host      *host
	uncertain bool
}

// loss is why packets got no further.
type loss struct {
	hop    Hop
	change string
	set    packets
	total  bool // nothing is left to go on
}

// trail is the list of hops so far, shared by the flows that branch off it.
type trail struct {
	before *trail
	hop    Hop
}

func (t *trail) list() []Hop {
	n := 0
	for at := t; at != nil; at = at.before {
		n++
	}
	hops := make([]Hop, n)
	for at := t; at != nil; at = at.before {
		n--
		hops[n] = at.hop
	}
	return hops
}

// maxDepth bounds how many gateways packets pass: real ones die of their time to live in a loop.
const maxDepth = 12

func newGoal(hosts []*host, f Family, outside addrs) *goal {
	g := &goal{hosts: hosts, outside: outside, bySubnet: map[*vpc][]goalSubnet{}}
	at := map[*subnet]int{}
	ranges := map[*subnet][]span[netip.Addr]{}
	for _, h := range hosts {
		list := g.bySubnet[h.vpc()]
		i, ok := at[h.subnet]
		if !ok {
			i = len(list)
			at[h.subnet] = i
			list = append(list, goalSubnet{subnet: h.subnet})
		}
		list[i].hosts = append(list[i].hosts, h)
		ranges[h.subnet] = append(ranges[h.subnet], h.addrs[f.index()]...)
		g.bySubnet[h.vpc()] = list
	}
	for _, list := range g.bySubnet {
		for i := range list {
			list[i].addrs = makeSpans(ranges[list[i].subnet])
		}
	}
	return g
}

// pass notes a component that lets packets by. The text is only made when it is wanted.
func (w *walk) pass(f *flow, c Component, id string, d Decision, text func() string) {
	f.steps++
	if w.explain {
		f.hops = &trail{f.hops, Hop{c, id, w.dir, d, text()}}
	}
}

// drop notes a component that stops all that is left.
func (w *walk) drop(f flow, c Component, id string, d Decision, text, change func() string) {
	if w.lose == nil {
		return
	}
	l := loss{hop: Hop{Component: c, ID: id, Direction: w.dir, Decision: d}, set: f.set, total: true}
	f.steps++
	if w.explain {
		l.hop.Explanation, l.change = text(), change()
		f.hops = &trail{f.hops, l.hop}
	}
	w.lose(f, l)
}

// partly notes what one component stops, where the rest goes on. The hop itself is noted by pass.
func (w *walk) partly(f *flow, c Component, id string, lost packets, text, change func() string) {
	if w.lose == nil || len(lost) == 0 {
		return
	}
	l := loss{hop: Hop{Component: c, ID: id, Direction: w.dir, Decision: PartAllows}, set: lost}
	if w.explain {
		l.hop.Explanation, l.change = text(), change()
	}
	w.lose(*f, l)
}

// undecided ends the walk at something that the engine can't see through. For a must-reach question that is a block, for a
// must-never-reach question a possible leak.
func (w *walk) undecided(f flow, c Component, id string, text func() string) {
	if w.exact {
		w.drop(f, c, id, Undecided, text, func() string {
			return fmt.Sprintf("Nothing that this analysis can name: look at %s itself, or route around it.", id)
		})
		return
	}
	w.pass(&f, c, id, Undecided, text)
	w.arrive(f, arrival{uncertain: true})
}

// fromHost starts packets at a host.
func (w *walk) fromHost(f flow, h *host) {
	f.src, f.vpc, f.via = h, h.vpc(), via{kind: viaLocal}
	if !w.groups(&f, h, true) {
		return
	}
	w.leave(f, h.subnet)
}

// leave sends packets out of a subnet's network interfaces. Those for the same subnet meet neither a network ACL nor a route;
// all others pass the network ACL outbound and go where the route table says.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func (w *walk) leave(f flow, s *subnet) {
	if w.stop {
		return
	}
	own := s.ranges[w.f.index()]
	if inside := f.set.toward(own); len(inside) > 0 {
		g := f
		g.set = inside
		w.pass(&g, ComponentSubnet, s.id, Passes, func() string {
			return fmt.Sprintf("%s is in the same subnet %s: no network ACL and no route table is asked.", describeAddrs(inside.destinations()), s.id)
		})
		w.deliver(g, s.vpc, s)
	}
	f.set = f.set.notToward(own)
	if len(f.set) == 0 || w.stop || !w.acl(&f, s, true) {
		return
	}
	w.route(f, s)
}

// route divides packets by the subnet's route table and follows each part.
func (w *walk) route(f flow, s *subnet) {
	for _, part := range s.table.lookup(w.f, f.set) {
		if w.stop {
			return
		}
		g, r := f, part.route
		g.set = part.set
		text := func() string { return s.explainRoute(r, g.set.destinations()) }
		switch {
		case r == nil:
			w.drop(g, ComponentRouteTable, s.table.id, Drops, text, func() string {
				return fmt.Sprintf("Add a route for %s to route table %s.", describeAddrs(g.set.destinations()), s.table.id)
			})
		case r.dead != "":
			w.drop(g, ComponentRouteTable, s.table.id, Drops, text, func() string {
				return fmt.Sprintf("Make %s usable, or point the route for %s in route table %s elsewhere.", r.target, r.prefix, s.table.id)
			})
		default:
			w.pass(&g, ComponentRouteTable, s.table.id, Routes, text)
			w.follow(g, r, s)
		}
	}
}

// follow hands packets to a route's target.
func (w *walk) follow(f flow, r *route, s *subnet) {
	if f.depth++; f.depth > maxDepth {
		w.drop(f, ComponentRouteTable, s.table.id, Drops,
			func() string {
				return fmt.Sprintf("The packet goes in circles: it is at route table %s again.", s.table.id)
			},
			func() string { return "Break the circle of routes." })
		return
	}
	switch r.kind {
	case TargetLocal:
		w.deliver(f, s.vpc, s)
	case TargetInternetGateway:
		w.outByInternetGateway(f, r.target)
	case TargetEgressOnly:
		w.outByEgressOnly(f, r.target)
	case TargetNAT:
		w.throughNAT(f, w.e.nats[r.target], s)
	case TargetPeering:
		w.throughPeering(f, w.e.peerings[r.target])
	case TargetTransit:
		w.throughTransit(f, r.target, s)
	case TargetEndpoint:
		w.outByEndpoint(f, w.e.endpoints[r.target])
	case TargetInterface:
		w.undecided(f, ComponentInterface, r.target, func() string {
			return r.target + " is an appliance here: the packet is handed to it, and what it does with the packet is not in the network's configuration."
		})
	default:
		w.undecided(f, ComponentGateway, r.target, func() string {
			return r.target + " leads out of what the snapshot describes (a VPN, Direct Connect, an outpost or a core network)."
		})
	}
}

// deliver hands packets to the goal's hosts in the VPC. They come from a subnet of the same VPC or, with from nil, from another network.
func (w *walk) deliver(f flow, v *vpc, from *subnet) {
	found := false
	for i := range w.goal.bySubnet[v] {
		gs := &w.goal.bySubnet[v][i]
		g := f
		if g.set = f.set.toward(gs.addrs); len(g.set) == 0 {
			continue
		}
		found = true
		if gs.subnet != from && !w.acl(&g, gs.subnet, false) {
			continue
		}
		for _, h := range gs.hosts {
			if w.stop {
				return
			}
			w.hand(g, h)
		}
	}
	if !found {
		w.strand(f, v)
	}
}

// strand drops packets that are in a VPC which doesn't hold their goal.
func (w *walk) strand(f flow, v *vpc) {
	to := describeAddrs(f.set.destinations())
	for other := range w.goal.bySubnet {
		if other != v && len(f.set.toward(v.ranges[w.f.index()]).toward(other.ranges[w.f.index()])) > 0 {
			w.drop(f, ComponentVPC, v.id, Drops,
				func() string {
					return fmt.Sprintf("The packet stays in %s, whose range overlaps that of %s: here %s is an address of %s itself.", v.id, other.id, to, v.id)
				},
				func() string {
					return fmt.Sprintf("Give %s or %s a range that doesn't overlap; no route can tell their addresses apart.", v.id, other.id)
				})
			return
		}
	}
	w.drop(f, ComponentVPC, v.id, Drops,
		func() string {
			return fmt.Sprintf("The packet stays in %s, where %s is not the destination that was asked about.", v.id, to)
		},
		func() string { return fmt.Sprintf("Route %s to the VPC of the destination.", to) })
}

// hand gives packets to a host, through its security groups.
func (w *walk) hand(f flow, h *host) {
	if f.set = f.set.toward(h.addrs[w.f.index()]); len(f.set) == 0 || h == f.origin && !w.reply {
		return
	}
	if h.kind == natHost && !w.reply {
		w.drop(f, ComponentNAT, h.id, Drops,
			func() string {
				return h.id + " is a gateway's own interface: nothing can open a connection to it."
			},
			func() string { return "Ask about an interface behind the gateway." })
		return
	}
	if w.groups(&f, h, false) {
		w.arrive(f, arrival{host: h, uncertain: f.uncertain})
	}
}
