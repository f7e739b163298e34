package logpattern

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func mustParse(t *testing.T, pattern string) *Pattern {
	t.Helper()
	p, err := Parse(pattern)
	require.NoError(t, err, pattern)
	return p
}

func TestWhereTheDocumentationIsOpenTheAnswerIsInconclusive(t *testing.T) {
	for pattern, messages := range map[string][]string{
		`{ $.a != "x" }`:            {`{}`, `{"a": 1}`, `{"a": true}`, `{"a": null}`},
		`{ $.a = 404 }`:             {`{"a": "404"}`, `{"a": "404.0"}`},
		`{ $.a != 404 }`:            {`{"a": "404"}`, `{"a": "x"}`},
		`{ $.a = "404" }`:           {`{"a": 404}`, `{"a": 404.0}`},
		`{ $.a > 100 }`:             {`{"a": "250"}`},
		`{ $.a = true }`:            {`{"a": true}`},
		`{ $.a = * }`:               {`{"a": true}`, `{"a": null}`},
		`{ $.a IS TRUE }`:           {`{"a": "true"}`},
		`{ $.a IS NULL }`:           {`{"a": "null"}`},
		`{ $.a = %4[0-9]% }`:        {`{"a": 41}`},
		`{ $.a = Ev*ent }`:          {`{"a": "Event", "b": "Ev1ent"}`, `{"a": "Ev1ent"}`},
		`{ $.a = 4* }`:              {`{"a": 4e2}`},
		`{ $.a[*] != "x" }`:         {`{"a": ["x", "y"]}`, `{"a": []}`},
		`{ $.a = 1e999 }`:           {`{"a": 1}`},
		`{ $.a = 1 }`:               {`{"a": 1.0000000000000000001}`, `{"a": "1"}`},
		`{ $.a = 0 }`:               {`{"a": 1e-9999}`},
		`{ $.a = "x" || $.b != 1 }`: {`{"a": "y"}`},
		`[a, b]`:                    {"one"},
		`[a, b = x*]`:               {"one x2 three"},
		`[a = x, b]`:                {"x  y", " x y"},
		`[a = "it's", b]`:           {`it's` + "\t" + `y`},
		`[a, b, c]`:                 {`x "y z"w`, `x k="y z"`, `a "b c`},
	} {
		p := mustParse(t, pattern)
		for _, message := range messages {
			got, err := p.Match(message)
			var open *InconclusiveError
			if assert.ErrorAs(t, err, &open, "%s on %s: %v", pattern, message, got) {
				assert.NotEmpty(t, open.Problem)
				assert.False(t, got.Matched)
			}
		}
	}
}

func TestWhatIsOpenDoesNotMatterIfTheRestDecides(t *testing.T) {
	check(t, []row{
		{`{ $.a != "x" || $.a NOT EXISTS }`, []string{`{}`}, []string{`{"a": "x"}`}},
		{`{ $.type = "login" && $.mfa != "Yes" }`, []string{`{"type": "login", "mfa": "No"}`}, []string{`{"type": "logout"}`}},
		{`{ $.a = Ev*ent }`, nil, []string{`{"a": "x"}`}},
		{`{ $.a[*] != "x" }`, []string{`{"a": ["y", "z"]}`}, []string{`{"a": ["x", "x"]}`, `{"a": [[], {}]}`}},
		{`{ $.a = 404 }`, nil, []string{`{"a": "403"}`, `{"a": true}`, `{"a": null}`}},
		{`{ $.a > 100 }`, nil, []string{`{"a": "50"}`, `{"a": false}`}},
		{`{ $.a = 9007199254740993 }`, []string{`{"a": 9007199254740993}`}, []string{`{"a": 9007199254740999}`}},
		{`[a = x, b = y]`, nil, []string{"z", "x z w", "z  y"}},
		{`[a, b]`, []string{`x [y z]`, "x y\n"}, nil},
		{`[a = "k=\"v\"", b]`, []string{`k="v" y`}, nil},
	})
}

func TestAMatchExtractsWhatAMetricCanUse(t *testing.T) {
	for _, c := range []struct {
		pattern, message string
		want             map[string]string
	}{
		// The example of the page before its revision.
		{`[..., request=*.html*, status_code=4*,]`, `127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534`,
			map[string]string{"$1": "127.0.0.1", "$2": "-", "$3": "frank", "$4": "10/Oct/2000:13:25:15 -0700", "$request": "GET /index.html HTTP/1.0", "$status_code": "404", "$7": "1534"}},
		{`[w1=ERROR, w2]`, failure, map[string]string{"$w1": "ERROR", "$w2": "09/25/2014 12:00:02 Failed to process request"}},
		{`[ip, ..., bytes]`, access, map[string]string{"$ip": "127.0.0.1", "$2": "Prod", "$3": "frank", "$4": "10/Oct/2000:13:25:15 -0700", "$5": "GET /index.html HTTP/1.0", "$6": "404", "$bytes": "1534"}},
		{`{ $.latency = * && $.user.id > 1 && $.x NOT EXISTS && $.list[*] = 1 && $.o NOT EXISTS }`, `{"latency": 1.50e1, "user": {"id": 7}, "list": [1]}`,
			map[string]string{"$.latency": "1.50e1", "$.user.id": "7"}},
		{`ERROR`, badRequest, nil},
		{`%ERROR%`, badRequest, nil},
	} {
		got, err := mustParse(t, c.pattern).Match(c.message)
		require.NoError(t, err, c.pattern)
		require.True(t, got.Matched, "%s: %s", c.pattern, got.Explanation)
		assert.Equal(t, c.want, got.Fields, c.pattern)
	}
}

func TestNoMatchExtractsNothing(t *testing.T) {
	for pattern, message := range map[string]string{`{ $.a = 1 }`: `{"a": 2}`, `[a = x, b]`: "y z"} {
		got, err := mustParse(t, pattern).Match(message)
		require.NoError(t, err)
		assert.Empty(t, got.Fields)
	}
}

func TestAReferenceHasAValueWhereTheMessageHasIt(t *testing.T) {
	for _, c := range []struct {
		pattern, message, reference, want string
		present                           bool
	}{
		{`{ $.a = 1 }`, `{"a": 1, "latency": 12.5}`, "$.latency", "12.5", true},
		{`{ $.a = 1 }`, `{"a": 1, "b": {"c.d": [3]}}`, "$.b.['c.d'][0]", "3", true},
		{`{ $.a = 1 }`, `{"a": 1}`, "$.latency", "", false},
		{`{ $.a = 1 }`, `{"a": {}}`, "$.a", "", false},
		{`{ $.a = 1 }`, `no json`, "$.a", "", false},
		{`[..., status, bytes]`, access, "$bytes", "1534", true},
		{`[..., status, bytes]`, access, "$3", "frank", true},
		{`[..., status, bytes]`, access, "$9", "", false},
		{`[status = 500, bytes]`, "200 7", "$bytes", "", false},
	} {
		value, present, err := mustParse(t, c.pattern).Value(c.message, c.reference)
		require.NoError(t, err, c.reference)
		assert.Equal(t, c.present, present, c.reference)
		assert.Equal(t, c.want, value, c.reference)
	}
}

func TestAReferenceThatThePatternCannotGiveIsAnError(t *testing.T) {
	for pattern, references := range map[string][]string{
		`{ $.a = 1 }`: {"$a", "$.a[*]", "$.a x", "$.", "1"},
		`[a, b]`:      {"$c", "$.a", "a", "$", "$0", "$01"},
		`ERROR`:       {"$.a", "$1"},
		`%ERROR%`:     {"$.a"},
	} {
		for _, reference := range references {
			_, _, err := mustParse(t, pattern).Value(access, reference)
			require.ErrorContains(t, err, reference, "%s of %s", reference, pattern)
		}
	}
	_, _, err := mustParse(t, `[a, b]`).Value("one", "$a")
	assert.ErrorAs(t, err, new(*InconclusiveError))
}

func TestTheExplanationNamesWhatDecided(t *testing.T) {
	for _, c := range []struct{ pattern, message, want string }{
		{`ERROR -WARN`, "ERROR", `the message contains "ERROR"; the message does not contain "WARN"`},
		{`ERROR -WARN`, "ERROR WARN", `the message contains the excluded term "WARN"`},
		{`ERROR WARN`, "ERROR", `the message does not contain "WARN"`},
		{`?a ?b`, "x", `the message contains none of "a", "b"`},
		{`?a ?b`, "b", `the message contains "b"`},
		{`?a b`, "b", `the message contains "b"; terms with ? are ignored beside other terms`},
		{``, "b", `an empty pattern matches every message`},
		{`%h.%`, "a hat", `"ha" matches %h.%`},
		{`%h.%`, "a cat", `nothing in the message matches %h.%`},
		{`{ $.a = "x" && $.b > 1 }`, `{"a": "x", "b": 2}`, `$.a is "x", which is = "x" and $.b is 2, which is > 1`},
		{`{ $.a = "x" && $.b > 1 }`, `{"a": "x", "b": 1}`, `$.b is 1, which is not > 1`},
		{`{ $.a = "x" || $.b > 1 }`, `{"a": "y"}`, `$.a is "y", which is not = "x", $.b does not exist`},
		{`{ $.a IS NULL || $.a NOT EXISTS }`, `{"a": []}`, `$.a is an array, which is not NULL, $.a exists`},
		{`{ $.a[*] = 1 }`, `{"a": [2, 3]}`, `$.a[*] selects 2 values, of which none is = 1`},
		{`{ $.a[*] IS NULL }`, `{"a": [2, null]}`, `of what $.a[*] selects one is NULL`},
		{`{ $.a = 1 }`, `x`, `the message is not JSON, which the pattern asks for`},
		{`[a = x, b]`, "x y z", `a is "x", which is = x and the message has 3 fields and the pattern 2, of which the last takes the rest`},
		{`[a = x, b]`, "y z", `a is "y", which is not = x`},
	} {
		got, err := mustParse(t, c.pattern).Match(c.message)
		require.NoError(t, err, c.pattern)
		assert.Equal(t, c.want, got.Explanation, c.pattern)
	}
}
