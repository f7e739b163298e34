package backup

import (
	"fmt"
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

func TestEveryCorrectDesignPassesEveryCheck(t *testing.T) {
	for _, design := range []string{reference, archive, twoOwners} {
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
	failing := notPassing(t, &account{Facts: stranger(t), t: t, run: "stranger"})
	for _, check := range New().Checks {
		assert.Contains(t, failing, check.ID, "a decoy that is sound shows nothing")
	}
}

func TestEachMutationBreaksExactlyTheChecksThatItsFaultNames(t *testing.T) {
	for _, fault := range New().Faults {
		for _, design := range []string{reference, archive} {
			t.Run(fault.ID+" in "+design, func(t *testing.T) {
				mutate := mutations()[fault.ID]
				require.NotNil(t, mutate, "no mutation does to a fixture what the fault does")
				a := load(t, design)
				mutate(a)
				assert.ElementsMatch(t, fault.Breaks, notPassing(t, a))
				a.add(stranger(t))
				assert.ElementsMatch(t, fault.Breaks, notPassing(t, a), "with a stranger in the same account")
			})
		}
	}
}

func TestWithoutTheTagsNothingPasses(t *testing.T) {
	for name, change := range map[string]func(*account){
		"nothing carries the scope's tag": func(a *account) { a.run = "nobody" },
		"the account is empty":            func(a *account) { a.Facts = inventory.Facts{} },
	} {
		t.Run(name, func(t *testing.T) {
			a := load(t, reference)
			change(a)
			for id, finding := range judgedAll(t, a) {
				assert.Equal(t, checks.Fail, finding.Status, "%s: %v", id, finding.Found)
				assert.Contains(t, fmt.Sprint(finding.Found), "labctl:", "%s says which tag is missing", id)
			}
		})
	}
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
