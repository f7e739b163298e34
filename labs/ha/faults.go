package ha

import "labctl/labs"

// allFaults are the lab's faults, in the order of the checks that they break.
func allFaults() []labs.Fault {
	return []labs.Fault{
		oneSubnet(),
		balancerZoneOff(),
		minimumHalved(),
		healthTypeEC2(), graceHour(),
		matcherWide(),
		targetPortClosed(),
		launchSuspended(), replacementSuspended(),
		maximumDesired(),
		networkOutPolicy(), scaleInOff(),
		longWarmup(),
		shortVisibility(),
		noDrain(),
		metadataOptional(),
		oneType(),
		protectionOff(),
		subscriptionDropped(), subscriptionFiltered(),
	}
}
