package logpattern

import (
	"fmt"
	"strings"
)

// class reads a character class: [abc], [a-z], [^0-9_]. Inside it the operators but
// ^ at the start, -, \ and ] stand for themselves, as everywhere; an opening bracket
// means different things to different engines, so that AWS's meaning is open.
func (t *regexTranslator) class() error {
	start := t.at
	t.out.WriteByte('[')
	t.at++
	if t.peek() == '^' {
		t.out.WriteByte('^')
		t.at++
	}
	for empty := true; ; empty = false {
		switch {
		case t.done():
			t.at = start
			return t.failHere("the closing ] of the character class is missing")
		case t.peek() == ']' && empty:
			t.at = start
			return t.failHere("the character class is empty; escape a ] that belongs to it")
		case t.peek() == ']':
			t.out.WriteByte(']')
			t.at++
			return nil
		}
		if err := t.classRange(); err != nil {
			return err
		}
	}
}

// classRange reads one member of a class, or two with a hyphen between them.
func (t *regexTranslator) classRange() error {
	start := t.at
	low, set, err := t.classMember()
	if err != nil {
		return err
	}
	rest := t.rest()
	isRange := len(rest) > 1 && rest[0] == '-' && rest[1] != ']'
	switch {
	case !isRange && set != "":
		t.out.WriteString(set)
		return nil
	case !isRange:
		fmt.Fprintf(&t.out, `\x%02x`, low)
		return nil
	}
	t.at++
	high, setEnd, err := t.classMember()
	if err != nil {
		return err
	}
	if set != "" || setEnd != "" || low > high {
		t.at = start
		return t.failHere("a range goes from one character up to another")
	}
	fmt.Fprintf(&t.out, `\x%02x-\x%02x`, low, high)
	return nil
}

// classMember reads one character, or an escape for a set of them such as \d.
func (t *regexTranslator) classMember() (char byte, set string, err error) {
	char = t.peek()
	switch {
	case char == '\\':
		return t.escape()
	case char == '[':
		return 0, "", inconclusive("an opening bracket inside a character class: AWS does not say what it means, escape it")
	case strings.IndexByte(regexOperators, char) < 0:
		if err := t.allowed(); err != nil {
			return 0, "", err
		}
	}
	t.at++
	return char, "", nil
}
