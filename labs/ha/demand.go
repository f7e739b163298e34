package ha

import "time"

// What the scenario demands. These are facts of the story and not of the account: an architecture that could state its own
// demand would always be large enough. terraform/ha/main.tf is sized after the same numbers.
const (
	baseRate     = 16.0  // requests a second on an ordinary day
	peakRate     = 128.0 // eight times as many
	rampTime     = 10 * time.Minute
	instanceRate = 10.0             // requests a second that one instance carries
	workTime     = 30 * time.Second // what a worker needs for one order when the payment dependency is slow

	requestBytes, answerBytes = 1_000.0, 30_000.0 // a visitor's request, and the page that answers it

	launchTime = 60 * time.Second // from a launch to InService
	readyTime  = 30 * time.Second // from InService until the site answers
)

// What the scenario promises.
const (
	instanceObjective = 5 * time.Minute
	zoneObjective     = 15 * time.Minute
	// drainObjective is how long after the sale begins work may wait: until demand has ceased to grow.
	drainObjective = rampTime
)
