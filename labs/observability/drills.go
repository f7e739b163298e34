package observability

import (
	"context"

	"labctl/checks"
	"labctl/labs"
)

// What the drills make use of beyond what the checks read. The local server's corrections and control loops have the same names.
const (
	alarmEvaluation    checks.Capability = "alarm-evaluation"
	metricFilterData   checks.Capability = "metric-filter-data"
	alarmNotifications checks.Capability = "alarm-notifications" // SetAlarmState notifies
	logPatterns        checks.Capability = "log-patterns"
	traceSummaries     checks.Capability = "trace-summaries"
)

// allDrills are the lab's drills, in the order of its table.
func allDrills() []labs.Drill {
	evaluated := []checks.Capability{metricFilterData, alarmEvaluation}
	return []labs.Drill{{
		ID:        "page",
		Title:     "Every request fails. How long until somebody is woken?",
		Measures:  "Six ordinary hours are written, then an outage, as it comes; the time from its first request until the alarm is in ALARM, and until the page is in the on-call queue.",
		Objective: "A total outage pages within 5 minutes.",
		Needs:     []checks.Capability{alarmProtocol},
		Wants:     evaluated,
		Run:       exercised((*exercise).page),
		Restore:   putAway,
	}, {
		ID:        "correlate",
		Title:     "From the page to the trace: does one id lead there?",
		Measures:  "A request that fails is written, and one that does not; from a page over the filter of its alarm to the log line, and from the line's id to the trace and the other service's line. The alarm is put into ALARM by hand.",
		Objective: "Page, line and trace are joined by one id, and lead to no other request.",
		Needs:     []checks.Capability{alarmProtocol, metricFilters, logPatterns},
		Wants:     []checks.Capability{alarmNotifications, traceGroups, traceSummaries},
		Run:       exercised((*exercise).correlate),
		Restore:   putAway,
	}, {
		ID:        "silence",
		Title:     "All is well. Is nobody woken?",
		Measures:  "Ordinary traffic is written for longer than the page of an outage may take; the pages that come nevertheless. First a test message has to arrive, and the alarms have to have data.",
		Objective: "No false page.",
		Needs:     []checks.Capability{alarmProtocol},
		Wants:     evaluated,
		Run:       exercised((*exercise).silence),
		Restore:   putAway,
	}}
}

// exercised makes a drill's function of one that is carried out on the lab as it is.
func exercised(carryOut func(*exercise, context.Context) error) func(context.Context, labs.Live, *labs.TimeLine) error {
	return func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
		d, err := planDuty(ctx, live)
		if err != nil {
			return err
		}
		return carryOut(newExercise(accountSite{live}, d, live, line), ctx)
	}
}

// putAway takes away what a drill of this lab has left.
func putAway(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	e := newExercise(accountSite{live}, duty{}, live, line)
	return e.putAway(ctx)
}
