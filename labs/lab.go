// Package labs is the type that describes a lab, and what the labs are made of.
//
// A lab is data plus three kinds of functions: checks that read, faults that change one thing and take it back, and
// drills. It runs nothing itself: the runner does. Nothing registers itself; the list is labs/catalogue.
package labs

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs/clock"
)

// Lab describes one lab.
type Lab struct {
	ID           string
	Title        string
	Domain       string        // the domain of the SAP-C02 exam guide
	Summary      string        // one line for the list
	Scenario     string        // the story, as paragraphs
	Architecture string        // the reference architecture as a text drawing
	Requirements []Requirement // what the scenario demands, numbered from 1
	TradeOffs    []string      // questions for the learner's worksheet
	Objectives   []Objective   // RTO, RPO, SLO where they apply
	Checks       []checks.Check
	Faults       []Fault
	Drills       []Drill
	Bill         []BillLine          // what the reference architecture consists of, by Terraform type
	Needs        []checks.Capability // what a target must show before the lab can be provisioned there

	// Uses is what hooks and drills make use of where a target shows it, and have something in the place of where not.
	Uses []checks.Capability

	// Options are the choices that there are at `labctl up`.
	Options []Option

	// AfterUp does what the lab needs and Terraform cannot do, such as the first backups. It finds things by the run's tag,
	// does nothing that is done already, and tells what takes long. Nil where there is nothing of the kind.
	AfterUp func(ctx context.Context, live Live, tell func(string)) error

	// BeforeDown clears what AWS itself puts in the way of a removal, such as deletion protection. It finds things by the
	// run's tag, and it succeeds where they are gone already. Nil where there is nothing to clear.
	BeforeDown func(ctx context.Context, live Live) error

	// Tagging says what the checks look for in an architecture that somebody else has built, for `check --tag`.
	Tagging string

	// SecondRegion names the other region that the lab works in, from the first; nil for a lab that stays in one. Terraform
	// gets it as second_region, and removal is proven in both.
	SecondRegion func(region string) string

	// Variables are further variables of the lab's Terraform, from what the target shows; nil for none.
	Variables func(support map[checks.Capability]checks.Support) map[string]any

	// Traffic writes what the architecture would write if it was used; nil where nothing is to be written.
	Traffic *Traffic

	// Explore suggests labctl commands for looking around in a run, from the values of Terraform's outputs.
	Explore func(outputs map[string]json.RawMessage) ([]Suggestion, error)
}

// Suggestion is a command worth trying, and the question that it answers.
type Suggestion struct{ Question, Command string }

// Requirement is one demand of the scenario.
type Requirement struct {
	Number int
	Text   string
}

// Objective is a number that the scenario promises: "RTO", "1 hour".
type Objective struct{ Name, Value string }

// BillLine counts the resources of one Terraform type in the reference architecture; the price table knows what one
// costs. Variant tells apart what one type covers at different prices (a VPC endpoint is of type Gateway or Interface).
// Units is the number of billable units of one resource where that is not 1 (an interface endpoint is billed per zone).
type BillLine struct {
	Type    string
	Variant string
	Count   int
	Units   int
}

// Fault is one real change to the live lab, made through the SDK, that breaks exactly the properties in Breaks.
type Fault struct {
	ID     string
	Title  string   // the symptom as a learner would hear of it; it does not give the answer away
	Answer string   // what was changed, told by `labctl fix`
	Breaks []string // ids of the checks that it must break, exactly these
	Twin   bool     // it breaks the property while the attribute that a lazy check would read stays intact
	Hints  []string // from a nudge to nearly the answer

	// Inject makes the change. What Undo needs is put in the record before the change is made.
	Inject func(ctx context.Context, live Live, record Record) error
	// Undo takes the change back. It succeeds on a lab where the change was made, half made, or never made.
	Undo func(ctx context.Context, live Live, record Record) error
}

// Live is the provisioned lab that a fault or a drill works on.
type Live struct {
	Config    aws.Config
	Inventory *inventory.Inventory
	Run       string
	Tags      map[string]string // labctl's tags of the run: whatever a fault makes carries them

	SecondRegion string // "" in a lab that stays in one

	// Clock tells what time it is there, for what is written with a time of its own.
	Clock clock.Clock

	// Support is what the target shows: a hook leaves out what cannot be done there.
	Support map[checks.Capability]checks.Support

	// Of a drill only.
	Record  Record // what its Restore needs
	Seeding Seeding
}

// Check returns the lab's check with the id.
func (l Lab) Check(id string) (checks.Check, bool) {
	for _, c := range l.Checks {
		if c.ID == id {
			return c, true
		}
	}
	return checks.Check{}, false
}

// Fault returns the lab's fault with the id.
func (l Lab) Fault(id string) (Fault, bool) {
	for _, f := range l.Faults {
		if f.ID == id {
			return f, true
		}
	}
	return Fault{}, false
}

// AsksAbout lists every capability on which something in the lab depends: whether it can be provisioned, its checks, its
// hooks and its drills. Some are there more than once.
func (l Lab) AsksAbout() []checks.Capability {
	asks := slices.Concat(l.Needs, l.Uses)
	for _, check := range l.Checks {
		asks = append(asks, check.Needs...)
	}
	for _, drill := range l.Drills {
		asks = append(append(asks, drill.Needs...), drill.Wants...)
	}
	return asks
}

// NeedsOf lists what a target must show for the fault to be one there: what the checks that it breaks need.
func (l Lab) NeedsOf(fault Fault) []checks.Capability {
	var needs []checks.Capability
	for _, id := range fault.Breaks {
		if check, ok := l.Check(id); ok {
			needs = append(needs, check.Needs...)
		}
	}
	return needs
}
