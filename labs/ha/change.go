package ha

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"labctl/checks/inventory"
	"labctl/labs"
)

// swap is [labs.Swap] with a plan that reads the architecture.
func swap[T any](fault labs.Fault, plan func(context.Context, *architecture, labs.Live) (before, after T, err error), put func(context.Context, labs.Live, T) error) labs.Fault {
	return labs.Swap(fault, func(ctx context.Context, live labs.Live) (before, after T, err error) {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return before, after, err
		}
		return plan(ctx, a, live)
	}, put)
}

// group is the group that is changed: the first of the lab's.
func (a *architecture) group() (inventory.AutoScalingGroup, error) {
	if len(a.groups) == 0 {
		return inventory.AutoScalingGroup{}, labs.Lacks("%s", a.nothing("Auto Scaling group", roleApp))
	}
	return a.groups[0], nil
}

// targetGroup is the first target group of the group.
func (a *architecture) targetGroup(ctx context.Context) (inventory.TargetGroup, error) {
	group, err := a.group()
	if err != nil {
		return inventory.TargetGroup{}, err
	}
	targets, err := a.targetGroupsOf(ctx, group)
	if err == nil && len(targets) == 0 {
		err = labs.Lacks("group %s is attached to no target group", group.AutoScalingGroupName)
	}
	if err != nil {
		return inventory.TargetGroup{}, err
	}
	return targets[0], nil
}

// settings are attributes of a group. What is nil stays as it is.
type settings struct {
	Group      string
	Subnets    []string `json:",omitempty"`
	Min        *int32   `json:",omitempty"`
	Max        *int32   `json:",omitempty"`
	HealthType *string  `json:",omitempty"`
	Grace      *int32   `json:",omitempty"`
	Warmup     *int32   `json:",omitempty"` // -1 where it is not enabled
}

// groupFault is a fault that consists of attributes of the group.
func groupFault(fault labs.Fault, plan func(inventory.AutoScalingGroup) (before, after settings)) labs.Fault {
	return swap(fault, func(_ context.Context, a *architecture, _ labs.Live) (before, after settings, err error) {
		group, err := a.group()
		if err != nil {
			return before, after, err
		}
		before, after = plan(group)
		before.Group, after.Group = group.AutoScalingGroupName, group.AutoScalingGroupName
		return before, after, nil
	}, putSettings)
}

func putSettings(ctx context.Context, live labs.Live, s settings) error {
	in := &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: &s.Group, MinSize: s.Min, MaxSize: s.Max, HealthCheckType: s.HealthType,
		HealthCheckGracePeriod: s.Grace, DefaultInstanceWarmup: s.Warmup,
	}
	if len(s.Subnets) > 0 {
		in.VPCZoneIdentifier = aws.String(strings.Join(s.Subnets, ","))
	}
	return updateGroup(ctx, live, in)
}

func updateGroup(ctx context.Context, live labs.Live, in *autoscaling.UpdateAutoScalingGroupInput) error {
	if _, err := autoscaling.NewFromConfig(live.Config).UpdateAutoScalingGroup(ctx, in); err != nil {
		return fmt.Errorf("changing group %s: %w", *in.AutoScalingGroupName, err)
	}
	return nil
}

func int32p(n int) *int32 { return aws.Int32(int32(n)) } //nolint:gosec // sizes and seconds of a group

// rawGroup is a group as the API describes it, for changes that send all of it back.
func rawGroup(ctx context.Context, live labs.Live, name string) (types.AutoScalingGroup, error) {
	got, err := autoscaling.NewFromConfig(live.Config).DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{name}})
	if err != nil {
		return types.AutoScalingGroup{}, fmt.Errorf("reading group %s: %w", name, err)
	}
	if len(got.AutoScalingGroups) == 0 {
		return types.AutoScalingGroup{}, labs.Lacks("group %s is gone", name)
	}
	return got.AutoScalingGroups[0], nil
}
