package escalate

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTwoPatternsMeetInAPatternOfBoth(t *testing.T) {
	for _, test := range []struct {
		a, b, want string
		ok         bool
	}{
		{"*", "*", "*", true},
		{"*", "role/app", "role/app", true},
		{"role/*", "role/app/*", "role/app/*", true},
		{"*-app", "blue-*", "blue-*-app", true},
		{"a*", "*b", "a*b", true},
		{"a?c", "ab*", "abc", true},
		{"a", "b", "", false},
		{"a*", "b*", "", false},
		{"*a", "*b", "", false},
		{"abc", "ab", "", false},
		{"", "*", "", true},
	} {
		got, ok := meet(test.a, test.b)
		assert.Equal(t, test.ok, ok, "%s and %s", test.a, test.b)
		assert.Equal(t, test.want, got, "%s and %s", test.a, test.b)
	}
}

func FuzzWhatTwoPatternsMeetInMatchesBoth(f *testing.F) {
	f.Add("a*b", "*ab?")
	f.Add("**", "?*a")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 40 || len(b) > 40 {
			return
		}
		met, ok := meet(a, b)
		back, reverse := meet(b, a)
		assert.Equal(t, ok, reverse, "%q %q: %q", a, b, back)
		if ok {
			assert.True(t, covers(a, met), "%q does not cover %q", a, met)
			assert.True(t, covers(b, met), "%q does not cover %q", b, met)
		}
	})
}
