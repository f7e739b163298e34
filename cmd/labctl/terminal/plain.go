package terminal

import (
	"fmt"
	"io"
	"time"

	"labctl/checks/report/typeset"
	"labctl/runner"
)

const (
	// quietAfterDone and quietAfterWork keep a log readable: a resource that is done is told at most this often, one
	// that is still being worked on less often still. The counts in the lines show what was left out.
	quietAfterDone = 2 * time.Second
	quietAfterWork = 10 * time.Second
)

// plain writes lines for logs.
type plain struct {
	out  io.Writer
	last time.Time // when a line about a resource was written
}

// line writes one line; a log that cannot be written must not stop the work.
func (v *plain) line(format string, args ...any) { _, _ = fmt.Fprintf(v.out, format+"\n", args...) }

func (v *plain) begin(s *step) {
	v.last = time.Time{}
	v.line("%s", s.text)
}

func (v *plain) end(s *step, _ ending) {
	if summary := s.summary(); summary != "" {
		v.line("%s: %s in %s", s.text, summary, s.elapsed())
		return
	}
	v.line("%s: %s", s.text, s.elapsed())
}

func (v *plain) note(text string) { v.line("  %s", typeset.Line(text)) }
func (v *plain) warn(text string) { v.line("Warning: %s", typeset.Line(text)) }

func (v *plain) resource(s *step, r runner.Resource) {
	address, count := typeset.Line(r.Address), ""
	if s.total > 0 {
		count = fmt.Sprintf(" (%d/%d)", s.done, s.total)
	}
	quiet := time.Since(v.last)
	switch r.Phase {
	case runner.Failed:
		v.line("  %s: FAILED to %s after %s%s", address, r.Action, typeset.Elapsed(r.Elapsed), count)
	case runner.Done:
		if quiet < quietAfterDone && s.done != s.total {
			return
		}
		v.line("  %s: %s in %s%s", address, did(r.Action), typeset.Elapsed(r.Elapsed), count)
	case runner.Working:
		if quiet < quietAfterWork {
			return
		}
		v.line("  %s: still %s after %s%s", address, doing(r.Action), typeset.Elapsed(r.Elapsed), count)
	default:
		return
	}
	v.last = time.Now()
}

func (v *plain) counted(s *step) {
	if v.last.IsZero() {
		v.last = s.began
	}
	if time.Since(v.last) >= quietAfterDone {
		v.line("  %s", s.summary())
		v.last = time.Now()
	}
}
