package networking

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"labctl/checks/reach"
	"labctl/labs"
)

// firstVPC is the first VPC with the role.
func (a *architecture) firstVPC(role string) (reach.Vpc, error) {
	for _, vpc := range a.vpcs {
		if vpc.Tags.Get(roleTag) == role {
			return vpc, nil
		}
	}
	return reach.Vpc{}, lacks("no VPC has the role %s", role)
}

// dataOneZone gives the data subnets outside the first zone another role.
func dataOneZone() labs.Fault {
	const key = "subnets"
	retag := func(ctx context.Context, live labs.Live, subnets []string, role string) error {
		_, err := ec2.NewFromConfig(live.Config).CreateTags(ctx, &ec2.CreateTagsInput{Resources: subnets, Tags: []types.Tag{tag(roleTag, role)}})
		if err := unless(err, "InvalidSubnetID.NotFound"); err != nil {
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
			return lacks("the data tier is in one zone already")
		}
		if err := remember(record, key, moved); err != nil {
			return err
		}
		return retag(ctx, live, moved, "cache")
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var moved []string
		if found, err := recall(record, key, &moved); err != nil || !found {
			return err
		}
		return retag(ctx, live, moved, dataTier.role())
	}
	return fault
}

func devProdPeering() labs.Fault {
	const id = "dev-prod-peering"
	fault := labs.Fault{
		ID:     id,
		Title:  "A developer queries production from a dev host.",
		Answer: "A peering connection joins the dev and the prod VPC, with a route on each side.",
		// Its routes are more than the shared subnets.
		Breaks: []string{"net-env-split", "net-peer-routes"},
		Hints: []string{
			"There is a connection that is not in the drawing.",
			"List the peering connections that end in dev or in prod.",
			"Which routes use the one between them?",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		appTable, app, err := a.tableOf(appTier, 0)
		if err != nil {
			return err
		}
		devTable, dev, err := a.tableOf(devTier, 0)
		if err != nil {
			return err
		}
		peering, err := makePeering(ctx, live, id, dev.VpcId, app.VpcId)
		if err != nil {
			return err
		}
		return a.changeRoutes(ctx, live, record, []route{
			{appTable, dev.CidrBlock, toPeering, peering}, {devTable, app.CidrBlock, toPeering, peering},
		})
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		if err := restoreRoutes(ctx, live, record); err != nil {
			return err
		}
		return deletePeerings(ctx, live, id)
	}
	return fault
}

// makePeering makes a peering between two VPCs of the account and accepts it.
func makePeering(ctx context.Context, live labs.Live, fault, from, to string) (string, error) {
	api := ec2.NewFromConfig(live.Config)
	created, err := api.CreateVpcPeeringConnection(ctx, &ec2.CreateVpcPeeringConnectionInput{
		VpcId: &from, PeerVpcId: &to, TagSpecifications: tagged(types.ResourceTypeVpcPeeringConnection, made(live, fault)),
	})
	if err != nil {
		return "", fmt.Errorf("peering %s with %s: %w", from, to, err)
	}
	id := created.VpcPeeringConnection.VpcPeeringConnectionId
	// A request needs a moment before it can be accepted.
	for {
		_, err = api.AcceptVpcPeeringConnection(ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: id})
		if !isCode(err, "InvalidStateTransition") && !isCode(err, "InvalidVpcPeeringConnectionID.NotFound") {
			break
		}
		select {
		case <-ctx.Done():
			return "", errors.Join(ctx.Err(), err)
		case <-time.After(time.Second):
		}
	}
	if err != nil {
		return "", fmt.Errorf("accepting the peering %s: %w", *id, err)
	}
	return *id, nil
}

func deletePeerings(ctx context.Context, live labs.Live, fault string) error {
	api := ec2.NewFromConfig(live.Config)
	found, err := api.DescribeVpcPeeringConnections(ctx, &ec2.DescribeVpcPeeringConnectionsInput{Filters: madeBy(live, fault)})
	if err != nil {
		return fmt.Errorf("looking for the fault's peering: %w", err)
	}
	for _, peering := range found.VpcPeeringConnections {
		if status := peering.Status; status != nil && (status.Code == types.VpcPeeringConnectionStateReasonCodeDeleted || status.Code == types.VpcPeeringConnectionStateReasonCodeDeleting) {
			continue // AWS lists it for a while
		}
		_, err := api.DeleteVpcPeeringConnection(ctx, &ec2.DeleteVpcPeeringConnectionInput{VpcPeeringConnectionId: peering.VpcPeeringConnectionId})
		if err := unless(err, "InvalidVpcPeeringConnectionID.NotFound"); err != nil {
			return fmt.Errorf("deleting peering %s: %w", *peering.VpcPeeringConnectionId, err)
		}
	}
	return nil
}

func overlapDatacentre() labs.Fault {
	const key, block = "vpc", "10.4.0.0/16"
	fault := labs.Fault{
		ID:     "overlap-datacentre",
		Title:  "The network team refuses to connect the data centre: \"your side uses our addresses\".",
		Answer: "The dev VPC got a secondary range, " + block + ", inside the data centre's " + datacentre + ".",
		Breaks: []string{"net-no-overlap"},
		Hints: []string{
			"The VPCs' main ranges are what they were.",
			"A VPC can have more than one range.",
			"List all CIDR associations of each VPC and compare them with " + datacentre + ".",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		vpc, err := a.firstVPC(dev)
		if err != nil {
			return err
		}
		if err := remember(record, key, vpc.VpcId); err != nil {
			return err
		}
		_, err = ec2.NewFromConfig(live.Config).AssociateVpcCidrBlock(ctx, &ec2.AssociateVpcCidrBlockInput{VpcId: &vpc.VpcId, CidrBlock: aws.String(block)})
		if err != nil {
			return fmt.Errorf("adding %s to %s: %w", block, vpc.VpcId, err)
		}
		return nil
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var id string
		if found, err := recall(record, key, &id); err != nil || !found {
			return err
		}
		return removeRange(ctx, live, id, block)
	}
	return fault
}

func removeRange(ctx context.Context, live labs.Live, vpc, block string) error {
	api := ec2.NewFromConfig(live.Config)
	found, err := api.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpc}})
	if isCode(err, "InvalidVpcID.NotFound") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the ranges of %s: %w", vpc, err)
	}
	for _, v := range found.Vpcs {
		for _, as := range v.CidrBlockAssociationSet {
			state := as.CidrBlockState
			if aws.ToString(as.CidrBlock) != block || state != nil && (state.State == types.VpcCidrBlockStateCodeDisassociated || state.State == types.VpcCidrBlockStateCodeDisassociating) {
				continue
			}
			if _, err := api.DisassociateVpcCidrBlock(ctx, &ec2.DisassociateVpcCidrBlockInput{AssociationId: as.AssociationId}); err != nil {
				return fmt.Errorf("removing %s from %s: %w", block, vpc, err)
			}
		}
	}
	return nil
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
			if err := unless(err, "InvalidSubnetID.NotFound"); err != nil {
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
	return netip.Prefix{}, lacks("%s has no free /%d", vpcID, bits)
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

func dnsHostnamesOff() labs.Fault {
	const key = "vpc"
	set := func(ctx context.Context, live labs.Live, vpc string, on bool) error {
		_, err := ec2.NewFromConfig(live.Config).ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: &vpc, EnableDnsHostnames: &types.AttributeBooleanValue{Value: &on}})
		if err := unless(err, "InvalidVpcID.NotFound"); err != nil {
			return fmt.Errorf("switching DNS hostnames of %s: %w", vpc, err)
		}
		return nil
	}
	fault := labs.Fault{
		ID:     "dns-hostnames-off",
		Title:  "New hosts in dev come up without a name.",
		Answer: "DNS hostnames were switched off in the dev VPC.",
		Breaks: []string{"net-dns"},
		Hints: []string{
			"The resolver answers. It has nothing to say about the new hosts.",
			"Names are given by the VPC.",
			"Look at the DNS attributes of each VPC.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		vpc, err := a.firstVPC(dev)
		if err != nil {
			return err
		}
		if err := remember(record, key, vpc.VpcId); err != nil {
			return err
		}
		return set(ctx, live, vpc.VpcId, false)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var id string
		if found, err := recall(record, key, &id); err != nil || !found {
			return err
		}
		return set(ctx, live, id, true)
	}
	return fault
}

func autoPublicIP() labs.Fault {
	const key = "subnet"
	set := func(ctx context.Context, live labs.Live, subnet string, on bool) error {
		_, err := ec2.NewFromConfig(live.Config).ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: &subnet, MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: &on}})
		if err := unless(err, "InvalidSubnetID.NotFound"); err != nil {
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
		if err := remember(record, key, subnet.SubnetId); err != nil {
			return err
		}
		return set(ctx, live, subnet.SubnetId, true)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var id string
		if found, err := recall(record, key, &id); err != nil || !found {
			return err
		}
		return set(ctx, live, id, false)
	}
	return fault
}
