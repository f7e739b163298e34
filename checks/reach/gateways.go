package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// natGateway is a NAT gateway with the pseudo host whose address its packets carry.
type natGateway struct {
	rec  *NatGateway
	host *host
}

func (e *Engine) indexNATs() {
	for i := range e.network.NatGateways {
		rec := &e.network.NatGateways[i]
		h := &host{kind: natHost, id: rec.NatGatewayId, subnet: e.subnet(rec.SubnetId, rec.VpcId), public: map[netip.Addr]netip.Addr{}}
		for _, a := range rec.NatGatewayAddresses {
			e.natIfaces[a.NetworkInterfaceId] = true
			private, ok := parseAddr(a.PrivateIp)
			if !ok {
				// Its place in the network is known all the same: any address of its subnet does.
				if own := location(h.subnet, false).addrs[0]; len(own) > 0 {
					private = own[0].lo
				} else {
					continue
				}
			}
			h.addrs[0] = h.addrs[0].union(oneAddr(private))
			if public, ok := parseAddr(a.PublicIp); ok && rec.ConnectivityType != "private" {
				h.public[private] = public
			}
		}
		e.nats[rec.NatGatewayId] = &natGateway{rec, h}
	}
}

// The address space of the internet: for IPv4 all but the ranges that no router outside forwards, for IPv6 what is assigned as global
// unicast. The ranges set apart for documentation and benchmarks are kept: examples and tests use them as the internet.
// https://www.iana.org/assignments/iana-ipv4-special-registry https://www.iana.org/assignments/ipv6-address-space
var (
	internet4 = parseSet(IPv4, "0.0.0.0/0").minus(parseSet(IPv4, "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
		"172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"))
	internet6 = parseSet(IPv6, "2000::/3")
	// nat64 is the range by which IPv6 hosts address IPv4 ones through a NAT gateway.
	// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
	nat64 = parseSet(IPv6, "64:ff9b::/96")
)

func parseSet(f Family, cidrs ...string) addrs {
	prefixes := make([]netip.Prefix, len(cidrs))
	for i, c := range cidrs {
		prefixes[i] = netip.MustParsePrefix(c)
	}
	return prefixAddrs(f, prefixes...)
}

func internet(f Family) addrs {
	if f == IPv6 {
		return internet6
	}
	return internet4
}

func (e *Engine) deadInternetGateway(v *vpc, id string) string {
	g := e.igws[id]
	if g == nil {
		return id + " doesn't exist"
	}
	return notAttached(id, v, g.Attachments)
}

func (e *Engine) deadEgressOnly(v *vpc, id string) string {
	g := e.eigws[id]
	if g == nil {
		return id + " doesn't exist"
	}
	return notAttached(id, v, g.Attachments)
}

func notAttached(id string, v *vpc, list []GatewayAttachment) string {
	if slices.ContainsFunc(list, func(a GatewayAttachment) bool { return a.VpcId == v.id && attached(a) }) {
		return ""
	}
	return fmt.Sprintf("%s isn't attached to %s", id, v.id)
}

func (e *Engine) deadNAT(v *vpc, id string) string {
	n := e.nats[id]
	switch {
	case n == nil:
		return id + " doesn't exist"
	case n.rec.State != "" && n.rec.State != "available":
		return fmt.Sprintf("%s is %s", id, n.rec.State)
	case n.host.vpc() != v:
		return fmt.Sprintf("%s is in %s, not in %s", id, n.host.vpc().id, v.id)
	}
	return ""
}

func (e *Engine) deadEndpoint(v *vpc, id string) string {
	p := e.endpoints[id]
	switch {
	case p == nil:
		return id + " doesn't exist"
	case p.State != "" && !strings.EqualFold(p.State, "available"):
		return fmt.Sprintf("%s is %s", id, p.State)
	case p.VpcId != "" && p.VpcId != v.id && p.VpcEndpointType != "GatewayLoadBalancer":
		return fmt.Sprintf("%s is in %s, not in %s", id, p.VpcId, v.id)
	case p.VpcEndpointType == "Interface":
		return id + " is an interface endpoint, which no route can lead to"
	}
	return ""
}

// outByInternetGateway sends packets to the internet. The gateway translates the private IPv4 address of an interface in its own VPC to its public one;
// a packet whose source has none is dropped, and so is one that came into the VPC from another network.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (w *walk) outByInternetGateway(f flow, id string) {
	var own addrs
	if f.src != nil {
		own = f.src.withPublic(w.f)
	}
	out := f.set.coming(own)
	if len(out) == 0 {
		w.drop(f, ComponentInternetGateway, id, Drops,
			func() string { return w.noPublic(f, id) },
			func() string { return changePublic(&f) })
		return
	}
	if !w.publicAccess(f, f.src, ComponentInternetGateway, id) {
		return
	}
	before := f.set
	f.set = w.translateOut(f.src, out)
	f.exit = exit{TargetInternetGateway, id}
	w.pass(&f, ComponentInternetGateway, id, Translates, func() string {
		if w.f == IPv6 {
			return fmt.Sprintf("Internet gateway %s passes the packet on: IPv6 addresses are public.", id)
		}
		return fmt.Sprintf("Internet gateway %s translates the source %s to the public address %s.", id,
			describeAddrs(before.sources()), describeAddrs(f.set.sources()))
	})
	w.toInternet(f)
}

func (w *walk) noPublic(f flow, id string) string {
	switch {
	case f.src == nil:
		return fmt.Sprintf("Internet gateway %s drops the packet: its source %s is in another network, and the gateway translates addresses of its own VPC only.",
			id, describeAddrs(f.set.sources()))
	case f.src.kind == natHost:
		return fmt.Sprintf("Internet gateway %s drops the packet: %s is a private NAT gateway, which has no public address.", id, f.src.id)
	}
	if w.f == IPv6 {
		return fmt.Sprintf("Internet gateway %s drops the packet: %s is no global IPv6 address.", id, describeAddrs(f.set.sources()))
	}
	return fmt.Sprintf("Internet gateway %s drops the packet: %s has no public IPv4 address for %s.", id, f.src.id, describeAddrs(f.set.sources()))
}

func changePublic(f *flow) string {
	switch {
	case f.src == nil:
		return "Send the packet through a NAT gateway first."
	case f.src.kind == natHost:
		return fmt.Sprintf("Use a public NAT gateway instead of %s.", f.src.id)
	}
	return fmt.Sprintf("Give %s an Elastic IP address, or route its subnet through a NAT gateway.", f.src.id)
}

// translateOut gives packets the public source addresses of the host and keeps what they were.
func (w *walk) translateOut(h *host, set packets) packets {
	if w.f == IPv6 {
		return set
	}
	out := make(packets, len(set))
	for i := range set {
		before := set[i]
		out[i] = before
		out[i].src = h.publicOf(before.src)
		if !w.reply {
			out[i].sent = &before
		}
	}
	return out
}

// publicOf are the public addresses of the host's private ones in the set.
func (h *host) publicOf(private addrs) addrs {
	if h.anyPublic {
		return internet(IPv4)
	}
	var ranges []span[netip.Addr]
	for p, public := range h.public {
		if private.has(p) {
			ranges = append(ranges, span[netip.Addr]{public, public})
		}
	}
	return makeSpans(ranges)
}

// privateOf are the private addresses of the host's public ones in the set.
func (h *host) privateOf(public addrs) addrs {
	if h.anyPublic {
		return h.addrs[0]
	}
	var ranges []span[netip.Addr]
	for private, p := range h.public {
		if public.has(p) {
			ranges = append(ranges, span[netip.Addr]{private, private})
		}
	}
	return makeSpans(ranges)
}

// outByEgressOnly sends IPv6 packets to the internet; only replies come back that way.
// https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
func (w *walk) outByEgressOnly(f flow, id string) {
	if w.f != IPv6 || f.src == nil {
		w.drop(f, ComponentEgressOnly, id, Drops,
			func() string {
				return fmt.Sprintf("Egress-only internet gateway %s carries IPv6 of its own VPC only.", id)
			},
			func() string { return "Route through a NAT gateway instead." })
		return
	}
	if w.reply {
		w.drop(f, ComponentEgressOnly, id, Drops,
			func() string {
				return fmt.Sprintf("Egress-only internet gateway %s doesn't know the connection that this answers: it came in another way.", id)
			},
			func() string { return "Route the reply the way that the packet came." })
		return
	}
	if !w.publicAccess(f, f.src, ComponentEgressOnly, id) {
		return
	}
	f.exit = exit{TargetEgressOnly, id}
	w.pass(&f, ComponentEgressOnly, id, Passes, func() string {
		return fmt.Sprintf("Egress-only internet gateway %s lets IPv6 out, and in only what answers it.", id)
	})
	w.toInternet(f)
}

// outByEndpoint sends packets to the service behind a gateway endpoint. It takes packets from its own VPC only: an endpoint is not
// extended over peerings, transit gateways or VPNs. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func (w *walk) outByEndpoint(f flow, p *VpcEndpoint) {
	id := p.VpcEndpointId
	if p.VpcEndpointType == "GatewayLoadBalancer" {
		w.undecided(f, ComponentEndpoint, id, func() string {
			return id + " leads to an appliance behind a Gateway Load Balancer: what it does with the packet is not in the network's configuration."
		})
		return
	}
	if f.src == nil || f.src.kind == natHost {
		w.drop(f, ComponentEndpoint, id, Drops,
			func() string {
				return fmt.Sprintf("Gateway endpoint %s takes packets from hosts in its own VPC only.", id)
			},
			func() string { return "Route the packets to the endpoint from their own subnet, in its VPC." })
		return
	}
	at := f.set.toward(w.goal.outside)
	if !w.goal.service || len(at) == 0 {
		w.drop(f, ComponentEndpoint, id, Drops,
			func() string {
				return fmt.Sprintf("Gateway endpoint %s takes the packet to %s, not to the internet.", id, p.ServiceName)
			},
			func() string { return "Route these addresses elsewhere." })
		return
	}
	f.set, f.exit = at, exit{TargetEndpoint, id}
	w.pass(&f, ComponentEndpoint, id, Passes, func() string {
		return fmt.Sprintf("Gateway endpoint %s takes the packet to %s inside AWS's network; its policy decides about requests, not packets.", id, p.ServiceName)
	})
	w.arrive(f, arrival{uncertain: f.uncertain})
}

// throughNAT translates packets to the NAT gateway's own address and a port of its choice, and sends them on from the gateway's subnet, whose network ACL
// and route table count for the second leg. A NAT gateway has no security group and carries TCP, UDP and ICMP.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
func (w *walk) throughNAT(f flow, n *natGateway, s *subnet) {
	id := n.rec.NatGatewayId
	if w.f == IPv6 {
		w.throughNAT64(f, id)
		return
	}
	if w.reply {
		w.drop(f, ComponentNAT, id, Drops,
			func() string {
				return fmt.Sprintf("The reply would leave through NAT gateway %s, which gives it another source address: the client doesn't know it.", id)
			},
			func() string { return "Route the reply the way that the packet came." })
		return
	}
	if len(n.host.addrs[0]) == 0 {
		w.undecided(f, ComponentNAT, id, func() string {
			return "The snapshot doesn't say which addresses or which subnet NAT gateway " + id + " has."
		})
		return
	}
	if s != n.host.subnet && !w.acl(&f, n.host.subnet, false) {
		return
	}
	supported := nums{{protoICMP, protoICMP}, {protoTCP, protoTCP}, {protoUDP, protoUDP}}
	text := func() string { return fmt.Sprintf("NAT gateway %s carries TCP, UDP and ICMP only.", id) }
	change := func() string { return "Use one of those protocols." }
	carried := f.set.ofProtocols(supported)
	if len(carried) == 0 {
		w.drop(f, ComponentNAT, id, Drops, text, change)
		return
	}
	w.partly(&f, ComponentNAT, id, f.set.ofProtocols(allProtos.minus(supported)), text, change)
	f.set = n.translate(carried)
	f.src, f.via = n.host, via{kind: viaLocal}
	f.nats = append(slices.Clip(f.nats), n)
	w.pass(&f, ComponentNAT, id, Translates, func() string {
		return fmt.Sprintf("NAT gateway %s (%s) translates the source to its own address %s and a port from 1024-65535.", id, n.host.subnet.id,
			describeAddrs(f.set.sources()))
	})
	w.leave(f, n.host.subnet)
}

// throughNAT64 says what is left out: the second leg of NAT64, which is IPv4.
func (w *walk) throughNAT64(f flow, id string) {
	g := f
	if g.set = f.set.toward(nat64); len(g.set) > 0 {
		w.undecided(g, ComponentNAT, id, func() string {
			return fmt.Sprintf("NAT gateway %s translates 64:ff9b::/96 to IPv4 (NAT64), which this analysis doesn't follow.", id)
		})
	}
	if f.set = f.set.notToward(nat64); len(f.set) > 0 {
		w.drop(f, ComponentNAT, id, Drops,
			func() string { return fmt.Sprintf("NAT gateway %s carries no IPv6 but 64:ff9b::/96.", id) },
			func() string { return "Route IPv6 through an egress-only internet gateway." })
	}
}

func (n *natGateway) translate(set packets) packets {
	own := n.host.addrs[0]
	out := make(packets, len(set))
	for i := range set {
		before := set[i]
		out[i] = box{src: own, dst: before.dst, proto: before.proto, sport: numRange(1024, 65535), dport: before.dport, sent: &before}
	}
	return out
}
