// Package ha is the lab about high availability and scaling: its story, the properties that the scenario asks for, the
// faults that break them one by one, and the drills that take something away and wait.
//
// The checks find the Auto Scaling group, the queue and the data layer by tag (the scope's, and labctl:role), and all else
// by relation: target groups, load balancers, templates, policies, alarms, topics and who has subscribed to them. The
// vocabulary of labctl:role stands at the top of terraform/ha/main.tf.
//
// What a group does under load is never read off its attributes: the packet engine follows the visitors' way, and the
// scaling engine replays the scenario's demand through the limits and policies that the account has.
package ha

import (
	"labctl/checks"
	"labctl/labs"
)

// ID is the lab's name on the command line.
const ID = "ha"

// New describes the lab.
func New() labs.Lab {
	return labs.Lab{
		ID:           ID,
		Title:        "Survive an instance, a zone, a ramp",
		Domain:       "SAP-C02 domain 2: Design for New Solutions",
		Summary:      "A ticketing site that eight times as many visitors reach within ten minutes, while a zone is lost.",
		Scenario:     scenario,
		Architecture: architectureDrawing,
		Requirements: requirements(),
		Objectives: []labs.Objective{
			{Name: "RTO of an instance", Value: "5 minutes"},
			{Name: "RTO of a zone", Value: "15 minutes"},
			{Name: "SLO", Value: "99.95 percent of requests, 22 minutes a month"},
			{Name: "Budget", Value: "0.10 USD an hour"},
		},
		TradeOffs: []string{
			"Two zones with 100 percent spare or three with 50?",
			"Target tracking, scheduled or predictive scaling, when the moment of the sale is known?",
			"A queue or a synchronous call, when the visitor needs a seat number in 300 ms?",
		},
		Checks:     allChecks(),
		Faults:     allFaults(),
		Drills:     allDrills(),
		Bill:       bill(),
		Needs:      []checks.Capability{subnetIPv6, groupNotifications},
		BeforeDown: releaseData,
		Tagging: "The Auto Scaling group carries the tag and labctl:role=app, the queue of orders labctl:role=orders, the table or database " +
			"labctl:role=data. Everything else is found from there.",
		Explore: explore,
	}
}

// bill counts what terraform/ha makes with three zones, target tracking and a table.
func bill() []labs.BillLine {
	return []labs.BillLine{
		{Type: "aws_vpc", Count: 1},
		{Type: "aws_vpc_ipv6_cidr_block_association", Count: 1},
		{Type: "aws_subnet", Count: 6},
		{Type: "aws_internet_gateway", Count: 1},
		{Type: "aws_egress_only_internet_gateway", Count: 1},
		{Type: "aws_route_table", Count: 2},
		{Type: "aws_route_table_association", Count: 6},
		{Type: "aws_vpc_endpoint", Variant: "Gateway", Count: 1},
		{Type: "aws_security_group", Count: 2},
		{Type: "aws_vpc_security_group_ingress_rule", Count: 2},
		{Type: "aws_vpc_security_group_egress_rule", Count: 3},
		{Type: "aws_default_security_group", Count: 1},
		{Type: "aws_lb", Variant: "3 zones", Count: 1},
		{Type: "aws_lb_listener", Count: 1},
		{Type: "aws_lb_target_group", Count: 1},
		{Type: "aws_launch_template", Count: 1},
		{Type: "aws_autoscaling_group", Variant: "t4g.nano", Count: 1, Units: 3}, // the minimum: what it has but for a sale
		{Type: "aws_autoscaling_policy", Variant: "target tracking", Count: 1},
		{Type: "aws_autoscaling_notification", Count: 1},
		{Type: "aws_iam_role", Count: 1},
		{Type: "aws_iam_role_policy", Count: 1},
		{Type: "aws_iam_instance_profile", Count: 1},
		{Type: "aws_sqs_queue", Count: 3},
		{Type: "aws_sns_topic", Count: 1},
		{Type: "aws_sns_topic_subscription", Count: 1},
		{Type: "aws_dynamodb_table", Count: 1},
		{Type: "aws_cloudwatch_metric_alarm", Count: 6},
	}
}
