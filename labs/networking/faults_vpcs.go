package networking

import (
	"context"
	"errors"
	"fmt"
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
	return reach.Vpc{}, labs.Lacks("no VPC has the role %s", role)
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
		if !labs.IsCode(err, "InvalidStateTransition") && !labs.IsCode(err, "InvalidVpcPeeringConnectionID.NotFound") {
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
		if err := labs.Unless(err, "InvalidVpcPeeringConnectionID.NotFound"); err != nil {
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
		if err := labs.Remember(record, key, vpc.VpcId); err != nil {
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
		if found, err := labs.Recall(record, key, &id); err != nil || !found {
			return err
		}
		return removeRange(ctx, live, id, block)
	}
	return fault
}

func removeRange(ctx context.Context, live labs.Live, vpc, block string) error {
	api := ec2.NewFromConfig(live.Config)
	found, err := api.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpc}})
	if labs.IsCode(err, "InvalidVpcID.NotFound") {
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

func dnsHostnamesOff() labs.Fault {
	const key = "vpc"
	set := func(ctx context.Context, live labs.Live, vpc string, on bool) error {
		_, err := ec2.NewFromConfig(live.Config).ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: &vpc, EnableDnsHostnames: &types.AttributeBooleanValue{Value: &on}})
		if err := labs.Unless(err, "InvalidVpcID.NotFound"); err != nil {
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
		if err := labs.Remember(record, key, vpc.VpcId); err != nil {
			return err
		}
		return set(ctx, live, vpc.VpcId, false)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var id string
		if found, err := labs.Recall(record, key, &id); err != nil || !found {
			return err
		}
		return set(ctx, live, id, true)
	}
	return fault
}
