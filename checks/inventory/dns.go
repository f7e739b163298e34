package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// VPCDNS are the DNS attributes of a VPC, which DescribeVpcs does not tell.
// https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html#vpc-dns-support
type VPCDNS struct {
	VpcId              string
	EnableDnsSupport   bool
	EnableDnsHostnames bool
}

// VPCDNS reads the DNS attributes of one VPC.
func (i *Inventory) VPCDNS(ctx context.Context, vpcID string) (VPCDNS, error) {
	return i.vpcDNS.get(vpcID, "the DNS attributes of", func() (VPCDNS, error) { return i.source.readVPCDNS(ctx, vpcID) })
}

func (l live) readVPCDNS(ctx context.Context, vpcID string) (VPCDNS, error) {
	dns := VPCDNS{VpcId: vpcID}
	// One attribute a call: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html
	support, err := l.ec2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: aws.String(vpcID), Attribute: types.VpcAttributeNameEnableDnsSupport})
	if err != nil {
		return dns, err
	}
	hostnames, err := l.ec2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: aws.String(vpcID), Attribute: types.VpcAttributeNameEnableDnsHostnames})
	if err != nil {
		return dns, err
	}
	dns.EnableDnsSupport = support.EnableDnsSupport != nil && aws.ToBool(support.EnableDnsSupport.Value)
	dns.EnableDnsHostnames = hostnames.EnableDnsHostnames != nil && aws.ToBool(hostnames.EnableDnsHostnames.Value)
	return dns, nil
}
