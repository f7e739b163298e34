package runner

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/labs"
	"labctl/runner/journal"
	"labctl/runner/price"
	"labctl/runner/quota"
	"labctl/runner/target"
)

// listed is a list of allowed accounts.
type listed []string

func (l listed) Has(account string) (bool, error) {
	for _, id := range l {
		if id == account {
			return true, nil
		}
	}
	return false, nil
}

func onAWS(alias string) target.Target {
	return target.Target{Name: target.AWS, Account: "111122223333", Region: price.Region, Identity: &target.Identity{ARN: "arn:aws:iam::111122223333:root", Alias: alias, Root: true}}
}

func TestAnAccountThatIsNotOnTheListIsRefused(t *testing.T) {
	w := newWorkshop(t)
	w.Allowed = listed{"444455556666"}
	err := w.allow(onAWS("sandbox"))
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Reason, "account 111122223333 (sandbox) is not on the list")
	var hint *HintedError
	require.ErrorAs(t, err, &hint)
	assert.Contains(t, hint.Next, "labctl accounts allow 111122223333")
	require.NoError(t, w.allow(target.Target{Name: target.Local, Account: "111122223333"}), "only real accounts are guarded so")

	w.Allowed = listed{"111122223333"}
	require.NoError(t, w.allow(onAWS("")))
	require.Len(t, w.events, 1)
	assert.Contains(t, w.events[0].(Warning).Text, "root user")
}

func TestNothingIsBegunWithoutTheUsersYes(t *testing.T) {
	w := newWorkshop(t)
	far := target.Target{Name: target.Endpoint, Account: "1", Region: "us-east-1", Endpoint: "http://198.51.100.1", Free: true, Identity: &target.Identity{}}
	w.targets.target, w.targets.shows = &far, map[checks.Capability]checks.Support{}
	w.lab.Needs = []checks.Capability{"vital"}
	w.Terraform = fakeTerraform(t)
	var asked []Proposal
	w.Confirm = func(_ context.Context, p Proposal) error {
		asked = append(asked, p)
		return &RefusedError{Reason: "not confirmed"}
	}
	_, err := w.Up(t.Context(), UpOptions{Lab: w.lab, Run: "r1", Place: target.Place{Name: target.Endpoint}})
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	require.Len(t, asked, 1)
	assert.Equal(t, "r1", asked[0].Run)
	assert.Equal(t, "http://198.51.100.1", asked[0].Word())
	assert.Empty(t, w.targets.probed, "nor is anything tried out there before")
	runs, err := w.Journal.List()
	require.NoError(t, err)
	assert.Empty(t, runs)

	assert.Equal(t, "111122223333", Proposal{Target: onAWS("")}.Word())
	require.NoError(t, w.confirm(t.Context(), Proposal{Target: target.Target{Name: target.Local}}))
	assert.Len(t, asked, 1, "nobody is asked about the local AWS")
}

func TestAQuotaThatWouldStopTheLabRefusesIt(t *testing.T) {
	fits := quota.Room{Name: "VPCs per Region", Limit: 5, Used: 2, Needs: 3}
	require.NoError(t, enough([]quota.Room{fits}))
	err := enough([]quota.Room{fits, {Name: "EC2-VPC Elastic IPs", Limit: 5, Used: 4, Needs: 2}})
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Reason, "EC2-VPC Elastic IPs: 4 of 5 in use, and the lab needs 2; nothing was made")
	assert.NotContains(t, refused.Reason, "VPCs per Region")
}

func TestWhatATargetShowsIsTriedOutOnceAndStandsInTheRecord(t *testing.T) {
	w := newWorkshop(t)
	w.lab.Needs = []checks.Capability{"vital"}
	w.lab.Checks[0].Needs = []checks.Capability{"vital", "nice"}
	w.lab.Drills = []labs.Drill{{ID: "d", Needs: []checks.Capability{"rare"}, Wants: []checks.Capability{"better"}}}
	w.targets.shows = map[checks.Capability]checks.Support{"vital": {Shown: true}, "nice": {Reason: "no"}}
	far := target.Target{Name: target.Endpoint, Account: "1", Region: "us-east-1", Endpoint: "http://127.0.0.1:1", Free: true}

	run, err := w.begin(t.Context(), "r1", UpOptions{Lab: w.lab}, far)
	require.NoError(t, err)
	assert.Equal(t, map[string]journal.Support{"vital": {Shown: true}, "nice": {Reason: "no"}}, run.Support)
	assert.Equal(t, []checks.Capability{"vital", "nice", "rare", "better"}, w.targets.probed)

	require.NoError(t, w.Journal.Save(run))
	loaded, err := w.Journal.Load("r1")
	require.NoError(t, err)
	assert.Equal(t, map[checks.Capability]checks.Support{"vital": {Shown: true}, "nice": {Reason: "no"}}, known(far, loaded).Support)
}

func TestALabThatATargetCannotHoldIsRefusedBeforeTheRestIsTriedOut(t *testing.T) {
	w := newWorkshop(t)
	w.lab.Needs = []checks.Capability{"vital"}
	w.lab.Checks[0].Needs = []checks.Capability{"nice"}
	w.targets.shows = map[checks.Capability]checks.Support{"vital": {Reason: "tried, and it said no"}}
	_, err := w.begin(t.Context(), "r1", UpOptions{Lab: w.lab}, target.Target{Name: target.LocalStack, Endpoint: "http://127.0.0.1:1", Free: true})
	require.ErrorContains(t, err, "target localstack cannot hold lab demo: it does not show vital (tried, and it said no)")
	assert.Equal(t, []checks.Capability{"vital"}, w.targets.probed)
}

func TestARunAtAnotherAddressIsNotTakenForLost(t *testing.T) {
	w := newWorkshop(t)
	run := journal.Run{ID: "r1", Lab: "demo", Target: target.LocalStack, Server: "s1", Endpoint: "http://127.0.0.1:1", Account: "1", Region: "us-east-1", State: journal.Ready}
	require.NoError(t, w.Journal.Save(run))
	other := target.Target{Name: target.LocalStack, Server: "s2", Endpoint: "http://127.0.0.1:2", Account: "1", Region: "us-east-1", Free: true}
	_, err := w.claim(t.Context(), "r1", UpOptions{Lab: w.lab}, other)
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Reason, "at http://127.0.0.1:1")

	w.targets.attach = &target.LostError{Err: errors.New("gone")}
	begun, err := w.claim(t.Context(), "r1", UpOptions{Lab: w.lab}, other)
	require.NoError(t, err)
	assert.Equal(t, "http://127.0.0.1:2", begun.Endpoint)
}

func TestAServerThatWasStartedForNothingIsReleasedUnlessARunIsThere(t *testing.T) {
	w := newWorkshop(t)
	w.releaseUnused(t.Context(), target.Target{Name: target.Local})
	assert.Empty(t, w.targets.released)
	w.releaseUnused(t.Context(), target.Target{Name: target.LocalStack})
	assert.Equal(t, []string{target.LocalStack}, w.targets.released)
	require.NoError(t, w.Journal.Save(journal.Run{ID: "r1", Lab: "demo", Target: target.LocalStack, Region: "us-east-1", State: journal.Ready}))
	w.releaseUnused(t.Context(), target.Target{Name: target.LocalStack})
	assert.Len(t, w.targets.released, 1)
}

func TestATargetsOwnWordsBecomeTheCommandsEnd(t *testing.T) {
	var hint *HintedError
	err := explained(&target.UnusableError{Reason: "expired", Next: "log in"})
	require.ErrorAs(t, err, &hint)
	assert.Equal(t, "log in", hint.Next)
	assert.EqualError(t, err, "expired")
	var refused *RefusedError
	require.ErrorAs(t, explained(&target.RefusedError{Reason: "no", Next: "yes"}), &refused)
	other := errors.New("other")
	assert.Equal(t, other, explained(other))
	assert.NoError(t, explained(nil))
}
