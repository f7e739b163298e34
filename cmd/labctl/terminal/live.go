package terminal

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"labctl/checks"
	"labctl/checks/report/typeset"
	"labctl/runner"
)

const (
	barWidth    = 24
	minBar      = 10
	minText     = 8 // a step's text is worth more than its numbers where there is no room for both
	maxInFlight = 5
	// linesKept is how many lines of the terminal the live view leaves to what was printed before.
	linesKept = 6
)

// live keeps the step in hand at the bottom of the terminal: a bar, and the resources in the making. Steps that have
// ended, notes, warnings and failures scroll by above it.
type live struct {
	screen *screen
	paint  typeset.Paint
}

func (v *live) begin(s *step) {
	numbers := "" // made with the text, which leaves them their room
	v.screen.begin(row{filler: v.bar(s), options: []mpb.BarOption{
		mpb.BarFillerTrim(), mpb.BarExtender(v.inFlight(s), false),
		mpb.PrependDecorators(
			decor.Meta(decor.Spinner(nil), func(frame string) string { return home + v.paint.Accent(frame) }),
			decor.Any(func(stat decor.Statistics) string {
				numbers = s.numbers()
				return " " + typeset.Cut(s.text, max(stat.AvailableWidth-1-typeset.Width(numbers), minText))
			})),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return numbers })),
	}})
}

func (v *live) end(s *step, how ending) {
	line := v.mark(s, how) + " " + s.text
	if summary := s.summary(); summary != "" {
		line += "  " + summary
	}
	v.screen.end(line + "  " + v.paint.Faint(s.elapsed()))
}

// mark is what is known of the end of a step; the words beside it say the same.
func (v *live) mark(s *step, how ending) string {
	done, total, failed := s.progress()
	switch {
	case failed > 0 || s.verdicts[checks.Fail] > 0:
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

// scroll prints text above the bar.
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
	_, _ = io.WriteString(above{v.screen, v.screen.terminal}, strings.Join(lines, "\n")+"\n")
}

func (v *live) resource(_ *step, r runner.Resource) {
	if r.Phase == runner.Failed {
		v.scroll("  "+v.paint.Bad("✗")+" ", "    ",
			fmt.Sprintf("%s: could not %s, after %s", typeset.Line(r.Address), r.Action, typeset.Elapsed(r.Elapsed)))
	}
}

func (v *live) counted(*step) {} // the bar shows it

// bar shows how much of the step is done, where that is known and there is room.
func (v *live) bar(s *step) mpb.BarFillerFunc {
	const gap = "  "
	bar := mpb.BarStyle().Lbound(gap).Rbound("").Tip("").
		Filler("━").FillerMeta(v.paint.Good).Padding("─").PaddingMeta(v.paint.Faint).Build()
	return func(w io.Writer, stat decor.Statistics) error {
		done, total, _ := s.progress()
		stat.Current, stat.Total = int64(done), int64(total)
		stat.RequestedWidth = min(len(gap)+barWidth, stat.AvailableWidth)
		if total == 0 || stat.RequestedWidth < len(gap)+minBar {
			return nil
		}
		return bar.Fill(w, stat)
	}
}

// inFlight is the resources in the making, in lines below the bar.
func (v *live) inFlight(s *step) mpb.BarFillerFunc {
	return func(w io.Writer, stat decor.Statistics) error {
		_, height := v.screen.size()
		jobs := s.inFlight()
		shown := min(len(jobs), max(min(maxInFlight, height-linesKept), 0))
		for _, j := range jobs[:shown] {
			fmt.Fprintln(w, v.row(doing(j.action)+" "+j.address, wholeSeconds(time.Since(j.began)), stat.AvailableWidth))
		}
		if more := len(jobs) - shown; more > 0 && shown > 0 {
			fmt.Fprintln(w, v.paint.Faint(typeset.Cut(fmt.Sprintf("    and %d more", more), stat.AvailableWidth)))
		}
		return nil // mpb's buffer takes all
	}
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
