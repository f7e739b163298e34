package logpattern

import (
	"regexp"
	"strings"
)

// operator is one of = != < <= > >=.
type operator string

// operand is the right side of a comparison: a quoted string, an unquoted word or
// number, or a regular expression.
type operand struct {
	source string // as written, for explanations
	text   string
	quoted bool
	regex  *regexp.Regexp
}

func (o operand) isNumber() bool { return o.regex == nil && !o.quoted && isNumber(o.text) }

// parseComparison reads an operator and its operand; ok is false if no operator comes.
func parseComparison(c *cursor) (op operator, right operand, ok bool, err error) {
	for _, symbol := range []operator{"!=", "<=", ">=", "=", "<", ">"} {
		if c.take(string(symbol)) {
			op = symbol
			break
		}
	}
	if op == "" {
		return "", operand{}, false, nil
	}
	c.skipSpace()
	start := c.at
	right, err = parseOperand(c)
	if err != nil {
		return "", operand{}, true, err
	}
	if op != "=" && op != "!=" && !right.isNumber() {
		return "", operand{}, true, c.failAt(start, "%s compares numbers, and %s is none", op, right.source)
	}
	return op, right, true, nil
}

// parseOperand reads what a value is compared with.
func parseOperand(c *cursor) (operand, error) {
	start := c.at
	switch c.peek() {
	case '"':
		text, err := parseQuoted(c)
		return operand{source: c.text[start:c.at], text: text, quoted: true}, err
	case '%':
		regex, source, err := parseRegex(c)
		return operand{source: source, regex: regex}, err
	}
	word := c.while(func(b byte) bool { return !isSpace(b) && strings.IndexByte("}]),&|", b) < 0 })
	switch {
	case word == "":
		return operand{}, c.fail("a value is missing")
	case word[0] == '=' || word[0] == '!':
		return operand{}, c.failAt(start, "the operators are =, !=, <, <=, > and >=")
	case !isNumber(word) && !isPlainString(word):
		return operand{}, c.failAt(start, "a value of other than letters, digits, _, . and * needs double quotation marks")
	}
	return operand{source: word, text: word}, nil
}

// isPlainString reports whether a string may stand without quotation marks: it has
// only letters, digits and underscores, and the dots and asterisks of AWS's own
// example 123.123.*.
func isPlainString(word string) bool {
	for i := range len(word) {
		if b := word[i]; !isWord(b) && b != '.' && b != '*' {
			return false
		}
	}
	return true
}

// kind is the type of a value in a log event.
type kind int8

const (
	stringValue kind = iota
	numberValue
	otherValue // true, false and null
	fieldValue // of a space-delimited event: text, and a number if it looks like one
)

// scalar is a value in a log event.
type scalar struct {
	kind kind
	text string
}

// compare answers "value op right". Where AWS documents no comparison between the
// types of the two, an apparent match is open.
func compare(value scalar, op operator, right operand) truth {
	switch op {
	case "=":
		equal, _ := equals(value, right)
		return equal
	case "!=":
		equal, typed := equals(value, right)
		if !typed {
			return maybe
		}
		return not(equal)
	default:
		return compareOrder(value, op, right)
	}
}

// compareOrder answers < <= > >=, which compare numbers.
func compareOrder(value scalar, op operator, right operand) truth {
	if !isNumber(value.text) {
		return no
	}
	order, sure := compareNumbers(value.text, right.text)
	if !sure {
		return maybe
	}
	var holds bool
	switch op {
	case "<":
		holds = order < 0
	case "<=":
		holds = order <= 0
	case ">":
		holds = order > 0
	default:
		holds = order >= 0
	}
	if value.kind == stringValue {
		return possibly(truthOf(holds))
	}
	return truthOf(holds)
}

// equals answers =, and whether the two sides are of types that AWS compares.
func equals(value scalar, right operand) (equal truth, typed bool) {
	textual := value.kind == stringValue || value.kind == fieldValue
	switch {
	case right.regex != nil:
		equal, typed = truthOf(right.regex.MatchString(value.text)), textual
	case right.text == "*":
		// metricFilter: { $.latency = * } (Publishing numerical values found in log entries).
		equal, typed = yes, value.kind != otherValue
	case right.isNumber():
		equal, typed = equalNumbers(value.text, right.text), value.kind == numberValue || value.kind == fieldValue
	case value.kind == numberValue && !right.quoted:
		// "Use the asterisk as a wild card to match numbers."
		equal, typed = glob(right.text, value.text), strings.Contains(right.text, "*") && isPlain(value.text)
	default:
		equal, typed = glob(right.text, value.text), textual
		if value.kind == numberValue {
			equal = max(equal, equalNumbers(value.text, right.text))
		}
	}
	if !typed {
		equal = possibly(equal)
	}
	return equal, typed
}

// equalNumbers is open where two numbers are equal only by a rounding.
func equalNumbers(a, b string) truth {
	if !isNumber(a) || !isNumber(b) {
		return no
	}
	switch order, sure := compareNumbers(a, b); {
	case !sure:
		return maybe
	default:
		return truthOf(order == 0)
	}
}
