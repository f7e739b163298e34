package networking

import (
	"errors"
	"fmt"
	"strconv"

	"labctl/checks"
	"labctl/checks/reach"
	"labctl/labs/say"
)

// clientPorts are the ports that any client may open a connection from: Linux takes 32768-60999, Windows 49152-65535, a
// NAT gateway and a load balancer 1024-65535. A network ACL has to let replies through to all of them.
// https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
func clientPorts() reach.PortRange { return reach.PortRange{From: 1024, To: 65535} }

func port(n int) reach.PortRange { return reach.PortRange{From: n, To: n} }

// connect asks whether a TCP connection works, replies included, from every client port.
func connect(engine *reach.Engine, from, to string, n int) (reach.Answer, error) {
	source, err := engine.Endpoint(from)
	if err != nil {
		return reach.Answer{}, fmt.Errorf("tracing from %s: %w", from, err)
	}
	target, err := engine.Endpoint(to)
	if err != nil {
		return reach.Answer{}, fmt.Errorf("tracing to %s: %w", to, err)
	}
	return engine.Trace(reach.Query{From: source, To: target, Protocol: reach.TCP, Ports: port(n), SourcePorts: clientPorts()}), nil
}

// mustConnect adds an offence for every pair of hosts between which the connection does not work. Hosts that both have
// IPv4 have to reach each other by it: that IPv6 works as well is no comfort to a client that asks for the A record.
func (a *architecture) mustConnect(o *checks.Offences, from, to []reach.NetworkInterface, n int) error {
	for _, source := range from {
		for _, target := range to {
			engine := a.Engine
			if source.PrivateIpAddress != "" && target.PrivateIpAddress != "" {
				engine = a.OnlyIPv4()
			}
			answer, err := connect(engine, source.NetworkInterfaceId, target.NetworkInterfaceId, n)
			if err != nil {
				return err
			}
			if answer.Verdict != reach.Reachable {
				o.Add(fmt.Sprintf("%s cannot reach %s on tcp/%d from every client port. %s", interfaceLabel(source), interfaceLabel(target), n, say.Block(answer)),
					source.NetworkInterfaceId, target.NetworkInterfaceId)
			}
		}
	}
	return nil
}

// mostLeaks bounds how many leaks one question is asked for: each is named, but nobody reads a hundred.
const mostLeaks = 4

// mustNot adds an offence for every place from or to which a packet gets that must not. It returns how many
// destinations were judged. An empty side is an offence: it proves nothing.
func (a *architecture) mustNot(o *checks.Offences, engine *reach.Engine, q reach.Question) (destinations int, err error) {
	for range mostLeaks {
		leak, err := engine.Any(q)
		if errors.Is(err, reach.ErrNothing) {
			if destinations == 0 {
				o.Add("There is nothing to judge: " + say.Sentence(err.Error()))
			}
			return destinations, nil
		}
		if err != nil {
			return 0, fmt.Errorf("asking the reachability engine: %w", err)
		}
		destinations = max(destinations, leak.Destinations)
		if !leak.Found {
			break
		}
		o.Add(a.tellLeak(leak), known(leak.Witness.From, leak.Witness.To)...)
		q.Except = append(q.Except[:len(q.Except):len(q.Except)], a.like(leak.Witness))
	}
	return destinations, nil
}

// like are the packets that the search goes on without: those of the same service, or, where an end is a host that is
// not there and that everything gets to or from, those between the same places.
func (a *architecture) like(p reach.Packet) reach.Packets {
	from, fromSubnet := a.subnet(p.From)
	to, toSubnet := a.subnet(p.To)
	if fromSubnet || toSubnet {
		var packets reach.Packets
		if fromSubnet {
			packets.From = reach.Subnets(from.SubnetId).AsLocations(true)
		}
		if toSubnet {
			packets.To = reach.Subnets(to.SubnetId).AsLocations(true)
		}
		return packets
	}
	const tcp, udp = 6, 17
	packets := reach.Packets{Protocol: reach.Protocol(strconv.Itoa(p.Protocol))}
	if p.Protocol == tcp || p.Protocol == udp {
		packets.Ports = port(p.DestinationPort)
	}
	return packets
}

// known leaves out what is no resource.
func known(ends ...string) []string {
	var found []string
	for _, id := range ends {
		if id != "internet" && id != "" {
			found = append(found, id)
		}
	}
	return found
}
