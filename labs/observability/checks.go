package observability

import "labctl/checks"

// What a target must show beyond what every emulator of these services does. The local server's corrections have the same names.
const (
	compositeAlarms checks.Capability = "composite-alarms"
	traceRules      checks.Capability = "trace-rules"
)

// allChecks are the lab's properties, in the order of its table.
func allChecks() []checks.Check {
	return []checks.Check{}
}
