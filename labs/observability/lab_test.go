package observability

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
)

// The table of the lab's page.
var table = []struct {
	id       string
	evidence checks.Evidence
	refs     string
}{
	{"obs-retention", "config", "CloudWatch.16; cw-loggroup-retention-period-check"},
	{"obs-filter", "analysis", "OPS08-BP02; REL06-BP05"},
	{"obs-filter-zero", "config", "REL06-BP02"},
	{"obs-sli", "analysis", "OPS04-BP01"},
	{"obs-burn", "analysis", "OPS08-BP04"},
	{"obs-replay", "analysis", "REL06-BP02"},
	{"obs-wiring", "analysis", "REL06-BP01"},
	{"obs-enabled", "config", "CloudWatch.17"},
	{"obs-topic-key", "analysis", "SNS.1"},
	{"obs-missing", "config+analysis", "REL06-BP01"},
	{"obs-composite", "analysis", "OPS08-BP04"},
	{"obs-trace", "config", "OPS04-BP05; REL06-BP07"},
	{"obs-runbook", "config", "OPS10-BP02; OPS07-BP04"},
	{"obs-dashboard", "analysis", "OPS08-BP05"},
	{"obs-change", "analysis", "SEC04-BP03; CloudWatch.10"},
	{"obs-cardinality", "config", "OPS04-BP02"},
	{"obs-topic-open", "analysis", "SNS.4; SQS.3"},
}

func TestTheChecksAreThoseOfTheTable(t *testing.T) {
	lab := New()
	require.Len(t, lab.Checks, len(table))
	for n, row := range table {
		check := lab.Checks[n]
		assert.Equal(t, row.id, check.ID)
		assert.Equal(t, row.evidence, check.Evidence, row.id)
		assert.Equal(t, row.refs, strings.Join(check.Refs, "; "), row.id)
	}
}

func TestTheLatencyOfEachRouteIsBilledAsAMetric(t *testing.T) {
	metrics := 0
	for _, line := range New().Bill {
		if line.Type == "aws_cloudwatch_log_metric_filter" {
			metrics += line.Count * max(line.Units, 1)
		}
	}
	assert.Equal(t, 4+len(routes()), metrics)
}

// module is the lab's Terraform, all files in one.
func module(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../../terraform/observability/*.tf")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	text := ""
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		text += string(data)
	}
	return text
}

// The scenario's numbers stand twice: here, for the checks, and in Terraform, which is made after them.
func TestTerraformIsMadeAfterTheScenariosNumbers(t *testing.T) {
	text := module(t)
	for name, want := range map[string]string{"objective": "0.999", "budget": "0.001", "keep_days": "365"} {
		assert.Regexp(t, `(?m)^\s+`+name+`\s+= `+regexp.QuoteMeta(want)+`\b`, text)
	}
	assert.InDelta(t, 0.999, objective, 0)
	assert.Equal(t, 365, keptDays)
	assert.Contains(t, text, `slow_route = "/payments"`)
	assert.Contains(t, routes(), "/payments")
}

func TestTheTerraformIsToldWhatTheTargetHas(t *testing.T) {
	shown := checks.Support{Shown: true}
	all := map[checks.Capability]checks.Support{compositeAlarms: shown, samplingRules: shown, traceGroups: shown}
	assert.Equal(t, map[string]any{"composite_alarms": true, "xray": true}, variables(all))
	assert.Equal(t, map[string]any{"composite_alarms": false, "xray": false}, variables(map[checks.Capability]checks.Support{samplingRules: shown}))
}

func TestWhatIsSuggestedNamesTheDashboardAndTheQueue(t *testing.T) {
	suggestions, err := explore(map[string]json.RawMessage{"dashboard": json.RawMessage(`"api"`), "queue_url": json.RawMessage(`"http://queue/"`)})
	require.NoError(t, err)
	require.Len(t, suggestions, 3)
	assert.Contains(t, suggestions[1].Question, "api")
	assert.Contains(t, suggestions[1].Question, "http://queue/")
	_, err = explore(nil)
	assert.Error(t, err)
}
