package local_test

import (
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (a account) endpoint(t T, in *ec2.CreateVpcEndpointInput) types.VpcEndpoint {
	out, err := a.ec2.CreateVpcEndpoint(a.ctx, in)
	require.NoError(t, err)
	return a.describeEndpoint(t, *out.VpcEndpoint.VpcEndpointId)
}

func (a account) describeEndpoint(t T, id string) types.VpcEndpoint {
	out, err := a.ec2.DescribeVpcEndpoints(a.ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.VpcEndpoints, 1)
	return out.VpcEndpoints[0]
}

func (a account) modifyEndpoint(t T, in *ec2.ModifyVpcEndpointInput) types.VpcEndpoint {
	_, err := a.ec2.ModifyVpcEndpoint(a.ctx, in)
	require.NoError(t, err)
	return a.describeEndpoint(t, *in.VpcEndpointId)
}

func proveInterfaceEndpoints(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	one, two := a.subnet(t, vpc, "10.1.1.0/24"), a.subnet(t, vpc, "10.1.2.0/24")
	first, second := a.securityGroup(t, vpc, "first"), a.securityGroup(t, vpc, "second")
	e := a.endpoint(t, &ec2.CreateVpcEndpointInput{
		VpcId: &vpc, ServiceName: aws.String("com.amazonaws.us-east-1.kms"), VpcEndpointType: types.VpcEndpointTypeInterface,
		SubnetIds: []string{one}, SecurityGroupIds: []string{first}, PolicyDocument: aws.String(`{"Statement":[]}`),
	})
	assert.True(t, *e.PrivateDnsEnabled)
	a.assertEndpointInterfaces(t, e, map[string]string{one: "10.1.1.0/24"}, first)

	e = a.modifyEndpoint(t, &ec2.ModifyVpcEndpointInput{
		VpcEndpointId: e.VpcEndpointId, AddSubnetIds: []string{two}, AddSecurityGroupIds: []string{second},
		RemoveSecurityGroupIds: []string{first}, PrivateDnsEnabled: aws.Bool(false), ResetPolicy: aws.Bool(true),
	})
	assert.False(t, *e.PrivateDnsEnabled)
	assert.Contains(t, *e.PolicyDocument, `"Effect": "Allow"`)
	a.assertEndpointInterfaces(t, e, map[string]string{one: "10.1.1.0/24", two: "10.1.2.0/24"}, second)

	e = a.modifyEndpoint(t, &ec2.ModifyVpcEndpointInput{VpcEndpointId: e.VpcEndpointId, RemoveSubnetIds: []string{one}})
	a.assertEndpointInterfaces(t, e, map[string]string{two: "10.1.2.0/24"}, second)
	_, err := a.ec2.DeleteVpcEndpoints(a.ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*e.VpcEndpointId}})
	require.NoError(t, err)
	left, err := a.ec2.DescribeNetworkInterfaces(a.ctx, &ec2.DescribeNetworkInterfacesInput{Filters: filter("vpc-id", vpc)})
	require.NoError(t, err)
	assert.Empty(t, left.NetworkInterfaces)
}

func (a account) assertEndpointInterfaces(t T, e types.VpcEndpoint, ranges map[string]string, group string) {
	require.Len(t, e.NetworkInterfaceIds, len(ranges))
	for _, eni := range a.interfaces(t, e.NetworkInterfaceIds...) {
		require.Contains(t, ranges, *eni.SubnetId)
		assert.True(t, netip.MustParsePrefix(ranges[*eni.SubnetId]).Contains(netip.MustParseAddr(*eni.PrivateIpAddress)))
		assert.Equal(t, types.NetworkInterfaceType("vpc_endpoint"), eni.InterfaceType)
		require.Len(t, eni.Groups, 1)
		assert.Equal(t, group, *eni.Groups[0].GroupId)
	}
}

func proveGatewayEndpoints(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	one, two := a.routeTable(t, vpc), a.routeTable(t, vpc)
	e := a.endpoint(t, &ec2.CreateVpcEndpointInput{
		VpcId: &vpc, ServiceName: aws.String("com.amazonaws.us-east-1.s3"), RouteTableIds: []string{one},
	})
	assert.Equal(t, types.VpcEndpointTypeGateway, e.VpcEndpointType)
	assert.False(t, *e.PrivateDnsEnabled)
	assert.Equal(t, 1, a.routesTo(t, one, *e.VpcEndpointId))

	_ = a.modifyEndpoint(t, &ec2.ModifyVpcEndpointInput{VpcEndpointId: e.VpcEndpointId, AddRouteTableIds: []string{two}, RemoveRouteTableIds: []string{one}})
	assert.Equal(t, 0, a.routesTo(t, one, *e.VpcEndpointId))
	assert.Equal(t, 1, a.routesTo(t, two, *e.VpcEndpointId))

	_, err := a.ec2.DeleteVpcEndpoints(a.ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*e.VpcEndpointId}})
	require.NoError(t, err)
	assert.Equal(t, 0, a.routesTo(t, two, *e.VpcEndpointId))
	_, err = a.ec2.DescribeVpcEndpoints(a.ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{*e.VpcEndpointId}})
	assert.ErrorContains(t, err, "InvalidVpcEndpointId.NotFound")
}

// routesTo counts the routes of the table that lead from the prefix list of S3 to the gateway.
func (a account) routesTo(t T, table, gateway string) int {
	lists, err := a.ec2.DescribeManagedPrefixLists(a.ctx, &ec2.DescribeManagedPrefixListsInput{Filters: filter("prefix-list-name", "com.amazonaws.us-east-1.s3")})
	require.NoError(t, err)
	require.Len(t, lists.PrefixLists, 1)
	entries, err := a.ec2.GetManagedPrefixListEntries(a.ctx, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: lists.PrefixLists[0].PrefixListId})
	require.NoError(t, err)
	require.NotEmpty(t, entries.Entries)
	n := 0
	for _, r := range a.routes(t, table) {
		if aws.ToString(r.GatewayId) == gateway && aws.ToString(r.DestinationPrefixListId) == *lists.PrefixLists[0].PrefixListId {
			n++
		}
	}
	return n
}

func proveFlowLogDelivery(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	group := "flow-logs-of-" + vpc
	_, err := a.logs.CreateLogGroup(a.ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group})
	require.NoError(t, err)
	role, err := a.iam.CreateRole(a.ctx, &iam.CreateRoleInput{RoleName: &group, AssumeRolePolicyDocument: aws.String(trustEC2)})
	require.NoError(t, err)
	made, err := a.ec2.CreateFlowLogs(a.ctx, &ec2.CreateFlowLogsInput{
		ResourceType: types.FlowLogsResourceTypeVpc, ResourceIds: []string{vpc}, TrafficType: types.TrafficTypeAll,
		LogDestinationType: types.LogDestinationTypeCloudWatchLogs, DeliverLogsPermissionArn: role.Role.Arn,
		LogDestination: aws.String("arn:aws:logs:us-east-1:123456789012:log-group:" + group),
	})
	require.NoError(t, err)
	log := a.flowLog(t, made.FlowLogIds[0])
	assert.Equal(t, group, aws.ToString(log.LogGroupName))
	assert.Equal(t, "SUCCESS", *log.DeliverLogsStatus)
	assert.Nil(t, log.DeliverLogsErrorMessage)

	_, err = a.iam.DeleteRole(a.ctx, &iam.DeleteRoleInput{RoleName: &group})
	require.NoError(t, err)
	log = a.flowLog(t, made.FlowLogIds[0])
	assert.Equal(t, "FAILED", *log.DeliverLogsStatus)
	assert.Equal(t, "Access error", *log.DeliverLogsErrorMessage)
}

func (a account) flowLog(t T, id string) types.FlowLog {
	out, err := a.ec2.DescribeFlowLogs(a.ctx, &ec2.DescribeFlowLogsInput{FlowLogIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.FlowLogs, 1)
	return out.FlowLogs[0]
}

func provePrivateZones(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	made, err := a.route53.CreateHostedZone(a.ctx, &route53.CreateHostedZoneInput{
		Name: aws.String("lab.internal"), CallerReference: &vpc,
		VPC: &route53types.VPC{VPCId: &vpc, VPCRegion: route53types.VPCRegionUsEast1},
	})
	require.NoError(t, err)
	zone, err := a.route53.GetHostedZone(a.ctx, &route53.GetHostedZoneInput{Id: made.HostedZone.Id})
	require.NoError(t, err)
	assert.True(t, zone.HostedZone.Config.PrivateZone)
	require.Len(t, zone.VPCs, 1)
	assert.Equal(t, vpc, *zone.VPCs[0].VPCId)
}
