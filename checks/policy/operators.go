package policy

import "strings"

type family int8

const (
	unknownFamily family = iota
	stringExact
	stringFold
	stringLike
	numeric
	date
	boolean
	binary
	ipAddress
	arnLike
	null
)

type relation int8

const (
	equal relation = iota
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// quantifier is the set operator in front of a condition operator.
type quantifier int8

const (
	single quantifier = iota
	forAllValues
	forAnyValue
)

// operator is a condition operator taken apart.
type operator struct {
	family   family
	relation relation // of numbers and dates
	negated  bool     // the values are NORed, and an absent key satisfies it
	ifExists bool
	set      quantifier
}

// baseOperator is the table of all documented operators, without qualifiers.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func baseOperator(name string) operator {
	switch strings.ToLower(name) {
	case "stringequals":
		return operator{family: stringExact}
	case "stringnotequals":
		return operator{family: stringExact, negated: true}
	case "stringequalsignorecase":
		return operator{family: stringFold}
	case "stringnotequalsignorecase":
		return operator{family: stringFold, negated: true}
	case "stringlike":
		return operator{family: stringLike}
	case "stringnotlike":
		return operator{family: stringLike, negated: true}
	case "numericequals":
		return operator{family: numeric}
	case "numericnotequals":
		return operator{family: numeric, negated: true}
	case "numericlessthan":
		return operator{family: numeric, relation: less}
	case "numericlessthanequals":
		return operator{family: numeric, relation: lessOrEqual}
	case "numericgreaterthan":
		return operator{family: numeric, relation: greater}
	case "numericgreaterthanequals":
		return operator{family: numeric, relation: greaterOrEqual}
	case "dateequals":
		return operator{family: date}
	case "datenotequals":
		return operator{family: date, negated: true}
	case "datelessthan":
		return operator{family: date, relation: less}
	case "datelessthanequals":
		return operator{family: date, relation: lessOrEqual}
	case "dategreaterthan":
		return operator{family: date, relation: greater}
	case "dategreaterthanequals":
		return operator{family: date, relation: greaterOrEqual}
	case "bool":
		return operator{family: boolean}
	case "binaryequals":
		return operator{family: binary}
	case "ipaddress":
		return operator{family: ipAddress}
	case "notipaddress":
		return operator{family: ipAddress, negated: true}
	// ArnEquals and ArnLike behave identically.
	case "arnequals", "arnlike":
		return operator{family: arnLike}
	case "arnnotequals", "arnnotlike":
		return operator{family: arnLike, negated: true}
	case "null":
		return operator{family: null}
	default:
		return operator{}
	}
}

// parseOperator takes the name of an operator apart. Null, which itself tests
// whether the key exists, has neither IfExists nor a set operator.
func parseOperator(name string) operator {
	set := single
	if prefix, rest, found := strings.Cut(name, ":"); found {
		switch strings.ToLower(prefix) {
		case "forallvalues":
			set = forAllValues
		case "foranyvalue":
			set = forAnyValue
		default:
			return operator{}
		}
		name = rest
	}
	const suffix = "ifexists"
	ifExists := false
	if cut := len(name) - len(suffix); cut > 0 && strings.EqualFold(name[cut:], suffix) {
		name, ifExists = name[:cut], true
	}
	op := baseOperator(name)
	if op.family == null && (ifExists || set != single) {
		return operator{}
	}
	op.ifExists, op.set = ifExists, set
	return op
}
