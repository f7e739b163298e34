package observability

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

// liveState is what the faults change, without what a target gives anew, the id of a subscription, and in an order of its own.
func liveState(ctx context.Context, inv *inventory.Inventory) (string, error) {
	facts, err := factsOf(ctx, inv)
	if err != nil {
		return "", err
	}
	facts.Subscriptions = slices.Clone(facts.Subscriptions)
	for n := range facts.Subscriptions {
		facts.Subscriptions[n].SubscriptionArn = ""
	}
	facts.MetricAlarms = slices.SortedFunc(slices.Values(facts.MetricAlarms), func(x, y inventory.MetricAlarm) int { return strings.Compare(x.AlarmName, y.AlarmName) })
	facts.CompositeAlarms = slices.SortedFunc(slices.Values(facts.CompositeAlarms), func(x, y inventory.CompositeAlarm) int { return strings.Compare(x.AlarmName, y.AlarmName) })
	facts.MetricFilters = slices.SortedFunc(slices.Values(facts.MetricFilters), func(x, y inventory.MetricFilter) int { return strings.Compare(x.FilterName, y.FilterName) })
	facts.LogGroups = slices.SortedFunc(slices.Values(facts.LogGroups), func(x, y inventory.LogGroup) int { return strings.Compare(x.LogGroupName, y.LogGroupName) })
	text, err := json.MarshalIndent(facts, "", " ")
	return string(text), err
}
