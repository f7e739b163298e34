package iam

import "labctl/labs"

// allFaults are the lab's faults, in the order of the checks that they break.
func allFaults() []labs.Fault {
	return []labs.Fault{
		boundaryDropped(), boundaryOptional(), boundaryEditable(), boundaryRemovable(),
		privescVersion(), privescTrust(),
		passRoleAny(),
		externalIDOptional(), deputyOpen(), trustAnyone(),
		orgNoServices(), orgNoDelivery(),
		abacRetag(), abacUntagged(),
		tlsObjectsOnly(), sseAlgorithmOnly(),
		kmsAdminAll(), rotationOff(),
		publicAccessHalf(),
		trailStopped(), trailUnvalidated(),
		logsDeletable(), dataEventsWriteOnly(), tamperTypo(),
		userWithKey(), analyzerDeleted(),
	}
}
