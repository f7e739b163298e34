package policy

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPolicyVariablesTakeTheirValueFromTheRequest(t *testing.T) {
	const current, old = "2012-10-17", "2008-10-17"
	alice := map[string][]string{"aws:username": {"alice"}, "aws:PrincipalTag/team": {"red"}}
	for _, row := range []struct {
		name, version, resource, asked string
		context                        map[string][]string
		want                           Outcome
	}{
		{"a variable is replaced", current, "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/alice/x", alice, Allow},
		{"another value does not match", current, "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/bob/x", alice, ImplicitDeny},
		{"key names ignore case", current, "arn:aws:s3:::b/${AWS:UserName}/*", "arn:aws:s3:::b/alice/x", alice, Allow},
		{"a tag is a variable", current, "arn:aws:s3:::b/${aws:PrincipalTag/team}/*", "arn:aws:s3:::b/red/x", alice, Allow},
		{"two variables in one value", current, "arn:aws:s3:::b/${aws:PrincipalTag/team}-${aws:username}", "arn:aws:s3:::b/red-alice", alice, Allow},
		{"a variable without a value matches nothing", current, "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b//x", nil, ImplicitDeny},
		{"nor its own text", current, "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/${aws:username}", nil, ImplicitDeny},
		{"a default fills in", current, "arn:aws:s3:::b/${aws:username, 'anonymous'}/*", "arn:aws:s3:::b/anonymous/x", nil, Allow},
		{"a default gives way to a value", current, "arn:aws:s3:::b/${aws:username, 'anonymous'}/*", "arn:aws:s3:::b/anonymous/x", alice, ImplicitDeny},
		{"an empty default is a value", current, "arn:aws:s3:::b/${aws:username, ''}x", "arn:aws:s3:::b/x", nil, Allow},
		{"${*} is an asterisk", current, "arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", nil, Allow},
		{"${*} is no wildcard", current, "arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", nil, ImplicitDeny},
		{"${?} is a question mark", current, "arn:aws:s3:::b/${?}*", "arn:aws:s3:::b/?x", nil, Allow},
		{"${?} is no wildcard", current, "arn:aws:s3:::b/${?}", "arn:aws:s3:::b/x", nil, ImplicitDeny},
		{"${$} is a dollar sign", current, "arn:aws:s3:::b/${$}{aws:username}", "arn:aws:s3:::b/${aws:username}", alice, Allow},
		{"a wildcard in a value is literal", current, "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/alice",
			map[string][]string{"aws:username": {"*"}}, ImplicitDeny},
		{"the old language has no variables", old, "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/alice", alice, ImplicitDeny},
		{"in the old language they are text", old, "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/${aws:username}", alice, Allow},
		{"a key with several values is uncertain", current, "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/alice",
			map[string][]string{"aws:username": {"alice", "bob"}}, Inconclusive},
		{"a malformed variable is uncertain", current, "arn:aws:s3:::b/${aws:username, alice}", "arn:aws:s3:::b/alice", alice, Inconclusive},
		{"an open variable is uncertain", current, "arn:aws:s3:::b/${aws:username", "arn:aws:s3:::b/alice", alice, Inconclusive},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: mustPrincipal(t, sessionARN), Action: "s3:GetObject", Resource: row.asked, Context: row.context}}
			in.IdentityPolicies = []*Policy{mustParse(t, fmt.Sprintf(
				`{"Version": %q, "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": %q}}`, row.version, row.resource))}
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

func TestAnAbsentVersionIsTheOldLanguage(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: "arn:aws:s3:::b/alice",
		Context: map[string][]string{"aws:username": {"alice"}}}}
	in.IdentityPolicies = []*Policy{mustParse(t, `{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}"}}`)}
	assert.Equal(t, ImplicitDeny, Evaluate(in).Outcome)
}

func TestVariablesWorkInStringAndARNConditionsOnly(t *testing.T) {
	context := map[string][]string{
		"aws:ResourceTag/project": {"red"}, "aws:PrincipalTag/project": {"red"},
		"aws:SourceArn": {"arn:aws:sns:eu-west-1:111122223333:red"}, "aws:Number": {"7"}, "aws:PrincipalTag/number": {"7"},
	}
	for condition, want := range map[string]truth{
		`{"StringEquals": {"aws:ResourceTag/project": "${aws:PrincipalTag/project}"}}`:                        yes,
		`{"StringEquals": {"aws:ResourceTag/project": "${aws:PrincipalTag/absent}"}}`:                         no,
		`{"StringNotEquals": {"aws:ResourceTag/project": "${aws:PrincipalTag/project}"}}`:                     no,
		`{"StringNotEquals": {"aws:ResourceTag/project": "${aws:PrincipalTag/absent}"}}`:                      yes,
		`{"StringEqualsIgnoreCase": {"aws:ResourceTag/project": "${aws:PrincipalTag/PROJECT}"}}`:              yes,
		`{"StringEqualsIgnoreCase": {"aws:ResourceTag/project": "${aws:PrincipalTag/absent, 'RED'}"}}`:        yes,
		`{"StringLike": {"aws:ResourceTag/project": "${aws:PrincipalTag/project}*"}}`:                         yes,
		`{"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:${aws:PrincipalAccount}:${aws:PrincipalTag/project}"}}`: yes,
		`{"ArnEquals": {"aws:SourceArn": "arn:aws:sns:*:*:${aws:PrincipalTag/absent}"}}`:                      no,
		`{"ArnLike": {"aws:SourceArn": "${aws:PrincipalTag/project}"}}`:                                       maybe,
		`{"NumericEquals": {"aws:Number": "${aws:PrincipalTag/number}"}}`:                                     maybe,
	} {
		assert.Equal(t, want.String(), holds(t, condition, context).String(), condition)
	}
}
