package reach

import (
	"fmt"
	"strconv"
	"strings"
)

// Protocol numbers. https://www.iana.org/assignments/protocol-numbers
const (
	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
)

var (
	allPorts  = numRange(0, 65535)
	allProtos = numRange(0, 255)
	withPorts = nums{{protoTCP, protoTCP}, {protoUDP, protoUDP}}
	withTypes = nums{{protoICMP, protoICMP}, {protoICMPv6, protoICMPv6}}
)

// box is a set of packets of one address family: every combination of a value from each of its dimensions. For ICMP the destination port
// stands for type*256+code; for protocols without ports both ports are all.
type box struct {
	src, dst     addrs
	proto        nums
	sport, dport nums
	// sent is what these packets were before a gateway translated their source.
	sent *box
}

// packets is a set of packets: the union of its boxes, which may overlap.
type packets []box

// match is what a rule of a network ACL or a security group says of a packet. The addresses are those of the far side:
// the source of what comes in, the destination of what goes out.
type match struct {
	far   addrs
	proto nums
	ports nums
}

func (b *box) far(egress bool) addrs {
	if egress {
		return b.dst
	}
	return b.src
}

func (b box) withFar(egress bool, a addrs) box {
	if egress {
		b.dst = a
	} else {
		b.src = a
	}
	return b
}

func (b *box) hits(m *match, egress bool) bool {
	return b.far(egress).overlaps(m.far) && b.proto.overlaps(m.proto) && b.dport.overlaps(m.ports)
}

// and is the part of the box that the rule matches.
func (b *box) and(m *match, egress bool) box {
	c := b.withFar(egress, b.far(egress).intersect(m.far))
	c.proto, c.dport = b.proto.intersect(m.proto), b.dport.intersect(m.ports)
	return c
}

// minus is the part of the box that the rule doesn't match, as boxes that don't overlap.
func (b *box) minus(m *match, egress bool) packets {
	if !b.hits(m, egress) {
		return packets{*b}
	}
	var out packets
	rest := *b
	if far := rest.far(egress).minus(m.far); len(far) > 0 {
		out = append(out, rest.withFar(egress, far))
	}
	rest = rest.withFar(egress, rest.far(egress).intersect(m.far))
	if proto := rest.proto.minus(m.proto); len(proto) > 0 {
		c := rest
		c.proto = proto
		out = append(out, c)
	}
	rest.proto = rest.proto.intersect(m.proto)
	if ports := rest.dport.minus(m.ports); len(ports) > 0 {
		c := rest
		c.dport = ports
		out = append(out, c)
	}
	return out
}

func (b *box) within(c *box) bool {
	return b.sent == c.sent && b.src.within(c.src) && b.dst.within(c.dst) && b.proto.within(c.proto) &&
		b.sport.within(c.sport) && b.dport.within(c.dport)
}

// add joins a box, unless one already there holds it.
func (p packets) add(b box) packets {
	for i := range p {
		if b.within(&p[i]) {
			return p
		}
	}
	return append(p, b)
}

// toward is the part of the set that is addressed to the addresses.
func (p packets) toward(to addrs) packets {
	var out packets
	for i := range p {
		if dst := p[i].dst.intersect(to); len(dst) > 0 {
			b := p[i]
			b.dst = dst
			out = append(out, b)
		}
	}
	return out
}

// notToward is the part of the set that is addressed elsewhere.
func (p packets) notToward(to addrs) packets {
	var out packets
	for i := range p {
		if dst := p[i].dst.minus(to); len(dst) > 0 {
			b := p[i]
			b.dst = dst
			out = append(out, b)
		}
	}
	return out
}

// coming is the part of the set whose source is one of the addresses.
func (p packets) coming(from addrs) packets {
	var out packets
	for i := range p {
		if src := p[i].src.intersect(from); len(src) > 0 {
			b := p[i]
			b.src = src
			out = append(out, b)
		}
	}
	return out
}

// ofProtocols is the part of the set with the protocols.
func (p packets) ofProtocols(protos nums) packets {
	var out packets
	for i := range p {
		if proto := p[i].proto.intersect(protos); len(proto) > 0 {
			b := p[i]
			b.proto = proto
			out = append(out, b)
		}
	}
	return out
}

// destinations is the set of addresses that the packets are for.
func (p packets) destinations() addrs {
	var all addrs
	for i := range p {
		all = all.union(p[i].dst)
	}
	return all
}

// sources is the set of addresses that the packets come from.
func (p packets) sources() addrs {
	var all addrs
	for i := range p {
		all = all.union(p[i].src)
	}
	return all
}

// mirror turns a set of packets into their replies: addresses and ports change places, an echo request becomes an echo reply.
func (p packets) mirror() packets {
	out := make(packets, len(p))
	for i, b := range p {
		b.src, b.dst = b.dst, b.src
		switch {
		case b.proto.within(withPorts):
			b.sport, b.dport = b.dport, b.sport
		case b.proto.within(withTypes):
			b.dport = echoReply(b.dport)
		}
		out[i] = b
	}
	return out
}

// ICMP echo request and reply, as type*256+code, for both families.
const (
	echoRequest4, echoReply4 = 8 * 256, 0
	echoRequest6, echoReply6 = 128 * 256, 129 * 256
)

// echoReply is what answers ICMP packets of the types: a reply for a request. All types together stay as they are.
func echoReply(types nums) nums {
	if types.equal(allPorts) {
		return types
	}
	for request, reply := range map[num]num{echoRequest4: echoReply4, echoRequest6: echoReply6} {
		if requests := numRange(int(request), int(request)+255); types.overlaps(requests) {
			types = types.minus(requests).union(numRange(int(reply), int(reply)))
		}
	}
	return types
}

// describeAddrs names the addresses of a set briefly.
func describeAddrs(a addrs) string {
	if v, ok := a.single(); ok {
		return v.String()
	}
	prefixes := toPrefixes(a)
	if len(prefixes) > 3 {
		return fmt.Sprintf("%s and %d more ranges", prefixes[0], len(prefixes)-1)
	}
	parts := make([]string, len(prefixes))
	for i, p := range prefixes {
		parts[i] = p.String()
	}
	return strings.Join(parts, ", ")
}

func describeNums(n nums) string {
	parts := make([]string, len(n))
	for i, r := range n {
		parts[i] = strconv.Itoa(int(r.lo))
		if r.lo != r.hi {
			parts[i] = fmt.Sprintf("%d-%d", r.lo, r.hi)
		}
	}
	return strings.Join(parts, ", ")
}

// describeService names protocols and destination ports as in "tcp/5432".
func describeService(proto, ports nums) string {
	switch v, ok := proto.single(); {
	case !ok && proto.equal(withPorts):
		return withPortList("tcp and udp", ports)
	case !ok && proto.equal(allProtos):
		return withPortList("all protocols", ports)
	case !ok && proto.equal(allProtos.minus(withPorts)):
		return "all protocols but tcp and udp"
	case !ok:
		return withPortList("protocols "+describeNums(proto), ports)
	case v == protoTCP, v == protoUDP:
		return withPortList(protocolName(int(v)), ports)
	case v == protoICMP, v == protoICMPv6:
		return protocolName(int(v)) + describeTypes(ports)
	default:
		return protocolName(int(v))
	}
}

func withPortList(name string, ports nums) string {
	if ports.equal(allPorts) {
		return name
	}
	return name + "/" + describeNums(ports)
}

func describeTypes(types nums) string {
	if types.equal(allPorts) {
		return ""
	}
	switch v, ok := types.single(); {
	case ok && (v == echoRequest4 || v == echoRequest6):
		return " echo request"
	case ok && (v == echoReply4 || v == echoReply6):
		return " echo reply"
	}
	parts := make([]string, len(types))
	for i, r := range types {
		parts[i] = fmt.Sprintf("type %d", r.lo/256)
		if r.hi/256 != r.lo/256 {
			parts[i] = fmt.Sprintf("types %d-%d", r.lo/256, r.hi/256)
		}
	}
	return " " + strings.Join(parts, ", ")
}

func protocolName(p int) string {
	switch p {
	case protoTCP:
		return "tcp"
	case protoUDP:
		return "udp"
	case protoICMP:
		return "icmp"
	case protoICMPv6:
		return "icmpv6"
	}
	return fmt.Sprintf("protocol %d", p)
}

// describePackets names protocols and ports of a set; in a reply the client's ports are the destination ports.
func describePackets(p packets) string {
	var parts []string
	for i := range p {
		s := describeService(p[i].proto, p[i].dport)
		known := false
		for _, q := range parts {
			known = known || q == s
		}
		if !known {
			parts = append(parts, s)
		}
	}
	if len(parts) > 4 {
		parts = append(parts[:4], fmt.Sprintf("%d more", len(parts)-4))
	}
	return strings.Join(parts, "; ")
}
