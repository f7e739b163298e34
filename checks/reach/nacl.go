package reach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// acl is a network ACL, its rules in order.
type acl struct {
	id string
	// rules by direction (0 in, 1 out) and family.
	rules [2][2][]aclRule
}

type aclRule struct {
	match
	number int
	allow  bool
	cidr   string
}

// indexACLs ties network ACLs to subnets and returns each VPC's default one, which is for the subnets without an association.
func (e *Engine) indexACLs() map[*vpc]*acl {
	defaults := map[*vpc]*acl{}
	for i := range e.network.NetworkAcls {
		rec := &e.network.NetworkAcls[i]
		a := compileACL(rec)
		if rec.IsDefault {
			defaults[e.vpc(rec.VpcId)] = a
		}
		for _, assoc := range rec.Associations {
			if assoc.SubnetId != "" {
				e.subnet(assoc.SubnetId, rec.VpcId).acl = a
			}
		}
	}
	return defaults
}

// compileACL sorts the rules by number: the first that matches decides.
// https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
func compileACL(rec *NetworkACL) *acl {
	a := &acl{id: rec.NetworkAclId}
	for _, entry := range rec.Entries {
		text := entry.CidrBlock
		if text == "" {
			text = entry.Ipv6CidrBlock
		}
		p, ok := parsePrefix(text)
		if !ok || finalRule(&entry) {
			continue
		}
		f := familyOf(p.Addr())
		protos := protocols(entry.Protocol)
		rule := aclRule{
			match:  match{far: prefixAddrs(f, p), proto: protos, ports: aclPorts(&entry, protos, f)},
			number: entry.RuleNumber,
			allow:  strings.EqualFold(entry.RuleAction, "allow"),
			cidr:   p.String(),
		}
		d := way(entry.Egress)
		a.rules[d][f.index()] = append(a.rules[d][f.index()], rule)
	}
	for d := range a.rules {
		for f := range a.rules[d] {
			slices.SortStableFunc(a.rules[d][f], func(x, y aclRule) int { return x.number - y.number })
		}
	}
	return a
}

// finalRule says that an entry is the rule *, which the API lists with a number above all that users may give (1-32766): it denies what no rule
// allows, as the engine does by itself, and can't be removed.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
func finalRule(entry *NetworkACLEntry) bool {
	return entry.RuleNumber >= 32767 && strings.EqualFold(entry.RuleAction, "deny")
}

func way(egress bool) int {
	if egress {
		return 1
	}
	return 0
}

// aclPorts are the ports, or ICMP types and codes, of an entry. They count for TCP, UDP and ICMP only; an ICMPv6 entry for an IPv4 range matches
// all types. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html
func aclPorts(entry *NetworkACLEntry, protos nums, f Family) nums {
	switch p, ok := protos.single(); {
	case !ok:
		return allPorts
	case (p == protoTCP || p == protoUDP) && entry.PortRange != nil:
		return portRange(entry.PortRange.From, entry.PortRange.To)
	case p == protoICMP && entry.IcmpTypeCode != nil,
		p == protoICMPv6 && f == IPv6 && entry.IcmpTypeCode != nil:
		return icmpTypes(entry.IcmpTypeCode.Type, entry.IcmpTypeCode.Code)
	}
	return allPorts
}

// portRange is a range of ports as a set; -1 stands for all.
func portRange(from, to int) nums {
	if from == -1 {
		return allPorts
	}
	from, to = max(from, 0), min(to, 65535)
	if from > to {
		return nil
	}
	return numRange(from, to)
}

// icmpTypes is an ICMP type and code as a set; -1 stands for all.
func icmpTypes(typ, code int) nums {
	switch {
	case typ < 0 || typ > 255:
		return allPorts
	case code < 0 || code > 255:
		return numRange(typ*256, typ*256+255)
	}
	return numRange(typ*256+code, typ*256+code)
}

// protocols reads a protocol as rules write it: a number, a name, or -1 for all. What is none of these matches nothing.
func protocols(text string) nums {
	switch strings.ToLower(text) {
	case "-1", "all":
		return allProtos
	case "tcp":
		return numRange(protoTCP, protoTCP)
	case "udp":
		return numRange(protoUDP, protoUDP)
	case "icmp":
		return numRange(protoICMP, protoICMP)
	case "icmpv6":
		return numRange(protoICMPv6, protoICMPv6)
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 255 {
		return nil
	}
	return numRange(n, n)
}

// aclHit is a part of the packets that one rule decided about; rule is nil for the final "*".
type aclHit struct {
	rule *aclRule
	set  packets
}

func (h *aclHit) allow() bool { return h.rule != nil && h.rule.allow }

// filter divides packets by the rule that decides about them.
func (a *acl) filter(f Family, egress bool, set packets) []aclHit {
	var hits []aclHit
	rules := a.rules[way(egress)][f.index()]
	for i := range rules {
		if len(set) == 0 {
			return hits
		}
		var taken, rest packets
		for j := range set {
			b := &set[j]
			if !b.hits(&rules[i].match, egress) {
				rest = append(rest, *b)
				continue
			}
			taken = append(taken, b.and(&rules[i].match, egress))
			rest = append(rest, b.minus(&rules[i].match, egress)...)
		}
		if len(taken) > 0 {
			hits = append(hits, aclHit{&rules[i], taken})
			set = rest
		}
	}
	if len(set) > 0 {
		hits = append(hits, aclHit{nil, set})
	}
	return hits
}

// split sums hits up as what passes and what does not.
func split(hits []aclHit) (passed, lost packets) {
	for i := range hits {
		if hits[i].allow() {
			passed = append(passed, hits[i].set...)
		} else {
			lost = append(lost, hits[i].set...)
		}
	}
	return passed, lost
}

// explain says which rule does what to which packets.
func (a *acl) explain(s *subnet, egress bool, hits []aclHit) string {
	parts := make([]string, 0, len(hits))
	for i := range hits {
		h := &hits[i]
		verb := "denies"
		if h.allow() {
			verb = "allows"
		}
		rule := fmt.Sprintf("the final rule * %s %s, which no numbered rule matches", verb, describePackets(h.set))
		if h.rule != nil {
			preposition := "from"
			if egress {
				preposition = "to"
			}
			rule = fmt.Sprintf("rule %d %s %s %s %s", h.rule.number, verb, describePackets(h.set), preposition, h.rule.cidr)
		}
		parts = append(parts, rule)
		if len(parts) == 6 && i < len(hits)-1 {
			parts = append(parts, fmt.Sprintf("%d more rules match", len(hits)-1-i))
			break
		}
	}
	where := "into"
	if egress {
		where = "out of"
	}
	return fmt.Sprintf("Network ACL %s, %s subnet %s: %s.", a.id, where, s.id, strings.Join(parts, "; "))
}
