package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clock drives a monitor whose child alarms are set by hand, a second at a time.
type clock struct {
	*Monitor
	t *testing.T
}

func minute(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// set puts a child into a state without more data: its next evaluation is the next minute.
func (c clock) set(alarm string, state State, second int) []Transition {
	c.t.Helper()
	out, err := c.Set(alarm, state, "by hand", noon.Add(time.Duration(second)*time.Second))
	require.NoError(c.t, err)
	return out
}

func (c clock) step(second int) []Transition {
	return c.Step(NewData(), noon.Add(time.Duration(second)*time.Second))
}

func TestAnAlarmNotifiesOnlyWhenItChanges(t *testing.T) {
	data := NewData()
	for n, v := range []float64{0, 0, 5, 5, 5, 0, 0} {
		data.Put(errs, "Count", Value(minute(n), v))
	}
	a := above(2, 2)
	timeline := Replay([]Alarm{a}, nil, data, minute(0), minute(12))
	type change struct {
		at       int
		from, to State
		actions  []string
	}
	var got []change
	for _, tr := range timeline.Transitions {
		assert.Equal(t, a.ARN, tr.ARN)
		got = append(got, change{int(tr.At.Sub(noon).Minutes()), tr.From, tr.To, tr.Actions})
	}
	assert.Equal(t, []change{
		{1, InsufficientData, OK, []string{"calm"}},
		{4, OK, InAlarm, []string{"page"}},
		{6, InAlarm, OK, []string{"calm"}},
		{11, OK, InsufficientData, []string{"blind"}},
	}, got)
	assert.Len(t, timeline.Pages(""), 1)
	assert.Len(t, timeline.Pages("page"), 1)
	assert.Empty(t, timeline.Pages("someone else"))
}

func TestWithActionsDisabledTheStateChangesAndNobodyIsNotified(t *testing.T) {
	a := above(1, 1)
	a.ActionsEnabled = false
	timeline := Replay([]Alarm{a}, nil, drawn("X"), noon, noon)
	require.Len(t, timeline.Transitions, 1)
	assert.Equal(t, InAlarm, timeline.Transitions[0].To)
	assert.Empty(t, timeline.Transitions[0].Actions)
	assert.Equal(t, ByActionsDisabled, timeline.Transitions[0].Withheld)
	assert.Empty(t, timeline.Pages(""))
}

func TestAStateThatIsSetLastsUntilTheNextEvaluation(t *testing.T) {
	m := NewMonitor()
	m.Define([]Alarm{above(1, 1)}, nil)
	data := drawn("0")
	m.Step(data, noon)
	set, err := m.Set("errors", InAlarm, "testing purposes", noon.Add(20*time.Second))
	require.NoError(t, err)
	require.Len(t, set, 1)
	assert.Equal(t, []string{"page"}, set[0].Actions)
	assert.Equal(t, "testing purposes", set[0].Reason)
	assert.Empty(t, m.Step(data, noon.Add(40*time.Second)))
	back := m.Step(data, noon.Add(time.Minute))
	require.Len(t, back, 1)
	assert.Equal(t, OK, back[0].To)

	again, err := m.Set("errors", OK, "the state that it has", noon.Add(70*time.Second))
	require.NoError(t, err)
	assert.Empty(t, again)
	_, err = m.Set("nothing", OK, "", noon)
	require.ErrorAs(t, err, new(*InvalidError))
	_, err = m.Set("errors", "FINE", "", noon)
	require.ErrorAs(t, err, new(*InvalidError))
}

func TestARedefinedAlarmKeepsItsState(t *testing.T) {
	m := NewMonitor()
	m.Define([]Alarm{above(1, 1)}, nil)
	m.Step(drawn("X"), noon)
	changed := above(1, 1)
	changed.Threshold = 100
	m.Define([]Alarm{changed}, nil)
	status, ok := m.Status(changed.ARN)
	require.True(t, ok)
	assert.Equal(t, InAlarm, status.State)
	m.Step(drawn("X"), noon)
	status, _ = m.Status("errors")
	assert.Equal(t, OK, status.State, "a new definition is evaluated at once")
	m.Define(nil, nil)
	_, ok = m.Status("errors")
	assert.False(t, ok)
	m.Define([]Alarm{changed}, nil)
	status, _ = m.Status("errors")
	assert.Equal(t, "Unchecked: Initial alarm creation", status.Reason)
	assert.Equal(t, InsufficientData, status.State)
}

func TestAnAlarmThatCanNotBeDecidedKeepsItsLastStateAndSaysSo(t *testing.T) {
	broken := above(1, 1)
	broken.Name, broken.ARN, broken.ThresholdMetricID = "band", "", "ad1"
	fine := above(1, 1)
	rule := Composite{Name: "both", Actions: Actions{ActionsEnabled: true, AlarmActions: []string{"page"}}, AlarmRule: "ALARM(errors) OR NOT ALARM(band)"}
	timeline := Replay([]Alarm{broken, fine}, []Composite{rule}, drawn("00X"), minute(-1), minute(0))
	for alarm, want := range map[string]bool{"band": true, "errors": false, "both": true} {
		track, ok := timeline.Track(alarm)
		require.True(t, ok)
		if want {
			require.ErrorAs(t, track.Err, new(*InconclusiveError), alarm)
		} else {
			require.NoError(t, track.Err)
		}
	}
	both, _ := timeline.Track("both")
	assert.Equal(t, []State{"", InAlarm}, both.States, "the second is decided whatever the band is")

	m := NewMonitor()
	m.Define([]Alarm{fine}, nil)
	m.Step(drawn("X"), noon)
	twoUnits := drawn("X")
	twoUnits.Put(errs, "Percent", Value(noon, 1))
	assert.Empty(t, m.Step(twoUnits, minute(1)))
	status, _ := m.Status("errors")
	assert.Equal(t, InAlarm, status.State)
	require.ErrorAs(t, status.Err, new(*InconclusiveError))
	m.Step(drawn("X"), minute(2))
	status, _ = m.Status("errors")
	require.NoError(t, status.Err)
}

func composites(t *testing.T, list ...Composite) clock {
	m := NewMonitor()
	quiet := above(1, 1) // evaluated at noon: it has no data and stays where it is put
	quiet.TreatMissingData = "ignore"
	other, maintenance := quiet, quiet
	other.Name, other.ARN = "other", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:other"
	maintenance.Name, maintenance.ARN = "maintenance", ""
	for n := range list {
		list[n].ActionsEnabled, list[n].AlarmActions, list[n].OKActions = true, []string{"page"}, []string{"calm"}
	}
	m.Define([]Alarm{quiet, other, maintenance}, list)
	c := clock{m, t}
	c.step(0)
	for _, alarm := range []string{"errors", "other", "maintenance"} {
		c.set(alarm, OK, 0)
	}
	return c
}

func TestACompositeAlarmFollowsItsChildren(t *testing.T) {
	c := composites(t,
		Composite{Name: "top", AlarmRule: "ALARM(pair) AND NOT ALARM(maintenance)"}, // before the one that it watches
		Composite{Name: "pair", AlarmRule: "ALARM(errors) AND ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:other)"})
	status, _ := c.Status("top")
	assert.Equal(t, OK, status.State)
	require.Len(t, c.set("errors", InAlarm, 60), 1)
	got := c.set("other", InAlarm, 70)
	require.Len(t, got, 3)
	assert.Equal(t, []string{"other", "pair", "top"}, []string{got[0].Alarm, got[1].Alarm, got[2].Alarm})
	assert.Equal(t, []string{"page"}, got[2].Actions)
	assert.Equal(t, "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:other transitioned to ALARM at Monday 02 March, 2026 12:01:10 UTC", got[1].Reason)
	assert.Len(t, c.set("maintenance", InAlarm, 80), 2)
	status, _ = c.Status("top")
	assert.Equal(t, OK, status.State)
}

func TestACompositeAlarmThatIsSetStaysUntilAChildChanges(t *testing.T) {
	c := composites(t, Composite{Name: "both", AlarmRule: "ALARM(errors)"})
	require.Len(t, c.set("both", InAlarm, 10), 1)
	assert.Empty(t, c.step(120))
	got := c.set("errors", InsufficientData, 130)
	require.Len(t, got, 2)
	assert.Equal(t, "both", got[1].Alarm)
	assert.Equal(t, OK, got[1].To)
}

func TestARuleOfConstantsIsDecidedWhenItIsCreated(t *testing.T) {
	m := NewMonitor()
	m.Define(nil, []Composite{{Name: "always", AlarmRule: "TRUE"}, {Name: "never", AlarmRule: "False"}})
	got := m.Step(NewData(), noon)
	require.Len(t, got, 2)
	assert.Equal(t, []State{InAlarm, OK}, []State{got[0].To, got[1].To})
	assert.Equal(t, "always was created and its alarm rule evaluates to ALARM", got[0].Reason)
	assert.Empty(t, m.Step(NewData(), minute(1)))
}

// "the evaluation of composite alarms stops if CloudWatch detects a cycle in the evaluation path".
func TestCompositeAlarmsInACircleAreInconclusiveUntilItIsCut(t *testing.T) {
	circle := []Composite{{Name: "a", AlarmRule: "ALARM(b) OR TRUE"}, {Name: "b", AlarmRule: "ALARM(a)"}, {Name: "c", AlarmRule: "OK(b)"}, {Name: "self", AlarmRule: "OK(self)"}, {Name: "free", AlarmRule: "TRUE"}}
	m := NewMonitor()
	m.Define(nil, circle)
	got := m.Step(NewData(), noon)
	require.Len(t, got, 1)
	assert.Equal(t, "free", got[0].Alarm)
	for _, name := range []string{"a", "b", "c", "self"} {
		status, _ := m.Status(name)
		require.ErrorAs(t, status.Err, new(*InconclusiveError), name)
	}
	circle[0].AlarmRule = "False"
	m.Define(nil, circle)
	m.Step(NewData(), minute(1))
	for name, want := range map[string]State{"a": OK, "b": OK, "c": InAlarm} {
		status, _ := m.Status(name)
		require.NoError(t, status.Err)
		assert.Equal(t, want, status.State, name)
	}
}

func TestARuleThatIsNoneMakesItsAlarmInvalid(t *testing.T) {
	m := NewMonitor()
	m.Define(nil, []Composite{{Name: "a", AlarmRule: "ALARM("}})
	m.Step(NewData(), noon)
	status, _ := m.Status("a")
	require.ErrorAs(t, status.Err, new(*InvalidError))
}

// Create_Composite_Alarm_Suppression: seconds after noon, with a wait period of 60 and an extension period of 30 seconds.
func TestASuppressorWithholdsTheActionsOfACompositeAlarm(t *testing.T) {
	type event struct {
		second int
		alarm  string // which changes; empty to let time pass
		to     State
	}
	type told struct {
		second   int
		actions  string
		withheld Withheld
		late     bool
	}
	for name, row := range map[string]struct {
		events []event
		want   []told
	}{
		"the wait period ends without the suppressor": {
			[]event{{100, "errors", InAlarm}, {159, "", ""}, {160, "", ""}},
			[]told{{100, "", ByWaitPeriod, false}, {160, "page", "", true}},
		},
		"the suppressor comes within the wait period": {
			[]event{{100, "errors", InAlarm}, {140, "maintenance", InAlarm}, {160, "", ""}, {500, "", ""}},
			[]told{{100, "", ByWaitPeriod, false}},
		},
		"the alarm ends within the wait period": {
			[]event{{100, "errors", InAlarm}, {140, "errors", OK}, {160, "", ""}, {500, "", ""}},
			[]told{{100, "", ByWaitPeriod, false}, {140, "", ByWaitPeriod, false}},
		},
		"the alarm comes and goes while suppressed": {
			[]event{{100, "maintenance", InAlarm}, {110, "errors", InAlarm}, {170, "errors", OK}, {200, "maintenance", OK}, {300, "", ""}},
			[]told{{110, "", ByAlarm, false}, {170, "", ByAlarm, false}},
		},
		"the alarm outlives the suppressor by more than the extension period": {
			[]event{{100, "maintenance", InAlarm}, {110, "errors", InAlarm}, {200, "maintenance", OK}, {229, "", ""}, {230, "", ""}, {240, "errors", OK}, {300, "", ""}},
			[]told{{110, "", ByAlarm, false}, {230, "page", "", true}, {240, "", ByWaitPeriod, false}, {300, "calm", "", true}},
		},
		"the alarm ends within the extension period": {
			[]event{{100, "maintenance", InAlarm}, {110, "errors", InAlarm}, {200, "maintenance", OK}, {229, "errors", OK}, {300, "", ""}},
			[]told{{110, "", ByAlarm, false}, {229, "", ByExtensionPeriod, false}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := composites(t, Composite{Name: "shop", AlarmRule: "ALARM(errors)", ActionsSuppressor: "maintenance",
				ActionsSuppressorWaitPeriod: 60, ActionsSuppressorExtensionPeriod: 30})
			c.step(90) // the first evaluation, which waits too, is over
			var got []told
			for _, e := range row.events {
				var changes []Transition
				if e.alarm == "" {
					changes = c.step(e.second)
				} else {
					changes = c.set(e.alarm, e.to, e.second)
				}
				for _, tr := range changes {
					if tr.Alarm == "shop" {
						actions := ""
						if len(tr.Actions) > 0 {
							actions = tr.Actions[0]
						}
						got = append(got, told{e.second, actions, tr.Withheld, tr.Late})
					}
				}
			}
			assert.Equal(t, row.want, got)
		})
	}
}

func TestASuppressorThatDoesNotExistIsInconclusive(t *testing.T) {
	c := composites(t, Composite{Name: "shop", AlarmRule: "ALARM(errors)", ActionsSuppressor: "gone"})
	for _, tr := range c.set("errors", InAlarm, 10) {
		if tr.Alarm == "shop" {
			assert.Empty(t, tr.Actions)
		}
	}
	status, _ := c.Status("shop")
	require.ErrorAs(t, status.Err, new(*InconclusiveError))
}
