package observability

import "labctl/checks"

// What a target must show beyond what every emulator of these services does. The local server's corrections have the same names.
const (
	metricFilters   checks.Capability = "metric-filters"
	alarmProtocol   checks.Capability = "cloudwatch-protocol"
	compositeAlarms checks.Capability = "alarm-types"
	samplingRules   checks.Capability = "sampling-rules"
	traceGroups     checks.Capability = "trace-groups"
)

// allChecks are the lab's properties, in the order of its table.
func allChecks() []checks.Check {
	all := countingChecks()
	all = append(all, alarmChecks()...)
	all = append(all, pageChecks()...)
	return append(all, keptChecks()...)
}

func countingChecks() []checks.Check {
	return []checks.Check{{
		ID:          "obs-retention",
		Title:       "Every log group keeps a year, encrypted",
		Requirement: keeping,
		Evidence:    checks.Config,
		Refs:        []string{"CloudWatch.16", "cw-loggroup-retention-period-check"},
		Expected:    "Each log group keeps its events for 365 days or more, not for ever, and has a KMS key that is enabled and lets CloudWatch Logs in.",
		Why:         "What is kept for ever is paid for ever, and what is kept for a week is gone when the question comes.",
		Hint:        "Two attributes of each log group: one may be missing, and then means something that nobody has decided.",
		Decide:      judge(decideRetention),
	}, {
		ID:          "obs-filter",
		Title:       "A filter counts every failed request and nothing else",
		Requirement: counting,
		Evidence:    checks.Analysis,
		Refs:        []string{"OPS08-BP02", "REL06-BP05"},
		Needs:       []checks.Capability{metricFilters},
		Expected: "A metric that an alarm looks at counts each of a set of failed requests once, and none of a set of requests that were answered well, of heartbeats, and of other lines that say ERROR; or it counts just " +
			"those that did not fail.",
		Why:    "A filter that misses a spelling makes the service look perfect in the hour in which it is not.",
		Hint:   "Take a line of a failed request and compare it with the pattern, letter by letter.",
		Decide: judge(decideFilter),
	}, {
		ID:          "obs-filter-zero",
		Title:       "A minute in which nothing matches counts as zero",
		Requirement: counting,
		Evidence:    checks.Config,
		Refs:        []string{"REL06-BP02"},
		Needs:       []checks.Capability{metricFilters},
		Expected:    "Each filter that counts what an alarm looks at publishes 0 where nothing matches, or has a line to count in every minute, or the alarms fill the gaps.",
		Why:         "No data is not the same as no errors: an alarm that has none knows nothing, and a graph with gaps tells nobody which hours were good.",
		Hint:        "What does a filter publish in a minute in which lines come and none matches?",
		Decide:      judge(decideZero),
	}, {
		ID:          "obs-sli",
		Title:       "The indicator is good requests over all requests",
		Requirement: promise,
		Evidence:    checks.Analysis,
		Refs:        []string{"OPS04-BP01"},
		Needs:       []checks.Capability{metricFilters, alarmProtocol},
		Expected:    "The alarm on the objective is content with up to 0.1 percent of failed requests and goes off above, whatever it computes.",
		Why:         "A ratio that is turned around, or fed with the wrong statistic, is a number too, and looks well for months.",
		Hint:        "Put 1,000 requests and 2 failed ones into the expression by hand, and compare with the threshold.",
		Decide:      judgeAlarms(decideSLI),
	}, {
		ID:          "obs-burn",
		Title:       "Burn rates of 14.4 and of 6 page, each over a long and a short window",
		Requirement: burning,
		Evidence:    checks.Analysis,
		Refs:        []string{"OPS08-BP04"},
		Needs:       []checks.Capability{metricFilters, alarmProtocol},
		Expected: "Replayed: a burn rate of 15 pages within 1 h 15 min and one of 6.5 within 6 h 15 min; one of 5 does not, nor do 5 minutes of errors in a tenth of the requests; the second outage of a day pages as " +
			"the first does, and so does a burn rate of 14 three hours after one.",
		Why:    "A long window alone goes on for hours when the errors are over, and a short one alone goes off at every burst.",
		Hint:   "Read the figure: which of the traffics comes out wrong, and which alarm was to see it? 14.4 is 2 percent of the budget in an hour, 6 is 5 percent in six.",
		Decide: decideBurn,
	}, {
		ID:          "obs-replay",
		Title:       "An outage pages within 5 minutes, a leak of 2 percent within the hour, and half the budget never",
		Requirement: burning,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL06-BP02"},
		Needs:       []checks.Capability{metricFilters, alarmProtocol},
		Expected:    "Replayed through the filters and the alarms, by day and by night: a total outage pages within 5 minutes, errors in 2 percent within 60, and in 0.05 percent not at all.",
		Why:         "What counts is neither the threshold nor the window but the minute in which somebody is woken.",
		Hint:        "Read the figure: when does each alarm change its state, and how many data points does it wait for?",
		Decide:      decideReplay,
	}}
}

func alarmChecks() []checks.Check {
	return []checks.Check{{
		ID:          "obs-wiring",
		Title:       "Every alarm looks at a metric that is published",
		Requirement: wiring,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL06-BP01"},
		Needs:       []checks.Capability{metricFilters, alarmProtocol},
		Expected:    "Namespace, name and dimensions of each metric in each alarm are those of one that a filter makes of the API's lines, or that has data; the unit is the same, and the period is a minute or more.",
		Why:         "An alarm on a metric that does not exist is made without a word, and never goes off.",
		Hint:        "Compare the alarm's metric with what the filters publish: each combination of dimensions is a metric of its own.",
		Decide:      judgeAlarms(decideWiring),
	}, {
		ID:          "obs-enabled",
		Title:       "Every alarm that pages reaches somebody",
		Requirement: waking,
		Evidence:    checks.Config,
		Refs:        []string{"CloudWatch.17"},
		Expected:    "Each alarm that notifies a topic has its actions on; the topic exists and lets the alarm publish; and a subscription is confirmed, unfiltered, and may deliver.",
		Why:         "The console shows the alarm in red, and nobody looks at the console at three in the morning.",
		Hint:        "Follow the page: are the alarm's actions on, is the topic there, who has subscribed, and does the queue let the topic in?",
		Decide:      judgeAlarms(decideEnabled),
	}, {
		ID:          "obs-topic-key",
		Title:       "The topic's key lets the alarms in",
		Requirement: waking,
		Evidence:    checks.Analysis,
		Refs:        []string{"SNS.1"},
		Expected:    "The topic is encrypted with a key whose policy lets CloudWatch use it (kms:Decrypt, kms:GenerateDataKey) on behalf of each alarm that pages.",
		Why:         "A topic whose key does not know CloudWatch drops every page, and only the alarm's history says so.",
		Hint:        "Whom does the key's policy let in, and on whose behalf? SNS's own key lets no other service in.",
		Decide:      judge(decideTopicKey),
	}, {
		ID:          "obs-missing",
		Title:       "Silence pages, and is no failed request",
		Requirement: silence,
		Evidence:    checks.ConfigAndAnalysis,
		Refs:        []string{"REL06-BP01"},
		Needs:       []checks.Capability{metricFilters, alarmProtocol},
		Expected:    "When nothing is heard of the API somebody is woken within 5 minutes, by an alarm for which missing data is breaching; no alarm that goes off at failed requests goes off then.",
		Why:         "No lines, no errors: an alarm on errors is never as content as when the service is gone.",
		Hint:        "Each alarm says what it makes of missing data. For which of them is it bad news?",
		Decide:      judgeAlarms(decideMissing),
	}, {
		ID:          "obs-composite",
		Title:       "Who works on the API wakes nobody, and no rule speaks of what does not exist",
		Requirement: peace,
		Evidence:    checks.Analysis,
		Refs:        []string{"OPS08-BP04"},
		Needs:       []checks.Capability{metricFilters, alarmProtocol, compositeAlarms},
		Expected: "Every alarm in a rule exists. Replayed: failures page; while somebody works on the API neither failures nor silence nor slow payments do; and what still fails when the work is over pages within " +
			"15 minutes.",
		Why:    "An alarm in a rule can be deleted, and the rule goes on, with a hole in it.",
		Hint:   "Read each rule aloud: does every name in it exist, and what does it say of maintenance?",
		Decide: judgeAlarms(decideComposite),
	}}
}

func pageChecks() []checks.Check {
	return []checks.Check{{
		ID:          "obs-trace",
		Title:       "Requests are traced from the first hop on, and a group shows those that failed",
		Requirement: clicks,
		Evidence:    checks.Config,
		Refs:        []string{"OPS04-BP05", "REL06-BP07"},
		Needs:       []checks.Capability{samplingRules, traceGroups},
		Expected:    "The sampling rule that decides about requests to the API, the first of those that match, has a rate or a reservoir above 0; a group selects a failed request with its segments of all services.",
		Why:         "The first service decides for all: what it does not trace has no segment anywhere.",
		Hint:        "Order the sampling rules by priority. Which is the first that matches a request to the API?",
		Decide:      judge(decideTrace),
	}, {
		ID:          "obs-runbook",
		Title:       "Every alarm names an owner and a runbook",
		Requirement: clicks,
		Evidence:    checks.Config,
		Refs:        []string{"OPS10-BP02", "OPS07-BP04"},
		Needs:       []checks.Capability{alarmProtocol},
		Expected:    "Each alarm's description, or its tags, name an owner and the address of a runbook.",
		Why:         "Whoever is woken has read nothing yet, and the page is the first thing that is read.",
		Hint:        "Read the descriptions as somebody who joined last week.",
		Decide:      judgeAlarms(decideRunbook),
	}, {
		ID:          "obs-dashboard",
		Title:       "The dashboard shows only what exists",
		Requirement: clicks,
		Evidence:    checks.Analysis,
		Refs:        []string{"OPS08-BP05"},
		Needs:       []checks.Capability{metricFilters},
		Expected:    "A dashboard shows the architecture's alarms or metrics, its body is valid, and every metric, alarm and log group in it exists.",
		Why:         "An empty graph looks like a quiet one.",
		Hint:        "Compare what the widgets name with what there is: metrics with their dimensions, alarms by ARN.",
		Decide:      judge(decideDashboard),
	}, {
		ID:          "obs-change",
		Title:       "Changes of permissions and of the network come to the queue",
		Requirement: changing,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC04-BP03", "CloudWatch.10"},
		Expected:    "A rule that is on matches sample events of changed policies, security groups, network ACLs, gateways, routes and VPCs, and none of calls that only read; its target exists and lets it deliver.",
		Why:         "Most incidents begin with a change, and whoever made it is asleep.",
		Hint:        "Follow an event: is the rule on, does its pattern match, where does it deliver, and is it let in there?",
		Decide:      judge(decideChange),
	}}
}

func keptChecks() []checks.Check {
	return []checks.Check{{
		ID:          "obs-cardinality",
		Title:       "No dimension has a user in it",
		Requirement: budget,
		Evidence:    checks.Config,
		Refs:        []string{"OPS04-BP02"},
		Needs:       []checks.Capability{metricFilters},
		Expected:    "Requests of 120 users make at most 20 metrics of each filter, and no dimension of what is published has more values.",
		Why:         "Each value of a dimension is a metric of its own, at 0.30 USD a month.",
		Hint:        "Which fields of a line become dimensions, and how many values do they have on a busy day?",
		Decide:      judge(decideCardinality),
	}, {
		ID:          "obs-topic-open",
		Title:       "Nobody from outside can write into the pages",
		Requirement: closed,
		Evidence:    checks.Analysis,
		Refs:        []string{"SNS.4", "SQS.3"},
		Expected:    "The policies of the topic and of the queue let nobody in who is not of the account: not the internet, not another account, and no service of AWS that acts for one.",
		Why:         "A false page costs a night, and a thousand of them hide the true one.",
		Hint:        "Ask of each statement: who else could meet this condition?",
		Decide:      judge(decideOpen),
	}}
}
