package logpattern

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// number is an integer or a decimal with an optional sign, and an exponent where
// there is one: 400, +1000, 55.5, 10e-3.
// Section "Writing filter patterns that match numeric values".
var number = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

func isNumber(s string) bool { return number.MatchString(s) }

// exactDigits is how many digits a 64-bit floating point number surely keeps. With
// which precision AWS compares is not documented.
const exactDigits = 15

// compareNumbers orders two numbers. It is not sure of numbers that only a higher
// precision, or a greater range, than that of 64 bits tells apart.
func compareNumbers(a, b string) (order int, sure bool) {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX != nil || errY != nil:
		return 0, a == b
	case x != y:
		return cmp.Compare(x, y), true
	default:
		return 0, a == b || isShort(a, x) && isShort(b, y)
	}
}

// isShort reports whether a number is surely exact: few digits, no underflow to zero.
func isShort(text string, value float64) bool {
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	digits := strings.TrimLeft(strings.NewReplacer("+", "", "-", "", ".", "").Replace(mantissa), "0")
	return len(digits) <= exactDigits && (value != 0 || digits == "")
}

// isPlain reports whether a number is written without fraction and exponent, so
// that its digits are the same in every notation.
func isPlain(text string) bool { return allDigits(strings.TrimPrefix(text, "-")) }
