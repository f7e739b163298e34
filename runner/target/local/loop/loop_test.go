package loop

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/alarm"
	"labctl/labs/clock"
)

func TestAnAlarmFollowsItsDataAndNotifies(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("errors")}, nil)
	r.look(t, minutes(1))
	assert.Equal(t, []string{"03:05:00 errors INSUFFICIENT_DATA->OK [fine]"}, r.source.taken())
	r.source.put(errorsOf, minutes(1), 1)
	r.look(t, minutes(2))
	assert.Equal(t, []string{"03:06:00 errors OK->ALARM [page]"}, r.source.taken())
	r.look(t, minutes(2).Add(59*time.Second))
	assert.Empty(t, r.source.taken(), "it is evaluated once a minute")
	r.source.put(errorsOf, minutes(2), 0)
	r.look(t, minutes(5))
	assert.Equal(t, []string{"03:07:00 errors ALARM->OK [fine]"}, r.source.taken(), "minutes that nobody looked at are made up for")
}

func TestLinesReachAnAlarmInTheSameLook(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("errors")}, []alarm.Composite{{
		Name: "page", AlarmRule: `ALARM("errors")`, Actions: alarm.Actions{ActionsEnabled: true, AlarmActions: []string{"topic"}},
	}}, counting())
	r.source.log(here, minutes(0), failed)
	r.look(t, minutes(1))
	assert.Equal(t, []string{"03:05:00 errors INSUFFICIENT_DATA->ALARM [page]", "03:05:00 page INSUFFICIENT_DATA->ALARM [topic]"}, r.source.taken())
}

func TestActionsThatAreDisabledNotifyNobody(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("errors", func(a *alarm.Alarm) { a.ActionsEnabled = false })}, nil)
	r.source.put(errorsOf, minutes(0), 1)
	r.look(t, minutes(1))
	assert.Equal(t, []string{"03:05:00 errors INSUFFICIENT_DATA->ALARM withheld: ActionsDisabled"}, r.source.taken())
}

func TestTheServerHearsWhyActionsAreWithheldAndWhenTheyNoLongerAre(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("errors"), failing("work", func(a *alarm.Alarm) { a.Metric.Name = "Work" })}, []alarm.Composite{{
		Name: "page", AlarmRule: `ALARM("errors")`, ActionsSuppressor: "work", ActionsSuppressorWaitPeriod: 120, ActionsSuppressorExtensionPeriod: 120,
	}})
	of := func() []string {
		return slices.DeleteFunc(r.source.taken(), func(text string) bool { return !strings.Contains(text, " page ") })
	}
	set := func(name string, state alarm.State, at time.Time) {
		r.source.pending.Sets = []Set{{Place: here, Alarm: name, State: state, At: at}}
		r.look(t, at.Add(time.Second))
	}
	r.look(t, minutes(1))
	r.look(t, minutes(4))
	of()
	set("work", alarm.InAlarm, minutes(4).Add(10*time.Second))
	assert.Equal(t, []string{"03:08:10 page OK->OK withheld: Alarm"}, of())
	set("work", alarm.OK, minutes(4).Add(30*time.Second))
	assert.Equal(t, []string{"03:08:30 page OK->OK withheld: ExtensionPeriod"}, of())
	r.look(t, minutes(7))
	assert.Equal(t, []string{"03:11:00 page OK->OK"}, of())
}

func TestPlacesSeeNothingOfEachOther(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("errors")}, nil)
	r.source.defined.Alarms[there] = []alarm.Alarm{failing("errors")}
	r.source.put(errorsOf, minutes(0), 1)
	r.look(t, minutes(1))
	states := map[Place]alarm.State{}
	for _, transition := range r.source.transitions {
		states[transition.Place] = transition.To
	}
	assert.Equal(t, map[Place]alarm.State{here: alarm.InAlarm, there: alarm.OK}, states)
}

func TestAStateThatAClientSetsStaysUntilTheNextEvaluation(t *testing.T) {
	watching := []alarm.Composite{{Name: "page", AlarmRule: `ALARM("errors")`, Actions: alarm.Actions{ActionsEnabled: true, AlarmActions: []string{"topic"}}}}
	for _, c := range []struct {
		name     string
		notified bool
		want     []string
	}{
		{"the server has told of it", true, []string{"03:05:20 page OK->ALARM [topic]"}},
		{"the server leaves that to the loop", false, []string{"03:05:20 errors OK->ALARM [page]", "03:05:20 page OK->ALARM [topic]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, clock.Clock{}, nil)
			r.source.define([]alarm.Alarm{failing("errors")}, watching)
			r.look(t, minutes(1))
			r.source.taken()
			r.source.defined.States[here]["errors"] = alarm.InAlarm
			r.source.revision++ // a definition that comes with it must not hide it
			r.source.pending.Sets = []Set{{Place: here, Alarm: "errors", State: alarm.InAlarm, Reason: "by hand", At: minutes(1).Add(20 * time.Second), Notified: c.notified}}
			r.look(t, minutes(1).Add(30*time.Second))
			assert.Equal(t, c.want, r.source.taken())
			r.look(t, minutes(2))
			assert.Equal(t, []string{"03:06:00 errors ALARM->OK [fine]", "03:06:00 page ALARM->OK"}, r.source.taken())
		})
	}
	r := run(t, clock.Clock{}, nil)
	r.source.define(nil, nil)
	r.source.pending.Sets = []Set{{Place: here, Alarm: "gone", State: alarm.InAlarm, At: minutes(0)}}
	r.look(t, minutes(1))
	assert.Empty(t, r.source.taken(), "an alarm that was deleted since is nobody's news")
}

func TestAnAlarmThatWasMadeAnewBeginsAnewAndThoseThatWatchItHearOfIt(t *testing.T) {
	watching := []alarm.Composite{{Name: "page", AlarmRule: `ALARM("errors")`}}
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("errors")}, watching)
	r.source.put(errorsOf, minutes(0), 1)
	r.look(t, minutes(1))
	r.source.taken()
	states := r.source.defined.States
	r.source.define([]alarm.Alarm{failing("errors", func(a *alarm.Alarm) { a.Metric.Name = "Other" })}, watching)
	r.source.defined.States = states
	r.source.defined.States[here]["errors"] = alarm.InsufficientData
	r.look(t, minutes(1).Add(20*time.Second))
	assert.Equal(t, []string{"03:05:20 page ALARM->OK withheld: ActionsDisabled"}, r.source.taken()[:1])
}

func TestALoopThatBeginsOnARunningServerTakesItsStates(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("errors")}, []alarm.Composite{{Name: "page", AlarmRule: `ALARM("errors")`}})
	r.source.defined.States[here] = map[string]alarm.State{"errors": alarm.InAlarm, "page": alarm.InAlarm}
	r.source.put(errorsOf, minutes(0), 1)
	r.look(t, minutes(1))
	assert.Empty(t, r.source.taken())
}

func TestAnAlarmWhoseStateCannotBeToldSaysSoOnce(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	odd := failing("odd", func(a *alarm.Alarm) { a.ThresholdMetricID = "band" })
	r.source.define([]alarm.Alarm{odd, failing("errors")}, nil)
	r.look(t, minutes(1))
	require.Len(t, r.source.transitions, 2)
	assert.Contains(t, r.source.transitions[1].Reason, "anomaly detection")
	assert.Equal(t, []string{"03:05:00 errors INSUFFICIENT_DATA->OK [fine]", "03:05:00 odd INSUFFICIENT_DATA->INSUFFICIENT_DATA"}, r.source.taken())
	r.look(t, minutes(3))
	assert.Empty(t, r.source.taken())
	assert.Len(t, r.log, 1)
	r.source.define([]alarm.Alarm{failing("odd"), failing("errors")}, nil)
	r.source.defined.States[here]["errors"] = alarm.OK
	r.look(t, minutes(4))
	assert.Equal(t, []string{"03:07:10 odd INSUFFICIENT_DATA->OK [fine]"}, r.source.taken()[:1], "mended, it is evaluated")
}

func TestAServerThatDoesNotAnswerLosesNothing(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("errors")}, nil, counting())
	r.look(t, minutes(1))
	r.source.taken()
	r.source.log(here, minutes(1), failed)
	r.source.fails = errors.New("connection refused")
	r.look(t, minutes(2))
	r.look(t, minutes(2).Add(time.Second))
	assert.Equal(t, []string{"evaluating alarms: connection refused"}, r.log, "it is told once")
	r.source.fails = nil
	r.look(t, minutes(2).Add(2*time.Second))
	assert.Equal(t, []string{"03:06:00 errors OK->ALARM [page]"}, r.source.taken())
	assert.Equal(t, []string{"03:05 Errors[] 1x1 Count"}, r.source.emitted())
	assert.Equal(t, []int64{0, 1, 1, 1}, r.source.cursors)
	assert.Contains(t, r.log[1], "works again")
}

// refusing answers the feed and refuses everything else for good.
type refusing struct{ *fakeSource }

func (refusing) PutPoints(context.Context, []Point) error { return &RefusedError{Status: "400"} }
func (refusing) PutTransitions(context.Context, []Transition) ([]string, error) {
	return nil, &RefusedError{Status: "400"}
}

func TestWhatTheServerRefusesIsNotGivenAgain(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.Source = refusing{r.source}
	r.source.define([]alarm.Alarm{failing("errors")}, nil, counting())
	r.source.log(here, minutes(0), failed)
	r.look(t, minutes(1))
	assert.Len(t, r.log, 2)
	assert.Empty(t, r.points)
	assert.Empty(t, r.transitions)
}

func TestTheServersClockIsSetAtTheStartAndWhenItHasCaughtUp(t *testing.T) {
	r := run(t, clock.Clock{Started: start, Speed: 2}, nil)
	for _, after := range []time.Duration{0, time.Second, 59 * time.Minute, time.Hour, 2 * time.Hour} {
		require.NoError(t, r.tick(t.Context(), start.Add(after)))
	}
	assert.Equal(t, []string{"02:04:00 at 2", "04:04:00 at 1"}, r.source.clocks)

	r = run(t, clock.Clock{}, nil)
	require.NoError(t, r.tick(t.Context(), start))
	assert.Empty(t, r.source.clocks, "the real time needs no setting")
}

func TestAFastClockEvaluatesEachMinuteAndLooksMoreOften(t *testing.T) {
	r := run(t, clock.Clock{Started: start, Speed: 60}, nil)
	assert.Equal(t, rest, r.pause(start), "as long as there is nothing to evaluate, nothing is in a hurry")
	r.source.define([]alarm.Alarm{failing("errors")}, nil)
	require.NoError(t, r.tick(t.Context(), start.Add(settle)))
	assert.Equal(t, busy, r.pause(start))
	assert.Equal(t, rest, r.pause(start.Add(2*time.Hour)))
	r.source.taken()
	shown := r.Clock.At(start)
	r.source.put(errorsOf, shown.Add(2*time.Minute), 1)
	r.source.put(errorsOf, shown.Add(3*time.Minute), 0)
	require.NoError(t, r.tick(t.Context(), start.Add(settle+5*time.Second)))
	assert.Equal(t, []string{"16:07:00 errors OK->ALARM [page]", "16:08:00 errors ALARM->OK [fine]"}, r.source.taken())
}

func TestAfterALongSleepNotEveryMinuteIsMadeUpFor(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("errors")}, nil)
	r.look(t, minutes(1))
	r.source.put(errorsOf, minutes(2), 1)
	r.look(t, minutes(1_000_000))
	assert.Equal(t, []string{"03:05:00 errors INSUFFICIENT_DATA->OK [fine]"}, r.source.taken())
}

func TestDataThatNoAlarmLooksAtAnyMoreIsForgotten(t *testing.T) {
	r := run(t, clock.Clock{}, nil)
	r.source.define([]alarm.Alarm{failing("daily", func(a *alarm.Alarm) { a.Period = 24 * 60 * 60 })}, nil)
	r.source.put(errorsOf, minutes(0), 1)
	r.look(t, minutes(1))
	r.look(t, minutes(24*60-2))
	assert.Equal(t, []string{"03:05:00 daily INSUFFICIENT_DATA->ALARM [page]"}, r.source.taken(), "it is kept for a day")
	r.look(t, start.Add(kept+time.Hour))
	found, err := alarm.Evaluate(failing("errors"), r.watches[here].data, minutes(1), alarm.OK)
	require.NoError(t, err)
	assert.Equal(t, alarm.OK, found.State)
}

// fragile fails on alarms whose name says so.
type fragile struct {
	*alarm.Monitor
	names []string
}

func (f *fragile) Define(alarms []alarm.Alarm, composites []alarm.Composite) {
	f.names = nil
	for _, a := range alarms {
		f.names = append(f.names, a.Name)
	}
	f.Monitor.Define(alarms, composites)
}

func (f *fragile) Step(data *alarm.Data, at time.Time) []alarm.Transition {
	transitions := f.Monitor.Step(data, at)
	if contains(f.names, "fragile") || contains(f.names, "one") && contains(f.names, "two") {
		panic("index out of range")
	}
	return transitions
}

func TestAnAlarmOnWhichTheEngineFailsIsLeftOutAndMarked(t *testing.T) {
	r := run(t, clock.Clock{}, func() engine { return &fragile{Monitor: alarm.NewMonitor()} })
	r.source.define([]alarm.Alarm{failing("fragile"), failing("errors")}, nil)
	r.source.put(errorsOf, minutes(0), 1)
	r.look(t, minutes(1))
	require.Len(t, r.source.transitions, 2)
	assert.Contains(t, r.source.transitions[1].Reason, "labctl's engine failed: index out of range")
	assert.Equal(t, []string{"03:05:00 errors INSUFFICIENT_DATA->ALARM [page]", "03:05:00 fragile INSUFFICIENT_DATA->INSUFFICIENT_DATA"}, r.source.taken())
	assert.Contains(t, r.log[0], "loop_test.go", "the log says where")
	r.source.put(errorsOf, minutes(1), 0)
	r.look(t, minutes(2))
	assert.Equal(t, []string{"03:06:00 errors ALARM->OK [fine]"}, r.source.taken(), "the others go on")

	r.source.define([]alarm.Alarm{failing("one"), failing("two")}, nil)
	r.look(t, minutes(3))
	assert.Len(t, r.source.taken(), 2, "where it cannot be told which, all are marked")
}

func TestRunEndsWithItsContextAndSurvivesAPanic(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	source := &panicking{asked: make(chan struct{}, 8)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		Loop{Source: source, Log: func(string, ...any) {}}.Run(ctx)
	}()
	<-source.asked
	<-source.asked
	cancel()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("it goes on")
	}
}

type panicking struct {
	fakeSource
	asked chan struct{}
}

func (p *panicking) Feed(context.Context, int64, int64) (Feed, error) {
	p.asked <- struct{}{}
	panic("no answer")
}
