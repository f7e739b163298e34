// Package clock tells what time it is on a target. On AWS that is the time. A local AWS can be started so that time passes
// faster there, and what takes an hour can be watched in a minute: its clock then starts in the past and catches up.
//
// It only computes: it neither waits nor asks a target.
package clock

import "time"

// Fastest is the highest speed that a clock can have.
const Fastest = 600

const (
	// lasts is how long a fast clock is fast: an hour of somebody's time.
	lasts = time.Hour
	// furthest is how far in the past a clock may start: CloudWatch Logs refuses events that are 14 days old.
	// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
	furthest = 13 * 24 * time.Hour
)

// Clock is the clock of a target. The zero value shows the real time.
type Clock struct {
	Started time.Time // the real moment at which it began to run faster
	Speed   int       // simulated seconds in a real one; 0 and 1 mean that it shows the real time
}

// fast says whether the clock ever shows anything but the real time.
func (c Clock) fast() bool { return c.Speed > 1 }

// Behind is how far in the past the clock starts: as far as it makes up for in an hour at its speed, and 13 days at the most.
func (c Clock) Behind() time.Duration {
	if !c.fast() {
		return 0
	}
	return min(time.Duration(c.Speed-1)*lasts, furthest)
}

// CatchesUp is the real moment from which on the clock shows the real time.
func (c Clock) CatchesUp() time.Time {
	if !c.fast() {
		return c.Started
	}
	return c.Started.Add(c.Behind() / time.Duration(c.Speed-1))
}

// At is what the clock shows at a real moment.
func (c Clock) At(moment time.Time) time.Time {
	if c.SpeedAt(moment) == 1 {
		return moment
	}
	return c.Started.Add(-c.Behind()).Add(moment.Sub(c.Started) * time.Duration(c.Speed))
}

// Now is what the clock shows now.
func (c Clock) Now() time.Time { return c.At(time.Now()) }

// SpeedAt is how fast the clock runs at a real moment.
func (c Clock) SpeedAt(moment time.Time) int {
	if !c.fast() || !moment.Before(c.CatchesUp()) {
		return 1
	}
	return c.Speed
}

// When is the real moment at which the clock shows a time: the inverse of At.
func (c Clock) When(shown time.Time) time.Time {
	if !c.fast() || !shown.Before(c.CatchesUp()) {
		return shown
	}
	return c.Started.Add(shown.Sub(c.Started.Add(-c.Behind())) / time.Duration(c.Speed))
}
