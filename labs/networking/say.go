package networking

import (
	"fmt"
	"slices"
	"strings"

	"labctl/checks/reach"
	"labctl/labs/say"
)

// label is an id with the name that its owner gave it.
func label(id string, tags reach.Tags) string {
	if name := tags.Get("Name"); name != "" {
		return id + " (" + name + ")"
	}
	return id
}

func subnetLabel(s reach.Subnet) string { return label(s.SubnetId, s.Tags) }
func interfaceLabel(eni reach.NetworkInterface) string {
	return label(eni.NetworkInterfaceId, eni.TagSet)
}

// place labels an end of a packet's way: an interface, a subnet (for a host that isn't there yet), or the internet.
func (a *architecture) place(id string) string {
	for _, eni := range a.NetworkInterfaces {
		if eni.NetworkInterfaceId == id {
			return interfaceLabel(eni)
		}
	}
	if s, ok := a.subnet(id); ok {
		return "a host in " + subnetLabel(s)
	}
	switch id {
	case "internet":
		return "the internet"
	case "":
		return "what lies beyond"
	default:
		return id
	}
}

// tellLeak says which packet gets through and what lets it.
func (a *architecture) tellLeak(leak reach.Leak) string {
	from, to, verb := a.place(leak.Witness.From), a.place(leak.Witness.To), "reaches"
	if !leak.Certain {
		verb = "may reach, as far as can be told,"
	}
	told := fmt.Sprintf("%s %s %s: %s.", from, verb, to, leak.Witness)
	return strings.Join(append([]string{told}, decisive(leak.Path)...), " ")
}

// decisive are the explanations of the hops that a learner would change: the routes that chose the way and the security
// groups that let the packet pass. A network ACL on the way may be one that the question left out.
func decisive(path []reach.Hop) []string {
	var told []string
	for _, hop := range path {
		decides := []reach.Decision{reach.Routes, reach.Allows, reach.PartAllows, reach.Undecided}
		if slices.Contains(decides, hop.Decision) && hop.Component != reach.ComponentNetworkACL {
			told = append(told, say.Sentence(hop.Explanation))
		}
	}
	return told
}
