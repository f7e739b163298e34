package alarm

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"labctl/checks/plot"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

func TestATimelineDrawsRatesStatesAndPages(t *testing.T) {
	traffic := Traffic{Start: noon, Requests: func(int) float64 { return 100 }, ErrorRate: func(m int) float64 {
		if m >= 30 && m < 75 {
			return 0.05
		}
		return 0.001
	}}
	data, rate := NewData(), make([]float64, 120)
	for n, m := range traffic.Minutes(120) {
		data.Put(requests, "Count", Value(m.At, float64(m.Requests)))
		data.Put(errs, "Count", Value(m.At, float64(m.Errors)))
		rate[n] = float64(m.Errors) / float64(m.Requests)
	}
	alarms := []Alarm{burn("fast-15m", 14.4, 15*time.Minute), burn("fast-5m", 14.4, 5*time.Minute), above(1, 1)}
	alarms[2].Name, alarms[2].ThresholdMetricID = "band", "ad1"
	page := Composite{Name: "page", Actions: Actions{ActionsEnabled: true, AlarmActions: []string{"on-call"}}, AlarmRule: "ALARM(fast-15m) AND ALARM(fast-5m)"}
	timeline := Replay(alarms, []Composite{page}, data, noon, minute(119))
	track, ok := timeline.Track("fast-15m")
	require.True(t, ok)
	lines := timeline.Plot([]plot.Graph{
		{Title: "error rate, # of requests; the line is 1.44 percent", Layers: []plot.Layer{{Mark: '#', Values: rate}}, Line: slo.Threshold(14.4)},
		{Title: "what fast-15m sees", Layers: []plot.Layer{{Mark: '#', Values: track.Values}}, Line: slo.Threshold(14.4)},
	}, plot.Options{Width: 90, Height: 24})
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile("testdata/timeline.txt", []byte(got), 0o600))
	}
	want, err := os.ReadFile("testdata/timeline.txt")
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
	assert.Empty(t, timeline.Plot(nil, plot.Options{Width: 20, Height: 24}))
}
