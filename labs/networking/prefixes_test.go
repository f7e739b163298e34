package networking

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parsed(texts ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

func TestAPrefixIsCoveredWhenEveryAddressOfItIs(t *testing.T) {
	for name, c := range map[string]struct {
		prefix string
		by     []netip.Prefix
		want   bool
	}{
		"by itself":              {"10.0.0.0/24", parsed("10.0.0.0/24"), true},
		"by a shorter one":       {"10.0.0.0/24", parsed("10.0.0.0/16"), true},
		"by its halves":          {"10.0.0.0/23", parsed("10.0.0.0/24", "10.0.1.0/24"), true},
		"but for one address":    {"10.0.0.0/31", parsed("10.0.0.0/32"), false},
		"by its first half only": {"10.0.0.0/23", parsed("10.0.0.0/24"), false},
		"by nothing":             {"10.0.0.0/24", nil, false},
		"by the other family":    {"10.0.0.0/24", parsed("::/0"), false},
		"in IPv6":                {"2001:db8::/63", parsed("2001:db8::/64", "2001:db8:0:1::/64"), true},
		"everything by halves":   {"0.0.0.0/0", parsed("0.0.0.0/1", "128.0.0.0/1"), true},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, covered(netip.MustParsePrefix(c.prefix), c.by))
		})
	}
}

func TestTheLastFreeBlockTouchesNothing(t *testing.T) {
	free, ok := lastFree(netip.MustParsePrefix("10.0.0.0/24"), 28, parsed("10.0.0.128/25", "10.0.0.112/28"))
	require.True(t, ok)
	assert.Equal(t, "10.0.0.96/28", free.String())

	_, ok = lastFree(netip.MustParsePrefix("10.0.0.0/24"), 28, parsed("10.0.0.0/16"))
	assert.False(t, ok)
}

func TestAnActionIsTakenOutOfAPolicyOnlyWhereItIsNamed(t *testing.T) {
	without, changed, err := withoutAction(`{"Statement":[{"Action":["logs:CreateLogStream","logs:putlogevents"],"Effect":"Allow","Resource":"*"}]}`, putEvents)
	require.NoError(t, err)
	assert.True(t, changed)
	assert.JSONEq(t, `{"Statement":[{"Action":["logs:CreateLogStream"],"Effect":"Allow","Resource":"*"}]}`, without)

	_, changed, err = withoutAction(`{"Statement":{"Action":"logs:*","Effect":"Allow","Resource":"*"}}`, putEvents)
	require.NoError(t, err)
	assert.False(t, changed)
}
