package logpattern

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzParsingAndMatchingNeverPanic(f *testing.F) {
	for _, pattern := range []string{
		`ERROR -"a b" ?c`, `%^a{1,2}[^\d_x-z]|\x3A$%`, `[ip=%1%, ..., status_code = 4* && status_code != 403, bytes > 1e3]`,
		`{ ($.a.['b.c'][0] = "x*" || $.d[*] != 1) && $.e IS NULL && $.f NOT EXISTS && $.* = %x% }`, `[a = Ev*ent, b,]`,
	} {
		f.Add(pattern, access)
		f.Add(pattern, trailEvent)
		f.Add(pattern, `{"a": {"b.c": ["x", 1e400]}, "d": [1, "2", null, {}], "e": null}`)
	}
	f.Add("\xff{", "\xff")
	f.Fuzz(func(t *testing.T, pattern, message string) {
		p, err := Parse(pattern)
		if err != nil {
			require.True(t, errors.As(err, new(*SyntaxError)) || errors.As(err, new(*InconclusiveError)), err)
			require.NotContains(t, strings.TrimPrefix(err.Error(), pattern), "\n")
			return
		}
		got, err := p.Match(message)
		if err != nil {
			require.ErrorAs(t, err, new(*InconclusiveError))
		}
		require.True(t, got.Matched || len(got.Fields) == 0)
		require.True(t, err != nil || got.Explanation != "")
		for reference, want := range got.Fields {
			value, present, err := p.Value(message, reference)
			require.NoError(t, err)
			require.True(t, present)
			require.Equal(t, want, value)
		}
	})
}

// words is the vocabulary of the patterns and messages below, small so that they meet.
var words = []string{"ERROR", "WARN", "a", "b c", "err", "42", "RR"}

type chooser struct{ data []byte }

func (c *chooser) next(n int) int {
	if len(c.data) == 0 {
		return 0
	}
	choice := int(c.data[0]) % n
	c.data = c.data[1:]
	return choice
}

func (c *chooser) words(sign string) []string {
	var list []string
	for range c.next(4) {
		list = append(list, sign+`"`+words[c.next(len(words))]+`"`)
	}
	return list
}

func addSeeds(f *testing.F) {
	for seed := range 64 {
		data := make([]byte, 48)
		for i := range data {
			data[i] = byte((seed*131 + i*i*31 + i*seed*7) % 251)
		}
		f.Add(data)
	}
}

func matches(t *testing.T, pattern, message string) bool {
	got, err := mustParse(t, pattern).Match(message)
	require.NoError(t, err)
	return got.Matched
}

// A pattern of optional terms alone is left out: AWS ignores them once another term
// joins, so that it may then match more.
func FuzzMoreTermsMatchNoMoreMessages(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &chooser{data}
		message := strings.ReplaceAll(strings.Join(c.words(""), " "), `"`, "")
		required, excluded := c.words(""), c.words("-")
		pattern := strings.Join(append(required, excluded...), " ")
		if len(required)+len(excluded) > 0 {
			pattern += " " + strings.Join(c.words("?"), " ")
		}
		word := words[c.next(len(words))]
		before := matches(t, pattern, message)
		with, without := matches(t, pattern+` "`+word+`"`, message), matches(t, pattern+` -"`+word+`"`, message)
		require.True(t, before || !with && !without, "%s with %q on %q", pattern, word, message)
		require.Equal(t, before, with != without, "a message that matches has the term or has it not: %s with %q on %q", pattern, word, message)
	})
}

// truthOfMatch is the three-valued answer behind Match.
func truthOfMatch(t *testing.T, pattern, message string) truth {
	got, err := mustParse(t, pattern).Match(message)
	if err != nil {
		require.ErrorAs(t, err, new(*InconclusiveError))
		return maybe
	}
	return truthOf(got.Matched)
}

func (c *chooser) of(values ...string) string { return values[c.next(len(values))] }

func (c *chooser) jsonCondition() string {
	selector := c.of("$.a", "$.b", "$.a[0]", "$.a[*]", "$.*", "$.b.c")
	if selector == "$.*" || selector == "$.a[*]" {
		return selector + " = " + c.of(`"x"`, "1", "*")
	}
	return selector + c.of(` = "x"`, " = 1", " != 1", ` != "x*"`, " > 0", " IS NULL", " IS TRUE", " NOT EXISTS", " = *", " = x*y")
}

func (c *chooser) jsonEvent() string {
	value := func() string {
		return c.of(`"x"`, `"xzy"`, "1", `"1"`, "null", "true", `["x", 1]`, `{"c": "x"}`, "{}", "1e0")
	}
	return c.of(`{}`, `{"a": `+value()+`}`, `{"b": `+value()+`}`, `{"a": `+value()+`, "b": `+value()+`}`, "x")
}

func FuzzConditionsCombineAsLogicSays(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &chooser{data}
		left, right, message := c.jsonCondition(), c.jsonCondition(), c.jsonEvent()
		ask := func(condition string) truth { return truthOfMatch(t, "{ "+condition+" }", message) }
		if _, err := decode(message); err != nil {
			require.Equal(t, no, ask(left+" || "+right))
			return
		}
		require.Equal(t, min(ask(left), ask(right)), ask(left+" && "+right), "%s, %s on %s", left, right, message)
		require.Equal(t, max(ask(left), ask(right)), ask(left+" || "+right), "%s, %s on %s", left, right, message)
		require.Equal(t, ask(left+" && "+right), ask("("+right+") && ("+left+")"), "%s, %s on %s", left, right, message)
		require.Equal(t, ask(left), ask("(("+left+"))"))
	})
}
