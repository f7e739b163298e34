package reach

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// ErrNothing is wrapped by the error of [Engine.Any] where one side of the question is empty: that no packet of nobody
// arrives proves nothing.
var ErrNothing = errors.New("nothing to judge")

// Packets describes packets by what is asked for, for [Question.Except]. The zero value of each field stands for all.
type Packets struct {
	Protocol Protocol
	Ports    PortRange
	From, To Group
}

// Question asks whether any packet gets from one group to another: any protocol, any port, any of the addresses.
// One way is enough; whether a reply would come back is not asked. Packets from an interface to itself don't count.
type Question struct {
	From, To Group
	// Except are packets that may arrive; a packet in any of them is no leak.
	Except []Packets
	// ThroughInternet also follows packets that leave by one VPC's gateway and come back by a public address.
	ThroughInternet bool
}

// Leak is the answer to a [Question].
type Leak struct {
	// Found says that a packet gets there, or that the engine cannot exclude it.
	Found bool
	// Certain is false where the way leads through something beyond the engine, which may or may not pass the packet on.
	Certain bool
	// Witness is one such packet and Path its way.
	Witness Packet
	Path    []Hop
	// Sources and Destinations count the hosts judged, the internet as one.
	Sources, Destinations int
}

// Packet is one packet, as its sender sends it.
type Packet struct {
	// From and To are ids: an interface, a NAT gateway, a subnet (for a host that isn't there yet), or "internet".
	// To is empty where the packet's end is beyond the engine.
	From, To            string
	Family              Family
	Source, Destination netip.Addr
	// Protocol is the packet's protocol number, and the ports are 0 where it has none. For ICMP DestinationPort is the type.
	Protocol                    int
	SourcePort, DestinationPort int
}

// String describes the packet in one line.
func (p Packet) String() string {
	service := protocolName(p.Protocol)
	switch p.Protocol {
	case protoTCP, protoUDP:
		service = fmt.Sprintf("%s/%d", service, p.DestinationPort)
	case protoICMP, protoICMPv6:
		service = fmt.Sprintf("%s type %d", service, p.DestinationPort)
	}
	to := p.Destination.String()
	if p.To != "" {
		to = fmt.Sprintf("%s (%s)", p.To, p.Destination)
	}
	return fmt.Sprintf("%s from %s (%s) to %s", service, p.From, p.Source, to)
}

// Any searches for a packet that gets from one group to the other. The error names an id that is not in the network, or
// wraps [ErrNothing].
//
// The search is exact: it follows sets of packets, so that it finds a rule that lets one port of one address by, and honours one that
// fully covers another. A packet that the engine loses sight of (at an appliance, in a VPN) counts as found, without certainty.
func (e *Engine) Any(q Question) (Leak, error) {
	s, err := e.newSearch(q)
	if err != nil {
		return Leak{}, err
	}
	for _, f := range []Family{IPv4, IPv6} {
		s.family(f)
		if s.leak.Certain {
			break
		}
	}
	return s.leak, nil
}

// search is a question under way.
type search struct {
	e          *Engine
	q          Question
	from, to   places
	exceptions []exception
	fromHosts  []*host // combined: see combine
	toHosts    []*host
	leak       Leak
}

func (e *Engine) newSearch(q Question) (*search, error) {
	s := &search{e: e, q: q}
	var err error
	if s.from, err = e.places(q.From); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if s.to, err = e.places(q.To); err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	if s.exceptions, err = e.exceptions(q.Except); err != nil {
		return nil, fmt.Errorf("except: %w", err)
	}
	s.to.hosts = slices.DeleteFunc(s.to.hosts, func(h *host) bool { return h.kind == natHost })
	s.leak.Sources, s.leak.Destinations = s.from.count(), s.to.count()
	switch {
	case s.leak.Sources == 0:
		return nil, fmt.Errorf("from: no interface in the group: %w", ErrNothing)
	case s.leak.Destinations == 0:
		return nil, fmt.Errorf("to: no interface in the group: %w", ErrNothing)
	}
	s.fromHosts, s.toHosts = s.combine(s.from.hosts, s.to.hosts), s.combine(s.to.hosts, s.from.hosts)
	return s, nil
}

func (p *places) count() int {
	n := len(p.hosts)
	if len(p.outside[0])+len(p.outside[1]) > 0 {
		n++
	}
	return n
}

// combine joins hosts that no rule can tell apart but by their addresses: same subnet, same security groups, and in the same exceptions. Hosts that
// are on the other side too stay single, since packets to oneself don't count.
func (s *search) combine(hosts, others []*host) []*host {
	other := make(map[*host]bool, len(others))
	for _, h := range others {
		other[h] = true
	}
	var out []*host
	at := map[string]*host{}
	for _, h := range hosts {
		if h.kind != realHost || other[h] || h.open() {
			out = append(out, h)
			continue
		}
		key := h.subnet.id + " " + strings.Join(slices.Sorted(slices.Values(h.groups)), " ") + s.excepted(h)
		all := at[key]
		if all == nil {
			all = &host{kind: realHost, id: h.id, subnet: h.subnet, groups: h.groups, iface: h.iface, public: map[netip.Addr]netip.Addr{}}
			at[key] = all
			out = append(out, all)
		}
		all.members = append(all.members, h)
		for f := range all.addrs {
			all.addrs[f] = append(all.addrs[f], h.addrs[f]...)
		}
		for private, public := range h.public {
			all.public[private] = public
		}
	}
	for _, h := range at {
		for f := range h.addrs {
			h.addrs[f] = makeSpans(h.addrs[f])
		}
	}
	return out
}

// excepted is a key for the exceptions that name the host.
func (s *search) excepted(h *host) string {
	var key strings.Builder
	for _, x := range s.exceptions {
		for _, p := range []*places{x.from, x.to} {
			if p != nil && slices.Contains(p.hosts, h) {
				key.WriteString(" 1")
			} else {
				key.WriteString(" 0")
			}
		}
	}
	return key.String()
}

// family searches one address family.
func (s *search) family(f Family) {
	g := newGoal(s.toHosts, f, s.to.outside[f.index()])
	w := &walk{e: s.e, f: f, dir: Forward, goal: g, hairpin: s.q.ThroughInternet}
	w.arrive = func(fl flow, at arrival) { s.arrived(w, fl, at) }
	to := s.addressed(f)
	for _, h := range s.fromHosts {
		if w.stop {
			return
		}
		if set := everything(h.addrs[f.index()], to); set != nil {
			w.fromHost(flow{set: set, origin: h}, h)
		}
	}
	for _, h := range s.toHosts {
		if w.stop {
			return
		}
		if set := everything(s.from.outside[f.index()].intersect(internet(f)), h.withPublic(f)); set != nil {
			w.enter(flow{set: set}, h)
		}
	}
}

// addressed are the addresses by which the destinations are reached.
func (s *search) addressed(f Family) addrs {
	ranges := slices.Clone(s.to.outside[f.index()])
	for _, h := range s.toHosts {
		ranges = append(ranges, h.addrs[f.index()]...)
		if s.q.ThroughInternet {
			ranges = append(ranges, h.publicAddrs(f)...)
		}
	}
	return makeSpans(ranges)
}

// everything is the set of all packets between two sets of addresses; nil for none.
func everything(src, dst addrs) packets {
	if len(src) == 0 || len(dst) == 0 {
		return nil
	}
	return packets{{src: src, dst: dst, proto: allProtos, sport: allPorts, dport: allPorts}}
}

// arrived takes what arrives, less the exceptions, as a leak. A certain one ends the search.
func (s *search) arrived(w *walk, f flow, at arrival) {
	if at.uncertain && s.leak.Found {
		return
	}
	left := s.unexpected(w.f, f.set, f.origin, at.host)
	if len(left) == 0 {
		return
	}
	s.leak.Found, s.leak.Certain = true, !at.uncertain
	w.stop = s.leak.Certain
	// Readers know TCP best.
	telling := max(0, slices.IndexFunc(left, func(b box) bool { return b.proto.has(protoTCP) }))
	s.witness(w, f, at, &left[telling])
}

// unexpected is the part of the packets that no exception covers.
func (s *search) unexpected(f Family, set packets, from, to *host) packets {
	for i := range s.exceptions {
		x := &s.exceptions[i]
		var left packets
		for j := range set {
			b := &set[j]
			toward := match{far: x.to.covers(f, to, b.dst), proto: x.proto, ports: x.ports}
			if !b.hits(&toward, true) {
				left = append(left, *b)
				continue
			}
			left = append(left, b.minus(&toward, true)...)
			inside := b.and(&toward, true)
			left = append(left, inside.minus(&match{far: x.from.covers(f, from, b.src), proto: x.proto, ports: x.ports}, false)...)
		}
		set = left
	}
	return set
}

// witness picks one packet of a box and walks its way again with the words.
func (s *search) witness(w *walk, f flow, at arrival, b *box) {
	first := b
	for first.sent != nil {
		first = first.sent
	}
	p := Packet{Family: w.f, Source: first.src[0].lo, Destination: b.dst[0].lo, Protocol: pick(b.proto, protoTCP, protoUDP, protoICMP)}
	one := box{src: oneAddr(p.Source), proto: numRange(p.Protocol, p.Protocol), sport: allPorts, dport: allPorts}
	switch p.Protocol {
	case protoTCP, protoUDP:
		p.SourcePort, p.DestinationPort = pick(first.sport, 49152), pick(b.dport, 443, 22, 80, 1)
		one.sport, one.dport = numRange(p.SourcePort, p.SourcePort), numRange(p.DestinationPort, p.DestinationPort)
	case protoICMP, protoICMPv6:
		code := pick(b.dport, echoRequest4, echoRequest6)
		p.DestinationPort = code / 256
		one.dport = numRange(code, code)
	}
	from, to := memberAt(f.origin, p.Source, w.f), memberAt(at.host, p.Destination, w.f)
	p.From, p.To = hostName(from), hostName(to)
	if at.host == nil && at.uncertain {
		p.To = ""
	}
	if public, ok := s.sentTo(&f, to, p.Destination); ok {
		p.Destination = public
	}
	one.dst = oneAddr(p.Destination)
	s.leak.Witness = p
	s.leak.Path = s.tell(w, from, to, one)
}

// sentTo is the public address that a packet was sent to which came back from the internet.
func (s *search) sentTo(f *flow, to *host, private netip.Addr) (netip.Addr, bool) {
	if f.via.kind != viaInternet || f.origin == nil || to == nil {
		return netip.Addr{}, false
	}
	public, ok := to.public[private]
	return public, ok
}

// tell walks one packet's way with the words.
func (s *search) tell(w *walk, from, to *host, one box) []Hop {
	var path []Hop
	goal := newGoal(nil, w.f, one.dst)
	if to != nil {
		goal = newGoal([]*host{to}, w.f, nil)
	}
	again := &walk{e: s.e, f: w.f, dir: Forward, goal: goal, hairpin: w.hairpin, explain: true}
	again.arrive = func(f flow, at arrival) {
		if path != nil && at.uncertain {
			return
		}
		again.stop = !at.uncertain
		component, id := ComponentInternet, "internet"
		if at.host != nil {
			component, id = at.host.where()
		}
		if at.host != nil || !at.uncertain {
			again.pass(&f, component, id, Arrives, func() string { return hostName(at.host) + " gets the packet." })
		}
		path = f.hops.list()
	}
	if from == nil {
		again.enter(flow{set: packets{one}}, to)
	} else {
		again.fromHost(flow{set: packets{one}, origin: from}, from)
	}
	return path
}

// pick is the first of the preferred values that the set holds, else the set's lowest.
func pick(set nums, preferred ...num) int {
	for _, p := range preferred {
		if set.has(p) {
			return int(p)
		}
	}
	return int(set[0].lo)
}

// memberAt is the one of the hosts that a combined host stands for which has the address.
func memberAt(h *host, a netip.Addr, f Family) *host {
	if h == nil {
		return nil
	}
	for _, m := range h.members {
		if m.addrs[f.index()].has(a) {
			return m
		}
	}
	return h
}

func hostName(h *host) string {
	if h == nil {
		return "internet"
	}
	return h.id
}
