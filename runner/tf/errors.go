package tf

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	// ErrUnreachable says that the target's endpoint did not answer: the server is dead, or was never there.
	ErrUnreachable = errors.New("the target's endpoint does not answer")
	// ErrNotEmulated says that the target answered a call of the provider with something that is not AWS's API.
	ErrNotEmulated = errors.New("not emulated by this target")
	// ErrInterrupted says that Terraform was told to stop and did: its state is written and its lock is free. Error.InFlight
	// names what may exist without being in the state.
	ErrInterrupted = errors.New("interrupted; the state is safe")
	// ErrKilled says that Terraform died by a signal. Error.InFlight names what may exist without being in the state.
	ErrKilled = errors.New("terraform was killed")
	// ErrStateDamaged says that the state file is not a Terraform state, as after a KILL in the middle of a write.
	ErrStateDamaged = errors.New("terraform's state file is damaged")
)

// BusyError says that another Terraform process holds the lock of the run's state.
type BusyError struct{ PID int }

func (e *BusyError) Error() string {
	return fmt.Sprintf("another terraform process (pid %d) is still working on this run; wait until it has ended", e.PID)
}

// Severity is Terraform's own word for how bad a diagnostic is.
type Severity string

// The severities of Terraform's machine-readable output.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Diagnostic is one error or warning of Terraform or its provider.
type Diagnostic struct {
	Severity Severity
	Summary  string
	Detail   string
	Address  string // of the resource; empty where it is about none
	File     string // of the configuration; empty where it is about none
	Line     int
}

// An API call that the target does not know is answered with an HTML page. The provider's JSON protocols trip over its
// first character, the XML ones (EC2, SNS, IAM) over its markup.
var htmlAnswer = regexp.MustCompile(`invalid character '<'|xml error response.*XML syntax error|expected element type <\w+> but have <(?i:html|!doctype)`)

// apiCall is how the SDK names the call in an error: "operation error EC2: CreateVpc, ...".
var apiCall = regexp.MustCompile(`operation error ([^:,]+): (\w+)`)

func (d Diagnostic) text() string { return d.Summary + "\n" + d.Detail }

// NotEmulated returns the call, such as "EC2 CreateVpc", that the target answered with a web page instead of AWS's API.
// The answer is false for every other diagnostic.
func (d Diagnostic) NotEmulated() (call string, ok bool) {
	if !htmlAnswer.MatchString(d.text()) {
		return "", false
	}
	m := apiCall.FindStringSubmatch(d.text())
	if m == nil {
		return "a call of the provider", true
	}
	return m[1] + " " + m[2], true
}

func (d Diagnostic) unreachable() bool {
	t := d.text()
	return strings.Contains(t, "connection refused") || strings.Contains(t, "no such host")
}

// String is the diagnostic in one line, without its detail.
func (d Diagnostic) String() string {
	s := strings.Join(strings.Fields(d.Summary), " ")
	if call, ok := d.NotEmulated(); ok {
		s = ErrNotEmulated.Error() + ": " + call
	}
	if d.Address != "" && !strings.Contains(s, d.Address) {
		s = d.Address + ": " + s
	}
	return s
}

// Error is what a Terraform operation failed with. errors.Is finds ErrUnreachable, ErrNotEmulated, ErrInterrupted,
// ErrKilled and the context's error in it.
type Error struct {
	Op          string // "init", "apply", "destroy"
	Diagnostics []Diagnostic
	Output      string // the end of what Terraform wrote to standard error
	Err         error  // how the process ended
	// InFlight are the resources whose creation an interrupt or a kill cut off before the state had them. The provider
	// aborts even an API call that it has sent when Terraform is interrupted, so they may exist: only the account knows.
	InFlight []string
}

// halted is Terraform's echo of an interrupt or of another error: it tells nothing of its own.
const halted = "execution halted"

// Errors returns the diagnostics that are errors and say what went wrong.
func (e *Error) Errors() []Diagnostic {
	var errs []Diagnostic
	for _, d := range e.Diagnostics {
		if d.Severity == SeverityError && d.Summary != halted {
			errs = append(errs, d)
		}
	}
	return errs
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("terraform " + e.Op + ": ")
	errs := e.Errors()
	switch {
	case errors.Is(e.Err, ErrInterrupted):
		b.WriteString(ErrInterrupted.Error() + e.inFlight())
	case errors.Is(e.Err, ErrKilled):
		b.WriteString(e.Err.Error() + e.inFlight())
	case len(errs) > 0:
		b.WriteString(errs[0].String())
		if n := len(errs) - 1; n > 0 {
			fmt.Fprintf(&b, " (and %d more)", n)
		}
	case e.Output != "":
		fmt.Fprintf(&b, "%v: %s", e.Err, e.Output)
	default:
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

func (e *Error) inFlight() string {
	if len(e.InFlight) == 0 {
		return ""
	}
	return "; may exist without being in the state: " + strings.Join(e.InFlight, ", ")
}

// Unwrap lets errors.Is see how the process ended and what the diagnostics amount to.
func (e *Error) Unwrap() []error {
	found := []error{e.Err}
	if e.Op == opInit { // init talks to a registry, not to the target
		return found
	}
	for _, d := range e.Errors() {
		if d.unreachable() {
			found = append(found, ErrUnreachable)
		}
		if _, ok := d.NotEmulated(); ok {
			found = append(found, ErrNotEmulated)
		}
	}
	return found
}
