package policy

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operand is one value of a condition in a policy, parsed once for the family of
// its operator. A value that does not parse can neither match nor fail to match.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type operand struct {
	text  string
	valid bool

	pattern pattern   // strings and ARNs
	arn     [6]string // an ARN without policy variables, by component
	number  decimal
	moment  time.Time
	flag    bool
	bytes   string
	network netip.Prefix
}

// compileOperand parses a value. Policy variables exist only in string and ARN
// values; in any other one they do not parse.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-conditionelement
func compileOperand(text string, f family, variables bool) operand {
	o := operand{text: text, valid: true}
	switch f {
	case stringExact, stringFold:
		o.pattern = compileText(text, false, variables)
		o.valid = o.pattern.flaw == ""
	case stringLike:
		o.pattern = compileText(text, true, variables)
		o.valid = o.pattern.flaw == ""
	case arnLike:
		o.compileARN(variables)
	case numeric:
		o.number, o.valid = parseDecimal(text)
	case date:
		o.moment, o.valid = parseMoment(text)
	case boolean, null:
		o.flag, o.valid = parseBool(text)
	case binary:
		decoded, err := base64.StdEncoding.DecodeString(text)
		o.bytes, o.valid = string(decoded), err == nil
	case ipAddress:
		o.network, o.valid = parseNetwork(text)
	}
	return o
}

func (o *operand) compileARN(variables bool) {
	o.pattern = compileText(o.text, true, variables)
	o.valid = o.pattern.flaw == ""
	if !o.valid || o.pattern.form == templateForm || o.pattern.form == everyForm {
		return
	}
	o.arn, o.valid = arnParts(o.pattern.whole())
}

// matches compares one value of the request with this value of the policy.
func (o *operand) matches(value string, op operator, ctx *requestContext) truth {
	if !o.valid {
		return maybe
	}
	switch op.family {
	case stringExact, stringLike:
		return o.pattern.matches(value, ctx)
	case stringFold:
		return o.matchesFold(value, ctx)
	case arnLike:
		return o.matchesARN(value, ctx)
	case numeric:
		number, ok := parseDecimal(value)
		return known(ok, func() bool { return related(op.relation, number.compare(o.number)) })
	case date:
		moment, ok := parseMoment(value)
		return known(ok, func() bool { return related(op.relation, moment.Compare(o.moment)) })
	case boolean:
		flag, ok := parseBool(value)
		return known(ok, func() bool { return flag == o.flag })
	case binary:
		return truthOf(o.matchesBinary(value))
	default:
		address, err := netip.ParseAddr(value)
		ok := err == nil && address.Zone() == ""
		return known(ok, func() bool { return o.network.Contains(address.Unmap()) })
	}
}

// known is maybe for a value of the request that did not parse.
func known(ok bool, answer func() bool) truth {
	if !ok {
		return maybe
	}
	return truthOf(answer())
}

func (o *operand) matchesFold(value string, ctx *requestContext) truth {
	want := o.pattern.glob
	if o.pattern.form == templateForm {
		expanded, found := expand(o.pattern.template, ctx)
		if found != yes {
			return found
		}
		want = expanded
	}
	return truthOf(strings.EqualFold(want, value))
}

// matchesARN compares component by component, also after putting in the values of
// policy variables. A lone * stands for any ARN.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func (o *operand) matchesARN(value string, ctx *requestContext) truth {
	if o.pattern.form == everyForm {
		return yes
	}
	got, ok := arnParts(value)
	if !ok {
		return maybe
	}
	want := o.arn
	if o.pattern.form == templateForm {
		expanded, found := expand(o.pattern.template, ctx)
		if found != yes {
			return found
		}
		if want, ok = arnParts(expanded); !ok {
			return maybe
		}
	}
	return truthOf(arnGlobMatch(want, got))
}

// matchesBinary accepts the request's value as base64, as the policy simulator
// takes it, and as the bytes themselves.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals
func (o *operand) matchesBinary(value string) bool {
	if value == o.bytes {
		return true
	}
	decoded, err := base64.StdEncoding.DecodeString(value)
	return err == nil && string(decoded) == o.bytes
}

func related(r relation, order int) bool {
	switch r {
	case less:
		return order < 0
	case lessOrEqual:
		return order <= 0
	case greater:
		return order > 0
	case greaterOrEqual:
		return order >= 0
	default:
		return order == 0
	}
}

// decimal is an exact number: an integer where it fits, a fraction otherwise.
type decimal struct {
	integer  int64
	fraction *big.Rat // nil for an integer
}

// maxDecimal bounds what is parsed exactly; no condition key holds a longer number.
const maxDecimal = 64

func parseDecimal(text string) (decimal, bool) {
	if integer, err := strconv.ParseInt(text, 10, 64); err == nil {
		return decimal{integer: integer}, true
	}
	if len(text) > maxDecimal || !isDecimal(text) {
		return decimal{}, false
	}
	fraction, ok := new(big.Rat).SetString(text)
	return decimal{fraction: fraction}, ok
}

// isDecimal keeps out the exponents, fractions and bases that big.Rat also reads.
func isDecimal(text string) bool {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	whole, fraction, point := strings.Cut(text, ".")
	return isDigits(whole) && (!point || isDigits(fraction))
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

func (d decimal) compare(other decimal) int {
	if d.fraction == nil && other.fraction == nil {
		switch {
		case d.integer < other.integer:
			return -1
		case d.integer > other.integer:
			return 1
		default:
			return 0
		}
	}
	return d.rat().Cmp(other.rat())
}

func (d decimal) rat() *big.Rat {
	if d.fraction != nil {
		return d.fraction
	}
	return new(big.Rat).SetInt64(d.integer)
}

// parseMoment reads one of the W3C forms of ISO 8601, or seconds since the epoch.
// Four digits are a year. A time of day needs its zone.
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
//   - https://www.w3.org/TR/NOTE-datetime
func parseMoment(text string) (time.Time, bool) {
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006"} {
		if moment, err := time.Parse(layout, text); err == nil {
			return moment, true
		}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(seconds, 0), err == nil
}

// mappedBits come before the IPv4 address in an IPv6 address that stands for it.
const mappedBits = 96

// parseNetwork reads an address range, or an address as a range of one. IPv4 ranges
// in IPv6 form are the same as in their own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
func parseNetwork(text string) (netip.Prefix, bool) {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return netip.Prefix{}, false
		}
		network = netip.PrefixFrom(address, address.BitLen())
	}
	if address := network.Addr(); address.Is4In6() && network.Bits() >= mappedBits {
		network = netip.PrefixFrom(address.Unmap(), network.Bits()-mappedBits)
	}
	return network, true
}
