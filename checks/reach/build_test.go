package reach

import (
	"fmt"
	"strconv"
	"strings"
)

// builder makes networks for tests. Its zero value is an empty network. Methods panic on nothing and return nothing: they write AWS's shapes.
type builder struct{ Network }

func (b *builder) vpc(id string, cidrs ...string) {
	v := Vpc{VpcId: id}
	for _, c := range cidrs {
		if strings.Contains(c, ":") {
			v.Ipv6CidrBlockAssociationSet = append(v.Ipv6CidrBlockAssociationSet, VpcIpv6CidrBlockAssociation{Ipv6CidrBlock: c, Ipv6CidrBlockState: CidrState{State: "associated"}})
			continue
		}
		v.CidrBlockAssociationSet = append(v.CidrBlockAssociationSet, VpcCidrBlockAssociation{CidrBlock: c, CidrBlockState: CidrState{State: "associated"}})
	}
	b.Vpcs = append(b.Vpcs, v)
	b.NetworkAcls = append(b.NetworkAcls, NetworkACL{NetworkAclId: "acl-default-" + id, VpcId: id, IsDefault: true, Entries: openEntries()})
}

func openEntries() []NetworkACLEntry {
	var out []NetworkACLEntry
	for _, egress := range []bool{false, true} {
		out = append(out,
			NetworkACLEntry{RuleNumber: 100, Egress: egress, RuleAction: "allow", Protocol: "-1", CidrBlock: "0.0.0.0/0"},
			NetworkACLEntry{RuleNumber: 101, Egress: egress, RuleAction: "allow", Protocol: "-1", Ipv6CidrBlock: "::/0"},
			NetworkACLEntry{RuleNumber: 32767, Egress: egress, RuleAction: "deny", Protocol: "-1", CidrBlock: "0.0.0.0/0"},
			NetworkACLEntry{RuleNumber: 32768, Egress: egress, RuleAction: "deny", Protocol: "-1", Ipv6CidrBlock: "::/0"})
	}
	return out
}

func (b *builder) subnet(id, vpc, zone string, cidrs ...string) {
	s := Subnet{SubnetId: id, VpcId: vpc, AvailabilityZone: zone, CidrBlock: cidrs[0]}
	for _, c := range cidrs[1:] {
		s.Ipv6CidrBlockAssociationSet = append(s.Ipv6CidrBlockAssociationSet, SubnetIpv6CidrBlockAssociation{Ipv6CidrBlock: c, Ipv6CidrBlockState: CidrState{State: "associated"}})
	}
	b.Subnets = append(b.Subnets, s)
}

// table makes a route table for subnets ("main" for the main one); a route is "destination target".
func (b *builder) table(id, vpc string, subnets []string, routes ...string) {
	t := RouteTable{RouteTableId: id, VpcId: vpc}
	for _, s := range subnets {
		a := RouteTableAssociation{SubnetId: s, AssociationState: AssociationState{State: "associated"}}
		switch {
		case s == "main":
			a.SubnetId, a.Main = "", true
		case strings.HasPrefix(s, "igw-"):
			a.SubnetId, a.GatewayId = "", s
		}
		t.Associations = append(t.Associations, a)
	}
	for _, r := range routes {
		t.Routes = append(t.Routes, parseRoute(r))
	}
	b.RouteTables = append(b.RouteTables, t)
}

func parseRoute(text string) Route {
	words := strings.Fields(text)
	r := Route{State: "active", Origin: "CreateRoute"}
	switch to := words[0]; {
	case strings.HasPrefix(to, "pl-"):
		r.DestinationPrefixListId = to
	case strings.Contains(to, ":"):
		r.DestinationIpv6CidrBlock = to
	default:
		r.DestinationCidrBlock = to
	}
	switch target := words[1]; target[:strings.IndexAny(target+"-", "-")] {
	case "nat":
		r.NatGatewayId = target
	case "tgw":
		r.TransitGatewayId = target
	case "pcx":
		r.VpcPeeringConnectionId = target
	case "eigw":
		r.EgressOnlyInternetGatewayId = target
	case "eni":
		r.NetworkInterfaceId = target
	default:
		r.GatewayId = target
	}
	if len(words) > 2 {
		r.Origin = "EnableVgwRoutePropagation"
	}
	return r
}

// acl makes a network ACL; an entry is "number in|out allow|deny protocol[/ports] cidr".
func (b *builder) acl(id, vpc string, subnets []string, entries ...string) {
	a := NetworkACL{NetworkAclId: id, VpcId: vpc}
	for _, s := range subnets {
		a.Associations = append(a.Associations, NetworkACLAssociation{SubnetId: s})
	}
	for _, text := range entries {
		var e NetworkACLEntry
		var dir, service, cidr string
		if _, err := fmt.Sscan(text, &e.RuleNumber, &dir, &e.RuleAction, &service, &cidr); err != nil {
			panic(text)
		}
		e.Egress = dir == "out"
		if strings.Contains(cidr, ":") {
			e.Ipv6CidrBlock = cidr
		} else {
			e.CidrBlock = cidr
		}
		proto, ports, hasPorts := strings.Cut(service, "/")
		e.Protocol = map[string]string{"all": "-1", "tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}[proto]
		if hasPorts {
			if proto == "icmp" || proto == "icmpv6" {
				e.IcmpTypeCode = &IcmpTypeCode{Type: mustType(ports), Code: -1}
			} else {
				r := mustPorts(ports)
				e.PortRange = &r
			}
		}
		a.Entries = append(a.Entries, e)
	}
	b.NetworkAcls = append(b.NetworkAcls, a)
}

func mustType(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func mustPorts(s string) PortRange {
	r, err := ParsePorts(s)
	if err != nil {
		panic(err)
	}
	return r
}

// group makes a security group; a rule is "in|out protocol[/ports] cidr|pl-|sg-".
func (b *builder) group(id, vpc string, rules ...string) {
	g := SecurityGroup{GroupId: id, VpcId: vpc}
	for _, text := range rules {
		words := strings.Fields(text)
		proto, ports, hasPorts := strings.Cut(words[1], "/")
		p := IpPermission{IpProtocol: proto}
		if proto == "all" {
			p.IpProtocol = "-1"
		}
		if hasPorts {
			var r PortRange
			if proto == "icmp" {
				r = PortRange{mustType(ports), -1}
			} else {
				r = mustPorts(ports)
			}
			p.FromPort, p.ToPort = &r.From, &r.To
		}
		switch far := words[2]; {
		case strings.HasPrefix(far, "pl-"):
			p.PrefixListIds = []PrefixListId{{PrefixListId: far}}
		case strings.HasPrefix(far, "sg-"):
			p.UserIdGroupPairs = []UserIdGroupPair{{GroupId: far}}
		case strings.Contains(far, ":"):
			p.Ipv6Ranges = []Ipv6Range{{CidrIpv6: far}}
		default:
			p.IpRanges = []IpRange{{CidrIp: far}}
		}
		if words[0] == "in" {
			g.IpPermissions = append(g.IpPermissions, p)
		} else {
			g.IpPermissionsEgress = append(g.IpPermissionsEgress, p)
		}
	}
	b.SecurityGroups = append(b.SecurityGroups, g)
}

// eni makes a network interface; further addresses are IPv6 ones, or a public IPv4 one written "public:ADDRESS".
func (b *builder) eni(id, subnet, address string, groups []string, more ...string) {
	n := NetworkInterface{NetworkInterfaceId: id, SubnetId: subnet, PrivateIpAddress: address, InterfaceType: "interface"}
	for _, s := range b.Subnets {
		if s.SubnetId == subnet {
			n.VpcId = s.VpcId
		}
	}
	for _, g := range groups {
		n.Groups = append(n.Groups, GroupIdentifier{GroupId: g})
	}
	for _, m := range more {
		if public, ok := strings.CutPrefix(m, "public:"); ok {
			n.Association = &InterfaceAssociation{PublicIp: public}
			continue
		}
		n.Ipv6Addresses = append(n.Ipv6Addresses, InterfaceIpv6Address{Ipv6Address: m})
	}
	n.PrivateIpAddresses = []PrivateIpAddress{{PrivateIpAddress: address, Primary: true, Association: n.Association}}
	b.NetworkInterfaces = append(b.NetworkInterfaces, n)
}

func (b *builder) igw(id, vpc string) {
	b.InternetGateways = append(b.InternetGateways, InternetGateway{InternetGatewayId: id, Attachments: []GatewayAttachment{{State: "available", VpcId: vpc}}})
}

func (b *builder) eigw(id, vpc string) {
	b.EgressOnlyInternetGateways = append(b.EgressOnlyInternetGateways, EgressOnlyInternetGateway{EgressOnlyInternetGatewayId: id, Attachments: []GatewayAttachment{{State: "attached", VpcId: vpc}}})
}

// nat makes a NAT gateway, a private one where public is "".
func (b *builder) nat(id, subnet, private, public string) {
	n := NatGateway{NatGatewayId: id, SubnetId: subnet, State: "available", ConnectivityType: "public",
		NatGatewayAddresses: []NatGatewayAddress{{NetworkInterfaceId: "eni-" + id, PrivateIp: private, PublicIp: public}}}
	if public == "" {
		n.ConnectivityType = "private"
	}
	for _, s := range b.Subnets {
		if s.SubnetId == subnet {
			n.VpcId = s.VpcId
		}
	}
	b.NatGateways = append(b.NatGateways, n)
	b.NetworkInterfaces = append(b.NetworkInterfaces, NetworkInterface{NetworkInterfaceId: "eni-" + id, SubnetId: subnet, VpcId: n.VpcId,
		PrivateIpAddress: private, InterfaceType: "nat_gateway"})
}

func (b *builder) peering(id, a, z, status string) {
	b.VpcPeeringConnections = append(b.VpcPeeringConnections, VpcPeeringConnection{VpcPeeringConnectionId: id,
		RequesterVpcInfo: PeeringVpcInfo{VpcId: a, Region: "eu-west-1"}, AccepterVpcInfo: PeeringVpcInfo{VpcId: z, Region: "eu-west-1"},
		Status: PeeringStatus{Code: status}})
}

// gatewayEndpoint makes a gateway endpoint and the prefix list of its service.
func (b *builder) gatewayEndpoint(id, vpc, list string, cidrs ...string) {
	b.VpcEndpoints = append(b.VpcEndpoints, VpcEndpoint{VpcEndpointId: id, VpcEndpointType: "Gateway", VpcId: vpc, State: "available", ServiceName: "com.amazonaws.eu-west-1.s3"})
	b.prefixList(list, cidrs...)
}

func (b *builder) prefixList(id string, cidrs ...string) {
	l := ManagedPrefixList{PrefixListId: id}
	for _, c := range cidrs {
		l.Entries = append(l.Entries, PrefixListEntry{Cidr: c})
	}
	b.ManagedPrefixLists = append(b.ManagedPrefixLists, l)
}

func (b *builder) tgw(id string, groupReferences bool) {
	g := TransitGateway{TransitGatewayId: id, State: "available"}
	g.Options.SecurityGroupReferencingSupport = map[bool]string{true: "enable", false: "disable"}[groupReferences]
	b.TransitGateways = append(b.TransitGateways, g)
}

func (b *builder) attach(id, tgw, vpc string, subnets ...string) {
	a := TransitGatewayVpcAttachment{TransitGatewayAttachmentId: id, TransitGatewayId: tgw, VpcId: vpc, SubnetIds: subnets, State: "available"}
	a.Options.SecurityGroupReferencingSupport = "enable"
	b.TransitGatewayVpcAttachments = append(b.TransitGatewayVpcAttachments, a)
}

// tgwTable makes a transit gateway route table; a route is "cidr attachment [propagated]" or "cidr blackhole".
func (b *builder) tgwTable(id, tgw string, associated, propagating []string, routes ...string) {
	t := TransitGatewayRouteTable{TransitGatewayRouteTableId: id, TransitGatewayId: tgw}
	for _, a := range associated {
		t.Associations = append(t.Associations, TransitGatewayTableAttachment{TransitGatewayAttachmentId: a, State: "associated"})
	}
	for _, a := range propagating {
		t.Propagations = append(t.Propagations, TransitGatewayTableAttachment{TransitGatewayAttachmentId: a, State: "enabled"})
	}
	for _, text := range routes {
		words := strings.Fields(text)
		r := TransitGatewayRoute{DestinationCidrBlock: words[0], Type: "static", State: "active"}
		if words[1] == "blackhole" {
			r.State = "blackhole"
		} else {
			r.TransitGatewayAttachments = []TransitGatewayTableAttachment{{TransitGatewayAttachmentId: words[1], ResourceType: "vpc"}}
		}
		if len(words) > 2 {
			r.Type = words[2]
		}
		t.Routes = append(t.Routes, r)
	}
	b.TransitGatewayRouteTables = append(b.TransitGatewayRouteTables, t)
}
