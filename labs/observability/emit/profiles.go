// Package emit writes what the API of the observability lab would write: log lines, and traces that join them over the hops
// from the API to the service behind it.
//
// The schema of the lines stands at the top of terraform/observability/main.tf. The services publish no metrics of their own:
// metric filters make them of the lines. Lines and segments of a request share one trace id, as they would in an application
// with X-Ray's SDK.
//
// Traffic is made up (New), without a clock and the same each time, and written (Open) at the times that the caller chooses.
// Write does both for `labctl emit`; drills use the parts.
package emit

import "labctl/labs"

// A Profile is a kind of traffic. Shares are in requests out of 10,000, evenly spread.
type Profile struct {
	Name    string
	Text    string
	Failing int // answered with 500 or 503 by the API's own fault
	Slow    int // those on POST /payments that take 1.5 to 3 seconds
}

// whole is what shares are of.
const whole = 10_000

// Profiles are all there are.
func Profiles() []Profile {
	return []Profile{
		{Name: "healthy", Failing: 1, Text: "1 request in 10,000 fails (0.01 percent), none is slow: a tenth of what the objective allows, and nobody is woken"},
		{Name: "leak", Failing: 200, Text: "1 request in 50 fails (2 percent): it burns the budget 20 times too fast, and pages within the hour"},
		{Name: "outage", Failing: whole, Text: "every request fails (100 percent): it pages within 5 minutes"},
		{Name: "slow", Failing: 1, Slow: 500, Text: "1 request in 20 on POST /payments takes 1.5 to 3 seconds (p99 over 1 second), 0.01 percent fail: it pages within 15 minutes, so let it last for 20"},
	}
}

// ByName is the profile of a name.
func ByName(name string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// Traffic is what `labctl emit` needs to know of the lab.
func Traffic() *labs.Traffic {
	var profiles []labs.Profile
	for _, p := range Profiles() {
		profiles = append(profiles, labs.Profile{Name: p.Name, Text: p.Text})
	}
	return &labs.Traffic{
		Profiles: profiles,
		Minutes:  labs.Amount{Default: 10, Least: 1, Most: 24 * 60},
		Rate:     labs.Amount{Default: 120, Least: 1, Most: 3000},
		Write:    Write,
	}
}
