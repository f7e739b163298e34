package terminal

import (
	"bytes"
	"io"
	"sync"

	"github.com/vbauerster/mpb/v8"
)

// screen is a terminal that may show a bar at its bottom, below all that is printed meanwhile. The drawing is mpb's,
// which only moves the cursor up and erases: there is nothing to restore however the process ends.
type screen struct {
	terminal io.Writer
	size     func() (width, height int)

	mu    sync.Mutex
	start func()        // shows the bar of the step in hand; nil between steps
	bars  *mpb.Progress // nil while nothing is shown
	rows  []*mpb.Bar
	open  bool // the last thing printed did not end its line: a question, with the answer still to come
}

// home clears the line: mpb goes up to it, but stays in the column where an echoed ^C left the cursor.
const home = "\r\x1b[K"

// row is a line at the bottom of the terminal, with what it draws.
type row struct {
	filler  mpb.BarFiller
	options []mpb.BarOption
}

// begin shows rows until end.
func (s *screen) begin(rows ...row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start = func() {
		width, _ := s.size() // for a test: mpb asks a terminal itself, each time that it draws
		bars := mpb.New(mpb.WithOutput(s.terminal), mpb.WithAutoRefresh(), mpb.WithWidth(width))
		s.rows = nil
		for _, row := range rows {
			if bar, err := bars.Add(0, row.filler, row.options...); err == nil { // else the terminal is gone
				s.bars, s.rows = bars, append(s.rows, bar)
			}
		}
	}
	if !s.open {
		s.start()
	}
}

// end leaves a line in place of the bar. A terminal that is gone must not stop the work.
func (s *screen) end(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	if s.open {
		line = "\n" + line
	}
	s.start, s.open = nil, false
	_, _ = io.WriteString(s.terminal, line+"\n")
}

func (s *screen) stop() {
	if s.bars != nil {
		for _, bar := range s.rows {
			bar.Abort(true)
		}
		s.bars.Wait()
		s.bars = nil
		_, _ = io.WriteString(s.terminal, home)
	}
}

// above is an output that shows on a screen's terminal, above the bar.
type above struct {
	screen *screen
	w      io.Writer
}

// Write prints lines when the bar is next drawn, or at once where there is none. An unfinished line takes its place.
func (a above) Write(text []byte) (int, error) {
	s := a.screen
	s.mu.Lock()
	defer s.mu.Unlock()
	whole := bytes.HasSuffix(text, []byte("\n"))
	if s.bars != nil && whole {
		if _, err := s.bars.Write(append([]byte(home), text...)); err == nil {
			return len(text), nil
		}
	}
	s.stop()
	n, err := a.w.Write(text)
	s.open = !whole
	if whole && s.start != nil {
		s.start()
	}
	return n, err
}
