//nolint:misspell // the words of AWS
package eventpattern

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseRefusesWhatEventBridgeRefusesAndSaysWhere(t *testing.T) {
	for pattern, want := range map[string]string{
		``:                           "not JSON: byte 0: unexpected EOF",
		`{"a": ["x"]`:                "not JSON: byte 11: unexpected EOF",
		`{"a": [x]}`:                 "not JSON: byte",
		`{"a": ["x"]} 1`:             "text follows",
		`["a"]`:                      "Filter is not an object",
		`"a"`:                        "Filter is not an object",
		`{}`:                         "Empty objects are not allowed",
		`{"a": {}}`:                  "at a: Empty objects are not allowed",
		`{"a": []}`:                  "at a: Empty arrays are not allowed",
		`{"detail": {"state": "x"}}`: `at detail.state: "state" must be an object or an array`,
		`{"a": [["x"]]}`:             "at a: Match value must be String, number, true, false, or null",
		`{"a": [{}]}`:                "Match expression name not found",
		`{"a": [{"prefix": "x", "suffix": "y"}]}`:                "Only one key allowed in match expression",
		`{"a": [{"starts": "x"}]}`:                               "Unrecognized match type starts",
		`{"a": [{"prefix": 1}]}`:                                 "prefix match pattern must be a string",
		`{"a": [{"suffix": {"wildcard": "x"}}]}`:                 "Unsupported suffix pattern: wildcard",
		`{"a": [{"suffix": {"equals-ignore-case": 1}}]}`:         "must be a string",
		`{"a": [{"prefix": {}}]}`:                                "Prefix expression name not found",
		`{"a": [{"equals-ignore-case": ["x"]}]}`:                 "equals-ignore-case match pattern must be a string",
		`{"a": [{"wildcard": 1}]}`:                               "wildcard match pattern must be a string",
		`{"a": [{"wildcard": "a**b"}]}`:                          "Consecutive wildcard characters at pos 1",
		`{"a": [{"wildcard": "a\\b"}]}`:                          "Invalid escape character at pos 1",
		`{"a": [{"exists": "true"}]}`:                            "exists match pattern must be either true or false.",
		`{"a": [{"exists": null}]}`:                              "exists match pattern must be either true or false.",
		`{"a": [{"cidr": 1}]}`:                                   "must be a string",
		`{"a": [{"cidr": "10.0.0.0"}]}`:                          "Malformed CIDR, one '/' required",
		`{"a": [{"cidr": "10.0.0.0/33"}]}`:                       "Malformed CIDR",
		`{"a": [{"numeric": 5}]}`:                                "Value of numeric must be an array.",
		`{"a": [{"numeric": []}]}`:                               "Invalid member in numeric match",
		`{"a": [{"numeric": [5]}]}`:                              "Invalid member in numeric match",
		`{"a": [{"numeric": ["!=", 5]}]}`:                        "Unrecognized numeric range operator: !=",
		`{"a": [{"numeric": ["="]}]}`:                            "Value of = must be numeric",
		`{"a": [{"numeric": ["<", "5"]}]}`:                       "Value of < must be numeric",
		`{"a": [{"numeric": ["<", 5, ">", 1]}]}`:                 "Too many elements in numeric expression",
		`{"a": [{"numeric": [">", 5, 6]}]}`:                      "Bad value in numeric range: 6",
		`{"a": [{"numeric": [">", 5, "=", 6]}]}`:                 "Bad numeric range operator: =",
		`{"a": [{"numeric": [">", 5, "<"]}]}`:                    "Value of < must be numeric",
		`{"a": [{"numeric": [">", 5, "<", 6, "<", 7]}]}`:         "Too many terms in numeric range expression",
		`{"a": [{"numeric": [">", 6, "<", 5]}]}`:                 "Bottom must be less than top",
		`{"a": [{"numeric": ["=", 5000000001]}]}`:                "between -5.0E9 and 5.0E9",
		`{"a": [{"anything-but": 5000000001}]}`:                  "between -5.0E9 and 5.0E9",
		`{"a": [{"anything-but": null}]}`:                        "start|null|boolean is not supported",
		`{"a": [{"anything-but": ["x", 1]}]}`:                    "mixed type is not supported",
		`{"a": [{"anything-but": []}]}`:                          "mixed type is not supported",
		`{"a": [{"anything-but": {}}]}`:                          "Anything-But expression name not found",
		`{"a": [{"anything-but": {"numeric": ["=", 1]}}]}`:       "Unsupported anything-but pattern: numeric",
		`{"a": [{"anything-but": {"prefix": ""}}]}`:              "Null prefix/suffix not allowed",
		`{"a": [{"anything-but": {"suffix": [1]}}]}`:             "prefix/suffix match pattern must be a string",
		`{"a": [{"anything-but": {"wildcard": "**"}}]}`:          "Consecutive wildcard characters",
		`{"$or": {"a": [1]}}`:                                    "at $or: It must be an Array followed with $or.",
		`{"$or": [{"a": [1]}]}`:                                  "There must have at least 2 Objects in $or relationship.",
		`{"$or": [{"a": [1]}, "b"]}`:                             "Only JSON object is allowed in array of $or relationship.",
		`{"$or": [{"a": [1]}, {}]}`:                              "Empty objects are not allowed",
		`{"x": {"$or": [{"a": [1]}, {"b": {"prefix": ["c"]}}]}}`: "at x.b.prefix: prefix is Ruler reserved fieldName which cannot be used inside $or.",
		`{"a": ["` + strings.Repeat("x", maxLength) + `"]}`:      "at most 4096",
	} {
		_, err := Parse(pattern)
		var refused *SyntaxError
		if assert.ErrorAs(t, err, &refused, pattern) {
			assert.Contains(t, err.Error(), want, pattern)
			assert.NotContains(t, err.Error(), "\n")
		}
	}
}

func TestFormsThatAWSDoesNotDescribeAreInconclusive(t *testing.T) {
	for _, pattern := range []string{
		`{"a": ["x"], "a": ["y"]}`, `{"a": [{"exactly": "x"}]}`, `{"a": [{"cidr": "10.0.0.1/32"}]}`, `{"a": [{"anything-but": {"prefix": []}}]}`,
	} {
		_, err := Parse(pattern)
		var open *InconclusiveError
		if assert.ErrorAs(t, err, &open, pattern) {
			assert.Equal(t, "a", open.Key)
			assert.ErrorContains(t, err, "cannot be decided: a: ")
		}
	}
}

func TestWhereTheDocumentationIsOpenTheAnswerIsInconclusive(t *testing.T) {
	for pattern, events := range map[string][]string{
		`{"n": [300]}`:                        {`{"n": 300.0}`, `{"n": 3.0e2}`},
		`{"n": [{"numeric": [">", 0]}]}`:      {`{"n": 6e9}`, `{"n": 1e999}`, `{"n": 0.0000001}`},
		`{"n": [{"anything-but": 1}]}`:        {`{"n": 1.0000001}`},
		`{"ip": ["2001:db8::1"]}`:             {`{"ip": "2001:DB8:0::1"}`},
		`{"ip": [{"cidr": "10.0.0.128/24"}]}`: {`{"ip": "10.0.0.1"}`},
		`{"a": {"x": [{"exists": false}]}}`:   {`{"a": [{"x": 1}, {"y": 2}]}`, `{"a": [1, {"x": 1}]}`},
		`{"$or": [{"n": [1]}, {"m": [1]}]}`:   {`{"n": 1.0, "m": 2}`},
		`{"n": [1], "m": [1]}`:                {`{"n": 1.0, "m": 1}`},
	} {
		p, err := Parse(pattern)
		require.NoError(t, err, pattern)
		for _, event := range events {
			got, err := p.Match([]byte(event))
			var open *InconclusiveError
			if assert.ErrorAs(t, err, &open, "%s on %s: %v", pattern, event, got) {
				assert.NotEmpty(t, open.Key)
				assert.False(t, got.Matched)
			}
		}
	}
}

func TestWhatIsOpenDoesNotMatterIfTheRestDecides(t *testing.T) {
	check(t, []row{
		{`{"n": [1], "m": [1]}`, nil, []string{`{"n": 1.0, "m": 2}`}},
		{`{"n": [1, {"numeric": ["=", 1]}]}`, []string{`{"n": 1.0}`}, nil},
		{`{"$or": [{"n": [1]}, {"m": [1]}]}`, []string{`{"n": 1.0, "m": 1}`}, nil},
		{`{"n": [{"numeric": ["<", 0]}]}`, nil, []string{`{"n": 6e9}`}},
		{`{"a": {"x": [{"exists": false}]}}`, []string{`{"a": [{"y": 1}, {"y": 2}]}`}, []string{`{"a": [{"x": 1}, {"x": 2}]}`}},
	})
}

func TestTheExplanationNamesTheKeyThatDecided(t *testing.T) {
	for _, c := range []struct{ pattern, event, key, want string }{
		{`{"source": ["aws.ec2"], "detail": {"state": ["running", {"prefix": "pend"}]}}`, ec2Event, "detail.state", `detail.state is "terminated", which does not match "running", {"prefix": "pend"}`},
		{`{"source": ["aws.ec2"], "detail": {"state": ["terminated"]}}`, ec2Event, "", `source is "aws.ec2", which matches "aws.ec2"; detail.state is "terminated", which matches "terminated"`},
		{`{"detail": {"x": ["<&>"]}}`, ec2Event, "detail.x", `the event has no value at detail.x`},
		{`{"detail": {"x": [{"exists": false}]}}`, ec2Event, "", `the event has no value at detail.x`},
		{`{"$or": [{"a": [1]}, {"b": [2]}]}`, `{"a": 2}`, "$or", `no alternative matches: a is 2, which does not match 1; the event has no value at b`},
		{`{"a": ["<&>"]}`, `{"a": ["x", 1, null]}`, "a", `a is "x", 1, null, which does not match "<&>"`},
		{`{"a": {"b": [1]}}`, `{"a": [{"b": 2}, {"b": 3}]}`, "a", `a is an array, and none of its elements matches`},
	} {
		p, err := Parse(c.pattern)
		require.NoError(t, err, c.pattern)
		got, err := p.Match([]byte(c.event))
		require.NoError(t, err, c.pattern)
		assert.Equal(t, c.key, got.Key, c.pattern)
		assert.Equal(t, c.want, got.Explanation, c.pattern)
		assert.Equal(t, c.pattern, p.String())
	}
}

func TestAnEventThatIsNoObjectIsAnError(t *testing.T) {
	p, err := Parse(`{"a": [{"exists": false}]}`)
	require.NoError(t, err)
	for _, event := range []string{``, `null`, `[]`, `"a"`, `{"a": 1`, `{} {}`} {
		_, err := p.Match([]byte(event))
		assert.ErrorContains(t, err, "not a JSON object", event)
	}
}
