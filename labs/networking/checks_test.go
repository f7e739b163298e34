package networking

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

func TestEveryCorrectDesignPassesEveryCheck(t *testing.T) {
	for _, design := range []string{reference, transitGateway, threeZones} {
		t.Run(design, func(t *testing.T) {
			assert.Empty(t, notPassing(t, load(t, design)))
		})
		t.Run(design+" with a stranger in the same account", func(t *testing.T) {
			a := load(t, design)
			a.add(stranger(t))
			assert.Empty(t, notPassing(t, a))
		})
	}
}

func TestTheStrangerIsBroken(t *testing.T) {
	a := &account{Facts: stranger(t), t: t, run: "stranger"}
	failing := notPassing(t, a)
	for _, check := range New().Checks {
		assert.Contains(t, failing, check.ID, "a decoy that is sound shows nothing")
	}
}

func TestEachMutationBreaksExactlyTheChecksThatItsFaultNames(t *testing.T) {
	for _, fault := range New().Faults {
		t.Run(fault.ID, func(t *testing.T) {
			mutate := mutations()[fault.ID]
			require.NotNil(t, mutate, "no mutation does to a fixture what the fault does")
			a := load(t, reference)
			mutate(a)
			assert.ElementsMatch(t, fault.Breaks, notPassing(t, a))
		})
		t.Run(fault.ID+" with a stranger in the same account", func(t *testing.T) {
			a := load(t, reference)
			mutations()[fault.ID](a)
			a.add(stranger(t))
			assert.ElementsMatch(t, fault.Breaks, notPassing(t, a))
		})
	}
}

func TestAPassSaysWhatItRestsOn(t *testing.T) {
	for id, finding := range judged(t, load(t, reference)) {
		assert.NotEmpty(t, finding.Found, id)
	}
}

func TestWithoutTheTagsNothingPasses(t *testing.T) {
	cases := map[string]func(*account){
		"no VPC carries the scope's tag": func(a *account) { a.run = "nobody" },
		"no VPC carries a role": func(a *account) {
			for n, vpc := range a.Network.Vpcs {
				a.Network.Vpcs[n].Tags = tagsBut(vpc.Tags)
			}
		},
		"the account is empty": func(a *account) { a.Facts = inventory.Facts{Network: &reach.Network{}} },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			a := load(t, reference)
			change(a)
			for id, finding := range judged(t, a) {
				assert.Equal(t, checks.Fail, finding.Status, "%s: %v", id, finding.Found)
				assert.Contains(t, fmt.Sprint(finding.Found), "labctl:", "%s says which tag is missing", id)
			}
		})
	}
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
