package runner

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/price"
	"labctl/runner/sweep"
	"labctl/runner/target"
	"labctl/runner/tf"
)

// fakeTargets is a target whose server is there, or lost.
type fakeTargets struct {
	account  string
	attach   error
	released []string
	probed   []checks.Capability
	shows    map[checks.Capability]checks.Support
	target   *target.Target // instead of a local one
}

func (f *fakeTargets) here() (target.Target, error) {
	if f.target != nil {
		return *f.target, f.attach
	}
	return target.Target{Name: target.Local, Account: f.account, Region: "us-east-1", Server: "s1", Free: true}, f.attach
}

func (f *fakeTargets) Start(context.Context, target.Place) (target.Target, error)   { return f.here() }
func (f *fakeTargets) Attach(context.Context, target.Held) (target.Target, error)   { return f.here() }
func (f *fakeTargets) Current(context.Context, target.Place) (target.Target, error) { return f.here() }
func (f *fakeTargets) Alive(context.Context, target.Held) error                     { return f.attach }
func (f *fakeTargets) Probe(_ context.Context, _ target.Target, needs []checks.Capability) (map[checks.Capability]checks.Support, error) {
	f.probed = append(f.probed, needs...)
	return f.shows, nil
}
func (f *fakeTargets) Release(_ context.Context, name string) error {
	f.released = append(f.released, name)
	return nil
}

// workshop is a runner on a journal of its own, with a lab of two faults.
type workshop struct {
	*Runner
	targets *fakeTargets
	lab     labs.Lab
	events  []Event
	live    map[string]bool // what the faults have changed
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	w := &workshop{targets: &fakeTargets{account: "123456789012"}, live: map[string]bool{}}
	fault := func(id string, injectErr error) labs.Fault {
		return labs.Fault{
			ID: id, Title: "title of " + id, Answer: "answer of " + id, Breaks: []string{"c1"}, Hints: []string{"one", "two"},
			Inject: func(_ context.Context, _ labs.Live, rec labs.Record) error {
				if err := rec.Set("was", id); err != nil {
					return err
				}
				w.live[id] = true
				return injectErr
			},
			Undo: func(_ context.Context, _ labs.Live, rec labs.Record) error {
				if rec.Get("was") != id {
					return fmt.Errorf("the record says %q", rec.Get("was"))
				}
				delete(w.live, id)
				return nil
			},
		}
	}
	w.lab = labs.Lab{
		ID: "demo", Checks: []checks.Check{{ID: "c1"}, {ID: "c2"}},
		Faults: []labs.Fault{fault("f1", nil), fault("f2", nil), fault("half-made", errors.New("no connection"))},
	}
	w.Runner = New(Settings{
		Labs: []labs.Lab{w.lab}, Journal: journal.Open(t.TempDir()), Targets: w.targets, Prices: price.Table{},
		CacheDir: t.TempDir(), Getenv: func(string) string { return "" }, Version: "test", Command: "labctl test",
		Emit: func(e Event) { w.events = append(w.events, e) },
	})
	return w
}

func (w *workshop) run(t *testing.T, id string, state journal.State) {
	t.Helper()
	require.NoError(t, w.Journal.Save(journal.Run{
		ID: id, Lab: "demo", Target: target.Local, Server: "s1", Account: "123456789012", Region: "us-east-1", State: state,
		Created: time.Now().Add(-time.Hour), Expires: time.Now().Add(time.Hour),
	}))
}

func TestABrokenRunIsFixedByAnotherProcess(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)

	broken, err := w.Break(t.Context(), BreakOptions{Lab: w.lab, Fault: "f2"})
	require.NoError(t, err)
	assert.Equal(t, "f2", broken.Fault.ID)
	assert.False(t, broken.Hidden)
	assert.Equal(t, map[string]bool{"f2": true}, w.live)

	recorded, err := w.Journal.Load("r1")
	require.NoError(t, err)
	assert.Equal(t, journal.Broken, recorded.State)
	assert.Equal(t, map[string]string{"was": "f2"}, recorded.Fault.Data, "what the undo needs is durable")

	fixed, err := w.Fix(t.Context(), w.lab, "")
	require.NoError(t, err)
	assert.Equal(t, "answer of f2", fixed.Fault.Answer)
	assert.Empty(t, w.live)
	recorded, err = w.Journal.Load("r1")
	require.NoError(t, err)
	assert.Equal(t, journal.Ready, recorded.State)
	assert.Nil(t, recorded.Fault)
}

func TestAFaultThatFailedHalfWayCanBeTakenBack(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	_, err := w.Break(t.Context(), BreakOptions{Lab: w.lab, Fault: "half-made"})
	require.ErrorContains(t, err, "no connection")
	var hint *HintedError
	require.ErrorAs(t, err, &hint)
	assert.Contains(t, hint.Next, "labctl fix demo")
	assert.NotEmpty(t, w.live)
	_, err = w.Fix(t.Context(), w.lab, "")
	require.NoError(t, err)
	assert.Empty(t, w.live)
}

func TestTheSameSeedDrawsTheSameFaultAndDoesNotTellWhich(t *testing.T) {
	drawn := map[string]bool{}
	for seed := range uint64(20) {
		var ids []string
		for range 2 {
			fault, err := choose(BreakOptions{Lab: newWorkshop(t).lab, Seed: &seed}, target.Target{})
			require.NoError(t, err)
			ids = append(ids, fault.ID)
		}
		assert.Equal(t, ids[0], ids[1])
		drawn[ids[0]] = true
	}
	assert.Len(t, drawn, 3, "every fault is drawn by some seed")

	w := newWorkshop(t)
	w.lab.Faults = w.lab.Faults[:2]
	w.run(t, "r1", journal.Ready)
	broken, err := w.Break(t.Context(), BreakOptions{Lab: w.lab})
	require.NoError(t, err)
	assert.True(t, broken.Hidden)
}

func TestARunIsNotBrokenTwiceNorBeforeItIsReady(t *testing.T) {
	for _, state := range []journal.State{journal.Broken, journal.Creating, journal.Destroying} {
		w := newWorkshop(t)
		w.run(t, "r1", state)
		_, err := w.Break(t.Context(), BreakOptions{Lab: w.lab, Fault: "f1"})
		var refused *RefusedError
		require.ErrorAs(t, err, &refused, string(state))
		assert.Empty(t, w.live)
	}
}

func TestHintsClimbTheLadderAndStayAtTheTop(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	_, err := w.Hint(t.Context(), w.lab, "")
	var whole *NotBrokenError
	require.ErrorAs(t, err, &whole)

	_, err = w.Break(t.Context(), BreakOptions{Lab: w.lab, Fault: "f1"})
	require.NoError(t, err)
	var got []string
	for range 3 {
		hint, err := w.Hint(t.Context(), w.lab, "")
		require.NoError(t, err)
		got = append(got, fmt.Sprintf("%d/%d %s", hint.N, hint.Of, hint.Text))
	}
	assert.Equal(t, []string{"1/2 one", "2/2 two", "2/2 two"}, got)
}

func TestARunInUseIsRefusedWithTheHoldersName(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	lock, err := w.Journal.Lock("r1", "labctl up demo")
	require.NoError(t, err)
	defer func() { assert.NoError(t, lock.Unlock()) }()
	for name, command := range map[string]func() error{
		"break": func() error {
			_, err := w.Break(t.Context(), BreakOptions{Lab: w.lab, Fault: "f1"})
			return err
		},
		"fix":  func() error { _, err := w.Fix(t.Context(), w.lab, ""); return err },
		"down": func() error { _, err := w.Down(t.Context(), DownOptions{Lab: w.lab}); return err },
		"up": func() error {
			_, err := w.Up(t.Context(), UpOptions{Lab: w.lab, Place: target.Place{Name: target.Local}})
			return err
		},
	} {
		var locked *journal.LockedError
		require.ErrorAs(t, command(), &locked, name)
		assert.Equal(t, "labctl up demo", locked.Holder.Command)
	}
	all, err := w.Status(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.NotNil(t, all[0].Holder)
}

func TestTwoLabctlAtOnceDoNotBeginTwoRunsOfALab(t *testing.T) {
	w := newWorkshop(t)
	first, _, err := w.lockUp(UpOptions{Lab: w.lab, Place: target.Place{Name: target.Local}})
	require.NoError(t, err)
	_, _, err = w.lockUp(UpOptions{Lab: w.lab, Place: target.Place{Name: target.Local}})
	var locked *journal.LockedError
	require.ErrorAs(t, err, &locked)
	assert.Contains(t, locked.Error(), "lab demo is in use by")

	named, id, err := w.lockUp(UpOptions{Lab: w.lab, Place: target.Place{Name: target.Local}, Run: "monday"})
	require.NoError(t, err, "a run of another name is another run")
	assert.Equal(t, "monday", id)
	named.release()
	first.release()
	again, _, err := w.lockUp(UpOptions{Lab: w.lab, Place: target.Place{Name: target.Local}})
	require.NoError(t, err)
	again.release()
}

func TestTheRunIsFoundByLabOrByName(t *testing.T) {
	w := newWorkshop(t)
	_, err := w.find(w.lab, "")
	var none *NoRunError
	require.ErrorAs(t, err, &none)

	w.run(t, "monday", journal.Ready)
	id, err := w.find(w.lab, "")
	require.NoError(t, err)
	assert.Equal(t, "monday", id)

	w.run(t, "tuesday", journal.Ready)
	_, err = w.find(w.lab, "")
	var usage *UsageError
	require.ErrorAs(t, err, &usage)
	id, err = w.find(w.lab, "tuesday")
	require.NoError(t, err)
	assert.Equal(t, "tuesday", id)

	_, err = w.find(w.lab, "tusday")
	var unknown *UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, "tuesday", unknown.Nearest)
}

func TestARunWhoseServerIsGoneIsClearedAndTheTargetReleased(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	w.targets.attach = &target.LostError{Err: errors.New("gone")}

	all, err := w.Status(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.True(t, all[0].Lost)

	_, err = w.Check(t.Context(), CheckOptions{Lab: w.lab})
	require.Error(t, err)
	var hint *HintedError
	require.ErrorAs(t, err, &hint)
	assert.Contains(t, hint.Next, "labctl up demo")

	removal, err := w.Down(t.Context(), DownOptions{Lab: w.lab})
	require.NoError(t, err)
	assert.True(t, removal.Lost)
	assert.DirExists(t, removal.Archive)
	assert.Equal(t, []string{target.Local}, w.targets.released)
	_, err = w.Journal.Load("r1")
	var missing *journal.NotFoundError
	require.ErrorAs(t, err, &missing)
}

func TestARunInAnotherAccountIsNotTouched(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	w.targets.account = "210987654321"
	_, err := w.Down(t.Context(), DownOptions{Lab: w.lab})
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	kept, err := w.Journal.Load("r1")
	require.NoError(t, err)
	assert.Equal(t, journal.Ready, kept.State)
}

func TestOnlyTheChecksAskedForRunInTheLabsOrder(t *testing.T) {
	w := newWorkshop(t)
	chosen, err := Select(w.lab, []string{"c2", "c1"})
	require.NoError(t, err)
	assert.Equal(t, []string{"c1", "c2"}, []string{chosen[0].ID, chosen[1].ID})
	_, err = Select(w.lab, []string{"c3"})
	var unknown *UnknownError
	require.ErrorAs(t, err, &unknown)
}

func TestCheckJudgesWhatCarriesATagWithoutARun(t *testing.T) {
	w := newWorkshop(t)
	var judged inventory.Scope
	w.lab.Checks = []checks.Check{{ID: "c1", Decide: func(_ context.Context, inv *inventory.Inventory) (checks.Finding, error) {
		judged = inv.Scope
		return checks.Passed("fine"), nil
	}}}
	outcome, err := w.Check(t.Context(), CheckOptions{Lab: w.lab, Tag: &inventory.Scope{Key: "project", Value: "x"}})
	require.NoError(t, err)
	assert.Equal(t, checks.Pass, outcome.Report.Verdict())
	assert.Equal(t, "project=x", judged.String())
}

func TestTheNearestValidNameIsOfferedOnlyWhenItIsNear(t *testing.T) {
	assert.Equal(t, "networking", Unknown("lab", "netwoking", []string{"iam", "networking"}).Nearest)
	assert.Empty(t, Unknown("lab", "zzz", []string{"iam", "networking"}).Nearest)
}

func TestWhatAKnownGroupLaunchedIsNoStray(t *testing.T) {
	known := []tf.Resource{{ID: "web"}, {ID: "vpc-1"}, {Type: "aws_sqs_queue", ID: "http://127.0.0.1:1/123456789012/orders"}}
	strays := unknownTo(known, []sweep.Resource{
		{ID: "web"}, {ID: "other"},
		{ID: "i-1", MadeBy: "web"}, {ID: "i-2", MadeBy: "other"}, {ID: "i-3"},
		{ID: "vol-1", MadeBy: "i-1"}, {ID: "vol-2", MadeBy: "i-2"},
		{ID: "vpc-1"}, {ID: "orders"},
	})
	var ids []string
	for _, res := range strays {
		ids = append(ids, res.ID)
	}
	assert.Equal(t, []string{"other", "i-2", "i-3", "vol-2"}, ids)
}

func TestWhatTerraformKnowsInOneRegionIsAStrayInTheOther(t *testing.T) {
	known := []tf.Resource{
		{Type: "aws_backup_vault", ID: "vault", ARN: "arn:aws:backup:us-east-1:123456789012:backup-vault:vault"},
		{Type: "aws_backup_vault_lock_configuration", ID: "vault"},
		{Type: "aws_iam_role", ID: "backup", ARN: "arn:aws:iam::123456789012:role/backup"},
		{Type: "aws_s3_bucket", ID: "documents", ARN: "arn:aws:s3:::documents"},
		{Type: "aws_backup_plan", ID: "a0c9"},
	}
	strays := unknownTo(known, []sweep.Resource{
		{ID: "vault", Region: "us-east-1"}, {ID: "vault", Region: "us-west-2"},
		{ID: "snap-1", Region: "us-east-1", MadeBy: "vault"}, {ID: "snap-2", Region: "us-west-2", MadeBy: "vault"},
		{ID: "backup"}, {ID: "documents", Region: "us-east-1"}, {ID: "a0c9", Region: "us-east-1"},
	})
	assert.Equal(t, []sweep.Resource{{ID: "vault", Region: "us-west-2"}, {ID: "snap-2", Region: "us-west-2", MadeBy: "vault"}}, strays)
}
