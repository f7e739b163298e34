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
	"labctl/labs/say"
)

// s3Ranges are the addresses of S3 in the region: AWS's own prefix list, which gateway endpoints route by.
func (a *architecture) s3Ranges() (string, []netip.Prefix, error) {
	name := "com.amazonaws." + a.inv.Region + ".s3"
	for _, list := range a.ManagedPrefixLists {
		if list.PrefixListName != name {
			continue
		}
		var ranges []netip.Prefix
		for _, entry := range list.Entries {
			if p, err := netip.ParsePrefix(entry.Cidr); err == nil {
				ranges = append(ranges, p)
			}
		}
		if len(ranges) > 0 {
			return list.PrefixListId, ranges, nil
		}
	}
	return "", nil, fmt.Errorf("the prefix list %s, which says what S3's addresses are, is missing or empty", name)
}

func decideGatewayEndpoint(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	list, ranges, err := a.s3Ranges()
	if err != nil {
		return nil, err
	}
	subnets := a.subnets(appTier, dataTier)
	for _, subnet := range subnets {
		shares, err := a.Engine.Partition(subnet.SubnetId, ranges...)
		if err != nil {
			return nil, fmt.Errorf("reading the routes of %s: %w", subnet.SubnetId, err)
		}
		for _, share := range shares {
			if wrong := a.wrongWayToS3(share); wrong != "" {
				o.Add(fmt.Sprintf("%s: of S3's addresses, %s %s", subnetLabel(subnet), some(share.Addresses), say.Sentence(wrong)), subnet.SubnetId, share.RouteTableID)
			}
		}
	}
	return []string{fmt.Sprintf("All addresses of S3 (%s) leave %s of the app and data tiers by a gateway endpoint.", list, typeset.Count(len(subnets), "subnet"))}, nil
}

func (a *architecture) wrongWayToS3(share reach.RouteShare) string {
	endpoint := func(e reach.VpcEndpoint) bool {
		return e.VpcEndpointId == share.Target && e.VpcEndpointType == "Gateway" && strings.HasSuffix(e.ServiceName, ".s3")
	}
	switch {
	case share.Kind == reach.TargetNone:
		return fmt.Sprintf("have no route in %s: the endpoint is not associated with that table", share.RouteTableID)
	case share.Kind == reach.TargetEndpoint && slices.ContainsFunc(a.VpcEndpoints, endpoint):
		if share.Live {
			return ""
		}
		return fmt.Sprintf("go to endpoint %s, which carries no packets: %s", share.Target, share.Reason)
	default:
		return fmt.Sprintf("go to %s %s by the route %s in %s", share.Kind, share.Target, share.Destination, share.RouteTableID)
	}
}

// some lists the first few prefixes.
func some(list []netip.Prefix) string {
	const most = 3
	told := make([]string, 0, most+1)
	for n, p := range list {
		if n == most {
			told = append(told, fmt.Sprintf("and %d more", len(list)-most))
			break
		}
		told = append(told, p.String())
	}
	return strings.Join(told, ", ")
}

func decideInterfaceEndpoint(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	apps := a.hosts(appTier)
	if len(apps) == 0 {
		o.Add("No network interface of a host stands in the app tier: nothing uses the endpoint.")
	}
	var told []string
	keys := false
	for _, endpoint := range a.VpcEndpoints {
		if endpoint.VpcEndpointType != "Interface" || a.vpcRole(endpoint.VpcId) != prod {
			continue
		}
		name := label(endpoint.VpcEndpointId, endpoint.Tags) + " for " + endpoint.ServiceName
		told = append(told, name)
		keys = keys || strings.HasSuffix(endpoint.ServiceName, ".kms") || strings.HasSuffix(endpoint.ServiceName, ".kms-fips")
		a.judgeEndpoint(o, endpoint, name)
		if err := a.judgeEndpointAccess(o, endpoint, apps); err != nil {
			return nil, err
		}
	}
	switch {
	case len(told) == 0:
		o.Add("No interface endpoint is in the prod VPC.", a.vpcIDs(prod)...)
	case !keys:
		o.Add("No interface endpoint in the prod VPC is for KMS, so the keys are used over the internet: "+strings.Join(told, ", ")+".", a.vpcIDs(prod)...)
	}
	return []string{"In two zones or more, with private DNS, open to the app tier on tcp/443 only: " + strings.Join(told, ", ") + "."}, nil
}

// judgeEndpoint reads the endpoint's attributes.
func (a *architecture) judgeEndpoint(o *checks.Offences, endpoint reach.VpcEndpoint, name string) {
	id := endpoint.VpcEndpointId
	var home []reach.Subnet
	for _, subnet := range endpoint.SubnetIds {
		if s, ok := a.subnet(subnet); ok {
			home = append(home, s)
		}
	}
	if zones := zonesOf(home); len(zones) < 2 {
		o.Add(fmt.Sprintf("%s stands in %s (%s).", name, typeset.Count(len(zones), "zone"), strings.Join(zones, ", ")), id)
	}
	if !endpoint.PrivateDnsEnabled {
		o.Add(name+" has private DNS off: the service's usual name resolves to its public addresses, so nobody uses the endpoint.", id)
	}
	switch strings.ToLower(endpoint.State) {
	case "available":
	case "pending":
		o.AddPending(name+" is still being made.", id)
	default:
		o.Add(fmt.Sprintf("%s is in state %s.", name, endpoint.State), id)
	}
}

// judgeEndpointAccess asks who gets to the endpoint's interfaces through its security groups, whatever the network ACLs say.
func (a *architecture) judgeEndpointAccess(o *checks.Offences, endpoint reach.VpcEndpoint, apps []reach.NetworkInterface) error {
	var enis []reach.NetworkInterface
	for _, eni := range a.NetworkInterfaces {
		if slices.Contains(endpoint.NetworkInterfaceIds, eni.NetworkInterfaceId) {
			enis = append(enis, eni)
		}
	}
	if len(enis) == 0 {
		o.Add(endpoint.VpcEndpointId+" has no network interface to reach it by.", endpoint.VpcEndpointId)
		return nil
	}
	if err := a.mustConnect(o, apps, enis, https); err != nil {
		return err
	}
	_, err := a.mustNot(o, a.IgnoringACLs(), reach.Question{
		From:   reach.Join(reach.VPCs(a.vpcIDs()...).AsLocations(true), reach.Internet()),
		To:     reach.Interfaces(interfaceIDs(enis)...),
		Except: []reach.Packets{{Protocol: reach.TCP, Ports: port(https), From: reach.Subnets(ids(a.subnets(appTier))...).AsLocations(true)}},
	})
	return err
}
