package sweep

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

type flowLogAPI interface {
	ec2.DescribeFlowLogsAPIClient
	DeleteFlowLogs(context.Context, *ec2.DeleteFlowLogsInput, ...func(*ec2.Options)) (*ec2.DeleteFlowLogsOutput, error)
}

// flowLogs live in what they watch: a VPC, a subnet, an interface, a transit gateway.
type flowLogs struct{ api flowLogAPI }

func (h flowLogs) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeFlowLogsPaginator(h.api, &ec2.DescribeFlowLogsInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeFlowLogsOutput) {
		for _, l := range page.FlowLogs {
			all = append(all, ec2Found(l.FlowLogId, l.Tags, l.ResourceId))
		}
	})
	return all, err
}

func (h flowLogs) delete(ctx context.Context, id string, _ map[string]bool) error {
	out, err := h.api.DeleteFlowLogs(ctx, &ec2.DeleteFlowLogsInput{FlowLogIds: []string{id}})
	if err != nil {
		return err
	}
	return unsuccessful(out.Unsuccessful)
}

type peeringAPI interface {
	ec2.DescribeVpcPeeringConnectionsAPIClient
	DeleteVpcPeeringConnection(context.Context, *ec2.DeleteVpcPeeringConnectionInput, ...func(*ec2.Options)) (*ec2.DeleteVpcPeeringConnectionOutput, error)
}

// peerings are seen from both sides: as requester and as accepter.
type peerings struct{ api peeringAPI }

// endedPeerings can neither carry traffic nor be deleted: EC2 removes them itself.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle
var endedPeerings = []types.VpcPeeringConnectionStateReasonCode{
	types.VpcPeeringConnectionStateReasonCodeDeleted, types.VpcPeeringConnectionStateReasonCodeRejected,
	types.VpcPeeringConnectionStateReasonCodeFailed, types.VpcPeeringConnectionStateReasonCodeExpired,
}

func (h peerings) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeVpcPeeringConnectionsPaginator(h.api, &ec2.DescribeVpcPeeringConnectionsInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeVpcPeeringConnectionsOutput) {
		for _, p := range page.VpcPeeringConnections {
			if p.Status != nil && slices.Contains(endedPeerings, p.Status.Code) {
				continue
			}
			f := ec2Found(p.VpcPeeringConnectionId, p.Tags)
			for _, side := range []*types.VpcPeeringConnectionVpcInfo{p.RequesterVpcInfo, p.AccepterVpcInfo} {
				if side != nil {
					f.ties = append(f.ties, ids(side.VpcId)...)
				}
			}
			all = append(all, f)
		}
	})
	return all, err
}

func (h peerings) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteVpcPeeringConnection(ctx, &ec2.DeleteVpcPeeringConnectionInput{VpcPeeringConnectionId: aws.String(id)})
	return err
}

type transitGatewayAttachmentAPI interface {
	ec2.DescribeTransitGatewayAttachmentsAPIClient
	DeleteTransitGatewayVpcAttachment(context.Context, *ec2.DeleteTransitGatewayVpcAttachmentInput, ...func(*ec2.Options)) (*ec2.DeleteTransitGatewayVpcAttachmentOutput, error)
	DeleteTransitGatewayPeeringAttachment(context.Context, *ec2.DeleteTransitGatewayPeeringAttachmentInput, ...func(*ec2.Options)) (*ec2.DeleteTransitGatewayPeeringAttachmentOutput, error)
}

// transitGatewayAttachments tie a transit gateway to a VPC or to another transit
// gateway. Neither can be deleted before.
type transitGatewayAttachments struct{ api transitGatewayAttachmentAPI }

var endedAttachments = []types.TransitGatewayAttachmentState{
	types.TransitGatewayAttachmentStateDeleted, types.TransitGatewayAttachmentStateRejected,
}

func (h transitGatewayAttachments) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeTransitGatewayAttachmentsPaginator(h.api, &ec2.DescribeTransitGatewayAttachmentsInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeTransitGatewayAttachmentsOutput) {
		for _, a := range page.TransitGatewayAttachments {
			if slices.Contains(endedAttachments, a.State) {
				continue
			}
			f := ec2Found(a.TransitGatewayAttachmentId, a.Tags)
			f.ties = ids(a.TransitGatewayId, a.ResourceId)
			all = append(all, f)
		}
	})
	return all, err
}

func (h transitGatewayAttachments) delete(ctx context.Context, id string, _ map[string]bool) error {
	out, err := h.api.DescribeTransitGatewayAttachments(ctx, &ec2.DescribeTransitGatewayAttachmentsInput{TransitGatewayAttachmentIds: []string{id}})
	if err != nil {
		return err
	}
	for _, a := range out.TransitGatewayAttachments {
		switch a.ResourceType {
		case types.TransitGatewayAttachmentResourceTypeVpc:
			_, err = h.api.DeleteTransitGatewayVpcAttachment(ctx, &ec2.DeleteTransitGatewayVpcAttachmentInput{TransitGatewayAttachmentId: aws.String(id)})
		case types.TransitGatewayAttachmentResourceTypePeering:
			_, err = h.api.DeleteTransitGatewayPeeringAttachment(ctx, &ec2.DeleteTransitGatewayPeeringAttachmentInput{TransitGatewayAttachmentId: aws.String(id)})
		default:
			err = fmt.Errorf("labctl does not know how to delete an attachment of type %s: delete %s by hand", a.ResourceType, aws.ToString(a.ResourceId))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type transitGatewayRouteTableAPI interface {
	ec2.DescribeTransitGatewayRouteTablesAPIClient
	DeleteTransitGatewayRouteTable(context.Context, *ec2.DeleteTransitGatewayRouteTableInput, ...func(*ec2.Options)) (*ec2.DeleteTransitGatewayRouteTableOutput, error)
}

// transitGatewayRouteTables leaves out the default one, which is part of its gateway.
type transitGatewayRouteTables struct{ api transitGatewayRouteTableAPI }

func (h transitGatewayRouteTables) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeTransitGatewayRouteTablesPaginator(h.api, &ec2.DescribeTransitGatewayRouteTablesInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeTransitGatewayRouteTablesOutput) {
		for _, t := range page.TransitGatewayRouteTables {
			if t.State == types.TransitGatewayRouteTableStateDeleted {
				continue
			}
			f := ec2Found(t.TransitGatewayRouteTableId, t.Tags, t.TransitGatewayId)
			f.part = aws.ToBool(t.DefaultAssociationRouteTable) || aws.ToBool(t.DefaultPropagationRouteTable)
			all = append(all, f)
		}
	})
	return all, err
}

func (h transitGatewayRouteTables) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteTransitGatewayRouteTable(ctx, &ec2.DeleteTransitGatewayRouteTableInput{TransitGatewayRouteTableId: aws.String(id)})
	return err
}

type transitGatewayAPI interface {
	ec2.DescribeTransitGatewaysAPIClient
	DeleteTransitGateway(context.Context, *ec2.DeleteTransitGatewayInput, ...func(*ec2.Options)) (*ec2.DeleteTransitGatewayOutput, error)
}

type transitGateways struct{ api transitGatewayAPI }

func (h transitGateways) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeTransitGatewaysPaginator(h.api, &ec2.DescribeTransitGatewaysInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeTransitGatewaysOutput) {
		for _, g := range page.TransitGateways {
			if g.State != types.TransitGatewayStateDeleted {
				f := ec2Found(g.TransitGatewayId, g.Tags)
				f.arn = aws.ToString(g.TransitGatewayArn)
				all = append(all, f)
			}
		}
	})
	return all, err
}

func (h transitGateways) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteTransitGateway(ctx, &ec2.DeleteTransitGatewayInput{TransitGatewayId: aws.String(id)})
	return err
}
