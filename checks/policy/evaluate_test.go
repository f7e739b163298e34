package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The table "Resource-based policies and implicit denies in other policy types
// (same account)":
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func TestAResourcePolicyGrantEscapesImplicitDeniesDependingOnWhomItNames(t *testing.T) {
	for _, row := range []struct {
		name, who, granted          string
		identity, boundary, session bool // whether the policy, which exists, allows
		want                        Outcome
	}{
		{"user ARN, nothing else allows", userARN, aws(userARN), false, false, true, Allow},
		{"role ARN, boundary and session allow", sessionARN, aws(roleARN), false, true, true, Allow},
		{"role ARN, boundary does not", sessionARN, aws(roleARN), true, false, true, ImplicitDeny},
		{"role ARN, session does not", sessionARN, aws(roleARN), true, true, false, ImplicitDeny},
		{"session ARN, nothing else allows", sessionARN, aws(sessionARN), false, false, false, Allow},
		{"everyone, nothing else allows", sessionARN, `"*"`, false, false, false, Allow},
		{"account, nothing else allows", userARN, aws(account), false, true, true, ImplicitDeny},
		{"account, the identity policy allows", userARN, aws(account), true, true, true, Allow},
		{"account, the boundary does not", userARN, aws(account), true, false, true, ImplicitDeny},
		{"nobody, the identity policy allows", userARN, aws(foreign), true, true, true, Allow},
		{"nobody, the identity policy does not", userARN, aws(foreign), false, true, true, ImplicitDeny},
		{"nobody, the boundary does not", userARN, aws(foreign), true, false, true, ImplicitDeny},
	} {
		t.Run(row.name, func(t *testing.T) {
			action := map[bool]string{true: "s3:*", false: "ec2:*"}
			in := Input{Request: Request{Principal: mustPrincipal(t, row.who), Action: "s3:GetObject", Resource: objectARN, ResourceAccount: account}}
			in.IdentityPolicies = []*Policy{allows(t, action[row.identity])}
			in.PermissionsBoundary = allows(t, action[row.boundary])
			in.SessionPolicies = []*Policy{allows(t, action[row.session])}
			in.ResourcePolicy = resourcePolicy(t, "Allow", row.granted, "s3:*")
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func TestAcrossAccountsBothSidesMustAllow(t *testing.T) {
	for _, row := range []struct {
		name, who, granted          string
		identity, boundary, session bool
		want                        Outcome
	}{
		{"account and identity policy", userARN, aws(account), true, true, true, Allow},
		{"user and identity policy", userARN, aws(userARN), true, true, true, Allow},
		{"only the resource policy", userARN, aws(userARN), false, true, true, ImplicitDeny},
		{"only the identity policy", userARN, aws(foreign), true, true, true, ImplicitDeny},
		{"everyone without an identity policy", userARN, `"*"`, false, true, true, ImplicitDeny},
		{"a user grant does not escape the boundary", userARN, aws(userARN), true, false, true, ImplicitDeny},
		{"a session grant does not escape the session policy", sessionARN, aws(sessionARN), true, true, false, ImplicitDeny},
		{"the trusted account itself", rootARN, aws(account), false, true, true, Allow},
	} {
		t.Run(row.name, func(t *testing.T) {
			action := map[bool]string{true: "s3:*", false: "ec2:*"}
			in := Input{Request: Request{Principal: mustPrincipal(t, row.who), Action: "s3:GetObject", Resource: objectARN, ResourceAccount: foreign}}
			in.IdentityPolicies = []*Policy{allows(t, action[row.identity])}
			in.PermissionsBoundary = allows(t, action[row.boundary])
			in.SessionPolicies = []*Policy{allows(t, action[row.session])}
			in.ResourcePolicy = resourcePolicy(t, "Allow", row.granted, "s3:*")
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

func TestTheAccountOfAResourceComesFromItsARNTheContextOrThePrincipal(t *testing.T) {
	for _, row := range []struct {
		name, resource string
		context        map[string][]string
		want           Outcome
	}{
		{"another account in the ARN", "arn:aws:sqs:eu-west-1:999988887777:q", nil, ImplicitDeny},
		{"the same account in the ARN", "arn:aws:sqs:eu-west-1:111122223333:q", nil, Allow},
		{"no account in the ARN", objectARN, nil, Allow},
		{"an AWS managed policy", "arn:aws:iam::aws:policy/ReadOnlyAccess", nil, Allow},
		{"no resource", "*", nil, Allow},
		{"another account in the context", objectARN, map[string][]string{"AWS:ResourceAccount": {foreign}}, ImplicitDeny},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: row.resource, Context: row.context}}
			in.IdentityPolicies = []*Policy{allows(t, "*")}
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html#policies_evaluation_example
func TestCarlosOfTheUserGuide(t *testing.T) {
	const identity = `{"Version": "2012-10-17", "Statement": [
		{"Sid": "AllowS3ListRead", "Effect": "Allow", "Action": ["s3:GetBucketLocation", "s3:GetAccountPublicAccessBlock",
		 "s3:ListAccessPoints", "s3:ListAllMyBuckets"], "Resource": "arn:aws:s3:::*"},
		{"Sid": "AllowS3Self", "Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]},
		{"Sid": "DenyS3Logs", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*log*"}]}`
	const bucket = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Principal": {"AWS": "arn:aws:iam::123456789012:user/carlossalazar"}, "Action": "s3:*",
		"Resource": ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"]}]}`
	for _, row := range []struct {
		action, resource string
		want             Outcome
	}{
		{"s3:PutObject", "arn:aws:s3:::carlossalazar-logs/x", ExplicitDeny},
		{"s3:PutObject", "arn:aws:s3:::carlossalazar/x", Allow},
		{"s3:ListAllMyBuckets", "arn:aws:s3:::*", Allow},
		{"s3:PutObject", "arn:aws:s3:::another/x", ImplicitDeny},
	} {
		in := Input{Request: Request{Principal: mustPrincipal(t, "arn:aws:iam::123456789012:user/carlossalazar"), Action: row.action, Resource: row.resource}}
		in.IdentityPolicies, in.ResourcePolicy = []*Policy{mustParse(t, identity)}, mustParse(t, bucket)
		assert.Equal(t, row.want, Evaluate(in).Outcome, "%s %s", row.action, row.resource)
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func TestShirleyOfTheUserGuideCannotExceedHerBoundary(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "iam:CreateUser", Resource: userARN}}
	in.IdentityPolicies = []*Policy{allows(t, "iam:CreateUser")}
	in.PermissionsBoundary = mustParse(t, document(`{"Effect": "Allow", "Action": ["s3:*", "cloudwatch:*", "ec2:*"], "Resource": "*"}`))
	assert.Equal(t, ImplicitDeny, Evaluate(in).Outcome)
	in.PermissionsBoundary = nil
	assert.Equal(t, Allow, Evaluate(in).Outcome)
}

func TestRoleTrustAndKeyPoliciesMustThemselvesAllow(t *testing.T) {
	const keyARN = "arn:aws:kms:eu-west-1:111122223333:key/1234"
	for _, row := range []struct {
		name, who, granted string
		identity, boundary bool
		want               Outcome
	}{
		{"no policy", userARN, "", true, true, ImplicitDeny},
		{"another principal", userARN, aws("arn:aws:iam::111122223333:user/bob"), true, true, ImplicitDeny},
		{"the account, and the identity policy", userARN, aws(rootARN), true, true, Allow},
		{"the account alone", userARN, aws(rootARN), false, true, ImplicitDeny},
		{"the account and a boundary that does not allow", userARN, aws(rootARN), true, false, ImplicitDeny},
		{"the user alone", userARN, aws(userARN), false, false, Allow},
		{"the role alone", sessionARN, aws(roleARN), false, true, Allow},
		{"the role and a boundary that does not allow", sessionARN, aws(roleARN), false, false, ImplicitDeny},
		{"the account's root", rootARN, aws(account), false, true, Allow},
	} {
		t.Run(row.name, func(t *testing.T) {
			for action, resource := range map[string]string{"kms:Decrypt": keyARN, "sts:AssumeRole": "arn:aws:iam::111122223333:role/target"} {
				in := Input{Request: Request{Principal: mustPrincipal(t, row.who), Action: action, Resource: resource}}
				allowed := map[bool]string{true: action, false: "ec2:*"}
				in.IdentityPolicies = []*Policy{allows(t, allowed[row.identity])}
				in.PermissionsBoundary = allows(t, allowed[row.boundary])
				if row.granted != "" {
					in.ResourcePolicy = resourcePolicy(t, "Allow", row.granted, action)
				}
				assert.Equal(t, row.want, Evaluate(in).Outcome, action)
			}
		})
	}
}

func TestTheTrustPolicyGovernsWhatComesAlongWithAssumeRole(t *testing.T) {
	for _, action := range []string{"sts:assumeRole", "sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"} {
		in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: action, Resource: roleARN}}
		in.IdentityPolicies = []*Policy{allows(t, "sts:*")}
		assert.Equal(t, ImplicitDeny, Evaluate(in).Outcome, action)
	}
}

func TestKMSActionsWithoutAKeyNeedNoKeyPolicy(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "kms:ListKeys", Resource: "*"}}
	in.IdentityPolicies = []*Policy{allows(t, "kms:List*")}
	assert.Equal(t, Allow, Evaluate(in).Outcome)
}

func TestTheVendorNeedsTheRightExternalID(t *testing.T) {
	strict := mustParse(t, document(`{"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole",
		"Condition": {"StringEquals": {"sts:ExternalId": "right"}}}`))
	loose := mustParse(t, document(`{"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole",
		"Condition": {"StringEqualsIfExists": {"sts:ExternalId": "right"}}}`))
	for _, row := range []struct {
		name    string
		trust   *Policy
		context map[string][]string
		want    Outcome
	}{
		{"the right one", strict, map[string][]string{"sts:ExternalId": {"right"}}, Allow},
		{"a wrong one", strict, map[string][]string{"sts:ExternalId": {"wrong"}}, ImplicitDeny},
		{"none", strict, nil, ImplicitDeny},
		{"none, with IfExists", loose, nil, Allow},
	} {
		for _, who := range []string{foreign, "arn:aws:iam::999988887777:role/vendor"} {
			in := Input{Request: Request{Principal: mustPrincipal(t, who), Action: "sts:AssumeRole", Resource: roleARN, Context: row.context}}
			in.IdentityPolicies, in.ResourcePolicy = []*Policy{allows(t, "sts:AssumeRole")}, row.trust
			assert.Equal(t, row.want, Evaluate(in).Outcome, "%s for %s", row.name, who)
		}
	}
}

func TestAnonymousCallersNeedAResourcePolicyForEveryone(t *testing.T) {
	for element, want := range map[string]Outcome{`"*"`: Allow, `{"AWS": "*"}`: Allow, aws(account): ImplicitDeny} {
		in := Input{Request: Request{Principal: Anonymous(), Action: "s3:GetObject", Resource: objectARN}}
		in.IdentityPolicies = []*Policy{allows(t, "*")}
		in.ResourcePolicy = resourcePolicy(t, "Allow", element, "s3:GetObject")
		assert.Equal(t, want, Evaluate(in).Outcome, element)
	}
}

func TestIdentityPoliciesDoNotLimitAnAccountsRoot(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, rootARN), Action: "s3:GetObject", Resource: objectARN}}
	assert.Equal(t, Allow, Evaluate(in).Outcome)
	in.ResourcePolicy = resourcePolicy(t, "Deny", `"*"`, "s3:*")
	assert.Equal(t, ExplicitDeny, Evaluate(in).Outcome)
	in.ResourcePolicy = nil
	in.ServiceControlPolicies = [][]*Policy{{allows(t, "ec2:*")}}
	assert.Equal(t, ImplicitDeny, Evaluate(in).Outcome)
}

func TestAnExplicitDenyDecidesFromEveryLayer(t *testing.T) {
	deny := denies(t, "s3:*")
	for name, add := range map[string]func(*Input){
		"identity policy":  func(in *Input) { in.IdentityPolicies = append(in.IdentityPolicies, deny) },
		"boundary":         func(in *Input) { in.PermissionsBoundary = deny },
		"session policy":   func(in *Input) { in.SessionPolicies = []*Policy{allows(t, "*"), deny} },
		"resource policy":  func(in *Input) { in.ResourcePolicy = resourcePolicy(t, "Deny", aws(account), "s3:*") },
		"endpoint policy":  func(in *Input) { in.EndpointPolicy = resourcePolicy(t, "Deny", `"*"`, "s3:*") },
		"service control":  func(in *Input) { in.ServiceControlPolicies = [][]*Policy{{allows(t, "*")}, {deny}} },
		"resource control": func(in *Input) { in.ResourceControlPolicies = [][]*Policy{{resourcePolicy(t, "Deny", `"*"`, "s3:*")}} },
	} {
		in := Input{Request: Request{Principal: mustPrincipal(t, sessionARN), Action: "s3:GetObject", Resource: objectARN}}
		in.IdentityPolicies = []*Policy{allows(t, "s3:*"), mustParse(t, document(
			`{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringSoundsLike": {"k": "v"}}}`))}
		assert.Equal(t, Inconclusive, Evaluate(in).Outcome)
		add(&in)
		assert.Equal(t, ExplicitDeny, Evaluate(in).Outcome, name)
	}
}

func TestWhatIsNotKnownMattersOnlyIfItCouldChangeTheAnswer(t *testing.T) {
	const odd = `"Condition": {"StringSoundsLike": {"k": "v"}}`
	for _, row := range []struct {
		name, statements string
		want             Outcome
	}{
		{"an uncertain allow alone", `{"Effect": "Allow", "Action": "s3:*", "Resource": "*", ` + odd + `}`, Inconclusive},
		{"beside a certain allow", `{"Effect": "Allow", "Action": "s3:*", "Resource": "*", ` + odd + `}, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`, Allow},
		{"for another action", `{"Effect": "Allow", "Action": "ec2:*", "Resource": "*", ` + odd + `}`, ImplicitDeny},
		{"an uncertain deny beside an allow", `{"Effect": "Deny", "Action": "s3:*", "Resource": "*", ` + odd + `}, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`, Inconclusive},
		{"an uncertain deny without an allow", `{"Effect": "Deny", "Action": "s3:*", "Resource": "*", ` + odd + `}`, ImplicitDeny},
		{"an unknown element", `{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Weather": "fine"}`, Inconclusive},
		{"a misspelt Condition", `{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Conditions": {}}, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`, Inconclusive},
		{"a Principal in an identity policy", `{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}`, Inconclusive},
		{"no Resource in an identity policy", `{"Effect": "Allow", "Action": "s3:*"}`, Inconclusive},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
			in.IdentityPolicies = []*Policy{mustParse(t, document(row.statements))}
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
	t.Run("an unknown language version", func(t *testing.T) {
		in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
		in.IdentityPolicies = []*Policy{mustParse(t, `{"Version": "2030-01-01", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`)}
		assert.Equal(t, Inconclusive, Evaluate(in).Outcome)
	})
	t.Run("a resource policy without a Principal", func(t *testing.T) {
		in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
		in.ResourcePolicy = allows(t, "s3:*")
		assert.Equal(t, Inconclusive, Evaluate(in).Outcome)
	})
}
