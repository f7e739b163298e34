package policy

// Outcome is the answer to a request.
type Outcome string

// The four outcomes. Inconclusive means that something which the engine does not
// know could have changed the answer.
const (
	Allow        Outcome = "allow"
	ExplicitDeny Outcome = "explicit_deny"
	ImplicitDeny Outcome = "implicit_deny"
	Inconclusive Outcome = "inconclusive"
)

// Decision is the outcome for an input. What led to it is worked out on demand
// by its methods, because most decisions are only counted.
type Decision struct {
	Outcome Outcome
	input   Input
}

// Evaluate decides the request. It never fails: what it cannot decide is
// Inconclusive.
//
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func Evaluate(input Input) Decision {
	e := newEvaluation(&input)
	return Decision{Outcome: e.outcome(e.collect()), input: input}
}

// Layer is a kind of policy by the part that it plays in an evaluation.
type Layer int

// The layers, in the order in which AWS documents their evaluation.
const (
	ResourceControl Layer = iota
	ServiceControl
	VPCEndpoint
	ResourceBased
	IdentityBased
	Boundary
	Session
	layerCount
)

// evaluation is the state of one decision.
type evaluation struct {
	in   *Input
	ctx  requestContext
	same bool // principal and resource are in one account
	// strict: the resource's own policy must allow, even within one account.
	strict bool
	// trust: the resource policy is a role trust policy, which has no Resource.
	trust bool
	// federation: the caller has no credentials but, maybe, a token of an identity provider.
	federation bool
	endpoint   truth // whether the endpoint is a gateway endpoint
	// Whether the layer has a say, by the rules and whatever policies there are.
	applies [layerCount]truth
}

// answers are the answers of the layers, before they are put together.
type answers struct {
	deny  [layerCount]truth
	allow [layerCount]truth
	grant grants // of the resource policy
}

func newEvaluation(in *Input) evaluation {
	e := evaluation{in: in, ctx: requestContext{given: in.Context, who: &in.Principal}}
	e.trust = isTrustAction(in.Action)
	e.federation = e.trust && in.Principal.kind == anonymousPrincipal && isFederation(in.Action)
	e.strict = e.trust || isKeyRequest(in)
	e.endpoint = e.gatewayEndpoint()
	account := e.resourceAccount()
	e.same = in.Principal.inAccount() && in.Principal.account == account

	e.applies[ResourceBased], e.applies[VPCEndpoint] = yes, yes
	identity := truthOf(in.Principal.inAccount())
	e.applies[IdentityBased], e.applies[Boundary], e.applies[Session] = identity, identity, identity
	e.applies[ServiceControl] = truthOf(e.serviceControlApplies())
	e.applies[ResourceControl] = e.resourceControlApplies(account)
	return e
}

// collect asks every layer. It stops at the first deny that certainly applies,
// which decides whatever the others say.
func (e *evaluation) collect() answers {
	var f answers
	for layer := ResourceControl; layer < layerCount; layer++ {
		if e.collectLayer(layer, &f); f.deny[layer] == yes {
			break
		}
	}
	return f
}

func (e *evaluation) collectLayer(layer Layer, f *answers) {
	f.allow[layer] = yes
	if e.applies[layer] == no {
		return
	}
	switch layer {
	case ResourceControl:
		e.askLevels(layer, e.in.ResourceControlPolicies, f)
	case ServiceControl:
		e.askLevels(layer, e.in.ServiceControlPolicies, f)
	case VPCEndpoint:
		e.askLimit(layer, e.in.EndpointPolicy, f)
	case ResourceBased:
		f.allow[layer] = no
		if e.in.ResourcePolicy != nil {
			e.ask(layer, e.in.ResourcePolicy, f)
			f.allow[layer] = f.grant.any()
		}
	case IdentityBased:
		// Nothing limits the account itself but control policies and denies.
		f.allow[layer] = truthOf(e.in.Principal.kind == accountPrincipal)
		e.askAll(layer, e.in.IdentityPolicies, f)
	case Boundary:
		e.askLimit(layer, e.in.PermissionsBoundary, f)
	case Session:
		// Several session policies act as one: each can allow.
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
		if len(e.in.SessionPolicies) > 0 {
			f.allow[layer] = no
			e.askAll(layer, e.in.SessionPolicies, f)
		}
	}
}

func (e *evaluation) askLimit(layer Layer, policy *Policy, f *answers) {
	if policy != nil {
		f.allow[layer] = no
		e.ask(layer, policy, f)
	}
}

func (e *evaluation) askAll(layer Layer, policies []*Policy, f *answers) {
	for _, policy := range policies {
		e.ask(layer, policy, f)
	}
}

// askLevels asks control policies: every level must allow. RCPFullAWSAccess, the
// only RCP that can allow, is attached to every level and cannot be detached, so
// a level that lists only denies still allows the rest.
//   - https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
//   - https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html
func (e *evaluation) askLevels(layer Layer, levels [][]*Policy, f *answers) {
	all := yes
	for _, level := range levels {
		if len(level) == 0 {
			continue
		}
		f.allow[layer] = truthOf(layer == ResourceControl && !canAllow(level))
		e.askAll(layer, level, f)
		all = both(all, f.allow[layer])
	}
	f.allow[layer] = all
	if e.applies[layer] == maybe {
		f.deny[layer] = both(f.deny[layer], maybe)
		f.allow[layer] = either(f.allow[layer], maybe)
	}
}

func canAllow(policies []*Policy) bool {
	for _, policy := range policies {
		for i := range policy.statements {
			if policy.statements[i].effect == AllowEffect {
				return true
			}
		}
	}
	return false
}

// ask adds what the statements of one policy say to the answers of its layer.
func (e *evaluation) ask(layer Layer, policy *Policy, f *answers) {
	for i := range policy.statements {
		s := &policy.statements[i]
		applies, how := e.statementApplies(layer, s)
		switch {
		case applies == no:
		case s.effect == DenyEffect:
			f.deny[layer] = either(f.deny[layer], applies)
		default:
			f.allow[layer] = either(f.allow[layer], applies)
			if layer == ResourceBased {
				f.grant = f.grant.or(how)
			}
		}
	}
}

// statementApplies tells whether a statement speaks about the request, and for a
// statement with a Principal in which way that names the caller.
func (e *evaluation) statementApplies(layer Layer, s *statement) (truth, grants) {
	applies := e.actionMatches(s)
	if applies == no {
		return no, grants{}
	}
	if applies = both(applies, e.resourceMatches(layer, s)); applies == no {
		return no, grants{}
	}
	how := e.principalMatches(layer, s)
	if applies = both(applies, how.any()); applies == no {
		return no, grants{}
	}
	if len(s.unknown) > 0 {
		applies = maybe
	}
	for i := range s.conditions {
		if applies = both(applies, s.conditions[i].holds(&e.ctx)); applies == no {
			return no, grants{}
		}
	}
	return applies, how.and(applies)
}

func (e *evaluation) actionMatches(s *statement) truth {
	matched := matchesAny(s.actions, e.in.Action, &e.ctx)
	if s.notAction {
		return not(matched)
	}
	return matched
}

// resourceMatches: a trust policy speaks about the role that it belongs to and
// has no Resource; any other policy must have one.
func (e *evaluation) resourceMatches(layer Layer, s *statement) truth {
	if !s.hasResource {
		if layer == ResourceBased && e.trust {
			return yes
		}
		return maybe
	}
	matched := matchesAny(s.resources, e.in.Resource, &e.ctx)
	if s.notResource {
		return not(matched)
	}
	return matched
}

// principalMatches: policies on the resource's side must name a principal, those
// on the identity's side must not.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (e *evaluation) principalMatches(layer Layer, s *statement) grants {
	switch layer {
	case ResourceBased, ResourceControl, VPCEndpoint:
		if !s.hasPrincipal {
			return grants{direct: maybe}
		}
	default:
		return grants{direct: not(both(maybe, truthOf(s.hasPrincipal)))}
	}
	who := &e.in.Principal
	if s.notPrincipal {
		return grants{direct: e.notPrincipalMatches(layer, s)}
	}
	how := s.principals.match(who)
	if e.federation && s.principals.trustsProvider() {
		how.direct = either(how.direct, maybe)
	}
	if layer == VPCEndpoint && e.endpoint != no {
		return e.throughGateway(s.principals, how)
	}
	return how
}

// notPrincipalMatches: NotPrincipal is not supported in trust policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (e *evaluation) notPrincipalMatches(layer Layer, s *statement) truth {
	matched := not(s.principals.excepts(&e.in.Principal, e.in.PermissionsBoundary != nil))
	if layer == ResourceBased && e.trust {
		return both(matched, maybe)
	}
	return matched
}

// throughGateway: the policy of a gateway endpoint has "*" as its principal. An
// account in its place means only the account's root user; what any other one
// means there is not documented.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#vpc-endpoint-policies-gateway
func (e *evaluation) throughGateway(set principalSet, how grants) grants {
	for i := range set {
		switch kind := set[i].kind; {
		case kind == everyoneEntry, kind == everyAWSEntry:
			return how
		case kind == accountEntry && e.in.Principal.kind == accountPrincipal:
			return how
		}
	}
	if e.endpoint == yes {
		how.account = no
	}
	return how.and(maybe)
}

// outcome puts the answers of the layers together.
func (e *evaluation) outcome(f answers) Outcome {
	denied := no
	for _, deny := range f.deny {
		denied = either(denied, deny)
	}
	if denied == yes {
		return ExplicitDeny
	}
	switch allowed := min(e.granted(f), f.allow[ResourceControl], f.allow[ServiceControl], f.allow[VPCEndpoint]); {
	case allowed == no:
		return ImplicitDeny
	case allowed == maybe, denied == maybe:
		return Inconclusive
	default:
		return Allow
	}
}

// granted tells whether the identity's and the resource's side give access, before
// control and endpoint policies limit it.
//
// Across accounts both sides must allow. Within one account either side is enough,
// except that role trust and KMS key policies must themselves allow. A grant to
// a user, a session or everyone escapes the implicit deny of boundary and session
// policy, a grant to a role does not, and a grant to the account only lets its
// identity policies speak.
//
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
//   - https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func (e *evaluation) granted(f answers) truth {
	if !e.in.Principal.inAccount() {
		return f.grant.direct
	}
	limits := both(f.allow[Boundary], f.allow[Session])
	identity := f.allow[IdentityBased]
	if !e.same {
		return min(f.grant.any(), identity, limits)
	}
	if e.strict {
		identity = both(identity, f.grant.account)
	}
	return either(f.grant.direct, both(limits, either(f.grant.role, identity)))
}
