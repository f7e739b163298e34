package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
func TestEveryLevelOfServiceControlPoliciesMustAllow(t *testing.T) {
	full, onlyS3, noS3 := allows(t, "*"), allows(t, "s3:*"), denies(t, "s3:*")
	onlyEC2 := allows(t, "ec2:*")
	for _, row := range []struct {
		name   string
		levels [][]*Policy
		want   Outcome
	}{
		{"none given", nil, Allow},
		{"full access at every level", [][]*Policy{{full}, {full}, {full}}, Allow},
		{"one level allows something else", [][]*Policy{{full}, {onlyEC2}, {full}}, ImplicitDeny},
		{"one of two policies of a level is enough", [][]*Policy{{full}, {onlyEC2, onlyS3}}, Allow},
		{"a deny at one level", [][]*Policy{{full}, {full, noS3}}, ExplicitDeny},
		{"a level with a deny of something else and no allow", [][]*Policy{{full}, {denies(t, "iam:*")}}, ImplicitDeny},
		{"a level without policies is not limited", [][]*Policy{{full}, {}}, Allow},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: mustPrincipal(t, sessionARN), Action: "s3:GetObject", Resource: objectARN}}
			in.ResourcePolicy = resourcePolicy(t, "Allow", aws(sessionARN), "s3:*")
			in.ServiceControlPolicies = row.levels
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

func TestServiceControlPoliciesBindTheAccountsPrincipalsAndNobodyElse(t *testing.T) {
	const linked = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
	for _, row := range []struct {
		name       string
		who        Principal
		management string
		want       Outcome
	}{
		{"a user", mustPrincipal(t, userARN), "", ExplicitDeny},
		{"a user of the management account", mustPrincipal(t, userARN), account, Allow},
		{"a user beside another management account", mustPrincipal(t, userARN), foreign, ExplicitDeny},
		{"a service-linked role", mustPrincipal(t, linked), "", Allow},
		{"its session", mustPrincipal(t, "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAutoScaling/s"), "", Allow},
		{"a service", Service("logs.amazonaws.com"), "", Allow},
		{"an anonymous caller", Anonymous(), "", Allow},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: row.who, Action: "s3:GetObject", Resource: objectARN}}
			in.ResourcePolicy = resourcePolicy(t, "Allow", `"*"`, "s3:*")
			in.ServiceControlPolicies = [][]*Policy{{denies(t, "s3:*")}}
			in.ManagementAccount = row.management
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func TestResourceControlPoliciesBindTheResourcesOfTheAccount(t *testing.T) {
	const keyARN = "arn:aws:kms:eu-west-1:111122223333:key/1"
	deny := resourcePolicy(t, "Deny", `"*"`, "*")
	for _, row := range []struct {
		name, action, resource string
		who                    Principal
		management             string
		want                   Outcome
	}{
		{"a user", "s3:GetObject", objectARN, mustPrincipal(t, userARN), "", ExplicitDeny},
		{"an anonymous caller", "s3:GetObject", objectARN, Anonymous(), "", ExplicitDeny},
		{"a service", "s3:GetObject", objectARN, Service("logs.amazonaws.com"), "", ExplicitDeny},
		{"a service-linked role", "s3:GetObject", objectARN, mustPrincipal(t, "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s"), "", Allow},
		{"the management account's bucket", "s3:GetObject", objectARN, mustPrincipal(t, userARN), account, Allow},
		{"a key", "kms:Decrypt", keyARN, mustPrincipal(t, userARN), "", ExplicitDeny},
		{"a table", "dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/t", mustPrincipal(t, userARN), "", ExplicitDeny},
		{"a log group, in capitals", "LOGS:PutLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:g", mustPrincipal(t, userARN), "", ExplicitDeny},
		{"a role", "sts:AssumeRole", roleARN, mustPrincipal(t, userARN), "", ExplicitDeny},
		{"a service that assumes its service-linked role", "sts:AssumeRole", "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
			Service("x.amazonaws.com"), "", Allow},
		{"retiring a grant", "kms:RetireGrant", keyARN, mustPrincipal(t, userARN), "", Allow},
		{"a service not known to be covered", "new:Get", "arn:aws:new:eu-west-1:111122223333:x", mustPrincipal(t, userARN), "", Inconclusive},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: row.who, Action: row.action, Resource: row.resource, ResourceAccount: account}}
			in.ResourcePolicy = resourcePolicy(t, "Allow", `"*"`, "*")
			in.ResourceControlPolicies = [][]*Policy{{deny}}
			in.ManagementAccount = row.management
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

func TestAResourceControlPolicyLevelWithoutAllowsKeepsItsFullAccess(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{allows(t, "s3:*")}
	in.ResourceControlPolicies = [][]*Policy{{resourcePolicy(t, "Deny", `"*"`, "sqs:*")}, {}}
	assert.Equal(t, Allow, Evaluate(in).Outcome)
	in.ResourceControlPolicies = [][]*Policy{{resourcePolicy(t, "Allow", `"*"`, "sqs:*")}}
	assert.Equal(t, ImplicitDeny, Evaluate(in).Outcome, "given allows are taken at their word")
}

// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func TestAnEndpointPolicyLimitsWhatGoesThroughTheEndpoint(t *testing.T) {
	const perimeter = `{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
		"Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}`
	for _, row := range []struct {
		name, policy, who, resource string
		want                        Outcome
	}{
		{"the default", `{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}`, userARN, objectARN, Allow},
		{"the lab's bucket and principal", perimeter, userARN, objectARN, Allow},
		{"another bucket", perimeter, userARN, "arn:aws:s3:::other/k", ImplicitDeny},
		{"another account's principal", perimeter, "arn:aws:iam::999988887777:user/eve", objectARN, ImplicitDeny},
		{"an anonymous caller", perimeter, "anonymous", objectARN, ImplicitDeny},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: mustPrincipal(t, row.who), Action: "s3:GetObject", Resource: row.resource, ResourceAccount: account}}
			in.IdentityPolicies = []*Policy{allows(t, "s3:*")}
			in.ResourcePolicy = resourcePolicy(t, "Allow", `"*"`, "s3:*")
			assert.Equal(t, Allow, Evaluate(in).Outcome, "without the endpoint")
			in.EndpointPolicy, in.EndpointType = mustParse(t, document(row.policy)), GatewayEndpoint
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

func TestAGatewayEndpointReadsAnAccountAsItsRootUser(t *testing.T) {
	for _, row := range []struct {
		name, action, who, granted string
		endpoint                   EndpointType
		want                       Outcome
	}{
		{"gateway, a user of the account", "s3:GetObject", userARN, account, GatewayEndpoint, ImplicitDeny},
		{"gateway, the root", "s3:GetObject", rootARN, account, GatewayEndpoint, Allow},
		{"gateway, the user itself", "s3:GetObject", userARN, userARN, GatewayEndpoint, Inconclusive},
		{"interface, a user of the account", "s3:GetObject", userARN, account, InterfaceEndpoint, Allow},
		{"either, a user of the account", "s3:GetObject", userARN, account, "", Inconclusive},
		{"a service without gateway endpoints", "sqs:SendMessage", userARN, account, "", Allow},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: mustPrincipal(t, row.who), Action: row.action, Resource: objectARN}}
			in.IdentityPolicies = []*Policy{allows(t, "*")}
			in.EndpointPolicy, in.EndpointType = resourcePolicy(t, "Allow", aws(row.granted), "*"), row.endpoint
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}

func TestOneOfSeveralSessionPoliciesIsEnough(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, sessionARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{allows(t, "s3:*")}
	in.SessionPolicies = []*Policy{allows(t, "ec2:*"), allows(t, "s3:Get*")}
	assert.Equal(t, Allow, Evaluate(in).Outcome)
	in.SessionPolicies = in.SessionPolicies[:1]
	assert.Equal(t, ImplicitDeny, Evaluate(in).Outcome)
}

func TestAnotherOrganizationIsDeniedAndServicesAreSpared(t *testing.T) {
	perimeter := mustParse(t, document(`{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"},
		{"Sid": "OwnOrganization", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
		 "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-lab"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}`))
	for _, row := range []struct {
		name    string
		who     Principal
		context map[string][]string
		want    Outcome
	}{
		{"its own principal", mustPrincipal(t, userARN), map[string][]string{"aws:PrincipalOrgID": {"o-lab"}}, Allow},
		{"a stranger", mustPrincipal(t, userARN), map[string][]string{"aws:PrincipalOrgID": {"o-other"}}, ExplicitDeny},
		{"a principal without an organization", mustPrincipal(t, userARN), nil, ExplicitDeny},
		{"a service", Service("delivery.logs.amazonaws.com"), nil, Allow},
	} {
		in := Input{Request: Request{Principal: row.who, Action: "s3:PutObject", Resource: objectARN, Context: row.context}, ResourcePolicy: perimeter}
		assert.Equal(t, row.want, Evaluate(in).Outcome, row.name)
	}
}
