package ha

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/reach"
)

// roleTag is the tag that says what part a resource plays.
const roleTag = "labctl:role"

// The roles that are looked for.
const (
	roleApp    = "app"
	roleOrders = "orders"
	roleData   = "data"
)

// architecture is what is judged: the groups that carry the scope's tag, and what they refer to.
type architecture struct {
	inv    *inventory.Inventory
	groups []inventory.AutoScalingGroup
}

func readArchitecture(ctx context.Context, inv *inventory.Inventory) (*architecture, error) {
	groups, err := inv.AutoScalingGroups(ctx)
	if err != nil {
		return nil, err
	}
	a := &architecture{inv: inv}
	for _, group := range groups {
		if a.plays(group.Tags, roleApp) {
			a.groups = append(a.groups, group)
		}
	}
	return a, nil
}

// plays says whether something carries the scope's tag and the role.
func (a *architecture) plays(tags map[string]string, role string) bool {
	return tags[a.inv.Scope.Key] == a.inv.Scope.Value && tags[roleTag] == role
}

// nothing says that no resource of a kind is there to judge: nothing is proved by an empty set.
func (a *architecture) nothing(kind, role string) string {
	return fmt.Sprintf("No %s carries both %s and %s=%s.", kind, a.inv.Scope, roleTag, role)
}

// judge makes a check's function of one that judges the architecture, which has a group at least.
func judge(decide func(context.Context, *architecture, *checks.Offences) ([]string, error)) func(context.Context, *inventory.Inventory) (checks.Finding, error) {
	return func(ctx context.Context, inv *inventory.Inventory) (checks.Finding, error) {
		a, err := readArchitecture(ctx, inv)
		if err != nil {
			return checks.Finding{}, err
		}
		if len(a.groups) == 0 {
			return checks.Failed(a.nothing("Auto Scaling group", roleApp)), nil
		}
		return judged(ctx, a, decide)
	}
}

// judgeParts is judge for what is no group: queues, tables, databases.
func judgeParts(decide func(context.Context, *architecture, *checks.Offences) ([]string, error)) func(context.Context, *inventory.Inventory) (checks.Finding, error) {
	return func(ctx context.Context, inv *inventory.Inventory) (checks.Finding, error) {
		return judged(ctx, &architecture{inv: inv}, decide)
	}
}

func judged(ctx context.Context, a *architecture, decide func(context.Context, *architecture, *checks.Offences) ([]string, error)) (checks.Finding, error) {
	var offences checks.Offences
	passed, err := decide(ctx, a, &offences)
	if err != nil {
		return checks.Finding{}, err
	}
	finding := offences.Finding(passed...)
	if finding.Status == checks.Pass {
		for _, group := range a.groups {
			finding = finding.About(group.AutoScalingGroupName)
		}
	}
	return finding, nil
}

// subnetsOf are the subnets that a group launches into, as far as they exist.
func (a *architecture) subnetsOf(ctx context.Context, group inventory.AutoScalingGroup) ([]reach.Subnet, error) {
	network, err := a.inv.Network(ctx)
	if err != nil {
		return nil, err
	}
	var found []reach.Subnet
	for _, subnet := range network.Subnets {
		if slices.Contains(group.Subnets, subnet.SubnetId) {
			found = append(found, subnet)
		}
	}
	return found, nil
}

// zonesOf are the names of the zones that a group launches in.
func (a *architecture) zonesOf(ctx context.Context, group inventory.AutoScalingGroup) ([]string, error) {
	subnets, err := a.subnetsOf(ctx, group)
	if err != nil {
		return nil, err
	}
	zones := []string{}
	for _, subnet := range subnets {
		zones = append(zones, subnet.AvailabilityZone)
	}
	if len(group.Subnets) == 0 {
		zones = append(zones, group.AvailabilityZones...) // a group without subnets is in the default VPC
	}
	slices.Sort(zones)
	return slices.Compact(zones), nil
}

// inService are the members that count as capacity.
func inService(group inventory.AutoScalingGroup) []inventory.GroupMember {
	return slices.DeleteFunc(slices.Clone(group.Members), func(m inventory.GroupMember) bool {
		return m.LifecycleState != "InService" || m.HealthStatus == "Unhealthy"
	})
}

// targetGroupsOf reads the target groups that a group is attached to. Those that are gone are left out.
func (a *architecture) targetGroupsOf(ctx context.Context, group inventory.AutoScalingGroup) ([]inventory.TargetGroup, error) {
	return existing(group.TargetGroupARNs, func(arn string) (inventory.TargetGroup, error) { return a.inv.TargetGroup(ctx, arn) })
}

// balancersOf reads the load balancers of a target group.
func (a *architecture) balancersOf(ctx context.Context, targets inventory.TargetGroup) ([]inventory.LoadBalancer, error) {
	return existing(targets.LoadBalancerArns, func(arn string) (inventory.LoadBalancer, error) { return a.inv.LoadBalancer(ctx, arn) })
}

// templatesOf reads the launch template versions that a group launches.
func (a *architecture) templatesOf(ctx context.Context, group inventory.AutoScalingGroup) ([]inventory.LaunchTemplateVersion, error) {
	return existing(group.LaunchTemplates, func(ref inventory.LaunchTemplateRef) (inventory.LaunchTemplateVersion, error) {
		return a.inv.LaunchTemplate(ctx, ref)
	})
}

// policiesOf reads a group's scaling policies that are enabled.
func (a *architecture) policiesOf(ctx context.Context, group inventory.AutoScalingGroup) ([]inventory.ScalingPolicy, error) {
	all, err := a.inv.ScalingPolicies(ctx)
	return slices.DeleteFunc(slices.Clone(all), func(p inventory.ScalingPolicy) bool {
		return p.AutoScalingGroupName != group.AutoScalingGroupName || !p.Enabled
	}), err
}

// existing reads each of a list, and leaves out what is not there any more.
func existing[K, V any](keys []K, read func(K) (V, error)) ([]V, error) {
	var found []V
	for _, key := range keys {
		value, err := read(key)
		if errors.Is(err, inventory.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, value)
	}
	return found, nil
}
