package networking

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"labctl/checks/reach"
	"labctl/checks/report/typeset"
	"labctl/labs"
)

// tableOf is the route table in force for the n-th subnet of a tier.
func (a *architecture) tableOf(t tier, n int) (string, reach.Subnet, error) {
	subnets := a.subnets(t)
	if n >= len(subnets) {
		return "", reach.Subnet{}, labs.Lacks("tier %s has %s", t, typeset.Count(len(subnets), "subnet"))
	}
	slices.SortFunc(subnets, func(x, y reach.Subnet) int {
		return strings.Compare(x.AvailabilityZone+x.SubnetId, y.AvailabilityZone+y.SubnetId)
	})
	table, _, err := a.Engine.RouteTable(subnets[n].SubnetId)
	return table.RouteTableId, subnets[n], err
}

// mainTable is the main route table of the first VPC with the role.
func (a *architecture) mainTable(role string) (string, error) {
	for _, table := range a.RouteTables {
		if a.vpcRole(table.VpcId) == role && slices.ContainsFunc(table.Associations, func(as reach.RouteTableAssociation) bool { return as.Main }) {
			return table.RouteTableId, nil
		}
	}
	return "", labs.Lacks("no main route table of the %s VPC was found", role)
}

func (a *architecture) internetGateway(role string) (string, error) {
	for _, gateway := range a.InternetGateways {
		if slices.ContainsFunc(gateway.Attachments, func(at reach.GatewayAttachment) bool { return a.vpcRole(at.VpcId) == role }) {
			return gateway.InternetGatewayId, nil
		}
	}
	return "", labs.Lacks("no internet gateway is attached to the %s VPC", role)
}

// natIn is a NAT gateway in the subnet's zone.
func (a *architecture) natIn(z string) (reach.NatGateway, error) {
	for _, nat := range a.NatGateways {
		if home, ok := a.subnet(nat.SubnetId); ok && a.judges(nat.VpcId) && nat.State == "available" && zone(home) == z {
			return nat, nil
		}
	}
	return reach.NatGateway{}, labs.Lacks("no NAT gateway stands in %s", z)
}

func dataNATRoute() labs.Fault {
	return routeFault(labs.Fault{
		ID:     "data-nat-route",
		Title:  "A patch run on a database host succeeded. It should have had no mirror to reach.",
		Answer: "The data tier's route table got a default route 0.0.0.0/0 to a NAT gateway.",
		Breaks: []string{"net-data-isolated"},
		Hints: []string{
			"The host asked the internet and got an answer. Security groups did not change.",
			"A packet leaves where its subnet's route table sends it.",
			"Look for a default route in the table of the data subnets.",
		},
	}, func(a *architecture) ([]route, error) {
		table, subnet, err := a.tableOf(dataTier, 0)
		if err != nil {
			return nil, err
		}
		nat, err := a.natIn(zone(subnet))
		return []route{{table, "0.0.0.0/0", toNAT, nat.NatGatewayId}}, err
	})
}

func dataMainTable() labs.Fault {
	const association = "association"
	type place struct{ Subnet, Table string }
	fault := labs.Fault{
		ID:     "data-main-table",
		Title:  "The auditors found a database subnet with a way out, though its route table has none.",
		Answer: "The route table association of one data subnet was removed, so that the main route table is in force there, and that got a route 0.0.0.0/0 to the internet gateway.",
		// Without its table the subnet loses the S3 endpoint's route with it.
		Breaks: []string{"net-data-isolated", "net-main-rt", "net-gw-endpoint"},
		Twin:   true,
		Hints: []string{
			"The data tier's route table is as it was. Is it in force?",
			"List each data subnet's association. A subnet without one is not without routes.",
			"Where no table is associated the VPC's main one is in force. Read its routes.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		main, err := a.mainTable(prod)
		if err != nil {
			return err
		}
		gateway, err := a.internetGateway(prod)
		if err != nil {
			return err
		}
		table, subnet, err := a.tableOf(dataTier, 0)
		if err != nil {
			return err
		}
		if err := labs.Remember(record, association, place{subnet.SubnetId, table}); err != nil {
			return err
		}
		if err := a.changeRoutes(ctx, live, record, []route{{main, "0.0.0.0/0", toGateway, gateway}}); err != nil {
			return err
		}
		_, err = ec2.NewFromConfig(live.Config).DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: a.associationOf(table, subnet.SubnetId)})
		if err != nil {
			return fmt.Errorf("removing the association of %s: %w", subnet.SubnetId, err)
		}
		return nil
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		if err := restoreRoutes(ctx, live, record); err != nil {
			return err
		}
		var was place
		if found, err := labs.Recall(record, association, &was); err != nil || !found {
			return err
		}
		_, err := ec2.NewFromConfig(live.Config).AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{SubnetId: &was.Subnet, RouteTableId: &was.Table})
		if err := labs.Unless(err, "Resource.AlreadyAssociated"); err != nil {
			return fmt.Errorf("associating %s with %s again: %w", was.Subnet, was.Table, err)
		}
		return nil
	}
	return fault
}

func (a *architecture) associationOf(table, subnet string) *string {
	for _, t := range a.RouteTables {
		for _, as := range t.Associations {
			if t.RouteTableId == table && as.SubnetId == subnet {
				return aws.String(as.RouteTableAssociationId)
			}
		}
	}
	return nil
}

func natSharedZone() labs.Fault {
	return routeFault(labs.Fault{
		ID:     "nat-shared-zone",
		Title:  "In last night's zone drill both zones' application hosts lost the partner API.",
		Answer: "The default route of one zone's app subnet was pointed to the other zone's NAT gateway.",
		Breaks: []string{"net-nat-per-az"},
		Hints: []string{
			"Today everything works. It is about what one zone takes along when it goes.",
			"Where does each app subnet's way out stand?",
			"Compare the zone of each app subnet with the zone of the NAT gateway in its default route.",
		},
	}, func(a *architecture) ([]route, error) {
		_, first, err := a.tableOf(appTier, 0)
		if err != nil {
			return nil, err
		}
		table, _, err := a.tableOf(appTier, 1)
		if err != nil {
			return nil, err
		}
		nat, err := a.natIn(zone(first))
		return []route{{table, "0.0.0.0/0", toNAT, nat.NatGatewayId}}, err
	})
}

func natNoInternet() labs.Fault {
	return routeFault(labs.Fault{
		ID:     "nat-no-internet",
		Title:  "The partner API times out from the application, while its routes look right.",
		Answer: "The route table of the NAT gateway's own subnet lost its route 0.0.0.0/0 to the internet gateway.",
		Breaks: []string{"net-nat-per-az"},
		Twin:   true,
		Hints: []string{
			"The app subnets' tables and the NAT gateways are as they were.",
			"A NAT gateway is a host in a subnet: its packets need a way on.",
			"Read the route table of the subnet that the NAT gateway stands in.",
		},
	}, func(a *architecture) ([]route, error) {
		_, subnet, err := a.tableOf(appTier, 0)
		if err != nil {
			return nil, err
		}
		nat, err := a.natIn(zone(subnet))
		if err != nil {
			return nil, err
		}
		table, _, err := a.Engine.RouteTable(nat.SubnetId)
		return []route{{Table: table.RouteTableId, Destination: "0.0.0.0/0"}}, err
	})
}

func mainInternetRoute() labs.Fault {
	return routeFault(labs.Fault{
		ID:     "main-internet-route",
		Title:  "A colleague made a scratch subnet in prod and was surprised that it is on the internet.",
		Answer: "The prod VPC's main route table got a route 0.0.0.0/0 to the internet gateway.",
		Breaks: []string{"net-main-rt"},
		Hints: []string{
			"None of the lab's subnets is concerned. The next one would be.",
			"The colleague associated no route table.",
			"Read the routes of the VPC's main route table.",
		},
	}, func(a *architecture) ([]route, error) {
		table, err := a.mainTable(prod)
		if err != nil {
			return nil, err
		}
		gateway, err := a.internetGateway(prod)
		return []route{{table, "0.0.0.0/0", toGateway, gateway}}, err
	})
}

func v6InternetGateway() labs.Fault {
	return routeFault(labs.Fault{
		ID:     "v6-internet-gateway",
		Title:  "A scanner on the internet gets packets to an application host, which the security group then drops.",
		Answer: "The route ::/0 of an app subnet's table was pointed to the internet gateway.",
		Breaks: []string{"net-v6-egress"},
		Hints: []string{
			"The packets come over IPv6.",
			"There is no NAT for IPv6: which gateway lets connections out and none in?",
			"Compare the target of ::/0 in the app subnets' tables.",
		},
	}, func(a *architecture) ([]route, error) {
		table, _, err := a.tableOf(appTier, 0)
		if err != nil {
			return nil, err
		}
		gateway, err := a.internetGateway(prod)
		return []route{{table, "::/0", toGateway, gateway}}, err
	})
}

func s3LongerPrefix() labs.Fault {
	return routeFault(labs.Fault{
		ID:     "s3-longer-prefix",
		Title:  "The NAT gateway's bill grows with the uploads to S3, though the endpoint is associated.",
		Answer: "A route for a part of S3's addresses, longer than the prefix list's entry, was added to an app subnet's table and leads to the NAT gateway.",
		Breaks: []string{"net-gw-endpoint"},
		Twin:   true,
		Hints: []string{
			"The endpoint's route is in the table. Some of the traffic goes another way.",
			"Of two routes that hold an address the longer prefix wins.",
			"Compare the entries of S3's prefix list with the other routes of the app subnets' tables.",
		},
	}, func(a *architecture) ([]route, error) {
		table, subnet, err := a.tableOf(appTier, 0)
		if err != nil {
			return nil, err
		}
		nat, err := a.natIn(zone(subnet))
		if err != nil {
			return nil, err
		}
		_, ranges, err := a.s3Ranges()
		if err != nil {
			return nil, err
		}
		longer := netip.PrefixFrom(ranges[0].Addr(), max(ranges[0].Bits()+1, 24))
		return []route{{table, longer.String(), toNAT, nat.NatGatewayId}}, nil
	})
}

func peeringWidened() labs.Fault {
	return routeFault(labs.Fault{
		ID:     "peering-widened",
		Title:  "A host in dev can see management addresses of the shared VPC that nobody meant to publish.",
		Answer: "The dev route table got a route for the whole range of the shared VPC beside those for its shared subnets.",
		Breaks: []string{"net-peer-routes"},
		Hints: []string{
			"The connection is right. It carries more than it has to.",
			"A connection between VPCs is as wide as the routes that use it.",
			"Compare the destinations in dev's route table with the shared subnets.",
		},
	}, func(a *architecture) ([]route, error) {
		table, _, err := a.tableOf(devTier, 0)
		if err != nil {
			return nil, err
		}
		for _, vpc := range a.vpcs {
			if vpc.Tags.Get(roleTag) != shared {
				continue
			}
			for _, t := range a.RouteTables {
				for _, r := range t.Routes {
					if now := routeOf(table, r); t.RouteTableId == table && (now.Kind == toPeering || now.Kind == toTransit) {
						now.Destination = vpc.CidrBlock
						return []route{now}, nil
					}
				}
			}
		}
		return nil, labs.Lacks("dev has no route to the shared VPC")
	})
}

func peeringOneWay() labs.Fault {
	return routeFault(labs.Fault{
		ID:     "peering-one-way",
		Title:  "Builds in one zone of dev hang when they fetch from the shared tooling.",
		Answer: "The shared VPC's route table lost its route to one of the dev subnets.",
		// Without the way back the tooling does not work either.
		Breaks: []string{"net-peer-routes", "net-env-split"},
		Twin:   true,
		Hints: []string{
			"The requests arrive: the flow log of the shared VPC shows them.",
			"A connection needs a route in both directions.",
			"Compare the shared route table with the ranges of the subnets that use the tooling.",
		},
	}, func(a *architecture) ([]route, error) {
		table, _, err := a.tableOf(sharedTier, 0)
		if err != nil {
			return nil, err
		}
		_, subnet, err := a.tableOf(devTier, 0)
		if err != nil {
			return nil, err
		}
		gone := route{Table: table, Destination: subnet.CidrBlock}
		if a.routeNow(gone.Table, gone.Destination).Kind == noRoute {
			return nil, labs.Lacks("the shared VPC has no route for exactly %s", subnet.CidrBlock)
		}
		return []route{gone}, nil
	})
}

// deadTarget makes an interface, a route to it, and takes the interface away again.
func deadTarget() labs.Fault {
	const id, destination = "dead-target", "192.168.100.0/24"
	fault := labs.Fault{
		ID:     id,
		Title:  "The old office network is unreachable from shared services, and nothing says why.",
		Answer: "The shared route table has a route for " + destination + " to a network interface that was deleted.",
		Breaks: []string{"net-blackhole"},
		Hints: []string{
			"The packets leave their host and are never seen again.",
			"A route can outlive what it leads to.",
			"Check the target of every route in the shared route table.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		table, subnet, err := a.tableOf(sharedTier, 0)
		if err != nil {
			return err
		}
		api := ec2.NewFromConfig(live.Config)
		created, err := api.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{
			SubnetId: &subnet.SubnetId, Description: aws.String("VPN appliance"),
			TagSpecifications: tagged(types.ResourceTypeNetworkInterface, made(live, id)),
		})
		if err != nil {
			return fmt.Errorf("making a network interface: %w", err)
		}
		appliance := *created.NetworkInterface.NetworkInterfaceId
		if err := a.changeRoutes(ctx, live, record, []route{{table, destination, toInterface, appliance}}); err != nil {
			return err
		}
		return deleteInterfaces(ctx, live, id)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		if err := restoreRoutes(ctx, live, record); err != nil {
			return err
		}
		return deleteInterfaces(ctx, live, id)
	}
	return fault
}

func deleteInterfaces(ctx context.Context, live labs.Live, fault string) error {
	api := ec2.NewFromConfig(live.Config)
	found, err := api.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: madeBy(live, fault)})
	if err != nil {
		return fmt.Errorf("looking for the fault's network interface: %w", err)
	}
	for _, eni := range found.NetworkInterfaces {
		_, err := api.DeleteNetworkInterface(ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: eni.NetworkInterfaceId})
		if err := labs.Unless(err, "InvalidNetworkInterfaceID.NotFound"); err != nil {
			return fmt.Errorf("deleting network interface %s: %w", *eni.NetworkInterfaceId, err)
		}
	}
	return nil
}
