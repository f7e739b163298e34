package ha

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"labctl/checks/inventory"
	"labctl/labs"
)

// The faults of the Auto Scaling group's own settings.

func oneSubnet() labs.Fault {
	return groupFault(labs.Fault{
		ID:     "one-subnet",
		Title:  "The instances have all moved closer together.",
		Answer: "The group launches into one subnet only: all instances stand in one zone.",
		// With its only zone the group loses everything, at the minimum and at the peak.
		Breaks: []string{"ha-asg-az", "ha-static", "ha-sim"},
		Hints: []string{
			"As many instances as ever are in service. Where?",
			"A group launches into its subnets and nowhere else.",
			"List the group's subnets and their zones.",
		},
	}, func(g inventory.AutoScalingGroup) (before, after settings) {
		return settings{Subnets: g.Subnets}, settings{Subnets: g.Subnets[:min(1, len(g.Subnets))]}
	})
}

func minimumHalved() labs.Fault {
	return groupFault(labs.Fault{
		ID:     "minimum-halved",
		Title:  "The bill has been cut: at night fewer instances run.",
		Answer: "The group's minimum is half of what it was: without one zone, what it is sure to have does not carry an ordinary day.",
		Breaks: []string{"ha-static"},
		Hints: []string{
			"Everything works, and will, until a zone is lost at night.",
			"What is sure to be there is the minimum, spread over the zones.",
			"Take one zone's share from the minimum and multiply by 10 requests a second.",
		},
	}, func(g inventory.AutoScalingGroup) (before, after settings) {
		return settings{Min: int32p(g.MinSize)}, settings{Min: int32p(g.MinSize / 2)}
	})
}

func maximumDesired() labs.Fault {
	return groupFault(labs.Fault{
		ID:     "maximum-desired",
		Title:  "During the last sale the group stayed as small as on any other day.",
		Answer: "The group's maximum is what it has on an ordinary day: no policy can scale it out.",
		Breaks: []string{"ha-static", "ha-headroom", "ha-sim"},
		Hints: []string{
			"The policy is right and its alarm went off.",
			"The desired capacity moves between two limits.",
			"Compare the group's maximum with the peak.",
		},
	}, func(g inventory.AutoScalingGroup) (before, after settings) {
		return settings{Max: int32p(g.MaxSize)}, settings{Max: int32p(max(g.DesiredCapacity, g.MinSize))}
	})
}

func healthTypeEC2() labs.Fault {
	return groupFault(labs.Fault{
		ID:     "health-type-ec2",
		Title:  "An instance has answered nobody since yesterday, and is still there.",
		Answer: "The group's health check type is EC2: it no longer asks the load balancer.",
		Breaks: []string{"ha-elb-health"},
		Hints: []string{
			"The load balancer has noticed: it sends it no visitors.",
			"The group replaces what it calls unhealthy. Whom does it ask?",
			"Look at the group's health check type.",
		},
	}, func(g inventory.AutoScalingGroup) (before, after settings) {
		return settings{HealthType: &g.HealthCheckType}, settings{HealthType: aws.String("EC2")}
	})
}

func graceHour() labs.Fault {
	return groupFault(labs.Fault{
		ID:     "grace-hour",
		Title:  "A bad deployment stayed for an hour: the new instances never answered, and the group kept them.",
		Answer: "The health check grace period is 3600 s: for an hour after a launch nobody's verdict counts.",
		Breaks: []string{"ha-elb-health"},
		Twin:   true,
		Hints: []string{
			"The group does ask the load balancer.",
			"It asks, but not from the beginning.",
			"Look at the grace period of the group's health check.",
		},
	}, func(g inventory.AutoScalingGroup) (before, after settings) {
		return settings{Grace: int32p(g.HealthCheckGracePeriod)}, settings{Grace: aws.Int32(3600)}
	})
}

// longWarmup is the lab page's "cooldown 900": that of a group has no effect on target tracking and step scaling, which wait
// for instances to warm up. It stays below the length of the ramp, so that only the replay shows what it does.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scaling-cooldowns.html
func longWarmup() labs.Fault {
	return groupFault(labs.Fault{
		ID:     "long-warmup",
		Title:  "The group scales out once, then seems to think, while the queue grows.",
		Answer: "The default instance warm-up is 540 s: instances that serve already are not counted for nine minutes, and the group waits for them.",
		Breaks: []string{"ha-sim"},
		Hints: []string{
			"The metric is right, the limits are right, the first step comes in time.",
			"When does the group take a new instance into account?",
			"Compare the default instance warm-up with how long an instance takes to answer.",
		},
	}, func(g inventory.AutoScalingGroup) (before, after settings) {
		before = settings{Warmup: aws.Int32(-1)} // switches it off
		if g.DefaultInstanceWarmup != nil {
			before.Warmup = int32p(*g.DefaultInstanceWarmup)
		}
		return before, settings{Warmup: aws.Int32(540)}
	})
}

func launchSuspended() labs.Fault {
	return processFault("Launch", labs.Fault{
		ID:     "launch-suspended",
		Title:  "Since the last maintenance the group has not grown any more.",
		Answer: "The process Launch is suspended: the group neither scales out nor replaces.",
		Breaks: []string{"ha-processes", "ha-sim"},
		Hints: []string{
			"The alarms go off, and nothing follows.",
			"A group's work is divided into processes.",
			"List the group's suspended processes.",
		},
	})
}

func replacementSuspended() labs.Fault {
	return processFault("ReplaceUnhealthy", labs.Fault{
		ID:     "replacement-suspended",
		Title:  "An instance that the group itself calls unhealthy is still there.",
		Answer: "The process ReplaceUnhealthy is suspended: the group notices and does nothing.",
		Breaks: []string{"ha-processes"},
		Hints: []string{
			"The group knows.",
			"Noticing and replacing are two things.",
			"List the group's suspended processes.",
		},
	})
}

// suspension is a process of a group that is suspended or not.
type suspension struct {
	Group, Process string
	Suspended      bool
}

func processFault(process string, fault labs.Fault) labs.Fault {
	return swap(fault, func(_ context.Context, a *architecture, _ labs.Live) (before, after suspension, err error) {
		group, err := a.group()
		name := group.AutoScalingGroupName
		return suspension{name, process, false}, suspension{name, process, true}, err
	}, func(ctx context.Context, live labs.Live, s suspension) error {
		api := autoscaling.NewFromConfig(live.Config)
		var err error
		if s.Suspended {
			_, err = api.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: &s.Group, ScalingProcesses: []string{s.Process}})
		} else {
			_, err = api.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: &s.Group, ScalingProcesses: []string{s.Process}})
		}
		if err != nil {
			return fmt.Errorf("switching process %s of group %s: %w", s.Process, s.Group, err)
		}
		return nil
	})
}

// mix is a group's mixed instances policy: it is always sent as a whole.
type mix struct {
	Group  string
	Policy types.MixedInstancesPolicy
}

func oneType() labs.Fault {
	return swap(labs.Fault{
		ID:     "one-type",
		Title:  "The group's activities say InsufficientInstanceCapacity.",
		Answer: "The mixed instances policy names one instance type only.",
		Breaks: []string{"ha-mixed"},
		Hints: []string{
			"The zone has run out of something.",
			"What else could the group have launched?",
			"Look at the overrides of the group's mixed instances policy.",
		},
	}, func(ctx context.Context, a *architecture, live labs.Live) (before, after mix, err error) {
		group, err := a.group()
		if err != nil {
			return before, after, err
		}
		raw, err := rawGroup(ctx, live, group.AutoScalingGroupName)
		if err != nil {
			return before, after, err
		}
		if raw.MixedInstancesPolicy == nil || raw.MixedInstancesPolicy.LaunchTemplate == nil || len(raw.MixedInstancesPolicy.LaunchTemplate.Overrides) < 2 {
			return before, after, labs.Lacks("group %s has no mixed instances policy with two overrides", group.AutoScalingGroupName)
		}
		before = mix{group.AutoScalingGroupName, *raw.MixedInstancesPolicy}
		template := *before.Policy.LaunchTemplate
		if spec := template.LaunchTemplateSpecification; spec != nil && spec.LaunchTemplateId != nil {
			byID := *spec
			byID.LaunchTemplateName = nil // a template is named by its id or by its name
			template.LaunchTemplateSpecification = &byID
		}
		before.Policy.LaunchTemplate = &template
		fewer := template
		fewer.Overrides = template.Overrides[:1]
		after = before
		after.Policy.LaunchTemplate = &fewer
		return before, after, nil
	}, func(ctx context.Context, live labs.Live, m mix) error {
		return updateGroup(ctx, live, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &m.Group, MixedInstancesPolicy: &m.Policy})
	})
}
