package plot

import (
	"flag"
	"math"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile("testdata/"+name, []byte(got), 0o600))
	}
	want, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func example() Plot {
	demand, capacity, rate, marks := make([]float64, 240), make([]float64, 240), make([]float64, 240), make([]rune, 240)
	for n := range demand {
		demand[n] = 50 + 40*math.Sin(float64(n)/40)
		capacity[n] = 70
		rate[n], marks[n] = math.NaN(), '.'
		if n > 100 && n < 160 {
			rate[n], marks[n] = 0.02, '#'
		}
	}
	demand[200] = 120
	marks[20] = '?'
	carried := make([]float64, len(demand))
	for n := range carried {
		carried[n] = min(demand[n], capacity[n])
	}
	return Plot{
		Length: 4 * time.Hour,
		Graphs: []Graph{
			{Title: "requests/s: # carried . spare ! beyond", Weight: demand, Layers: []Layer{{'#', carried}, {'!', demand}, {'.', capacity}}},
			{Title: "errors", Line: 0.0144, Layers: []Layer{{'#', rate}}, Format: func(v float64) string { return "x" + strings.Repeat("|", int(v*100)) }},
		},
		Strips: []Strip{{Label: "page", Marks: marks, Order: "?#."}, {Label: "a name that is longer than a label may be", Marks: marks[:0]}},
	}
}

func TestAPlotHasGraphsStripsAndAnAxis(t *testing.T) {
	golden(t, "example.txt", Draw(example(), Options{Width: 100, Height: 24}))
	golden(t, "ascii.txt", Draw(example(), Options{Width: 80, Height: 18, ASCII: true}))
	golden(t, "strips.txt", Draw(Plot{Length: time.Hour, Strips: example().Strips[:1]}, Options{Width: 60, Height: 3}))
}

func TestAPlotKeepsToItsSize(t *testing.T) {
	for width := range 120 {
		for height := range 30 {
			lines := Draw(example(), Options{Width: width, Height: height})
			require.LessOrEqual(t, len(lines), height)
			for _, line := range lines {
				require.LessOrEqual(t, utf8.RuneCountInString(line), width)
				require.Equal(t, strings.TrimRight(line, " "), line)
			}
			if width >= maxLabel+2+minColumns && height >= 12 {
				require.NotEmpty(t, lines, "%d x %d", width, height)
			}
		}
	}
}

func TestNoPeakAndNoImportantMarkIsLostBetweenColumns(t *testing.T) {
	values, marks := make([]float64, 5000), []rune(strings.Repeat(".", 5000))
	values[2345], marks[4321] = 7, '#'
	lines := Draw(Plot{Length: time.Hour, Graphs: []Graph{{Layers: []Layer{{'#', values}}}}, Strips: []Strip{{Marks: marks, Order: "#"}}}, Options{Width: 60, Height: 10})
	assert.Equal(t, 1, strings.Count(lines[1], "#"))
	assert.Equal(t, 1, strings.Count(lines[len(lines)-3], "#"))
}

func TestNothingToDrawIsAnEmptyGraph(t *testing.T) {
	nothing := []float64{math.NaN(), 0, math.NaN()}
	lines := Draw(Plot{Length: time.Hour, Graphs: []Graph{{Title: "none"}, {Layers: []Layer{{'#', nothing}}}}}, Options{Width: 60, Height: 10})
	assert.NotContains(t, strings.Join(lines, ""), "#")
	assert.Len(t, lines, 10)
}
