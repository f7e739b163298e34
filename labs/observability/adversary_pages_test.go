package observability

import (
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
)

func adversariesOfPages() []variant {
	onTopic := func(s string) func(*account) {
		return func(a *account) {
			a.Topics[0].Policy = `{"Version":"2012-10-17","Statement":[` + strings.ReplaceAll(s, "TOPIC", a.Topics[0].TopicArn) + `]}`
		}
	}
	onQueue := func(s string) func(*account) {
		return func(a *account) {
			a.Queues[0].Policy = `{"Version":"2012-10-17","Statement":[` + strings.NewReplacer("QUEUE", a.Queues[0].QueueArn, "TOPIC", a.Topics[0].TopicArn).Replace(s) + `]}`
		}
	}
	described := func(s string) func(*account) { return func(a *account) { a.alarm("-sli").AlarmDescription = s } }
	matching := func(s string) func(*account) { return func(a *account) { a.EventRules[0].EventPattern = s } }
	return []variant{
		{"obs-enabled", "empty filter policy", func(a *account) { a.Subscriptions[0].FilterPolicy = "{}" }, checks.Pass, ""},
		{"obs-enabled", "filter exists false", func(a *account) { a.Subscriptions[0].FilterPolicy = `{"x":[{"exists":false}]}` }, checks.Error, ""},
		{"obs-enabled", "queue of another account", func(a *account) {
			a.Subscriptions[0].Endpoint = "arn:aws:sqs:us-east-1:210987654321:pages"
		}, checks.Error, ""},
		{"obs-enabled", "queue of another region", func(a *account) {
			a.Subscriptions[0].Endpoint = "arn:aws:sqs:eu-west-1:123456789012:pages"
		}, checks.Error, ""},
		{"obs-enabled", "queue policy denies", func(a *account) {
			policyOn(&a.Queues[0].Policy, func(s []statement) ([]statement, bool) {
				return append(s, statement{"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*", "Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "true"}}}), true
			})
		}, checks.Fail, ""},
		{"obs-enabled", "queue policy denies insecure", func(a *account) {
			policyOn(&a.Queues[0].Policy, func(s []statement) ([]statement, bool) {
				return append(s, statement{"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*", "Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}}), true
			})
		}, checks.Pass, ""},
		{"obs-enabled", "one silence page action of one alarm off", func(a *account) { a.composite("-page-silence").ActionsEnabled = false }, checks.Fail, ""},
		{"obs-enabled", "wrong account in the topic's condition", func(a *account) {
			a.Topics[0].Policy = strings.ReplaceAll(a.Topics[0].Policy, `"aws:SourceAccount":"123456789012"`, `"aws:SourceAccount":"210987654321"`)
		}, checks.Fail, ""},
		{"obs-topic-key", "no alarm notifies it", func(a *account) {
			for n := range a.CompositeAlarms {
				a.CompositeAlarms[n].AlarmActions = nil
			}
		}, checks.Fail, ""},
		{"obs-topic-key", "wrong source account", func(a *account) {
			policyOn(&a.Keys[0].Policy, onBehalf(cloudWatch, map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": "210987654321"}}))
		}, checks.Fail, ""},
		{"obs-topic-key", "deny", func(a *account) {
			policyOn(&a.Keys[0].Policy, func(s []statement) ([]statement, bool) {
				return append(s, statement{"Effect": "Deny", "Principal": map[string]any{"Service": cloudWatch}, "Action": "kms:GenerateDataKey", "Resource": "*"}), true
			})
		}, checks.Fail, ""},
		{"obs-topic-key", "key of another account", func(a *account) {
			a.Topics[0].KmsMasterKeyId = "arn:aws:kms:us-east-1:210987654321:key/11111111-2222-3333-4444-555555555555"
		}, checks.Error, ""},
		{"obs-topic-key", "GenerateDataKeyWithoutPlaintext only", func(a *account) {
			policyOn(&a.Keys[0].Policy, func(s []statement) ([]statement, bool) {
				for _, one := range s {
					if one.of(cloudWatch) {
						one["Action"] = []any{"kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext"}
					}
				}
				return s, true
			})
		}, checks.Fail, ""},
		{"obs-missing", "FILL", func(a *account) {
			one := a.alarm("-heartbeat")
			one.Metrics = []inventory.MetricDataQuery{{Id: "e", Expression: "FILL(h, 0)", ReturnData: true}, {Id: "h", MetricStat: &inventory.MetricStat{Namespace: one.Namespace, MetricName: one.MetricName, Period: 60, Stat: "Sum", Unit: "Count"}}}
			one.Namespace, one.MetricName, one.Period, one.Statistic, one.Unit = "", "", 0, "", ""
		}, checks.Pass, ""},
		{"obs-missing", "M of N", func(a *account) {
			a.alarm("-heartbeat").EvaluationPeriods, a.alarm("-heartbeat").DatapointsToAlarm = 3, 2
		}, checks.Pass, ""},
		{"obs-missing", "1 of 1", func(a *account) { a.alarm("-heartbeat").EvaluationPeriods = 1 }, checks.Pass, ""},
		{"obs-missing", "missing", func(a *account) { a.alarm("-heartbeat").TreatMissingData = "" }, checks.Fail, ""},
		{"obs-missing", "ignore", func(a *account) { a.alarm("-heartbeat").TreatMissingData = "ignore" }, checks.Fail, ""},
		{"obs-missing", "period 300 x2", func(a *account) { a.alarm("-heartbeat").Period = 300 }, checks.Fail, ""},
		{"obs-missing", "more heartbeats than there are", func(a *account) { a.alarm("-heartbeat").Threshold = 2 }, checks.Fail, "has paged before"},
		{"obs-missing", "fast long breaching", func(a *account) { a.alarm("-burn-fast-long").TreatMissingData = "breaching" }, checks.Pass, ""},
		{"obs-composite", "suppressor reversed", func(a *account) {
			for n := range a.CompositeAlarms {
				p := &a.CompositeAlarms[n]
				p.AlarmRule, _, _ = strings.Cut(p.AlarmRule, " AND NOT")
				p.ActionsSuppressor, p.ActionsSuppressorWaitPeriod, p.ActionsSuppressorExtensionPeriod = a.alarm("-heartbeat").AlarmArn, 60, 60
			}
		}, checks.Fail, ""},
		{"obs-composite", "suppressor without tags", func(a *account) {
			for n := range a.CompositeAlarms {
				p := &a.CompositeAlarms[n]
				p.AlarmRule, _, _ = strings.Cut(p.AlarmRule, " AND NOT")
				p.ActionsSuppressor, p.ActionsSuppressorWaitPeriod, p.ActionsSuppressorExtensionPeriod = a.alarm("-maintenance").AlarmArn, 60, 60
			}
			delete(a.AlarmTags, a.alarm("-maintenance").AlarmArn)
		}, checks.Pass, ""},
		{"obs-composite", "suppressor gone", func(a *account) {
			p := a.composite("-page-errors")
			p.ActionsSuppressor = "gone"
		}, checks.Fail, ""},
		{"obs-composite", "extension of an hour", func(a *account) {
			for n := range a.CompositeAlarms {
				p := &a.CompositeAlarms[n]
				p.AlarmRule, _, _ = strings.Cut(p.AlarmRule, " AND NOT")
				p.ActionsSuppressor, p.ActionsSuppressorWaitPeriod, p.ActionsSuppressorExtensionPeriod = a.alarm("-maintenance").AlarmArn, 60, 3600
			}
		}, checks.Fail, ""},
		{"obs-composite", "OK(maintenance)", func(a *account) {
			for n := range a.CompositeAlarms {
				p := &a.CompositeAlarms[n]
				p.AlarmRule = strings.ReplaceAll(p.AlarmRule, "NOT ALARM(", "OK(")
			}
		}, checks.Pass, ""},
		{"obs-composite", "one page without maintenance", func(a *account) {
			p := a.composite("-page-latency")
			p.AlarmRule, _, _ = strings.Cut(p.AlarmRule, " AND NOT")
		}, checks.Fail, ""},
		{"obs-runbook", "spaces", described("     "), checks.Fail, ""},
		{"obs-runbook", "URL only", described("https://runbooks.example.com/x"), checks.Fail, ""},
		{"obs-runbook", "host without a dot", described("Owner: payments. Runbook: https://go/payments-runbook"), checks.Pass, ""},
		{"obs-runbook", "two lines", described("Owner: payments\nRunbook:\nhttps://wiki.example.com/slo"), checks.Pass, ""},
		{"obs-runbook", "the dashboard's address", described("Owner: payments. Runbook: - Dashboard: https://console.example.com/x"), checks.Fail, ""},
		{"obs-runbook", "tbd, dashboard", described("Owner: payments. Runbook: tbd, Dashboard: https://console.example.com/x"), checks.Fail, ""},
		{"obs-runbook", "todo owner", described("Owner: TODO. Runbook: https://wiki.example.com/slo"), checks.Fail, ""},
		{"obs-runbook", "the team is told", described("The team is told tomorrow. Runbook: https://wiki.example.com/slo"), checks.Fail, ""},
		{"obs-runbook", "owner empty then dashboard", described("Owner: Dashboard: https://c.example.com/x Runbook: https://wiki.example.com/slo"), checks.Fail, ""},
		{"obs-runbook", "the address says runbooks", described("Owner: payments. What to do: https://wiki.example.com/runbooks/slo"), checks.Pass, ""},
		{"obs-runbook", "markdown", described("**Owner:** payments\n[Runbook](https://wiki.example.com/slo)"), checks.Pass, ""},
		{"obs-runbook", "tags tbd", func(a *account) {
			one := a.alarm("-sli")
			one.AlarmDescription = "x"
			a.AlarmTags[one.AlarmArn]["owner"], a.AlarmTags[one.AlarmArn]["runbook"] = "TBD", "https://wiki.example.com/slo"
		}, checks.Fail, ""},
		{"obs-runbook", "tag of blanks", func(a *account) {
			one := a.alarm("-sli")
			one.AlarmDescription = "x"
			a.AlarmTags[one.AlarmArn]["owner"], a.AlarmTags[one.AlarmArn]["runbook"] = "payments", "  ://  "
		}, checks.Fail, ""},
		{"obs-runbook", "json", described(`{"owner":"payments","runbook":"https://wiki.example.com/slo"}`), checks.Pass, ""},
		{"obs-dashboard", "lower-case Metrics Insights", func(a *account) {
			a.redraw(`["labctl-reference","Heartbeats"]`, `[{"expression":"select sum(Errors) from \"labctl-reference\"","id":"q1","period":60}]`)
		}, checks.Pass, ""},
		{"obs-dashboard", "SEARCH", func(a *account) {
			a.redraw(`["labctl-reference","Heartbeats"]`, `[{"expression":"SEARCH('{labctl-reference,Route} MetricName=\"Latency\"', 'p99', 300)","id":"q1"}]`)
		}, checks.Pass, ""},
		{"obs-dashboard", "not JSON", func(a *account) { a.Dashboards[0].DashboardBody = "{" }, checks.Fail, ""},
		{"obs-dashboard", "text only", func(a *account) {
			a.Dashboards[0].DashboardBody = `{"widgets":[{"type":"text","properties":{"markdown":"x"}}]}`
		}, checks.Fail, ""},
		{"obs-dashboard", "explorer beside", func(a *account) {
			a.redraw(`{"widgets":[`, `{"widgets":[{"type":"explorer","x":0,"y":0,"width":24,"height":9,"properties":{"metrics":[],"labels":[],"period":300}},`)
		}, checks.Pass, ""},
		{"obs-dashboard", "a function of the ids in a chain", func(a *account) {
			a.redraw(`"metrics":[["labctl-reference","Heartbeats"]]`, `"metrics":[[{"id":"e2","expression":"e1 * 2"}],[{"id":"e1","expression":"RATE(m1)"}],["labctl-reference","Heartbeats",{"id":"m1"}]]`)
		}, checks.Pass, ""},
		{"obs-change", "wrong detail-type", matching(`{"source":["aws.iam","aws.ec2"],"detail-type":["AWS Service Event via CloudTrail"],"detail":{"readOnly":[false]}}`), checks.Fail, ""},
		{"obs-change", "prefix of verbs", matching(`{"source":["aws.iam","aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventName":[{"prefix":"Attach"},{"prefix":"Put"},{"prefix":"Create"},{"prefix":"Delete"},{"prefix":"Detach"},{"prefix":"Authorize"},{"prefix":"Revoke"},{"prefix":"Replace"}]}}`), checks.Pass, ""},
		{"obs-change", "anything-but prefix", matching(`{"source":["aws.iam","aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventName":[{"anything-but":{"prefix":["Get","List","Describe"]}}]}}`), checks.Pass, ""},
		{"obs-change", "of roles only", matching(`{"source":["aws.iam","aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"readOnly":[false],"userIdentity":{"type":["AssumedRole"]}}}`), checks.Fail, "by IAMUser"},
		{"obs-change", "not of the root user", matching(`{"source":["aws.iam","aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"readOnly":[false],"userIdentity":{"type":[{"anything-but":"Root"}]}}}`), checks.Fail, "by Root"},
		{"obs-change", "of the console only", matching(`{"source":["aws.iam","aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"readOnly":[false],"sessionCredentialFromConsole":["true"]}}`), checks.Fail, "by AssumedRole"},
		{"obs-change", "schedule", func(a *account) { a.EventRules[0].EventPattern = "" }, checks.Fail, ""},
		{"obs-change", "enabled also for reads", func(a *account) { a.EventRules[0].State = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" }, checks.Pass, ""},
		{"obs-change", "source of cloudtrail", matching(`{"source":["aws.cloudtrail"],"detail-type":["AWS API Call via CloudTrail"]}`), checks.Fail, ""},
		{"obs-change", "queue elsewhere", func(a *account) { a.EventRules[0].Targets[0].Arn = "arn:aws:sqs:us-east-1:210987654321:x" }, checks.Error, ""},
		{"obs-trace", "catch-all with rate 0", func(a *account) {
			r := *a.samplingRule()
			r.RuleName, r.Priority, r.FixedRate, r.ReservoirSize, r.ServiceName = "z", 99, 0, 0, "*"
			a.SamplingRules = append(a.SamplingRules, r)
		}, checks.Fail, ""},
		{"obs-trace", "catch-all with rate 0, later", func(a *account) {
			r := *a.samplingRule()
			r.RuleName, r.Priority, r.FixedRate, r.ReservoirSize, r.ServiceName = "z", 101, 0, 0, "*"
			a.SamplingRules = append(a.SamplingRules, r)
		}, checks.Pass, ""},
		{"obs-trace", "POST only at 0", func(a *account) {
			r := *a.samplingRule()
			r.RuleName, r.Priority, r.FixedRate, r.HTTPMethod = "z", 1, 0, "POST"
			a.SamplingRules = append(a.SamplingRules, r)
		}, checks.Fail, ""},
		{"obs-trace", "group of a wrong service", func(a *account) { a.traceGroup().FilterExpression = `service("labctl-reference-web") AND fault` }, checks.Fail, ""},
		{"obs-trace", "group by braces", func(a *account) { a.traceGroup().FilterExpression = `service("labctl-reference-api") { fault = true }` }, checks.Pass, ""},
		{"obs-trace", "group of errors only (4xx)", func(a *account) { a.traceGroup().FilterExpression = `service("labctl-reference-api") AND error` }, checks.Fail, ""},
		{"obs-cardinality", "user on the payments group", func(a *account) {
			f := *a.filter("-latency")
			f.FilterName, f.LogGroupName = "by-request", a.group("payments").LogGroupName
			f.FilterPattern = `{ $.request_id = "*" }`
			f.MetricTransformations = []inventory.MetricTransformation{{MetricNamespace: "labctl-reference", MetricName: "Charges", MetricValue: "1", Dimensions: map[string]string{"Request": "$.request_id"}}}
			a.MetricFilters = append(a.MetricFilters, f)
		}, checks.Fail, ""},
		{"obs-cardinality", "status", func(a *account) {
			a.filter("-latency").MetricTransformations[0].Dimensions = map[string]string{"Status": "$.status", "Route": "$.route"}
		}, checks.Pass, ""},
		{"obs-cardinality", "message", func(a *account) {
			a.filter("-latency").MetricTransformations[0].Dimensions = map[string]string{"M": "$.message"}
		}, checks.Fail, ""},
		{"obs-cardinality", "time", func(a *account) {
			a.filter("-latency").MetricTransformations[0].Dimensions = map[string]string{"M": "$.time"}
		}, checks.Fail, ""},
		{"obs-topic-open", "a named other account", onTopic(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"sns:Publish","Resource":"TOPIC"}`), checks.Fail, ""},
		{"obs-topic-open", "a named other account, by number", onTopic(`{"Effect":"Allow","Principal":{"AWS":"210987654321"},"Action":"sns:Publish","Resource":"TOPIC"}`), checks.Fail, ""},
		{"obs-topic-open", "S3 for anybody", onTopic(`{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sns:Publish","Resource":"TOPIC"}`), checks.Fail, ""},
		{"obs-topic-open", "S3 of this account", onTopic(`{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sns:Publish","Resource":"TOPIC","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}`), checks.Pass, ""},
		{"obs-topic-open", "any bucket", onTopic(`{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sns:Publish","Resource":"TOPIC","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}}`), checks.Fail, "s3"},
		{"obs-topic-open", "a bucket", onTopic(`{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sns:Publish","Resource":"TOPIC","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::invoices"}}}`), checks.Pass, ""},
		{"obs-topic-open", "alarms of two accounts", onTopic(`{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"TOPIC","Condition":{"StringEquals":{"aws:SourceAccount":["123456789012","210987654321"]}}}`), checks.Fail, "account 210987654321"},
		{"obs-topic-open", "a source account if there is one", onTopic(`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sns:Publish","Resource":"TOPIC","Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"123456789012"}}}`), checks.Fail, "anybody on the internet"},
		{"obs-retention", "the key is for another log group", func(a *account) {
			policyOn(&a.Keys[0].Policy, onBehalf("logs.us-east-1.amazonaws.com", map[string]any{"ArnEquals": map[string]any{"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:123456789012:log-group:labctl-reference-api"}}))
		}, checks.Fail, "labctl-reference-payments"},
		{"obs-enabled", "one subscription nobody can judge, and one that works", func(a *account) {
			s := a.Subscriptions[0]
			s.Endpoint = "arn:aws:sqs:eu-west-1:123456789012:pages"
			a.Subscriptions = append([]inventory.Subscription{s}, a.Subscriptions...)
		}, checks.Pass, "reaches"},
		{"obs-topic-open", "alarms of a name in any account", onTopic(`{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"TOPIC","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:*:*:alarm:labctl-reference-*"}}}`), checks.Fail, ""},
		{"obs-topic-open", "roles of a name in any account", onTopic(`{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"TOPIC","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/publisher"}}}`), checks.Fail, ""},
		{"obs-topic-open", "org", onTopic(`{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"TOPIC","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}}}`), checks.Pass, ""},
		{"obs-topic-open", "NotPrincipal", onTopic(`{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sns:Publish","Resource":"TOPIC"}`), checks.Error, ""},
		{"obs-topic-open", "source account in the condition is foreign", onTopic(`{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"TOPIC","Condition":{"StringEquals":{"aws:SourceAccount":"210987654321"}}}`), checks.Fail, ""},
		{"obs-topic-open", "queue standard", onQueue(`{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"QUEUE","Condition":{"ArnEquals":{"aws:SourceArn":"TOPIC"}}}`), checks.Pass, ""},
		{"obs-topic-open", "queue for topics of a name of any account", onQueue(`{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"QUEUE","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:*:labctl-reference-on-call"}}}`), checks.Fail, ""},
		{"obs-topic-open", "queue for own addresses", onQueue(`{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"QUEUE","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`), checks.Pass, ""},
		{"obs-topic-open", "all principals but by own account", onTopic(`{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"TOPIC","Condition":{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}}`), checks.Pass, ""},
		{"obs-topic-open", "deny to others than own", onTopic(`{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"TOPIC"},{"Effect":"Deny","Principal":"*","Action":"sns:*","Resource":"TOPIC","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"123456789012"}}}`), checks.Pass, ""},
	}
}
