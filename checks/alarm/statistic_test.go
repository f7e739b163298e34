package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStatisticsAreThoseOfTheGuide(t *testing.T) {
	hundred := make([]Datum, 100)
	for n := range hundred {
		hundred[n] = Value(noon, float64((n*37)%100+1)) // 1 to 100, mixed
	}
	four := []Datum{Value(noon, 4), Value(noon, 1), Values(noon, 2, 2)}
	for _, row := range []struct {
		statistic string
		points    []Datum
		want      float64
	}{
		{"SampleCount", four, 4},
		{"Sum", four, 9},
		{"Average", four, 2.25},
		{"Minimum", four, 1},
		{"Maximum", four, 4},
		{"p50", four, 2},
		{"p75", four, 2},
		{"p76", four, 4},
		{"p100", four, 4},
		{"p99", hundred, 99},
		{"p95.5", hundred, 96},
		{"p90", hundred, 90},
		{"PR(:30)", hundred, 30},
		{"PR(10:30)", hundred, 20},
		{"PR(90:)", hundred, 10},
		{"TC(80:90)", hundred, 10},
		{"TC(:0.5)", hundred, 0},
		{"TM(0:3)", hundred, 2},
		{"TS(98:)", hundred, 199},
		{"WM(:2)", four, 1.75},
	} {
		s, err := parseStatistic(row.statistic)
		require.NoError(t, err, row.statistic)
		got, err := s.of(row.points)
		require.NoError(t, err, row.statistic)
		assert.InDelta(t, row.want, got, 1e-9, row.statistic)
	}
}

func TestAStatisticSetCountsInTotals(t *testing.T) {
	set := Datum{At: noon, Count: 10, Sum: 50, Minimum: 1, Maximum: 20}
	for statistic, want := range map[string]float64{"SampleCount": 11, "Sum": 52, "Average": 52.0 / 11, "Minimum": 1, "Maximum": 20} {
		s, err := parseStatistic(statistic)
		require.NoError(t, err)
		got, err := s.of([]Datum{Value(noon, 2), set})
		require.NoError(t, err)
		assert.InDelta(t, want, got, 1e-9, statistic)
	}
}

func TestWhatIsNotKnownOfAStatisticIsInconclusive(t *testing.T) {
	for _, statistic := range []string{"", "tm90", "IQM", "TM(10%:90%)", "median", "p", "p101", "sum", "PR(:)"} {
		_, err := parseStatistic(statistic)
		require.ErrorAs(t, err, new(*InconclusiveError), statistic)
	}
	p90, err := parseStatistic("p90")
	require.NoError(t, err)
	_, err = p90.of([]Datum{{At: noon, Count: 2, Sum: 3, Minimum: 1, Maximum: 2}})
	require.ErrorAs(t, err, new(*InconclusiveError), "a statistic set")
	_, err = p90.of([]Datum{Value(noon, -1)})
	require.ErrorAs(t, err, new(*InconclusiveError), "a negative value")
}

// percentiles-with-low-samples: a p99 needs 1000 samples, a p90 needs 100, a p10 needs 100.
func TestAPercentileOfFewSamplesKeepsTheStateWhereItIsToBeIgnored(t *testing.T) {
	for statistic, needed := range map[string]float64{"p99": 1000, "p90": 100, "p50": 20, "p10": 100, "p100": 0} {
		for _, short := range []float64{1, 0} {
			a := above(1, 1)
			a.Statistic, a.ExtendedStatistic, a.EvaluateLowSampleCountPercentile = "", statistic, "ignore"
			data := NewData()
			data.Put(errs, "", Values(noon.Add(-time.Minute), 5, max(1, needed-short)))
			got := evaluate(t, a, data, OK)
			assert.Equal(t, short == 1 && needed > 0, got.Retained, "%s with %v too few", statistic, short)
			a.EvaluateLowSampleCountPercentile = "evaluate"
			assert.Equal(t, InAlarm, evaluate(t, a, data, OK).State)
		}
	}
}

func TestFewSamplesInOnePeriodOfSeveralAreInconclusive(t *testing.T) {
	a := above(2, 2)
	a.Statistic, a.ExtendedStatistic, a.EvaluateLowSampleCountPercentile = "", "p90", "ignore"
	data := NewData()
	data.Put(errs, "", Values(noon.Add(-2*time.Minute), 5, 99), Values(noon.Add(-time.Minute), 5, 500))
	_, err := evaluator(t, a).Evaluate(data, noon, OK)
	require.ErrorAs(t, err, new(*InconclusiveError))
}

func TestAnAlarmReadsTheUnitItNames(t *testing.T) {
	data := NewData()
	data.Put(errs, "Count", Value(noon.Add(-time.Minute), 5))
	a := above(1, 1)
	a.Unit = "Count"
	assert.Equal(t, InAlarm, evaluate(t, a, data, OK).State)
	a.Unit = "Percent"
	assert.Equal(t, InsufficientData, evaluate(t, a, data, OK).State)
	a.Unit = ""
	assert.Equal(t, InAlarm, evaluate(t, a, data, OK).State)
	data.Put(errs, "Percent", Value(noon.Add(-time.Minute), 5))
	_, err := Evaluate(a, data, noon, OK)
	require.ErrorAs(t, err, new(*InconclusiveError), "two units, and the alarm names none")
}

func TestAnotherDimensionIsAnotherMetric(t *testing.T) {
	data := NewData()
	other := errs
	other.Dimensions = map[string]string{"Service": "web"}
	data.Put(other, "Count", Value(noon.Add(-time.Minute), 5))
	data.Put(Metric{Namespace: errs.Namespace, Name: errs.Name}, "Count", Value(noon.Add(-time.Minute), 5))
	assert.Equal(t, InsufficientData, evaluate(t, above(1, 1), data, OK).State)
}

func TestTrimmedDataIsGone(t *testing.T) {
	data := drawn("XXX")
	data.Trim(noon.Add(-time.Minute))
	got := evaluate(t, above(1, 1), data, OK)
	assert.Equal(t, []bool{true, true, false}, []bool{missing(got.Points[0].Value), missing(got.Points[1].Value), missing(got.Points[2].Value)})
	data.Trim(noon)
	assert.Equal(t, InsufficientData, evaluate(t, above(1, 1), data, OK).State)
	data.Put(errs, "Percent", Value(noon.Add(-time.Minute), 5))
	assert.Equal(t, InAlarm, evaluate(t, above(1, 1), data, OK).State, "a unit without data is no second unit")
}
