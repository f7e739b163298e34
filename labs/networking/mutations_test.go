package networking

import (
	"maps"
	"slices"
	"strings"

	"labctl/checks/inventory"
	"labctl/checks/reach"
)

// mutations change a fixture as the fault with the same id changes the live lab.
func mutations() map[string]func(*account) {
	all := routeMutations()
	maps.Copy(all, otherMutations())
	return all
}

// brokenIDs are the ids of the mutations, in order.
func brokenIDs() []string { return slices.Sorted(maps.Keys(mutations())) }

func routeMutations() map[string]func(*account) {
	return map[string]func(*account){
		"data-nat-route": func(a *account) {
			table := a.table("data")
			table.Routes = append(table.Routes, reach.Route{DestinationCidrBlock: "0.0.0.0/0", NatGatewayId: a.nat("nat-us-east-1a").NatGatewayId, State: "active"})
		},
		"data-main-table": func(a *account) {
			table, main := a.table("data"), a.mainTable("prod")
			id := a.subnet("data-us-east-1a").SubnetId
			table.Associations = slices.DeleteFunc(table.Associations, func(as reach.RouteTableAssociation) bool { return as.SubnetId == id })
			main.Routes = append(main.Routes, reach.Route{DestinationCidrBlock: "0.0.0.0/0", GatewayId: a.gateway(), State: "active"})
		},
		"nat-shared-zone": func(a *account) {
			a.route(a.table("app-us-east-1b"), "0.0.0.0/0").NatGatewayId = a.nat("nat-us-east-1a").NatGatewayId
		},
		"nat-no-internet": func(a *account) {
			table := a.table("public")
			table.Routes = slices.DeleteFunc(table.Routes, func(r reach.Route) bool { return r.DestinationCidrBlock == "0.0.0.0/0" })
		},
		"main-internet-route": func(a *account) {
			main := a.mainTable("prod")
			main.Routes = append(main.Routes, reach.Route{DestinationCidrBlock: "0.0.0.0/0", GatewayId: a.gateway(), State: "active"})
		},
		"dead-target": func(a *account) {
			table := a.table("shared")
			table.Routes = append(table.Routes, reach.Route{DestinationCidrBlock: "192.168.100.0/24", NetworkInterfaceId: "eni-0dead0dead0dead00", State: "active"})
		},
		"s3-unassociated": func(a *account) {
			table, endpoint := a.table("data"), a.endpoint("s3")
			table.Routes = slices.DeleteFunc(table.Routes, func(r reach.Route) bool { return r.GatewayId == endpoint.VpcEndpointId })
			endpoint.RouteTableIds = slices.DeleteFunc(endpoint.RouteTableIds, func(id string) bool { return id == table.RouteTableId })
		},
		"s3-longer-prefix": func(a *account) {
			table := a.table("app-us-east-1a")
			table.Routes = append(table.Routes, reach.Route{DestinationCidrBlock: "52.216.7.0/24", NatGatewayId: a.nat("nat-us-east-1a").NatGatewayId, State: "active"})
		},
		"dev-prod-peering": func(a *account) {
			peering := *a.peering("dev-shared")
			peering.VpcPeeringConnectionId, peering.AccepterVpcInfo = "pcx-0bad0bad0bad0bad0", a.peering("prod-shared").RequesterVpcInfo
			a.Network.VpcPeeringConnections = append(a.Network.VpcPeeringConnections, peering)
			app, dev := a.table("app-us-east-1a"), a.table("dev")
			app.Routes = append(app.Routes, reach.Route{DestinationCidrBlock: a.subnet("dev-us-east-1a").CidrBlock, VpcPeeringConnectionId: peering.VpcPeeringConnectionId, State: "active"})
			dev.Routes = append(dev.Routes, reach.Route{DestinationCidrBlock: a.subnet("app-us-east-1a").CidrBlock, VpcPeeringConnectionId: peering.VpcPeeringConnectionId, State: "active"})
		},
		"peering-widened": func(a *account) {
			table := a.table("dev")
			table.Routes = append(table.Routes, reach.Route{DestinationCidrBlock: a.vpc("shared").CidrBlock, VpcPeeringConnectionId: a.peering("dev-shared").VpcPeeringConnectionId, State: "active"})
		},
		"peering-one-way": func(a *account) {
			table, to := a.table("shared"), a.subnet("dev-us-east-1a").CidrBlock
			table.Routes = slices.DeleteFunc(table.Routes, func(r reach.Route) bool { return r.DestinationCidrBlock == to })
		},
		"v6-internet-gateway": func(a *account) {
			route := a.route(a.table("app-us-east-1a"), "::/0")
			route.EgressOnlyInternetGatewayId, route.GatewayId = "", a.gateway()
		},
	}
}

func otherMutations() map[string]func(*account) {
	return map[string]func(*account){
		"data-one-zone": func(a *account) { setTag(a.subnet("data-us-east-1b").Tags, roleTag, "cache") },
		"edge-ssh-v6": func(a *account) {
			ssh, group := 22, a.group("public")
			group.IpPermissions = append(group.IpPermissions, reach.IpPermission{IpProtocol: "tcp", FromPort: &ssh, ToPort: &ssh, Ipv6Ranges: []reach.Ipv6Range{{CidrIpv6: "::/0"}}})
		},
		"db-reply-ports": func(a *account) {
			for n, e := range a.acl("data").Entries {
				if e.Egress && e.CidrBlock != "" && e.PortRange != nil && e.PortRange.From == 1024 {
					a.acl("data").Entries[n].PortRange = &reach.PortRange{From: 32768, To: 60999}
				}
			}
		},
		"db-early-deny": func(a *account) {
			acl := a.acl("data")
			acl.Entries = append(acl.Entries, reach.NetworkACLEntry{RuleNumber: 50, Egress: true, RuleAction: "deny", Protocol: "6", CidrBlock: "10.16.16.0/20", PortRange: &reach.PortRange{From: 49152, To: 65535}})
		},
		"db-open-vpc": func(a *account) {
			rule := &a.group("data").IpPermissions[0]
			rule.UserIdGroupPairs = nil
			rule.IpRanges = []reach.IpRange{{CidrIp: a.vpc("prod").CidrBlock}}
			rule.Ipv6Ranges = []reach.Ipv6Range{{CidrIpv6: a.vpc("prod").Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock}}
		},
		"default-group-open": func(a *account) {
			group := a.group("prod-default")
			group.IpPermissions = append(group.IpPermissions, reach.IpPermission{IpProtocol: "-1", UserIdGroupPairs: []reach.UserIdGroupPair{{GroupId: group.GroupId}}})
		},
		"endpoint-full-access":    func(a *account) { a.endpoint("s3").PolicyDocument = fullAccess },
		"endpoint-no-private-dns": func(a *account) { a.endpoint("kms").PrivateDnsEnabled = false },
		"overlap-datacentre": func(a *account) {
			vpc := a.vpc("dev")
			vpc.CidrBlockAssociationSet = append(vpc.CidrBlockAssociationSet, reach.VpcCidrBlockAssociation{CidrBlock: "10.4.0.0/16", CidrBlockState: reach.CidrState{State: "associated"}})
		},
		"tiny-subnet": addTinySubnet,
		"dns-hostnames-off": func(a *account) {
			for n := range a.VpcDNS {
				if a.VpcDNS[n].VpcId == a.vpc("dev").VpcId {
					a.VpcDNS[n].EnableDnsHostnames = false
				}
			}
		},
		"auto-public-ip": func(a *account) { a.subnet("app-us-east-1a").MapPublicIpOnLaunch = true },
		"flow-reject-only": func(a *account) {
			id := a.vpc("dev").VpcId
			one(a, "flow log", a.FlowLogs, func(l *inventory.FlowLog) bool { return l.ResourceId == id }).TrafficType = "REJECT"
		},
		"flow-role-silent": func(a *account) {
			policy := &a.Roles[0].Policies[0]
			policy.Document = strings.ReplaceAll(policy.Document, putEvents, "logs:GetLogEvents")
		},
	}
}

func addTinySubnet(a *account) {
	beside := *a.subnet("app-us-east-1a")
	table, back := a.table("app-us-east-1a"), a.table("shared")
	tiny := beside
	tiny.SubnetId, tiny.CidrBlock, tiny.AvailableIpAddressCount, tiny.Ipv6CidrBlockAssociationSet = "subnet-07117117117117110", "10.16.255.240/28", 11, nil
	tiny.Tags = reach.Tags{{Key: roleTag, Value: "app"}}
	a.Network.Subnets = append(a.Network.Subnets, tiny)
	table.Associations = append(table.Associations, reach.RouteTableAssociation{RouteTableAssociationId: "rtbassoc-07117117", SubnetId: tiny.SubnetId})
	route := *a.route(back, beside.CidrBlock)
	route.DestinationCidrBlock = tiny.CidrBlock
	back.Routes = append(back.Routes, route)
}
