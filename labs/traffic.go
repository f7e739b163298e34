package labs

import (
	"context"
	"time"
)

// Traffic writes what the architecture of a lab writes while it is used, so that a learner can watch what becomes of it.
type Traffic struct {
	Profiles []Profile // the first is the one where none is named
	Minutes  Amount    // how long
	Rate     Amount    // requests a minute

	// Write writes traffic to a live lab, and shows how far it is. What it has written when ctx ends or something fails is
	// told beside the error.
	Write func(ctx context.Context, live Live, e Emission, show func(Progress)) (Emitted, error)
}

// Profile is a kind of traffic.
type Profile struct {
	Name string // "leak"
	Text string // what it is in numbers, and what should become of it
}

// Emission is traffic to write. The same seed gives the same requests, but for their time.
type Emission struct {
	Profile string
	Minutes int // of the target's time
	Rate    int // requests a minute
	Seed    uint64
	AtOnce  bool // the minutes that are over now, at once, and not those that come, as they come
}

// Emitted is what was written.
type Emitted struct {
	From, To         time.Time // of the target's time
	Requests, Failed int
	Lines, Traces    int
	Missing          string       // what could not be written, and why; "" where everything was
	Next             []Suggestion // commands of labctl and of the AWS CLI ("aws ...")
}
