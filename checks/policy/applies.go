package policy

import "strings"

// isTrustAction tells whether a role's trust policy governs the action. The two
// that come along with AssumeRole need their own permission in it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
func isTrustAction(action string) bool {
	return hasPrefix(action, "sts:assumerole", true) ||
		strings.EqualFold(action, "sts:TagSession") || strings.EqualFold(action, "sts:SetSourceIdentity")
}

// isFederation tells whether the action is called with a token or an assertion of an
// identity provider in place of AWS credentials.
//   - https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
//   - https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
func isFederation(action string) bool {
	return strings.EqualFold(action, "sts:AssumeRoleWithWebIdentity") || strings.EqualFold(action, "sts:AssumeRoleWithSAML")
}

// isKeyRequest tells whether a KMS key policy governs the request.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
func isKeyRequest(in *Input) bool {
	if !hasPrefix(in.Action, "kms:", true) {
		return false
	}
	parts, ok := arnParts(in.Resource)
	return ok && parts[2] == "kms" && strings.HasPrefix(parts[5], "key/")
}

func (e *evaluation) resourceAccount() string {
	if e.in.ResourceAccount != "" {
		return e.in.ResourceAccount
	}
	if parts, ok := arnParts(e.in.Resource); ok && isAccountID(parts[4]) {
		return parts[4]
	}
	if values := e.ctx.values("aws:ResourceAccount"); len(values) == 1 {
		return values[0]
	}
	return e.in.Principal.account
}

// serviceControlApplies: SCPs bind the users, roles and root of member accounts,
// and no service-linked role.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#scp-effects-on-permissions
func (e *evaluation) serviceControlApplies() bool {
	who := &e.in.Principal
	return who.inAccount() && !who.serviceLinked() && who.account != e.in.ManagementAccount
}

// resourceControlApplies: RCPs bind the resources of member accounts, for the
// services on a list that grows, and neither service-linked roles, nor who may assume
// one, nor kms:RetireGrant. For a service that is not known to be on it the answer is maybe.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func (e *evaluation) resourceControlApplies(account string) truth {
	if len(e.in.ResourceControlPolicies) == 0 || e.in.Principal.serviceLinked() || strings.EqualFold(e.in.Action, "kms:RetireGrant") {
		return no
	}
	if account != "" && account == e.in.ManagementAccount {
		return no
	}
	if e.trust && strings.Contains(e.in.Resource, ":role/aws-service-role/") {
		return no
	}
	if service, _, _ := strings.Cut(e.in.Action, ":"); takesResourceControl(service) {
		return yes
	}
	return maybe
}

// gatewayEndpoint tells whether the request goes through a gateway endpoint. Only
// S3 and DynamoDB have them, beside interface endpoints.
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func (e *evaluation) gatewayEndpoint() truth {
	switch e.in.EndpointType {
	case GatewayEndpoint:
		return yes
	case InterfaceEndpoint:
		return no
	}
	return both(maybe, truthOf(hasPrefix(e.in.Action, "s3:", true) || hasPrefix(e.in.Action, "dynamodb:", true)))
}
