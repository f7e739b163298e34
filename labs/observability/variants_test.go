package observability

import (
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
)

func countingVariants() []variant {
	pattern := func(end, text string) func(*account) {
		return func(a *account) { a.filter(end).FilterPattern = text }
	}
	return []variant{
		{"obs-retention", "400 days", func(a *account) { a.group(roleAPI).RetentionInDays = 400 }, checks.Pass, "400 days"},
		{"obs-retention", "a week", func(a *account) { a.group(roleAPI).RetentionInDays = 7 }, checks.Fail, "7 days; 365"},
		{"obs-retention", "no key", func(a *account) { a.group("payments").KmsKeyId = "" }, checks.Fail, "labctl-reference-payments has no key"},
		{"obs-retention", "a key that waits for its deletion", func(a *account) { a.Keys[0].KeyState = "PendingDeletion" }, checks.Fail, "PendingDeletion"},
		{"obs-retention", "a key that is gone", func(a *account) { a.Keys = nil }, checks.Fail, "does not exist"},
		{"obs-filter", "by a list of levels", pattern("-errors", `{ ($.event = "request") && ($.level = "ERROR" || $.level = "FATAL") }`), checks.Pass, "all of 8"},
		{"obs-filter", "by status and not by level", pattern("-errors", `{ ($.event = "request") && ($.status > 499) && ($.status < 600) }`), checks.Pass, "all of 8"},
		{"obs-filter", "in another order", pattern("-errors", `{ $.level = ERROR && $.event = request }`), checks.Pass, "all of 8"},
		{"obs-filter", "by a word", pattern("-errors", "ERROR"), checks.Fail, "counts a request answered with 200 whose message says ERROR"},
		{"obs-filter", "whatever the event", pattern("-errors", `{ $.level = "ERROR" }`), checks.Fail, "a job that failed"},
		{"obs-filter", "with 4xx", pattern("-errors", `{ ($.event = "request") && ($.status >= 400) }`), checks.Fail, "404"},
		{"obs-filter", "one status only", pattern("-errors", `{ ($.event = "request") && ($.status = 500) }`), checks.Fail, "misses a request that failed with 502"},
		{"obs-filter", "known users only", pattern("-errors", `{ ($.event = "request") && ($.status >= 500) && ($.user_id = "*") }`), checks.Fail, "nobody known"},
		{"obs-filter", "two filters that feed one metric", func(a *account) {
			more := *a.filter("-errors")
			a.filter("-errors").FilterPattern = `{ ($.event = "request") && ($.status >= 500) && ($.status < 502) }`
			more.FilterName, more.FilterPattern = more.FilterName+"-more", `{ ($.event = "request") && ($.status >= 502) }`
			a.MetricFilters = append(a.MetricFilters, more)
		}, checks.Pass, "-errors-more"},
		{"obs-filter", "two filters that count the same", func(a *account) {
			more := *a.filter("-errors")
			more.FilterName += "-more"
			a.MetricFilters = append(a.MetricFilters, more)
		}, checks.Fail, "2 times"},
		{"obs-filter", "none", func(a *account) { a.MetricFilters = nil }, checks.Fail, "counts anything"},
		{"obs-filter", "a metric of good requests", func(a *account) {
			f := a.filter("-errors")
			f.FilterPattern, f.MetricTransformations[0].MetricName = `{ ($.event = "request") && ($.status < 500) }`, "Good"
			for n := range a.MetricAlarms {
				for _, q := range a.MetricAlarms[n].Metrics {
					if q.MetricStat != nil && q.MetricStat.MetricName == "Errors" {
						q.MetricStat.MetricName = "Good"
					}
				}
			}
		}, checks.Pass, "10 requests that did not fail"},
		{"obs-filter-zero", "the alarms fill the gaps", func(a *account) {
			a.filter("-errors").MetricTransformations[0].DefaultValue = nil
			a.rewrite("requests - errors", "requests - FILL(errors, 0)")
		}, checks.Pass, "fill the gaps"},
		{"obs-filter-zero", "one in place of zero", func(a *account) {
			one := 1.0
			a.filter("-errors").MetricTransformations[0].DefaultValue = &one
		}, checks.Fail, "has to be 0"},
		{"obs-filter-zero", "of a metric that no alarm looks at", func(a *account) {
			extra := *a.filter("-requests")
			extra.FilterName += "-refunds"
			extra.MetricTransformations = []inventory.MetricTransformation{{MetricNamespace: "labctl-reference", MetricName: "Refunds", MetricValue: "1"}}
			a.MetricFilters = append(a.MetricFilters, extra)
		}, checks.Pass, "publishes 0"},
		{"obs-cardinality", "by route and method", func(a *account) {
			a.filter("-latency").MetricTransformations[0].Dimensions = map[string]string{"Route": "$.route", "Method": "$.method"}
		}, checks.Pass, "-latency makes 4 metrics"},
		{"obs-cardinality", "by request, called otherwise", func(a *account) {
			a.filter("-latency").MetricTransformations[0].Dimensions = map[string]string{"Shard": "$.request_id"}
		}, checks.Fail, "120 metrics"},
		{"obs-cardinality", "published by a program", func(a *account) {
			for _, line := range manyUsers("request") {
				a.Metrics = append(a.Metrics, inventory.Metric{Namespace: "labctl-reference", MetricName: "Logins", Dimensions: map[string]string{"user": line}})
			}
		}, checks.Fail, "120 values of Logins by user"},
		{"obs-sli", "as a share of failures", func(a *account) {
			a.restate("errors / requests", "GreaterThanThreshold", 0.001)
		}, checks.Pass, "errors / requests"},
		{"obs-sli", "in percent", func(a *account) {
			a.restate("100 * (requests - errors) / requests", "LessThanThreshold", 99.9)
		}, checks.Pass, "goes off at 0.12 percent"},
		{"obs-sli", "99 percent", func(a *account) { a.alarm("-sli").Threshold = 0.99 }, checks.Fail, "stays OK"},
		{"obs-sli", "99.99 percent", func(a *account) { a.alarm("-sli").Threshold = 0.9999 }, checks.Fail, "goes off"},
		{"obs-sli", "heartbeats for requests", func(a *account) { a.restate("errors / heartbeats", "LessThanThreshold", 0.999) }, checks.Error, ""},
		{"obs-sli", "another unit", func(a *account) {
			for _, query := range a.alarm("-sli").Metrics {
				if query.MetricStat != nil {
					query.MetricStat.Unit = "Percent"
				}
			}
		}, checks.Fail, "no data"},
		{"obs-filter-zero", "of a heartbeat, of which there is one a minute", func(a *account) {
			a.filter("-heartbeats").MetricTransformations[0].DefaultValue = nil
		}, checks.Pass, "every ordinary minute"},
		{"obs-filter-zero", "of maintenance", func(a *account) {
			a.filter("-maintenance").MetricTransformations[0].DefaultValue = nil
		}, checks.Fail, "has gaps"},
	}
}

// rewrite replaces a part of every expression.
func (a *account) rewrite(old, replacement string) {
	for n := range a.MetricAlarms {
		for m, query := range a.MetricAlarms[n].Metrics {
			a.MetricAlarms[n].Metrics[m].Expression = strings.ReplaceAll(query.Expression, old, replacement)
		}
	}
}

// restate makes the alarm on the objective compute something else.
func (a *account) restate(expression, operator string, threshold float64) {
	one := a.alarm("-sli")
	for n, query := range one.Metrics {
		if query.Expression != "" {
			one.Metrics[n].Expression = expression
		}
	}
	one.ComparisonOperator, one.Threshold = operator, threshold
}

func alarmVariants() []variant {
	return []variant{
		{"obs-replay", "no alarm pages", func(a *account) {
			for n := range a.CompositeAlarms {
				a.CompositeAlarms[n].AlarmActions = nil
			}
		}, checks.Fail, "nobody is woken"},
		{"obs-replay", "an alarm that pages by night", func(a *account) {
			a.alarm("-burn-fast-long").Threshold, a.alarm("-burn-fast-short").Threshold = 0.2, 0.2
		}, checks.Fail, "must not"},
		{"obs-replay", "a static threshold", func(a *account) {
			a.single(inventory.MetricAlarm{
				Namespace: "labctl-reference", MetricName: "Errors", Statistic: "Sum", Period: 60, EvaluationPeriods: 3, Threshold: 2, ComparisonOperator: "GreaterThanThreshold",
			})
		}, checks.Fail, "by night: nobody is woken"},
		{"obs-burn", "a static threshold", func(a *account) {
			a.single(inventory.MetricAlarm{
				Namespace: "labctl-reference", MetricName: "Errors", Statistic: "Sum", Period: 60, EvaluationPeriods: 3, Threshold: 2, ComparisonOperator: "GreaterThanThreshold",
			})
		}, checks.Fail, "must not"},
		{"obs-replay", "an anomaly band", func(a *account) {
			a.single(inventory.MetricAlarm{ComparisonOperator: "GreaterThanUpperThreshold", ThresholdMetricId: "band", EvaluationPeriods: 1, Metrics: []inventory.MetricDataQuery{
				{Id: "band", Expression: "ANOMALY_DETECTION_BAND(errors, 2)", ReturnData: true},
				{Id: "errors", ReturnData: true, MetricStat: &inventory.MetricStat{Namespace: "labctl-reference", MetricName: "Errors", Period: 60, Stat: "Sum"}},
			}})
		}, checks.Error, "cannot be told"},
		{"obs-burn", "windows a little shorter", func(a *account) { a.alarm("-burn-slow-short").EvaluationPeriods = 1 }, checks.Pass, "6.5"},
		{"obs-burn", "short windows only", func(a *account) {
			page := a.composite("-page-errors")
			for _, window := range []string{"-burn-fast-long", "-burn-slow-long"} {
				page.AlarmRule = strings.ReplaceAll(page.AlarmRule, `ALARM("`+a.alarm(window).AlarmName+`") AND `, "")
			}
		}, checks.Fail, "tenth of the requests"},
		{"obs-wiring", "another namespace", func(a *account) { a.alarm("-heartbeat").Namespace = "payments" }, checks.Fail, "nobody publishes that"},
		{"obs-wiring", "a route that is not one", func(a *account) { a.alarm("-latency").Dimensions["Route"] = "/payment" }, checks.Fail, "Route=/payments"},
		{"obs-wiring", "seconds of ten", func(a *account) { a.alarm("-heartbeat").Period = 10 }, checks.Fail, "each 60 s"},
		{"obs-wiring", "no unit", func(a *account) { a.alarm("-latency").Unit = "" }, checks.Pass, "13 metrics"},
		{"obs-wiring", "a metric of a program's own", func(a *account) {
			a.alarm("-latency").Namespace, a.alarm("-latency").MetricName, a.alarm("-latency").Dimensions = "Checkout", "Latency", nil
			a.Metrics = append(a.Metrics, inventory.Metric{Namespace: "Checkout", MetricName: "Latency"})
		}, checks.Pass, "13 metrics"},
		{"obs-wiring", "deliveries that fail", func(a *account) {
			one := a.alarm("-latency")
			one.Namespace, one.MetricName, one.Dimensions = "AWS/SNS", "NumberOfNotificationsFailed", map[string]string{"TopicName": "labctl-reference-on-call"}
		}, checks.Pass, "13 metrics"},
		{"obs-wiring", "deliveries of a topic that is not there", func(a *account) {
			one := a.alarm("-latency")
			one.Namespace, one.MetricName, one.Dimensions = "AWS/SNS", "NumberOfNotificationsFailed", map[string]string{"TopicName": "gone"}
		}, checks.Fail, "there is no gone"},
		{"obs-wiring", "a service that labctl does not know", func(a *account) { a.alarm("-latency").Namespace = "AWS/Braket" }, checks.Error, "cannot be told"},
		{"obs-missing", "a heartbeat by the requests", func(a *account) { a.alarm("-heartbeat").MetricName = "Requests" }, checks.Pass, "pages after"},
		{"obs-missing", "a heartbeat that waits for half an hour", func(a *account) { a.alarm("-heartbeat").EvaluationPeriods = 30 }, checks.Fail, "within 5 minutes"},
		{"obs-missing", "no heartbeat in any rule", func(a *account) {
			page := a.composite("-page-silence")
			page.AlarmRule = strings.ReplaceAll(page.AlarmRule, "-heartbeat", "-latency")
		}, checks.Fail, "nobody is woken"},
		{"obs-composite", "a name that is gone", func(a *account) {
			page := a.composite("-page-latency")
			page.AlarmRule = strings.ReplaceAll(page.AlarmRule, "-latency", "-slowness")
		}, checks.Fail, "does not exist: labctl-reference-slowness"},
		{"obs-composite", "only in maintenance", func(a *account) {
			page := a.composite("-page-errors")
			page.AlarmRule = strings.ReplaceAll(page.AlarmRule, "AND NOT ALARM", "AND ALARM")
		}, checks.Pass, "Nobody is woken by failure after failure"}, // which obs-replay says
		{"obs-composite", "by a suppressor", func(a *account) {
			for n := range a.CompositeAlarms {
				page := &a.CompositeAlarms[n]
				page.AlarmRule, _, _ = strings.Cut(page.AlarmRule, " AND NOT")
				page.ActionsSuppressor, page.ActionsSuppressorWaitPeriod, page.ActionsSuppressorExtensionPeriod = a.alarm("-maintenance").AlarmArn, 60, 60
			}
		}, checks.Pass, "wakes nobody"},
	}
}

// single lets one alarm page, and no other.
func (a *account) single(one inventory.MetricAlarm) {
	one.AlarmName, one.AlarmArn = "labctl-reference-single", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:labctl-reference-single"
	one.ActionsEnabled, one.AlarmActions = true, []string{a.Topics[0].TopicArn}
	a.MetricAlarms, a.CompositeAlarms = []inventory.MetricAlarm{one}, nil
}

func pageVariants() []variant {
	return []variant{
		{"obs-enabled", "no alarm has an action", func(a *account) {
			for n := range a.CompositeAlarms {
				a.CompositeAlarms[n].AlarmActions = nil
			}
		}, checks.Fail, "None of"},
		{"obs-enabled", "not confirmed", func(a *account) { a.Subscriptions[0].SubscriptionArn = "PendingConfirmation" }, checks.Fail, "not confirmed"},
		{"obs-enabled", "an address that is confirmed", func(a *account) {
			a.Subscriptions[0].Protocol, a.Subscriptions[0].Endpoint = "email", "oncall@example.com"
		}, checks.Pass, "reaches"},
		{"obs-enabled", "a filter", func(a *account) { a.Subscriptions[0].FilterPolicy = `{"severity":["page"]}` }, checks.Fail, "filters"},
		{"obs-enabled", "a filter on the body", func(a *account) {
			a.Subscriptions[0].FilterPolicy, a.Subscriptions[0].FilterScope = `{"NewStateValue":["ALARM"]}`, "MessageBody"
		}, checks.Error, "cannot be decided"},
		{"obs-enabled", "the queue refuses the topic", func(a *account) { a.Queues[0].Policy = "" }, checks.Fail, "does not let sns.amazonaws.com"},
		{"obs-enabled", "the topic refuses the alarms", func(a *account) {
			a.Topics[0].Policy = strings.ReplaceAll(a.Topics[0].Policy, "cloudwatch.amazonaws.com", "events.amazonaws.com")
		}, checks.Fail, "does not let cloudwatch.amazonaws.com"},
		{"obs-enabled", "the queue is gone", func(a *account) { a.Queues = nil }, checks.Fail, "does not exist"},
		{"obs-enabled", "the topic is gone", func(a *account) { a.Topics, a.Subscriptions = nil, nil }, checks.Fail, ""},
		{"obs-enabled", "a queue with a key that SNS may not use", func(a *account) { a.Queues[0].KmsMasterKeyId = a.Keys[0].KeyId }, checks.Fail, "does not let sns.amazonaws.com do kms:Decrypt"},
		{"obs-enabled", "a topic for tickets beside that for pages", func(a *account) {
			a.alarm("-sli").AlarmActions = []string{"arn:aws:sns:us-east-1:123456789012:tickets"}
		}, checks.Pass, "page-errors reaches"},
		{"obs-topic-key", "no key", func(a *account) { a.Topics[0].KmsMasterKeyId = "" }, checks.Fail, "no key"},
		{"obs-topic-key", "SNS's own key", func(a *account) { a.Topics[0].KmsMasterKeyId = "alias/aws/sns" }, checks.Fail, "own key"},
		{"obs-topic-key", "an alias", func(a *account) {
			a.Topics[0].KmsMasterKeyId, a.Keys[0].Aliases = "alias/pages", []string{"alias/pages"}
		}, checks.Pass, "alias/pages"},
		{"obs-topic-key", "a key that is switched off", func(a *account) { a.Keys[0].KeyState = "Disabled" }, checks.Fail, "Disabled"},
		{"obs-topic-key", "without a condition", func(a *account) {
			policyOn(&a.Keys[0].Policy, onBehalf(cloudWatch, map[string]any{}))
		}, checks.Pass, "lets the alarms in"},
		{"obs-topic-key", "by the way of SNS", func(a *account) {
			policyOn(&a.Keys[0].Policy, onBehalf(cloudWatch, map[string]any{"StringEquals": map[string]any{"kms:ViaService": "sns.us-east-1.amazonaws.com"}}))
		}, checks.Pass, "lets the alarms in"},
		{"obs-topic-key", "decryption only", func(a *account) {
			policyOn(&a.Keys[0].Policy, func(s []statement) ([]statement, bool) {
				for _, one := range s {
					if one.of(cloudWatch) {
						one["Action"] = "kms:Decrypt"
					}
				}
				return s, true
			})
		}, checks.Fail, "kms:GenerateDataKey"},
		{"obs-topic-open", "the policy that SNS gives a topic", func(a *account) {
			a.Topics[0].Policy = `{"Version":"2008-10-17","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:Publish","SNS:Subscribe"],` +
				`"Resource":"` + a.Topics[0].TopicArn + `","Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}]}`
		}, checks.Pass, "Nobody from outside"},
		{"obs-topic-open", "everybody of the internet address space", func(a *account) {
			a.Queues[0].Policy = `{"Version":"2012-10-17","Statement":[{"Sid":"Addresses","Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}}]}`
		}, checks.Fail, "statement Addresses"},
		{"obs-topic-open", "another account", func(a *account) {
			a.Topics[0].Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sns:Subscribe","Resource":"*"}]}`
		}, checks.Fail, "another account may do sns:Subscribe"},
		{"obs-topic-open", "an operator that nobody knows", func(a *account) {
			a.Topics[0].Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*","Condition":{"StringLooksLike":{"aws:SourceArn":"x"}}}]}`
		}, checks.Error, "cannot be decided"},
		{"obs-topic-open", "no policy of the queue's", func(a *account) { a.Queues[0].Policy = "" }, checks.Pass, "queue"},
	}
}

func policyOn(text *string, change func([]statement) ([]statement, bool)) {
	changed, err := changePolicy("it", *text, change)
	if err != nil {
		panic(err) // the fixture lacks what the variant changes
	}
	*text = changed
}

func viewVariants() []variant {
	return []variant{
		{"obs-runbook", "in the tags", func(a *account) {
			one := a.alarm("-sli")
			one.AlarmDescription = "The objective is missed."
			a.AlarmTags[one.AlarmArn]["Owner"], a.AlarmTags[one.AlarmArn]["Runbook"] = "payments", "https://wiki.example.com/slo"
		}, checks.Pass, "11 alarms"},
		{"obs-runbook", "in other words", func(a *account) {
			a.alarm("-sli").AlarmDescription = "Owned by team checkout. Playbook: https://wiki.example.com/slo"
		}, checks.Pass, "11 alarms"},
		{"obs-runbook", "no address", func(a *account) { a.alarm("-sli").AlarmDescription = "Owner: checkout. Runbook: ask Kim." }, checks.Fail, "the address of a runbook"},
		{"obs-runbook", "nobody", func(a *account) { a.alarm("-sli").AlarmDescription = "Owner: Runbook: https://wiki.example.com/slo" }, checks.Fail, "an owner"},
		{"obs-dashboard", "none", func(a *account) { a.Dashboards = nil }, checks.Fail, "No dashboard"},
		{"obs-dashboard", "of another region", func(a *account) {
			a.redraw(`"metrics":[["labctl-reference","Heartbeats"]]`, `"metrics":[["labctl-reference","Beats",{"region":"eu-west-1"}]]`)
		}, checks.Pass, "7 metrics"},
		{"obs-dashboard", "abbreviated", func(a *account) {
			a.redraw(`["labctl-reference","Errors"],["labctl-reference","Maintenance"]`, `[".","Errors"],["...","Maintenance"]`)
		}, checks.Pass, "is valid"},
		{"obs-dashboard", "a metric of another name", func(a *account) { a.redraw(`"Heartbeats"`, `"Heartbeat"`) }, checks.Fail, "labctl-reference/Heartbeat"},
		{"obs-dashboard", "an id that is not there", func(a *account) { a.redraw(`"id":"errors"`, `"id":"failures"`) }, checks.Fail, "errors, which is the id of no metric"},
		{"obs-dashboard", "a log group that is gone", func(a *account) { a.redraw("SOURCE 'labctl-reference-api'", "SOURCE 'labctl-reference-old'") }, checks.Fail, "log group labctl-reference-old does not exist"},
		{"obs-dashboard", "a widget that there is not", func(a *account) { a.redraw(`"type":"log"`, `"type":"logs"`) }, checks.Fail, `type "logs"`},
		{"obs-change", "two rules", func(a *account) {
			rule := a.EventRules[0]
			a.EventRules[0].EventPattern = strings.ReplaceAll(rule.EventPattern, `"aws.iam"`, `"aws.none"`)
			rule.EventPattern = strings.ReplaceAll(rule.EventPattern, `"aws.ec2"`, `"aws.none"`)
			a.EventRules = append(a.EventRules, rule)
		}, checks.Pass, "matches 18"},
		{"obs-change", "by what changes", func(a *account) {
			a.EventRules[0].EventPattern = `{"source":["aws.iam","aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"readOnly":[false]}}`
		}, checks.Pass, "matches 18"},
		{"obs-change", "everything", func(a *account) {
			a.EventRules[0].EventPattern = `{"source":["aws.iam","aws.ec2"],"detail-type":["AWS API Call via CloudTrail"]}`
		}, checks.Fail, "change nothing"},
		{"obs-change", "the network only", func(a *account) {
			a.EventRules[0].EventPattern = strings.ReplaceAll(a.EventRules[0].EventPattern, `"aws.iam"`, `"aws.none"`)
		}, checks.Fail, "iam:AttachRolePolicy"},
		{"obs-change", "no target", func(a *account) { a.EventRules[0].Targets = nil }, checks.Fail, "no target"},
		{"obs-change", "a topic that has a condition", func(a *account) {
			a.EventRules[0].Targets[0].Arn = a.Topics[0].TopicArn
			a.Topics[0].Policy = strings.ReplaceAll(a.Topics[0].Policy, "cloudwatch.amazonaws.com", "events.amazonaws.com")
		}, checks.Fail, "does not let events.amazonaws.com"},
		{"obs-change", "a log group", func(a *account) {
			a.EventRules[0].Targets[0].Arn = "arn:aws:logs:us-east-1:123456789012:log-group:labctl-reference-api"
		}, checks.Pass, "log-group"},
		{"obs-trace", "a reservoir alone", func(a *account) { a.samplingRule().FixedRate, a.samplingRule().ReservoirSize = 0, 1 }, checks.Pass, "first 1 of each second"},
		{"obs-trace", "the default rule alone", func(a *account) {
			a.SamplingRules = slices.DeleteFunc(a.SamplingRules, func(r inventory.SamplingRule) bool { return r.RuleName != "Default" })
		}, checks.Pass, "Default"},
		{"obs-trace", "a rule against health checks before it", func(a *account) {
			rule := *a.samplingRule()
			rule.RuleName, rule.Priority, rule.FixedRate, rule.URLPath = "quiet", 1, 0, "/status"
			a.SamplingRules = append(a.SamplingRules, rule)
		}, checks.Pass, "5 percent"},
		{"obs-trace", "a rule of the same priority and an earlier name", func(a *account) {
			rule := *a.samplingRule()
			rule.RuleName, rule.FixedRate = "a", 0
			a.SamplingRules = append(a.SamplingRules, rule)
		}, checks.Fail, "sampling rule a"},
		{"obs-trace", "a group of everything that failed", func(a *account) { a.traceGroup().FilterExpression = "fault" }, checks.Pass, "2 services"},
		{"obs-trace", "a group of one service's faults on the way from another", func(a *account) {
			a.traceGroup().FilterExpression = `edge("labctl-reference-api", "labctl-reference-payments") AND http.status >= 500`
		}, checks.Pass, "2 services"},
		{"obs-trace", "a group of what went well", func(a *account) { a.traceGroup().FilterExpression = "!fault" }, checks.Fail, "No group shows"},
		{"obs-trace", "an expression that labctl does not know", func(a *account) { a.traceGroup().FilterExpression = `annotation.tier = "gold"` }, checks.Error, "annotation.tier"},
	}
}
