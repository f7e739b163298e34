package networking

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"labctl/checks/reach"
	"labctl/labs"
)

// dataOneZone gives the data subnets outside the first zone another role.
func dataOneZone() labs.Fault {
	const key = "subnets"
	retag := func(ctx context.Context, live labs.Live, subnets []string, role string) error {
		_, err := ec2.NewFromConfig(live.Config).CreateTags(ctx, &ec2.CreateTagsInput{Resources: subnets, Tags: []types.Tag{tag(roleTag, role)}})
		if err := labs.Unless(err, "InvalidSubnetID.NotFound"); err != nil {
			return fmt.Errorf("tagging %v: %w", subnets, err)
		}
		return nil
	}
	fault := labs.Fault{
		ID:     "data-one-zone",
		Title:  "The database can no longer be given a standby: the subnet group is refused.",
		Answer: "The role tag of the data subnet in one zone was changed from data to cache.",
		Breaks: []string{"net-tiers-az"},
		Hints: []string{
			"A standby needs somewhere else to stand.",
			"A tier is the subnets that carry its role.",
			"List the subnets with labctl:role=data and their zones.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		_, stays, err := a.tableOf(dataTier, 0)
		if err != nil {
			return err
		}
		moved := ids(slices.DeleteFunc(a.subnets(dataTier), func(s reach.Subnet) bool { return zone(s) == zone(stays) }))
		if len(moved) == 0 {
			return labs.Lacks("the data tier is in one zone already")
		}
		if err := labs.Remember(record, key, moved); err != nil {
			return err
		}
		return retag(ctx, live, moved, "cache")
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var moved []string
		if found, err := labs.Recall(record, key, &moved); err != nil || !found {
			return err
		}
		return retag(ctx, live, moved, dataTier.role())
	}
	return fault
}

// tinySubnet makes a /28 in the app tier, with the tier's route table and a way back from the shared VPC, so that
// nothing else is wrong with it.
func tinySubnet() labs.Fault {
	const id = "tiny-subnet"
	fault := labs.Fault{
		ID:     id,
		Title:  "A deployment stalls half-way: no free addresses for the new application hosts.",
		Answer: "A /28 subnet was added to the app tier.",
		Breaks: []string{"net-headroom"},
		Hints: []string{
			"The other subnets of the tier have addresses to spare.",
			"A rolling deployment needs twice the addresses for a while.",
			"List the subnets of the app tier with their sizes.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		table, beside, err := a.tableOf(appTier, 0)
		if err != nil {
			return err
		}
		block, err := a.freeBlock(beside.VpcId, 28)
		if err != nil {
			return err
		}
		if err := makeSubnet(ctx, live, id, table, beside, block); err != nil {
			return err
		}
		sharedTable, _, err := a.tableOf(sharedTier, 0)
		if err != nil {
			return err
		}
		back := a.routeNow(sharedTable, beside.CidrBlock)
		back.Destination = block.String()
		return a.changeRoutes(ctx, live, record, []route{back})
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		if err := restoreRoutes(ctx, live, record); err != nil {
			return err
		}
		api := ec2.NewFromConfig(live.Config)
		found, err := api.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: madeBy(live, id)})
		if err != nil {
			return fmt.Errorf("looking for the fault's subnet: %w", err)
		}
		for _, subnet := range found.Subnets {
			_, err := api.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: subnet.SubnetId})
			if err := labs.Unless(err, "InvalidSubnetID.NotFound"); err != nil {
				return fmt.Errorf("deleting subnet %s: %w", *subnet.SubnetId, err)
			}
		}
		return nil
	}
	return fault
}

// makeSubnet makes an app subnet in the zone of another one, with a route table.
func makeSubnet(ctx context.Context, live labs.Live, fault, table string, beside reach.Subnet, block netip.Prefix) error {
	api := ec2.NewFromConfig(live.Config)
	created, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{
		VpcId: &beside.VpcId, AvailabilityZone: &beside.AvailabilityZone, CidrBlock: aws.String(block.String()),
		TagSpecifications: tagged(types.ResourceTypeSubnet, made(live, fault, tag(roleTag, appTier.role()))),
	})
	if err != nil {
		return fmt.Errorf("making a subnet %s: %w", block, err)
	}
	if _, err = api.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{SubnetId: created.Subnet.SubnetId, RouteTableId: &table}); err != nil {
		return fmt.Errorf("giving the subnet its route table: %w", err)
	}
	return nil
}

// freeBlock is the last block of the size in the VPC's range that no subnet touches.
func (a *architecture) freeBlock(vpcID string, bits int) (netip.Prefix, error) {
	for _, vpc := range a.vpcs {
		whole, err := netip.ParsePrefix(vpc.CidrBlock)
		if vpc.VpcId != vpcID || err != nil {
			continue
		}
		var taken []netip.Prefix
		for _, subnet := range a.Subnets {
			if subnet.VpcId == vpcID {
				taken = append(taken, prefixes(subnet)...)
			}
		}
		if free, ok := lastFree(whole, bits, taken); ok {
			return free, nil
		}
	}
	return netip.Prefix{}, labs.Lacks("%s has no free /%d", vpcID, bits)
}

func lastFree(in netip.Prefix, bits int, taken []netip.Prefix) (netip.Prefix, bool) {
	untouched := !slices.ContainsFunc(taken, in.Overlaps)
	if in.Bits() == bits {
		return in, untouched
	}
	lower, upper := halves(in)
	if free, ok := lastFree(upper, bits, taken); ok {
		return free, true
	}
	return lastFree(lower, bits, taken)
}

func autoPublicIP() labs.Fault {
	const key = "subnet"
	set := func(ctx context.Context, live labs.Live, subnet string, on bool) error {
		_, err := ec2.NewFromConfig(live.Config).ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: &subnet, MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: &on}})
		if err := labs.Unless(err, "InvalidSubnetID.NotFound"); err != nil {
			return fmt.Errorf("switching public addresses of %s: %w", subnet, err)
		}
		return nil
	}
	fault := labs.Fault{
		ID:     "auto-public-ip",
		Title:  "The bill shows public IPv4 addresses on application hosts.",
		Answer: "An app subnet was set to give public IPv4 addresses at launch.",
		Breaks: []string{"net-no-auto-public"},
		Hints: []string{
			"Nobody asked for the addresses: they came with the hosts.",
			"It depends on the subnet that a host is launched in.",
			"Look at the attributes of the app subnets.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		_, subnet, err := a.tableOf(appTier, 0)
		if err != nil {
			return err
		}
		if err := labs.Remember(record, key, subnet.SubnetId); err != nil {
			return err
		}
		return set(ctx, live, subnet.SubnetId, true)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var id string
		if found, err := labs.Recall(record, key, &id); err != nil || !found {
			return err
		}
		return set(ctx, live, id, false)
	}
	return fault
}
