package networking

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/reach"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// The ports of the scenario.
const (
	https    = 443
	postgres = 5432
)

// decideEdge443 judges what routes, gateways and security groups let in, as if the network ACLs allowed everything: an ACL has to let
// replies in on 1024-65535, so it cannot be what keeps strangers out, and where it happens to, the next change of it may not.
func decideEdge443(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	public := reach.Subnets(ids(a.subnets(publicTier))...)
	destinations, err := a.mustNot(o, a.IgnoringACLs(), reach.Question{
		From:   reach.Internet(),
		To:     reach.VPCs(a.vpcIDs()...),
		Except: []reach.Packets{{Protocol: reach.TCP, Ports: port(https), To: public}},
	})
	if err != nil {
		return nil, err
	}
	// An edge that nobody can reach would have no leaks either.
	hosts := append(a.hosts(publicTier), a.loadBalancers(publicTier)...)
	var open []string
	var last reach.Answer
	for _, host := range hosts {
		if last, err = connect(a.Engine, "internet", host.NetworkInterfaceId, https); err != nil {
			return nil, err
		}
		if last.Verdict == reach.Reachable {
			open = append(open, host.NetworkInterfaceId)
		}
	}
	switch {
	case len(hosts) == 0:
		o.Add("No network interface of a host or a load balancer stands in the public tier: nothing serves customers.")
	case len(open) == 0:
		o.Add("The internet reaches no host of the public tier on tcp/443. "+say.Block(last), interfaceIDs(hosts)...)
	}
	return []string{fmt.Sprintf("Of %s, the internet reaches those of the public tier, on tcp/443 only: %s.", typeset.Count(destinations, "network interface"), strings.Join(open, ", "))}, nil
}

func decideAppDB(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	databases := a.hosts(dataTier)
	if len(databases) == 0 {
		o.Add("No network interface of a host stands in the data tier: there is no database to reach.")
	}
	apps := a.hosts(appTier)
	for _, subnet := range a.subnets(appTier) {
		if !slices.ContainsFunc(apps, func(eni reach.NetworkInterface) bool {
			home, _ := a.subnet(eni.SubnetId)
			return zone(home) == zone(subnet)
		}) {
			o.Add(fmt.Sprintf("No network interface of a host stands in the app tier in %s: there is no application to reach the database from.", zone(subnet)), subnet.SubnetId)
		}
	}
	err := a.mustConnect(o, apps, databases, postgres)
	return []string{fmt.Sprintf("%s in %s reach all of %s on tcp/5432 from every client port 1024-65535, replies included.", typeset.Count(len(apps), "app host"), strings.Join(zonesOf(a.subnets(appTier)), ", "), typeset.Count(len(databases), "database host"))}, err
}

// decideSGChain reads the rules of the database's groups, and then asks who gets in through them.
func decideSGChain(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	databases, apps := a.hosts(dataTier), a.hosts(appTier)
	if len(databases) == 0 || len(apps) == 0 {
		o.Add(fmt.Sprintf("%s and %s were found: a chain needs both ends.", typeset.Count(len(apps), "app host"), typeset.Count(len(databases), "database host")))
		return nil, nil
	}
	groups, appGroups := groupIDs(databases), groupIDs(apps)
	chained := false
	for _, group := range a.SecurityGroups {
		if !slices.Contains(groups, group.GroupId) {
			continue
		}
		for _, rule := range group.IpPermissions {
			wrong, byReference := a.sourcesBeside(rule, appGroups)
			chained = chained || byReference
			for _, source := range wrong {
				o.Add(fmt.Sprintf("Database group %s admits %s from %s, which is not the app security group.", label(group.GroupId, group.Tags), ports(rule), source), group.GroupId)
			}
		}
	}
	if !chained {
		o.Add(fmt.Sprintf("No rule of the database's security groups %s refers to a group of the app hosts.", strings.Join(groups, ", ")), groups...)
	}
	for _, eni := range a.strangersIn(appGroups) {
		o.Add(fmt.Sprintf("%s is outside the app tier and yet wears the app's security group: the reference admits it too.", interfaceLabel(eni)), eni.NetworkInterfaceId)
	}
	if finding := o.Finding(); finding.Status == checks.Fail {
		return nil, nil // who gets in through those is no news
	}
	_, err := a.mustNot(o, a.IgnoringACLs(), reach.Question{
		From:   reach.Join(reach.VPCs(a.vpcIDs()...).AsLocations(true), reach.Internet()),
		To:     reach.Interfaces(interfaceIDs(databases)...),
		Except: []reach.Packets{{From: reach.Subnets(ids(a.subnets(appTier))...).AsLocations(true)}},
	})
	return []string{fmt.Sprintf("Database groups %s admit members of app groups %s and nobody else, whatever the network ACLs say.", strings.Join(groups, ", "), strings.Join(appGroups, ", "))}, err
}

// sourcesBeside lists the sources of a rule that are no reference to one of the groups, and whether one is.
func (a *architecture) sourcesBeside(rule reach.IpPermission, groups []string) (wrong []string, byReference bool) {
	for _, r := range rule.IpRanges {
		wrong = append(wrong, r.CidrIp)
	}
	for _, r := range rule.Ipv6Ranges {
		wrong = append(wrong, r.CidrIpv6)
	}
	for _, list := range rule.PrefixListIds {
		wrong = append(wrong, "prefix list "+list.PrefixListId)
	}
	for _, pair := range rule.UserIdGroupPairs {
		if slices.Contains(groups, pair.GroupId) {
			byReference = true
		} else {
			wrong = append(wrong, "security group "+pair.GroupId)
		}
	}
	return wrong, byReference
}

// strangersIn are the interfaces that wear one of the groups and are outside the app tier, by their subnet or by their role.
func (a *architecture) strangersIn(groups []string) []reach.NetworkInterface {
	home := ids(a.subnets(appTier))
	return slices.DeleteFunc(slices.Clone(a.NetworkInterfaces), func(eni reach.NetworkInterface) bool {
		role := eni.TagSet.Get(roleTag)
		return slices.Contains(home, eni.SubnetId) && (role == "" || role == appTier.role()) || !slices.ContainsFunc(eni.Groups, func(g reach.GroupIdentifier) bool { return slices.Contains(groups, g.GroupId) })
	})
}

// ports is "tcp/5432", "tcp/1-1024" or "everything".
func ports(rule reach.IpPermission) string {
	switch {
	case rule.IpProtocol == "-1":
		return "everything"
	case rule.FromPort == nil || rule.ToPort == nil || *rule.FromPort == -1:
		return "all of " + rule.IpProtocol
	case *rule.FromPort == *rule.ToPort:
		return fmt.Sprintf("%s/%d", rule.IpProtocol, *rule.FromPort)
	default:
		return fmt.Sprintf("%s/%d-%d", rule.IpProtocol, *rule.FromPort, *rule.ToPort)
	}
}

func decideDefaultSG(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var closed []string
	for _, group := range a.SecurityGroups {
		if group.GroupName != "default" || !a.judges(group.VpcId) {
			continue
		}
		if n := len(group.IpPermissions) + len(group.IpPermissionsEgress); n > 0 {
			o.Add(fmt.Sprintf("The default group %s of %s has %s: whatever is started without a group can talk.", group.GroupId, a.owner(group.VpcId), typeset.Count(n, "rule")), group.GroupId)
		}
		closed = append(closed, group.GroupId)
	}
	if len(closed) < len(a.vpcs) {
		o.Add(fmt.Sprintf("%d VPCs are judged but only %d default security groups were found.", len(a.vpcs), len(closed)))
	}
	return []string{"The default groups have no rules: " + strings.Join(closed, ", ") + "."}, nil
}
