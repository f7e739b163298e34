package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/cmd/labctl/terminal"
	"labctl/runner"
	"labctl/runner/journal"
	"labctl/runner/sweep"
	"labctl/runner/target"
)

// sweepOf is a sweep whose answers go to buffers, and what it has found: something of each price.
func sweepOf(output string) (o *sweepOptions, remains runner.Remains, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	o = &sweepOptions{app: &app{streams: &terminal.Streams{Out: stdout, Err: stderr}}, output: output}
	o.Place.Name, o.Place.Region = "aws", "eu-west-1"
	now := time.Now()
	record := &journal.Run{ID: "shop", Created: now.Add(-3*time.Hour - time.Second)}
	remains = runner.Remains{
		Target: target.Target{Name: "aws", Account: "123456789012"}, Regions: []string{"eu-west-1", "us-west-2"}, Timeless: []string{"silent"},
		Resources: []runner.Remnant{
			{Resource: sweep.Resource{Kind: "NAT gateway", ID: "nat-1", Region: "eu-west-1", Run: "shop"}, Record: record, Deadline: now.Add(-time.Hour - time.Second), USD: 0.045, Priced: true},
			{Resource: sweep.Resource{Kind: "Route 53 hosted zone", ID: "Z1", Run: "shop"}, Record: record, Deadline: now.Add(2*time.Hour + time.Second)},
			{Resource: sweep.Resource{Kind: "VPC", ID: "vpc-1", Region: "us-west-2", Run: "lost"}, Priced: true},
		},
	}
	return o, remains, stdout, stderr
}

func TestTheListSaysWhatIsKnownAndWhatIsNot(t *testing.T) {
	o, remains, stdout, stderr := sweepOf("text")
	require.NoError(t, o.show(remains, nil))
	assert.Equal(t, `TYPE                  ID     RUN   REGION     AGE        DEADLINE         USD/HOUR
NAT gateway           nat-1  shop  eu-west-1  3h0m       passed 1h0m ago  0.0450
Route 53 hosted zone  Z1     shop  global     3h0m       in 2h0m          unknown
VPC                   vpc-1  lost  us-west-2  no record  none             free

3 resources of 2 runs in account 123456789012, eu-west-1, us-west-2: 0.0450 USD an hour, without 1 of unknown price.
`, stdout.String())
	assert.Contains(t, stderr.String(), "Left out, since nothing says a deadline: silent. `labctl sweep --run silent` lists it.")
	assert.Contains(t, stderr.String(), "Nothing was deleted: `labctl sweep --target aws --region eu-west-1 --yes` deletes what is listed.")
}

func TestTheEndSaysWhatIsGoneWhatIsNotAndWhy(t *testing.T) {
	o, remains, stdout, _ := sweepOf("text")
	swept := &runner.Swept{
		Gone: remains.Resources[:1], Archived: []string{"gone"},
		Kept:   []runner.KeptRemnant{{Remnant: remains.Resources[1], Reason: errors.New("HostedZoneNotEmpty:\nrecords")}, {Remnant: remains.Resources[2], Reason: errors.New("eni-9 uses it")}},
		Spared: []runner.SparedRun{{Run: "busy", Reason: errors.New("it is in use")}},
	}
	require.NoError(t, o.show(remains, swept))
	assert.Equal(t, `
1 resource gone from account 123456789012, eu-west-1, us-west-2 (read back to make sure).
Nothing of run gone is left: its record is archived.
Run busy was left alone: it is in use.

2 resources still there: 0.0000 USD an hour, without 1 of unknown price.
  Route 53 hosted zone Z1 (run shop)
    HostedZoneNotEmpty: records
  VPC vpc-1 in us-west-2 (run lost)
    eni-9 uses it
`, stdout.String())
}

func TestAnUnknownPriceIsNullAndAFreeOneZero(t *testing.T) {
	o, remains, stdout, _ := sweepOf("json")
	require.NoError(t, o.show(remains, nil))
	var answer struct {
		USDPerHour          float64
		UnknownPrices       int
		RunsWithoutDeadline []string
		Resources           []struct {
			USDPerHour        *float64
			Recorded          bool
			Created, Deadline *time.Time
		}
	}
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &answer))
	assert.InDelta(t, 0.045, answer.USDPerHour, 1e-9)
	assert.Equal(t, 1, answer.UnknownPrices)
	assert.Equal(t, []string{"silent"}, answer.RunsWithoutDeadline)
	require.Len(t, answer.Resources, 3)
	assert.Nil(t, answer.Resources[1].USDPerHour)
	assert.NotNil(t, answer.Resources[1].Created)
	require.NotNil(t, answer.Resources[2].USDPerHour)
	assert.Zero(t, *answer.Resources[2].USDPerHour)
	assert.Nil(t, answer.Resources[2].Deadline)
	assert.False(t, answer.Resources[2].Recorded)
}

func TestAnIncompleteListSaysThatNothingWasDeleted(t *testing.T) {
	_, remains, _, _ := sweepOf("text")
	denied := &sweep.IncompleteError{Unread: []sweep.KindError{{Kind: "VPC", Region: "us-west-2", Err: errors.New("denied")}}}
	require.EqualError(t, notSwept(denied, remains, true), "nothing was deleted, since the list may be incomplete: could not list VPC in us-west-2: denied")
	require.EqualError(t, notSwept(denied, remains, false), "could not list VPC in us-west-2: denied")
}

func TestAnIncompleteListIsNeverSaidToBeAll(t *testing.T) {
	o, remains, stdout, stderr := sweepOf("text")
	o.incomplete = true
	require.NoError(t, o.show(remains, nil))
	assert.Contains(t, stdout.String(), "nat-1", "what was found is shown")
	assert.NotContains(t, stderr.String(), "deletes what is listed", "--yes would refuse")

	o, remains, stdout, _ = sweepOf("text")
	o.incomplete, remains.Resources = true, nil
	require.NoError(t, o.show(remains, nil))
	assert.Empty(t, stdout.String(), "nothing found is not nothing there")

	o, remains, stdout, _ = sweepOf("json")
	o.incomplete, remains.Resources = true, nil
	require.NoError(t, o.show(remains, nil))
	assert.Contains(t, stdout.String(), `"incomplete": true`)
}
