package escalate

import "labctl/checks/policy"

// Status is what became of a path.
type Status string

// The statuses. Inconclusive means that something which is not known decides.
const (
	Open         Status = "open"
	Closed       Status = "closed"
	Inconclusive Status = "inconclusive"
)

// Path is a known way to more rights.
type Path struct {
	ID     string // slug
	Title  string
	Calls  []Call
	Gains  string
	Source string // where the path is documented
}

// Call is one API call of a path.
type Call struct {
	Action string

	// on is the kind of resource. Calls on the same kind are on the same resource.
	on kind
	// service is the service principal that gets the role, for iam:PassRole and for what bears roles.
	service string
	// gain tells whether the call on a target leads to more rights; nil where the resource is the caller's own.
	gain gain
}

// Result is a path, tried.
type Result struct {
	Path
	Status Status
	Steps  []Step // in the order of the calls; of a closed path only what decided
	// Note says why a path whose calls are allowed is not open, or what is not known.
	Note string
}

// Step is a call as it was tried.
type Step struct {
	Action   string
	Resource string // an ARN, or a pattern where any of what it matches does
	// Context is what the caller chooses in the request.
	Context  map[string][]string
	Decision policy.Decision
}

// Report is the answer for a principal.
type Report struct {
	Principal string
	// Administrator tells that the principal may do everything already, so that all paths are open and none is needed.
	Administrator bool
	Results       []Result
}

// Status is open if a path is open, inconclusive if none is and one is not known, and closed otherwise.
func (r Report) Status() Status {
	worst := Closed
	for _, result := range r.Results {
		worst = larger(worst, result.Status)
	}
	return worst
}

// With lists the results of one status.
func (r Report) With(status Status) []Result {
	var found []Result
	for _, result := range r.Results {
		if result.Status == status {
			found = append(found, result)
		}
	}
	return found
}

func (s Status) rank() int {
	switch s {
	case Open:
		return 2
	case Inconclusive:
		return 1
	default:
		return 0
	}
}

func larger(a, b Status) Status {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

func smaller(a, b Status) Status {
	if b.rank() < a.rank() {
		return b
	}
	return a
}
