package reach

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ask traces "from to service [client ports]".
func ask(t testing.TB, e *Engine, question string) Answer {
	t.Helper()
	words := strings.Fields(question)
	q := Query{From: endpointOf(t, e, words[0]), To: endpointOf(t, e, words[1])}
	var err error
	q.Protocol, q.Ports, err = ParseService(words[2])
	require.NoError(t, err)
	if len(words) > 3 {
		q.SourcePorts = mustPorts(words[3])
	}
	return e.Trace(q)
}

// The parts of a network that cases change.

func (b *builder) tableOf(id string) *RouteTable {
	return &b.RouteTables[slices.IndexFunc(b.RouteTables, func(t RouteTable) bool { return t.RouteTableId == id })]
}

func (b *builder) addRoute(table, route string) {
	t := b.tableOf(table)
	t.Routes = append(t.Routes, parseRoute(route))
}

func (b *builder) dropRoute(table, destination string) {
	t := b.tableOf(table)
	t.Routes = slices.DeleteFunc(t.Routes, func(r Route) bool {
		return r.DestinationCidrBlock+r.DestinationIpv6CidrBlock+r.DestinationPrefixListId == destination
	})
}

func (b *builder) aclEntries(id string, entries ...string) {
	made := &builder{}
	made.acl(id, "", nil, entries...)
	a := &b.NetworkAcls[slices.IndexFunc(b.NetworkAcls, func(a NetworkACL) bool { return a.NetworkAclId == id })]
	a.Entries = append(a.Entries, made.NetworkAcls[0].Entries...)
}

func (b *builder) groupRules(id string, rules ...string) {
	made := &builder{}
	made.group(id, "", rules...)
	g := &b.SecurityGroups[slices.IndexFunc(b.SecurityGroups, func(g SecurityGroup) bool { return g.GroupId == id })]
	g.IpPermissions = append(g.IpPermissions, made.SecurityGroups[0].IpPermissions...)
	g.IpPermissionsEgress = append(g.IpPermissionsEgress, made.SecurityGroups[0].IpPermissionsEgress...)
}

func (b *builder) clearGroup(id string) {
	g := &b.SecurityGroups[slices.IndexFunc(b.SecurityGroups, func(g SecurityGroup) bool { return g.GroupId == id })]
	g.IpPermissions, g.IpPermissionsEgress = nil, nil
}

type traceCase struct {
	name   string
	change func(*builder)
	ask    string
	want   Verdict
	// blocked is "component id direction" of what blocks, "" for nothing.
	blocked string
	works   []string
	// says is part of an explanation on the path.
	says string
}

func runTraces(t *testing.T, base func() *builder, cases []traceCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := base()
			if c.change != nil {
				c.change(b)
			}
			a := ask(t, New(&b.Network), c.ask)
			assert.Equal(t, c.want, a.Verdict, "%+v", a.BlockedBy)
			assert.Equal(t, c.works, a.Works)
			blocked := ""
			if a.BlockedBy != nil {
				blocked = strings.Join([]string{string(a.BlockedBy.Component), a.BlockedBy.ID, string(a.BlockedBy.Direction)}, " ")
				assert.NotEmpty(t, a.BlockedBy.Explanation)
				assert.NotEmpty(t, a.BlockedBy.Change)
			}
			assert.Equal(t, c.blocked, blocked)
			assert.Contains(t, told(a.Path), c.says)
			require.NotEmpty(t, a.Path)
			for _, h := range a.Path {
				assert.NotEmpty(t, h.Explanation, "%+v", h)
				assert.NotEmpty(t, h.ID, "%+v", h)
			}
		})
	}
}

func told(path []Hop) string {
	var lines []string
	for _, h := range path {
		lines = append(lines, strings.Join([]string{string(h.Direction), string(h.Component), h.ID, string(h.Decision), h.Explanation}, " | "))
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestRoutes(t *testing.T) {
	runTraces(t, lab, []traceCase{
		{name: "a subnet with no association uses the main table", ask: "eni-dev eni-tools tcp/443", want: Reachable, says: "rtb-dev (main) sends 10.17.0.0/24 to pcx-dev-shared"},
		{name: "the longest prefix wins", change: func(b *builder) { b.addRoute("rtb-app-a", "10.17.0.0/16 nat-a") },
			ask: "eni-app-a eni-tools tcp/443", want: Reachable, says: "sends 10.17.0.0/24 to pcx-prod-shared"},
		{name: "the longest prefix wins even when its target is dead", change: func(b *builder) { b.addRoute("rtb-app-a", "10.17.0.5/32 pcx-gone") },
			ask: "eni-app-a eni-tools tcp/443", want: Unreachable, blocked: "route-table rtb-app-a forward", says: "pcx-gone doesn't exist"},
		{name: "a static route wins over an equal propagated one", change: func(b *builder) { b.addRoute("rtb-app-a", "10.17.0.0/24 vgw-1 propagated") },
			ask: "eni-app-a eni-tools tcp/443", want: Reachable},
		{name: "a CIDR block wins over an equal prefix list entry", change: func(b *builder) {
			b.prefixList("pl-tools", "10.17.0.0/24")
			b.addRoute("rtb-app-a", "pl-tools nat-a")
		}, ask: "eni-app-a eni-tools tcp/443", want: Reachable},
		{name: "a prefix list entry wins over an equal propagated route", change: func(b *builder) {
			b.prefixList("pl-tools", "10.17.0.0/24")
			b.dropRoute("rtb-app-a", "10.17.0.0/24")
			b.addRoute("rtb-app-a", "10.17.0.0/24 vgw-1 propagated")
			b.addRoute("rtb-app-a", "pl-tools pcx-prod-shared")
		}, ask: "eni-app-a eni-tools tcp/443", want: Reachable, says: "10.17.0.0/24 (in prefix list pl-tools)"},
		{name: "a route more specific than the local one takes the packet to an appliance", change: func(b *builder) { b.addRoute("rtb-app-a", "10.16.20.0/24 eni-web-a") },
			ask: "eni-app-a eni-db-a tcp/5432", want: Unreachable, blocked: "network-interface eni-web-a forward", says: "undecided"},
		{name: "packets within a subnet ask no route table and no network ACL", change: func(b *builder) {
			b.eni("eni-app-c", "subnet-app-a", "10.16.10.6", []string{"sg-web"})
			b.addRoute("rtb-app-a", "10.16.10.6/32 eni-web-a")
			b.acl("acl-shut", "vpc-prod", []string{"subnet-app-a"})
		}, ask: "eni-app-a eni-app-c tcp/443", want: Reachable, says: "same subnet subnet-app-a"},
		{name: "a reply without a route is lost", change: func(b *builder) { b.dropRoute("rtb-tools", "10.16.10.0/24") },
			ask: "eni-app-a eni-tools tcp/443", want: Unreachable, blocked: "route-table rtb-tools return"},
		{name: "a virtual private gateway leads out of what is known", change: func(b *builder) { b.addRoute("rtb-app-a", "192.168.0.0/16 vgw-1") },
			ask: "eni-app-a 192.168.1.1 tcp/22", want: Unreachable, blocked: "gateway vgw-1 forward"},
		{name: "a route's own state is not believed", change: func(b *builder) { b.VpcPeeringConnections[0].Status.Code = "deleted" },
			ask: "eni-app-a eni-tools tcp/443", want: Unreachable, blocked: "route-table rtb-app-a forward", says: "pcx-prod-shared is deleted"},
		{name: "a packet for an overlapping range stays where it is", change: func(b *builder) {
			b.vpc("vpc-twin", "10.16.0.0/16")
			b.subnet("subnet-twin", "vpc-twin", "a", "10.16.40.0/24")
			b.eni("eni-twin", "subnet-twin", "10.16.40.5", []string{"sg-web"})
		}, ask: "eni-app-a eni-twin tcp/443", want: Unreachable, blocked: "vpc vpc-prod forward", says: "whose range overlaps that of vpc-twin"},
		{name: "a local address with nothing there", ask: "eni-app-a 10.16.200.1 tcp/22", want: Unreachable, blocked: "vpc vpc-prod forward"},
	})
}

func TestNetworkACLs(t *testing.T) {
	runTraces(t, lab, []traceCase{
		{name: "replies need the client's whole port range", ask: "eni-app-a eni-db-a tcp/5432", want: Reachable},
		{name: "a lower-numbered deny wins", change: func(b *builder) { b.aclEntries("acl-data", "50 in deny tcp/5432 10.16.10.0/24") },
			ask: "eni-app-a eni-db-b tcp/5432", want: Unreachable, blocked: "network-acl acl-data forward", says: "rule 50 denies tcp/5432"},
		{name: "a higher-numbered deny is never reached", change: func(b *builder) { b.aclEntries("acl-data", "105 in deny tcp/5432 10.16.10.0/24") },
			ask: "eni-app-a eni-db-b tcp/5432", want: Reachable},
		{name: "a deny for some reply ports leaves the others", change: func(b *builder) { b.aclEntries("acl-data", "50 out deny tcp/40000-50000 10.16.10.0/24") },
			ask: "eni-app-a eni-db-b tcp/5432", want: Partial, blocked: "network-acl acl-data return", says: "rule 50 denies tcp/40000-50000",
			works: []string{"tcp/5432 from client ports 32768-39999, 50001-60999"}},
		{name: "reply ports that the default range doesn't use don't matter", change: func(b *builder) { b.aclEntries("acl-data", "50 out deny tcp/1024-32767 10.16.10.0/24") },
			ask: "eni-app-a eni-db-b tcp/5432", want: Reachable},
		{name: "but do for clients that use them", change: func(b *builder) { b.aclEntries("acl-data", "50 out deny tcp/1024-32767 10.16.10.0/24") },
			ask: "eni-app-a eni-db-b tcp/5432 1024-65535", want: Partial, blocked: "network-acl acl-data return",
			works: []string{"tcp/5432 from client ports 32768-65535"}},
		{name: "what no rule matches is denied", change: func(b *builder) {
			b.group("sg-all", "vpc-prod", "in all 0.0.0.0/0")
			b.eni("eni-x", "subnet-data-a", "10.16.20.9", []string{"sg-all"})
		},
			ask: "eni-app-a eni-x udp/53", want: Unreachable, blocked: "network-acl acl-data forward", says: "the final rule *"},
		{name: "a ping needs both ICMP types", change: func(b *builder) {
			b.group("sg-ping", "vpc-prod", "in icmp/8 0.0.0.0/0")
			b.eni("eni-x", "subnet-data-a", "10.16.20.9", []string{"sg-ping"})
			b.aclEntries("acl-data", "200 in allow icmp/8 10.16.0.0/16", "200 out allow icmp/0 10.16.0.0/16")
		}, ask: "eni-app-a eni-x icmp", want: Reachable, says: "icmp echo reply"},
		{name: "a ping whose reply is not let out fails", change: func(b *builder) {
			b.group("sg-ping", "vpc-prod", "in icmp/8 0.0.0.0/0")
			b.eni("eni-x", "subnet-data-a", "10.16.20.9", []string{"sg-ping"})
			b.aclEntries("acl-data", "200 in allow icmp/8 10.16.0.0/16", "200 out allow icmp/8 10.16.0.0/16")
		}, ask: "eni-app-a eni-x icmp", want: Unreachable, blocked: "network-acl acl-data return"},
		{name: "the answer to echo requests among all packets is an echo reply", change: func(b *builder) {
			b.group("sg-ping", "vpc-prod", "in icmp/8 0.0.0.0/0")
			b.eni("eni-x", "subnet-data-a", "10.16.20.9", []string{"sg-ping"})
			b.aclEntries("acl-data", "200 in allow icmp/8 10.16.0.0/16", "200 out allow icmp/0 10.16.0.0/16")
		}, ask: "eni-app-a eni-x any", want: Partial, blocked: "network-acl acl-data forward", works: []string{"icmp echo reply"}},
		{name: "a snapshot without network ACLs is taken as the default ones", change: func(b *builder) { b.NetworkAcls = nil },
			ask: "eni-app-a eni-db-b tcp/5432", want: Reachable, says: "a default network ACL, which allows everything, is assumed"},
	})
}

func TestSecurityGroups(t *testing.T) {
	runTraces(t, lab, []traceCase{
		{name: "a reference means the members of the group", ask: "eni-web-a eni-app-a tcp/8080", want: Reachable, says: "from security group sg-web"},
		{name: "and nobody else", ask: "eni-app-b eni-app-a tcp/8080", want: Unreachable, blocked: "security-group sg-app forward"},
		{name: "a reference counts across an active peering", ask: "eni-app-a eni-tools tcp/443", want: Reachable, says: "from security group sg-app"},
		{name: "but not between regions", change: func(b *builder) { b.VpcPeeringConnections[0].AccepterVpcInfo.Region = "us-east-1" },
			ask: "eni-app-a eni-tools tcp/443", want: Unreachable, blocked: "security-group sg-tools forward"},
		{name: "a reference never means a public address", change: func(b *builder) {
			b.clearGroup("sg-web")
			b.groupRules("sg-web", "in tcp/443 sg-web", "out all 0.0.0.0/0")
		},
			ask: "eni-web-b 198.18.0.5 tcp/443", want: Unreachable, blocked: "security-group sg-web forward"},
		{name: "by private address the same reference does", change: func(b *builder) {
			b.clearGroup("sg-web")
			b.groupRules("sg-web", "in tcp/443 sg-web", "out all 0.0.0.0/0")
		},
			ask: "eni-web-b 10.16.0.5 tcp/443", want: Reachable},
		{name: "the rules of several groups add up", change: func(b *builder) {
			b.group("sg-extra", "vpc-prod", "in tcp/22 10.16.0.0/16")
			b.eni("eni-x", "subnet-app-b", "10.16.11.9", []string{"sg-db", "sg-extra"})
		}, ask: "eni-web-a eni-x tcp/22", want: Reachable, says: "sg-extra allows tcp/22"},
		{name: "no outbound rule lets nothing out", ask: "eni-db-a eni-db-b tcp/5432", want: Unreachable, blocked: "security-group sg-db forward"},
		{name: "replies need no rule", change: func(b *builder) { b.clearGroup("sg-app"); b.groupRules("sg-app", "out tcp/5432 10.16.20.0/24") },
			ask: "eni-app-a eni-db-a tcp/5432", want: Reachable},
		{name: "a prefix list in a rule stands for its entries", change: func(b *builder) {
			b.prefixList("pl-offices", "10.18.0.0/24")
			b.clearGroup("sg-tools")
			b.groupRules("sg-tools", "in tcp/443 pl-offices")
		}, ask: "eni-dev eni-tools tcp/443", want: Reachable, says: "prefix list pl-offices"},
		{name: "a group that the snapshot lacks lets nothing in", change: func(b *builder) { b.eni("eni-x", "subnet-app-b", "10.16.11.9", []string{"sg-lost"}) },
			ask: "eni-app-a eni-x tcp/22", want: Unreachable, blocked: "security-group sg-lost forward", says: "doesn't hold sg-lost"},
		{name: "any protocol must mean every protocol", change: func(b *builder) {
			b.group("sg-tcp", "vpc-prod", "in tcp 0.0.0.0/0")
			b.eni("eni-x", "subnet-app-b", "10.16.11.9", []string{"sg-tcp"})
		}, ask: "eni-app-a eni-x any", want: Partial, blocked: "security-group sg-tcp forward", works: []string{"tcp from client ports 32768-60999"}},
		{name: "a rule for all protocols lets every one in", change: func(b *builder) {
			b.group("sg-any", "vpc-prod", "in all 0.0.0.0/0")
			b.eni("eni-x", "subnet-app-b", "10.16.11.9", []string{"sg-any"})
		}, ask: "eni-app-a eni-x any", want: Reachable},
	})
}

func TestGateways(t *testing.T) {
	runTraces(t, lab, []traceCase{
		{name: "a NAT gateway takes two legs", ask: "eni-app-a internet tcp/443", want: Reachable, says: "NAT gateway nat-a (subnet-pub-a) translates"},
		{name: "the NAT gateway's own subnet needs a route to the internet", change: func(b *builder) { b.dropRoute("rtb-pub", "0.0.0.0/0"); b.dropRoute("rtb-app-a", "::/0") },
			ask: "eni-app-a internet tcp/443", want: Unreachable, blocked: "route-table rtb-pub forward"},
		{name: "the network ACL of the NAT gateway's subnet needs its port range for replies", change: func(b *builder) {
			b.acl("acl-pub", "vpc-prod", []string{"subnet-pub-a"}, "100 in allow tcp/443 10.16.0.0/16", "110 in allow tcp/32768-60999 0.0.0.0/0", "100 out allow all 0.0.0.0/0")
			b.dropRoute("rtb-app-a", "::/0")
		}, ask: "eni-app-a 198.51.100.7 tcp/443", want: Partial, blocked: "network-acl acl-pub return",
			works: []string{"tcp/443 from client ports 32768-60999 while the NAT gateway picks its source port from 32768-60999"}},
		{name: "a NAT gateway that is not available is a dead target", change: func(b *builder) { b.NatGateways[0].State = "deleted" },
			ask: "10.16.10.5 198.51.100.7 tcp/443", want: Unreachable, blocked: "route-table rtb-app-a forward", says: "nat-a is deleted"},
		{name: "an internet gateway drops what a private NAT gateway sends", change: func(b *builder) {
			b.nat("nat-private", "subnet-pub-a", "10.16.0.99", "")
			b.dropRoute("rtb-app-a", "0.0.0.0/0")
			b.addRoute("rtb-app-a", "0.0.0.0/0 nat-private")
		}, ask: "10.16.10.5 198.51.100.7 tcp/443", want: Unreachable, blocked: "internet-gateway igw-prod forward", says: "private NAT gateway"},
		{name: "a NAT gateway carries no protocol but TCP, UDP and ICMP", change: nil, ask: "10.16.10.5 198.51.100.7 any", want: Partial, blocked: "nat-gateway nat-a forward",
			works: []string{"tcp and udp from client ports 32768-60999", "icmp"}},
		{name: "nothing opens a connection to a NAT gateway", ask: "eni-web-a nat-a tcp/443", want: Unreachable, blocked: "nat-gateway nat-a forward"},
		{name: "nor from the internet", ask: "internet nat-a tcp/443", want: Unreachable, blocked: "nat-gateway nat-a forward"},
		{name: "a NAT gateway itself reaches the internet", ask: "nat-b internet tcp/443", want: Reachable},
		{name: "the internet reaches a public address", ask: "internet eni-web-a tcp/443", want: Reachable},
		{name: "on the allowed port only", ask: "internet eni-web-a tcp/22", want: Unreachable, blocked: "security-group sg-web forward"},
		{name: "but no interface without one", change: func(b *builder) { b.eni("eni-x", "subnet-pub-a", "10.16.0.77", []string{"sg-web"}) },
			ask: "internet eni-x tcp/443", want: Unreachable, blocked: "internet-gateway igw-prod forward", says: "knows no public address of eni-x"},
		{name: "an interface without a public address doesn't reach the internet by the gateway", change: func(b *builder) { b.eni("eni-x", "subnet-pub-a", "10.16.0.77", []string{"sg-web"}) },
			ask: "eni-x internet tcp/443", want: Unreachable, blocked: "internet-gateway igw-prod forward", says: "has no public IPv4 address"},
		{name: "a detached internet gateway carries nothing", change: func(b *builder) { b.InternetGateways[0].Attachments = nil },
			ask: "eni-web-a internet tcp/443", want: Unreachable, blocked: "route-table rtb-pub forward", says: "igw-prod isn't attached to vpc-prod"},
		{name: "and nothing comes in by it", change: func(b *builder) { b.InternetGateways[0].Attachments = nil },
			ask: "198.51.100.9 198.18.0.5 tcp/443", want: Unreachable, blocked: "vpc vpc-prod forward"},
		{name: "a private subnet is not reachable from the internet", ask: "2001:db8:ffff::1 2001:db8:16:10::5 tcp/443", want: Unreachable, blocked: "route-table rtb-app-a forward",
			says: "private subnet"},
		{name: "an egress-only internet gateway lets IPv6 out", ask: "2001:db8:16:10::5 2001:db8:ffff::1 tcp/443", want: Reachable, says: "eigw-prod brings the answer back"},
		{name: "a gateway route table can send what comes in to an appliance", change: func(b *builder) { b.table("rtb-edge", "vpc-prod", []string{"igw-prod"}, "10.16.0.0/24 eni-app-a") },
			ask: "198.51.100.9 198.18.0.5 tcp/443", want: Unreachable, blocked: "route-table rtb-edge forward", says: "undecided"},
		{name: "a public address is reached from inside through the internet gateway", ask: "eni-app-b 198.18.0.5 tcp/443", want: Reachable, says: "translates the destination 198.18.0.5 to 10.16.0.5"},
		{name: "a gateway endpoint takes its prefix list's addresses", ask: "eni-app-a 52.218.0.9 tcp/443", want: Reachable, says: "pl-s3"},
		{name: "a gateway endpoint that is not available does not", change: func(b *builder) { b.VpcEndpoints[0].State = "deleting" },
			ask: "eni-app-a 52.218.0.9 tcp/443", want: Unreachable, blocked: "route-table rtb-app-a forward", says: "vpce-s3 is deleting"},
		{name: "a gateway endpoint of another VPC is a dead target", change: func(b *builder) { b.VpcEndpoints[0].VpcId = "vpc-dev" },
			ask: "eni-app-a 52.218.0.9 tcp/443", want: Unreachable, blocked: "route-table rtb-app-a forward", says: "vpce-s3 is in vpc-dev, not in vpc-prod"},
		{name: "an interface endpoint is no target for a route", change: func(b *builder) { b.VpcEndpoints[0].VpcEndpointType = "Interface" },
			ask: "eni-app-a 52.218.0.9 tcp/443", want: Unreachable, blocked: "route-table rtb-app-a forward", says: "interface endpoint, which no route can lead to"},
		{name: "a Gateway Load Balancer endpoint hands packets to an appliance", change: func(b *builder) { b.VpcEndpoints[0].VpcEndpointType = "GatewayLoadBalancer" },
			ask: "eni-app-a 52.218.0.9 tcp/443", want: Unreachable, blocked: "vpc-endpoint vpce-s3 forward", says: "undecided"},
		{name: "a NAT gateway's packets don't enter a gateway endpoint", change: func(b *builder) { b.dropRoute("rtb-app-a", "pl-s3"); b.addRoute("rtb-pub", "pl-s3 vpce-s3") },
			ask: "eni-app-a 52.218.0.9 tcp/443", want: Unreachable, blocked: "vpc-endpoint vpce-s3 forward"},
		{name: "a NAT gateway of another VPC is a dead target", change: func(b *builder) { b.addRoute("rtb-dev", "0.0.0.0/0 nat-a") },
			ask: "eni-dev 198.51.100.7 tcp/443", want: Unreachable, blocked: "route-table rtb-dev forward", says: "nat-a is in vpc-prod, not in vpc-dev"},
		{name: "a NAT gateway carries no IPv6", change: func(b *builder) { b.dropRoute("rtb-app-a", "::/0"); b.addRoute("rtb-app-a", "::/0 nat-a") },
			ask: "2001:db8:16:10::5 2001:db8:ffff::1 tcp/443", want: Unreachable, blocked: "nat-gateway nat-a forward"},
		{name: "a NAT gateway and a peering are not documented together", change: func(b *builder) {
			b.dropRoute("rtb-app-a", "10.17.0.0/24")
			b.addRoute("rtb-pub", "10.17.0.0/24 pcx-prod-shared")
		}, ask: "eni-app-a eni-tools tcp/443", want: Unreachable, blocked: "vpc-peering-connection pcx-prod-shared forward"},
		{name: "an egress-only internet gateway carries no IPv4", change: func(b *builder) {
			b.dropRoute("rtb-app-a", "0.0.0.0/0")
			b.addRoute("rtb-app-a", "0.0.0.0/0 eigw-prod")
		},
			ask: "10.16.10.5 198.51.100.7 tcp/443", want: Unreachable, blocked: "egress-only-internet-gateway eigw-prod forward"},
		{name: "a gateway route table with local routes changes nothing", change: func(b *builder) { b.table("rtb-edge", "vpc-prod", []string{"igw-prod"}, "10.16.0.0/16 local") },
			ask: "198.51.100.9 198.18.0.5 tcp/443", want: Reachable},
		{name: "a gateway route table with a dead route loses the packet", change: func(b *builder) { b.table("rtb-edge", "vpc-prod", []string{"igw-prod"}, "10.16.0.0/24 eni-gone") },
			ask: "198.51.100.9 198.18.0.5 tcp/443", want: Unreachable, blocked: "route-table rtb-edge forward", says: "eni-gone doesn't exist"},
		{name: "a network load balancer without a security group filters nothing", change: func(b *builder) {
			b.eni("eni-nlb", "subnet-pub-a", "10.16.0.80", nil)
			b.NetworkInterfaces[len(b.NetworkInterfaces)-1].InterfaceType = "network_load_balancer"
		}, ask: "eni-app-a eni-nlb tcp/80", want: Reachable},
		{name: "any other interface without one gets nothing", change: func(b *builder) { b.eni("eni-bare", "subnet-pub-a", "10.16.0.80", nil) },
			ask: "eni-app-a eni-bare tcp/80", want: Unreachable, blocked: "security-group eni-bare forward"},
		{name: "a NAT gateway whose private address is not known is where its subnet is", change: func(b *builder) { b.NatGateways[0].NatGatewayAddresses[0].PrivateIp = "" },
			ask: "10.16.10.5 198.51.100.7 tcp/443", want: Reachable},
		{name: "one without addresses and subnet is not decided about", change: func(b *builder) { b.NatGateways[0].NatGatewayAddresses, b.NatGateways[0].SubnetId = nil, "" },
			ask: "10.16.10.5 198.51.100.7 tcp/443", want: Unreachable, blocked: "nat-gateway nat-a forward", says: "undecided"},
		{name: "IPv6 addresses that are not global have no way to the internet", change: func(b *builder) {
			b.Vpcs[0].Ipv6CidrBlockAssociationSet = append(b.Vpcs[0].Ipv6CidrBlockAssociationSet, VpcIpv6CidrBlockAssociation{Ipv6CidrBlock: "fd00:1::/56"})
			b.eni("eni-ula", "subnet-pub-a", "10.16.0.90", []string{"sg-web"}, "fd00:1::5")
		}, ask: "fd00:1::5 2001:db8:ffff::1 tcp/443", want: Unreachable, blocked: "internet-gateway igw-prod forward"},
		{name: "a circle of routes ends", change: func(b *builder) { b.dropRoute("rtb-pub", "0.0.0.0/0"); b.addRoute("rtb-pub", "0.0.0.0/0 nat-b") },
			ask: "10.16.10.5 198.51.100.7 tcp/443", want: Unreachable, blocked: "route-table rtb-pub forward", says: "goes in circles"},
		{name: "NAT64 is not followed", change: func(b *builder) { b.addRoute("rtb-app-a", "64:ff9b::/96 nat-a") },
			ask: "eni-app-a 64:ff9b::1 tcp/443", want: Unreachable, blocked: "nat-gateway nat-a forward", says: "NAT64"},
		{name: "the internet knows no private addresses", change: func(b *builder) { b.addRoute("rtb-pub", "192.168.0.0/16 igw-prod") },
			ask: "eni-web-a 192.168.4.4 tcp/443", want: Unreachable, blocked: "internet" + " internet forward", says: "it is private"},
		{name: "nor do packets come from them", change: func(b *builder) { b.addRoute("rtb-pub", "192.168.0.0/16 igw-prod") },
			ask: "192.168.4.4 eni-web-a tcp/443", want: Unreachable, blocked: "address 192.168.4.4 forward"},
	})
}

func TestPeerings(t *testing.T) {
	runTraces(t, lab, []traceCase{
		{name: "a peering needs routes on both sides", ask: "eni-app-b eni-tools tcp/443", want: Reachable},
		{name: "a pending peering is a dead target", change: func(b *builder) { b.VpcPeeringConnections[0].Status.Code = "pending-acceptance" },
			ask: "eni-app-b eni-tools tcp/443", want: Unreachable, blocked: "route-table rtb-app-b forward"},
		{name: "a peering is no transit", change: func(b *builder) {
			b.addRoute("rtb-dev", "10.16.0.0/16 pcx-dev-shared")
			b.addRoute("rtb-tools", "10.16.0.0/16 pcx-prod-shared")
		},
			ask: "eni-dev eni-app-a tcp/8080", want: Unreachable, blocked: "vpc-peering-connection pcx-dev-shared forward"},
		{name: "a peering leads to no gateway of the peer", change: func(b *builder) {
			b.addRoute("rtb-tools", "0.0.0.0/0 pcx-prod-shared")
			b.groupRules("sg-tools", "out all 0.0.0.0/0")
		},
			ask: "eni-tools internet tcp/443", want: Unreachable, blocked: "vpc-peering-connection pcx-prod-shared forward"},
		{name: "a peer that the snapshot doesn't describe is undecided", change: func(b *builder) {
			b.VpcPeeringConnections = append(b.VpcPeeringConnections, VpcPeeringConnection{VpcPeeringConnectionId: "pcx-far", Status: PeeringStatus{Code: "active"},
				RequesterVpcInfo: PeeringVpcInfo{VpcId: "vpc-dev"}, AccepterVpcInfo: PeeringVpcInfo{VpcId: "vpc-far", CidrBlockSet: []CidrBlock{{CidrBlock: "10.99.0.0/16"}}}})
			b.addRoute("rtb-dev", "10.99.0.0/16 pcx-far")
		}, ask: "eni-dev 10.99.1.1 tcp/22", want: Unreachable, blocked: "vpc-peering-connection pcx-far forward", says: "vpc-far"},
	})
}

func TestEndpointsOfTraces(t *testing.T) {
	runTraces(t, lab, []traceCase{
		{name: "an interface reaches itself", ask: "eni-db-a" + " eni-db-a tcp/22", want: Reachable, says: "never leaves it"},
		{name: "a subnet stands for its best interface", change: func(b *builder) { b.eni("eni-app-0", "subnet-app-a", "10.16.10.3", []string{"sg-db"}) },
			ask: "subnet-app-a eni-db-a tcp/5432", want: Reachable, says: "Of the 2 interfaces of subnet-app-a, eni-app-a gets furthest."},
		{name: "an empty subnet stands for a host with open security groups", change: func(b *builder) { b.subnet("subnet-empty", "vpc-prod", "a", "10.16.30.0/24") },
			ask: "subnet-empty eni-web-a tcp/443", want: Reachable, says: "a host is assumed whose security groups allow everything, with no public IPv4 address"},
		{name: "so does an address that no interface has", ask: "10.16.10.99 eni-web-a tcp/443", want: Reachable, says: "a host is assumed"},
		{name: "an empty subnet that gives public addresses is reached from the internet", change: func(b *builder) {
			b.subnet("subnet-empty", "vpc-prod", "a", "10.16.30.0/24")
			b.Subnets[len(b.Subnets)-1].MapPublicIpOnLaunch = true
			b.table("rtb-empty", "vpc-prod", []string{"subnet-empty"}, "0.0.0.0/0 igw-prod")
		}, ask: "internet subnet-empty tcp/443", want: Reachable},
		{name: "two addresses outside have nothing to do with the network", ask: "198.51.100.1 203.0.113.1 tcp/443", want: Unreachable, blocked: "address 198.51.100.1 forward"},
		{name: "neither end is in the network when both are the world", ask: "internet" + " internet tcp/443", want: Unreachable, blocked: "address 198.51.100.1 forward"},
		{name: "ends of different families have no packet in common", ask: "2001:db8:16:10::5 10.16.20.5 tcp/5432", want: Unreachable, blocked: "address 10.16.20.5 forward"},
		{name: "an address that only one rule lets in is found for the internet", change: func(b *builder) {
			b.clearGroup("sg-web")
			b.groupRules("sg-web", "in tcp/8081 203.0.113.0/25")
		}, ask: "internet eni-web-a tcp/8081", want: Reachable, says: "203.0.113.0 stands for the internet here"},
		{name: "IPv6 works where IPv4 does not", change: func(b *builder) { b.dropRoute("rtb-app-a", "0.0.0.0/0") },
			ask: "eni-app-a internet tcp/443", want: Reachable, says: "over IPv6"},
	})
}
