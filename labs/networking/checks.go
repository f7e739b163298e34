package networking

import "labctl/checks"

// allChecks are the lab's properties, in the order of its table.
func allChecks() []checks.Check {
	all := zoneChecks()
	all = append(all, pathChecks()...)
	all = append(all, routeChecks()...)
	all = append(all, endpointChecks()...)
	all = append(all, environmentChecks()...)
	return append(all, hygieneChecks()...)
}

func zoneChecks() []checks.Check {
	return []checks.Check{{
		ID:          "net-tiers-az",
		Title:       "Every tier spans at least two zones",
		Requirement: zoneLoss,
		Evidence:    checks.Config,
		Refs:        []string{"REL10-BP01", "Config vpc subnet checks"},
		Expected:    "Each tier (public, app and data in prod, dev, shared) has subnets in two or more Availability Zones.",
		Why:         "A tier in one zone is as available as that zone: whatever stands above and below it waits.",
		Hint:        "A tier is the subnets with one value of labctl:role. List them with their zones.",
		Decide:      judge(allTiers(), decideTiersAZ),
	}}
}

func pathChecks() []checks.Check {
	return []checks.Check{{
		ID:          "net-data-isolated",
		Title:       "The data tier cannot reach the internet, IPv4 or IPv6",
		Requirement: cardData,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC05-BP02", "no-unrestricted-route-to-igw"},
		Needs:       []checks.Capability{subnetIPv6, natGateways},
		Expected:    "No packet from any host in a data subnet, there now or launched later, has a way to any address of the internet, whatever security groups and network ACLs say.",
		Why:         "What has no route out cannot leak, whoever gets in and whichever security group they edit.",
		Hint:        "Which route table is in force for each data subnet, and what takes the addresses that no narrower route takes?",
		Decide:      judge([]tier{dataTier}, decideDataIsolated),
	}, {
		ID:          "net-edge-443",
		Title:       "From the internet only the public tier can be reached, and only on 443",
		Requirement: customers,
		Evidence:    checks.Analysis,
		Refs:        []string{"EC2.13", "EC2.18", "EC2.19"},
		Needs:       []checks.Capability{subnetIPv6, interfaceAddresses, elasticAddresses},
		Expected:    "Routes, gateways and security groups let tcp/443 from the internet to hosts in public subnets and nothing else to anything, on IPv4 and IPv6; a public host answers on 443.",
		Why:         "An open management port is found within minutes, and the IPv6 rule is the one that nobody looks at.",
		Hint:        "Read the inbound rules of every group that an internet-facing host wears, for 0.0.0.0/0 and for ::/0.",
		Decide:      judge([]tier{publicTier}, decideEdge443),
	}, {
		ID:          "net-app-db",
		Title:       "The app tier in each zone reaches the database on 5432, replies included",
		Requirement: database,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC05-BP02"},
		Needs:       []checks.Capability{interfaceAddresses, networkACLEntries},
		Expected:    "Every app host reaches every database host on tcp/5432 from every client port (1024-65535), and the replies come back.",
		Why:         "A network ACL is stateless: a connection works only when the replies to the client's port are let out as well.",
		Hint:        "Follow the reply. Which ports does a client use, and which of them does each rule of the ACLs on the way let through, in order of number?",
		Decide:      judge([]tier{appTier, dataTier}, decideAppDB),
	}, {
		ID:          "net-sg-chain",
		Title:       "The database is open only by reference to the app security group",
		Requirement: database,
		Evidence:    checks.ConfigAndAnalysis,
		Refs:        []string{"SEC05-BP01"},
		Needs:       []checks.Capability{interfaceAddresses},
		Expected:    "Every inbound rule of the database's groups refers to the app's group, which only app hosts wear; nobody else gets in even if the network ACLs allow everything.",
		Why:         "A range admits whatever gets an address in it; a reference admits a role.",
		Hint:        "Look at the sources of the database group's inbound rules.",
		Decide:      judge([]tier{appTier, dataTier}, decideSGChain),
	}}
}

func routeChecks() []checks.Check {
	return []checks.Check{{
		ID:          "net-nat-per-az",
		Title:       "Each app subnet leaves by a live public NAT gateway in its own zone, which itself reaches the internet",
		Requirement: zoneLoss,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL10-BP01", "REL11-BP05"},
		Needs:       []checks.Capability{natGateways, elasticAddresses},
		Expected:    "The default route of each app subnet leads to a public NAT gateway in the same zone, and a connection through it gets to the internet and back.",
		Why:         "A NAT gateway lives in one zone: share it between zones and the loss of one takes the other's egress along.",
		Hint:        "For each app subnet: its default route, the gateway's zone, and then the routes and the ACL of the subnet that the gateway stands in.",
		Decide:      judge([]tier{appTier}, decideNATPerAZ),
	}, {
		ID:          "net-default-sg",
		Title:       "Default security groups have no rules",
		Requirement: closedDefaults,
		Evidence:    checks.Config,
		Refs:        []string{"EC2.2", "vpc-default-security-group-closed"},
		Needs:       []checks.Capability{defaultSecurityGroup},
		Expected:    "The group named default of each VPC has no inbound and no outbound rule.",
		Why:         "Whoever forgets to name a group gets this one: it should be the safest in the VPC.",
		Hint:        "Look at the groups that nobody made.",
		Decide:      judge(allVPCs(), decideDefaultSG),
	}, {
		ID:          "net-main-rt",
		Title:       "Main route tables are local-only and no subnet falls back to one",
		Requirement: closedDefaults,
		Evidence:    checks.Config,
		Refs:        []string{"SEC05-BP01"},
		Expected:    "The main route table of each VPC has local routes only, and every subnet is associated with a table of its own.",
		Why:         "A subnet that loses its association does not lose its routes: it gets those of the main table.",
		Hint:        "Every VPC has one table that is in force where no other is.",
		Decide:      judge(allVPCs(), decideMainRT),
	}, {
		ID:          "net-blackhole",
		Title:       "No route points to a missing or inactive target",
		Requirement: closedDefaults,
		Evidence:    checks.Analysis,
		Refs:        []string{"Reachability Analyzer code BAD_STATE_ROUTE"},
		Expected:    "Every route's target exists and is in a state that carries packets.",
		Why:         "The longest prefix wins even when its target is dead: a forgotten route drops what a shorter one would deliver.",
		Hint:        "Take each route's target and look whether it is still there.",
		Decide:      judge(allVPCs(), decideBlackhole),
	}}
}

func endpointChecks() []checks.Check {
	return []checks.Check{{
		ID:          "net-gw-endpoint",
		Title:       "S3 traffic of the app and data tiers leaves by the gateway endpoint",
		Requirement: privateServices,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC05-BP02"},
		Needs:       []checks.Capability{gatewayEndpoints},
		Expected:    "In every app and data subnet, each address of S3's prefix list is routed to an S3 gateway endpoint.",
		Why:         "An endpoint serves only the route tables that it is associated with, and a longer prefix beats it.",
		Hint:        "Compare the prefix list's entries with every route of the table, not only with the default route.",
		Decide:      judge([]tier{appTier, dataTier}, decideGatewayEndpoint),
	}, {
		ID:          "net-endpoint-policy",
		Title:       "Endpoints allow only the lab's bucket and the account's own principals",
		Requirement: privateServices,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC03-BP05", "Prowler vpc_endpoint_connections_trust_boundaries"},
		Needs:       []checks.Capability{gatewayEndpoints, interfaceEndpoints},
		Expected:    "Through each endpoint the account's own principals are served, those of other accounts are not, and through S3's no bucket but the lab's can be reached.",
		Why:         "With the default policy a thief inside uses his own keys and his own bucket, through your private endpoint.",
		Hint:        "Read the endpoint's policy as a request would: whose principal, which bucket?",
		Decide:      judge([]tier{prodVPC}, decideEndpointPolicy),
	}, {
		ID:          "net-if-endpoint",
		Title:       "The interface endpoint stands in two zones with private DNS on, open to the app tier on 443 only",
		Requirement: privateServices,
		Evidence:    checks.ConfigAndAnalysis,
		Refs:        []string{"EC2.10", "Prowler vpc_endpoint_multi_az_enabled"},
		Needs:       []checks.Capability{interfaceEndpoints, interfaceAddresses},
		Expected:    "KMS has an interface endpoint in prod, and each interface endpoint there is available in two zones or more with private DNS; app hosts reach it on tcp/443, and nobody reaches it otherwise.",
		Why:         "Without private DNS the service's name still resolves, to public addresses: everything works and nothing is private.",
		Hint:        "An endpoint has subnets, a DNS setting and security groups.",
		Decide:      judge([]tier{appTier}, decideInterfaceEndpoint),
	}}
}

func environmentChecks() []checks.Check {
	return []checks.Check{{
		ID:          "net-env-split",
		Title:       "Dev and prod cannot reach each other in either direction; both reach shared",
		Requirement: environments,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC01-BP01", "REL02-BP04"},
		Needs:       []checks.Capability{peeringConnections, interfaceAddresses},
		Expected:    "No packet gets from any host in dev to any in prod or back, there now or launched later; app and dev hosts reach the shared hosts on tcp/443.",
		Why:         "Two networks are apart when no route joins them: a security group is one edit away from open.",
		Hint:        "List every connection that ends in dev or in prod, and the routes that use it.",
		Decide:      judge([]tier{appTier, devTier, sharedTier}, decideEnvSplit),
	}, {
		ID:          "net-peer-routes",
		Title:       "Routes between VPCs cover only the shared subnets, and both directions exist",
		Requirement: environments,
		Evidence:    checks.ConfigAndAnalysis,
		Refs:        []string{"Config vpc-peering least-privilege routing"},
		Needs:       []checks.Capability{peeringConnections},
		Expected:    "Over a peering or transit gateway, prod and dev have routes to the shared subnets only, and the shared VPC to the subnets that use it only; each has its way back.",
		Why:         "A connection between VPCs is as wide as its routes, and useless in one direction.",
		Hint:        "Compare the routes on both sides of each connection with the subnets that have to talk.",
		Decide:      judge([]tier{prodVPC, devVPC, sharedTier}, decidePeerRoutes),
	}, {
		ID:          "net-no-overlap",
		Title:       "All VPC and reserved ranges are disjoint",
		Requirement: addressPlan,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL02-BP05"},
		Expected:    "No range of a VPC, primary or secondary, shares addresses with another VPC's or with the data centre's 10.0.0.0/13.",
		Why:         "Overlapping networks cannot be connected later without translating or moving one of them.",
		Hint:        "A VPC can have more than one range.",
		Decide:      judge(allVPCs(), decideNoOverlap),
	}}
}

func hygieneChecks() []checks.Check {
	return []checks.Check{{
		ID:          "net-headroom",
		Title:       "Every subnet has half its addresses free and is /26 or larger",
		Requirement: addressPlan,
		Evidence:    checks.Config,
		Refs:        []string{"REL02-BP03"},
		Expected:    "Each subnet's IPv4 range is a /26 or larger, and at least half of it is free.",
		Why:         "A subnet cannot grow: what scales out or is replaced needs a second set of addresses for a while.",
		Hint:        "AWS keeps five addresses of every subnet, however small.",
		Decide:      judge(allVPCs(), decideHeadroom),
	}, {
		ID:          "net-dns",
		Title:       "DNS support and hostnames are on, and peerings resolve private names",
		Requirement: addressPlan,
		Evidence:    checks.Config,
		Refs:        []string{"vpc-peering-dns-resolution-check"},
		Needs:       []checks.Capability{peeringConnections},
		Expected:    "Every VPC has DNS support and DNS hostnames on; a peering with the shared VPC lets both sides resolve the other's names to private addresses.",
		Why:         "Without these attributes private names resolve to nothing, or to public addresses outside.",
		Hint:        "They are attributes of the VPC and options of the peering, one for each side.",
		Decide:      judge(allVPCs(), decideDNS),
	}, {
		ID:          "net-v6-egress",
		Title:       "In private subnets ::/0 leads only to an egress-only gateway",
		Requirement: outbound,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC05-BP02"},
		Needs:       []checks.Capability{subnetIPv6},
		Expected:    "Every IPv6 default route of a private subnet leads to a live egress-only internet gateway, and app subnets have one.",
		Why:         "Every IPv6 address is public: behind an internet gateway a private subnet is private by its security groups alone.",
		Hint:        "There is no NAT for IPv6. Two gateways take ::/0, and one of them lets connections in.",
		Decide:      judge([]tier{appTier, dataTier}, decideV6Egress),
	}, {
		ID:          "net-no-auto-public",
		Title:       "Private subnets give no public addresses",
		Requirement: outbound,
		Evidence:    checks.Config,
		Refs:        []string{"EC2.15"},
		Expected:    "No subnet outside the public tier assigns public IPv4 addresses at launch.",
		Why:         "A public address on a private host is one route away from an open host, and is billed by the hour.",
		Hint:        "It is an attribute of the subnet.",
		Decide:      judge([]tier{appTier, dataTier, devTier, sharedTier}, decideNoAutoPublic),
	}, {
		ID:          "net-flow-logs",
		Title:       "Every VPC logs all traffic, and delivery works",
		Requirement: records,
		Evidence:    checks.Config,
		Refs:        []string{"EC2.6"},
		Needs:       []checks.Capability{flowLogDelivery},
		Expected:    "Each VPC has an active flow log of type ALL whose log group exists and whose role the service may assume and may write with.",
		Why:         "A flow log that cannot deliver looks like one that has nothing to say.",
		Hint:        "Type, status, log group, and then the role: who may assume it, and what may it do?",
		Decide:      judge(allVPCs(), decideFlowLogs),
	}}
}
