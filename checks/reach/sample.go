package reach

import "net/netip"

// sample is an address of the internet that no rule, route or interface of the network singles out, so that it stands for most others.
func (e *Engine) sample(f Family) netip.Addr {
	rest := internet(f)
	for _, t := range e.tables {
		for i := range t.routes[f.index()] {
			rest = rest.minus(narrow(t.routes[f.index()][i].addrs))
		}
	}
	for _, s := range e.subnets {
		if s.acl == nil {
			continue
		}
		for d := range s.acl.rules {
			for i := range s.acl.rules[d][f.index()] {
				rest = rest.minus(narrow(s.acl.rules[d][f.index()][i].far))
			}
		}
	}
	for _, g := range e.groups {
		for d := range g.rules {
			for i := range g.rules[d] {
				rest = rest.minus(narrow(g.rules[d][i].far[f.index()]))
			}
		}
	}
	for a := range e.byPublic {
		if familyOf(a) == f {
			rest = rest.minus(oneAddr(a))
		}
	}
	familiar := netip.MustParseAddr("198.51.100.1")
	if f == IPv6 {
		familiar = netip.MustParseAddr("2001:db8::1")
	}
	if len(rest) == 0 || rest.has(familiar) {
		return familiar
	}
	return rest[0].lo
}

// narrow is the set, or nothing for the one that holds every address: that one singles nothing out.
func narrow(a addrs) addrs {
	if len(a) == 1 && a[0].lo.IsUnspecified() && a[0].hi.Next() == (netip.Addr{}) {
		return nil
	}
	return a
}

// someAddress finds an address of the internet from which, or to which, a packet of the query gets through, whatever becomes of
// the reply.
func (e *Engine) someAddress(q *Query, f Family, from, to side) (netip.Addr, bool) {
	var found netip.Addr
	g := newGoal(nil, f, nil)
	if to.host != nil {
		g = newGoal([]*host{to.only(f)}, f, nil)
	} else {
		g.outside = internet(f)
	}
	w := &walk{e: e, f: f, dir: Forward, goal: g}
	w.arrive = func(fl flow, at arrival) {
		if at.uncertain || found.IsValid() {
			return
		}
		w.stop = true
		if from.host == nil {
			found = fl.set[0].src[0].lo
		} else {
			found = fl.set[0].dst[0].lo
		}
	}
	set := q.connection(f)
	for i := range set {
		set[i].src, set[i].dst = internet(f), internet(f)
		if from.host != nil {
			set[i].src = oneAddr(from.addr)
		}
		if to.host != nil {
			set[i].dst = to.host.withPublic(f).intersect(oneAddr(to.addr))
		}
		if len(set[i].dst) == 0 {
			return found, false
		}
	}
	switch {
	case from.host != nil:
		w.fromHost(flow{set: set}, from.only(f))
	case to.host != nil:
		w.enter(flow{set: set}, to.only(f))
	}
	return found, found.IsValid()
}
