package reach

import "fmt"

// toInternet takes packets that left by a gateway: they have arrived if they are for an address beyond it, and may come
// back in by the public address of a host that was asked about.
func (w *walk) toInternet(f flow) {
	found := false
	if at := f.set.toward(w.goal.outside).toward(internet(w.f)); len(at) > 0 {
		g := f
		g.set, found = at, true
		w.arrive(g, arrival{uncertain: f.uncertain})
	}
	if w.hairpin {
		for _, h := range w.goal.hosts {
			if w.stop {
				return
			}
			g := f
			if g.set = f.set.toward(h.publicAddrs(w.f)); len(g.set) > 0 {
				found = true
				w.enter(g, h)
			}
		}
	}
	if !found {
		w.drop(f, ComponentInternet, "internet", Drops,
			func() string {
				return fmt.Sprintf("On the internet %s leads nowhere: it is private, or no public address of the destination.", describeAddrs(f.set.destinations()))
			},
			func() string {
				return fmt.Sprintf("Route %s to where the destination is.", describeAddrs(f.set.destinations()))
			})
	}
}

// enter takes packets from the internet to a host: by the internet gateway attached to its VPC, to its public address.
//
// The host's subnet must be a public one, with a route to that gateway for the packet's source: instances in other subnets are not reachable from the
// internet. https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html#subnet-types
func (w *walk) enter(f flow, h *host) {
	v := h.vpc()
	f.src, f.vpc, f.via = nil, v, via{kind: viaInternet}
	g := w.e.igws[v.igw]
	if g == nil {
		w.drop(f, ComponentVPC, v.id, Drops,
			func() string {
				return v.id + " has no internet gateway attached, so nothing comes in from the internet."
			},
			func() string {
				return fmt.Sprintf("Attach an internet gateway to %s and route the subnet to it.", v.id)
			})
		return
	}
	if !w.publicAccess(f, h, ComponentInternetGateway, v.igw) || !w.translateIn(&f, h, v.igw) || !w.pastEdge(&f, v) || !w.pastPrivate(&f, h) {
		return
	}
	if w.acl(&f, h.subnet, false) {
		w.hand(f, h)
	}
}

// translateIn gives packets for a public address the private one that it belongs to or, for replies, undoes what the gateway did on the way out.
func (w *walk) translateIn(f *flow, h *host, igw string) bool {
	before := f.set.destinations()
	var in packets
	for i := range f.set {
		b := f.set[i]
		switch {
		case w.f == IPv6:
		case w.reply:
			b = b.answerTo(b.sent, false)
		case !b.dst.overlaps(h.withPublic(w.f)):
			b.dst = h.privateOf(b.dst)
		}
		if len(b.dst) > 0 {
			in = append(in, b)
		}
	}
	if len(in) == 0 {
		w.drop(*f, ComponentInternetGateway, igw, Drops,
			func() string {
				return fmt.Sprintf("Internet gateway %s knows no public address of %s, so no packet from the internet is for it.", igw, h.id)
			},
			func() string { return fmt.Sprintf("Give %s a public IPv4 address.", h.id) })
		return false
	}
	f.set = in
	w.pass(f, ComponentInternetGateway, igw, Translates, func() string {
		if to := in.destinations(); !to.equal(before) {
			return fmt.Sprintf("Internet gateway %s translates the destination %s to %s of %s.", igw, describeAddrs(before), describeAddrs(to), h.id)
		}
		return fmt.Sprintf("Internet gateway %s passes the packet on to %s.", igw, h.id)
	})
	return true
}

// answerTo is the reply b with its destination as it was before the translation of what it answers; for a NAT gateway the port too.
func (b box) answerTo(sent *box, ports bool) box {
	if sent == nil {
		return b
	}
	b.dst, b.proto, b.sent = sent.src, b.proto.intersect(sent.proto), sent.sent
	if ports && b.proto.within(withPorts) {
		b.dport = sent.sport
	}
	return b
}

// pastEdge asks the route table associated with the internet gateway, where there is one: it can send what comes in to an appliance.
// https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
func (w *walk) pastEdge(f *flow, v *vpc) bool {
	if v.edge == nil {
		return true
	}
	var in packets
	for _, part := range v.edge.lookup(w.f, f.set) {
		g := *f
		g.set = part.set
		switch {
		case part.route != nil && part.route.kind == TargetLocal:
			in = append(in, part.set...)
		case part.route != nil && part.route.dead == "":
			w.undecided(g, ComponentRouteTable, v.edge.id, func() string {
				return fmt.Sprintf("Gateway route table %s sends what comes in for %s to %s: what that appliance does with it is not in the network's configuration.",
					v.edge.id, describeAddrs(part.set.destinations()), part.route.target)
			})
		default:
			w.drop(g, ComponentRouteTable, v.edge.id, Drops,
				func() string { return explainRoute(v.edge.id+" (of the gateway)", part.route, part.set.destinations()) },
				func() string { return fmt.Sprintf("Repair the route in %s.", v.edge.id) })
		}
	}
	f.set = in
	return len(in) > 0
}

// pastPrivate holds back what comes in for a subnet that has no route to the internet gateway.
func (w *walk) pastPrivate(f *flow, h *host) bool {
	if w.reply {
		return true
	}
	s := h.subnet
	from := f.set.sources()
	routed := s.table.toGateway(w.f, from, s.vpc.igw)
	in := f.set.coming(routed)
	if len(in) == 0 {
		w.drop(*f, ComponentRouteTable, s.table.id, Drops,
			func() string {
				return fmt.Sprintf("Route table %s has no route for %s to %s: %s is a private subnet, which the internet can't reach.",
					s.tableName(), describeAddrs(from), s.vpc.igw, s.id)
			},
			func() string {
				return fmt.Sprintf("Route %s in %s to %s, if the subnet is meant to be public.", map[Family]string{IPv4: "0.0.0.0/0", IPv6: "::/0"}[w.f], s.table.id, s.vpc.igw)
			})
		return false
	}
	f.set = in
	return true
}
