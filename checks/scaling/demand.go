package scaling

import (
	"math"
	"slices"
	"time"
)

// Unlimited is the [Service.Buffer] of a queue that keeps everything.
func Unlimited() float64 { return math.Inf(1) }

// Point is a rate of demand, in requests a second, at a moment.
type Point struct {
	At   time.Duration
	Rate float64
}

// Demand is a curve of straight lines between its points, in order of time. Before the first point and after the last one it is
// level. Two points at one moment are a jump.
type Demand []Point

// Ramp is demand that is level at base until start, rises to peak within rise, holds it for hold and falls back within fall.
func Ramp(base, peak float64, start, rise, hold, fall time.Duration) Demand {
	top, turn := start+rise, start+rise+hold
	return Demand{{0, base}, {start, base}, {top, peak}, {turn, peak}, {turn + fall, base}}
}

// Rate is the demand at a moment.
func (d Demand) Rate(at time.Duration) float64 {
	if len(d) == 0 {
		return 0
	}
	// next is the first point later than the moment, so that the last of several points at one moment counts.
	next, _ := slices.BinarySearchFunc(d, at, func(p Point, at time.Duration) int {
		if p.At <= at {
			return -1
		}
		return 1
	})
	switch next {
	case 0:
		return d[0].Rate
	case len(d):
		return d[len(d)-1].Rate
	}
	a, b := d[next-1], d[next]
	share := float64(at-a.At) / float64(b.At-a.At)
	return a.Rate + (b.Rate-a.Rate)*share
}

// Peak is the highest demand of the curve.
func (d Demand) Peak() float64 {
	peak := 0.0
	for _, p := range d {
		peak = max(peak, p.Rate)
	}
	return peak
}
