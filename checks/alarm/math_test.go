package alarm

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var x = math.NaN() // a missing data point

// computed is the value of an expression over three time series of one length, with a period of a minute.
func computed(t *testing.T, expression string, metrics ...[]float64) (value, error) {
	t.Helper()
	e, err := parseExpression(expression)
	if err != nil {
		return value{}, err
	}
	s := &scope{length: len(metrics[0]), period: 60, values: map[string]value{}}
	for n, m := range metrics {
		id := "metric" + strconv.Itoa(n+1)
		s.queries = append(s.queries, query{MetricDataQuery: MetricDataQuery{ID: id}})
		s.values[id] = seriesOf(m)
	}
	return e.eval(s)
}

func assertSeries(t *testing.T, want []float64, got value, message ...any) {
	t.Helper()
	require.NotEqual(t, scalar, got.shape, message...)
	require.Len(t, got.series, 1, message...)
	require.Len(t, got.single(), len(want), message...)
	for i := range want {
		if missing(want[i]) {
			assert.True(t, missing(got.single()[i]), message...)
		} else {
			assert.InDelta(t, want[i], got.single()[i], 1e-9, message...)
		}
	}
}

// The examples of using-metric-math: "Comparison and logical operators" and the tables of "Using IF expressions".
func TestExpressionsGiveWhatTheExamplesOfAWSSay(t *testing.T) {
	operators := [][]float64{{30, 20, 0, 0}, {20, x, 20, x}}
	choices := [][]float64{{1, 1, 0, 0, x}, {30, x, 0, 0, 30}, {0, 0, 20, x, 20}}
	for _, row := range []struct {
		expression string
		metrics    [][]float64
		want       []float64
	}{
		{"(metric1 < metric2)", operators, []float64{0, 0, 1, 0}},
		{"(metric1 >= 30)", operators, []float64{1, 0, 0, 0}},
		{"(metric1 > 15 AND metric2 > 15)", operators, []float64{1, 0, 0, 0}},
		{"(metric1 > 15 && metric2 > 15)", operators, []float64{1, 0, 0, 0}},
		{"IF(metric1, metric2, metric3)", choices, []float64{30, 0, 20, x, x}},
		{"IF(metric1, 5, metric3)", choices, []float64{5, 5, 20, x, x}},
		{"IF(metric1, metric2, 5)", choices, []float64{30, 0, 5, 5, x}},
		{"IF(metric1, metric2)", choices, []float64{30, 0, x, x, x}},
		{"IF(metric1<400, metric1)", [][]float64{{100, 500, 300}}, []float64{100, x, 300}},
		{"IF(metric1<400, 10, 2)", [][]float64{{100, 500, 300}}, []float64{10, 2, 10}},
		{"IF(metric1>metric2, 1, 0)", operators, []float64{1, 1, 0, 0}},
		{"IF(1, metric2, metric3)", choices, choices[1]},
		{"IF(0, metric2, metric3)", choices, choices[2]},
		{"IF(0, metric2)", choices, []float64{x, x, x, x, x}},
	} {
		got, err := computed(t, row.expression, row.metrics...)
		require.NoError(t, err, row.expression)
		assertSeries(t, row.want, got, row.expression)
	}
}

func TestArithmeticTreatsMissingAsZeroAndDropsDivisionsByZero(t *testing.T) {
	for expression, want := range map[string][]float64{
		"metric1 / metric2":                            {0.5, x, x, 0, x},
		"metric2 / metric1":                            {2, 0, 0, x, x},
		"metric1 + metric2":                            {3, 4, 3, 8, x},
		"metric1 - metric2 * 2":                        {-3, 4, 3, -16, x},
		"(metric1 - metric2) * 2":                      {-2, 8, 6, -16, x},
		"1 - metric1 / metric2":                        {0.5, x, x, 1, x},
		"-metric1":                                     {-1, -4, -3, x, x},
		"--metric1":                                    {1, 4, 3, x, x},
		"metric1 * 100 / 50":                           {2, 8, 6, x, x},
		"metric1 ^ 2":                                  {1, 16, 9, x, x},
		"metric1 / 0":                                  {x, x, x, x, x},
		"2 * 3 + metric1":                              {7, 10, 9, x, x},
		"10 - 3 - metric1":                             {6, 3, 4, x, x},
		".5 * metric1":                                 {0.5, 2, 1.5, x, x},
		"SUM([metric1, metric2])":                      {3, 4, 3, 8, x},
		"AVG([metric1, metric2])":                      {1.5, 2, 1.5, 4, x},
		"MAX([metric1, metric2])":                      {2, 4, 3, 8, x},
		"SUM(METRICS())":                               {3, 4, 3, 8, x},
		`SUM(METRICS("metric"))`:                       {3, 4, 3, 8, x},
		`SUM(METRICS('2'))`:                            {2, x, 0, 8, x},
		"SUM(METRICS()/2)":                             {1.5, 2, 1.5, 4, x},
		"SUM(100/[metric2, metric1])":                  {150, 25, 100.0 / 3, 12.5, x},
		"SUM([metric1, metric2]/metric2)":              {1.5, x, x, 1, x},
		"SUM(metric2/[metric1])":                       {2, 0, 0, x, x},
		"SUM(METRICS() * METRICS())":                   {5, 16, 9, 64, x},
		"SUM(-[metric1, metric2])":                     {-3, -4, -3, -8, x},
		"metric1/METRIC_COUNT(METRICS())":              {0.5, 2, 1.5, x, x},
		"metric1/PERIOD(metric1)*60":                   {1, 4, 3, x, x},
		"FIRST(METRICS())":                             {1, 4, 3, x, x},
		"LAST([metric1, metric2])":                     {2, x, 0, 8, x},
		"TIME_SERIES(5*2)":                             {10, 10, 10, 10, 10},
		"ABS(metric1 - 3)":                             {2, 1, 0, x, x},
		"CEIL(metric1 / 2)":                            {1, 2, 2, x, x},
		"FLOOR(metric1 / 2)":                           {0, 2, 1, x, x},
		"LOG10(metric1 * 100)":                         {2, math.Log10(400), math.Log10(300), x, x},
		"LOG(metric2)":                                 {math.Log(2), x, x, math.Log(8), x},
		"metric1 == 4 OR metric2 == 8":                 {0, 1, 0, 1, x},
		"metric1 != 4":                                 {1, 0, 1, x, x},
		"(metric1 <= 1 || metric2 > 5) && metric2 < 9": {1, 0, 0, 1, x},
	} {
		got, err := computed(t, expression, []float64{1, 4, 3, x, x}, []float64{2, x, 0, 8, x})
		require.NoError(t, err, expression)
		assertSeries(t, want, got, expression)
	}
}

func TestGapsAreFilledAndDifferencesSkipThem(t *testing.T) {
	for expression, want := range map[string][]float64{
		"FILL(metric1, 0)":                        {0, 60, 0, 0, 240, 0},
		"FILL(metric1, REPEAT)":                   {x, 60, 60, 60, 240, 240},
		"FILL(metric1, LINEAR)":                   {x, 60, 120, 180, 240, x},
		"FILL(metric1, metric2)":                  {9, 60, 9, x, 240, x},
		"SUM(FILL([metric1, metric2], 1))":        {10, 61, 10, 2, 241, 2},
		"DIFF(metric1)":                           {x, x, x, x, 180, x},
		"DIFF_TIME(metric1)":                      {x, x, x, x, 180, x},
		"RATE(metric1)":                           {x, x, x, x, 1, x},
		"RATE(FILL(metric1, REPEAT))":             {x, x, 0, 0, 3, 0},
		"FILL(metric1, 0) / FILL(metric2, 10)":    {0, 6, 0, 0, 24, 0},
		"IF(FILL(metric2, 0) > 5, metric1, 1000)": {0, 1000, 0, 1000, 1000, 1000},
	} {
		got, err := computed(t, expression, []float64{x, 60, x, x, 240, x}, []float64{9, x, 9, x, x, x})
		require.NoError(t, err, expression)
		assertSeries(t, want, got, expression)
	}
}

func TestWhatAWSLeavesOpenInAnExpressionIsInconclusive(t *testing.T) {
	for _, expression := range []string{
		"ANOMALY_DETECTION_BAND(metric1)", "SEARCH('x', 'Sum', 60)", "STDDEV([metric1, metric2])", "SORT(METRICS(), AVG, DESC)", "HOUR(metric1)", "MADE_UP(metric1)",
		"SELECT AVG(CPUUtilization) FROM SCHEMA(x)", "select 1",
		"metric1 / SUM(metric1)", "metric1 - AVG(metric1)", "MAX(metric1) + metric1",
		"MIN([metric1, metric2])", "MAX([-metric1, -metric2])",
		"metric1 > 1 AND metric2 > 1 OR metric1 > 2", "metric1 > 1 || metric2 > 1 && metric1 > 2",
		"metric1 < 2 < 3", "metric1 ^ 2 ^ 3", "-metric1 ^ 2",
		"METRICS() > 1", "METRICS() AND METRICS()", "[metric1] + [metric1, metric2]", "[metric1, 5]",
		"IF(1, 2, 3)", "IF(METRICS(), 1, 2)", `FIRST(METRICS("nothing"))`,
	} {
		_, err := computed(t, expression, []float64{1, 4, x}, []float64{2, x, 0})
		require.ErrorAs(t, err, new(*InconclusiveError), expression)
	}
}

func TestWhatIsNoExpressionIsInvalid(t *testing.T) {
	for _, expression := range []string{
		"", " ", "metric1 +", "+ metric1", "metric1 metric2", "(metric1", "metric1)", "[metric1", "SUM(metric1", "SUM(metric1 metric2)", "metric1 § 2", "1.2.3 + metric1",
		"unknown", "sum(metric1)", `"text"`, "REPEAT", "ABS(5)", "ABS()", "ABS(metric1, metric2)", "SUM(1)",
		"METRICS(metric1)", `METRICS("a", "b")`, "METRIC_COUNT(metric1)", "PERIOD(metric1 + 1)", "PERIOD(5)", "TIME_SERIES(metric1)", "TIME_SERIES()",
		"FIRST(metric1)", "FILL(metric1)", "FILL(1, metric1)", "FILL(metric1, METRICS())", "FILL(metric1, ASC)", "IF(metric1)", "'open",
	} {
		_, err := computed(t, expression, []float64{1, 4, x}, []float64{2, x, 0})
		require.ErrorAs(t, err, new(*InvalidError), expression)
		assert.NotErrorAs(t, err, new(*InconclusiveError), expression)
	}
}

func TestProblemsOfAnExpressionSayWhere(t *testing.T) {
	for expression, want := range map[string]string{
		"m1 + ü":  `the expression "m1 + ü" has an unexpected 'ü' at character 6`,
		"m1 + )":  `the expression "m1 + )" has an unexpected ")" at character 6`,
		"SUM([m1": `the expression "SUM([m1" ends too early`,
	} {
		_, err := parseExpression(expression)
		require.EqualError(t, err, want)
	}
}

func TestAnAlarmWatchesAnErrorRateOfMetricMath(t *testing.T) {
	a := onMath("100 * m1 / m2")
	data := NewData()
	perMinute(data, errs, 0, 5, x, 3)
	perMinute(data, requests, 100, 100, 100, 0)
	got := evaluate(t, a, data, OK)
	assertSeries(t, []float64{5, 0, x}, seriesOf([]float64{got.Points[0].Value, got.Points[1].Value, got.Points[2].Value}))
	assert.Equal(t, OK, got.State, "the last minute divides by zero, the one before has no errors")
}

func TestExpressionsReferToEachOther(t *testing.T) {
	a := onMath("rate * 100")
	a.Metrics = append(a.Metrics, MetricDataQuery{ID: "rate", Expression: "bad / m2"}, MetricDataQuery{ID: "bad", Expression: "FILL(m1, 0)"})
	data := NewData()
	perMinute(data, errs, 2)
	perMinute(data, requests, 100)
	got := evaluate(t, a, data, OK)
	assert.Equal(t, InAlarm, got.State)
	assert.InDelta(t, 2, got.Points[2].Value, 1e-9)

	a.Metrics[4].Expression = "e1 + m1"
	_, err := Compile(a)
	require.ErrorAs(t, err, new(*InvalidError))
	assert.Contains(t, err.Error(), "circle")
}

func TestAnAlarmThatCloudWatchWouldRefuseIsInvalid(t *testing.T) {
	for problem, change := range map[string]func(*Alarm){
		"no evaluation periods":      func(a *Alarm) { a.EvaluationPeriods = 0 },
		"more datapoints than there": func(a *Alarm) { a.DatapointsToAlarm = 4 },
		"fewer than none":            func(a *Alarm) { a.DatapointsToAlarm = -1 },
		"no period":                  func(a *Alarm) { a.Period = 0 },
		"an odd period":              func(a *Alarm) { a.Period = 90 },
		"more than a day":            func(a *Alarm) { a.Period, a.EvaluationPeriods = 1800, 49 },
		"more than a week":           func(a *Alarm) { a.Period, a.EvaluationPeriods = 3600, 169 },
		"no statistic":               func(a *Alarm) { a.Statistic = "" },
		"two statistics":             func(a *Alarm) { a.ExtendedStatistic = "p99" },
		"no such operator":           func(a *Alarm) { a.ComparisonOperator = "EqualToThreshold" },
		"no such mode":               func(a *Alarm) { a.TreatMissingData = "Breaching" },
		"no such low sample mode":    func(a *Alarm) { a.EvaluateLowSampleCountPercentile = "never" },
		"no namespace":               func(a *Alarm) { a.Metric.Namespace = "" },
		"no name":                    func(a *Alarm) { a.Metric.Name = "" },
		"no threshold":               func(a *Alarm) { a.Threshold = math.NaN() },
		"both kinds":                 func(a *Alarm) { a.Metrics = onMath("m1").Metrics },
		"two results":                func(a *Alarm) { *a = onMath("m1"); a.Metrics[1].ReturnData = true },
		"no result":                  func(a *Alarm) { *a = onMath("m1"); a.Metrics[0].ReturnData = false },
		"a number as result":         func(a *Alarm) { *a = onMath("5") },
		"an array as result":         func(a *Alarm) { *a = onMath("METRICS()") },
		"different periods":          func(a *Alarm) { *a = onMath("m1 + m2"); a.Metrics[1].MetricStat.Period = 300 },
		"a bad id":                   func(a *Alarm) { *a = onMath("m1"); a.Metrics[0].ID = "E1" },
		"neither":                    func(a *Alarm) { *a = onMath("") },
		"an unknown id":              func(a *Alarm) { *a = onMath("m3") },
		"no metric":                  func(a *Alarm) { *a = onMath("TIME_SERIES(1)"); a.Metrics = a.Metrics[:1] },
	} {
		a := above(2, 3)
		change(&a)
		_, err := Compile(a)
		require.ErrorAs(t, err, new(*InvalidError), problem)
	}
}

func TestAnAlarmThatIsNotModelledIsInconclusive(t *testing.T) {
	for problem, change := range map[string]func(*Alarm){
		"a band":         func(a *Alarm) { a.ComparisonOperator = "GreaterThanUpperThreshold" },
		"a band by id":   func(a *Alarm) { a.ThresholdMetricID = "ad1" },
		"several days":   func(a *Alarm) { a.Period, a.EvaluationPeriods = 3600, 25 },
		"a trimmed mean": func(a *Alarm) { a.Statistic, a.ExtendedStatistic = "", "tm99" },
		"a percentile in maths": func(a *Alarm) {
			*a = onMath("m1")
			a.EvaluateLowSampleCountPercentile, a.Metrics[1].MetricStat.Stat = "ignore", "p99"
		},
	} {
		a := above(2, 3)
		change(&a)
		_, err := Compile(a)
		require.ErrorAs(t, err, new(*InconclusiveError), problem)
	}
}

func TestComparisonsTakeTheStatisticFirst(t *testing.T) {
	for operator, want := range map[string][3]bool{
		"GreaterThanThreshold":          {false, false, true},
		"GreaterThanOrEqualToThreshold": {false, true, true},
		"LessThanThreshold":             {true, false, false},
		"LessThanOrEqualToThreshold":    {true, true, false},
	} {
		for n, v := range []float64{0, 1, 2} {
			a := above(1, 1)
			a.ComparisonOperator = operator
			data := NewData()
			perMinute(data, errs, v)
			assert.Equal(t, want[n], evaluate(t, a, data, OK).State == InAlarm, "%v %s 1", v, operator)
		}
	}
}

func TestHighResolutionAlarmsAreEvaluatedEachTenSeconds(t *testing.T) {
	for period, want := range map[int]time.Duration{10: 10 * time.Second, 20: 10 * time.Second, 30: 10 * time.Second, 60: time.Minute, 3600: time.Minute} {
		a := above(1, 1)
		a.Period = period
		assert.Equal(t, want, evaluator(t, a).Interval())
	}
}
