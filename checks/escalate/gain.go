package escalate

import "fmt"

// gain tells whether an allowed call on a target leads to more rights: open if it does, closed (with a note) if not.
type gain func(s *search, call Call, t target, a attempt) verdict

func held(format string, args ...any) verdict { return verdict{Closed, fmt.Sprintf(format, args...)} }

func unknown(format string, args ...any) verdict {
	return verdict{Inconclusive, fmt.Sprintf(format, args...)}
}

// anyOfKind tells whether a target stands for whatever there is of its kind. One that needs a certain tag does not.
func anyOfKind(t target, a attempt) bool {
	if !t.general {
		return false
	}
	for key := range a.context {
		if isResourceTag(key) {
			return false
		}
	}
	return true
}

// named decides about a target that only the policies' patterns name, for gains that depend on what the target may do.
func (s *search) named(t target, what string) verdict {
	if s.account == nil {
		return unknown("the call is limited to %s, and it is not known whether that %s can do more", name(t.arn), what)
	}
	return held("no such %s exists", what)
}

// rewrites: the caller writes the rights of a user or role. It matters unless a boundary is a ceiling over them.
func rewrites(s *search, _ Call, t target, a attempt) verdict {
	boundary := ""
	if values := a.context[boundaryKey]; len(values) == 1 {
		boundary = values[0]
	} else if known, ok := s.boundaryOf(t); ok {
		boundary = known
	}
	// Below a ceiling it does not matter what is attached.
	v := s.below(boundary, t.arn, "it is allowed only on what carries the boundary %s, which stays the ceiling")
	if v.status == Closed {
		return v
	}
	if given := s.attached(a); given.status != Open {
		return given
	}
	return v
}

// below turns a ceiling over a bearer into a verdict about the call. note tells of the boundary.
func (s *search) below(boundary, bearer, note string) verdict {
	if boundary == "" {
		return verdict{status: Open}
	}
	switch ceiling := s.isCeiling(boundary, bearer); ceiling.status {
	case Open:
		return held(note, name(boundary))
	case Inconclusive:
		return ceiling
	default:
		return verdict{Open, ceiling.note}
	}
}

// attached: where only certain policies can be attached, they must give something that the caller does not have.
func (s *search) attached(a attempt) verdict {
	values := a.context[policyKey]
	if len(values) != 1 || values[0] == s.administrator() {
		return verdict{status: Open}
	}
	arn := values[0]
	if managed := s.account.policy(arn); managed != nil && managed.Document != nil {
		return s.outranksAs(arn, Identity{ARN: s.self, IdentityPolicies: one(managed.Document), Context: s.subject.Context},
			"the policies that may be attached give nothing new")
	}
	for _, action := range [...]string{"iam:CreatePolicy", "iam:CreatePolicyVersion"} {
		best := Closed
		s.tries(Call{Action: action}, target{arn: arn}, func(made attempt) bool {
			best = larger(best, made.status())
			return best == Open
		})
		if best == Open {
			return verdict{Open, "the caller can write the policy " + name(arn) + " itself"}
		}
	}
	return unknown("only %s may be attached, and it is not known what that allows", name(arn))
}

// rewritesGroup: the members get the rights.
func rewritesGroup(s *search, _ Call, t target, a attempt) verdict {
	if v := s.attached(a); v.status != Open {
		return v
	}
	if s.account == nil || !t.exists {
		return verdict{status: Open}
	}
	return s.belowAll(s.account.members(t.arn), "all members of the group carry the boundary %s, which stays the ceiling")
}

// belowAll is below for all of several identities; nobody is held below nothing.
func (s *search) belowAll(bearers []*Identity, note string) verdict {
	if len(bearers) == 0 {
		return verdict{status: Open}
	}
	var last verdict
	for _, id := range bearers {
		if last = s.below(id.BoundaryARN, id.ARN, note); last.status != Closed {
			return last
		}
	}
	return last
}

// retrusts: a trust policy can name anybody, also in another account, so that sts:AssumeRole is not needed. That the
// role carries a boundary does not help: its rights come into other hands.
func retrusts(s *search, _ Call, t target, _ attempt) verdict {
	if t.arn == s.self {
		return held("it is the principal's own role")
	}
	return verdict{status: Open}
}

// uncaps: a boundary is taken off.
func uncaps(s *search, _ Call, t target, _ attempt) verdict {
	if boundary, ok := s.boundaryOf(t); ok && boundary == "" {
		return held("%s carries no boundary", name(t.arn))
	}
	return verdict{status: Open}
}

// recaps: a boundary is put in the place of another.
func recaps(s *search, call Call, t target, a attempt) verdict {
	if v := uncaps(s, call, t, a); v.status != Open {
		return v
	}
	if values := a.context[boundaryKey]; len(values) == 1 {
		return s.below(values[0], t.arn, "only the boundary %s can be put, which is the approved one")
	}
	return verdict{status: Open}
}

// edits: the content of a managed policy changes for all who have it.
func edits(s *search, _ Call, t target, a attempt) verdict {
	if has(s.approved, t.arn) {
		return verdict{Open, name(t.arn) + " is the boundary itself"}
	}
	if anyOfKind(t, a) {
		return verdict{status: Open}
	}
	if s.account == nil {
		return unknown("the call is limited to %s, and it is not known who has that policy", name(t.arn))
	}
	if s.account.policy(t.arn) == nil {
		return held("no such policy exists")
	}
	if len(s.account.identities(func(id *Identity) bool { return id.BoundaryARN == t.arn })) > 0 {
		return verdict{Open, name(t.arn) + " is a boundary"}
	}
	bearers := s.account.bearers(t.arn)
	if len(bearers) == 0 {
		return held("the policy is attached to nobody")
	}
	return s.belowAll(bearers, "all who have the policy carry the boundary %s, which stays the ceiling")
}

// rollsBack: another version of a managed policy comes into force.
func rollsBack(s *search, call Call, t target, a attempt) verdict {
	if managed := s.account.policy(t.arn); managed != nil && managed.Versions == 1 {
		return held("the policy has no other version")
	}
	return edits(s, call, t, a)
}

// takesOver: the caller becomes another user.
func takesOver(s *search, _ Call, t target, a attempt) verdict {
	switch id := s.account.identity(t.arn); {
	case t.arn == s.self:
		return held("it is allowed only for the principal itself")
	case anyOfKind(t, a):
		return verdict{status: Open}
	case id != nil:
		return s.outranksAs(t.arn, *id, "the users whom it is allowed for can do no more")
	default:
		return s.named(t, "user")
	}
}

// joins: the caller gets the rights of a group.
func joins(s *search, _ Call, t target, a attempt) verdict {
	if self := s.account.identity(s.self); self != nil && has(self.Groups, t.arn) {
		return held("the principal is in the group already")
	}
	if boundary, ok := s.boundaryOf(target{arn: s.self}); ok && boundary != "" {
		if v := s.below(boundary, s.self, "the principal's own boundary %s stays the ceiling"); v.status != Open {
			return v
		}
	}
	switch group := s.account.group(t.arn); {
	case anyOfKind(t, a):
		return verdict{status: Open}
	case group != nil:
		return s.outranksAs(t.arn, Identity{ARN: s.self, IdentityPolicies: group.Policies, Context: s.subject.Context}, "the groups give nothing new")
	default:
		return s.named(t, "group")
	}
}

// passes: a service acts with a role for the caller.
func passes(s *search, call Call, t target, a attempt) verdict {
	switch id := s.account.identity(t.arn); {
	case anyOfKind(t, a):
		return verdict{status: Open}
	case id != nil:
		return s.lends(id, call.service)
	default:
		return s.named(t, "role")
	}
}

// lends tells whether a service that has a role gives the caller more rights.
func (s *search) lends(id *Identity, service string) verdict {
	trust := s.trusts(id, service)
	if trust == Closed {
		return held("%s does not trust %s", name(id.ARN), service)
	}
	if id.BoundaryARN != "" {
		if v := s.below(id.BoundaryARN, id.ARN, "the roles carry the boundary %s, which stays the ceiling"); v.status != Open {
			return v
		}
	}
	v := s.outranksAs(id.ARN, *id, "the roles can do no more")
	return verdict{smaller(v.status, trust), v.note}
}

// borrows: the caller acts with the role that something existing has. What bears which role is not known, but in a known
// account it is one that trusts the service.
func borrows(s *search, call Call, t target, a attempt) verdict {
	if s.account == nil {
		if anyOfKind(t, a) {
			return verdict{status: Open}
		}
		return unknown("the call is limited to %s, and it is not known what role that has", name(t.arn))
	}
	best := held("no role that %s can have can do more", call.service)
	for i := range s.account.Identities {
		id := &s.account.Identities[i]
		if id.Trust == nil || s.trusts(id, call.service) == Closed {
			continue
		}
		if v := s.lends(id, call.service); v.status.rank() >= best.status.rank() {
			best = v
		}
	}
	if best.status == Open && !anyOfKind(t, a) {
		return unknown("the call is limited to %s, and it is not known what role that has", name(t.arn))
	}
	return best
}
