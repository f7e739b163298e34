package runner

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/target"
)

func TestLabsThatAreBegunTogetherShareOneLimit(t *testing.T) {
	budget, lab := NewBudget(1), labs.Lab{ID: "ha"}
	require.NoError(t, budget.take(lab, 0.3, 2*time.Hour))
	var refused *RefusedError
	require.ErrorAs(t, budget.take(lab, 0.3, 2*time.Hour), &refused)
	assert.Contains(t, refused.Reason, "0.60 USD in 2h (0.300 USD an hour), more than the 0.40 USD that other labs leave of the 1.00 USD of --max-price; nothing was made")
	require.NoError(t, budget.take(lab, 0.1, 2*time.Hour), "what is refused takes nothing")
	require.NoError(t, budget.take(lab, 0, time.Hour), "and what is free always fits")
	require.NoError(t, (*Budget)(nil).take(lab, 1000, time.Hour))
}

func TestABrokenRunTakesTheNewDeadlineToo(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Broken)
	w.targets.target = &target.Target{Name: target.Local, Account: "123456789012", Region: "us-east-1", Server: "s1", Free: true}
	w.Terraform = fakeTerraform(t)
	_, err := w.Up(t.Context(), UpOptions{Lab: w.lab, Run: "r1", Place: target.Place{Name: target.Local}, TTL: 9 * time.Hour, NoCheck: true})
	require.NoError(t, err)
	recorded, err := w.Journal.Load("r1")
	require.NoError(t, err)
	assert.Equal(t, journal.Broken, recorded.State)
	assert.WithinDuration(t, time.Now().Add(9*time.Hour), recorded.Expires, 5*time.Second)
}

func TestNothingIsMadeInAnAccountThatWasTakenOffTheList(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	run, err := w.Journal.Load("r1")
	require.NoError(t, err)
	run.Target, run.Server, run.Account = target.AWS, "", "111122223333"
	require.NoError(t, w.Journal.Save(run))
	there := onAWS("")
	w.targets.target, w.Allowed = &there, listed{}
	w.lab.Drills = []labs.Drill{{ID: "d1"}}
	w.lab.Traffic = &labs.Traffic{Profiles: []labs.Profile{{Name: "calm"}}, Minutes: labs.Amount{Most: 9}, Rate: labs.Amount{Most: 9}}
	for name, make := range map[string]func() error{
		"break":  func() error { _, err := w.Break(t.Context(), BreakOptions{Lab: w.lab, Fault: "f1"}); return err },
		"drill":  func() error { _, err := w.Drill(t.Context(), DrillOptions{Lab: w.lab, Drill: "d1"}); return err },
		"extend": func() error { _, err := w.Extend(t.Context(), ExtendOptions{Lab: w.lab, By: time.Hour}); return err },
		"emit": func() error {
			_, err := w.EmitTraffic(t.Context(), EmitOptions{Lab: w.lab, Emission: labs.Emission{Profile: "calm"}})
			return err
		},
	} {
		var refused *RefusedError
		require.ErrorAs(t, make(), &refused, name)
		assert.Contains(t, refused.Reason, "account 111122223333 is not on the list", name)
	}
	recorded, err := w.Journal.Load("r1")
	require.NoError(t, err)
	assert.Equal(t, run.Expires.UTC(), recorded.Expires.UTC())
	assert.Equal(t, journal.Ready, recorded.State, "and nobody else is kept out")

	recorded.State, recorded.Fault = journal.Broken, &journal.Fault{ID: "f1", Data: map[string]string{"was": "f1"}}
	require.NoError(t, w.Journal.Save(recorded))
	_, err = w.Fix(t.Context(), w.lab, "")
	require.NoError(t, err, "what was changed there can be taken back")
}

func TestExtendLeavesToUpWhatADrillHasLeft(t *testing.T) {
	w, _ := cutOff(t, "a hole")
	extended, err := w.Extend(t.Context(), ExtendOptions{Lab: w.lab, By: time.Hour})
	require.NoError(t, err)
	assert.False(t, extended.Tagged)
}

// fakeTerraform tells a version and does nothing else.
func fakeTerraform(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "terraform")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho '{\"terraform_version\":\"1.11.4\"}'\n"), 0o700)) //nolint:gosec // it is to be run
	return path
}
