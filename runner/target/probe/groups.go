package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func groupProbes() []probe {
	groups := []string{"autoscaling", "ec2"}
	return []probe{
		{"template-versions", []string{"ec2"}, templateVersions},
		{"group-updates", groups, groupUpdates},
		{"group-zones", groups, groupZones},
		{"scaling-notifications", append([]string{"sns"}, groups...), scalingNotifications},
		{"scaling-policies", append([]string{"cloudwatch"}, groups...), scalingPolicies},
		{"redrive-policies", []string{"sqs"}, redrivePolicies},
	}
}

// site is a VPC with a subnet in each of two zones, and a launch template.
type site struct {
	vpc      string
	subnets  []string
	template string
	image    *string
}

func (b *bench) makeSite(ctx context.Context) (site, error) {
	zones, err := b.zones(ctx)
	if err != nil {
		return site{}, err
	}
	vpc, err := b.vpc(ctx, "10.75.0.0/16", false)
	if err != nil {
		return site{}, err
	}
	s := site{vpc: aws.ToString(vpc.VpcId)}
	for i, cidr := range []string{"10.75.1.0/24", "10.75.2.0/24"} {
		subnet, err := b.subnet(ctx, s.vpc, cidr, zones[i])
		if err != nil {
			return site{}, err
		}
		s.subnets = append(s.subnets, subnet)
	}
	images, err := b.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}})
	if err != nil {
		return site{}, err
	}
	if len(images.Images) == 0 {
		return site{}, errors.New("there is no image of Amazon's to launch")
	}
	s.image = images.Images[0].ImageId
	s.template, err = b.makeTemplate(ctx, "site", s.image)
	return s, err
}

func (b *bench) makeTemplate(ctx context.Context, purpose string, image *string) (string, error) {
	out, err := b.ec2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: b.name(purpose), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: image, InstanceType: types.InstanceTypeT3Micro},
		TagSpecifications: b.tagged(types.ResourceTypeLaunchTemplate),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.LaunchTemplate.LaunchTemplateId), nil
}

func templateVersions(ctx context.Context, b *bench) error {
	s, err := b.site(ctx)
	if err != nil {
		return err
	}
	template, err := b.makeTemplate(ctx, "versions", s.image)
	if err != nil {
		return err
	}
	if _, err := b.ec2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &template, SourceVersion: aws.String("1"), LaunchTemplateData: &types.RequestLaunchTemplateData{KeyName: aws.String("none")},
	}); err != nil {
		return err
	}
	out, err := b.ec2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &template, Versions: []string{"2"}})
	if err != nil {
		return err
	}
	if len(out.LaunchTemplateVersions) != 1 || out.LaunchTemplateVersions[0].LaunchTemplateData.InstanceType != types.InstanceTypeT3Micro {
		return errors.New("a version of a launch template does not take over what its source says")
	}
	gone, err := b.ec2.DeleteLaunchTemplateVersions(ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &template, Versions: []string{"2"}})
	if err != nil {
		return err
	}
	if len(gone.SuccessfullyDeletedLaunchTemplateVersions) != 1 {
		return errors.New("a version of a launch template cannot be deleted")
	}
	return nil
}

func (b *bench) group(ctx context.Context, purpose string, size int32) (name *string, s site, err error) {
	if s, err = b.site(ctx); err != nil {
		return nil, s, err
	}
	name = b.name(purpose)
	_, err = b.groups.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: name, MinSize: &size, MaxSize: aws.Int32(4), VPCZoneIdentifier: aws.String(strings.Join(s.subnets, ",")),
		LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &s.template}, DefaultInstanceWarmup: aws.Int32(60),
		Tags: []astypes.Tag{{Key: aws.String(tagRun), Value: &b.run, ResourceId: name, ResourceType: aws.String("auto-scaling-group"), PropagateAtLaunch: aws.Bool(true)}},
	})
	return name, s, err
}

func (b *bench) describeGroup(ctx context.Context, name *string) (astypes.AutoScalingGroup, error) {
	out, err := b.groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{*name}})
	if err != nil {
		return astypes.AutoScalingGroup{}, err
	}
	if len(out.AutoScalingGroups) != 1 {
		return astypes.AutoScalingGroup{}, errors.New("a group that was made is not there")
	}
	return out.AutoScalingGroups[0], nil
}

func groupUpdates(ctx context.Context, b *bench) error {
	name, _, err := b.group(ctx, "updates", 0)
	if err != nil {
		return err
	}
	if _, err := b.groups.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: name, DefaultInstanceWarmup: aws.Int32(540), HealthCheckGracePeriod: aws.Int32(90), HealthCheckType: aws.String("ELB"),
	}); err != nil {
		return err
	}
	group, err := b.describeGroup(ctx, name)
	if err != nil {
		return err
	}
	if aws.ToInt32(group.DefaultInstanceWarmup) != 540 || aws.ToInt32(group.HealthCheckGracePeriod) != 90 || aws.ToString(group.HealthCheckType) != "ELB" {
		return errors.New("what is changed of a group (its warm-up, its health check) is not kept")
	}
	return nil
}

func groupZones(ctx context.Context, b *bench) error {
	name, s, err := b.group(ctx, "zones", 2)
	if err != nil {
		return err
	}
	group, err := b.describeGroup(ctx, name)
	if err != nil {
		return err
	}
	zones := map[string]int{}
	for _, member := range group.Instances {
		zones[aws.ToString(member.AvailabilityZone)]++
	}
	if len(group.Instances) != 2 || len(zones) != 2 {
		return fmt.Errorf("two members of a group in two zones are in %d", len(zones))
	}
	if _, err := b.groups.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: name, VPCZoneIdentifier: &s.subnets[0]}); err != nil {
		return err
	}
	if group, err = b.describeGroup(ctx, name); err != nil {
		return err
	}
	if len(group.Instances) != 2 || aws.ToString(group.Instances[0].AvailabilityZone) != aws.ToString(group.Instances[1].AvailabilityZone) {
		return errors.New("a group that loses a zone keeps members there")
	}
	return nil
}

func scalingNotifications(ctx context.Context, b *bench) error {
	name, _, err := b.group(ctx, "notifications", 0)
	if err != nil {
		return err
	}
	topic, err := b.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: b.name("notifications"), Tags: []snstypes.Tag{{Key: aws.String(tagRun), Value: &b.run}}})
	if err != nil {
		return err
	}
	kinds := []string{"autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"}
	if _, err := b.groups.PutNotificationConfiguration(ctx, &autoscaling.PutNotificationConfigurationInput{AutoScalingGroupName: name, TopicARN: topic.TopicArn, NotificationTypes: kinds}); err != nil {
		return err
	}
	out, err := b.groups.DescribeNotificationConfigurations(ctx, &autoscaling.DescribeNotificationConfigurationsInput{AutoScalingGroupNames: []string{*name}})
	if err != nil {
		return err
	}
	if len(out.NotificationConfigurations) != len(kinds) {
		return errors.New("the notifications of a group are not kept")
	}
	return nil
}

func scalingPolicies(ctx context.Context, b *bench) error {
	name, _, err := b.group(ctx, "policies", 0)
	if err != nil {
		return err
	}
	if _, err := b.groups.PutScalingPolicy(ctx, &autoscaling.PutScalingPolicyInput{
		AutoScalingGroupName: name, PolicyName: b.name("tracking"), PolicyType: aws.String("TargetTrackingScaling"),
		TargetTrackingConfiguration: &astypes.TargetTrackingConfiguration{
			TargetValue:                   aws.Float64(50),
			PredefinedMetricSpecification: &astypes.PredefinedMetricSpecification{PredefinedMetricType: astypes.MetricTypeASGAverageCPUUtilization},
		},
	}); err != nil {
		return err
	}
	out, err := b.groups.DescribePolicies(ctx, &autoscaling.DescribePoliciesInput{AutoScalingGroupName: name})
	if err != nil {
		return err
	}
	if len(out.ScalingPolicies) != 1 || !aws.ToBool(out.ScalingPolicies[0].Enabled) || len(out.ScalingPolicies[0].Alarms) != 2 {
		return errors.New("a target tracking policy is not read back as enabled, with its two alarms")
	}
	alarms, err := b.metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("TargetTracking-" + *name)})
	if err != nil {
		return err
	}
	if len(alarms.MetricAlarms) != 2 {
		return fmt.Errorf("a target tracking policy has %d alarms", len(alarms.MetricAlarms))
	}
	_, err = b.groups.DeletePolicy(ctx, &autoscaling.DeletePolicyInput{AutoScalingGroupName: name, PolicyName: b.name("tracking")})
	return err
}

func redrivePolicies(ctx context.Context, b *bench) error {
	dead, err := b.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: b.name("dead"), Tags: b.tags()})
	if err != nil {
		return err
	}
	attribute := func(url *string, name sqstypes.QueueAttributeName) (string, error) {
		out, err := b.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []sqstypes.QueueAttributeName{name}})
		if err != nil {
			return "", err
		}
		return out.Attributes[string(name)], nil
	}
	arn, err := attribute(dead.QueueUrl, sqstypes.QueueAttributeNameQueueArn)
	if err != nil {
		return err
	}
	policy := `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":5}`
	orders, err := b.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: b.name("orders"), Tags: b.tags(), Attributes: map[string]string{"RedrivePolicy": policy}})
	if err != nil {
		return err
	}
	got, err := attribute(orders.QueueUrl, sqstypes.QueueAttributeNameRedrivePolicy)
	if err != nil {
		return err
	}
	if got != policy {
		return fmt.Errorf("a redrive policy is read back as %s", got)
	}
	return nil
}
