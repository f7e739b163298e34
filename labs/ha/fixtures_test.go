package ha

import (
	"context"
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
	"labctl/checks/reach"
	"labctl/labs/labtest"
)

// The fixtures are accounts as they were read from a local server after Terraform had applied terraform/ha there: run
// "reference" as it is, "step" with scaling=step, "two-zones" with zones=2, "database" with multi_az_database=true. To make one again,
// apply with that run's name to an empty server and
//
//	go test ./labs/ha -run TestSaveFixture -save reference -endpoint http://127.0.0.1:PORT
const (
	reference = "reference"
	stepwise  = "step"
	twoZones  = "two-zones"
	database  = "database"

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
	facts.AutoScalingGroups = slices.Clone(a.groups)
	network, err := inv.Network(ctx)
	if err != nil {
		return facts, err
	}
	facts.Network = network.Network
	reads := []func() error{
		func() (err error) { facts.ScalingPolicies, err = inv.ScalingPolicies(ctx); return err },
		func() (err error) { facts.MetricAlarms, err = inv.Alarms(ctx); return err },
		func() (err error) { facts.Tables, err = inv.Tables(ctx); return err },
		func() (err error) { facts.Databases, err = inv.Databases(ctx); return err },
		func() (err error) { facts.Queues, err = inv.Queues(ctx); return err },
	}
	for _, read := range reads {
		if err := read(); err != nil {
			return facts, err
		}
	}
	for _, group := range a.groups {
		if err := a.addGroupFacts(ctx, group, &facts); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// addGroupFacts reads what belongs to one group.
func (a *architecture) addGroupFacts(ctx context.Context, group inventory.AutoScalingGroup, facts *inventory.Facts) error {
	hooks, err := a.inv.LifecycleHooks(ctx, group.AutoScalingGroupName)
	notifications, err2 := a.inv.GroupNotifications(ctx, group.AutoScalingGroupName)
	templates, err3 := a.templatesOf(ctx, group)
	targets, err4 := a.targetGroupsOf(ctx, group)
	balancers, err5 := a.servingBalancers(ctx, group)
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		return err
	}
	facts.LifecycleHooks = append(facts.LifecycleHooks, hooks...)
	facts.GroupNotifications = append(facts.GroupNotifications, notifications...)
	facts.LaunchTemplateVersions = append(facts.LaunchTemplateVersions, templates...)
	facts.TargetGroups = append(facts.TargetGroups, targets...)
	facts.LoadBalancers = append(facts.LoadBalancers, balancers...)
	var topics []string
	for _, n := range notifications {
		topics = append(topics, n.TopicARN)
	}
	slices.Sort(topics)
	for _, topic := range slices.Compact(topics) {
		subscriptions, err := a.inv.Subscriptions(ctx, topic)
		if err != nil {
			return err
		}
		facts.Subscriptions = append(facts.Subscriptions, subscriptions...)
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
	facts, err := inventory.DecodeFacts(data)
	require.NoError(t, err)
	return &account{Facts: facts, t: t, run: name}
}

func (a *account) inventory() *inventory.Inventory {
	return inventory.Of(a.Facts, fixtureAccount, fixtureRegion, runScope(a.run))
}

func (a *account) group() *inventory.AutoScalingGroup { return &a.AutoScalingGroups[0] }
func (a *account) target() *inventory.TargetGroup     { return &a.TargetGroups[0] }
func (a *account) balancer() *inventory.LoadBalancer  { return &a.LoadBalancers[0] }

func (a *account) queue(role string) *inventory.Queue {
	a.t.Helper()
	n := slices.IndexFunc(a.Queues, func(q inventory.Queue) bool { return q.Tags[roleTag] == role })
	require.GreaterOrEqual(a.t, n, 0, "the fixture has no queue of %s", role)
	return &a.Queues[n]
}

func (a *account) securityGroup(role string) *reach.SecurityGroup {
	a.t.Helper()
	n := slices.IndexFunc(a.Network.SecurityGroups, func(g reach.SecurityGroup) bool { return g.Tags.Get(roleTag) == role })
	require.GreaterOrEqual(a.t, n, 0, "the fixture has no security group %s", role)
	return &a.Network.SecurityGroups[n]
}

// stranger is the same architecture of somebody else in the same account, with the same address ranges and roles, and
// broken in every way that a fault knows.
func stranger(t *testing.T) inventory.Facts {
	t.Helper()
	other := load(t, reference)
	for _, id := range brokenIDs() {
		mutations()[id](other)
	}
	text := string(labtest.Encode(t, other.Facts))
	for _, kind := range []string{"vpc", "subnet", "rtb", "acl", "sg", "eni", "igw", "eigw", "vpce", "i", "lt"} {
		text = strings.ReplaceAll(text, `"`+kind+"-", `"`+kind+"-57a46e50")
	}
	text = strings.ReplaceAll(text, "labctl-"+reference, "labctl-stranger")
	text = strings.ReplaceAll(text, `"`+reference+`"`, `"stranger"`)
	text = strings.ReplaceAll(text, "labctl:run\": \""+reference, "labctl:run\": \"stranger")
	facts, err := inventory.DecodeFacts([]byte(text))
	require.NoError(t, err)
	return facts
}

// add puts another's resources beside those of the account, and before them.
func (a *account) add(o inventory.Facts) {
	n, m := a.Network, o.Network
	n.Vpcs = append(m.Vpcs, n.Vpcs...)
	n.Subnets = append(m.Subnets, n.Subnets...)
	n.RouteTables = append(m.RouteTables, n.RouteTables...)
	n.NetworkAcls = append(m.NetworkAcls, n.NetworkAcls...)
	n.SecurityGroups = append(m.SecurityGroups, n.SecurityGroups...)
	n.NetworkInterfaces = append(m.NetworkInterfaces, n.NetworkInterfaces...)
	n.InternetGateways = append(m.InternetGateways, n.InternetGateways...)
	n.EgressOnlyInternetGateways = append(m.EgressOnlyInternetGateways, n.EgressOnlyInternetGateways...)
	n.VpcEndpoints = append(m.VpcEndpoints, n.VpcEndpoints...)
	a.AutoScalingGroups = append(o.AutoScalingGroups, a.AutoScalingGroups...)
	a.ScalingPolicies = append(o.ScalingPolicies, a.ScalingPolicies...)
	a.LifecycleHooks = append(o.LifecycleHooks, a.LifecycleHooks...)
	a.GroupNotifications = append(o.GroupNotifications, a.GroupNotifications...)
	a.LaunchTemplateVersions = append(o.LaunchTemplateVersions, a.LaunchTemplateVersions...)
	a.TargetGroups = append(o.TargetGroups, a.TargetGroups...)
	a.LoadBalancers = append(o.LoadBalancers, a.LoadBalancers...)
	a.MetricAlarms = append(o.MetricAlarms, a.MetricAlarms...)
	a.Queues = append(o.Queues, a.Queues...)
	a.Subscriptions = append(o.Subscriptions, a.Subscriptions...)
	a.Tables = append(o.Tables, a.Tables...)
	a.Databases = append(o.Databases, a.Databases...)
}
