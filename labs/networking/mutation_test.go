package networking

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"labctl/checks/inventory"
	"labctl/checks/reach"
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

// liveState is the network, the flow logs and their role, without the ids of what cannot be put back under its old one:
// a route table's association and a flow log.
func liveState(ctx context.Context, inv *inventory.Inventory) (string, error) {
	network, err := inv.Network(ctx)
	if err != nil {
		return "", err
	}
	state := *network.Network
	state.RouteTables = slices.Clone(state.RouteTables)
	for n, table := range state.RouteTables {
		table.Associations = slices.Clone(table.Associations)
		for i := range table.Associations {
			table.Associations[i].RouteTableAssociationId = ""
		}
		state.RouteTables[n] = table
	}
	// AWS lists a range that was removed and a peering that was deleted for a while.
	state.Vpcs = slices.Clone(state.Vpcs)
	for n, vpc := range state.Vpcs {
		state.Vpcs[n].CidrBlockAssociationSet = slices.DeleteFunc(slices.Clone(vpc.CidrBlockAssociationSet), func(a reach.VpcCidrBlockAssociation) bool { return a.CidrBlockState.State == "disassociated" })
	}
	state.VpcPeeringConnections = slices.DeleteFunc(slices.Clone(state.VpcPeeringConnections), func(p reach.VpcPeeringConnection) bool { return p.Status.Code == "deleted" })
	logs, err := inv.FlowLogs(ctx)
	if err != nil {
		return "", err
	}
	logs = slices.Clone(logs)
	for n := range logs {
		logs[n].FlowLogId = ""
	}
	slices.SortFunc(logs, func(x, y inventory.FlowLog) int {
		return strings.Compare(x.ResourceId+x.TrafficType, y.ResourceId+y.TrafficType)
	})
	role, err := inv.Role(ctx, "labctl-"+inv.Scope.Value+"-flow-logs")
	if err != nil {
		return "", err
	}
	var dns []inventory.VPCDNS
	for _, vpc := range state.Vpcs {
		d, err := inv.VPCDNS(ctx, vpc.VpcId)
		if err != nil {
			return "", err
		}
		dns = append(dns, d)
	}
	text, err := json.MarshalIndent(sortedLists(map[string]any{"network": state, "flowLogs": logs, "role": role, "dns": dns}), "", " ")
	return string(text), err
}

// sortedLists puts every list of a JSON value in one order: what an API returns first means nothing.
func sortedLists(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		return err.Error()
	}
	return sorted(plain)
}

func sorted(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, item := range v {
			v[key] = sorted(item)
		}
	case []any:
		for n, item := range v {
			v[n] = sorted(item)
		}
		slices.SortFunc(v, func(x, y any) int {
			a, _ := json.Marshal(x)
			b, _ := json.Marshal(y)
			return strings.Compare(string(a), string(b))
		})
	}
	return value
}
