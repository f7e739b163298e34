package local_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func proveDeletions(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	subnet, group, user := a.subnet(t, vpc, "10.1.1.0/24"), a.securityGroup(t, vpc, "referred"), a.securityGroup(t, vpc, "referring")
	_, err := a.ec2.AuthorizeSecurityGroupIngress(a.ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &user, IpPermissions: []types.IpPermission{{
		IpProtocol: aws.String("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &group}},
	}}})
	require.NoError(t, err)
	igw := must[ec2.CreateInternetGatewayOutput](t)(a.ec2.CreateInternetGateway(a.ctx, &ec2.CreateInternetGatewayInput{})).InternetGateway.InternetGatewayId
	must[ec2.AttachInternetGatewayOutput](t)(a.ec2.AttachInternetGateway(a.ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: igw, VpcId: &vpc}))
	nat := a.natGateway(t, subnet)
	options := must[ec2.CreateDhcpOptionsOutput](t)(a.ec2.CreateDhcpOptions(a.ctx, &ec2.CreateDhcpOptionsInput{
		DhcpConfigurations: []types.NewDhcpConfiguration{{Key: aws.String("domain-name"), Values: []string{"lab.internal"}}},
	})).DhcpOptions.DhcpOptionsId
	must[ec2.AssociateDhcpOptionsOutput](t)(a.ec2.AssociateDhcpOptions(a.ctx, &ec2.AssociateDhcpOptionsInput{DhcpOptionsId: options, VpcId: &vpc}))

	deleteVPC := func() error {
		_, err := a.ec2.DeleteVpc(a.ctx, &ec2.DeleteVpcInput{VpcId: &vpc})
		return err
	}
	// Each step is refused until the ones after it in the list are done; the list is undone from its end.
	steps := []func() error{
		deleteVPC,
		func() error {
			_, err := a.ec2.DeleteSecurityGroup(a.ctx, &ec2.DeleteSecurityGroupInput{GroupId: &group})
			return err
		},
		func() error {
			_, err := a.ec2.DetachInternetGateway(a.ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: igw, VpcId: &vpc})
			return err
		},
		func() error {
			_, err := a.ec2.DeleteSubnet(a.ctx, &ec2.DeleteSubnetInput{SubnetId: &subnet})
			return err
		},
	}
	for _, step := range steps {
		assert.ErrorContains(t, step(), "DependencyViolation")
	}
	must[ec2.DeleteNatGatewayOutput](t)(a.ec2.DeleteNatGateway(a.ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: &nat}))
	must[ec2.DeleteSecurityGroupOutput](t)(a.ec2.DeleteSecurityGroup(a.ctx, &ec2.DeleteSecurityGroupInput{GroupId: &user}))
	for i := len(steps) - 1; i >= 0; i-- {
		require.NoError(t, steps[i]())
	}
	acls := must[ec2.DescribeNetworkAclsOutput](t)(a.ec2.DescribeNetworkAcls(a.ctx, &ec2.DescribeNetworkAclsInput{Filters: filter("vpc-id", vpc)}))
	assert.Empty(t, acls.NetworkAcls)
	a.proveStaleRules(t)
	must[ec2.DescribeDhcpOptionsOutput](t)(a.ec2.DescribeDhcpOptions(a.ctx, &ec2.DescribeDhcpOptionsInput{DhcpOptionsIds: []string{*options}}))
}

// proveStaleRules deletes a group that another one refers to across a peering.
func (a account) proveStaleRules(t T) {
	near, far := a.vpc(t, "10.1.0.0/16"), a.vpc(t, "10.2.0.0/16")
	a.peering(t, near, far)
	referred, referring := a.securityGroup(t, far, "referred"), a.securityGroup(t, near, "referring")
	must[ec2.AuthorizeSecurityGroupIngressOutput](t)(a.ec2.AuthorizeSecurityGroupIngress(a.ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &referring, IpPermissions: []types.IpPermission{{IpProtocol: aws.String("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &referred}}}},
	}))
	must[ec2.DeleteSecurityGroupOutput](t)(a.ec2.DeleteSecurityGroup(a.ctx, &ec2.DeleteSecurityGroupInput{GroupId: &referred}))
}

func proveInstanceInterfaces(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	subnet := a.subnet(t, vpc, "10.1.1.0/24")
	given := a.networkInterface(t, subnet)
	images := must[ec2.DescribeImagesOutput](t)(a.ec2.DescribeImages(a.ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}})).Images
	launch := func(in *ec2.RunInstancesInput) (instance string) {
		in.ImageId, in.InstanceType, in.MinCount, in.MaxCount = images[0].ImageId, types.InstanceTypeT3Micro, aws.Int32(1), aws.Int32(1)
		return *must[ec2.RunInstancesOutput](t)(a.ec2.RunInstances(a.ctx, in)).Instances[0].InstanceId
	}
	instances := []string{
		launch(&ec2.RunInstancesInput{SubnetId: &subnet}),
		launch(&ec2.RunInstancesInput{NetworkInterfaces: []types.InstanceNetworkInterfaceSpecification{{DeviceIndex: aws.Int32(0), SubnetId: &subnet}}}),
		launch(&ec2.RunInstancesInput{NetworkInterfaces: []types.InstanceNetworkInterfaceSpecification{{DeviceIndex: aws.Int32(0), NetworkInterfaceId: given.NetworkInterfaceId}}}),
	}
	must[ec2.TerminateInstancesOutput](t)(a.ec2.TerminateInstances(a.ctx, &ec2.TerminateInstancesInput{InstanceIds: instances}))
	left := must[ec2.DescribeNetworkInterfacesOutput](t)(a.ec2.DescribeNetworkInterfaces(a.ctx, &ec2.DescribeNetworkInterfacesInput{Filters: filter("vpc-id", vpc)}))
	require.Len(t, left.NetworkInterfaces, 1)
	assert.Equal(t, *given.NetworkInterfaceId, *left.NetworkInterfaces[0].NetworkInterfaceId)
}

func proveDeletedTags(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	subnet := a.subnet(t, vpc, "10.1.1.0/24")
	_, err := a.ec2.CreateTags(a.ctx, &ec2.CreateTagsInput{
		Resources: []string{vpc, subnet}, Tags: []types.Tag{{Key: aws.String("labctl:run"), Value: &vpc}},
	})
	require.NoError(t, err)
	left := func() []types.TagDescription {
		return must[ec2.DescribeTagsOutput](t)(a.ec2.DescribeTags(a.ctx, &ec2.DescribeTagsInput{Filters: filter("value", vpc)})).Tags
	}
	assert.Len(t, left(), 2)
	must[ec2.DeleteSubnetOutput](t)(a.ec2.DeleteSubnet(a.ctx, &ec2.DeleteSubnetInput{SubnetId: &subnet}))
	require.Len(t, left(), 1)
	assert.Equal(t, vpc, *left()[0].ResourceId)
}
