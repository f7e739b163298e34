package terminal

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"labctl/checks/report/typeset"
	"labctl/runner"
)

// Side shows several works in progress side by side: a line for each on a terminal, lines with a name before them
// elsewhere. It is safe for use by several goroutines.
type Side struct {
	screen *screen // nil where there is no live view
	paint  typeset.Paint
	names  []string
	lanes  map[string]*lane
	once   sync.Once
}

// SideBySide begins to show works by their names, in their order. Close ends it.
func (s *Streams) SideBySide(names []string) *Side {
	side := &Side{screen: s.screen, paint: typeset.Paint(s.errColour), names: names, lanes: map[string]*lane{}}
	width := 0
	for _, name := range names {
		width = max(width, typeset.Width(name))
	}
	shared := &sync.Mutex{} // of the output: lines of several works must not mix
	var rows []row
	for _, name := range names {
		l := &lane{screen: s.screen, paint: side.paint, name: name, label: name + strings.Repeat(" ", width-typeset.Width(name))}
		l.progress = &Progress{view: l}
		if s.screen == nil {
			l.progress.view = &plain{out: &prefixed{prefix: name + ": ", out: s.Err, mu: shared}}
		}
		side.lanes[name] = l
		rows = append(rows, row{filler: mpb.BarFillerFunc(func(io.Writer, decor.Statistics) error { return nil }), options: l.decorators()})
	}
	if s.screen != nil {
		s.screen.begin(rows...)
	}
	return side
}

// Emit is where the events of one of the works go.
func (s *Side) Emit(name string) func(runner.Event) { return s.lanes[name].progress.Emit }

// End says how one of the works ended, in a few words.
func (s *Side) End(name, how string, good bool) {
	l := s.lanes[name]
	l.progress.Close()
	mark := s.paint.Good("✓")
	if !good {
		mark = s.paint.Bad("✗")
	}
	if s.screen == nil {
		l.progress.view.note(how)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = mark + " " + l.label + "  " + typeset.Line(how)
}

// Close takes the live view off the terminal and leaves a line for each of the works. It may be called again.
func (s *Side) Close() {
	s.once.Do(func() {
		var lines []string
		for _, name := range s.names {
			l := s.lanes[name]
			l.progress.Close()
			if s.screen != nil && l.ended != "" {
				lines = append(lines, l.ended)
			}
		}
		if s.screen != nil {
			s.screen.end(strings.Join(lines, "\n"))
		}
	})
}

// lane is the line of one of the works in a live view.
type lane struct {
	screen   *screen
	paint    typeset.Paint
	name     string
	label    string // the name, as wide as the widest
	progress *Progress

	mu    sync.Mutex
	step  *step  // in hand
	ended string // what is left of it when it is done
}

// decorators draw the line anew each time: what it says changes from step to step.
func (l *lane) decorators() []mpb.BarOption {
	return []mpb.BarOption{mpb.BarFillerTrim(), mpb.PrependDecorators(
		decor.Meta(decor.Spinner(nil), func(frame string) string {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.ended != "" {
				return home
			}
			return home + l.paint.Accent(frame) + " "
		}),
		decor.Any(func(stat decor.Statistics) string { return l.draw(stat.AvailableWidth) }),
	)}
}

func (l *lane) draw(width int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.ended != "":
		return typeset.Cut(l.ended, width)
	case l.step == nil:
		return typeset.Cut(l.label+"  "+"waiting", width)
	}
	numbers := l.step.numbers()
	text := typeset.Cut(l.label+"  "+l.step.text, max(width-2-typeset.Width(numbers), minText))
	return text + l.paint.Faint(numbers)
}

func (l *lane) begin(s *step)     { l.set(s) }
func (l *lane) end(*step, ending) { l.set(nil) }
func (l *lane) counted(*step)     {} // the line shows it

func (l *lane) set(s *step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.step = s
}

func (l *lane) note(text string) { l.scroll("  ", text) }
func (l *lane) warn(text string) { l.scroll(l.paint.Caution("! Warning:")+" ", text) }

func (l *lane) scroll(mark, text string) {
	(&live{screen: l.screen, paint: l.paint}).scroll(mark, "  ", l.name+": "+text)
}

func (l *lane) resource(_ *step, r runner.Resource) {
	if r.Phase == runner.Failed {
		l.scroll("  "+l.paint.Bad("✗")+" ", fmt.Sprintf("%s: could not %s, after %s", typeset.Line(r.Address), r.Action, typeset.Elapsed(r.Elapsed)))
	}
}

// prefixed writes each line with a name before it. It is given whole lines.
type prefixed struct {
	prefix string
	out    io.Writer
	mu     *sync.Mutex
}

func (p *prefixed) Write(lines []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.prefix + strings.ReplaceAll(string(bytes.TrimSuffix(lines, []byte("\n"))), "\n", "\n"+p.prefix) + "\n"
	if _, err := io.WriteString(p.out, text); err != nil {
		return 0, err //nolint:wrapcheck // a writer's own error
	}
	return len(lines), nil
}
