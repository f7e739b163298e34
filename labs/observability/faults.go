package observability

import "labctl/labs"

// allFaults are the lab's faults, in the order of the checks that they break.
func allFaults() []labs.Fault {
	return []labs.Fault{
		neverExpire(), keyAsleep(),
		wrongCase(),
		noDefault(),
		ratioInverted(), averagesOfCounts(),
		slowRate144(), longWindowsOnly(),
		thirtyDataPoints(), pageThatWaits(),
		dimensionRenamed(), wrongUnit(),
		actionsOff(), subscriptionGone(),
		keyWithoutAlarms(), keyForOtherAlarms(),
		silenceUnheard(), silenceCounted(),
		workPages(), workForEver(),
		samplingZero(), samplingShadowed(), groupOfAnother(),
		descriptionBlank(), runbookLater(),
		staleWidget(), widgetOfNothing(),
		changeRuleOff(), changeUndelivered(), changeMismatched(),
		userDimension(),
		topicPublic(), topicForAnyAlarm(), queueForAnyTopic(),
	}
}
