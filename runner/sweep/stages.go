package sweep

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type clients struct {
	analyzer *accessanalyzer.Client
	dynamodb *dynamodb.Client
	ec2      *ec2.Client
	elb      *elb.Client
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
	region   string
}

func newClients(cfg aws.Config) clients {
	return clients{
		region:   cfg.Region,
		analyzer: accessanalyzer.NewFromConfig(cfg),
		dynamodb: dynamodb.NewFromConfig(cfg),
		ec2:      ec2.NewFromConfig(cfg),
		elb:      elb.NewFromConfig(cfg),
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
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.UsePathStyle = cfg.BaseEndpoint != nil // bucket.localhost resolves nowhere
		}),
	}
}

// stages is the dependency order: what is in a stage may be deleted side by side once
// the stages before it are gone.
//
// ARN types are those of the service authorization reference; where moto's tagging
// API spells one differently, both stand here.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
func stages(c clients) [][]kind {
	return [][]kind{
		{ // a group would replace the instances that end before it
			{"Auto Scaling group", []string{"autoscaling:autoScalingGroup"}, autoScalingGroups{c.groups}},
		},
		{ // what uses the networks and what connects them; what writes to buckets and topics
			{"flow log", []string{"ec2:vpc-flow-log", "ec2:flow-logs"}, flowLogs{c.ec2}},
			{"EC2 instance", []string{"ec2:instance"}, instances{c.ec2}},
			{"load balancer", []string{"elasticloadbalancing:loadbalancer"}, loadBalancers{c.elb}},
			{"RDS instance", []string{"rds:db"}, databases{c.rds}},
			{"NAT gateway", []string{"ec2:natgateway"}, natGateways{c.ec2}},
			{"VPC endpoint", []string{"ec2:vpc-endpoint"}, vpcEndpoints{c.ec2}},
			{"transit gateway attachment", []string{"ec2:transit-gateway-attachment"}, transitGatewayAttachments{c.ec2}},
			{"VPC peering connection", []string{"ec2:vpc-peering-connection"}, peerings{c.ec2}},
			{"Route 53 hosted zone", []string{"route53:hostedzone"}, hostedZones{c.route53}},
			{"CloudTrail trail", []string{"cloudtrail:trail"}, trails{c.trails}},
			{"CloudWatch alarm", []string{"cloudwatch:alarm"}, alarms{c.metrics}},
		},
		{ // what those held on to
			{"launch template", []string{"ec2:launch-template"}, launchTemplates{c.ec2}},
			{"target group", []string{"elasticloadbalancing:targetgroup"}, targetGroups{c.elb}},
			{"DB subnet group", []string{"rds:subgrp"}, databaseSubnets{c.rds}},
			{"EBS volume", []string{"ec2:volume"}, volumes{c.ec2}},
			{"network interface", []string{"ec2:network-interface"}, networkInterfaces{c.ec2}},
			{"transit gateway route table", []string{"ec2:transit-gateway-route-table"}, transitGatewayRouteTables{c.ec2}},
		},
		{ // an internet gateway detaches only when no public address is mapped any more
			{"Elastic IP", []string{"ec2:elastic-ip"}, elasticIPs{c.ec2}},
			{"transit gateway", []string{"ec2:transit-gateway"}, transitGateways{c.ec2}},
			{"subnet", []string{"ec2:subnet"}, subnets{c.ec2, interfaceHolders{c.ec2, "subnet-id"}}},
		},
		{ // free once no subnet is associated and no interface is a member
			{"route table", []string{"ec2:route-table"}, routeTables{c.ec2}},
			{"network ACL", []string{"ec2:network-acl"}, networkACLs{c.ec2}},
			{"security group", []string{"ec2:security-group"}, securityGroups{c.ec2, interfaceHolders{c.ec2, "group-id"}}},
		},
		{ // after the route tables: one of them may be associated with a gateway
			{"internet gateway", []string{"ec2:internet-gateway"}, internetGateways{c.ec2}},
			{"egress-only internet gateway", []string{"ec2:egress-only-internet-gateway"}, egressOnlyGateways{c.ec2}},
		},
		{
			{"VPC", []string{"ec2:vpc"}, vpcs{c.ec2, interfaceHolders{c.ec2, "vpc-id"}}},
		},
		{ // what VPCs refer to, and what has nothing to do with them
			{"DHCP option set", []string{"ec2:dhcp-options"}, dhcpOptions{c.ec2}},
			{"managed prefix list", []string{"ec2:prefix-list", "ec2:managed-prefix-lists"}, prefixLists{c.ec2}},
			{"S3 bucket", []string{"s3"}, buckets{c.s3, c.region}},
			{"SQS queue", []string{"sqs"}, queues{c.sqs}},
			{"DynamoDB table", []string{"dynamodb:table"}, tables{c.dynamodb}},
			{"SNS topic", []string{"sns"}, topics{c.sns}},
			{"Access Analyzer analyzer", []string{"access-analyzer:analyzer"}, analyzers{c.analyzer}},
			{"KMS alias", nil, kmsAliases{c.kms}},
			{"instance profile", []string{"iam:instance-profile"}, instanceProfiles{c.iam}},
		},
		{
			{"IAM role", []string{"iam:role"}, roles{c.iam}},
			{"IAM user", []string{"iam:user"}, users{c.iam}},
			{"KMS key", []string{"kms:key"}, kmsKeys{c.kms}},
		},
		{ // policies after the roles that they are attached to or limit, and log groups after
			// the roles that write to them: flow logs still under way create theirs anew
			{"IAM policy", []string{"iam:policy"}, policies{c.iam}},
			{"CloudWatch log group", []string{"logs:log-group"}, logGroups{c.logs}},
		},
	}
}
