package loop

import (
	"context"
	"time"

	"labctl/checks/alarm"
)

// Source is the server that a loop serves. What is answered with a [*RefusedError] is not given again, lest a page comes twice;
// after any other error the loop tries again.
type Source interface {
	// Feed is what happened since a cursor, and the definitions if they are not those of the revision. Both begin at 0. The
	// cursor of the next call says that everything before it was received.
	Feed(ctx context.Context, cursor, revision int64) (Feed, error)
	// PutPoints stores the data points of metric filters.
	PutPoints(ctx context.Context, points []Point) error
	// PutTransitions stores transitions and publishes their actions. What could not be published is told in words.
	PutTransitions(ctx context.Context, transitions []Transition) (problems []string, err error)
	// SetClock sets the clock of the server.
	SetClock(ctx context.Context, now time.Time, speed int) error
}

// Feed is an answer of a Source.
type Feed struct {
	Cursor, Revision int64
	More             bool // there is more to read at once

	Points      []Point // of clients, not those of metric filters
	Lines       []Line
	Sets        []Set
	Definitions *Definitions // nil if they are those of the revision asked for
}

// Place is where alarms, metrics and log groups live: they see nothing of those in other places.
type Place struct{ Account, Region string }

// Point is a data point.
type Point struct {
	Place
	Metric alarm.Metric
	Unit   string
	alarm.Datum
}

// Line is a log event.
type Line struct {
	Place
	Group   string
	At      time.Time // its time stamp
	Message string
}

// Set is a SetAlarmState of a client.
type Set struct {
	Place
	Alarm    string
	State    alarm.State
	Reason   string
	At       time.Time
	Notified bool // the server has taken the actions itself
}

// Transition is a transition of an alarm somewhere.
type Transition struct {
	Place
	alarm.Transition
}

// Definitions are all that is defined, everywhere.
type Definitions struct {
	Alarms     map[Place][]alarm.Alarm
	Composites map[Place][]alarm.Composite
	States     map[Place]map[string]alarm.State // as the server has them, by name of the alarm
	Filters    []Filter
}

// Filter is a metric filter. Fields are those of the API.
type Filter struct {
	Place
	Name, Pattern, Group string
	Transformations      []Transformation
}

// Transformation is how a metric filter makes a data point of a match.
type Transformation struct {
	Namespace, Name, Value, Unit string
	Default                      *float64
	Dimensions                   map[string]string
}
