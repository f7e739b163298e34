package ha

import (
	"encoding/json"
	"os"
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
	{"ha-asg-az", "config", "AutoScaling.2"},
	{"ha-az-match", "analysis", "ELB.13"},
	{"ha-static", "analysis", "REL11-BP05; REL01-BP06"},
	{"ha-elb-health", "config", "AutoScaling.1"},
	{"ha-health-depth", "config", "REL11-BP01"},
	{"ha-path", "analysis", "SEC05-BP02"},
	{"ha-processes", "config", "REL11-BP03"},
	{"ha-headroom", "analysis", "REL07-BP03"},
	{"ha-policy", "config", "REL07-BP01"},
	{"ha-sim", "analysis", "REL12-BP03"},
	{"ha-buffer", "config", "REL04-BP02; REL05-BP04"},
	{"ha-drain", "config", "ELB.7 (analogue)"},
	{"ha-template", "config", "AutoScaling.9; EC2.170"},
	{"ha-mixed", "config", "AutoScaling.6"},
	{"ha-db", "config", "RDS.5; DynamoDB.6"},
	{"ha-notify", "config", "REL11-BP06"},
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

// The scenario's numbers stand twice: here, for the checks, and in Terraform, which is sized after them.
func TestTerraformIsSizedAfterTheScenariosNumbers(t *testing.T) {
	data, err := os.ReadFile("../../terraform/ha/main.tf")
	require.NoError(t, err)
	for name, want := range map[string]string{"base": "16", "peak": "128", "instance": "10", "work": "30"} {
		assert.Regexp(t, `(?m)^\s+`+name+`\s+= `+want+`\b`, string(data))
	}
	assert.InDelta(t, 16, baseRate, 0)
	assert.InDelta(t, 128, peakRate, 0)
	assert.InDelta(t, 10, instanceRate, 0)
	assert.InDelta(t, 30, workTime.Seconds(), 0)
}

func TestWhatIsSuggestedNamesTheSite(t *testing.T) {
	suggestions, err := explore(map[string]json.RawMessage{"url": json.RawMessage(`"http://site/"`)})
	require.NoError(t, err)
	require.Len(t, suggestions, 3)
	assert.Contains(t, suggestions[2].Question, "http://site/")
	_, err = explore(nil)
	assert.Error(t, err)
}
