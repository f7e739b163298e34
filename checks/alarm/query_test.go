package alarm

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// queried returns the values of each series; periods without data are NaN in the wanted tables and absent in the answer.
func queried(t *testing.T, queries []MetricDataQuery, data *Data, from time.Time, length time.Duration) map[string][]Point {
	t.Helper()
	series, err := Query(queries, data, from, from.Add(length))
	require.NoError(t, err)
	out := map[string][]Point{}
	for _, s := range series {
		out[s.ID] = append(out[s.ID], s.Points...)
	}
	return out
}

func TestAQueryReturnsAPointForEachPeriodThatHasData(t *testing.T) {
	t.Parallel()
	from := time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC)
	requests, errors := Metric{Namespace: "lab", Name: "Requests"}, Metric{Namespace: "lab", Name: "Errors"}
	data := NewData()
	for minute, count := range []float64{10, 20, math.NaN(), 40} {
		if !missing(count) {
			data.Put(requests, "Count", Value(from.Add(time.Duration(minute)*time.Minute), count))
		}
	}
	data.Put(requests, "Count", Value(from.Add(-time.Second), 1000), Value(from.Add(4*time.Minute), 1000)) // outside
	data.Put(errors, "Count", Value(from.Add(30*time.Second), 1), Value(from.Add(40*time.Second), 3))

	stat := func(m Metric, stat string, period int) *MetricStat {
		return &MetricStat{Metric: m, Stat: stat, Period: period}
	}
	at := func(minute int, value float64) Point {
		return Point{At: from.Add(time.Duration(minute) * time.Minute), Value: value}
	}
	got := queried(t, []MetricDataQuery{
		{ID: "r", MetricStat: stat(requests, "Sum", 60), ReturnData: true},
		{ID: "e", MetricStat: stat(errors, "Sum", 60)},
		{ID: "ratio", Expression: "FILL(e, 0) / r", ReturnData: true},
		{ID: "both", Expression: "METRICS()", ReturnData: true},
	}, data, from, 4*time.Minute)
	assert.Equal(t, map[string][]Point{
		"r":     {at(0, 10), at(1, 20), at(3, 40)},
		"ratio": {at(0, 0.4), at(1, 0), at(3, 0)},
		"both":  {at(0, 10), at(1, 20), at(3, 40), at(0, 4)},
	}, got)

	got = queried(t, []MetricDataQuery{
		{ID: "half", MetricStat: stat(requests, "SampleCount", 120), ReturnData: true},
		{ID: "p", MetricStat: stat(errors, "p50", 240), ReturnData: true},
	}, data, from, 3*time.Minute)
	assert.Equal(t, map[string][]Point{"half": {at(0, 2)}, "p": {at(0, 1)}}, got, "the last period is cut off where the range ends")
}

func TestAQueryThatCannotBeAnsweredIsAnError(t *testing.T) {
	t.Parallel()
	from := time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC)
	m := func(id string, period int) MetricDataQuery {
		return MetricDataQuery{ID: id, MetricStat: &MetricStat{Metric: Metric{Namespace: "lab", Name: id}, Stat: "Sum", Period: period}}
	}
	e := func(expression string) MetricDataQuery {
		return MetricDataQuery{ID: "e", Expression: expression, ReturnData: true}
	}
	for name, c := range map[string]struct {
		queries []MetricDataQuery
		length  time.Duration
		invalid bool
	}{
		"an expression over metrics of two periods": {queries: []MetricDataQuery{m("a", 60), m("b", 300), e("a + b")}, length: time.Hour},
		"a function that is not modelled":           {queries: []MetricDataQuery{m("a", 60), e("SEARCH('x', 'Sum', 60)")}, length: time.Hour},
		"a number":                                  {queries: []MetricDataQuery{m("a", 60), e("2 * 3")}, length: time.Hour, invalid: true},
		"an expression without any period":          {queries: []MetricDataQuery{e("TIME_SERIES(1)")}, length: time.Hour, invalid: true},
		"a circle":                                  {queries: []MetricDataQuery{m("a", 60), e("e + a")}, length: time.Hour, invalid: true},
		"an unknown id":                             {queries: []MetricDataQuery{m("a", 60), e("b")}, length: time.Hour, invalid: true},
		"an empty range":                            {queries: []MetricDataQuery{m("a", 60), e("a")}, invalid: true},
		"too many data points":                      {queries: []MetricDataQuery{m("a", 1), e("a")}, length: 48 * time.Hour, invalid: true},
		"no period":                                 {queries: []MetricDataQuery{m("a", 0), e("a")}, length: time.Hour, invalid: true},
		"no id":                                     {queries: []MetricDataQuery{m("", 60)}, length: time.Hour, invalid: true},
	} {
		_, err := Query(c.queries, NewData(), from, from.Add(c.length))
		if c.invalid {
			require.ErrorAs(t, err, new(*InvalidError), name)
		} else {
			require.ErrorAs(t, err, new(*InconclusiveError), name)
		}
	}
}
