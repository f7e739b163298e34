package alarm

import (
	"math"
	"time"
)

// Evaluation is the outcome of evaluating an alarm once.
type Evaluation struct {
	State State
	// Reason is the state reason as CloudWatch words it.
	Reason string
	// Retained says that the data decides nothing and the alarm keeps the state that it had.
	Retained bool
	// Points are the data points of the evaluation range, the oldest first.
	Points []Point
}

// Point is a data point that an alarm looks at.
type Point struct {
	// At is the beginning of its period.
	At time.Time
	// Value is NaN where there is no data.
	Value float64
}

// Evaluate evaluates an alarm at a moment, knowing the state it had. The error is an [InvalidError] or an [InconclusiveError]. An
// alarm that is evaluated often is better compiled once.
func Evaluate(a Alarm, data *Data, at time.Time, current State) (Evaluation, error) {
	e, err := Compile(a)
	if err != nil {
		return Evaluation{}, err
	}
	return e.Evaluate(data, at, current)
}

// Evaluate evaluates the alarm at a moment, knowing the state it had. The periods slide: the last one ends at the moment
// (alarm-evaluation, "Evaluating an alarm"). The error is an [InconclusiveError].
func (e *Evaluator) Evaluate(data *Data, at time.Time, current State) (Evaluation, error) {
	values, err := e.points(data, at)
	if err != nil {
		return Evaluation{}, err
	}
	out := Evaluation{Points: make([]Point, len(values))}
	for i, v := range values {
		out.Points[i] = Point{At: e.begins(i, at), Value: v}
	}
	v := e.decide(values, current)
	few, err := e.fewSamples(data, at, v)
	if err != nil {
		return Evaluation{}, err
	}
	if few {
		v.state, v.retained = current, true
	}
	out.State, out.Retained, out.Reason = v.state, v.retained, e.reason(v, out.Points, few)
	return out, nil
}

// begins is when a period of the evaluation range begins.
func (e *Evaluator) begins(i int, at time.Time) time.Time {
	return at.Add(-e.period * time.Duration(e.of+beyond-i))
}

// points are the data points of the evaluation range, the oldest first.
func (e *Evaluator) points(data *Data, at time.Time) ([]float64, error) {
	load := func(q query) ([]float64, error) { return e.load(q, data, at) }
	if q := e.queries[e.watched]; q.expression == nil {
		return load(q)
	}
	s := &scope{length: e.of + beyond, period: e.period.Seconds(), queries: e.queries, values: map[string]value{}, load: load}
	v, err := s.reference(e.queries[e.watched].ID)
	if err != nil {
		return nil, err
	}
	if v.shape == scalar || len(v.series) != 1 {
		return nil, invalid("an alarm watches one time series, and its expression gives %v", v.shape)
	}
	return v.single(), nil
}

// load computes a metric for the evaluation range.
func (e *Evaluator) load(q query, data *Data, at time.Time) ([]float64, error) {
	stream, err := data.stream(q.key, q.MetricStat.Unit)
	if err != nil {
		return nil, err
	}
	out := make([]float64, e.of+beyond)
	for i := range out {
		out[i] = absent
		from := e.begins(i, at)
		if points := within(stream, from, from.Add(e.period)); len(points) > 0 {
			v, err := q.statistic.of(points)
			if err != nil {
				return nil, err
			}
			out[i] = finite(v)
		}
	}
	return out, nil
}

// verdict is what data points come to.
type verdict struct {
	state    State
	retained bool
	// evaluated are the indexes of the data points that were looked at, the newest first; filled is how many were made up.
	evaluated []int
	filled    int
}

// decide applies the rules of alarms-and-missing-data ("How alarm state is evaluated when data is missing") to the data points of the
// evaluation range, the oldest first.
func (e *Evaluator) decide(values []float64, current State) verdict {
	var v verdict
	breaching := 0
	for i := len(values) - 1; i >= 0 && len(v.evaluated) < e.of; i-- {
		if missing(values[i]) {
			continue
		}
		v.evaluated = append(v.evaluated, i)
		if e.breaches(values[i]) {
			breaching++
		}
	}
	v.filled = e.of - len(v.evaluated)
	mode := e.missingData()
	if v.filled > 0 && mode == "breaching" {
		breaching += v.filled
	}
	switch {
	case breaching >= e.need:
		v.state = InAlarm
	case v.filled == 0, mode == "breaching", mode == "notBreaching", breaching < len(v.evaluated):
		v.state = OK
	case mode == "ignore":
		v.state, v.retained = current, true
	case e.premature(v.evaluated, len(values)):
		v.state = InAlarm
	default:
		v.state = InsufficientData
	}
	return v
}

// premature says that all data points which exist breach and that the oldest of them is old enough, so that the alarm goes off
// although they are too few ("Avoiding premature transitions to alarm state"). It has been told that none is within the threshold.
func (e *Evaluator) premature(breaching []int, length int) bool {
	return len(breaching) > 0 && length-breaching[len(breaching)-1] >= e.need
}

// fewSamples says that a percentile has too few samples to change the state (percentiles-with-low-samples). Whether they are counted by
// the period or over all periods isn't documented.
func (e *Evaluator) fewSamples(data *Data, at time.Time, v verdict) (bool, error) {
	q := e.queries[e.watched]
	if e.alarm.EvaluateLowSampleCountPercentile != "ignore" || q.statistic.samples == 0 || len(v.evaluated) == 0 {
		return false, nil
	}
	stream, err := data.stream(q.key, q.MetricStat.Unit)
	if err != nil {
		return false, err
	}
	fewest, all := math.Inf(1), 0.0
	for _, i := range v.evaluated {
		from := e.begins(i, at)
		count := samples(within(stream, from, from.Add(e.period)))
		fewest, all = min(fewest, count), all+count
	}
	// The tolerance is for what is lost in the division: p99 needs 1000.
	needed := q.statistic.samples - 1e-6
	if all >= needed && fewest < needed {
		return false, inconclusive("a period has fewer than the %.0f samples that the percentile needs, all of them together have more: AWS doesn't document which counts", q.statistic.samples)
	}
	return all < needed, nil
}
