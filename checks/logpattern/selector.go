package logpattern

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxWildcards is how many wildcard selectors a pattern may have; one selector may
// have one. Section "Using filter patterns to match terms in JSON log events", quotas.
const maxWildcards = 3

// selector points to a property of a JSON event: $.users[0].email, $.a[*].b, $.*,
// $.['cluster.name'].
type selector struct {
	source   string
	steps    []step
	wildcard bool
}

// step goes from a node to a property of an object or to an element of an array.
type step struct {
	name  string
	index int
	kind  stepKind
}

type stepKind int8

const (
	property stepKind = iota
	element
	everyProperty
	everyElement
)

func parseSelector(c *cursor) (selector, error) {
	start := c.at
	if !strings.HasPrefix(c.rest(), "$.") {
		return selector{}, c.fail(`a selector starts with "$."`)
	}
	c.at++
	var s selector
	for c.peek() == '.' || c.peek() == '[' {
		at := c.at
		next, err := parseStep(c)
		if err != nil {
			return selector{}, err
		}
		if next.kind == everyProperty || next.kind == everyElement {
			if s.wildcard {
				return selector{}, c.failAt(at, "a selector may have only one wildcard")
			}
			s.wildcard = true
		}
		s.steps = append(s.steps, next)
	}
	s.source = c.text[start:c.at]
	return s, nil
}

func parseStep(c *cursor) (step, error) {
	if c.peek() == '.' {
		c.at++
		if c.peek() != '[' {
			return parseName(c)
		}
		if !strings.HasPrefix(c.rest(), "['") {
			return step{}, c.fail(`after "." stands a property, in brackets and single quotation marks if it has a period: ['a.b']`)
		}
	}
	if strings.HasPrefix(c.rest(), "['") {
		return parseBracketedName(c)
	}
	return parseIndex(c)
}

func parseName(c *cursor) (step, error) {
	if c.peek() == '*' {
		c.at++
		return step{kind: everyProperty}, nil
	}
	name := c.while(func(b byte) bool { return isWord(b) || b == '-' })
	if name == "" {
		return step{}, c.fail("the name of a property is missing: it has letters, digits, - and _; others need ['...']")
	}
	return step{name: name}, nil
}

func parseBracketedName(c *cursor) (step, error) {
	length := strings.Index(c.rest(), "']")
	if length <= len("['") {
		return step{}, c.fail("a property in brackets is written ['name']")
	}
	name := c.rest()[len("['"):length]
	c.at += length + len("']")
	return step{name: name}, nil
}

func parseIndex(c *cursor) (step, error) {
	inside, _, closed := strings.Cut(c.rest()[1:], "]")
	index, err := strconv.Atoi(inside)
	switch {
	case closed && inside == "*":
		c.at += len("[*]")
		return step{kind: everyElement}, nil
	case !closed || err != nil || !allDigits(inside):
		return step{}, c.fail("an element of an array is written [0] or [*]")
	}
	c.at += len(inside) + len("[]")
	return step{kind: element, index: index}, nil
}

// find returns the nodes that the selector points to in a decoded event: at most
// one without a wildcard.
func (s selector) find(root any) []any {
	nodes := []any{root}
	for _, next := range s.steps {
		var found []any
		for _, node := range nodes {
			found = append(found, next.from(node)...)
		}
		nodes = found
	}
	return nodes
}

func (s step) from(node any) []any {
	switch node := node.(type) {
	case map[string]any:
		return s.fromObject(node)
	case []any:
		switch {
		case s.kind == everyElement:
			return node
		case s.kind == element && s.index < len(node):
			return node[s.index : s.index+1]
		}
	}
	return nil
}

func (s step) fromObject(object map[string]any) []any {
	if s.kind == everyProperty {
		return slices.Collect(maps.Values(object))
	}
	if value, present := object[s.name]; present && s.kind == property {
		return []any{value}
	}
	return nil
}

// scalarOf is the value of a node; an array or an object has none: "If a property
// selector points to an array or object, the filter pattern won't match".
func scalarOf(node any) (value scalar, ok bool) {
	switch node := node.(type) {
	case string:
		return scalar{stringValue, node}, true
	case json.Number:
		return scalar{numberValue, node.String()}, true
	case bool:
		return scalar{otherValue, strconv.FormatBool(node)}, true
	case nil:
		return scalar{otherValue, "null"}, true
	}
	return scalar{}, false
}

// describe is a node in an explanation.
func describe(node any) string {
	const shown = 80
	switch node.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "an array"
	}
	value, _ := scalarOf(node)
	text := []rune(value.text)
	if len(text) > shown {
		text = append(text[:shown:shown], '…')
	}
	if value.kind == stringValue {
		return strconv.Quote(string(text))
	}
	return string(text)
}
