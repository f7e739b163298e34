package reach

import "net/netip"

// indexHosts makes a host of every network interface, except those that AWS runs as part of a gateway: their packets are
// judged where the gateway is.
func (e *Engine) indexHosts() {
	for i := range e.network.NetworkInterfaces {
		rec := &e.network.NetworkInterfaces[i]
		h := e.hostOf(rec)
		e.hosts[h.id] = h
		if e.natIfaces[h.id] || rec.InterfaceType == "nat_gateway" || rec.InterfaceType == "transit_gateway" {
			h.kind = natHost
			continue
		}
		e.hostsIn[rec.SubnetId] = append(e.hostsIn[rec.SubnetId], h)
		for _, public := range h.public {
			e.byPublic[public] = h
		}
		for _, id := range h.groups {
			e.addMember(id, h)
		}
	}
}

func (e *Engine) hostOf(rec *NetworkInterface) *host {
	h := &host{id: rec.NetworkInterfaceId, iface: rec, subnet: e.subnet(rec.SubnetId, rec.VpcId), public: map[netip.Addr]netip.Addr{}}
	for _, g := range rec.Groups {
		h.groups = append(h.groups, g.GroupId)
	}
	if rec.Attachment != nil {
		h.instance = rec.Attachment.InstanceId
	}
	var ranges [2][]span[netip.Addr]
	own := func(text string) (netip.Addr, bool) {
		a, ok := parseAddr(text)
		if ok {
			f := familyOf(a).index()
			ranges[f] = append(ranges[f], span[netip.Addr]{a, a})
		}
		return a, ok
	}
	map1to1 := func(private string, association *InterfaceAssociation) {
		a, ok := own(private)
		if !ok || association == nil {
			return
		}
		if public, ok := parseAddr(association.PublicIp); ok {
			h.public[a] = public
		}
	}
	map1to1(rec.PrivateIpAddress, rec.Association)
	for _, p := range rec.PrivateIpAddresses {
		map1to1(p.PrivateIpAddress, p.Association)
	}
	for _, a := range rec.Ipv6Addresses {
		own(a.Ipv6Address)
	}
	delegated := func(text string) {
		if p, ok := parsePrefix(text); ok {
			f := familyOf(p.Addr()).index()
			ranges[f] = append(ranges[f], prefixRange(p))
		}
	}
	for _, p := range rec.Ipv4Prefixes {
		delegated(p.Ipv4Prefix)
	}
	for _, p := range rec.Ipv6Prefixes {
		delegated(p.Ipv6Prefix)
	}
	h.addrs = [2]addrs{makeSpans(ranges[0]), makeSpans(ranges[1])}
	return h
}

// primary is the address that the host uses in a family: for IPv4 the interface's primary private one.
func (h *host) primary(f Family) (netip.Addr, bool) {
	own := h.addrs[f.index()]
	if h.iface != nil && f == IPv4 {
		if a, ok := parseAddr(h.iface.primaryIPv4()); ok && own.has(a) {
			return a, true
		}
	}
	if len(own) == 0 {
		return netip.Addr{}, false
	}
	return own[0].lo, true
}

func (n *NetworkInterface) primaryIPv4() string {
	for _, p := range n.PrivateIpAddresses {
		if p.Primary && n.PrivateIpAddress == "" {
			return p.PrivateIpAddress
		}
	}
	return n.PrivateIpAddress
}

func (e *Engine) addMember(groupID string, h *host) {
	byVPC := e.members[groupID]
	if byVPC == nil {
		byVPC = map[string]*[2]addrs{}
		e.members[groupID] = byVPC
	}
	sets := byVPC[h.vpc().id]
	if sets == nil {
		sets = &[2]addrs{}
		byVPC[h.vpc().id] = sets
	}
	// Sorted once all members are in: see indexGroups.
	for f := range sets {
		sets[f] = append(sets[f], h.addrs[f]...)
	}
}

// location is a host that may be launched into the subnet: at any address that AWS leaves to its users, which is all but the first four
// and, for IPv4, the last. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func location(s *subnet, public bool) *host {
	h := &host{kind: futureHost, id: s.id, subnet: s, anyPublic: public}
	for f, ranges := range s.ranges {
		var free addrs
		for _, r := range ranges {
			lo, hi := r.lo, r.hi.Prev()
			for range 4 {
				if lo.Compare(hi) < 0 {
					lo = lo.Next()
				}
			}
			if lo.Compare(hi) <= 0 {
				free = append(free, span[netip.Addr]{lo, hi})
			}
		}
		h.addrs[f] = makeSpans(free)
	}
	return h
}
