package local_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tagged(kind types.ResourceType) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: kind, Tags: []types.Tag{{Key: aws.String("at"), Value: aws.String("creation")}}}}
}

// createTagged creates one resource of each type that a networking lab has, with tags.
func (a account) createTagged(t T) map[string]string {
	id := map[string]string{}
	vpc := must[ec2.CreateVpcOutput](t)(a.ec2.CreateVpc(a.ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16"), TagSpecifications: tagged(types.ResourceTypeVpc)})).Vpc.VpcId
	id["vpc"] = *vpc
	subnet := must[ec2.CreateSubnetOutput](t)(a.ec2.CreateSubnet(a.ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.1.1.0/24"), TagSpecifications: tagged(types.ResourceTypeSubnet)})).Subnet.SubnetId
	id["subnet"] = *subnet
	id["route table"] = *must[ec2.CreateRouteTableOutput](t)(a.ec2.CreateRouteTable(a.ctx, &ec2.CreateRouteTableInput{VpcId: vpc, TagSpecifications: tagged(types.ResourceTypeRouteTable)})).RouteTable.RouteTableId
	id["network ACL"] = *must[ec2.CreateNetworkAclOutput](t)(a.ec2.CreateNetworkAcl(a.ctx, &ec2.CreateNetworkAclInput{VpcId: vpc, TagSpecifications: tagged(types.ResourceTypeNetworkAcl)})).NetworkAcl.NetworkAclId
	group := must[ec2.CreateSecurityGroupOutput](t)(a.ec2.CreateSecurityGroup(a.ctx, &ec2.CreateSecurityGroupInput{VpcId: vpc, GroupName: aws.String("g"), Description: aws.String("g"), TagSpecifications: tagged(types.ResourceTypeSecurityGroup)})).GroupId
	id["security group"] = *group
	id["security group rule"] = *must[ec2.AuthorizeSecurityGroupIngressOutput](t)(a.ec2.AuthorizeSecurityGroupIngress(a.ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: group, TagSpecifications: tagged(types.ResourceTypeSecurityGroupRule),
		IpPermissions: []types.IpPermission{{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}}}},
	})).SecurityGroupRules[0].SecurityGroupRuleId
	id["network interface"] = *must[ec2.CreateNetworkInterfaceOutput](t)(a.ec2.CreateNetworkInterface(a.ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: subnet, TagSpecifications: tagged(types.ResourceTypeNetworkInterface)})).NetworkInterface.NetworkInterfaceId
	id["DHCP options"] = *must[ec2.CreateDhcpOptionsOutput](t)(a.ec2.CreateDhcpOptions(a.ctx, &ec2.CreateDhcpOptionsInput{
		DhcpConfigurations: []types.NewDhcpConfiguration{{Key: aws.String("domain-name"), Values: []string{"lab.internal"}}}, TagSpecifications: tagged(types.ResourceTypeDhcpOptions),
	})).DhcpOptions.DhcpOptionsId
	id["prefix list"] = *must[ec2.CreateManagedPrefixListOutput](t)(a.ec2.CreateManagedPrefixList(a.ctx, &ec2.CreateManagedPrefixListInput{PrefixListName: aws.String("p"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(1), TagSpecifications: tagged(types.ResourceTypePrefixList)})).PrefixList.PrefixListId
	id["flow log"] = must[ec2.CreateFlowLogsOutput](t)(a.ec2.CreateFlowLogs(a.ctx, &ec2.CreateFlowLogsInput{
		ResourceType: types.FlowLogsResourceTypeVpc, ResourceIds: []string{*vpc}, TrafficType: types.TrafficTypeAll, LogGroupName: vpc,
		DeliverLogsPermissionArn: aws.String("arn:aws:iam::123456789012:role/flow-logs"), TagSpecifications: tagged(types.ResourceTypeVpcFlowLog),
	})).FlowLogIds[0]
	a.createTaggedGateways(t, id, vpc, subnet)
	return id
}

func (a account) createTaggedGateways(t T, id map[string]string, vpc, subnet *string) {
	id["internet gateway"] = *must[ec2.CreateInternetGatewayOutput](t)(a.ec2.CreateInternetGateway(a.ctx, &ec2.CreateInternetGatewayInput{TagSpecifications: tagged(types.ResourceTypeInternetGateway)})).InternetGateway.InternetGatewayId
	id["egress-only gateway"] = *must[ec2.CreateEgressOnlyInternetGatewayOutput](t)(a.ec2.CreateEgressOnlyInternetGateway(a.ctx, &ec2.CreateEgressOnlyInternetGatewayInput{VpcId: vpc, TagSpecifications: tagged(types.ResourceTypeEgressOnlyInternetGateway)})).EgressOnlyInternetGateway.EgressOnlyInternetGatewayId
	address := must[ec2.AllocateAddressOutput](t)(a.ec2.AllocateAddress(a.ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: tagged(types.ResourceTypeElasticIp)})).AllocationId
	id["Elastic IP address"] = *address
	id["NAT gateway"] = *must[ec2.CreateNatGatewayOutput](t)(a.ec2.CreateNatGateway(a.ctx, &ec2.CreateNatGatewayInput{SubnetId: subnet, AllocationId: address, TagSpecifications: tagged(types.ResourceTypeNatgateway)})).NatGateway.NatGatewayId
	id["VPC endpoint"] = *must[ec2.CreateVpcEndpointOutput](t)(a.ec2.CreateVpcEndpoint(a.ctx, &ec2.CreateVpcEndpointInput{
		VpcId: vpc, ServiceName: aws.String("com.amazonaws.us-east-1.s3"), VpcEndpointType: types.VpcEndpointTypeGateway, TagSpecifications: tagged(types.ResourceTypeVpcEndpoint),
	})).VpcEndpoint.VpcEndpointId
	other := a.vpc(t, "10.2.0.0/16")
	id["peering"] = *must[ec2.CreateVpcPeeringConnectionOutput](t)(a.ec2.CreateVpcPeeringConnection(a.ctx, &ec2.CreateVpcPeeringConnectionInput{VpcId: vpc, PeerVpcId: &other, TagSpecifications: tagged(types.ResourceTypeVpcPeeringConnection)})).VpcPeeringConnection.VpcPeeringConnectionId
	gateway := must[ec2.CreateTransitGatewayOutput](t)(a.ec2.CreateTransitGateway(a.ctx, &ec2.CreateTransitGatewayInput{TagSpecifications: tagged(types.ResourceTypeTransitGateway)})).TransitGateway.TransitGatewayId
	id["transit gateway"] = *gateway
	id["transit gateway attachment"] = *must[ec2.CreateTransitGatewayVpcAttachmentOutput](t)(a.ec2.CreateTransitGatewayVpcAttachment(a.ctx, &ec2.CreateTransitGatewayVpcAttachmentInput{
		TransitGatewayId: gateway, VpcId: vpc, SubnetIds: []string{*subnet}, TagSpecifications: tagged(types.ResourceTypeTransitGatewayAttachment),
	})).TransitGatewayVpcAttachment.TransitGatewayAttachmentId
	id["transit gateway route table"] = *must[ec2.CreateTransitGatewayRouteTableOutput](t)(a.ec2.CreateTransitGatewayRouteTable(a.ctx, &ec2.CreateTransitGatewayRouteTableInput{
		TransitGatewayId: gateway, TagSpecifications: tagged(types.ResourceTypeTransitGatewayRouteTable),
	})).TransitGatewayRouteTable.TransitGatewayRouteTableId
}

func proveCreationTags(t T, a account) {
	for kind, id := range a.createTagged(t) {
		out, err := a.ec2.DescribeTags(a.ctx, &ec2.DescribeTagsInput{Filters: filter("resource-id", id)})
		require.NoError(t, err)
		if assert.Len(t, out.Tags, 1, kind) {
			assert.Equal(t, "creation", *out.Tags[0].Value, kind)
		}
	}
}

// proveFilters asks each call with a filter that nothing matches.
func proveFilters(t T, a account) {
	a.createTagged(t)
	for _, f := range [][]types.Filter{filter("tag:at", "another time"), filter("tag-key", "never")} {
		found := map[string]int{
			"vpcs":               len(must[ec2.DescribeVpcsOutput](t)(a.ec2.DescribeVpcs(a.ctx, &ec2.DescribeVpcsInput{Filters: f})).Vpcs),
			"subnets":            len(must[ec2.DescribeSubnetsOutput](t)(a.ec2.DescribeSubnets(a.ctx, &ec2.DescribeSubnetsInput{Filters: f})).Subnets),
			"route tables":       len(must[ec2.DescribeRouteTablesOutput](t)(a.ec2.DescribeRouteTables(a.ctx, &ec2.DescribeRouteTablesInput{Filters: f})).RouteTables),
			"network ACLs":       len(must[ec2.DescribeNetworkAclsOutput](t)(a.ec2.DescribeNetworkAcls(a.ctx, &ec2.DescribeNetworkAclsInput{Filters: f})).NetworkAcls),
			"security groups":    len(must[ec2.DescribeSecurityGroupsOutput](t)(a.ec2.DescribeSecurityGroups(a.ctx, &ec2.DescribeSecurityGroupsInput{Filters: f})).SecurityGroups),
			"rules":              len(must[ec2.DescribeSecurityGroupRulesOutput](t)(a.ec2.DescribeSecurityGroupRules(a.ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: f})).SecurityGroupRules),
			"interfaces":         len(must[ec2.DescribeNetworkInterfacesOutput](t)(a.ec2.DescribeNetworkInterfaces(a.ctx, &ec2.DescribeNetworkInterfacesInput{Filters: f})).NetworkInterfaces),
			"internet gateways":  len(must[ec2.DescribeInternetGatewaysOutput](t)(a.ec2.DescribeInternetGateways(a.ctx, &ec2.DescribeInternetGatewaysInput{Filters: f})).InternetGateways),
			"egress-only":        len(must[ec2.DescribeEgressOnlyInternetGatewaysOutput](t)(a.ec2.DescribeEgressOnlyInternetGateways(a.ctx, &ec2.DescribeEgressOnlyInternetGatewaysInput{Filters: f})).EgressOnlyInternetGateways),
			"addresses":          len(must[ec2.DescribeAddressesOutput](t)(a.ec2.DescribeAddresses(a.ctx, &ec2.DescribeAddressesInput{Filters: f})).Addresses),
			"NAT gateways":       len(must[ec2.DescribeNatGatewaysOutput](t)(a.ec2.DescribeNatGateways(a.ctx, &ec2.DescribeNatGatewaysInput{Filter: f})).NatGateways),
			"endpoints":          len(must[ec2.DescribeVpcEndpointsOutput](t)(a.ec2.DescribeVpcEndpoints(a.ctx, &ec2.DescribeVpcEndpointsInput{Filters: f})).VpcEndpoints),
			"peerings":           len(must[ec2.DescribeVpcPeeringConnectionsOutput](t)(a.ec2.DescribeVpcPeeringConnections(a.ctx, &ec2.DescribeVpcPeeringConnectionsInput{Filters: f})).VpcPeeringConnections),
			"flow logs":          len(must[ec2.DescribeFlowLogsOutput](t)(a.ec2.DescribeFlowLogs(a.ctx, &ec2.DescribeFlowLogsInput{Filter: f})).FlowLogs),
			"prefix lists":       len(must[ec2.DescribeManagedPrefixListsOutput](t)(a.ec2.DescribeManagedPrefixLists(a.ctx, &ec2.DescribeManagedPrefixListsInput{Filters: f})).PrefixLists),
			"DHCP options":       len(must[ec2.DescribeDhcpOptionsOutput](t)(a.ec2.DescribeDhcpOptions(a.ctx, &ec2.DescribeDhcpOptionsInput{Filters: f})).DhcpOptions),
			"transit gateways":   len(must[ec2.DescribeTransitGatewaysOutput](t)(a.ec2.DescribeTransitGateways(a.ctx, &ec2.DescribeTransitGatewaysInput{Filters: f})).TransitGateways),
			"attachments":        len(must[ec2.DescribeTransitGatewayAttachmentsOutput](t)(a.ec2.DescribeTransitGatewayAttachments(a.ctx, &ec2.DescribeTransitGatewayAttachmentsInput{Filters: f})).TransitGatewayAttachments),
			"VPC attachments":    len(must[ec2.DescribeTransitGatewayVpcAttachmentsOutput](t)(a.ec2.DescribeTransitGatewayVpcAttachments(a.ctx, &ec2.DescribeTransitGatewayVpcAttachmentsInput{Filters: f})).TransitGatewayVpcAttachments),
			"transit gw. tables": len(must[ec2.DescribeTransitGatewayRouteTablesOutput](t)(a.ec2.DescribeTransitGatewayRouteTables(a.ctx, &ec2.DescribeTransitGatewayRouteTablesInput{Filters: f})).TransitGatewayRouteTables),
		}
		for kind, n := range found {
			assert.Zero(t, n, "%s by %s", kind, *f[0].Name)
		}
	}
	byStatus := must[ec2.DescribeVpcPeeringConnectionsOutput](t)(a.ec2.DescribeVpcPeeringConnections(a.ctx, &ec2.DescribeVpcPeeringConnectionsInput{Filters: filter("status-code", "expired")}))
	assert.Empty(t, byStatus.VpcPeeringConnections)
}
