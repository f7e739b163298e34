package sweep

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

type networkInterfaceAPI interface {
	ec2.DescribeNetworkInterfacesAPIClient
	DetachNetworkInterface(context.Context, *ec2.DetachNetworkInterfaceInput, ...func(*ec2.Options)) (*ec2.DetachNetworkInterfaceOutput, error)
	DeleteNetworkInterface(context.Context, *ec2.DeleteNetworkInterfaceInput, ...func(*ec2.Options)) (*ec2.DeleteNetworkInterfaceOutput, error)
}

// networkInterfaces are those that somebody made. The ones that AWS manages for a NAT
// gateway, an endpoint or a load balancer go with their owner, and so do the primary
// ones of instances: they count only as a place, where an Elastic IP may be.
type networkInterfaces struct{ api networkInterfaceAPI }

func (h networkInterfaces) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeNetworkInterfacesPaginator(h.api, &ec2.DescribeNetworkInterfacesInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeNetworkInterfacesOutput) {
		for _, i := range page.NetworkInterfaces {
			f := ec2Found(i.NetworkInterfaceId, i.TagSet, i.VpcId)
			f.part = managedByAWS(i) || primary(i)
			all = append(all, f)
		}
	})
	return all, err
}

// ownTypes are the interface types of which a customer makes and deletes interfaces.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
var ownTypes = []types.NetworkInterfaceType{
	"", types.NetworkInterfaceTypeInterface, types.NetworkInterfaceTypeEfa, types.NetworkInterfaceTypeEfaOnly,
	types.NetworkInterfaceTypeTrunk, types.NetworkInterfaceTypeBranch,
}

func managedByAWS(i types.NetworkInterface) bool {
	return aws.ToBool(i.RequesterManaged) || !slices.Contains(ownTypes, i.InterfaceType)
}

func primary(i types.NetworkInterface) bool {
	return i.Attachment != nil && aws.ToString(i.Attachment.InstanceId) != "" && aws.ToInt32(i.Attachment.DeviceIndex) == 0
}

func (h networkInterfaces) delete(ctx context.Context, id string, _ map[string]bool) error {
	out, err := h.api.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{id}})
	if err != nil {
		return err
	}
	for _, i := range out.NetworkInterfaces {
		if i.Attachment == nil || i.Attachment.AttachmentId == nil {
			continue
		}
		if i.Attachment.Status != types.AttachmentStatusDetaching {
			_, err := h.api.DetachNetworkInterface(ctx, &ec2.DetachNetworkInterfaceInput{AttachmentId: i.Attachment.AttachmentId, Force: aws.Bool(true)})
			if err != nil {
				return err
			}
		}
		return errBusy
	}
	_, err = h.api.DeleteNetworkInterface(ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: aws.String(id)})
	return err
}

type elasticIPAPI interface {
	DescribeAddresses(context.Context, *ec2.DescribeAddressesInput, ...func(*ec2.Options)) (*ec2.DescribeAddressesOutput, error)
	DisassociateAddress(context.Context, *ec2.DisassociateAddressInput, ...func(*ec2.Options)) (*ec2.DisassociateAddressOutput, error)
	ReleaseAddress(context.Context, *ec2.ReleaseAddressInput, ...func(*ec2.Options)) (*ec2.ReleaseAddressOutput, error)
}

// elasticIPs live in the network interface that they are associated with.
// DescribeAddresses has no pages.
type elasticIPs struct{ api elasticIPAPI }

func (h elasticIPs) list(ctx context.Context, _ []string) ([]found, error) {
	out, err := h.api.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	if err != nil {
		return nil, err
	}
	var all []found
	for _, a := range out.Addresses {
		all = append(all, ec2Found(a.AllocationId, a.Tags, a.NetworkInterfaceId))
	}
	return all, nil
}

func (h elasticIPs) delete(ctx context.Context, id string, _ map[string]bool) error {
	out, err := h.api.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: []string{id}})
	if err != nil {
		return err
	}
	for _, a := range out.Addresses {
		if a.AssociationId == nil {
			continue
		}
		_, err := h.api.DisassociateAddress(ctx, &ec2.DisassociateAddressInput{AssociationId: a.AssociationId})
		if err != nil && !isGone(err) {
			return err
		}
	}
	_, err = h.api.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: aws.String(id)})
	return err
}
