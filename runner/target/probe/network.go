package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func networkProbes() []probe {
	vpc := []string{"ec2"}
	return []probe{
		{"subnet-ipv6", vpc, subnetIPv6},
		{"interface-addresses", vpc, interfaceAddresses},
		{"elastic-addresses", vpc, elasticAddresses},
		{"nat-gateways", vpc, natGateways},
		{"interface-endpoints", vpc, interfaceEndpoints},
		{"gateway-endpoints", vpc, gatewayEndpoints},
		{"network-acl-entries", vpc, networkACLEntries},
		{"default-security-group", vpc, defaultSecurityGroup},
		{"peering-connections", vpc, peeringConnections},
		{"flow-log-delivery", []string{"ec2", "logs", "iam"}, flowLogDelivery},
	}
}

func subnetIPv6(ctx context.Context, b *bench) error {
	n, err := b.net(ctx)
	if err = errors.Join(err, n.assigned); err != nil {
		return err
	}
	// The provider waits for the association through this filter.
	out, err := b.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: filter("ipv6-cidr-block-association.ipv6-cidr-block", n.block64)})
	if err != nil {
		return err
	}
	if len(out.Subnets) != 1 || len(out.Subnets[0].Ipv6CidrBlockAssociationSet) != 1 {
		return errors.New("a subnet is not found by its IPv6 block")
	}
	if state := out.Subnets[0].Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlockState; state == nil || state.State != types.SubnetCidrBlockStateCodeAssociated {
		return errors.New("the IPv6 block of a subnet never becomes associated")
	}
	return nil
}

// interfaceAddresses takes all addresses of a small subnet: none is one of the five that AWS keeps.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func interfaceAddresses(ctx context.Context, b *bench) error {
	n, err := b.net(ctx)
	if err != nil {
		return err
	}
	kept := []string{"10.71.1.0", "10.71.1.1", "10.71.1.2", "10.71.1.3", "10.71.1.15"}
	for range 11 {
		out, err := b.ec2.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: &n.subnet, TagSpecifications: b.tagged(types.ResourceTypeNetworkInterface)})
		if err != nil {
			return err
		}
		address, err := netip.ParseAddr(aws.ToString(out.NetworkInterface.PrivateIpAddress))
		if err != nil || !netip.MustParsePrefix("10.71.1.0/28").Contains(address) || slices.Contains(kept, address.String()) {
			return fmt.Errorf("an interface in 10.71.1.0/28 got %s", aws.ToString(out.NetworkInterface.PrivateIpAddress))
		}
	}
	_, err = b.ec2.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: &n.subnet, TagSpecifications: b.tagged(types.ResourceTypeNetworkInterface)})
	return refusal(err, "InsufficientFreeAddressesInSubnet", "a subnet gives more addresses than it has")
}

func (b *bench) elasticIP(ctx context.Context) (id, address string, err error) {
	out, err := b.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: b.tagged(types.ResourceTypeElasticIp)})
	if err != nil {
		return "", "", err
	}
	return aws.ToString(out.AllocationId), aws.ToString(out.PublicIp), nil
}

func elasticAddresses(ctx context.Context, b *bench) error {
	_, ip, err := b.elasticIP(ctx)
	if err != nil {
		return err
	}
	if address, err := netip.ParseAddr(ip); err != nil || address.IsPrivate() || !address.IsGlobalUnicast() {
		return fmt.Errorf("an Elastic IP is %q, which is no public address", ip)
	}
	return nil
}

func natGateways(ctx context.Context, b *bench) error {
	zones, err := b.zones(ctx)
	if err != nil {
		return err
	}
	vpc, err := b.vpc(ctx, "10.72.0.0/16", false)
	if err != nil {
		return err
	}
	subnet, err := b.subnet(ctx, aws.ToString(vpc.VpcId), "10.72.1.0/24", zones[0])
	if err != nil {
		return err
	}
	allocation, _, err := b.elasticIP(ctx)
	if err != nil {
		return err
	}
	made, err := b.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: &subnet, AllocationId: &allocation, TagSpecifications: b.tagged(types.ResourceTypeNatgateway)})
	if err != nil {
		return err
	}
	out, err := b.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{aws.ToString(made.NatGateway.NatGatewayId)}})
	if err != nil {
		return err
	}
	if len(out.NatGateways) != 1 || len(out.NatGateways[0].NatGatewayAddresses) != 1 {
		return errors.New("a NAT gateway is not read back with its address")
	}
	nat := out.NatGateways[0]
	private, err := netip.ParseAddr(aws.ToString(nat.NatGatewayAddresses[0].PrivateIp))
	if err != nil || !netip.MustParsePrefix("10.72.1.0/24").Contains(private) {
		return fmt.Errorf("a NAT gateway's private address %s lies outside its subnet", aws.ToString(nat.NatGatewayAddresses[0].PrivateIp))
	}
	enis, err := b.ec2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{aws.ToString(nat.NatGatewayAddresses[0].NetworkInterfaceId)}})
	if err != nil {
		return err
	}
	if len(enis.NetworkInterfaces) != 1 || aws.ToString(enis.NetworkInterfaces[0].SubnetId) != subnet {
		return errors.New("a NAT gateway has no interface in its subnet")
	}
	return nil
}

func interfaceEndpoints(ctx context.Context, b *bench) error {
	n, err := b.net(ctx)
	if err != nil {
		return err
	}
	zones, err := b.zones(ctx)
	if err != nil {
		return err
	}
	subnet, err := b.subnet(ctx, n.vpc, "10.71.2.0/24", zones[0])
	if err != nil {
		return err
	}
	group, err := b.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: &n.vpc, GroupName: b.name("endpoint"), Description: b.name("endpoint"), TagSpecifications: b.tagged(types.ResourceTypeSecurityGroup)})
	if err != nil {
		return err
	}
	endpoint, err := b.endpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: &n.vpc, VpcEndpointType: types.VpcEndpointTypeInterface, ServiceName: aws.String("com.amazonaws." + b.cfg.Region + ".kms"),
		SubnetIds: []string{subnet}, SecurityGroupIds: []string{aws.ToString(group.GroupId)},
	})
	if err != nil {
		return err
	}
	if len(endpoint.NetworkInterfaceIds) != 1 {
		return fmt.Errorf("an interface endpoint in one subnet has %d interfaces", len(endpoint.NetworkInterfaceIds))
	}
	out, err := b.ec2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: endpoint.NetworkInterfaceIds})
	if err != nil {
		return err
	}
	if len(out.NetworkInterfaces) != 1 {
		return errors.New("an endpoint's interface does not exist")
	}
	eni := out.NetworkInterfaces[0]
	if aws.ToString(eni.SubnetId) != subnet || len(eni.Groups) != 1 || aws.ToString(eni.Groups[0].GroupId) != aws.ToString(group.GroupId) {
		return errors.New("an endpoint's interface is not in its subnet, or lacks its security group")
	}
	return nil
}

func (b *bench) endpoint(ctx context.Context, in *ec2.CreateVpcEndpointInput) (types.VpcEndpoint, error) {
	in.TagSpecifications = b.tagged(types.ResourceTypeVpcEndpoint)
	made, err := b.ec2.CreateVpcEndpoint(ctx, in)
	if err != nil {
		return types.VpcEndpoint{}, err
	}
	out, err := b.ec2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{aws.ToString(made.VpcEndpoint.VpcEndpointId)}})
	if err != nil {
		return types.VpcEndpoint{}, err
	}
	if len(out.VpcEndpoints) != 1 {
		return types.VpcEndpoint{}, errors.New("an endpoint that was made is not there")
	}
	return out.VpcEndpoints[0], nil
}

// gatewayEndpoints follows an endpoint's routes from one route table to another.
func gatewayEndpoints(ctx context.Context, b *bench) error {
	n, err := b.net(ctx)
	if err != nil {
		return err
	}
	var tables []string
	for range 2 {
		out, err := b.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &n.vpc, TagSpecifications: b.tagged(types.ResourceTypeRouteTable)})
		if err != nil {
			return err
		}
		tables = append(tables, aws.ToString(out.RouteTable.RouteTableId))
	}
	endpoint, err := b.endpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: &n.vpc, VpcEndpointType: types.VpcEndpointTypeGateway, ServiceName: aws.String("com.amazonaws." + b.cfg.Region + ".s3"), RouteTableIds: tables[:1],
	})
	if err != nil {
		return err
	}
	if leads, err := b.leads(ctx, tables[0], endpoint.VpcEndpointId); err != nil || !leads {
		return errors.Join(err, errors.New("a gateway endpoint leaves no route in its route table"))
	}
	if _, err := b.ec2.ModifyVpcEndpoint(ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: endpoint.VpcEndpointId, AddRouteTableIds: tables[1:], RemoveRouteTableIds: tables[:1]}); err != nil {
		return err
	}
	before, err := b.leads(ctx, tables[0], endpoint.VpcEndpointId)
	if err != nil {
		return err
	}
	after, err := b.leads(ctx, tables[1], endpoint.VpcEndpointId)
	if err != nil {
		return err
	}
	if before || !after {
		return errors.New("the routes of a gateway endpoint do not follow it to another route table")
	}
	return nil
}

// leads tells whether a route table leads to a gateway endpoint, by a prefix list.
func (b *bench) leads(ctx context.Context, table string, endpoint *string) (bool, error) {
	out, err := b.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{table}})
	if err != nil {
		return false, err
	}
	return len(out.RouteTables) == 1 && slices.ContainsFunc(out.RouteTables[0].Routes, func(r types.Route) bool {
		return aws.ToString(r.GatewayId) == aws.ToString(endpoint) && aws.ToString(r.DestinationPrefixListId) != ""
	}), nil
}

// networkACLEntries reads the rules that every network ACL of a VPC with IPv6 begins with.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
func networkACLEntries(ctx context.Context, b *bench) error {
	n, err := b.net(ctx)
	if err != nil {
		return err
	}
	out, err := b.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: append(filter("vpc-id", n.vpc), filter("default", "true")...)})
	if err != nil {
		return err
	}
	if len(out.NetworkAcls) != 1 {
		return fmt.Errorf("a VPC has %d default network ACLs", len(out.NetworkAcls))
	}
	for _, rule := range []struct {
		number int32
		action types.RuleAction
		block  string
	}{{100, types.RuleActionAllow, "0.0.0.0/0"}, {101, types.RuleActionAllow, "::/0"}, {32767, types.RuleActionDeny, "0.0.0.0/0"}, {32768, types.RuleActionDeny, "::/0"}} {
		for _, egress := range []bool{false, true} {
			if !slices.ContainsFunc(out.NetworkAcls[0].Entries, func(e types.NetworkAclEntry) bool {
				return aws.ToInt32(e.RuleNumber) == rule.number && e.RuleAction == rule.action && aws.ToBool(e.Egress) == egress &&
					aws.ToString(e.CidrBlock)+aws.ToString(e.Ipv6CidrBlock) == rule.block
			}) {
				return fmt.Errorf("a default network ACL has no rule %d %s %s", rule.number, rule.action, rule.block)
			}
		}
	}
	return nil
}

func defaultSecurityGroup(ctx context.Context, b *bench) error {
	n, err := b.net(ctx)
	if err != nil {
		return err
	}
	out, err := b.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: append(filter("vpc-id", n.vpc), filter("group-name", "default")...)})
	if err != nil {
		return err
	}
	if len(out.SecurityGroups) != 1 {
		return fmt.Errorf("a VPC has %d default security groups", len(out.SecurityGroups))
	}
	group := out.SecurityGroups[0]
	if len(group.IpPermissions) != 1 || len(group.IpPermissions[0].UserIdGroupPairs) != 1 || aws.ToString(group.IpPermissions[0].UserIdGroupPairs[0].GroupId) != aws.ToString(group.GroupId) {
		return errors.New("a default security group has no rule for itself")
	}
	return nil
}

func peeringConnections(ctx context.Context, b *bench) error {
	one, err := b.vpc(ctx, "10.73.0.0/16", false)
	if err != nil {
		return err
	}
	two, err := b.vpc(ctx, "10.74.0.0/16", false)
	if err != nil {
		return err
	}
	same, err := b.vpc(ctx, "10.73.0.0/20", false)
	if err != nil {
		return err
	}
	good, err := b.peering(ctx, one, two)
	if err != nil {
		return err
	}
	if _, err := b.ec2.AcceptVpcPeeringConnection(ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: &good}); err != nil {
		return err
	}
	if _, err := b.ec2.ModifyVpcPeeringConnectionOptions(ctx, &ec2.ModifyVpcPeeringConnectionOptionsInput{
		VpcPeeringConnectionId: &good, AccepterPeeringConnectionOptions: &types.PeeringConnectionOptionsRequest{AllowDnsResolutionFromRemoteVpc: aws.Bool(true)},
	}); err != nil {
		return err
	}
	out, err := b.ec2.DescribeVpcPeeringConnections(ctx, &ec2.DescribeVpcPeeringConnectionsInput{VpcPeeringConnectionIds: []string{good}})
	if err != nil {
		return err
	}
	if len(out.VpcPeeringConnections) != 1 || out.VpcPeeringConnections[0].Status == nil || out.VpcPeeringConnections[0].Status.Code != types.VpcPeeringConnectionStateReasonCodeActive {
		return errors.New("a peering that was accepted is not active")
	}
	if asked := out.VpcPeeringConnections[0].AccepterVpcInfo; asked == nil || asked.PeeringOptions == nil || !aws.ToBool(asked.PeeringOptions.AllowDnsResolutionFromRemoteVpc) {
		return errors.New("the options of a peering are not kept")
	}
	bad, err := b.peering(ctx, one, same)
	if err != nil {
		return nil //nolint:nilerr // refused at once, which is a way to show it
	}
	if _, err := b.ec2.AcceptVpcPeeringConnection(ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: &bad}); err == nil {
		return errors.New("VPCs with overlapping ranges can be peered")
	}
	return nil
}

func (b *bench) peering(ctx context.Context, from, to types.Vpc) (string, error) {
	out, err := b.ec2.CreateVpcPeeringConnection(ctx, &ec2.CreateVpcPeeringConnectionInput{VpcId: from.VpcId, PeerVpcId: to.VpcId, TagSpecifications: b.tagged(types.ResourceTypeVpcPeeringConnection)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.VpcPeeringConnection.VpcPeeringConnectionId), nil
}

func flowLogDelivery(ctx context.Context, b *bench) error {
	n, err := b.net(ctx)
	if err != nil {
		return err
	}
	group := b.name("flow-logs")
	if _, err := b.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group, Tags: b.tags()}); err != nil {
		return err
	}
	role, err := b.role(ctx, "flow-logs", nil)
	if err != nil {
		return err
	}
	groups, err := b.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: group})
	if err != nil {
		return err
	}
	if len(groups.LogGroups) != 1 {
		return errors.New("a log group is not found by its name")
	}
	made, err := b.ec2.CreateFlowLogs(ctx, &ec2.CreateFlowLogsInput{
		ResourceType: types.FlowLogsResourceTypeVpc, ResourceIds: []string{n.vpc}, TrafficType: types.TrafficTypeAll,
		LogDestinationType: types.LogDestinationTypeCloudWatchLogs, DeliverLogsPermissionArn: role,
		LogDestination: aws.String(trimStar(aws.ToString(groups.LogGroups[0].Arn))), TagSpecifications: b.tagged(types.ResourceTypeVpcFlowLog),
	})
	if err != nil {
		return err
	}
	if len(made.FlowLogIds) != 1 {
		return errors.New("no flow log was made")
	}
	if status, err := b.delivery(ctx, made.FlowLogIds[0]); err != nil || status != "SUCCESS" {
		return errors.Join(err, fmt.Errorf("the delivery status of a flow log is %q", status))
	}
	if _, err := b.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: b.name("flow-logs")}); err != nil {
		return err
	}
	if status, err := b.delivery(ctx, made.FlowLogIds[0]); err != nil || status != "FAILED" {
		return errors.Join(err, fmt.Errorf("a flow log whose role is gone still says %q", status))
	}
	return nil
}

func (b *bench) delivery(ctx context.Context, id string) (string, error) {
	out, err := b.ec2.DescribeFlowLogs(ctx, &ec2.DescribeFlowLogsInput{FlowLogIds: []string{id}})
	if err != nil {
		return "", err
	}
	if len(out.FlowLogs) != 1 {
		return "", errors.New("a flow log that was made is not there")
	}
	return aws.ToString(out.FlowLogs[0].DeliverLogsStatus), nil
}
