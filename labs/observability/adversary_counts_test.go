package observability

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"labctl/checks"
	"labctl/checks/inventory"
)

// Designs that are broken, or correct and unusual. Their verdicts were written down before any was run.
func TestChecksWithstandAnAdversary(t *testing.T) {
	for _, v := range slices.Concat(adversariesOfCounts(), adversariesOfAlarms(), adversariesOfPages()) {
		t.Run(v.check+" "+v.name, func(t *testing.T) {
			a := load(t, reference)
			v.change(a)
			finding := judgedOne(t, a, v.check)
			assert.Equal(t, v.status, finding.Status, "%v", finding.Found)
			assert.Contains(t, strings.Join(finding.Found, "\n"), v.says)
		})
	}
}

// stats changes the metrics of an alarm: all, or the one of an id.
func stats(one *inventory.MetricAlarm, id string, change func(*inventory.MetricStat)) {
	for _, q := range one.Metrics {
		if q.MetricStat != nil && (id == "" || q.Id == id) {
			change(q.MetricStat)
		}
	}
}

func adversariesOfCounts() []variant {
	pattern := func(end, text string) func(*account) {
		return func(a *account) { a.filter(end).FilterPattern = text }
	}
	return []variant{
		{"obs-retention", "364", func(a *account) { a.group(roleAPI).RetentionInDays = 364 }, checks.Fail, ""},
		{"obs-retention", "key refuses logs", func(a *account) { policyOn(&a.Keys[0].Policy, without("logs.us-east-1.amazonaws.com")) }, checks.Fail, ""},
		{"obs-retention", "key denies everyone", func(a *account) {
			policyOn(&a.Keys[0].Policy, func(s []statement) ([]statement, bool) {
				return append(s, statement{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}), true
			})
		}, checks.Fail, ""},
		{"obs-retention", "payments forever", func(a *account) { a.group("payments").RetentionInDays = 0 }, checks.Fail, ""},
		{"obs-retention", "key pending import", func(a *account) { a.Keys[0].KeyState = "PendingImport" }, checks.Fail, ""},
		{"obs-filter", "trailing blank in value", pattern("-errors", `{ ($.event = "request") && ($.level = "ERROR ") }`), checks.Fail, ""},
		{"obs-filter", "trailing blank in pattern", pattern("-errors", `{ ($.event = "request") && ($.level = "ERROR") } `), checks.Pass, ""},
		{"obs-filter", "wrong group", func(a *account) { a.filter("-errors").LogGroupName = a.group("payments").LogGroupName }, checks.Fail, ""},
		{"obs-filter", "value field", func(a *account) { a.filter("-errors").MetricTransformations[0].MetricValue = "$.status" }, checks.Fail, ""},
		{"obs-filter", "right metric that nobody watches, wrong one watched", func(a *account) {
			more := *a.filter("-errors")
			more.FilterName += "-all"
			more.MetricTransformations = []inventory.MetricTransformation{{MetricNamespace: "labctl-reference", MetricName: "ErrorsAll", MetricValue: "1"}}
			a.filter("-errors").FilterPattern = `{ ($.event = "request") && ($.status = 500) }`
			a.MetricFilters = append(a.MetricFilters, more)
		}, checks.Fail, ""},
		{"obs-filter", "wildcard status", pattern("-errors", `{ ($.event = "request") && ($.status = 5*) }`), checks.Pass, ""},
		{"obs-filter", "wildcard quoted status", pattern("-errors", `{ ($.event = "request") && ($.status = "5*") }`), checks.Error, ""},
		{"obs-filter", "numeric string 1.0", func(a *account) { a.filter("-errors").MetricTransformations[0].MetricValue = "1.0" }, checks.Pass, ""},
		{"obs-filter", "not found field", pattern("-errors", `{ ($.event = "request") && ($.lvl = "ERROR") }`), checks.Fail, ""},
		{"obs-filter", "not equal", pattern("-errors", `{ ($.event = "request") && ($.level != "INFO") && ($.level != "WARN") }`), checks.Pass, ""},
		{"obs-filter", "unparsable", pattern("-errors", `{ ($.event = "request" `), checks.Error, "missing"},
		{"obs-filter-zero", "FILL REPEAT", func(a *account) {
			a.filter("-errors").MetricTransformations[0].DefaultValue = nil
			a.rewrite("requests - errors", "requests - FILL(errors, REPEAT)")
		}, checks.Fail, ""},
		{"obs-filter-zero", "FILL 5", func(a *account) {
			a.filter("-errors").MetricTransformations[0].DefaultValue = nil
			a.rewrite("requests - errors", "requests - FILL(errors, 5)")
		}, checks.Fail, ""},
		{"obs-filter-zero", "FILL with newline", func(a *account) {
			a.filter("-errors").MetricTransformations[0].DefaultValue = nil
			a.rewrite("requests - errors", "requests - FILL(errors,\n0)")
		}, checks.Pass, ""},
		{"obs-filter-zero", "FILL METRICS", func(a *account) {
			a.filter("-errors").MetricTransformations[0].DefaultValue = nil
			a.rewrite("requests - errors", `requests - SUM(FILL(METRICS("err"), 0))`)
		}, checks.Pass, ""},
		{"obs-filter-zero", "FILL in an expression that nobody uses", func(a *account) {
			a.filter("-errors").MetricTransformations[0].DefaultValue = nil
			for n := range a.MetricAlarms {
				if len(a.MetricAlarms[n].Metrics) > 0 {
					a.MetricAlarms[n].Metrics = append(a.MetricAlarms[n].Metrics, inventory.MetricDataQuery{Id: "unused", Expression: "FILL(errors, 0)"})
				}
			}
		}, checks.Fail, ""},
		{"obs-filter-zero", "IF errors", func(a *account) {
			a.filter("-errors").MetricTransformations[0].DefaultValue = nil
			a.rewrite("requests - errors", "requests - IF(errors > 0, errors, 0)")
		}, checks.Fail, ""},
		{"obs-sli", "swapped ids", func(a *account) {
			stats(a.alarm("-sli"), "requests", func(m *inventory.MetricStat) { m.MetricName = "Errors" })
			stats(a.alarm("-sli"), "errors", func(m *inventory.MetricStat) { m.MetricName = "Requests" })
		}, checks.Fail, ""},
		{"obs-sli", "sample counts", func(a *account) { stats(a.alarm("-sli"), "", func(m *inventory.MetricStat) { m.Stat = "SampleCount" }) }, checks.Fail, ""},
		{"obs-sli", "sample count of errors", func(a *account) {
			stats(a.alarm("-sli"), "errors", func(m *inventory.MetricStat) { m.Stat = "SampleCount" })
		}, checks.Fail, ""},
		{"obs-sli", "average of errors only", func(a *account) {
			stats(a.alarm("-sli"), "errors", func(m *inventory.MetricStat) { m.Stat = "Average" })
		}, checks.Fail, ""},
		{"obs-sli", "period mismatch", func(a *account) {
			stats(a.alarm("-sli"), "errors", func(m *inventory.MetricStat) { m.Period = 3600 })
		}, checks.Error, ""},
		{"obs-sli", "requests filter counts every line", func(a *account) { a.filter("-requests").FilterPattern = "" }, checks.Fail, ""},
		{"obs-sli", "requests filter counts POST only", pattern("-requests", `{ ($.event = "request") && ($.method = "POST") }`), checks.Fail, ""},
		{"obs-sli", "FILL", func(a *account) {
			a.restate("(FILL(requests,0) - FILL(errors, 0)) / FILL(requests,0)", "LessThanThreshold", 0.999)
		}, checks.Pass, ""},
		{"obs-sli", "over an hour", func(a *account) { stats(a.alarm("-sli"), "", func(m *inventory.MetricStat) { m.Period = 3600 }) }, checks.Pass, ""},
		{"obs-sli", "over six hours, 3 of 4", func(a *account) {
			stats(a.alarm("-sli"), "", func(m *inventory.MetricStat) { m.Period = 21600 })
			a.alarm("-sli").EvaluationPeriods, a.alarm("-sli").DatapointsToAlarm = 4, 3
		}, checks.Pass, ""},
		{"obs-sli", "objective of 99.5", func(a *account) { a.alarm("-sli").Threshold = 0.995 }, checks.Fail, ""},
		{"obs-sli", "seven days", func(a *account) {
			stats(a.alarm("-sli"), "", func(m *inventory.MetricStat) { m.Period = 86400 })
			a.alarm("-sli").EvaluationPeriods = 7
		}, checks.Error, ""},
	}
}
