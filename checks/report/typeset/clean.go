// Package typeset prepares text for a terminal of limited width: it cleans what came from an account, measures it,
// wraps it and paints it. It knows nothing of checks and writes nowhere.
package typeset

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escapeSequence matches the control sequences of ECMA-48: CSI, the string commands (OSC, DCS, SOS, PM, APC) up to
// their terminator, and the short escapes.
var escapeSequence = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])`)

// Clean makes text from outside safe to print. A tag value may hold anything, and a terminal obeys what it is sent:
// escape sequences are removed; other control characters, characters that reorder text (Unicode TR 36, bidirectional
// spoofing) and invalid UTF-8 become U+FFFD, so that a reader sees that something was there. Line breaks stay.
func Clean(s string) string {
	if printable(s) {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r == '\u2028', r == '\u2029':
			return '\n'
		case unprintable(r):
			return unicode.ReplacementChar
		}
		return r
	}, escapeSequence.ReplaceAllString(s, ""))
}

// Line is Clean on one line: every run of white space becomes one space.
func Line(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// printable is the short way out for nearly all text.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// unprintable says whether a terminal would act on the character, or a reader be misled by it. U+FFFE and U+FFFF
// are no characters, and XML forbids them.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF' || r&0xFFFE == 0xFFFE || !utf8.ValidRune(r)
}
