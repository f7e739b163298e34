package iam

import (
	"iter"
	"slices"

	"labctl/checks/access"
	"labctl/checks/policy"
)

// The requests that checks ask about, with everything that is known of who makes them.

// caller are the keys that every request of the account's own principals has.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (a *architecture) caller() keys {
	known := keys{"aws:SecureTransport": {"true"}, "aws:PrincipalIsAWSService": {"false"}, "aws:RequestedRegion": {a.inv.Region}}
	if a.organization != "" {
		known["aws:PrincipalOrgID"] = []string{a.organization}
	}
	return known
}

// request begins a request for something in the lab's account.
func (a *architecture) request(by policy.Principal, known keys) policy.Input {
	return with(policy.Input{Request: policy.Request{Principal: by, ResourceAccount: a.inv.Account, Context: known}}, a.resource())
}

func (a *architecture) resource() keys {
	known := keys{"aws:ResourceAccount": {a.inv.Account}}
	if a.organization != "" {
		known["aws:ResourceOrgID"] = []string{a.organization}
	}
	return known
}

// by is what a role's requests have in common: its policies and its boundary.
func (a *architecture) by(r *role) policy.Input {
	in := a.request(r.principal, a.caller())
	for tag, value := range r.Tags {
		in = with(in, keys{"aws:PrincipalTag/" + tag: {value}})
	}
	in.IdentityPolicies, in.PermissionsBoundary = r.permissions, r.limit
	return in
}

// to is a request for an action on a resource.
func to(in policy.Input, action, resource string) policy.Input {
	in.Action, in.Resource = action, resource
	return in
}

// under is a request for a resource that has this policy.
func under(in policy.Input, document *policy.Policy) policy.Input {
	in.ResourcePolicy = document
	return in
}

// underEach are requests for a resource that has this policy.
func underEach(inputs []policy.Input, document *policy.Policy) []policy.Input {
	found := make([]policy.Input, len(inputs))
	for n, in := range inputs {
		found[n] = under(in, document)
	}
	return found
}

// administrator makes requests as a principal of an account whose policies allow everything: what is refused to it, the
// resource refuses.
func (a *architecture) administrator(account string) (policy.Input, error) {
	principal, err := policy.ParsePrincipal(a.iamARN(account, "role/"+strangerName))
	if err != nil {
		return policy.Input{}, err //nolint:wrapcheck // it quotes the ARN
	}
	known := a.caller()
	if account != a.inv.Account {
		delete(known, "aws:PrincipalOrgID")
	}
	in := a.request(principal, known)
	in.IdentityPolicies = []*policy.Policy{a.everything}
	return in, nil
}

// service makes requests as an AWS service, on behalf of the lab's own account.
func (a *architecture) service(name string) policy.Input {
	known := keys{"aws:SecureTransport": {"true"}, "aws:PrincipalIsAWSService": {"true"}, "aws:SourceAccount": {a.inv.Account}}
	if a.organization != "" {
		known["aws:SourceOrgID"] = []string{a.organization}
	}
	return a.request(policy.Service(name), known)
}

// anonymous makes requests without credentials.
func (a *architecture) anonymous() policy.Input {
	return a.request(policy.Anonymous(), keys{"aws:SecureTransport": {"true"}})
}

// each asks about each action on each resource, with everything that the caller can choose.
func each(in policy.Input, actions, resources []string) iter.Seq[policy.Input] {
	return eachOf([]policy.Input{in}, actions, resources)
}

// eachOf is each for several beginnings of a request.
func eachOf(beginnings []policy.Input, actions, resources []string) iter.Seq[policy.Input] {
	return func(yield func(policy.Input) bool) {
		for _, in := range beginnings {
			for _, action := range actions {
				for _, resource := range resources {
					for asked := range access.Chosen(to(in, action, resource)) {
						if !yield(asked) {
							return
						}
					}
				}
			}
		}
	}
}

// withEach are the request with each of several values of a key; no values leave the key out.
func withEach(in policy.Input, key string, values ...[]string) []policy.Input {
	found := make([]policy.Input, len(values))
	for n, value := range values {
		found[n] = with(in, keys{key: value})
	}
	return found
}

// named collects what the documents' statements name as resources that begin with a prefix, wildcards filled in.
func named(prefix string, policies ...*policy.Policy) []string {
	var found []string
	for _, p := range policies {
		if p == nil {
			continue
		}
		for _, m := range p.Mentions() {
			for _, resource := range m.Resources {
				if text := access.Filled(resource); len(text) > len(prefix) && text[:len(prefix)] == prefix && !slices.Contains(found, text) {
					found = append(found, text)
				}
			}
		}
	}
	return found
}
