package policy

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestDecisionsExplainThemselves compares the JSON answer to each testdata/*.json
// with the golden file beside it.
func TestDecisionsExplainThemselves(t *testing.T) {
	inputs, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, inputs)
	for _, path := range inputs {
		t.Run(filepath.Base(path), func(t *testing.T) {
			doc, err := os.ReadFile(path)
			require.NoError(t, err)
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			require.NoError(t, encoder.Encode(Evaluate(mustInput(t, string(doc)))))
			golden := strings.TrimSuffix(path, ".json") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.String())
		})
	}
}

func TestDetailsNameTheConditionThatStoodInTheWay(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{mustParse(t, document(`
		{"Sid": "Far", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::other"},
		{"Sid": "Near", "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}`))}
	details := Evaluate(in).Details()
	assert.Equal(t, []Layer{IdentityBased, ResourceBased}, details.Blocked)
	require.Len(t, details.Near, 2)
	assert.Equal(t, "Near", details.Near[0].Sid)
	assert.Equal(t, []ConditionFinding{{Operator: "StringEquals", Key: "aws:PrincipalTag/team", Wants: []string{"red"}}}, details.Near[0].Conditions)
	assert.Equal(t, "Far", details.Near[1].Sid)
	assert.Empty(t, details.Deciding)
}

func TestDetailsTellWhatADenyCovers(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{denies(t, "s3:*")}
	assert.Equal(t, ImplicitDeny, Evaluate(in).Details().Otherwise)
	in.IdentityPolicies = append(in.IdentityPolicies, allows(t, "s3:*"))
	assert.Equal(t, Allow, Evaluate(in).Details().Otherwise)
}

func TestEveryDoubtHasItsReason(t *testing.T) {
	const everything = `"Action": "*", "Resource": "*"`
	for _, row := range []struct {
		name, reason string
		change       func(*Input)
	}{
		{"a Principal where none belongs", "a policy of this type has no Principal", func(in *Input) {
			in.IdentityPolicies = []*Policy{resourcePolicy(t, "Allow", `"*"`, "*")}
		}},
		{"no Principal where one belongs", "it has no Principal", func(in *Input) { in.ResourcePolicy = allows(t, "*") }},
		{"a wildcard in an ARN", "AWS documents no certain answer for its Principal", func(in *Input) {
			in.ResourcePolicy = resourcePolicy(t, "Allow", aws("arn:aws:iam::111122223333:user/*"), "*")
		}},
		{"NotPrincipal without the account", "AWS documents no certain answer for its NotPrincipal", func(in *Input) {
			in.IdentityPolicies = []*Policy{allows(t, "*")}
			in.ResourcePolicy = grant(t, "Deny", `"NotPrincipal": {"AWS": "`+userARN+`"},`, "*")
		}},
		{"a user in a gateway endpoint's policy", "AWS documents no certain answer for its Principal on a gateway endpoint", func(in *Input) {
			in.IdentityPolicies = []*Policy{allows(t, "*")}
			in.EndpointPolicy = resourcePolicy(t, "Allow", aws(userARN), "*")
		}},
		{"an identity provider", "it trusts an identity provider, and the request does not tell whose token the caller has", func(in *Input) {
			in.Principal, in.Action, in.Resource = Anonymous(), "sts:AssumeRoleWithWebIdentity", roleARN
			in.ResourcePolicy = resourcePolicy(t, "Allow", `{"Federated": "accounts.google.com"}`, in.Action)
		}},
		{"a service with a wildcard", `the action "*:GetObject" has a wildcard in place of the service`, func(in *Input) {
			in.IdentityPolicies = []*Policy{allows(t, "*:GetObject")}
		}},
		{"no Resource", "it has no Resource", func(in *Input) {
			in.IdentityPolicies = []*Policy{mustParse(t, document(`{"Effect": "Allow", "Action": "*"}`))}
		}},
		{"an action without a service", `the action "GetObject" is no action: it lacks the service and a colon`, func(in *Input) {
			in.IdentityPolicies = []*Policy{allows(t, "GetObject")}
		}},
		{"a variable with several values", `the resource "arn:aws:s3:::b/${aws:x}" has a policy variable with several values`, func(in *Input) {
			in.Context = map[string][]string{"aws:x": {"k", "l"}}
			in.IdentityPolicies = []*Policy{mustParse(t, document(`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:x}"}`))}
		}},
		{"a service that control policies may not cover", "it is not known whether such policies cover the service", func(in *Input) {
			in.Action = "new:Get"
			in.IdentityPolicies = []*Policy{allows(t, "*")}
			in.ResourceControlPolicies = [][]*Policy{{resourcePolicy(t, "Deny", `"*"`, "*")}}
		}},
		{"a language version", "Version \"2030-01-01\" is no version of the policy language", func(in *Input) {
			in.IdentityPolicies = []*Policy{mustParse(t, `{"Version": "2030-01-01", "Statement": {"Effect": "Allow", `+everything+`}}`)}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
			row.change(&in)
			decision := Evaluate(in)
			require.Equal(t, Inconclusive, decision.Outcome)
			require.Len(t, decision.Details().Deciding, 1)
			assert.Contains(t, decision.Details().Deciding[0].Obstacles, row.reason)
			assert.Contains(t, decision.Explanation(), row.reason)
		})
	}
}

func TestAnAllowThatIsNotNeededIsNotSaidToBe(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, rootARN), Action: "s3:GetObject", Resource: objectARN}}
	in.ResourcePolicy = resourcePolicy(t, "Allow", aws(rootARN), "s3:*")
	assert.NotContains(t, Evaluate(in).Explanation(), "Without that allow", "the account itself needs none")
	in.ResourceAccount, in.ResourcePolicy = foreign, resourcePolicy(t, "Allow", aws(rootARN), "s3:*")
	assert.Contains(t, Evaluate(in).Explanation(), "Without that allow", "in another account it does")

	in = Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies, in.PermissionsBoundary = []*Policy{allows(t, "s3:*")}, allows(t, "*")
	assert.Contains(t, Evaluate(in).Explanation(), "Statement[0] in identityPolicies[0] allows it. Without that allow it would be denied.")
	in.ResourcePolicy = resourcePolicy(t, "Allow", aws("arn:aws:iam::111122223333:user/*"), "s3:*")
	assert.NotContains(t, Evaluate(in).Explanation(), "Without that allow", "the bucket policy might allow it as well")
}

func TestOnlyTheGrantThatEscapesABoundaryIsCited(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, sessionARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{allows(t, "s3:*")}
	in.ResourcePolicy = mustParse(t, document(`{"Sid": "Role", "Effect": "Allow", "Principal": `+aws(roleARN)+`, "Action": "*", "Resource": "*"},
		{"Sid": "Session", "Effect": "Allow", "Principal": `+aws(sessionARN)+`, "Action": "*", "Resource": "*"}`))
	assert.Len(t, Evaluate(in).By(), 3)
	in.PermissionsBoundary = allows(t, "ec2:*")
	assert.Equal(t, []Cited{{Policy: "resourcePolicy", Sid: "Session", Effect: AllowEffect}}, Evaluate(in).By())
	assert.Contains(t, Evaluate(in).Explanation(), "Without that allow it would be denied.")
}

func TestIdentityPoliciesAreNotCitedForCallersThatHaveNone(t *testing.T) {
	in := Input{Request: Request{Principal: Anonymous(), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies, in.ResourcePolicy = []*Policy{allows(t, "*")}, resourcePolicy(t, "Allow", `"*"`, "*")
	assert.Equal(t, []Cited{{Policy: "resourcePolicy", Effect: AllowEffect}}, Evaluate(in).By())
}

func TestAGrantToTheAccountIsToldToBeLeftToIdentityPolicies(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.ResourcePolicy = resourcePolicy(t, "Allow", aws(account), "s3:*")
	assert.Contains(t, Evaluate(in).Explanation(), "but the resource policy names only the account, which leaves it to identity policies.")
	in.ResourcePolicy = resourcePolicy(t, "Allow", aws(foreign), "s3:*")
	assert.Contains(t, Evaluate(in).Explanation(), "but the resource policy does not allow it.")
}

func TestADenyInDoubtIsToldWhenAnAllowIsMissing(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{mustParse(t, document(`{"Sid": "Odd", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringSoundsLike": {"k": "v"}}}`))}
	decision := Evaluate(in)
	assert.Equal(t, ImplicitDeny, decision.Outcome)
	assert.NotContains(t, decision.Explanation(), "no statement denies it")
	assert.Contains(t, decision.Explanation(), `"Odd" in identityPolicies[0] might deny it: the condition operator "StringSoundsLike" is not known.`)
	require.Len(t, decision.Details().Doubtful, 1)
}

func TestLayersHaveTheirNamesInAWSTerms(t *testing.T) {
	names := map[string]bool{}
	for layer := ResourceControl; layer < layerCount; layer++ {
		names[layer.String()] = true
	}
	assert.Len(t, names, int(layerCount))
	assert.Equal(t, "permissions boundary", Boundary.String())
}
