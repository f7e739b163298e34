package reach

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnyFindsWhateverGetsThrough(t *testing.T) {
	data := Subnets("subnet-data-a", "subnet-data-b").AsLocations(true)
	app := Subnets("subnet-app-a", "subnet-app-b").AsLocations(false)
	public := Subnets("subnet-pub-a", "subnet-pub-b")
	prod, dev := VPCs("vpc-prod").AsLocations(false), VPCs("vpc-dev").AsLocations(false)
	edge := Question{From: Internet(), To: VPCs("vpc-prod"), Except: []Packets{{Protocol: TCP, Ports: PortRange{443, 443}, To: public}}}
	for _, c := range []struct {
		name   string
		change func(*builder)
		ask    Question
		// leak is the witness, "" for none.
		leak      string
		uncertain bool
	}{
		{name: "the data tier doesn't reach the internet", ask: Question{From: data, To: Internet()}},
		{name: "a default route to a NAT gateway opens it", change: func(b *builder) { b.addRoute("rtb-data", "0.0.0.0/0 nat-a") },
			ask: Question{From: data, To: Internet()}, leak: "tcp/443 from subnet-data-a (10.16.20.4) to internet (1.0.0.0)"},
		{name: "so does falling back to a main table with an internet route", change: func(b *builder) {
			b.tableOf("rtb-data").Associations = nil
			b.addRoute("rtb-prod-main", "::/0 eigw-prod")
			b.aclEntries("acl-data", "10 out allow all ::/0")
		}, ask: Question{From: data, To: Internet()}, leak: "tcp/443 from subnet-data-a (2001:db8:16:20::4) to internet (2000::)"},
		{name: "a dead NAT gateway lets nothing out", change: func(b *builder) { b.addRoute("rtb-data", "0.0.0.0/0 nat-gone") }, ask: Question{From: data, To: Internet()}},
		{name: "a dead longer prefix doesn't fall back for its part, but the rest gets out", change: func(b *builder) {
			b.addRoute("rtb-data", "0.0.0.0/0 nat-a")
			b.addRoute("rtb-data", "0.0.0.0/1 nat-gone")
		}, ask: Question{From: data, To: Internet()}, leak: "tcp/443 from subnet-data-a (10.16.20.4) to internet (128.0.0.0)"},
		{name: "a network ACL that lets nothing out closes it again", change: func(b *builder) {
			b.addRoute("rtb-data", "0.0.0.0/0 nat-a")
			b.aclEntries("acl-data", "1 out deny all 0.0.0.0/0")
		}, ask: Question{From: data, To: Internet()}},
		{name: "a route to an appliance may lead anywhere", change: func(b *builder) { b.addRoute("rtb-data", "0.0.0.0/0 eni-web-a") },
			ask: Question{From: data, To: Internet()}, leak: "tcp/443 from subnet-data-a (10.16.20.4) to 1.0.0.0", uncertain: true},
		{name: "NAT64 may lead to the internet", change: func(b *builder) {
			b.addRoute("rtb-data", "64:ff9b::/96 nat-a")
			b.aclEntries("acl-data", "10 out allow all ::/0")
		}, ask: Question{From: data, To: Internet()}, leak: "tcp/443 from subnet-data-a (2001:db8:16:20::4) to 64:ff9b::", uncertain: true},
		{name: "a gateway endpoint is not the internet", ask: Question{From: Subnets("subnet-data-a").AsLocations(true), To: Addresses(netip.MustParsePrefix("52.218.0.0/17"))}},
		{name: "the app tier reaches the internet through its NAT gateways", ask: Question{From: app, To: Internet()},
			leak: "tcp/443 from eni-app-a (10.16.10.5) to internet (1.0.0.0)"},
		{name: "from the internet only 443 to the public tier gets in", ask: edge},
		{name: "a rule for one port of one range is found", change: func(b *builder) { b.groupRules("sg-web", "in tcp/8081 203.0.113.0/25") },
			ask: edge, leak: "tcp/8081 from internet (203.0.113.0) to eni-web-a (10.16.0.5)"},
		{name: "a rule for IPv6 alone is found", change: func(b *builder) { b.groupRules("sg-web", "in tcp/22 ::/0") },
			ask: edge, leak: "tcp/22 from internet (2000::) to eni-web-a (2001:db8:16::5)"},
		{name: "a network ACL that denies all of it closes it again", change: func(b *builder) {
			b.groupRules("sg-web", "in tcp/8081 203.0.113.0/25")
			b.aclEntries("acl-default-vpc-prod", "5 in deny tcp/8000-9000 203.0.113.0/24")
		}, ask: edge},
		{name: "one that denies part of it does not", change: func(b *builder) {
			b.groupRules("sg-web", "in tcp/8081 203.0.113.0/25")
			b.aclEntries("acl-default-vpc-prod", "5 in deny tcp/8081 203.0.113.0/26")
		}, ask: edge, leak: "tcp/8081 from internet (203.0.113.64) to eni-web-a (10.16.0.5)"},
		{name: "443 to another tier is no exception", change: func(b *builder) {
			b.groupRules("sg-db", "in tcp/443 0.0.0.0/0")
			b.NetworkInterfaces[len(b.NetworkInterfaces)-4].Association = &InterfaceAssociation{PublicIp: "198.18.0.77"}
			b.addRoute("rtb-data", "0.0.0.0/0 igw-prod")
			b.aclEntries("acl-data", "10 in allow tcp/443 0.0.0.0/0")
		}, ask: edge, leak: "tcp/443 from internet (1.0.0.0) to eni-db-a (10.16.20.5)"},
		{name: "dev and prod are apart", ask: Question{From: dev, To: prod}},
		{name: "in both directions", ask: Question{From: prod, To: dev}},
		{name: "a peering with a route one way is enough for a packet", change: func(b *builder) {
			b.peering("pcx-leak", "vpc-dev", "vpc-prod", "active")
			b.addRoute("rtb-dev", "10.16.20.0/24 pcx-leak")
			b.groupRules("sg-db", "in udp/53 10.18.0.0/16")
			b.aclEntries("acl-data", "10 in allow udp/53 10.18.0.0/24")
		}, ask: Question{From: VPCs("vpc-dev"), To: VPCs("vpc-prod")}, leak: "udp/53 from eni-dev (10.18.0.5) to eni-db-a (10.16.20.5)"},
		{name: "dev reaches prod's website as anybody does", ask: Question{From: dev, To: VPCs("vpc-prod"), ThroughInternet: true}, change: func(b *builder) {
			b.igw("igw-dev", "vpc-dev")
			b.addRoute("rtb-dev", "0.0.0.0/0 igw-dev")
			b.NetworkInterfaces[len(b.NetworkInterfaces)-1].Association = &InterfaceAssociation{PublicIp: "198.18.0.88"}
		}, leak: "tcp/443 from eni-dev (10.18.0.5) to eni-web-a (198.18.0.5)"},
		{name: "which is not asked unless it is asked", ask: Question{From: dev, To: VPCs("vpc-prod")}, change: func(b *builder) {
			b.igw("igw-dev", "vpc-dev")
			b.addRoute("rtb-dev", "0.0.0.0/0 igw-dev")
			b.NetworkInterfaces[len(b.NetworkInterfaces)-1].Association = &InterfaceAssociation{PublicIp: "198.18.0.88"}
		}},
		{name: "a NAT gateway reaches the internet itself", ask: Question{From: NATGateways("nat-a"), To: Internet()},
			leak: "tcp/443 from nat-a (10.16.0.10) to internet (1.0.0.0)"},
		{name: "not when its subnet has lost the route", change: func(b *builder) { b.dropRoute("rtb-pub", "0.0.0.0/0") }, ask: Question{From: NATGateways("nat-a"), To: Internet()}},
		{name: "an interface does not count as reaching itself", ask: Question{From: Interfaces("eni-app-a"), To: Interfaces("eni-app-a")}},
		{name: "a security group that the snapshot lacks may allow anything", change: func(b *builder) { b.eni("eni-x", "subnet-app-a", "10.16.10.9", []string{"sg-lost"}) },
			ask: Question{From: Interfaces("eni-web-a"), To: Interfaces("eni-x")}, leak: "tcp/443 from eni-web-a (10.16.0.5) to eni-x (10.16.10.9)", uncertain: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := lab()
			if c.change != nil {
				c.change(b)
			}
			leak, err := New(&b.Network).Any(c.ask)
			require.NoError(t, err)
			assert.Positive(t, leak.Sources)
			assert.Positive(t, leak.Destinations)
			if c.leak == "" {
				assert.False(t, leak.Found, "%s\n%s", leak.Witness, told(leak.Path))
				return
			}
			require.True(t, leak.Found)
			assert.Equal(t, c.leak, leak.Witness.String())
			assert.Equal(t, !c.uncertain, leak.Certain)
			require.NotEmpty(t, leak.Path)
			if last := leak.Path[len(leak.Path)-1]; leak.Certain {
				assert.Equal(t, Arrives, last.Decision)
			}
		})
	}
}

func TestAnyFollowsTransitGateways(t *testing.T) {
	b := hub()
	leak, err := New(&b.Network).Any(Question{From: VPCs("vpc-dev"), To: VPCs("vpc-prod")})
	require.NoError(t, err)
	assert.True(t, leak.Found, "the spokes' default route leads through the shared VPC")

	spokes := &b.TransitGatewayRouteTables[0]
	spokes.Routes = append(spokes.Routes, TransitGatewayRoute{DestinationCidrBlock: "10.0.0.0/8", Type: "static", State: "blackhole"})
	e := New(&b.Network)
	for _, q := range []Question{
		{From: VPCs("vpc-dev").AsLocations(true), To: VPCs("vpc-prod").AsLocations(true)},
		{From: VPCs("vpc-prod").AsLocations(true), To: VPCs("vpc-dev").AsLocations(true)},
	} {
		leak, err = e.Any(q)
		require.NoError(t, err)
		assert.False(t, leak.Found, "%s\n%s", leak.Witness, told(leak.Path))
	}
	leak, err = e.Any(Question{From: VPCs("vpc-prod"), To: Internet()})
	require.NoError(t, err)
	assert.True(t, leak.Certain, "through the shared VPC's NAT gateway")
}

func TestAnyRefusesAnEmptyOrUnknownSide(t *testing.T) {
	b := lab()
	b.subnet("subnet-empty", "vpc-prod", "a", "10.16.30.0/24")
	e := New(&b.Network)
	_, err := e.Any(Question{From: Subnets("subnet-empty"), To: Internet()})
	require.ErrorIs(t, err, ErrNothing)
	_, err = e.Any(Question{From: Internet(), To: Join()})
	require.ErrorIs(t, err, ErrNothing)
	_, err = e.Any(Question{From: Subnets("subnet-app-c"), To: Internet()})
	require.ErrorIs(t, err, ErrUnknown)
	require.ErrorContains(t, err, "the nearest is subnet-app-a")
	_, err = e.Any(Question{From: Internet(), To: VPCs("vpc-prod"), Except: []Packets{{Protocol: "tpc"}}})
	require.ErrorIs(t, err, ErrSyntax)
}

func TestEveryAnswerNamesEveryInterfaceOnceWhenAsked(t *testing.T) {
	e := New(&lab().Network)
	group := Join(VPCs("vpc-prod"), Interfaces("eni-web-a"), Subnets("subnet-pub-a"))
	leak, err := e.Any(Question{From: group, To: Internet()})
	require.NoError(t, err)
	assert.Equal(t, 6, leak.Sources, "an interface in several parts of a group counts once, and NAT gateways' interfaces don't")
	assert.Equal(t, []string{"eni-app-a"}, slices.Clone(endpointOf(t, e, "subnet-app-a").Interfaces()))
}
