package sweep

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

type securityGroupAPI interface {
	ec2.DescribeSecurityGroupsAPIClient
	RevokeSecurityGroupIngress(context.Context, *ec2.RevokeSecurityGroupIngressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error)
	RevokeSecurityGroupEgress(context.Context, *ec2.RevokeSecurityGroupEgressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error)
	DeleteSecurityGroup(context.Context, *ec2.DeleteSecurityGroupInput, ...func(*ec2.Options)) (*ec2.DeleteSecurityGroupOutput, error)
}

// securityGroups leaves out default ones: they are part of their VPC.
type securityGroups struct {
	api securityGroupAPI
	interfaceHolders
}

func (h securityGroups) list(ctx context.Context, _ []string) (all []found, err error) {
	err = h.describe(ctx, nil, func(g types.SecurityGroup) {
		f := ec2Found(g.GroupId, g.Tags, g.VpcId)
		f.part = aws.ToString(g.GroupName) == "default"
		if f.name == "" {
			f.name = aws.ToString(g.GroupName)
		}
		all = append(all, f)
	})
	return all, err
}

func (h securityGroups) describe(ctx context.Context, filters []types.Filter, visit func(types.SecurityGroup)) error {
	pages := ec2.NewDescribeSecurityGroupsPaginator(h.api, &ec2.DescribeSecurityGroupsInput{Filters: filters})
	return eachPage(ctx, pages, func(page *ec2.DescribeSecurityGroupsOutput) {
		for _, g := range page.SecurityGroups {
			visit(g)
		}
	})
}

// delete first revokes the rules that refer to the group: EC2 refuses to delete a group
// that another one refers to, and groups that refer to each other would never go.
// Only rules of doomed groups and of groups in doomed VPCs are revoked. One in a
// stranger's VPC that refers to it across a peering does not hold it: the rule becomes
// stale. https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
func (h securityGroups) delete(ctx context.Context, id string, doomed map[string]bool) error {
	var strangers []string
	for _, filter := range []string{"ip-permission.group-id", "egress.ip-permission.group-id"} {
		var referrers []types.SecurityGroup
		filters := []types.Filter{{Name: aws.String(filter), Values: []string{id}}}
		if err := h.describe(ctx, filters, func(g types.SecurityGroup) { referrers = append(referrers, g) }); err != nil {
			return err
		}
		for _, g := range referrers {
			if !doomed[aws.ToString(g.GroupId)] && !doomed[aws.ToString(g.VpcId)] {
				strangers = append(strangers, aws.ToString(g.GroupId))
				continue
			}
			if err := h.revoke(ctx, g, id); err != nil && !isGone(err) {
				return err
			}
		}
	}
	_, err := h.api.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: aws.String(id)})
	if err != nil && len(strangers) > 0 {
		return fmt.Errorf("rules of security groups that are not this run's refer to it (%v): %w", strangers, err)
	}
	return err
}

// revoke removes the rules of a group that refer to another.
func (h securityGroups) revoke(ctx context.Context, g types.SecurityGroup, to string) error {
	if rules := referring(g.IpPermissions, to); len(rules) > 0 {
		_, err := h.api.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: g.GroupId, IpPermissions: rules})
		if err != nil && !isGone(err) {
			return err
		}
	}
	if rules := referring(g.IpPermissionsEgress, to); len(rules) > 0 {
		_, err := h.api.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: g.GroupId, IpPermissions: rules})
		return err
	}
	return nil
}

// referring reduces permissions to their references to one group.
func referring(permissions []types.IpPermission, to string) []types.IpPermission {
	var rules []types.IpPermission
	for _, p := range permissions {
		for _, pair := range p.UserIdGroupPairs {
			if aws.ToString(pair.GroupId) == to {
				rules = append(rules, types.IpPermission{
					IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort,
					UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: pair.GroupId, UserId: pair.UserId}},
				})
			}
		}
	}
	return rules
}
