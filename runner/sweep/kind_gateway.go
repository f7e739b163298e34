package sweep

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

type natGatewayAPI interface {
	ec2.DescribeNatGatewaysAPIClient
	DeleteNatGateway(context.Context, *ec2.DeleteNatGatewayInput, ...func(*ec2.Options)) (*ec2.DeleteNatGatewayOutput, error)
}

// natGateways leaves out the deleted ones, which EC2 shows for about an hour more.
type natGateways struct{ api natGatewayAPI }

func (h natGateways) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeNatGatewaysPaginator(h.api, &ec2.DescribeNatGatewaysInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeNatGatewaysOutput) {
		for _, n := range page.NatGateways {
			if n.State != types.NatGatewayStateDeleted {
				all = append(all, ec2Found(n.NatGatewayId, n.Tags, n.VpcId))
			}
		}
	})
	return all, err
}

func (h natGateways) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: aws.String(id)})
	return err
}

type vpcEndpointAPI interface {
	ec2.DescribeVpcEndpointsAPIClient
	DeleteVpcEndpoints(context.Context, *ec2.DeleteVpcEndpointsInput, ...func(*ec2.Options)) (*ec2.DeleteVpcEndpointsOutput, error)
}

type vpcEndpoints struct{ api vpcEndpointAPI }

func (h vpcEndpoints) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeVpcEndpointsPaginator(h.api, &ec2.DescribeVpcEndpointsInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeVpcEndpointsOutput) {
		for _, e := range page.VpcEndpoints {
			// EC2 answers in lower case; the SDK's constants are capitalised.
			if !strings.EqualFold(string(e.State), string(types.StateDeleted)) {
				f := ec2Found(e.VpcEndpointId, e.Tags, e.VpcId)
				f.variant, f.units = string(e.VpcEndpointType), len(e.SubnetIds) // billed in each zone
				all = append(all, f)
			}
		}
	})
	return all, err
}

func (h vpcEndpoints) delete(ctx context.Context, id string, _ map[string]bool) error {
	out, err := h.api.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{id}})
	if err != nil {
		return err
	}
	return unsuccessful(out.Unsuccessful)
}

// unsuccessful makes an error of what EC2's batch calls report inside a success.
func unsuccessful(items []types.UnsuccessfulItem) error {
	for _, i := range items {
		if i.Error != nil {
			return &smithy.GenericAPIError{Code: aws.ToString(i.Error.Code), Message: aws.ToString(i.Error.Message)}
		}
	}
	return nil
}

type internetGatewayAPI interface {
	ec2.DescribeInternetGatewaysAPIClient
	DetachInternetGateway(context.Context, *ec2.DetachInternetGatewayInput, ...func(*ec2.Options)) (*ec2.DetachInternetGatewayOutput, error)
	DeleteInternetGateway(context.Context, *ec2.DeleteInternetGatewayInput, ...func(*ec2.Options)) (*ec2.DeleteInternetGatewayOutput, error)
}

type internetGateways struct{ api internetGatewayAPI }

func (h internetGateways) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeInternetGatewaysPaginator(h.api, &ec2.DescribeInternetGatewaysInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeInternetGatewaysOutput) {
		for _, g := range page.InternetGateways {
			all = append(all, ec2Found(g.InternetGatewayId, g.Tags, attachedTo(g.Attachments)...))
		}
	})
	return all, err
}

func attachedTo(attachments []types.InternetGatewayAttachment) []*string {
	vpcs := make([]*string, len(attachments))
	for i, a := range attachments {
		vpcs[i] = a.VpcId
	}
	return vpcs
}

func (h internetGateways) delete(ctx context.Context, id string, _ map[string]bool) error {
	out, err := h.api.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: []string{id}})
	if err != nil {
		return err
	}
	for _, g := range out.InternetGateways {
		for _, vpc := range attachedTo(g.Attachments) {
			_, err := h.api.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: aws.String(id), VpcId: vpc})
			if err != nil && code(err) != "Gateway.NotAttached" {
				return err
			}
		}
	}
	_, err = h.api.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: aws.String(id)})
	return err
}

type egressOnlyGatewayAPI interface {
	ec2.DescribeEgressOnlyInternetGatewaysAPIClient
	DeleteEgressOnlyInternetGateway(context.Context, *ec2.DeleteEgressOnlyInternetGatewayInput, ...func(*ec2.Options)) (*ec2.DeleteEgressOnlyInternetGatewayOutput, error)
}

type egressOnlyGateways struct{ api egressOnlyGatewayAPI }

func (h egressOnlyGateways) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeEgressOnlyInternetGatewaysPaginator(h.api, &ec2.DescribeEgressOnlyInternetGatewaysInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeEgressOnlyInternetGatewaysOutput) {
		for _, g := range page.EgressOnlyInternetGateways {
			all = append(all, ec2Found(g.EgressOnlyInternetGatewayId, g.Tags, attachedTo(g.Attachments)...))
		}
	})
	return all, err
}

func (h egressOnlyGateways) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteEgressOnlyInternetGateway(ctx, &ec2.DeleteEgressOnlyInternetGatewayInput{EgressOnlyInternetGatewayId: aws.String(id)})
	return err
}
