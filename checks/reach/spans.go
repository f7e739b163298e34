package reach

import (
	"net/netip"
	"slices"
	"sort"
)

// point is a value on a line of discrete values: an address, a port or a protocol number.
type point[T any] interface {
	Compare(T) int
	Next() T
	Prev() T
}

// num is a port (for ICMP, type*256+code) or a protocol number.
type num int32

func (n num) Compare(m num) int { return int(n - m) }
func (n num) Next() num         { return n + 1 }
func (n num) Prev() num         { return n - 1 }

// span is a range, ends included.
type span[T point[T]] struct{ lo, hi T }

// spans is a set: sorted ranges which neither overlap nor touch. It is never changed once made, so that sets share parts.
type spans[T point[T]] []span[T]

type (
	addrs = spans[netip.Addr]
	nums  = spans[num]
)

func numRange(lo, hi int) nums { return nums{{num(lo), num(hi)}} }

func oneAddr(a netip.Addr) addrs { return addrs{{a, a}} }

// makeSpans sorts and merges ranges into a set.
func makeSpans[T point[T]](ranges []span[T]) spans[T] {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b span[T]) int { return a.lo.Compare(b.lo) })
	var out spans[T]
	for _, r := range sorted {
		last := len(out) - 1
		// Next of the greatest value is no greater than it, so the overlap is asked for first.
		if last >= 0 && (r.lo.Compare(out[last].hi) <= 0 || r.lo.Prev().Compare(out[last].hi) == 0) {
			if r.hi.Compare(out[last].hi) > 0 {
				out[last].hi = r.hi
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

func (a spans[T]) union(b spans[T]) spans[T] {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	return makeSpans(slices.Concat(a, b))
}

// from is the index of the first range that ends at or after the value.
func (a spans[T]) from(v T) int {
	if len(a) < 8 {
		for i := range a {
			if a[i].hi.Compare(v) >= 0 {
				return i
			}
		}
		return len(a)
	}
	return sort.Search(len(a), func(i int) bool { return a[i].hi.Compare(v) >= 0 })
}

func (a spans[T]) has(v T) bool {
	i := a.from(v)
	return i < len(a) && a[i].lo.Compare(v) <= 0
}

func (a spans[T]) overlaps(b spans[T]) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	i, j := a.from(b[0].lo), b.from(a[0].lo)
	for i < len(a) && j < len(b) {
		switch {
		case a[i].hi.Compare(b[j].lo) < 0:
			i++
		case b[j].hi.Compare(a[i].lo) < 0:
			j++
		default:
			return true
		}
	}
	return false
}

// within says that every value of a is in b.
func (a spans[T]) within(b spans[T]) bool {
	for _, r := range a {
		i := b.from(r.lo)
		if i == len(b) || b[i].lo.Compare(r.lo) > 0 || b[i].hi.Compare(r.hi) < 0 {
			return false
		}
	}
	return true
}

func (a spans[T]) intersect(b spans[T]) spans[T] {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	if len(b) == 1 && a[0].lo.Compare(b[0].lo) >= 0 && a[len(a)-1].hi.Compare(b[0].hi) <= 0 {
		return a
	}
	var out spans[T]
	i, j := a.from(b[0].lo), b.from(a[0].lo)
	for i < len(a) && j < len(b) {
		lo, hi := a[i].lo, a[i].hi
		if b[j].lo.Compare(lo) > 0 {
			lo = b[j].lo
		}
		if b[j].hi.Compare(hi) < 0 {
			hi = b[j].hi
		}
		if lo.Compare(hi) <= 0 {
			out = append(out, span[T]{lo, hi})
		}
		if a[i].hi.Compare(b[j].hi) < 0 {
			i++
		} else {
			j++
		}
	}
	return out
}

func (a spans[T]) minus(b spans[T]) spans[T] {
	if !a.overlaps(b) {
		return a
	}
	var out spans[T]
	for _, r := range a {
		lo, gone := r.lo, false
		for j := b.from(r.lo); j < len(b) && b[j].lo.Compare(r.hi) <= 0; j++ {
			if b[j].lo.Compare(lo) > 0 {
				out = append(out, span[T]{lo, b[j].lo.Prev()})
			}
			if b[j].hi.Compare(r.hi) >= 0 {
				gone = true
				break
			}
			lo = b[j].hi.Next()
		}
		if !gone {
			out = append(out, span[T]{lo, r.hi})
		}
	}
	return out
}

func (a spans[T]) equal(b spans[T]) bool { return len(a) == len(b) && a.within(b) && b.within(a) }

// single returns the only value of a set that has one.
func (a spans[T]) single() (v T, ok bool) {
	if len(a) == 1 && a[0].lo.Compare(a[0].hi) == 0 {
		return a[0].lo, true
	}
	return v, false
}

// prefixRange is the range of the addresses of a prefix.
func prefixRange(p netip.Prefix) span[netip.Addr] {
	p = p.Masked()
	return span[netip.Addr]{p.Addr(), lastAddr(p)}
}

// lastAddr is the highest address of a masked prefix.
func lastAddr(p netip.Prefix) netip.Addr {
	raw := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(raw)*8; bit++ {
		raw[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(raw)
	return last
}

// prefixAddrs is the set of the addresses of the prefixes of one family.
func prefixAddrs(f Family, prefixes ...netip.Prefix) addrs {
	var ranges []span[netip.Addr]
	for _, p := range prefixes {
		if p.IsValid() && familyOf(p.Addr()) == f {
			ranges = append(ranges, prefixRange(p))
		}
	}
	return makeSpans(ranges)
}

// toPrefixes is the shortest list of prefixes that make up the set.
func toPrefixes(a addrs) []netip.Prefix {
	var out []netip.Prefix
	for _, r := range a {
		for lo := r.lo; ; {
			p := widestFrom(lo, r.hi)
			out = append(out, p)
			last := lastAddr(p)
			if last.Compare(r.hi) >= 0 {
				break
			}
			lo = last.Next()
		}
	}
	return out
}

// widestFrom is the widest prefix that starts at lo and doesn't pass hi.
func widestFrom(lo, hi netip.Addr) netip.Prefix {
	best := netip.PrefixFrom(lo, lo.BitLen())
	for bits := lo.BitLen() - 1; bits >= 0; bits-- {
		p := netip.PrefixFrom(lo, bits)
		if p.Masked().Addr() != lo || lastAddr(p).Compare(hi) > 0 {
			break
		}
		best = p
	}
	return best
}

func familyOf(a netip.Addr) Family {
	if a.Is4() {
		return IPv4
	}
	return IPv6
}
