// Package iam is the lab about security boundaries: its story, the properties that the scenario asks for, the faults that
// break them one by one, and a drill.
//
// The checks find everything by tag in the live account: roles, the boundary, buckets, keys and trails that carry the
// scope's tag, and by labctl:role the part that each plays; what they refer to (a log group, its filters, the alarms on a
// metric) is found by relation. The vocabulary of labctl:role stands at the top of terraform/iam/main.tf.
//
// What a principal may do is never read off a policy's text: the policy engine is asked, with sample requests that
// include what the policies themselves name, and everything that a caller can choose in a request.
package iam

import (
	"labctl/checks"
	"labctl/labs"
)

// What a target must show beyond what every emulator of IAM does. The local server's corrections have the same names.
const (
	trailNames          checks.Capability = "trail-names"
	trailEventSelectors checks.Capability = "trail-event-selectors"
	metricFilters       checks.Capability = "metric-filters"
	boundaryPolicies    checks.Capability = "boundary-policies"
	keyRotation         checks.Capability = "key-rotation"
	bucketPolicies      checks.Capability = "bucket-policies"
	bucketDefaults      checks.Capability = "bucket-defaults"
	alarmProtocol       checks.Capability = "cloudwatch-protocol"

	// accessAnalyzer is shown by a target that has IAM Access Analyzer, policyEnforcement by one that refuses what
	// policies forbid. The local server shows neither.
	accessAnalyzer    checks.Capability = "access-analyzer"
	policyEnforcement checks.Capability = "policy-enforcement"
)

// ID is the lab's name on the command line.
const ID = "iam"

// New describes the lab.
func New() labs.Lab {
	return labs.Lab{
		ID:           ID,
		Title:        "Security boundaries",
		Domain:       "SAP-C02 domain 1: Design Solutions for Organizational Complexity",
		Summary:      "Teams that make their own roles within a boundary, a vendor, keys with separate duties, and a record that stands up.",
		Scenario:     scenario,
		Architecture: architectureDrawing,
		Requirements: requirements(),
		Objectives:   []labs.Objective{{Name: "Budget", Value: "5 USD a month"}},
		TradeOffs: []string{
			"Boundary or SCP, when teams get their own accounts?",
			"Role assumption or a bucket policy for a vendor that must write under its own identity?",
			"One key or one per team, when erasure means deleting a key?",
		},
		Checks: allChecks(),
		Faults: allFaults(),
		Drills: []labs.Drill{vendorDrill()},
		Bill:   bill(),
		// The provider names trails by ARN, and writes to a bucket whose policy refuses plain HTTP.
		Needs: []checks.Capability{trailNames, bucketPolicies, alarmProtocol},
		Variables: func(support map[checks.Capability]checks.Support) map[string]any {
			return map[string]any{"access_analyzer": support[accessAnalyzer].Shown}
		},
		Explore: explore,
	}
}

// bill counts what terraform/iam makes without an analyzer.
func bill() []labs.BillLine {
	return []labs.BillLine{
		{Type: "aws_iam_role", Count: 8},
		{Type: "aws_iam_role_policy", Count: 8},
		{Type: "aws_iam_policy", Count: 1},
		{Type: "aws_kms_key", Count: 2},
		{Type: "aws_kms_alias", Count: 2},
		{Type: "aws_s3_bucket", Count: 2},
		{Type: "aws_s3_bucket_policy", Count: 2},
		{Type: "aws_s3_bucket_public_access_block", Count: 2},
		{Type: "aws_cloudtrail", Count: 1},
		{Type: "aws_cloudwatch_log_group", Count: 1},
		{Type: "aws_cloudwatch_log_metric_filter", Count: 3},
		{Type: "aws_cloudwatch_metric_alarm", Count: 1},
		{Type: "aws_sns_topic", Count: 1},
	}
}
