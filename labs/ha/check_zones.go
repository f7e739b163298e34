package ha

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/checks/scaling"
	"labctl/labs/say"
)

func decideGroupZones(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		zones, err := a.zonesOf(ctx, group)
		if err != nil {
			return nil, err
		}
		if len(zones) < 2 {
			o.Add(fmt.Sprintf("Group %s launches in %s only: %s.", group.AutoScalingGroupName, typeset.Count(len(zones), "zone"), say.List(zones)), group.AutoScalingGroupName)
		}
		told = append(told, fmt.Sprintf("Group %s spans %s.", group.AutoScalingGroupName, say.List(zones)))
	}
	return told, nil
}

// decideZoneMatch compares zones. Targets in a zone that is not enabled are "unused", whatever cross-zone load balancing says.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-states
func decideZoneMatch(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		zones, err := a.zonesOf(ctx, group)
		if err != nil {
			return nil, err
		}
		balancers, err := a.servingBalancers(ctx, group)
		if err != nil {
			return nil, err
		}
		if len(balancers) == 0 {
			o.Add(fmt.Sprintf("No listener of a load balancer forwards to a target group of %s: its instances get no visitor in any zone.", group.AutoScalingGroupName), group.AutoScalingGroupName)
		}
		if len(zones) == 0 {
			o.Add(fmt.Sprintf("Group %s launches in no zone.", group.AutoScalingGroupName), group.AutoScalingGroupName)
		}
		for _, balancer := range balancers {
			enabled := zonesOfBalancer(balancer)
			for _, zone := range zones {
				if !slices.Contains(enabled, zone) {
					o.Add(fmt.Sprintf("Group %s launches in %s, which is not enabled on load balancer %s (%s).", group.AutoScalingGroupName, zone, balancer.LoadBalancerName, say.List(enabled)),
						group.AutoScalingGroupName, balancer.LoadBalancerArn)
				}
			}
			told = append(told, fmt.Sprintf("Load balancer %s serves all zones of group %s: %s.", balancer.LoadBalancerName, group.AutoScalingGroupName, say.List(zones)))
		}
	}
	return told, nil
}

func zonesOfBalancer(balancer inventory.LoadBalancer) []string {
	var zones []string
	for _, zone := range balancer.Zones {
		zones = append(zones, zone.ZoneName)
	}
	slices.Sort(zones)
	return zones
}

// servingBalancers are the load balancers of which a listener forwards to one of the group's target groups.
func (a *architecture) servingBalancers(ctx context.Context, group inventory.AutoScalingGroup) ([]inventory.LoadBalancer, error) {
	targets, err := a.targetGroupsOf(ctx, group)
	if err != nil {
		return nil, err
	}
	found := map[string]inventory.LoadBalancer{}
	for _, target := range targets {
		balancers, err := a.balancersOf(ctx, target)
		if err != nil {
			return nil, err
		}
		for _, balancer := range balancers {
			if len(listenersTo(balancer, target)) > 0 {
				found[balancer.LoadBalancerArn] = balancer
			}
		}
	}
	var balancers []inventory.LoadBalancer
	for _, arn := range slices.Sorted(maps.Keys(found)) {
		balancers = append(balancers, found[arn])
	}
	return balancers, nil
}

func listenersTo(balancer inventory.LoadBalancer, target inventory.TargetGroup) []inventory.Listener {
	return slices.DeleteFunc(slices.Clone(balancer.Listeners), func(l inventory.Listener) bool {
		return !slices.Contains(l.TargetGroups, target.TargetGroupArn)
	})
}

// decideStatic takes each zone away from what is there now, from the minimum, and from the maximum.
func decideStatic(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		zones, err := a.zonesOf(ctx, group)
		if err != nil {
			return nil, err
		}
		name := group.AutoScalingGroupName
		if len(zones) == 0 {
			o.Add(fmt.Sprintf("Group %s launches in no zone.", name), name)
			continue
		}
		placed := map[string]int{}
		for _, zone := range zones {
			placed[zone] = 0
		}
		for _, member := range inService(group) {
			placed[member.AvailabilityZone]++
		}
		now := scaling.StaticPlaced(placed, instanceRate, baseRate)
		for _, loss := range lacking(now) {
			// Where instances stand now, the group may be about to mend.
			o.AddPending(fmt.Sprintf("Group %s without %s: of the instances in service now %s. %s", name, loss.Zone, left(loss), needs(baseRate)), name)
		}
		for _, size := range []struct {
			what string
			n    int
			need float64
		}{{"minimum", group.MinSize, baseRate}, {"maximum", group.MaxSize, peakRate}} {
			// All zones of an even spread are alike: the first tells it.
			if losses := lacking(scaling.Static(zones, size.n, instanceRate, size.need)); len(losses) > 0 {
				o.Add(fmt.Sprintf("Group %s without any one of %s: of its %s of %d %s. %s", name, say.List(zones), size.what, size.n, left(losses[0]), needs(size.need)), name)
			}
		}
		told = append(told, fmt.Sprintf("Group %s without any one of %s: the minimum of %d still carries %s, the maximum of %d still %s; in service are %s.",
			name, say.List(zones), group.MinSize, rate(baseRate), group.MaxSize, rate(peakRate), tellPlaced(placed)))
	}
	return told, nil
}

func lacking(s scaling.Stability) []scaling.ZoneLoss {
	return slices.DeleteFunc(slices.Clone(s.Zones), func(z scaling.ZoneLoss) bool { return z.Holds })
}

func left(loss scaling.ZoneLoss) string {
	verb := "are"
	if loss.Left == 1 {
		verb = "is"
	}
	return fmt.Sprintf("%d %s left, which carry %s", loss.Left, verb, rate(loss.Capacity))
}

func needs(need float64) string { return fmt.Sprintf("Needed are %s.", rate(need)) }

func tellPlaced(placed map[string]int) string {
	var parts []string
	for _, zone := range slices.Sorted(maps.Keys(placed)) {
		parts = append(parts, fmt.Sprintf("%d in %s", placed[zone], zone))
	}
	return say.List(parts)
}
