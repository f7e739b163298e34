package networking

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"labctl/checks/reach"
	"labctl/labs"
)

// faultTag marks what a fault made, so that its undo finds it whatever became of the record.
const faultTag = "labctl:fault"

// made are the tags of something that a fault makes: those of the run, and the fault's.
func made(live labs.Live, fault string, further ...types.Tag) []types.Tag {
	tags := []types.Tag{{Key: aws.String(faultTag), Value: aws.String(fault)}}
	for key, value := range live.Tags {
		tags = append(tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return append(tags, further...)
}

func tag(key, value string) types.Tag {
	return types.Tag{Key: aws.String(key), Value: aws.String(value)}
}

func tagged(kind types.ResourceType, tags []types.Tag) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: kind, Tags: tags}}
}

// madeBy filters for what the fault made in this run.
func madeBy(live labs.Live, fault string) []types.Filter {
	return []types.Filter{
		{Name: aws.String("tag:" + faultTag), Values: []string{fault}},
		{Name: aws.String("tag:labctl:run"), Values: []string{live.Run}},
	}
}

// route is a route as a fault changes it: where it stands, what it is for, and where it leads. Without a target it is
// no route.
type route struct {
	Table, Destination string
	Kind               routeKind
	Target             string
}

type routeKind string

const (
	noRoute      routeKind = ""
	toGateway    routeKind = "gateway"
	toNAT        routeKind = "nat"
	toEgressOnly routeKind = "egress-only"
	toPeering    routeKind = "peering"
	toTransit    routeKind = "transit"
	toInterface  routeKind = "interface"
)

// target describes a route of the network as a fault would make it.
func routeOf(table string, r reach.Route) route {
	found := route{Table: table, Destination: destination(r)}
	for kind, id := range map[routeKind]string{
		toGateway: r.GatewayId, toNAT: r.NatGatewayId, toEgressOnly: r.EgressOnlyInternetGatewayId,
		toPeering: r.VpcPeeringConnectionId, toTransit: r.TransitGatewayId, toInterface: r.NetworkInterfaceId,
	} {
		if id != "" {
			found.Kind, found.Target = kind, id
		}
	}
	return found
}

// routeFault is a fault that consists of routes put in other places, added or taken away.
func routeFault(fault labs.Fault, plan func(*architecture) ([]route, error)) labs.Fault {
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		routes, err := plan(a)
		if err != nil {
			return err
		}
		return a.changeRoutes(ctx, live, record, routes)
	}
	fault.Undo = restoreRoutes
	return fault
}

// changeRoutes records how the routes stand, and changes them.
func (a *architecture) changeRoutes(ctx context.Context, live labs.Live, record labs.Record, routes []route) error {
	before := make([]route, len(routes))
	for n, r := range routes {
		before[n] = a.routeNow(r.Table, r.Destination)
	}
	if err := labs.Remember(record, "routes", before); err != nil {
		return err
	}
	return putRoutes(ctx, ec2.NewFromConfig(live.Config), routes)
}

// routeNow is the route of a table for a destination; one without a target where there is none.
func (a *architecture) routeNow(table, dest string) route {
	for _, t := range a.RouteTables {
		if t.RouteTableId != table {
			continue
		}
		for _, r := range t.Routes {
			if destination(r) == dest {
				return routeOf(table, r)
			}
		}
	}
	return route{Table: table, Destination: dest}
}

func restoreRoutes(ctx context.Context, live labs.Live, record labs.Record) error {
	var before []route
	if found, err := labs.Recall(record, "routes", &before); err != nil || !found {
		return err
	}
	return putRoutes(ctx, ec2.NewFromConfig(live.Config), before)
}

func putRoutes(ctx context.Context, api *ec2.Client, routes []route) error {
	for _, r := range routes {
		if err := putRoute(ctx, api, r); err != nil {
			return fmt.Errorf("changing the route %s of %s: %w", r.Destination, r.Table, err)
		}
	}
	return nil
}

// putRoute makes the table have the route, whether it had another for the destination or none.
func putRoute(ctx context.Context, api *ec2.Client, r route) error {
	v4, v6 := r.family()
	if r.Kind == noRoute {
		_, err := api.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: &r.Table, DestinationCidrBlock: v4, DestinationIpv6CidrBlock: v6})
		return labs.Unless(err, "InvalidRoute.NotFound", "InvalidRouteTableID.NotFound")
	}
	replace := &ec2.ReplaceRouteInput{RouteTableId: &r.Table, DestinationCidrBlock: v4, DestinationIpv6CidrBlock: v6}
	create := &ec2.CreateRouteInput{RouteTableId: &r.Table, DestinationCidrBlock: v4, DestinationIpv6CidrBlock: v6}
	switch r.Kind {
	case noRoute:
	case toGateway:
		replace.GatewayId, create.GatewayId = &r.Target, &r.Target
	case toNAT:
		replace.NatGatewayId, create.NatGatewayId = &r.Target, &r.Target
	case toEgressOnly:
		replace.EgressOnlyInternetGatewayId, create.EgressOnlyInternetGatewayId = &r.Target, &r.Target
	case toPeering:
		replace.VpcPeeringConnectionId, create.VpcPeeringConnectionId = &r.Target, &r.Target
	case toTransit:
		replace.TransitGatewayId, create.TransitGatewayId = &r.Target, &r.Target
	case toInterface:
		replace.NetworkInterfaceId, create.NetworkInterfaceId = &r.Target, &r.Target
	}
	_, err := api.ReplaceRoute(ctx, replace)
	// AWS says InvalidParameterValue where there is no route to replace: there is no NotFound for it.
	if labs.IsCode(err, "InvalidParameterValue") || labs.IsCode(err, "InvalidRoute.NotFound") {
		_, err = api.CreateRoute(ctx, create)
	}
	return err
}

func (r route) family() (v4, v6 *string) {
	if slices.Contains([]byte(r.Destination), ':') {
		return nil, &r.Destination
	}
	return &r.Destination, nil
}
