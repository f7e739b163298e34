package terminal

import (
	"sync"
	"time"

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
	refresh(*step) // time has passed
}

// Progress renders the runner's events on Err: a live view on a terminal, lines of a log elsewhere.
// It is safe for use by several goroutines.
type Progress struct {
	mu     sync.Mutex
	view   view
	step   *step // nil between steps
	closed bool

	stop    chan struct{} // ends the ticking of a live view
	stopped sync.WaitGroup
}

// tick is how often a live view is drawn again. Events only count: however many there are, drawing costs the same.
const tick = 125 * time.Millisecond

// Progress begins to show work in progress. Close ends it.
func (s *Streams) Progress() *Progress {
	p := &Progress{stop: make(chan struct{})}
	if s.screen == nil {
		p.view = &plain{out: s.Err}
		return p
	}
	p.view = &live{screen: s.screen, paint: typeset.Paint(s.errColour)}
	p.stopped.Go(p.keepTicking)
	return p
}

func (p *Progress) keepTicking() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			p.mu.Lock()
			if p.step != nil {
				p.view.refresh(p.step)
			}
			p.mu.Unlock()
		}
	}
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
	}
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
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	p.end(leftOff)
	p.mu.Unlock()
	close(p.stop)
	p.stopped.Wait()
}
