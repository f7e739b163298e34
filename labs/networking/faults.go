package networking

import "labctl/labs"

func allFaults() []labs.Fault { return nil }
