// Package checks is the contract of a check and the runner that turns checks into a report.
//
// A check states one property of a live architecture and decides it from an inventory of the account. It only
// reads. What a check concludes (Finding) and what is said about it for ever (Check) are apart, so that a renderer
// can show both without a check formatting anything. Rendering lives in checks/report, deciding in the engines.
package checks

import (
	"context"

	"labctl/checks/inventory"
)

// Status is the outcome of one check.
type Status string

const (
	// Pass: the property holds in the live account.
	Pass Status = "pass"
	// Fail: the property does not hold.
	Fail Status = "fail"
	// Error: the property could not be decided (access denied, throttled past the deadline, an unknown operator).
	Error Status = "error"
	// Skip: this target cannot show the behaviour; the finding carries the reason.
	Skip Status = "skip"
)

// Evidence says what a verdict rests on.
type Evidence string

const (
	// Config: an attribute was read.
	Config Evidence = "config"
	// Analysis: an engine derived the effect from the live configuration.
	Analysis Evidence = "analysis"
	// ConfigAndAnalysis: both were needed.
	ConfigAndAnalysis Evidence = "config+analysis"
)

// Capability names a behaviour that a target shows or does not show. A target claims one only after a test on it.
type Capability string

// Check is one property of a lab's architecture.
type Check struct {
	ID          string       // slug, unique in the product: net-data-isolated
	Title       string       // the property in one sentence
	Requirement int          // the number of the lab's requirement that it proves
	Evidence    Evidence     // what the verdict rests on
	Refs        []string     // Well-Architected best practice, Security Hub control, AWS Config rule
	Needs       []Capability // what a target must show for the verdict to mean anything
	Expected    string       // what a correct architecture looks like here
	Why         string       // why it matters: one sentence that a learner keeps
	Hint        string       // where to look when it fails

	// Decide reads the inventory and concludes. An error means that the property could not be decided.
	Decide func(context.Context, *inventory.Inventory) (Finding, error)
}

// Finding is what a check concluded about the live account.
type Finding struct {
	Status Status
	// Found says what is there, a line each, with resource ids. A fail names every offender.
	Found []string
	// Resources lists the ids that the finding is about.
	Resources []string
	// Pending marks a fail that may only mean that the account has not finished making something: the runner
	// looks again, with a fresh inventory, until its deadline.
	Pending bool
	// Figure is a drawing of what was found, a line each, for a font of one width. It is shown as it is.
	Figure []string
	// Series is what the figure is drawn from, for programs: anything that encodes to JSON.
	Series any
}

// Passed concludes that the property holds.
func Passed(found ...string) Finding { return Finding{Status: Pass, Found: found} }

// Failed concludes that the property does not hold.
func Failed(found ...string) Finding { return Finding{Status: Fail, Found: found} }

// About attaches the ids of the resources that the finding is about.
func (f Finding) About(ids ...string) Finding {
	f.Resources = append(f.Resources, ids...)
	return f
}

// Drawn attaches a figure and what it is drawn from.
func (f Finding) Drawn(series any, figure ...string) Finding {
	f.Series, f.Figure = series, figure
	return f
}

// Offences collects what breaks a property, so that a check reports every offender and not only the first.
// The zero value is ready to use.
type Offences struct {
	found     []string
	resources []string
	pending   bool
}

// Add records one offender: the sentence that says what is wrong, and the ids that it is about.
func (o *Offences) Add(sentence string, ids ...string) {
	o.found = append(o.found, sentence)
	o.resources = append(o.resources, ids...)
}

// AddPending records an offender that the account may still be making.
func (o *Offences) AddPending(sentence string, ids ...string) {
	o.Add(sentence, ids...)
	o.pending = true
}

// Finding is a fail that names the offenders, or a pass with the given sentences where there are none.
func (o *Offences) Finding(pass ...string) Finding {
	if len(o.found) == 0 {
		return Passed(pass...)
	}
	return Finding{Status: Fail, Found: o.found, Resources: o.resources, Pending: o.pending}
}
