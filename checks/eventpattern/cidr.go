package eventpattern

import (
	"net/netip"
	"strings"
)

// cidr matches strings that are an IP address in a range, IPv4 or IPv6.
// (eb-create-pattern-operators, IP address matching).
type cidr struct {
	prefix netip.Prefix
}

// test leaves open an address below the one in front of the slash: a range is all
// that shares the prefix, and the engine once began it at that address.
func (m cidr) test(value node) truth {
	if value.kind != stringKind {
		return no
	}
	address, err := netip.ParseAddr(value.text)
	switch {
	case err != nil || !m.prefix.Contains(address):
		return no
	case address.Less(m.prefix.Addr()):
		return maybe
	default:
		return yes
	}
}

func parseCIDR(at path, n node) (matcher, error) {
	if n.kind != stringKind {
		return nil, at.refuse("cidr match pattern must be a string")
	}
	if strings.Count(n.text, "/") != 1 {
		return nil, at.refuse("Malformed CIDR, one '/' required")
	}
	prefix, err := netip.ParsePrefix(n.text)
	switch {
	case err != nil:
		return nil, at.refuse("Malformed CIDR: %s", n)
	case prefix.IsSingleIP():
		return nil, at.inconclusive("a range of one address, %s: versions of the engine differ in whether it is allowed", n)
	}
	return cidr{prefix}, nil
}
