package networking

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"labctl/checks/reach"
	"labctl/labs"
)

// groupOf is a security group that the tier's hosts wear.
func (a *architecture) groupOf(t tier) (string, error) {
	groups := groupIDs(a.hosts(t))
	if len(groups) == 0 {
		return "", labs.Lacks("no host of tier %s wears a security group", t)
	}
	return groups[0], nil
}

func tcp(n int) types.IpPermission {
	return types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(int32(n)), ToPort: aws.Int32(int32(n))}
}

func edgeSSH() labs.Fault {
	return groupFault(labs.Fault{
		ID:     "edge-ssh-v6",
		Title:  "The log of a public host fills with failed logins from all over the world.",
		Answer: "The public security group got a rule that admits tcp/22 from ::/0.",
		Breaks: []string{"net-edge-443"},
		Hints: []string{
			"Customers need one port. Which one do the logins come to?",
			"Read the inbound rules of the groups that public hosts wear, all columns.",
			"0.0.0.0/0 is half of the internet.",
		},
	}, func(a *architecture) (groupRules, error) {
		group, err := a.groupOf(publicTier)
		rule := tcp(22)
		rule.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}
		return groupRules{group, []types.IpPermission{rule}}, err
	})
}

func databaseReplyPorts() labs.Fault {
	return entryFault(labs.Fault{
		ID:     "db-reply-ports",
		Title:  "After the batch servers moved to Windows, some of their database connections hang and some do not.",
		Answer: "The data tier's network ACL lets replies out to ports 32768-60999 only, the range that Linux uses.",
		Breaks: []string{"net-app-db"},
		Hints: []string{
			"The same client succeeds and fails by turns. What is different each time is the port that it connects from.",
			"A network ACL is stateless: the reply to the client's port needs a rule of its own.",
			"Look at the outbound rules of the data tier's ACL and compare their ports with those that clients use: Windows 49152-65535, a load balancer 1024-65535.",
		},
	}, func(a *architecture) (before, after entry, err error) {
		before, _, err = a.databaseReplies()
		after = before
		after.From, after.To = 32768, 60999
		return before, after, err
	})
}

func databaseEarlyDeny() labs.Fault {
	return entryFault(labs.Fault{
		ID:     "db-early-deny",
		Title:  "Every fourth database connection hangs, although the ACL allows the replies.",
		Answer: "The data tier's network ACL got an outbound rule with a lower number than the one that allows replies: it denies ports 49152-65535.",
		Breaks: []string{"net-app-db"},
		Twin:   true,
		Hints: []string{
			"The rule that allows the replies is there, with all ports.",
			"The rules of an ACL are asked in order of their numbers, and the first that matches decides.",
			"Look at the outbound rules of the data tier's ACL with low numbers.",
		},
	}, func(a *architecture) (before, after entry, err error) {
		replies, lowest, err := a.databaseReplies()
		if err != nil {
			return entry{}, entry{}, err
		}
		after = replies
		after.Number, after.Action, after.From, after.To = lowest/2, types.RuleActionDeny, 49152, 65535
		if after.Number == 0 {
			return entry{}, entry{}, labs.Lacks("the data tier's ACL has no number left below its first rule")
		}
		before = after
		before.Action = ""
		return before, after, nil
	})
}

// databaseOpenVPC keeps the rule that refers to the app group, because it is Terraform's and a rule that is made anew
// has another id: it points it at the database's own group. AWS lets a rule refer to another group but not change its type.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleRequest.html
func databaseOpenVPC() labs.Fault {
	const reference = "reference"
	fault := labs.Fault{
		ID:     "db-open-vpc",
		Title:  "A host that is not the application holds an open connection to the database.",
		Answer: "The database's security group admits tcp/5432 from the VPC's ranges instead of from the app security group; the old rule now refers to the database's own group.",
		Breaks: []string{"net-sg-chain"},
		Hints: []string{
			"The application still works, and so does everybody else in the VPC.",
			"Who is admitted: a role or a range?",
			"Read the sources of the database group's inbound rules.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		data, err := a.groupOf(dataTier)
		if err != nil {
			return err
		}
		app, err := a.groupOf(appTier)
		if err != nil {
			return err
		}
		was, err := findReference(ctx, live, data, app)
		if err != nil {
			return err
		}
		if err := openGroup(ctx, live, record, fault.ID, groupRules{data, a.vpcRules(prod, postgres)}); err != nil {
			return err
		}
		if err := labs.Remember(record, reference, was); err != nil {
			return err
		}
		return refer(ctx, live, was, data)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var was groupReference
		found, err := labs.Recall(record, reference, &was)
		if err == nil && found {
			err = refer(ctx, live, was, was.To)
		}
		if err != nil {
			return err
		}
		return closeGroup(ctx, live, record)
	}
	return fault
}

// vpcRules admit a port from all ranges of the VPCs with the role, a rule each.
func (a *architecture) vpcRules(role string, n int) []types.IpPermission {
	var rules []types.IpPermission
	for _, r := range a.Engine.VpcRanges(a.vpcIDs(role)...) {
		rule := tcp(n)
		if r.Prefix.Addr().Is4() {
			rule.IpRanges = []types.IpRange{{CidrIp: aws.String(r.Prefix.String())}}
		} else {
			rule.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: aws.String(r.Prefix.String())}}
		}
		rules = append(rules, rule)
	}
	return rules
}

// groupReference is an inbound rule of a group that refers to another.
type groupReference struct {
	Rule, Group, To, Protocol, Description string
	From, Until                            int32
}

func findReference(ctx context.Context, live labs.Live, group, to string) (groupReference, error) {
	pages := ec2.NewDescribeSecurityGroupRulesPaginator(ec2.NewFromConfig(live.Config), &ec2.DescribeSecurityGroupRulesInput{
		Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{group}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return groupReference{}, fmt.Errorf("reading the rules of %s: %w", group, err)
		}
		for _, r := range page.SecurityGroupRules {
			if !aws.ToBool(r.IsEgress) && r.ReferencedGroupInfo != nil && aws.ToString(r.ReferencedGroupInfo.GroupId) == to {
				return groupReference{
					Rule: aws.ToString(r.SecurityGroupRuleId), Group: group, To: to, Protocol: aws.ToString(r.IpProtocol),
					Description: aws.ToString(r.Description), From: aws.ToInt32(r.FromPort), Until: aws.ToInt32(r.ToPort),
				}, nil
			}
		}
	}
	return groupReference{}, labs.Lacks("no inbound rule of %s refers to %s", group, to)
}

// refer makes the rule refer to a group.
func refer(ctx context.Context, live labs.Live, r groupReference, to string) error {
	request := &types.SecurityGroupRuleRequest{IpProtocol: &r.Protocol, FromPort: &r.From, ToPort: &r.Until, ReferencedGroupId: &to}
	if r.Description != "" {
		request.Description = &r.Description
	}
	_, err := ec2.NewFromConfig(live.Config).ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{
		GroupId: &r.Group, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: &r.Rule, SecurityGroupRule: request}},
	})
	if err := labs.Unless(err, "InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound"); err != nil {
		return fmt.Errorf("changing rule %s of %s: %w", r.Rule, r.Group, err)
	}
	return nil
}

func defaultGroupOpen() labs.Fault {
	return groupFault(labs.Fault{
		ID:     "default-group-open",
		Title:  "Two test hosts that nobody gave a security group talk to each other.",
		Answer: "The prod VPC's default security group got back the rule that admits everything from its own members.",
		Breaks: []string{"net-default-sg"},
		Hints: []string{
			"A host without a group has one all the same.",
			"Every VPC has a group that nobody made.",
			"Read the rules of the groups named default.",
		},
	}, func(a *architecture) (groupRules, error) {
		for _, group := range a.SecurityGroups {
			if group.GroupName == "default" && a.vpcRole(group.VpcId) == prod {
				return groupRules{group.GroupId, []types.IpPermission{{IpProtocol: aws.String("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: aws.String(group.GroupId)}}}}}, nil
			}
		}
		return groupRules{}, labs.Lacks("no default security group of the prod VPC was found")
	})
}

// endpointIn finds an endpoint of a type in the prod VPC.
func (a *architecture) endpointIn(kind string) (reach.VpcEndpoint, error) {
	for _, endpoint := range a.VpcEndpoints {
		if endpoint.VpcEndpointType == kind && a.vpcRole(endpoint.VpcId) == prod {
			return endpoint, nil
		}
	}
	return reach.VpcEndpoint{}, labs.Lacks("no endpoint of type %s is in the prod VPC", kind)
}
