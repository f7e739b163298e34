package runner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/price"
	"labctl/runner/target"
)

// dear is the workshop with a lab that costs 0.30 USD an hour, on a target that takes money.
func dear(t *testing.T) (*workshop, target.Target) {
	t.Helper()
	w := newWorkshop(t)
	w.lab.Bill = []labs.BillLine{{Type: "thing", Count: 3}}
	w.Prices = price.Table{"thing": {Type: "thing", Parts: []price.Part{{USD: 0.1, Each: 1}}}}
	return w, target.Target{Name: "aws", Account: "123456789012", Region: price.Region}
}

func TestARunLivesLessLongWhereItCostsMoney(t *testing.T) {
	w, paid := dear(t)
	run, err := w.begin(t.Context(), "r1", UpOptions{Lab: w.lab}, paid)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(2*time.Hour), run.Expires, 5*time.Second)
	assert.InDelta(t, 0.3, run.PerHour, 1e-9)

	free := paid
	free.Free = true
	run, err = w.begin(t.Context(), "r1", UpOptions{Lab: w.lab}, free)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(8*time.Hour), run.Expires, 5*time.Second)
	assert.Zero(t, run.PerHour)

	run, err = w.begin(t.Context(), "r1", UpOptions{Lab: w.lab, TTL: 90 * time.Minute}, paid)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(90*time.Minute), run.Expires, 5*time.Second)
	assert.Equal(t, run.Expires.Format(time.RFC3339), run.Tags[TagExpires])
	assert.Equal(t, run.Tags[TagExpires], run.Variables["expires"], "what Terraform writes into the tags")
}

func TestARunThatWouldCostMoreThanTheLimitIsRefusedBeforeItBegins(t *testing.T) {
	w, paid := dear(t)
	var refused *RefusedError
	_, err := w.begin(t.Context(), "r1", UpOptions{Lab: w.lab, MaxPrice: NewBudget(0.59)}, paid)
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Reason, "0.60 USD in 2h (0.300 USD an hour), more than the 0.59 USD of --max-price")

	_, err = w.begin(t.Context(), "r1", UpOptions{Lab: w.lab, MaxPrice: NewBudget(0.61)}, paid)
	require.NoError(t, err)
	_, err = w.begin(t.Context(), "r1", UpOptions{Lab: w.lab, MaxPrice: NewBudget(0.61), TTL: 3 * time.Hour}, paid)
	require.ErrorAs(t, err, &refused, "longer is dearer")

	paid.Free = true
	_, err = w.begin(t.Context(), "r1", UpOptions{Lab: w.lab, MaxPrice: NewBudget(0)}, paid)
	require.NoError(t, err, "what is free costs no more than nothing")
}

func TestALabOfWhichNoPriceIsKnownIsNotProvisionedForMoney(t *testing.T) {
	w, paid := dear(t)
	w.Prices = price.Table{}
	var unpriced *price.UnpricedError
	_, err := w.begin(t.Context(), "r1", UpOptions{Lab: w.lab}, paid)
	require.ErrorAs(t, err, &unpriced)
}

func TestUpAgainKeepsTheDeadlineUnlessAnotherIsAskedFor(t *testing.T) {
	w, paid := dear(t)
	first, err := w.begin(t.Context(), "r1", UpOptions{Lab: w.lab}, paid)
	require.NoError(t, err)
	first.Server = "s1"
	paid.Server = "s1"
	require.NoError(t, w.Journal.Save(withState(first, journal.Ready)))

	again, err := w.claim(t.Context(), "r1", UpOptions{Lab: w.lab}, paid)
	require.NoError(t, err)
	assert.Equal(t, first.Expires, again.Expires)

	later, err := w.claim(t.Context(), "r1", UpOptions{Lab: w.lab, TTL: 5 * time.Hour}, paid)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(5*time.Hour), later.Expires, 5*time.Second)
	assert.Equal(t, later.Tags[TagExpires], later.Variables["expires"])

	var refused *RefusedError
	_, err = w.claim(t.Context(), "r1", UpOptions{Lab: w.lab, TTL: 5 * time.Hour, MaxPrice: NewBudget(1)}, paid)
	require.ErrorAs(t, err, &refused)
}

func withState(run journal.Run, state journal.State) journal.Run {
	run.State = state
	return run
}

func TestExtendCountsFromTheDeadlineOrFromNow(t *testing.T) {
	for name, c := range map[string]struct {
		deadline, want time.Duration // from now
	}{
		"ahead": {deadline: time.Hour, want: 3 * time.Hour},
		"past":  {deadline: -time.Hour, want: 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t)
			w.run(t, "r1", journal.Broken) // one whose resources Terraform must not touch now
			run, err := w.Journal.Load("r1")
			require.NoError(t, err)
			run.Expires, run.Tags, run.Variables = time.Now().Add(c.deadline), map[string]string{"a": "b"}, map[string]any{"run": "r1"}
			require.NoError(t, w.Journal.Save(run))

			extended, err := w.Extend(t.Context(), ExtendOptions{Lab: w.lab, By: 2 * time.Hour})
			require.NoError(t, err)
			assert.False(t, extended.Tagged)
			recorded, err := w.Journal.Load("r1")
			require.NoError(t, err)
			assert.WithinDuration(t, time.Now().Add(c.want), recorded.Expires, 5*time.Second)
			assert.Equal(t, recorded.Expires.Format(time.RFC3339), recorded.Tags[TagExpires])
			assert.Equal(t, recorded.Tags[TagExpires], recorded.Variables["expires"])
			assert.Equal(t, "b", recorded.Tags["a"])
			assert.Equal(t, journal.Broken, recorded.State)
		})
	}
}

func TestALifetimeOutOfBoundsIsAMistakeAndChangesNothing(t *testing.T) {
	w := newWorkshop(t)
	w.run(t, "r1", journal.Broken)
	before, err := w.Journal.Load("r1")
	require.NoError(t, err)
	var usage *UsageError
	_, err = w.Extend(t.Context(), ExtendOptions{Lab: w.lab, By: 31 * 24 * time.Hour})
	require.ErrorAs(t, err, &usage)
	after, err := w.Journal.Load("r1")
	require.NoError(t, err)
	assert.Equal(t, before.Expires, after.Expires)
	require.Error(t, ValidLifetime(time.Second))
	require.NoError(t, ValidLifetime(time.Hour))
}
