package access

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/escalate"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

const (
	account = "111122223333"
	alice   = "arn:aws:iam::111122223333:user/alice"
	app     = "arn:aws:iam::111122223333:role/team/app"
	vendor  = "arn:aws:iam::999988887777:role/vendor"
	limit   = "arn:aws:iam::111122223333:policy/limit"
	queue   = "arn:aws:sqs:us-east-1:111122223333:jobs"
)

func document(statements string) string {
	return `{"Version": "2012-10-17", "Statement": [` + statements + `]}`
}

func lab() inventory.Facts {
	return inventory.Facts{
		AccessFacts: inventory.AccessFacts{
			Identities: inventory.Identities{
				Users: []inventory.Identity{
					{Name: "alice", Arn: alice, Id: "AIDA1", Tags: map[string]string{"team": "red"}, Policies: []inventory.PolicyDocument{{
						Name: "own", Document: document(`{"Effect": "Allow", "Action": "*", "Resource": "*"}`),
					}}},
					{Name: "both", Arn: "arn:aws:iam::111122223333:user/both"},
				},
				Roles: []inventory.Identity{
					{
						Name: "app", Arn: app, Id: "AROA1", Boundary: &inventory.PolicyDocument{Name: limit, Document: document(`{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}`)},
						Policies:    []inventory.PolicyDocument{{Name: "work", Document: document(`{"Sid": "Org", "Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}`)}},
						TrustPolicy: document(`{"Sid": "Vendor", "Effect": "Allow", "Principal": {"AWS": "` + vendor + `"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "x1"}}}`),
					},
					{Name: "both", Arn: "arn:aws:iam::111122223333:role/both", TrustPolicy: document(`{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}`)},
				},
				Policies: []inventory.ManagedPolicy{{Arn: limit, Document: document(`{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}`), Versions: 1}},
			},
			ResourcePolicies: []inventory.ResourcePolicy{
				{Arn: queue, Document: document(`{"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`)},
				{Arn: "arn:aws:s3:::bare"},
			},
		},
		AuditFacts: inventory.AuditFacts{Organization: inventory.Organization{Id: "o-1"}},
	}
}

func asked(t *testing.T, q Question) (policy.Input, error) {
	t.Helper()
	return Input(t.Context(), inventory.Of(lab(), account, "eu-west-1", inventory.Scope{}), q)
}

func TestAPrincipalIsFoundByNameOrARN(t *testing.T) {
	for text, want := range map[string]string{
		"alice": alice, "user/alice": alice, alice: alice, "app": app, "role/app": app, "role/team/app": app, "user/both": "arn:aws:iam::111122223333:user/both",
		"arn:aws:sts::111122223333:assumed-role/app/s1": "arn:aws:sts::111122223333:assumed-role/app/s1",
		account: "arn:aws:iam::111122223333:root", "anonymous": "anonymous", "lambda.amazonaws.com": "lambda.amazonaws.com", vendor: vendor,
	} {
		in, err := asked(t, Question{Principal: text, Action: "sqs:SendMessage", Resource: queue})
		require.NoError(t, err, text)
		assert.Equal(t, want, in.Principal.String(), text)
	}
}

func TestWhatTheAccountDoesNotHaveIsSaid(t *testing.T) {
	for _, q := range []Question{
		{Principal: "alise", Action: "sqs:SendMessage", Resource: queue},
		{Principal: "arn:aws:iam::111122223333:role/app", Action: "sqs:SendMessage", Resource: queue},
		{Principal: "arn:aws:sts::111122223333:assumed-role/ap/s1", Action: "sqs:SendMessage", Resource: queue},
		{Principal: "alice", Action: "sqs:SendMessage", Resource: queue + "2"},
		{Principal: "alice", Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/app"},
	} {
		_, err := asked(t, q)
		var unknown *UnknownError
		require.ErrorAs(t, err, &unknown, "%+v", q)
	}
	_, err := asked(t, Question{Principal: "alise", Action: "sqs:SendMessage", Resource: queue})
	var unknown *UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, []string{"app", "both", "alice", "both"}, unknown.Valid)
}

func TestAQuestionThatMakesNoSenseIsRefused(t *testing.T) {
	for _, q := range []Question{
		{Principal: "alice", Action: "s3:*", Resource: "*"},
		{Principal: "alice", Action: "GetObject", Resource: "*"},
		{Principal: "alice", Action: "s3:GetObject", Resource: "b/k"},
		{Principal: "both", Action: "s3:GetObject", Resource: "*"},
		{Principal: "arn:aws:ec2::999988887777:vpc/1", Action: "s3:GetObject", Resource: "*"},
		{Principal: "alice", Action: "kms:Decrypt", Resource: "arn:aws:kms:us-east-1:111122223333:alias/a"},
	} {
		_, err := asked(t, q)
		var malformed *MalformedError
		assert.ErrorAs(t, err, &malformed, "%+v", q)
	}
}

func TestTheContextOfAUserIsListed(t *testing.T) {
	in, err := asked(t, Question{Principal: "alice", Action: "sqs:SendMessage", Resource: queue, Context: map[string][]string{"AWS:securetransport": {"false"}}})
	require.NoError(t, err)
	delete(in.Context, "aws:CurrentTime")
	delete(in.Context, "aws:EpochTime")
	assert.Equal(t, map[string][]string{
		"aws:PrincipalArn": {alice}, "aws:username": {"alice"}, "aws:userid": {"AIDA1"}, "aws:PrincipalTag/team": {"red"}, "aws:PrincipalIsAWSService": {"false"},
		"AWS:securetransport": {"false"}, "aws:ViaAWSService": {"false"}, "aws:RequestedRegion": {"eu-west-1"}, "aws:ResourceAccount": {account},
	}, in.Context)
	assert.Equal(t, policy.ExplicitDeny, policy.Evaluate(in).Outcome)
}

func TestTheContextOfASessionIsThatOfItsRole(t *testing.T) {
	in, err := asked(t, Question{Principal: "arn:aws:sts::111122223333:assumed-role/app/s1", Action: "sqs:SendMessage", Resource: queue})
	require.NoError(t, err)
	assert.Equal(t, []string{app}, in.Context["aws:PrincipalArn"], "with the path that the session's ARN leaves out")
	assert.Equal(t, []string{"AROA1:s1"}, in.Context["aws:userid"])
	assert.Equal(t, []string{"false"}, in.Context["aws:MultiFactorAuthPresent"])
	assert.Equal(t, []string{"o-1"}, in.Context["aws:PrincipalOrgID"], "read, because a policy asks for it")
	assert.NotContains(t, in.Context, "aws:username")
	assert.Equal(t, policy.Allow, policy.Evaluate(in).Outcome)
}

func TestTheTargetOfAnIAMCallShowsItsTagsAndItsBoundary(t *testing.T) {
	in, err := asked(t, Question{Principal: "alice", Action: "iam:PutRolePolicy", Resource: app})
	require.NoError(t, err)
	assert.Equal(t, []string{limit}, in.Context["iam:PermissionsBoundary"])

	in, err = asked(t, Question{Principal: "app", Action: "iam:GetUser", Resource: alice})
	require.NoError(t, err)
	assert.Equal(t, []string{"red"}, in.Context["iam:ResourceTag/team"])

	in, err = asked(t, Question{Principal: "alice", Action: "iam:PutRolePermissionsBoundary", Resource: app})
	require.NoError(t, err)
	assert.NotContains(t, in.Context, "iam:PermissionsBoundary", "it would be the new one")
}

func TestATrustPolicyIsTheResourcesSideOfAssumingARole(t *testing.T) {
	decide := func(q Question) policy.Decision {
		in, err := asked(t, q)
		require.NoError(t, err)
		return policy.Evaluate(in)
	}
	without := decide(Question{Principal: vendor, Action: "sts:AssumeRole", Resource: app})
	assert.Equal(t, policy.ImplicitDeny, without.Outcome, "the trust policy alone decides that")
	with := decide(Question{Principal: vendor, Action: "sts:AssumeRole", Resource: app, Context: map[string][]string{"sts:ExternalId": {"x1"}}})
	assert.Equal(t, policy.Inconclusive, with.Outcome, "the vendor's own policies must allow it too")
	assert.Contains(t, with.Explanation(), "the policies of account 999988887777 might allow it: the element \"what labctl cannot read\"")
}

func TestAPolicyThatCannotBeReadLeavesTheAnswerOpen(t *testing.T) {
	in, err := asked(t, Question{Principal: "alice", Action: "sns:Publish", Resource: "arn:aws:sns:eu-west-1:111122223333:t"})
	require.NoError(t, err)
	assert.Equal(t, policy.Inconclusive, policy.Evaluate(in).Outcome)
	assert.Contains(t, policy.Evaluate(in).Explanation(), "the policy of the sns resource might deny it: the element \"what labctl cannot read\"")

	in, err = asked(t, Question{Principal: "alice", Action: "ec2:StartInstances", Resource: "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"})
	require.NoError(t, err)
	assert.Equal(t, policy.Allow, policy.Evaluate(in).Outcome, "instances have no policies")
}

func TestASubjectComesWithItsAccount(t *testing.T) {
	subject, around, err := Subject(t.Context(), inventory.Of(lab(), account, "eu-west-1", inventory.Scope{}), "app")
	require.NoError(t, err)
	assert.Equal(t, limit, subject.BoundaryARN)
	assert.NotNil(t, subject.PermissionsBoundary)
	assert.NotContains(t, subject.Context, "aws:SecureTransport", "that is the caller's choice")
	assert.Len(t, around.Identities, 4)
	assert.Equal(t, limit, around.Policies[0].ARN)
	assert.Equal(t, escalate.Closed, escalate.Evaluate(subject, around).Status())

	subject, around, err = Subject(t.Context(), inventory.Of(lab(), account, "eu-west-1", inventory.Scope{}), "alice")
	require.NoError(t, err)
	assert.True(t, escalate.Evaluate(subject, around).Administrator)

	for _, nobody := range []string{"anonymous", account, vendor, "lambda.amazonaws.com"} {
		_, _, err = Subject(t.Context(), inventory.Of(lab(), account, "eu-west-1", inventory.Scope{}), nobody)
		var malformed *MalformedError
		assert.ErrorAs(t, err, &malformed, nobody)
	}
}

func TestADocumentThatDoesNotParseIsAnErrorThatNamesIt(t *testing.T) {
	facts := lab()
	facts.Identities.Users[0].Policies[0].Document = `{"Statement": [{}]}`
	_, err := Input(t.Context(), inventory.Of(facts, account, "eu-west-1", inventory.Scope{}), Question{Principal: "alice", Action: "s3:ListBucket", Resource: "*"})
	assert.ErrorContains(t, err, "policy own of "+alice)
}
