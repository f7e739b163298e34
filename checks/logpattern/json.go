package logpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// jsonPattern is a pattern for JSON log events: { $.a = "x" && $.b > 1 }.
// Section "Using filter patterns to match terms in JSON log events".
type jsonPattern struct {
	condition expression[any]
	selectors []selector
}

func parseJSON(c *cursor) (form, error) {
	p := jsonParser{cursor: c}
	c.take("{")
	condition, err := p.parseOr()
	if err != nil {
		return nil, err
	}
	if !c.take("}") {
		return nil, c.fail(`"&&", "||" or "}" is missing`)
	}
	c.skipSpace()
	if !c.done() {
		return nil, c.fail(`nothing may follow "}"`)
	}
	if p.regexes > maxRegexes {
		return nil, c.failAt(0, "the pattern has %d regular expressions, and at most %d are allowed", p.regexes, maxRegexes)
	}
	if p.wildcards > maxWildcards {
		return nil, c.failAt(0, "the pattern has %d wildcard selectors, and at most %d are allowed", p.wildcards, maxWildcards)
	}
	return jsonPattern{condition, p.selectors}, nil
}

// jsonParser reads conditions: "() > && > ||" is the order of operations.
type jsonParser struct {
	*cursor
	selectors          []selector
	regexes, wildcards int
}

func (p *jsonParser) parseOr() (expression[any], error) {
	return parseList(p.cursor, "||", p.parseAnd, func(list []expression[any]) expression[any] { return anyOf[any](list) })
}

func (p *jsonParser) parseAnd() (expression[any], error) {
	return parseList(p.cursor, "&&", p.parsePrimary, func(list []expression[any]) expression[any] { return allOf[any](list) })
}

// parseList reads one part, or several with an operator between them.
func parseList[E any](c *cursor, symbol string, parse func() (expression[E], error), combine func([]expression[E]) expression[E]) (expression[E], error) {
	var list []expression[E]
	for {
		part, err := parse()
		if err != nil {
			return nil, err
		}
		list = append(list, part)
		if !c.take(symbol) {
			break
		}
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return combine(list), nil
}

func (p *jsonParser) parsePrimary() (expression[any], error) {
	if p.take("(") {
		inner, err := p.parseOr()
		if err != nil {
			return nil, err
		}
		if !p.take(")") {
			return nil, p.fail(`"&&", "||" or ")" is missing`)
		}
		return inner, nil
	}
	p.skipSpace()
	s, err := parseSelector(p.cursor)
	if err != nil {
		return nil, err
	}
	p.selectors = append(p.selectors, s)
	if s.wildcard {
		p.wildcards++
	}
	return p.parseCondition(s)
}

// parseCondition reads what follows a selector.
func (p *jsonParser) parseCondition(s selector) (expression[any], error) {
	op, right, ok, err := parseComparison(p.cursor)
	switch {
	case err != nil:
		return nil, err
	case ok:
		if right.regex != nil {
			p.regexes++
		}
		return comparison{s, op, right}, nil
	case p.takeWord("NOT"):
		if !p.takeWord("EXISTS") {
			return nil, p.fail("after NOT stands EXISTS")
		}
		return notExists{s}, nil
	case p.takeWord("IS"):
		for _, literal := range []string{"NULL", "TRUE", "FALSE"} {
			if p.takeWord(literal) {
				return is{s, literal}, nil
			}
		}
		return nil, p.fail("after IS stands NULL, TRUE or FALSE; IS NOT is not supported")
	case strings.HasPrefix(p.rest(), "EXISTS"):
		return nil, p.fail("EXISTS is not supported: only NOT EXISTS is")
	}
	return nil, p.fail("after the selector %s stands an operator, IS or NOT EXISTS", s.source)
}

// takeWord consumes a keyword that no longer word hides.
func (p *jsonParser) takeWord(word string) bool {
	start := p.at
	if p.take(word) && !isWord(p.peek()) {
		return true
	}
	p.at = start
	p.skipSpace()
	return false
}

func (p jsonPattern) match(message string) (verdict, map[string]string) {
	root, err := decode(message)
	if err != nil {
		return verdict{no, "the message is not JSON, which the pattern asks for"}, nil
	}
	v := p.condition.judge(root)
	if v.truth != yes {
		return v, nil
	}
	fields := map[string]string{}
	for _, s := range p.selectors {
		if value, ok := s.scalar(root); ok {
			fields[s.source] = value.text
		}
	}
	return v, fields
}

func (p jsonPattern) value(message, reference string) (string, bool, error) {
	c := &cursor{text: reference}
	s, err := parseSelector(c)
	switch {
	case err != nil:
		return "", false, fmt.Errorf("the reference %s: %w", reference, err)
	case !c.done() || s.wildcard:
		return "", false, fmt.Errorf("the reference %s does not select one value", reference)
	}
	root, err := decode(message)
	if err != nil {
		// A message that is no JSON has no properties.
		return "", false, nil //nolint:nilerr
	}
	value, ok := s.scalar(root)
	return value.text, ok, nil
}

// scalar is the value that a selector without a wildcard points to.
func (s selector) scalar(root any) (value scalar, ok bool) {
	nodes := s.find(root)
	if s.wildcard || len(nodes) == 0 {
		return scalar{}, false
	}
	return scalarOf(nodes[0])
}

// decode reads a message that is one JSON value, keeping numbers as they are written.
func decode(message string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(message))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text follows the JSON value")
	}
	return root, nil
}
