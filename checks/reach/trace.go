package reach

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// Query asks whether a connection works: the packets that open it and their replies, for every port and source port in the ranges.
// Zero Ports stand for all ports; zero SourcePorts for [DefaultSourcePorts]. With AnyProtocol, every protocol must work.
type Query struct {
	From, To    Endpoint
	Protocol    Protocol
	Ports       PortRange
	SourcePorts PortRange
}

// Trace answers the query, always with one of the three verdicts. Where the endpoints stand for several interfaces or families, the
// answer is for the best pair: reachable before partial before unreachable, then the one that gets furthest.
func (e *Engine) Trace(q Query) Answer {
	if len(q.connection(IPv4)) == 0 {
		return noPackets(&q)
	}
	best := e.bestPair(&q, false)
	if best.rank == rankNone {
		best = e.bestPair(&q, true)
	}
	if best.rank == rankNone {
		return e.noPair(&q)
	}
	return e.answer(&q, best)
}

// bestPair tries the pairs of the endpoints' addresses, either those of a host with itself or all others: who asks about a subnet and itself
// means two of its hosts, if it has them.
func (e *Engine) bestPair(q *Query, itself bool) attempt {
	best := attempt{rank: rankNone}
	for _, f := range []Family{IPv4, IPv6} {
		targets := q.To.sides(f)
		if len(q.From.hosts) == 0 {
			targets = append(targets, q.To.otherDoors(f)...)
		}
		for _, from := range q.From.sides(f) {
			for _, to := range targets {
				to = to.apart(from)
				if from.same(to) != itself {
					continue
				}
				a := e.bestOf(q, f, from, to)
				if a.rank > best.rank || a.rank == best.rank && a.steps > best.steps {
					best = a
				}
				if best.rank == rankReachable {
					return best
				}
			}
		}
	}
	return best
}

// side is one end in one family: a host and the address that it uses, or an address outside (host nil).
type side struct {
	host *host
	addr netip.Addr
	// public is set where the host is addressed by its public address.
	public netip.Addr
	// anywhere says that the address is a sample of the internet.
	anywhere bool
}

// same says that packets from one side to the other never leave the host. Those to its public address do.
func (s side) same(to side) bool {
	if s.host == nil || to.host == nil || to.public.IsValid() {
		return false
	}
	return s.host == to.host || s.future(to) && s.addr == to.addr
}

// future says that both ends are hosts assumed in one subnet.
func (s side) future(other side) bool {
	return s.host != nil && other.host != nil && s.host.kind == futureHost && other.host.kind == futureHost && s.host.subnet == other.host.subnet
}

// apart gives a host that is assumed another address than one assumed in the same subnet has.
func (s side) apart(from side) side {
	if s.future(from) && s.addr == from.addr && !s.public.IsValid() {
		own := s.host.addrs[familyOf(s.addr).index()]
		s.addr = own[len(own)-1].hi
	}
	return s
}

// otherDoors are the ends that an endpoint has, beside its hosts' primary addresses, for packets from the internet: the secondary addresses
// with a public one. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-secondary-ip-addresses.html
func (p Endpoint) otherDoors(f Family) []side {
	if p.addr.IsValid() || f != IPv4 {
		return nil
	}
	var out []side
	for _, h := range p.hosts {
		first, _ := h.primary(f)
		for _, a := range slices.SortedFunc(maps.Keys(h.public), netip.Addr.Compare) {
			if a != first {
				out = append(out, side{host: h, addr: a})
			}
		}
	}
	return out
}

// sides are the ends that an endpoint has in a family.
func (p Endpoint) sides(f Family) []side {
	if p.internet {
		return []side{{anywhere: true}}
	}
	if len(p.hosts) == 0 {
		if p.addr.IsValid() && familyOf(p.addr) == f {
			return []side{{addr: p.addr}}
		}
		return nil
	}
	var out []side
	for _, h := range p.hosts {
		switch {
		case !p.addr.IsValid():
			if a, ok := h.primary(f); ok {
				out = append(out, side{host: h, addr: a})
			}
		case familyOf(p.addr) != f:
		case h.addrs[f.index()].has(p.addr):
			out = append(out, side{host: h, addr: p.addr})
		default:
			if own := h.privateOf(oneAddr(p.addr)); len(own) > 0 {
				out = append(out, side{host: h, addr: own[0].lo, public: p.addr})
			}
		}
	}
	return out
}

// bestOf tries a pair. For the internet it tries an address that no rule singles out first and, if that doesn't get
// through, one that does, if there is any.
func (e *Engine) bestOf(q *Query, f Family, from, to side) attempt {
	if !from.anywhere && !to.anywhere {
		return e.attempt(q, f, from, to, false)
	}
	sample := e.samples[f.index()]()
	a := e.attempt(q, f, from.at(sample), to.at(sample), false)
	if a.rank == rankReachable {
		return a
	}
	if found, ok := e.someAddress(q, f, from, to); ok && found != sample {
		if b := e.attempt(q, f, from.at(found), to.at(found), false); b.rank > a.rank {
			return b
		}
	}
	return a
}

func (s side) at(a netip.Addr) side {
	if s.anywhere {
		s.addr = a
	}
	return s
}

// The ranks of attempts.
const (
	rankNone = iota - 1
	rankUnreachable
	rankPartial
	rankReachable
)

// attempt is the outcome for one pair of addresses.
type attempt struct {
	f        Family
	from, to side
	rank     int
	steps    int
	hops     *trail
	losses   []loss
	works    packets // replies that came back
	natPorts nums    // the source ports for which a NAT gateway's replies come back, if not for all
}

// run is an attempt under way.
type run struct {
	attempt
	e       *Engine
	q       *Query
	explain bool
	lost    *trail // the hops to where the last packets were lost
}

// attempt sends the query's packets from one address to another and lets what arrives be answered.
func (e *Engine) attempt(q *Query, f Family, from, to side, explain bool) attempt {
	r := &run{attempt: attempt{f: f, from: from, to: to}, e: e, q: q, explain: explain}
	if from.same(to) {
		r.itself()
		return r.attempt
	}
	r.forward()
	switch {
	case len(r.works) == 0:
		r.rank, r.hops = rankUnreachable, r.lost
	case len(r.losses) > 0:
		r.rank = rankPartial
	default:
		r.rank = rankReachable
	}
	return r.attempt
}

func (r *run) itself() {
	r.rank = rankReachable
	if r.explain {
		r.hops = &trail{hop: Hop{ComponentInterface, r.from.host.id, Forward, Arrives,
			r.from.host.id + " is both ends: a packet to an interface's own address never leaves it."}}
	}
}

// walker is a walk in one direction whose losses are the run's.
func (r *run) walker(d Direction, g *goal, arrive func(flow, arrival)) *walk {
	return &walk{e: r.e, f: r.f, dir: d, goal: g, reply: d == Return, exact: true, explain: r.explain, hairpin: true, arrive: arrive,
		lose: func(f flow, l loss) {
			r.losses = append(r.losses, l)
			r.steps = max(r.steps, f.steps)
			if l.total {
				r.lost = f.hops
			}
		}}
}

// only is the host with a single address.
func (s side) only(f Family) *host {
	h := *s.host
	h.addrs = [2]addrs{}
	h.addrs[f.index()] = oneAddr(s.addr)
	return &h
}

func (r *run) forward() {
	g := newGoal(nil, r.f, nil)
	if r.to.host != nil {
		g = newGoal([]*host{r.to.only(r.f)}, r.f, nil)
	} else {
		g.outside, g.service = oneAddr(r.to.addr), true
	}
	w := r.walker(Forward, g, r.back)
	fl := flow{set: r.packets()}
	if r.from.host == nil {
		r.fromOutside(w, fl)
		return
	}
	r.start(w, &fl)
	w.fromHost(fl, r.from.only(r.f))
}

// packets are the packets that the query asks about, between the pair's addresses.
func (r *run) packets() packets {
	set := r.q.connection(r.f)
	dst := r.to.addr
	if r.to.public.IsValid() {
		dst = r.to.public
	} else if r.from.host == nil && r.to.host != nil && r.f == IPv4 {
		if public, ok := r.to.host.public[r.to.addr]; ok {
			dst = public
		}
	}
	for i := range set {
		set[i].src, set[i].dst = oneAddr(r.from.addr), oneAddr(dst)
		if r.from.host != nil && r.from.host.kind == natHost {
			set[i].sport = numRange(1024, 65535)
		}
	}
	return set
}

// fromOutside starts packets at an address that is nowhere in the network.
func (r *run) fromOutside(w *walk, fl flow) {
	switch {
	case r.to.host == nil:
		w.drop(fl, ComponentAddress, r.from.addr.String(), Undecided,
			func() string {
				return fmt.Sprintf("Neither %s nor %s is in the network of the snapshot.", r.from.addr, r.to.addr)
			},
			func() string { return "Ask about an address in one of the VPCs." })
	case !internet(r.f).has(r.from.addr):
		w.drop(fl, ComponentAddress, r.from.addr.String(), Undecided,
			func() string {
				return fmt.Sprintf("%s is in no subnet of the snapshot and no address of the internet either: its packets come by a VPN or from a network "+
					"that the snapshot doesn't describe.", r.from.addr)
			},
			func() string { return "Ask about an address in one of the VPCs, or on the internet." })
	default:
		r.start(w, &fl)
		w.enter(fl, r.to.only(r.f))
	}
}

// back lets what arrived be answered: the replies retrace, one leg at a time, the NAT gateways passed, in reverse.
func (r *run) back(f flow, at arrival) {
	r.arrived(&f, at)
	legs := make([]*host, 0, len(f.nats)+1)
	for _, n := range slices.Backward(f.nats) {
		legs = append(legs, n.host)
	}
	if r.from.host != nil {
		legs = append(legs, r.from.only(r.f))
	}
	reply := flow{set: f.set.mirror(), hops: f.hops, steps: f.steps}
	if len(legs) == 0 {
		g := newGoal(nil, r.f, oneAddr(r.from.addr))
		r.walker(Return, g, r.finish).fromHost(reply, at.host)
		return
	}
	w := r.walker(Return, newGoal(legs[:1], r.f, nil), r.nextLeg(legs))
	switch {
	case at.host != nil:
		w.fromHost(reply, at.host)
	case f.exit.kind == TargetInternetGateway:
		w.enter(reply, legs[0])
	default:
		w.backThrough(reply, f.exit, legs[0])
	}
}

// backThrough brings replies back by a gateway that translates nothing.
func (w *walk) backThrough(f flow, x exit, h *host) {
	component, what := ComponentEgressOnly, "Egress-only internet gateway"
	if x.kind == TargetEndpoint {
		component, what = ComponentEndpoint, "Gateway endpoint"
	}
	f.vpc = h.vpc()
	w.pass(&f, component, x.id, Passes, func() string { return fmt.Sprintf("%s %s brings the answer back to %s.", what, x.id, h.id) })
	if w.acl(&f, h.subnet, false) {
		w.hand(f, h)
	}
}

// nextLeg takes replies that reached a NAT gateway on to the host behind it; at the last leg they are home.
func (r *run) nextLeg(legs []*host) func(flow, arrival) {
	if len(legs) == 1 {
		return r.finish
	}
	return func(f flow, _ arrival) {
		n := legs[0]
		for i, b := range f.set {
			if b.sent != nil && b.proto.within(withPorts) && len(numRange(1024, 65535).minus(b.dport)) > 0 {
				r.natPorts = r.natPorts.union(b.dport)
			}
			f.set[i] = b.answerTo(b.sent, true)
		}
		w := r.walker(Return, newGoal(legs[1:2], r.f, nil), r.nextLeg(legs[1:]))
		w.pass(&f, ComponentNAT, n.id, Translates, func() string {
			return fmt.Sprintf("NAT gateway %s knows the connection and translates the destination back to %s.", n.id, describeAddrs(f.set.destinations()))
		})
		f.src, f.vpc, f.via = nil, n.vpc(), via{kind: viaLocal}
		w.leave(f, n.subnet)
	}
}

func (r *run) finish(f flow, _ arrival) {
	r.works = append(r.works, f.set...)
	r.home(&f)
	r.hops, r.steps = f.hops, f.steps
}
