package observability

import (
	"context"
	"slices"
	"strings"
	"time"

	"labctl/checks/report/typeset"
	"labctl/labs"
	"labctl/labs/say"
)

// leftovers is what a drill leaves: letters in the queue that are its own, alarms that it has put into a state by hand, and alarms
// that speak again when its traffic ends.
type leftovers struct {
	Queue string
	Mark  string               // of its own messages
	Mine  map[string]time.Time // alarms whose pages are its own, from a moment on

	Traffic bool // it has written any
	// Alarms on silence that were in ALARM before it: they recover with its traffic, and go off again when that ends.
	Before []string

	Put, Was string // an alarm that was put into another state by hand, and its state before; "" where none was
}

// leftoversKey is where the record has them.
const leftoversKey = "leftovers"

// note records that a drill begins, before there is anything of it.
func (e *exercise) note() error {
	return labs.Remember(e.record, leftoversKey, leftovers{Queue: e.duty.queue, Mark: e.mark, Mine: map[string]time.Time{}})
}

// noteTraffic records which alarms will speak because of the drill's traffic, before there is any.
func (e *exercise) noteTraffic(ctx context.Context) error {
	states, err := e.site.states(ctx, e.duty.pagers)
	if err != nil {
		return err
	}
	return e.noted(func(l *leftovers) {
		l.Traffic = true
		for _, name := range e.duty.pagers {
			if states[name].State == inAlarm && !slices.Contains(e.duty.errors, name) {
				l.Before = append(l.Before, name)
				l.Mine[name] = e.clock.Now()
			}
		}
	})
}

func (e *exercise) noted(change func(*leftovers)) error {
	var l leftovers
	if _, err := labs.Recall(e.record, leftoversKey, &l); err != nil {
		return err
	}
	change(&l)
	return labs.Remember(e.record, leftoversKey, l)
}

// mine records that the pages of some alarms are the drill's own from a moment on.
func (e *exercise) mine(alarms []string, since time.Time) error {
	return e.noted(func(l *leftovers) {
		for _, name := range alarms {
			l.Mine[name] = since
		}
	})
}

// notePut records that an alarm is about to be put into ALARM.
func (e *exercise) notePut(alarm, was string) error {
	return e.noted(func(l *leftovers) { l.Put, l.Was = alarm, was })
}

// putBack puts an alarm into the state that it had, if nothing else has done so. A composite alarm does not return by itself until
// one of those in its rule changes.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
func (e *exercise) putBack(ctx context.Context) error {
	var l leftovers
	if found, err := labs.Recall(e.record, leftoversKey, &l); err != nil || !found || l.Put == "" {
		return err
	}
	states, err := e.site.states(ctx, []string{l.Put})
	if err != nil {
		return err
	}
	if now := states[l.Put]; now.State != l.Was && strings.HasPrefix(now.Reason, l.Mark) {
		if err := e.site.set(ctx, l.Put, l.Was, l.Mark+": put back"); err != nil {
			return err
		}
		e.line.Say("Put alarm %s back to %s.", l.Put, l.Was)
	}
	return e.noted(func(l *leftovers) { l.Put = "" })
}

// aftermath is how long alarms may go off after the last line: two minutes of silence, two more in which CloudWatch looks further
// back, and the one that has begun. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
const aftermath = 6 * time.Minute

// putAway puts alarms back and takes the drill's letters out of the queue. Where it does not take long it waits for those that are
// still to come.
func (e *exercise) putAway(ctx context.Context) error {
	var l leftovers
	if found, err := labs.Recall(e.record, leftoversKey, &l); err != nil || !found {
		return err
	}
	if err := e.putBack(ctx); err != nil {
		return err
	}
	waits := e.really(aftermath) <= worthIt/2
	switch {
	case !l.Traffic:
	case waits:
		e.line.Say("Nothing is written any more. Waiting for what the alarms still say (%s of their time).", minutes(aftermath))
		if err := pauseFor(ctx, e.really(aftermath)); err != nil {
			return err
		}
	case len(l.Before) > 0:
		e.line.Say("Nothing is written any more: within %s what was in ALARM before the drill goes off again, and its page stays in the queue: %s.", minutes(aftermath), say.List(l.Before))
	}
	got, err := e.letters(ctx, l.Queue)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	taken := 0
	for _, n := range got {
		if !n.isOf(l) {
			continue
		}
		if err := e.site.remove(ctx, l.Queue, n.letter); err != nil {
			return err
		}
		taken++
	}
	if taken > 0 {
		e.line.Say("Taken out of the queue: %s that came of the drill.", typeset.Count(taken, "message"))
	}
	return nil
}

// isOf says that a letter would not be there but for the drill.
func (n notice) isOf(l leftovers) bool {
	if strings.HasPrefix(n.Text, l.Mark) {
		return true
	}
	since, mine := l.Mine[n.Alarm]
	return mine && !n.At.Before(since) && slices.Contains([]string{inAlarm, content, withoutData}, n.State)
}
