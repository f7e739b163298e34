// Package catalogue is the ordered list of labs: the order in which to learn.
package catalogue

import (
	"labctl/labs"
	"labctl/labs/backup"
	"labctl/labs/ha"
	"labctl/labs/iam"
	"labctl/labs/networking"
	"labctl/labs/observability"
)

// All returns the labs. Adding a lab is adding a line here.
func All() []labs.Lab {
	return []labs.Lab{
		networking.New(),    // segmentation across VPCs
		iam.New(),           // security boundaries
		ha.New(),            // survive an instance, a zone, a ramp
		backup.New(),        // bring back what was lost
		observability.New(), // from a breach to a page to a trace
	}
}
