package typeset_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"labctl/checks/report/typeset"
)

func TestCleanTakesNothingThatATerminalWouldObey(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain text stays":                   {"subnet-0a1 (data)", "subnet-0a1 (data)"},
		"other scripts stay":                 {"Größe 数据 é", "Größe 数据 é"},
		"a line break stays":                 {"one\ntwo", "one\ntwo"},
		"a DOS line break becomes one":       {"one\r\ntwo", "one\ntwo"},
		"a colour goes":                      {"\x1b[31mred\x1b[0m", "red"},
		"a cursor movement goes":             {"a\x1b[2J\x1b[10;20Hb", "ab"},
		"a title goes with its text":         {"a\x1b]0;owned\x07b", "ab"},
		"a hyperlink leaves its text":        {"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"},
		"an open sequence loses its start":   {"a\x1b[3", "a3"},
		"an escape cannot be built of two":   {"\x1b\x1b[31m[31mx", "\uFFFD[31mx"},
		"a carriage return cannot overwrite": {"fail\rpass", "fail\uFFFDpass"},
		"a backspace is seen":                {"a\bb", "a\uFFFDb"},
		"an eight-bit CSI is seen":           {"a\u009b31mb", "a\uFFFD31mb"},
		"a reversal of text is seen":         {"a\u202Eb", "a\uFFFDb"},
		"invalid UTF-8 is seen":              {"a\xff\xfeb", "a\uFFFDb"},
		"what XML forbids is seen":           {"a\uFFFEb\uFFFFc\x00", "a\uFFFDb\uFFFDc\uFFFD"},
		"a tab is a space":                   {"a\tb", "a b"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, typeset.Clean(c.in)) })
	}
}

func FuzzCleanedTextIsHarmlessAndStaysAsItIs(f *testing.F) {
	f.Add("\x1b[31mred")
	f.Add("\x1b\x1b]0;\x1b\\x\xff\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		clean := typeset.Clean(s)
		assert.True(t, utf8.ValidString(clean))
		for _, r := range clean {
			assert.False(t, r != '\n' && unicode.IsControl(r), "%q holds %U", clean, r)
		}
		assert.Equal(t, clean, typeset.Clean(clean))
		assert.NotContains(t, typeset.Line(s), "\n")
		for _, line := range typeset.Wrap(clean, 20) {
			assert.LessOrEqual(t, typeset.Width(line), 20, "%q", line)
		}
		assert.LessOrEqual(t, typeset.Width(typeset.Cut(typeset.Line(s), 7)), 7)
	})
}

func TestWrapBreaksBetweenWordsAndInsideOnlyWhereItMust(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing is no line":          {"  \n ", nil},
		"a short text is one line":    {"one two", []string{"one two"}},
		"words move to the next line": {"one two three four", []string{"one two", "three four"}},
		"a line may be filled":        {"1234567890 x", []string{"1234567890", "x"}},
		"an ARN is broken inside":     {"see arn:aws:ec2:us-east-1", []string{"see", "arn:aws:ec", "2:us-east-", "1"}},
		"wide characters count twice": {"数据数据数据", []string{"数据数据数", "据"}},
		"line breaks stay":            {"a b\nc", []string{"a b", "c"}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, typeset.Wrap(c.text, 10)) })
	}
}

func TestCutSaysThatSomethingIsMissing(t *testing.T) {
	assert.Equal(t, "subnet", typeset.Cut("subnet", 6))
	assert.Equal(t, "subn…", typeset.Cut("subnet", 5))
	assert.Equal(t, "a…", typeset.Cut("a subnet", 3))
	assert.Equal(t, "数…", typeset.Cut("数据", 3))
	assert.Empty(t, typeset.Cut("subnet", 0))
}

func TestElapsedIsWrittenAsAPersonSaysIt(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                                "0.0s",
		40 * time.Millisecond:                       "0.0s",
		940 * time.Millisecond:                      "0.9s",
		9949 * time.Millisecond:                     "9.9s",
		9990 * time.Millisecond:                     "10s",
		12 * time.Second:                            "12s",
		59700 * time.Millisecond:                    "1m00s",
		65 * time.Second:                            "1m05s",
		time.Hour - time.Millisecond:                "1h00m",
		2*time.Hour + 3*time.Minute:                 "2h03m",
		time.Hour + 59*time.Minute + 40*time.Second: "2h00m",
	} {
		assert.Equal(t, want, typeset.Elapsed(d), "%v", d)
	}
}

func TestPaintLeavesTextAloneWithoutColour(t *testing.T) {
	assert.Equal(t, "x", typeset.Paint(false).Bad("x"))
	assert.Equal(t, "\x1b[1;31mx\x1b[0m", typeset.Paint(true).Bad("x"))
	assert.Empty(t, typeset.Paint(true).Bad(""))
	assert.Equal(t, "1 check, 2 checks", strings.Join([]string{typeset.Count(1, "check"), typeset.Count(2, "check")}, ", "))
}
