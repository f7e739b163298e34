package observability

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs"
	"labctl/labs/clock"
	"labctl/labs/observability/emit"
)

// memory is a record that lives as long as the test.
type memory map[string]string

func (m memory) Set(key, value string) error { m[key] = value; return nil }
func (m memory) Get(key string) string       { return m[key] }

func allShown() map[checks.Capability]checks.Support {
	found := map[checks.Capability]checks.Support{}
	for _, name := range []checks.Capability{alarmEvaluation, metricFilterData, alarmNotifications, traceGroups, traceSummaries} {
		found[name] = checks.Support{Shown: true, Simulated: true}
	}
	return found
}

func testDuty() duty {
	return duty{
		pagers: []string{errorsPage, silencePage}, errors: []string{errorsPage}, watched: []string{errorsPage, burnAlarm, silencePage},
		api: "api", topic: testTopic, queue: testQueue, foreseen: page{errorsPage, time.Minute}, foresees: true,
		ways:   map[string][]search{errorsPage: {{"api", "errors", "the filter's pattern"}}},
		groups: []inventory.TraceGroup{{GroupName: "failed", FilterExpression: "fault"}},
		way:    func(context.Context) (string, error) { return "Nobody is subscribed to topic.", nil },
	}
}

// carried is a drill that was carried out, and its traces put away, twice.
type carried struct {
	*exercise
	site *fakeSite
	err  error
	left []string // the letters that are left, without those of the silence that follows
}

func (c carried) unmet() []string {
	var names []string
	for _, m := range c.line.Measures() {
		if !m.Met {
			name, _, _ := strings.Cut(m.Name, ":")
			names = append(names, name)
		}
	}
	return names
}

func (c carried) text() string {
	var b strings.Builder
	for _, m := range c.line.Moments() {
		b.WriteString(m.Text + "\n")
	}
	return b.String()
}

// carryOut carries a drill out in a bubble of its own time, on a site that is changed first.
func carryOut(t *testing.T, speed int, drill func(*exercise, context.Context) error, change func(*fakeSite, *exercise, context.CancelFunc), then func(carried)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		c := clock.Clock{Started: time.Now(), Speed: speed}
		f := newFakeSite(c)
		line := labs.NewTimeLine(func(labs.Moment) {})
		e := newExercise(f, testDuty(), labs.Live{Clock: c, Run: "t1", Record: memory{}, Support: allShown()}, line)
		f.put(alarmText(silencePage, inAlarm, c.Now().Add(-time.Hour)))
		f.put(alarmText(errorsPage, inAlarm, c.Now().Add(-2*time.Hour)))
		f.put("somebody's own words")
		if change != nil {
			change(f, e, interrupt)
		}
		out := carried{exercise: e, site: f, err: drill(e, ctx)}
		after, done := labs.Afterwards(ctx)
		defer done()
		for range 2 {
			assert.NoError(t, newExercise(f, duty{}, labs.Live{Clock: c, Run: "t1", Record: e.record}, line).putAway(after))
		}
		for _, l := range f.queue {
			out.left = append(out.left, read(l).Alarm)
		}
		then(out)
	})
}

// before is what lies in the queue before each drill, by alarm.
var before = []string{silencePage, errorsPage, ""}

func TestPage(t *testing.T) {
	detect, toPage := "time to detect", "time to page"
	for _, c := range []struct {
		name   string
		change func(*fakeSite, *exercise, context.CancelFunc)
		unmet  []string
		says   string
	}{
		{"a page in time", nil, nil, "time to page: the outage begins, the page is in the queue: 1m4"},
		{"a page that takes longer than five minutes", func(f *fakeSite, _ *exercise, _ context.CancelFunc) { f.pages = 4 * time.Minute }, []string{toPage}, "5m3"},
		{"an alarm that takes longer than five minutes", func(f *fakeSite, _ *exercise, _ context.CancelFunc) { f.detects = 6 * time.Minute }, []string{detect, toPage}, "6m"},
		{"a queue that nobody has subscribed", func(f *fakeSite, _ *exercise, _ context.CancelFunc) { f.subscribed = false }, []string{toPage}, "Nobody is subscribed"},
		{"an alarm whose action is lost", func(f *fakeSite, _ *exercise, _ context.CancelFunc) { f.pages = -1 }, []string{toPage}, "says of its actions: Successfully executed action topic."},
		{"an alarm that does not go off", func(f *fakeSite, _ *exercise, _ context.CancelFunc) { f.detects = -1 }, []string{detect, toPage}, "No alarm that pages went off"},
	} {
		for _, speed := range []int{1, 60} {
			t.Run(fmt.Sprintf("%s, at speed %d", c.name, speed), func(t *testing.T) {
				carryOut(t, speed, (*exercise).page, c.change, func(done carried) {
					require.NoError(t, done.err)
					assert.Equal(t, c.unmet, done.unmet())
					assert.Len(t, done.line.Measures(), 2)
					assert.Contains(t, done.text(), c.says)
					assert.Contains(t, done.text(), "stays there: 3 messages (page-errors ALARM")
					assert.Equal(t, before, done.left, "what came of the drill is taken out, and nothing else")
				})
			})
		}
	}
}

func TestAnAlarmThatIsNotContentIsNoStartForADrill(t *testing.T) {
	for name, change := range map[string]func(*fakeSite, *exercise, context.CancelFunc){
		"in ALARM": func(f *fakeSite, _ *exercise, _ context.CancelFunc) { f.recovers = false },
		"without data": func(f *fakeSite, _ *exercise, _ context.CancelFunc) {
			f.recovers = false
			f.alarms[silencePage], f.alarms[burnAlarm] = standing{State: content}, standing{State: withoutData}
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, drill := range []func(*exercise, context.Context) error{(*exercise).page, (*exercise).silence} {
				carryOut(t, 60, drill, func(f *fakeSite, e *exercise, stop context.CancelFunc) {
					change(f, e, stop)
					f.onOutage = func() { t.Error("an outage was written") }
				}, func(done carried) {
					var control *labs.ControlError
					require.ErrorAs(t, done.err, &control)
					assert.Empty(t, done.line.Measures())
				})
			}
		})
	}
}

func TestTrafficThatEndsByItselfIsAnError(t *testing.T) {
	carryOut(t, 60, (*exercise).page, func(f *fakeSite, _ *exercise, _ context.CancelFunc) { f.breaksOff = true }, func(done carried) {
		require.ErrorIs(t, done.err, errNothingWritten)
		assert.ErrorContains(t, done.err, "the log group is gone")
	})
}

func TestAnInterruptedOutageLeavesNothingInTheQueue(t *testing.T) {
	carryOut(t, 60, (*exercise).page, func(f *fakeSite, _ *exercise, interrupt context.CancelFunc) {
		f.onOutage = func() { time.AfterFunc(95*time.Second/60, interrupt) } // after the alarm, before its page
	}, func(done carried) {
		require.ErrorIs(t, done.err, context.Canceled)
		assert.Equal(t, inAlarm, done.site.alarms[errorsPage].State)
		assert.Equal(t, before, done.left, "the page that comes later is taken out too")
	})
}

func TestWhereMinutesAreLongWhatComesLaterIsTold(t *testing.T) {
	later := "within 6 minutes what was in ALARM before the drill goes off again, and its page stays in the queue: page-silence."
	for _, c := range []struct {
		speed int
		told  bool
	}{{1, true}, {60, false}} {
		carryOut(t, c.speed, (*exercise).correlate, func(f *fakeSite, _ *exercise, _ context.CancelFunc) {
			f.alarms[errorsPage] = standing{inAlarm, "it burns", f.clock.Now()}
		}, func(done carried) {
			assert.Equal(t, c.told, strings.Contains(done.text(), later))
		})
	}
}

func TestMinutesAreNotMeasuredOnAClockThatIsTooFast(t *testing.T) {
	carryOut(t, 600, (*exercise).page, nil, func(done carried) {
		assert.ErrorContains(t, done.err, "600 times as fast")
		assert.Empty(t, done.line.Measures())
	})
}

func TestWhereNoAlarmIsEvaluatedADrillIsPartial(t *testing.T) {
	none := func(_ *fakeSite, e *exercise, _ context.CancelFunc) { delete(e.support, alarmEvaluation) }
	for name, c := range map[string]struct {
		drill    func(*exercise, context.Context) error
		change   func(*fakeSite, *exercise, context.CancelFunc)
		measures int
		unmet    []string
	}{
		"page":    {(*exercise).page, none, 2, nil},
		"silence": {(*exercise).silence, none, 1, nil},
		"page, where SetAlarmState notifies nobody": {(*exercise).page, func(f *fakeSite, e *exercise, s context.CancelFunc) {
			none(f, e, s)
			delete(e.support, alarmNotifications)
		}, 1, nil},
		"page, where nothing arrives": {(*exercise).page, func(f *fakeSite, e *exercise, s context.CancelFunc) {
			none(f, e, s)
			f.subscribed = false
		}, 2, []string{"a test message from the topic to the queue", "the page of page-errors, put into ALARM by hand"}},
	} {
		t.Run(name, func(t *testing.T) {
			carryOut(t, 60, c.drill, c.change, func(done carried) {
				require.NoError(t, done.err)
				assert.Contains(t, done.line.LeftOut(), "not evaluated")
				assert.Len(t, done.line.Measures(), c.measures)
				assert.Equal(t, c.unmet, done.unmet())
				assert.Equal(t, content, done.site.alarms[errorsPage].State, "it is put back")
				assert.Equal(t, before, done.left)
			})
		})
	}
}

func TestSilence(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*fakeSite, *exercise, context.CancelFunc)
		unmet   []string
		control string
		left    []string
	}{
		"nobody is woken":                   {nil, nil, "", before},
		"somebody is woken":                 {func(f *fakeSite, _ *exercise, _ context.CancelFunc) { f.wakesFor = 3 * time.Minute }, []string{"false pages in 7m0s of ordinary traffic"}, "", append(slices.Clone(before), errorsPage)},
		"a test message that does not come": {func(f *fakeSite, _ *exercise, _ context.CancelFunc) { f.swallows = true }, nil, "test message", before},
		"an outage that would not page":     {func(_ *fakeSite, e *exercise, _ context.CancelFunc) { e.duty.foresees = false }, nil, "waiting for as long", before},
		"an outage that would page later":   {func(_ *fakeSite, e *exercise, _ context.CancelFunc) { e.duty.foreseen.after = 6 * time.Minute }, nil, "waiting for as long", before},
	} {
		t.Run(name, func(t *testing.T) {
			carryOut(t, 60, (*exercise).silence, c.change, func(done carried) {
				assert.Equal(t, c.unmet, done.unmet())
				assert.Equal(t, c.left, done.left)
				if c.control == "" {
					require.NoError(t, done.err)
					assert.Len(t, done.line.Measures(), 1)
					return
				}
				var control *labs.ControlError
				require.ErrorAs(t, done.err, &control)
				assert.Contains(t, control.Control, c.control)
			})
		})
	}
}

func TestOnlyMinutesInWhichNothingWasHeardAreWritten(t *testing.T) {
	for name, heard := range map[string]int{"nothing": 0, "an hour": 60, "all of it": 360} {
		t.Run(name, func(t *testing.T) {
			carryOut(t, 60, (*exercise).page, func(f *fakeSite, _ *exercise, _ context.CancelFunc) {
				from := f.clock.Now().Add(-ordinaryPast + 20*time.Second)
				for n := range heard {
					at := from.Add(time.Duration(n) * time.Minute)
					f.found["api "+heartbeats] = append(f.found["api "+heartbeats], fmt.Sprintf(`{"time":%q}`, at.Format("2006-01-02T15:04:05.000Z07:00")), "no JSON")
				}
			}, func(done carried) {
				require.NoError(t, done.err)
				require.Len(t, done.site.past, 360-heard)
				if heard < 360 {
					first := done.site.past[0]
					assert.InDelta(t, float64(heard), first.Sub(done.site.clock.At(done.site.clock.Started).Add(-ordinaryPast)).Minutes(), 1)
				}
			})
		})
	}
}

func TestTheDrillsOrdinaryTrafficHasNoFailureInItsFirstHours(t *testing.T) {
	healthy, ok := emit.ByName(healthyTraffic)
	require.True(t, ok)
	for n := range int((lull + 2*outageObjective) / time.Minute) {
		for _, r := range emit.New(healthy, drillRate, quietSeed).Minute(n) {
			assert.False(t, r.Failed())
		}
	}
	assert.True(t, emit.New(emit.Profile{}, 1, quietSeed).Answered().Traced)
	assert.False(t, emit.New(emit.Profile{}, 1, quietSeed).Answered().Failed())
}

func TestLettersAreReadWithAnEnvelopeAndWithout(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	text := alarmText(errorsPage, inAlarm, at)
	enveloped, err := json.Marshal(map[string]string{"Type": "Notification", "Message": text})
	require.NoError(t, err)
	for _, body := range []string{text, string(enveloped)} {
		n := read(letter{Body: body})
		assert.Equal(t, errorsPage, n.Alarm)
		assert.True(t, n.At.Equal(at))
		assert.True(t, n.wakes([]string{errorsPage}, at))
		assert.False(t, n.wakes([]string{errorsPage}, at.Add(time.Millisecond)), "it is from before")
		assert.False(t, n.wakes([]string{silencePage}, at), "it is another's")
	}
	assert.False(t, read(letter{Body: alarmText(errorsPage, content, at)}).wakes([]string{errorsPage}, at), "good news")
	for _, body := range []string{"", "{", "words", `{"AlarmName":7}`, `{"AlarmName":"a","StateChangeTime":"yesterday"}`, `{"detail-type":"AWS API Call via CloudTrail"}`} {
		assert.Empty(t, read(letter{Body: body}).Alarm, body)
	}
}

func TestAPageIsFoundBehindManyOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeSite(clock.Clock{})
		for range 35 {
			f.put("somebody's own words")
		}
		f.put(alarmText(errorsPage, inAlarm, time.Now()))
		found, err := newExercise(f, testDuty(), labs.Live{}, nil).letters(t.Context(), testQueue)
		require.NoError(t, err)
		require.Len(t, found, 36)
		assert.Equal(t, errorsPage, found[35].Alarm)
	})
}

func TestWhoIsWokenByFailedRequestsIsFoundInEachForm(t *testing.T) {
	for name, want := range map[string]struct {
		errors, pagers int
		pattern        string
	}{
		reference:  {1, 3, `{ ($.event = "request") && ($.level = "ERROR") }`},
		byStatus:   {1, 3, `status`},
		metricMath: {5, 7, `ERROR`},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := readArchitecture(t.Context(), load(t, name).inventory())
			require.NoError(t, err)
			d, err := a.duty(t.Context())
			require.NoError(t, err)
			assert.Len(t, d.errors, want.errors)
			assert.Len(t, d.pagers, want.pagers)
			assert.Contains(t, d.topic, "on-call")
			assert.Contains(t, d.api, "-api")
			assert.True(t, d.foresees)
			assert.LessOrEqual(t, d.foreseen.after, outageObjective)
			for _, alarm := range d.errors {
				require.Len(t, d.ways[alarm], 1, alarm)
				assert.Contains(t, d.ways[alarm][0].pattern, want.pattern)
				assert.Contains(t, d.ways[alarm][0].group, "-api")
			}
			queue, err := a.onCallQueue(t.Context())
			require.NoError(t, err)
			assert.Contains(t, queue.QueueUrl, "on-call")
		})
	}
	mute := load(t, reference)
	mute.MetricFilters = nil
	a, err := readArchitecture(t.Context(), mute.inventory())
	require.NoError(t, err)
	_, err = a.duty(t.Context())
	require.ErrorIs(t, err, labs.ErrNothing)
}
