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

	// hoursInMonth is what AWS's own examples divide a monthly price by.
	hoursInMonth = 730
)

// hourly is billed by the hour, monthly by the month: in the lab's hours a month's part of it.
func hourly(usd float64, unit string, product Product) Part {
	return Part{USD: usd, Unit: unit, Each: 1, Product: product}
}

func monthly(usd, units float64, unit string, product Product) Part {
	return Part{USD: usd, Unit: unit, Each: units / hoursInMonth, Product: product}
}

// AWS returns the table for every type in the labs' Terraform: billable, or explicitly free.
func AWS() Table {
	table := Table{}
	natGateway := Product{Service: "AmazonEC2", Usage: "NatGateway-Hours", Attributes: map[string]string{"productFamily": "NAT Gateway"}}
	publicIPv4 := Product{Service: "AmazonVPC", Usage: "PublicIPv4:InUseAddress"}
	gp3 := Product{Service: "AmazonEC2", Usage: "EBS:VolumeUsage.gp3", Attributes: map[string]string{"volumeApiName": "gp3"}}
	add := func(entry Entry) {
		if entry.Unit == "" {
			entry.Unit = entry.Parts[0].Unit
		}
		table[entry.Type] = entry
	}
	free := func(note, source string, types ...string) {
		for _, name := range types {
			add(Entry{Type: name, Unit: "free", Note: note, Source: source})
		}
	}
	add(Entry{Type: "aws_nat_gateway", Parts: []Part{hourly(0.045, "gateway-hour", natGateway)}, Note: "plus 0.045 USD a GB", Source: vpcPricing})
	add(Entry{Type: "aws_eip", Parts: []Part{hourly(0.005, "public IPv4 address-hour", publicIPv4)}, Source: vpcPricing})
	add(Entry{Type: "aws_vpc_endpoint (Interface)", Parts: []Part{hourly(0.01, "endpoint-hour in a zone", Product{Service: "AmazonVPC", Usage: "VpcEndpoint-Hours"})}, Note: "plus 0.01 USD a GB", Source: privateLinkPricing})
	add(Entry{Type: "aws_ec2_transit_gateway_vpc_attachment", Parts: []Part{hourly(0.05, "attachment-hour", Product{Service: "AmazonVPC", Usage: "TransitGateway-Hours", Attributes: map[string]string{"operation": "TransitGatewayVPC"}})}, Note: "plus 0.02 USD a GB", Source: transitPricing})
	add(Entry{Type: "aws_kms_key", Parts: []Part{monthly(1, 1, "key-month", Product{Service: "awskms", Usage: "KMS-Keys"})}, Note: "plus 0.03 USD for 10,000 requests", Source: kmsPricing})
	alarms := func(n float64) Part {
		return monthly(0.10, n, "alarm metric-month", Product{Service: "AmazonCloudWatch", Usage: "CW:AlarmMonitorUsage"})
	}
	add(Entry{Type: "aws_cloudwatch_metric_alarm", Parts: []Part{alarms(1)}, Source: cloudWatchPricing})
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
	add(Entry{Type: "aws_autoscaling_policy (target tracking)", Parts: []Part{alarms(2)}, Note: "target tracking keeps two alarms of its own", Source: cloudWatchPricing})
	add(Entry{Type: "aws_cloudwatch_composite_alarm", Parts: []Part{monthly(0.50, 1, "composite alarm-month", Product{Service: "AmazonCloudWatch", Usage: "CW:CompositeAlarmMonitorUsage"})}, Source: cloudWatchPricing})
	add(Entry{Type: "aws_cloudwatch_log_metric_filter", Parts: []Part{monthly(0.30, 1, "custom metric-month", Product{Service: "AmazonCloudWatch", Usage: "CW:MetricMonitorUsage"})}, Note: "filters that feed one metric are billed once", Source: cloudWatchPricing})
	add(Entry{Type: "aws_ebs_volume", Parts: []Part{monthly(0.08, 1, "GB-month of gp3", gp3)}, Source: volumePricing})

	application := map[string]string{"operation": "LoadBalancing:Application"}
	add(Entry{
		Type: "aws_lb (3 zones)", Unit: "load balancer-hour, with one LCU and the public IPv4 addresses of three nodes",
		Parts: []Part{
			hourly(0.0225, "load balancer-hour", Product{Service: "AWSELB", Usage: "LoadBalancerUsage", Attributes: application}),
			hourly(0.008, "LCU-hour", Product{Service: "AWSELB", Usage: "LCUUsage", Attributes: application}),
			{USD: 0.005, Unit: "public IPv4 address-hour", Each: 3, Product: publicIPv4},
		},
		Note: "a sale takes more LCUs: 25 new connections a second are one", Source: balancerPricing,
	})
	nano := hourly(0.0042, "instance-hour of t4g.nano", Product{Service: "AmazonEC2", Usage: "BoxUsage:t4g.nano", Attributes: map[string]string{
		"instanceType": "t4g.nano", "operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used",
	}})
	add(Entry{
		Type: "aws_autoscaling_group (t4g.nano)", Unit: "instance-hour of t4g.nano, with 8 GB of gp3",
		Parts: []Part{
			nano,
			monthly(0.08, 8, "GB-month of gp3", gp3),
		},
		Note: "at the group's minimum: what it adds for a sale costs the same each hour", Source: instancePricing,
	})
	// What `labctl sweep` lists apart, and no lab's Terraform makes by itself: the instances beside their group.
	add(Entry{Type: "aws_instance (t4g.nano)", Parts: []Part{nano}, Note: "its volume is billed apart", Source: instancePricing})
	free("billed by the instances that it launches", instancePricing, "aws_autoscaling_group")
	free("", vpcPricing, "aws_vpc_dhcp_options", "aws_ec2_managed_prefix_list")
	free("", iamPage, "aws_iam_user")
	postgres := map[string]string{"databaseEngine": "PostgreSQL"}
	add(Entry{
		Type: "aws_db_instance (db.t4g.micro, Multi-AZ)", Unit: "database-hour of PostgreSQL, with 20 GB of gp3 in two zones",
		Parts: []Part{
			hourly(0.032, "database-hour of db.t4g.micro", Product{Service: "AmazonRDS", Usage: "Multi-AZUsage:db.t4g.micro", Attributes: postgres}),
			monthly(0.23, 20, "GB-month of gp3 in two zones", Product{Service: "AmazonRDS", Usage: "RDS:Multi-AZ-GP3-Storage"}),
		},
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
	free("billed by the instances that it launches", instancePricing, "aws_launch_template", "aws_autoscaling_notification")
	free("", databasePricing, "aws_db_subnet_group")
	free("an external-access analyzer", analyzerPricing, "aws_accessanalyzer_analyzer", "aws_accessanalyzer_archive_rule")
	return table
}
