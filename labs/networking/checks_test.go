package networking

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/reach"
	"labctl/labs/labtest"
)

func judged(t *testing.T, a *account) map[string]checks.Finding {
	t.Helper()
	return labtest.Judge(t, New(), a.inventory)
}

func notPassing(t *testing.T, a *account) []string {
	t.Helper()
	return labtest.Failing(t, New(), a.inventory)
}

func accounts() labtest.Accounts[*account] {
	return labtest.Accounts[*account]{
		Lab: New(), Designs: []string{reference, transitGateway, threeZones}, Mutations: mutations(),
		Load: load, Inventory: (*account).inventory,
		Stranger: func(t *testing.T) *account { return &account{Facts: stranger(t), t: t, run: "stranger"} },
		Add:      func(t *testing.T, a *account) { a.add(stranger(t)) },
	}
}

func TestEveryCorrectDesignPassesEveryCheck(t *testing.T) { accounts().EveryDesignPasses(t) }

func TestTheStrangerIsBroken(t *testing.T) { accounts().TheStrangerIsBroken(t) }

func TestEachMutationBreaksExactlyTheChecksThatItsFaultNames(t *testing.T) {
	accounts().EachFaultBreaksWhatItNames(t, reference)
}

func TestAStrangerInTheAccountHidesNoFault(t *testing.T) {
	accounts().EachFaultBreaksWhatItNamesBesideAStranger(t, reference)
}

func TestAPassSaysWhatItRestsOn(t *testing.T) {
	for id, finding := range judged(t, load(t, reference)) {
		assert.NotEmpty(t, finding.Found, id)
	}
}

func TestWithoutTheTagsNothingPasses(t *testing.T) {
	accounts().NothingPasses(t, reference, map[string]func(*account){
		"no VPC carries the scope's tag": func(a *account) { a.run = "nobody" },
		"no VPC carries a role": func(a *account) {
			for n, vpc := range a.Network.Vpcs {
				a.Network.Vpcs[n].Tags = tagsBut(vpc.Tags)
			}
		},
		"the account is empty": func(a *account) { a.Facts = inventory.Facts{Network: &reach.Network{}} },
	})
}

func TestAMissingTierIsNamed(t *testing.T) {
	for tierName, ids := range map[tier][]string{
		publicTier: {"net-tiers-az", "net-edge-443"},
		appTier:    {"net-tiers-az", "net-app-db", "net-sg-chain", "net-nat-per-az", "net-gw-endpoint", "net-if-endpoint", "net-env-split", "net-v6-egress", "net-no-auto-public"},
		dataTier:   {"net-tiers-az", "net-data-isolated", "net-app-db", "net-sg-chain", "net-gw-endpoint", "net-v6-egress", "net-no-auto-public"},
		devTier:    {"net-tiers-az", "net-env-split", "net-no-auto-public"},
		sharedTier: {"net-tiers-az", "net-env-split", "net-peer-routes", "net-no-auto-public"},
	} {
		t.Run(string(tierName), func(t *testing.T) {
			a := load(t, reference)
			for n, subnet := range a.Network.Subnets {
				if subnet.Tags.Get(roleTag) == tierName.role() {
					a.Network.Subnets[n].Tags = tagsBut(subnet.Tags)
				}
			}
			findings := judged(t, a)
			for _, id := range ids {
				assert.Equal(t, checks.Fail, findings[id].Status, id)
				assert.Contains(t, fmt.Sprint(findings[id].Found), "carries labctl:role="+tierName.role(), id)
			}
		})
	}
}

// tagsBut leaves the role out.
func tagsBut(tags reach.Tags) reach.Tags {
	return slices.DeleteFunc(slices.Clone(tags), func(tag reach.Tag) bool { return tag.Key == roleTag })
}
