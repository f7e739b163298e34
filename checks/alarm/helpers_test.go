package alarm

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	noon     = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	requests = Metric{Namespace: "Shop", Name: "Requests", Dimensions: map[string]string{"Service": "api"}}
	errs     = Metric{Namespace: "Shop", Name: "Errors", Dimensions: map[string]string{"Service": "api"}}
)

// above is an alarm on the sum of errors of a minute, for m of n data points above 1.
func above(m, n int) Alarm {
	return Alarm{
		Name: "errors", ARN: "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors",
		Actions: Actions{ActionsEnabled: true, AlarmActions: []string{"page"}, OKActions: []string{"calm"}, InsufficientDataActions: []string{"blind"}},
		Metric:  errs, Statistic: "Sum", Period: 60,
		EvaluationPeriods: n, DatapointsToAlarm: m, Threshold: 1, ComparisonOperator: "GreaterThanThreshold",
	}
}

// onMath is an alarm on an expression over the sums of errors (m1) and requests (m2).
func onMath(expression string) Alarm {
	a := above(1, 1)
	a.Metric, a.Statistic, a.Period = Metric{}, "", 0
	a.Metrics = []MetricDataQuery{
		{ID: "e1", Expression: expression, ReturnData: true},
		{ID: "m1", MetricStat: &MetricStat{Metric: errs, Period: 60, Stat: "Sum"}},
		{ID: "m2", MetricStat: &MetricStat{Metric: requests, Period: 60, Stat: "Sum"}},
	}
	return a
}

// drawn writes data points, one a minute up to noon, in the notation of AWS's tables: X breaches above 1, 0 doesn't, - is missing.
func drawn(points string) *Data {
	data := NewData()
	fields := strings.Split(points, "")
	for n, field := range fields {
		at := noon.Add(-time.Minute * time.Duration(len(fields)-n))
		switch field {
		case "X":
			data.Put(errs, "Count", Value(at, 5))
		case "0":
			data.Put(errs, "Count", Value(at, 0))
		}
	}
	return data
}

// perMinute writes the values of a metric, one a minute up to noon; NaN is missing.
func perMinute(data *Data, m Metric, values ...float64) {
	for n, v := range values {
		if !math.IsNaN(v) {
			data.Put(m, "Count", Value(noon.Add(-time.Minute*time.Duration(len(values)-n)), v))
		}
	}
}

func evaluator(t testing.TB, a Alarm) *Evaluator {
	t.Helper()
	e, err := Compile(a)
	require.NoError(t, err)
	return e
}

func evaluate(t testing.TB, a Alarm, data *Data, current State) Evaluation {
	t.Helper()
	got, err := evaluator(t, a).Evaluate(data, noon, current)
	require.NoError(t, err)
	return got
}
