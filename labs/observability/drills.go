package observability

import "labctl/labs"

// allDrills are the lab's drills, in the order of its table.
func allDrills() []labs.Drill {
	return []labs.Drill{}
}
