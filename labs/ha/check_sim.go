package ha

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/plot"
	"labctl/checks/report/typeset"
	"labctl/checks/scaling"
	"labctl/labs/say"
)

// decideSim replays the sale through each group, and then again with each zone lost at the peak.
func decideSim(ctx context.Context, inv *inventory.Inventory) (checks.Finding, error) {
	var shown *scaling.Series
	decide := judge(func(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
		var told []string
		for _, group := range a.groups {
			scenario, leftOut, err := a.scenarioOf(ctx, group)
			if err != nil {
				return nil, err
			}
			if steered := len(scenario.Policies.TargetTracking) + len(scenario.Policies.Step) + len(scenario.Policies.Simple); steered == 0 && len(leftOut) > 0 {
				return nil, fmt.Errorf("the policies of group %s cannot be replayed: %s", group.AutoScalingGroupName, say.List(leftOut))
			}
			series, err := judgeRamp(o, group.AutoScalingGroupName, scenario)
			if errors.Is(err, scaling.ErrScenario) {
				o.Add(fmt.Sprintf("Group %s: %s", group.AutoScalingGroupName, say.Sentence(err.Error())), group.AutoScalingGroupName)
				continue
			}
			if err != nil {
				return nil, err
			}
			if shown == nil {
				shown = &series
			}
			told = append(told, tellRamp(group.AutoScalingGroupName, series))
			if len(leftOut) > 0 {
				told = append(told, fmt.Sprintf("Left out of the replay: %s.", say.List(leftOut)))
			}
		}
		return told, nil
	})
	finding, err := decide(ctx, inv)
	if err != nil || shown == nil {
		return finding, err
	}
	return finding.Drawn(shown, scaling.Plot(*shown, plot.Options{Width: plotWidth, Height: plotHeight})...), nil
}

// The figure fits a terminal of 80 columns.
const plotWidth, plotHeight = 74, 17

func judgeRamp(o *checks.Offences, name string, scenario scaling.Scenario) (scaling.Series, error) {
	scenario, err := settled(scenario)
	if err != nil {
		return scaling.Series{}, fmt.Errorf("replaying group %s: %w", name, err)
	}
	series, err := scaling.Simulate(scenario)
	if err != nil {
		return series, fmt.Errorf("replaying group %s: %w", name, err)
	}
	facts := series.Facts
	objective := saleBegins + drainObjective
	switch {
	case facts.DrainedAt == nil:
		o.Add(fmt.Sprintf("Group %s never drains: %.0f requests wait at the end, and up to %.0f did. %s", name, facts.Backlog, facts.MaxBacklog, tellGrowth(series)), name)
	case seconds(*facts.DrainedAt) > objective:
		o.Add(fmt.Sprintf("Group %s lets work wait until %s after the sale has begun, up to %.0f requests; demand has ceased to grow after %s. %s", name, seconds(*facts.DrainedAt)-saleBegins, facts.MaxBacklog, rampTime, tellGrowth(series)), name)
	}
	if facts.Flaps > 0 {
		o.Add(fmt.Sprintf("Group %s turns around %s without demand having done so.", name, typeset.Count(facts.Flaps, "time")), name)
	}
	for _, zone := range scenario.Group.Zones {
		if err := judgeLoss(o, name, scenario, zone); err != nil {
			return series, err
		}
	}
	return series, nil
}

// judgeLoss replays the loss of a zone in the middle of the peak. It says nothing where the peak itself is not carried.
func judgeLoss(o *checks.Offences, name string, scenario scaling.Scenario, zone string) error {
	scenario.Events = []scaling.Event{{At: midPeak, LoseZone: zone}}
	scenario.Duration = peakEnds
	series, err := scaling.Simulate(scenario)
	if err != nil {
		return fmt.Errorf("replaying group %s without %s: %w", name, zone, err)
	}
	for n, sample := range series.Samples {
		at := time.Duration(sample.At) * time.Second
		if at < midPeak || sample.Capacity >= sample.Demand {
			continue
		}
		before := series.Samples[max(0, n-1)]
		if at == midPeak && before.Capacity < before.Demand {
			return nil
		}
		o.Add(fmt.Sprintf("Group %s loses %s at the peak and carries %s of %s.", name, zone, rate(sample.Capacity), rate(sample.Demand)), name)
		return nil
	}
	return nil
}

// mostSteps bounds how many changes are told: the figure shows them all.
const mostSteps = 5

// tellGrowth says how the group grew while demand did, and what it was refused where that is all.
func tellGrowth(series scaling.Series) string {
	var steps []string
	refused := ""
	for _, d := range series.Decisions {
		after := time.Duration(d.At)*time.Second - saleBegins
		switch {
		case after < 0 || after > rampTime+peakLasts:
		case d.Kind == scaling.ScaleOut && len(steps) < mostSteps:
			steps = append(steps, fmt.Sprintf("to %d after %s", d.To, after))
		case d.Kind == scaling.Blocked && refused == "":
			refused = d.Reason
		}
	}
	switch {
	case len(steps) > 0:
		return fmt.Sprintf("It grew %s.", strings.Join(steps, ", "))
	case refused != "":
		return say.Sentence("It did not grow: " + refused)
	default:
		return "It did not grow, and no policy asked for it."
	}
}

func tellRamp(name string, series scaling.Series) string {
	facts := series.Facts
	waited := "nothing ever waits"
	if facts.DrainedAt != nil && *facts.DrainedAt > 0 {
		waited = fmt.Sprintf("work waits until %s after the sale has begun, %.0f requests at most", seconds(*facts.DrainedAt)-saleBegins, facts.MaxBacklog)
	}
	return fmt.Sprintf("Group %s replayed: %s; up to %s in service; a zone lost at the peak leaves enough.", name, waited, typeset.Count(facts.MaxInService, "instance"))
}
