package emit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"labctl/labs"
	"labctl/labs/clock"
)

// Write is what `labctl emit` does.
func Write(ctx context.Context, live labs.Live, e labs.Emission, show func(labs.Progress)) (labs.Emitted, error) {
	profile, ok := ByName(e.Profile)
	if !ok {
		return labs.Emitted{}, fmt.Errorf("there is no profile %q", e.Profile)
	}
	w, err := Open(ctx, live)
	if err != nil {
		return labs.Emitted{}, err
	}
	p := &pace{Writer: w, made: New(profile, e.Rate, e.Seed), clock: live.Clock, minutes: e.Minutes, show: show, what: "Writing traffic: " + e.Profile}
	from := live.Clock.Now()
	if e.AtOnce {
		from = from.Add(-time.Duration(e.Minutes) * time.Minute)
	}
	to, err := p.write(ctx, from)
	if ctx.Err() != nil { // what was taken in is written, so that what is told is true
		last, cancel := labs.Afterwards(ctx)
		defer cancel()
		err = errors.Join(err, w.Flush(last))
	}
	out := labs.Emitted{From: from, To: to, Requests: w.Requests, Failed: w.Failed, Lines: w.Lines, Traces: w.Traces, Next: next(live.Run, w)}
	if w.Untraced != nil {
		out.Missing = w.Untraced.Error()
	}
	return out, err
}

// pace writes traffic as the clock goes.
type pace struct {
	*Writer
	made    Made
	clock   clock.Clock
	minutes int
	show    func(labs.Progress)
	what    string
	flushed time.Time // really
	shown   int       // requests
}

const (
	// fastFlush and slowFlush are the time between two calls where the clock is fast, and where it is not. An alarm that is
	// evaluated half a second after a minute must find all of its lines.
	fastFlush = 200 * time.Millisecond
	slowFlush = time.Second
	// backlog is how many minutes are written in one go where they are over already.
	backlog = 20
)

// write writes the minutes from a moment on, each line when its time has come, and returns up to where it came.
func (p *pace) write(ctx context.Context, from time.Time) (to time.Time, err error) {
	to = from
	for minute := range p.minutes {
		began := from.Add(time.Duration(minute) * time.Minute)
		if err := p.until(ctx, began); err != nil {
			return to, err
		}
		p.Heartbeat(began)
		for _, r := range p.made.Minute(minute) {
			at := began.Add(r.After)
			if err := p.until(ctx, at); err != nil {
				return to, err
			}
			p.Request(r, at)
			to = at
		}
		if (minute+1)%backlog == 0 {
			if err := p.flush(ctx); err != nil {
				return to, err
			}
		}
	}
	to = from.Add(time.Duration(p.minutes) * time.Minute)
	if err := p.until(ctx, to); err != nil {
		return to, err
	}
	return to, p.flush(ctx)
}

func (p *pace) flush(ctx context.Context) error {
	err := p.Flush(ctx)
	p.flushed = time.Now()
	if p.Requests != p.shown { // what is complete is shown as complete once
		p.shown = p.Requests
		p.show(labs.Progress{What: p.what, Done: p.Requests, Total: p.minutes * p.made.rate, Unit: "request"})
	}
	return err
}

// until waits until the clock shows a time, and writes what is there to write every now and then.
func (p *pace) until(ctx context.Context, shown time.Time) error {
	for p.clock.Now().Before(shown) {
		now := time.Now()
		pause := slowFlush
		if p.clock.SpeedAt(now) > 1 {
			pause = fastFlush
		}
		due := p.flushed.Add(pause)
		if !due.After(now) {
			if err := p.flush(ctx); err != nil {
				return err
			}
			continue
		}
		timer := time.NewTimer(max(min(due.Sub(now), p.clock.When(shown).Sub(now)), time.Millisecond))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
	return ctx.Err()
}

// next suggests what to look at.
func next(run string, w *Writer) []labs.Suggestion {
	found := []labs.Suggestion{
		{Question: "Which alarms have gone off?", Command: fmt.Sprintf("aws cloudwatch describe-alarms --state-value ALARM --alarm-types MetricAlarm CompositeAlarm --alarm-name-prefix labctl-%s- --query '*[].[AlarmName,StateReason]' --output text", run)},
		{Question: "Which requests failed?", Command: fmt.Sprintf("aws logs filter-log-events --log-group-name %s --filter-pattern '{ $.event = \"request\" && $.level = \"ERROR\" }' --max-items 5", w.API)},
	}
	if w.Example != "" {
		found = append(found, labs.Suggestion{Question: "What happened to one of them?", Command: "aws xray batch-get-traces --trace-ids " + w.Example})
	}
	return found
}
