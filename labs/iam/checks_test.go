package iam

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

func TestEveryCorrectDesignPassesEveryCheck(t *testing.T) {
	for name, design := range designs() {
		t.Run(name, func(t *testing.T) {
			f := load(t)
			design(f)
			assert.Empty(t, notPassing(t, f))
		})
		t.Run(name+" with a stranger in the same account", func(t *testing.T) {
			f := load(t)
			design(f)
			f.stranger()
			assert.Empty(t, notPassing(t, f))
		})
	}
}

func TestTheStrangerIsBroken(t *testing.T) {
	f := load(t)
	breakEverything(f)
	failing := notPassing(t, f)
	for _, check := range New().Checks {
		assert.Contains(t, failing, check.ID, "a decoy that is sound shows nothing")
	}
}

func TestEachMutationBreaksExactlyTheChecksThatItsFaultNames(t *testing.T) {
	for _, fault := range New().Faults {
		t.Run(fault.ID, func(t *testing.T) {
			mutate := mutations()[fault.ID]
			require.NotNil(t, mutate, "no mutation does to a fixture what the fault does")
			f := load(t)
			mutate(f)
			assert.ElementsMatch(t, fault.Breaks, notPassing(t, f))
		})
		t.Run(fault.ID+" with a stranger in the same account", func(t *testing.T) {
			f := load(t)
			mutations()[fault.ID](f)
			f.stranger()
			assert.ElementsMatch(t, fault.Breaks, notPassing(t, f))
		})
	}
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
