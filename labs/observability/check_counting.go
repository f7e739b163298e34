package observability

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// tally is how often each of the sample lines counts in a metric.
type tally struct {
	name    string // namespace/name
	filters []string
	watched bool // an alarm looks at it
	unknown error

	failures, answers, others []float64
}

// tallies are the metrics without dimensions that the filters on the API's log groups feed with counts.
func (a *architecture) tallies(emitters []emitter) []*tally {
	byName := map[string]*tally{}
	for _, e := range emitters {
		if len(e.transform.Dimensions) > 0 || strings.HasPrefix(e.transform.MetricValue, "$") {
			continue
		}
		name := e.transform.MetricNamespace + "/" + e.transform.MetricName
		t := byName[name]
		if t == nil {
			t = &tally{name: name, failures: make([]float64, len(failures())), answers: make([]float64, len(answers())), others: make([]float64, len(others()))}
			byName[name] = t
		}
		t.filters = append(t.filters, e.filter.FilterName)
		t.watched = len(a.watchers(e)) > 0
		t.add(e, failures(), t.failures)
		t.add(e, answers(), t.answers)
		t.add(e, others(), t.others)
	}
	var found []*tally
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		found = append(found, byName[name])
	}
	return found
}

func (t *tally) add(e emitter, samples []sample, into []float64) {
	for n, s := range samples {
		p, err := e.emit(s.line)
		if err != nil {
			t.unknown = err
		}
		if p != nil {
			into[n] += p.value
		}
	}
}

// counts says whether each sample of a list counts once, or none does.
func counts(values []float64, each float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return v != each })
}

// failed says whether the metric counts the requests that failed, and nothing else; good whether it counts those that did not.
func (t *tally) failed() bool {
	return counts(t.failures, 1) && counts(t.answers, 0) && counts(t.others, 0)
}

func (t *tally) good() bool {
	return counts(t.failures, 0) && counts(t.answers, 1) && counts(t.others, 0)
}

// mistakes are the samples that would have to count otherwise, if the metric were one of failed requests.
func (t *tally) mistakes() []string {
	var found []string
	for n, s := range failures() {
		switch {
		case t.failures[n] == 0:
			found = append(found, "misses "+s.what)
		case t.failures[n] != 1:
			found = append(found, fmt.Sprintf("counts %s %v times", s.what, t.failures[n]))
		}
	}
	for n, s := range append(answers(), others()...) {
		if append(slices.Clone(t.answers), t.others...)[n] != 0 {
			found = append(found, "counts "+s.what)
		}
	}
	return found
}

// decideFilter asks for a metric that counts each failed request once and nothing else, or one that so counts those that did not fail,
// and that an alarm looks at: what is counted well beside it helps nobody.
func decideFilter(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	groups := a.apiGroups()
	if len(groups) == 0 {
		o.Add(a.nothing("log group", roleAPI))
		return nil, nil
	}
	emitters, err := a.emitters(ctx)
	if err != nil {
		return nil, err
	}
	all := a.tallies(emitters)
	var told, unwatched []string
	var unknown error
	for _, t := range all {
		switch {
		case t.unknown != nil:
			unknown = t.unknown
		case !t.watched && (t.failed() || t.good()):
			unwatched = append(unwatched, t.name)
		case t.failed():
			told = append(told, fmt.Sprintf("Metric %s counts all of %d failed requests and none of %d other lines (filter %s).", t.name, len(failures()), len(answers())+len(others()), say.List(t.filters)))
		case t.good():
			told = append(told, fmt.Sprintf("Metric %s counts all of %d requests that did not fail and none of %d other lines (filter %s).", t.name, len(answers()), len(failures())+len(others()), say.List(t.filters)))
		}
	}
	switch {
	case len(told) > 0:
		return told, nil
	case unknown != nil:
		return nil, unknown
	case len(all) == 0:
		o.Add(fmt.Sprintf("No metric filter on log group %s counts anything.", groups[0].LogGroupName), groups[0].LogGroupName)
		return nil, nil
	case len(unwatched) > 0:
		o.Add(fmt.Sprintf("What counts the failed requests is what no alarm looks at: %s.", say.List(unwatched)))
		return nil, nil
	}
	nearest := slices.MinFunc(all, func(x, y *tally) int { return len(x.mistakes()) - len(y.mistakes()) })
	o.Add(fmt.Sprintf("No metric counts the failed requests and nothing else. The nearest is %s (filter %s): it %s.", nearest.name, say.List(nearest.filters), someOf(nearest.mistakes())), nearest.filters...)
	return nil, nil
}

// someOf names the first few of a list.
func someOf(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, "; ")
	}
	return strings.Join(names[:most], "; ") + fmt.Sprintf("; and %d more", len(names)-most)
}

// decideZero asks of each filter that counts what an alarm looks at, and that has nothing to count in an ordinary minute, what it
// publishes then.
func decideZero(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	emitters, err := a.emitters(ctx)
	if err != nil {
		return nil, err
	}
	var told []string
	judged := false
	for _, e := range emitters {
		// CloudWatch gives a metric with dimensions no default value, and a value that is measured has none.
		if len(e.transform.Dimensions) > 0 || strings.HasPrefix(e.transform.MetricValue, "$") || len(a.watchers(e)) == 0 {
			continue
		}
		judged = true
		name := e.filter.FilterName
		counts, err := e.countsOrdinary()
		if err != nil {
			return nil, err
		}
		gaps := a.gaps(e)
		switch zero := e.transform.DefaultValue; {
		case zero != nil && *zero != 0:
			o.Add(fmt.Sprintf("Filter %s publishes %v in a minute in which nothing matches; it has to be 0.", name, *zero), name)
		case zero != nil:
			told = append(told, fmt.Sprintf("Filter %s publishes 0 in a minute in which nothing matches.", name))
		case counts:
			told = append(told, fmt.Sprintf("Filter %s has no default value, and a line to count in every ordinary minute.", name))
		case len(gaps) > 0:
			o.Add(fmt.Sprintf("Filter %s publishes nothing in a minute in which nothing matches: metric %s/%s, which %s at, has gaps.", name,
				e.transform.MetricNamespace, e.transform.MetricName, look(gaps)), name)
		default:
			told = append(told, fmt.Sprintf("Filter %s has no default value, and the alarms on its metric fill the gaps.", name))
		}
	}
	if !judged {
		o.Add(fmt.Sprintf("No metric filter on a log group of %s with %s=%s counts what an alarm looks at.", a.inv.Scope, roleTag, roleAPI))
	}
	return told, nil
}

// countsOrdinary says whether the filter matches anything in a minute in which nothing is wrong.
func (e emitter) countsOrdinary() (bool, error) {
	for _, line := range []string{heartbeat(), request("/payments", 200, 41, nil)} {
		if p, err := e.emit(line); err != nil || p != nil {
			return p != nil, err
		}
	}
	return false, nil
}

func look(alarms []string) string {
	if len(alarms) == 1 {
		return "alarm " + alarms[0] + " looks"
	}
	return "alarms " + someOf(alarms) + " look"
}

// watchers are the alarms that look at what a filter publishes.
func (a *architecture) watchers(e emitter) []inventory.MetricAlarm {
	return slices.DeleteFunc(slices.Clone(a.alarms), func(one inventory.MetricAlarm) bool {
		return !slices.ContainsFunc(watched(one), func(m inventory.MetricStat) bool { return e.feeds(m.Namespace, m.MetricName) })
	})
}

// filling is a metric, or all that METRICS finds, whose gaps an expression fills with zeros.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (FILL, METRICS)
var filling = regexp.MustCompile(`FILL\(\s*(?:([a-z]\w*)|METRICS\(\s*(?:["']([^"']*)["'])?\s*\))\s*,\s*0(?:\.0*)?\s*\)`)

// fills says whether an alarm fills the gaps of a metric with zeros wherever what it compares comes of that metric.
func fills(one inventory.MetricAlarm, id string) bool {
	used := []string{}
	for _, q := range one.Metrics {
		if q.ReturnData {
			used = append(used, q.Id)
		}
	}
	filled := false
	for n := 0; n < len(used); n++ { // what is used grows
		i := slices.IndexFunc(one.Metrics, func(q inventory.MetricDataQuery) bool { return q.Id == used[n] })
		if i < 0 {
			continue
		}
		text := one.Metrics[i].Expression
		for _, match := range filling.FindAllStringSubmatch(text, -1) {
			filled = filled || match[1] == id || match[1] == "" && strings.Contains(id, match[2])
		}
		for _, other := range identifiers(filling.ReplaceAllString(text, "0")) {
			if !slices.Contains(used, other) {
				used = append(used, other)
			}
		}
	}
	return filled && !slices.Contains(used, id)
}

// gaps are the alarms that look at what a filter publishes and do not fill the gaps.
func (a *architecture) gaps(e emitter) []string {
	var found []string
	for _, one := range a.watchers(e) {
		for n, m := range watched(one) {
			if e.feeds(m.Namespace, m.MetricName) && !fills(one, idOf(one, n)) {
				found = append(found, one.AlarmName)
				break
			}
		}
	}
	return found
}

// mostValues is how many values of a dimension are a handful: each is a metric that is billed.
const mostValues = 20

// decideCardinality puts requests of many users through the filters and counts the metrics that come of it.
func decideCardinality(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	if len(a.apiGroups()) == 0 {
		o.Add(a.nothing("log group", roleAPI))
		return nil, nil
	}
	emitters, err := a.emittersOf(ctx, a.groups)
	if err != nil {
		return nil, err
	}
	if len(emitters) == 0 {
		o.Add(fmt.Sprintf("No metric filter is on log group %s.", a.apiGroups()[0].LogGroupName))
		return nil, nil
	}
	var told []string
	for _, e := range emitters {
		found := map[string]bool{}
		lines := manyUsers(a.eventsOf(e.filter.LogGroupName))
		for _, line := range lines {
			p, err := e.emit(line)
			if err != nil {
				return nil, err
			}
			if p != nil {
				found[metricName(p.metric)] = true
			}
		}
		if len(found) > mostValues {
			o.Add(fmt.Sprintf("Filter %s makes %d metrics of %d requests: its dimensions are %s. Each metric is billed.", e.filter.FilterName, len(found), len(lines), dimensionList(e.transform.Dimensions)), e.filter.FilterName)
			continue
		}
		told = append(told, fmt.Sprintf("Filter %s makes %s of %d requests of as many users.", e.filter.FilterName, typeset.Count(len(found), "metric"), len(lines)))
	}
	return told, a.tooManyMetrics(ctx, emitters, o)
}

// eventsOf is what the lines of a log group are about: the service behind the API tells of what it was asked for.
func (a *architecture) eventsOf(group string) string {
	if slices.ContainsFunc(a.apiGroups(), func(g inventory.LogGroup) bool { return g.LogGroupName == group }) {
		return "request"
	}
	return "charge"
}

// manyUsers are requests of which each is by somebody else, about something else.
func manyUsers(event string) []string {
	const users = 120
	lines := make([]string, users)
	for n := range lines {
		status := 200
		if n%2 == 0 {
			status = 500
		}
		routes := routes()
		lines[n] = request(routes[n%len(routes)], status, float64(n)+0.5, fields{
			"user_id": fmt.Sprintf("u-%d", n), "trace_id": fmt.Sprintf("1-69a57c40-%024d", n), "request_id": fmt.Sprintf("r-%d", n),
			"event": event, "message": fmt.Sprintf("request %d", n), "time": fmt.Sprintf("2026-03-02T12:%02d:%02dZ", n/60, n%60),
		})
	}
	return lines
}

// tooManyMetrics looks at what is published already, by the filters or by anything else in their namespaces.
func (a *architecture) tooManyMetrics(ctx context.Context, emitters []emitter, o *checks.Offences) error {
	seen := map[string]bool{}
	for _, e := range emitters {
		namespace := e.transform.MetricNamespace
		if seen[namespace] {
			continue
		}
		seen[namespace] = true
		metrics, err := a.inv.Metrics(ctx, namespace)
		if err != nil {
			return err
		}
		values := map[string]map[string]bool{}
		for _, m := range metrics {
			for dimension, value := range m.Dimensions {
				key := m.MetricName + " by " + dimension
				if values[key] == nil {
					values[key] = map[string]bool{}
				}
				values[key][value] = true
			}
		}
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if len(values[key]) > mostValues {
				o.Add(fmt.Sprintf("In namespace %s there are %d values of %s. Each is a metric that is billed.", namespace, len(values[key]), key))
			}
		}
	}
	return nil
}
