package typeset

import (
	"fmt"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// Width is the number of terminal columns that the line takes.
func Width(line string) int { return uniseg.StringWidth(line) }

// Cut shortens the line to the width, with an ellipsis where something was cut.
func Cut(line string, width int) string {
	if Width(line) <= width {
		return line
	}
	if width < 1 {
		return ""
	}
	head, _ := split(line, width-1)
	return strings.TrimRight(head, " ") + "…"
}

// Pad fills the line with spaces up to the width.
func Pad(line string, width int) string {
	return line + strings.Repeat(" ", max(0, width-Width(line)))
}

// Wrap breaks text into lines of at most the width, between words where it can: only a word wider than a line (an
// ARN) is broken inside. Line breaks in the text stay; text without a word is no line at all.
func Wrap(text string, width int) []string {
	width = max(width, 2) // room for the widest character
	var lines []string
	for paragraph := range strings.Lines(text) {
		lines = append(lines, wrapParagraph(strings.Fields(paragraph), width)...)
	}
	return lines
}

func wrapParagraph(words []string, width int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range words {
		w := Width(word)
		if used > 0 && used+1+w <= width {
			line, used = line+" "+word, used+1+w
			continue
		}
		if used > 0 {
			lines = append(lines, line)
		}
		for w > width {
			head, rest := split(word, width)
			lines = append(lines, head)
			word, w = rest, Width(rest)
		}
		line, used = word, w
	}
	if used > 0 {
		lines = append(lines, line)
	}
	return lines
}

// split cuts after the last whole character (grapheme cluster) that fits in the width.
func split(s string, width int) (head, rest string) {
	used, end, state := 0, 0, -1
	for left := s; left != ""; {
		var cluster string
		var w int
		cluster, left, w, state = uniseg.FirstGraphemeClusterInString(left, state)
		if used+w > width {
			break
		}
		used, end = used+w, end+len(cluster)
	}
	return s[:end], s[end:]
}

// Elapsed writes a duration as a person says it: 0.9s, 12s, 1m05s, 2h03m.
func Elapsed(d time.Duration) string {
	switch {
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1fs", max(d, 0).Seconds())
	case d < 59500*time.Millisecond:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < time.Hour-500*time.Millisecond:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	default:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
}

// Count writes a number with its noun: "1 check", "20 checks".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
