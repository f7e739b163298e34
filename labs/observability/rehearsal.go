package observability

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"labctl/checks/alarm"
	"labctl/checks/inventory"
)

// The scenario's numbers. Terraform's own copy is in terraform/observability/main.tf.
const (
	objective = 0.999
	window    = 30 * 24 * time.Hour
	keptDays  = 365

	byDay   = 1000 // requests a minute
	byNight = 10

	outageObjective = 5 * time.Minute
	leakObjective   = time.Hour

	// What fails on a day on which nothing is wrong.
	ordinary = 0.0001
)

func slo() alarm.SLO { return alarm.SLO{Objective: objective, Window: window} }

// Before each traffic there are ordinary hours, as many as the longest window of a burn rate, and it is watched for some of them: who
// is woken by those is woken for nothing.
const (
	ordinaryHours = 7 * time.Hour
	settling      = time.Hour
)

// traffic is what happens to the API, minute by minute, from the moment on that it is about.
type traffic struct {
	name   string
	rate   float64 // requests a minute
	lasts  time.Duration
	fails  func(minute int) float64 // the share of requests that fail; nil on an ordinary day
	silent func(minute int) bool    // nothing is heard of the API
	slow   func(minute int) bool    // payments take long
	worked func(minute int) bool    // somebody works on the API
}

// always, from and until say when something is the case.
func always(int) bool { return true }

func until(end time.Duration) func(int) bool {
	return func(minute int) bool { return time.Duration(minute)*time.Minute < end }
}

// share is a steady share of failures for some time, and that of an ordinary day afterwards.
func share(failing float64, lasts time.Duration) func(int) float64 {
	return func(minute int) float64 {
		if time.Duration(minute)*time.Minute < lasts {
			return failing
		}
		return ordinary
	}
}

// played is a traffic, and what the alarms did.
type played struct {
	timeline alarm.Timeline
	minutes  []alarm.Minute // from the beginning of the timeline
	began    time.Time      // the moment that the traffic is about
	pages    []page

	undecided error // why more or fewer pages are possible
}

// page is somebody woken.
type page struct {
	alarm string
	after time.Duration // since the moment that the traffic is about
}

// stage is where traffics are played: the live filters and alarms.
type stage struct {
	a          *architecture
	emitters   []emitter
	alarms     []inventory.MetricAlarm
	composites []inventory.CompositeAlarm
}

// stage prepares the alarms that may wake somebody.
func (a *architecture) stage(ctx context.Context) (*stage, error) {
	emitters, err := a.emitters(ctx)
	if err != nil {
		return nil, err
	}
	s := &stage{a: a, emitters: emitters}
	s.alarms, s.composites = a.paging()
	return s, nil
}

// script are the lines that a traffic consists of, written once.
type script struct {
	heartbeat, maintenance string
	answered, slow, failed []string // for each route
}

func newScript() script {
	s := script{heartbeat: heartbeat(), maintenance: maintenance()}
	for _, route := range routes() {
		s.answered = append(s.answered, request(route, 200, 120, nil))
		s.slow = append(s.slow, request(route, 200, 2500, nil))
		s.failed = append(s.failed, request(route, 500, 120, nil))
	}
	return s
}

// lines is what is written in a minute of a traffic, counted from its moment.
func (s script) lines(t traffic, minute int, m alarm.Minute) []crowd {
	is := func(when func(int) bool) bool { return when != nil && minute >= 0 && when(minute) }
	var lines []crowd
	if is(t.worked) {
		lines = append(lines, crowd{s.maintenance, 1})
	}
	if is(t.silent) {
		return lines
	}
	lines = append(lines, crowd{s.heartbeat, 1})
	answered := s.answered
	if is(t.slow) {
		answered = s.slow
	}
	for n := range answered {
		lines = append(lines,
			crowd{answered[n], part(m.Requests-m.Errors, n, len(answered))},
			crowd{s.failed[n], part(m.Errors, n, len(answered))})
	}
	return lines
}

// part is the nth of so many parts of a number, as even as they can be.
func part(number, n, parts int) int { return number*(n+1)/parts - number*n/parts }

// play puts a traffic through the filters and the alarms.
func (s *stage) play(t traffic) played {
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	before := int(ordinaryHours / time.Minute)
	made := alarm.Traffic{
		Start:    start,
		Requests: func(int) float64 { return t.rate },
		ErrorRate: func(minute int) float64 {
			if minute < before || t.fails == nil {
				return ordinary
			}
			return t.fails(minute - before)
		},
	}
	feeder, script := newFeeder(s.emitters), newScript()
	minutes := made.Minutes(before + int(t.lasts/time.Minute))
	for n, m := range minutes {
		feeder.minute(m.At, script.lines(t, n-before, m))
	}
	var alarms []alarm.Alarm
	for _, one := range s.alarms {
		alarms = append(alarms, engineAlarm(one))
	}
	var composites []alarm.Composite
	for _, one := range s.composites {
		composites = append(composites, engineComposite(one))
	}
	p := played{began: start.Add(ordinaryHours)}
	from := p.began.Add(-settling)
	p.timeline = alarm.Replay(alarms, composites, feeder.data(), from, p.began.Add(t.lasts))
	p.minutes = minutes[int(from.Sub(start)/time.Minute):]
	for _, change := range p.timeline.Pages("") {
		if slices.ContainsFunc(change.Actions, s.a.pages) {
			p.pages = append(p.pages, page{change.Alarm, change.At.Sub(p.began)})
		}
	}
	p.undecided = feeder.blindness(s.alarms)
	for _, track := range p.timeline.Tracks {
		if track.Err != nil {
			p.undecided = errors.Join(p.undecided, fmt.Errorf("alarm %s: %w", track.Alarm, track.Err))
		}
	}
	return p
}

// first is the first page from a moment on.
func (p played) first(from time.Duration) (page, bool) {
	n := slices.IndexFunc(p.pages, func(one page) bool { return one.after >= from })
	if n < 0 {
		return page{}, false
	}
	return p.pages[n], true
}

// inAlarm are the alarms that were in ALARM at some time between two moments.
func (p played) inAlarm(from, to time.Duration) []string {
	var names []string
	first, last := int(p.began.Add(from).Sub(p.timeline.Start)/p.timeline.Step), int(p.began.Add(to).Sub(p.timeline.Start)/p.timeline.Step)
	for _, track := range p.timeline.Tracks {
		if slices.Contains(track.States[first:last+1], alarm.InAlarm) {
			names = append(names, track.Alarm)
		}
	}
	return names
}
