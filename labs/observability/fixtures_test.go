package observability

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
	"labctl/labs/labtest"
)

// The fixtures are accounts as they were read from a local server after Terraform had applied terraform/observability there: run
// "reference" as it is (with composite alarms), "metric-math" with alarms=metric_math, "status" with errors_by=status. To make one
// again, apply with that run's name to an empty server and
//
//	go test ./labs/observability -run TestSaveFixture -save reference -endpoint http://127.0.0.1:PORT
const (
	reference  = "reference"
	metricMath = "metric-math"
	byStatus   = "status"

	fixtureAccount = "123456789012"
	fixtureRegion  = "us-east-1"
)

var (
	save     = flag.String("save", "", "the fixture to save")
	endpoint = flag.String("endpoint", "", "where its run lives")
)

func TestSaveFixture(t *testing.T) {
	if *save == "" {
		t.Skip("saves a fixture when told to with -save")
	}
	facts, err := factsOf(t.Context(), inventory.New(aws.Config{
		Region: fixtureRegion, BaseEndpoint: endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}, fixtureAccount, runScope(*save)))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(fixturePath(*save), labtest.Encode(t, facts), 0o600))
}

// factsOf reads all that the checks read of an account.
func factsOf(ctx context.Context, inv *inventory.Inventory) (inventory.Facts, error) {
	var facts inventory.Facts
	a, err := readArchitecture(ctx, inv)
	if err != nil {
		return facts, err
	}
	facts.LogGroups, facts.MetricAlarms, facts.CompositeAlarms, facts.AlarmTags = a.groups, a.alarms, a.composites, a.tags
	reads := []func() error{
		func() (err error) { facts.Keys, err = inv.Keys(ctx); return err },
		func() (err error) { facts.Queues, err = inv.Queues(ctx); return err },
		func() (err error) { facts.EventRules, err = inv.EventRules(ctx); return err },
		func() (err error) { facts.Dashboards, err = inv.Dashboards(ctx); return err },
		func() (err error) { facts.SamplingRules, err = inv.SamplingRules(ctx); return err },
		func() (err error) { facts.TraceGroups, err = inv.TraceGroups(ctx); return err },
		func() error { return a.addTopics(ctx, &facts) },
		func() error { return a.addFilters(ctx, &facts) },
	}
	for _, read := range reads {
		if err := read(); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// addTopics reads the topics and who has subscribed to them.
func (a *architecture) addTopics(ctx context.Context, facts *inventory.Facts) error {
	for _, arn := range a.pageTopics() {
		topic, err := a.inv.Topic(ctx, arn)
		subscriptions, err2 := a.inv.Subscriptions(ctx, arn)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		topic.Tags = a.topics[arn]
		facts.Topics = append(facts.Topics, topic)
		facts.Subscriptions = append(facts.Subscriptions, subscriptions...)
	}
	return nil
}

// addFilters reads the metric filters, and what has been published of their metrics.
func (a *architecture) addFilters(ctx context.Context, facts *inventory.Facts) error {
	for _, group := range a.groups {
		filters, err := a.inv.MetricFilters(ctx, group.LogGroupName)
		if err != nil {
			return err
		}
		facts.MetricFilters = append(facts.MetricFilters, filters...)
	}
	return nil
}

func fixturePath(name string) string { return filepath.Join("testdata", name+".json") }

func runScope(run string) inventory.Scope { return inventory.Scope{Key: "labctl:run", Value: run} }

// account is a fixture that a test may change.
type account struct {
	inventory.Facts
	t   *testing.T
	run string
}

func load(t *testing.T, name string) *account {
	t.Helper()
	data, err := os.ReadFile(fixturePath(name))
	require.NoError(t, err)
	var facts inventory.Facts
	require.NoError(t, json.Unmarshal(data, &facts))
	return &account{Facts: facts, t: t, run: name}
}

func (a *account) inventory() *inventory.Inventory {
	return inventory.Of(a.Facts, fixtureAccount, fixtureRegion, runScope(a.run))
}

// find is the one of a list whose name ends so.
func find[T any](a *account, list []T, name func(T) string, end string) *T {
	a.t.Helper()
	n := slices.IndexFunc(list, func(item T) bool { return strings.HasSuffix(name(item), end) })
	require.GreaterOrEqual(a.t, n, 0, "the fixture has nothing called %s", end)
	return &list[n]
}

func (a *account) alarm(end string) *inventory.MetricAlarm {
	a.t.Helper()
	return find(a, a.MetricAlarms, func(m inventory.MetricAlarm) string { return m.AlarmName }, end)
}

func (a *account) composite(end string) *inventory.CompositeAlarm {
	a.t.Helper()
	return find(a, a.CompositeAlarms, func(c inventory.CompositeAlarm) string { return c.AlarmName }, end)
}

func (a *account) filter(end string) *inventory.MetricFilter {
	a.t.Helper()
	return find(a, a.MetricFilters, func(f inventory.MetricFilter) string { return f.FilterName }, end)
}

// stranger is the same architecture of somebody else in the same account, and broken in every way that a fault knows.
func stranger(t *testing.T) inventory.Facts {
	t.Helper()
	other := load(t, reference)
	for _, id := range brokenIDs() {
		mutations()[id](other)
	}
	text := string(labtest.Encode(t, other.Facts))
	text = strings.ReplaceAll(text, "labctl-"+reference, "labctl-stranger")
	text = strings.ReplaceAll(text, `"labctl:run": "`+reference+`"`, `"labctl:run": "stranger"`)
	for _, key := range other.Keys {
		text = strings.ReplaceAll(text, key.KeyId, "57a46e50-57a4-6e50-57a4-6e5057a46e50")
	}
	var facts inventory.Facts
	require.NoError(t, json.Unmarshal([]byte(text), &facts))
	return facts
}

// add puts another's resources beside those of the account, and before them.
func (a *account) add(o inventory.Facts) {
	a.LogGroups = append(o.LogGroups, a.LogGroups...)
	a.MetricFilters = append(o.MetricFilters, a.MetricFilters...)
	a.MetricAlarms = append(o.MetricAlarms, a.MetricAlarms...)
	a.CompositeAlarms = append(o.CompositeAlarms, a.CompositeAlarms...)
	for arn, tags := range o.AlarmTags {
		a.AlarmTags[arn] = tags
	}
	a.Keys = append(o.Keys, a.Keys...)
	a.Topics = append(o.Topics, a.Topics...)
	a.Subscriptions = append(o.Subscriptions, a.Subscriptions...)
	a.Queues = append(o.Queues, a.Queues...)
	a.EventRules = append(o.EventRules, a.EventRules...)
	a.Dashboards = append(o.Dashboards, a.Dashboards...)
	a.SamplingRules = append(o.SamplingRules, a.SamplingRules...)
	a.TraceGroups = append(o.TraceGroups, a.TraceGroups...)
	a.Metrics = append(o.Metrics, a.Metrics...)
}
