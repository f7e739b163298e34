package networking

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/reach"
	"labctl/checks/report/typeset"
)

// datacentre is what the firm's data centre reserves.
const datacentre = "10.0.0.0/13"

// decideTiersAZ: every tier that the scenario names, and every other that is tagged, spans two zones.
func decideTiersAZ(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	tiers := allTiers()
	for _, subnet := range a.subnets() {
		if t := a.tierOf(subnet); t.role() != "" && !slices.Contains(tiers, t) {
			tiers = append(tiers, t)
		}
	}
	var pass []string
	for _, t := range tiers {
		// Where several VPCs have the role, each has to stand by itself: one is not reached from the other.
		for _, vpc := range a.vpcIDs(t.vpc()) {
			subnets := slices.DeleteFunc(a.subnets(t), func(s reach.Subnet) bool { return s.VpcId != vpc })
			zones := zonesOf(subnets)
			switch len(zones) {
			case 0: // the tier is in another of them
			case 1:
				o.Add(fmt.Sprintf("Tier %s of the %s VPC is in zone %s alone: %s.", t.role(), t.vpc(), zones[0], strings.Join(labels(subnets), ", ")), ids(subnets)...)
			default:
				pass = append(pass, fmt.Sprintf("Tier %s spans %s.", t.role(), strings.Join(zones, ", ")))
			}
		}
	}
	return pass, nil
}

func labels(subnets []reach.Subnet) []string {
	found := make([]string, len(subnets))
	for n, s := range subnets {
		found[n] = subnetLabel(s)
	}
	return found
}

// smallest is the longest IPv4 prefix that a subnet may have.
const smallest = 26

func decideHeadroom(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	judged := 0
	for _, subnet := range a.subnets() {
		block, err := netip.ParsePrefix(subnet.CidrBlock)
		if err != nil {
			continue // IPv6 only: 2^64 addresses do not run out
		}
		judged++
		size := 1 << (32 - block.Bits())
		if block.Bits() > smallest {
			o.Add(fmt.Sprintf("%s is a /%d: %d addresses, of which AWS keeps 5.", subnetLabel(subnet), block.Bits(), size), subnet.SubnetId)
		}
		if 2*subnet.AvailableIpAddressCount < size {
			o.Add(fmt.Sprintf("%s has %d of %d addresses free, less than half.", subnetLabel(subnet), subnet.AvailableIpAddressCount, size), subnet.SubnetId)
		}
	}
	if judged == 0 {
		o.Add(fmt.Sprintf("No subnet with an IPv4 range is in the VPCs that carry %s.", a.inv.Scope))
	}
	return []string{fmt.Sprintf("All %d subnets are /%d or larger and at least half free.", judged, smallest)}, nil
}

func decideNoAutoPublic(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	private := a.privateSubnets()
	for _, subnet := range private {
		if subnet.MapPublicIpOnLaunch {
			o.Add(fmt.Sprintf("%s gives every host that is launched in it a public IPv4 address (MapPublicIpOnLaunch).", subnetLabel(subnet)), subnet.SubnetId)
		}
	}
	return []string{fmt.Sprintf("None of %s hands out public addresses.", typeset.Count(len(private), "private subnet"))}, nil
}

func decideNoOverlap(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	ranges := a.Engine.VpcRanges(a.vpcIDs()...)
	if len(ranges) == 0 {
		o.Add("The VPCs have no address range.")
	}
	ranges = append(ranges, a.changingRanges()...)
	ranges = append(ranges, reach.Range{Owner: "the data centre", Prefix: netip.MustParsePrefix(datacentre)})
	for _, overlap := range reach.Overlaps(ranges) {
		o.Add(fmt.Sprintf("%s of %s and %s of %s share addresses: no route can tell them apart.", overlap.A.Prefix, a.owner(overlap.A.Owner), overlap.B.Prefix, a.owner(overlap.B.Owner)),
			slices.DeleteFunc([]string{overlap.A.Owner, overlap.B.Owner}, func(id string) bool { return !a.judges(id) })...)
	}
	told := make([]string, len(ranges))
	for n, r := range ranges {
		told[n] = r.Prefix.String()
	}
	return []string{"Disjoint: " + strings.Join(told, ", ") + "."}, nil
}

// changingRanges are those on their way into a judged VPC or out of it: they hold their addresses too.
func (a *architecture) changingRanges() []reach.Range {
	var found []reach.Range
	add := func(owner, block, state string) {
		if p, err := netip.ParsePrefix(block); err == nil && (state == "associating" || state == "disassociating") {
			found = append(found, reach.Range{Owner: owner, Prefix: p})
		}
	}
	for _, vpc := range a.vpcs {
		for _, block := range vpc.CidrBlockAssociationSet {
			add(vpc.VpcId, block.CidrBlock, block.CidrBlockState.State)
		}
		for _, block := range vpc.Ipv6CidrBlockAssociationSet {
			add(vpc.VpcId, block.Ipv6CidrBlock, block.Ipv6CidrBlockState.State)
		}
	}
	return found
}

func (a *architecture) owner(id string) string {
	for _, vpc := range a.vpcs {
		if vpc.VpcId == id {
			return label(id, vpc.Tags)
		}
	}
	return id
}
