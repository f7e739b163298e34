package observability

import (
	"fmt"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
)

func adversariesOfAlarms() []variant {
	return []variant{
		{"obs-burn", "for 99.5", func(a *account) { a.rewrite("0.001", "0.005") }, checks.Fail, ""},
		{"obs-burn", "two paging alarms over the long windows only", func(a *account) {
			fast, slow := a.composite("-page-errors"), *a.composite("-page-errors")
			m := a.alarm("-maintenance").AlarmName
			fast.AlarmRule = fmt.Sprintf("ALARM(%q) AND NOT ALARM(%q)", a.alarm("-burn-fast-long").AlarmName, m)
			slow.AlarmRule = fmt.Sprintf("ALARM(%q) AND NOT ALARM(%q)", a.alarm("-burn-slow-long").AlarmName, m)
			slow.AlarmName += "-slow"
			slow.AlarmArn += "-slow"
			a.CompositeAlarms = append(a.CompositeAlarms, slow)
			a.AlarmTags[slow.AlarmArn] = a.AlarmTags[fast.AlarmArn]
		}, checks.Fail, ""},
		{"obs-burn", "two paging alarms, fast long only", func(a *account) {
			fast, slow := a.composite("-page-errors"), *a.composite("-page-errors")
			m := a.alarm("-maintenance").AlarmName
			fast.AlarmRule = fmt.Sprintf("ALARM(%q) AND NOT ALARM(%q)", a.alarm("-burn-fast-long").AlarmName, m)
			slow.AlarmRule = fmt.Sprintf("ALARM(%q) AND ALARM(%q) AND NOT ALARM(%q)", a.alarm("-burn-slow-long").AlarmName, a.alarm("-burn-slow-short").AlarmName, m)
			slow.AlarmName += "-slow"
			slow.AlarmArn += "-slow"
			a.CompositeAlarms = append(a.CompositeAlarms, slow)
			a.AlarmTags[slow.AlarmArn] = a.AlarmTags[fast.AlarmArn]
		}, checks.Pass, ""},
		{"obs-burn", "two paging alarms, each both windows", func(a *account) {
			fast, slow := a.composite("-page-errors"), *a.composite("-page-errors")
			m := a.alarm("-maintenance").AlarmName
			fast.AlarmRule = fmt.Sprintf("ALARM(%q) AND ALARM(%q) AND NOT ALARM(%q)", a.alarm("-burn-fast-long").AlarmName, a.alarm("-burn-fast-short").AlarmName, m)
			slow.AlarmRule = fmt.Sprintf("ALARM(%q) AND ALARM(%q) AND NOT ALARM(%q)", a.alarm("-burn-slow-long").AlarmName, a.alarm("-burn-slow-short").AlarmName, m)
			slow.AlarmName += "-slow"
			slow.AlarmArn += "-slow"
			a.CompositeAlarms = append(a.CompositeAlarms, slow)
			a.AlarmTags[slow.AlarmArn] = a.AlarmTags[fast.AlarmArn]
		}, checks.Pass, ""},
		{"obs-burn", "OR in place of AND", func(a *account) {
			p := a.composite("-page-errors")
			p.AlarmRule = fmt.Sprintf("(ALARM(%q) OR ALARM(%q) OR ALARM(%q) OR ALARM(%q)) AND NOT ALARM(%q)", a.alarm("-burn-fast-long").AlarmName, a.alarm("-burn-fast-short").AlarmName, a.alarm("-burn-slow-long").AlarmName, a.alarm("-burn-slow-short").AlarmName, a.alarm("-maintenance").AlarmName)
		}, checks.Fail, ""},
		{"obs-burn", "average for sums everywhere", func(a *account) {
			for n := range a.MetricAlarms {
				stats(&a.MetricAlarms[n], "", func(m *inventory.MetricStat) { m.Stat = "Average" })
			}
		}, checks.Fail, ""},
		{"obs-burn", "long window of 60 datapoints, 45 of 60", func(a *account) {
			one := a.alarm("-burn-fast-long")
			stats(one, "", func(m *inventory.MetricStat) { m.Period = 60 })
			one.EvaluationPeriods, one.DatapointsToAlarm = 60, 45
		}, checks.Pass, ""},
		{"obs-burn", "short window by the ARN", func(a *account) {
			p := a.composite("-page-errors")
			p.AlarmRule = strings.ReplaceAll(p.AlarmRule, a.alarm("-burn-fast-short").AlarmName, a.alarm("-burn-fast-short").AlarmArn)
		}, checks.Pass, ""},
		{"obs-replay", "on OK only", func(a *account) {
			for n := range a.CompositeAlarms {
				a.CompositeAlarms[n].OKActions, a.CompositeAlarms[n].AlarmActions = a.CompositeAlarms[n].AlarmActions, nil
			}
		}, checks.Fail, ""},
		{"obs-replay", "topic of another region", func(a *account) {
			p := a.composite("-page-errors")
			p.AlarmActions = []string{strings.ReplaceAll(p.AlarmActions[0], "us-east-1", "eu-west-1")}
		}, checks.Fail, ""},
		{"obs-replay", "topic of another account", func(a *account) {
			p := a.composite("-page-errors")
			p.AlarmActions = []string{strings.ReplaceAll(p.AlarmActions[0], "123456789012", "210987654321")}
		}, checks.Fail, ""},
		{"obs-replay", "SampleCount of errors everywhere", func(a *account) {
			for n := range a.MetricAlarms {
				stats(&a.MetricAlarms[n], "errors", func(m *inventory.MetricStat) { m.Stat = "SampleCount" })
			}
		}, checks.Fail, ""},
		{"obs-replay", "an alarm each minute (flapping)", func(a *account) {
			a.single(inventory.MetricAlarm{Namespace: "labctl-reference", MetricName: "Errors", Statistic: "Sum", Period: 60, EvaluationPeriods: 1, Threshold: 19, ComparisonOperator: "GreaterThanThreshold"})
		}, checks.Fail, ""},
		{"obs-wiring", "dimension of the filter renamed, old data listed", func(a *account) {
			a.filter("-latency").MetricTransformations[0].Dimensions = map[string]string{"Path": "$.route"}
			a.Metrics = append(a.Metrics, inventory.Metric{Namespace: "labctl-reference", MetricName: "Latency", Dimensions: map[string]string{"Route": "/payments"}})
		}, checks.Fail, ""},
		{"obs-wiring", "metrics insights only", func(a *account) {
			a.single(inventory.MetricAlarm{EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "GreaterThanThreshold", Metrics: []inventory.MetricDataQuery{{Id: "q", Expression: `SELECT SUM(Errors) FROM "labctl-reference"`, Period: 60, ReturnData: true}}})
		}, checks.Error, ""},
		{"obs-wiring", "SEARCH", func(a *account) {
			one := a.alarm("-latency")
			one.Namespace, one.MetricName, one.Dimensions, one.Period, one.ExtendedStatistic = "", "", nil, 0, ""
			one.Metrics = []inventory.MetricDataQuery{{Id: "q", Expression: `MAX(SEARCH('{labctl-reference,Route} Latency', 'p99', 300))`, ReturnData: true}}
		}, checks.Error, ""},
		{"obs-wiring", "period of 90 s multiples", func(a *account) { a.alarm("-heartbeat").Period = 120 }, checks.Pass, ""},
		{"obs-wiring", "case of a name", func(a *account) { a.alarm("-heartbeat").MetricName = "heartbeats" }, checks.Fail, ""},
		{"obs-wiring", "no dimensions", func(a *account) { a.alarm("-latency").Dimensions = nil }, checks.Fail, ""},
	}
}
