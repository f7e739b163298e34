package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Cited names a statement that decided.
type Cited struct {
	Policy string `json:"policy"`
	Sid    string `json:"sid"`
	Effect Effect `json:"effect"`
}

// Details is what led to a decision, for programs.
type Details struct {
	// Deciding are the statements that decided: those that deny; those that allow,
	// the ones that grant before the ones that only limit; or those in doubt.
	Deciding []Finding
	// Blocked are the layers that do not allow, when the decision is ImplicitDeny.
	Blocked []Layer
	// Near are statements that do not apply and would change the answer if they
	// did, the closest first.
	Near []Finding
	// Doubtful are the statements that might deny as well, when the decision is
	// ImplicitDeny.
	Doubtful []Finding
	// needed tells that the request would be denied without the one statement that
	// grants it, when the decision is Allow.
	needed bool
	// Otherwise is the outcome without the statements that deny, when the decision
	// is ExplicitDeny.
	Otherwise Outcome
}

// maxNear bounds how many near misses an explanation tells.
const maxNear = 3

// By cites the statements that decided; none for an implicit deny.
func (d Decision) By() []Cited {
	by := []Cited{}
	for _, finding := range d.Details().Deciding {
		by = append(by, Cited{Policy: finding.Policy, Sid: finding.Sid, Effect: finding.Effect})
	}
	return by
}

// MarshalJSON gives {"decision", "by", "explanation"}.
func (d Decision) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Decision    Outcome `json:"decision"`
		By          []Cited `json:"by"`
		Explanation string  `json:"explanation"`
	}{d.Outcome, d.By(), d.Explanation()})
}

// Details works out what led to the decision.
func (d Decision) Details() Details {
	e := newEvaluation(&d.input)
	all, f := e.survey()
	var details Details
	switch d.Outcome {
	case ExplicitDeny:
		details.Deciding = pick(all, func(s Finding) bool { return s.Effect == DenyEffect && s.applies == yes })
		for layer := range f.deny {
			if f.deny[layer] == yes {
				f.deny[layer] = no
			}
		}
		details.Otherwise = e.outcome(f)
	case Allow:
		details.Deciding = e.allowing(all, f)
		details.needed = e.needsGrant(all, details.Deciding)
		details.Near = near(all, func(s Finding) bool {
			return s.Effect == DenyEffect && s.missed == missedCondition
		})
	case ImplicitDeny:
		details.Blocked = e.blocking(f)
		details.Near = near(all, func(s Finding) bool {
			return s.Effect == AllowEffect && s.missed < missedAction && slices.Contains(details.Blocked, s.Layer)
		})
		details.Doubtful = pick(all, func(s Finding) bool { return s.Effect == DenyEffect && s.applies == maybe })
	case Inconclusive:
		details.Deciding = pick(all, func(s Finding) bool {
			return s.applies == maybe && (s.Effect == DenyEffect || s.Layer == ResourceBased || f.allow[s.Layer] == maybe)
		})
	}
	return details
}

func pick(all []Finding, wanted func(Finding) bool) []Finding {
	var picked []Finding
	for _, finding := range all {
		if wanted(finding) {
			picked = append(picked, finding)
		}
	}
	return picked
}

// near picks statements that do not apply, the closest to applying first.
func near(all []Finding, wanted func(Finding) bool) []Finding {
	picked := pick(all, func(s Finding) bool { return s.applies == no && wanted(s) })
	slices.SortStableFunc(picked, func(a, b Finding) int { return int(a.missed) - int(b.missed) })
	return picked[:min(len(picked), maxNear)]
}

// allowing picks the statements that allow: first those that grant, then those
// that only let the grant through.
func (e *evaluation) allowing(all []Finding, f answers) []Finding {
	escapes := e.same && f.grant.direct == yes
	// What boundary or session policy stops has no part in a grant that escapes them.
	stopped := escapes && both(f.allow[Boundary], f.allow[Session]) != yes
	grants := pick(all, func(s Finding) bool {
		switch {
		case s.Effect != AllowEffect || s.applies != yes:
			return false
		case stopped:
			return s.Layer == ResourceBased && s.how.direct == yes
		case s.Layer == ResourceBased:
			return !e.same || e.strict || s.how.direct == yes || s.how.role == yes
		default:
			return s.Layer == IdentityBased
		}
	})
	limits := pick(all, func(s Finding) bool {
		switch s.Layer {
		case ResourceBased, IdentityBased:
			return false
		case Boundary, Session:
			return s.Effect == AllowEffect && s.applies == yes && !escapes
		default:
			return s.Effect == AllowEffect && s.applies == yes
		}
	})
	return append(grants, limits...)
}

// needsGrant tells whether one statement alone grants the request, so that it would
// be denied without it.
func (e *evaluation) needsGrant(all, deciding []Finding) bool {
	if e.in.Principal.kind == accountPrincipal && e.same && !e.strict {
		return false // only role trust and key policies can withhold from the account itself
	}
	inDoubt := slices.ContainsFunc(all, func(s Finding) bool {
		return s.grants() && s.Effect == AllowEffect && s.applies == maybe
	})
	return !inDoubt && len(pick(deciding, Finding.grants)) == 1
}

// grants tells whether the statement's layer can give access, and not only limit it.
func (f Finding) grants() bool { return f.Layer == ResourceBased || f.Layer == IdentityBased }

// blocking lists the layers whose lack of an allow makes an implicit deny.
func (e *evaluation) blocking(f answers) []Layer {
	var blocked []Layer
	block := func(layer Layer, t truth) {
		if t == no {
			blocked = append(blocked, layer)
		}
	}
	for _, layer := range [...]Layer{ResourceControl, ServiceControl, VPCEndpoint} {
		block(layer, f.allow[layer])
	}
	if e.granted(f) != no {
		return blocked
	}
	if !e.in.Principal.inAccount() {
		return append(blocked, ResourceBased)
	}
	switch {
	case !e.same:
		block(ResourceBased, f.grant.any())
		block(IdentityBased, f.allow[IdentityBased])
	case e.strict && f.grant.any() == no:
		return append(blocked, ResourceBased)
	case e.strict:
		block(IdentityBased, either(f.grant.role, f.allow[IdentityBased]))
	default:
		block(IdentityBased, either(f.grant.role, f.allow[IdentityBased]))
		block(ResourceBased, either(f.grant.role, f.allow[IdentityBased]))
	}
	block(Boundary, f.allow[Boundary])
	block(Session, f.allow[Session])
	return blocked
}

// Explanation tells in plain sentences which statement decided, on which
// condition with which value, and what would change the answer.
func (d Decision) Explanation() string {
	e := newEvaluation(&d.input)
	details := d.Details()
	request := fmt.Sprintf("%s on %s by %s", d.input.Action, d.input.Resource, d.input.Principal)
	var lines []string
	switch d.Outcome {
	case ExplicitDeny:
		lines = explainDeny(request, details)
	case Allow:
		lines = e.explainAllow(request, details)
	case ImplicitDeny:
		lines = e.explainImplicit(request, details)
	default:
		lines = e.explainDoubt(request, details)
	}
	return strings.Join(lines, " ")
}

func explainDeny(request string, details Details) []string {
	lines := []string{request + " is denied."}
	for _, finding := range details.Deciding {
		line := finding.String() + " denies it"
		if held := finding.conditions(); held != "" {
			line += ", because " + held
		}
		lines = append(lines, line+".")
	}
	change := "To change that, this statement has to go"
	switch {
	case len(details.Deciding) > 1:
		change = "To change that, all of these statements must stop applying"
	case len(details.Deciding[0].Conditions) > 0:
		change = "To change that, one of its conditions must not hold"
	}
	switch details.Otherwise {
	case Allow:
		change += "; the other policies allow the request."
	case ImplicitDeny:
		change += ", and an allow is missing as well."
	default:
		change += "; whether the other policies allow the request is not known."
	}
	return append(lines, change)
}

func (e *evaluation) explainAllow(request string, details Details) []string {
	lines := []string{request + " is allowed."}
	if e.in.Principal.kind == accountPrincipal {
		lines = append(lines, "Identity policies do not limit an account's root.")
	}
	for _, finding := range details.Deciding {
		line := finding.String() + " lets it through"
		if finding.grants() {
			line = finding.String() + " allows it"
		}
		if held := finding.conditions(); held != "" {
			line += ", because " + held
		}
		lines = append(lines, line+".")
		if finding.grants() && details.needed {
			lines = append(lines, "Without that allow it would be denied.")
		}
	}
	for _, finding := range details.Near {
		lines = append(lines, finding.near("deny"))
	}
	return lines
}

func (e *evaluation) explainImplicit(request string, details Details) []string {
	why := "no statement denies it, but an allow is missing"
	if len(details.Doubtful) > 0 {
		why = "an allow is missing, whatever comes of the statements in doubt"
	}
	lines := []string{request + " is denied: " + why + "."}
	for _, layer := range details.Blocked {
		lines = append(lines, e.lack(layer))
	}
	for _, finding := range details.Near {
		lines = append(lines, finding.near("allow"))
	}
	for _, finding := range details.Doubtful {
		lines = append(lines, finding.doubtful())
	}
	return lines
}

// lack says what is missing in a layer and so what would change the answer.
func (e *evaluation) lack(layer Layer) string {
	switch layer {
	case ResourceControl:
		return "A level of resource control policies does not allow it."
	case ServiceControl:
		return "A level of service control policies does not allow it; every level must."
	case VPCEndpoint:
		return "The policy of the VPC endpoint does not allow it."
	case Boundary:
		return "The permissions boundary does not allow it" + e.wayAround("the user or the session")
	case Session:
		return "The session policy does not allow it" + e.wayAround("the session")
	case IdentityBased:
		return "No identity policy allows it."
	}
	return e.lackOfResourcePolicy()
}

// wayAround tells whose grant escapes an implicit deny, which is so within one
// account only.
func (e *evaluation) wayAround(whom string) string {
	if !e.same {
		return "."
	}
	return "; only a resource policy that names " + whom + " itself gets past that."
}

func (e *evaluation) lackOfResourcePolicy() string {
	kind := "resource policy"
	if e.trust {
		kind = "trust policy"
	} else if e.strict {
		kind = "key policy"
	}
	missing := "the " + kind + " does not allow it"
	if e.in.ResourcePolicy == nil {
		missing = "there is no " + kind
	}
	if e.same && e.collect().grant.account == yes {
		missing = "the " + kind + " names only the account, which leaves it to identity policies"
	}
	switch {
	case e.strict:
		return "A " + kind + " must itself allow it, and " + missing + "."
	case !e.in.Principal.inAccount():
		return "Only a " + kind + " can allow it, and " + missing + "."
	case !e.same:
		return "The resource is in another account, so that its " + kind + " must allow it as well, and " + missing + "."
	default:
		return "A " + kind + " that names the principal would do as well, but " + missing + "."
	}
}

func (e *evaluation) explainDoubt(request string, details Details) []string {
	lines := []string{"Whether " + request + " is allowed cannot be decided."}
	if len(details.Deciding) == 0 {
		lines = append(lines, "Resource control policies do not allow it, and it is not known whether they cover the service.")
	}
	for _, finding := range details.Deciding {
		lines = append(lines, finding.doubtful())
	}
	return lines
}

// doubtful tells why it is not known whether a statement applies.
func (f Finding) doubtful() string {
	verb := "might allow"
	if f.Effect == DenyEffect {
		verb = "might deny"
	}
	return fmt.Sprintf("%s %s it: %s.", f, verb, strings.Join(f.Obstacles, "; "))
}

// near tells what a statement that does not apply would need to do so.
func (f Finding) near(verb string) string {
	obstacles := strings.Join(f.Obstacles, "; ")
	if f.missed == missedCondition {
		return fmt.Sprintf("%s would %s it if this held: %s.", f, verb, obstacles)
	}
	return fmt.Sprintf("%s does not apply: %s.", f, obstacles)
}

// String names the statement and its policy.
func (f Finding) String() string {
	name := element("Statement", f.Index)
	if f.Sid != "" {
		name = fmt.Sprintf("%q", f.Sid)
	}
	return name + " in " + f.Policy
}

func (f Finding) conditions() string {
	held := make([]string, len(f.Conditions))
	for i, c := range f.Conditions {
		held[i] = c.String()
	}
	return strings.Join(held, "; ")
}

// String names the layer in AWS's terms.
func (l Layer) String() string {
	switch l {
	case ResourceControl:
		return "resource control policies"
	case ServiceControl:
		return "service control policies"
	case VPCEndpoint:
		return "VPC endpoint policy"
	case ResourceBased:
		return "resource policy"
	case IdentityBased:
		return "identity policies"
	case Boundary:
		return "permissions boundary"
	default:
		return "session policy"
	}
}
