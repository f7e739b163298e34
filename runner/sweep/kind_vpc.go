package sweep

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

type vpcAPI interface {
	ec2.DescribeVpcsAPIClient
	DeleteVpc(context.Context, *ec2.DeleteVpcInput, ...func(*ec2.Options)) (*ec2.DeleteVpcOutput, error)
}

// vpcs go with their main route table, default network ACL and default security group.
type vpcs struct {
	api vpcAPI
	interfaceHolders
}

func (h vpcs) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeVpcsPaginator(h.api, &ec2.DescribeVpcsInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeVpcsOutput) {
		for _, v := range page.Vpcs {
			all = append(all, ec2Found(v.VpcId, v.Tags))
		}
	})
	return all, err
}

func (h vpcs) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: aws.String(id)})
	return err
}

type subnetAPI interface {
	ec2.DescribeSubnetsAPIClient
	DeleteSubnet(context.Context, *ec2.DeleteSubnetInput, ...func(*ec2.Options)) (*ec2.DeleteSubnetOutput, error)
}

type subnets struct {
	api subnetAPI
	interfaceHolders
}

func (h subnets) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeSubnetsPaginator(h.api, &ec2.DescribeSubnetsInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeSubnetsOutput) {
		for _, s := range page.Subnets {
			f := ec2Found(s.SubnetId, s.Tags, s.VpcId)
			f.arn = aws.ToString(s.SubnetArn)
			all = append(all, f)
		}
	})
	return all, err
}

func (h subnets) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: aws.String(id)})
	return err
}

type routeTableAPI interface {
	ec2.DescribeRouteTablesAPIClient
	DisassociateRouteTable(context.Context, *ec2.DisassociateRouteTableInput, ...func(*ec2.Options)) (*ec2.DisassociateRouteTableOutput, error)
	DeleteRouteTable(context.Context, *ec2.DeleteRouteTableInput, ...func(*ec2.Options)) (*ec2.DeleteRouteTableOutput, error)
}

// routeTables leaves out main ones: they are part of their VPC.
type routeTables struct{ api routeTableAPI }

func (h routeTables) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeRouteTablesPaginator(h.api, &ec2.DescribeRouteTablesInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeRouteTablesOutput) {
		for _, t := range page.RouteTables {
			f := ec2Found(t.RouteTableId, t.Tags, t.VpcId)
			f.part = slices.ContainsFunc(t.Associations, func(a types.RouteTableAssociation) bool { return aws.ToBool(a.Main) })
			all = append(all, f)
		}
	})
	return all, err
}

func (h routeTables) delete(ctx context.Context, id string, _ map[string]bool) error {
	out, err := h.api.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{id}})
	if err != nil {
		return err
	}
	for _, t := range out.RouteTables {
		for _, a := range t.Associations {
			_, err := h.api.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: a.RouteTableAssociationId})
			if err != nil && !isGone(err) {
				return err
			}
		}
	}
	_, err = h.api.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: aws.String(id)})
	return err
}

type networkACLAPI interface {
	ec2.DescribeNetworkAclsAPIClient
	DeleteNetworkAcl(context.Context, *ec2.DeleteNetworkAclInput, ...func(*ec2.Options)) (*ec2.DeleteNetworkAclOutput, error)
}

// networkACLs leaves out default ones: they are part of their VPC.
type networkACLs struct{ api networkACLAPI }

func (h networkACLs) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeNetworkAclsPaginator(h.api, &ec2.DescribeNetworkAclsInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeNetworkAclsOutput) {
		for _, a := range page.NetworkAcls {
			f := ec2Found(a.NetworkAclId, a.Tags, a.VpcId)
			f.part = aws.ToBool(a.IsDefault)
			all = append(all, f)
		}
	})
	return all, err
}

func (h networkACLs) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteNetworkAcl(ctx, &ec2.DeleteNetworkAclInput{NetworkAclId: aws.String(id)})
	return err
}

type dhcpOptionsAPI interface {
	ec2.DescribeDhcpOptionsAPIClient
	DeleteDhcpOptions(context.Context, *ec2.DeleteDhcpOptionsInput, ...func(*ec2.Options)) (*ec2.DeleteDhcpOptionsOutput, error)
}

// dhcpOptions live in no VPC: many VPCs may share a set, so that only tag and name count.
type dhcpOptions struct{ api dhcpOptionsAPI }

func (h dhcpOptions) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeDhcpOptionsPaginator(h.api, &ec2.DescribeDhcpOptionsInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeDhcpOptionsOutput) {
		for _, o := range page.DhcpOptions {
			all = append(all, ec2Found(o.DhcpOptionsId, o.Tags))
		}
	})
	return all, err
}

func (h dhcpOptions) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteDhcpOptions(ctx, &ec2.DeleteDhcpOptionsInput{DhcpOptionsId: aws.String(id)})
	return err
}

type prefixListAPI interface {
	ec2.DescribeManagedPrefixListsAPIClient
	DeleteManagedPrefixList(context.Context, *ec2.DeleteManagedPrefixListInput, ...func(*ec2.Options)) (*ec2.DeleteManagedPrefixListOutput, error)
}

// prefixLists leaves out AWS's own. Their names are attributes, not tags.
type prefixLists struct{ api prefixListAPI }

func (h prefixLists) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeManagedPrefixListsPaginator(h.api, &ec2.DescribeManagedPrefixListsInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeManagedPrefixListsOutput) {
		for _, l := range page.PrefixLists {
			if aws.ToString(l.OwnerId) == "AWS" || l.State == types.PrefixListStateDeleteComplete {
				continue
			}
			f := ec2Found(l.PrefixListId, l.Tags)
			f.name, f.arn = aws.ToString(l.PrefixListName), aws.ToString(l.PrefixListArn)
			all = append(all, f)
		}
	})
	return all, err
}

func (h prefixLists) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteManagedPrefixList(ctx, &ec2.DeleteManagedPrefixListInput{PrefixListId: aws.String(id)})
	return err
}
