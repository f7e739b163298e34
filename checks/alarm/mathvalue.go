package alarm

import (
	"math"
)

// absent marks a period of a time series that has no data point.
var absent = math.NaN()

func missing(v float64) bool { return math.IsNaN(v) }

// finite keeps only numbers: what can't be computed has no data point, as with a division by zero.
func finite(v float64) float64 {
	if math.IsInf(v, 0) {
		return absent
	}
	return v
}

// shape is the data type of a value (using-metric-math, "Data type abbreviations").
type shape int

const (
	scalar     shape = iota // S
	timeSeries              // TS
	array                   // TS[]
)

func (s shape) String() string {
	return [...]string{"a number", "a time series", "an array of time series"}[s]
}

// value is what an expression comes to. All time series have the length of the evaluation range.
type value struct {
	shape  shape
	number float64
	series [][]float64 // one if the shape is timeSeries
}

func numberOf(v float64) value           { return value{shape: scalar, number: v} }
func seriesOf(s []float64) value         { return value{shape: timeSeries, series: [][]float64{s}} }
func arrayOf(s [][]float64) value        { return value{shape: array, series: s} }
func (v value) single() []float64        { return v.series[0] }
func (v value) like(s [][]float64) value { return value{shape: v.shape, series: s} }

// each applies a function to every data point that exists.
func (v value) each(f func(float64) float64) value {
	if v.shape == scalar {
		return numberOf(finite(f(v.number)))
	}
	out := make([][]float64, len(v.series))
	for n, s := range v.series {
		out[n] = make([]float64, len(s))
		for i, point := range s {
			out[n][i] = finite(f(point))
		}
	}
	return v.like(out)
}

// zip applies a function to the data points of two values at the same moments. Where only one of two time series has a data point, the
// other one counts as 0 (using-metric-math, "Basic arithmetic functions" and "Comparison and logical operators"). A number stands for
// a data point at each moment that the other one has.
func zip(a, b value, f func(x, y float64) float64) (value, error) {
	switch {
	case a.shape == scalar && b.shape == scalar:
		return numberOf(finite(f(a.number, b.number))), nil
	case b.shape == scalar:
		return a.each(func(x float64) float64 { return present(f, x, b.number, x) }), nil
	case a.shape == scalar:
		return b.each(func(y float64) float64 { return present(f, a.number, y, y) }), nil
	case a.shape == array && b.shape == array && len(a.series) != len(b.series):
		return value{}, inconclusive("AWS doesn't document operators on arrays of different lengths")
	}
	if a.shape == timeSeries && b.shape == array {
		swapped, err := zip(b, a, func(x, y float64) float64 { return f(y, x) })
		return swapped, err
	}
	out := make([][]float64, len(a.series))
	for n, s := range a.series {
		other := b.series[0]
		if b.shape == array {
			other = b.series[n]
		}
		out[n] = make([]float64, len(s))
		for i := range s {
			out[n][i] = absent
			if !missing(s[i]) || !missing(other[i]) {
				out[n][i] = finite(f(orZero(s[i]), orZero(other[i])))
			}
		}
	}
	return a.like(out), nil
}

// present applies a function where a data point exists.
func present(f func(x, y float64) float64, x, y, point float64) float64 {
	if missing(point) {
		return absent
	}
	return f(x, y)
}

func orZero(v float64) float64 {
	if missing(v) {
		return 0
	}
	return v
}
