package sweep

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

// site is a scaled site in a VPC that has an internet gateway: a load balancer, a group of instances
// behind it, queues, and what keeps the data, protected from deletion.
func (b *builder) site(vpc, net string) {
	subnets := []string{b.subnetIn(vpc, net+".8.0/24", "us-east-1a"), b.subnetIn(vpc, net+".9.0/24", "us-east-1b")}
	targets := b.loadBalancer(vpc, subnets)
	b.scalingGroup(subnets, targets)
	b.queues()
	b.table()
	b.database(subnets)
}

func (b *builder) subnetIn(vpc, cidr, zone string) string {
	out, err := b.ec2.CreateSubnet(b.t.Context(), &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr, AvailabilityZone: &zone})
	return b.note("subnet", must(b.t, out, err).Subnet.SubnetId)
}

// loadBalancer has a name that says nothing, a listener, and somebody's hand on its deletion protection.
func (b *builder) loadBalancer(vpc string, subnets []string) (targetGroup string) {
	ctx, t := b.t.Context(), b.t
	name := aws.String("site-" + b.owner())
	var tags []elbtypes.Tag
	for k, v := range b.tags("site") {
		tags = append(tags, elbtypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	balancer, err := b.elb.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: name, Subnets: subnets, Tags: tags})
	arn := b.note("load balancer", must(t, balancer, err).LoadBalancers[0].LoadBalancerArn)
	_, err = b.elb.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
		LoadBalancerArn: &arn, Attributes: []elbtypes.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: aws.String("true")}},
	})
	require.NoError(t, err)
	group, err := b.elb.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name: name, VpcId: &vpc, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, Tags: tags,
	})
	targetGroup = b.note("target group", must(t, group, err).TargetGroups[0].TargetGroupArn)
	_, err = b.elb.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: &arn, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, Tags: tags,
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &targetGroup}},
	})
	require.NoError(t, err)
	return targetGroup
}

// scalingGroup is untagged, as by hand in the VPC's subnets; its instances carry no tag either.
func (b *builder) scalingGroup(subnets []string, targetGroup string) {
	ctx, t := b.t.Context(), b.t
	images, err := b.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}})
	image := must(t, images, err).Images[0].ImageId
	template, err := b.ec2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String(b.name("app")), TagSpecifications: b.ec2Tags(ec2types.ResourceTypeLaunchTemplate, "app"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: image, InstanceType: ec2types.InstanceTypeT3Micro},
	})
	id := b.note("launch template", must(t, template, err).LaunchTemplate.LaunchTemplateId)
	name := aws.String("group-" + b.owner())
	_, err = b.groups.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: name, MinSize: aws.Int32(2), MaxSize: aws.Int32(2), VPCZoneIdentifier: aws.String(strings.Join(subnets, ",")),
		LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &id}, TargetGroupARNs: []string{targetGroup},
	})
	require.NoError(t, err)
	b.note("Auto Scaling group", name)
	members, err := b.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{
		Filters: []ec2types.Filter{{Name: aws.String("tag:aws:autoscaling:groupName"), Values: []string{*name}}},
	})
	for _, r := range must(t, members, err).Reservations {
		for _, i := range r.Instances {
			b.note("EC2 instance", i.InstanceId)
			b.note("EBS volume", i.BlockDeviceMappings[0].Ebs.VolumeId)
		}
	}
}

// queues are one found by its name and one by its tag, behind the topic of audit.
func (b *builder) queues() {
	ctx, t := b.t.Context(), b.t
	for name, tags := range map[string]map[string]string{b.name("orders"): nil, "events-" + b.owner(): b.tags("events")} {
		_, err := b.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Tags: tags})
		require.NoError(t, err)
		b.note("SQS queue", &name)
		_, err = b.sns.Subscribe(ctx, &sns.SubscribeInput{
			TopicArn: aws.String("arn:aws:sns:us-east-1:123456789012:" + b.name("pages")),
			Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:123456789012:" + name),
		})
		require.NoError(t, err)
	}
}

func (b *builder) table() {
	var tags []dynamotypes.Tag
	for k, v := range b.tags("orders") {
		tags = append(tags, dynamotypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	name := aws.String("orders-" + b.owner())
	_, err := b.dynamodb.CreateTable(b.t.Context(), &dynamodb.CreateTableInput{
		TableName: name, BillingMode: dynamotypes.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(true), Tags: tags,
		KeySchema:            []dynamotypes.KeySchemaElement{{AttributeName: aws.String("order"), KeyType: dynamotypes.KeyTypeHash}},
		AttributeDefinitions: []dynamotypes.AttributeDefinition{{AttributeName: aws.String("order"), AttributeType: dynamotypes.ScalarAttributeTypeS}},
	})
	require.NoError(b.t, err)
	b.note("DynamoDB table", name)
}

func (b *builder) database(subnets []string) {
	ctx, t := b.t.Context(), b.t
	var tags []rdstypes.Tag
	for k, v := range b.tags("orders") {
		tags = append(tags, rdstypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	name := aws.String(b.name("orders"))
	_, err := b.rds.CreateDBSubnetGroup(ctx, &rds.CreateDBSubnetGroupInput{DBSubnetGroupName: name, DBSubnetGroupDescription: name, SubnetIds: subnets, Tags: tags})
	require.NoError(t, err)
	b.note("DB subnet group", name)
	_, err = b.rds.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{
		DBInstanceIdentifier: name, DBInstanceClass: aws.String("db.t4g.micro"), Engine: aws.String("postgres"), AllocatedStorage: aws.Int32(20),
		MasterUsername: aws.String("orders"), MasterUserPassword: aws.String("not-a-Secret1"), DBSubnetGroupName: name,
		DeletionProtection: aws.Bool(true), Tags: tags,
	})
	require.NoError(t, err)
	b.note("RDS instance", name)
}

// owner tells apart what has a name that says nothing to a sweep.
func (b *builder) owner() string {
	if b.run == "" {
		return "payroll"
	}
	return b.run
}
