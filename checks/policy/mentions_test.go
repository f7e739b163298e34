package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMentionsRepeatWhatThePolicyNames(t *testing.T) {
	parsed := mustParse(t, document(`
		{"Effect": "Allow", "Action": "s3:Get*", "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::${aws:username}"],
		 "Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": ["a*", "b"]}, "Bool": {"aws:SecureTransport": true}}},
		{"Effect": "Deny", "NotAction": ["iam:*"], "NotResource": "*"}`)).Named("mine")

	assert.Equal(t, "mine", parsed.Name())
	assert.Equal(t, []Mention{
		{
			Effect: AllowEffect, Actions: []string{"s3:Get*"}, Resources: []string{"arn:aws:s3:::b/*", "arn:aws:s3:::${aws:username}"},
			Conditions: []ConditionMention{
				{Operator: "ForAnyValue:StringLike", Key: "aws:TagKeys", Values: []string{"a*", "b"}, Set: true},
				{Operator: "Bool", Key: "aws:SecureTransport", Values: []string{"true"}},
			},
		},
		{Effect: DenyEffect, Actions: []string{"iam:*"}, NotAction: true, Resources: []string{"*"}, NotResource: true},
	}, parsed.Mentions())
}

func TestPoliciesAreReadWithoutARequest(t *testing.T) {
	in, err := ParsePolicies([]byte(`{"principal": "` + userARN + `", "identityPolicies": [` + document(`{"Effect": "Allow", "Action": "*", "Resource": "*"}`) + `]}`))
	require.NoError(t, err)
	assert.Equal(t, userARN, in.Principal.String())
	assert.Len(t, in.IdentityPolicies, 1)

	_, err = ParsePolicies([]byte(`{"principals": []}`))
	assert.ErrorContains(t, err, `"principals" is no member of the input`)
}
