package alarm

import (
	"math"
	"time"
)

// Traffic is synthetic requests, minute by minute.
type Traffic struct {
	Start time.Time
	// Requests are per minute; ErrorRate is the share of them that fails, from 0 to 1. Minutes count from 0.
	Requests  func(minute int) float64
	ErrorRate func(minute int) float64
}

// Minute is the traffic of a minute.
type Minute struct {
	At       time.Time
	Requests int
	Errors   int
}

// Minutes makes whole requests of the traffic. It is the same each time: what is less than a request is carried into the next minute,
// so that 0.05 percent of 100 requests a minute is one error each 20 minutes.
func (t Traffic) Minutes(count int) []Minute {
	out := make([]Minute, count)
	var requests, errors float64
	for n := range out {
		wanted := t.Requests(n)
		requests += wanted
		errors += wanted * t.ErrorRate(n)
		out[n] = Minute{At: t.Start.Add(time.Duration(n) * time.Minute), Requests: whole(&requests)}
		out[n].Errors = min(whole(&errors), out[n].Requests)
	}
	return out
}

// whole takes the whole part off a sum. The tolerance is for what is lost in adding up.
func whole(of *float64) int {
	taken := math.Floor(*of + 1e-9)
	*of -= taken
	return int(taken)
}
