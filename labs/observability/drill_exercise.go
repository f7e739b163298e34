package observability

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/report/typeset"
	"labctl/labs"
	"labctl/labs/clock"
	"labctl/labs/say"
)

// exercise is a drill on the lab's alarms. Durations are of the target's clock unless a comment says that they are real.
type exercise struct {
	site    site
	duty    duty
	clock   clock.Clock
	line    *labs.TimeLine
	record  labs.Record
	support map[checks.Capability]checks.Support
	mark    string // what every message of the drill's own begins with
}

func newExercise(s site, d duty, live labs.Live, line *labs.TimeLine) *exercise {
	return &exercise{
		site: s, duty: d, clock: live.Clock, line: line, record: live.Record, support: live.Support,
		mark: "labctl drill " + live.Run + " " + strconv.FormatInt(time.Now().UnixNano(), 36),
	}
}

const (
	// drillRate is how many requests a minute are written: few enough to write hours of them at once, and enough that one that
	// fails is no incident.
	drillRate = 30
	// ordinaryPast is what is written before a drill: as much as the longest window that pages looks at. An API that was born a
	// minute ago would page sooner than one that has served for hours.
	ordinaryPast = 6 * time.Hour
	// patience is how many times the objective a drill waits.
	patience = 2
	// fastest is the speed up to which minutes can be measured: a local AWS takes up to a second from a moment to a page.
	fastest = 60
	// longestWait is how long, really, a drill waits for the alarms to be content. lull is how long that may take by their
	// windows: the slow burn rate looks at three of half an hour.
	longestWait = 10 * time.Minute
	lull        = 2 * time.Hour
	// watchedLull is for how long a recovery is watched; after a short outage a quarter of an hour is enough.
	watchedLull = 45 * time.Minute
	// quieting is how long the alarm on silence takes to be content, where no outage was before.
	quieting = 3 * time.Minute
	// worthIt is how long, really, a drill waits for what is worth seeing but not needed.
	worthIt = time.Minute
)

func (e *exercise) speed() int { return e.clock.SpeedAt(time.Now()) }

// really is how much real time passes in some of the target's.
func (e *exercise) really(d time.Duration) time.Duration { return d / time.Duration(e.speed()) }

// evaluated says whether alarms live on the target.
func (e *exercise) evaluated() bool {
	return e.support[alarmEvaluation].Shown && e.support[metricFilterData].Shown
}

// tellTime says what a minute is here.
func (e *exercise) tellTime(takes time.Duration) error {
	switch speed := e.speed(); {
	case speed > fastest:
		return fmt.Errorf("the clock runs %d times as fast here, and the second that the local AWS needs for a page is %s of it: minutes cannot be measured above %d times; start it with `labctl local start --speed %d` before the lab is brought up",
			speed, time.Duration(speed)*time.Second, fastest, fastest)
	case speed > 1:
		e.line.Say("The clock runs %d times as fast here. Times of alarms and pages are that clock's (simulated); the column at the left is real. Up to a second that the local AWS takes for a page is up to %s of them.", speed, time.Duration(speed)*time.Second)
	case e.support[alarmEvaluation].Simulated:
		e.line.Say("This takes up to about %s. On a local AWS that is started with `labctl local start --speed %d`, before the lab is brought up, it takes seconds.", minutes(takes), fastest)
	default:
		e.line.Say("This takes up to about %s.", minutes(takes))
	}
	return nil
}

// pause sleeps between two looks.
func (e *exercise) pause(ctx context.Context) error {
	d := time.Second
	if e.speed() > 1 {
		d = 100 * time.Millisecond
	}
	return pauseFor(ctx, d)
}

func pauseFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// await looks again and again until it has seen what it looks for, or has looked for long enough.
func (e *exercise) await(ctx context.Context, what string, limit time.Duration, look func(context.Context) (bool, error)) (bool, error) {
	began, shown := e.clock.Now(), false
	unit := "second"
	if e.speed() > 1 {
		unit = "simulated second"
	}
	show := func(done, total time.Duration) {
		shown = true
		e.line.Progress(labs.Progress{What: what, Done: int(done / time.Second), Total: int(total / time.Second), Unit: unit})
	}
	for {
		passed := e.clock.Now().Sub(began)
		seen, err := look(ctx)
		if seen || err != nil || passed >= limit {
			if shown {
				show(passed, passed) // over, whatever came of it
			}
			return seen, err
		}
		if e.really(passed) >= time.Second {
			show(passed, limit)
		}
		if err := e.pause(ctx); err != nil {
			return false, err
		}
	}
}

// during writes traffic for as long as something is done.
func (e *exercise) during(ctx context.Context, profile string, do func(context.Context) error) error {
	work, end := context.WithCancelCause(ctx)
	written := make(chan struct{})
	go func() {
		defer close(written)
		err := e.site.write(work, profile)
		if work.Err() == nil {
			end(errors.Join(errNothingWritten, err))
		}
	}()
	err := do(work)
	end(nil)
	<-written
	if cause := context.Cause(work); errors.Is(cause, errNothingWritten) {
		return cause
	}
	return err
}

// heartbeats is the pattern of the API's line of each minute.
const heartbeats = `{ $.event = "heartbeat" }`

// ordinaryHours writes the hours before the drill, at once, as far as nothing is known of them: to write a minute twice would make
// of one outage half of one.
func (e *exercise) ordinaryHours(ctx context.Context) error {
	if err := e.noteTraffic(ctx); err != nil {
		return err
	}
	from := e.clock.Now().Add(-ordinaryPast)
	lines, err := e.site.lines(ctx, e.duty.api, heartbeats, from)
	if err != nil {
		return err
	}
	heard := map[int]bool{}
	for _, line := range lines {
		if at, err := time.Parse(time.RFC3339, memberOf(line, "time")); err == nil {
			heard[int(at.Sub(from)/time.Minute)] = true
		}
	}
	var silent []time.Time
	for n := range int(ordinaryPast / time.Minute) {
		if !heard[n] {
			silent = append(silent, from.Add(time.Duration(n)*time.Minute))
		}
	}
	if len(silent) == 0 {
		return nil
	}
	requests, err := e.site.writePast(ctx, silent)
	if err != nil {
		return err
	}
	e.line.Say("Wrote %s ordinary requests into the %s of the last %s in which nothing was heard of the API.", thousands(requests), typeset.Count(len(silent), "minute"), minutes(ordinaryPast))
	return nil
}

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// settle writes ordinary traffic until the alarms that page are content and have data. It is the positive control of all that
// comes after: an alarm that is in ALARM already does not go off, and one without data never does.
func (e *exercise) settle(ctx context.Context) error {
	states, err := e.site.states(ctx, e.duty.watched)
	if err != nil {
		return err
	}
	restless := e.restless(states)
	if len(restless) > 0 {
		e.line.Say("Writing ordinary traffic until %s: %s.", map[bool]string{true: "this alarm is content", false: "these alarms are content"}[len(restless) == 1], strings.Join(restless, ", "))
	}
	limit := min(lull, longestWait*time.Duration(e.speed()))
	err = e.during(ctx, healthyTraffic, func(ctx context.Context) error {
		_, err := e.await(ctx, "Waiting until the alarms are content", limit, func(ctx context.Context) (bool, error) {
			var err error
			states, err = e.site.states(ctx, e.duty.watched)
			restless = e.restless(states)
			return len(restless) == 0, err
		})
		return err
	})
	if err != nil {
		return err
	}
	if len(restless) > 0 {
		return &labs.ControlError{
			Control: fmt.Sprintf("having the alarms content after %s of ordinary traffic", minutes(limit)),
			Err:     fmt.Errorf("%s; after an outage the windows of the slow burn rate take up to two hours to pass", strings.Join(restless, ", ")),
		}
	}
	if old := slices.DeleteFunc(slices.Clone(e.duty.watched), func(name string) bool { return states[name].State != inAlarm }); len(old) > 0 {
		e.line.Say("Still in ALARM, from errors of before: %s. A page may come sooner than after a day without any.", say.List(old))
	}
	return nil
}

// restless are the alarms that page and are not content, and those in their rules that have no data.
func (e *exercise) restless(states map[string]standing) []string {
	var found []string
	for _, name := range e.duty.watched {
		s := states[name]
		if s.State == withoutData || s.State != content && slices.Contains(e.duty.pagers, name) {
			found = append(found, fmt.Sprintf("%s (%s)", name, s.State))
		}
	}
	return found
}

// testMessage publishes to the topic, and says whether that arrives in the queue.
func (e *exercise) testMessage(ctx context.Context) (bool, error) {
	text := e.mark + ": a test message"
	if err := e.site.publish(ctx, e.duty.topic, text); err != nil {
		return false, err
	}
	return e.await(ctx, "Waiting for the test message", e.soon(), func(ctx context.Context) (bool, error) {
		got, err := e.letters(ctx, e.duty.queue)
		for _, n := range got {
			if n.Text == text {
				return true, e.site.remove(ctx, e.duty.queue, n.letter)
			}
		}
		return false, err
	})
}

// soon is how long what takes no time may take: half a minute, and less where the clock is fast and all is on one machine.
func (e *exercise) soon() time.Duration {
	if speed := e.speed(); speed > 1 {
		return 5 * time.Second * time.Duration(speed)
	}
	return 30 * time.Second
}

// shortly is a time in whole seconds, rounded up, so that what is shown as 5m0s is not a bit longer.
func shortly(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }
