package policy

import (
	"strings"
	"unicode/utf8"
)

// part is a piece of a value with policy variables: either literal text (with
// wildcard bytes where the value may have wildcards) or a variable.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
type part struct {
	literal    string
	variable   string // the context key; empty for literal text
	fallback   string
	hasDefault bool
}

// parseTemplate splits text at its policy variables. Wildcards in the literal
// text become wildcard bytes if wild is set. ok is false when a variable is
// malformed. A text without variables gives one literal part.
func parseTemplate(text string, wild bool) (parts []part, ok bool) {
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			parts = append(parts, part{literal: literal.String()})
			literal.Reset()
		}
	}
	for text != "" {
		start := strings.Index(text, "${")
		if start < 0 {
			start = len(text)
		}
		plain := text[:start]
		if wild {
			plain = wildcards(plain)
		}
		literal.WriteString(plain)
		if start == len(text) {
			break
		}
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			return nil, false
		}
		name := text[start+2 : start+end]
		text = text[start+end+1:]
		switch name {
		case "*", "?", "$":
			// The predefined variables stand for the characters themselves.
			literal.WriteString(name)
			continue
		}
		variable, valid := parseVariable(name)
		if !valid {
			return nil, false
		}
		flush()
		parts = append(parts, variable)
	}
	flush()
	if parts == nil {
		parts = []part{{}}
	}
	return parts, true
}

// parseVariable reads the inside of ${...}: a key and, after a comma, a default
// in single quotes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-default-values
func parseVariable(inside string) (part, bool) {
	key, fallback, hasDefault := strings.Cut(inside, ",")
	key = strings.TrimSpace(key)
	if key == "" || strings.ContainsAny(key, "${'") {
		return part{}, false
	}
	if !hasDefault {
		return part{variable: key}, true
	}
	fallback = strings.TrimSpace(fallback)
	if len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
		return part{}, false
	}
	return part{variable: key, fallback: fallback[1 : len(fallback)-1], hasDefault: true}, true
}

// expand puts the values of the request into a template. What comes from the
// request is literal: a wildcard in it matches only itself. Where the answer is
// no, a variable has no value and the template matches nothing; where it is
// maybe, the key has several values, which AWS does not support in a variable.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func expand(template []part, ctx *requestContext) (string, truth) {
	var glob strings.Builder
	for _, p := range template {
		if p.variable == "" {
			glob.WriteString(p.literal)
			continue
		}
		values := ctx.values(p.variable)
		switch {
		case len(values) == 1 && utf8.ValidString(values[0]):
			glob.WriteString(values[0])
		case len(values) == 0 && p.hasDefault:
			glob.WriteString(p.fallback)
		case len(values) == 0:
			return "", no
		default:
			return "", maybe
		}
	}
	return glob.String(), yes
}

// compileText compiles a value in which policy variables are allowed: a Resource
// or the value of a string or ARN condition. Variables exist only in policy
// language version 2012-10-17; before it they are ordinary text.
func compileText(text string, wild, variables bool) pattern {
	if !variables || !strings.Contains(text, "${") {
		glob := text
		if wild {
			glob = wildcards(text)
		}
		return compilePattern(text, glob, false)
	}
	template, ok := parseTemplate(text, wild)
	if !ok {
		p := compilePattern(text, everything, false)
		p.flaw = "has a malformed policy variable"
		return p
	}
	if len(template) == 1 && template[0].variable == "" {
		return compilePattern(text, template[0].literal, false)
	}
	return pattern{text: text, form: templateForm, template: template}
}
