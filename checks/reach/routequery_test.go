package reach

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRouteForNamesTheRouteThatDecides(t *testing.T) {
	b := lab()
	b.addRoute("rtb-app-a", "198.51.100.0/24 nat-gone")
	e := New(&b.Network)
	for _, c := range []struct {
		name, subnet, addr string
		want               RouteDecision
	}{
		{"a default route", "subnet-app-a", "203.0.113.9", RouteDecision{RouteTableID: "rtb-app-a", Destination: netip.MustParsePrefix("0.0.0.0/0"), Kind: TargetNAT, Target: "nat-a", Live: true}},
		{"a prefix list", "subnet-app-a", "52.218.1.1", RouteDecision{RouteTableID: "rtb-app-a", Destination: netip.MustParsePrefix("52.218.0.0/17"), PrefixListID: "pl-s3", Kind: TargetEndpoint, Target: "vpce-s3", Live: true}},
		{"a dead longer prefix", "subnet-app-a", "198.51.100.9", RouteDecision{RouteTableID: "rtb-app-a", Destination: netip.MustParsePrefix("198.51.100.0/24"), Kind: TargetNAT, Target: "nat-gone", Reason: "nat-gone doesn't exist"}},
		{"IPv6", "subnet-app-a", "2001:db8:ffff::1", RouteDecision{RouteTableID: "rtb-app-a", Destination: netip.MustParsePrefix("::/0"), Kind: TargetEgressOnly, Target: "eigw-prod", Live: true}},
		{"the main table", "subnet-dev", "10.18.7.7", RouteDecision{RouteTableID: "rtb-dev", Main: true, Destination: netip.MustParsePrefix("10.18.0.0/16"), Kind: TargetLocal, Target: "local", Live: true}},
		{"no route", "subnet-data-a", "203.0.113.9", RouteDecision{RouteTableID: "rtb-data", Kind: TargetNone, Reason: "no route holds the address"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := e.RouteFor(c.subnet, netip.MustParseAddr(c.addr))
			require.NoError(t, err)
			assert.Contains(t, got.Explanation, c.want.RouteTableID)
			got.Explanation = ""
			assert.Equal(t, c.want, got)
		})
	}
	_, err := e.RouteFor("subnet-apple", netip.MustParseAddr("10.0.0.1"))
	require.ErrorIs(t, err, ErrUnknown)
	_, err = e.RouteFor("subnet-app-a", netip.Addr{})
	require.ErrorIs(t, err, ErrSyntax)
}

func TestPartitionDividesAPrefixListAmongTargets(t *testing.T) {
	b := lab()
	b.addRoute("rtb-app-a", "52.218.32.0/19 nat-a")
	e := New(&b.Network)
	prefixes, err := e.PrefixList("pl-s3")
	require.NoError(t, err)
	shares, err := e.Partition("subnet-app-a", prefixes...)
	require.NoError(t, err)
	by := map[string][]string{}
	for _, s := range shares {
		for _, p := range s.Addresses {
			by[s.Target] = append(by[s.Target], p.String())
		}
	}
	assert.Equal(t, map[string][]string{
		"nat-a":   {"52.218.32.0/19"},
		"vpce-s3": {"3.5.64.0/21", "52.218.0.0/19", "52.218.64.0/18"},
	}, by)
	_, err = e.PrefixList("pl-s4")
	require.ErrorContains(t, err, "the nearest is pl-s3")
}

func TestRouteTableIsTheAssociatedOneElseTheMainOne(t *testing.T) {
	b := lab()
	b.vpc("vpc-bare", "10.30.0.0/16")
	b.subnet("subnet-bare", "vpc-bare", "a", "10.30.0.0/24")
	e := New(&b.Network)
	for subnet, want := range map[string]string{"subnet-app-a": "rtb-app-a", "subnet-dev": "rtb-dev", "subnet-bare": "main table of vpc-bare"} {
		table, main, err := e.RouteTable(subnet)
		require.NoError(t, err)
		assert.Equal(t, want, table.RouteTableId)
		assert.Equal(t, subnet != "subnet-app-a", main)
	}
	_, _, err := e.RouteTable("subnet-none")
	require.ErrorIs(t, err, ErrUnknown)
}

func TestBlackholesAreFoundWhateverTheStateSays(t *testing.T) {
	assert.Empty(t, New(&lab().Network).Blackholes())
	b := lab()
	b.NatGateways[0].State = "deleting"
	b.VpcPeeringConnections[1].Status.Code = "expired"
	b.EgressOnlyInternetGateways = nil
	b.VpcEndpoints[0].State = "Deleted"
	b.addRoute("rtb-data", "10.40.0.0/16 tgw-gone")
	b.addRoute("rtb-data", "10.41.0.0/16 eni-gone")
	b.addRoute("rtb-data", "10.42.0.0/16 vgw-unseen")
	b.RouteTables[0].Routes = append(b.RouteTables[0].Routes, Route{DestinationCidrBlock: "10.43.0.0/16", State: "blackhole"})
	var got []string
	for _, h := range New(&b.Network).Blackholes() {
		got = append(got, h.RouteTableID+" "+h.Destination+": "+h.Reason)
	}
	assert.ElementsMatch(t, []string{
		"rtb-prod-main 10.43.0.0/16: the route names no target",
		"rtb-app-a 0.0.0.0/0: nat-a is deleting", "rtb-app-a ::/0: eigw-prod doesn't exist", "rtb-app-a pl-s3: vpce-s3 is Deleted",
		"rtb-app-b ::/0: eigw-prod doesn't exist", "rtb-app-b pl-s3: vpce-s3 is Deleted",
		"rtb-data pl-s3: vpce-s3 is Deleted", "rtb-data 10.40.0.0/16: tgw-gone doesn't exist", "rtb-data 10.41.0.0/16: eni-gone doesn't exist",
		"rtb-tools 10.18.0.0/24: pcx-dev-shared is expired", "rtb-dev 10.17.0.0/24: pcx-dev-shared is expired",
	}, got)
}

func TestTransitGatewayRoutesToAttachmentsThatAreGoneAreBlackholes(t *testing.T) {
	b := hub()
	b.TransitGatewayRouteTables[0].Routes = append(b.TransitGatewayRouteTables[0].Routes,
		TransitGatewayRoute{DestinationCidrBlock: "10.50.0.0/16", Type: "static", State: "blackhole"},
		TransitGatewayRoute{DestinationCidrBlock: "10.51.0.0/16", Type: "static", State: "active", TransitGatewayAttachments: []TransitGatewayTableAttachment{{TransitGatewayAttachmentId: "att-gone"}}})
	assert.Equal(t, []Blackhole{{RouteTableID: "tgwrtb-spokes", Destination: "10.51.0.0/16", Kind: TargetAttachment, Target: "att-gone", Reason: "att-gone doesn't exist"}},
		New(&b.Network).Blackholes(), "a blackhole made on purpose is none")
}

func TestOverlapsAreFoundBetweenAndWithinOwners(t *testing.T) {
	b := lab()
	b.Vpcs[1].CidrBlockAssociationSet = append(b.Vpcs[1].CidrBlockAssociationSet,
		VpcCidrBlockAssociation{CidrBlock: "10.7.0.0/20", CidrBlockState: CidrState{State: "associated"}},
		VpcCidrBlockAssociation{CidrBlock: "10.6.0.0/20", CidrBlockState: CidrState{State: "disassociated"}})
	e := New(&b.Network)
	reserved := Range{"the data centre", netip.MustParsePrefix("10.0.0.0/13")}
	got := Overlaps(append(e.VpcRanges(), reserved))
	assert.Equal(t, []Overlap{{reserved, Range{"vpc-shared", netip.MustParsePrefix("10.7.0.0/20")}}}, got)
	assert.Empty(t, Overlaps(e.VpcRanges("vpc-prod", "vpc-dev", "vpc-none")))
}
