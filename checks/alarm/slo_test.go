package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var slo = SLO{Objective: 0.999, Window: 30 * 24 * time.Hour}

// The Site Reliability Workbook, chapter 5, table 5-8: 2 percent of a 30-day budget in an hour is a burn rate of 14.4, 5 percent in six hours is 6.
func TestBurnRatesAreThoseOfTheWorkbook(t *testing.T) {
	for _, row := range []struct {
		rate, spent, threshold float64
		in                     time.Duration
	}{
		{14.4, 0.02, 0.0144, time.Hour},
		{6, 0.05, 0.006, 6 * time.Hour},
		{1, 0.1, 0.001, 72 * time.Hour},
	} {
		assert.InDelta(t, row.spent, slo.Spent(row.rate, row.in), 1e-12)
		assert.InDelta(t, row.rate, slo.BurnRateFor(row.spent, row.in), 1e-12)
		assert.InDelta(t, row.threshold, slo.Threshold(row.rate), 1e-12)
		assert.InDelta(t, row.rate, slo.BurnRate(row.threshold), 1e-12)
	}
}

func TestTrafficCarriesPartsOfRequestsOver(t *testing.T) {
	traffic := Traffic{Start: noon, Requests: func(int) float64 { return 100 }, ErrorRate: func(int) float64 { return 0.0005 }}
	errors, last := 0, -1
	for n, m := range traffic.Minutes(200) {
		assert.Equal(t, 100, m.Requests)
		assert.Equal(t, minute(n), m.At)
		if m.Errors > 0 {
			assert.Equal(t, 20, n-last)
			last = n
		}
		errors += m.Errors
	}
	assert.Equal(t, 10, errors)
	slow := Traffic{Start: noon, Requests: func(int) float64 { return 1.0 / 6 }, ErrorRate: func(int) float64 { return 1 }}
	for n, m := range slow.Minutes(60) {
		assert.Equal(t, (n+1)%6 == 0, m.Requests == 1)
		assert.Equal(t, m.Requests, m.Errors)
	}
}

// burn is a burn-rate alarm over a window, on errors over requests.
func burn(name string, rate float64, window time.Duration) Alarm {
	a := onMath("m1 / m2")
	a.Name, a.ARN, a.Actions = name, "", Actions{}
	a.Threshold, a.TreatMissingData = slo.Threshold(rate), "notBreaching"
	for _, q := range a.Metrics[1:] {
		q.MetricStat.Period = int(window.Seconds())
	}
	return a
}

// pages replays a day of traffic that begins to fail at its twelfth hour, and says after how many minutes the first page came.
func pages(t *testing.T, errorRate float64) (minutes int, paged bool) {
	t.Helper()
	const broken = 12 * 60
	traffic := Traffic{Start: noon, Requests: func(int) float64 { return 1000 }, ErrorRate: func(m int) float64 {
		if m >= broken {
			return errorRate
		}
		return 0.0001
	}}
	data := NewData()
	for _, m := range traffic.Minutes(24 * 60) {
		data.Put(requests, "Count", Values(m.At, 1, float64(m.Requests)))
		data.Put(errs, "Count", Values(m.At, 1, float64(m.Errors)))
	}
	alarms := []Alarm{burn("fast-1h", 14.4, time.Hour), burn("fast-5m", 14.4, 5*time.Minute), burn("slow-6h", 6, 6*time.Hour), burn("slow-30m", 6, 30*time.Minute)}
	page := Composite{Name: "page", Actions: Actions{ActionsEnabled: true, AlarmActions: []string{"on-call"}},
		AlarmRule: "(ALARM(fast-1h) AND ALARM(fast-5m)) OR (ALARM(slow-6h) AND ALARM(slow-30m))"}
	timeline := Replay(alarms, []Composite{page}, data, minute(6*60), minute(24*60))
	for _, track := range timeline.Tracks {
		require.NoError(t, track.Err)
	}
	found := timeline.Pages("on-call")
	if len(found) == 0 {
		return 0, false
	}
	return int(found[0].At.Sub(minute(broken)).Minutes()), true
}

// Fractions of an hour at an error rate of e: the mean over 60 minutes passes 1.44 percent after 60 x 1.44 / e minutes.
func TestBurnRateAlarmsPageInTheMinuteThatTheirThresholdsSay(t *testing.T) {
	for rate, want := range map[float64]int{1: 1, 0.1: 9, 0.02: 44} {
		minutes, paged := pages(t, rate)
		require.True(t, paged, rate)
		assert.Equal(t, want, minutes, rate)
	}
	for _, rate := range []float64{0.0005, 0.0059} {
		_, paged := pages(t, rate)
		assert.False(t, paged, rate)
	}
	_, paged := pages(t, 0.0061)
	assert.True(t, paged, "the slow pair sees what the fast one doesn't")
}
