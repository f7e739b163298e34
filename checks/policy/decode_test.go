package policy

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const readPolicy = `{"Version": "2012-10-17", "Statement": {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}`

func TestAnInputHoldsEveryMemberOfItsJSON(t *testing.T) {
	in := mustInput(t, `{"principal": "arn:aws:sts::111122223333:assumed-role/app/s1", "action": "s3:GetObject",
		"resource": "arn:aws:s3:::b/k", "resourceAccount": "111122223333", "managementAccount": "999988887777",
		"context": {"aws:SecureTransport": true, "aws:TagKeys": ["team", "cost"], "s3:max-keys": 10},
		"identityPolicies": [`+readPolicy+`], "permissionsBoundary": `+readPolicy+`, "sessionPolicies": [`+readPolicy+`],
		"resourcePolicy": `+readPolicy+`, "endpointPolicy": `+readPolicy+`, "endpointType": "Gateway",
		"serviceControlPolicies": [[`+readPolicy+`], []], "resourceControlPolicies": [[`+readPolicy+`]]}`)
	read := mustParse(t, readPolicy)
	assert.Equal(t, Input{
		Request: Request{
			Principal: mustPrincipal(t, sessionARN), Action: "s3:GetObject", Resource: objectARN, ResourceAccount: account,
			Context: map[string][]string{"aws:SecureTransport": {"true"}, "aws:TagKeys": {"team", "cost"}, "s3:max-keys": {"10"}},
		},
		IdentityPolicies: []*Policy{read}, PermissionsBoundary: read, SessionPolicies: []*Policy{read},
		ResourcePolicy: read, EndpointPolicy: read, EndpointType: GatewayEndpoint,
		ServiceControlPolicies: [][]*Policy{{read}, nil}, ResourceControlPolicies: [][]*Policy{{read}},
		ManagementAccount: foreign,
	}, in)
}

func TestPrincipalsOfAnInputTakeEveryDocumentedForm(t *testing.T) {
	for value, want := range map[string]Principal{
		`"anonymous"`:                         Anonymous(),
		`{"service": "lambda.amazonaws.com"}`: Service("lambda.amazonaws.com"),
		`"111122223333"`:                      mustPrincipal(t, rootARN),
		`"` + userARN + `"`:                   mustPrincipal(t, userARN),
		`"` + roleARN + `"`:                   mustPrincipal(t, roleARN),
	} {
		in := mustInput(t, `{"principal": `+value+`, "action": "s3:GetObject", "resource": "*"}`)
		assert.Equal(t, want, in.Principal, value)
	}
}

func TestPoliciesOfAnInputMayBeStringsAndAbsentOnesNull(t *testing.T) {
	in := mustInput(t, `{"principal": "111122223333", "action": "s3:GetObject", "resource": "*", "permissionsBoundary": null,
		"identityPolicies": ["`+url.PathEscape(readPolicy)+`"]}`)
	assert.Nil(t, in.PermissionsBoundary)
	assert.Equal(t, []*Policy{mustParse(t, readPolicy)}, in.IdentityPolicies)
}

func TestABadInputGivesOneLineThatNamesThePlace(t *testing.T) {
	base := func(members string) string {
		return `{"principal": "111122223333", "action": "s3:GetObject", "resource": "arn:aws:sqs:eu-west-1:111122223333:q"` + members + `}`
	}
	for doc, want := range map[string]string{
		`nonsense`:                      `not JSON: invalid character 'o' in literal null (expecting 'u') at byte 2`,
		`[]`:                            `the input must be a JSON object, not a list`,
		`{}`:                            `principal is missing`,
		`{"principal": "111122223333"}`: `action is missing`,
		`{"principal": "111122223333", "action": "s3:GetObject", "resource": null}`:          `resource is missing`,
		`{"principal": "alice", "action": "s3:GetObject", "resource": "*"}`:                  `principal: "alice" is no IAM user, role, role session or account`,
		`{"principal": {"Service": "x.amazonaws.com"}, "action": "s3:Get", "resource": "*"}`: `principal: must be an account id`,
		`{"principal": 111122223333, "action": "s3:GetObject", "resource": "*"}`:             `principal: must be an account id`,
		`{"principal": "111122223333", "action": "s3:*", "resource": "*"}`:                   `action: must be one action such as s3:GetObject, not "s3:*"`,
		`{"principal": "111122223333", "action": "GetObject", "resource": "*"}`:              `action: must be one action`,
		`{"principal": "111122223333", "action": "s3:GetObject", "resource": "b/k"}`:         `resource: must be an ARN or "*", not "b/k"`,
		base(`, "resourceAccount": 111122223333`):                                            `resourceAccount: must be a string of 12 digits, not 111122223333`,
		base(`, "resourceAccount": "999988887777"`):                                          `resourceAccount is 999988887777, but the resource is in account 111122223333`,
		base(`, "managementAccount": "root"`):                                                `managementAccount: must be a string of 12 digits, not "root"`,
		base(`, "context": []`):                                                              `context: must be an object of condition keys, not a list`,
		base(`, "context": {"aws:SourceIp": null}`):                                          `context.aws:SourceIp: must be a string, not null`,
		base(`, "context": {"aws:SourceIp": "1.1.1.1", "AWS:sourceip": "1.1.1.2"}`):          `context.AWS:sourceip: written twice`,
		base(`, "identityPolicies": {}`):                                                     `identityPolicies: must be a list of policies, not an object`,
		base(`, "identityPolicies": [{}]`):                                                   `identityPolicies[0]: has no Statement; leave it out where there is no such policy`,
		base(`, "resourcePolicy": {}`):                                                       `resourcePolicy: has no Statement; leave it out where there is no such policy`,
		base(`, "serviceControlPolicies": [[{}]]`):                                           `serviceControlPolicies[0][0]: has no Statement; leave it out`,
		base(`, "permissionsBoundary": {"Version": "2012-10-17"}`):                           `permissionsBoundary: has no Statement`,
		base(`, "identityPolicies": ["{}"]`):                                                 `identityPolicies[0]: has no Statement`,
		base(`, "permissionsBoundary": []`):                                                  `permissionsBoundary: a policy is a JSON object, not a list`,
		base(`, "serviceControlPolicies": {}`):                                               `serviceControlPolicies: must be a list of levels`,
		base(`, "serviceControlPolicies": [[{"Statement": [{"Effect": "No"}]}]]`):            `serviceControlPolicies[0][0].Statement[0].Effect: must be "Allow" or "Deny", not "No"`,
		base(`, "endpointType": "Tunnel"`):                                                   `endpointType: must be "Gateway" or "Interface", not "Tunnel"`,
		base(`, "policies": []`):                                                             `"policies" is no member of the input`,
		base(`, "action": "s3:PutObject"`):                                                   `action: written twice`,
	} {
		_, err := ParseInput([]byte(doc))
		require.Error(t, err, doc)
		assert.Contains(t, err.Error(), want, doc)
		assert.NotContains(t, err.Error(), "\n", doc)
	}
}
