package policy

import "strings"

type entryKind int8

const (
	everyoneEntry    entryKind = iota // "Principal": "*"
	everyAWSEntry                     // {"AWS": "*"}
	accountEntry                      // an account id or its root ARN
	identityEntry                     // a user, role or session ARN
	wildcardARNEntry                  // an ARN with a wildcard, which AWS does not support
	serviceEntry
	canonicalEntry // {"CanonicalUser": ...}: an account, but which one is not known
	federatedEntry // an identity provider, whose users are no Principal of a request
	noneEntry      // matches none of the principals that the engine knows
	unknownEntry   // a type of principal that the engine does not know
)

// principalSet is the value of a Principal or NotPrincipal element.
type principalSet []principalEntry

type principalEntry struct {
	kind entryKind
	text string
	who  Principal // of an accountEntry or identityEntry
}

// grants says in which way a statement names the principal of a request, because
// that decides which implicit denies the grant escapes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
type grants struct {
	direct  truth // the user, the session, everyone, the service: escapes boundary and session policy
	role    truth // the role of the session: limited by boundary and session policy
	account truth // its account: only delegates to the account's identity policies
}

func (g grants) any() truth { return max(g.direct, g.role, g.account) }

func (g grants) or(other grants) grants {
	return grants{
		direct:  either(g.direct, other.direct),
		role:    either(g.role, other.role),
		account: either(g.account, other.account),
	}
}

func (g grants) and(t truth) grants {
	return grants{direct: both(g.direct, t), role: both(g.role, t), account: both(g.account, t)}
}

// parseEntry reads one value of a Principal element under its type.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func parseEntry(kind, text string) principalEntry {
	entry := principalEntry{text: text}
	switch strings.ToLower(kind) {
	case "aws":
		entry.kind, entry.who = parseAWSEntry(text)
	case "service":
		entry.kind = serviceEntry
		if strings.ContainsAny(text, "*?") {
			entry.kind = unknownEntry
		}
	case "federated":
		entry.kind = federatedEntry
	case "canonicaluser":
		entry.kind = canonicalEntry
	default:
		entry.kind, entry.text = unknownEntry, kind+" "+text
	}
	return entry
}

func parseAWSEntry(text string) (entryKind, Principal) {
	if text == "*" {
		return everyAWSEntry, Principal{}
	}
	if strings.ContainsAny(text, "*?") {
		return wildcardARNEntry, Principal{}
	}
	who, err := ParsePrincipal(text)
	switch {
	case err != nil:
		// A federated user, a CloudFront identity, or the unique id that is left over
		// when a trusted user or role is deleted: nobody who could ask here.
		return noneEntry, Principal{}
	case who.kind == accountPrincipal:
		return accountEntry, who
	default:
		return identityEntry, who
	}
}

// trustsProvider tells whether the set names an identity provider.
func (s principalSet) trustsProvider() bool {
	for i := range s {
		if s[i].kind == federatedEntry {
			return true
		}
	}
	return false
}

// match tells how the set names the principal.
func (s principalSet) match(who *Principal) grants {
	var found grants
	for i := range s {
		found = found.or(s[i].match(who))
	}
	return found
}

func (e *principalEntry) match(who *Principal) grants {
	switch e.kind {
	case everyoneEntry:
		return grants{direct: yes}
	case everyAWSEntry:
		// AWS documents {"AWS": "*"} as equal to "*" for anonymous users and is silent
		// about services.
		if who.kind == servicePrincipal {
			return grants{direct: maybe}
		}
		return grants{direct: yes}
	case accountEntry:
		return e.matchAccount(who)
	case identityEntry:
		return e.matchIdentity(who)
	case wildcardARNEntry:
		glob := wildcards(e.text)
		named := globMatch(glob, who.arn, false)
		for _, arn := range who.arnKey {
			named = named || globMatch(glob, arn, false)
		}
		return grants{direct: both(maybe, truthOf(named))}
	case serviceEntry:
		return grants{direct: truthOf(who.kind == servicePrincipal && who.arn == e.text)}
	case canonicalEntry:
		return grants{account: both(maybe, truthOf(who.inAccount()))}
	case unknownEntry:
		return grants{direct: maybe}
	default:
		return grants{}
	}
}

func (e *principalEntry) matchAccount(who *Principal) grants {
	switch {
	case !who.inAccount() || who.account != e.who.account:
		return grants{}
	case who.kind == accountPrincipal:
		return grants{direct: yes}
	default:
		return grants{account: yes}
	}
}

func (e *principalEntry) matchIdentity(who *Principal) grants {
	switch {
	case e.who.kind == rolePrincipal && who.kind == sessionPrincipal:
		// Role names are unique in an account whatever their path, and a session ARN
		// leaves the path out.
		same := e.who.account == who.account && e.who.partition == who.partition && e.who.name == who.name
		return grants{role: truthOf(same)}
	case e.who.kind == rolePrincipal:
		return grants{role: truthOf(e.text == who.arn)}
	default:
		return grants{direct: truthOf(e.text == who.arn)}
	}
}

// excepts tells whether a NotPrincipal element with this set spares the
// principal, so that the deny does not apply.
//
// AWS validates the account first, then the role, then the session, "depending
// on the service", and a deny "might" apply when one of them is not listed: that is
// not known here. It is certain that a principal which is not itself listed is
// denied, and that any IAM principal with a permissions boundary is denied
// whatever is listed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (s principalSet) excepts(who *Principal, bounded bool) truth {
	if bounded && who.inAccount() && who.kind != accountPrincipal {
		return no
	}
	for i := range s {
		if kind := s[i].kind; kind == everyoneEntry || kind == everyAWSEntry {
			return s[i].match(who).any()
		}
	}
	listed := s.match(who)
	switch who.kind {
	case userPrincipal:
		return both(listed.direct, either(maybe, listed.account))
	case rolePrincipal:
		return both(either(listed.role, listed.direct), either(maybe, listed.account))
	case sessionPrincipal:
		all := min(listed.direct, listed.role, listed.account)
		return either(all, both(maybe, either(listed.direct, listed.role)))
	default:
		return listed.direct
	}
}
