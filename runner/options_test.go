package runner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
	"labctl/runner/target"
)

// aPaint is an option whose red is refused without --allow-red.
func aPaint() labs.Option {
	return labs.Option{
		Flag: "paint", Values: []string{"green", "red"}, Permit: "allow-red",
		Refusal: func(value string, now time.Time) string {
			if value == "red" {
				return "it is wet until " + now.Format(time.DateOnly)
			}
			return ""
		},
		Variables: func(value string) map[string]any { return map[string]any{"colour": value, "wet": value == "red"} },
	}
}

func TestWhatALabRefusesNeedsItsPermit(t *testing.T) {
	w := newWorkshop(t)
	w.lab.Options = []labs.Option{aPaint()}
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		choices map[string]string
		permits map[string]bool
		refused bool
	}{
		"nothing is chosen":           {},
		"what needs no permit":        {choices: map[string]string{"paint": "green"}},
		"what needs one":              {choices: map[string]string{"paint": "red"}, refused: true},
		"another permit is none":      {choices: map[string]string{"paint": "red"}, permits: map[string]bool{"allow-blue": true}, refused: true},
		"the permit":                  {choices: map[string]string{"paint": "red"}, permits: map[string]bool{"allow-red": true}},
		"a permit for nothing at all": {permits: map[string]bool{"allow-red": true}},
	} {
		err := permitted(UpOptions{Lab: w.lab, Choices: c.choices, Permits: c.permits}, now)
		if !c.refused {
			require.NoError(t, err, name)
			continue
		}
		var refused *RefusedError
		require.ErrorAs(t, err, &refused, name)
		assert.Equal(t, "--paint red: it is wet until 2030-01-02", refused.Reason, name)
		var hint *HintedError
		require.ErrorAs(t, err, &hint, name)
		assert.Contains(t, hint.Next, "--allow-red", name)
	}

	_, err := w.Up(t.Context(), UpOptions{Lab: w.lab, Place: target.Place{Name: target.Local}, Choices: map[string]string{"paint": "red"}})
	var refused *RefusedError
	require.ErrorAs(t, err, &refused, "before anything is begun")
	runs, err := w.Journal.List()
	require.NoError(t, err)
	assert.Empty(t, runs)
}

func TestChoicesBecomeVariablesAndStay(t *testing.T) {
	w := newWorkshop(t)
	w.lab.Options = []labs.Option{aPaint()}
	here, err := w.targets.here()
	require.NoError(t, err)
	asked := UpOptions{Lab: w.lab}
	run, err := w.begin(t.Context(), "r1", asked, here)
	require.NoError(t, err)
	assert.Equal(t, "green", run.Variables["colour"], "the first value is what is made where nothing is chosen")
	assert.Equal(t, false, run.Variables["wet"])

	asked.Choices = map[string]string{"paint": "red"}
	red, err := w.begin(t.Context(), "r2", asked, here)
	require.NoError(t, err)
	assert.Equal(t, "red", red.Variables["colour"])
	require.NoError(t, w.Journal.Save(red))

	for name, c := range map[string]struct {
		chosen  string
		refused bool
	}{"nothing is chosen again": {}, "the same": {chosen: "red"}, "another": {chosen: "green", refused: true}} {
		again := UpOptions{Lab: w.lab, Choices: map[string]string{}}
		if c.chosen != "" {
			again.Choices["paint"] = c.chosen
		}
		got, err := w.claim(t.Context(), "r2", again, here)
		if c.refused {
			var refused *RefusedError
			require.ErrorAs(t, err, &refused, name)
			continue
		}
		require.NoError(t, err, name)
		assert.Equal(t, "red", got.Variables["colour"], name)
	}
}
