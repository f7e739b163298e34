package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/price"
	"labctl/runner/sweep"
	"labctl/runner/target"
)

// fakeAccount holds resources, of which some refuse, and one may appear late.
type fakeAccount struct {
	things  []sweep.Resource
	refuses map[string]error
	lies    map[string]bool  // said to be gone, and listed still
	appears []sweep.Resource // while the rest is deleted
	listErr error
	during  func() // a deletion
}

func (f *fakeAccount) List(_ context.Context, scope sweep.Scope) ([]sweep.Resource, error) {
	return slices.DeleteFunc(slices.Clone(f.things), func(r sweep.Resource) bool { return !scope.Every && r.Run != scope.Run }), f.listErr
}

func (f *fakeAccount) Delete(_ context.Context, resources []sweep.Resource, progress func(sweep.Resource, error)) error {
	if f.during != nil {
		f.during()
	}
	for _, r := range resources {
		err := f.refuses[r.ID]
		if err == nil && !f.lies[r.ID] {
			f.things = slices.DeleteFunc(f.things, func(t sweep.Resource) bool { return t == r })
		}
		progress(r, err)
	}
	f.things = append(f.things, f.appears...)
	return nil
}

func (f *fakeAccount) ids() []string {
	var ids []string
	for _, r := range f.things {
		ids = append(ids, r.ID)
	}
	return ids
}

func vpcOf(run string, expires time.Time) sweep.Resource {
	return sweep.Resource{Kind: "VPC", Type: "aws_vpc", ID: "vpc-" + run, Region: "us-east-1", Run: run, Expires: expires}
}

func paid() target.Target {
	return target.Target{Name: target.Local, Account: "123456789012", Region: "us-east-1", Server: "s1"}
}

func free() target.Target {
	t := paid()
	t.Free = true
	return t
}

func TestASweepListsEveryRunWithItsRecordOrWithout(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	tag := time.Now().Add(-time.Minute).Truncate(time.Second)
	in := &fakeAccount{things: []sweep.Resource{vpcOf("r1", tag), vpcOf("lost", tag), {Kind: "subnet", ID: "subnet-1", Run: "lost"}}}
	remains, err := w.remains(t.Context(), free(), in, SweepOptions{})
	require.NoError(t, err)
	require.Len(t, remains.Resources, 3)
	recorded, lost, part := remains.Resources[0], remains.Resources[1], remains.Resources[2]
	assert.Equal(t, "r1", recorded.Record.ID)
	assert.Equal(t, recorded.Record.Expires, recorded.Deadline, "the record knows better than the tag")
	assert.Nil(t, lost.Record)
	assert.Equal(t, tag, lost.Deadline)
	assert.Equal(t, tag, part.Deadline, "what carries no tag expires with its run")

	remains, err = w.remains(t.Context(), free(), in, SweepOptions{Run: "lost"})
	require.NoError(t, err)
	assert.Len(t, remains.Resources, 2)
}

func TestOnlyWhatIsPastItsDeadlineIsExpired(t *testing.T) {
	past, ahead := time.Now().Add(-time.Minute), time.Now().Add(time.Minute)
	w := newWorkshop(t)
	w.run(t, "extended", journal.Ready) // an hour left, whatever the tags say
	in := &fakeAccount{things: []sweep.Resource{
		vpcOf("extended", past), vpcOf("past", past), vpcOf("ahead", ahead), {Kind: "VPC", ID: "old", Run: "ahead", Expires: past}, vpcOf("silent", time.Time{}), vpcOf("silent", time.Time{}),
	}}
	remains, err := w.remains(t.Context(), free(), in, SweepOptions{Expired: true})
	require.NoError(t, err)
	require.Len(t, remains.Resources, 1)
	assert.Equal(t, "vpc-past", remains.Resources[0].ID)
	assert.Equal(t, []string{"silent"}, remains.Timeless)
}

func TestARecordOfAnotherServerOrAccountIsNoneHere(t *testing.T) {
	for name, change := range map[string]func(*journal.Run){
		"here":             func(*journal.Run) {},
		"another server":   func(r *journal.Run) { r.Server = "s0" },
		"another account":  func(r *journal.Run) { r.Account = "210987654321" },
		"another target":   func(r *journal.Run) { r.Target = "aws" },
		"another endpoint": func(r *journal.Run) { r.Endpoint = "http://127.0.0.1:1" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t)
			w.run(t, "r1", journal.Ready)
			run, err := w.Journal.Load("r1")
			require.NoError(t, err)
			change(&run)
			require.NoError(t, w.Journal.Save(run))
			assert.Equal(t, name == "here", w.recordsOn(free())["r1"] != nil)
		})
	}
}

func TestAPriceIsKnownFreeOrUnknown(t *testing.T) {
	w := newWorkshop(t)
	w.Prices = price.AWS()
	tests := []struct {
		name   string
		in     target.Target
		res    sweep.Resource
		usd    float64
		priced bool
	}{
		{"billed", paid(), sweep.Resource{Type: "aws_nat_gateway"}, 0.045, true},
		{"billed by units of a variant", paid(), sweep.Resource{Type: "aws_vpc_endpoint", Variant: "Interface", Units: 3}, 0.03, true},
		{"a free variant", paid(), sweep.Resource{Type: "aws_vpc_endpoint", Variant: "Gateway"}, 0, true},
		{"free", paid(), sweep.Resource{Type: "aws_vpc"}, 0, true},
		{"a variant that the table does not know", paid(), sweep.Resource{Type: "aws_instance", Variant: "p5.48xlarge"}, 0, false},
		{"a type that it does not know", paid(), sweep.Resource{Type: "aws_route53_zone"}, 0, false},
		{"a kind that nobody knows", paid(), sweep.Resource{Kind: "lambda:function"}, 0, false},
		{"anything on a free target", free(), sweep.Resource{Type: "aws_nat_gateway"}, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			usd, priced := w.priceOf(test.in, test.res)
			assert.InDelta(t, test.usd, usd, 1e-9)
			assert.Equal(t, test.priced, priced)
		})
	}
}

func TestTheRegionsInUseAreTheTargetsTheRunsAndTheLabs(t *testing.T) {
	w := newWorkshop(t)
	w.Labs = append(w.Labs, labs.Lab{ID: "two", SecondRegion: func(string) string { return "us-west-2" }})
	for id, region := range map[string]string{"r1": "eu-west-1", "r2": "us-east-1"} {
		w.run(t, id, journal.Ready)
		run, err := w.Journal.Load(id)
		require.NoError(t, err)
		run.Region, run.SecondRegion = region, "eu-central-1"
		require.NoError(t, w.Journal.Save(run))
	}
	assert.Equal(t, []string{"us-east-1", "eu-central-1", "eu-west-1", "us-west-2"}, w.regionsInUse(t.Context(), free()))
}

// swept lists and deletes.
func (w *workshop) swept(t *testing.T, in *fakeAccount, opts SweepOptions) (Swept, error) {
	t.Helper()
	remains, err := w.remains(t.Context(), free(), in, opts)
	require.NoError(t, err)
	return w.Sweep(t.Context(), remains)
}

func TestARecordIsArchivedWhenNothingOfItsRunIsLeft(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	w.run(t, "r2", journal.Creating)
	in := &fakeAccount{things: []sweep.Resource{vpcOf("r1", time.Time{}), vpcOf("r2", time.Time{}), vpcOf("lost", time.Time{})}}
	in.during = func() {
		run, err := w.Journal.Load("r1")
		require.NoError(t, err)
		assert.Equal(t, journal.Destroying, run.State, "an interrupt leaves a record that tells")
		assert.NotNil(t, w.Journal.Holder("r1"), "under the run's lock")
	}
	swept, err := w.swept(t, in, SweepOptions{})
	require.NoError(t, err)
	assert.Len(t, swept.Gone, 3)
	assert.Equal(t, []string{"r1", "r2"}, swept.Archived)
	assert.Empty(t, in.things)
	runs, err := w.Journal.List()
	require.NoError(t, err)
	assert.Empty(t, runs)
	assert.Equal(t, []string{target.Local}, w.targets.released, "once, after the last run")
	assert.Nil(t, w.Journal.Holder("r1"))
}

func TestWhatRefusesIsKeptWithItsReasonAndKeepsTheRecord(t *testing.T) {
	locked := errors.New("locked in compliance mode until 2030")
	tests := []struct {
		name  string
		in    fakeAccount
		kept  string
		why   error
		state journal.State
	}{
		{"it refuses", fakeAccount{refuses: map[string]error{"vpc-r1": locked}}, "vpc-r1", locked, journal.Destroying},
		{"it is listed still", fakeAccount{lies: map[string]bool{"vpc-r1": true}}, "vpc-r1", errListed, journal.Destroying},
		{"another one appears", fakeAccount{appears: []sweep.Resource{{Kind: "VPC", ID: "vpc-new", Run: "r1"}}}, "vpc-new", errAppeared, journal.Destroying},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorkshop(t)
			w.run(t, "r1", journal.Ready)
			test.in.things = []sweep.Resource{vpcOf("r1", time.Time{}), vpcOf("r2", time.Time{})}
			swept, err := w.swept(t, &test.in, SweepOptions{})
			require.EqualError(t, err, "still there after the sweep: 1 of 2")
			require.Len(t, swept.Kept, 1)
			assert.Equal(t, test.kept, swept.Kept[0].ID)
			require.ErrorIs(t, swept.Kept[0].Reason, test.why)
			assert.Empty(t, swept.Archived)
			assert.NotContains(t, test.in.ids(), "vpc-r2", "the other run is gone")
			run, err := w.Journal.Load("r1")
			require.NoError(t, err)
			assert.Equal(t, test.state, run.State)
		})
	}
}

func TestARunThatAnotherLabctlWorksOnIsLeftAlone(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	lock, err := w.Journal.Lock("r1", "labctl drill")
	require.NoError(t, err)
	defer func() { require.NoError(t, lock.Unlock()) }()
	in := &fakeAccount{things: []sweep.Resource{vpcOf("r1", time.Time{}), vpcOf("lost", time.Time{})}}
	swept, err := w.swept(t, in, SweepOptions{})
	var held *journal.LockedError
	require.ErrorAs(t, err, &held)
	require.Len(t, swept.Spared, 1)
	assert.Equal(t, "r1", swept.Spared[0].Run)
	assert.Equal(t, []string{"vpc-r1"}, in.ids(), "the rest is gone")

	_, err = w.swept(t, in, SweepOptions{Run: "r1"})
	require.ErrorAs(t, err, &held)
	assert.Equal(t, []string{"vpc-r1"}, in.ids())
}

func TestARunWhoseRecordIsDamagedIsLeftAloneWhileItIsWorkedOn(t *testing.T) {
	w := newWorkshop(t)
	require.NoError(t, os.MkdirAll(w.Journal.Dir("r1"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(w.Journal.Dir("r1"), "run.json"), []byte("{"), 0o600))
	lock, err := w.Journal.Lock("r1", "labctl up")
	require.NoError(t, err)
	in := &fakeAccount{things: []sweep.Resource{vpcOf("r1", time.Time{}), vpcOf("lost", time.Time{})}}
	swept, err := w.swept(t, in, SweepOptions{})
	var held *journal.LockedError
	require.ErrorAs(t, err, &held)
	require.Len(t, swept.Spared, 1)
	assert.Equal(t, []string{"vpc-r1"}, in.ids(), "the rest is gone")

	require.NoError(t, lock.Unlock())
	_, err = w.swept(t, in, SweepOptions{})
	require.NoError(t, err)
	assert.Empty(t, in.ids())
}

func TestTheNameOfARunIsProtectedWhenItsRecordIsDamaged(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	require.NoError(t, os.MkdirAll(w.Journal.Dir("r1-b"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(w.Journal.Dir("r1-b"), "run.json"), []byte("{"), 0o600))
	assert.Equal(t, sweep.Scope{Run: "r1", OtherRuns: []string{"r1-b"}}, w.sweepScope(journal.Run{ID: "r1"}))
}

func TestARunThatIsExtendedMeanwhileIsLeftAlone(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	run, err := w.Journal.Load("r1")
	require.NoError(t, err)
	run.Expires = time.Now().Add(-time.Minute)
	require.NoError(t, w.Journal.Save(run))
	in := &fakeAccount{things: []sweep.Resource{vpcOf("r1", time.Time{})}}
	remains, err := w.remains(t.Context(), free(), in, SweepOptions{Expired: true})
	require.NoError(t, err)
	require.Len(t, remains.Resources, 1)
	run.Expires = time.Now().Add(time.Hour)
	require.NoError(t, w.Journal.Save(run))

	swept, err := w.Sweep(t.Context(), remains)
	require.NoError(t, err, "that is no failure")
	require.Len(t, swept.Spared, 1)
	require.ErrorIs(t, swept.Spared[0].Reason, errExtended)
	assert.Equal(t, []string{"vpc-r1"}, in.ids())
}

func TestAnAccountThatCannotBeReadAgainProvesNothing(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	in := &fakeAccount{things: []sweep.Resource{vpcOf("r1", time.Time{})}}
	denied := &sweep.IncompleteError{Unread: []sweep.KindError{{Kind: "VPC", Err: errors.New("denied")}}}
	in.during = func() { in.listErr = denied }
	swept, err := w.swept(t, in, SweepOptions{})
	require.ErrorIs(t, err, denied)
	assert.Empty(t, swept.Archived)
	assert.Empty(t, swept.Gone, "nobody has seen that it is gone")
	_, err = w.Journal.Load("r1")
	require.NoError(t, err)
}

func TestAnInterruptedSweepSaysThatTheStateIsSafe(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Ready)
	in := &fakeAccount{things: []sweep.Resource{vpcOf("r1", time.Time{})}}
	remains, err := w.remains(t.Context(), free(), in, SweepOptions{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	in.during = cancel
	_, err = w.Sweep(ctx, remains)
	var interrupted *InterruptedError
	require.ErrorAs(t, err, &interrupted)
	_, err = w.Journal.Load("r1")
	require.NoError(t, err, "the record stays")
}
