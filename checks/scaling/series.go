package scaling

// Series is a replay: what there was over time, what was decided and why, and what it comes to.
type Series struct {
	// Step is the number of seconds between samples; the facts are of each second.
	Step      int        `json:"step"`
	Samples   []Sample   `json:"samples"`
	Decisions []Decision `json:"decisions"`
	Facts     Facts      `json:"facts"`
}

// Sample is the state at a moment.
type Sample struct {
	// At is in seconds since the start.
	At int `json:"at"`
	// Demand and Capacity are in requests a second: what arrives, and what the instances that answer can carry.
	Demand   float64 `json:"demand"`
	Capacity float64 `json:"capacity"`
	// Desired is the group's desired capacity; the others count its instances.
	Desired   int `json:"desired"`
	InService int `json:"inService"`
	// Answering instances are in service, registered, running and ready.
	Answering   int `json:"answering"`
	Pending     int `json:"pending"`
	Terminating int `json:"terminating"`
	// Backlog waits; Dropped is what was refused so far.
	Backlog float64 `json:"backlog"`
	Dropped float64 `json:"dropped"`
}

// Kind says what a decision is about.
type Kind string

// The kinds of decisions.
const (
	ScaleOut  Kind = "scale-out" // the desired capacity rises
	ScaleIn   Kind = "scale-in"  // the desired capacity falls
	Blocked   Kind = "blocked"   // a policy wanted something and couldn't; said once until the reason changes
	Started   Kind = "launch"    // instances are launched
	Replaced  Kind = "replace"   // unhealthy instances are taken out
	Rebalance Kind = "rebalance" // instances are launched to balance the zones
	Happened  Kind = "event"     // something happened to the group from outside
)

// Decision is one thing that the group did or refused to do.
type Decision struct {
	At   int  `json:"at"`
	Kind Kind `json:"kind"`
	// From and To are desired capacities. They differ for ScaleOut and ScaleIn only.
	From   int    `json:"from"`
	To     int    `json:"to"`
	Reason string `json:"reason"`
}

// Facts sum up a replay. Work is in requests, moments and spans are in seconds.
type Facts struct {
	PeakDemand float64 `json:"peakDemand"`
	// Arrived is Served + Dropped + Backlog.
	Arrived float64 `json:"arrived"`
	Served  float64 `json:"served"`
	Dropped float64 `json:"dropped"`
	// Backlog waits at the end.
	Backlog      float64 `json:"backlog"`
	MaxBacklog   float64 `json:"maxBacklog"`
	MaxBacklogAt int     `json:"maxBacklogAt"`
	// DrainedAt is the moment from which on nothing waits, 0 where nothing ever did, nil where work waits at the end.
	DrainedAt *int `json:"drainedAt"`
	// BelowNeed is for how long demand was above capacity, WorstGap the largest such gap in requests a second.
	BelowNeed    int     `json:"belowNeed"`
	WorstGap     float64 `json:"worstGap"`
	MinAnswering int     `json:"minAnswering"`
	MaxInService int     `json:"maxInService"`
	// DirectionChanges counts decisions that go the other way than the one before.
	DirectionChanges int `json:"directionChanges"`
	// Flaps counts those of them that demand doesn't explain: more capacity although demand didn't rise since the decision
	// before, or less although it didn't fall.
	Flaps      int        `json:"flaps"`
	Recoveries []Recovery `json:"recoveries"`
}

// Recovery says what an event took away and when it was back.
type Recovery struct {
	At    int    `json:"at"`
	Event string `json:"event"`
	// Before and After count the instances that answer, right before and right after the event.
	Before int `json:"before"`
	After  int `json:"after"`
	// Took is until as many answer as before, or as are desired if that is fewer; nil where that didn't happen.
	Took *int `json:"took"`
}

// sampleStep is the number of seconds between samples.
const sampleStep = 10

// ledger keeps the account of a replay.
type ledger struct {
	series        Series
	backlog       float64
	waitedUntil   int
	lastDirection int
	lastDemand    float64
}

// flow lets one second pass: what arrives is carried, waits or is dropped. It returns what arrived and what was served.
func (l *ledger) flow(t int, demand, capacity, buffer float64) (arrived, served float64) {
	f := &l.series.Facts
	waited := l.backlog > 0
	served = min(l.backlog+demand, capacity)
	left := max(0, l.backlog+demand-served)
	l.backlog = min(left, buffer)
	f.Arrived += demand
	f.Served += served
	f.Dropped += left - l.backlog
	f.PeakDemand = max(f.PeakDemand, demand)
	if l.backlog > f.MaxBacklog {
		f.MaxBacklog, f.MaxBacklogAt = l.backlog, t+1
	}
	if waited || l.backlog > 0 {
		l.waitedUntil = t + 1
	}
	if demand > capacity {
		f.BelowNeed++
		f.WorstGap = max(f.WorstGap, demand-capacity)
	}
	return demand, served
}

// sized counts the fleet of a second.
func (l *ledger) sized(t int, c census, desired int) {
	f := &l.series.Facts
	if t == 0 {
		f.MinAnswering = c.answering
	}
	f.MinAnswering = min(f.MinAnswering, c.answering)
	f.MaxInService = max(f.MaxInService, c.inService)
	for n := range f.Recoveries {
		r := &f.Recoveries[n]
		if r.Took == nil && t > r.At && c.answering >= min(r.Before, desired) {
			took := t - r.At
			r.Took = &took
		}
	}
}

func (l *ledger) sample(t int, demand, unit float64, c census, desired int) {
	l.series.Samples = append(l.series.Samples, Sample{
		At: t, Demand: demand, Capacity: unit * float64(c.answering), Desired: desired, InService: c.inService,
		Answering: c.answering, Pending: c.pending, Terminating: c.terminating, Backlog: l.backlog, Dropped: l.series.Facts.Dropped,
	})
}

func (l *ledger) decide(d Decision) { l.series.Decisions = append(l.series.Decisions, d) }

// resized records a change of the desired capacity and whether it turns around without demand having done so.
func (l *ledger) resized(d Decision, demand float64) {
	l.decide(d)
	direction := 1
	if d.To < d.From {
		direction = -1
	}
	if direction == -l.lastDirection {
		l.series.Facts.DirectionChanges++
		if float64(direction)*(demand-l.lastDemand) <= 0 {
			l.series.Facts.Flaps++
		}
	}
	l.lastDirection, l.lastDemand = direction, demand
}

// finish closes the account at the end.
func (l *ledger) finish() Series {
	f := &l.series.Facts
	f.Backlog = l.backlog
	if l.backlog == 0 {
		drained := l.waitedUntil
		f.DrainedAt = &drained
	}
	return l.series
}
