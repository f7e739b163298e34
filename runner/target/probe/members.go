package probe

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func memberProbes() []probe {
	groups := []string{"autoscaling", "ec2"}
	return []probe{
		{"group-targets", append([]string{"elbv2"}, groups...), groupTargets},
		{"unhealthy-members", groups, unhealthyMembers},
		{"scaling-activities", groups, scalingActivities},
	}
}

func memberIDs(members []astypes.Instance) []string {
	var ids []string
	for _, m := range members {
		ids = append(ids, aws.ToString(m.InstanceId))
	}
	slices.Sort(ids)
	return ids
}

func (b *bench) members(ctx context.Context, group *string) ([]string, error) {
	described, err := b.describeGroup(ctx, group)
	return memberIDs(described.Instances), err
}

// targetIDs are the targets that are not on their way out.
func (b *bench) targetIDs(ctx context.Context, targetGroup *string) ([]string, error) {
	out, err := b.elb.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: targetGroup})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, t := range out.TargetHealthDescriptions {
		if t.TargetHealth == nil || t.TargetHealth.State != elbtypes.TargetHealthStateEnumDraining {
			ids = append(ids, aws.ToString(t.Target.Id))
		}
	}
	slices.Sort(ids)
	return ids, nil
}

func (b *bench) desire(ctx context.Context, group *string, size int32) error {
	_, err := b.groups.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: group, DesiredCapacity: &size})
	return err
}

// groupTargets scales a group out and in, and looks whether its members are the targets.
func groupTargets(ctx context.Context, b *bench) error {
	name, s, err := b.group(ctx, "targets", 0)
	if err != nil {
		return err
	}
	made, err := b.elb.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name: aws.String(b.run + "-targets"), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: &s.vpc, // at most 32 characters
		Tags: []elbtypes.Tag{{Key: aws.String(tagRun), Value: &b.run}},
	})
	if err != nil {
		return err
	}
	if len(made.TargetGroups) != 1 {
		return errors.New("no target group was made")
	}
	targets := made.TargetGroups[0].TargetGroupArn
	if _, err := b.groups.AttachLoadBalancerTargetGroups(ctx, &autoscaling.AttachLoadBalancerTargetGroupsInput{
		AutoScalingGroupName: name, TargetGroupARNs: []string{*targets},
	}); err != nil {
		return err
	}
	for _, size := range []int32{2, 1} {
		if err := b.desire(ctx, name, size); err != nil {
			return err
		}
		if err := b.until(ctx, settled, "the targets of a group are its members", func() (bool, error) {
			members, err := b.members(ctx, name)
			if err != nil {
				return false, err
			}
			registered, err := b.targetIDs(ctx, targets)
			return len(members) == int(size) && slices.Equal(members, registered), err
		}); err != nil {
			return err
		}
	}
	return nil
}

// unhealthyMembers says of a member that it is ill, and waits for another one in its place.
func unhealthyMembers(ctx context.Context, b *bench) error {
	name, _, err := b.group(ctx, "unhealthy", 1)
	if err != nil {
		return err
	}
	var ill []string
	if err := b.until(ctx, settled, "a group has its member", func() (bool, error) {
		ill, err = b.members(ctx, name)
		return len(ill) == 1, err
	}); err != nil {
		return err
	}
	if _, err := b.groups.SetInstanceHealth(ctx, &autoscaling.SetInstanceHealthInput{
		InstanceId: &ill[0], HealthStatus: aws.String("Unhealthy"), ShouldRespectGracePeriod: aws.Bool(false),
	}); err != nil {
		return err
	}
	return b.until(ctx, settled, "a member that is unhealthy is replaced", func() (bool, error) {
		now, err := b.members(ctx, name)
		return len(now) == 1 && now[0] != ill[0], err
	})
}

func scalingActivities(ctx context.Context, b *bench) error {
	name, _, err := b.group(ctx, "activities", 0)
	if err != nil {
		return err
	}
	if err := b.desire(ctx, name, 1); err != nil {
		return err
	}
	return b.until(ctx, settled, "a group tells why it has launched an instance", func() (bool, error) {
		out, err := b.groups.DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: name})
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(out.Activities, func(a astypes.Activity) bool {
			return a.StatusCode == astypes.ScalingActivityStatusCodeSuccessful && strings.HasPrefix(aws.ToString(a.Description), "Launching a new EC2 instance: i-") &&
				strings.Contains(aws.ToString(a.Cause), "increasing the capacity from 0 to 1")
		}), nil
	})
}
