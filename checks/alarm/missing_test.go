package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const retain = State("Retain current state")

// The tables of "How alarm state is evaluated when data is missing" (AlarmThatSendsEmail, now alarms-and-missing-data), with the rows of its
// present and its earlier revisions. The page says of all: evaluation periods 3, evaluation range 5.
func TestAlarmsTreatMissingDataAsTheTablesOfAWSSay(t *testing.T) {
	for _, row := range []struct {
		need                                     int
		points                                   string
		missing, ignore, breaching, notBreaching State
	}{
		{3, "0-X-X", OK, OK, OK, OK},
		{3, "0----", OK, OK, OK, OK},
		{3, "-----", InsufficientData, retain, InAlarm, OK},
		{3, "0XX-X", InAlarm, InAlarm, InAlarm, InAlarm},
		{3, "--X--", InAlarm, retain, InAlarm, OK},
		{3, "----X", InsufficientData, retain, InAlarm, OK},
		{3, "X----", InAlarm, retain, InAlarm, OK},
		{2, "0-X-X", InAlarm, InAlarm, InAlarm, InAlarm},
		{2, "00X0X", InAlarm, InAlarm, InAlarm, InAlarm},
		{2, "0-X--", OK, OK, InAlarm, OK},
		{2, "----0", OK, OK, InAlarm, OK},
		{2, "---X-", InAlarm, retain, InAlarm, OK},
		{2, "----X", InsufficientData, retain, InAlarm, OK},
	} {
		for mode, want := range map[string]State{"": row.missing, "missing": row.missing, "ignore": row.ignore, "breaching": row.breaching, "notBreaching": row.notBreaching} {
			for _, current := range []State{OK, InAlarm, InsufficientData} {
				a := above(row.need, 3)
				a.TreatMissingData = mode
				got := evaluate(t, a, drawn(row.points), current)
				expected := want
				if want == retain {
					expected = current
				}
				assert.Equal(t, expected, got.State, "%s with %d of 3, %q, from %s", row.points, row.need, mode, current)
				assert.Equal(t, want == retain, got.Retained, "%s with %d of 3, %q", row.points, row.need, mode)
			}
		}
	}
}

// "Avoiding premature transitions to alarm state": neither of these goes immediately into ALARM with 3 of 3.
func TestALoneBreachThatIsYoungerThanTheDatapointsToAlarmIsNoAlarm(t *testing.T) {
	for _, points := range []string{"----X", "---X-"} {
		assert.Equal(t, InsufficientData, evaluate(t, above(3, 3), drawn(points), OK).State, points)
	}
	for _, points := range []string{"---X0", "--X-0"} {
		assert.Equal(t, OK, evaluate(t, above(3, 3), drawn(points), OK).State, points)
	}
}

func TestAnAlarmLooksAtItsEvaluationPeriodsWhenNothingIsMissing(t *testing.T) {
	for _, row := range []struct {
		need, of int
		points   string
		want     State
	}{
		{3, 3, "XX0XX", OK},
		{3, 3, "00XXX", InAlarm},
		{1, 1, "XXXX0", OK},
		{4, 5, "00XX0XX", InAlarm},
		{4, 5, "XXX00XX", OK},
		{1, 5, "00X0000", InAlarm},
		{1, 5, "XX00000", OK},
		{0, 2, "000XX", InAlarm},
	} {
		assert.Equal(t, row.want, evaluate(t, above(row.need, row.of), drawn(row.points), OK).State, "%d of %d: %s", row.need, row.of, row.points)
	}
}

// The figure of "Evaluating an alarm": threshold 3, 3 of 3; ALARM in the third to fifth period, OK in the sixth, and OK still in the ninth.
func TestTheFigureOfTheGuideReplays(t *testing.T) {
	data := NewData()
	for n, v := range []float64{4, 5, 4, 5, 4, 2, 1, 2, 5, 2} {
		data.Put(errs, "Count", Value(noon.Add(time.Minute*time.Duration(n)), v))
	}
	a := above(3, 3)
	a.Threshold = 3
	timeline := Replay([]Alarm{a}, nil, data, noon.Add(time.Minute), noon.Add(10*time.Minute))
	track, ok := timeline.Track("errors")
	require.True(t, ok)
	assert.Equal(t, []State{InsufficientData, InsufficientData, InAlarm, InAlarm, InAlarm, OK, OK, OK, OK, OK}, track.States)
}

// "at the end of minute 5 the alarm evaluates based on data from minutes 1 to 5. Then at the end of minute 6, the alarm is evaluated
// based on the data from minutes 2 to 6".
func TestPeriodsSlideWithEachMinute(t *testing.T) {
	a := above(1, 1)
	a.Period, a.Threshold = 300, 14
	data := NewData()
	for n := range 6 {
		data.Put(errs, "Count", Value(noon.Add(time.Minute*time.Duration(n)), float64(n)))
	}
	e := evaluator(t, a)
	for minute, want := range map[int]float64{5: 0 + 1 + 2 + 3 + 4, 6: 1 + 2 + 3 + 4 + 5} {
		at := noon.Add(time.Minute * time.Duration(minute))
		got, err := e.Evaluate(data, at, OK)
		require.NoError(t, err)
		latest := got.Points[len(got.Points)-1]
		assert.Equal(t, Point{At: at.Add(-5 * time.Minute), Value: want}, latest)
	}
}

func TestADataPointBelongsToThePeriodThatBeginsWithIt(t *testing.T) {
	data := NewData()
	data.Put(errs, "Count", Value(noon, 5), Value(noon.Add(-time.Minute), 1), Value(noon.Add(-time.Second), 1))
	got := evaluate(t, above(1, 1), data, OK)
	assert.InDelta(t, 2, got.Points[len(got.Points)-1].Value, 1e-9)
}

func TestMetricsOfDynamoDBIgnoreMissingDataUnlessToldOtherwise(t *testing.T) {
	a := above(1, 1)
	a.Metric = Metric{Namespace: "AWS/DynamoDB", Name: "ThrottledRequests"}
	assert.True(t, evaluate(t, a, NewData(), InAlarm).Retained)
	a.TreatMissingData = "notBreaching"
	assert.Equal(t, OK, evaluate(t, a, NewData(), InAlarm).State)
}

func TestReasonsReadAsInCloudWatch(t *testing.T) {
	for _, row := range []struct {
		need, of     int
		mode, points string
		want         string
	}{
		{1, 1, "missing", "X", "Threshold Crossed: 1 out of the last 1 datapoints [5.0 (02/03/26 11:59:00)] was greater than the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition)."},
		{2, 3, "missing", "X0X", "Threshold Crossed: 2 out of the last 3 datapoints [5.0 (02/03/26 11:59:00), 5.0 (02/03/26 11:57:00)] were greater than the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition)."},
		{2, 3, "missing", "X00", "Threshold Crossed: 2 out of the last 3 datapoints [0.0 (02/03/26 11:59:00), 0.0 (02/03/26 11:58:00)] were not greater than the threshold (1.0) (minimum 2 datapoints for ALARM -> OK transition)."},
		{3, 3, "missing", "---", "Insufficient Data: 3 datapoints were unknown."},
		{1, 1, "missing", "-", "Insufficient Data: 1 datapoint was unknown."},
		{1, 1, "notBreaching", "-", "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]."},
		{3, 3, "breaching", "---", "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching]."},
		{2, 3, "breaching", "0--", "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching]."},
		{1, 1, "ignore", "-", "The state is kept: missing data is ignored."},
	} {
		a := above(row.need, row.of)
		a.TreatMissingData = row.mode
		assert.Equal(t, row.want, evaluate(t, a, drawn(row.points), OK).Reason)
	}
}

func TestNumbersInReasonsAreWrittenAsCloudWatchWritesThem(t *testing.T) {
	for v, want := range map[float64]string{0: "0.0", 1: "1.0", 0.0144: "0.0144", 1e-4: "1.0E-4", 0.00025: "2.5E-4", 537: "537.0", 12345678: "1.2345678E7", -0.5: "-0.5"} {
		assert.Equal(t, want, javaDouble(v))
	}
}
