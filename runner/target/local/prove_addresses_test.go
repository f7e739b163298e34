package local_test

import (
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func proveSubnetIPv6(t T, a account) {
	vpc, block := a.vpcWithIPv6(t, "10.1.0.0/16")
	subnet := a.subnet(t, vpc, "10.1.1.0/24")
	out, err := a.ec2.AssociateSubnetCidrBlock(a.ctx, &ec2.AssociateSubnetCidrBlockInput{SubnetId: &subnet, Ipv6CidrBlock: &block})
	require.NoError(t, err)

	set := a.describeSubnet(t, subnet).Ipv6CidrBlockAssociationSet
	require.Len(t, set, 1)
	assert.Equal(t, types.SubnetCidrBlockStateCodeAssociated, set[0].Ipv6CidrBlockState.State)
	for name, value := range map[string]string{
		"ipv6-cidr-block-association.association-id":  *out.Ipv6CidrBlockAssociation.AssociationId,
		"ipv6-cidr-block-association.ipv6-cidr-block": block,
		"vpc-id": vpc,
	} {
		found, err := a.ec2.DescribeSubnets(a.ctx, &ec2.DescribeSubnetsInput{Filters: filter(name, value)})
		require.NoError(t, err, name)
		require.Len(t, found.Subnets, 1, name)
		assert.Equal(t, subnet, *found.Subnets[0].SubnetId)
	}
}

func proveInterfaceAddresses(t T, a account) {
	vpc, block := a.vpcWithIPv6(t, "10.1.0.0/16")
	subnet := a.subnet(t, vpc, "10.1.1.0/28")
	_, err := a.ec2.AssociateSubnetCidrBlock(a.ctx, &ec2.AssociateSubnetCidrBlockInput{SubnetId: &subnet, Ipv6CidrBlock: &block})
	require.NoError(t, err)
	_, err = a.ec2.ModifySubnetAttribute(a.ctx, &ec2.ModifySubnetAttributeInput{
		SubnetId: &subnet, AssignIpv6AddressOnCreation: &types.AttributeBooleanValue{Value: aws.Bool(true)},
	})
	require.NoError(t, err)

	seen := map[string]bool{}
	for left := int32(11); left > 0; left-- {
		assert.Equal(t, left, *a.describeSubnet(t, subnet).AvailableIpAddressCount)
		eni := a.networkInterface(t, subnet)
		seen[*eni.PrivateIpAddress] = true
		require.Len(t, eni.Ipv6Addresses, 1)
		assert.True(t, netip.MustParsePrefix(block).Contains(netip.MustParseAddr(*eni.Ipv6Addresses[0].Ipv6Address)))
	}
	assert.Len(t, seen, 11)
	for _, reserved := range []string{"10.1.1.0", "10.1.1.1", "10.1.1.2", "10.1.1.3", "10.1.1.15"} {
		assert.NotContains(t, seen, reserved)
	}
	_, err = a.ec2.CreateNetworkInterface(a.ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: &subnet})
	require.ErrorContains(t, err, "InsufficientFreeAddressesInSubnet")
	images := must[ec2.DescribeImagesOutput](t)(a.ec2.DescribeImages(a.ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}})).Images
	_, err = a.ec2.RunInstances(a.ctx, &ec2.RunInstancesInput{
		ImageId: images[0].ImageId, InstanceType: types.InstanceTypeT3Micro, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: &subnet,
	})
	require.ErrorContains(t, err, "InsufficientFreeAddressesInSubnet")
	for _, r := range must[ec2.DescribeInstancesOutput](t)(a.ec2.DescribeInstances(a.ctx, &ec2.DescribeInstancesInput{})).Reservations {
		assert.NotEmpty(t, r.Instances)
	}
}

func proveElasticAddresses(t T, a account) {
	_, ip := a.elasticIP(t)
	address := netip.MustParseAddr(ip)
	assert.True(t, address.IsGlobalUnicast() && !address.IsPrivate() && !address.IsLoopback(), ip)
}

func proveNATGateways(t T, a account) {
	subnet := a.subnet(t, a.vpc(t, "10.1.0.0/16"), "10.1.1.0/24")
	id := a.natGateway(t, subnet)
	nat := a.describeNAT(t, id)
	assert.Equal(t, types.ConnectivityTypePublic, nat.ConnectivityType)
	require.Len(t, nat.NatGatewayAddresses, 1)
	address := nat.NatGatewayAddresses[0]
	assert.True(t, netip.MustParsePrefix("10.1.1.0/24").Contains(netip.MustParseAddr(*address.PrivateIp)), *address.PrivateIp)
	assert.True(t, aws.ToBool(address.IsPrimary))

	eni := a.interfaces(t, *address.NetworkInterfaceId)[0]
	assert.Equal(t, types.NetworkInterfaceType("nat_gateway"), eni.InterfaceType, "what AWS answers, not the name that the SDK has for it")
	assert.Equal(t, *address.PrivateIp, *eni.PrivateIpAddress)
	assert.Equal(t, *address.PublicIp, *eni.Association.PublicIp)
	assert.Empty(t, eni.Groups)
	assert.True(t, *eni.RequesterManaged)
	assert.Equal(t, int32(250), *a.describeSubnet(t, subnet).AvailableIpAddressCount)

	_, err := a.ec2.DeleteNatGateway(a.ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: &id})
	require.NoError(t, err)
	assert.Equal(t, types.NatGatewayStateDeleted, a.describeNAT(t, id).State)
	assert.Equal(t, int32(251), *a.describeSubnet(t, subnet).AvailableIpAddressCount)
	addresses, err := a.ec2.DescribeAddresses(a.ctx, &ec2.DescribeAddressesInput{AllocationIds: []string{*address.AllocationId}})
	require.NoError(t, err)
	assert.Nil(t, addresses.Addresses[0].AssociationId, "the address is free again")
}

func (a account) describeNAT(t T, id string) types.NatGateway {
	out, err := a.ec2.DescribeNatGateways(a.ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.NatGateways, 1)
	return out.NatGateways[0]
}
