package loop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"labctl/checks/alarm"
	"labctl/labs/clock"
)

// Loop evaluates the alarms and metric filters of a server.
type Loop struct {
	Source Source
	Clock  clock.Clock
	Log    func(format string, args ...any)
}

const (
	// rest is the time between two looks at a server that has neither alarms nor filters; busy is that at one where a minute
	// may last a second.
	rest = time.Second
	busy = 250 * time.Millisecond
	// settle is how long after a moment its alarms are evaluated, in real time: whoever writes to the server without a pause
	// must not be taken for somebody who is silent.
	settle = 500 * time.Millisecond
	// kept is the longest stretch of data that an alarm looks at: three periods of a day.
	kept = 73 * time.Hour
	// tidyEvery is the real time between two removals of older data.
	tidyEvery = time.Minute
)

// Run serves until the context ends. A server that does not answer is asked again.
func (l Loop) Run(ctx context.Context) {
	s := newState(l, func() engine { return alarm.NewMonitor() })
	for timer := time.NewTimer(0); ; {
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		err := try(func() error { return s.tick(ctx, time.Now()) })
		if ctx.Err() != nil {
			return
		}
		s.outcome(err)
		timer.Reset(s.pause(time.Now()))
	}
}

// state is a loop at work.
type state struct {
	Loop
	newEngine        func() engine
	cursor, revision int64
	filters          filters
	watches          map[Place]*watch
	speed            int // the server's clock was told; 0 before
	tidied           time.Time
	said             map[string]string // what was logged last, by what it is about

	// What the server has not yet been given.
	points      []Point
	transitions []Transition
}

func newState(l Loop, newEngine func() engine) *state {
	s := &state{Loop: l, newEngine: newEngine, watches: map[Place]*watch{}, said: map[string]string{}}
	s.filters.tell = s.tell
	return s
}

// tell logs a problem once, until it is another one.
func (s *state) tell(about, problem string) {
	if s.said[about] != problem {
		s.said[about] = problem
		s.Log("%s: %s", about, problem)
	}
}

// outcome logs why a look at the server failed, and that it no longer does.
func (s *state) outcome(err error) {
	const about = "evaluating alarms"
	var failure *panicError
	switch {
	case errors.As(err, &failure):
		s.tell(about, fmt.Sprintf("%v\n%s", err, failure.stack))
	case err != nil:
		s.tell(about, err.Error())
	case s.said[about] != "":
		delete(s.said, about)
		s.Log("%s: it works again", about)
	}
}

func (s *state) pause(now time.Time) time.Duration {
	if s.Clock.SpeedAt(now) == 1 || len(s.filters.byGroup) == 0 && !s.alarms() {
		return rest
	}
	return busy
}

func (s *state) alarms() bool {
	for _, w := range s.watches {
		if len(w.alarms)+len(w.composites) > 0 {
			return true
		}
	}
	return false
}

// tick is one look: what was written before the moment counts in what is evaluated now.
func (s *state) tick(ctx context.Context, moment time.Time) error {
	now := s.Clock.At(moment)
	if err := s.setClock(ctx, moment); err != nil {
		return err
	}
	until := s.Clock.At(moment.Add(-settle))
	for more := true; more; {
		feed, err := s.Source.Feed(ctx, s.cursor, s.revision)
		if err != nil {
			return err
		}
		s.cursor, s.revision, more = feed.Cursor, feed.Revision, feed.More
		s.take(feed, now)
	}
	s.emit(s.filters.close(until))
	for _, w := range s.watches {
		s.transitions = append(s.transitions, w.step(until)...)
	}
	s.tidy(moment, now)
	return s.give(ctx)
}

// setClock tells the server what time it is, where that is not the real one: at the start, and when it has caught up.
func (s *state) setClock(ctx context.Context, moment time.Time) error {
	speed := s.Clock.SpeedAt(moment)
	if speed == s.speed || speed == 1 && s.speed == 0 {
		return nil
	}
	if err := s.Source.SetClock(ctx, s.Clock.At(moment), speed); err != nil {
		return err
	}
	s.speed = speed
	return nil
}

// take takes in what the server tells. Definitions come first: what happens to an alarm needs the alarm.
func (s *state) take(feed Feed, now time.Time) {
	if d := feed.Definitions; d != nil {
		s.define(*d, feed.Sets, now)
	}
	for _, p := range feed.Points {
		s.watch(p.Place).data.Put(p.Metric, p.Unit, p.Datum)
	}
	for _, set := range feed.Sets {
		s.transitions = append(s.transitions, s.watch(set.Place).set(set)...)
	}
	s.emit(s.filters.take(feed.Lines))
}

func (s *state) define(d Definitions, sets []Set, now time.Time) {
	for _, set := range sets { // these are still to be followed
		delete(d.States[set.Place], set.Alarm)
	}
	for _, t := range s.transitions { // of these the server has yet to hear
		delete(d.States[t.Place], t.Alarm)
	}
	s.filters.define(d.Filters)
	for place := range d.Alarms {
		s.watch(place)
	}
	for place := range d.Composites {
		s.watch(place)
	}
	for place, w := range s.watches {
		s.transitions = append(s.transitions, w.define(d.Alarms[place], d.Composites[place], d.States[place], now)...)
	}
}

func (s *state) watch(place Place) *watch {
	w := s.watches[place]
	if w == nil {
		w = newWatch(place, s.newEngine, s.tell)
		s.watches[place] = w
	}
	return w
}

// emit publishes data points of metric filters.
func (s *state) emit(points []Point) {
	for _, p := range points {
		s.watch(p.Place).data.Put(p.Metric, p.Unit, p.Datum)
	}
	s.points = append(s.points, points...)
}

// tidy forgets data that no alarm looks at any more.
func (s *state) tidy(moment, now time.Time) {
	if moment.Sub(s.tidied) < tidyEvery {
		return
	}
	s.tidied = moment
	for _, w := range s.watches {
		w.data.Trim(now.Add(-kept))
	}
}

// give gives the server what it has not yet got. What it refuses it is not given again.
func (s *state) give(ctx context.Context) error {
	var refused *RefusedError
	if len(s.points) > 0 {
		if err := s.Source.PutPoints(ctx, s.points); errors.As(err, &refused) {
			s.Log("%d data points are lost: %v", len(s.points), err)
		} else if err != nil {
			return err
		}
		s.points = nil
	}
	if len(s.transitions) == 0 {
		return nil
	}
	problems, err := s.Source.PutTransitions(ctx, s.transitions)
	if errors.As(err, &refused) {
		problems = append(problems, fmt.Sprintf("%d changes of alarms are lost: %v", len(s.transitions), err))
	} else if err != nil {
		return err
	}
	s.transitions = nil
	for _, problem := range problems {
		s.Log("%s", problem)
	}
	return nil
}
