package main

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	teamTrust  = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "x1"}}}]}`
	teamRights = `{"Version": "2012-10-17", "Statement": [
		{"Sid": "Work", "Effect": "Allow", "Action": ["s3:*", "sqs:*", "kms:Decrypt"], "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}},
		{"Sid": "Roles", "Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "arn:aws:iam::*:role/app/*"}]}`
	teamLimit = `{"Version": "2012-10-17", "Statement": [
		{"Sid": "Max", "Effect": "Allow", "Action": ["s3:*", "sqs:*", "kms:*", "iam:PutRolePolicy"], "Resource": "*"},
		{"Sid": "Bounded", "Effect": "Deny", "Action": "iam:PutRolePolicy", "Resource": "*", "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/limit"}}}]}`
	tlsOnly   = `{"Version": "2012-10-17", "Statement": [{"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::records/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`
	queueOpen = `{"Version": "2012-10-17", "Statement": [{"Sid": "Anyone", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]}`
	keyLocked = `{"Version": "2012-10-17", "Statement": [{"Sid": "Admin", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:PutKeyPolicy", "Resource": "*"}]}`
)

// furnish makes a bounded, tagged role, a bucket, a queue and a key, and returns the key's ARN.
func furnish(t *testing.T, config aws.Config) string {
	t.Helper()
	ctx := t.Context()
	identities := iam.NewFromConfig(config)
	limit, err := identities.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("limit"), PolicyDocument: aws.String(teamLimit)})
	require.NoError(t, err)
	_, err = identities.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("team"), AssumeRolePolicyDocument: aws.String(teamTrust), PermissionsBoundary: limit.Policy.Arn,
	})
	require.NoError(t, err)
	_, err = identities.TagRole(ctx, &iam.TagRoleInput{RoleName: aws.String("team"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}}})
	require.NoError(t, err)
	_, err = identities.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("team"), PolicyName: aws.String("rights"), PolicyDocument: aws.String(teamRights)})
	require.NoError(t, err)

	buckets := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err = buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("records")})
	require.NoError(t, err)
	_, err = buckets.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("records"), Policy: aws.String(tlsOnly)})
	require.NoError(t, err)
	_, err = sqs.NewFromConfig(config).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("jobs"), Attributes: map[string]string{"Policy": queueOpen}})
	require.NoError(t, err)
	key, err := kms.NewFromConfig(config).CreateKey(ctx, &kms.CreateKeyInput{Policy: aws.String(keyLocked)})
	require.NoError(t, err)
	return *key.KeyMetadata.Arn
}

func TestTheAccountDecidesWhoMayDoWhat(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the local AWS")
	}
	m := newMachine(t)
	key := furnish(t, m.config)
	const team, object, queue = "arn:aws:iam::123456789012:role/team", "arn:aws:s3:::records/k", "arn:aws:sqs:us-east-1:123456789012:jobs"
	for _, test := range []struct {
		name string
		args []string
		code int
		says string // in standard output, or in standard error where the code is 2
	}{
		{"a role's tag, its boundary and a bucket policy", []string{"team", "s3:GetObject", object}, 0, `"Work" in rights`},
		{"plain HTTP", []string{"team", "s3:GetObject", object, "--context", "aws:SecureTransport=false"}, 1, `"Tls" in policy of arn:aws:s3:::records`},
		{"another tag", []string{"team", "s3:GetObject", object, "--context", "aws:PrincipalTag/team=blue"}, 1, `aws:PrincipalTag/team`},
		{"a queue that is open to anyone", []string{"anonymous", "sqs:SendMessage", queue}, 0, `"Anyone" in policy of`},
		{"a key whose policy does not let the account decide", []string{team, "kms:Decrypt", key}, 1, "key policy"},
		{"a role of the right boundary", []string{"role/team", "iam:PutRolePolicy", "arn:aws:iam::123456789012:role/app/x", "--context", "iam:PermissionsBoundary=arn:aws:iam::123456789012:policy/limit"}, 0, `"Roles"`},
		{"trust without the external id", []string{"123456789012", "sts:AssumeRole", team}, 1, "sts:ExternalId"},
		{"somebody from an account that cannot be read", []string{"arn:aws:iam::999988887777:role/v", "sns:Publish", "arn:aws:sns:us-east-1:123456789012:t"}, 3, "what labctl cannot read"},
		{"a name that is nearly right", []string{"teem", "s3:GetObject", object}, 2, `did you mean "team"`},
		{"a bucket that is not there", []string{"team", "s3:GetObject", "arn:aws:s3:::nothing/k"}, 2, "no s3 resource"},
	} {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := m.ask(t, append([]string{"can"}, test.args...)...)
			assert.Equal(t, test.code, code, stdout+stderr)
			said := stdout
			if test.code == exitUsage {
				said = stderr
			}
			assert.Contains(t, strings.Join(strings.Fields(said), " "), test.says)
		})
	}

	t.Run("the role has no way to more", func(t *testing.T) {
		stdout, stderr, code := m.ask(t, "escalate", "team", "--output", "json")
		require.Equal(t, 0, code, stdout+stderr)
		var report struct {
			Status string
			Held   []struct{ ID, Note string }
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &report))
		assert.Equal(t, "closed", report.Status)
		require.Len(t, report.Held, 1)
		assert.Equal(t, "put-role-policy", report.Held[0].ID)
	})
	t.Run("without its boundary it has", func(t *testing.T) {
		_, err := iam.NewFromConfig(m.config).DeleteRolePermissionsBoundary(t.Context(), &iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String("team")})
		require.NoError(t, err)
		stdout, _, code := m.ask(t, "escalate", "team")
		assert.Equal(t, 1, code)
		assert.Contains(t, stdout, `"Roles" in rights allows it`)
	})
}

// ask runs a command whose exit code is an answer.
func (m *machine) ask(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := m.command(t.Context(), args...)
	var out, diagnostics strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return out.String(), diagnostics.String(), cmd.ProcessState.ExitCode()
}
