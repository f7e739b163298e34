package iam

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"labctl/checks"
	"labctl/labs/labtest"
)

func judged(t *testing.T, f *fixture) map[string]checks.Finding {
	t.Helper()
	return labtest.Judge(t, New(), f.inventory)
}

func notPassing(t *testing.T, f *fixture) []string {
	t.Helper()
	return labtest.Failing(t, New(), f.inventory)
}

func accounts() labtest.Accounts[*fixture] {
	return labtest.Accounts[*fixture]{
		Lab: New(), Designs: slices.Sorted(maps.Keys(designs())), Mutations: mutations(),
		Load: func(t *testing.T, design string) *fixture {
			f := load(t)
			designs()[design](f)
			return f
		},
		Inventory: (*fixture).inventory,
		Stranger: func(t *testing.T) *fixture {
			f := load(t)
			breakEverything(f)
			return f
		},
		Add: func(_ *testing.T, f *fixture) { f.stranger() },
	}
}

func TestEveryCorrectDesignPassesEveryCheck(t *testing.T) { accounts().EveryDesignPasses(t) }

func TestTheStrangerIsBroken(t *testing.T) { accounts().TheStrangerIsBroken(t) }

func TestEachMutationBreaksExactlyTheChecksThatItsFaultNames(t *testing.T) {
	accounts().EachFaultBreaksWhatItNames(t, "the reference")
}

func TestAStrangerInTheAccountHidesNoFault(t *testing.T) {
	accounts().EachFaultBreaksWhatItNamesBesideAStranger(t, "the reference")
}

func TestEachBadDesignFailsExactlyWhatItBreaks(t *testing.T) {
	for name, bad := range badDesigns() {
		t.Run(name, func(t *testing.T) {
			f := load(t)
			bad.change(f)
			assert.ElementsMatch(t, bad.breaks, notPassing(t, f))
		})
	}
}

func TestAPassSaysWhatItRestsOn(t *testing.T) {
	for id, finding := range judged(t, load(t)) {
		assert.NotEmpty(t, finding.Found, id)
	}
}

func TestWithoutTheTagsNothingPasses(t *testing.T) {
	f := load(t)
	f.scope.Value = "nobody"
	for id, finding := range judged(t, f) {
		assert.Equal(t, checks.Fail, finding.Status, "%s: %v", id, finding.Found)
		assert.Contains(t, fmt.Sprint(finding.Found), "labctl:run=nobody", "%s says which tag is missing", id)
	}
}

func TestAnOperatorThatNobodyKnowsIsNeverAPass(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fixture)
		fails  string
	}{
		"in the condition on the boundary": {func(f *fixture) {
			f.sid(f.permissions(teamAdmin), "MakeRolesWithTheBoundary", func(s statement) {
				s["Condition"] = map[string]any{"StringAlmostEquals": map[string]any{boundaryKey: f.boundaryARN()}}
			})
		}, "sec-boundary-required"},
		"in the vendor's trust policy": {func(f *fixture) {
			f.rewrite(&f.role(vendor).TrustPolicy, func(s statement) {
				s["Condition"] = map[string]any{"StringAlmostEquals": map[string]any{externalIDKey: "x"}}
			})
		}, "sec-external-id"},
		"in the deny on plain HTTP": {func(f *fixture) {
			f.sid(&f.guard(data).Policy, "TLSOnly", func(s statement) {
				s["Condition"] = map[string]any{"BoolOrSo": map[string]any{"aws:SecureTransport": "false"}}
			})
		}, "sec-tls"},
		"in the key's policy": {func(f *fixture) {
			f.sid(&f.key(data).Policy, "KeyAdminAdministers", func(s statement) {
				s["Action"] = "kms:*"
				s["Condition"] = map[string]any{"BoolOrSo": map[string]any{"kms:GrantIsForAWSResource": "true"}}
			})
		}, "sec-kms-duties"},
	} {
		t.Run(name, func(t *testing.T) {
			f := load(t)
			test.change(f)
			assert.NotEqual(t, checks.Pass, judged(t, f)[test.fails].Status)
		})
	}
}
