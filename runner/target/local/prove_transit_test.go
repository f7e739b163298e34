package local_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// transitGateway makes one whose default association and propagation are enabled or disabled.
func (a account) transitGateway(t T, defaults string) string {
	out, err := a.ec2.CreateTransitGateway(a.ctx, &ec2.CreateTransitGatewayInput{Options: &types.TransitGatewayRequestOptions{
		DefaultRouteTableAssociation: types.DefaultRouteTableAssociationValue(defaults),
		DefaultRouteTablePropagation: types.DefaultRouteTablePropagationValue(defaults),
	}})
	require.NoError(t, err)
	return *out.TransitGateway.TransitGatewayId
}

func (a account) attach(t T, gateway, vpc, subnet string) string {
	out, err := a.ec2.CreateTransitGatewayVpcAttachment(a.ctx, &ec2.CreateTransitGatewayVpcAttachmentInput{
		TransitGatewayId: &gateway, VpcId: &vpc, SubnetIds: []string{subnet},
	})
	require.NoError(t, err)
	return *out.TransitGatewayVpcAttachment.TransitGatewayAttachmentId
}

func (a account) attachNewVPC(t T, gateway, cidr string) (attachment string) {
	vpc := a.vpc(t, cidr)
	return a.attach(t, gateway, vpc, a.subnet(t, vpc, cidr))
}

func (a account) detach(t T, attachment string) {
	_, err := a.ec2.DeleteTransitGatewayVpcAttachment(a.ctx, &ec2.DeleteTransitGatewayVpcAttachmentInput{TransitGatewayAttachmentId: &attachment})
	require.NoError(t, err)
}

func (a account) transitTable(t T, gateway string) string {
	out, err := a.ec2.CreateTransitGatewayRouteTable(a.ctx, &ec2.CreateTransitGatewayRouteTableInput{TransitGatewayId: &gateway})
	require.NoError(t, err)
	return *out.TransitGatewayRouteTable.TransitGatewayRouteTableId
}

func (a account) transitTables(t T, gateway string) []types.TransitGatewayRouteTable {
	out, err := a.ec2.DescribeTransitGatewayRouteTables(a.ctx, &ec2.DescribeTransitGatewayRouteTablesInput{Filters: filter("transit-gateway-id", gateway)})
	require.NoError(t, err)
	return out.TransitGatewayRouteTables
}

// transitRoutes lists the routes as "range type state attachment".
func (a account) transitRoutes(t T, table string, filters []types.Filter) []string {
	out, err := a.ec2.SearchTransitGatewayRoutes(a.ctx, &ec2.SearchTransitGatewayRoutesInput{TransitGatewayRouteTableId: &table, Filters: filters})
	require.NoError(t, err)
	var list []string
	for _, r := range out.Routes {
		attachment := ""
		if len(r.TransitGatewayAttachments) > 0 {
			attachment = aws.ToString(r.TransitGatewayAttachments[0].TransitGatewayAttachmentId)
		}
		list = append(list, fmt.Sprint(*r.DestinationCidrBlock, " ", r.Type, " ", r.State, " ", attachment))
	}
	return list
}

func proveTransitGateways(t T, a account) {
	plain := a.transitGateway(t, "disable")
	assert.Empty(t, a.transitTables(t, plain))
	a.attachNewVPC(t, plain, "10.1.0.0/16")

	gateway := a.transitGateway(t, "enable")
	attachment := a.attachNewVPC(t, gateway, "10.2.0.0/16")
	tables := a.transitTables(t, gateway)
	require.Len(t, tables, 1)
	assert.True(t, *tables[0].DefaultAssociationRouteTable && *tables[0].DefaultPropagationRouteTable)
	assert.Equal(t, []string{"10.2.0.0/16 propagated active " + attachment},
		a.transitRoutes(t, *tables[0].TransitGatewayRouteTableId, filter("state", "active")))

	_, err := a.ec2.DeleteTransitGateway(a.ctx, &ec2.DeleteTransitGatewayInput{TransitGatewayId: &gateway})
	assert.ErrorContains(t, err, "IncorrectState")
	a.detach(t, attachment)
	_, err = a.ec2.DeleteTransitGateway(a.ctx, &ec2.DeleteTransitGatewayInput{TransitGatewayId: &gateway})
	require.NoError(t, err)
	assert.Empty(t, a.transitTables(t, gateway))
}

func proveTransitGatewayAttachments(t T, a account) {
	gateway := a.transitGateway(t, "disable")
	one, two := a.transitTable(t, gateway), a.transitTable(t, gateway)
	vpc := a.vpc(t, "10.1.0.0/16")
	subnet := a.subnet(t, vpc, "10.1.1.0/24")
	attachment := a.attach(t, gateway, vpc, subnet)
	_, err := a.ec2.AssociateTransitGatewayRouteTable(a.ctx, &ec2.AssociateTransitGatewayRouteTableInput{TransitGatewayAttachmentId: &attachment, TransitGatewayRouteTableId: &one})
	require.NoError(t, err)
	_, err = a.ec2.AssociateTransitGatewayRouteTable(a.ctx, &ec2.AssociateTransitGatewayRouteTableInput{TransitGatewayAttachmentId: &attachment, TransitGatewayRouteTableId: &two})
	assert.ErrorContains(t, err, "Resource.AlreadyAssociated")
	for _, table := range []string{one, two} {
		_, err = a.ec2.EnableTransitGatewayRouteTablePropagation(a.ctx, &ec2.EnableTransitGatewayRouteTablePropagationInput{TransitGatewayAttachmentId: &attachment, TransitGatewayRouteTableId: &table})
		require.NoError(t, err)
	}
	assert.Equal(t, []int{1, 1}, []int{a.propagations(t, one), a.propagations(t, two)})
	_, err = a.ec2.DisableTransitGatewayRouteTablePropagation(a.ctx, &ec2.DisableTransitGatewayRouteTablePropagationInput{TransitGatewayAttachmentId: &attachment, TransitGatewayRouteTableId: &one})
	require.NoError(t, err)
	assert.Equal(t, []int{0, 1}, []int{a.propagations(t, one), a.propagations(t, two)})

	a.detach(t, attachment)
	assert.Equal(t, []int{0, 0}, []int{a.propagations(t, one), a.propagations(t, two)})
	out, err := a.ec2.DescribeTransitGatewayVpcAttachments(a.ctx, &ec2.DescribeTransitGatewayVpcAttachmentsInput{TransitGatewayAttachmentIds: []string{attachment}})
	require.NoError(t, err)
	require.Len(t, out.TransitGatewayVpcAttachments, 1)
	assert.Equal(t, types.TransitGatewayAttachmentStateDeleted, out.TransitGatewayVpcAttachments[0].State)
	assert.NotEqual(t, attachment, a.attach(t, gateway, vpc, subnet), "the VPC can be attached again")
}

func (a account) propagations(t T, table string) int {
	out, err := a.ec2.GetTransitGatewayRouteTablePropagations(a.ctx, &ec2.GetTransitGatewayRouteTablePropagationsInput{TransitGatewayRouteTableId: &table})
	require.NoError(t, err)
	return len(out.TransitGatewayRouteTablePropagations)
}

func proveTransitGatewayRoutes(t T, a account) {
	gateway := a.transitGateway(t, "disable")
	table := a.transitTable(t, gateway)
	one, two := a.attachNewVPC(t, gateway, "10.1.0.0/16"), a.attachNewVPC(t, gateway, "10.2.0.0/16")
	for _, attachment := range []string{one, two} {
		_, err := a.ec2.EnableTransitGatewayRouteTablePropagation(a.ctx, &ec2.EnableTransitGatewayRouteTablePropagationInput{TransitGatewayAttachmentId: &attachment, TransitGatewayRouteTableId: &table})
		require.NoError(t, err)
	}
	for cidr, attachment := range map[string]string{"0.0.0.0/0": one, "10.2.0.0/16": one} {
		_, err := a.ec2.CreateTransitGatewayRoute(a.ctx, &ec2.CreateTransitGatewayRouteInput{TransitGatewayRouteTableId: &table, DestinationCidrBlock: &cidr, TransitGatewayAttachmentId: &attachment})
		require.NoError(t, err)
	}
	_, err := a.ec2.CreateTransitGatewayRoute(a.ctx, &ec2.CreateTransitGatewayRouteInput{TransitGatewayRouteTableId: &table, DestinationCidrBlock: aws.String("10.9.0.0/16"), Blackhole: aws.Bool(true)})
	require.NoError(t, err)

	for _, c := range []struct {
		name, value string
		want        []string
	}{
		{"type", "propagated", []string{"10.1.0.0/16 propagated active " + one}},
		{"state", "blackhole", []string{"10.9.0.0/16 static blackhole "}},
		{"route-search.exact-match", "10.2.0.0/16", []string{"10.2.0.0/16 static active " + one}},
		{"route-search.longest-prefix-match", "10.1.2.3/32", []string{"10.1.0.0/16 propagated active " + one}},
		{"route-search.longest-prefix-match", "192.0.2.1/32", []string{"0.0.0.0/0 static active " + one}},
		{"attachment.transit-gateway-attachment-id", two, nil},
	} {
		assert.Equal(t, c.want, a.transitRoutes(t, table, filter(c.name, c.value)), c.name)
	}
	a.detach(t, one)
	assert.ElementsMatch(t, []string{"0.0.0.0/0 static blackhole " + one, "10.2.0.0/16 static blackhole " + one, "10.9.0.0/16 static blackhole "},
		a.transitRoutes(t, table, filter("type", "static", "propagated")))
}
