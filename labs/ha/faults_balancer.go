package ha

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"labctl/labs"
)

// balancerSubnets are all subnets of a load balancer.
type balancerSubnets struct {
	Balancer string
	Subnets  []string
}

func balancerZoneOff() labs.Fault {
	return swap(labs.Fault{
		ID:     "balancer-zone-off",
		Title:  "A third of the instances is idle; the others are busier than they should be.",
		Answer: "One zone of the group is no longer enabled on the load balancer: its targets get no visitors.",
		Breaks: []string{"ha-az-match"},
		Hints: []string{
			"The idle ones are healthy and registered.",
			"They have something in common: where they stand.",
			"Compare the load balancer's zones with those of the group.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after balancerSubnets, err error) {
		group, err := a.group()
		if err != nil {
			return before, after, err
		}
		balancers, err := a.servingBalancers(ctx, group)
		if err != nil {
			return before, after, err
		}
		if len(balancers) == 0 || len(balancers[0].Zones) < 2 {
			return before, after, labs.Lacks("no load balancer with two zones serves group %s", group.AutoScalingGroupName)
		}
		before.Balancer = balancers[0].LoadBalancerArn
		for _, zone := range balancers[0].Zones {
			before.Subnets = append(before.Subnets, zone.SubnetId)
		}
		slices.Sort(before.Subnets)
		after = balancerSubnets{before.Balancer, before.Subnets[1:]}
		return before, after, nil
	}, func(ctx context.Context, live labs.Live, b balancerSubnets) error {
		_, err := elasticloadbalancingv2.NewFromConfig(live.Config).SetSubnets(ctx, &elasticloadbalancingv2.SetSubnetsInput{LoadBalancerArn: &b.Balancer, Subnets: b.Subnets})
		if err != nil {
			return fmt.Errorf("setting the subnets of %s: %w", b.Balancer, err)
		}
		return nil
	})
}

// matcher is the list of codes that a target group takes for healthy.
type matcher struct{ TargetGroup, Codes string }

func matcherWide() labs.Fault {
	return swap(labs.Fault{
		ID:     "matcher-wide",
		Title:  "Every third visitor sees an error; all targets are healthy.",
		Answer: "The health check accepts the codes 200 to 499: an instance that answers 404 to everything stays in service.",
		Breaks: []string{"ha-health-depth"},
		Hints: []string{
			"Ask the targets yourself for the path of the health check.",
			"One of them answers, but what?",
			"Look at the codes that the target group takes for success.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after matcher, err error) {
		target, err := a.targetGroup(ctx)
		return matcher{target.TargetGroupArn, target.HealthCheck.Matcher}, matcher{target.TargetGroupArn, "200-499"}, err
	}, func(ctx context.Context, live labs.Live, m matcher) error {
		_, err := elasticloadbalancingv2.NewFromConfig(live.Config).ModifyTargetGroup(ctx, &elasticloadbalancingv2.ModifyTargetGroupInput{
			TargetGroupArn: &m.TargetGroup, Matcher: &types.Matcher{HttpCode: &m.Codes},
		})
		if err != nil {
			return fmt.Errorf("changing the health check of %s: %w", m.TargetGroup, err)
		}
		return nil
	})
}

// drain is a target group's deregistration delay in seconds.
type drain struct {
	TargetGroup string
	Seconds     int
}

func noDrain() labs.Fault {
	return swap(labs.Fault{
		ID:     "no-drain",
		Title:  "A few visitors lose their connection each evening, when the group shrinks.",
		Answer: "The deregistration delay is 0: a leaving instance does not finish what it has begun.",
		Breaks: []string{"ha-drain"},
		Hints: []string{
			"It happens at the same moments as something else.",
			"What becomes of a request that is under way when its instance leaves?",
			"Look at the attributes of the target group.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after drain, err error) {
		target, err := a.targetGroup(ctx)
		return drain{target.TargetGroupArn, int(drainOf(target).Seconds())}, drain{target.TargetGroupArn, 0}, err
	}, func(ctx context.Context, live labs.Live, d drain) error {
		_, err := elasticloadbalancingv2.NewFromConfig(live.Config).ModifyTargetGroupAttributes(ctx, &elasticloadbalancingv2.ModifyTargetGroupAttributesInput{
			TargetGroupArn: &d.TargetGroup,
			Attributes:     []types.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String(strconv.Itoa(d.Seconds))}},
		})
		if err != nil {
			return fmt.Errorf("changing the deregistration delay of %s: %w", d.TargetGroup, err)
		}
		return nil
	})
}

// groupRule is an inbound rule of a security group, as it is put back.
type groupRule struct {
	Group, Rule string
	Request     ec2types.SecurityGroupRuleRequest
}

// targetPortClosed changes the rule and does not make another: it is Terraform's, and a rule that is made anew has another id.
func targetPortClosed() labs.Fault {
	return swap(labs.Fault{
		ID:     "target-port-closed",
		Title:  "After a change of the security groups every visitor gets a 504.",
		Answer: "The instances' security group admits the load balancer on the wrong port, one above the target group's.",
		Breaks: []string{"ha-path"},
		Hints: []string{
			"The load balancer answers; nobody behind it does.",
			"The instances run and listen. Follow the packet to them.",
			"Compare the target group's port with the inbound rules of the instances' security group.",
		},
	}, func(ctx context.Context, a *architecture, live labs.Live) (before, after groupRule, err error) {
		target, err := a.targetGroup(ctx)
		if err != nil {
			return before, after, err
		}
		templates, err := a.templatesOf(ctx, a.groups[0])
		if err != nil {
			return before, after, err
		}
		for _, template := range templates {
			before, err = ruleFor(ctx, live, template.SecurityGroups, target.Port)
			if err != nil || before.Rule != "" {
				break
			}
		}
		if err == nil && before.Rule == "" {
			err = labs.Lacks("no rule of the instances' security groups is for tcp/%d", target.Port)
		}
		after = before
		after.Request.FromPort, after.Request.ToPort = int32p(target.Port+1), int32p(target.Port+1)
		return before, after, err
	}, putRule)
}

// ruleFor finds the inbound rule of the groups for a port.
func ruleFor(ctx context.Context, live labs.Live, groups []string, port int) (groupRule, error) {
	if len(groups) == 0 {
		return groupRule{}, nil
	}
	pages := ec2.NewDescribeSecurityGroupRulesPaginator(ec2.NewFromConfig(live.Config), &ec2.DescribeSecurityGroupRulesInput{
		Filters: []ec2types.Filter{{Name: aws.String("group-id"), Values: groups}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return groupRule{}, fmt.Errorf("reading the rules of %v: %w", groups, err)
		}
		for _, r := range page.SecurityGroupRules {
			if aws.ToBool(r.IsEgress) || int(aws.ToInt32(r.FromPort)) != port {
				continue
			}
			found := groupRule{Group: aws.ToString(r.GroupId), Rule: aws.ToString(r.SecurityGroupRuleId), Request: ec2types.SecurityGroupRuleRequest{
				IpProtocol: r.IpProtocol, FromPort: r.FromPort, ToPort: r.ToPort, CidrIpv4: r.CidrIpv4, CidrIpv6: r.CidrIpv6, Description: r.Description,
			}}
			if r.ReferencedGroupInfo != nil {
				found.Request.ReferencedGroupId = r.ReferencedGroupInfo.GroupId
			}
			return found, nil
		}
	}
	return groupRule{}, nil
}

func putRule(ctx context.Context, live labs.Live, r groupRule) error {
	_, err := ec2.NewFromConfig(live.Config).ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{
		GroupId: &r.Group, SecurityGroupRules: []ec2types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: &r.Rule, SecurityGroupRule: &r.Request}},
	})
	if err := labs.Unless(err, "InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound"); err != nil {
		return fmt.Errorf("changing rule %s of %s: %w", r.Rule, r.Group, err)
	}
	return nil
}
