// Package terminal is labctl's edge to the person who runs it: the three streams with what they can show, and the
// view of work in progress. Results go to Out, everything else to Err. It decides nothing, and it formats no report.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"

	"labctl/checks/report/typeset"
)

// Streams are the process's input and outputs, and what they can show. With only In, Out and Err set, as in a test,
// all is plain: no colour, no live view, 80 columns.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	asks      bool // somebody sits at In, and sees Err
	outColour bool
	errColour bool
	outWidth  func() int // nil where Out is no terminal
	screen    *screen    // nil where Err cannot show a live view
}

// plainWidth is for outputs that have no width of their own.
const plainWidth = 80

// System is the streams of this process.
func System() *Streams { return resolve(os.Stdin, os.Stdout, os.Stderr, os.Getenv) }

// resolve finds out what the streams can show. NO_COLOR (https://no-color.org) takes the colour, a dumb terminal and
// a CI system (which often offers a terminal and keeps a log) take colour and the live view.
func resolve(in, out, err *os.File, getenv func(string) string) *Streams {
	s := &Streams{In: in, Out: out, Err: err}
	outTerminal, errTerminal := isTerminal(out), isTerminal(err)
	s.asks = isTerminal(in) && errTerminal
	if outTerminal {
		s.outWidth = func() int { width, _ := size(out); return width }
	}
	ci := getenv("CI")
	if getenv("TERM") == "dumb" || (ci != "" && ci != "false") {
		return s
	}
	colour := getenv("NO_COLOR") == ""
	s.outColour, s.errColour = colour && outTerminal, colour && errTerminal
	if errTerminal {
		s.screen = &screen{terminal: err, size: func() (int, int) { return size(err) }}
		s.Err = above{s.screen, err}
		if outTerminal {
			s.Out = above{s.screen, out}
		}
	}
	return s
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// size is the terminal's size now; a terminal that does not know its own is taken for a small one.
func size(f *os.File) (width, height int) {
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return plainWidth, 24
	}
	return width, height
}

// Asks says whether there is somebody who could answer a question.
func (s *Streams) Asks() bool { return s.asks }

// OutColour says whether results may be coloured.
func (s *Streams) OutColour() bool { return s.outColour }

// OutWidth is the number of columns that results may take.
func (s *Streams) OutWidth() int {
	if s.outWidth == nil {
		return plainWidth
	}
	return s.outWidth()
}

// either paints where both outputs take colour, so that the text may go to one or the other.
func (s *Streams) either() typeset.Paint { return typeset.Paint(s.outColour && s.errColour) }

// Strong is for what the eye should find first.
func (s *Streams) Strong(text string) string { return s.either().Strong(text) }

// Dim is for what may be overlooked.
func (s *Streams) Dim(text string) string { return s.either().Faint(text) }

// Good is for what is as it should be.
func (s *Streams) Good(text string) string { return s.either().Good(text) }

// Bad is for errors.
func (s *Streams) Bad(text string) string { return s.either().Bad(text) }

// Warn is for warnings.
func (s *Streams) Warn(text string) string { return s.either().Caution(text) }
