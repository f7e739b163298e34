package networking

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/reach"
)

// variant is a change to the reference, and what one check has to say about it.
type variant struct {
	check  string
	name   string
	change func(*account)
	want   checks.Status
	says   string // in what was found
}

func TestChecksTellGoodVariantsFromBadOnes(t *testing.T) {
	for _, list := range [][]variant{pathVariants(), natVariants(), endpointVariants(), vpcVariants(), flowLogVariants(), policyVariants()} {
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

func pathVariants() []variant {
	return []variant{
		{"net-data-isolated", "a route to an appliance that may pass packets on", func(a *account) {
			table, yes := a.table("data"), false
			appliance := *a.host("app-us-east-1a")
			appliance.NetworkInterfaceId, appliance.SourceDestCheck, appliance.PrivateIpAddress, appliance.Ipv6Addresses = "eni-0a99a99a99a99a990", &yes, "10.16.16.77", nil
			appliance.PrivateIpAddresses = []reach.PrivateIpAddress{{PrivateIpAddress: "10.16.16.77", Primary: true}}
			appliance.Groups = []reach.GroupIdentifier{{GroupId: a.group("data").GroupId}}
			openAll(a.group("data"))
			a.Network.NetworkInterfaces = append(a.Network.NetworkInterfaces, appliance)
			table.Routes = append(table.Routes, reach.Route{DestinationCidrBlock: "0.0.0.0/0", NetworkInterfaceId: appliance.NetworkInterfaceId})
		}, checks.Fail, "reach"},
		{"net-data-isolated", "an IPv6 way out", func(a *account) {
			table := a.table("data")
			table.Routes = append(table.Routes, reach.Route{DestinationIpv6CidrBlock: "::/0", EgressOnlyInternetGatewayId: a.Network.EgressOnlyInternetGateways[0].EgressOnlyInternetGatewayId})
		}, checks.Fail, "::/0"},
		{"net-edge-443", "nobody answers", func(a *account) { a.group("public").IpPermissions = nil }, checks.Fail, "reaches no host"},
		{"net-edge-443", "all ports in one rule", func(a *account) { openAll(a.group("public")) }, checks.Fail, "labctl-reference-public"},
		{"net-app-db", "no database is there", func(a *account) {
			for _, name := range []string{"data-us-east-1a", "data-us-east-1b"} {
				a.host(name).InterfaceType = "lambda"
			}
		}, checks.Fail, "no database to reach"},
		{"net-app-db", "no application in one zone", func(a *account) { setTag(a.host("app-us-east-1b").TagSet, roleTag, "bastion") }, checks.Fail, "no application"},
		{"net-app-db", "the database admits another port only", func(a *account) {
			*a.group("data").IpPermissions[0].FromPort = 5433
			*a.group("data").IpPermissions[0].ToPort = 5433
		}, checks.Fail, "Blocked on the way there"},
		{"net-sg-chain", "a public host wears the app group", func(a *account) {
			host := a.host("public-us-east-1a")
			host.Groups = append(host.Groups, reach.GroupIdentifier{GroupId: a.group("app").GroupId})
		}, checks.Fail, "outside the app tier"},
		{"net-sg-chain", "a prefix list is admitted too", func(a *account) {
			rule := &a.group("data").IpPermissions[0]
			rule.PrefixListIds = []reach.PrefixListId{{PrefixListId: "pl-0123456789abcdef0"}}
		}, checks.Fail, "pl-0123456789abcdef0"},
		{"net-headroom", "a subnet that is mostly used", func(a *account) { a.subnet("dev-us-east-1a").AvailableIpAddressCount = 100 }, checks.Fail, "100 of 256"},
		{"net-tiers-az", "a tier in one zone, of two subnets", func(a *account) {
			a.subnet("shared-us-east-1b").AvailabilityZone = a.subnet("shared-us-east-1a").AvailabilityZone
			a.subnet("shared-us-east-1b").AvailabilityZoneId = a.subnet("shared-us-east-1a").AvailabilityZoneId
		}, checks.Fail, "Tier shared"},
		{"net-v6-egress", "no IPv6 way out for the app tier", func(a *account) {
			for _, name := range []string{"app-us-east-1a", "app-us-east-1b"} {
				a.route(a.table(name), "::/0").DestinationIpv6CidrBlock = "2001:db8::/32"
			}
		}, checks.Fail, "no route ::/0"},
	}
}

func openAll(group *reach.SecurityGroup) {
	everything := []reach.IpPermission{{IpProtocol: "-1", IpRanges: []reach.IpRange{{CidrIp: "0.0.0.0/0"}}, Ipv6Ranges: []reach.Ipv6Range{{CidrIpv6: "::/0"}}}}
	group.IpPermissions, group.IpPermissionsEgress = everything, everything
}

func natVariants() []variant {
	return []variant{
		{"net-nat-per-az", "the gateway is private", func(a *account) { a.nat("nat-us-east-1a").ConnectivityType = "private" }, checks.Fail, "private"},
		{"net-nat-per-az", "the gateway is gone", func(a *account) { a.nat("nat-us-east-1a").State = "deleted" }, checks.Fail, "carries no packets"},
		{"net-nat-per-az", "no default route", func(a *account) {
			a.route(a.table("app-us-east-1a"), "0.0.0.0/0").DestinationCidrBlock = "203.0.113.0/24"
		}, checks.Fail, "no default route"},
		{"net-nat-per-az", "an internet gateway instead", func(a *account) {
			route := a.route(a.table("app-us-east-1a"), "0.0.0.0/0")
			route.NatGatewayId, route.GatewayId = "", a.gateway()
		}, checks.Fail, "no NAT gateway"},
		{"net-nat-per-az", "the gateway's ACL lets no replies in", func(a *account) {
			acl := a.acl("public")
			acl.Entries = append(acl.Entries, reach.NetworkACLEntry{RuleNumber: 1, RuleAction: "deny", Protocol: "6", CidrBlock: "0.0.0.0/0", PortRange: &reach.PortRange{From: 1024, To: 65535}})
		}, checks.Fail, "way back"},
		{"net-nat-per-az", "hosts that may not go out are not the gateway's business", func(a *account) { a.group("app").IpPermissionsEgress = nil }, checks.Pass, "own zone"},
	}
}

func endpointVariants() []variant {
	return []variant{
		{"net-gw-endpoint", "an interface endpoint's route is none", func(a *account) { a.endpoint("s3").State = "deleting" }, checks.Fail, "endpoint"},
		{"net-if-endpoint", "in one zone", func(a *account) { a.endpoint("kms").SubnetIds = a.endpoint("kms").SubnetIds[:1] }, checks.Fail, "1 zone"},
		{"net-if-endpoint", "there is none", func(a *account) { a.endpoint("kms").VpcEndpointType = "GatewayLoadBalancer" }, checks.Fail, "No interface endpoint"},
		{"net-if-endpoint", "open to the VPC", func(a *account) {
			a.group("endpoint").IpPermissions[0].IpRanges = []reach.IpRange{{CidrIp: "10.16.0.0/16"}}
		}, checks.Fail, "reaches"},
		{"net-if-endpoint", "open to the app subnets by range", func(a *account) {
			rule := &a.group("endpoint").IpPermissions[0]
			rule.UserIdGroupPairs, rule.IpRanges = nil, []reach.IpRange{{CidrIp: "10.16.16.0/24"}, {CidrIp: "10.16.17.0/24"}}
		}, checks.Pass, "443 only"},
		{"net-if-endpoint", "closed to the app", func(a *account) { a.group("endpoint").IpPermissions = nil }, checks.Fail, "cannot reach"},
		{"net-if-endpoint", "still being made", func(a *account) { a.endpoint("kms").State = "pending" }, checks.Fail, "still being made"},
		{"net-dns", "a peering does not resolve names for one side", func(a *account) {
			a.peering("dev-shared").AccepterVpcInfo.PeeringOptions = nil
		}, checks.Fail, "AllowDnsResolutionFromRemoteVpc"},
	}
}

func vpcVariants() []variant {
	return []variant{
		{"net-peer-routes", "summarised exactly", func(a *account) {
			table := a.table("dev")
			for n := range table.Routes {
				if table.Routes[n].DestinationCidrBlock == "10.48.0.0/24" {
					table.Routes[n].DestinationCidrBlock = "10.48.0.0/23"
				}
			}
		}, checks.Pass, "nothing else"},
		{"net-peer-routes", "by a prefix list that is wider", func(a *account) {
			a.Network.ManagedPrefixLists = append(a.Network.ManagedPrefixLists, reach.ManagedPrefixList{PrefixListId: "pl-0abc0abc0abc0abc0", AddressFamily: "IPv4", Entries: []reach.PrefixListEntry{{Cidr: "10.48.0.0/16"}}})
			table := a.table("dev")
			table.Routes = append(table.Routes, reach.Route{DestinationPrefixListId: "pl-0abc0abc0abc0abc0", VpcPeeringConnectionId: a.peering("dev-shared").VpcPeeringConnectionId})
		}, checks.Fail, "10.48.0.0/16"},
		{"net-peer-routes", "no way there", func(a *account) {
			table := a.table("dev")
			table.Routes = table.Routes[:1]
		}, checks.Fail, "no route leads back"},
		{"net-peer-routes", "no connection at all", func(a *account) {
			for n, table := range a.Network.RouteTables {
				var kept []reach.Route
				for _, route := range table.Routes {
					if route.VpcPeeringConnectionId == "" {
						kept = append(kept, route)
					}
				}
				a.Network.RouteTables[n].Routes = kept
			}
		}, checks.Fail, "No subnet of the dev VPC"},
		{"net-no-overlap", "the same range twice", func(a *account) {
			a.vpc("dev").CidrBlockAssociationSet[0].CidrBlock = "10.48.0.0/16"
		}, checks.Fail, "share addresses"},
	}
}

func flowLogVariants() []variant {
	trust := func(a *account, from, to string) {
		a.Roles[0].TrustPolicy = strings.ReplaceAll(a.Roles[0].TrustPolicy, from, to)
	}
	return []variant{
		{"net-flow-logs", "none", func(a *account) { a.FlowLogs = nil }, checks.Fail, "no flow log"},
		{"net-flow-logs", "of one subnet only", func(a *account) { a.FlowLogs[0].ResourceId = a.subnet("app-us-east-1a").SubnetId }, checks.Fail, "no flow log"},
		{"net-flow-logs", "a second one beside it that works", func(a *account) {
			broken := a.FlowLogs[0]
			broken.FlowLogId, broken.TrafficType = "fl-0bad0bad0bad0bad0", "REJECT"
			a.FlowLogs = append([]inventory.FlowLog{broken}, a.FlowLogs...)
		}, checks.Pass, "all traffic"},
		{"net-flow-logs", "the log group is gone", func(a *account) { a.LogGroups = nil }, checks.Fail, "does not exist"},
		{"net-flow-logs", "the role is gone", func(a *account) { a.Roles = nil }, checks.Fail, "does not exist"},
		{"net-flow-logs", "the role trusts another service", func(a *account) { trust(a, "vpc-flow-logs.amazonaws.com", "ec2.amazonaws.com") }, checks.Fail, "trust policy"},
		{"net-flow-logs", "the role is for another account", func(a *account) { trust(a, `"`+fixtureAccount+`"`, `"999999999999"`) }, checks.Fail, "trust policy"},
		{"net-flow-logs", "a boundary keeps the role from writing", func(a *account) {
			a.Roles[0].Boundary = &inventory.PolicyDocument{Document: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`}
		}, checks.Fail, "no policy allows"},
		{"net-flow-logs", "a deny keeps the role from writing", func(a *account) {
			a.Roles[0].Policies = append(a.Roles[0].Policies, inventory.PolicyDocument{Name: "deny", Document: `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"logs:*","Resource":"*"}}`})
		}, checks.Fail, "denies"},
		{"net-flow-logs", "a condition that nobody knows", func(a *account) {
			a.Roles[0].Policies[0].Document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*","Condition":{"MoonPhase":{"aws:x":"full"}}}}`
		}, checks.Error, "cannot be decided"},
		{"net-flow-logs", "the last delivery failed", func(a *account) { a.FlowLogs[0].DeliverLogsStatus = "FAILED" }, checks.Fail, "fails to deliver"},
		{"net-flow-logs", "to a bucket, delivered", func(a *account) {
			for n := range a.FlowLogs {
				a.FlowLogs[n].LogDestinationType, a.FlowLogs[n].LogDestination, a.FlowLogs[n].DeliverLogsPermissionArn = "s3", "arn:aws:s3:::records", ""
			}
		}, checks.Pass, "all traffic"},
		{"net-flow-logs", "to a bucket, nothing yet", func(a *account) {
			for n := range a.FlowLogs {
				a.FlowLogs[n].LogDestinationType, a.FlowLogs[n].DeliverLogsStatus = "s3", ""
			}
		}, checks.Fail, "has not delivered"},
	}
}

// policyVariants are policies of the S3 endpoint.
func policyVariants() []variant {
	bucket := "labctl-reference-" + fixtureAccount + "-" + fixtureRegion
	statement := func(text string) func(*account) {
		return func(a *account) {
			require.NotEmpty(a.t, a.Buckets)
			a.endpoint("s3").PolicyDocument = fmt.Sprintf(`{"Version":"2012-10-17","Statement":[%s]}`, strings.ReplaceAll(text, "BUCKET", bucket))
		}
	}
	own := `"Condition":{"StringEquals":{"aws:PrincipalAccount":"` + fixtureAccount + `"}}`
	const check = "net-endpoint-policy"
	return []variant{
		{check, "all actions on the bucket for the account", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::BUCKET","arn:aws:s3:::BUCKET/*"],` + own + `}`), checks.Pass, bucket},
		{check, "everything allowed, the rest denied", statement(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
			{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"` + fixtureAccount + `"}}},
			{"Effect":"Deny","Principal":"*","Action":"*","NotResource":["arn:aws:s3:::BUCKET","arn:aws:s3:::BUCKET/*"]}`), checks.Pass, bucket},
		{check, "any bucket", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*",` + own + `}`), checks.Fail, "not the lab's"},
		{check, "any bucket with the name's beginning", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::BUCKET*",` + own + `}`), checks.Fail, "not the lab's"},
		{check, "one further bucket, for one action", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::BUCKET/*",` + own + `},
			{"Sid":"Mirror","Effect":"Allow","Principal":"*","Action":"s3:GetObjectTorrent","Resource":"arn:aws:s3:::packages/*",` + own + `}`), checks.Fail, "Mirror"},
		{check, "anybody", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::BUCKET","arn:aws:s3:::BUCKET/*"]}`), checks.Fail, "not of this account"},
		{check, "a partner's account too", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::BUCKET/*","Condition":{"StringEquals":{"aws:PrincipalAccount":["` + fixtureAccount + `","210987654321"]}}}`), checks.Fail, "210987654321"},
		{check, "a whole organization", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::BUCKET/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`), checks.Fail, "not of this account"},
		{check, "nobody", statement(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`), checks.Fail, "none of the account's own"},
		{check, "a condition that nobody knows", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::BUCKET/*",` + own + `},
			{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"MoonPhase":{"aws:x":"full"}}}`), checks.Fail, "cannot be shown"},
		{check, "none given", func(a *account) { a.endpoint("s3").PolicyDocument = "" }, checks.Fail, "lets through"},
		{check, "no policy at all", func(a *account) { a.endpoint("s3").PolicyDocument = "{" }, checks.Error, "policy of endpoint"},
		{check, "the interface endpoint lets anybody in", func(a *account) { a.endpoint("kms").PolicyDocument = fullAccess }, checks.Fail, "kms"},
		{check, "no bucket carries the tag", func(a *account) { a.Buckets = nil }, checks.Fail, "labctl:run=reference"},
	}
}
