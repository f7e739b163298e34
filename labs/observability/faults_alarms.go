package observability

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"labctl/checks/inventory"
	"labctl/labs"
)

// The faults of what the alarms compute, wait for, and speak of.

func ratioInverted() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "ratio-inverted",
		Title:  "The objective was missed twice this week. The alarm on it has been green for months.",
		Answer: "The alarm on the objective divides all requests by the good ones: the more fail, the higher the share of good requests that it sees.",
		Breaks: []string{"obs-sli"},
		Hints: []string{
			"The alarm has data, and its threshold is the objective.",
			"A share of good requests is never above 1. What does the alarm measure?",
			"Compute the alarm's expression by hand for 1,000 requests and 2 errors.",
		},
	}, sliAlarm, func(one *inventory.MetricAlarm) error {
		return changeExpression(one, func(expression string) string {
			top, bottom, ratio := strings.Cut(expression, "/")
			if !ratio {
				return expression
			}
			return strings.TrimSpace(bottom) + " / " + strings.TrimSpace(top)
		})
	})
}

func changeExpression(one *inventory.MetricAlarm, change func(string) string) error {
	for n, query := range one.Metrics {
		if query.Expression == "" {
			continue
		}
		if one.Metrics[n].Expression = change(query.Expression); one.Metrics[n].Expression != query.Expression {
			return nil
		}
	}
	return labs.Lacks("alarm %s computes no ratio", one.AlarmName)
}

func averagesOfCounts() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "average-of-counts",
		Title:  "The alarm on the objective goes off on the best of days.",
		Answer: "The alarm on the objective takes the average of what is counted instead of the sum: the average of requests is 1 whatever their number.",
		Breaks: []string{"obs-sli"},
		Twin:   true,
		Hints: []string{
			"Expression, metrics and threshold are as they should be.",
			"What is the average of a metric to which each request adds a 1?",
			"Look at the statistic of each metric in the alarm.",
		},
	}, sliAlarm, func(one *inventory.MetricAlarm) error {
		changed := false
		for n, query := range one.Metrics {
			if query.MetricStat != nil && query.MetricStat.Stat == "Sum" {
				stat := *query.MetricStat
				stat.Stat = "Average"
				one.Metrics[n].MetricStat, changed = &stat, true
			}
		}
		if !changed {
			return labs.Lacks("alarm %s sums nothing", one.AlarmName)
		}
		return nil
	})
}

func slowRate144() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "slow-144",
		Title:  "Seven in a thousand requests failed for three days, until a customer called. The month's budget was gone.",
		Answer: "The alarm on the slow burn has a threshold of 144 in place of 6: errors have to reach 14 percent for six hours.",
		Breaks: []string{"obs-burn"},
		Hints: []string{
			"A burn rate of 7 uses a month's budget up in four days. Nobody was woken.",
			"Outages and large leaks page as they should: it is about the other one of two burn rates.",
			"Compare the thresholds of the alarms on burn rates with those of the table that they are after.",
		},
	}, slowBurn, func(one *inventory.MetricAlarm) error {
		one.Threshold = 144
		return nil
	})
}

func longWindowsOnly() labs.Fault {
	return compositeFault(labs.Fault{
		ID:     "long-windows-only",
		Title:  "There were two outages today. The first one paged.",
		Answer: "The rule of the page on errors has lost its short windows: it stays true for hours after the errors have ended, and what is in ALARM already notifies nobody.",
		Breaks: []string{"obs-burn"},
		Twin:   true,
		Hints: []string{
			"Both burn rates, their thresholds and their alarms are as they should be.",
			"An alarm notifies when its state changes. When did it change back?",
			"Read the rule of the alarm that pages: which windows does it ask for?",
		},
	}, pageErrors, func(a *architecture, page *inventory.CompositeAlarm) error {
		const short = 30 * 60
		was := page.AlarmRule
		for _, one := range a.burnAlarms() {
			if longestPeriod(one) <= short {
				page.AlarmRule = strings.ReplaceAll(page.AlarmRule, fmt.Sprintf(" AND ALARM(%q)", one.AlarmName), "")
			}
		}
		if page.AlarmRule == was {
			return labs.Lacks("the rule of alarm %s has no short windows beside long ones", page.AlarmName)
		}
		return nil
	})
}

func thirtyDataPoints() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "thirty-data-points",
		Title:  "Two percent of the requests fail since half past two. It is four, and nobody has been woken.",
		Answer: "The alarm on the fast burn waits for 30 data points of 30 that breach: two and a half hours of them.",
		Breaks: []string{"obs-burn", "obs-replay"},
		Hints: []string{
			"The graph is above the threshold all the time.",
			"How many times does an alarm have to see that, until it believes it?",
			"Multiply: the period by the number of data points to alarm.",
		},
	}, fastBurn, func(one *inventory.MetricAlarm) error {
		one.EvaluationPeriods, one.DatapointsToAlarm = 30, 30
		return nil
	})
}

func pageThatWaits() labs.Fault {
	return compositeFault(labs.Fault{
		ID:     "page-that-waits",
		Title:  "In the last outage the alarm was red after a minute, and the page came ten minutes later.",
		Answer: "The page on errors has an actions suppressor with a wait period of nine minutes: before it notifies it waits whether the suppressor goes off.",
		Breaks: []string{"obs-burn", "obs-replay"},
		Twin:   true,
		Hints: []string{
			"Thresholds, windows and the rule are as they should be, and so is the state of the alarm.",
			"Between the change of the state and the action something is waited for.",
			"A composite alarm can be held back by another. What is set beside its rule?",
		},
	}, pageErrors, func(a *architecture, page *inventory.CompositeAlarm) error {
		suppressor, err := maintenanceAlarm(a)
		page.ActionsSuppressor, page.ActionsSuppressorWaitPeriod, page.ActionsSuppressorExtensionPeriod = suppressor.AlarmArn, 9*60, 60
		return err
	})
}

func dimensionRenamed() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "dimension-renamed",
		Title:  "Payments have been slow since the last release. The alarm for that has no data.",
		Answer: "The alarm on latency looks for the dimension Path; the metric is published with the dimension Route.",
		Breaks: []string{"obs-wiring"},
		Hints: []string{
			"There is a metric of latencies, and it has data.",
			"Two metrics can have the same name.",
			"Compare the dimensions of the alarm with those of the filter, letter by letter.",
		},
	}, latencyAlarm, func(one *inventory.MetricAlarm) error {
		one.Dimensions = renamed(one.Dimensions)
		for n, query := range one.Metrics {
			if query.MetricStat != nil && len(query.MetricStat.Dimensions) > 0 {
				stat := *query.MetricStat
				stat.Dimensions = renamed(stat.Dimensions)
				one.Metrics[n].MetricStat = &stat
			}
		}
		return nil
	})
}

// renamed has the same values under another name.
func renamed(of map[string]string) map[string]string {
	if len(of) == 0 {
		return of
	}
	found := map[string]string{}
	for name, value := range of {
		if name == "Path" {
			name = "Route"
		} else {
			name = "Path"
		}
		found[name] = value
	}
	return found
}

func wrongUnit() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "wrong-unit",
		Title:  "The alarm on slow payments is red on no day, however slow they are.",
		Answer: "The alarm on latency asks for data in Seconds; the filter publishes Milliseconds, and CloudWatch converts nothing.",
		Breaks: []string{"obs-wiring"},
		Twin:   true,
		Hints: []string{
			"Namespace, name and dimensions are those of the metric.",
			"The same metric can have data of several kinds, and an alarm may ask for one.",
			"Compare the unit that the alarm asks for with that of the filter.",
		},
	}, latencyAlarm, func(one *inventory.MetricAlarm) error {
		const wrong = "Seconds"
		if one.Namespace != "" {
			one.Unit = wrong
			return nil
		}
		for n, query := range one.Metrics {
			if query.MetricStat != nil && len(query.MetricStat.Dimensions) > 0 {
				stat := *query.MetricStat
				stat.Unit = wrong
				one.Metrics[n].MetricStat = &stat
			}
		}
		return nil
	})
}

func silenceUnheard() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "silence-unheard",
		Title:  "The API was gone for an hour. No alarm changed its state.",
		Answer: "The alarm on heartbeats treats missing data as not breaching.",
		Breaks: []string{"obs-missing"},
		Hints: []string{
			"In that hour no request failed: none was answered.",
			"There is an alarm that counts heartbeats. What did it count in that hour?",
			"Nothing is not zero. What does the alarm make of data that is missing?",
		},
	}, heartbeatAlarm, func(one *inventory.MetricAlarm) error {
		one.TreatMissingData = "notBreaching"
		return nil
	})
}

func silenceCounted() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "silence-counted",
		Title:  "In a quiet hour, with no traffic at all, the alarm on errors went red.",
		Answer: "An alarm on errors treats missing data as breaching: no requests, and it sees a burnt budget.",
		Breaks: []string{"obs-missing"},
		Hints: []string{
			"Not one request failed in that hour.",
			"For one alarm missing data is bad news. For how many is it here?",
			"List the alarms with how they treat missing data.",
		},
	}, fastBurn, func(one *inventory.MetricAlarm) error {
		one.TreatMissingData = "breaching"
		return nil
	})
}

func workPages() labs.Fault {
	return compositeFault(labs.Fault{
		ID:     "work-pages",
		Title:  "A planned restart of the API at two in the morning woke two people.",
		Answer: "The rule of the page on silence says nothing of maintenance any more.",
		Breaks: []string{"obs-composite"},
		Hints: []string{
			"Whoever restarted the API had written that it would be done, once a minute.",
			"Other pages kept silent, as they should.",
			"Compare the rules of the alarms that page.",
		},
	}, pageSilence, func(a *architecture, page *inventory.CompositeAlarm) error {
		work, err := maintenanceAlarm(a)
		if err != nil {
			return err
		}
		was := page.AlarmRule
		page.AlarmRule = strings.Replace(was, fmt.Sprintf(" AND NOT ALARM(%q)", work.AlarmName), "", 1)
		if page.AlarmRule == was {
			return labs.Lacks("the rule of alarm %s does not end with maintenance", page.AlarmName)
		}
		return nil
	})
}

func workForEver() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "work-for-ever",
		Title:  "Yesterday's maintenance took ten minutes. Today's outage paged nobody.",
		Answer: "The alarm on maintenance looks a day back: one line of work withholds every page for a day.",
		Breaks: []string{"obs-composite"},
		Twin:   true,
		Hints: []string{
			"The rules of the alarms that page are as they should be, and all alarms in them exist.",
			"Who works on the API, says one of the alarms, all day long?",
			"How long does the alarm on maintenance remember a line?",
		},
	}, maintenanceAlarm, func(one *inventory.MetricAlarm) error {
		const day = 24 * 60 * 60
		one.EvaluationPeriods, one.DatapointsToAlarm = day/one.Period, 1
		return nil
	})
}

// switched are the actions of an alarm, on or off.
type switched struct {
	Alarm string
	On    bool
}

func actionsOff() labs.Fault {
	return swap(labs.Fault{
		ID:     "actions-off",
		Title:  "The alarm on errors was red for two hours last night, and everybody slept.",
		Answer: "The actions of an alarm that pages are disabled.",
		Breaks: []string{"obs-enabled"},
		Hints: []string{
			"The alarm was right, and in time.",
			"Topic, key, subscription and queue work: other alarms get through.",
			"An alarm has a switch for what it does, which is not its state. Its history names it.",
		},
	}, func(_ context.Context, a *architecture, _ labs.Live) (before, after switched, err error) {
		pagers := a.pagers()
		n := slices.IndexFunc(pagers, func(p pager) bool { return p.ActionsEnabled })
		if n < 0 {
			return before, after, labs.Lacks("no alarm of %s pages", a.inv.Scope)
		}
		return switched{pagers[n].Name, true}, switched{pagers[n].Name, false}, nil
	}, func(ctx context.Context, live labs.Live, s switched) error {
		api := cloudwatch.NewFromConfig(live.Config)
		var err error
		if s.On {
			_, err = api.EnableAlarmActions(ctx, &cloudwatch.EnableAlarmActionsInput{AlarmNames: []string{s.Alarm}})
		} else {
			_, err = api.DisableAlarmActions(ctx, &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{s.Alarm}})
		}
		if err != nil {
			return fmt.Errorf("switching the actions of alarm %s: %w", s.Alarm, err)
		}
		return nil
	})
}
