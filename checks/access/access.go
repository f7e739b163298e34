// Package access puts what the inventory knows of an account into the questions that the policy engines answer: who a
// principal is, which policies concern it and the resource, and what the context of its request holds.
//
// It decides nothing; what a caller can choose in a request it lists ([Chosen]). What it cannot read (the policies of a principal in another account, the policy of a resource of a
// service that labctl does not know) it puts as a policy that nobody can judge, so that the answer is inconclusive where
// that matters. It does not read service and resource control policies, tags of resources other than users and roles, and
// KMS grants.
package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// Question is a request to be decided.
type Question struct {
	// Principal is an ARN of a user, role or role session, an account id, a service (lambda.amazonaws.com), "anonymous", or
	// the name of a role or user of the account.
	Principal string
	Action    string
	Resource  string // an ARN or "*"
	// Context has condition keys of the request. They replace those that follow from the account.
	Context map[string][]string
}

// UnknownError says that the account does not have what a name stands for.
type UnknownError struct {
	Kind, Name string
	Valid      []string // what there is; nil where that was not read
}

func (e *UnknownError) Error() string { return fmt.Sprintf("the account has no %s %s", e.Kind, e.Name) }

// MalformedError says that a question makes no sense.
type MalformedError struct{ Reason string }

func (e *MalformedError) Error() string { return e.Reason }

// Input gathers what decides a question.
func Input(ctx context.Context, inv *inventory.Inventory, q Question) (policy.Input, error) {
	if err := q.Validate(); err != nil {
		return policy.Input{}, err
	}
	identities, err := inv.Identities(ctx)
	if err != nil {
		return policy.Input{}, err
	}
	r := reader{inv: inv, identities: identities}
	in := policy.Input{Request: policy.Request{Action: q.Action, Resource: q.Resource}}
	known, err := r.principal(q.Principal, &in)
	if err != nil {
		return in, err
	}
	if err := r.resource(ctx, &in); err != nil {
		return in, err
	}
	in.Context = Override(r.request(&in), known.context())
	if err := r.organization(ctx, &in, q.Context); err != nil {
		return in, err
	}
	in.Context = Override(in.Context, q.Context)
	return in, nil
}

// Validate tells what is wrong with the action or the resource of a question.
func (q Question) Validate() error {
	service, name, _ := strings.Cut(q.Action, ":")
	switch {
	case service == "" || name == "" || strings.ContainsAny(q.Action, "*? "):
		return &MalformedError{fmt.Sprintf("action %q: name one action, such as s3:GetObject", q.Action)}
	case q.Resource != "*" && (len(strings.SplitN(q.Resource, ":", 6)) != 6 || !strings.HasPrefix(q.Resource, "arn:")):
		return &MalformedError{fmt.Sprintf(`resource %q: write its ARN, or "*" for an action that has none`, q.Resource)}
	case strings.Contains(q.Resource, ":kms:") && strings.Contains(q.Resource, ":alias/"):
		return &MalformedError{fmt.Sprintf("resource %q: AWS decides on the key's own ARN, not on that of its alias", q.Resource)}
	default:
		return nil
	}
}

// reader gathers the parts of one question.
type reader struct {
	inv        *inventory.Inventory
	identities *inventory.Identities
}

// identity is a user or role, and the session that it acts in.
type identity struct {
	*inventory.Identity
	role    bool
	session string
}

// principal finds who is meant and the policies on the identity's side. Somebody whose policies are not in the account
// comes back as nil.
func (r *reader) principal(text string, in *policy.Input) (*identity, error) {
	switch {
	case text == "anonymous":
		in.Principal = policy.Anonymous()
		return nil, nil
	case strings.Contains(text, ".amazonaws.com") && !strings.Contains(text, ":"):
		in.Principal = policy.Service(text)
		return nil, nil
	}
	id, arn, err := r.find(text)
	if err != nil {
		return nil, err
	}
	if in.Principal, err = policy.ParsePrincipal(arn); err != nil {
		return nil, &MalformedError{"principal: " + err.Error()}
	}
	if id == nil {
		if parts := strings.SplitN(in.Principal.String(), ":", 6); parts[5] != "root" {
			in.IdentityPolicies, err = parsedAll(arn, []inventory.PolicyDocument{{Name: "the policies of account " + parts[4], Document: unreadableIdentity}})
		}
		return nil, err
	}
	in.IdentityPolicies, in.PermissionsBoundary, err = policiesOf(id.Identity)
	return id, err
}

// find looks a user or role up, by ARN or by name. arn is the principal's; of an account, or of somebody in another
// account, there is nothing more.
func (r *reader) find(text string) (id *identity, arn string, err error) {
	parts := strings.SplitN(text, ":", 6)
	switch {
	case len(parts) != 6 && isAccount(text):
		return nil, text, nil
	case len(parts) != 6:
		return r.byName(text)
	case parts[4] != r.inv.Account, parts[5] == "root":
		return nil, text, nil
	}
	if rest, ok := strings.CutPrefix(parts[5], "assumed-role/"); ok {
		name, session, _ := strings.Cut(rest, "/")
		if n := slices.IndexFunc(r.identities.Roles, func(i inventory.Identity) bool { return i.Name == name }); n >= 0 {
			return &identity{&r.identities.Roles[n], true, session}, text, nil
		}
		return nil, "", &UnknownError{Kind: "role", Name: name, Valid: namesOf(r.identities.Roles)}
	}
	for _, one := range r.everybody() {
		if one.Arn == text {
			return one, text, nil
		}
	}
	return nil, "", &UnknownError{Kind: "user or role", Name: text, Valid: arnsOf(r.everybody())}
}

// byName takes a name, and role/NAME or user/NAME, with or without the path.
func (r *reader) byName(text string) (*identity, string, error) {
	var found []*identity
	for _, one := range r.everybody() {
		if one.Name == text || strings.HasSuffix(one.Arn, ":"+text) || one.kind()+"/"+one.Name == text {
			found = append(found, one)
		}
	}
	switch len(found) {
	case 1:
		return found[0], found[0].Arn, nil
	case 0:
		return nil, "", &UnknownError{Kind: "user or role", Name: text, Valid: append(namesOf(r.identities.Roles), namesOf(r.identities.Users)...)}
	default:
		return nil, "", &MalformedError{fmt.Sprintf("there are a user and a role called %s: write user/%s or role/%s", text, text, text)}
	}
}

func (r *reader) everybody() []*identity {
	var all []*identity
	for i := range r.identities.Users {
		all = append(all, &identity{Identity: &r.identities.Users[i]})
	}
	for i := range r.identities.Roles {
		all = append(all, &identity{Identity: &r.identities.Roles[i], role: true})
	}
	return all
}

func (i *identity) kind() string {
	if i.role {
		return "role"
	}
	return "user"
}

// resource finds the policy on the resource's side.
func (r *reader) resource(ctx context.Context, in *policy.Input) error {
	parts := strings.SplitN(in.Resource, ":", 6)
	if len(parts) != 6 {
		return nil
	}
	if parts[4] == "" {
		in.ResourceAccount = r.inv.Account // a bucket; whoever reads its policy finds out if it is not
	} else {
		in.ResourceAccount = parts[4]
	}
	if parts[2] == "iam" {
		return r.trust(in, parts)
	}
	if in.ResourceAccount != r.inv.Account {
		return hidden(in, "the resource policy in account "+in.ResourceAccount)
	}
	found, err := r.inv.ResourcePolicy(ctx, in.Resource)
	switch {
	case errors.Is(err, inventory.ErrNoReader):
		if hasResourcePolicies(parts[2], parts[5]) {
			return hidden(in, "the policy of the "+parts[2]+" resource")
		}
		return nil
	case errors.Is(err, inventory.ErrNotFound):
		return &UnknownError{Kind: parts[2] + " resource", Name: in.Resource}
	case err != nil:
		return err //nolint:wrapcheck // it says what was read
	case found.Document == "":
		return nil
	}
	in.ResourcePolicy, err = parsed(found.Arn, "policy of "+found.Arn, found.Document)
	return err
}

// hidden puts a policy on the resource's side that cannot be read.
func hidden(in *policy.Input, name string) (err error) {
	in.ResourcePolicy, err = parsed(in.Resource, name, unreadableResource)
	return err
}

// trust is the trust policy of a role that is to be assumed. No other resource of IAM has a policy of its own.
func (r *reader) trust(in *policy.Input, parts []string) error {
	action := strings.ToLower(in.Action)
	if !strings.HasPrefix(action, "sts:assumerole") && action != "sts:tagsession" && action != "sts:setsourceidentity" {
		return nil
	}
	if parts[4] != r.inv.Account {
		return hidden(in, "the trust policy in account "+parts[4])
	}
	n := slices.IndexFunc(r.identities.Roles, func(i inventory.Identity) bool { return i.Arn == in.Resource })
	if n < 0 {
		return &UnknownError{Kind: "role", Name: in.Resource, Valid: roleARNs(r.identities.Roles)}
	}
	role := r.identities.Roles[n]
	var err error
	in.ResourcePolicy, err = parsed(role.Arn, "trust policy of role "+role.Name, role.TrustPolicy)
	return err
}

func isAccount(text string) bool {
	return len(text) == 12 && strings.Trim(text, "0123456789") == ""
}

func namesOf(list []inventory.Identity) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return names
}

func roleARNs(list []inventory.Identity) []string {
	arns := make([]string, len(list))
	for i := range list {
		arns[i] = list[i].Arn
	}
	return arns
}

func arnsOf(list []*identity) []string {
	arns := make([]string, len(list))
	for i := range list {
		arns[i] = list[i].Arn
	}
	return arns
}
