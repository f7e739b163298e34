package access

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"time"

	"labctl/checks/policy"
)

// sessionName stands for the session in aws:userid of a role that is asked about without one.
const sessionName = "labctl"

// context lists the keys about an identity.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
func (i *identity) context() map[string][]string {
	if i == nil {
		return nil
	}
	found := i.facts()
	if !i.role {
		found["aws:userid"] = []string{i.Id}
		return found
	}
	session := i.session
	if session == "" {
		session = sessionName
	}
	found["aws:userid"] = []string{i.Id + ":" + session}
	// Only temporary credentials have this key.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
	found["aws:MultiFactorAuthPresent"] = []string{"false"}
	return found
}

// facts are the keys that follow from what an identity is, whatever session it acts in.
func (i *identity) facts() map[string][]string {
	found := map[string][]string{"aws:PrincipalArn": {i.Arn}, "aws:PrincipalIsAWSService": {"false"}}
	if !i.role {
		found["aws:username"] = []string{i.Name}
	}
	for key, value := range i.Tags {
		found["aws:PrincipalTag/"+key] = []string{value}
	}
	return found
}

// request lists the keys about the request and the resource, for a request that is made now and over TLS.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (r *reader) request(in *policy.Input) map[string][]string {
	now := time.Now().UTC()
	found := map[string][]string{
		"aws:SecureTransport": {"true"},
		"aws:ViaAWSService":   {"false"},
		"aws:CurrentTime":     {now.Format(time.RFC3339)},
		"aws:EpochTime":       {strconv.FormatInt(now.Unix(), 10)},
		"aws:RequestedRegion": {r.inv.Region},
	}
	if in.ResourceAccount != "" {
		found["aws:ResourceAccount"] = []string{in.ResourceAccount}
	}
	for _, one := range r.everybody() {
		if one.Arn != in.Resource {
			continue
		}
		for key, value := range one.Tags {
			found["aws:ResourceTag/"+key] = []string{value}
			found["iam:ResourceTag/"+key] = []string{value}
		}
		if one.Boundary != nil && showsBoundary(in.Action) {
			found["iam:PermissionsBoundary"] = []string{one.Boundary.Name}
		}
	}
	return found
}

// showsBoundary tells whether iam:PermissionsBoundary is the boundary that the user or role carries. With an action that
// sets one it is the new boundary, which only the caller knows.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PermissionsBoundary
func showsBoundary(action string) bool {
	switch strings.ToLower(action) {
	case "iam:attachrolepolicy", "iam:attachuserpolicy", "iam:deleterolepermissionsboundary", "iam:deleterolepolicy",
		"iam:deleteuserpermissionsboundary", "iam:deleteuserpolicy", "iam:detachrolepolicy", "iam:detachuserpolicy",
		"iam:putrolepolicy", "iam:putuserpolicy":
		return true
	default:
		return false
	}
}

// organization lists the keys about the organization, which only the policies that ask for them make worth reading.
func (r *reader) organization(ctx context.Context, in *policy.Input, given map[string][]string) error {
	const principal, resource = "aws:PrincipalOrgID", "aws:ResourceOrgID"
	asked := asks(in, principal) && !lists(given, principal) || asks(in, resource) && !lists(given, resource)
	if !asked {
		return nil
	}
	organization, err := r.inv.Organization(ctx)
	if err != nil || organization.Id == "" {
		return err //nolint:wrapcheck // it says what was read
	}
	if strings.Contains(in.Principal.String(), ":"+r.inv.Account+":") {
		in.Context[principal] = []string{organization.Id}
	}
	if in.ResourceAccount == r.inv.Account {
		in.Context[resource] = []string{organization.Id}
	}
	return nil
}

// asks tells whether a condition of one of the policies is about a key.
func asks(in *policy.Input, key string) bool {
	policies := append([]*policy.Policy{in.PermissionsBoundary, in.ResourcePolicy}, in.IdentityPolicies...)
	for _, p := range policies {
		if p == nil {
			continue
		}
		for _, mention := range p.Mentions() {
			for _, c := range mention.Conditions {
				if strings.EqualFold(c.Key, key) {
					return true
				}
			}
		}
	}
	return false
}

func lists(context map[string][]string, key string) bool {
	for listed := range context {
		if strings.EqualFold(listed, key) {
			return true
		}
	}
	return false
}

// Override is a context in which some keys have other values. Key names do not distinguish case.
func Override(context, with map[string][]string) map[string][]string {
	context = maps.Clone(context)
	if context == nil {
		context = map[string][]string{}
	}
	for key, values := range with {
		for listed := range context {
			if strings.EqualFold(listed, key) {
				delete(context, listed)
			}
		}
		context[key] = values
	}
	return context
}
