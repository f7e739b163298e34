package eventpattern

import "net/netip"

// exact matches an equal value. "For strings, EventBridge uses exact
// character-by-character matching without case-folding"; null and the empty string
// are different.
// (eb-create-pattern, eb-event-patterns-null-values).
type exact struct {
	want node
}

func (m exact) test(value node) truth {
	switch {
	case value.kind != m.want.kind:
		return no
	case value.text == m.want.text:
		return yes
	case value.kind == numberKind:
		return sameNumber(value.text, m.want.text)
	case value.kind == stringKind:
		return sameAddress(value.text, m.want.text)
	default:
		return no
	}
}

// sameNumber: the documentation says that "300, 300.0, and 3.0e2 are not considered
// equal", and the engine compares such numbers by their value.
func sameNumber(a, b string) truth {
	if order, sure := compareNumbers(a, b); order == 0 || !sure {
		return maybe
	}
	return no
}

// sameAddress: the documentation compares strings by character, and the engine
// takes two spellings of one IP address for equal.
func sameAddress(a, b string) truth {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	if errX == nil && errY == nil && x == y {
		return maybe
	}
	return no
}
