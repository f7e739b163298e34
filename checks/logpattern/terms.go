package logpattern

import (
	"fmt"
	"strings"
)

// terms is a pattern for unstructured log events. Case counts, and a term may stand
// inside a word: ERROR matches "Exiting with ERRORCODE: -1".
//
// Section "Using filter patterns to match terms in unstructured log events"; the
// example of the word is on the page before its revision.
type terms struct {
	required, optional, excluded []string
}

func parseTerms(c *cursor) (form, error) {
	var t terms
	for c.skipSpace(); !c.done(); c.skipSpace() {
		list := &t.required
		switch c.peek() {
		case '?':
			list = &t.optional
			c.at++
		case '-':
			list = &t.excluded
			c.at++
			// The page before its revision has a blank here: "ERROR" - "Exiting".
			c.skipSpace()
		}
		term, err := parseTerm(c)
		if err != nil {
			return nil, err
		}
		*list = append(*list, term)
	}
	return t, nil
}

// parseTerm reads a word, or a phrase between double quotation marks, which a term
// with any other character needs.
func parseTerm(c *cursor) (string, error) {
	if c.peek() == '"' {
		return parseQuoted(c)
	}
	start := c.at
	word := c.while(isWord)
	switch {
	case c.done() && word == "":
		return "", c.fail("a term is missing")
	case c.done() || isSpace(c.peek()):
		if word == "" {
			return "", c.fail("a term must follow directly")
		}
		return word, nil
	case c.peek() == '%':
		return "", c.fail("a regular expression stands alone, or is compared with a field or a selector")
	default:
		return "", c.failAt(start, "invalid character %q in a term: a term of other than letters, digits and _ needs double quotation marks", []rune(c.rest())[0])
	}
}

// parseQuoted reads a string between double quotation marks. \" stands for a
// quotation mark and \\ for a backslash.
func parseQuoted(c *cursor) (string, error) {
	start := c.at
	var text strings.Builder
	for c.at++; !c.done(); c.at++ {
		switch b := c.peek(); {
		case b == '"':
			c.at++
			return text.String(), nil
		case b == '\\' && (strings.HasPrefix(c.rest(), `\"`) || strings.HasPrefix(c.rest(), `\\`)):
			c.at++
			text.WriteByte(c.peek())
		default:
			text.WriteByte(b)
		}
	}
	return "", c.failAt(start, "the closing quotation mark is missing")
}

func (t terms) match(message string) (verdict, map[string]string) {
	for _, term := range t.excluded {
		if contains(message, term) {
			return verdict{no, fmt.Sprintf("the message contains the excluded term %q", term)}, nil
		}
	}
	for _, term := range t.required {
		if !contains(message, term) {
			return verdict{no, fmt.Sprintf("the message does not contain %q", term)}, nil
		}
	}
	// "If you combine ? with other filter patterns, all question mark terms will be ignored."
	if len(t.required)+len(t.excluded) == 0 && len(t.optional) > 0 {
		return t.matchOptional(message), nil
	}
	return verdict{yes, t.explain()}, nil
}

func (t terms) matchOptional(message string) verdict {
	for _, term := range t.optional {
		if contains(message, term) {
			return verdict{yes, fmt.Sprintf("the message contains %q", term)}
		}
	}
	return verdict{no, "the message contains none of " + quoteAll(t.optional)}
}

func (t terms) explain() string {
	var parts []string
	if len(t.required) > 0 {
		parts = append(parts, "the message contains "+quoteAll(t.required))
	}
	if len(t.excluded) > 0 {
		parts = append(parts, "the message does not contain "+quoteAll(t.excluded))
	}
	if len(parts) == 0 {
		return "an empty pattern matches every message"
	}
	if len(t.optional) > 0 {
		parts = append(parts, "terms with ? are ignored beside other terms")
	}
	return strings.Join(parts, "; ")
}

func (terms) value(_, reference string) (string, bool, error) {
	return "", false, fmt.Errorf("%s: a pattern of terms extracts no values", reference)
}

// contains reports whether a message has a term. A blank phrase matches everything
// (example "Match everything").
func contains(message, term string) bool {
	return strings.TrimSpace(term) == "" || strings.Contains(message, term)
}

func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(quoted, ", ")
}
