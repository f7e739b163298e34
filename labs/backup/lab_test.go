package backup

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
	{"bk-objectives", "analysis", "REL13-BP01; backup-plan-min-frequency-and-min-retention-check"},
	{"bk-coverage", "analysis", "REL09-BP01; DynamoDB.4; EC2.28"},
	{"bk-pitr", "config", "DynamoDB.2"},
	{"bk-s3-versions", "config", "S3.14"},
	{"bk-s3-lock", "config", "S3.15; s3-bucket-default-lock-enabled"},
	{"bk-lifecycle-trap", "analysis", "S3.13; SEC07-BP04"},
	{"bk-vault-lock", "config", "REL09-BP02"},
	{"bk-vault-policy", "analysis", "backup-recovery-point-manual-deletion-disabled"},
	{"bk-key-split", "config+analysis", "Backup.1; REL09-BP02"},
	{"bk-offsite", "config", "REL13-BP02"},
	{"bk-roles", "analysis", "SEC08-BP04; SEC03-BP02"},
	{"bk-retention", "config", "backup-recovery-point-minimum-retention-check"},
	{"bk-fresh", "config", "dynamodb-last-backup-recovery-point-created"},
	{"bk-alert", "analysis", "REL09-BP03; OPS08-BP04"},
	{"bk-protect", "config", "DynamoDB.6; RDS.8"},
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

// The scenario's numbers stand twice: here, for the checks, and in Terraform.
func TestTerraformKeepsTheScenariosNumbers(t *testing.T) {
	data, err := os.ReadFile("../../terraform/backup/main.tf")
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^\s+keep_days = 35\b`, string(data))
	assert.Equal(t, 35, keepDays)
	for _, objective := range []string{`orders    = { rpo = "5m", rto = "1h" }`, `documents = { rpo = "24h", rto = "8h" }`} {
		assert.Contains(t, string(data), objective)
	}
}

func TestTheSecondRegionIsAnother(t *testing.T) {
	for _, region := range []string{"us-east-1", "us-west-2", "eu-central-1"} {
		assert.NotEqual(t, region, New().SecondRegion(region))
	}
}

func TestWhatATargetDoesNotShowIsLeftOutOfTerraform(t *testing.T) {
	shown := checks.Support{Shown: true}
	for name, row := range map[string]struct {
		support map[checks.Capability]checks.Support
		want    map[string]any
	}{
		"nothing": {nil, map[string]any{"backup_selections": false, "vault_policies": false, "backup_jobs": false}},
		"jobs without recovery points": {
			map[checks.Capability]checks.Support{backupJobs: shown, vaultPolicies: shown},
			map[string]any{"backup_selections": false, "vault_policies": true, "backup_jobs": false},
		},
		"everything": {
			map[checks.Capability]checks.Support{backupJobs: shown, recoveryPoints: shown, vaultPolicies: shown, backupSelections: shown},
			map[string]any{"backup_selections": true, "vault_policies": true, "backup_jobs": true},
		},
	} {
		assert.Equal(t, row.want, New().Variables(row.support), name)
	}
}

func TestWhatIsSuggestedNamesTheTableAndTheWorkload(t *testing.T) {
	suggestions, err := explore(map[string]json.RawMessage{"table": json.RawMessage(`"t-orders"`), "role_arns": json.RawMessage(`{"workload": "arn:w"}`)})
	require.NoError(t, err)
	var text []string
	for _, s := range suggestions {
		text = append(text, s.Question+" "+s.Command)
	}
	assert.Contains(t, strings.Join(text, "\n"), "t-orders")
	assert.Contains(t, strings.Join(text, "\n"), "labctl can arn:w")
	_, err = explore(nil)
	assert.Error(t, err)
}
