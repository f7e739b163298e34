package reach

import (
	"fmt"
	"slices"
	"strings"
)

// answer tells the best attempt again, this time with the words.
func (e *Engine) answer(q *Query, best attempt) Answer {
	told := e.attempt(q, best.f, best.from, best.to, true)
	a := Answer{Verdict: Reachable, Path: told.hops.list(), Family: told.f}
	switch told.rank {
	case rankUnreachable:
		a.Verdict = Unreachable
		a.BlockedBy = told.block()
	case rankPartial:
		a.Verdict = Partial
		a.BlockedBy = told.block()
		a.Works = told.worksFor()
	}
	return a
}

// block is what keeps the packets from their way: the component that stops the last of them or, for a partial answer, the first that stops some.
func (a *attempt) block() *Block {
	for i := range a.losses {
		if l := &a.losses[i]; a.rank == rankPartial || l.total {
			return &Block{Hop: l.hop, Change: l.change}
		}
	}
	component, id := a.to.where()
	return &Block{
		Hop:    Hop{component, id, Forward, Drops, "No packet for this address arrives here."},
		Change: "Ask about an address that the destination has.",
	}
}

// worksFor describes the connections that work.
func (a *attempt) worksFor() []string {
	ports := map[string]nums{}
	var order []string
	for i := range a.works {
		b := &a.works[i]
		// These are replies: the service's port is the source port, the client's the destination port.
		service := describeService(b.proto, b.sport)
		if !b.proto.within(withPorts) {
			service = describeService(b.proto, b.dport)
		}
		if _, ok := ports[service]; !ok {
			order = append(order, service)
		}
		if b.proto.within(withPorts) {
			ports[service] = ports[service].union(b.dport)
		} else {
			ports[service] = nil
		}
	}
	out := make([]string, len(order))
	for i, service := range order {
		out[i] = service
		if len(ports[service]) > 0 {
			out[i] += " from client ports " + describeNums(ports[service])
		}
		if len(a.natPorts) > 0 {
			out[i] += " while the NAT gateway picks its source port from " + describeNums(a.natPorts)
		}
	}
	return out
}

// noPackets answers a query that no packet fits.
func noPackets(q *Query) Answer {
	hop := Hop{ComponentAddress, name(q.From), Forward, Drops,
		fmt.Sprintf("No packet is %q with ports %d-%d and source ports %d-%d.", q.Protocol, q.Ports.From, q.Ports.To, q.SourcePorts.From, q.SourcePorts.To)}
	return Answer{Verdict: Unreachable, Path: []Hop{hop}, Family: IPv4,
		BlockedBy: &Block{Hop: hop, Change: "Ask for a known protocol and ranges of ports that aren't empty."}}
}

// noPair answers a query whose endpoints have no address family in common, or no address at all.
func (e *Engine) noPair(q *Query) Answer {
	hop := Hop{ComponentAddress, name(q.To), Forward, Drops,
		fmt.Sprintf("%s and %s have no address family in common: no packet can be addressed from the one to the other.", name(q.From), name(q.To))}
	return Answer{Verdict: Unreachable, Path: []Hop{hop}, Family: IPv4,
		BlockedBy: &Block{Hop: hop, Change: "Give both ends an address of the same family."}}
}

func name(p Endpoint) string {
	if p.ref == "" {
		return "an endpoint that was not named"
	}
	return p.ref
}

// start notes where the packets start and what they are.
func (r *run) start(w *walk, f *flow) {
	component, id := r.from.where()
	w.pass(f, component, id, Sends, func() string {
		return fmt.Sprintf("%s sends %s to %s%s over %s.%s", capital(r.from.name()), describeService(f.set[0].proto, f.set[0].dport)+clientPorts(f.set), r.to.name(),
			r.to.byPublic(), r.f, r.choice())
	})
}

func clientPorts(set packets) string {
	if len(set) != 1 || !set[0].proto.within(withPorts) {
		if len(set) > 1 {
			return " and all other protocols"
		}
		return ""
	}
	return " from client ports " + describeNums(set[0].sport)
}

func (r *run) arrived(f *flow, at arrival) {
	component, id := r.to.where()
	if at.host != nil {
		component, id = at.host.where()
	}
	w := walk{e: r.e, dir: Forward, explain: r.explain}
	w.pass(f, component, id, Arrives, func() string {
		return fmt.Sprintf("%s gets the packet, from %s.", capital(r.to.name()), describeAddrs(f.set.sources()))
	})
}

func (r *run) home(f *flow) {
	component, id := r.from.where()
	w := walk{e: r.e, dir: Return, explain: r.explain}
	w.pass(f, component, id, Arrives, func() string {
		return fmt.Sprintf("%s gets the reply (%s).", capital(r.from.name()), describePackets(f.set))
	})
}

func (h *host) where() (Component, string) {
	switch h.kind {
	case natHost:
		return ComponentNAT, h.id
	case futureHost:
		return ComponentSubnet, h.subnet.id
	default:
		return ComponentInterface, h.id
	}
}

func (s side) where() (Component, string) {
	switch {
	case s.host != nil:
		return s.host.where()
	case s.anywhere || internet(familyOf(s.addr)).has(s.addr):
		return ComponentInternet, "internet"
	}
	return ComponentAddress, s.addr.String()
}

func (s side) name() string {
	switch {
	case s.anywhere:
		return fmt.Sprintf("the internet (at %s)", s.addr)
	case s.host == nil:
		return s.addr.String()
	case s.host.kind == futureHost:
		return fmt.Sprintf("a host assumed in %s (%s)", s.host.subnet.id, s.addr)
	case s.host.kind == natHost:
		return fmt.Sprintf("NAT gateway %s (%s)", s.host.id, s.addr)
	}
	return fmt.Sprintf("%s (%s in %s)", s.host.id, s.addr, s.host.subnet.id)
}

// capital starts a sentence with what the snapshot calls something: ids stay as they are.
func capital(s string) string {
	for _, start := range []string{"the ", "a "} {
		if strings.HasPrefix(s, start) {
			return strings.ToUpper(s[:1]) + s[1:]
		}
	}
	return s
}

func (s side) byPublic() string {
	if s.public.IsValid() {
		return fmt.Sprintf(", by its public address %s,", s.public)
	}
	return ""
}

// choice says which of several interfaces the answer is for, and what is assumed about a host that isn't there.
func (r *run) choice() string {
	var notes []string
	for _, end := range []struct {
		p Endpoint
		s side
	}{{r.q.From, r.from}, {r.q.To, r.to}} {
		switch {
		case end.s.anywhere:
			notes = append(notes, fmt.Sprintf("%s stands for the internet here; other addresses may fare otherwise.", end.s.addr))
		case len(end.p.hosts) > 1:
			notes = append(notes, fmt.Sprintf("Of the %d interfaces of %s, %s gets furthest.", len(end.p.hosts), end.p.ref, end.s.host.id))
		case end.s.host != nil && end.s.host.kind == futureHost:
			public := "no public IPv4 address, since the subnet gives none at launch"
			if end.s.host.anyPublic {
				public = "a public IPv4 address, which the subnet gives at launch"
			}
			notes = append(notes, fmt.Sprintf("No interface in %s has the address: a host is assumed whose security groups allow everything, with %s.",
				end.s.host.subnet.id, public))
		}
	}
	if len(notes) == 0 {
		return ""
	}
	return " " + strings.Join(slices.Compact(notes), " ")
}
