package observability

import "labctl/labs"

// allFaults are the lab's faults, in the order of the checks that they break.
func allFaults() []labs.Fault {
	return []labs.Fault{}
}
