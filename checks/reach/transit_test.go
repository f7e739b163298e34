package reach

import (
	"slices"
	"strings"
	"testing"
)

// hub is dev, prod and shared on a transit gateway, dev and prod apart from each other by their route tables, and internet access through shared.
func hub() *builder {
	b := &builder{}
	for i, name := range []string{"prod", "dev", "shared"} {
		vpc, net := "vpc-"+name, []string{"10.1.", "10.2.", "10.3."}[i]
		b.vpc(vpc, net+"0.0/16")
		b.subnet("subnet-"+name, vpc, "a", net+"1.0/24")
		b.subnet("subnet-"+name+"-tgw", vpc, "a", net+"9.0/28")
		b.group("sg-"+name, vpc, "in tcp/443 10.0.0.0/8", "out all 0.0.0.0/0")
		b.eni("eni-"+name, "subnet-"+name, net+"1.5", []string{"sg-" + name})
		b.attach("att-"+name, "tgw-1", vpc, "subnet-"+name+"-tgw")
	}
	b.tgw("tgw-1", true)
	b.tgwTable("tgwrtb-spokes", "tgw-1", []string{"att-prod", "att-dev"}, []string{"att-shared"}, "0.0.0.0/0 att-shared")
	b.tgwTable("tgwrtb-shared", "tgw-1", []string{"att-shared"}, []string{"att-prod", "att-dev"})
	b.tgwTable("tgwrtb-none", "tgw-1", nil, nil)
	b.table("rtb-prod", "vpc-prod", []string{"main"}, "0.0.0.0/0 tgw-1")
	b.table("rtb-dev", "vpc-dev", []string{"main"}, "0.0.0.0/0 tgw-1")
	b.table("rtb-shared", "vpc-shared", []string{"main"}, "10.0.0.0/8 tgw-1")
	b.subnet("subnet-egress", "vpc-shared", "a", "10.3.2.0/24")
	b.igw("igw-1", "vpc-shared")
	b.nat("nat-1", "subnet-egress", "10.3.2.5", "198.18.0.1")
	b.table("rtb-egress", "vpc-shared", []string{"subnet-egress"}, "0.0.0.0/0 igw-1", "10.0.0.0/8 tgw-1")
	b.table("rtb-inside", "vpc-shared", []string{"subnet-shared-tgw"}, "0.0.0.0/0 nat-1", "10.0.0.0/8 tgw-1")
	return b
}

func TestTransitGateways(t *testing.T) {
	table := func(b *builder, id string) *TransitGatewayRouteTable {
		return &b.TransitGatewayRouteTables[slices.IndexFunc(b.TransitGatewayRouteTables, func(t TransitGatewayRouteTable) bool { return t.TransitGatewayRouteTableId == id })]
	}
	byReference := func(b *builder) {
		b.clearGroup("sg-shared")
		b.groupRules("sg-shared", "in tcp/443 sg-prod")
	}
	runTraces(t, hub, []traceCase{
		{name: "spokes reach the shared VPC", ask: "eni-prod eni-shared tcp/443", want: Reachable, says: "sends 10.3.0.0/16 (propagated) to att-shared"},
		{name: "a spoke has no route to the other", change: func(b *builder) {
			table(b, "tgwrtb-spokes").Routes = nil
		}, ask: "eni-prod eni-dev tcp/443", want: Unreachable, blocked: "transit-gateway-route-table tgwrtb-spokes forward"},
		{name: "but a default route to the shared VPC leads on to the other, which routes it back", ask: "eni-prod eni-dev tcp/443", want: Reachable,
			says: "Attachment att-shared takes the packet from vpc-shared"},
		{name: "a zone without an attachment subnet can't reach the transit gateway", change: func(b *builder) { b.Subnets[0].AvailabilityZone = "b" },
			ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "transit-gateway-attachment att-prod forward"},
		{name: "an attachment needs an association", change: func(b *builder) { table(b, "tgwrtb-spokes").Associations = nil },
			ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "transit-gateway-attachment att-prod forward"},
		{name: "the way back is by the other attachment's association", change: func(b *builder) {
			table(b, "tgwrtb-shared").Associations = nil
			table(b, "tgwrtb-none").Associations = []TransitGatewayTableAttachment{{TransitGatewayAttachmentId: "att-shared", State: "associated"}}
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "transit-gateway-route-table tgwrtb-none return"},
		{name: "a static route wins over an equal propagated one", change: func(b *builder) {
			t := table(b, "tgwrtb-spokes")
			t.Routes = append(t.Routes, TransitGatewayRoute{DestinationCidrBlock: "10.3.0.0/16", Type: "static", State: "blackhole"})
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "transit-gateway-route-table tgwrtb-spokes forward", says: "a blackhole"},
		{name: "a longer prefix wins over a static route", change: func(b *builder) {
			t := table(b, "tgwrtb-spokes")
			t.Routes = append(t.Routes, TransitGatewayRoute{DestinationCidrBlock: "10.0.0.0/8", Type: "static", State: "blackhole"})
		}, ask: "eni-prod eni-shared tcp/443", want: Reachable},
		{name: "an attachment that is being deleted carries nothing", change: func(b *builder) { b.TransitGatewayVpcAttachments[0].State = "deleting" },
			ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "route-table rtb-prod forward", says: "vpc-prod has no available attachment to tgw-1"},
		{name: "the network ACL of the attachment's subnet applies inbound on the way in", change: func(b *builder) {
			b.acl("acl-tgw", "vpc-prod", []string{"subnet-prod-tgw"}, "100 out allow all 0.0.0.0/0")
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "network-acl acl-tgw forward", says: "into subnet subnet-prod-tgw"},
		{name: "and outbound on the way out", change: func(b *builder) {
			b.acl("acl-tgw", "vpc-shared", []string{"subnet-shared-tgw"}, "100 in allow all 0.0.0.0/0")
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "network-acl acl-tgw forward", says: "out of subnet subnet-shared-tgw"},
		{name: "security groups are referenced where it is switched on everywhere", change: byReference, ask: "eni-prod eni-shared tcp/443", want: Reachable},
		{name: "and not where one attachment has it off", change: func(b *builder) {
			byReference(b)
			b.TransitGatewayVpcAttachments[0].Options.SecurityGroupReferencingSupport = "disable"
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "security-group sg-shared forward"},
		{name: "nor where the transit gateway has it off", change: func(b *builder) {
			byReference(b)
			b.TransitGateways[0].Options.SecurityGroupReferencingSupport = "disable"
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "security-group sg-shared forward"},
		{name: "outbound rules can't refer over a transit gateway", change: func(b *builder) {
			b.clearGroup("sg-prod")
			b.groupRules("sg-prod", "out tcp/443 sg-shared")
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "security-group sg-prod forward"},
		{name: "a spoke reaches the internet through the shared VPC's NAT gateway", ask: "eni-prod internet tcp/443", want: Reachable, says: "nat-1 knows the connection"},
		{name: "not through its internet gateway directly", change: func(b *builder) {
			b.dropRoute("rtb-inside", "0.0.0.0/0")
			b.addRoute("rtb-inside", "0.0.0.0/0 igw-1")
		}, ask: "eni-prod internet tcp/443", want: Unreachable, blocked: "internet-gateway igw-1 forward", says: "in another network"},
		{name: "a reply must not leave through a NAT gateway", change: func(b *builder) {
			b.dropRoute("rtb-shared", "10.0.0.0/8")
			b.addRoute("rtb-shared", "10.0.0.0/8 nat-1")
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "nat-gateway nat-1 return", says: "the client doesn't know it"},
		{name: "packets come out in another zone when the attachment has no subnet in theirs", change: func(b *builder) {
			b.Subnets[5].AvailabilityZone = "b"
			b.subnet("subnet-shared-b", "vpc-shared", "b", "10.3.4.0/24")
			b.eni("eni-shared-b", "subnet-shared-b", "10.3.4.5", []string{"sg-shared"})
		}, ask: "eni-prod eni-shared-b tcp/443", want: Reachable, says: "by subnet-shared-tgw"},
		{name: "an attachment that doesn't exist is a blackhole", change: func(b *builder) {
			t := table(b, "tgwrtb-spokes")
			t.Routes = append(t.Routes, TransitGatewayRoute{DestinationCidrBlock: "10.3.1.0/24", Type: "static",
				TransitGatewayAttachments: []TransitGatewayTableAttachment{{TransitGatewayAttachmentId: "att-gone", ResourceType: "vpc"}}})
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "transit-gateway-route-table tgwrtb-spokes forward", says: "att-gone doesn't exist"},
		{name: "a route to a prefix list holds its entries", change: func(b *builder) {
			b.prefixList("pl-mine", "10.3.1.0/24")
			t := table(b, "tgwrtb-spokes")
			t.Routes = append(t.Routes, TransitGatewayRoute{PrefixListId: "pl-mine", Type: "static", State: "blackhole"})
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "transit-gateway-route-table tgwrtb-spokes forward", says: "10.3.1.0/24, a blackhole"},
		{name: "IPv6 is carried by attachments with its support on", change: sixth("enable"), ask: "2001:db8:1::5 2001:db8:3::5 tcp/443", want: Reachable},
		{name: "and by no others", change: sixth("disable"), ask: "2001:db8:1::5 2001:db8:3::5 tcp/443", want: Unreachable,
			blocked: "transit-gateway-attachment att-shared forward"},
		{name: "a VPN attachment leads out of what is known", change: func(b *builder) {
			t := table(b, "tgwrtb-spokes")
			t.Routes = append(t.Routes, TransitGatewayRoute{DestinationCidrBlock: "192.168.0.0/16", Type: "static",
				TransitGatewayAttachments: []TransitGatewayTableAttachment{{TransitGatewayAttachmentId: "att-vpn", ResourceType: "vpn"}}})
		}, ask: "eni-prod 192.168.0.1 tcp/22", want: Unreachable, blocked: "transit-gateway-route-table tgwrtb-spokes forward"},
	})
}

// sixth gives prod and shared IPv6, with the support of shared's attachment switched as told.
func sixth(support string) func(*builder) {
	return func(b *builder) {
		for i, net := range map[int]string{0: "2001:db8:1::/64", 2: "2001:db8:3::/64"} {
			name := []string{"prod", "", "shared"}[i]
			b.Vpcs[i].Ipv6CidrBlockAssociationSet = []VpcIpv6CidrBlockAssociation{{Ipv6CidrBlock: net}}
			b.Subnets[2*i].Ipv6CidrBlockAssociationSet = []SubnetIpv6CidrBlockAssociation{{Ipv6CidrBlock: net}}
			b.NetworkInterfaces[i].Ipv6Addresses = []InterfaceIpv6Address{{Ipv6Address: strings.Replace(net, "/64", "5", 1)}}
			b.groupRules("sg-"+name, "in tcp/443 ::/0", "out all ::/0")
			b.addRoute("rtb-"+name, "::/0 tgw-1")
		}
		b.TransitGatewayVpcAttachments[2].Options.Ipv6Support = support
	}
}
