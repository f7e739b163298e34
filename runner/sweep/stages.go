package sweep

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

type clients struct {
	analyzer *accessanalyzer.Client
	backup   *backup.Client
	dynamodb *dynamodb.Client
	ec2      *ec2.Client
	elb      *elb.Client
	events   *eventbridge.Client
	groups   *autoscaling.Client
	iam      *iam.Client
	kms      *kms.Client
	logs     *cloudwatchlogs.Client
	metrics  *cloudwatch.Client
	rds      *rds.Client
	route53  *route53.Client
	s3       *s3.Client
	sns      *sns.Client
	sqs      *sqs.Client
	trails   *cloudtrail.Client
	xray     *xray.Client
	region   string
}

func newClients(cfg aws.Config) clients {
	return clients{
		region:   cfg.Region,
		analyzer: accessanalyzer.NewFromConfig(cfg),
		backup:   backup.NewFromConfig(cfg),
		dynamodb: dynamodb.NewFromConfig(cfg),
		ec2:      ec2.NewFromConfig(cfg),
		elb:      elb.NewFromConfig(cfg),
		events:   eventbridge.NewFromConfig(cfg),
		groups:   autoscaling.NewFromConfig(cfg),
		iam:      iam.NewFromConfig(cfg),
		kms:      kms.NewFromConfig(cfg),
		logs:     cloudwatchlogs.NewFromConfig(cfg),
		metrics:  cloudwatch.NewFromConfig(cfg),
		rds:      rds.NewFromConfig(cfg),
		route53:  route53.NewFromConfig(cfg),
		sns:      sns.NewFromConfig(cfg),
		sqs:      sqs.NewFromConfig(cfg),
		trails:   cloudtrail.NewFromConfig(cfg),
		xray:     xray.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.UsePathStyle = cfg.BaseEndpoint != nil // bucket.localhost resolves nowhere
		}),
	}
}

// inRegions joins the stages of several regions: a stage begins everywhere when the one
// before it is gone everywhere, since a VPC peering or a key may be held from elsewhere.
// What belongs to no region is asked for once.
func inRegions(cfg aws.Config, regions []string) [][]kind {
	var joined [][]kind
	for i, region := range regions {
		there := cfg.Copy()
		there.Region = region
		for n, stage := range stages(newClients(there)) {
			if i == 0 {
				joined = append(joined, nil)
			}
			for _, k := range stage {
				if k.region != global || i == 0 {
					joined[n] = append(joined[n], k)
				}
			}
		}
	}
	return joined
}

// stages is the dependency order within a region: what is in a stage may be deleted side by
// side once the stages before it are gone.
//
// ARN types are those of the service authorization reference; where moto's tagging
// API spells one differently, both stand here.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
func stages(c clients) [][]kind {
	return [][]kind{
		{ // what would make more while the rest goes: a group instances, a plan recovery points
			{"Auto Scaling group", "aws_autoscaling_group", c.region, []string{"autoscaling:autoScalingGroup"}, autoScalingGroups{c.groups}},
			{"backup plan", "aws_backup_plan", c.region, []string{"backup:backup-plan"}, backupPlans{c.backup}},
		},
		{ // what uses the networks and what connects them; what writes to buckets and topics
			{"flow log", "aws_flow_log", c.region, []string{"ec2:vpc-flow-log", "ec2:flow-logs"}, flowLogs{c.ec2}},
			{"EC2 instance", "aws_instance", c.region, []string{"ec2:instance"}, instances{c.ec2}},
			{"load balancer", "aws_lb", c.region, []string{"elasticloadbalancing:loadbalancer"}, loadBalancers{c.elb}},
			{"RDS instance", "aws_db_instance", c.region, []string{"rds:db"}, databases{c.rds}},
			{"NAT gateway", "aws_nat_gateway", c.region, []string{"ec2:natgateway"}, natGateways{c.ec2}},
			{"VPC endpoint", "aws_vpc_endpoint", c.region, []string{"ec2:vpc-endpoint"}, vpcEndpoints{c.ec2}},
			{"transit gateway attachment", "aws_ec2_transit_gateway_vpc_attachment", c.region, []string{"ec2:transit-gateway-attachment"}, transitGatewayAttachments{c.ec2}},
			{"VPC peering connection", "aws_vpc_peering_connection", c.region, []string{"ec2:vpc-peering-connection"}, peerings{c.ec2}},
			{"Route 53 hosted zone", "aws_route53_zone", global, []string{"route53:hostedzone"}, hostedZones{c.route53}},
			{"CloudTrail trail", "aws_cloudtrail", c.region, []string{"cloudtrail:trail"}, trails{c.trails}},
			{"composite alarm", "aws_cloudwatch_composite_alarm", c.region, []string{"cloudwatch:alarm"}, compositeAlarms{c.metrics}},
			{"EventBridge rule", "aws_cloudwatch_event_rule", c.region, []string{"events:rule"}, eventRules{c.events}},
			{"backup vault", "aws_backup_vault", c.region, []string{"backup:backup-vault"}, backupVaults{c.backup}},
			{"CloudWatch dashboard", "aws_cloudwatch_dashboard", c.region, []string{"cloudwatch:dashboard"}, dashboards{c.metrics}},
		},
		{ // what those held on to
			{"CloudWatch alarm", "aws_cloudwatch_metric_alarm", c.region, []string{"cloudwatch:alarm"}, alarms{c.metrics}},
			{"EBS snapshot", "aws_ebs_snapshot", c.region, []string{"ec2:snapshot"}, snapshots{c.ec2, c.backup}},
			{"launch template", "aws_launch_template", c.region, []string{"ec2:launch-template"}, launchTemplates{c.ec2}},
			{"target group", "aws_lb_target_group", c.region, []string{"elasticloadbalancing:targetgroup"}, targetGroups{c.elb}},
			{"DB subnet group", "aws_db_subnet_group", c.region, []string{"rds:subgrp"}, databaseSubnets{c.rds}},
			{"EBS volume", "aws_ebs_volume", c.region, []string{"ec2:volume"}, volumes{c.ec2}},
			{"network interface", "aws_network_interface", c.region, []string{"ec2:network-interface"}, networkInterfaces{c.ec2}},
			{"transit gateway route table", "aws_ec2_transit_gateway_route_table", c.region, []string{"ec2:transit-gateway-route-table"}, transitGatewayRouteTables{c.ec2}},
		},
		{ // an internet gateway detaches only when no public address is mapped any more
			{"Elastic IP", "aws_eip", c.region, []string{"ec2:elastic-ip"}, elasticIPs{c.ec2}},
			{"transit gateway", "aws_ec2_transit_gateway", c.region, []string{"ec2:transit-gateway"}, transitGateways{c.ec2}},
			{"subnet", "aws_subnet", c.region, []string{"ec2:subnet"}, subnets{c.ec2, interfaceHolders{c.ec2, "subnet-id"}}},
		},
		{ // free once no subnet is associated and no interface is a member
			{"route table", "aws_route_table", c.region, []string{"ec2:route-table"}, routeTables{c.ec2}},
			{"network ACL", "aws_network_acl", c.region, []string{"ec2:network-acl"}, networkACLs{c.ec2}},
			{"security group", "aws_security_group", c.region, []string{"ec2:security-group"}, securityGroups{c.ec2, interfaceHolders{c.ec2, "group-id"}}},
		},
		{ // after the route tables: one of them may be associated with a gateway
			{"internet gateway", "aws_internet_gateway", c.region, []string{"ec2:internet-gateway"}, internetGateways{c.ec2}},
			{"egress-only internet gateway", "aws_egress_only_internet_gateway", c.region, []string{"ec2:egress-only-internet-gateway"}, egressOnlyGateways{c.ec2}},
		},
		{
			{"VPC", "aws_vpc", c.region, []string{"ec2:vpc"}, vpcs{c.ec2, interfaceHolders{c.ec2, "vpc-id"}}},
		},
		{ // what VPCs refer to, and what has nothing to do with them
			{"DHCP option set", "aws_vpc_dhcp_options", c.region, []string{"ec2:dhcp-options"}, dhcpOptions{c.ec2}},
			{"managed prefix list", "aws_ec2_managed_prefix_list", c.region, []string{"ec2:prefix-list", "ec2:managed-prefix-lists"}, prefixLists{c.ec2}},
			{"S3 bucket", "aws_s3_bucket", c.region, []string{"s3"}, buckets{c.s3, c.region}},
			{"SQS queue", "aws_sqs_queue", c.region, []string{"sqs"}, queues{c.sqs}},
			{"DynamoDB table", "aws_dynamodb_table", c.region, []string{"dynamodb:table"}, tables{c.dynamodb}},
			{"SNS topic", "aws_sns_topic", c.region, []string{"sns"}, topics{c.sns}},
			{"Access Analyzer analyzer", "aws_accessanalyzer_analyzer", c.region, []string{"access-analyzer:analyzer"}, analyzers{c.analyzer}},
			{"X-Ray group", "aws_xray_group", c.region, []string{"xray:group"}, traceGroups{c.xray}},
			{"X-Ray sampling rule", "aws_xray_sampling_rule", c.region, []string{"xray:sampling-rule"}, samplingRules{c.xray}},
			{"KMS alias", "aws_kms_alias", c.region, nil, kmsAliases{c.kms}},
			{"instance profile", "aws_iam_instance_profile", global, []string{"iam:instance-profile"}, instanceProfiles{c.iam}},
		},
		{
			{"DynamoDB backup", "", c.region, nil, tableBackups{c.dynamodb, c.backup}},
			{"IAM role", "aws_iam_role", global, []string{"iam:role"}, roles{c.iam}},
			{"IAM user", "aws_iam_user", global, []string{"iam:user"}, users{c.iam}},
			{"KMS key", "aws_kms_key", c.region, []string{"kms:key"}, kmsKeys{c.kms}},
		},
		{ // policies after the roles that they are attached to or limit, and log groups after
			// the roles that write to them: flow logs still under way create theirs anew
			{"IAM policy", "aws_iam_policy", global, []string{"iam:policy"}, policies{c.iam}},
			{"CloudWatch log group", "aws_cloudwatch_log_group", c.region, []string{"logs:log-group"}, logGroups{c.logs}},
		},
	}
}
