package runner

import (
	"time"

	"labctl/checks"
	"labctl/labs"
)

// Event is what the runner tells a renderer while it works. The types below are all there are.
type Event interface{ event() }

// Step begins a part of the work: "Starting the local AWS", "Provisioning networking".
type Step struct{ Text string }

// Note says something worth knowing about the step in hand.
type Note struct{ Text string }

// Warning says something that the learner should act on; the work goes on.
type Warning struct{ Text string }

// Phase is where the work on one resource stands.
type Phase string

// The phases of the work on one resource.
const (
	Started Phase = "started"
	Working Phase = "working" // still at it: sent every ten seconds
	Done    Phase = "done"
	Failed  Phase = "failed"
)

// Resource reports the work on one resource. Total is zero until Terraform has planned.
type Resource struct {
	Address string // aws_vpc.this["prod"]
	Action  string // create, update, delete, ...
	Phase   Phase
	Elapsed time.Duration
	Done    int // resources finished so far
	Total   int // resources to work on in all
}

// Checked reports one check's result as it is decided.
type Checked struct {
	Result checks.Result
	Done   int
	Total  int
}

// Counted reports how far a drill is with something that takes a while.
type Counted struct{ labs.Progress }

func (Step) event()     {}
func (Note) event()     {}
func (Warning) event()  {}
func (Resource) event() {}
func (Checked) event()  {}
func (Counted) event()  {}
