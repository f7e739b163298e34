package observability

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/alarm"
	"labctl/checks/inventory"
	"labctl/labs/say"
)

// decideSLI asks each alarm on the objective what it makes of shares of failed requests around it.
func decideSLI(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	emitters, err := a.emitters(ctx)
	if err != nil {
		return nil, err
	}
	var told []string
	found := false
	for _, one := range a.alarms {
		if a.tags[one.AlarmArn][roleTag] != roleSLI {
			continue
		}
		found = true
		said, err := judgeObjective(o, emitters, one)
		if err != nil {
			return nil, err
		}
		if said != "" {
			told = append(told, said)
		}
	}
	if !found {
		o.Add(a.nothing("alarm", roleSLI))
	}
	return told, nil
}

// measure is so many requests a minute of which a share fails, and whether the objective is missed.
type measure struct {
	rate, share float64
	miss        bool
}

func (m measure) String() string {
	if m.rate == byDay {
		return percent(m.share) + " of failed requests"
	}
	return fmt.Sprintf("%s of failed requests, of %v a minute", percent(m.share), m.rate)
}

// measures are shares around the objective; by night, when one failed request may be a percent of a window, only none and all.
func measures() []measure {
	return []measure{
		{byDay, 0, false}, {byDay, 0.0005, false}, {byDay, 0.0009, false}, {byDay, 0.0012, true}, {byDay, 0.02, true}, {byDay, 1, true},
		{byNight, 0, false}, {byNight, 1, true},
	}
}

// longest is over how long an alarm can look at all.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (EvaluationPeriods)
const longest = 7 * 24 * time.Hour

func judgeObjective(o *checks.Offences, emitters []emitter, one inventory.MetricAlarm) (string, error) {
	evaluator, err := alarm.Compile(engineAlarm(one))
	if err != nil {
		return "", fmt.Errorf("alarm %s: %w", one.AlarmName, err)
	}
	for _, m := range measures() {
		evaluation, blind, err := evaluateAfter(evaluator, emitters, one, m, horizon(one))
		if err = errors.Join(err, blind); err != nil {
			return "", fmt.Errorf("alarm %s: %w", one.AlarmName, err)
		}
		switch at := fmt.Sprintf("Alarm %s at %v (the objective allows %s)", one.AlarmName, m, percent(slo().Budget())); {
		case m.share > 0 && latest(evaluation) == "": // what is published when nothing fails is the question of obs-filter-zero
			o.Add(fmt.Sprintf("%s has no data to judge by: %s", at, tellMath(one)), one.AlarmName)
			return "", nil
		case m.miss && evaluation.State != alarm.InAlarm:
			o.Add(fmt.Sprintf("%s stays %s: it measures %s, and compares %s. %s", at, evaluation.State, latest(evaluation), comparison(one), tellMath(one)), one.AlarmName)
			return "", nil
		case !m.miss && evaluation.State == alarm.InAlarm:
			o.Add(fmt.Sprintf("%s goes off: it measures %s, and compares %s. %s", at, latest(evaluation), comparison(one), tellMath(one)), one.AlarmName)
			return "", nil
		}
	}
	return fmt.Sprintf("Alarm %s is content with up to %s of failed requests, and goes off at %s. %s", one.AlarmName, percent(0.0009), percent(0.0012), tellMath(one)), nil
}

// longestPeriod is the period of an alarm in seconds; of one on an expression, the longest of its metrics'.
func longestPeriod(one inventory.MetricAlarm) int {
	period := 60
	for _, m := range watched(one) {
		period = max(period, m.Period)
	}
	return period
}

// horizon is for how long an alarm has to be fed until it sees nothing but what it is fed.
func horizon(one inventory.MetricAlarm) time.Duration {
	lasts := time.Duration(one.EvaluationPeriods*longestPeriod(one)) * time.Second
	return min(max(lasts, time.Hour)+time.Hour, longest)
}

// variety are the lines of a log in life: requests of every kind, and as many lines that are no requests as there are requests. Those
// that failed by the caller's fault are left out, as whether they count is a question of taste.
type variety struct{ good, failed, others []string }

func newVariety() variety {
	var v variety
	for _, s := range answers() {
		if !strings.Contains(s.line, `"level":"WARN"`) {
			v.good = append(v.good, s.line)
		}
	}
	for _, s := range failures() {
		v.failed = append(v.failed, s.line)
	}
	for _, s := range others() {
		if s.line != heartbeat() && s.line != maintenance() {
			v.others = append(v.others, s.line)
		}
	}
	return v
}

func (v variety) lines(m alarm.Minute) []crowd {
	lines := []crowd{{heartbeat(), 1}}
	spread := func(over []string, number int) {
		for n, line := range over {
			lines = append(lines, crowd{line, part(number, n, len(over))})
		}
	}
	spread(v.good, m.Requests-m.Errors)
	spread(v.failed, m.Errors)
	spread(v.others, m.Requests)
	return lines
}

// evaluateAfter is what an alarm makes of a steady share of failed requests.
func evaluateAfter(evaluator *alarm.Evaluator, emitters []emitter, one inventory.MetricAlarm, of measure, lasts time.Duration) (evaluation alarm.Evaluation, blind, err error) {
	feeder, variety := newFeeder(emitters), newVariety()
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	made := alarm.Traffic{Start: start, Requests: func(int) float64 { return of.rate }, ErrorRate: func(int) float64 { return of.share }}
	for _, m := range made.Minutes(int(lasts / time.Minute)) {
		feeder.minute(m.At, variety.lines(m))
	}
	evaluation, err = evaluator.Evaluate(feeder.data(), start.Add(lasts), alarm.InsufficientData)
	return evaluation, feeder.blindness([]inventory.MetricAlarm{one}), err //nolint:wrapcheck // its caller names the alarm
}

// latest is the newest value that an alarm has looked at, "" where it is missing.
func latest(evaluation alarm.Evaluation) string {
	if len(evaluation.Points) == 0 {
		return ""
	}
	value := evaluation.Points[len(evaluation.Points)-1].Value
	if math.IsNaN(value) {
		return ""
	}
	return fmt.Sprintf("%.5g", value)
}

// comparison is "LessThanThreshold 0.999".
func comparison(one inventory.MetricAlarm) string {
	return fmt.Sprintf("%s %v", one.ComparisonOperator, one.Threshold)
}

// tellMath is what an alarm computes, for whoever looks for the mistake.
func tellMath(one inventory.MetricAlarm) string {
	text := ""
	for _, query := range one.Metrics {
		if query.Expression != "" {
			text += fmt.Sprintf("%s = %s; ", query.Id, query.Expression)
		}
	}
	for n, m := range watched(one) {
		name := ""
		if len(one.Metrics) > 0 {
			name = idOf(one, n) + " = "
		}
		text += fmt.Sprintf("%s%s of %s over %s; ", name, m.Stat, metricName(inventory.Metric{Namespace: m.Namespace, MetricName: m.MetricName, Dimensions: m.Dimensions}), minutes(time.Duration(m.Period)*time.Second))
	}
	return "It computes " + say.Sentence(text[:max(0, len(text)-2)])
}

// idOf is the id of an alarm's nth metric.
func idOf(one inventory.MetricAlarm, n int) string {
	for _, query := range one.Metrics {
		if query.MetricStat == nil {
			continue
		}
		if n == 0 {
			return query.Id
		}
		n--
	}
	return ""
}
