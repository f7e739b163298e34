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

// entry is an IPv4 rule of a network ACL for TCP as a fault changes it. Without an action it is no rule.
type entry struct {
	ACL      string
	Number   int32
	Egress   bool
	Action   types.RuleAction
	CIDR     string
	From, To int32
}

// entryFault is a fault that consists of one rule of a network ACL, changed or added.
func entryFault(fault labs.Fault, plan func(*architecture) (before, after entry, err error)) labs.Fault {
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		before, after, err := plan(a)
		if err != nil {
			return err
		}
		if err := labs.Remember(record, "entry", before); err != nil {
			return err
		}
		return putEntry(ctx, ec2.NewFromConfig(live.Config), after)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var before entry
		if found, err := labs.Recall(record, "entry", &before); err != nil || !found {
			return err
		}
		return putEntry(ctx, ec2.NewFromConfig(live.Config), before)
	}
	return fault
}

// putEntry makes the ACL have the rule under its number, whether it has another now or none.
func putEntry(ctx context.Context, api *ec2.Client, e entry) error {
	there, err := hasEntry(ctx, api, e)
	if err != nil {
		return err
	}
	tcp, ports := aws.String("6"), &types.PortRange{From: &e.From, To: &e.To}
	switch {
	case e.Action == "" && !there:
	case e.Action == "":
		_, err = api.DeleteNetworkAclEntry(ctx, &ec2.DeleteNetworkAclEntryInput{NetworkAclId: &e.ACL, RuleNumber: &e.Number, Egress: &e.Egress})
	case there:
		_, err = api.ReplaceNetworkAclEntry(ctx, &ec2.ReplaceNetworkAclEntryInput{
			NetworkAclId: &e.ACL, RuleNumber: &e.Number, Egress: &e.Egress, RuleAction: e.Action, Protocol: tcp, CidrBlock: &e.CIDR, PortRange: ports,
		})
	default:
		_, err = api.CreateNetworkAclEntry(ctx, &ec2.CreateNetworkAclEntryInput{
			NetworkAclId: &e.ACL, RuleNumber: &e.Number, Egress: &e.Egress, RuleAction: e.Action, Protocol: tcp, CidrBlock: &e.CIDR, PortRange: ports,
		})
	}
	if err != nil {
		return fmt.Errorf("changing rule %d of %s: %w", e.Number, e.ACL, err)
	}
	return nil
}

func hasEntry(ctx context.Context, api *ec2.Client, e entry) (bool, error) {
	found, err := api.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{e.ACL}})
	if err != nil {
		return false, fmt.Errorf("reading the rules of %s: %w", e.ACL, err)
	}
	for _, acl := range found.NetworkAcls {
		for _, there := range acl.Entries {
			if aws.ToInt32(there.RuleNumber) == e.Number && aws.ToBool(there.Egress) == e.Egress {
				return true, nil
			}
		}
	}
	return false, nil
}

// databaseReplies is the rule by which the data tier's ACL lets replies out to the app tier on all client ports, and
// the lowest number in use on the way out.
func (a *architecture) databaseReplies() (rule entry, lowest int32, err error) {
	data := ids(a.subnets(dataTier))
	clients, err := a.firstRange(appTier)
	if err != nil {
		return entry{}, 0, err
	}
	for _, acl := range a.NetworkAcls {
		if !slices.ContainsFunc(acl.Associations, func(as reach.NetworkACLAssociation) bool { return slices.Contains(data, as.SubnetId) }) {
			continue
		}
		for _, e := range acl.Entries {
			if !e.Egress || e.CidrBlock == "" {
				continue
			}
			number := int32(e.RuleNumber)
			if lowest == 0 || number < lowest {
				lowest = number
			}
			to, parseErr := netip.ParsePrefix(e.CidrBlock)
			if parseErr == nil && e.RuleAction == "allow" && e.PortRange != nil && e.PortRange.From <= 1024 && e.PortRange.To == 65535 && to.Contains(clients.Addr()) {
				rule = entry{ACL: acl.NetworkAclId, Number: number, Egress: true, Action: types.RuleActionAllow, CIDR: e.CidrBlock, From: int32(e.PortRange.From), To: int32(e.PortRange.To)}
			}
		}
		if rule.ACL != "" {
			return rule, lowest, nil
		}
	}
	return entry{}, 0, labs.Lacks("no ACL rule lets the database's replies out to all client ports of %s", clients)
}

// firstRange is the IPv4 range of a tier's first subnet.
func (a *architecture) firstRange(t tier) (netip.Prefix, error) {
	for _, subnet := range a.subnets(t) {
		if p, err := netip.ParsePrefix(subnet.CidrBlock); err == nil {
			return p, nil
		}
	}
	return netip.Prefix{}, labs.Lacks("tier %s has no subnet with an IPv4 range", t)
}

// groupRules are inbound rules that a fault adds to a security group.
type groupRules struct {
	Group string
	Rules []types.IpPermission
}

// openGroup records the rules and adds them to the group.
func openGroup(ctx context.Context, live labs.Live, record labs.Record, fault string, add groupRules) error {
	if err := labs.Remember(record, "rules", add); err != nil {
		return err
	}
	_, err := ec2.NewFromConfig(live.Config).AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &add.Group, IpPermissions: add.Rules, TagSpecifications: tagged(types.ResourceTypeSecurityGroupRule, made(live, fault)),
	})
	if err != nil {
		return fmt.Errorf("adding rules to %s: %w", add.Group, err)
	}
	return nil
}

// closeGroup takes the recorded rules out of their group, one by one: of several, one that is missing would keep the
// others in.
func closeGroup(ctx context.Context, live labs.Live, record labs.Record) error {
	var added groupRules
	if found, err := labs.Recall(record, "rules", &added); err != nil || !found {
		return err
	}
	api := ec2.NewFromConfig(live.Config)
	for _, rule := range added.Rules {
		_, err := api.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &added.Group, IpPermissions: []types.IpPermission{rule}})
		if err := labs.Unless(err, "InvalidPermission.NotFound", "InvalidGroup.NotFound"); err != nil {
			return fmt.Errorf("removing a rule from %s: %w", added.Group, err)
		}
	}
	return nil
}

// groupFault is a fault that consists of inbound rules added to one security group.
func groupFault(fault labs.Fault, plan func(*architecture) (groupRules, error)) labs.Fault {
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		add, err := plan(a)
		if err != nil {
			return err
		}
		return openGroup(ctx, live, record, fault.ID, add)
	}
	fault.Undo = closeGroup
	return fault
}
