package policy

import (
	"strings"
	"unicode/utf8"
)

// Compiled patterns hold wildcards as bytes that never occur in UTF-8, so that a
// literal asterisk (written ${*}) and a wildcard cannot be confused.
const (
	anyRun = 0xFF // *: any characters, also none
	anyOne = 0xFE // ?: exactly one character
)

// everything is the compiled form of a lone *.
const everything = "\xFF"

type patternForm int8

const (
	exactForm    patternForm = iota
	everyForm                // a lone *
	prefixForm               // text and then one *
	globForm                 // wildcards anywhere
	templateForm             // has policy variables
)

// pattern is one value of an Action, a Resource or a string condition, compiled
// once. Matching it allocates nothing unless it has policy variables.
//
// Actions match without regard to case, resources with it, and * crosses every
// separator:
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
type pattern struct {
	text     string // as written, for explanations
	form     patternForm
	glob     string // with wildcard bytes; of a prefixForm without the last one
	fold     bool   // ASCII letters match in either case; glob is lower case
	template []part
	flaw     string // why AWS would not accept this value; a match is uncertain
}

// compilePattern compiles a glob: text whose wildcards are wildcard bytes already.
func compilePattern(text, glob string, fold bool) pattern {
	p := pattern{text: text, glob: glob, fold: fold}
	switch first := firstWildcard(glob); {
	case first < 0:
		p.form = exactForm
	case glob == everything:
		p.form = everyForm
	case first == len(glob)-1 && glob[first] == anyRun:
		p.form, p.glob = prefixForm, glob[:first]
	default:
		p.form = globForm
	}
	return p
}

func (p *pattern) matches(text string, ctx *requestContext) truth {
	var matched truth
	switch p.form {
	case everyForm:
		matched = yes
	case exactForm:
		matched = truthOf(len(p.glob) == len(text) && hasPrefix(text, p.glob, p.fold))
	case prefixForm:
		matched = truthOf(hasPrefix(text, p.glob, p.fold))
	case globForm:
		matched = truthOf(globMatch(p.glob, text, p.fold))
	default:
		glob, known := expand(p.template, ctx)
		if known != yes {
			return known
		}
		matched = truthOf(globMatch(glob, text, p.fold))
	}
	if p.flaw != "" {
		return both(matched, maybe)
	}
	return matched
}

// whole is the compiled glob of a pattern without variables.
func (p *pattern) whole() string {
	if p.form == prefixForm {
		return p.glob + everything
	}
	return p.glob
}

// matchesAny tells whether one of the patterns matches.
func matchesAny(patterns []pattern, text string, ctx *requestContext) truth {
	found := no
	for i := range patterns {
		if found = either(found, patterns[i].matches(text, ctx)); found == yes {
			return yes
		}
	}
	return found
}

// wildcards turns * and ? into wildcard bytes.
func wildcards(text string) string {
	if !strings.ContainsAny(text, "*?") {
		return text
	}
	glob := []byte(text)
	for i, b := range glob {
		switch b {
		case '*':
			glob[i] = anyRun
		case '?':
			glob[i] = anyOne
		}
	}
	return string(glob)
}

func firstWildcard(glob string) int {
	for i := range len(glob) {
		if glob[i] >= anyOne {
			return i
		}
	}
	return -1
}

// globMatch tells whether text matches glob. It remembers only the last run of
// any characters, which is enough, so that its time is at most the product of
// the lengths.
func globMatch(glob, text string, fold bool) bool {
	g, t := 0, 0
	retryGlob, retryText := -1, 0
	for t < len(text) {
		switch {
		case g < len(glob) && glob[g] == anyRun:
			g++
			if g == len(glob) {
				return true
			}
			retryGlob, retryText = g, t
			continue
		case g < len(glob) && glob[g] == anyOne:
			g++
			t += runeLength(text[t:])
			continue
		case g < len(glob) && sameByte(text[t], glob[g], fold):
			g++
			t++
			continue
		}
		if retryGlob < 0 {
			return false
		}
		retryText += runeLength(text[retryText:])
		g, t = retryGlob, retryText
	}
	for g < len(glob) && glob[g] == anyRun {
		g++
	}
	return g == len(glob)
}

func runeLength(text string) int {
	if text[0] < utf8.RuneSelf {
		return 1
	}
	_, size := utf8.DecodeRuneInString(text)
	return size
}

func hasPrefix(text, prefix string, fold bool) bool {
	if !fold {
		return strings.HasPrefix(text, prefix)
	}
	if len(text) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if !sameByte(text[i], prefix[i], true) {
			return false
		}
	}
	return true
}

// sameByte compares a byte of the request with one of a pattern, which is lower
// case when fold is set.
func sameByte(text, pattern byte, fold bool) bool {
	if fold && 'A' <= text && text <= 'Z' {
		text += 'a' - 'A'
	}
	return text == pattern
}

// arnParts splits an ARN into its six components, the last of which keeps its colons.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func arnParts(arn string) (parts [6]string, ok bool) {
	for i := range 5 {
		colon := strings.IndexByte(arn, ':')
		if colon < 0 {
			return parts, false
		}
		parts[i], arn = arn[:colon], arn[colon+1:]
	}
	parts[5] = arn
	return parts, true
}

// arnGlobMatch matches an ARN component by component, so that a wildcard in one
// does not reach into the next.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func arnGlobMatch(glob [6]string, arn [6]string) bool {
	for i := range glob {
		if !globMatch(glob[i], arn[i], false) {
			return false
		}
	}
	return true
}
