package escalate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/policy"
)

const (
	adminRole = "arn:aws:iam::111122223333:role/admin"
	appRole   = "arn:aws:iam::111122223333:role/app/shop"
	adminUser = "arn:aws:iam::111122223333:user/admin"
	bobUser   = "arn:aws:iam::111122223333:user/bob"
	readers   = "arn:aws:iam::111122223333:group/readers"
	admins    = "arn:aws:iam::111122223333:group/admins"
	appPolicy = "arn:aws:iam::111122223333:policy/app/read"
)

func trust(t testing.TB, principal string, condition ...string) *policy.Policy {
	t.Helper()
	made := `{"Effect": "Allow", "Principal": ` + principal + `, "Action": "sts:AssumeRole"}`
	if len(condition) == 3 {
		made = when(made, condition[0], condition[1], condition[2])
	}
	return parse(t, made)
}

func role(arn string, trusted *policy.Policy, policies ...*policy.Policy) Identity {
	return Identity{ARN: arn, Trust: trusted, IdentityPolicies: policies}
}

func user(arn string, policies ...*policy.Policy) Identity {
	return Identity{ARN: arn, IdentityPolicies: policies, Context: map[string][]string{"aws:username": {arn[strings.LastIndex(arn, "/")+1:]}}}
}

func underBoundary(t testing.TB, id Identity) Identity {
	id.Boundary, id.BoundaryARN = ceiling(t), boundary
	return id
}

func TestAPassedRoleMustTrustTheServiceAndDoMore(t *testing.T) {
	everything := parse(t, allow("*", "*"))
	little := parse(t, allow("*", "lambda:CreateFunction"))
	toLambda := `{"Service": "lambda.amazonaws.com"}`
	pass := []string{allow("arn:aws:iam::*:role/a*", "iam:PassRole"), allow("*", "lambda:CreateFunction", "lambda:InvokeFunction")}
	tests := map[string]struct {
		role Identity
		want Status
		note string
	}{
		"it does":                          {role(adminRole, trust(t, toLambda), everything), Open, ""},
		"it trusts another service":        {role(adminRole, trust(t, `{"Service": "ec2.amazonaws.com"}`), everything), Closed, "role/admin does not trust lambda.amazonaws.com"},
		"it can do no more":                {role(adminRole, trust(t, toLambda), little), Closed, "can do no more"},
		"it can do one thing more":         {role(adminRole, trust(t, toLambda), little, parse(t, allow("arn:aws:s3:::secrets/*", "s3:GetObject"))), Open, ""},
		"it trusts Lambda of this account": {role(adminRole, trust(t, toLambda, "StringEquals", "aws:SourceAccount", account), everything), Open, ""},
		"it trusts Lambda of another":      {role(adminRole, trust(t, toLambda, "StringEquals", "aws:SourceAccount", "999988887777"), everything), Closed, "does not trust"},
		"it trusts one function":           {role(adminRole, trust(t, toLambda, "ArnLike", "aws:SourceArn", "arn:aws:lambda:*:111122223333:function:x-*"), everything), Open, ""},
		"the boundary is over it":          {underBoundary(t, role(appRole, trust(t, toLambda), everything)), Closed, "the roles carry the boundary policy/team-boundary"},
		"its trust is beyond the engine":   {role(adminRole, trust(t, toLambda, "StringRhymes", "aws:SourceAccount", account), everything), Inconclusive, ""},
		"its rights are beyond the engine": {role(adminRole, trust(t, toLambda), parse(t, when(allow("*", "s3:*"), "StringRhymes", "aws:username", "x"))), Inconclusive, "not known"},
		"it cannot be passed":              {role("arn:aws:iam::111122223333:role/other", trust(t, toLambda), everything), Closed, "no such role exists"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			who := bounded(t, subject(t, devRole, pass...))
			got := result(t, Evaluate(who, &Account{Identities: []Identity{test.role}}), "pass-role-lambda-invoke")
			assert.Equal(t, test.want, got.Status, got.Note)
			assert.Contains(t, got.Note, test.note)
		})
	}
}

func TestARoleThatAResourcePolicyFavoursCanDoMore(t *testing.T) {
	const key = "arn:aws:kms:us-east-1:111122223333:key/1"
	who := subject(t, devRole, allow("arn:aws:iam::*:role/a*", "iam:PassRole"), allow("*", "lambda:CreateFunction", "lambda:InvokeFunction"))
	known := &Account{Identities: []Identity{role(adminRole, trust(t, `{"Service": "lambda.amazonaws.com"}`))}}
	require.Equal(t, Closed, result(t, Evaluate(who, known), "pass-role-lambda-invoke").Status)

	known.Resources = []Resource{{ARN: key, Policy: parse(t, `{"Effect": "Allow", "Principal": {"AWS": "`+adminRole+`"}, "Action": "kms:*", "Resource": "*"}`)}}
	got := result(t, Evaluate(who, known), "pass-role-lambda-invoke")
	assert.Equal(t, Open, got.Status)
	assert.Contains(t, got.Note, "role/admin may do kms:* on "+key)
}

func TestBorrowingTakesARoleThatTheServiceCanHave(t *testing.T) {
	any, some := allow("*", "lambda:UpdateFunctionCode"), allow("arn:aws:lambda:*:*:function:app-*", "lambda:UpdateFunctionCode")
	strong := role(adminRole, trust(t, `{"Service": "lambda.amazonaws.com"}`), parse(t, allow("*", "*")))
	for _, test := range []struct {
		name      string
		statement string
		roles     []Identity
		want      Status
	}{
		{"a strong one and any function", any, []Identity{strong}, Open},
		{"a strong one and some functions", some, []Identity{strong}, Inconclusive},
		{"none", any, nil, Closed},
		{"one for another service", any, []Identity{role(adminRole, trust(t, `{"Service": "ec2.amazonaws.com"}`), parse(t, allow("*", "*")))}, Closed},
		{"one under the boundary", any, []Identity{underBoundary(t, strong)}, Closed},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := result(t, Evaluate(bounded(t, subject(t, devRole, test.statement)), &Account{Identities: test.roles}), "update-function-code")
			assert.Equal(t, test.want, got.Status, got.Note)
		})
	}
}

func TestTakingOverAUserMattersIfThatOneCanDoMore(t *testing.T) {
	who := subject(t, devUser, allow("arn:aws:iam::*:user/*", "iam:CreateAccessKey"), deny("arn:aws:iam::*:user/*any*", "iam:CreateAccessKey"))
	known := &Account{Identities: []Identity{user(devUser), user(bobUser)}}
	got := result(t, Evaluate(who, known), "create-access-key")
	assert.Equal(t, Closed, got.Status, got.Note)

	known.Identities = append(known.Identities, user(adminUser, parse(t, allow("*", "*"))))
	got = result(t, Evaluate(who, known), "create-access-key")
	assert.Equal(t, Open, got.Status)
	assert.Equal(t, adminUser, got.Steps[0].Resource)
}

func TestJoiningAGroupMattersIfItGivesMore(t *testing.T) {
	who := subject(t, devUser, allow(readers, "iam:AddUserToGroup"), allow("*", "s3:GetObject"))
	known := &Account{
		Identities: []Identity{user(devUser)},
		Groups:     []Group{{ARN: readers, Policies: one(parse(t, allow("*", "s3:GetObject")))}, {ARN: admins, Policies: one(parse(t, allow("*", "*")))}},
	}
	assert.Equal(t, Closed, result(t, Evaluate(who, known), "add-user-to-group").Status)

	who.IdentityPolicies = append(who.IdentityPolicies, parse(t, allow(admins, "iam:AddUserToGroup")))
	assert.Equal(t, Open, result(t, Evaluate(who, known), "add-user-to-group").Status)

	known.Identities[0].Groups = []string{admins}
	assert.Equal(t, Closed, result(t, Evaluate(who, known), "add-user-to-group").Status, "it is in the group already")
}

func TestEditingAPolicyMattersForWhomItIsAttachedTo(t *testing.T) {
	who := subject(t, devRole, allow("arn:aws:iam::*:policy/app/*", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"))
	bearer := role(appRole, nil)
	bearer.Attached = []string{appPolicy}
	for _, test := range []struct {
		name     string
		account  Account
		create   Status
		rollback Status
	}{
		{"nobody has it", Account{Policies: []ManagedPolicy{{ARN: appPolicy, Versions: 2}}}, Closed, Closed},
		{"somebody has it", Account{Policies: []ManagedPolicy{{ARN: appPolicy, Versions: 2}}, Identities: []Identity{bearer}}, Open, Open},
		{"it has one version", Account{Policies: []ManagedPolicy{{ARN: appPolicy, Versions: 1}}, Identities: []Identity{bearer}}, Open, Closed},
		{"all who have it are bounded", Account{Policies: []ManagedPolicy{{ARN: appPolicy, Versions: 2}}, Identities: []Identity{underBoundary(t, bearer)}}, Closed, Closed},
		{"it does not exist", Account{}, Closed, Closed},
		{"it is a boundary", Account{Policies: []ManagedPolicy{{ARN: appPolicy, Versions: 2}}, Identities: []Identity{{ARN: appRole, BoundaryARN: appPolicy}}}, Open, Open},
	} {
		t.Run(test.name, func(t *testing.T) {
			report := Evaluate(bounded(t, who), &test.account)
			assert.Equal(t, test.create, result(t, report, "create-policy-version").Status)
			assert.Equal(t, test.rollback, result(t, report, "set-default-policy-version").Status)
		})
	}
}

func TestWritingBelowTheBoundaryIsHeld(t *testing.T) {
	group := parse(t, allow("*", "s3:*"))
	member := user(bobUser)
	member.Groups = []string{readers}
	known := &Account{
		Identities: []Identity{underBoundary(t, role(appRole, nil)), underBoundary(t, member)},
		Groups:     []Group{{ARN: readers, Policies: one(group)}},
	}
	who := bounded(t, subject(t, devRole, allow(appRole, "iam:PutRolePolicy"), allow(readers, "iam:PutGroupPolicy")))
	report := Evaluate(who, known)
	assert.Equal(t, Closed, result(t, report, "put-role-policy").Status)
	assert.Contains(t, result(t, report, "put-role-policy").Note, "stays the ceiling")
	assert.Equal(t, Closed, result(t, report, "put-group-policy").Status)
	assert.Contains(t, result(t, report, "put-group-policy").Note, "all members of the group")

	known.Identities[1].Boundary, known.Identities[1].BoundaryARN = nil, ""
	assert.Equal(t, Open, result(t, Evaluate(who, known), "put-group-policy").Status)
}

func TestTagsOfWhatExistsAreKnown(t *testing.T) {
	who := subject(t, devRole, when(allow("arn:aws:iam::*:role/*", "iam:UpdateAssumeRolePolicy"), "StringEquals", "iam:ResourceTag/team", "red"),
		deny("arn:aws:iam::*:role/*any*", "iam:UpdateAssumeRolePolicy"))
	tagged := role(adminRole, nil)
	tagged.Tags = map[string]string{"team": "blue"}
	assert.Equal(t, Closed, result(t, Evaluate(who, &Account{Identities: []Identity{tagged}}), "update-assume-role-policy").Status)
	tagged.Tags = map[string]string{"team": "red"}
	assert.Equal(t, Open, result(t, Evaluate(who, &Account{Identities: []Identity{tagged}}), "update-assume-role-policy").Status)
}

// A team administrator as the AWS documentation of permissions boundaries describes a delegate.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
func TestADelegateAfterTheDocumentationHasNoPath(t *testing.T) {
	who, known := delegate(t)
	report := Evaluate(who, known)
	assert.Empty(t, ids(report.With(Open)))
	assert.Empty(t, ids(report.With(Inconclusive)))

	for name, extra := range map[string]struct{ statement, path string }{
		"any older version":     {allow("*", "iam:SetDefaultPolicyVersion"), "set-default-policy-version"},
		"any trust policy":      {allow("*", "iam:UpdateAssumeRolePolicy"), "update-assume-role-policy"},
		"a role without limits": {allow("*", "iam:PassRole"), "pass-role-lambda-invoke"},
	} {
		t.Run(name, func(t *testing.T) {
			who, known := delegate(t)
			who.IdentityPolicies = append(who.IdentityPolicies, parse(t, extra.statement))
			assert.Contains(t, ids(Evaluate(who, known).With(Open)), extra.path)
		})
	}
}

func delegate(t testing.TB) (Subject, *Account) {
	who := bounded(t, subject(t, devRole,
		when(allow("arn:aws:iam::*:role/app/*", "iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"),
			"StringEquals", "iam:PermissionsBoundary", boundary),
		allow("arn:aws:iam::*:policy/app/*", "iam:CreatePolicy", "iam:CreatePolicyVersion"),
		when(allow("arn:aws:iam::*:role/app/*", "iam:PassRole"), "StringEquals", "iam:PassedToService", "lambda.amazonaws.com"),
		allow("arn:aws:lambda:*:*:function:app-*", "lambda:*"), allow("*", "lambda:CreateEventSourceMapping"),
	))
	key := role("arn:aws:iam::111122223333:role/key-admin", trust(t, `{"AWS": "111122223333"}`), parse(t, allow("*", "kms:*")))
	app := role(appRole, trust(t, `{"Service": "lambda.amazonaws.com"}`), parse(t, allow("arn:aws:s3:::data/*", "s3:GetObject")))
	app.Attached = []string{appPolicy}
	return who, &Account{
		Identities: []Identity{underBoundary(t, role(devRole, trust(t, `{"AWS": "111122223333"}`))), underBoundary(t, key), underBoundary(t, app)},
		Policies:   []ManagedPolicy{{ARN: appPolicy, Versions: 2}, {ARN: boundary, Document: ceiling(t), Versions: 1}},
	}
}

func BenchmarkADelegate(b *testing.B) {
	who, known := delegate(b)
	for b.Loop() {
		Evaluate(who, known)
	}
}
