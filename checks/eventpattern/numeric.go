package eventpattern

import (
	"cmp"
	"math"
	"strconv"
)

// Numeric matching "is limited to values between -5.0e9 and +5.0e9 inclusive, with
// 15 digits of precision, or six digits to the right of the decimal point."
// (eb-create-pattern-operators, Numeric matching).
const (
	largest   = 5e9
	precision = 1e-6
)

// numeric matches JSON numbers within all of its bounds.
type numeric []bound

type bound struct {
	operator string
	value    string
}

// test leaves open what AWS does with a number of the event beyond its limit.
func (m numeric) test(value node) truth {
	if value.kind != numberKind {
		return no
	}
	result := yes
	for _, b := range m {
		result = min(result, b.test(value.text))
	}
	if f, err := strconv.ParseFloat(value.text, 64); err != nil || math.Abs(f) > largest {
		return min(result, maybe)
	}
	return result
}

func (b bound) test(value string) truth {
	order, sure := compareNumbers(value, b.value)
	if !sure {
		return maybe
	}
	switch b.operator {
	case "=":
		return truthOf(order == 0)
	case "<":
		return truthOf(order < 0)
	case "<=":
		return truthOf(order <= 0)
	case ">":
		return truthOf(order > 0)
	default:
		return truthOf(order >= 0)
	}
}

// compareNumbers orders two JSON numbers. It is not sure of numbers that lie closer
// than the documented precision and are not the same.
func compareNumbers(a, b string) (order int, sure bool) {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX != nil || errY != nil:
		return 0, a == b
	case x == y:
		return 0, true
	default:
		return cmp.Compare(x, y), math.Abs(x-y) >= precision
	}
}

// parseNumeric reads [operator, number] or a range [">", low, "<=", high].
func parseNumeric(at path, n node) (matcher, error) {
	if n.kind != arrayKind {
		return nil, at.refuse("Value of numeric must be an array.")
	}
	if len(n.items) == 0 || n.items[0].kind != stringKind {
		return nil, at.refuse("Invalid member in numeric match: %s", n)
	}
	first, err := parsePair(at, n.items)
	if err != nil {
		return nil, err
	}
	rest := n.items[2:]
	if len(rest) == 0 {
		return numeric{first}, nil
	}
	second, err := parseUpper(at, first, rest)
	return numeric{first, second}, err
}

// parseUpper reads the second half of a range, which goes up from the first.
func parseUpper(at path, low bound, rest []node) (bound, error) {
	if low.operator != ">" && low.operator != ">=" {
		return bound{}, at.refuse("Too many elements in numeric expression")
	}
	if rest[0].kind != stringKind {
		return bound{}, at.refuse("Bad value in numeric range: %s", rest[0])
	}
	if rest[0].text != "<" && rest[0].text != "<=" {
		return bound{}, at.refuse("Bad numeric range operator: %s", rest[0].text)
	}
	high, err := parsePair(at, rest)
	if err != nil {
		return bound{}, err
	}
	if len(rest) > 2 {
		return bound{}, at.refuse("Too many terms in numeric range expression")
	}
	if order, _ := compareNumbers(low.value, high.value); order >= 0 {
		return bound{}, at.refuse("Bottom must be less than top")
	}
	return high, nil
}

func parsePair(at path, items []node) (bound, error) {
	operator := items[0].text
	switch operator {
	case "=", "<", "<=", ">", ">=":
	default:
		return bound{}, at.refuse("Unrecognized numeric range operator: %s", operator) //nolint:misspell // EventBridge's words
	}
	if len(items) < 2 || items[1].kind != numberKind {
		return bound{}, at.refuse("Value of %s must be numeric", operator)
	}
	return parseBound(at, operator, items[1])
}

func parseBound(at path, operator string, n node) (bound, error) {
	if f, err := strconv.ParseFloat(n.text, 64); err != nil || math.Abs(f) > largest {
		return bound{}, at.refuse("Value must be between -5.0E9 and 5.0E9, inclusive")
	}
	return bound{operator, n.text}, nil
}
