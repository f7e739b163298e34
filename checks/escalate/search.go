package escalate

import (
	"slices"
	"strings"

	"labctl/checks/policy"
)

// search looks for requests of one subject that are allowed and lead to more rights.
type search struct {
	subject  Subject
	account  *Account         // nil where it is not known
	self     string           // the subject as a resource
	regions  []string         // in which a call could be made: one that is as good as any, and those that the policies name
	mentions []policy.Mention // of all policies around the subject

	approved []string // the boundaries that policies insist on, and the subject's own
	ceilings map[string]verdict
	outranks map[string]verdict
}

// verdict is an answer with its reason.
type verdict struct {
	status Status
	note   string
}

func newSearch(subject Subject, account *Account) *search {
	s := &search{
		subject: subject, account: account, self: subject.selfARN(),
		ceilings: map[string]verdict{}, outranks: map[string]verdict{},
	}
	s.mentions = mentionsAround(&subject.Input)
	s.regions = s.regionsNamed()
	s.approved = s.approvedBoundaries()
	return s
}

// mentionsAround collects what the policies on the principal's side name.
func mentionsAround(in *policy.Input) []policy.Mention {
	var found []policy.Mention
	add := func(policies ...*policy.Policy) {
		for _, p := range policies {
			if p != nil {
				found = append(found, p.Mentions()...)
			}
		}
	}
	add(in.IdentityPolicies...)
	add(in.PermissionsBoundary)
	add(in.SessionPolicies...)
	for _, level := range in.ServiceControlPolicies {
		add(level...)
	}
	return found
}

// expand puts the subject's facts in the place of policy variables. ok is false where one has no value: such a pattern
// matches nothing.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (s *search) expand(pattern string) (string, bool) {
	for {
		start := strings.Index(pattern, "${")
		if start < 0 {
			return pattern, true
		}
		end := strings.IndexByte(pattern[start:], '}')
		if end < 0 {
			return "", false
		}
		key, _, _ := strings.Cut(pattern[start+2:start+end], ",")
		values := s.fact(strings.TrimSpace(key))
		if len(values) != 1 {
			return "", false
		}
		pattern = pattern[:start] + values[0] + pattern[start+end+1:]
	}
}

// fact is the value of a context key that is known.
func (s *search) fact(key string) []string {
	for given, values := range s.subject.Context {
		if strings.EqualFold(given, key) {
			return values
		}
	}
	return nil
}

// attempt is a request that was decided.
type attempt struct {
	context  map[string][]string // what the caller chose
	decision policy.Decision
}

func (a attempt) status() Status {
	switch a.decision.Outcome {
	case policy.Allow:
		return Open
	case policy.Inconclusive:
		return Inconclusive
	default:
		return Closed
	}
}

// tries decides a call on a target with every choice that the caller has, the plainest first, until visit says that it
// has seen enough. whole is false if there are more choices than can be tried.
func (s *search) tries(call Call, t target, visit func(attempt) (enough bool)) (whole bool) {
	known := s.knownAbout(call, t)
	choices := s.choices(call, t, known)
	return product(choices, func(chosen map[string][]string) bool {
		in := s.subject.Input
		in.Action, in.Resource, in.ResourcePolicy = call.Action, t.arn, nil
		in.Context = merged(known, chosen, s.subject.Context)
		return visit(attempt{context: merged(chosen, s.shown(call, known)), decision: policy.Evaluate(in)})
	})
}

// knownAbout lists the keys of a request that follow from the call and its target.
func (s *search) knownAbout(call Call, t target) map[string][]string {
	known := map[string][]string{}
	if call.Action == "iam:PassRole" {
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
		known["iam:PassedToService"] = []string{call.service}
	}
	if region := arnParts(t.arn)[3]; region != "" {
		known[regionKey] = []string{region}
	}
	if id := s.account.identity(t.arn); id != nil && id.Tags != nil {
		for key, value := range id.Tags {
			known["aws:ResourceTag/"+key] = []string{value}
			known["iam:ResourceTag/"+key] = []string{value}
		}
	}
	return known
}

// shown are the known keys that a reader wants to see beside those which the caller chose.
func (s *search) shown(call Call, known map[string][]string) map[string][]string {
	if call.Action != "iam:PassRole" {
		return nil
	}
	return map[string][]string{"iam:PassedToService": known["iam:PassedToService"]}
}

// isFact tells whether a key is about who asks, so that its value is not for the caller to choose. Where the caller of
// this package does not list such a key the request does not have it.
//
// The keys about organizations are missing here on purpose: a condition on one asks for the organization that the
// account is in, which only the account itself knows.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func isFact(key string) bool {
	key = strings.ToLower(key)
	for _, prefix := range [...]string{
		"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:principaltag/", "aws:principalisawsservice",
		"aws:principalservicename", "aws:username", "aws:userid", "aws:federatedprovider", "aws:sourceaccount", "aws:sourcearn",
		"aws:resourceaccount",
	} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

func isResourceTag(key string) bool { return strings.Contains(strings.ToLower(key), ":resourcetag/") }

// choice is a context key with the values that the caller could have in it; nil is no such key.
type choice struct {
	key    string
	values [][]string
}

// choices lists what the caller can choose in a request and the policies ask about.
func (s *search) choices(call Call, t target, known map[string][]string) []choice {
	var found []choice
	add := func(key string, values ...[]string) {
		i := slices.IndexFunc(found, func(c choice) bool { return strings.EqualFold(c.key, key) })
		if i < 0 {
			i = len(found)
			found = append(found, choice{key: key})
		}
		for _, value := range values {
			if !slices.ContainsFunc(found[i].values, func(v []string) bool { return slices.Equal(v, value) && (v == nil) == (value == nil) }) {
				found[i].values = append(found[i].values, value)
			}
		}
	}
	for _, c := range s.conditionsOn(call.Action, t.arn) {
		switch {
		case isFact(c.Key) || s.fact(c.Key) != nil || isListed(known, c.Key):
		case t.exists && isResourceTag(c.Key) && s.account.identity(t.arn) != nil:
			// Its tags are known, and this is none of them.
		case strings.EqualFold(c.Key, boundaryKey):
			add(c.Key, s.boundaries(call, t)...)
		case strings.EqualFold(c.Key, policyKey):
			add(c.Key, s.attachable()...)
		default:
			add(c.Key, nil)
			add(c.Key, s.answers(c)...)
		}
	}
	return found
}

func isListed(context map[string][]string, key string) bool {
	for listed := range context {
		if strings.EqualFold(listed, key) {
			return true
		}
	}
	return false
}

// conditionsOn are the conditions of the statements that may speak about a request.
func (s *search) conditionsOn(action, resource string) []policy.ConditionMention {
	var found []policy.ConditionMention
	for _, m := range s.mentions {
		named := slices.ContainsFunc(m.Actions, func(pattern string) bool { return coversAction(pattern, action) })
		covered := slices.ContainsFunc(m.Resources, func(pattern string) bool {
			text, ok := s.expand(pattern)
			return ok && covers(text, resource)
		})
		if named != m.NotAction && covered != m.NotResource {
			found = append(found, m.Conditions...)
		}
	}
	return found
}

// maxChoices bounds the requests for one call on one target.
const maxChoices = 3000

// product visits every combination of choices.
func product(choices []choice, visit func(map[string][]string) bool) (whole bool) {
	at := make([]int, len(choices))
	for range maxChoices {
		chosen := map[string][]string{}
		for i, c := range choices {
			if value := c.values[at[i]]; value != nil {
				chosen[c.key] = value
			}
		}
		if visit(chosen) {
			return true
		}
		i := 0
		for ; i < len(at); i++ {
			if at[i]++; at[i] < len(choices[i].values) {
				break
			}
			at[i] = 0
		}
		if i == len(at) {
			return true
		}
	}
	return false
}

func merged(contexts ...map[string][]string) map[string][]string {
	all := map[string][]string{}
	for _, context := range contexts {
		for key, values := range context {
			all[key] = values
		}
	}
	return all
}
