package alarm

import "time"

// SLO is a service level objective: a share of good requests over a window.
//
// Burn rates are those of Google's Site Reliability Workbook, chapter 5 ("Alerting on SLOs",
// https://sre.google/workbook/alerting-on-slos/): at a burn rate of 1 the budget lasts exactly the window.
type SLO struct {
	// Objective is a share between 0 and 1, for example 0.999.
	Objective float64
	Window    time.Duration
}

// Budget is the share of requests that may fail.
func (s SLO) Budget() float64 { return 1 - s.Objective }

// Threshold is the error rate at which the budget burns at a rate: an alarm on errors over requests compares with it.
func (s SLO) Threshold(burnRate float64) float64 { return burnRate * s.Budget() }

// BurnRate is how fast an error rate burns the budget.
func (s SLO) BurnRate(errorRate float64) float64 { return errorRate / s.Budget() }

// Spent is the share of the budget that a burn rate spends in some time: 14.4 in an hour is 2 percent of a 30-day budget.
func (s SLO) Spent(burnRate float64, in time.Duration) float64 {
	return burnRate * in.Hours() / s.Window.Hours()
}

// BurnRateFor is the burn rate that spends a share of the budget in some time; the inverse of Spent.
func (s SLO) BurnRateFor(spent float64, in time.Duration) float64 {
	return spent * s.Window.Hours() / in.Hours()
}
