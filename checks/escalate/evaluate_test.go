package escalate

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/policy"
)

func TestNobodyWithoutRightsCanEscalate(t *testing.T) {
	report := Evaluate(subject(t, devUser), nil)
	assert.Equal(t, Closed, report.Status())
	assert.Empty(t, report.With(Open))
	assert.False(t, report.Administrator)
}

func TestAnAdministratorIsSaidToBeOne(t *testing.T) {
	report := Evaluate(subject(t, devUser, allow("*", "*")), nil)
	assert.True(t, report.Administrator)
	assert.Equal(t, Open, report.Status())
}

func TestPoliciesFromWriteUps(t *testing.T) {
	requireBoundary := func(made string) string { return when(made, "StringEquals", "iam:PermissionsBoundary", boundary) }
	toLambda := func(made string) string {
		return when(made, "StringEquals", "iam:PassedToService", "lambda.amazonaws.com")
	}
	tests := map[string]struct {
		who        string
		statements []string
		path       string
		want       Status
	}{
		// https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
		"a new version of any policy":                   {devUser, []string{allow("*", "iam:CreatePolicyVersion")}, "create-policy-version", Open},
		"a new version of some policies":                {devUser, []string{allow("arn:aws:iam::111122223333:policy/app/*", "iam:CreatePolicyVersion")}, "create-policy-version", Inconclusive},
		"an old version of any policy of the account":   {devUser, []string{allow("arn:aws:iam::*:policy/*", "iam:SetDefaultPolicyVersion")}, "set-default-policy-version", Open},
		"keys for anybody":                              {devUser, []string{allow("arn:aws:iam::*:user/*", "iam:CreateAccessKey")}, "create-access-key", Open},
		"keys for oneself":                              {devUser, []string{allow("arn:aws:iam::*:user/${aws:username}", "iam:CreateAccessKey")}, "create-access-key", Closed},
		"keys for oneself by a role, which has no name": {devRole, []string{allow("arn:aws:iam::*:user/${aws:username}", "iam:CreateAccessKey")}, "create-access-key", Closed},
		"keys for one other user":                       {devUser, []string{allow("arn:aws:iam::111122223333:user/bob", "iam:CreateAccessKey")}, "create-access-key", Inconclusive},
		"all keys but those of administrators":          {devUser, []string{allow("*", "iam:CreateAccessKey"), deny("arn:aws:iam::*:user/admin/*", "iam:CreateAccessKey")}, "create-access-key", Open},
		"no keys at all but by a deny of NotResource":   {devUser, []string{allow("*", "iam:*"), `{"Effect": "Deny", "Action": "iam:CreateAccessKey", "NotResource": "arn:aws:iam::*:user/${aws:username}"}`}, "create-access-key", Closed},
		"a password for anybody":                        {devUser, []string{allow("*", "iam:CreateLoginProfile")}, "create-login-profile", Open},
		"another password only for oneself":             {devUser, []string{allow("arn:aws:iam::*:user/dev", "iam:UpdateLoginProfile")}, "update-login-profile", Closed},
		"a policy for oneself":                          {devUser, []string{allow(devUser, "iam:PutUserPolicy")}, "put-user-policy", Open},
		"a policy for roles of the team":                {devRole, []string{allow("arn:aws:iam::*:role/app/*", "iam:PutRolePolicy")}, "put-role-policy", Open},
		"a policy for roles in another account":         {devRole, []string{allow("arn:aws:iam::999988887777:role/app/*", "iam:PutRolePolicy")}, "put-role-policy", Closed},
		"a policy for nobody's role":                    {devRole, []string{allow("arn:aws:iam::*:user/*", "iam:PutRolePolicy")}, "put-role-policy", Closed},
		"wildcards that meet only together":             {devRole, []string{allow("arn:aws:iam::*:role/*-app", "iam:PutRolePolicy"), `{"Effect": "Deny", "Action": "iam:*", "NotResource": "arn:aws:iam::*:role/blue-*"}`}, "put-role-policy", Open},
		"a policy under the boundary, asked for":        {devRole, []string{requireBoundary(allow("arn:aws:iam::*:role/app/*", "iam:PutRolePolicy"))}, "put-role-policy", Closed},
		"a policy under the boundary, by a deny":        {devRole, []string{allow("*", "iam:PutRolePolicy"), when(deny("*", "iam:PutRolePolicy"), "StringNotEquals", "iam:PermissionsBoundary", boundary)}, "put-role-policy", Closed},
		"a boundary that may be missing":                {devRole, []string{when(allow("*", "iam:PutRolePolicy"), "StringEqualsIfExists", "iam:PermissionsBoundary", boundary)}, "put-role-policy", Open},
		"a boundary of any kind":                        {devRole, []string{when(allow("*", "iam:PutRolePolicy"), "Null", "iam:PermissionsBoundary", "false")}, "put-role-policy", Open},
		"a boundary that begins alike":                  {devRole, []string{when(allow("*", "iam:PutRolePolicy"), "StringLike", "iam:PermissionsBoundary", "arn:aws:iam::*:policy/team-*")}, "put-role-policy", Open},
		"a boundary in whatever account, which is one":  {devRole, []string{when(allow("*", "iam:PutRolePolicy"), "ArnLike", "iam:PermissionsBoundary", "arn:aws:iam::*:policy/team-boundary")}, "put-role-policy", Closed},
		"AdministratorAccess as the boundary":           {devRole, []string{when(allow("*", "iam:PutRolePolicy"), "StringEquals", "iam:PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")}, "put-role-policy", Open},
		"any policy for a group":                        {devUser, []string{allow("*", "iam:AttachGroupPolicy")}, "attach-group-policy", Open},
		"any policy for a user":                         {devUser, []string{allow("arn:aws:iam::*:user/*", "iam:AttachUserPolicy")}, "attach-user-policy", Open},
		"one policy for a role":                         {devRole, []string{when(allow("*", "iam:AttachRolePolicy"), "ArnEquals", "iam:PolicyARN", "arn:aws:iam::aws:policy/ReadOnlyAccess")}, "attach-role-policy", Inconclusive},
		"policies that one writes oneself":              {devRole, []string{when(allow("*", "iam:AttachRolePolicy"), "ArnLike", "iam:PolicyARN", "arn:aws:iam::*:policy/app/*"), allow("arn:aws:iam::*:policy/app/*", "iam:CreatePolicy")}, "attach-role-policy", Open},
		"any policy but the strongest":                  {devRole, []string{allow("*", "iam:AttachRolePolicy"), when(deny("*", "iam:AttachRolePolicy"), "ArnEquals", "iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess")}, "attach-role-policy", Inconclusive},
		"any group":                                     {devUser, []string{allow("*", "iam:AddUserToGroup")}, "add-user-to-group", Open},
		"one group":                                     {devUser, []string{allow("arn:aws:iam::*:group/readers", "iam:AddUserToGroup")}, "add-user-to-group", Inconclusive},
		"anybody's trust":                               {devRole, []string{allow("arn:aws:iam::*:role/app/*", "iam:UpdateAssumeRolePolicy")}, "update-assume-role-policy", Open},
		"one's own trust":                               {devRole, []string{allow(devRole, "iam:UpdateAssumeRolePolicy")}, "update-assume-role-policy", Closed},
		"with a second factor":                          {devUser, []string{when(allow("*", "iam:CreateAccessKey"), "Bool", "aws:MultiFactorAuthPresent", "true")}, "create-access-key", Open},
		"from an office":                                {devUser, []string{when(allow("*", "iam:CreateAccessKey"), "IpAddress", "aws:SourceIp", "198.51.100.0/24")}, "create-access-key", Open},
		"with a tag that the principal does not have":   {devUser, []string{when(allow("*", "iam:CreateAccessKey"), "StringEquals", "aws:PrincipalTag/admin", "yes")}, "create-access-key", Closed},
		"for users with a tag, whoever that is":         {devUser, []string{when(allow("*", "iam:CreateAccessKey"), "StringEquals", "aws:ResourceTag/team", "red")}, "create-access-key", Inconclusive},
		"any role to any service":                       {devUser, []string{allow("*", "iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction")}, "pass-role-lambda-invoke", Open},
		"any role to Lambda":                            {devUser, []string{toLambda(allow("*", "iam:PassRole")), allow("*", "lambda:*", "ec2:*")}, "pass-role-lambda-invoke", Open},
		"any role to Lambda, but not to EC2":            {devUser, []string{toLambda(allow("*", "iam:PassRole")), allow("*", "lambda:*", "ec2:*")}, "pass-role-run-instances", Closed},
		"some roles to Lambda":                          {devUser, []string{toLambda(allow("arn:aws:iam::*:role/app/*", "iam:PassRole")), allow("*", "lambda:*")}, "pass-role-lambda-invoke", Inconclusive},
		"functions of one name made, of another called": {devUser, []string{allow("*", "iam:PassRole"), allow("arn:aws:lambda:*:*:function:a", "lambda:CreateFunction"), allow("arn:aws:lambda:*:*:function:b", "lambda:InvokeFunction")}, "pass-role-lambda-invoke", Closed},
		"functions of a name that both patterns allow":  {devUser, []string{allow("*", "iam:PassRole"), allow("arn:aws:lambda:eu-west-1:*:function:a*", "lambda:CreateFunction"), allow("arn:aws:lambda:*:*:function:*b", "lambda:InvokeFunction")}, "pass-role-lambda-invoke", Open},
		"no instances but small ones":                   {devUser, []string{allow("*", "iam:PassRole"), when(allow("arn:aws:ec2:*:*:instance/*", "ec2:RunInstances"), "StringEquals", "ec2:InstanceType", "t3.micro"), allow("*", "ec2:RunInstances"), when(deny("arn:aws:ec2:*:*:instance/*", "ec2:RunInstances"), "StringNotEquals", "ec2:InstanceType", "t3.micro")}, "pass-role-run-instances", Open},
		"instances, but without leave for a subnet":     {devUser, []string{allow("*", "iam:PassRole"), allow("arn:aws:ec2:*:*:instance/*", "ec2:RunInstances")}, "pass-role-run-instances", Closed},
		"the code of any function":                      {devUser, []string{allow("*", "lambda:UpdateFunctionCode")}, "update-function-code", Open},
		"the code of some functions":                    {devUser, []string{allow("arn:aws:lambda:*:*:function:app-*", "lambda:UpdateFunctionCode")}, "update-function-code", Inconclusive},
		"commands on any instance":                      {devUser, []string{allow("*", "ssm:SendCommand")}, "ssm-send-command", Open},
		"commands with another document only":           {devUser, []string{allow("arn:aws:ec2:*:*:instance/*", "ssm:SendCommand"), allow("arn:aws:ssm:*:*:document/Patch", "ssm:SendCommand")}, "ssm-send-command", Closed},
		"everything but IAM, as PowerUserAccess":        {devUser, []string{`{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}`}, "update-function-code", Open},
		"everything but IAM passes no roles":            {devUser, []string{`{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}`}, "pass-role-lambda-invoke", Closed},
		"only in the account's own organization":        {devUser, []string{when(allow("*", "iam:CreateAccessKey"), "StringEquals", "aws:PrincipalOrgID", "o-1")}, "create-access-key", Open},
		"only in one region":                            {devUser, []string{when(allow("*", "lambda:UpdateFunctionCode"), "StringEquals", "aws:RequestedRegion", "eu-west-1")}, "update-function-code", Open},
		"only in a region where it is not allowed":      {devUser, []string{when(allow("arn:aws:lambda:us-west-2:*:function:*", "lambda:UpdateFunctionCode"), "StringLike", "aws:RequestedRegion", "eu-*")}, "update-function-code", Closed},
		"an operator that nobody knows":                 {devUser, []string{when(allow("*", "iam:CreateAccessKey"), "StringRhymes", "aws:username", "x")}, "create-access-key", Inconclusive},
		"nothing to take off without a boundary":        {devRole, []string{allow(devRole, "iam:DeleteRolePermissionsBoundary")}, "delete-role-boundary", Closed},
		"another boundary for whom one likes":           {devRole, []string{allow("arn:aws:iam::*:role/app/*", "iam:PutRolePermissionsBoundary")}, "put-role-boundary", Open},
		"the approved boundary for whom one likes":      {devRole, []string{requireBoundary(allow("arn:aws:iam::*:role/app/*", "iam:PutRolePermissionsBoundary"))}, "put-role-boundary", Closed},
		"a session policy limits":                       {"arn:aws:sts::111122223333:assumed-role/dev/s1", []string{allow("*", "iam:PutRolePolicy")}, "put-role-policy", Open},
		"a version of the boundary that is asked for":   {devRole, []string{requireBoundary(allow("*", "iam:PutRolePolicy")), allow(boundary, "iam:CreatePolicyVersion")}, "create-policy-version", Open},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := Evaluate(subject(t, test.who, test.statements...), nil)
			got := result(t, before, test.path)
			assert.Equal(t, test.want, got.Status, got.Note)

			for _, further := range []string{deny("*", "lambda:*"), deny("arn:aws:iam::*:role/a*", "*"), deny("arn:aws:iam::*:*/d*", "iam:*")} {
				after := Evaluate(subject(t, test.who, append(slices.Clone(test.statements), further)...), nil)
				for i, result := range after.Results {
					assert.LessOrEqual(t, result.Status.rank(), before.Results[i].Status.rank(), "%s opens no %s", further, result.ID)
				}
			}
		})
	}
}

func TestTheWitnessOfAnOpenPathSaysWhatTheCallerChose(t *testing.T) {
	s := subject(t, devUser,
		when(allow("*", "iam:PassRole"), "StringEquals", "iam:PassedToService", "lambda.amazonaws.com"),
		when(allow("*", "lambda:CreateFunction"), "StringEquals", "aws:RequestTag/team", "red"),
		allow("*", "lambda:InvokeFunction"))
	got := result(t, Evaluate(s, nil), "pass-role-lambda-invoke")
	require.Equal(t, Open, got.Status)
	require.Len(t, got.Steps, 3)
	assert.Equal(t, "iam:PassRole", got.Steps[0].Action)
	assert.Equal(t, map[string][]string{"iam:PassedToService": {"lambda.amazonaws.com"}}, got.Steps[0].Context)
	assert.Equal(t, map[string][]string{"aws:RequestTag/team": {"red"}}, got.Steps[1].Context)
	assert.Equal(t, got.Steps[1].Resource, got.Steps[2].Resource, "the function that is made is the one that is called")
	assert.Equal(t, policy.Allow, got.Steps[2].Decision.Outcome)
}

func TestALimitAroundThePrincipalCloses(t *testing.T) {
	wide := subject(t, devRole, allow("*", "iam:PutRolePolicy"))
	require.Equal(t, Open, Evaluate(wide, nil).Status())

	limited := wide
	limited.PermissionsBoundary = parse(t, allow("*", "s3:*"))
	assert.Equal(t, Closed, Evaluate(limited, nil).Status(), "boundary")

	limited = wide
	limited.SessionPolicies = []*policy.Policy{parse(t, allow("*", "s3:*"))}
	assert.Equal(t, Closed, Evaluate(limited, nil).Status(), "session policy")

	limited = wide
	limited.ServiceControlPolicies = [][]*policy.Policy{{parse(t, allow("*", "*"), deny("*", "iam:*"))}}
	assert.Equal(t, Closed, Evaluate(limited, nil).Status(), "service control policy")
}

func TestABoundaryIsACeilingOnlyIfNobodyGetsPastIt(t *testing.T) {
	statements := []string{when(allow("*", "iam:PutRolePolicy"), "StringEquals", "iam:PermissionsBoundary", boundary)}

	got := result(t, Evaluate(bounded(t, subject(t, devRole, statements...)), nil), "put-role-policy")
	assert.Equal(t, Closed, got.Status)
	assert.Contains(t, got.Note, "policy/team-boundary, which stays the ceiling")

	loose := bounded(t, subject(t, devRole, statements...))
	loose.PermissionsBoundary = parse(t, allow("*", "*"))
	got = result(t, Evaluate(loose, nil), "put-role-policy")
	assert.Equal(t, Open, got.Status)
	assert.Contains(t, got.Note, "is no ceiling")

	doubtful := bounded(t, subject(t, devRole, statements...))
	doubtful.PermissionsBoundary = parse(t, allow("*", "s3:*"), when(allow("*", "iam:*"), "StringEquals", "iam:PermissionsBoundary", boundary),
		deny("*", "iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"),
		when(allow("*", "iam:PutUserPolicy"), "StringRhymes", "aws:username", "x"))
	got = result(t, Evaluate(doubtful, nil), "put-role-policy")
	assert.Equal(t, Inconclusive, got.Status)
}
