package tf

import (
	"encoding/json"
	"time"
)

// Kind says what an Event reports.
type Kind int

// The kinds of events, in the order in which an operation sends them.
const (
	Planned    Kind = iota + 1 // a resource will be acted on
	Plan                       // the plan is complete: Summary has the totals
	Started                    // an action on a resource began
	Progress                   // it still runs; sent every ten seconds
	Done                       // it ended well
	Failed                     // it ended badly; the reason follows as a Diagnosed event
	Diagnosed                  // an error or a warning
	Stopping                   // Terraform has heard the interrupt
	Summarised                 // the operation is complete: Summary has what was done
)

// Action is Terraform's word for what it does to a resource.
type Action string

// The actions of the machine-readable output.
const (
	Create  Action = "create"
	Read    Action = "read"
	Update  Action = "update"
	Replace Action = "replace"
	Delete  Action = "delete"
)

// Event is one step of a running operation.
type Event struct {
	Kind       Kind
	Time       time.Time
	Address    string // of the resource, as in "aws_subnet.app[\"a\"]"
	Type       string // of the resource, as in "aws_subnet"
	ID         string // known from Done on
	Action     Action
	Elapsed    time.Duration // since Started, of Progress, Done and Failed
	Summary    Summary       // of Plan and Summarised
	Diagnostic Diagnostic    // of Diagnosed
}

// Summary counts the resources of a plan or of a complete operation.
type Summary struct {
	Add    int `json:"add"`
	Change int `json:"change"`
	Remove int `json:"remove"`
}

// jsonLine is the part of Terraform's machine-readable output that matters here; terraform-json has no types for the
// messages of apply (https://developer.hashicorp.com/terraform/internals/machine-readable-ui).
type jsonLine struct {
	Message    string          `json:"@message"`
	Time       time.Time       `json:"@timestamp"`
	Type       string          `json:"type"`
	Hook       resourceMessage `json:"hook"`
	Change     resourceMessage `json:"change"`
	Diagnostic struct {
		Severity Severity `json:"severity"`
		Summary  string   `json:"summary"`
		Detail   string   `json:"detail"`
		Address  string   `json:"address"`
		Range    struct {
			Filename string `json:"filename"`
			Start    struct {
				Line int `json:"line"`
			} `json:"start"`
		} `json:"range"`
	} `json:"diagnostic"`
	Changes struct {
		Summary
		Operation string `json:"operation"`
	} `json:"changes"`
}

type resourceMessage struct {
	Resource struct {
		Addr string `json:"addr"`
		Type string `json:"resource_type"`
	} `json:"resource"`
	Action  Action  `json:"action"`
	IDValue string  `json:"id_value"`
	Elapsed float64 `json:"elapsed_seconds"`
}

// decoder turns the lines of one operation into events. It remembers when each action began, since Terraform rounds
// what it reports to whole seconds.
type decoder struct {
	started     map[string]time.Time
	creating    map[string]bool // addresses whose creation began and did not end well
	diagnostics []Diagnostic
}

func newDecoder() *decoder {
	return &decoder{started: map[string]time.Time{}, creating: map[string]bool{}}
}

var hookKinds = map[string]Kind{
	"apply_start": Started, "apply_progress": Progress, "apply_complete": Done, "apply_errored": Failed,
}

// decode returns the event of one line. Lines that are no JSON or tell nothing about the operation have none.
func (d *decoder) decode(line []byte) (Event, bool) {
	var l jsonLine
	if json.Unmarshal(line, &l) != nil {
		return Event{}, false
	}
	e := Event{Time: l.Time}
	switch l.Type {
	case "planned_change":
		e.Kind = Planned
		e.setResource(l.Change)
	case "apply_start", "apply_progress", "apply_complete", "apply_errored":
		e.Kind = hookKinds[l.Type]
		e.setResource(l.Hook)
		e.Elapsed = d.elapsed(e, l.Hook)
		switch {
		case e.Kind == Started && e.Action == Create:
			d.creating[e.Address] = true
		case e.Kind == Done && e.Action == Create:
			delete(d.creating, e.Address)
		}
	case "change_summary":
		e.Kind, e.Summary = Summarised, l.Changes.Summary
		if l.Changes.Operation == "plan" {
			e.Kind = Plan
		}
	case "diagnostic":
		g := l.Diagnostic
		e.Kind, e.Address = Diagnosed, g.Address
		e.Diagnostic = Diagnostic{Severity: g.Severity, Summary: g.Summary, Detail: g.Detail, Address: g.Address,
			File: g.Range.Filename, Line: g.Range.Start.Line}
		d.diagnostics = append(d.diagnostics, e.Diagnostic)
	case "log":
		if !isInterruptMessage(l.Message) {
			return Event{}, false
		}
		e.Kind = Stopping
	default:
		return Event{}, false
	}
	return e, true
}

func (e *Event) setResource(m resourceMessage) {
	e.Address, e.Type, e.Action, e.ID = m.Resource.Addr, m.Resource.Type, m.Action, m.IDValue
}

func (d *decoder) elapsed(e Event, m resourceMessage) time.Duration {
	key := string(e.Action) + " " + e.Address
	if e.Kind == Started {
		d.started[key] = e.Time
		return 0
	}
	if began, ok := d.started[key]; ok {
		return e.Time.Sub(began)
	}
	return time.Duration(m.Elapsed * float64(time.Second))
}
