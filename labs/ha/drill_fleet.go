package ha

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"labctl/checks/inventory"
	"labctl/labs"
	"labctl/labs/say"
)

// accountFleet is the fleet of a live lab.
type accountFleet struct{ live labs.Live }

func (f accountFleet) look(ctx context.Context, name string) (snapshot, error) {
	inv := inventory.New(f.live.Config, f.live.Inventory.Account, f.live.Inventory.Scope)
	groups, err := inv.AutoScalingGroups(ctx)
	if err != nil {
		return snapshot{}, err
	}
	for _, group := range groups {
		if group.AutoScalingGroupName == name {
			s := snapshot{Group: group, Checked: len(group.TargetGroupARNs) > 0}
			s.Healthy, err = f.healthy(ctx, group)
			return s, err
		}
	}
	return snapshot{}, labs.Lacks("group %s is gone", name)
}

// healthy are the instances that every target group of the group calls healthy.
func (f accountFleet) healthy(ctx context.Context, group inventory.AutoScalingGroup) ([]string, error) {
	api, in := elasticloadbalancingv2.NewFromConfig(f.live.Config), map[string]int{}
	for _, arn := range group.TargetGroupARNs {
		got, err := api.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &arn})
		if err != nil {
			return nil, fmt.Errorf("reading the health of the targets of %s: %w", arn, err)
		}
		for _, target := range got.TargetHealthDescriptions {
			if target.TargetHealth != nil && target.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy {
				in[aws.ToString(target.Target.Id)]++
			}
		}
	}
	var found []string
	for id, n := range in {
		if n == len(group.TargetGroupARNs) {
			found = append(found, id)
		}
	}
	return found, nil
}

// terminate terminates those that still run: the group may have been faster.
func (f accountFleet) terminate(ctx context.Context, instances []string) error {
	api := ec2.NewFromConfig(f.live.Config)
	got, err := api.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{
		{Name: aws.String("instance-id"), Values: instances},
		{Name: aws.String("instance-state-name"), Values: []string{"pending", "running", "stopping", "stopped"}},
	}})
	if err != nil {
		return fmt.Errorf("reading the instances %v: %w", instances, err)
	}
	var running []string
	for _, reservation := range got.Reservations {
		for _, instance := range reservation.Instances {
			running = append(running, aws.ToString(instance.InstanceId))
		}
	}
	if len(running) == 0 {
		return nil
	}
	if _, err = api.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: running}); err != nil {
		return fmt.Errorf("terminating %v: %w", running, err)
	}
	return nil
}

func (f accountFleet) setSubnets(ctx context.Context, group string, subnets []string) error {
	return putSettings(ctx, f.live, settings{Group: group, Subnets: subnets})
}

func (f accountFleet) setDesired(ctx context.Context, group string, desired int) error {
	_, err := autoscaling.NewFromConfig(f.live.Config).SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &group, DesiredCapacity: int32p(desired)})
	if err != nil {
		return fmt.Errorf("setting the desired capacity of group %s to %d: %w", group, desired, err)
	}
	return nil
}

func (f accountFleet) activities(ctx context.Context, group string, since time.Time) ([]string, error) {
	const most = 20
	got, err := autoscaling.NewFromConfig(f.live.Config).DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: &group, MaxRecords: aws.Int32(most)})
	if err != nil {
		return nil, fmt.Errorf("reading the activities of group %s: %w", group, err)
	}
	var told []string
	for n := len(got.Activities) - 1; n >= 0; n-- { // the newest comes first
		activity := got.Activities[n]
		if activity.StartTime != nil && activity.StartTime.Before(since.Add(-time.Second)) {
			continue
		}
		told = append(told, fmt.Sprintf("%s (%s)", say.Sentence(aws.ToString(activity.Description)), activity.StatusCode))
	}
	return told, nil
}
