package policy

import (
	"fmt"
	"strings"
)

// Finding is what one statement says about the request.
type Finding struct {
	Layer  Layer
	Policy string // the policy's name, or its place in the Input
	Sid    string
	Index  int // of the statement in its policy
	Effect Effect
	// Conditions are all conditions of the statement with what the request has.
	Conditions []ConditionFinding
	// Obstacles say why the statement does not apply, or why it is not known
	// whether it does; empty when it applies.
	Obstacles []string

	applies truth
	missed  missed
	how     grants
}

// ConditionFinding is one condition of a statement, tested.
type ConditionFinding struct {
	Operator string
	Key      string
	Wants    []string // the values in the policy
	Has      []string // the values in the request; none where the key is absent
	Holds    bool
	Unknown  bool // neither true nor false for certain
}

// missed is the first part of a statement that does not match, ordered by how
// close the statement is to applying.
type missed int8

const (
	missedNothing missed = iota
	missedCondition
	missedPrincipal
	missedResource
	missedAction
)

// survey asks every statement of every layer that has a say and keeps all answers.
func (e *evaluation) survey() ([]Finding, answers) {
	var all []Finding
	var f answers
	for layer := ResourceControl; layer < layerCount; layer++ {
		e.collectLayer(layer, &f)
		if e.applies[layer] == no {
			continue
		}
		e.eachPolicy(layer, func(label string, policy *Policy) {
			for i := range policy.statements {
				all = append(all, e.examine(layer, label, &policy.statements[i]))
			}
		})
	}
	return all, f
}

func (e *evaluation) eachPolicy(layer Layer, visit func(label string, policy *Policy)) {
	one := func(place string, policy *Policy) {
		if policy == nil {
			return
		}
		if policy.name != "" {
			place = policy.name
		}
		visit(place, policy)
	}
	list := func(place string, policies []*Policy) {
		for i, policy := range policies {
			one(element(place, i), policy)
		}
	}
	levels := func(place string, levels [][]*Policy) {
		for i, level := range levels {
			list(element(place, i), level)
		}
	}
	switch layer {
	case ResourceControl:
		levels("resourceControlPolicies", e.in.ResourceControlPolicies)
	case ServiceControl:
		levels("serviceControlPolicies", e.in.ServiceControlPolicies)
	case VPCEndpoint:
		one("endpointPolicy", e.in.EndpointPolicy)
	case ResourceBased:
		one("resourcePolicy", e.in.ResourcePolicy)
	case IdentityBased:
		list("identityPolicies", e.in.IdentityPolicies)
	case Boundary:
		one("permissionsBoundary", e.in.PermissionsBoundary)
	case Session:
		list("sessionPolicies", e.in.SessionPolicies)
	}
}

func (e *evaluation) examine(layer Layer, label string, s *statement) Finding {
	finding := Finding{Layer: layer, Policy: label, Sid: s.sid, Index: s.index, Effect: s.effect}
	finding.applies, finding.how = e.statementApplies(layer, s)
	if e.applies[layer] == maybe && finding.applies == yes {
		finding.applies = maybe
		finding.Obstacles = append(finding.Obstacles, "it is not known whether such policies cover the service")
	}
	for i := range s.conditions {
		finding.Conditions = append(finding.Conditions, e.examineCondition(&s.conditions[i]))
	}
	switch finding.applies {
	case no:
		finding.missed, finding.Obstacles = e.obstacle(layer, s, finding.Conditions)
	case maybe:
		finding.Obstacles = append(finding.Obstacles, e.doubts(layer, s, finding.Conditions)...)
	}
	return finding
}

func (e *evaluation) examineCondition(c *condition) ConditionFinding {
	holds := c.holds(&e.ctx)
	found := ConditionFinding{
		Operator: c.name, Key: c.key, Has: e.ctx.values(c.key),
		Holds: holds == yes, Unknown: holds == maybe,
	}
	for _, value := range c.values {
		found.Wants = append(found.Wants, value.text)
	}
	return found
}

// obstacle says why a statement does not apply.
func (e *evaluation) obstacle(layer Layer, s *statement, conditions []ConditionFinding) (missed, []string) {
	switch {
	case e.actionMatches(s) == no:
		return missedAction, []string{"it does not cover " + e.in.Action}
	case e.resourceMatches(layer, s) == no:
		return missedResource, []string{"it does not cover " + e.in.Resource}
	case e.principalMatches(layer, s).any() == no:
		return missedPrincipal, []string{"it does not name " + e.in.Principal.String()}
	}
	var failed []string
	for _, c := range conditions {
		if !c.Holds && !c.Unknown {
			failed = append(failed, c.String())
		}
	}
	return missedCondition, failed
}

// doubts says why it is not known whether a statement applies.
func (e *evaluation) doubts(layer Layer, s *statement, conditions []ConditionFinding) []string {
	doubts := append([]string(nil), s.unknown...)
	doubts = append(doubts, flaws(s.actions, e.actionMatches(s), "the action")...)
	doubts = append(doubts, flaws(s.resources, e.resourceMatches(layer, s), "the resource")...)
	if !s.hasResource && e.resourceMatches(layer, s) == maybe {
		doubts = append(doubts, "it has no Resource")
	}
	if e.principalMatches(layer, s).any() == maybe {
		doubts = append(doubts, e.principalDoubt(layer, s))
	}
	for _, c := range conditions {
		if c.Unknown {
			doubts = append(doubts, c.doubt())
		}
	}
	return doubts
}

func flaws(patterns []pattern, matched truth, what string) []string {
	if matched != maybe {
		return nil
	}
	var found []string
	for i := range patterns {
		switch p := &patterns[i]; {
		case p.flaw != "":
			found = append(found, fmt.Sprintf("%s %q %s", what, p.text, p.flaw))
		case p.form == templateForm:
			found = append(found, fmt.Sprintf("%s %q has a policy variable with several values", what, p.text))
		}
	}
	return found
}

func (e *evaluation) principalDoubt(layer Layer, s *statement) string {
	if layer != ResourceBased && layer != ResourceControl && layer != VPCEndpoint {
		return "a policy of this type has no Principal"
	}
	switch {
	case !s.hasPrincipal:
		return "it has no Principal"
	case s.notPrincipal:
		return "AWS documents no certain answer for its NotPrincipal"
	case e.federation && s.principals.trustsProvider():
		return "it trusts an identity provider, and the request does not tell whose token the caller has"
	case layer == VPCEndpoint:
		return "AWS documents no certain answer for its Principal on a gateway endpoint"
	default:
		return "AWS documents no certain answer for its Principal"
	}
}

// String shows the condition and what the request has in its place.
func (c ConditionFinding) String() string {
	has := "no such key"
	if len(c.Has) > 0 {
		has = quoteAll(c.Has, " and ")
	}
	return fmt.Sprintf("%s %s %s (the request has %s)", c.Operator, c.Key, quoteAll(c.Wants, " or "), has)
}

func (c ConditionFinding) doubt() string {
	if parseOperator(c.Operator).family == unknownFamily {
		return fmt.Sprintf("the condition operator %q is not known", c.Operator)
	}
	return "it is not known whether this holds: " + c.String()
}

func quoteAll(values []string, separator string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = fmt.Sprintf("%q", value)
	}
	return strings.Join(quoted, separator)
}
