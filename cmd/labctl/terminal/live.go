package terminal

import (
	"fmt"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/report/typeset"
	"labctl/runner"
)

const (
	barWidth    = 24
	minText     = 8 // a step's text is worth more than its numbers where there is no room for both
	maxInFlight = 5
	// linesKept is how many lines of the terminal the region leaves to what was printed before.
	linesKept = 6
)

// spinner is a turning dot: what moves is alive.
var spinner = [...]string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// live keeps the step in hand at the bottom of the terminal: a bar, and the resources in the making. Steps that have
// ended, notes, warnings and failures scroll by above it.
type live struct {
	screen *screen
	paint  typeset.Paint
}

func (v *live) begin(s *step)   { v.refresh(s) }
func (v *live) refresh(s *step) { v.screen.show(nil, v.region(s)) }

func (v *live) end(s *step, how ending) {
	line := v.mark(s, how) + " " + s.text
	if summary := s.summary(); summary != "" {
		line += "  " + summary
	}
	v.screen.show([]string{line + "  " + v.paint.Faint(s.elapsed())}, nil)
}

// mark is what is known of the end of a step; the words beside it say the same.
func (v *live) mark(s *step, how ending) string {
	done, total := s.progress()
	switch {
	case s.failed > 0 || s.verdicts[checks.Fail] > 0:
		return v.paint.Bad("✗")
	case s.warned || s.verdicts[checks.Error] > 0:
		return v.paint.Caution("!")
	case how == leftOff && (total == 0 || done < total):
		return v.paint.Faint("·")
	default:
		return v.paint.Good("✓")
	}
}

func (v *live) note(text string) { v.scroll("  ", "  ", text) }

func (v *live) warn(text string) { v.scroll(v.paint.Caution("! Warning:")+" ", "  ", text) }

// scroll prints text above the region.
func (v *live) scroll(first, rest, text string) {
	width, _ := v.screen.size()
	var lines []string
	for i, line := range typeset.Wrap(typeset.Clean(text), max(width-len("! Warning: ")-1, 20)) {
		if i == 0 {
			line = first + line
		} else {
			line = rest + line
		}
		lines = append(lines, line)
	}
	_, _ = v.screen.pass(v.screen.terminal, []byte(strings.Join(lines, "\n")+"\n"))
}

func (v *live) resource(_ *step, r runner.Resource) {
	if r.Phase == runner.Failed {
		v.scroll("  "+v.paint.Bad("✗")+" ", "    ",
			fmt.Sprintf("%s: could not %s, after %s", typeset.Line(r.Address), r.Action, typeset.Elapsed(r.Elapsed)))
	}
}

// region is the step in hand and the resources in the making, in lines narrower than the terminal.
func (v *live) region(s *step) []string {
	width, height := v.screen.size()
	width--
	lines := []string{v.header(s, width)}
	jobs := s.inFlight()
	shown := min(len(jobs), max(min(maxInFlight, height-linesKept), 0))
	for _, j := range jobs[:shown] {
		lines = append(lines, v.row(doing(j.action)+" "+j.address, wholeSeconds(time.Since(j.began)), width))
	}
	if more := len(jobs) - shown; more > 0 && shown > 0 {
		lines = append(lines, v.paint.Faint(typeset.Cut(fmt.Sprintf("    and %d more", more), width)))
	}
	return lines
}

// header is the step's line: what, how much of it, and for how long.
func (v *live) header(s *step, width int) string {
	turn := spinner[int(time.Since(s.began)/tick)%len(spinner)]
	done, total := s.progress()
	elapsed := typeset.Elapsed(time.Since(s.began))
	right := ""
	if total > 0 {
		right = fmt.Sprintf(" %d/%d", done, total)
	}
	if s.failed > 0 {
		right += fmt.Sprintf(", %d failed", s.failed)
	}
	right += "  " + elapsed
	if width-2-typeset.Width(right) < minText {
		right = ""
	}
	bar := ""
	text := typeset.Cut(s.text, width-2-typeset.Width(right))
	if free := width - 2 - typeset.Width(text) - typeset.Width(right) - 2; total > 0 && free >= 10 {
		bar = "  " + v.bar(done, total, min(barWidth, free))
	}
	return v.paint.Accent(turn) + " " + text + bar + right
}

func (v *live) bar(done, total, width int) string {
	full := min(done*width/total, width)
	return v.paint.Good(strings.Repeat("━", full)) + v.paint.Faint(strings.Repeat("─", width-full))
}

func (v *live) row(what, took string, width int) string {
	const indent = "    "
	free := width - len(indent) - 2 - typeset.Width(took)
	if free < minText {
		return typeset.Cut(indent+what, width)
	}
	return indent + typeset.Cut(what, free) + "  " + v.paint.Faint(took)
}

func wholeSeconds(d time.Duration) string {
	return strings.Replace(typeset.Elapsed(d.Truncate(time.Second)), ".0s", "s", 1)
}
