package local_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func proveNetworkACLEntries(t T, a account) {
	vpc, _ := a.vpcWithIPv6(t, "10.1.0.0/16")
	assert.ElementsMatch(t, a.aclEntries(t, vpc, true), []string{
		"in 100 allow 0.0.0.0/0", "in 101 allow ::/0", "in 32767 deny 0.0.0.0/0", "in 32768 deny ::/0",
		"out 100 allow 0.0.0.0/0", "out 101 allow ::/0", "out 32767 deny 0.0.0.0/0", "out 32768 deny ::/0",
	})
	_, err := a.ec2.CreateNetworkAcl(a.ctx, &ec2.CreateNetworkAclInput{VpcId: &vpc})
	require.NoError(t, err)
	assert.ElementsMatch(t, a.aclEntries(t, vpc, false), []string{
		"in 32767 deny 0.0.0.0/0", "in 32768 deny ::/0", "out 32767 deny 0.0.0.0/0", "out 32768 deny ::/0",
	})
}

func (a account) aclEntries(t T, vpc string, isDefault bool) []string {
	out, err := a.ec2.DescribeNetworkAcls(a.ctx, &ec2.DescribeNetworkAclsInput{
		Filters: append(filter("vpc-id", vpc), filter("default", fmt.Sprint(isDefault))...),
	})
	require.NoError(t, err)
	require.Len(t, out.NetworkAcls, 1)
	var list []string
	for _, e := range out.NetworkAcls[0].Entries {
		direction := map[bool]string{true: "out", false: "in"}[*e.Egress]
		list = append(list, fmt.Sprint(direction, " ", *e.RuleNumber, " ", e.RuleAction, " ", aws.ToString(e.CidrBlock)+aws.ToString(e.Ipv6CidrBlock)))
	}
	return list
}

func proveDefaultSecurityGroup(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	group := a.defaultGroup(t, vpc)
	require.Len(t, group.IpPermissions, 1)
	rule := group.IpPermissions[0]
	assert.Equal(t, "-1", *rule.IpProtocol)
	assert.Empty(t, rule.IpRanges)
	require.Len(t, rule.UserIdGroupPairs, 1)
	assert.Equal(t, *group.GroupId, *rule.UserIdGroupPairs[0].GroupId)

	_, err := a.ec2.RevokeSecurityGroupIngress(a.ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: group.IpPermissions})
	require.NoError(t, err)
	assert.Empty(t, a.defaultGroup(t, vpc).IpPermissions)
}

func (a account) defaultGroup(t T, vpc string) types.SecurityGroup {
	out, err := a.ec2.DescribeSecurityGroups(a.ctx, &ec2.DescribeSecurityGroupsInput{
		Filters: append(filter("vpc-id", vpc), filter("group-name", "default")...),
	})
	require.NoError(t, err)
	require.Len(t, out.SecurityGroups, 1)
	return out.SecurityGroups[0]
}

func proveSecurityGroupRules(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	group, source := a.securityGroup(t, vpc, "database"), a.securityGroup(t, vpc, "application")
	made, err := a.ec2.AuthorizeSecurityGroupIngress(a.ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(5432), ToPort: aws.Int32(5432),
		UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &source, Description: aws.String("from the application")}},
	}}})
	require.NoError(t, err)
	id := *made.SecurityGroupRules[0].SecurityGroupRuleId
	rule := a.groupRule(t, id)
	assert.Equal(t, "from the application", aws.ToString(rule.Description))
	assert.Equal(t, source, *rule.ReferencedGroupInfo.GroupId)

	a.modifyRule(t, group, id, &types.SecurityGroupRuleRequest{CidrIpv4: aws.String("10.1.0.0/16"), Description: aws.String("from anywhere")})
	rule = a.groupRule(t, id)
	assert.Equal(t, "10.1.0.0/16", *rule.CidrIpv4)
	assert.Equal(t, "from anywhere", *rule.Description)
	assert.Nil(t, rule.ReferencedGroupInfo)
	a.modifyRule(t, group, id, &types.SecurityGroupRuleRequest{ReferencedGroupId: &source, Description: aws.String("from the application")})
	rule = a.groupRule(t, id)
	assert.Nil(t, rule.CidrIpv4)
	require.NotNil(t, rule.ReferencedGroupInfo)
	assert.Equal(t, source, *rule.ReferencedGroupInfo.GroupId)

	_, err = a.ec2.RevokeSecurityGroupIngress(a.ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(5432), ToPort: aws.Int32(5432),
		UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &source}},
	}}})
	assert.NoError(t, err, "the description plays no part")
}

func (a account) groupRule(t T, id string) types.SecurityGroupRule {
	out, err := a.ec2.DescribeSecurityGroupRules(a.ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.SecurityGroupRules, 1)
	return out.SecurityGroupRules[0]
}

func (a account) modifyRule(t T, group, id string, change *types.SecurityGroupRuleRequest) {
	change.IpProtocol, change.FromPort, change.ToPort = aws.String("tcp"), aws.Int32(5432), aws.Int32(5432)
	_, err := a.ec2.ModifySecurityGroupRules(a.ctx, &ec2.ModifySecurityGroupRulesInput{
		GroupId: &group, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: &id, SecurityGroupRule: change}},
	})
	require.NoError(t, err)
}

func provePrefixLists(t T, a account) {
	made, err := a.ec2.CreateManagedPrefixList(a.ctx, &ec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String("branches"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(2),
		Entries: []types.AddPrefixListEntry{{Cidr: aws.String("10.0.0.0/13")}},
	})
	require.NoError(t, err)
	id := made.PrefixList.PrefixListId
	_, err = a.ec2.ModifyManagedPrefixList(a.ctx, &ec2.ModifyManagedPrefixListInput{
		PrefixListId: id, CurrentVersion: aws.Int64(1), AddEntries: []types.AddPrefixListEntry{{Cidr: aws.String("10.8.0.0/13")}},
	})
	require.NoError(t, err)
	_, err = a.ec2.ModifyManagedPrefixList(a.ctx, &ec2.ModifyManagedPrefixListInput{PrefixListId: id, MaxEntries: aws.Int32(5)})
	require.NoError(t, err)
	out, err := a.ec2.DescribeManagedPrefixLists(a.ctx, &ec2.DescribeManagedPrefixListsInput{PrefixListIds: []string{*id}})
	require.NoError(t, err)
	assert.Equal(t, "branches", aws.ToString(out.PrefixLists[0].PrefixListName))
	assert.Equal(t, int32(5), *out.PrefixLists[0].MaxEntries)
	entries, err := a.ec2.GetManagedPrefixListEntries(a.ctx, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: id})
	require.NoError(t, err)
	assert.Len(t, entries.Entries, 2)
}
