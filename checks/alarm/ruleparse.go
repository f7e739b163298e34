package alarm

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a rule (PutCompositeAlarm, AlarmRule).
const (
	maxRule     = 10240
	maxChildren = 100
	maxElements = 500
)

// ParseRule reads the rule of a composite alarm. The error is an [InvalidError] or an [InconclusiveError].
func ParseRule(text string) (*Rule, error) {
	if len(text) > maxRule {
		return nil, invalid("a rule has at most %d characters", maxRule)
	}
	p := &ruleParser{text: text}
	root, err := p.chain()
	if err != nil {
		return nil, err
	}
	if p.peek() != "" {
		return nil, p.unexpected()
	}
	var children []string
	for _, r := range p.references {
		if !slices.Contains(children, r.Alarm) {
			children = append(children, r.Alarm)
		}
	}
	if len(children) > maxChildren || p.elements > maxElements {
		return nil, invalid("a rule has at most %d alarms and %d elements, not %d and %d", maxChildren, maxElements, len(children), p.elements)
	}
	return &Rule{root: root, references: p.references}, nil
}

type ruleParser struct {
	text       string
	at         int // byte offset
	references []Reference
	// elements are alarms, constants and pairs of parentheses.
	elements int
}

// peek is the next word or symbol; empty at the end.
func (p *ruleParser) peek() string {
	for p.at < len(p.text) && strings.ContainsRune(" \t\r\n", rune(p.text[p.at])) {
		p.at++
	}
	if rest := p.text[p.at:]; rest != "" {
		if word := run(rest, name); word != "" {
			return word
		}
		_, size := utf8.DecodeRuneInString(rest)
		return rest[:size]
	}
	return ""
}

func (p *ruleParser) accept(text string) bool {
	if p.peek() != text {
		return false
	}
	p.at += len(text)
	return true
}

func (p *ruleParser) unexpected() error {
	next := p.peek()
	if next == "" {
		return invalid("the rule %q ends too early", p.text)
	}
	return invalid("the rule %q has an unexpected %q at character %d", p.text, next, utf8.RuneCountInString(p.text[:p.at])+1)
}

// chain reads conditions joined by AND and OR.
func (p *ruleParser) chain() (condition, error) {
	var c chain
	for {
		one, err := p.condition()
		if err != nil {
			return nil, err
		}
		c.conditions = append(c.conditions, one)
		and := p.accept("AND")
		if !and && !p.accept("OR") {
			break
		}
		c.and = append(c.and, and)
	}
	return c, nil
}

func (p *ruleParser) condition() (condition, error) {
	word := p.peek()
	switch {
	case p.accept("NOT"):
		of, err := p.condition()
		return negation{of}, err
	case p.accept("("):
		p.elements++
		inner, err := p.chain()
		if err == nil && !p.accept(")") {
			err = p.unexpected()
		}
		return inner, err
	case strings.EqualFold(word, "TRUE"), strings.EqualFold(word, "FALSE"):
		// The page itself writes both FALSE and False.
		p.accept(word)
		p.elements++
		return constant(strings.EqualFold(word, "TRUE")), nil
	}
	return p.reference(word)
}

// reference reads ALARM(name), where the name may be quoted.
func (p *ruleParser) reference(function string) (condition, error) {
	begin := p.at
	if run(function, name) == "" || !p.accept(function) {
		return nil, p.unexpected()
	}
	if !p.accept("(") {
		p.at = begin
		return nil, p.unexpected()
	}
	if !slices.Contains([]State{OK, InAlarm, InsufficientData}, State(function)) {
		return nil, inconclusive("the function %s of a rule isn't modelled", function)
	}
	child, err := p.name()
	if err == nil && !p.accept(")") {
		err = p.unexpected()
	}
	p.elements++
	r := Reference{State: State(function), Alarm: child}
	p.references = append(p.references, r)
	return r, err
}

// name reads the name or ARN of an alarm.
func (p *ruleParser) name() (string, error) {
	closing := ")"
	if p.accept(`"`) {
		closing = `"`
	}
	text, _, found := strings.Cut(p.text[p.at:], closing)
	if !found {
		p.at = len(p.text)
		return "", p.unexpected()
	}
	if strings.ContainsAny(text, `\"(`) && closing == ")" || strings.Contains(text, `\`) {
		return "", inconclusive("AWS doesn't document how the name of an alarm is escaped in %q", p.text)
	}
	p.at += len(text)
	if closing == `"` {
		p.at++
	} else {
		text = strings.TrimSpace(text)
	}
	if text == "" {
		return "", invalid("the rule %q has a function without an alarm", p.text)
	}
	return text, nil
}
