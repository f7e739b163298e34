package runner

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
	"labctl/runner/journal"
)

// traffic is a lab's that writes what is asked for and says that it failed, if it shall.
func traffic(fails error) *labs.Traffic {
	return &labs.Traffic{
		Profiles: []labs.Profile{{Name: "healthy"}, {Name: "outage"}},
		Minutes:  labs.Amount{Default: 10, Least: 1, Most: 60}, Rate: labs.Amount{Default: 100, Least: 1, Most: 1000},
		Write: func(_ context.Context, _ labs.Live, e labs.Emission, show func(labs.Progress)) (labs.Emitted, error) {
			show(labs.Progress{What: "writing", Done: 1, Total: 1})
			return labs.Emitted{Requests: e.Minutes * e.Rate}, fails
		},
	}
}

func emission() labs.Emission {
	return labs.Emission{Profile: "outage", Minutes: 10, Rate: 100, Seed: 1}
}

func TestTrafficIsWrittenToARunThatIsReadyOrBroken(t *testing.T) {
	for state, writes := range map[journal.State]bool{journal.Ready: true, journal.Broken: true, journal.Creating: false, journal.Destroying: false} {
		t.Run(string(state), func(t *testing.T) {
			w := newWorkshop(t)
			w.run(t, "r1", state)
			w.lab.Traffic = traffic(nil)
			out, err := w.EmitTraffic(t.Context(), EmitOptions{Lab: w.lab, Emission: emission()})
			if !writes {
				var refused *RefusedError
				assert.ErrorAs(t, err, &refused)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, 1000, out.Requests)
			assert.Equal(t, "r1", out.Run.ID)
			require.Len(t, w.events, 2)
			assert.Contains(t, w.events[0].(Note).Text, "takes 10m0s")

			atOnce := emission()
			atOnce.AtOnce = true
			_, err = w.EmitTraffic(t.Context(), EmitOptions{Lab: w.lab, Emission: atOnce})
			require.NoError(t, err)
			assert.Len(t, w.events, 3, "what is done at once needs no notice")
		})
	}
}

func TestWhatWasWrittenBeforeAnErrorOrAnInterruptIsTold(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	broken := errors.New("the log group is gone")
	w.lab.Traffic = traffic(broken)
	out, err := w.EmitTraffic(t.Context(), EmitOptions{Lab: w.lab, Emission: emission()})
	require.ErrorIs(t, err, broken)
	assert.Equal(t, 1000, out.Requests)

	ctx, cancel := context.WithCancel(t.Context())
	w.lab.Traffic.Write = func(context.Context, labs.Live, labs.Emission, func(labs.Progress)) (labs.Emitted, error) {
		cancel()
		return labs.Emitted{Requests: 7}, ctx.Err()
	}
	out, err = w.EmitTraffic(ctx, EmitOptions{Lab: w.lab, Emission: emission()})
	var interrupted *InterruptedError
	require.ErrorAs(t, err, &interrupted)
	assert.Equal(t, 7, out.Requests)
}

func TestAnEmissionThatTheLabDoesNotTakeNamesTheNearestThatItDoes(t *testing.T) {
	lab := labs.Lab{ID: "x", Traffic: traffic(nil)}
	require.NoError(t, ValidEmission(lab, emission()))
	for want, change := range map[string]func(*labs.Emission){
		`unknown profile "outag": did you mean "outage"?`:        func(e *labs.Emission) { e.Profile = "outag" },
		"--minutes 0: it is from 1 to 60; the nearest is 1":      func(e *labs.Emission) { e.Minutes = 0 },
		"--minutes 61: it is from 1 to 60; the nearest is 60":    func(e *labs.Emission) { e.Minutes = 61 },
		"--rate -5: it is from 1 to 1000; the nearest is 1":      func(e *labs.Emission) { e.Rate = -5 },
		"--rate 9999: it is from 1 to 1000; the nearest is 1000": func(e *labs.Emission) { e.Rate = 9999 },
	} {
		e := emission()
		change(&e)
		assert.EqualError(t, ValidEmission(lab, e), want)
	}
	assert.EqualError(t, ValidEmission(labs.Lab{ID: "y"}, emission()), "lab y has no traffic to write")
}
