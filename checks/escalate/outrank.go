package escalate

import (
	"slices"
	"strings"

	"labctl/checks/policy"
)

// outranksAs tells whether an identity may do something that the subject may not. The answer is kept under a key. note
// is for an identity that may not.
func (s *search) outranksAs(key string, id Identity, note string) verdict {
	if v, ok := s.outranks[key]; ok {
		return v
	}
	v := s.compare(id)
	if v.status == Closed {
		v.note = note
	}
	s.outranks[key] = v
	return v
}

// compare looks for a request that the identity may make and the subject may not: among what the policies of both name,
// what resource policies name, and what no policy names.
func (s *search) compare(id Identity) verdict {
	if id.ARN == s.self && id.Trust != nil {
		return verdict{status: Closed}
	}
	theirs, err := s.inputOf(id)
	if err != nil {
		return unknown("%s is no principal", id.ARN)
	}
	best := verdict{status: Closed}
	for _, request := range s.requests(&theirs) {
		switch allowed, mine := s.ask(theirs, request), s.ask(s.subject.Input, request); {
		case allowed == policy.Allow && mine != policy.Allow && mine != policy.Inconclusive:
			return verdict{Open, readable(name(id.ARN) + " may do " + request.action + " on " + request.resource + ", the principal may not")}
		case (allowed == policy.Allow || allowed == policy.Inconclusive) && mine != policy.Allow:
			best = unknown("whether %s may do more than the principal is not known: %s", name(id.ARN), readable(request.action))
		}
	}
	return best
}

func (s *search) inputOf(id Identity) (policy.Input, error) {
	in := policy.Input{
		IdentityPolicies: id.IdentityPolicies, PermissionsBoundary: id.Boundary,
		ServiceControlPolicies: s.subject.ServiceControlPolicies, ManagementAccount: s.subject.ManagementAccount,
	}
	var err error
	in.Principal, err = policy.ParsePrincipal(id.ARN)
	in.Context = id.Context
	if id.ARN == s.self {
		in.Principal = s.subject.Principal
	}
	return in, err
}

// request is something to compare two identities by.
type request struct {
	action, resource string
	policy           *policy.Policy // of the resource
	context          map[string][]string
}

func (s *search) ask(in policy.Input, r request) policy.Outcome {
	in.Action, in.Resource, in.ResourcePolicy = r.action, r.resource, r.policy
	in.Context = merged(r.context, in.Context)
	return policy.Evaluate(in).Outcome
}

// telling are requests that tell an administrator from others.
func telling() []string {
	return []string{
		"iam:CreateUser", "iam:PutRolePolicy", "s3:GetObject", "s3:DeleteObjectVersion", "kms:Decrypt", "kms:PutKeyPolicy", "sts:AssumeRole",
		"ec2:RunInstances", "lambda:CreateFunction", "secretsmanager:GetSecretValue", "dynamodb:Scan", "cloudtrail:StopLogging",
	}
}

// requests lists what to compare by: what the other identity's statements name, and where the subject is denied.
func (s *search) requests(theirs *policy.Input) []request {
	var found []request
	for _, m := range mentionsAround(theirs) {
		if m.Effect == policy.AllowEffect {
			found = append(found, s.asked(m)...)
		}
	}
	for _, m := range s.mentions {
		if m.Effect == policy.DenyEffect {
			found = append(found, s.asked(m)...)
		}
	}
	if s.account == nil {
		return found
	}
	for _, resource := range s.account.Resources {
		for _, m := range resource.Policy.Mentions() {
			for _, r := range s.asked(m) {
				r.policy = resource.Policy
				if !covers(resource.ARN+"*", r.resource) {
					r.resource = resource.ARN // a key policy says "*" and means its key
				}
				found = append(found, r)
			}
		}
	}
	return found
}

// asked makes requests that a statement speaks about.
func (s *search) asked(m policy.Mention) []request {
	resources := m.Resources
	if m.NotResource || len(resources) == 0 {
		resources = []string{"*"}
	}
	context := s.satisfied(m)
	var found []request
	for _, action := range actionsOf(m) {
		for _, resource := range resources {
			if text, ok := s.expand(resource); ok {
				found = append(found, request{action: action, resource: s.instance(text, action), context: context})
			}
		}
	}
	return found
}

// actionsOf fills the patterns of a statement's actions. An action that does not exist stands for those which do.
func actionsOf(m policy.Mention) []string {
	if m.NotAction {
		return slices.DeleteFunc(telling(), func(action string) bool {
			return slices.ContainsFunc(m.Actions, func(pattern string) bool { return coversAction(pattern, action) })
		})
	}
	var found []string
	for _, pattern := range m.Actions {
		if pattern == "*" {
			found = append(found, telling()...)
			continue
		}
		found = append(found, fill(pattern, anyAction))
	}
	return found
}

// instance fills the pattern of a resource. "*" becomes a resource of the action's service that no policy names.
func (s *search) instance(pattern, action string) string {
	if pattern != "*" {
		return fillARN(pattern, anyName)
	}
	service, _, _ := strings.Cut(action, ":")
	parts := arnParts(s.self)
	switch service {
	case "s3":
		return "arn:" + parts[1] + ":s3:::" + anyName + "/" + anyName
	case "iam", "sts":
		return fill(roleKind.pattern(s.self, ""), anyName)
	default:
		return "arn:" + parts[1] + ":" + service + ":" + s.regions[0] + ":" + parts[4] + ":" + anyName
	}
}

// satisfied is a context in which a statement's conditions about the request hold, as far as one value each can do it.
func (s *search) satisfied(m policy.Mention) map[string][]string {
	context := map[string][]string{}
	for _, c := range m.Conditions {
		if isFact(c.Key) || baseName(c.Operator) == "null" || len(c.Values) == 0 {
			continue
		}
		if answers := s.answersTo(c.Operator, c.Values[0]); len(answers) > 0 {
			context[c.Key] = answers[:1]
		}
	}
	return context
}

// trusts tells whether a role lets a service assume it.
func (s *search) trusts(id *Identity, service string) Status {
	if id.Trust == nil {
		return Inconclusive
	}
	account := arnParts(s.self)[4]
	in := policy.Input{ResourcePolicy: id.Trust, Request: policy.Request{
		Principal: policy.Service(service), Action: "sts:AssumeRole", Resource: id.ARN, ResourceAccount: account,
	}}
	best := Closed
	for _, m := range id.Trust.Mentions() {
		// The service calls for this account; which of its resources it does that for is the caller's choice.
		in.Context = merged(s.source(m), map[string][]string{"aws:SourceAccount": {account}})
		best = larger(best, attempt{decision: policy.Evaluate(in)}.status())
	}
	return best
}

// source are the conditions of a trust statement about the resource that the service acts for.
func (s *search) source(m policy.Mention) map[string][]string {
	context := s.satisfied(m)
	for _, c := range m.Conditions {
		if strings.EqualFold(c.Key, "aws:SourceArn") && len(c.Values) > 0 {
			if pattern, ok := meetARN(c.Values[0], "arn:*:*:*:"+arnParts(s.self)[4]+":*"); ok {
				context[c.Key] = []string{fillARN(pattern, anyName)}
			}
		}
	}
	return context
}

// one is a list of one policy.
func one(p *policy.Policy) []*policy.Policy { return []*policy.Policy{p} }
