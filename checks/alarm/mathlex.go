package alarm

import (
	"strings"
	"unicode/utf8"
)

// maxExpression is the longest expression in bytes (API_MetricDataQuery, Expression).
const maxExpression = 2048

// kind is what a token of a metric math expression is.
type kind int

const (
	atEnd      kind = iota
	number          // 14.4
	identifier      // m1, the id of a query
	word            // SUM, AND: functions, operators and keywords are in capitals
	quoted          // "errors"
	symbol          // + ( <=
)

type token struct {
	kind kind
	text string
	at   int
}

const symbols = "== != <= >= && || < > + - * / ^ ( ) [ ] ,"

// scan splits an expression into tokens; the last one is the end.
func scan(expression string) ([]token, error) {
	if len(expression) > maxExpression {
		return nil, invalid("an expression has at most %d characters", maxExpression)
	}
	var tokens []token
	for at := 0; at < len(expression); {
		rest := expression[at:]
		if strings.ContainsRune(" \t\r\n", rune(rest[0])) {
			at++
			continue
		}
		t, ok := next(rest)
		if !ok {
			r, _ := utf8.DecodeRuneInString(rest)
			return nil, invalid("the expression %q has an unexpected %q at character %d", expression, r, utf8.RuneCountInString(expression[:at])+1)
		}
		t.at = at
		tokens = append(tokens, t)
		at += len(t.text)
		if t.kind == quoted {
			tokens[len(tokens)-1].text = t.text[1 : len(t.text)-1]
		}
	}
	return append(tokens, token{kind: atEnd, at: len(expression)}), nil
}

// next is the token that a text begins with.
func next(text string) (token, bool) {
	switch c := text[0]; {
	case digit(c) || c == '.' && len(text) > 1 && digit(text[1]):
		return token{kind: number, text: run(text, func(c byte) bool { return digit(c) || c == '.' })}, true
	case c >= 'a' && c <= 'z':
		return token{kind: identifier, text: run(text, name)}, true
	case c >= 'A' && c <= 'Z':
		return token{kind: word, text: run(text, name)}, true
	case c == '"' || c == '\'':
		end := strings.IndexByte(text[1:], c)
		return token{kind: quoted, text: text[:end+2]}, end >= 0
	}
	for _, s := range strings.Fields(symbols) {
		if strings.HasPrefix(text, s) {
			return token{kind: symbol, text: s}, true
		}
	}
	return token{}, false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func name(c byte) bool {
	return digit(c) || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func run(text string, in func(byte) bool) string {
	end := 0
	for end < len(text) && in(text[end]) {
		end++
	}
	return text[:end]
}
