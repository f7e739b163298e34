package escalate

import (
	"strings"

	"labctl/checks/policy"
)

// approvedBoundaries are the subject's own boundary and those that its policies name to the letter.
func (s *search) approvedBoundaries() []string {
	var found []string
	if s.subject.PermissionsBoundary != nil {
		found = append(found, s.ownBoundary())
	}
	for _, value := range s.valuesOf(boundaryKey) {
		if !strings.Contains(value, anyName) && value != s.administrator() && !has(found, value) {
			found = append(found, value)
		}
	}
	return found
}

// ownBoundary is the ARN of the subject's boundary. Where only the document is known it is taken to be the one boundary
// that the policies name, or else an ARN that nothing names.
func (s *search) ownBoundary() string {
	if s.subject.BoundaryARN != "" {
		return s.subject.BoundaryARN
	}
	if named := s.valuesOf(boundaryKey); len(named) == 1 {
		return named[0]
	}
	return fill(policyKind.pattern(s.self, ""), "labctl-own-boundary")
}

// boundaries lists what iam:PermissionsBoundary can hold in a request: of what exists and is known, what it carries; of
// anything else none, an approved one, or another. In a Put call it is the boundary that is being set, in a Delete call
// the one that is there.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PermissionsBoundary
func (s *search) boundaries(call Call, t target) [][]string {
	sets := strings.HasPrefix(call.Action, "iam:Put") && strings.HasSuffix(call.Action, "PermissionsBoundary")
	if !sets {
		if known, ok := s.boundaryOf(t); ok {
			if known == "" {
				return [][]string{nil}
			}
			return [][]string{{known}}
		}
	}
	var found [][]string
	if !strings.HasSuffix(call.Action, "PermissionsBoundary") {
		found = append(found, nil)
	}
	found = append(found, []string{s.otherPolicy()}, []string{s.administrator()})
	for _, value := range s.valuesOf(boundaryKey) {
		found = append(found, []string{value})
	}
	return append(found, s.approvedChoices()...)
}

func (s *search) approvedChoices() [][]string {
	var found [][]string
	for _, arn := range s.approved {
		found = append(found, []string{arn})
	}
	return found
}

// boundaryOf is the ARN of the boundary that a target carries, "" where it has none; ok is false where that is not known.
func (s *search) boundaryOf(t target) (arn string, ok bool) {
	if t.arn == s.self {
		if s.subject.PermissionsBoundary == nil {
			return "", true
		}
		return s.ownBoundary(), true
	}
	if id := s.account.identity(t.arn); id != nil {
		return id.BoundaryARN, true
	}
	return "", false
}

// isCeiling tells whether a boundary holds one who carries it: whether it is one of the approved ones, and does not let
// its bearer get rid of it. A boundary may say different things about different bearers. Open is yes.
func (s *search) isCeiling(arn, bearer string) verdict {
	key := arn + " " + bearer
	if v, ok := s.ceilings[key]; ok {
		return v
	}
	v := s.testCeiling(arn, bearer)
	s.ceilings[key] = v
	return v
}

func (s *search) testCeiling(arn, bearer string) verdict {
	if !has(s.approved, arn) {
		return verdict{status: Closed}
	}
	document := s.boundaryDocument(arn)
	if document == nil {
		return verdict{status: Open}
	}
	in := policy.Input{Request: s.subject.Request, IdentityPolicies: []*policy.Policy{document}}
	facts := s.subject.Context
	if bearer != s.self {
		var err error
		if in.Principal, err = policy.ParsePrincipal(bearer); err != nil {
			return verdict{Inconclusive, "whether the boundary " + name(arn) + " holds " + name(bearer) + " is not known"}
		}
		facts = nil
		if id := s.account.identity(bearer); id != nil {
			facts = id.Context
		}
	}
	best := Closed
	for _, way := range s.waysPast(arn) {
		in.Action, in.Resource = way.action, way.resource
		in.Context = merged(facts, way.context)
		best = larger(best, attempt{decision: policy.Evaluate(in)}.status())
		if best == Open {
			return verdict{Closed, "the boundary " + name(arn) + " itself allows " + way.action + " on what carries no boundary, and so is no ceiling"}
		}
	}
	if best == Inconclusive {
		return verdict{Inconclusive, "whether the boundary " + name(arn) + " lets somebody past it is not known"}
	}
	return verdict{status: Open}
}

func (s *search) boundaryDocument(arn string) *policy.Policy {
	if s.subject.PermissionsBoundary != nil && arn == s.ownBoundary() {
		return s.subject.PermissionsBoundary
	}
	if managed := s.account.policy(arn); managed != nil {
		return managed.Document
	}
	return nil
}

type wayPast struct {
	action, resource string
	context          map[string][]string
}

// waysPast are the calls by which somebody whose policies allow everything would get out from below a boundary.
func (s *search) waysPast(boundary string) []wayPast {
	user, role := fill(userKind.pattern(s.self, ""), anyName), fill(roleKind.pattern(s.self, ""), anyName)
	strong := map[string][]string{policyKey: {s.administrator()}}
	carried := map[string][]string{boundaryKey: {boundary}}
	replaced := map[string][]string{boundaryKey: {s.administrator()}}
	ways := []wayPast{
		{"iam:AttachUserPolicy", user, strong}, {"iam:PutUserPolicy", user, nil},
		{"iam:AttachRolePolicy", role, strong}, {"iam:PutRolePolicy", role, nil},
		{"iam:DeleteUserPermissionsBoundary", user, carried}, {"iam:DeleteRolePermissionsBoundary", role, carried},
		{"iam:PutUserPermissionsBoundary", user, replaced}, {"iam:PutRolePermissionsBoundary", role, replaced},
	}
	if boundary == s.ownBoundary() && s.subject.BoundaryARN == "" {
		return ways // whether it can be edited cannot be asked without its ARN
	}
	return append(ways, wayPast{"iam:CreatePolicyVersion", boundary, nil}, wayPast{"iam:SetDefaultPolicyVersion", boundary, nil})
}

// name is the last part of an ARN, for a sentence.
func name(arn string) string { return readable(arnParts(arn)[5]) }
