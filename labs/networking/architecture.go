package networking

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/reach"
)

// roleTag is the tag that says what part a VPC or a subnet plays.
const roleTag = "labctl:role"

// The roles of VPCs.
const (
	prod   = "prod"
	dev    = "dev"
	shared = "shared"
)

// tier is a set of subnets with one purpose: the role of their VPC, a slash, and their own. With nothing after the slash
// it is the whole VPC.
type tier string

// The tiers that the scenario speaks of.
const (
	publicTier tier = "prod/public"
	appTier    tier = "prod/app"
	dataTier   tier = "prod/data"
	devTier    tier = "dev/dev"
	sharedTier tier = "shared/shared"

	prodVPC   tier = "prod/"
	devVPC    tier = "dev/"
	sharedVPC tier = "shared/"
)

func (t tier) vpc() string  { vpc, _, _ := strings.Cut(string(t), "/"); return vpc }
func (t tier) role() string { _, role, _ := strings.Cut(string(t), "/"); return role }

func allTiers() []tier { return []tier{publicTier, appTier, dataTier, devTier, sharedTier} }
func allVPCs() []tier  { return []tier{prodVPC, devVPC, sharedVPC} }

// architecture is what is judged: the VPCs that carry the scope's tag and everything in them. It may be asked about the
// rest of the account too, because a stranger's resources can carry a packet.
type architecture struct {
	*inventory.Network
	inv  *inventory.Inventory
	vpcs []reach.Vpc
}

func readArchitecture(ctx context.Context, inv *inventory.Inventory) (*architecture, error) {
	network, err := inv.Network(ctx)
	if err != nil {
		return nil, err
	}
	a := &architecture{Network: network, inv: inv}
	for _, vpc := range network.Vpcs {
		if carries(vpc.Tags, inv.Scope) {
			a.vpcs = append(a.vpcs, vpc)
		}
	}
	return a, nil
}

func carries(tags reach.Tags, scope inventory.Scope) bool {
	return slices.Contains(tags, reach.Tag{Key: scope.Key, Value: scope.Value})
}

// gaps says what must be there for a property to be about anything, and isn't: nothing is proved by an empty set.
func (a *architecture) gaps(tiers []tier) []string {
	var missing []string
	seen := map[string]bool{}
	for _, t := range tiers {
		vpcs := a.vpcIDs(t.vpc())
		switch {
		case len(vpcs) == 0 && !seen[t.vpc()]:
			seen[t.vpc()] = true
			missing = append(missing, fmt.Sprintf("No VPC carries both %s and %s=%s.", a.inv.Scope, roleTag, t.vpc()))
		case len(vpcs) > 0 && t.role() != "" && len(a.subnets(t)) == 0:
			missing = append(missing, fmt.Sprintf("No subnet in the %s VPC %s carries %s=%s.", t.vpc(), strings.Join(vpcs, ", "), roleTag, t.role()))
		}
	}
	return missing
}

// vpcIDs are the ids of the judged VPCs with one of the roles; of all judged VPCs where no role is named.
func (a *architecture) vpcIDs(roles ...string) []string {
	var ids []string
	for _, vpc := range a.vpcs {
		if len(roles) == 0 || slices.Contains(roles, vpc.Tags.Get(roleTag)) {
			ids = append(ids, vpc.VpcId)
		}
	}
	return ids
}

// subnets are those of the tiers; those of all judged VPCs where no tier is named.
func (a *architecture) subnets(tiers ...tier) []reach.Subnet {
	var found []reach.Subnet
	for _, subnet := range a.Subnets {
		t := a.tierOf(subnet)
		if a.judges(subnet.VpcId) && (len(tiers) == 0 || slices.Contains(tiers, t)) {
			found = append(found, subnet)
		}
	}
	return found
}

// privateSubnets are all judged subnets outside the public tier.
func (a *architecture) privateSubnets() []reach.Subnet {
	return slices.DeleteFunc(a.subnets(), func(s reach.Subnet) bool {
		return a.tierOf(s) == publicTier
	})
}

func (a *architecture) tierOf(s reach.Subnet) tier {
	return tier(a.vpcRole(s.VpcId) + "/" + s.Tags.Get(roleTag))
}

func (a *architecture) judges(vpcID string) bool {
	return slices.ContainsFunc(a.vpcs, func(vpc reach.Vpc) bool { return vpc.VpcId == vpcID })
}

func (a *architecture) vpcRole(vpcID string) string {
	n := slices.IndexFunc(a.vpcs, func(vpc reach.Vpc) bool { return vpc.VpcId == vpcID })
	if n < 0 {
		return ""
	}
	return a.vpcs[n].Tags.Get(roleTag)
}

// hosts are the network interfaces in the tier's subnets that stand for the tier. An interface that AWS runs (of an endpoint, a NAT
// gateway, a load balancer) and one that is tagged with another role only have their address there.
func (a *architecture) hosts(t tier) []reach.NetworkInterface {
	subnets := ids(a.subnets(t))
	service := a.serviceInterfaces()
	var found []reach.NetworkInterface
	for _, eni := range a.NetworkInterfaces {
		role := eni.TagSet.Get(roleTag)
		if slices.Contains(subnets, eni.SubnetId) && !service[eni.NetworkInterfaceId] && (role == "" || role == t.role()) {
			found = append(found, eni)
		}
	}
	return found
}

// serviceInterfaces are the interfaces that belong to a NAT gateway, an endpoint or another AWS service.
func (a *architecture) serviceInterfaces() map[string]bool {
	found := map[string]bool{}
	for _, nat := range a.NatGateways {
		for _, address := range nat.NatGatewayAddresses {
			found[address.NetworkInterfaceId] = true
		}
	}
	for _, endpoint := range a.VpcEndpoints {
		for _, id := range endpoint.NetworkInterfaceIds {
			found[id] = true
		}
	}
	for _, eni := range a.NetworkInterfaces {
		if eni.RequesterManaged && !managedHost(eni) || eni.InterfaceType != "" && eni.InterfaceType != "interface" && eni.InterfaceType != "efa" && eni.InterfaceType != "branch" && eni.InterfaceType != "trunk" {
			found[eni.NetworkInterfaceId] = true
		}
	}
	return found
}

// managedHost tells a database or a task that AWS runs, and that is a host all the same, from the interfaces of a service
// that only passes packets on. EC2 says whose an interface is in its description alone.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
func managedHost(eni reach.NetworkInterface) bool {
	return strings.HasPrefix(eni.Description, "RDSNetworkInterface") || strings.HasPrefix(eni.Description, "arn:aws:ecs:")
}

// loadBalancers are the interfaces of load balancers in the tier's subnets.
func (a *architecture) loadBalancers(t tier) []reach.NetworkInterface {
	subnets := ids(a.subnets(t))
	return slices.DeleteFunc(slices.Clone(a.NetworkInterfaces), func(eni reach.NetworkInterface) bool {
		balances := eni.InterfaceType == "network_load_balancer" || eni.RequesterManaged && strings.HasPrefix(eni.Description, "ELB ")
		return !balances || !slices.Contains(subnets, eni.SubnetId)
	})
}

// astray are the interfaces of the judged VPCs that carry the tier's role and stand outside its subnets.
func (a *architecture) astray(t tier) []reach.NetworkInterface {
	home := ids(a.subnets(t))
	return slices.DeleteFunc(slices.Clone(a.NetworkInterfaces), func(eni reach.NetworkInterface) bool {
		return eni.TagSet.Get(roleTag) != t.role() || !a.judges(eni.VpcId) || slices.Contains(home, eni.SubnetId)
	})
}

func (a *architecture) subnet(id string) (reach.Subnet, bool) {
	n := slices.IndexFunc(a.Subnets, func(s reach.Subnet) bool { return s.SubnetId == id })
	if n < 0 {
		return reach.Subnet{}, false
	}
	return a.Subnets[n], true
}

// zone is the subnet's Availability Zone by id where it is known: the name means another zone in another account.
func zone(s reach.Subnet) string {
	if s.AvailabilityZoneId != "" {
		return s.AvailabilityZoneId
	}
	return s.AvailabilityZone
}

func zonesOf(subnets []reach.Subnet) []string {
	var zones []string
	for _, s := range subnets {
		zones = append(zones, zone(s))
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// ids are the ids of subnets.
func ids(subnets []reach.Subnet) []string {
	found := make([]string, len(subnets))
	for n, s := range subnets {
		found[n] = s.SubnetId
	}
	return found
}

func interfaceIDs(enis []reach.NetworkInterface) []string {
	found := make([]string, len(enis))
	for n, eni := range enis {
		found[n] = eni.NetworkInterfaceId
	}
	return found
}

// groupIDs are the security groups that the interfaces wear.
func groupIDs(enis []reach.NetworkInterface) []string {
	var found []string
	for _, eni := range enis {
		for _, group := range eni.Groups {
			found = append(found, group.GroupId)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// prefixes are the subnet's ranges, IPv4 first.
func prefixes(s reach.Subnet) []netip.Prefix {
	var found []netip.Prefix
	if p, err := netip.ParsePrefix(s.CidrBlock); err == nil {
		found = append(found, p)
	}
	return append(found, prefixes6(s)...)
}

func prefixes6(s reach.Subnet) []netip.Prefix {
	var found []netip.Prefix
	for _, block := range s.Ipv6CidrBlockAssociationSet {
		p, err := netip.ParsePrefix(block.Ipv6CidrBlock)
		if state := block.Ipv6CidrBlockState.State; err == nil && (state == "" || state == "associated") {
			found = append(found, p)
		}
	}
	return found
}

// judge makes a check's function: it reads the architecture, fails where a tier that the property is about is missing,
// and else lets decide collect what breaks the property. What decide returns is said when nothing does.
func judge(about []tier, decide func(context.Context, *architecture, *checks.Offences) ([]string, error)) func(context.Context, *inventory.Inventory) (checks.Finding, error) {
	return func(ctx context.Context, inv *inventory.Inventory) (checks.Finding, error) {
		a, err := readArchitecture(ctx, inv)
		if err != nil {
			return checks.Finding{}, err
		}
		if missing := a.gaps(about); len(missing) > 0 {
			return checks.Failed(missing...), nil
		}
		var offences checks.Offences
		pass, err := decide(ctx, a, &offences)
		if err != nil {
			return checks.Finding{}, err
		}
		return offences.Finding(pass...), nil
	}
}

// partition is the second part of every ARN in the region.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}
