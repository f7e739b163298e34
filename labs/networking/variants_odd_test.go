package networking

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/reach"
)

// The variants here break a property in ways that no fault does, or keep it in ways that the reference does not.

func TestChecksTellOddVariantsApart(t *testing.T) {
	for _, list := range [][]variant{managedVariants(), routeVariants(), oddPeeringVariants(), oddFlowLogVariants(), serviceVariants(), oddPolicyVariants()} {
		for _, v := range list {
			t.Run(v.check+": "+v.name, func(t *testing.T) {
				a := load(t, reference)
				v.change(a)
				finding := judged(t, a)[v.check]
				assert.Equal(t, v.want, finding.Status, "%v", finding.Found)
				assert.Contains(t, strings.Join(finding.Found, "\n"), v.says)
			})
		}
	}
}

func addRoutes(table *reach.RouteTable, routes ...reach.Route) {
	table.Routes = append(table.Routes, routes...)
}

// addHost puts another host like the named one beside it, or into another subnet.
func (a *account) addHost(like, subnet, address string) *reach.NetworkInterface {
	host := *a.host(like)
	host.NetworkInterfaceId, host.SubnetId, host.PrivateIpAddress = "eni-0add0add0add0add0", a.subnet(subnet).SubnetId, address
	host.PrivateIpAddresses, host.Ipv6Addresses = []reach.PrivateIpAddress{{PrivateIpAddress: address, Primary: true}}, nil
	host.TagSet = append(reach.Tags(nil), host.TagSet...)
	setTag(host.TagSet, "Name", "added")
	a.Network.NetworkInterfaces = append(a.Network.NetworkInterfaces, host)
	return &a.Network.NetworkInterfaces[len(a.Network.NetworkInterfaces)-1]
}

// managed makes AWS the owner of a tier's hosts, who are told by their description alone.
func managed(tier, description string) func(*account) {
	return func(a *account) {
		for _, zone := range []string{"us-east-1a", "us-east-1b"} {
			host := a.host(tier + "-" + zone)
			host.RequesterManaged, host.Description, host.TagSet = true, description, nil
		}
	}
}

func managedVariants() []variant {
	const rds = "RDSNetworkInterface"
	return []variant{
		{"net-edge-443", "load balancers serve customers", managed("public", "ELB app/edge/0123456789abcdef"), checks.Pass, "443 only"},
		{"net-app-db", "the database is RDS", managed("data", rds), checks.Pass, "2 database hosts"},
		{"net-sg-chain", "the database is RDS", managed("data", rds), checks.Pass, "nobody else"},
		{"net-sg-chain", "an RDS database with an open group beside one that is closed", func(a *account) {
			group := *a.group("data")
			group.GroupId, group.Tags = "sg-0add0add0add0add0", nil
			openAll(&group)
			a.Network.SecurityGroups = append(a.Network.SecurityGroups, group)
			host := a.addHost("data-us-east-1a", "data-us-east-1a", "10.16.32.77")
			host.RequesterManaged, host.Description, host.TagSet = true, rds, nil
			host.Groups = []reach.GroupIdentifier{{GroupId: group.GroupId}}
		}, checks.Fail, "0.0.0.0/0"},
		{"net-app-db", "the application is a set of Fargate tasks", managed("app", "arn:aws:ecs:us-east-1:123456789012:attachment/0b1c"), checks.Pass, "2 app hosts"},
		{"net-sg-chain", "a bastion in an app subnet wears the app group", func(a *account) {
			setTag(a.addHost("app-us-east-1a", "app-us-east-1a", "10.16.16.77").TagSet, roleTag, "bastion")
		}, checks.Fail, "outside the app tier"},
		{"net-data-isolated", "a database host in a public subnet", func(a *account) {
			a.addHost("data-us-east-1a", "public-us-east-1a", "10.16.0.77")
		}, checks.Fail, "stands outside the tier"},
	}
}

func routeVariants() []variant {
	natA := func(a *account) string { return a.nat("nat-us-east-1a").NatGatewayId }
	natB := func(a *account) string { return a.nat("nat-us-east-1b").NatGatewayId }
	eigw := func(a *account) string { return a.Network.EgressOnlyInternetGateways[0].EgressOnlyInternetGatewayId }
	const nat, v6, hole = "net-nat-per-az", "net-v6-egress", "net-blackhole"
	return []variant{
		{nat, "half of the internet through the other zone", func(a *account) {
			addRoutes(a.table("app-us-east-1a"), reach.Route{DestinationCidrBlock: "0.0.0.0/1", NatGatewayId: natB(a)})
		}, checks.Fail, "route 0.0.0.0/1"},
		{nat, "a partner's range through the other zone", func(a *account) {
			addRoutes(a.table("app-us-east-1a"), reach.Route{DestinationCidrBlock: "203.0.113.0/24", NatGatewayId: natB(a)})
		}, checks.Fail, "route 203.0.113.0/24"},
		{nat, "half of the internet by the internet gateway", func(a *account) {
			addRoutes(a.table("app-us-east-1a"), reach.Route{DestinationCidrBlock: "0.0.0.0/1", GatewayId: a.gateway()})
		}, checks.Fail, "no NAT gateway"},
		{nat, "two halves by the zone's own gateway", func(a *account) {
			table := a.table("app-us-east-1a")
			a.route(table, "0.0.0.0/0").DestinationCidrBlock = "0.0.0.0/1"
			addRoutes(table, reach.Route{DestinationCidrBlock: "128.0.0.0/1", NatGatewayId: natA(a)})
		}, checks.Pass, "own zone"},
		{nat, "a partner's private range by a virtual private gateway", func(a *account) {
			addRoutes(a.table("app-us-east-1a"), reach.Route{DestinationCidrBlock: "172.20.0.0/16", GatewayId: "vgw-0123"})
		}, checks.Pass, "own zone"},
		{nat, "the gateway reaches half of the internet", func(a *account) {
			a.route(a.table("public"), "0.0.0.0/0").DestinationCidrBlock = "128.0.0.0/1"
		}, checks.Fail, "has no route for 0.0.0.0/5"},
		{nat, "the gateway sends half of the internet to the other one", func(a *account) {
			addRoutes(a.table("public"), reach.Route{DestinationCidrBlock: "0.0.0.0/1", NatGatewayId: natB(a)})
		}, checks.Fail, "sends 0.0.0.0/1"},
		{nat, "a closed ACL behind a closed group", func(a *account) {
			a.group("app").IpPermissionsEgress = nil
			acl := a.acl("app")
			acl.Entries = append(acl.Entries, reach.NetworkACLEntry{RuleNumber: 1, Egress: true, RuleAction: "deny", Protocol: "-1", CidrBlock: "0.0.0.0/0"})
		}, checks.Fail, "Network ACL"},
		{v6, "all addresses in use instead of all", func(a *account) {
			for _, name := range []string{"app-us-east-1a", "app-us-east-1b"} {
				a.route(a.table(name), "::/0").DestinationIpv6CidrBlock = "2000::/3"
			}
		}, checks.Pass, "egress-only"},
		{v6, "all addresses in use by a transit gateway", func(a *account) {
			addRoutes(a.table("app-us-east-1a"), reach.Route{DestinationIpv6CidrBlock: "2000::/3", TransitGatewayId: "tgw-0123"})
		}, checks.Fail, "2000::/3"},
		{v6, "a registry's addresses by an appliance", func(a *account) {
			addRoutes(a.table("app-us-east-1a"), reach.Route{DestinationIpv6CidrBlock: "2600::/12", NetworkInterfaceId: a.host("public-us-east-1a").NetworkInterfaceId})
		}, checks.Fail, "2600::/12"},
		{v6, "a partner's addresses by the gateway too", func(a *account) {
			addRoutes(a.table("app-us-east-1a"), reach.Route{DestinationIpv6CidrBlock: "2001:db8::/32", EgressOnlyInternetGatewayId: eigw(a)})
		}, checks.Pass, "egress-only"},
		{hole, "an interface that is attached to nothing", func(a *account) {
			addRoutes(a.table("shared"), reach.Route{DestinationCidrBlock: "192.168.0.0/24", NetworkInterfaceId: a.host("shared-us-east-1a").NetworkInterfaceId})
		}, checks.Fail, "attached to nothing"},
		{hole, "an appliance that runs", func(a *account) {
			host := a.host("shared-us-east-1a")
			host.Status, host.Attachment = "in-use", &reach.InterfaceAttachment{InstanceId: "i-0123"}
			addRoutes(a.table("shared"), reach.Route{DestinationCidrBlock: "192.168.0.0/24", NetworkInterfaceId: host.NetworkInterfaceId})
		}, checks.Pass, "carries packets"},
		{hole, "a virtual private gateway that was detached", func(a *account) {
			addRoutes(a.table("dev"), reach.Route{DestinationCidrBlock: "10.0.0.0/13", GatewayId: "vgw-0123", State: "blackhole"})
		}, checks.Fail, "vgw-0123"},
		{"net-no-overlap", "a range that is being added", func(a *account) {
			vpc := a.vpc("dev")
			vpc.CidrBlockAssociationSet = append(vpc.CidrBlockAssociationSet, reach.VpcCidrBlockAssociation{CidrBlock: "10.4.0.0/16", CidrBlockState: reach.CidrState{State: "associating"}})
		}, checks.Fail, "10.4.0.0/16"},
		{"net-no-overlap", "a range that was taken away", func(a *account) {
			vpc := a.vpc("dev")
			vpc.CidrBlockAssociationSet = append(vpc.CidrBlockAssociationSet, reach.VpcCidrBlockAssociation{CidrBlock: "10.4.0.0/16", CidrBlockState: reach.CidrState{State: "disassociated"}})
		}, checks.Pass, "Disjoint"},
	}
}

func oddPeeringVariants() []variant {
	const check = "net-peer-routes"
	devShared := func(a *account) string { return a.peering("dev-shared").VpcPeeringConnectionId }
	return []variant{
		{check, "half of the way back", func(a *account) {
			a.route(a.table("shared"), "10.32.0.0/24").DestinationCidrBlock = "10.32.0.0/25"
		}, checks.Fail, "no route leads back"},
		{check, "half of the way there", func(a *account) {
			a.route(a.table("dev"), "10.48.0.0/24").DestinationCidrBlock = "10.48.0.0/25"
		}, checks.Fail, "no route leads back"},
		{check, "the way back in two halves", func(a *account) {
			a.route(a.table("shared"), "10.32.0.0/24").DestinationCidrBlock = "10.32.0.0/25"
			addRoutes(a.table("shared"), reach.Route{DestinationCidrBlock: "10.32.0.128/25", VpcPeeringConnectionId: devShared(a)})
		}, checks.Pass, "nothing else"},
		{check, "IPv6 one way", func(a *account) {
			a.subnet("shared-us-east-1a").Ipv6CidrBlockAssociationSet = []reach.SubnetIpv6CidrBlockAssociation{{Ipv6CidrBlock: "2001:db8:1::/64"}}
			addRoutes(a.table("app-us-east-1a"), reach.Route{DestinationIpv6CidrBlock: "2001:db8:1::/64", VpcPeeringConnectionId: a.peering("prod-shared").VpcPeeringConnectionId})
		}, checks.Fail, "no route leads back"},
		{check, "a prefix list that cannot be read", func(a *account) {
			addRoutes(a.table("dev"), reach.Route{DestinationPrefixListId: "pl-0123", VpcPeeringConnectionId: devShared(a)})
		}, checks.Fail, "not known"},
		{check, "by a core network", func(a *account) {
			addRoutes(a.table("dev"), reach.Route{DestinationCidrBlock: "10.16.0.0/16", CoreNetworkArn: "arn:aws:networkmanager::123456789012:core-network/core-network-0123"})
		}, checks.Fail, "10.16.0.0/16"},
	}
}

func oddFlowLogVariants() []variant {
	const check = "net-flow-logs"
	pair := func(first, second string) func(*account) {
		return func(a *account) {
			other := a.FlowLogs[0]
			a.FlowLogs[0].TrafficType, other.FlowLogId, other.TrafficType = first, "fl-0add0add0add0add0", second
			a.FlowLogs = append(a.FlowLogs, other)
		}
	}
	allow := func(condition string) func(*account) {
		return func(a *account) {
			a.Roles[0].Policies = []inventory.PolicyDocument{{Name: "deliver", Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*","Condition":` + condition + `}}`}}
		}
	}
	return []variant{
		{check, "one for what is accepted and one for what is rejected", pair("ACCEPT", "REJECT"), checks.Pass, "fl-0add0add0add0add0"},
		{check, "two for what is accepted", pair("ACCEPT", "ACCEPT"), checks.Fail, "ACCEPT traffic only"},
		{check, "another account's role of the same name", func(a *account) {
			a.FlowLogs[0].DeliverLogsPermissionArn = strings.ReplaceAll(a.FlowLogs[0].DeliverLogsPermissionArn, fixtureAccount, "999999999999")
		}, checks.Fail, "not of this account"},
		{check, "another region's log group of the same name", func(a *account) {
			a.FlowLogs[0].LogDestination = strings.ReplaceAll(a.FlowLogs[0].LogDestination, fixtureRegion, "eu-west-1")
		}, checks.Fail, "not a log group of this account and region"},
		{check, "a role for this region", allow(`{"StringEquals":{"aws:RequestedRegion":"us-east-1"},"Bool":{"aws:SecureTransport":"true"}}`), checks.Pass, "all traffic"},
		{check, "a role for another region", allow(`{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`), checks.Fail, "no policy allows"},
	}
}

func serviceVariants() []variant {
	second := func(a *account) *reach.Vpc {
		vpc := *a.vpc("prod")
		vpc.VpcId, vpc.CidrBlock = "vpc-0add0add0add0add0", "10.64.0.0/16"
		a.Network.Vpcs = append(a.Network.Vpcs, vpc)
		return &vpc
	}
	service := func(name string) func(*account) {
		return func(a *account) { a.endpoint("kms").ServiceName = name }
	}
	return []variant{
		{"net-tiers-az", "a tier whose second zone is in a second prod VPC", func(a *account) {
			a.subnet("data-us-east-1b").VpcId = second(a).VpcId
		}, checks.Fail, "Tier data of the prod VPC is in zone"},
		{"net-tiers-az", "a tier that is in a second prod VPC as a whole", func(a *account) {
			id := second(a).VpcId
			a.subnet("data-us-east-1a").VpcId, a.subnet("data-us-east-1b").VpcId = id, id
		}, checks.Pass, "Tier data spans"},
		{"net-if-endpoint", "for another service than KMS", service("com.amazonaws.us-east-1.sqs"), checks.Fail, "for KMS"},
		{"net-if-endpoint", "for KMS by validated modules", service("com.amazonaws.us-east-1.kms-fips"), checks.Pass, "443 only"},
		{"net-endpoint-policy", "a partner's service, which takes no policy", func(a *account) {
			partners := *a.endpoint("kms")
			partners.VpcEndpointId, partners.ServiceName, partners.PolicyDocument, partners.Tags = "vpce-0add0add0add0add0", "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", "", nil
			a.Network.VpcEndpoints = append(a.Network.VpcEndpoints, partners)
		}, checks.Pass, "s3"},
		{"net-endpoint-policy", "a second, open endpoint for S3", func(a *account) {
			open := *a.endpoint("kms")
			open.VpcEndpointId, open.ServiceName, open.PolicyDocument, open.Tags = "vpce-0add0add0add0add0", "com.amazonaws.us-east-1.s3", "", nil
			a.Network.VpcEndpoints = append(a.Network.VpcEndpoints, open)
		}, checks.Fail, "vpce-0add0add0add0add0"},
	}
}

// oddPolicyVariants are policies of an endpoint, of which the reference's own statement is one where OWN stands.
func oddPolicyVariants() []variant {
	const check, s3, kms = "net-endpoint-policy", "s3", "kms"
	const bucket = "labctl-reference-" + fixtureAccount + "-" + fixtureRegion
	const ofAccount = `"StringEquals":{"aws:PrincipalAccount":"` + fixtureAccount + `"}`
	fill := strings.NewReplacer(
		"OWN", `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":BUCKET,"Condition":{`+ofAccount+`}}`,
		"BUCKET", `["arn:aws:s3:::`+bucket+`","arn:aws:s3:::`+bucket+`/*"]`, "ACCOUNT", ofAccount)
	statements := func(endpoint, text string) func(*account) {
		return func(a *account) {
			a.endpoint(endpoint).PolicyDocument = `{"Version":"2012-10-17","Statement":[` + fill.Replace(fill.Replace(text)) + `]}`
		}
	}
	allow := func(resource, condition string) string {
		return `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":` + resource + `,"Condition":{` + condition + `}}`
	}
	const foreign, elsewhere = "not of this account", "not the lab's"
	return []variant{
		{check, "accounts by a wildcard", statements(s3, allow("BUCKET", `"StringLike":{"aws:PrincipalAccount":"1234*"}`)), checks.Fail, foreign},
		{check, "accounts by a single wildcard", statements(s3, allow("BUCKET", `"StringLike":{"aws:PrincipalAccount":"12345678901?"}`)), checks.Fail, foreign},
		{check, "roles of accounts by a wildcard", statements(s3, "OWN,"+allow("BUCKET", `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::12345678901?:role/app"}`)), checks.Fail, foreign},
		{check, "a role of any account by its name", statements(s3, "OWN,"+allow("BUCKET", `"StringLike":{"aws:PrincipalArn":"*:role/app"}`)), checks.Fail, foreign},
		{check, "all but one account", statements(s3, allow("BUCKET", `"StringNotEquals":{"aws:PrincipalAccount":["999999999999","anonymous"]}`)), checks.Fail, foreign},
		{check, "a role of any account by its name, of this account", statements(s3, allow("BUCKET", `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"},ACCOUNT`)), checks.Pass, bucket},
		{check, "roles of this account", statements(s3, allow("BUCKET", `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/*"}`)), checks.Pass, bucket},
		{check, "the account of an organization", statements(s3, allow("BUCKET", `"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5","aws:PrincipalAccount":"123456789012"}`)), checks.Pass, bucket},
		{check, "any bucket by a number", statements(s3, "OWN,"+allow(`"*"`, `"NumericGreaterThan":{"s3:max-keys":"5"},ACCOUNT`)), checks.Fail, elsewhere},
		{check, "any bucket after a date", statements(s3, "OWN,"+allow(`"*"`, `"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"},ACCOUNT`)), checks.Fail, elsewhere},
		{check, "any bucket without encryption", statements(s3, "OWN,"+allow(`"*"`, `"Bool":{"aws:SecureTransport":"false"},ACCOUNT`)), checks.Fail, elsewhere},
		{check, "any bucket for a tag other than one", statements(s3, "OWN,"+allow(`"*"`, `"StringNotEquals":{"aws:PrincipalTag/team":"x"},"Null":{"aws:PrincipalTag/team":"false"},ACCOUNT`)), checks.Fail, elsewhere},
		{check, "two statements that want two values of one key", statements(s3, "OWN,"+allow(`"*"`, `"StringLike":{"s3:prefix":"a"},ACCOUNT`)+`,{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"b"}}}`), checks.Fail, elsewhere},
		{check, "a bucket by the caller's tag", statements(s3, "OWN,"+allow(`"arn:aws:s3:::team-${aws:PrincipalTag/team}/*"`, `ACCOUNT`)), checks.Fail, elsewhere},
		{check, "everything but the caller's bucket denied", statements(s3, allow(`"*"`, `ACCOUNT`)+`,{"Effect":"Deny","Principal":"*","Action":"s3:*","NotResource":["arn:aws:s3:::`+bucket+`*","arn:aws:s3:::team-${aws:PrincipalTag/team}/*"]}`), checks.Fail, elsewhere},
		{check, "only encrypted and only under a prefix", statements(s3, allow("BUCKET", `"StringLike":{"s3:prefix":"documents/*"},"Bool":{"aws:SecureTransport":"true"},ACCOUNT`)+`,{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`), checks.Pass, bucket},
		{check, "all but some actions on any bucket", statements(s3, `OWN,{"Effect":"Allow","Principal":"*","NotAction":["s3:GetObject","s3:PutObject","s3:ListBucket"],"Resource":"*","Condition":{ACCOUNT}}`), checks.Fail, elsewhere},
		{check, "all buckets but one", statements(s3, `{"Effect":"Allow","Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::other/*","Condition":{ACCOUNT}}`), checks.Fail, elsewhere},
		{check, "all principals but one account's", statements(kms, `{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"kms:*","Resource":"*"}`), checks.Fail, foreign},
		{check, "callers of this account, as KMS says it", statements(kms, `{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":"123456789012"}}}`), checks.Pass, bucket},
		{check, "callers of two accounts, as KMS says it", statements(kms, `{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:CallerAccount":["123456789012","210987654321"]}}}`), checks.Fail, foreign},
	}
}
