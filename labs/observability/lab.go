// Package observability is the lab about logs, metrics, alerts and traces: its story, the properties that the scenario
// asks for, the faults that break them one by one, and the drills that set a page off and wait for it.
//
// The checks find log groups, alarms, the topic, the queue, the key and the rule by tag (the scope's, and labctl:role), and
// all else by relation: metric filters by their log group, subscriptions by their topic, the dashboard by the alarms and
// metrics that it shows. The vocabulary of labctl:role and the schema of the log lines stand at the top of
// terraform/observability/main.tf.
//
// Whether somebody is woken is never read off an alarm's attributes: log lines are put through the live filters' patterns,
// and synthetic traffic through the live alarms, minute by minute, and what counts is the minute of the page.
package observability

import (
	"labctl/checks"
	"labctl/labs"
	"labctl/labs/observability/emit"
)

// ID is the lab's name on the command line.
const ID = "observability"

// New describes the lab.
func New() labs.Lab {
	return labs.Lab{
		ID:           ID,
		Title:        "From a breach to a page to a trace",
		Domain:       "SAP-C02 domain 3: Continuous Improvement for Existing Solutions",
		Summary:      "An API with 99.9 percent over 30 days: who is woken when, by what, and what is there to see.",
		Scenario:     scenario,
		Architecture: architectureDrawing,
		Requirements: requirements(),
		Objectives: []labs.Objective{
			{Name: "SLO", Value: "99.9 percent of requests over 30 days"},
			{Name: "Total outage pages within", Value: "5 minutes"},
			{Name: "2 percent errors page within", Value: "1 hour"},
			{Name: "Noise", Value: "fewer than two pages a week"},
			{Name: "Budget", Value: "10 USD a month"},
		},
		TradeOffs: []string{
			"Burn rate or a static threshold, at ten requests an hour?",
			"Sample 5 percent of the requests or all, when an audit must explain each failed payment?",
			"A central account for alarms and dashboards or local ones, with twenty accounts?",
		},
		Checks: allChecks(),
		Faults: allFaults(),
		Drills: allDrills(),
		Bill:   bill(),
		// The lab is its alarms: where they cannot be read back, neither a verdict nor a removal is to be had.
		Needs: []checks.Capability{alarmProtocol},
		Tagging: "Log groups carry the tag, that of the API labctl:role=api too; so do alarms, the topic and the queue with labctl:role=on-call, the key and " +
			"the rule on changes. Metric filters, subscriptions and dashboards, which have no tags, are found from there.",
		Variables: variables,
		Traffic:   emit.Traffic(),
		Explore:   explore,
	}
}

// variables leaves out what the target has not. Without composite alarms each alarm decides alone, which is a correct design too.
func variables(support map[checks.Capability]checks.Support) map[string]any {
	return map[string]any{
		"composite_alarms": support[compositeAlarms].Shown,
		"xray":             support[samplingRules].Shown && support[traceGroups].Shown,
	}
}

// bill counts what terraform/observability makes in the form with composite alarms. An alarm on an expression is billed for
// each metric in it, and a filter with a dimension for each value that it has met.
func bill() []labs.BillLine {
	return []labs.BillLine{
		{Type: "aws_kms_key", Count: 1},
		{Type: "aws_cloudwatch_log_group", Count: 2},
		{Type: "aws_cloudwatch_log_metric_filter", Count: 4},
		{Type: "aws_cloudwatch_log_metric_filter", Count: 1, Units: len(routes())}, // the latency has a metric for each route
		{Type: "aws_cloudwatch_metric_alarm", Count: 3},
		{Type: "aws_cloudwatch_metric_alarm", Count: 5, Units: 2},
		{Type: "aws_cloudwatch_composite_alarm", Count: 3},
		{Type: "aws_cloudwatch_dashboard", Count: 1},
		{Type: "aws_cloudwatch_event_rule", Count: 1},
		{Type: "aws_cloudwatch_event_target", Count: 1},
		{Type: "aws_sns_topic", Count: 1},
		{Type: "aws_sns_topic_subscription", Count: 1},
		{Type: "aws_sqs_queue", Count: 1},
		{Type: "aws_xray_sampling_rule", Count: 1},
		{Type: "aws_xray_group", Count: 1},
	}
}
