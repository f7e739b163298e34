package alarm

import (
	"slices"
	"strconv"
	"strings"
)

// expression is a node of a metric math expression.
type expression interface {
	eval(*scope) (value, error)
}

type (
	scalarNode    float64
	referenceNode string
	textNode      string
	keywordNode   string // REPEAT
	listNode      []expression
	callNode      struct {
		function  string
		arguments []expression
	}
	negateNode struct{ of expression }
	binaryNode struct {
		operator    string
		left, right expression
	}
)

// parser reads an expression by descent. Operators of one level bind to the left.
type parser struct {
	expression string
	tokens     []token
}

// levels are the binary operators from the loosest to the tightest. The page gives no precedence: this one is that of arithmetic, and
// what it leaves open (an AND beside an OR, a chain of comparisons or powers, the power of a negative) needs parentheses here.
var levels = [][]string{{"OR", "||"}, {"AND", "&&"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/"}, {"^"}}

const (
	orLevel         = 0
	comparisonLevel = 2
	powerLevel      = 5
)

// parseExpression reads a metric math expression (using-metric-math, "Metric math syntax and functions").
func parseExpression(text string) (expression, error) {
	if fields := strings.Fields(text); len(fields) > 0 && strings.EqualFold(fields[0], "SELECT") {
		return nil, inconclusive("Metrics Insights queries aren't modelled")
	}
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := &parser{expression: text, tokens: tokens}
	e, err := p.binary(orLevel)
	if err == nil && p.tokens[0].kind != atEnd {
		err = p.unexpected()
	}
	return e, err
}

func (p *parser) unexpected() error {
	t := p.tokens[0]
	if t.kind == atEnd {
		return invalid("the expression %q ends too early", p.expression)
	}
	return invalid("the expression %q has an unexpected %q at character %d", p.expression, t.text, len([]rune(p.expression[:t.at]))+1)
}

func (p *parser) take() token {
	t := p.tokens[0]
	if t.kind != atEnd {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept takes the next token if it is one of these symbols or words.
func (p *parser) accept(texts ...string) (string, bool) {
	t := p.tokens[0]
	if (t.kind == symbol || t.kind == word) && slices.Contains(texts, t.text) {
		return p.take().text, true
	}
	return "", false
}

func (p *parser) binary(level int) (expression, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for links := 0; err == nil; links++ {
		operator, ok := p.accept(levels[level]...)
		if !ok {
			return left, nil
		}
		if links > 0 && (level == comparisonLevel || level == powerLevel) {
			return nil, inconclusive("AWS doesn't document which %q of %q comes first", operator, p.expression)
		}
		var right expression
		if right, err = p.binary(level + 1); err == nil {
			if err = p.unclear(level, left, right); err == nil {
				left = binaryNode{operator, left, right}
			}
		}
	}
	return nil, err
}

// unclear refuses operands that would need a precedence which AWS doesn't document.
func (p *parser) unclear(level int, operands ...expression) error {
	for _, operand := range operands {
		switch o := operand.(type) {
		case binaryNode:
			if level == orLevel && slices.Contains(levels[orLevel+1], o.operator) {
				return inconclusive("AWS doesn't document whether AND or OR comes first in %q", p.expression)
			}
		case negateNode:
			if level == powerLevel {
				return inconclusive("AWS doesn't document whether - or ^ comes first in %q", p.expression)
			}
		}
	}
	return nil
}

func (p *parser) unary() (expression, error) {
	negative := false
	for {
		if _, ok := p.accept("-"); !ok {
			break
		}
		negative = !negative
	}
	e, err := p.primary()
	if err == nil && negative {
		e = negateNode{e}
	}
	return e, err
}

// group is what stands in parentheses: it is whole, whatever stands beside it.
type group struct{ expression }

func (p *parser) primary() (expression, error) {
	switch t := p.take(); t.kind {
	case number:
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, invalid("the expression %q has an unreadable number %q", p.expression, t.text)
		}
		return scalarNode(v), nil
	case identifier:
		return referenceNode(t.text), nil
	case quoted:
		return textNode(t.text), nil
	case word:
		if _, ok := p.accept("("); !ok {
			return keywordNode(t.text), nil
		}
		arguments, err := p.list(")")
		return callNode{t.text, arguments}, err
	case symbol:
		switch t.text {
		case "(":
			inner, err := p.binary(orLevel)
			if _, ok := p.accept(")"); err == nil && !ok {
				err = p.unexpected()
			}
			return group{inner}, err
		case "[":
			members, err := p.list("]")
			return listNode(members), err
		}
		p.tokens = slices.Insert(slices.Clone(p.tokens), 0, t)
	}
	return nil, p.unexpected()
}

// list reads expressions up to the closing symbol.
func (p *parser) list(closing string) ([]expression, error) {
	if _, ok := p.accept(closing); ok {
		return nil, nil
	}
	var members []expression
	for {
		member, err := p.binary(orLevel)
		if err != nil {
			return nil, err
		}
		members = append(members, member)
		if _, ok := p.accept(closing); ok {
			return members, nil
		}
		if _, ok := p.accept(","); !ok {
			return nil, p.unexpected()
		}
	}
}
