package local_test

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"
)

// site is what an Auto Scaling group needs around it: a VPC with a subnet in each of three zones
// (us-east-1a to c), and a launch template.
type site struct {
	account
	t        T
	vpc      string
	subnets  []string
	template string
	name     string // of the group and everything else that has one
}

func (a account) site(t T, name string) site {
	s := site{account: a, t: t, vpc: a.vpc(t, "10.1.0.0/16"), name: name}
	for i, block := range []string{"10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24"} {
		subnet := must[ec2.CreateSubnetOutput](t)(a.ec2.CreateSubnet(a.ctx, &ec2.CreateSubnetInput{
			VpcId: &s.vpc, CidrBlock: &block, AvailabilityZone: aws.String("us-east-1" + string(rune('a'+i))),
		}))
		s.subnets = append(s.subnets, *subnet.Subnet.SubnetId)
	}
	images := must[ec2.DescribeImagesOutput](t)(a.ec2.DescribeImages(a.ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}})).Images
	s.template = s.makeTemplate(&types.RequestLaunchTemplateData{ImageId: images[0].ImageId, InstanceType: types.InstanceTypeT3Micro})
	return s
}

func (s site) makeTemplate(data *types.RequestLaunchTemplateData) string {
	out := must[ec2.CreateLaunchTemplateOutput](s.t)(s.ec2.CreateLaunchTemplate(s.ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: &s.name, LaunchTemplateData: data,
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeLaunchTemplate, Tags: []types.Tag{{Key: aws.String("role"), Value: aws.String("app")}}}},
	}))
	return *out.LaunchTemplate.LaunchTemplateId
}

// group makes the site's group, over the three subnets unless the change says otherwise.
func (s site) group(minimum, maximum int32, change ...func(*autoscaling.CreateAutoScalingGroupInput)) {
	in := &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: &s.name, MinSize: &minimum, MaxSize: &maximum, VPCZoneIdentifier: aws.String(strings.Join(s.subnets, ",")),
		LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &s.template, Version: aws.String("$Default")},
	}
	for _, c := range change {
		c(in)
	}
	must[autoscaling.CreateAutoScalingGroupOutput](s.t)(s.groups.CreateAutoScalingGroup(s.ctx, in))
}

func (s site) describe() astypes.AutoScalingGroup {
	out := must[autoscaling.DescribeAutoScalingGroupsOutput](s.t)(s.groups.DescribeAutoScalingGroups(s.ctx, &autoscaling.DescribeAutoScalingGroupsInput{
		AutoScalingGroupNames: []string{s.name},
	}))
	require.Len(s.t, out.AutoScalingGroups, 1)
	return out.AutoScalingGroups[0]
}

func (s site) members() (ids []string) {
	for _, m := range s.describe().Instances {
		ids = append(ids, *m.InstanceId)
	}
	return ids
}

// inZones counts the members of the three zones.
func (s site) inZones() (count [3]int) {
	for _, m := range s.describe().Instances {
		count[(*m.AvailabilityZone)[len("us-east-1")]-'a']++
	}
	return count
}

func (s site) update(in *autoscaling.UpdateAutoScalingGroupInput) error {
	in.AutoScalingGroupName = &s.name
	_, err := s.groups.UpdateAutoScalingGroup(s.ctx, in)
	return err
}

// desire sets the capacity that is wanted.
func (s site) desire(capacity int32) {
	must[autoscaling.SetDesiredCapacityOutput](s.t)(s.groups.SetDesiredCapacity(s.ctx, &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: &s.name, DesiredCapacity: &capacity,
	}))
}

func (s site) terminate(instance string) {
	must[ec2.TerminateInstancesOutput](s.t)(s.ec2.TerminateInstances(s.ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{instance}}))
}

func (s site) instance(id string) types.Instance {
	out := must[ec2.DescribeInstancesOutput](s.t)(s.ec2.DescribeInstances(s.ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{id}}))
	return out.Reservations[0].Instances[0]
}

// targetGroup is one whose targets drain for the seconds given.
func (s site) targetGroup(drain string) string {
	made := must[elb.CreateTargetGroupOutput](s.t)(s.elb.CreateTargetGroup(s.ctx, &elb.CreateTargetGroupInput{
		Name: &s.name, VpcId: &s.vpc, Port: aws.Int32(8080), Protocol: elbtypes.ProtocolEnumHttp, HealthCheckIntervalSeconds: aws.Int32(5),
	}))
	arn := made.TargetGroups[0].TargetGroupArn
	must[elb.ModifyTargetGroupAttributesOutput](s.t)(s.elb.ModifyTargetGroupAttributes(s.ctx, &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: arn, Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: &drain}},
	}))
	return *arn
}

// balancer forwards from the first two subnets to a target group.
func (s site) balancer(targetGroup string) string {
	igw := must[ec2.CreateInternetGatewayOutput](s.t)(s.ec2.CreateInternetGateway(s.ctx, &ec2.CreateInternetGatewayInput{})).InternetGateway.InternetGatewayId
	must[ec2.AttachInternetGatewayOutput](s.t)(s.ec2.AttachInternetGateway(s.ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: igw, VpcId: &s.vpc}))
	made := must[elb.CreateLoadBalancerOutput](s.t)(s.elb.CreateLoadBalancer(s.ctx, &elb.CreateLoadBalancerInput{Name: &s.name, Subnets: s.subnets[:2]}))
	arn := made.LoadBalancers[0].LoadBalancerArn
	must[elb.CreateListenerOutput](s.t)(s.elb.CreateListener(s.ctx, &elb.CreateListenerInput{
		LoadBalancerArn: arn, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp,
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &targetGroup}},
	}))
	return *arn
}

// health is the state of each target that the target group shows.
func (s site) health(targetGroup string) map[string]elbtypes.TargetHealthStateEnum {
	out := must[elb.DescribeTargetHealthOutput](s.t)(s.elb.DescribeTargetHealth(s.ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &targetGroup}))
	states := map[string]elbtypes.TargetHealthStateEnum{}
	for _, d := range out.TargetHealthDescriptions {
		states[*d.Target.Id] = d.TargetHealth.State
	}
	return states
}

// eventually waits for what takes a moment on the local AWS too.
func eventually(t T, holds func() bool) {
	require.Eventually(t, holds, 5*time.Second, 100*time.Millisecond)
}
