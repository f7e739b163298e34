package runner

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/target"
)

func TestADrillsVerdictIsWhatItMeasured(t *testing.T) {
	for name, test := range map[string]struct {
		run  func(context.Context, labs.Live, *labs.TimeLine) error
		want checks.Status
		says string
	}{
		"all as wanted": {func(_ context.Context, _ labs.Live, line *labs.TimeLine) error {
			line.Outcome("writing", "refused", "refused")
			line.Duration("recovery time", time.Second, time.Minute)
			return nil
		}, checks.Pass, ""},
		"one too slow": {func(_ context.Context, _ labs.Live, line *labs.TimeLine) error {
			line.Duration("recovery time", 2*time.Minute, time.Minute)
			line.Outcome("writing", "refused", "refused")
			return nil
		}, checks.Fail, ""},
		"the control failed": {func(context.Context, labs.Live, *labs.TimeLine) error {
			return &labs.ControlError{Control: "reading", Err: errors.New("access denied")}
		}, checks.Error, "reading did not work"},
		"a part of it": {func(_ context.Context, _ labs.Live, line *labs.TimeLine) error {
			line.Outcome("writing", "refused", "refused")
			line.Partial("nothing answers %s", "here")
			return nil
		}, checks.Skip, "nothing answers here"},
		"a part of it that is not as wanted": {func(_ context.Context, _ labs.Live, line *labs.TimeLine) error {
			line.Partial("nothing answers here")
			line.Outcome("writing", "done", "refused")
			return nil
		}, checks.Fail, ""},
		"a part of it that could not be carried out": {func(_ context.Context, _ labs.Live, line *labs.TimeLine) error {
			line.Partial("nothing answers here")
			return errors.New("access denied")
		}, checks.Error, "access denied"},
		"nothing measured": {func(context.Context, labs.Live, *labs.TimeLine) error { return nil }, checks.Error, "measured nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t)
			w.run(t, "r1", journal.Ready)
			w.lab.Drills = []labs.Drill{{ID: "d1", Run: test.run}}
			var told []labs.Moment
			drilled, err := w.Drill(t.Context(), DrillOptions{Lab: w.lab, Drill: "d1", Tell: func(m labs.Moment) { told = append(told, m) }})
			require.NoError(t, err)
			assert.Equal(t, test.want, drilled.Status)
			assert.Contains(t, drilled.Reason, test.says)
			assert.Equal(t, strings.HasPrefix(name, "a part of it"), drilled.Partial)
			assert.Equal(t, drilled.Moments, told, "each moment is told once")
		})
	}
}

func TestADrillThatTheTargetCannotShowIsSkippedAndNeverRun(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	w.lab.Drills = []labs.Drill{{ID: "d1", Needs: []checks.Capability{"policy-enforcement"}, Run: func(context.Context, labs.Live, *labs.TimeLine) error {
		t.Error("the drill was run")
		return nil
	}}}
	drilled, err := w.Drill(t.Context(), DrillOptions{Lab: w.lab, Drill: "d1"})
	require.NoError(t, err)
	assert.Equal(t, checks.Skip, drilled.Status)
	assert.Contains(t, drilled.Reason, "policy-enforcement")
}

func TestADrillIsRefusedOnARunThatIsNotAsItShouldBe(t *testing.T) {
	for _, state := range []journal.State{journal.Creating, journal.Broken} {
		t.Run(string(state), func(t *testing.T) {
			w := newWorkshop(t)
			w.run(t, "r1", state)
			w.lab.Drills = []labs.Drill{{ID: "d1"}}
			_, err := w.Drill(t.Context(), DrillOptions{Lab: w.lab, Drill: "d1"})
			var refused *RefusedError
			assert.ErrorAs(t, err, &refused)
		})
	}
}

func TestAnUnknownDrillNamesTheNearest(t *testing.T) {
	w := newWorkshop(t)
	w.lab.Drills = []labs.Drill{{ID: "vendor"}}
	_, err := w.Drill(t.Context(), DrillOptions{Lab: w.lab, Drill: "vender"})
	var unknown *UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, "vendor", unknown.Nearest)
}

func TestAnInterruptedDrillIsNoVerdict(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	ctx, cancel := context.WithCancel(t.Context())
	cleaned := false
	w.lab.Drills = []labs.Drill{{ID: "d1", Run: func(ctx context.Context, _ labs.Live, line *labs.TimeLine) error {
		line.Outcome("writing", "refused", "refused")
		cancel()
		after, done := labs.Afterwards(ctx)
		defer done()
		cleaned = after.Err() == nil
		return ctx.Err()
	}}}
	_, err := w.Drill(ctx, DrillOptions{Lab: w.lab, Drill: "d1", Tell: func(labs.Moment) {}})
	var interrupted *InterruptedError
	require.ErrorAs(t, err, &interrupted)
	assert.True(t, cleaned, "what a drill does afterwards is not interrupted")
}

func TestAFaultThatTheTargetCannotShowIsNotDrawnAndIsRefusedByName(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	w.lab.Checks = append(w.lab.Checks, checks.Check{ID: "c3", Needs: []checks.Capability{"access-analyzer"}})
	gated := labs.Fault{ID: "gated", Breaks: []string{"c3"}}
	w.lab.Faults = append(w.lab.Faults, gated)

	for seed := range uint64(50) {
		fault, err := choose(BreakOptions{Lab: w.lab, Seed: &seed}, target.Target{})
		require.NoError(t, err)
		assert.NotEqual(t, "gated", fault.ID)
	}
	_, err := w.Break(t.Context(), BreakOptions{Lab: w.lab, Fault: "gated"})
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Reason, "access-analyzer")

	fault, err := choose(BreakOptions{Lab: w.lab, Fault: "gated"}, target.Target{Support: map[checks.Capability]checks.Support{"access-analyzer": {Shown: true}}})
	require.NoError(t, err)
	assert.Equal(t, "gated", fault.ID)
}
