package terminal

import (
	"sync"

	"labctl/checks/report/typeset"
	"labctl/runner"
)

// view shows work in progress. Its methods are called one at a time.
type view interface {
	begin(*step)
	end(*step, ending)
	note(text string)
	warn(text string)
	resource(*step, runner.Resource)
	counted(*step)
}

// Progress renders the runner's events on Err: a live view on a terminal, lines of a log elsewhere.
// It is safe for use by several goroutines.
type Progress struct {
	mu     sync.Mutex
	view   view
	step   *step // nil between steps
	closed bool
}

// Progress begins to show work in progress. Close ends it.
func (s *Streams) Progress() *Progress {
	if s.screen == nil {
		return &Progress{view: &plain{out: s.Err}}
	}
	return &Progress{view: &live{screen: s.screen, paint: typeset.Paint(s.errColour)}}
}

// Emit shows one event. What comes after Close is not shown.
func (p *Progress) Emit(event runner.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	switch e := event.(type) {
	case runner.Step:
		p.end(wentOn)
		p.step = newStep(e.Text)
		p.view.begin(p.step)
	case runner.Note:
		p.view.note(e.Text)
	case runner.Warning:
		if p.step != nil {
			p.step.warned = true
		}
		p.view.warn(e.Text)
	case runner.Resource:
		if p.step != nil {
			p.step.count(e)
			p.view.resource(p.step, e)
		}
	case runner.Checked:
		if p.step == nil {
			return
		}
		p.step.countCheck(e)
		if e.Done == e.Total {
			p.end(wentOn)
		}
	case runner.Counted:
		p.count(e)
	}
}

// count makes a step of its own out of what is counted: a drill has no others.
func (p *Progress) count(e runner.Counted) {
	if p.step == nil || p.step.text != typeset.Line(e.What) {
		p.end(leftOff)
		p.step = newStep(e.What)
		p.view.begin(p.step)
	}
	p.step.countUp(e)
	if e.Done >= e.Total {
		p.end(wentOn)
		return
	}
	p.view.counted(p.step)
}

func (p *Progress) end(how ending) {
	if p.step != nil {
		p.view.end(p.step, how)
		p.step = nil
	}
}

// Close ends the step in hand and takes the live view off the terminal. It may be called again.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end(leftOff)
	p.closed = true
}
