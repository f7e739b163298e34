package local_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// routeTargets are the targets of the routes of one table, each with its own destination.
type routeTargets struct {
	vpc, table, internet, egress, nat, peering, eni, transit, attachment string
}

func (a account) routeTargets(t T) routeTargets {
	vpc := a.vpc(t, "10.1.0.0/16")
	subnet := a.subnet(t, vpc, "10.1.1.0/24")
	igw, err := a.ec2.CreateInternetGateway(a.ctx, &ec2.CreateInternetGatewayInput{})
	require.NoError(t, err)
	_, err = a.ec2.AttachInternetGateway(a.ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: igw.InternetGateway.InternetGatewayId, VpcId: &vpc})
	require.NoError(t, err)
	eigw, err := a.ec2.CreateEgressOnlyInternetGateway(a.ctx, &ec2.CreateEgressOnlyInternetGatewayInput{VpcId: &vpc})
	require.NoError(t, err)
	transit := a.transitGateway(t, "disable")
	return routeTargets{
		vpc: vpc, table: a.routeTable(t, vpc), internet: *igw.InternetGateway.InternetGatewayId,
		egress: *eigw.EgressOnlyInternetGateway.EgressOnlyInternetGatewayId,
		nat:    a.natGateway(t, subnet), peering: a.peering(t, vpc, a.vpc(t, "10.2.0.0/16")),
		eni: *a.networkInterface(t, subnet).NetworkInterfaceId, transit: transit, attachment: a.attach(t, transit, vpc, subnet),
	}
}

func (a account) createRoutes(t T, x routeTargets) {
	for _, in := range []*ec2.CreateRouteInput{
		{DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: &x.internet},
		{DestinationIpv6CidrBlock: aws.String("::/0"), EgressOnlyInternetGatewayId: &x.egress},
		{DestinationCidrBlock: aws.String("192.0.2.0/24"), NatGatewayId: &x.nat},
		{DestinationCidrBlock: aws.String("10.2.0.0/16"), VpcPeeringConnectionId: &x.peering},
		{DestinationCidrBlock: aws.String("198.51.100.0/24"), NetworkInterfaceId: &x.eni},
		{DestinationCidrBlock: aws.String("10.0.0.0/8"), TransitGatewayId: &x.transit},
	} {
		in.RouteTableId = &x.table
		_, err := a.ec2.CreateRoute(a.ctx, in)
		require.NoError(t, err)
	}
}

// blackholes returns the destinations of the routes that lead nowhere.
func (a account) blackholes(t T, table string) []string {
	var list []string
	for _, r := range a.routes(t, table) {
		if r.State == types.RouteStateBlackhole {
			list = append(list, aws.ToString(r.DestinationCidrBlock)+aws.ToString(r.DestinationIpv6CidrBlock))
		}
	}
	return list
}

func proveRouteState(t T, a account) {
	x := a.routeTargets(t)
	a.createRoutes(t, x)
	assert.Equal(t, []string{"10.2.0.0/16"}, a.blackholes(t, x.table), "the peering is not accepted yet")
	_, err := a.ec2.AcceptVpcPeeringConnection(a.ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: &x.peering})
	require.NoError(t, err)
	assert.Empty(t, a.blackholes(t, x.table))

	var gone []string
	for _, step := range []struct {
		destination string
		remove      func() error
	}{
		{"192.0.2.0/24", func() error {
			_, err := a.ec2.DeleteNatGateway(a.ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: &x.nat})
			return err
		}},
		{"0.0.0.0/0", func() error {
			_, err := a.ec2.DetachInternetGateway(a.ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: &x.internet, VpcId: &x.vpc})
			return err
		}},
		{"::/0", func() error {
			_, err := a.ec2.DeleteEgressOnlyInternetGateway(a.ctx, &ec2.DeleteEgressOnlyInternetGatewayInput{EgressOnlyInternetGatewayId: &x.egress})
			return err
		}},
		{"10.2.0.0/16", func() error {
			_, err := a.ec2.DeleteVpcPeeringConnection(a.ctx, &ec2.DeleteVpcPeeringConnectionInput{VpcPeeringConnectionId: &x.peering})
			return err
		}},
		{"198.51.100.0/24", func() error {
			_, err := a.ec2.DeleteNetworkInterface(a.ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: &x.eni})
			return err
		}},
		{"10.0.0.0/8", func() error {
			_, err := a.ec2.DeleteTransitGatewayVpcAttachment(a.ctx, &ec2.DeleteTransitGatewayVpcAttachmentInput{TransitGatewayAttachmentId: &x.attachment})
			return err
		}},
	} {
		require.NoError(t, step.remove(), step.destination)
		gone = append(gone, step.destination)
		assert.ElementsMatch(t, gone, a.blackholes(t, x.table))
	}
}

func proveRouteAssociations(t T, a account) {
	vpc := a.vpc(t, "10.1.0.0/16")
	subnet, one, two := a.subnet(t, vpc, "10.1.1.0/24"), a.routeTable(t, vpc), a.routeTable(t, vpc)
	made, err := a.ec2.AssociateRouteTable(a.ctx, &ec2.AssociateRouteTableInput{RouteTableId: &one, SubnetId: &subnet})
	require.NoError(t, err)
	_, err = a.ec2.AssociateRouteTable(a.ctx, &ec2.AssociateRouteTableInput{RouteTableId: &two, SubnetId: &subnet})
	assert.ErrorContains(t, err, "Resource.AlreadyAssociated")
	moved, err := a.ec2.ReplaceRouteTableAssociation(a.ctx, &ec2.ReplaceRouteTableAssociationInput{AssociationId: made.AssociationId, RouteTableId: &two})
	require.NoError(t, err)
	assert.NotEqual(t, *made.AssociationId, *moved.NewAssociationId)

	_, err = a.ec2.DeleteSubnet(a.ctx, &ec2.DeleteSubnetInput{SubnetId: &subnet})
	require.NoError(t, err)
	tables, err := a.ec2.DescribeRouteTables(a.ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{two}})
	require.NoError(t, err)
	assert.Empty(t, tables.RouteTables[0].Associations)
	acls, err := a.ec2.DescribeNetworkAcls(a.ctx, &ec2.DescribeNetworkAclsInput{Filters: filter("vpc-id", vpc)})
	require.NoError(t, err)
	assert.Empty(t, acls.NetworkAcls[0].Associations)
}

func provePeeringConnections(t T, a account) {
	one, two := a.vpc(t, "10.1.0.0/16"), a.vpc(t, "10.2.0.0/16")
	_, err := a.ec2.AssociateVpcCidrBlock(a.ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: &two, CidrBlock: aws.String("10.3.0.0/16")})
	require.NoError(t, err)
	good := a.peering(t, one, two)
	_, err = a.ec2.AcceptVpcPeeringConnection(a.ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: &good})
	require.NoError(t, err)
	_, err = a.ec2.ModifyVpcPeeringConnectionOptions(a.ctx, &ec2.ModifyVpcPeeringConnectionOptionsInput{
		VpcPeeringConnectionId:           &good,
		AccepterPeeringConnectionOptions: &types.PeeringConnectionOptionsRequest{AllowDnsResolutionFromRemoteVpc: aws.Bool(true)},
	})
	require.NoError(t, err)
	p := a.describePeering(t, good)
	assert.Equal(t, types.VpcPeeringConnectionStateReasonCodeActive, p.Status.Code)
	assert.True(t, *p.AccepterVpcInfo.PeeringOptions.AllowDnsResolutionFromRemoteVpc)
	assert.False(t, *p.RequesterVpcInfo.PeeringOptions.AllowDnsResolutionFromRemoteVpc)
	assert.Len(t, p.AccepterVpcInfo.CidrBlockSet, 2)

	bad := a.peering(t, two, a.vpc(t, "10.3.0.0/20"))
	assert.Equal(t, types.VpcPeeringConnectionStateReasonCodeFailed, a.describePeering(t, bad).Status.Code, "the secondary range overlaps")
	_, err = a.ec2.AcceptVpcPeeringConnection(a.ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: &bad})
	assert.Error(t, err)
}

func (a account) describePeering(t T, id string) types.VpcPeeringConnection {
	out, err := a.ec2.DescribeVpcPeeringConnections(a.ctx, &ec2.DescribeVpcPeeringConnectionsInput{VpcPeeringConnectionIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.VpcPeeringConnections, 1)
	return out.VpcPeeringConnections[0]
}
