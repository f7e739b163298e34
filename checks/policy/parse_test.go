package policy

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScalarsListsEncodingAndElementCaseAreNormalised(t *testing.T) {
	plain := document(`{"Sid": "One", "Effect": "Allow", "Principal": {"AWS": ["111122223333"]}, "Action": ["s3:GetObject"],
		"Resource": ["arn:aws:s3:::b/a b+c"], "Condition": {"Bool": {"aws:SecureTransport": ["true"]}}}`)
	want := mustParse(t, plain)
	for name, doc := range map[string]string{
		"scalars": `{"Version": "2012-10-17", "Statement": {"Sid": "One", "Effect": "Allow", "Principal": {"AWS": "111122223333"},
			"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/a b+c", "Condition": {"Bool": {"aws:SecureTransport": true}}}}`,
		"element names in another case": `{"version": "2012-10-17", "id": "x", "STATEMENT": [{"sid": "One", "effect": "Allow", "principal": {"aws": "111122223333"},
			"action": "s3:GetObject", "resource": "arn:aws:s3:::b/a b+c", "condition": {"Bool": {"aws:SecureTransport": "true"}}}]}`,
		"URL-encoded": url.PathEscape(plain),
		"URL-encoded with spaces and a line feed": "\n " + strings.ReplaceAll(url.QueryEscape(plain), "+", "%20") + "\n",
	} {
		assert.Equal(t, want, mustParse(t, doc), name)
	}
}

func TestAPolicyKeepsItsNameWhenItIsCited(t *testing.T) {
	unnamed := allows(t, "s3:*")
	named := unnamed.Named("arn:aws:iam::111122223333:policy/read")
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{unnamed, named}
	assert.Equal(t, []Cited{
		{Policy: "identityPolicies[0]", Effect: AllowEffect},
		{Policy: "arn:aws:iam::111122223333:policy/read", Effect: AllowEffect},
	}, Evaluate(in).By())
}

func TestAPolicyMayHaveNoStatements(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{mustParse(t, `{"Version": "2012-10-17", "Statement": []}`)}
	assert.Equal(t, ImplicitDeny, Evaluate(in).Outcome)
}

func TestDocumentsThatAWSWouldRefuseGiveOneLineThatNamesThePlace(t *testing.T) {
	for doc, want := range map[string]string{
		``:                                   `not JSON: unexpected end of JSON input at byte 0`,
		`{"Statement": [}`:                   `not JSON: invalid character '}' looking for beginning of value at byte 16`,
		`{} {}`:                              `not JSON: invalid character '{' after top-level value at byte 4`,
		`%7B%ZZ`:                             `not URL-encoded JSON: invalid URL escape "%ZZ"`,
		`[]`:                                 `a policy is a JSON object, not a list`,
		`{}`:                                 `has no Statement`,
		`{"Statement": "x"}`:                 `Statement: a statement is a JSON object, not "x"`,
		`{"Statement": [null]}`:              `Statement[0]: a statement is a JSON object, not null`,
		`{"Statement": [], "statement": []}`: `statement: written twice`,
		`{"Statement": [], "Statement": []}`: `Statement: written twice`,
		document(`{"Action": "s3:*", "Resource": "*"}`):                                          `Statement[0]: has no Effect`,
		document(`{"Effect": "allow", "Action": "s3:*"}`):                                        `Statement[0].Effect: must be "Allow" or "Deny", not "allow"`,
		document(`{"Effect": ["Allow"], "Action": "s3:*"}`):                                      `Statement[0].Effect: must be "Allow" or "Deny", not a list`,
		document(`{"Effect": "Allow", "Sid": 1, "Action": "s3:*"}`):                              `Statement[0].Sid: must be a string, not 1`,
		document(`{"Effect": "Allow", "Resource": "*"}`):                                         `Statement[0]: has neither Action nor NotAction`,
		document(`{"Effect": "Allow", "Action": [], "Resource": "*"}`):                           `Statement[0].Action: is empty`,
		document(`{"Effect": "Allow", "Action": "a:b", "Resource": []}`):                         `Statement[0].Resource: is empty`,
		document(`{"Effect": "Allow", "Action": "a:b", "NotAction": "a:c"}`):                     `Statement[0]: has both Action and NotAction`,
		document(`{"Effect": "Allow", "Action": ["a:b", {}]}`):                                   `Statement[0].Action[1]: must be a string, not an object`,
		document(`{"Effect": "Allow", "Action": "a:b", "Principal": "x"}`):                       `Statement[0].Principal: must be "*" or an object such as {"AWS": ...}, not "x"`,
		document(`{"Effect": "Allow", "Action": "a:b", "Principal": ["*"]}`):                     `Statement[0].Principal: must be "*" or an object such as {"AWS": ...}, not a list`,
		document(`{"Effect": "Allow", "Action": "a:b", "Principal": {"AWS": null}}`):             `Statement[0].Principal.AWS: must be a string, not null`,
		document(`{"Effect": "Allow", "Action": "a:b", "Condition": []}`):                        `Statement[0].Condition: must be an object, not a list`,
		document(`{"Effect": "Allow", "Action": "a:b", "Condition": {"Bool": true}}`):            `Statement[0].Condition.Bool: must be an object of condition keys, not true`,
		document(`{"Effect": "Allow", "Action": "a:b", "Condition": {"Bool": {"aws:x": [[]]}}}`): `Statement[0].Condition.Bool.aws:x[0]: must be a string, not a list`,
		strings.Repeat("[", 40) + strings.Repeat("]", 40):                                        `[0][0]`,
	} {
		_, err := Parse([]byte(doc))
		require.Error(t, err, doc)
		assert.Contains(t, err.Error(), want, doc)
		assert.NotContains(t, err.Error(), "\n", doc)
	}
}
