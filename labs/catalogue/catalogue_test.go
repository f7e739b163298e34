package catalogue

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/labs"
	"labctl/terraform"
)

// each runs a test on every lab: what follows is asked of all of them, also of those to come.
func each(t *testing.T, test func(*testing.T, labs.Lab)) {
	t.Helper()
	for _, lab := range All() {
		t.Run(lab.ID, func(t *testing.T) { test(t, lab) })
	}
}

func TestEveryLabIsComplete(t *testing.T) {
	ids := map[string]bool{}
	each(t, func(t *testing.T, lab labs.Lab) {
		assert.False(t, ids[lab.ID], "two labs of one name")
		ids[lab.ID] = true
		for what, text := range map[string]string{
			"title": lab.Title, "domain": lab.Domain, "summary": lab.Summary, "scenario": lab.Scenario, "architecture": lab.Architecture,
		} {
			assert.NotEmpty(t, text, what)
		}
		for n, requirement := range lab.Requirements {
			assert.Equal(t, n+1, requirement.Number, "requirements are numbered from 1")
		}
		assert.NotEmpty(t, lab.TradeOffs)
		assert.NotEmpty(t, lab.Bill)
		assert.NotNil(t, lab.Explore)
	})
}

func TestEveryCheckTeachesAndIsProvenByAFault(t *testing.T) {
	ids := map[string]bool{}
	each(t, func(t *testing.T, lab labs.Lab) {
		for _, check := range lab.Checks {
			assert.Regexp(t, `^[a-z]+(-[a-z0-9]+)+$`, check.ID)
			assert.False(t, ids[check.ID], "two checks are called %s", check.ID)
			ids[check.ID] = true
			for what, text := range map[string]string{"title": check.Title, "expected": check.Expected, "why": check.Why, "hint": check.Hint} {
				assert.NotEmpty(t, text, "%s: %s", check.ID, what)
			}
			assert.True(t, strings.HasSuffix(check.Why, "."), "%s: why it matters is a sentence", check.ID)
			assert.NotEmpty(t, check.Refs, check.ID)
			assert.True(t, slices.ContainsFunc(lab.Requirements, func(r labs.Requirement) bool { return r.Number == check.Requirement }), "%s proves no requirement", check.ID)
			assert.True(t, slices.ContainsFunc(lab.Faults, func(f labs.Fault) bool { return slices.Contains(f.Breaks, check.ID) }), "no fault breaks %s", check.ID)
		}
	})
}

// What the architecture costs is proven by the lab's bill.
func TestEveryRequirementButThePriceIsProvenByACheck(t *testing.T) {
	each(t, func(t *testing.T, lab labs.Lab) {
		for _, requirement := range lab.Requirements {
			if !strings.Contains(requirement.Text, "costs at most") {
				assert.True(t, slices.ContainsFunc(lab.Checks, func(c checks.Check) bool { return c.Requirement == requirement.Number }), requirement.Text)
			}
		}
	})
}

// The counts are those of an apply; each lab's TestMutation compares them.
func TestTheBillNamesEveryTypeInTheTerraform(t *testing.T) {
	resource := regexp.MustCompile(`(?m)^resource "(\w+)"`)
	optional := map[string]string{"networking": "aws_ec2_transit_", "iam": "aws_accessanalyzer_", "ha": "aws_db_"} // what only a further variable makes
	each(t, func(t *testing.T, lab labs.Lab) {
		folder := t.TempDir()
		_, err := terraform.Extract(lab.ID, folder)
		require.NoError(t, err)
		files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
		require.NoError(t, err)
		declared := map[string]bool{}
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, match := range resource.FindAllStringSubmatch(string(text), -1) {
				if prefix, some := optional[lab.ID]; !some || !strings.HasPrefix(match[1], prefix) {
					declared[match[1]] = true
				}
			}
		}
		billed := map[string]bool{}
		for _, line := range lab.Bill {
			billed[line.Type] = true
		}
		assert.NotEmpty(t, declared)
		assert.Equal(t, declared, billed)
	})
}

func TestFaultsAreNamedAndDoNotGiveThemselvesAway(t *testing.T) {
	twins := map[string]int{"networking": 6, "iam": 4, "ha": 3, "backup": 17, "observability": 16} // a new lab states how many it has
	each(t, func(t *testing.T, lab labs.Lab) {
		ids, indirect := map[string]bool{}, 0
		for _, fault := range lab.Faults {
			assert.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)+$`, fault.ID)
			assert.False(t, ids[fault.ID], "two faults are called %s", fault.ID)
			ids[fault.ID] = true
			assert.NotEmpty(t, fault.Title, fault.ID)
			assert.NotEmpty(t, fault.Answer, fault.ID)
			assert.NotEqual(t, fault.Title, fault.Answer, fault.ID)
			assert.Len(t, fault.Hints, 3, fault.ID)
			assert.NotEmpty(t, fault.Breaks, fault.ID)
			if fault.Twin {
				indirect++
			}
			for _, id := range fault.Breaks {
				_, known := lab.Check(id)
				assert.True(t, known, "%s breaks %s, which does not exist", fault.ID, id)
			}
		}
		assert.Positive(t, indirect, "no fault is an indirect twin")
		assert.Equal(t, twins[lab.ID], indirect)
	})
}

func TestTheDrawingsFitATerminal(t *testing.T) {
	each(t, func(t *testing.T, lab labs.Lab) {
		for line := range strings.SplitSeq(lab.Architecture, "\n") {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
	})
}
