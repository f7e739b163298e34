package reach

import (
	"fmt"
	"strings"
)

// acl passes packets through the network ACL of a subnet.
func (w *walk) acl(f *flow, s *subnet, egress bool) bool {
	if s.acl == nil {
		w.pass(f, ComponentSubnet, s.id, Passes, func() string {
			return fmt.Sprintf("The snapshot has no network ACL for %s: a default network ACL, which allows everything, is assumed.", s.id)
		})
		return true
	}
	hits := s.acl.filter(w.f, egress, f.set)
	passed, lost := split(hits)
	text := func() string { return s.acl.explain(s, egress, hits) }
	change := func() string { return changeACL(s.acl, egress, hits, lost) }
	if len(passed) == 0 {
		w.drop(*f, ComponentNetworkACL, s.acl.id, Denies, text, change)
		return false
	}
	w.partly(f, ComponentNetworkACL, s.acl.id, lost, text, change)
	f.set = passed
	w.pass(f, ComponentNetworkACL, s.acl.id, passDecision(lost), text)
	return true
}

func passDecision(lost packets) Decision {
	if len(lost) > 0 {
		return PartAllows
	}
	return Allows
}

// changeACL says what rule would let the lost packets by. It must have a lower number than the rule that denies them.
func changeACL(a *acl, egress bool, hits []aclHit, lost packets) string {
	way, far, of := "inbound", "from", lost.sources()
	if egress {
		way, far, of = "outbound", "to", lost.destinations()
	}
	for i := range hits {
		if hits[i].rule != nil && !hits[i].allow() {
			return fmt.Sprintf("Remove %s rule %d of %s, or allow %s %s %s with a lower number.", way, hits[i].rule.number, a.id,
				describePackets(lost), far, describeAddrs(of))
		}
	}
	return fmt.Sprintf("Add an %s rule to %s that allows %s %s %s.", way, a.id, describePackets(lost), far, describeAddrs(of))
}

// groups passes packets through the security groups of a host.
func (w *walk) groups(f *flow, h *host, egress bool) bool {
	if h.open() {
		if h.kind == futureHost {
			w.pass(f, ComponentSubnet, h.subnet.id, Passes, func() string {
				return fmt.Sprintf("A host in %s is assumed whose security groups allow everything.", h.subnet.id)
			})
		}
		return true
	}
	id := firstGroup(h)
	if w.reply {
		w.pass(f, ComponentSecurityGroup, id, Allows, func() string {
			return fmt.Sprintf("Security groups keep state: %s lets the reply pass whatever its rules say.", nameGroups(h.groups))
		})
		return true
	}
	if !w.exact {
		if unknown := w.e.unknownGroups(h, egress); len(unknown) > 0 {
			w.pass(f, ComponentSecurityGroup, id, Undecided, func() string {
				return fmt.Sprintf("The snapshot doesn't hold %s, which may allow anything.", unknown[0])
			})
			f.uncertain = true
			return true
		}
	}
	hits := w.e.allowed(h, w.f, egress, w.scope(f, h, egress), f.set)
	return w.passGroups(f, h, egress, hits)
}

func firstGroup(h *host) string {
	if len(h.groups) == 0 {
		return h.id
	}
	return h.groups[0]
}

func (w *walk) passGroups(f *flow, h *host, egress bool, hits []groupHit) bool {
	id, passed := firstGroup(h), passedGroups(hits)
	text := func() string { return explainGroups(w.e, h, egress, hits) }
	change := func(lost packets) func() string {
		return func() string { return changeGroups(h, egress, lost) }
	}
	if len(hits) == 0 {
		w.drop(*f, ComponentSecurityGroup, id, Denies, text, change(f.set))
		return false
	}
	id = hits[0].group.id
	var lost packets
	if w.exact {
		lost = lostGroups(f.set, hits, egress)
		w.partly(f, ComponentSecurityGroup, id, lost, text, change(lost))
	}
	f.set = passed
	w.pass(f, ComponentSecurityGroup, id, passDecision(lost), text)
	return true
}

func changeGroups(h *host, egress bool, lost packets) string {
	way, far, of := "inbound", "from", lost.sources()
	if egress {
		way, far, of = "outbound", "to", lost.destinations()
	}
	if len(h.groups) == 0 {
		return fmt.Sprintf("Give %s a security group that allows %s %s %s.", h.id, describePackets(lost), far, describeAddrs(of))
	}
	return fmt.Sprintf("Add an %s rule to %s that allows %s %s %s, or a security group that it is in.", way, strings.Join(h.groups, " or "),
		describePackets(lost), far, describeAddrs(of))
}

// scope is what security group references mean for packets at a host.
func (w *walk) scope(f *flow, h *host, egress bool) scope {
	own := h.vpc()
	if egress {
		// References over a transit gateway count for inbound rules only.
		return func(id string) bool { return id == own.id || own.peers[id] }
	}
	switch f.via.kind {
	case viaLocal:
		return func(id string) bool { return id == own.id }
	case viaPeering:
		return func(id string) bool { return id == f.via.from && own.peers[id] }
	case viaTransit:
		return func(id string) bool { return id == f.via.from }
	default:
		return func(string) bool { return false }
	}
}
