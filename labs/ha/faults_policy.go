package ha

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"labctl/labs"
)

// tracking is a target tracking policy: it is always put as a whole, under its name.
type tracking struct {
	Group, Name   string
	Warmup        *int32
	Configuration types.TargetTrackingConfiguration
}

func networkOutPolicy() labs.Fault {
	return trackingFault(labs.Fault{
		ID:     "network-out",
		Title:  "The more visitors are turned away, the smaller the group gets.",
		Answer: "The policy tracks the bytes that instances send: errors are small, so the metric falls when the site fails, and it comes each five minutes.",
		// EC2's metrics come each five minutes: the replay is late too.
		Breaks: []string{"ha-policy", "ha-sim"},
		Hints: []string{
			"The policy keeps its metric at its target.",
			"What does the metric do when every answer is an error?",
			"Look at which predefined metric the policy tracks.",
		},
	}, func(c types.TargetTrackingConfiguration) types.TargetTrackingConfiguration {
		const minutes = 5
		c.CustomizedMetricSpecification = nil
		c.PredefinedMetricSpecification = &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeASGAverageNetworkOut}
		c.TargetValue = aws.Float64(minutes * 60 * instanceRate / 2 * answerBytes)
		return c
	})
}

func scaleInOff() labs.Fault {
	return trackingFault(labs.Fault{
		ID:     "scale-in-off",
		Title:  "Since the last sale the bill is five times as high.",
		Answer: "Scale-in is disabled in the tracking policy: the group only ever grows.",
		Breaks: []string{"ha-policy"},
		Twin:   true,
		Hints: []string{
			"It scales out well: metric, target and warm-up are right.",
			"Who takes instances away?",
			"A target tracking policy has a switch for one direction.",
		},
	}, func(c types.TargetTrackingConfiguration) types.TargetTrackingConfiguration {
		c.DisableScaleIn = aws.Bool(true)
		return c
	})
}

// trackingFault is a fault that consists of another configuration of the group's target tracking policy.
func trackingFault(fault labs.Fault, change func(types.TargetTrackingConfiguration) types.TargetTrackingConfiguration) labs.Fault {
	return swap(fault, func(ctx context.Context, a *architecture, live labs.Live) (before, after tracking, err error) {
		group, err := a.group()
		if err != nil {
			return before, after, err
		}
		got, err := autoscaling.NewFromConfig(live.Config).DescribePolicies(ctx, &autoscaling.DescribePoliciesInput{AutoScalingGroupName: &group.AutoScalingGroupName})
		if err != nil {
			return before, after, fmt.Errorf("reading the policies of group %s: %w", group.AutoScalingGroupName, err)
		}
		for _, policy := range got.ScalingPolicies {
			if policy.TargetTrackingConfiguration == nil {
				continue
			}
			before = tracking{group.AutoScalingGroupName, aws.ToString(policy.PolicyName), policy.EstimatedInstanceWarmup, *policy.TargetTrackingConfiguration}
			after = before
			after.Configuration = change(before.Configuration)
			return before, after, nil
		}
		return before, after, labs.Lacks("group %s has no target tracking policy", group.AutoScalingGroupName)
	}, func(ctx context.Context, live labs.Live, t tracking) error {
		_, err := autoscaling.NewFromConfig(live.Config).PutScalingPolicy(ctx, &autoscaling.PutScalingPolicyInput{
			AutoScalingGroupName: &t.Group, PolicyName: &t.Name, PolicyType: aws.String("TargetTrackingScaling"),
			EstimatedInstanceWarmup: t.Warmup, TargetTrackingConfiguration: &t.Configuration,
		})
		if err != nil {
			return fmt.Errorf("putting policy %s of group %s: %w", t.Name, t.Group, err)
		}
		return nil
	})
}
