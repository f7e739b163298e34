package ha

import (
	"fmt"
	"net/netip"
	"slices"

	"labctl/checks/inventory"
	"labctl/checks/reach"
)

// stand is a network interface that plays a part: one that is there, or one that will be. A load balancer's nodes come and
// go as it scales, and instances as the group does: a property has to hold for the next of them too.
type stand struct {
	reach.NetworkInterface
	label    string
	imagined bool
}

func (s stand) place() place { return place{s.NetworkInterfaceId, s.label} }

// members are the first interfaces of the group's instances in service.
func members(network *reach.Network, group inventory.AutoScalingGroup) []stand {
	var found []stand
	for _, member := range inService(group) {
		for _, eni := range network.NetworkInterfaces {
			if eni.Attachment != nil && eni.Attachment.InstanceId == member.InstanceId {
				found = append(found, stand{NetworkInterface: eni, label: fmt.Sprintf("instance %s (%s, %s)", member.InstanceId, eni.NetworkInterfaceId, member.AvailabilityZone)})
				break
			}
		}
	}
	return found
}

// nextMembers are what the group would launch next in each of its subnets, from each template that it uses.
func nextMembers(network *reach.Network, group inventory.AutoScalingGroup, templates []inventory.LaunchTemplateVersion) []stand {
	var found []stand
	for _, subnet := range network.Subnets {
		if !slices.Contains(group.Subnets, subnet.SubnetId) {
			continue
		}
		for n, template := range templates {
			s := imagine(network, subnet, fmt.Sprintf("next-%s-%d", subnet.SubnetId, n), 1+n, template.SecurityGroups)
			s.label = fmt.Sprintf("the next instance in %s (%s)", subnet.SubnetId, subnet.AvailabilityZone)
			if public := template.PublicIPv4; public != nil && *public || public == nil && subnet.MapPublicIpOnLaunch {
				s.Association = &reach.InterfaceAssociation{PublicIp: public4(len(found)).String()}
			}
			found = append(found, s)
		}
	}
	return found
}

// balancerNodes are a node of the load balancer in each subnet of its own, with its security groups and, where it faces the
// internet, a public address.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
func balancerNodes(network *reach.Network, balancer inventory.LoadBalancer) []stand {
	var found []stand
	for _, zone := range balancer.Zones {
		n := slices.IndexFunc(network.Subnets, func(s reach.Subnet) bool { return s.SubnetId == zone.SubnetId })
		if n < 0 {
			continue
		}
		s := imagine(network, network.Subnets[n], "node-"+zone.SubnetId, 0, balancer.SecurityGroups)
		s.label = fmt.Sprintf("The node of load balancer %s in %s", balancer.LoadBalancerName, zone.ZoneName)
		s.Ipv6Addresses = nil
		if balancer.Scheme != "internal" {
			s.Association = &reach.InterfaceAssociation{PublicIp: public4(128 + len(found)).String()}
		}
		found = append(found, s)
	}
	return found
}

// imagine makes an interface in a subnet, at the free address with the number: what is imagined in one subnet must not share
// one. Without groups it gets the VPC's default one.
func imagine(network *reach.Network, subnet reach.Subnet, id string, number int, groups []string) stand {
	if len(groups) == 0 {
		for _, group := range network.SecurityGroups {
			if group.VpcId == subnet.VpcId && group.GroupName == "default" {
				groups = []string{group.GroupId}
			}
		}
	}
	s := stand{imagined: true, NetworkInterface: reach.NetworkInterface{
		NetworkInterfaceId: id, VpcId: subnet.VpcId, SubnetId: subnet.SubnetId, AvailabilityZone: subnet.AvailabilityZone,
		PrivateIpAddress: free(network, subnet, subnet.CidrBlock, number),
	}}
	for _, group := range groups {
		s.Groups = append(s.Groups, reach.GroupIdentifier{GroupId: group})
	}
	if subnet.AssignIpv6AddressOnCreation {
		for _, block := range subnet.Ipv6CidrBlockAssociationSet {
			if address := free(network, subnet, block.Ipv6CidrBlock, number); address != "" {
				s.Ipv6Addresses = []reach.InterfaceIpv6Address{{Ipv6Address: address}}
			}
		}
	}
	return s
}

// free is the address of the block with the number, of those that no interface has; "" where there are not as many.
func free(network *reach.Network, subnet reach.Subnet, block string, number int) string {
	prefix, err := netip.ParsePrefix(block)
	if err != nil {
		return ""
	}
	taken := map[string]bool{}
	for _, eni := range network.NetworkInterfaces {
		if eni.SubnetId == subnet.SubnetId {
			taken[eni.PrivateIpAddress] = true
			for _, a := range eni.Ipv6Addresses {
				taken[a.Ipv6Address] = true
			}
		}
	}
	address := prefix.Masked().Addr()
	for range 4 { // AWS keeps the first four of a subnet
		address = address.Next()
	}
	for ; prefix.Contains(address); address = address.Next() {
		switch {
		case taken[address.String()]:
		case number == 0:
			return address.String()
		default:
			number--
		}
	}
	return ""
}

// public4 is a public IPv4 address that belongs to nobody: it stands for one that AWS will give.
// https://www.rfc-editor.org/rfc/rfc2544
func public4(n int) netip.Addr { return netip.AddrFrom4([4]byte{198, 18, 0, byte(n)}) }
