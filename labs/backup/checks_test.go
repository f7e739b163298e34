package backup

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs/labtest"
)

func judgedAll(t *testing.T, a *account) map[string]checks.Finding {
	t.Helper()
	return labtest.Judge(t, New(), a.inventory)
}

func notPassing(t *testing.T, a *account) []string {
	t.Helper()
	return labtest.Failing(t, New(), a.inventory)
}

func accounts() labtest.Accounts[*account] {
	return labtest.Accounts[*account]{
		Lab: New(), Designs: []string{reference, archive, twoOwners}, Mutations: mutations(),
		Load: load, Inventory: (*account).inventory,
		Stranger: func(t *testing.T) *account { return &account{Facts: stranger(t), t: t, run: "stranger"} },
		Add:      func(t *testing.T, a *account) { a.add(stranger(t)) },
	}
}

func TestEveryCorrectDesignPassesEveryCheck(t *testing.T) { accounts().EveryDesignPasses(t) }

func TestTheStrangerIsBroken(t *testing.T) { accounts().TheStrangerIsBroken(t) }

func TestEachMutationBreaksExactlyTheChecksThatItsFaultNames(t *testing.T) {
	for _, design := range []string{reference, archive} {
		t.Run(design, func(t *testing.T) { accounts().EachFaultBreaksWhatItNames(t, design) })
		t.Run(design+" with a stranger in the same account", func(t *testing.T) {
			accounts().EachFaultBreaksWhatItNamesBesideAStranger(t, design)
		})
	}
}

func TestWithoutTheTagsNothingPasses(t *testing.T) {
	accounts().NothingPasses(t, reference, map[string]func(*account){
		"nothing carries the scope's tag": func(a *account) { a.run = "nobody" },
		"the account is empty":            func(a *account) { a.Facts = inventory.Facts{} },
	})
}

func TestAHandBuiltDesignIsJudgedByAnyTag(t *testing.T) {
	a := load(t, reference)
	tagged := []map[string]string{a.table().Tags, a.volume().Tags, a.plan().Tags, a.vault().Tags, a.offsite().Tags, a.eventRule().Tags}
	for n := range a.Buckets {
		tagged = append(tagged, a.Buckets[n].Tags)
	}
	for n := range a.Identities.Roles {
		tagged = append(tagged, a.Identities.Roles[n].Tags)
	}
	for _, tags := range tagged {
		delete(tags, "labctl:run")
		tags["project"] = "shop"
	}
	a.selection().Conditions.StringEquals = []inventory.TagCondition{{Key: "aws:ResourceTag/project", Value: "shop"}}
	for n := range a.Identities.Roles {
		for m := range a.Identities.Roles[n].Policies {
			document := &a.Identities.Roles[n].Policies[m].Document
			*document = strings.ReplaceAll(*document, `aws:ResourceTag/labctl:run":"reference"`, `aws:ResourceTag/project":"shop"`)
		}
	}
	inv := inventory.Of(a.Facts, fixtureAccount, fixtureRegion, inventory.Scope{Key: "project", Value: "shop"})
	for _, check := range New().Checks {
		finding, err := check.Decide(t.Context(), inv)
		require.NoError(t, err, check.ID)
		assert.Equal(t, checks.Pass, finding.Status, "%s: %v", check.ID, finding.Found)
	}
}

// variant is a change of the reference that a check has to see through, whichever way. says is in what is found, or in the
// error.
type variant struct {
	check, name string
	change      func(*account)
	status      checks.Status
	says        string
}

func TestChecksJudgeThePropertyAndNotItsUsualShape(t *testing.T) {
	for _, v := range slices.Concat(planVariants(), dataVariants(), vaultVariants(), keyVariants(), roleVariants(), alertVariants(),
		planDesigns(), dataDesigns(), vaultDesigns(), roleDesigns(), alertDesigns()) {
		t.Run(v.check+" "+v.name, func(t *testing.T) {
			a := load(t, reference)
			v.change(a)
			check, ok := New().Check(v.check)
			require.True(t, ok)
			finding, err := check.Decide(t.Context(), a.inventory())
			if v.status == checks.Error {
				require.ErrorContains(t, err, v.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, v.status, finding.Status, "%v", finding.Found)
			assert.Contains(t, strings.Join(finding.Found, "\n"), v.says)
		})
	}
}
