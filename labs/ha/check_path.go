package ha

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/reach"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// decidePath judges each leg of a visitor's way: from the internet to a node of the load balancer, from every node to every
// instance, and the health check's own way. Whether the load balancer uses a zone at all is the question of another check.
func decidePath(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	network, err := a.inv.Network(ctx)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, group := range a.groups {
		targets, err := a.targetGroupsOf(ctx, group)
		if err != nil {
			return nil, err
		}
		templates, err := a.templatesOf(ctx, group)
		if err != nil {
			return nil, err
		}
		members, next := members(network.Network, group), nextMembers(network.Network, group, templates)
		if len(next) == 0 {
			o.Add(fmt.Sprintf("Group %s has no subnet that exists to launch into.", group.AutoScalingGroupName), group.AutoScalingGroupName)
			continue
		}
		served := false
		for _, target := range targets {
			balancers, err := a.balancersOf(ctx, target)
			if err != nil {
				return nil, err
			}
			for _, balancer := range balancers {
				listeners := listenersTo(balancer, target)
				if len(listeners) == 0 {
					continue
				}
				served = true
				way := newWay(network.Network, balancer, target, members, next)
				if err := way.judge(o, listeners); err != nil {
					return nil, err
				}
				told = append(told, way.tell(listeners))
			}
		}
		if !served {
			o.Add(fmt.Sprintf("No listener of a load balancer forwards to a target group of %s: visitors have no way to its instances.", group.AutoScalingGroupName), group.AutoScalingGroupName)
		}
	}
	return told, nil
}

// way is the way of visitors through one load balancer to one target group, in a network that has the load balancer's nodes
// and the next instances besides what is there.
type way struct {
	engine   *reach.Engine
	balancer inventory.LoadBalancer
	target   inventory.TargetGroup
	nodes    []place
	members  []place // the instances that are there, and the next one of each subnet
}

// place is an interface and what to call it.
type place struct{ id, label string }

// clientPorts are the ports that a load balancer opens connections from.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html
func clientPorts() reach.PortRange { return reach.PortRange{From: 1024, To: 65535} }

func newWay(network *reach.Network, balancer inventory.LoadBalancer, target inventory.TargetGroup, members, next []stand) *way {
	w := &way{balancer: balancer, target: target}
	variant := *network
	nodes := balancerNodes(network, balancer)
	for _, stands := range [][]stand{nodes, members, next} {
		for _, s := range stands {
			if s.imagined {
				variant.NetworkInterfaces = append(variant.NetworkInterfaces[:len(variant.NetworkInterfaces):len(variant.NetworkInterfaces)], s.NetworkInterface)
			}
		}
	}
	for _, s := range nodes {
		w.nodes = append(w.nodes, s.place())
	}
	for _, s := range append(append([]stand{}, members...), next...) {
		w.members = append(w.members, s.place())
	}
	w.engine = reach.New(&variant)
	return w
}

func (w *way) judge(o *checks.Offences, listeners []inventory.Listener) error {
	if len(w.nodes) == 0 {
		o.Add(fmt.Sprintf("Load balancer %s has no subnet that exists.", w.balancer.LoadBalancerName), w.balancer.LoadBalancerArn)
		return nil
	}
	if w.balancer.Scheme != "internal" {
		for _, node := range w.nodes {
			for _, listener := range listeners {
				if err := w.must(o, place{"internet", "Visitors"}, node, listener.Port, "a visitor"); err != nil {
					return err
				}
			}
		}
	} else {
		o.Add(fmt.Sprintf("Load balancer %s is internal: visitors do not reach it.", w.balancer.LoadBalancerName), w.balancer.LoadBalancerArn)
	}
	for _, port := range w.ports() {
		for _, node := range w.nodes {
			for _, member := range w.members {
				if err := w.must(o, node, member, port.n, port.what); err != nil {
					return err
				}
			}
		}
	}
	return w.mustNotEnter(o)
}

// targetPort is a port of an instance that the load balancer uses.
type targetPort struct {
	n    int
	what string
}

// ports are that of the traffic and, where it is another, that of the health check.
func (w *way) ports() []targetPort {
	check, err := strconv.Atoi(w.target.HealthCheck.Port)
	if err != nil || check == w.target.Port { // "traffic-port"
		return []targetPort{{w.target.Port, "a visitor's request and the health check"}}
	}
	return []targetPort{{w.target.Port, "a visitor's request"}, {check, "the health check"}}
}

// must adds an offence where a connection does not work from every client port, by IPv4.
func (w *way) must(o *checks.Offences, from, to place, port int, what string) error {
	answer, err := w.connect(from.id, to.id, port)
	if err != nil {
		return err
	}
	if answer.Verdict != reach.Reachable {
		o.Add(fmt.Sprintf("%s cannot reach %s on tcp/%d, which %s takes. %s", from.label, to.label, port, what, say.Block(answer)), w.target.TargetGroupArn)
	}
	return nil
}

func (w *way) connect(from, to string, port int) (reach.Answer, error) {
	source, err := w.engine.Endpoint(from)
	if err != nil {
		return reach.Answer{}, fmt.Errorf("tracing from %s: %w", from, err)
	}
	target, err := w.engine.Endpoint(to)
	if err != nil {
		return reach.Answer{}, fmt.Errorf("tracing to %s: %w", to, err)
	}
	return w.engine.Trace(reach.Query{From: source, To: target, Protocol: reach.TCP, Ports: reach.PortRange{From: port, To: port}, SourcePorts: clientPorts()}), nil
}

// mustNotEnter adds an offence where any packet from the internet gets to an instance.
func (w *way) mustNotEnter(o *checks.Offences) error {
	ids := make([]string, len(w.members))
	for n, member := range w.members {
		ids[n] = member.id
	}
	leak, err := w.engine.Any(reach.Question{From: reach.Internet(), To: reach.Interfaces(ids...)})
	if errors.Is(err, reach.ErrNothing) {
		return nil // where there is no instance to reach, the legs above have said so
	}
	if err != nil {
		return fmt.Errorf("asking the reachability engine: %w", err)
	}
	if leak.Found {
		label := leak.Witness.To
		for _, member := range w.members {
			if member.id == leak.Witness.To {
				label = member.label
			}
		}
		o.Add(fmt.Sprintf("The internet reaches %s directly, past the load balancer: %s.", label, leak.Witness), w.target.TargetGroupArn)
	}
	return nil
}

func (w *way) tell(listeners []inventory.Listener) string {
	var ports string
	for n, listener := range listeners {
		if n > 0 {
			ports += ", "
		}
		ports += strconv.Itoa(listener.Port)
	}
	return fmt.Sprintf("Visitors reach %s of load balancer %s on tcp/%s, those reach all of %s on tcp/%d and check them there, and the internet reaches none of these.",
		typeset.Count(len(w.nodes), "node"), w.balancer.LoadBalancerName, ports, typeset.Count(len(w.members), "instance"), w.target.Port)
}
