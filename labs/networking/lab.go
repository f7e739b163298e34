// Package networking is the lab about segmentation across VPCs: its story, the properties that the scenario asks for,
// and the faults that break them one by one.
//
// The checks find everything by tag and relation in the live account. A VPC is judged when it carries the scope's tag;
// what is inside a judged VPC needs no tag but labctl:role on subnets, which says their tier. The vocabulary of
// labctl:role stands at the top of terraform/networking/main.tf.
package networking

import (
	"labctl/checks"
	"labctl/labs"
)

// What a target must show beyond what every emulator of EC2 does. The local server's corrections have the same names.
const (
	subnetIPv6           checks.Capability = "subnet-ipv6"
	interfaceAddresses   checks.Capability = "interface-addresses"
	elasticAddresses     checks.Capability = "elastic-addresses"
	natGateways          checks.Capability = "nat-gateways"
	interfaceEndpoints   checks.Capability = "interface-endpoints"
	gatewayEndpoints     checks.Capability = "gateway-endpoints"
	networkACLEntries    checks.Capability = "network-acl-entries"
	defaultSecurityGroup checks.Capability = "default-security-group"
	peeringConnections   checks.Capability = "peering-connections"
	flowLogDelivery      checks.Capability = "flow-log-delivery"
)

// ID is the lab's name on the command line.
const ID = "networking"

// New describes the lab.
func New() labs.Lab {
	return labs.Lab{
		ID:           ID,
		Title:        "Segmentation across VPCs",
		Domain:       "SAP-C02 domain 1: Design Solutions for Organizational Complexity",
		Summary:      "Prod, dev and shared services in three VPCs: card data without a way out, and a zone that may fail.",
		Scenario:     scenario,
		Architecture: architectureDrawing,
		Requirements: requirements(),
		Objectives:   []labs.Objective{{Name: "Budget", Value: "0.20 USD an hour"}},
		TradeOffs: []string{
			"Two peerings or a transit gateway for three VPCs, and at twelve?",
			"A NAT gateway per zone or one?",
			"Security-group chains alone, or NACLs too when another team must own a subnet-level control?",
		},
		Checks: allChecks(),
		Faults: allFaults(),
		Bill:   bill(),
		// The provider waits for IPv6 blocks on subnets to be associated, and gives up without.
		Tagging: tagging,
		Needs:   []checks.Capability{subnetIPv6},
		Explore: explore,
	}
}

// bill counts what terraform/networking makes with two zones and peerings.
func bill() []labs.BillLine {
	return []labs.BillLine{
		{Type: "aws_vpc", Count: 3},
		{Type: "aws_subnet", Count: 10},
		{Type: "aws_internet_gateway", Count: 1},
		{Type: "aws_egress_only_internet_gateway", Count: 1},
		{Type: "aws_eip", Count: 3},
		{Type: "aws_nat_gateway", Count: 2},
		{Type: "aws_route_table", Count: 6},
		{Type: "aws_route_table_association", Count: 10},
		{Type: "aws_network_acl", Count: 5},
		{Type: "aws_security_group", Count: 6},
		{Type: "aws_vpc_security_group_ingress_rule", Count: 7},
		{Type: "aws_vpc_security_group_egress_rule", Count: 6},
		{Type: "aws_default_security_group", Count: 3},
		{Type: "aws_network_interface", Count: 10},
		{Type: "aws_vpc_peering_connection", Count: 2},
		{Type: "aws_vpc_endpoint", Variant: "Gateway", Count: 1},
		{Type: "aws_vpc_endpoint", Variant: "Interface", Count: 1, Units: 2}, // billed per zone
		{Type: "aws_vpc_endpoint_route_table_association", Count: 3},
		{Type: "aws_s3_bucket", Count: 1},
		{Type: "aws_s3_bucket_public_access_block", Count: 1},
		{Type: "aws_cloudwatch_log_group", Count: 1},
		{Type: "aws_iam_role", Count: 1},
		{Type: "aws_iam_role_policy", Count: 1},
		{Type: "aws_flow_log", Count: 3},
	}
}
