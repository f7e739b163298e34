package reach

import "testing"

func TestBlockPublicAccess(t *testing.T) {
	vpc := func(mode string) func(*builder) {
		return func(b *builder) {
			b.Vpcs[0].BlockPublicAccessStates = &BlockPublicAccessStates{InternetGatewayBlockMode: mode}
		}
	}
	excluded := func(mode, subnet string) func(*builder) {
		return func(b *builder) {
			vpc(mode)(b)
			for i := range b.Subnets {
				if b.Subnets[i].SubnetId == subnet {
					b.Subnets[i].BlockPublicAccessStates = &BlockPublicAccessStates{InternetGatewayBlockMode: "off"}
				}
			}
		}
	}
	runTraces(t, lab, []traceCase{
		{name: "off changes nothing", change: vpc("off"), ask: "internet eni-web-a tcp/443", want: Reachable},
		{name: "bidirectional stops what comes in", change: vpc("block-bidirectional"), ask: "198.51.100.7 eni-web-a tcp/443", want: Unreachable,
			blocked: "internet-gateway igw-prod forward", says: "VPC Block Public Access is on for subnet-pub-a (block-bidirectional)"},
		{name: "and what NAT gateways send", change: vpc("block-bidirectional"), ask: "eni-app-a 198.51.100.7 tcp/443", want: Unreachable,
			blocked: "internet-gateway igw-prod forward"},
		{name: "and what egress-only gateways send", change: vpc("block-bidirectional"), ask: "eni-app-a 2a00::1 tcp/443", want: Unreachable,
			blocked: "egress-only-internet-gateway eigw-prod forward"},
		{name: "ingress stops what comes in", change: vpc("block-ingress"), ask: "2a00::1 eni-web-a tcp/443", want: Unreachable,
			blocked: "internet-gateway igw-prod forward"},
		{name: "and what hosts send by an internet gateway", change: vpc("block-ingress"), ask: "eni-web-a 198.51.100.7 tcp/443", want: Unreachable,
			blocked: "internet-gateway igw-prod forward"},
		{name: "but not NAT gateways", change: vpc("block-ingress"), ask: "eni-app-a 198.51.100.7 tcp/443", want: Reachable},
		{name: "nor egress-only gateways", change: vpc("block-ingress"), ask: "eni-app-a 2a00::1 tcp/443", want: Reachable},
		{name: "an excluded subnet is left alone", change: excluded("block-bidirectional", "subnet-pub-a"), ask: "internet eni-web-a tcp/443", want: Reachable},
		{name: "which the others don't share", change: excluded("block-bidirectional", "subnet-pub-a"), ask: "internet eni-web-b tcp/443", want: Unreachable,
			blocked: "internet-gateway igw-prod forward"},
		{name: "traffic inside the network is none of its business", change: vpc("block-bidirectional"), ask: "eni-web-a eni-app-a tcp/8080", want: Reachable},
	})
}
