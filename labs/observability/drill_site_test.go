package observability

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"labctl/labs/clock"
)

// The alarms of the test: two that page, and one in the rule of the first.
const (
	errorsPage, silencePage, burnAlarm = "page-errors", "page-silence", "burn"
	testQueue, testTopic               = "queue", "topic"
)

// fakeSite is a lab in which time alone does everything: an outage puts the first alarm into ALARM after a while, and the page
// comes some time later.
type fakeSite struct {
	mu     sync.Mutex
	clock  clock.Clock
	alarms map[string]standing
	queue  []letter
	hidden map[string]time.Time // really
	due    []dueLetter

	profile string // of the traffic now; "" where none is written
	since   time.Time

	detects, pages time.Duration // after the outage began, after the alarm went off; negative: never
	recovers       bool          // alarms become content in ordinary traffic
	subscribed     bool
	wakesFor       time.Duration // a false page after so long of ordinary traffic in one go; zero: none
	breaksOff      bool          // traffic ends by itself
	swallows       bool          // what is published does not arrive
	onOutage       func()
	past           []time.Time // minutes that were written at once

	world // what correlate reads
}

type dueLetter struct {
	at    time.Time
	alarm string
	state string
	since time.Time
}

func newFakeSite(c clock.Clock) *fakeSite {
	now := c.Now()
	return &fakeSite{
		clock: c, hidden: map[string]time.Time{}, detects: 90 * time.Second, pages: 10 * time.Second, recovers: true, subscribed: true, since: now,
		alarms: map[string]standing{
			errorsPage: {content, "", now.Add(-time.Hour)}, burnAlarm: {content, "", now.Add(-time.Hour)}, silencePage: {inAlarm, "nothing is heard", now.Add(-time.Hour)},
		},
		world: newWorld(),
	}
}

func (f *fakeSite) move(alarm, state, reason string, at time.Time, delay time.Duration) {
	f.alarms[alarm] = standing{state, reason, at}
	if state == inAlarm && delay >= 0 {
		f.due = append(f.due, dueLetter{at.Add(delay), alarm, state, at})
	}
}

// pass lets happen what has happened by now.
func (f *fakeSite) pass() {
	now := f.clock.Now()
	lasted := now.Sub(f.since)
	is := func(alarm, state string) bool { return f.alarms[alarm].State == state }
	switch {
	case f.profile == outageTraffic && f.detects >= 0 && lasted >= f.detects && !is(errorsPage, inAlarm):
		f.move(errorsPage, inAlarm, "it burns", f.since.Add(f.detects), f.pages)
	case f.profile == healthyTraffic && f.recovers && lasted >= 2*time.Minute:
		for alarm, s := range f.alarms {
			if s.State != content && s.Since.Before(f.since) {
				f.move(alarm, content, "", f.since.Add(2*time.Minute), -1)
			}
		}
	case f.profile == "" && lasted >= 4*time.Minute && !is(silencePage, inAlarm):
		f.move(silencePage, inAlarm, "nothing is heard", f.since.Add(4*time.Minute), 0)
	}
	if f.profile == healthyTraffic && f.wakesFor > 0 && lasted >= f.wakesFor && !is(errorsPage, inAlarm) {
		f.move(errorsPage, inAlarm, "for nothing", f.since.Add(f.wakesFor), 0)
	}
	f.due = slices.DeleteFunc(f.due, func(d dueLetter) bool {
		if d.at.After(now) {
			return false
		}
		if f.subscribed {
			f.put(alarmText(d.alarm, d.state, d.since))
		}
		return true
	})
}

func alarmText(alarm, state string, at time.Time) string {
	text, _ := json.Marshal(map[string]string{
		"AlarmName": alarm, "AlarmDescription": "Owner: kim", "NewStateValue": state, "NewStateReason": "so it is", "StateChangeTime": at.UTC().Format(stamp),
	})
	return string(text)
}

func (f *fakeSite) put(text string) {
	body, _ := json.Marshal(map[string]string{"Type": "Notification", "Message": text})
	id := fmt.Sprint("m", len(f.queue), "-", f.clock.Now().UnixNano())
	f.queue = append(f.queue, letter{ID: id, Body: string(body), Receipt: id})
}

func (f *fakeSite) writePast(_ context.Context, minutes []time.Time) (int, error) {
	f.past = append(f.past, minutes...)
	return len(minutes) * drillRate, nil
}

func (f *fakeSite) write(ctx context.Context, profile string) error {
	f.mu.Lock()
	f.pass()
	f.profile, f.since = profile, f.clock.Now()
	onOutage := f.onOutage
	f.mu.Unlock()
	if profile == outageTraffic && onOutage != nil {
		onOutage()
	}
	if f.breaksOff {
		return errors.New("the log group is gone")
	}
	<-ctx.Done()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pass()
	f.profile, f.since = "", f.clock.Now()
	return ctx.Err()
}

func (f *fakeSite) states(ctx context.Context, alarms []string) (map[string]standing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pass()
	found := map[string]standing{}
	for _, name := range alarms {
		found[name] = f.alarms[name]
	}
	return found, ctx.Err()
}

func (f *fakeSite) set(_ context.Context, alarm, state, reason string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.move(alarm, state, reason, f.clock.Now(), 0)
	return nil
}

func (f *fakeSite) told(context.Context, string, time.Time) ([]string, error) {
	return []string{"Successfully executed action topic"}, nil
}

func (f *fakeSite) publish(_ context.Context, _, text string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.subscribed && !f.swallows {
		f.put(text)
	}
	return nil
}

func (f *fakeSite) receive(ctx context.Context, _ string) ([]letter, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pass()
	var found []letter
	for _, l := range f.queue {
		if now := time.Now(); len(found) < 10 && !now.Before(f.hidden[l.ID]) {
			f.hidden[l.ID] = now.Add(hidden)
			found = append(found, l)
		}
	}
	return found, ctx.Err()
}

func (f *fakeSite) remove(_ context.Context, _ string, l letter) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = slices.DeleteFunc(f.queue, func(other letter) bool { return other.ID == l.ID })
	return nil
}
