package inventory

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"golang.org/x/sync/errgroup"

	"labctl/checks/reach"
)

// ec2Reader is what reading a network takes of EC2. *ec2.Client is one.
type ec2Reader interface {
	ec2.DescribeVpcsAPIClient
	ec2.DescribeSubnetsAPIClient
	ec2.DescribeRouteTablesAPIClient
	ec2.DescribeNetworkAclsAPIClient
	ec2.DescribeSecurityGroupsAPIClient
	ec2.DescribeNetworkInterfacesAPIClient
	ec2.DescribeInternetGatewaysAPIClient
	ec2.DescribeEgressOnlyInternetGatewaysAPIClient
	ec2.DescribeNatGatewaysAPIClient
	ec2.DescribeVpcEndpointsAPIClient
	ec2.DescribeVpcPeeringConnectionsAPIClient
	ec2.DescribeManagedPrefixListsAPIClient
	ec2.GetManagedPrefixListEntriesAPIClient
	ec2.DescribeTransitGatewaysAPIClient
	ec2.DescribeTransitGatewayVpcAttachmentsAPIClient
	ec2.DescribeTransitGatewayRouteTablesAPIClient
	ec2.GetTransitGatewayRouteTableAssociationsAPIClient
	ec2.GetTransitGatewayRouteTablePropagationsAPIClient
	ec2.SearchTransitGatewayRoutesAPIClient
	ec2.DescribeFlowLogsAPIClient
	DescribeVpcAttribute(context.Context, *ec2.DescribeVpcAttributeInput, ...func(*ec2.Options)) (*ec2.DescribeVpcAttributeOutput, error)
}

// Network is the whole network of the region, with the engine that answers for it. It holds strangers' resources too:
// they can carry a packet. What belongs to the scope is for the caller to tell by tag and relation.
type Network struct {
	*reach.Network
	Engine *reach.Engine

	ignoringACLs, onlyIPv4 engine
}

// Network reads the region's network.
func (i *Inventory) Network(ctx context.Context) (*Network, error) {
	return i.network.get("the network of "+i.Region, func() (*Network, error) {
		network, err := i.source.readNetwork(ctx)
		if err != nil {
			return nil, err
		}
		return &Network{Network: network, Engine: reach.New(network)}, nil
	})
}

// engine is one that is made when it is first asked for.
type engine struct {
	once sync.Once
	made *reach.Engine
}

func (e *engine) of(variant func() *reach.Network) *reach.Engine {
	e.once.Do(func() { e.made = reach.New(variant()) })
	return e.made
}

// OnlyIPv4 is an engine for hosts that use IPv4 only: what it calls reachable does not owe that to IPv6.
func (n *Network) OnlyIPv4() *reach.Engine {
	return n.onlyIPv4.of(func() *reach.Network {
		variant := *n.Network
		variant.NetworkInterfaces = slices.Clone(n.NetworkInterfaces)
		for i := range variant.NetworkInterfaces {
			variant.NetworkInterfaces[i].Ipv6Addresses, variant.NetworkInterfaces[i].Ipv6Prefixes = nil, nil
		}
		return &variant
	})
}

// IgnoringACLs is an engine that answers as if every network ACL allowed everything: what routes, gateways and security
// groups do without them.
func (n *Network) IgnoringACLs() *reach.Engine {
	return n.ignoringACLs.of(func() *reach.Network {
		variant := *n.Network
		variant.NetworkAcls = slices.Clone(n.NetworkAcls)
		for i := range variant.NetworkAcls {
			variant.NetworkAcls[i].Entries = []reach.NetworkACLEntry{
				{RuleNumber: 1, RuleAction: "allow", Protocol: "-1", CidrBlock: "0.0.0.0/0"},
				{RuleNumber: 2, RuleAction: "allow", Protocol: "-1", Ipv6CidrBlock: "::/0"},
				{RuleNumber: 1, RuleAction: "allow", Protocol: "-1", CidrBlock: "0.0.0.0/0", Egress: true},
				{RuleNumber: 2, RuleAction: "allow", Protocol: "-1", Ipv6CidrBlock: "::/0", Egress: true},
			}
		}
		return &variant
	})
}

// prefixList, transitRouteTable: the answers of two or more calls under one roof, as the snapshot format has them.
type prefixList struct {
	types.ManagedPrefixList
	Entries []types.PrefixListEntry
}

type transitRouteTable struct {
	types.TransitGatewayRouteTable
	Associations []types.TransitGatewayRouteTableAssociation
	Propagations []types.TransitGatewayRouteTablePropagation
	Routes       []types.TransitGatewayRoute
}

// readNetwork collects the answers of the Describe calls as a snapshot and lets reach decode it: the live account and
// a snapshot file take the same way, so that they cannot mean different things.
func readNetwork(ctx context.Context, api ec2Reader) (*reach.Network, error) {
	answers := answers{lists: map[string]any{}}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for key, read := range map[string]func(context.Context, ec2Reader) (any, error){
		"Vpcs":                         readVPCs,
		"Subnets":                      readSubnets,
		"RouteTables":                  readRouteTables,
		"NetworkAcls":                  readNetworkACLs,
		"SecurityGroups":               readSecurityGroups,
		"NetworkInterfaces":            readInterfaces,
		"InternetGateways":             readInternetGateways,
		"EgressOnlyInternetGateways":   readEgressOnlyGateways,
		"NatGateways":                  readNATGateways,
		"VpcEndpoints":                 readEndpoints,
		"VpcPeeringConnections":        readPeerings,
		"ManagedPrefixLists":           readPrefixLists,
		"TransitGateways":              readTransitGateways,
		"TransitGatewayVpcAttachments": readTransitAttachments,
		"TransitGatewayRouteTables":    readTransitRouteTables,
	} {
		group.Go(func() error {
			list, err := read(ctx, api)
			if err != nil {
				return err
			}
			answers.put(key, list)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(answers.lists)
	if err != nil {
		return nil, fmt.Errorf("encoding the network: %w", err)
	}
	return decodeNetwork(data)
}

func decodeNetwork(data []byte) (*reach.Network, error) {
	return reach.Decode(bytes.NewReader(data))
}

type answers struct {
	mu    sync.Mutex
	lists map[string]any
}

func (a *answers) put(key string, list any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lists[key] = list
}

// pager is what all of the SDK's paginators have in common.
type pager[Out, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (*Out, error)
}

func all[Out, Item, Options any](ctx context.Context, pages pager[Out, Options], items func(*Out) []Item) ([]Item, error) {
	var found []Item
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		found = append(found, items(page)...)
	}
	return found, nil
}

func readVPCs(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeVpcsPaginator(api, &ec2.DescribeVpcsInput{}), func(o *ec2.DescribeVpcsOutput) []types.Vpc { return o.Vpcs })
}

func readSubnets(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeSubnetsPaginator(api, &ec2.DescribeSubnetsInput{}), func(o *ec2.DescribeSubnetsOutput) []types.Subnet { return o.Subnets })
}

func readRouteTables(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeRouteTablesPaginator(api, &ec2.DescribeRouteTablesInput{}), func(o *ec2.DescribeRouteTablesOutput) []types.RouteTable { return o.RouteTables })
}

func readNetworkACLs(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeNetworkAclsPaginator(api, &ec2.DescribeNetworkAclsInput{}), func(o *ec2.DescribeNetworkAclsOutput) []types.NetworkAcl { return o.NetworkAcls })
}

func readSecurityGroups(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeSecurityGroupsPaginator(api, &ec2.DescribeSecurityGroupsInput{}), func(o *ec2.DescribeSecurityGroupsOutput) []types.SecurityGroup { return o.SecurityGroups })
}

func readInterfaces(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeNetworkInterfacesPaginator(api, &ec2.DescribeNetworkInterfacesInput{}), func(o *ec2.DescribeNetworkInterfacesOutput) []types.NetworkInterface { return o.NetworkInterfaces })
}

func readInternetGateways(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeInternetGatewaysPaginator(api, &ec2.DescribeInternetGatewaysInput{}), func(o *ec2.DescribeInternetGatewaysOutput) []types.InternetGateway { return o.InternetGateways })
}

func readEgressOnlyGateways(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeEgressOnlyInternetGatewaysPaginator(api, &ec2.DescribeEgressOnlyInternetGatewaysInput{}), func(o *ec2.DescribeEgressOnlyInternetGatewaysOutput) []types.EgressOnlyInternetGateway {
		return o.EgressOnlyInternetGateways
	})
}

func readNATGateways(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeNatGatewaysPaginator(api, &ec2.DescribeNatGatewaysInput{}), func(o *ec2.DescribeNatGatewaysOutput) []types.NatGateway { return o.NatGateways })
}

func readEndpoints(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeVpcEndpointsPaginator(api, &ec2.DescribeVpcEndpointsInput{}), func(o *ec2.DescribeVpcEndpointsOutput) []types.VpcEndpoint { return o.VpcEndpoints })
}

func readPeerings(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeVpcPeeringConnectionsPaginator(api, &ec2.DescribeVpcPeeringConnectionsInput{}), func(o *ec2.DescribeVpcPeeringConnectionsOutput) []types.VpcPeeringConnection {
		return o.VpcPeeringConnections
	})
}

func readTransitGateways(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeTransitGatewaysPaginator(api, &ec2.DescribeTransitGatewaysInput{}), func(o *ec2.DescribeTransitGatewaysOutput) []types.TransitGateway { return o.TransitGateways })
}

func readTransitAttachments(ctx context.Context, api ec2Reader) (any, error) {
	return all(ctx, ec2.NewDescribeTransitGatewayVpcAttachmentsPaginator(api, &ec2.DescribeTransitGatewayVpcAttachmentsInput{}), func(o *ec2.DescribeTransitGatewayVpcAttachmentsOutput) []types.TransitGatewayVpcAttachment {
		return o.TransitGatewayVpcAttachments
	})
}

func readPrefixLists(ctx context.Context, api ec2Reader) (any, error) {
	lists, err := all(ctx, ec2.NewDescribeManagedPrefixListsPaginator(api, &ec2.DescribeManagedPrefixListsInput{}), func(o *ec2.DescribeManagedPrefixListsOutput) []types.ManagedPrefixList { return o.PrefixLists })
	if err != nil {
		return nil, err
	}
	found := make([]prefixList, len(lists))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, list := range lists {
		group.Go(func() error {
			entries, err := all(ctx, ec2.NewGetManagedPrefixListEntriesPaginator(api, &ec2.GetManagedPrefixListEntriesInput{PrefixListId: list.PrefixListId}), func(o *ec2.GetManagedPrefixListEntriesOutput) []types.PrefixListEntry { return o.Entries })
			found[n] = prefixList{ManagedPrefixList: list, Entries: entries}
			return err
		})
	}
	return found, group.Wait()
}

func readTransitRouteTables(ctx context.Context, api ec2Reader) (any, error) {
	tables, err := all(ctx, ec2.NewDescribeTransitGatewayRouteTablesPaginator(api, &ec2.DescribeTransitGatewayRouteTablesInput{}), func(o *ec2.DescribeTransitGatewayRouteTablesOutput) []types.TransitGatewayRouteTable {
		return o.TransitGatewayRouteTables
	})
	if err != nil {
		return nil, err
	}
	found := make([]transitRouteTable, len(tables))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, table := range tables {
		if table.State != types.TransitGatewayRouteTableStateAvailable {
			found[n] = transitRouteTable{TransitGatewayRouteTable: table}
			continue
		}
		group.Go(func() error {
			full, err := readTransitRouteTable(ctx, api, table)
			found[n] = full
			return err
		})
	}
	return found, group.Wait()
}

func readTransitRouteTable(ctx context.Context, api ec2Reader, table types.TransitGatewayRouteTable) (transitRouteTable, error) {
	full := transitRouteTable{TransitGatewayRouteTable: table}
	id := table.TransitGatewayRouteTableId
	var err error
	full.Associations, err = all(ctx, ec2.NewGetTransitGatewayRouteTableAssociationsPaginator(api, &ec2.GetTransitGatewayRouteTableAssociationsInput{TransitGatewayRouteTableId: id}), func(o *ec2.GetTransitGatewayRouteTableAssociationsOutput) []types.TransitGatewayRouteTableAssociation {
		return o.Associations
	})
	if err != nil {
		return full, err
	}
	full.Propagations, err = all(ctx, ec2.NewGetTransitGatewayRouteTablePropagationsPaginator(api, &ec2.GetTransitGatewayRouteTablePropagationsInput{TransitGatewayRouteTableId: id}), func(o *ec2.GetTransitGatewayRouteTablePropagationsOutput) []types.TransitGatewayRouteTablePropagation {
		return o.TransitGatewayRouteTablePropagations
	})
	if err != nil {
		return full, err
	}
	full.Routes, err = all(ctx, ec2.NewSearchTransitGatewayRoutesPaginator(api, &ec2.SearchTransitGatewayRoutesInput{
		TransitGatewayRouteTableId: id,
		Filters:                    []types.Filter{{Name: aws.String("state"), Values: []string{"active", "blackhole"}}},
	}), func(o *ec2.SearchTransitGatewayRoutesOutput) []types.TransitGatewayRoute { return o.Routes })
	return full, err
}
