package logpattern

import (
	"slices"
	"strings"
)

// reading is one way to divide a message into fields. AWS says that spaces delimit
// them and that "characters between brackets and double quotation marks are
// considered single fields", and leaves open what it makes of blanks in a row or
// tabs, and of quotation marks that text touches or that are never closed.
type reading struct {
	runs bool // any run of blanks and tabs delimits, not each single space
	glue bool // what touches a mark belongs to the same field; a mark that is never closed takes the rest
}

// readings divides a message in each way that differs from those before.
func readings(message string) [][]string {
	message = strings.TrimRight(message, "\r\n")
	var all [][]string
	for _, r := range []reading{{}, {runs: true}, {glue: true}, {runs: true, glue: true}} {
		words := r.divide(message)
		if !slices.ContainsFunc(all, func(other []string) bool { return slices.Equal(words, other) }) {
			all = append(all, words)
		}
	}
	return all
}

func (r reading) divide(message string) []string {
	var words []string
	for rest := message; ; {
		if r.runs {
			if rest = strings.TrimLeft(rest, " \t"); rest == "" {
				return words
			}
		}
		word, after := r.first(rest)
		words = append(words, word)
		if after == "" {
			return words
		}
		rest = after
		if rest[0] == ' ' {
			rest = rest[1:]
		}
	}
}

// first takes one field off a text, without the marks around it.
func (r reading) first(text string) (word, after string) {
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, `"`) {
		inside, after, closed := strings.Cut(text[1:], string(closing(text[0])))
		switch {
		case closed && r.glue:
			tail, after := r.plain(after)
			return inside + tail, after
		case closed:
			return inside, after
		case r.glue:
			return inside, ""
		}
	}
	return r.plain(text)
}

// plain takes what stands before the next delimiter.
func (r reading) plain(text string) (word, after string) {
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == ' ', b == '\t' && r.runs:
			return text[:i], text[i:]
		case r.glue && (b == '"' || b == '['):
			if length := strings.IndexByte(text[i+1:], closing(b)); length >= 0 {
				i += length + 1
			}
		}
	}
	return text, ""
}

// closing is the mark that ends a field which the other begins.
func closing(opening byte) byte {
	if opening == '[' {
		return ']'
	}
	return opening
}
