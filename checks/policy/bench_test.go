package policy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// typicalInput is a request against five typical policies: two identity policies,
// a permissions boundary, a bucket policy and a service control policy.
const typicalInput = `{
  "principal": "arn:aws:sts::111122223333:assumed-role/app/s1", "action": "s3:PutObject",
  "resource": "arn:aws:s3:::lab-data/team-a/report.csv", "resourceAccount": "111122223333",
  "context": {"aws:SecureTransport": "true", "aws:PrincipalTag/team": "team-a", "aws:PrincipalOrgID": "o-abc",
    "aws:SourceIp": "203.0.113.9", "s3:x-amz-server-side-encryption": "aws:kms", "aws:RequestedRegion": "eu-central-1"},
  "identityPolicies": [
    {"Version": "2012-10-17", "Statement": [
      {"Sid": "List", "Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": "arn:aws:s3:::lab-data"},
      {"Sid": "Team", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
       "Resource": "arn:aws:s3:::lab-data/${aws:PrincipalTag/team}/*"},
      {"Sid": "Logs", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "arn:aws:logs:*:111122223333:log-group:/app/*"}]},
    {"Version": "2012-10-17", "Statement": [
      {"Sid": "Keys", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "arn:aws:kms:eu-central-1:111122223333:key/*"},
      {"Sid": "NotElsewhere", "Effect": "Deny", "Action": "*", "Resource": "*",
       "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}}]}],
  "permissionsBoundary": {"Version": "2012-10-17", "Statement": [
    {"Sid": "Services", "Effect": "Allow", "Action": ["ec2:*", "logs:*", "s3:*", "kms:*"], "Resource": "*"},
    {"Sid": "NoIam", "Effect": "Deny", "Action": ["iam:*", "organizations:*"], "Resource": "*"}]},
  "resourcePolicy": {"Version": "2012-10-17", "Statement": [
    {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::lab-data", "arn:aws:s3:::lab-data/*"],
     "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    {"Sid": "OwnOrganization", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::lab-data/*",
     "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}},
    {"Sid": "Encrypted", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::lab-data/*",
     "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}]},
  "serviceControlPolicies": [[{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Sid": "Regions", "Effect": "Deny", "NotAction": ["iam:*", "sts:*", "cloudfront:*", "route53:*"], "Resource": "*",
     "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}}]}]]
}`

func BenchmarkADecisionAgainstFiveTypicalPolicies(b *testing.B) {
	in, err := ParseInput([]byte(typicalInput))
	require.NoError(b, err)
	require.Equal(b, Allow, Evaluate(in).Outcome, Evaluate(in).Explanation())
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if Evaluate(in).Outcome != Allow {
			b.Fatal("changed its mind")
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}
