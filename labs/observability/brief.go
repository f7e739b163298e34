package observability

import "labctl/labs"

const scenario = `
An API takes payments: a thousand requests a minute by day, ten by night. The firm promises 99.9 percent over 30 days. That is a
budget: one request in a thousand may fail, 43 minutes of a total outage and nothing else. Last year it was used up twice, and both
times a customer was the one who called.

A total outage has to wake somebody within 5 minutes, and an error in 2 percent of the requests within the hour: it uses up the
month in a day and a half. What the budget is there for wakes nobody, nor does somebody who works on the API. More than one page a
week, and people begin to sleep through them.

Whoever is woken knows nothing yet. From the page it takes three clicks to a trace of a request that failed: the page, the
dashboard, the trace. What was changed in the network and in permissions lies beside it, since that is the next question.

Auditors want the logs of a year, and encrypted. All this may cost 10 USD a month.
`

const architectureDrawing = `
                     requests, one line of JSON each
                                   |
+- API -------+   trace id   +- payments --+
| 1 in 20     |------------->| as decided  |   segments   +- X-Ray -------+
| is traced   |              | by the API  |------------->| group: faulty |
+----|--------+              +------|------+              | or over 1 s   |
     |                              |                     +---------------+
+----v---- log groups: 365 days, one key --+
| api                       payments       |
+----|-------------------------------------+
     | metric filters, zero where nothing matches
     +-> Requests --+
     +-> Errors ----+--> burn rate 14.4 over 1 h and 5 min --+
     |              |    burn rate 6 over 6 h and 30 min ----+-> page: errors
     |              +--> objective over a day (no page)      |
     +-> Heartbeats ---> 2 minutes of silence ---------------+-> page: silence
     +-> Latency ------> p99 of /payments over 1 s ----------+-> page: latency
     +-> Maintenance --> somebody works on it ---- no page --+        |
                                                                      |
+- dashboard ----+     +- on-call (SQS) -+     +- on-call (SNS, key) -v-+
| alarms, rates, |     | 14 days         |<----| from these alarms only |
| failed lines   |     +--------^--------+     +------------------------+
+----------------+              |
                     +----------+- rule ----------------+
                     | IAM or the network was changed   |
                     +----------------------------------+
`

// The requirements by name, so that a check says which one it proves.
const (
	promise = iota + 1
	burning
	counting
	silence
	wiring
	waking
	peace
	clicks
	changing
	keeping
	closed
	budget
)

func requirements() []labs.Requirement {
	return []labs.Requirement{
		{Number: promise, Text: "The promise is measured as it is made: good requests over all requests, 99.9 percent of them, over what visitors get and not over what machines do. " +
			"A ratio that is turned around or fed with the wrong statistic is a number, too, and looks well for months."},
		{Number: burning, Text: "A total outage pages within 5 minutes, a leak of 2 percent within the hour, and half of what the budget allows never does. First requests fail, then " +
			"data points breach, then the alarm has seen enough of them, then somebody is told: the sum of the delays counts. When the errors end, so does the alarm, " +
			"or the next incident is nobody's news."},
		{Number: counting, Text: "Every failed request is counted, and nothing else, whatever the line looks like; a minute in which none failed counts as zero. A filter that misses a spelling makes the service " +
			"look perfect in the very hour in which it is not."},
		{Number: silence, Text: "An API from which nothing is heard pages like one that fails. First lines stop, then data points, and an alarm on errors is content: no lines, no errors. Only an alarm for which " +
			"missing data is the bad news can tell."},
		{Number: wiring, Text: "Each alarm watches something that is published: the same namespace, name, dimensions, unit, and often enough. CloudWatch makes an alarm on a metric that does not exist without a word, and it stays as " +
			"it is for ever."},
		{Number: waking, Text: "An alarm that goes off reaches whoever is on call: actions on, a topic that is there, that the alarm may use with its key, and a subscription that somebody has confirmed. Each link that is " +
			"missing fails in silence, and the history of the alarm is the only place that says so."},
		{Number: peace, Text: "One incident is one page, and who works on the API wakes nobody; when the work is over and the symptom is not, the page comes late and is not lost."},
		{Number: clicks, Text: "From the page to a trace in three clicks: the page says whose it is and what to do, the dashboard shows what the alarms watch, the traces of a request join over all services. At three in the morning nobody " +
			"searches."},
		{Number: changing, Text: "Changes of the network and of permissions are at hand beside the page. After \"since when?\" the first question is \"what has changed?\"."},
		{Number: keeping, Text: "Logs are kept 365 days and encrypted with a key of the firm's own. For ever is a bill that grows, and a week is shorter than it takes to notice."},
		{Number: closed, Text: "Nobody from outside can write into the topic or the queue of the pages: a false page costs a night, and a thousand hide the true one."},
		{Number: budget, Text: "All this costs at most 10 USD a month. Each value of a dimension is a metric that is billed: one dimension with a user in it, and ten thousand users are 3,000 USD."},
	}
}
