package reach

import (
	"fmt"
	"slices"
	"strings"
)

// group is a security group. Its rules only allow; what no rule of any of an interface's groups allows is dropped.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
type group struct {
	id    string
	rules [2][]groupRule // 0 in, 1 out
}

// groupRule is one line of a rule: one CIDR block, prefix list or referenced group with its protocol and ports.
type groupRule struct {
	proto, ports nums
	far          [2]addrs
	reference    string // a group id; far is then empty
	unknown      string // a prefix list that the snapshot doesn't hold
	label        string // what it allows from or to
}

func (e *Engine) indexGroups() {
	for i := range e.network.SecurityGroups {
		rec := &e.network.SecurityGroups[i]
		g := &group{id: rec.GroupId}
		for _, p := range rec.IpPermissions {
			g.rules[0] = append(g.rules[0], e.compilePermission(&p)...)
		}
		for _, p := range rec.IpPermissionsEgress {
			g.rules[1] = append(g.rules[1], e.compilePermission(&p)...)
		}
		e.groups[g.id] = g
	}
	for _, byVPC := range e.members {
		for _, sets := range byVPC {
			for f := range sets {
				sets[f] = makeSpans(sets[f])
			}
		}
	}
}

func (e *Engine) compilePermission(p *IpPermission) []groupRule {
	protos := protocols(p.IpProtocol)
	base := groupRule{proto: protos, ports: permissionPorts(p, protos)}
	var out []groupRule
	cidr := func(text string) {
		if prefix, ok := parsePrefix(text); ok {
			r := base
			r.far[familyOf(prefix.Addr()).index()] = addrs{prefixRange(prefix)}
			r.label = prefix.String()
			out = append(out, r)
		}
	}
	for _, r := range p.IpRanges {
		cidr(r.CidrIp)
	}
	for _, r := range p.Ipv6Ranges {
		cidr(r.CidrIpv6)
	}
	for _, l := range p.PrefixListIds {
		r := base
		r.label = "prefix list " + l.PrefixListId
		if e.prefixLists[l.PrefixListId] == nil {
			r.unknown = l.PrefixListId
		}
		prefixes := e.listPrefixes(l.PrefixListId)
		r.far = [2]addrs{prefixAddrs(IPv4, prefixes...), prefixAddrs(IPv6, prefixes...)}
		out = append(out, r)
	}
	for _, pair := range p.UserIdGroupPairs {
		r := base
		r.reference, r.label = pair.GroupId, "security group "+pair.GroupId
		out = append(out, r)
	}
	return out
}

// permissionPorts are the ports, or the ICMP type and code, of a permission. They count for TCP, UDP and ICMP only.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
func permissionPorts(p *IpPermission, protos nums) nums {
	proto, ok := protos.single()
	if !ok || p.FromPort == nil {
		return allPorts
	}
	to := -1
	if p.ToPort != nil {
		to = *p.ToPort
	}
	switch proto {
	case protoTCP, protoUDP:
		if p.ToPort == nil {
			to = 65535
		}
		return portRange(*p.FromPort, to)
	case protoICMP, protoICMPv6:
		return icmpTypes(*p.FromPort, to)
	}
	return allPorts
}

// scope says whose members a reference to a security group stands for, on the way that the packet took: the VPCs whose interfaces count.
//
// A reference means the private addresses of the group's members, in the same VPC, or in a peered one in the same region, or, for inbound rules,
// behind a transit gateway with the support switched on. It never means their public addresses.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html#security-group-referencing
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html#vpc-attachment-security
type scope func(vpcID string) bool

// referenced are the addresses that a reference stands for.
func (e *Engine) referenced(f Family, groupID string, in scope) addrs {
	var out addrs
	for vpcID, sets := range e.members[groupID] {
		if in(vpcID) {
			out = out.union(sets[f.index()])
		}
	}
	return out
}

// groupHit is a part of the packets that one rule allows.
type groupHit struct {
	group *group
	rule  *groupRule
	set   packets
}

// allowed are the packets that the security groups of a host let in or out, and the rules that do. The packets of different hits may overlap.
func (e *Engine) allowed(h *host, f Family, egress bool, in scope, set packets) (hits []groupHit) {
	for _, id := range h.groups {
		g := e.groups[id]
		if g == nil {
			continue
		}
		for i := range g.rules[way(egress)] {
			r := &g.rules[way(egress)][i]
			m := match{far: r.far[f.index()], proto: r.proto, ports: r.ports}
			if r.reference != "" {
				m.far = e.referenced(f, r.reference, in)
			}
			var taken packets
			for j := range set {
				if set[j].hits(&m, egress) {
					taken = append(taken, set[j].and(&m, egress))
				}
			}
			if len(taken) > 0 {
				hits = append(hits, groupHit{g, r, taken})
			}
		}
	}
	return hits
}

// passedGroups is the union of what the rules allow.
func passedGroups(hits []groupHit) packets {
	var out packets
	for i := range hits {
		for _, b := range hits[i].set {
			out = out.add(b)
		}
	}
	return out
}

// lostGroups is what no rule allows.
func lostGroups(set packets, hits []groupHit, egress bool) packets {
	rest := set
	for i := range hits {
		for _, b := range hits[i].set {
			m := match{far: b.far(egress), proto: b.proto, ports: b.dport}
			var left packets
			for j := range rest {
				left = append(left, rest[j].minus(&m, egress)...)
			}
			rest = left
		}
	}
	return rest
}

// unknownGroups names the groups and prefix lists of a host's rules that the snapshot doesn't hold.
func (e *Engine) unknownGroups(h *host, egress bool) []string {
	var out []string
	for _, id := range h.groups {
		g := e.groups[id]
		if g == nil {
			out = append(out, id)
			continue
		}
		for _, r := range g.rules[way(egress)] {
			if r.unknown != "" {
				out = append(out, r.unknown)
			}
		}
	}
	return out
}

func explainGroups(e *Engine, h *host, egress bool, hits []groupHit) string {
	to, way := "from", "in"
	if egress {
		to, way = "to", "out"
	}
	if len(hits) == 0 {
		if len(h.groups) == 0 {
			return fmt.Sprintf("%s has no security group, so nothing is let %s.", h.id, way)
		}
		s := fmt.Sprintf("No %sbound rule of %s on %s allows this, and what no rule allows is dropped.", way, nameGroups(h.groups), h.id)
		if unknown := e.unknownGroups(h, egress); len(unknown) > 0 {
			s += fmt.Sprintf(" The snapshot doesn't hold %s.", strings.Join(unknown, ", "))
		}
		return s
	}
	var parts []string
	for i := range hits {
		part := fmt.Sprintf("%s allows %s %s %s", hits[i].group.id, describeService(hits[i].rule.proto, hits[i].rule.ports), to, hits[i].rule.label)
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
		if len(parts) == 4 && i < len(hits)-1 {
			parts = append(parts, "other rules match too")
			break
		}
	}
	return fmt.Sprintf("Security group %s (%sbound of %s).", strings.Join(parts, "; "), way, h.id)
}

func nameGroups(ids []string) string {
	if len(ids) == 1 {
		return "security group " + ids[0]
	}
	return "security groups " + strings.Join(ids, ", ")
}
