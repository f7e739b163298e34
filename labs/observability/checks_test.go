package observability

import (
	"encoding/json"
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

// judgedOne runs one check. One that could not decide says why.
func judgedOne(t *testing.T, a *account, id string) checks.Finding {
	t.Helper()
	check, known := New().Check(id)
	require.True(t, known, id)
	finding, err := check.Decide(t.Context(), a.inventory())
	if err != nil {
		return checks.Finding{Status: checks.Error, Found: []string{err.Error()}}
	}
	return finding
}

func notPassing(t *testing.T, a *account) []string {
	t.Helper()
	return labtest.Failing(t, New(), a.inventory)
}

func accounts() labtest.Accounts[*account] {
	return labtest.Accounts[*account]{
		Lab: New(), Designs: []string{reference, metricMath, byStatus}, Mutations: mutations(),
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
	if testing.Short() {
		t.Skip("each replays hours of traffic")
	}
	accounts().EachFaultBreaksWhatItNamesBesideAStranger(t, reference)
}

func TestWithoutTheTagsNothingPasses(t *testing.T) {
	accounts().NothingPasses(t, reference, map[string]func(*account){
		"nothing carries the scope's tag": func(a *account) { a.run = "nobody" },
		"the account is empty":            func(a *account) { a.Facts = inventory.Facts{} },
	})
}

func TestAHandBuiltDesignIsJudgedByAnyTag(t *testing.T) {
	a := load(t, reference)
	retag := func(tags map[string]string) {
		delete(tags, "labctl:run")
		tags["project"] = "payments"
	}
	for _, tags := range a.AlarmTags {
		retag(tags)
	}
	for _, tags := range []map[string]string{a.Keys[0].Tags, a.Topics[0].Tags, a.Queues[0].Tags, a.EventRules[0].Tags, a.TraceGroups[0].Tags, a.LogGroups[0].Tags, a.LogGroups[1].Tags} {
		retag(tags)
	}
	inv := inventory.Of(a.Facts, fixtureAccount, fixtureRegion, inventory.Scope{Key: "project", Value: "payments"})
	for _, check := range New().Checks {
		finding, err := check.Decide(t.Context(), inv)
		require.NoError(t, err, check.ID)
		assert.Equal(t, checks.Pass, finding.Status, "%s: %v", check.ID, finding.Found)
	}
}

func TestAlarmsWithoutTagsBelongToTheTopicThatTheyNotify(t *testing.T) {
	a := load(t, reference)
	for arn, tags := range a.AlarmTags {
		if tags[roleTag] != roleSLI {
			delete(a.AlarmTags, arn)
		}
	}
	assert.Empty(t, notPassing(t, a))
	a.alarm("-burn-fast-short").AlarmDescription = ""
	assert.Equal(t, []string{"obs-runbook"}, notPassing(t, a), "also those in the rules of those that notify it")
}

func TestTheReplaysAreDrawnAndListed(t *testing.T) {
	for _, id := range []string{"obs-replay", "obs-burn"} {
		for _, fault := range []string{"", "thirty-data-points"} {
			t.Run(id+" "+fault, func(t *testing.T) {
				a := load(t, reference)
				if fault != "" {
					mutations()[fault](a)
				}
				finding := judgedOne(t, a, id)
				require.NotEmpty(t, finding.Figure)
				assert.LessOrEqual(t, len(finding.Figure), plotHeight)
				for _, line := range finding.Figure {
					assert.LessOrEqual(t, len([]rune(line)), plotWidth)
				}
				text, err := json.Marshal(finding.Series)
				require.NoError(t, err)
				for _, name := range []string{"minutes", "requests", "errors", "burnRate", "alarms", "pages"} {
					assert.Contains(t, string(text), `"`+name+`"`)
				}
			})
		}
	}
}

func TestAReplayTellsTheMinuteOfThePage(t *testing.T) {
	found := strings.Join(judgedOne(t, load(t, reference), "obs-replay").Found, "\n")
	assert.Contains(t, found, "A total outage by day: pages after 1 minute, by labctl-reference-page-errors.")
	assert.Contains(t, found, "Errors in 2 percent of the requests: pages after 44 minutes, by labctl-reference-page-errors.")
}

// variant is a change of the reference that a check has to see through, whichever way.
type variant struct {
	check, name string
	change      func(*account)
	status      checks.Status
	says        string
}

func TestChecksJudgeThePropertyAndNotItsUsualShape(t *testing.T) {
	variants := append(append(countingVariants(), alarmVariants()...), append(pageVariants(), viewVariants()...)...)
	for _, v := range variants {
		t.Run(v.check+" "+v.name, func(t *testing.T) {
			a := load(t, reference)
			v.change(a)
			finding := judgedOne(t, a, v.check)
			assert.Equal(t, v.status, finding.Status, "%v", finding.Found)
			assert.Contains(t, strings.Join(finding.Found, "\n"), v.says)
		})
	}
}
