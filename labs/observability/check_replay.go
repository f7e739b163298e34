package observability

import (
	"context"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
)

// promises are the traffics of the scenario's objectives.
func promises() []demand {
	return []demand{
		{traffic: traffic{name: "A total outage by day", rate: byDay, lasts: time.Hour, fails: share(1, time.Hour)}, within: outageObjective},
		{traffic: traffic{name: "A total outage by night", rate: byNight, lasts: time.Hour, fails: share(1, time.Hour)}, within: outageObjective},
		{traffic: traffic{name: "Errors in 2 percent of the requests", rate: byDay, lasts: 2 * time.Hour, fails: share(0.02, 2*time.Hour)}, within: leakObjective},
		{traffic: traffic{name: "Errors in 2 percent of the requests, by night", rate: byNight, lasts: 2 * time.Hour, fails: share(0.02, 2*time.Hour)}, within: leakObjective},
		{traffic: traffic{name: "Errors in 0.05 percent of the requests, by day", rate: byDay, lasts: 8 * time.Hour, fails: share(0.0005, 8*time.Hour)}, quiet: true},
		{traffic: traffic{name: "Errors in 0.05 percent of the requests, by night", rate: byNight, lasts: 8 * time.Hour, fails: share(0.0005, 8*time.Hour)}, quiet: true},
	}
}

// burns are the traffics that a pair of windows for each burn rate tells apart, after the table of Google's workbook: 2 percent of the
// budget in an hour (14.4) and 5 percent in six (6) page; what is slower does not, nor what is short, and when it is over it is over.
// https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
func burns() []demand {
	// A window is full when it is over; a burn rate just above the alarm's takes nearly all of it.
	const full = 15 * time.Minute
	again, leaks := 4*time.Hour, 3*time.Hour
	return []demand{
		{traffic: steady("A burn rate of 15 (the fast rate is 14.4)", 15, 2*time.Hour), within: time.Hour + full},
		{traffic: steady("A burn rate of 6.5 (the slow rate is 6)", 6.5, 8*time.Hour), within: 6*time.Hour + full},
		{traffic: steady("A burn rate of 5, for 8 hours", 5, 8*time.Hour), quiet: true},
		{traffic: traffic{name: "Errors in a tenth of the requests, for 5 minutes", rate: byDay, lasts: 2 * time.Hour, fails: share(0.1, 5*time.Minute)}, quiet: true},
		{traffic: traffic{name: "A second outage, 4 hours after one of half an hour", rate: byDay, lasts: again + time.Hour, fails: func(minute int) float64 {
			if at := time.Duration(minute) * time.Minute; at < 30*time.Minute || at >= again {
				return 1
			}
			return ordinary
		}}, from: again, within: outageObjective},
		// What only the long windows see of the outage lasts into the leak: without short windows one alarm that goes on is all.
		{traffic: traffic{name: "A burn rate of 14, 3 hours after an outage of half an hour", rate: byDay, lasts: leaks + 6*time.Hour + full, fails: func(minute int) float64 {
			switch at := time.Duration(minute) * time.Minute; {
			case at < 30*time.Minute:
				return 1
			case at < leaks:
				return ordinary
			default:
				return slo().Threshold(14)
			}
		}}, from: leaks, within: 6*time.Hour + full},
	}
}

// steady is a steady burn rate.
func steady(name string, rate float64, lasts time.Duration) traffic {
	return traffic{name: name, rate: byDay, lasts: lasts, fails: share(slo().Threshold(rate), lasts)}
}

// The traffics that are drawn where all is well: the leak, and the second outage.
const shownPromise, shownBurn = 2, 4

func decideReplay(ctx context.Context, inv *inventory.Inventory) (checks.Finding, error) {
	return replayed(ctx, inv, promises(), shownPromise)
}

func decideBurn(ctx context.Context, inv *inventory.Inventory) (checks.Finding, error) {
	return replayed(ctx, inv, burns(), shownBurn)
}

// replayed plays demands on the live alarms, and draws one of them.
func replayed(ctx context.Context, inv *inventory.Inventory, demands []demand, shown int) (checks.Finding, error) {
	var drawn verdict
	finding, err := judgeAlarms(func(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
		s, err := a.stage(ctx)
		if err != nil {
			return nil, err
		}
		if len(a.pagers()) == 0 {
			o.Add("No alarm notifies a topic of " + a.inv.Scope.String() + ": nobody is woken by anything.")
			return nil, nil
		}
		var told []string
		told, drawn, err = s.judgeDemands(o, demands, shown)
		return told, err
	})(ctx, inv)
	if err != nil || drawn.said == "" {
		return finding, err
	}
	return finding.Drawn(drawn.series(), drawn.figure()...), nil
}
