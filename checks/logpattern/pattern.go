package logpattern

import (
	"strings"
	"unicode/utf8"
)

// maxLength is the length of a filter pattern in characters.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
const maxLength = 1024

// Pattern is a filter pattern, compiled once and safe for concurrent use.
type Pattern struct {
	source string
	form   form
}

// Match says what a pattern makes of one log event.
type Match struct {
	Matched bool
	// Fields are the extracted values, named as in a metric filter's metricValue:
	// each selector of a JSON pattern that points to a value ("$.latency"), each
	// field of a space-delimited one by its name or, without a name, by its place
	// ("$bytes", "$3"). Other patterns extract nothing, nor does one that does not match.
	Fields map[string]string
	// Explanation is one sentence: the part of the pattern and of the message that decided.
	Explanation string
}

// form is one of the languages that a filter pattern may be written in.
type form interface {
	match(message string) (verdict, map[string]string)
	value(message, reference string) (string, bool, error)
}

// Parse compiles a filter pattern. The error is a *SyntaxError for what CloudWatch
// Logs refuses, and an *InconclusiveError for what its documentation leaves open.
func Parse(pattern string) (*Pattern, error) {
	if !utf8.ValidString(pattern) {
		return nil, syntaxError(pattern, 0, "the pattern is not valid UTF-8")
	}
	if n := utf8.RuneCountInString(pattern); n > maxLength {
		return nil, syntaxError(pattern, 0, "the pattern has %d characters, and a pattern has at most %d", n, maxLength)
	}
	c := &cursor{text: pattern}
	c.skipSpace()
	parsed, err := parseForm(c)
	if err != nil {
		return nil, err
	}
	return &Pattern{source: pattern, form: parsed}, nil
}

// parseForm tells the forms apart by the first character.
func parseForm(c *cursor) (form, error) {
	switch c.peek() {
	case '{':
		return parseJSON(c)
	case '[':
		return parseFields(c)
	case '%':
		return parseStandaloneRegex(c)
	default:
		return parseTerms(c)
	}
}

// Match applies the pattern to one log event. The error is an *InconclusiveError.
func (p *Pattern) Match(message string) (Match, error) {
	v, fields := p.form.match(message)
	switch v.truth {
	case yes:
		return Match{Matched: true, Fields: fields, Explanation: v.why}, nil
	case no:
		return Match{Explanation: v.why}, nil
	default:
		return Match{}, &InconclusiveError{Problem: v.why}
	}
}

// Value is what a reference in a metric filter's metricValue or dimension
// ("$.latency", "$bytes", "$3") stands for in a message, and whether the message
// has it. A reference that the pattern can never give is an error: a selector for
// a pattern that is not JSON, a field that a space-delimited pattern does not name.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
// (Publishing numerical values found in log entries).
func (p *Pattern) Value(message, reference string) (value string, present bool, err error) {
	return p.form.value(message, reference)
}

// String is the pattern as it was written.
func (p *Pattern) String() string { return p.source }

// cursor walks over a pattern.
type cursor struct {
	text string
	at   int
}

func (c *cursor) peek() byte {
	if c.at == len(c.text) {
		return 0
	}
	return c.text[c.at]
}

func (c *cursor) done() bool { return c.at == len(c.text) }

func (c *cursor) rest() string { return c.text[c.at:] }

func (c *cursor) skipSpace() {
	for isSpace(c.peek()) {
		c.at++
	}
}

// take skips blanks and consumes a symbol if it comes next.
func (c *cursor) take(symbol string) bool {
	c.skipSpace()
	if !strings.HasPrefix(c.rest(), symbol) {
		return false
	}
	c.at += len(symbol)
	return true
}

// while consumes the bytes of a class.
func (c *cursor) while(class func(byte) bool) string {
	start := c.at
	for !c.done() && class(c.peek()) {
		c.at++
	}
	return c.text[start:c.at]
}

func (c *cursor) fail(format string, args ...any) error {
	return syntaxError(c.text, c.at, format, args...)
}

func (c *cursor) failAt(offset int, format string, args ...any) error {
	return syntaxError(c.text, offset, format, args...)
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isAlphanumeric(b byte) bool {
	return isDigit(b) || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// isWord reports what a term may hold without quotation marks.
func isWord(b byte) bool { return isAlphanumeric(b) || b == '_' }
