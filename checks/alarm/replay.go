package alarm

import (
	"slices"
	"time"
)

// Timeline is what alarms did over a time range.
type Timeline struct {
	// Start is the first moment, Step the time between two.
	Start time.Time
	Step  time.Duration
	// Transitions are in the order of time.
	Transitions []Transition
	// Tracks are the alarms, metric alarms first.
	Tracks []Track
}

// Track is an alarm over time: one entry for each moment of the timeline.
type Track struct {
	Alarm string
	// States are empty where the state can't be told.
	States []State
	// Values are the newest data points of a metric alarm, NaN where there is none.
	Values []float64
	// Err is the first [InvalidError] or [InconclusiveError] of the alarm.
	Err error
}

// Replay evaluates alarms on data from one moment to another, both included, as often as CloudWatch would. They begin with insufficient data:
// a replay that asks about pages needs data from some time before.
func Replay(alarms []Alarm, composites []Composite, data *Data, from, to time.Time) Timeline {
	m := NewMonitor()
	m.Define(alarms, composites)
	t := Timeline{Start: from, Step: time.Minute}
	for _, e := range m.metrics {
		if e.evaluator != nil {
			t.Step = min(t.Step, e.evaluator.Interval())
		}
		t.Tracks = append(t.Tracks, Track{Alarm: e.name})
	}
	for _, c := range composites {
		t.Tracks = append(t.Tracks, Track{Alarm: c.Name})
	}
	for at := from; !at.After(to); at = at.Add(t.Step) {
		t.Transitions = append(t.Transitions, m.Step(data, at)...)
		for n := range t.Tracks {
			track := &t.Tracks[n]
			status := m.index[track.Alarm].Status
			if status.Err != nil {
				status.State = ""
			}
			if track.Err == nil {
				track.Err = status.Err
			}
			track.States = append(track.States, status.State)
			track.Values = append(track.Values, status.Latest)
		}
	}
	return t
}

// Track is the track of an alarm.
func (t Timeline) Track(alarm string) (Track, bool) {
	at := slices.IndexFunc(t.Tracks, func(track Track) bool { return track.Alarm == alarm })
	if at < 0 {
		return Track{}, false
	}
	return t.Tracks[at], true
}

// Pages are the transitions to ALARM that notified an action, or any action if it is empty.
func (t Timeline) Pages(action string) []Transition {
	var pages []Transition
	for _, change := range t.Transitions {
		if change.To == InAlarm && len(change.Actions) > 0 && (action == "" || slices.Contains(change.Actions, action)) {
			pages = append(pages, change)
		}
	}
	return pages
}
