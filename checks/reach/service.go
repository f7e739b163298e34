package reach

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Protocol is tcp, udp, icmp, any, or a protocol number as text.
type Protocol string

// The protocols that questions are about. In a [Query], ICMP is a ping: an echo request and its reply, ICMPv6 over IPv6.
const (
	TCP         Protocol = "tcp"
	UDP         Protocol = "udp"
	ICMP        Protocol = "icmp"
	AnyProtocol Protocol = "any"
)

// ErrSyntax is wrapped by errors about a service or ports that are not written as they should be.
var ErrSyntax = errors.New("not understood")

// DefaultSourcePorts are the client ports that Linux picks from: 32768-60999.
// https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
func DefaultSourcePorts() PortRange { return PortRange{From: 32768, To: 60999} }

// ParseService reads a protocol and ports as in "tcp/5432", "udp/1000-2000", "tcp" (all ports), "icmp" or "any".
func ParseService(s string) (Protocol, PortRange, error) {
	name, ports, found := strings.Cut(strings.ToLower(s), "/")
	p := Protocol(name)
	switch p {
	case TCP, UDP:
		if !found {
			return p, PortRange{0, 65535}, nil
		}
		r, err := ParsePorts(ports)
		if err != nil {
			return "", PortRange{}, fmt.Errorf("port in %q: %w", s, err)
		}
		return p, r, nil
	case ICMP, AnyProtocol:
		if found {
			return "", PortRange{}, fmt.Errorf("service %q: %s has no ports: %w", s, name, ErrSyntax)
		}
		return p, PortRange{0, 65535}, nil
	}
	return "", PortRange{}, fmt.Errorf("service %q: want tcp/PORT, udp/PORT, icmp or any, as in tcp/5432: %w", s, ErrSyntax)
}

// ParsePorts reads a port or a range of ports, as in "443" or "32768-60999".
func ParsePorts(s string) (PortRange, error) {
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	from, err1 := strconv.ParseUint(low, 10, 16)
	to, err2 := strconv.ParseUint(high, 10, 16)
	if err1 != nil || err2 != nil || from > to || to == 0 { // port 0 is reserved, and the zero range means all
		return PortRange{}, fmt.Errorf("ports %q: want a port from 1 to 65535 or a range of ports, as in 443 or 32768-60999: %w", s, ErrSyntax)
	}
	return PortRange{int(from), int(to)}, nil
}

// or is the range, or another where this is the zero one.
func (r PortRange) or(other PortRange) PortRange {
	if r == (PortRange{}) {
		return other
	}
	return r
}

// connection is what a query asks for in one family: boxes without addresses.
func (q *Query) connection(f Family) packets {
	ports := q.Ports.or(PortRange{0, 65535})
	client := q.SourcePorts.or(DefaultSourcePorts())
	service, from := portRange(ports.From, ports.To), portRange(client.From, client.To)
	ping := nums{{protoICMP, protoICMP}}
	echo := numRange(echoRequest4, echoRequest4)
	if f == IPv6 {
		ping, echo = nums{{protoICMPv6, protoICMPv6}}, numRange(echoRequest6, echoRequest6)
	}
	var set packets
	switch q.Protocol {
	case TCP, UDP:
		set = packets{{proto: protocols(string(q.Protocol)), sport: from, dport: service}}
	case ICMP:
		set = packets{{proto: ping, sport: allPorts, dport: echo}}
	case AnyProtocol, "":
		set = packets{
			{proto: withPorts, sport: from, dport: service},
			{proto: allProtos.minus(withPorts), sport: allPorts, dport: allPorts},
		}
	default:
		set = packets{{proto: protocols(string(q.Protocol)), sport: allPorts, dport: allPorts}}
	}
	return slices.DeleteFunc(set, func(b box) bool { return len(b.proto) == 0 || len(b.sport) == 0 || len(b.dport) == 0 })
}
