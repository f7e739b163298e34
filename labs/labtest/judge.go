package labtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/labs"
)

// Judge runs all of a lab's checks on inventories of prepared facts, as on a target that shows everything.
func Judge(t *testing.T, lab labs.Lab, facts func() *inventory.Inventory) map[string]checks.Finding {
	t.Helper()
	support := map[checks.Capability]checks.Support{}
	for _, check := range lab.Checks {
		for _, need := range check.Needs {
			support[need] = checks.Support{Shown: true}
		}
	}
	findings := map[string]checks.Finding{}
	for _, result := range checks.Run(t.Context(), facts, lab.Checks, checks.Options{Support: support}).Results {
		findings[result.Check.ID] = result.Finding
	}
	return findings
}

// Failing lists the checks that fail, in the lab's order. One that could not decide fails the test.
func Failing(t *testing.T, lab labs.Lab, facts func() *inventory.Inventory) []string {
	t.Helper()
	var ids []string
	findings := Judge(t, lab, facts)
	for _, check := range lab.Checks {
		finding := findings[check.ID]
		require.Contains(t, []checks.Status{checks.Pass, checks.Fail}, finding.Status, "%s: %v", check.ID, finding.Found)
		if finding.Status == checks.Fail {
			t.Logf("%s: %v", check.ID, finding.Found)
			ids = append(ids, check.ID)
		}
	}
	return ids
}
