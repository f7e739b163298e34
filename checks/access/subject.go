package access

import (
	"context"
	"fmt"

	"labctl/checks/escalate"
	"labctl/checks/inventory"
)

// Subject gathers what decides whether a user or role of the account can escalate.
func Subject(ctx context.Context, inv *inventory.Inventory, principal string) (escalate.Subject, *escalate.Account, error) {
	identities, err := inv.Identities(ctx)
	if err != nil {
		return escalate.Subject{}, nil, err
	}
	r := reader{inv: inv, identities: identities}
	var subject escalate.Subject
	id, err := r.principal(principal, &subject.Input)
	switch {
	case err != nil:
		return subject, nil, err
	case id == nil:
		return subject, nil, &MalformedError{fmt.Sprintf("principal %q: name a user, a role or a role session of the account", principal)}
	}
	subject.Context = id.facts()
	if id.Boundary != nil {
		subject.BoundaryARN = id.Boundary.Name
	}
	account, err := r.account(ctx)
	return subject, account, err
}

// account compiles everything that the account has.
func (r *reader) account(ctx context.Context) (*escalate.Account, error) {
	account := &escalate.Account{}
	for _, one := range r.everybody() {
		id, err := compiled(one)
		if err != nil {
			return nil, err
		}
		account.Identities = append(account.Identities, id)
	}
	for _, group := range r.identities.Groups {
		policies, err := parsedAll(group.Arn, group.Policies)
		if err != nil {
			return nil, err
		}
		account.Groups = append(account.Groups, escalate.Group{ARN: group.Arn, Policies: policies})
	}
	for _, managed := range r.identities.Policies {
		kept := escalate.ManagedPolicy{ARN: managed.Arn, Versions: managed.Versions}
		if managed.Document != "" {
			var err error
			if kept.Document, err = parsed(managed.Arn, managed.Arn, managed.Document); err != nil {
				return nil, err
			}
		}
		account.Policies = append(account.Policies, kept)
	}
	resources, err := r.inv.ResourcePolicies(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what was read
	}
	for _, resource := range resources {
		p, err := parsed(resource.Arn, "policy of "+resource.Arn, resource.Document)
		if err != nil {
			return nil, err
		}
		account.Resources = append(account.Resources, escalate.Resource{ARN: resource.Arn, Policy: p})
	}
	return account, nil
}

func compiled(one *identity) (escalate.Identity, error) {
	id := escalate.Identity{
		ARN: one.Arn, Attached: one.Attached, Groups: one.Groups, Tags: one.Tags, Context: one.facts(),
	}
	if one.Boundary != nil {
		id.BoundaryARN = one.Boundary.Name
	}
	var err error
	if id.IdentityPolicies, id.Boundary, err = policiesOf(one.Identity); err != nil {
		return id, err
	}
	if one.role {
		id.Trust, err = parsed(one.Arn, "trust policy of role "+one.Name, one.TrustPolicy)
	}
	return id, err
}
