package alarm

import (
	"math"
)

// function computes a call; its arguments are not evaluated yet.
type function func(*scope, []expression) (value, error)

// functionNamed is a function of metric math (using-metric-math, "Functions supported for metric math"). All others, whether AWS has
// them or not, are not modelled.
func functionNamed(name string) (function, error) {
	switch name {
	case "ABS":
		return pointwise(math.Abs), nil
	case "CEIL":
		return pointwise(math.Ceil), nil
	case "FLOOR":
		return pointwise(math.Floor), nil
	case "LOG":
		return pointwise(math.Log), nil
	case "LOG10":
		return pointwise(math.Log10), nil
	case "SUM":
		return across(name, sum), nil
	case "AVG":
		// "Missing values are treated as 0."
		return across(name, func(points []float64) float64 { return sum(points) / float64(len(points)) }), nil
	case "MIN":
		return across(name, least), nil
	case "MAX":
		return across(name, greatest), nil
	case "DIFF":
		return successive(func(change, _ float64) float64 { return change }), nil
	case "DIFF_TIME":
		return successive(func(_, seconds float64) float64 { return seconds }), nil
	case "RATE":
		return successive(divide), nil
	case "METRICS":
		return metricsFunction, nil
	case "METRIC_COUNT":
		return metricCount, nil
	case "PERIOD":
		return periodFunction, nil
	case "TIME_SERIES":
		return constantSeries, nil
	case "FIRST":
		return member(func(int) int { return 0 }), nil
	case "LAST":
		return member(func(length int) int { return length - 1 }), nil
	case "FILL":
		return fill, nil
	case "IF":
		return choose, nil
	default:
		return nil, inconclusive("the function %s isn't modelled", name)
	}
}

func (n callNode) eval(s *scope) (value, error) {
	f, err := functionNamed(n.function)
	if err != nil {
		return value{}, err
	}
	return f(s, n.arguments)
}

// evaluated evaluates exactly so many arguments.
func evaluated(s *scope, arguments []expression, count int) ([]value, error) {
	if len(arguments) != count {
		return nil, invalid("a function has %d arguments and needs %d", len(arguments), count)
	}
	values := make([]value, count)
	for n, argument := range arguments {
		v, err := argument.eval(s)
		if err != nil {
			return nil, err
		}
		values[n] = v
	}
	return values, nil
}

// only evaluates a single argument, which must not be a number.
func only(s *scope, arguments []expression) (value, error) {
	values, err := evaluated(s, arguments, 1)
	if err != nil {
		return value{}, err
	}
	if values[0].shape == scalar {
		return value{}, invalid("a function that needs a time series has a number")
	}
	return values[0], nil
}

func pointwise(f func(float64) float64) function {
	return func(s *scope, arguments []expression) (value, error) {
		v, err := only(s, arguments)
		if err != nil {
			return value{}, err
		}
		return v.each(f), nil
	}
}

// across makes one time series of an array, moment by moment. Of a single time series these functions would be one number over all data
// points that were retrieved, of which nobody knows how many there are: "This function acts differently when extra data is requested".
func across(name string, f func([]float64) float64) function {
	return func(s *scope, arguments []expression) (value, error) {
		v, err := only(s, arguments)
		if err != nil {
			return value{}, err
		}
		if v.shape == timeSeries {
			return value{}, inconclusive("%s of a single time series depends on how many data points CloudWatch retrieves, which isn't documented", name)
		}
		out := make([]float64, s.length)
		for i := range out {
			if out[i], err = column(name, v.series, i, f); err != nil {
				return value{}, err
			}
		}
		return seriesOf(out), nil
	}
}

// column computes one moment of an array. What is missing counts as 0 in a sum and an average; of the minimum and the maximum the page
// doesn't say.
func column(name string, series [][]float64, i int, f func([]float64) float64) (float64, error) {
	var existing []float64
	withZeros := make([]float64, len(series))
	for n, one := range series {
		withZeros[n] = orZero(one[i])
		if !missing(one[i]) {
			existing = append(existing, one[i])
		}
	}
	if len(existing) == 0 {
		return absent, nil
	}
	result := f(withZeros)
	if (name == "MIN" || name == "MAX") && result != f(existing) {
		return 0, inconclusive("AWS doesn't document %s where one of the time series has no data point", name)
	}
	return finite(result), nil
}

func sum(points []float64) float64 {
	total := 0.0
	for _, p := range points {
		total += p
	}
	return total
}

func least(points []float64) float64 {
	result := math.Inf(1)
	for _, p := range points {
		result = min(result, p)
	}
	return result
}

func greatest(points []float64) float64 {
	result := math.Inf(-1)
	for _, p := range points {
		result = max(result, p)
	}
	return result
}

// successive computes each data point from its difference to the one before it, which may lie some periods back.
func successive(f func(change, seconds float64) float64) function {
	return func(s *scope, arguments []expression) (value, error) {
		v, err := only(s, arguments)
		if err != nil {
			return value{}, err
		}
		out := make([][]float64, len(v.series))
		for n, one := range v.series {
			out[n] = make([]float64, len(one))
			before := -1
			for i, point := range one {
				out[n][i] = absent
				if missing(point) {
					continue
				}
				if before >= 0 {
					out[n][i] = finite(f(point-one[before], float64(i-before)*s.period))
				}
				before = i
			}
		}
		return v.like(out), nil
	}
}

func metricsFunction(s *scope, arguments []expression) (value, error) {
	if len(arguments) == 0 {
		return s.metrics("")
	}
	text, ok := arguments[0].(textNode)
	if !ok || len(arguments) > 1 {
		return value{}, invalid("METRICS takes nothing or one text")
	}
	return s.metrics(string(text))
}

func metricCount(s *scope, arguments []expression) (value, error) {
	v, err := only(s, arguments)
	if err != nil {
		return value{}, err
	}
	if v.shape != array {
		return value{}, invalid("METRIC_COUNT needs an array of time series")
	}
	return numberOf(float64(len(v.series))), nil
}

// periodFunction takes metrics only, "not the results of other expressions". All metrics of an alarm have the same period.
func periodFunction(s *scope, arguments []expression) (value, error) {
	if _, err := only(s, arguments); err != nil {
		return value{}, err
	}
	id, ok := arguments[0].(referenceNode)
	for _, q := range s.queries {
		if ok && q.ID == string(id) && q.expression == nil {
			return numberOf(s.period), nil
		}
	}
	return value{}, invalid("PERIOD needs the id of a metric")
}

func constantSeries(s *scope, arguments []expression) (value, error) {
	values, err := evaluated(s, arguments, 1)
	if err != nil {
		return value{}, err
	}
	if values[0].shape != scalar {
		return value{}, invalid("TIME_SERIES needs a number, not %v", values[0].shape)
	}
	return seriesOf(s.constant(values[0].number)), nil
}

func (s *scope) constant(v float64) []float64 {
	out := make([]float64, s.length)
	for i := range out {
		out[i] = v
	}
	return out
}

func member(index func(length int) int) function {
	return func(s *scope, arguments []expression) (value, error) {
		v, err := only(s, arguments)
		if err != nil {
			return value{}, err
		}
		if v.shape != array {
			return value{}, invalid("FIRST and LAST need an array of time series")
		}
		if len(v.series) == 0 {
			return value{}, inconclusive("AWS doesn't document the first and the last of no time series")
		}
		return seriesOf(v.series[index(len(v.series))]), nil
	}
}
