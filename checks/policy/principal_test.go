package policy

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPrincipalsAreParsedAndNothingElseIs(t *testing.T) {
	for text, want := range map[string]principalKind{
		account:    accountPrincipal,
		rootARN:    accountPrincipal,
		userARN:    userPrincipal,
		roleARN:    rolePrincipal,
		sessionARN: sessionPrincipal,
		"arn:aws-cn:iam::111122223333:user/team/alice": userPrincipal,
	} {
		principal, err := ParsePrincipal(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, principal.kind, text)
	}
	for _, text := range []string{
		"", "alice", "*", "11112222333", "arn:aws:iam::111122223333:group/g", "arn:aws:iam::111122223333:role/*",
		"arn:aws:iam::111122223333:user/", "arn:aws:sts::111122223333:assumed-role/app", "arn:aws:sts::111122223333:assumed-role/app/",
		"arn:aws:sts::111122223333:federated-user/bob", "arn:aws:s3:::b", "arn:aws:iam::x:user/alice", "arn:aws:iam:eu-west-1:111122223333:user/alice",
	} {
		_, err := ParsePrincipal(text)
		assert.Error(t, err, text)
	}
}

func TestAPrincipalElementNamesTheCallerInItsOwnWay(t *testing.T) {
	const (
		none    = "none"
		direct  = "direct"
		byRole  = "role"
		account = "account"
	)
	for _, row := range []struct {
		element, who, want string
	}{
		{`"*"`, userARN, direct},
		{`"*"`, "anonymous", direct},
		{`{"AWS": "*"}`, "anonymous", direct},
		{`{"AWS": "111122223333"}`, userARN, account},
		{`{"aws": "arn:aws:iam::111122223333:root"}`, sessionARN, account},
		{`{"AWS": "111122223333"}`, rootARN, direct},
		{`{"AWS": "999988887777"}`, userARN, none},
		{`{"AWS": "111122223333"}`, "anonymous", none},
		{`{"AWS": "arn:aws:iam::111122223333:user/alice"}`, userARN, direct},
		{`{"AWS": "arn:aws:iam::111122223333:user/Alice"}`, userARN, none},
		{`{"AWS": ["arn:aws:iam::111122223333:user/bob", "arn:aws:iam::111122223333:user/alice"]}`, userARN, direct},
		{`{"AWS": "arn:aws:iam::111122223333:role/app"}`, roleARN, byRole},
		{`{"AWS": "arn:aws:iam::111122223333:role/app"}`, sessionARN, byRole},
		{`{"AWS": "arn:aws:iam::111122223333:role/with/a/path/app"}`, sessionARN, byRole},
		{`{"AWS": "arn:aws:iam::999988887777:role/app"}`, sessionARN, none},
		{`{"AWS": "arn:aws:sts::111122223333:assumed-role/app/s1"}`, sessionARN, direct},
		{`{"AWS": "arn:aws:sts::111122223333:assumed-role/app/s2"}`, sessionARN, none},
		{`{"AWS": "arn:aws:sts::111122223333:assumed-role/app/s1"}`, roleARN, none},
		{`{"AWS": "AROADBQP57FF2AEXAMPLE"}`, roleARN, none},
		{`{"Service": "lambda.amazonaws.com"}`, userARN, none},
		{`{"Federated": "accounts.google.com"}`, userARN, none},
	} {
		t.Run(row.element+" for "+row.who, func(t *testing.T) {
			parsed := mustParse(t, document(fmt.Sprintf(`{"Effect": "Allow", "Principal": %s, "Action": "*", "Resource": "*"}`, row.element)))
			who := mustPrincipal(t, row.who)
			want := map[string]grants{none: {}, direct: {direct: yes}, byRole: {role: yes}, account: {account: yes}}[row.want]
			assert.Equal(t, want, parsed.statements[0].principals.match(&who))
		})
	}
}

func TestServicePrincipalsMatchTheirExactNameOnly(t *testing.T) {
	for element, want := range map[string]Outcome{
		`{"Service": "logs.amazonaws.com"}`:                        Allow,
		`{"Service": ["ecs.amazonaws.com", "logs.amazonaws.com"]}`: Allow,
		`"*"`:                                 Allow,
		`{"Service": "lambda.amazonaws.com"}`: ImplicitDeny,
		`{"Service": "logs.eu-west-1.amazonaws.com"}`: ImplicitDeny,
		`{"AWS": "111122223333"}`:                     ImplicitDeny,
		`{"AWS": "*"}`:                                Inconclusive,
		`{"Service": "*"}`:                            Inconclusive,
		`{"Robot": "logs"}`:                           Inconclusive,
	} {
		in := Input{Request: Request{Principal: Service("logs.amazonaws.com"), Action: "s3:PutObject", Resource: objectARN, ResourceAccount: account}}
		in.ResourcePolicy = resourcePolicy(t, "Allow", element, "s3:PutObject")
		assert.Equal(t, want, Evaluate(in).Outcome, element)
	}
}

func TestPrincipalsThatAWSDoesNotSupportAreUncertainWhereTheyCouldMatch(t *testing.T) {
	for element, want := range map[string]Outcome{
		`{"AWS": "arn:aws:iam::111122223333:role/*"}`: Inconclusive,
		`{"AWS": "arn:aws:iam::999988887777:role/*"}`: ImplicitDeny,
		`{"CanonicalUser": "79a59df900b949e5"}`:       ImplicitDeny, // an account only delegates
		`{"Robot": "r2"}`:                             Inconclusive,
	} {
		in := Input{Request: Request{Principal: mustPrincipal(t, sessionARN), Action: "s3:GetObject", Resource: objectARN}}
		in.ResourcePolicy = resourcePolicy(t, "Allow", element, "s3:GetObject")
		assert.Equal(t, want, Evaluate(in).Outcome, element)
	}
}

// The examples of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func TestNotPrincipalWithDenySparesOnlyWhoIsListedWithItsParents(t *testing.T) {
	const (
		bob      = `"arn:aws:iam::444455556666:user/Bob"`
		root     = `"arn:aws:iam::444455556666:root"`
		audit    = `"arn:aws:sts::444455556666:assumed-role/audit/app"`
		auditor  = `"arn:aws:iam::444455556666:role/audit"`
		boundary = "with a boundary"
	)
	for _, row := range []struct {
		name, listed, who, limit string
		want                     Outcome
	}{
		{"a user with its account", bob + "," + root, "arn:aws:iam::444455556666:user/Bob", "", Allow},
		{"another user of that account", bob + "," + root, "arn:aws:iam::444455556666:user/Eve", "", ExplicitDeny},
		{"a user without its account", bob, "arn:aws:iam::444455556666:user/Bob", "", Inconclusive},
		{"only the account", root, "arn:aws:iam::444455556666:user/Bob", "", ExplicitDeny},
		{"the account itself", root, "arn:aws:iam::444455556666:root", "", Allow},
		{"a session with role and account", audit + "," + auditor + "," + root, "arn:aws:sts::444455556666:assumed-role/audit/app", "", Allow},
		{"a session without the account", audit + "," + auditor, "arn:aws:sts::444455556666:assumed-role/audit/app", "", Inconclusive},
		{"role and account without the session", auditor + "," + root, "arn:aws:sts::444455556666:assumed-role/audit/app", "", Inconclusive},
		{"a session of another role", audit + "," + auditor + "," + root, "arn:aws:sts::444455556666:assumed-role/other/app", "", ExplicitDeny},
		{"a role with its account", auditor + "," + root, "arn:aws:iam::444455556666:role/audit", "", Allow},
		{"everyone", `"*"`, "arn:aws:iam::444455556666:user/Bob", "", Allow},
		{"anyone with a permissions boundary is denied", bob + "," + root, "arn:aws:iam::444455556666:user/Bob", boundary, ExplicitDeny},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: mustPrincipal(t, row.who), Action: "s3:GetObject", Resource: objectARN}}
			in.IdentityPolicies = []*Policy{allows(t, "s3:*")}
			in.ResourcePolicy = grant(t, "Deny", fmt.Sprintf(`"NotPrincipal": {"AWS": [%s]},`, row.listed), "s3:*")
			if row.limit == boundary {
				in.PermissionsBoundary = allows(t, "*")
			}
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

func TestNotPrincipalIsUncertainWhereAWSDoesNotSupportIt(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.ResourcePolicy = grant(t, "Allow", `"NotPrincipal": {"AWS": "999988887777"},`, "s3:*")
	assert.Equal(t, Inconclusive, Evaluate(in).Outcome, "with Allow")

	in = Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "sts:AssumeRole", Resource: roleARN}}
	in.ResourcePolicy = mustParse(t, document(`{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
		{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::999988887777:user/bob"}, "Action": "sts:AssumeRole"}`))
	assert.Equal(t, Inconclusive, Evaluate(in).Outcome, "in a trust policy")
}

func TestServicesAreSparedByNotPrincipalWhenListed(t *testing.T) {
	in := Input{Request: Request{Principal: Service("logs.amazonaws.com"), Action: "s3:PutObject", Resource: objectARN}}
	in.ResourcePolicy = mustParse(t, document(`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"},
		{"Effect": "Deny", "NotPrincipal": {"Service": "logs.amazonaws.com"}, "Action": "s3:*", "Resource": "*"}`))
	assert.Equal(t, Allow, Evaluate(in).Outcome)
	in.Principal = Service("config.amazonaws.com")
	assert.Equal(t, ExplicitDeny, Evaluate(in).Outcome)
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func TestATrustedIdentityProviderIsUncertainOnlyForACallerWhoMayHaveItsToken(t *testing.T) {
	const provider = `{"Federated": "accounts.google.com"}`
	for _, row := range []struct {
		name, who, element, action, audience string
		want                                 Outcome
	}{
		{"a token", "anonymous", provider, "sts:AssumeRoleWithWebIdentity", "lab", Inconclusive},
		{"an assertion", "anonymous", provider, "sts:assumeRoleWithSAML", "lab", Inconclusive},
		{"a token for another audience", "anonymous", provider, "sts:AssumeRoleWithWebIdentity", "other", ImplicitDeny},
		{"no token", "anonymous", provider, "sts:AssumeRole", "lab", ImplicitDeny},
		{"a user, who has credentials", userARN, provider, "sts:AssumeRoleWithWebIdentity", "lab", ImplicitDeny},
		{"no provider", "anonymous", aws(account), "sts:AssumeRoleWithWebIdentity", "lab", ImplicitDeny},
	} {
		in := Input{Request: Request{Principal: mustPrincipal(t, row.who), Action: row.action, Resource: roleARN}}
		in.Context = map[string][]string{"accounts.google.com:aud": {row.audience}}
		in.ResourcePolicy = mustParse(t, document(fmt.Sprintf(`{"Effect": "Allow", "Principal": %s, "Action": %q,
			"Condition": {"StringEquals": {"accounts.google.com:aud": "lab"}}}`, row.element, row.action)))
		assert.Equal(t, row.want, Evaluate(in).Outcome, row.name)
	}
}
