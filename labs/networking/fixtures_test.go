package networking

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
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

// The fixtures are accounts as they were read from a local server after Terraform had applied terraform/networking
// there: run "reference" as it is, "transit-gateway" with transit=transit_gateway, "three-zones" with zones=3. To make one
// again, apply with that run's name and
//
//	go test ./labs/networking -run TestSaveFixture -save reference -endpoint http://127.0.0.1:PORT
const (
	reference      = "reference"
	transitGateway = "transit-gateway"
	threeZones     = "three-zones"

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
	inv := inventory.New(aws.Config{
		Region: fixtureRegion, BaseEndpoint: endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}, fixtureAccount, runScope(*save))
	network, err := inv.Network(t.Context())
	require.NoError(t, err)
	facts := inventory.Facts{Network: network.Network}
	for _, vpc := range network.Vpcs {
		dns, err := inv.VPCDNS(t.Context(), vpc.VpcId)
		require.NoError(t, err)
		facts.VpcDNS = append(facts.VpcDNS, dns)
	}
	facts.FlowLogs, err = inv.FlowLogs(t.Context())
	require.NoError(t, err)
	facts.Buckets, err = inv.Buckets(t.Context())
	require.NoError(t, err)
	name := "labctl-" + *save + "-flow-logs"
	role, err := inv.Role(t.Context(), name)
	require.NoError(t, err)
	group, err := inv.LogGroup(t.Context(), name)
	require.NoError(t, err)
	facts.Roles, facts.LogGroups = []inventory.Role{role}, []inventory.LogGroup{group}
	require.NoError(t, os.WriteFile(fixturePath(*save), labtest.Encode(t, facts), 0o600))
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

var resourceID = regexp.MustCompile(`\b(vpc|subnet|rtb|rtbassoc|acl|aclassoc|sg|eni|igw|eigw|nat|eipalloc|vpce|pcx|tgw|tgw-attach|tgw-rtb|fl|vpc-cidr-assoc)-([0-9a-f]{8})`)

// stranger is the same architecture of somebody else in the same account, with the same address ranges and roles, and
// broken in every way that a test knows.
func stranger(t *testing.T) inventory.Facts {
	t.Helper()
	other := load(t, reference)
	for _, id := range brokenIDs() {
		mutations()[id](other)
	}
	text := string(labtest.Encode(t, other.Facts))
	text = resourceID.ReplaceAllString(text, "$1-57a46e50$2")
	text = strings.ReplaceAll(text, "labctl-"+reference, "labctl-stranger")
	text = strings.ReplaceAll(text, `"Value": "`+reference+`"`, `"Value": "stranger"`)
	facts, err := inventory.DecodeFacts([]byte(text))
	require.NoError(t, err)
	return facts
}

// add puts another's resources beside those of the account. Buckets are left out: they are read by the scope's tag.
func (a *account) add(other inventory.Facts) {
	n, o := a.Network, other.Network
	n.Vpcs = append(o.Vpcs, n.Vpcs...)
	n.Subnets = append(o.Subnets, n.Subnets...)
	n.RouteTables = append(o.RouteTables, n.RouteTables...)
	n.NetworkAcls = append(o.NetworkAcls, n.NetworkAcls...)
	n.SecurityGroups = append(o.SecurityGroups, n.SecurityGroups...)
	n.NetworkInterfaces = append(o.NetworkInterfaces, n.NetworkInterfaces...)
	n.InternetGateways = append(o.InternetGateways, n.InternetGateways...)
	n.EgressOnlyInternetGateways = append(o.EgressOnlyInternetGateways, n.EgressOnlyInternetGateways...)
	n.NatGateways = append(o.NatGateways, n.NatGateways...)
	n.VpcEndpoints = append(o.VpcEndpoints, n.VpcEndpoints...)
	n.VpcPeeringConnections = append(o.VpcPeeringConnections, n.VpcPeeringConnections...)
	a.VpcDNS = append(other.VpcDNS, a.VpcDNS...)
	a.FlowLogs = append(other.FlowLogs, a.FlowLogs...)
	a.Roles = append(other.Roles, a.Roles...)
	a.LogGroups = append(other.LogGroups, a.LogGroups...)
}

// The look-ups find what Terraform named "labctl-<run>-<name>".

func (a *account) named(tags reach.Tags, name string) bool {
	return tags.Get("Name") == "labctl-"+a.run+"-"+name
}

func one[T any](a *account, what string, list []T, is func(*T) bool) *T {
	a.t.Helper()
	n := slices.IndexFunc(list, func(item T) bool { return is(&item) })
	require.GreaterOrEqual(a.t, n, 0, "the fixture has no %s", what)
	return &list[n]
}

func (a *account) vpc(name string) *reach.Vpc {
	return one(a, name, a.Network.Vpcs, func(v *reach.Vpc) bool { return a.named(v.Tags, name) })
}

func (a *account) subnet(name string) *reach.Subnet {
	return one(a, name, a.Network.Subnets, func(s *reach.Subnet) bool { return a.named(s.Tags, name) })
}

func (a *account) table(name string) *reach.RouteTable {
	return one(a, name, a.Network.RouteTables, func(r *reach.RouteTable) bool { return a.named(r.Tags, name) })
}

func (a *account) mainTable(vpc string) *reach.RouteTable {
	id := a.vpc(vpc).VpcId
	return one(a, "main table", a.Network.RouteTables, func(r *reach.RouteTable) bool {
		return r.VpcId == id && slices.ContainsFunc(r.Associations, func(as reach.RouteTableAssociation) bool { return as.Main })
	})
}

func (a *account) acl(name string) *reach.NetworkACL {
	return one(a, name, a.Network.NetworkAcls, func(n *reach.NetworkACL) bool { return a.named(n.Tags, name) })
}

func (a *account) group(name string) *reach.SecurityGroup {
	return one(a, name, a.Network.SecurityGroups, func(g *reach.SecurityGroup) bool { return a.named(g.Tags, name) })
}

func (a *account) host(name string) *reach.NetworkInterface {
	return one(a, name, a.Network.NetworkInterfaces, func(i *reach.NetworkInterface) bool { return a.named(i.TagSet, name) })
}

func (a *account) nat(name string) *reach.NatGateway {
	return one(a, name, a.Network.NatGateways, func(n *reach.NatGateway) bool { return a.named(n.Tags, name) })
}

func (a *account) endpoint(name string) *reach.VpcEndpoint {
	return one(a, name, a.Network.VpcEndpoints, func(e *reach.VpcEndpoint) bool { return a.named(e.Tags, name) })
}

func (a *account) peering(name string) *reach.VpcPeeringConnection {
	return one(a, name, a.Network.VpcPeeringConnections, func(p *reach.VpcPeeringConnection) bool { return a.named(p.Tags, name) })
}

func (a *account) gateway() string {
	return one(a, "internet gateway", a.Network.InternetGateways, func(g *reach.InternetGateway) bool { return a.named(g.Tags, "internet") }).InternetGatewayId
}

// route finds a table's route by its destination.
func (a *account) route(table *reach.RouteTable, to string) *reach.Route {
	return one(a, "route "+to, table.Routes, func(r *reach.Route) bool { return destination(*r) == to })
}

func setTag(tags reach.Tags, key, value string) {
	for n := range tags {
		if tags[n].Key == key {
			tags[n].Value = value
		}
	}
}
