package labs

import "time"

// Option is a choice that the learner has when the lab is provisioned: a flag of `labctl up`, which sets variables of the
// lab's Terraform.
type Option struct {
	Flag   string // without the dashes
	Help   string
	Values []string // the first is what is made where nothing is chosen

	// Refusal says why a value is refused unless the flag Permit is given too; it is empty for a value that is not.
	Refusal            func(value string, now time.Time) string
	Permit, PermitHelp string

	// Variables are what the value sets in the lab's Terraform.
	Variables func(value string) map[string]any
}
