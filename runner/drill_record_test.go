package runner

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/labs"
	"labctl/runner/journal"
)

// digging is a drill that digs a hole and notes where, and its lab.
func digging(t *testing.T, run func(ctx context.Context, line *labs.TimeLine) error) (w *workshop, hole *string) {
	w, hole = newWorkshop(t), new(string)
	w.run(t, "r1", journal.Ready)
	w.lab.Drills = []labs.Drill{{
		ID: "dig",
		Run: func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
			if err := live.Record.Set("where", "garden"); err != nil {
				return err
			}
			recorded, err := w.Journal.Load("r1")
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"where": "garden"}, recorded.Drill.Data, "what restoring needs is durable before anything is changed")
			*hole = "garden"
			return run(ctx, line)
		},
		Restore: func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if *hole == "rock" {
				return errors.New("the shovel is broken")
			}
			if *hole == live.Record.Get("where") {
				*hole = ""
				line.Say("Filled up.")
			}
			return nil
		},
	}}
	w.Labs = []labs.Lab{w.lab}
	return w, hole
}

func measuring(_ context.Context, line *labs.TimeLine) error {
	line.Outcome("depth", "1 m", "1 m")
	return nil
}

func TestALabIsMadeAsItWasHoweverADrillEnds(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	for name, run := range map[string]func(context.Context, *labs.TimeLine) error{
		"it measured":         measuring,
		"it failed":           func(context.Context, *labs.TimeLine) error { return errors.New("a pipe") },
		"it was interrupted":  func(ctx context.Context, _ *labs.TimeLine) error { interrupt(); return ctx.Err() },
		"it measured nothing": func(context.Context, *labs.TimeLine) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			w, hole := digging(t, run)
			_, err := w.Drill(ctx, DrillOptions{Lab: w.lab, Drill: "dig", Tell: func(labs.Moment) {}})
			if name == "it was interrupted" {
				var interrupted *InterruptedError
				require.ErrorAs(t, err, &interrupted)
			}
			assert.Empty(t, *hole)
			recorded, err := w.Journal.Load("r1")
			require.NoError(t, err)
			assert.Nil(t, recorded.Drill)
			assert.Equal(t, journal.Ready, recorded.State)
		})
		if ctx.Err() != nil {
			ctx, interrupt = context.WithCancel(t.Context())
		}
	}
	interrupt()
}

func TestWhatADrillCouldNotTakeBackIsToldAndStaysRecorded(t *testing.T) {
	w, hole := digging(t, nil)
	w.lab.Drills[0].Run = func(_ context.Context, _ labs.Live, line *labs.TimeLine) error {
		*hole = "rock"
		line.Outcome("depth", "1 m", "1 m")
		return nil
	}
	drilled, err := w.Drill(t.Context(), DrillOptions{Lab: w.lab, Drill: "dig", Tell: func(labs.Moment) {}})
	require.NoError(t, err)
	assert.Equal(t, checks.Error, drilled.Status, "what was measured does not hide it")
	assert.Contains(t, drilled.Reason, "the shovel is broken")
	recorded, err := w.Journal.Load("r1")
	require.NoError(t, err)
	require.NotNil(t, recorded.Drill)
	assert.Equal(t, "dig", recorded.Drill.ID)
}

// cutOff is a run on which labctl was killed in the middle of the drill.
func cutOff(t *testing.T, hole string) (*workshop, *string) {
	w, found := digging(t, measuring)
	*found = hole
	recorded, err := w.Journal.Load("r1")
	require.NoError(t, err)
	recorded.Drill = &journal.Drill{ID: "dig", Since: time.Now(), Data: map[string]string{"where": "garden"}}
	require.NoError(t, w.Journal.Save(recorded))
	return w, found
}

func TestWhatAKilledDrillLeftIsTakenBackBeforeAnythingElse(t *testing.T) {
	for name, next := range map[string]func(*workshop) error{
		"a drill": func(w *workshop) error {
			_, err := w.Drill(t.Context(), DrillOptions{Lab: w.lab, Drill: "dig", Tell: func(labs.Moment) {}})
			return err
		},
		"a fault": func(w *workshop) error {
			_, err := w.Break(t.Context(), BreakOptions{Lab: w.lab, Fault: "f1"})
			return err
		},
	} {
		t.Run("before "+name, func(t *testing.T) {
			w, hole := cutOff(t, "garden")
			require.NoError(t, next(w))
			assert.Empty(t, *hole)
			recorded, err := w.Journal.Load("r1")
			require.NoError(t, err)
			assert.Nil(t, recorded.Drill)
			assert.Contains(t, w.events, Note{Text: "Filled up."}, "it is told")
		})
		t.Run("and where that fails there is no "+name, func(t *testing.T) {
			w, hole := cutOff(t, "rock")
			err := next(w)
			require.ErrorContains(t, err, "the shovel is broken")
			var hint *HintedError
			require.ErrorAs(t, err, &hint)
			assert.Contains(t, hint.Next, "labctl down demo")
			assert.Equal(t, "rock", *hole)
			assert.Empty(t, w.live, "nothing was broken")
			recorded, err := w.Journal.Load("r1")
			require.NoError(t, err)
			assert.NotNil(t, recorded.Drill)
		})
	}
}

func TestADrillOfAnotherVersionCannotBeTakenBack(t *testing.T) {
	w, _ := cutOff(t, "garden")
	w.Labs[0].Drills = nil
	_, err := w.Break(t.Context(), BreakOptions{Lab: w.lab, Fault: "f1"})
	assert.ErrorContains(t, err, `does not know drill "dig"`)
}

func TestACheckTellsThatADrillWasCutOffOrIsAtWork(t *testing.T) {
	warned := func(w *workshop) string {
		_, err := w.Check(t.Context(), CheckOptions{Lab: w.lab, Only: []string{}})
		require.NoError(t, err)
		for _, e := range w.events {
			if warning, ok := e.(Warning); ok {
				return warning.Text
			}
		}
		return ""
	}
	w, _ := cutOff(t, "garden")
	w.lab.Checks = nil
	assert.Contains(t, warned(w), "was cut off on run r1")

	w.events = nil
	lock, err := w.Journal.Lock("r1", "labctl drill demo dig")
	require.NoError(t, err)
	assert.Contains(t, warned(w), "at work on run r1")
	require.NoError(t, lock.Unlock())
}

func TestSeedAndRowsAreForDrillsThatMakeData(t *testing.T) {
	some := &labs.Amount{Default: 100, Least: 10, Most: 1000}
	for name, test := range map[string]struct {
		seeds *labs.Amount
		opts  DrillOptions
		want  labs.Seeding
		says  string
	}{
		"nothing asked for":   {some, DrillOptions{}, labs.Seeding{Seed: 1, Rows: 100}, ""},
		"a seed, zero":        {some, DrillOptions{Seed: new(uint64)}, labs.Seeding{Rows: 100}, ""},
		"rows":                {some, DrillOptions{Rows: intp(1000)}, labs.Seeding{Seed: 1, Rows: 1000}, ""},
		"too few":             {some, DrillOptions{Rows: intp(9)}, labs.Seeding{}, "--rows 9: drill d1 takes from 10 to 1000"},
		"none":                {some, DrillOptions{Rows: intp(0)}, labs.Seeding{}, "from 10"},
		"too many":            {some, DrillOptions{Rows: intp(1001)}, labs.Seeding{}, "to 1000"},
		"no data, no seeding": {nil, DrillOptions{}, labs.Seeding{}, ""},
		"no data, a seed":     {nil, DrillOptions{Seed: new(uint64)}, labs.Seeding{}, "drill d1 makes no data of its own"},
		"no data, rows":       {nil, DrillOptions{Rows: intp(100)}, labs.Seeding{}, "drill d1 makes no data of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			w, got := newWorkshop(t), labs.Seeding{}
			w.run(t, "r1", journal.Ready)
			w.lab.Drills = []labs.Drill{{ID: "d1", Seeds: test.seeds, Run: func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
				got = live.Seeding
				return measuring(ctx, line)
			}}}
			test.opts.Lab, test.opts.Drill, test.opts.Tell = w.lab, "d1", func(labs.Moment) {}
			_, err := w.Drill(t.Context(), test.opts)
			if test.says == "" {
				require.NoError(t, err)
				assert.Equal(t, test.want, got)
				return
			}
			var usage *UsageError
			require.ErrorAs(t, err, &usage)
			assert.Contains(t, usage.Reason, test.says)
		})
	}
}

func intp(n int) *int { return &n }
