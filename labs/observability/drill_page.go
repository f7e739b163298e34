package observability

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"labctl/labs/say"
)

// page sets the alarms off and waits for the page.
func (e *exercise) page(ctx context.Context) error {
	if !e.evaluated() {
		return e.legs(ctx)
	}
	if err := e.tellTime(quieting + e.duty.foreseen.after + time.Minute); err != nil {
		return err
	}
	if err := e.prepare(ctx); err != nil {
		return err
	}
	began := e.clock.Now()
	if err := e.mine(e.duty.errors, began); err != nil {
		return err
	}
	expected := "By their definitions the alarms page at no outage"
	if e.duty.foresees {
		expected = fmt.Sprintf("By their definitions the alarms page after %s, by %s", minutes(e.duty.foreseen.after), e.duty.foreseen.alarm)
	}
	e.line.Say("The outage begins: from now on every request fails. %s.", expected)
	var s sighting
	err := e.during(ctx, outageTraffic, func(ctx context.Context) error {
		_, err := e.await(ctx, "Waiting for the page", patience*outageObjective, func(ctx context.Context) (bool, error) { return s.look(ctx, e, began) })
		return err
	})
	if err != nil {
		return err
	}
	ended := e.clock.Now()
	e.measured(began, s)
	if s.paged.IsZero() {
		e.tellWhy(ctx, s, began)
	}
	if err := e.recovery(ctx, ended); err != nil {
		return err
	}
	// CloudWatch looks further back where data points are missing, up to five periods of half an hour.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
	e.line.Say("If no traffic follows, the errors weigh more as the ordinary hours pass out of the windows: a second page may come within three hours.")
	return nil
}

// prepare leaves the lab as on an ordinary day: what lies in the queue is told, and the alarms are content.
func (e *exercise) prepare(ctx context.Context) error {
	if err := e.tellOld(ctx); err != nil {
		return err
	}
	if err := e.note(); err != nil {
		return err
	}
	if err := e.ordinaryHours(ctx); err != nil {
		return err
	}
	return e.settle(ctx)
}

// sighting is what has been seen of an outage's page.
type sighting struct {
	alarm    string    // that went off first
	detected time.Time // since when; zero where none did
	paged    time.Time // when the page was received; zero where none came
}

// look looks at the alarms and into the queue. A page is taken out of it: whoever looks later shall not take it for a true one.
func (s *sighting) look(ctx context.Context, e *exercise, began time.Time) (bool, error) {
	states, err := e.site.states(ctx, e.duty.errors)
	if err != nil {
		return false, err
	}
	for _, name := range e.duty.errors {
		if now := states[name]; s.alarm == "" && now.State == inAlarm && !now.Since.Before(began) {
			s.alarm, s.detected = name, now.Since
			e.line.Say("Alarm %s is in ALARM, %s after the outage began. Its reason: %s", name, shortly(s.detected.Sub(began)), say.Sentence(now.Reason))
		}
	}
	got, err := e.letters(ctx, e.duty.queue)
	if err != nil {
		return false, err
	}
	for _, n := range got {
		if !n.wakes(e.duty.errors, began) {
			continue
		}
		if s.paged.IsZero() {
			s.paged = e.clock.Now()
			if s.alarm == "" || s.detected.After(n.At) {
				s.alarm, s.detected = n.Alarm, n.At
			}
			e.line.Say("The page is in the queue, %s after the outage began. It says: %s", shortly(s.paged.Sub(began)), say.Sentence(n.Description))
		}
		if err := e.site.remove(ctx, e.duty.queue, n.letter); err != nil {
			return false, err
		}
	}
	return !s.paged.IsZero(), nil
}

func (e *exercise) measured(began time.Time, s sighting) {
	for _, m := range []struct {
		name string
		at   time.Time
	}{{"time to detect: the outage begins, an alarm goes off", s.detected}, {"time to page: the outage begins, the page is in the queue", s.paged}} {
		if m.at.IsZero() {
			e.line.Judge(m.name, "not in "+(patience*outageObjective).String(), "at most "+outageObjective.String(), false)
			continue
		}
		e.line.Duration(m.name, shortly(m.at.Sub(began)), outageObjective)
	}
}

// tellWhy says where the page got lost. What cannot be read is left out: that no page came is measured already.
func (e *exercise) tellWhy(ctx context.Context, s sighting, began time.Time) {
	if s.alarm == "" {
		e.line.Say("No alarm that pages went off: look at `labctl check observability`, and at the states of %s.", say.List(e.duty.watched))
		return
	}
	if told, err := e.site.told(ctx, s.alarm, began); err == nil {
		if len(told) == 0 {
			told = []string{"nothing"}
		}
		e.line.Say("The history of alarm %s says of its actions: %s", s.alarm, say.Sentence(strings.Join(told, "; ")))
	}
	if way, err := e.duty.way(ctx); err == nil && way != "" {
		e.line.Say("%s", way)
	}
}

// recovery watches the alarms become content, where that does not take long.
func (e *exercise) recovery(ctx context.Context, ended time.Time) error {
	if e.really(watchedLull) > worthIt {
		e.line.Say("The outage is over. The alarms recover by themselves as their windows pass: in a quarter of an hour after a short outage, in two hours after a long one.")
		return nil
	}
	e.line.Say("The outage is over. Writing ordinary traffic until the alarms that page are content.")
	var calm bool
	err := e.during(ctx, healthyTraffic, func(ctx context.Context) (err error) {
		calm, err = e.await(ctx, "Waiting until the alarms are content", watchedLull, func(ctx context.Context) (bool, error) {
			states, err := e.site.states(ctx, e.duty.pagers)
			return len(e.restless(states)) == 0, err
		})
		return err
	})
	switch {
	case err != nil:
		return err
	case calm:
		e.line.Say("They are, %s after the errors ended.", minutes(e.clock.Now().Sub(ended)))
	default:
		e.line.Say("They are not yet, %s after the errors ended: after a long outage the windows of the slow burn rate take up to two hours to pass.", minutes(watchedLull))
	}
	return nil
}

// byHand is why an alarm is in a state that a drill has put it into.
func (e *exercise) byHand() string { return e.mark + ": set by hand" }

// legs carries out what of the way of a page is real where alarms are not evaluated.
func (e *exercise) legs(ctx context.Context) error {
	e.line.Partial("Alarms are not evaluated on this target: no outage sets one off, and no time can be measured. Carried out was the rest of the way: %s.", e.rest())
	if err := e.tellOld(ctx); err != nil {
		return err
	}
	if err := e.note(); err != nil {
		return err
	}
	arrived, err := e.testMessage(ctx)
	if err != nil {
		return err
	}
	e.line.Outcome("a test message from the topic to the queue", arrival(arrived), arrival(true))
	if !e.support[alarmNotifications].Shown {
		return nil
	}
	alarm, began := e.duty.errors[0], e.clock.Now()
	_, paged, err := e.pageByHand(ctx, alarm, began)
	if err != nil {
		return err
	}
	e.line.Outcome("the page of "+alarm+", put into ALARM by hand", arrival(paged), arrival(true))
	return nil
}

// rest is the way of a page without the alarm's own part.
func (e *exercise) rest() string {
	if e.support[alarmNotifications].Shown {
		return "a test message from the topic to the queue, and the page of an alarm that was put into ALARM by hand"
	}
	return "a test message from the topic to the queue"
}

func arrival(arrived bool) string {
	if arrived {
		return "arrived"
	}
	return "did not arrive"
}

// pageByHand puts an alarm into ALARM, waits for its page, and puts it back.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
func (e *exercise) pageByHand(ctx context.Context, alarm string, began time.Time) (notice, bool, error) {
	states, err := e.site.states(ctx, []string{alarm})
	if err != nil {
		return notice{}, false, err
	}
	if err := e.mine([]string{alarm}, began); err != nil {
		return notice{}, false, err
	}
	if err := e.notePut(alarm, states[alarm].State); err != nil {
		return notice{}, false, err
	}
	if states[alarm].State == inAlarm {
		e.line.Say("Alarm %s is in ALARM already, and what goes off already does not go off again: putting it to OK by hand.", alarm)
		if err := e.site.set(ctx, alarm, content, e.byHand()); err != nil {
			return notice{}, false, err
		}
	}
	e.line.Say("Putting alarm %s into ALARM by hand.", alarm)
	if err := e.site.set(ctx, alarm, inAlarm, e.byHand()); err != nil {
		return notice{}, false, err
	}
	var page notice
	paged, err := e.await(ctx, "Waiting for the page", e.soon(), func(ctx context.Context) (bool, error) {
		got, err := e.letters(ctx, e.duty.queue)
		for _, n := range got {
			if n.wakes([]string{alarm}, began) {
				page = n
				return true, e.site.remove(ctx, e.duty.queue, n.letter)
			}
		}
		return false, err
	})
	return page, paged, errors.Join(err, e.putBack(ctx))
}
