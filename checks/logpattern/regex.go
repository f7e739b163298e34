package logpattern

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The characters that a regular expression may hold besides letters and digits.
// A blank is not in AWS's list but in its example %^starting|^shutting down%.
// Section "Supported regular expressions (regex) syntax".
const (
	regexSymbols   = ":_#=@/;,- "
	regexOperators = `^$?[]{}|\*+.`
)

// maxRegexes is how many regular expressions a space-delimited or JSON pattern may
// hold (same section, quotas).
const maxRegexes = 2

// standaloneRegex is a pattern that is one regular expression; it matches anywhere
// in the message.
// Section "Using filter patterns to match terms with a regular expression (regex)".
type standaloneRegex struct {
	regex  *regexp.Regexp
	source string
}

func parseStandaloneRegex(c *cursor) (form, error) {
	regex, source, err := parseRegex(c)
	if err != nil {
		return nil, err
	}
	c.skipSpace()
	if !c.done() {
		return nil, c.fail("a regular expression cannot be combined with terms")
	}
	return standaloneRegex{regex, source}, nil
}

func (s standaloneRegex) match(message string) (verdict, map[string]string) {
	if found := s.regex.FindStringIndex(message); found != nil {
		return verdict{yes, fmt.Sprintf("%q matches %s", message[found[0]:found[1]], s.source)}, nil
	}
	return verdict{no, "nothing in the message matches " + s.source}, nil
}

func (standaloneRegex) value(_, reference string) (string, bool, error) {
	return "", false, fmt.Errorf("%s: a regular expression extracts no values", reference)
}

// parseRegex reads %...% and translates it into Go's syntax, in which the
// documented subset has the same meaning; source is what was written.
func parseRegex(c *cursor) (regex *regexp.Regexp, source string, err error) {
	start := c.at
	length := strings.IndexByte(c.text[start+1:], '%')
	if length < 0 {
		return nil, "", c.failAt(start, "the closing %% of the regular expression is missing")
	}
	if length == 0 {
		return nil, "", c.failAt(start, "the regular expression is empty")
	}
	end := start + 1 + length
	t := regexTranslator{cursor: cursor{text: c.text[:end], at: start + 1}, whole: c.text}
	if err := t.translate(); err != nil {
		return nil, "", err
	}
	c.at = end + 1
	source = c.text[start:c.at]
	// "Matches any single character": a line feed too.
	regex, err = regexp.Compile("(?s)" + t.out.String())
	if err != nil {
		return nil, "", inconclusive("%s is beyond this engine: %v", source, err)
	}
	return regex, source, nil
}

// regexTranslator turns the AWS form of a regular expression into Go's.
type regexTranslator struct {
	cursor
	whole string
	out   strings.Builder
	// repeatable is true behind a term, quantified behind its quantifier.
	repeatable, quantified bool
}

func (t *regexTranslator) translate() error {
	for !t.done() {
		if err := t.next(); err != nil {
			return err
		}
	}
	return nil
}

func (t *regexTranslator) next() error {
	b := t.peek()
	switch b {
	case '?', '*', '+', '{':
		return t.quantifier()
	case '^', '$', '|':
		t.repeatable, t.quantified = false, false
		t.out.WriteByte(b)
		t.at++
		return nil
	}
	t.repeatable, t.quantified = true, false
	switch b {
	case '[':
		return t.class()
	case '\\':
		char, class, err := t.escape()
		if class != "" {
			t.out.WriteString("[" + class + "]")
		} else {
			t.out.WriteString(regexp.QuoteMeta(string(char)))
		}
		return err
	case '.':
		t.out.WriteByte('.')
	case ']', '}':
		return inconclusive("%q in a regular expression without its opening bracket: AWS does not say what it means, escape it", b)
	default:
		if err := t.allowed(); err != nil {
			return err
		}
		t.out.WriteByte(b) // none of those that are left is special to Go
	}
	t.at++
	return nil
}

// allowed refuses the characters that AWS refuses.
func (t *regexTranslator) allowed() error {
	if b := t.peek(); !isAlphanumeric(b) && !strings.ContainsRune(regexSymbols, rune(b)) {
		r := []rune(t.rest())[0]
		hint := ""
		if r < 0x80 {
			hint = fmt.Sprintf(`; write \x%02X`, r)
		}
		return t.failHere("%q is not supported in a regular expression%s", r, hint)
	}
	return nil
}

func (t *regexTranslator) failHere(format string, args ...any) error {
	return syntaxError(t.whole, t.at, format, args...)
}

// quantifier reads ?, *, + or {m,n}, of which m or n may be left out.
func (t *regexTranslator) quantifier() error {
	switch {
	case t.quantified:
		return inconclusive("a quantifier behind a quantifier in a regular expression: AWS does not say what it means")
	case !t.repeatable:
		return t.failHere("%q repeats the term before it, and there is none", t.peek())
	}
	t.quantified = true
	if t.peek() != '{' {
		t.out.WriteByte(t.peek())
		t.at++
		return nil
	}
	length := strings.IndexByte(t.rest(), '}')
	if length < 0 {
		return t.failHere("the closing } is missing")
	}
	least, most, ranged := strings.Cut(t.rest()[1:length], ",")
	// AWS's own page writes {m, n} with a blank.
	least, most = strings.TrimSpace(least), strings.TrimSpace(most)
	for _, count := range []string{least, most} {
		if count != "" && !allDigits(count) || least == "" && most == "" {
			return t.failHere("a repetition is {m,n}, {m,} or {,n} with numbers")
		}
	}
	if ranged && least == "" {
		least = "0"
	}
	t.out.WriteString("{" + least)
	if ranged {
		t.out.WriteString("," + most)
	}
	t.out.WriteByte('}')
	t.at += length + 1
	return nil
}

// classes are the escapes that stand for more than one character, as members of a
// character class. Whitespace is tab, space and newline.
var classes = map[byte]string{
	'd': `\d`, 'D': `\D`, 'w': `\w`, 'W': `\W`,
	's': `\t \n`, 'S': `\x00-\x08\x0b-\x1f!-\x{10ffff}`,
}

// escape reads a backslash and what belongs to it: a character, or a whole class.
func (t *regexTranslator) escape() (char byte, class string, err error) {
	if t.at+1 == len(t.text) {
		return 0, "", t.failHere("nothing follows the backslash")
	}
	b := t.text[t.at+1]
	switch {
	case b == 'x':
		char, err = t.hexadecimal()
		return char, "", err
	case classes[b] != "":
		t.at += 2
		return 0, classes[b], nil
	case strings.IndexByte(regexOperators, b) >= 0 || strings.IndexByte(regexSymbols, b) >= 0:
		t.at += 2
		return b, "", nil
	}
	return 0, "", t.failHere(`this escape is not supported; there are \d \D \s \S \w \W, \xhh and escaped operators`)
}

func (t *regexTranslator) hexadecimal() (byte, error) {
	digits := t.rest()[2:]
	if len(digits) < 2 {
		return 0, t.failHere(`\x needs two hexadecimal digits`)
	}
	code, err := strconv.ParseUint(digits[:2], 16, 8)
	switch {
	case err != nil:
		return 0, t.failHere(`\x needs two hexadecimal digits`)
	case code > 0x7F:
		return 0, t.failHere("%s is beyond the ASCII table", t.rest()[:4])
	}
	t.at += 4
	return byte(code), nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
