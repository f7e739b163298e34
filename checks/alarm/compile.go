package alarm

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Evaluator is a metric alarm that has been read and checked, to be evaluated many times. It is safe for concurrent use.
type Evaluator struct {
	alarm Alarm
	// need of the last of data points must breach.
	need, of int
	period   time.Duration
	breaches func(float64) bool
	queries  []query
	watched  int // the index of the query that returns data
}

// beyond is how many data points more than the evaluation periods are retrieved; see the package comment.
const beyond = 2

// Compile reads an alarm. The error is an [InvalidError] or an [InconclusiveError].
func Compile(a Alarm) (*Evaluator, error) {
	e := &Evaluator{alarm: a, of: a.EvaluationPeriods, need: a.DatapointsToAlarm}
	if e.need == 0 {
		e.need = e.of
	}
	if e.of < 1 || e.need < 1 || e.need > e.of {
		return nil, invalid("%d datapoints to alarm of %d evaluation periods: there must be at least one, and not more than there are periods", e.need, e.of)
	}
	if !slices.Contains([]string{"", "missing", "notBreaching", "breaching", "ignore"}, a.TreatMissingData) {
		return nil, invalid("missing data can't be treated as %q", a.TreatMissingData)
	}
	if !slices.Contains([]string{"", "evaluate", "ignore"}, a.EvaluateLowSampleCountPercentile) {
		return nil, invalid("a percentile of few samples can't be treated as %q", a.EvaluateLowSampleCountPercentile)
	}
	if a.ThresholdMetricID != "" {
		return nil, inconclusive("anomaly detection isn't modelled")
	}
	var err error
	if e.breaches, err = comparison(a.ComparisonOperator, a.Threshold); err != nil {
		return nil, err
	}
	if err := e.readSource(); err != nil {
		return nil, err
	}
	if err := e.try(); err != nil {
		return nil, err
	}
	return e, nil
}

// comparison is how a data point breaches: "The specified statistic value is used as the first operand" (PutMetricAlarm).
func comparison(operator string, threshold float64) (func(float64) bool, error) {
	if math.IsNaN(threshold) || math.IsInf(threshold, 0) {
		return nil, invalid("the threshold is no number")
	}
	switch operator {
	case "GreaterThanThreshold":
		return func(v float64) bool { return v > threshold }, nil
	case "GreaterThanOrEqualToThreshold":
		return func(v float64) bool { return v >= threshold }, nil
	case "LessThanThreshold":
		return func(v float64) bool { return v < threshold }, nil
	case "LessThanOrEqualToThreshold":
		return func(v float64) bool { return v <= threshold }, nil
	case "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold":
		return nil, inconclusive("anomaly detection isn't modelled")
	default:
		return nil, invalid("there is no comparison operator %q", operator)
	}
}

// readSource reads what the alarm watches.
func (e *Evaluator) readSource() error {
	queries := e.alarm.Metrics
	if len(queries) == 0 {
		single, err := e.alarm.ownQuery()
		if err != nil {
			return err
		}
		queries = []MetricDataQuery{single}
	} else if e.alarm.Metric.Name != "" || e.alarm.Statistic != "" || e.alarm.ExtendedStatistic != "" || e.alarm.Period != 0 {
		return invalid("an alarm on metric math has no metric, statistic or period of its own")
	}
	e.watched = -1
	metrics, seconds := 0, 0
	for n, q := range queries {
		read, period, err := readQuery(q)
		if err != nil {
			return err
		}
		if q.ReturnData && e.watched >= 0 {
			return invalid("an alarm watches one time series, and several queries return data")
		}
		if q.ReturnData {
			e.watched = n
		}
		if q.MetricStat != nil {
			metrics++
		}
		if seconds != 0 && period != 0 && period != seconds {
			return invalid("the metrics of an alarm need the same period: one has %d and one %d seconds", seconds, period)
		}
		seconds = max(seconds, period)
		e.queries = append(e.queries, read)
	}
	// AlarmThatSendsEmail, "Alarms on math expressions"
	if e.watched < 0 || metrics == 0 || metrics > 10 {
		return invalid("an alarm needs one query that returns data and up to ten metrics")
	}
	return e.setPeriod(seconds)
}

// ownQuery is the metric of an alarm without metric math.
func (a Alarm) ownQuery() (MetricDataQuery, error) {
	if (a.Statistic == "") == (a.ExtendedStatistic == "") {
		return MetricDataQuery{}, invalid("an alarm needs either a statistic or an extended statistic")
	}
	stat := MetricStat{Metric: a.Metric, Period: a.Period, Stat: a.Statistic + a.ExtendedStatistic, Unit: a.Unit}
	return MetricDataQuery{ID: "m1", MetricStat: &stat, ReturnData: true}, nil
}

func readQuery(q MetricDataQuery) (read query, period int, err error) {
	read.MetricDataQuery = q
	if q.ID == "" || q.ID[0] < 'a' || q.ID[0] > 'z' || run(q.ID, name) != q.ID {
		return read, 0, invalid("%q is no id of a query: letters, digits and underscores, a lowercase letter first", q.ID)
	}
	if (q.MetricStat == nil) == (q.Expression == "") {
		return read, 0, invalid("the query %q needs either a metric or an expression", q.ID)
	}
	if q.MetricStat == nil {
		read.expression, err = parseExpression(q.Expression)
		return read, q.Period, err
	}
	if q.MetricStat.Metric.Name == "" || q.MetricStat.Metric.Namespace == "" {
		return read, 0, invalid("the metric of query %q needs a namespace and a name", q.ID)
	}
	read.key = q.MetricStat.Metric.key()
	read.statistic, err = parseStatistic(q.MetricStat.Stat)
	return read, q.MetricStat.Period, err
}

const day = 24 * 60 * 60

// setPeriod checks the period and how much time the alarm spans (PutMetricAlarm, Period).
func (e *Evaluator) setPeriod(seconds int) error {
	if !slices.Contains([]int{10, 20, 30}, seconds) && (seconds < 60 || seconds%60 != 0) {
		return invalid("a period is 10, 20, 30 or a multiple of 60 seconds, not %d", seconds)
	}
	span := seconds * e.of
	switch {
	case span > 7*day || span > day && seconds < 3600:
		return invalid("%d periods of %d seconds are more than an alarm may span", e.of, seconds)
	case span > day:
		return inconclusive("how often an alarm over more than a day is evaluated isn't modelled")
	}
	e.period = time.Duration(seconds) * time.Second
	return nil
}

// try evaluates the alarm without data: types, references and functions don't depend on it.
func (e *Evaluator) try() error {
	if _, err := e.points(NewData(), time.Time{}); err != nil {
		return err
	}
	if e.alarm.EvaluateLowSampleCountPercentile == "ignore" && len(e.alarm.Metrics) > 0 {
		for _, q := range e.queries {
			if q.statistic.samples > 0 {
				return inconclusive("AWS doesn't document how few samples of a percentile are ignored in metric math")
			}
		}
	}
	return nil
}

// Interval is how often the alarm is evaluated (alarm-evaluation, "Evaluating an alarm"): each minute, or each 10 seconds if its period is shorter than a minute.
func (e *Evaluator) Interval() time.Duration {
	if e.period < time.Minute {
		return 10 * time.Second
	}
	return time.Minute
}

// missingData is how missing data is treated. Metrics of DynamoDB are ignored unless the alarm says otherwise (alarms-and-missing-data).
func (e *Evaluator) missingData() string {
	switch {
	case e.alarm.TreatMissingData != "":
		return e.alarm.TreatMissingData
	case strings.EqualFold(e.alarm.Metric.Namespace, "AWS/DynamoDB"):
		return "ignore"
	default:
		return "missing"
	}
}
