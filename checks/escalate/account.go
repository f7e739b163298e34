package escalate

import (
	"strings"

	"labctl/checks/policy"
)

// Subject is the principal in question.
type Subject struct {
	// Input has the principal with every policy that gives it rights or limits them. Its Context holds facts about the
	// principal, such as aws:username, and whatever of its requests is not for it to choose. Action, Resource and
	// ResourcePolicy are not looked at.
	policy.Input
	BoundaryARN string // of the permissions boundary; "" where it has none or the ARN is not known
}

// Account is what is known of the account of a subject. Everything of a kind has to be listed.
type Account struct {
	Identities []Identity
	Groups     []Group
	Policies   []ManagedPolicy
	Resources  []Resource
}

// Identity is an IAM user or role.
type Identity struct {
	ARN              string
	IdentityPolicies []*policy.Policy // inline, attached, and of a user those of its groups
	Attached         []string         // ARNs of the managed policies among them
	Boundary         *policy.Policy
	BoundaryARN      string
	Trust            *policy.Policy // of a role
	Groups           []string       // ARNs
	Tags             map[string]string
	Context          map[string][]string // facts about it as a principal
}

// Group is an IAM group.
type Group struct {
	ARN      string
	Policies []*policy.Policy
}

// ManagedPolicy is a customer managed policy.
type ManagedPolicy struct {
	ARN      string
	Document *policy.Policy // the default version
	Versions int
}

// Resource is a resource with a policy of its own.
type Resource struct {
	ARN    string
	Policy *policy.Policy
}

func (a *Account) identity(arn string) *Identity {
	if a == nil {
		return nil
	}
	for i := range a.Identities {
		if a.Identities[i].ARN == arn {
			return &a.Identities[i]
		}
	}
	return nil
}

func (a *Account) group(arn string) *Group {
	if a == nil {
		return nil
	}
	for i := range a.Groups {
		if a.Groups[i].ARN == arn {
			return &a.Groups[i]
		}
	}
	return nil
}

func (a *Account) policy(arn string) *ManagedPolicy {
	if a == nil {
		return nil
	}
	for i := range a.Policies {
		if a.Policies[i].ARN == arn {
			return &a.Policies[i]
		}
	}
	return nil
}

// bearers are the identities to whom a managed policy gives rights.
func (a *Account) bearers(policyARN string) []*Identity {
	return a.identities(func(id *Identity) bool { return has(id.Attached, policyARN) })
}

func (a *Account) members(groupARN string) []*Identity {
	return a.identities(func(id *Identity) bool { return has(id.Groups, groupARN) })
}

func (a *Account) identities(wanted func(*Identity) bool) []*Identity {
	var found []*Identity
	for i := range a.Identities {
		if wanted(&a.Identities[i]) {
			found = append(found, &a.Identities[i])
		}
	}
	return found
}

func has(list []string, item string) bool {
	for _, one := range list {
		if one == item {
			return true
		}
	}
	return false
}

// arnParts splits an ARN; what is missing is empty.
func arnParts(arn string) [6]string {
	var parts [6]string
	copy(parts[:], strings.SplitN(arn, ":", 6))
	return parts
}

// selfARN is the subject as a resource: of a session its role.
func (s *Subject) selfARN() string {
	for key, values := range s.Context {
		if strings.EqualFold(key, "aws:PrincipalArn") && len(values) == 1 {
			return values[0]
		}
	}
	who := s.Principal.String()
	parts := arnParts(who)
	if role, ok := strings.CutPrefix(parts[5], "assumed-role/"); ok {
		role, _, _ = strings.Cut(role, "/")
		return "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + role
	}
	return who
}
