package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/cmd/labctl/terminal"
	"labctl/labs"
	"labctl/runner"
	"labctl/runner/quota"
	"labctl/runner/target"
)

func sandbox() runner.Proposal {
	return runner.Proposal{
		Lab: labs.Lab{ID: "networking"}, Run: "r1", PerHour: 0.2, Lives: 2 * time.Hour,
		Target: target.Target{Name: target.AWS, Account: "111122223333", Region: "eu-west-1", Identity: &target.Identity{ARN: "arn:aws:iam::111122223333:user/ann", Alias: "sandbox"}},
		Room:   []quota.Room{{Name: "VPCs per Region", Limit: 5, Used: 1, Needs: 3}},
	}
}

// asking is an app at which somebody types.
func asking(typed string) (*app, *bytes.Buffer) {
	var out bytes.Buffer
	return &app{streams: &terminal.Streams{In: strings.NewReader(typed), Out: io.Discard, Err: &out}}, &out
}

func TestOnlyTheAccountsNumberIsAYes(t *testing.T) {
	for typed, want := range map[string]bool{"111122223333": true, "y": false, "yes": false, "": false, "networking": false, "11112222333": false} {
		a, _ := asking(typed + "\r\n")
		err := a.ask(t.Context(), sandbox())
		if want {
			require.NoError(t, err, "%q", typed)
			continue
		}
		require.EqualError(t, err, "not confirmed; nothing was made", "%q", typed)
		assert.Equal(t, exitRefused, exitCode(err))
	}
}

func TestWhereNobodyCanBeAskedOnlyTheFlagIsAYes(t *testing.T) {
	a, out := asking("111122223333\n")
	err := a.confirm(t.Context(), sandbox(), false)
	require.ErrorContains(t, err, "no terminal to ask at; nothing was made")
	assert.Equal(t, exitRefused, exitCode(err))
	assert.Equal(t, "give --yes when all of the above is right", nextStep(err, exitRefused))
	for _, fact := range []string{
		"lab networking as run r1", "111122223333 (sandbox)", "arn:aws:iam::111122223333:user/ann", "eu-west-1",
		"0.200 USD an hour, 0.40 USD until its deadline in 2h", "146 USD a month if forgotten", "VPCs per Region: 1 of 5 in use, and the lab needs 3", "labctl down networking --run r1",
	} {
		assert.Contains(t, out.String(), fact)
	}

	a, out = asking("")
	require.NoError(t, a.confirm(t.Context(), sandbox(), true))
	assert.Contains(t, out.String(), "0.200 USD an hour", "it is shown all the same")
}

func TestAServerOfUnknownKindIsConfirmedByItsAddress(t *testing.T) {
	p := runner.Proposal{Lab: labs.Lab{ID: "iam"}, Run: "r1", Target: target.Target{Name: target.Endpoint, Endpoint: "https://aws.example.org", Account: "1", Free: true, Identity: &target.Identity{}}}
	a, out := asking("https://aws.example.org\n")
	a.proposal(p)
	require.NoError(t, a.ask(t.Context(), p))
	assert.Contains(t, out.String(), "cannot know what it is, nor what it costs")
	assert.NotContains(t, out.String(), "USD")
}

func TestAnInterruptEndsTheQuestion(t *testing.T) {
	never, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := &app{streams: &terminal.Streams{In: never, Out: io.Discard, Err: io.Discard}}
	require.ErrorIs(t, a.ask(ctx, sandbox()), context.Canceled)
}

func TestAllLabsAtOnceAreNotAskedAbout(t *testing.T) {
	require.NoError(t, (&upOptions{yes: true}).confirmAll(sandbox()))
	err := (&upOptions{}).confirmAll(sandbox())
	assert.Equal(t, exitRefused, exitCode(err))
	assert.ErrorContains(t, err, "networking in 111122223333 costs 0.200 USD an hour")
}
