package observability

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"labctl/checks/inventory"
)

// mutations change a fixture, the reference, as the fault with the same id changes the live lab.
func mutations() map[string]func(*account) {
	all := map[string]func(*account){
		"never-expire": func(a *account) { a.group(roleAPI).RetentionInDays = 0 },
		"key-asleep":   func(a *account) { a.Keys[0].KeyState = "Disabled" },
		"wrong-case":   func(a *account) { a.repattern("-errors", `"ERROR"`, `"Error"`) },
		"no-default":   func(a *account) { a.filter("-errors").MetricTransformations[0].DefaultValue = nil },
		"slow-144":     func(a *account) { a.alarm("-burn-slow-long").Threshold = 144 },
		"thirty-data-points": func(a *account) {
			a.alarm("-burn-fast-short").EvaluationPeriods, a.alarm("-burn-fast-short").DatapointsToAlarm = 30, 30
		},
		"dimension-renamed": func(a *account) { a.alarm("-latency").Dimensions = map[string]string{"Path": "/payments"} },
		"wrong-unit":        func(a *account) { a.alarm("-latency").Unit = "Seconds" },
		"silence-unheard":   func(a *account) { a.alarm("-heartbeat").TreatMissingData = "notBreaching" },
		"silence-counted":   func(a *account) { a.alarm("-burn-fast-short").TreatMissingData = "breaching" },
		"work-for-ever":     func(a *account) { a.alarm("-maintenance").EvaluationPeriods = 1440 },
		"actions-off":       func(a *account) { a.composite("-page-errors").ActionsEnabled = false },
		"subscription-gone": func(a *account) { a.Subscriptions = nil },
		"sampling-zero":     func(a *account) { a.samplingRule().FixedRate = 0 },
		"description-blank": func(a *account) { a.alarm("-sli").AlarmDescription = "" },
		"change-rule-off":   func(a *account) { a.EventRules[0].State = "DISABLED" },
		"runbook-later": func(a *account) {
			a.alarm("-burn-fast-short").AlarmDescription = "The budget of errors burns too fast. Owner: tbd. Runbook: see the wiki."
		},
		"page-that-waits": func(a *account) {
			page := a.composite("-page-errors")
			page.ActionsSuppressor, page.ActionsSuppressorWaitPeriod, page.ActionsSuppressorExtensionPeriod = a.alarm("-maintenance").AlarmArn, 540, 60
		},
		"user-dimension": func(a *account) {
			filter := *a.filter("-requests")
			filter.FilterName += "-by-user"
			filter.MetricTransformations = []inventory.MetricTransformation{{
				MetricNamespace: filter.MetricTransformations[0].MetricNamespace, MetricName: "RequestsByUser", MetricValue: "1", Dimensions: map[string]string{"User": "$.user_id"},
			}}
			a.MetricFilters = append(a.MetricFilters, filter)
		},
	}
	maps.Copy(all, ruleMutations())
	maps.Copy(all, policyMutations())
	return all
}

// ruleMutations change expressions, rules and patterns.
func ruleMutations() map[string]func(*account) {
	return map[string]func(*account){
		"ratio-inverted": func(a *account) {
			one := a.alarm("-sli")
			one.Metrics = slices.Clone(one.Metrics)
			for n, query := range one.Metrics {
				if query.Expression != "" {
					one.Metrics[n].Expression = "requests / (requests - errors)"
				}
			}
		},
		"average-of-counts": func(a *account) {
			for _, query := range a.alarm("-sli").Metrics {
				if query.MetricStat != nil {
					query.MetricStat.Stat = "Average"
				}
			}
		},
		"long-windows-only": func(a *account) {
			page := a.composite("-page-errors")
			for _, window := range []string{"-burn-fast-short", "-burn-slow-short"} {
				page.AlarmRule = strings.ReplaceAll(page.AlarmRule, fmt.Sprintf(" AND ALARM(%q)", a.alarm(window).AlarmName), "")
			}
		},
		"work-pages": func(a *account) {
			page := a.composite("-page-silence")
			page.AlarmRule, _, _ = strings.Cut(page.AlarmRule, " AND NOT")
		},
		"group-of-another": func(a *account) { a.traceGroup().FilterExpression = `service("api-v1") AND fault = true` },
		"stale-widget": func(a *account) {
			a.redraw(`"alarms":[`, `"alarms":["arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-5xx",`)
		},
		"widget-of-nothing": func(a *account) { a.redraw(`"Route","/payments"`, `"Route","/v1/payments"`) },
		"change-mismatched": func(a *account) {
			a.EventRules[0].EventPattern = strings.ReplaceAll(a.EventRules[0].EventPattern, "via CloudTrail", "Via CloudTrail")
		},
		"sampling-shadowed": func(a *account) {
			rule := *a.samplingRule()
			rule.RuleName, rule.Priority, rule.FixedRate = rule.RuleName+"-quiet", 1, 0
			a.SamplingRules = append(a.SamplingRules, rule)
		},
	}
}

// policyMutations change the policies of the key, the topic and the queue.
func policyMutations() map[string]func(*account) {
	on := func(text *string, what string, change func([]statement) ([]statement, bool)) {
		changed, err := changePolicy(what, *text, change)
		if err != nil {
			panic(err) // the fixture lacks what the mutation changes
		}
		*text = changed
	}
	anywhere := func(arn string) map[string]any {
		return map[string]any{"ArnLike": map[string]any{"aws:SourceArn": arn}}
	}
	return map[string]func(*account){
		"key-without-alarms": func(a *account) { on(&a.Keys[0].Policy, "key", without(cloudWatch)) },
		"key-for-other-alarms": func(a *account) {
			on(&a.Keys[0].Policy, "key", onBehalf(cloudWatch, anywhere("arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-*")))
		},
		"topic-public": func(a *account) {
			on(&a.Topics[0].Policy, "topic", func(s []statement) ([]statement, bool) {
				return append(s, statement{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": a.Topics[0].TopicArn}), true
			})
		},
		"topic-for-any-alarm": func(a *account) {
			on(&a.Topics[0].Policy, "topic", onBehalf(cloudWatch, anywhere("arn:aws:cloudwatch:*:*:alarm:*")))
		},
		"queue-for-any-topic": func(a *account) {
			on(&a.Queues[0].Policy, "queue", onBehalf("sns.amazonaws.com", anywhere("arn:aws:sns:*:*:*")))
		},
		"change-undelivered": func(a *account) { on(&a.Queues[0].Policy, "queue", without("events.amazonaws.com")) },
	}
}

func (a *account) group(role string) *inventory.LogGroup {
	a.t.Helper()
	return find(a, a.LogGroups, func(g inventory.LogGroup) string { return g.Tags[roleTag] }, role)
}

func (a *account) samplingRule() *inventory.SamplingRule {
	a.t.Helper()
	return find(a, a.SamplingRules, func(r inventory.SamplingRule) string { return r.ServiceName }, "-api")
}

func (a *account) traceGroup() *inventory.TraceGroup { return &a.TraceGroups[0] }

// repattern replaces a part of a filter's pattern.
func (a *account) repattern(end, old, replacement string) {
	f := a.filter(end)
	f.FilterPattern = strings.ReplaceAll(f.FilterPattern, old, replacement)
}

// redraw replaces a part of the dashboard's body.
func (a *account) redraw(old, replacement string) {
	a.Dashboards[0].DashboardBody = strings.ReplaceAll(a.Dashboards[0].DashboardBody, old, replacement)
}

// brokenIDs are the ids of the mutations, in order. Two that change the same setting show as the later one.
func brokenIDs() []string { return slices.Sorted(maps.Keys(mutations())) }
