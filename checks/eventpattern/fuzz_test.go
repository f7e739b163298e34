package eventpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzParsingAndMatchingNeverPanic(f *testing.F) {
	for _, pattern := range []string{
		`{"a": {"$or": [{"b": [{"anything-but": {"wildcard": ["*x*", "\\*"]}}]}, {"c": [{"numeric": [">", 0, "<=", 5e3]}, null, true, 1.5]}]}}`,
		`{"a": [{"prefix": {"equals-ignore-case": "x"}}, {"suffix": "y"}, {"cidr": "10.0.0.0/8"}, {"exists": false}, "::1"]}`,
	} {
		f.Add(pattern, `{"a": [{"b": "x"}, {"c": [1.5, [null, 6e9]]}, "10.0.0.1", {}]}`)
		f.Add(pattern, `{"a": null}`)
	}
	f.Fuzz(func(t *testing.T, pattern, event string) {
		p, err := Parse(pattern)
		if err != nil {
			require.True(t, errors.As(err, new(*SyntaxError)) || errors.As(err, new(*InconclusiveError)), err)
			return
		}
		got, err := p.Match([]byte(event))
		if err == nil {
			require.NotEmpty(t, got.Explanation)
			require.False(t, got.Matched && got.Key != "")
			return
		}
		require.False(t, got.Matched)
		var object map[string]any
		require.True(t, errors.As(err, new(*InconclusiveError)) || json.Unmarshal([]byte(event), &object) != nil || object == nil, err)
	})
}

type chooser struct{ data []byte }

func (c *chooser) of(values ...string) string {
	if len(c.data) == 0 {
		return values[0]
	}
	choice := int(c.data[0]) % len(values)
	c.data = c.data[1:]
	return values[choice]
}

func (c *chooser) matcher() string {
	return c.of(`"x"`, `"ab"`, `1`, `null`, `true`, `{"prefix": "a"}`, `{"suffix": "b"}`, `{"wildcard": "a*"}`, `{"equals-ignore-case": "AB"}`,
		`{"anything-but": "x"}`, `{"anything-but": [1, 2]}`, `{"anything-but": {"prefix": "a"}}`, `{"numeric": [">", 0]}`, `{"exists": true}`, `{"exists": false}`, `{"cidr": "10.0.0.0/8"}`)
}

func (c *chooser) value() string {
	return c.of(`"x"`, `"ab"`, `"Ab"`, `1`, `1.0`, `-1`, `null`, `true`, `[]`, `{}`, `["x", 1]`, `"10.1.1.1"`, `{"b": "x"}`, `[{"b": "x"}, {"b": 1}, {}]`)
}

func (c *chooser) object() string {
	return fmt.Sprintf(`{%q: %s}`, c.of("a", "b"), c.of(
		"["+c.matcher()+"]", "["+c.matcher()+", "+c.matcher()+"]", `{"b": [`+c.matcher()+"]}", `{"b": [`+c.matcher()+`], "c": [{"exists": false}]}`))
}

func ask(t *testing.T, pattern, event string) truth {
	p, err := Parse(pattern)
	require.NoError(t, err, pattern)
	got, err := p.Match([]byte(event))
	if err != nil {
		require.ErrorAs(t, err, new(*InconclusiveError))
		return maybe
	}
	return truthOf(got.Matched)
}

func FuzzPatternsCombineAsLogicSays(f *testing.F) {
	for seed := range 64 {
		data := make([]byte, 32)
		for i := range data {
			data[i] = byte((seed*131 + i*i*31 + i*seed*7) % 251)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &chooser{data}
		left, right := c.object(), c.object()
		event := c.of(`{"a": `+c.value()+`}`, `{"a": `+c.value()+`, "b": `+c.value()+`}`, `{}`)
		l, r := ask(t, left, event), ask(t, right, event)

		require.Equal(t, max(l, r), ask(t, `{"$or": [`+left+`, `+right+`]}`, event), "%s or %s on %s", left, right, event)
		require.Equal(t, min(l, r), ask(t, `{"$or": [`+left+`, `+left+`], "z": {"$or": [{"y": ["none"]}, {"y": [{"exists": false}]}]}, `+right[1:], event), "%s and %s on %s", left, right, event)
		require.Equal(t, l, ask(t, `{"detail": `+left+`}`, `{"detail": `+event+`}`), "%s nested on %s", left, event)

		// A further value in the list of a field never loses a match.
		first, second := c.matcher(), c.matcher()
		alone := ask(t, `{"a": [`+first+`]}`, event)
		require.Equal(t, max(alone, ask(t, `{"a": [`+second+`]}`, event)), ask(t, `{"a": [`+first+`, `+second+`]}`, event), "%s, %s on %s", first, second, event)
		// A further field never gains one.
		require.LessOrEqual(t, ask(t, `{"a": [`+first+`], "b": [`+second+`]}`, event), alone, "%s, %s on %s", first, second, event)
	})
}
