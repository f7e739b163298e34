package iam

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/policy"
)

func TestTheLabHasTheChecksOfItsTable(t *testing.T) {
	var ids []string
	for _, check := range New().Checks {
		ids = append(ids, check.ID+" "+string(check.Evidence))
	}
	assert.Equal(t, []string{
		"sec-boundary-on config", "sec-boundary-required analysis", "sec-boundary-frozen analysis", "sec-no-privesc analysis",
		"sec-passrole analysis", "sec-external-id analysis", "sec-deputy analysis", "sec-trust-tight analysis", "sec-org analysis",
		"sec-abac analysis", "sec-tls analysis", "sec-sse-key config+analysis", "sec-kms-duties analysis", "sec-kms-rotation config",
		"sec-pab config", "sec-trail config", "sec-trail-integrity config", "sec-log-store config+analysis", "sec-data-events config",
		"sec-tamper-alarm analysis", "sec-no-keys config", "sec-analyzer config",
	}, ids)
}

func TestTheAnalyzersFaultNeedsAnAnalyzer(t *testing.T) {
	assert.Equal(t, []checks.Capability{accessAnalyzer}, New().NeedsOf(analyzerDeleted()))
}

func TestTheBillCountsWhatAnApplyWithoutAnAnalyzerMakes(t *testing.T) {
	count := 0
	for _, line := range New().Bill {
		count += line.Count
	}
	assert.Equal(t, 34, count)
}

func TestAnAnalyzerIsMadeWhereTheTargetHasThem(t *testing.T) {
	variables := New().Variables
	assert.Equal(t, map[string]any{"access_analyzer": false}, variables(nil))
	assert.Equal(t, map[string]any{"access_analyzer": true}, variables(map[checks.Capability]checks.Support{accessAnalyzer: {Shown: true}}))
}

func TestExploringSuggestsQuestionsAboutWhatTerraformMade(t *testing.T) {
	outputs := map[string]json.RawMessage{
		"role_arns":   []byte(`{"vendor":"arn:aws:iam::1:role/v","key-admin":"arn:aws:iam::1:role/k","team-admin":"arn:aws:iam::1:role/t"}`),
		"buckets":     []byte(`{"data":"d"}`),
		"key_arns":    []byte(`{"data":"arn:aws:kms:us-east-1:1:key/x"}`),
		"external_id": []byte(`"e"`),
	}
	suggestions, err := explore(outputs)
	require.NoError(t, err)
	var commands []string
	for _, s := range suggestions {
		commands = append(commands, s.Command)
	}
	assert.Equal(t, []string{
		"labctl can v s3:GetObject arn:aws:s3:::d/report.csv",
		"labctl can v s3:GetObject arn:aws:s3:::d/report.csv --context aws:SecureTransport=false",
		"labctl can k kms:Decrypt arn:aws:kms:us-east-1:1:key/x",
		"labctl escalate t",
	}, commands)
	_, err = explore(nil)
	require.Error(t, err)
}

// TestTheReferenceLetsEachRoleDoItsPartAndNoMore reads like the scenario: who does what to what, allowed or not.
func TestTheReferenceLetsEachRoleDoItsPartAndNoMore(t *testing.T) {
	f := load(t)
	a, err := readArchitecture(t.Context(), f.inventory())
	require.NoError(t, err)
	const through, team, function = "kms:ViaService=s3.us-east-1.amazonaws.com", "arn:aws:iam::ACCOUNT:role/app/t1/labctl-t1-orders", "arn:aws:lambda:us-east-1:ACCOUNT:function:labctl-t1-pay"
	const trail, stream = "arn:aws:cloudtrail:us-east-1:ACCOUNT:trail/labctl-t1-trail", "arn:aws:logs:us-east-1:ACCOUNT:log-group:labctl-t1-trail:log-stream:ACCOUNT_CloudTrail_us-east-1"
	for _, row := range []string{
		// who, action, resource, allowed or not, then the request's keys
		"team-admin iam:CreateRole " + team + " yes iam:PermissionsBoundary=BOUNDARY",
		"team-admin iam:CreateRole " + team + " no",
		"team-admin iam:CreateRole ROLE_other no iam:PermissionsBoundary=BOUNDARY",
		"team-admin iam:CreatePolicyVersion BOUNDARY no",
		"team-admin iam:CreatePolicyVersion arn:aws:iam::ACCOUNT:policy/app/t1/labctl-t1-orders yes",
		"team-admin iam:CreatePolicyVersion arn:aws:iam::ACCOUNT:policy/app/t2/labctl-t2-orders no",
		"team-admin iam:CreateUser arn:aws:iam::ACCOUNT:user/x no iam:PermissionsBoundary=BOUNDARY",
		"team-admin iam:PassRole " + team + " no iam:PassedToService=lambda.amazonaws.com",
		"team-admin s3:GetObject DATA_BUCKET/x no",
		"developer iam:PassRole " + team + " yes iam:PassedToService=lambda.amazonaws.com",
		"developer iam:PassRole " + team + " no iam:PassedToService=ec2.amazonaws.com",
		"developer iam:PassRole ROLE_team-admin no iam:PassedToService=lambda.amazonaws.com",
		"developer lambda:UpdateFunctionCode " + function + " yes aws:ResourceTag/project=payments",
		"developer lambda:UpdateFunctionCode " + function + " no aws:ResourceTag/project=ads",
		"developer lambda:UpdateFunctionCode " + function + " no",
		"developer iam:TagRole ROLE_developer no",
		"app s3:GetObject DATA_BUCKET/x yes",
		"app s3:PutObject DATA_BUCKET/x yes",
		"app s3:PutObject DATA_BUCKET/x yes " + sseHeader + "=aws:kms " + sseKeyHeader + "=DATA_KEY",
		"app s3:PutObject DATA_BUCKET/x no " + sseHeader + "=aws:kms " + sseKeyHeader + "=LOGS_KEY",
		"app s3:PutObject DATA_BUCKET/x no " + sseHeader + "=AES256",
		"app s3:GetObject DATA_BUCKET/x no aws:SecureTransport=false",
		"app kms:Decrypt DATA_KEY yes " + through,
		"app kms:Decrypt DATA_KEY no",
		"app kms:CreateGrant DATA_KEY no " + through,
		"app s3:GetObject LOGS_BUCKET/x no",
		"vendor s3:GetObject DATA_BUCKET/x yes",
		"vendor kms:Decrypt DATA_KEY yes " + through,
		"vendor s3:PutObject DATA_BUCKET/x no",
		"vendor s3:DeleteObject DATA_BUCKET/x no",
		"auditor s3:GetObject LOGS_BUCKET/x yes",
		"auditor kms:Decrypt LOGS_KEY yes " + through + " kms:EncryptionContext:aws:cloudtrail:arn=" + trail,
		"auditor s3:DeleteObjectVersion LOGS_BUCKET/x no",
		"auditor cloudtrail:GetTrailStatus " + trail + " yes",
		"auditor cloudtrail:StopLogging " + trail + " no",
		"auditor s3:GetObject DATA_BUCKET/x no",
		"key-admin kms:DisableKey DATA_KEY yes",
		"key-admin kms:ScheduleKeyDeletion LOGS_KEY yes",
		"key-admin kms:Decrypt DATA_KEY no " + through,
		"key-admin kms:PutKeyPolicy DATA_KEY no",
		"break-glass s3:DeleteObjectVersion LOGS_BUCKET/x yes",
		"break-glass s3:BypassGovernanceRetention LOGS_BUCKET/x yes",
		"break-glass s3:GetObject LOGS_BUCKET/x no",
		"trail logs:PutLogEvents " + stream + " yes",
		"trail logs:DeleteLogGroup " + stream + " no",
	} {
		t.Run(row, func(t *testing.T) {
			words := strings.Fields(f.filled(row))
			who := a.part(words[0])
			require.Len(t, who, 1)
			in := to(a.by(who[0]), words[1], words[2])
			in.ResourcePolicy = policyOf(t, f, words[2])
			for _, pair := range words[4:] {
				key, value, _ := strings.Cut(pair, "=")
				in = with(in, keys{key: {value}})
			}
			decision := policy.Evaluate(in)
			assert.Equal(t, words[3] == "yes", decision.Outcome == policy.Allow, decision.Explanation())
			assert.NotEqual(t, policy.Inconclusive, decision.Outcome, decision.Explanation())
		})
	}
}

// policyOf is the policy of the fixture's bucket or key; nil for what has none.
func policyOf(t *testing.T, f *fixture, resource string) *policy.Policy {
	t.Helper()
	for _, part := range []string{data, logs} {
		for name, text := range map[string]string{"arn:aws:s3:::" + f.guard(part).Bucket: f.guard(part).Policy, f.key(part).Arn: f.key(part).Policy} {
			if strings.HasPrefix(resource, name) {
				parsed, err := parse(text, "resource policy")
				require.NoError(t, err)
				return parsed
			}
		}
	}
	return nil
}
