package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/journal"
)

// sweptAnswer is what `labctl sweep --output json` says, as far as the tests ask.
type sweptAnswer struct {
	Regions   []string
	Resources []struct {
		Kind, ID, Region, Run, State, Reason string
		Recorded                             bool
		USDPerHour                           *float64
	}
	RunsWithoutDeadline, Archived []string
	Spared                        []struct{ Run, Reason string }
}

// of are the ids in a state.
func (a sweptAnswer) of(state string) []string {
	var ids []string
	for _, r := range a.Resources {
		if r.State == state {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// sweep runs the command and returns its answer and its exit code.
func (m *machine) sweep(args ...string) (answer sweptAnswer, code int) {
	m.t.Helper()
	cmd := m.command(m.t.Context(), append([]string{"sweep", "--output", "json"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) {
		require.NoError(m.t, err, stderr.String())
	}
	require.NoError(m.t, json.Unmarshal(stdout.Bytes(), &answer), "%s%s", stdout.String(), stderr.String())
	return answer, cmd.ProcessState.ExitCode()
}

// queue makes a queue in a region, of a run or of nobody.
func (m *machine) queue(name, region string, tags map[string]string) {
	m.t.Helper()
	there := m.config.Copy()
	there.Region = region
	_, err := sqs.NewFromConfig(there).CreateQueue(m.t.Context(), &sqs.CreateQueueInput{QueueName: &name, Tags: tags})
	require.NoError(m.t, err)
}

func (m *machine) queues() []string {
	m.t.Helper()
	var names []string
	for _, region := range []string{"us-east-1", "us-west-2"} {
		there := m.config.Copy()
		there.Region = region
		out, err := sqs.NewFromConfig(there).ListQueues(m.t.Context(), &sqs.ListQueuesInput{})
		require.NoError(m.t, err)
		for _, url := range out.QueueUrls {
			names = append(names, url[strings.LastIndex(url, "/")+1:]+" in "+region)
		}
	}
	slices.Sort(names)
	return names
}

func ofRun(run string, deadline time.Time) map[string]string {
	return map[string]string{"labctl:run": run, "labctl:lab": "networking", "labctl:expires": deadline.UTC().Format(time.RFC3339)}
}

// record writes the journal's record of a run that is on the machine's local AWS.
func (m *machine) record(id string, deadline time.Time) *journal.Journal {
	m.t.Helper()
	var status struct{ Endpoint, Instance string }
	require.NoError(m.t, json.Unmarshal([]byte(m.must("local", "status", "--output", "json")), &status))
	records := journal.Open(filepath.Join(m.home, "state", "labctl"))
	require.NoError(m.t, records.Save(journal.Run{
		ID: id, Lab: "networking", Target: "local", Endpoint: status.Endpoint, Server: status.Instance, Account: "123456789012",
		Region: "us-east-1", SecondRegion: "us-west-2", State: journal.Ready, Created: time.Now().Add(-time.Hour), Expires: deadline,
	}))
	return records
}

func TestASweepDeletesWhatItListsAndNothingOfAStrangers(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the local AWS")
	}
	t.Parallel()
	m := newMachine(t)
	past, ahead := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	// Decoys: a stranger's, one with tags of his own, and one whose name alone says labctl.
	m.queue("payroll", "us-east-1", nil)
	m.queue("ledger", "us-west-2", map[string]string{"team": "payroll", "labctl:lab": "networking"})
	m.queue("labctl-lost-decoy", "us-east-1", nil)
	decoys := m.queues()
	before := m.census()

	m.queue("labctl-lost-orders", "us-east-1", ofRun("lost", past))
	m.queue("copies", "us-west-2", ofRun("lost", past)) // found by its tag
	m.queue("labctl-young-orders", "us-east-1", ofRun("young", past))
	m.queue("labctl-young-notes", "us-east-1", nil) // untagged, of a run that is recorded
	network := ec2.NewFromConfig(m.config)
	vpc, err := network.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.8.0.0/16"), TagSpecifications: []types.TagSpecification{{
		ResourceType: types.ResourceTypeVpc, Tags: []types.Tag{{Key: aws.String("labctl:run"), Value: aws.String("old")}},
	}}})
	require.NoError(t, err)
	_, err = network.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.8.0.0/24")}) // by hand
	require.NoError(t, err)
	records := m.record("young", ahead)
	m.record("old", past)

	// The list, in all regions in use; nothing is deleted.
	listed, code := m.sweep()
	assert.Equal(t, exitPass, code)
	assert.Equal(t, []string{"us-east-1", "us-west-2"}, listed.Regions)
	require.Len(t, listed.of("listed"), 6)
	for _, r := range listed.Resources {
		assert.Equal(t, r.Run != "lost", r.Recorded, r.ID)
		require.NotNil(t, r.USDPerHour)
		assert.Zero(t, *r.USDPerHour)
	}
	again, _ := m.sweep()
	assert.Equal(t, listed, again)

	// What is expired, by the record or by the tag.
	expired, code := m.sweep("--expired", "--yes")
	assert.Equal(t, exitPass, code)
	assert.Len(t, expired.of("gone"), 4)
	assert.Equal(t, []string{"old"}, expired.Archived)
	assert.Equal(t, before, m.census())
	left, _ := m.sweep()
	assert.Equal(t, []string{"labctl-young-notes", "labctl-young-orders"}, left.of("listed"), "the record says that it has time")

	// A run that another labctl works on.
	lock, err := records.Lock("young", "labctl drill")
	require.NoError(t, err)
	spared, code := m.sweep("--yes")
	assert.Equal(t, exitLocked, code)
	assert.Len(t, spared.of("spared"), 2)
	require.Len(t, spared.Spared, 1)
	assert.Contains(t, spared.Spared[0].Reason, `run young is in use by "labctl drill"`)
	require.NoError(t, lock.Unlock())

	// One run, as text.
	text := m.must("sweep", "--run", "young", "--yes")
	assert.Contains(t, text, "2 resources of 1 run in account 123456789012, us-east-1, us-west-2: free.")
	assert.Contains(t, text, "2 resources gone from account 123456789012")
	assert.Contains(t, text, "Nothing of run young is left: its record is archived.")
	_, err = records.Load("young")
	var missing *journal.NotFoundError
	require.ErrorAs(t, err, &missing)

	assert.Equal(t, decoys, m.queues(), "the decoys are there, and nothing else")
	assert.Contains(t, m.must("sweep", "--yes"), "Nothing to sweep: nothing of labctl in account 123456789012")
}

func TestASweepTellsWhatRefusesAndWhy(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the local AWS")
	}
	t.Parallel()
	m := newMachine(t)
	until := time.Now().Add(48 * time.Hour).Truncate(time.Second)
	m.queue("labctl-lost-orders", "us-east-1", ofRun("lost", until))
	api := s3.NewFromConfig(m.config, func(o *s3.Options) { o.UsePathStyle = true })
	bucket := aws.String("labctl-lost-documents")
	_, err := api.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket, ObjectLockEnabledForBucket: aws.Bool(true)})
	require.NoError(t, err)
	_, err = api.PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{Bucket: bucket, Tagging: &s3types.Tagging{
		TagSet: []s3types.Tag{{Key: aws.String("labctl:run"), Value: aws.String("lost")}},
	}})
	require.NoError(t, err)
	_, err = api.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: bucket, Key: aws.String("contract"), Body: strings.NewReader("signed"),
		ObjectLockMode: s3types.ObjectLockModeCompliance, ObjectLockRetainUntilDate: &until, ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32,
	})
	require.NoError(t, err)

	swept, code := m.sweep("--yes")
	assert.Equal(t, exitUndecided, code)
	assert.Equal(t, []string{"labctl-lost-orders"}, swept.of("gone"))
	assert.Equal(t, []string{"labctl-lost-documents"}, swept.of("kept"))
	for _, r := range swept.Resources {
		if r.State == "kept" {
			assert.Contains(t, r.Reason, "locked in compliance mode, the last until "+until.UTC().Format(time.RFC3339))
		}
	}
}
