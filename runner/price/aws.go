package price

// The pages that the prices were taken from.
const (
	vpcPricing         = "https://aws.amazon.com/vpc/pricing/"
	privateLinkPricing = "https://aws.amazon.com/privatelink/pricing/"
	transitPricing     = "https://aws.amazon.com/transit-gateway/pricing/"
	s3Pricing          = "https://aws.amazon.com/s3/pricing/"
	cloudWatchPricing  = "https://aws.amazon.com/cloudwatch/pricing/"
	iamPage            = "https://aws.amazon.com/iam/"
	kmsPricing         = "https://aws.amazon.com/kms/pricing/"
	trailPricing       = "https://aws.amazon.com/cloudtrail/pricing/"
	snsPricing         = "https://aws.amazon.com/sns/pricing/"
	analyzerPricing    = "https://aws.amazon.com/iam/access-analyzer/pricing/"
	sqsPricing         = "https://aws.amazon.com/sqs/pricing/"
	tablePricing       = "https://aws.amazon.com/dynamodb/pricing/"
	volumePricing      = "https://aws.amazon.com/ebs/pricing/"
	backupPricing      = "https://aws.amazon.com/backup/pricing/"
	eventPricing       = "https://aws.amazon.com/eventbridge/pricing/"
	xrayPricing        = "https://aws.amazon.com/xray/pricing/"

	balancerPricing = "https://aws.amazon.com/elasticloadbalancing/pricing/"
	instancePricing = "https://aws.amazon.com/ec2/pricing/on-demand/"
	databasePricing = "https://aws.amazon.com/rds/postgresql/pricing/"

	hoursInMonth = 730 // what AWS's own examples divide a monthly price by
)

// AWS returns the table for every type in the labs' Terraform: billable, or explicitly free.
func AWS() Table {
	table := Table{}
	add := func(entry Entry) { table[entry.Type] = entry }
	free := func(note, source string, types ...string) {
		for _, name := range types {
			add(Entry{Type: name, Unit: "free", Note: note, Source: source})
		}
	}
	add(Entry{Type: "aws_nat_gateway", USD: 0.045, Unit: "gateway-hour", Note: "plus 0.045 USD a GB", Source: vpcPricing})
	add(Entry{Type: "aws_eip", USD: 0.005, Unit: "public IPv4 address-hour", Source: vpcPricing})
	add(Entry{Type: "aws_vpc_endpoint (Interface)", USD: 0.01, Unit: "endpoint-hour in each zone", Note: "plus 0.01 USD a GB", Source: privateLinkPricing})
	add(Entry{Type: "aws_ec2_transit_gateway_vpc_attachment", USD: 0.05, Unit: "attachment-hour", Note: "plus 0.02 USD a GB", Source: transitPricing})
	add(Entry{Type: "aws_kms_key", USD: 1.0 / hoursInMonth, Unit: "key-month, by the hour", Note: "plus 0.03 USD for 10,000 requests", Source: kmsPricing})
	add(Entry{Type: "aws_cloudwatch_metric_alarm", USD: 0.10 / hoursInMonth, Unit: "alarm metric-month, by the hour", Source: cloudWatchPricing})
	add(Entry{Type: "aws_cloudwatch_composite_alarm", USD: 0.50 / hoursInMonth, Unit: "composite alarm-month, by the hour", Source: cloudWatchPricing})
	add(Entry{Type: "aws_cloudwatch_log_metric_filter", USD: 0.30 / hoursInMonth, Unit: "custom metric-month, by the hour", Note: "filters that feed one metric are billed once", Source: cloudWatchPricing})
	add(Entry{Type: "aws_ebs_volume", USD: 0.08 / hoursInMonth, Unit: "GB-month of gp3, by the hour", Source: volumePricing})

	add(Entry{
		Type: "aws_lb (3 zones)", USD: 0.0225 + 0.008 + 3*0.005, Unit: "load balancer-hour, with one LCU and the public IPv4 addresses of three nodes",
		Note: "a sale takes more LCUs: 25 new connections a second are one", Source: balancerPricing,
	})
	add(Entry{
		Type: "aws_autoscaling_group (t4g.nano)", USD: 0.0042 + 8*0.08/hoursInMonth, Unit: "instance-hour of t4g.nano, with 8 GB of gp3",
		Note: "at the group's minimum: what it adds for a sale costs the same each hour", Source: instancePricing,
	})
	add(Entry{
		Type: "aws_db_instance (db.t4g.micro, Multi-AZ)", USD: 0.032 + 20*0.23/hoursInMonth, Unit: "database-hour of PostgreSQL, with 20 GB of gp3 in two zones",
		Source: databasePricing,
	})

	free("", vpcPricing,
		"aws_vpc", "aws_vpc_ipv6_cidr_block_association", "aws_subnet", "aws_route_table", "aws_route_table_association", "aws_route", "aws_internet_gateway",
		"aws_egress_only_internet_gateway", "aws_network_acl", "aws_security_group", "aws_default_security_group",
		"aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule", "aws_network_interface",
		"aws_vpc_endpoint (Gateway)", "aws_vpc_endpoint_route_table_association")
	free("traffic between zones costs 0.01 USD a GB", vpcPricing, "aws_vpc_peering_connection", "aws_vpc_peering_connection_options")
	free("billed by its attachments", transitPricing, "aws_ec2_transit_gateway", "aws_ec2_transit_gateway_route",
		"aws_ec2_transit_gateway_route_table", "aws_ec2_transit_gateway_route_table_association",
		"aws_ec2_transit_gateway_route_table_propagation")
	free("what is delivered is billed as logs: 0.50 USD a GB", cloudWatchPricing, "aws_flow_log", "aws_cloudwatch_log_group")
	free("what is stored is billed by the GB", s3Pricing, "aws_s3_bucket", "aws_s3_bucket_public_access_block", "aws_s3_bucket_policy")
	free("the first three of an account; each further one 3 USD a month", cloudWatchPricing, "aws_cloudwatch_dashboard")
	free("traces are billed: 5 USD for a million recorded", xrayPricing, "aws_xray_group", "aws_xray_sampling_rule")
	free("", iamPage, "aws_iam_role", "aws_iam_role_policy", "aws_iam_policy", "aws_iam_instance_profile")
	free("", kmsPricing, "aws_kms_alias")
	free("the first trail; data events cost 0.10 USD for 100,000", trailPricing, "aws_cloudtrail")
	free("a message costs from 0.50 USD for a million", snsPricing, "aws_sns_topic", "aws_sns_topic_subscription")
	free("the first million requests of a month", sqsPricing, "aws_sqs_queue")
	free("on demand: billed by request and by the GB; continuous backups cost 0.20 USD a GB-month", tablePricing, "aws_dynamodb_table")
	free("what is backed up is billed by the GB", backupPricing, "aws_backup_plan", "aws_backup_selection", "aws_backup_vault",
		"aws_backup_vault_lock_configuration", "aws_backup_vault_policy")
	free("AWS's own events", eventPricing, "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target")
	free("billed by its load balancer", balancerPricing, "aws_lb_listener", "aws_lb_target_group")
	free("billed by the instances that it launches", instancePricing, "aws_launch_template", "aws_autoscaling_policy", "aws_autoscaling_notification")
	free("", databasePricing, "aws_db_subnet_group")
	free("an external-access analyzer", analyzerPricing, "aws_accessanalyzer_analyzer", "aws_accessanalyzer_archive_rule")
	return table
}
