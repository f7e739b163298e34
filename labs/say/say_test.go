package say_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"labctl/checks/reach"
	"labctl/labs/say"
)

func TestThingsAreNamed(t *testing.T) {
	for _, row := range []struct {
		names     []string
		list, and string
	}{
		{nil, "none", ""},
		{[]string{"a"}, "a", "a"},
		{[]string{"a", "b"}, "a, b", "a and b"},
		{[]string{"a", "b", "c"}, "a, b, c", "a, b and c"},
	} {
		assert.Equal(t, row.list, say.List(row.names))
		assert.Equal(t, row.and, say.And(row.names))
	}
}

func TestASentenceEndsWithOneFullStop(t *testing.T) {
	for text, want := range map[string]string{"": "", " ": "", "It is open": "It is open.", "It is open. ": "It is open."} {
		assert.Equal(t, want, say.Sentence(text))
	}
}

func TestABlockSaysWhatStillWorksAndWhereTheRestIsLost(t *testing.T) {
	assert.Empty(t, say.Block(reach.Answer{}))
	assert.Equal(t, "It works only for tcp/443; tcp/80. Blocked on the way back: no rule lets it out.", say.Block(reach.Answer{
		Works: []string{"tcp/443", "tcp/80"}, BlockedBy: &reach.Block{Hop: reach.Hop{Direction: reach.Return, Explanation: "no rule lets it out"}},
	}))
	assert.Equal(t, "Blocked on the way there: no route.", say.Block(reach.Answer{BlockedBy: &reach.Block{Hop: reach.Hop{Direction: reach.Forward, Explanation: "no route."}}}))
}
