package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// screen keeps a few changing lines, the region, at the bottom of a terminal, below all that is printed meanwhile.
//
// It only moves the cursor up and erases: it hides no cursor and changes no mode, so that there is nothing to
// restore however the process ends. The cursor rests below the region, where an echoed ^C does no harm.
type screen struct {
	terminal io.Writer
	size     func() (width, height int)

	mu    sync.Mutex
	lines []string // what the region shows
	drawn int      // how many lines of it are on the terminal
	open  bool     // the last thing printed did not end its line: a question, with the answer still to come
}

// show prints finished lines above the region and replaces the region, in one write. Lines of the region must be
// narrower than the terminal.
func (s *screen) show(finished, region []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = region
	if s.open {
		if len(finished) == 0 {
			return
		}
		finished = append([]string{""}, finished...)
		s.open = false
	}
	if len(finished)+len(region)+s.drawn > 0 {
		s.draw(finished)
	}
}

func (s *screen) draw(finished []string) {
	var b strings.Builder
	if s.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r", s.drawn)
	}
	for _, lines := range [][]string{finished, s.lines} {
		for _, line := range lines {
			b.WriteString(line + "\x1b[K\n") // erase the rest of the line that stood here
		}
	}
	b.WriteString("\x1b[J") // erase what stood below
	s.drawn = len(s.lines)
	_, _ = io.WriteString(s.terminal, b.String()) // a terminal that is gone must not stop the work
}

// pass lets the text through to w, which shows on the same terminal, above the region.
func (s *screen) pass(w io.Writer, text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drawn > 0 {
		// Line by line: some terminals move a screen that is erased as a whole to their history.
		_, _ = io.WriteString(s.terminal, "\r"+strings.Repeat("\x1b[A\x1b[2K", s.drawn))
		s.drawn = 0
	}
	n, err := w.Write(text)
	if len(text) > 0 {
		s.open = text[len(text)-1] != '\n'
	}
	if !s.open && len(s.lines) > 0 {
		s.draw(nil)
	}
	return n, err
}

// above is an output that shows on a screen's terminal.
type above struct {
	screen *screen
	w      io.Writer
}

func (a above) Write(text []byte) (int, error) { return a.screen.pass(a.w, text) }
