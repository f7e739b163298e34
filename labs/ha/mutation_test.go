package ha

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"labctl/checks/inventory"
	"labctl/labs/labtest"
)

// TestMutation proves on a live lab that every fault breaks exactly the checks that it names, and can be taken back.
func TestMutation(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions the lab")
	}
	suite := labtest.Provision(t, New())
	suite.State = liveState
	suite.AssertBill(t)
	matrix := suite.Mutate(t)
	t.Logf("faults and the checks that they break:\n%s", matrix)
}

// liveState is what the faults change, without what a target gives anew: the ids of instances and of what belongs to them,
// and those of a subscription.
func liveState(ctx context.Context, inv *inventory.Inventory) (string, error) {
	facts, err := factsOf(ctx, inv)
	if err != nil {
		return "", err
	}
	for n := range facts.AutoScalingGroups {
		members := slices.Clone(facts.AutoScalingGroups[n].Members)
		for m := range members {
			members[m].InstanceId = ""
		}
		slices.SortFunc(members, func(x, y inventory.GroupMember) int {
			return strings.Compare(x.AvailabilityZone+x.LifecycleState, y.AvailabilityZone+y.LifecycleState)
		})
		facts.AutoScalingGroups[n].Members = members
	}
	// The alarms that AWS makes for a target tracking policy are made anew with each change of it.
	facts.MetricAlarms = slices.DeleteFunc(slices.Clone(facts.MetricAlarms), func(a inventory.MetricAlarm) bool { return strings.HasPrefix(a.AlarmName, "TargetTracking-") })
	for n := range facts.Subscriptions {
		facts.Subscriptions[n].SubscriptionArn = ""
	}
	for n := range facts.LoadBalancers {
		zones := facts.LoadBalancers[n].Zones
		slices.SortFunc(zones, func(x, y inventory.BalancerZone) int { return strings.Compare(x.ZoneName, y.ZoneName) })
	}
	network := *facts.Network
	network.NetworkInterfaces = nil
	for n := range network.Subnets {
		network.Subnets[n].AvailableIpAddressCount = 0
	}
	text, err := json.MarshalIndent(map[string]any{"facts": facts, "network": network}, "", " ")
	return string(text), err
}
