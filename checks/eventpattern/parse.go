package eventpattern

import (
	"slices"
	"unicode/utf8"
)

// maxLength is the length of an event pattern in characters.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
const maxLength = 4096

// Pattern is an event pattern, compiled once and safe for concurrent use.
type Pattern struct {
	source string
	root   object
}

// object is what a pattern asks of an object of the event: all of its fields.
// "The event must contain all the field names listed in the event pattern, with the
// same nesting structure." (eb-create-pattern).
type object []field

// field is a part of a pattern: a leaf, a nested object or alternatives.
type field interface {
	judge(e event, node any) verdict
}

// leaf compares the value of a field with a list of which one must match.
type leaf struct {
	path   path
	name   string
	values []matcher
	absent bool // {"exists": false} is in the list
	source string
}

// nested asks the same of an object inside.
type nested struct {
	path   path
	name   string
	fields object
}

// alternatives is $or: one of its objects must match.
type alternatives struct {
	path    path
	objects []object
}

// Parse compiles an event pattern. The error is a *SyntaxError for what EventBridge
// refuses, and an *InconclusiveError for what its documentation leaves open.
func Parse(pattern string) (*Pattern, error) {
	if n := utf8.RuneCountInString(pattern); n > maxLength {
		return nil, path(nil).refuse("the pattern has %d characters, and a pattern has at most %d", n, maxLength)
	}
	tree, err := parseTree(pattern)
	if err != nil {
		return nil, path(nil).refuse("not JSON: %v", err)
	}
	if tree.kind != objectKind {
		return nil, path(nil).refuse("Filter is not an object")
	}
	root, err := parseObject(nil, tree, false)
	if err != nil {
		return nil, err
	}
	return &Pattern{source: pattern, root: root}, nil
}

// String is the pattern as it was written.
func (p *Pattern) String() string { return p.source }

// isReserved reports what no field inside $or may be called.
// https://github.com/aws/event-ruler (README, The "$or" Primitive)
func isReserved(name string) bool {
	switch name {
	case "exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr",
		"=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case",
		"date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range",
		"ip-address-in-range", "ip-address-not-in-range":
		return true
	}
	return false
}

func parseObject(at path, n node, insideOr bool) (object, error) {
	if len(n.members) == 0 {
		return nil, at.refuse("Empty objects are not allowed")
	}
	var fields object
	for i, m := range n.members {
		if slices.ContainsFunc(n.members[:i], func(other member) bool { return other.name == m.name }) {
			return nil, at.child(m.name).inconclusive("the key stands twice in one object")
		}
		next, err := parseMember(at, m, insideOr)
		if err != nil {
			return nil, err
		}
		fields = append(fields, next)
	}
	return fields, nil
}

func parseMember(at path, m member, insideOr bool) (field, error) {
	inner := at.child(m.name)
	if m.name == "$or" {
		return parseAlternatives(at, m.value)
	}
	if insideOr && isReserved(m.name) {
		return nil, inner.refuse("%s is Ruler reserved fieldName which cannot be used inside $or.", m.name)
	}
	switch m.value.kind {
	case objectKind:
		fields, err := parseObject(inner, m.value, insideOr)
		return nested{inner, m.name, fields}, err
	case arrayKind:
		return parseLeaf(inner, m)
	default:
		return nil, inner.refuse("%q must be an object or an array", m.name)
	}
}

// parseAlternatives reads $or. (eb-create-pattern-operators, Or).
func parseAlternatives(at path, n node) (field, error) {
	inner := at.child("$or")
	if n.kind != arrayKind {
		return nil, inner.refuse("It must be an Array followed with $or.")
	}
	if len(n.items) < 2 {
		return nil, inner.refuse("There must have at least 2 Objects in $or relationship.")
	}
	or := alternatives{path: inner}
	for _, item := range n.items {
		if item.kind != objectKind {
			return nil, inner.refuse("Only JSON object is allowed in array of $or relationship.")
		}
		fields, err := parseObject(at, item, true)
		if err != nil {
			return nil, err
		}
		or.objects = append(or.objects, fields)
	}
	return or, nil
}

// parseLeaf reads the list of values of a field. (eb-event-patterns-arrays).
func parseLeaf(at path, m member) (field, error) {
	if len(m.value.items) == 0 {
		return nil, at.refuse("Empty arrays are not allowed")
	}
	l := leaf{path: at, name: m.name, source: joinAll(m.value.items)}
	for _, item := range m.value.items {
		if item.String() == `{"exists": false}` {
			l.absent = true
			continue
		}
		value, err := parseValue(at, item)
		if err != nil {
			return nil, err
		}
		l.values = append(l.values, value)
	}
	return l, nil
}
