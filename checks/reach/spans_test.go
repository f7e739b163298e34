package reach

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// randomSet is a set over 0..63 and the same as a bitmap.
func randomSet(r *rand.Rand) (nums, [64]bool) {
	var ranges []span[num]
	var bits [64]bool
	for range r.IntN(6) {
		lo := r.IntN(64)
		hi := min(63, lo+r.IntN(12))
		ranges = append(ranges, span[num]{num(lo), num(hi)})
		for i := lo; i <= hi; i++ {
			bits[i] = true
		}
	}
	return makeSpans(ranges), bits
}

func TestSetAlgebraAgreesWithBitmaps(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		a, abits := randomSet(r)
		b, bbits := randomSet(r)
		both, either, minus := a.intersect(b), a.union(b), a.minus(b)
		overlap, within := false, true
		for i := range 64 {
			v := num(i)
			require.Equal(t, abits[i], a.has(v))
			require.Equal(t, abits[i] && bbits[i], both.has(v), "%v and %v", a, b)
			require.Equal(t, abits[i] || bbits[i], either.has(v), "%v or %v", a, b)
			require.Equal(t, abits[i] && !bbits[i], minus.has(v), "%v minus %v", a, b)
			overlap = overlap || abits[i] && bbits[i]
			within = within && (!abits[i] || bbits[i])
		}
		require.Equal(t, overlap, a.overlaps(b))
		require.Equal(t, within, a.within(b), "%v in %v", a, b)
		for _, set := range []nums{both, either, minus} {
			for i := 1; i < len(set); i++ {
				require.Less(t, int(set[i-1].hi), int(set[i].lo), "sorted and disjoint")
			}
		}
	}
}

func TestAddressSetsReachTheEndsOfTheirSpace(t *testing.T) {
	all := parseSet(IPv4, "0.0.0.0/0")
	assert.Equal(t, "255.255.255.255", all[0].hi.String())
	assert.Empty(t, all.minus(all))
	assert.Equal(t, all, all.minus(parseSet(IPv4, "128.0.0.0/1")).union(parseSet(IPv4, "128.0.0.0/1")))
	assert.Equal(t, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", parseSet(IPv6, "::/0")[0].hi.String())
	assert.False(t, internet4.has(netip.MustParseAddr("255.255.255.255")))
}

func TestToPrefixesIsTheShortestList(t *testing.T) {
	a := parseSet(IPv4, "10.0.0.0/8").minus(parseSet(IPv4, "10.0.0.0/10", "10.255.255.255/32"))
	prefixes := toPrefixes(a)
	assert.Equal(t, a, prefixAddrs(IPv4, prefixes...))
	assert.Equal(t, "10.64.0.0/10", prefixes[0].String())
	assert.Len(t, prefixes, 24)
	assert.Equal(t, []netip.Prefix{netip.MustParsePrefix("::/0")}, toPrefixes(parseSet(IPv6, "::/0")))
}
