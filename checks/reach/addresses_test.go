package reach

import "testing"

func TestAddressesOfInterfaces(t *testing.T) {
	secondary := func(b *builder) {
		b.eni("eni-two", "subnet-pub-a", "10.16.0.60", []string{"sg-web"})
		n := &b.NetworkInterfaces[len(b.NetworkInterfaces)-1]
		n.PrivateIpAddresses = append(n.PrivateIpAddresses, PrivateIpAddress{PrivateIpAddress: "10.16.0.61", Association: &InterfaceAssociation{PublicIp: "198.18.0.61"}})
	}
	referenceOnly := func(b *builder) {
		b.clearGroup("sg-web")
		b.groupRules("sg-web", "in tcp/443 sg-web", "out all 0.0.0.0/0")
	}
	runTraces(t, lab, []traceCase{
		{name: "the internet reaches an interface by the public address of a secondary one", change: secondary, ask: "internet eni-two tcp/443", want: Reachable,
			says: "to 10.16.0.61 of eni-two"},
		{name: "an address outside does so too", change: secondary, ask: "203.0.113.9 eni-two tcp/443", want: Reachable},
		{name: "but the interface sends from its primary one, which has none", change: secondary, ask: "eni-two 203.0.113.9 tcp/443", want: Unreachable,
			blocked: "internet-gateway igw-prod forward"},
		{name: "the primary address is the one marked so", change: func(b *builder) {
			b.eni("eni-two", "subnet-app-a", "", []string{"sg-web"})
			n := &b.NetworkInterfaces[len(b.NetworkInterfaces)-1]
			n.PrivateIpAddresses = []PrivateIpAddress{{PrivateIpAddress: "10.16.10.60"}, {PrivateIpAddress: "10.16.10.61", Primary: true}}
		}, ask: "eni-two eni-web-a tcp/443", want: Reachable, says: "eni-two (10.16.10.61 in subnet-app-a) sends"},
		{name: "an interface reaches its own public address through the internet gateway", ask: "eni-web-a 198.18.0.5 tcp/443", want: Reachable,
			says: "igw-prod translates the destination 198.18.0.5"},
		{name: "where its security group lets the public address in", change: referenceOnly, ask: "eni-web-a 198.18.0.5 tcp/443", want: Unreachable,
			blocked: "security-group sg-web forward"},
		{name: "a subnet to itself means two of its interfaces", change: func(b *builder) {
			b.eni("eni-app-c", "subnet-app-a", "10.16.10.6", []string{"sg-app"})
		}, ask: "subnet-app-a" + " subnet-app-a tcp/22", want: Unreachable, blocked: "security-group sg-app forward"},
		{name: "an interface to its subnet means another one of it", change: func(b *builder) {
			b.eni("eni-app-c", "subnet-app-a", "10.16.10.6", []string{"sg-web"})
		}, ask: "eni-app-a subnet-app-a tcp/443", want: Reachable, says: "eni-app-c (10.16.10.6 in subnet-app-a) gets the packet"},
		{name: "the only interface of a subnet reaches itself", ask: "subnet-app-a" + " subnet-app-a tcp/22", want: Reachable, says: "never leaves it"},
		{name: "two hosts are assumed in a subnet without any", change: func(b *builder) { b.subnet("subnet-empty", "vpc-prod", "a", "10.16.30.0/24") },
			ask: "subnet-empty" + " subnet-empty tcp/443", want: Reachable, says: "(10.16.30.4) sends tcp/443 from client ports 32768-60999 to a host assumed in subnet-empty (10.16.30.254)"},
		{name: "but one where both ends are one address", change: func(b *builder) { b.subnet("subnet-empty", "vpc-prod", "a", "10.16.30.0/24") },
			ask: "10.16.30.9" + " 10.16.30.9 tcp/443", want: Reachable, says: "is both ends"},
		{name: "a NAT gateway's packets reach a public address in the same network", ask: "eni-app-a 198.18.0.5 tcp/443", want: Reachable,
			says: "nat-a knows the connection"},
		{name: "a NAT gateway with several addresses works by each", change: func(b *builder) {
			b.NatGateways[0].NatGatewayAddresses = append(b.NatGateways[0].NatGatewayAddresses,
				NatGatewayAddress{NetworkInterfaceId: "eni-nat-a", PrivateIp: "10.16.0.11", PublicIp: "198.18.0.12"})
		}, ask: "eni-app-a 203.0.113.9 tcp/443", want: Reachable},
	})
}
