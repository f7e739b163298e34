package scaling

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/plot"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// least is the smallest plot: 40 columns and labels of 6, two graphs of 3 lines, their titles, the marks and the axis.
var least = plot.Options{Width: 48, Height: 11}

func TestPlotsLookAsTheyDid(t *testing.T) {
	slow, lost, calm := ticketing(), ticketing(), scene(2, 2, 2)
	slow.Group.DefaultInstanceWarmup, slow.Group.DefaultCooldown = nil, 15*min1
	lost.Events = []Event{{At: 25*min1 + 10*second, LoseZone: "b"}}
	calm.Demand = Ramp(20, 150, 10*min1, 20*min1, 10*min1, 10*min1)
	for _, c := range []struct {
		name     string
		scenario Scenario
		options  plot.Options
	}{
		{"ramp", ticketing(), plot.Options{Width: 100, Height: 24}},
		{"ramp_cooldown_900", slow, plot.Options{Width: 100, Height: 24}},
		{"ramp_zone_lost", lost, plot.Options{Width: 100, Height: 24}},
		{"ramp_ascii_small", ticketing(), plot.Options{Width: 66, Height: 12, ASCII: true}},
		{"nothing_waits", calm, plot.Options{Width: 80, Height: 16}},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := Plot(run(t, c.scenario), c.options)
			golden(t, c.name+".golden", strings.Join(lines, "\n")+"\n")
		})
	}
}

func TestAPlotStaysWithinItsSize(t *testing.T) {
	series := run(t, ticketing())
	for width := least.Width; width < 300; width += 7 {
		for height := least.Height; height < 60; height += 3 {
			lines := Plot(series, plot.Options{Width: width, Height: height})
			require.Len(t, lines, height)
			for _, line := range lines {
				require.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
				require.Equal(t, strings.TrimRight(line, " "), line)
			}
		}
	}
}

func TestAPlotInASCIIHasNothingElse(t *testing.T) {
	for _, line := range Plot(run(t, ticketing()), plot.Options{Width: 80, Height: 20, ASCII: true}) {
		assert.Equal(t, len(line), utf8.RuneCountInString(line), line)
	}
}

func TestNothingIsDrawnWhereNothingCouldBeRead(t *testing.T) {
	series := run(t, ticketing())
	assert.Nil(t, Plot(series, plot.Options{Width: least.Width - 1, Height: 20}))
	assert.Nil(t, Plot(series, plot.Options{Width: 80, Height: least.Height - 1}))
	assert.Nil(t, Plot(Series{}, plot.Options{Width: 80, Height: 20}))
}

func TestAPlotOfASecondHasAllItsColumns(t *testing.T) {
	s := scene(0, 0, 0)
	s.Duration = second
	assert.Len(t, Plot(run(t, s), plot.Options{Width: 80, Height: 20}), 20)
}

func TestNumbersAreShort(t *testing.T) {
	for value, want := range map[float64]string{0: "0", 0.25: "0.3", 12.34: "12.3", 800: "800", 1234: "1.2k", 35400: "35k", 999900: "1000k", 4e6: "4M", 2.5e12: "2.5T"} {
		assert.Equal(t, want, short(value))
		assert.LessOrEqual(t, len(short(value)), 6)
	}
}
