package policy

import (
	"fmt"
	"strings"
)

// Effect is what a statement does when it applies: Allow or Deny.
type Effect string

// The two effects, spelled as in a policy document.
const (
	AllowEffect Effect = "Allow"
	DenyEffect  Effect = "Deny"
)

// Policy is a policy document, compiled once and safe for concurrent use.
type Policy struct {
	name       string
	statements []statement
}

type statement struct {
	sid    string
	index  int
	effect Effect

	principals   principalSet
	hasPrincipal bool
	notPrincipal bool

	actions   []pattern
	notAction bool

	resources   []pattern
	hasResource bool
	notResource bool

	conditions []condition

	// What the engine does not understand about the statement; whether the
	// statement applies is then uncertain at best.
	unknown []string
}

// Parse compiles a policy document of any type: as JSON or URL-encoded, as the IAM
// API returns it. Scalars and one-element lists are the same, and the names of
// elements match without regard to case.
//
// It refuses what AWS would refuse to store (no Statement, no Effect, no Action,
// a value of the wrong JSON type) with an error that names the place. An element,
// operator or principal type that it does not know is no error: the document
// may be newer than the engine, and Evaluate answers Inconclusive where it matters.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func Parse(doc []byte) (*Policy, error) {
	plain, err := decodeURL(doc)
	if err != nil {
		return nil, err
	}
	root, err := parseJSON(plain)
	if err != nil {
		return nil, err
	}
	return parsePolicy(root, "")
}

// Named gives the policy the name by which decisions cite it, such as an ARN. A
// policy without a name is cited by its place in the Input.
func (p *Policy) Named(name string) *Policy {
	named := *p
	named.name = name
	return &named
}

// languageVersion is the policy language that has policy variables. The only other
// one, 2008-10-17, is the default.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const languageVersion = "2012-10-17"

func parsePolicy(root node, place string) (*Policy, error) {
	if root.kind != objectNode {
		return nil, at(place, "a policy is a JSON object, not %s", root.describe())
	}
	members, unknown, err := elements(root, place, "Version", "Id", "Statement")
	if err != nil {
		return nil, err
	}
	list, ok := members["Statement"]
	if !ok {
		return nil, at(place, "has no Statement")
	}
	variables := false
	if version, ok := members["Version"]; ok {
		switch version.text {
		case languageVersion:
			variables = true
		case "2008-10-17":
		default:
			unknown = append(unknown, fmt.Sprintf("Version %s is no version of the policy language", version.describe()))
		}
	}
	compiled := &Policy{}
	items := []node{list}
	if list.kind == arrayNode {
		items = list.items
	}
	for i, item := range items {
		where := member(place, "Statement")
		if list.kind == arrayNode {
			where = element(where, i)
		}
		parsed, err := parseStatement(item, where, variables)
		if err != nil {
			return nil, err
		}
		parsed.index = i
		parsed.unknown = append(parsed.unknown, unknown...)
		compiled.statements = append(compiled.statements, parsed)
	}
	return compiled, nil
}

// elements looks up the known members of an object without regard to case and
// describes the others.
func elements(object node, place string, known ...string) (map[string]node, []string, error) {
	found := map[string]node{}
	var unknown []string
next:
	for i, key := range object.keys {
		for _, name := range known {
			if !strings.EqualFold(key, name) {
				continue
			}
			if _, twice := found[name]; twice {
				return nil, nil, at(member(place, key), "written twice")
			}
			found[name] = object.items[i]
			continue next
		}
		unknown = append(unknown, fmt.Sprintf("the element %q is not known", key))
	}
	return found, unknown, nil
}

func parseStatement(object node, place string, variables bool) (statement, error) {
	if object.kind != objectNode {
		return statement{}, at(place, "a statement is a JSON object, not %s", object.describe())
	}
	members, unknown, err := elements(object, place, "Sid", "Effect", "Principal", "NotPrincipal",
		"Action", "NotAction", "Resource", "NotResource", "Condition")
	if err != nil {
		return statement{}, err
	}
	s := statement{unknown: unknown}
	if err := s.parseSid(members, place); err != nil {
		return statement{}, err
	}
	if err := s.parseEffect(members, place); err != nil {
		return statement{}, err
	}
	if err := s.parsePrincipals(members, place); err != nil {
		return statement{}, err
	}
	if err := s.parseActions(members, place); err != nil {
		return statement{}, err
	}
	if err := s.parseResources(members, place, variables); err != nil {
		return statement{}, err
	}
	if block, ok := members["Condition"]; ok {
		if s.conditions, err = parseConditions(block, member(place, "Condition"), variables); err != nil {
			return statement{}, err
		}
	}
	return s, nil
}

func (s *statement) parseSid(members map[string]node, place string) error {
	sid, ok := members["Sid"]
	if ok && sid.kind != stringNode {
		return at(member(place, "Sid"), "must be a string, not %s", sid.describe())
	}
	s.sid = sid.text
	return nil
}

// parseEffect accepts the two values in the only spelling that AWS accepts.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html
func (s *statement) parseEffect(members map[string]node, place string) error {
	effect, ok := members["Effect"]
	if !ok {
		return at(place, "has no Effect")
	}
	s.effect = Effect(effect.text)
	if s.effect != AllowEffect && s.effect != DenyEffect {
		return at(member(place, "Effect"), `must be "Allow" or "Deny", not %s`, effect.describe())
	}
	return nil
}

// oneOf returns the element or its Not form, of which a statement has at most one.
func oneOf(members map[string]node, name, place string) (value node, where string, negated, ok bool, err error) {
	plain, hasPlain := members[name]
	other, hasOther := members["Not"+name]
	switch {
	case hasPlain && hasOther:
		return node{}, "", false, false, at(place, "has both %s and Not%s", name, name)
	case hasPlain:
		return plain, member(place, name), false, true, nil
	case hasOther:
		return other, member(place, "Not"+name), true, true, nil
	default:
		return node{}, "", false, false, nil
	}
}

func (s *statement) parsePrincipals(members map[string]node, place string) error {
	value, where, negated, ok, err := oneOf(members, "Principal", place)
	if err != nil || !ok {
		return err
	}
	s.hasPrincipal, s.notPrincipal = true, negated
	if negated && s.effect == AllowEffect {
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
		s.unknown = append(s.unknown, "AWS does not support NotPrincipal with Allow")
	}
	switch value.kind {
	case stringNode:
		if value.text != "*" {
			return at(where, `must be "*" or an object such as {"AWS": ...}, not %s`, value.describe())
		}
		s.principals = principalSet{{kind: everyoneEntry, text: "*"}}
		return nil
	case objectNode:
	default:
		return at(where, `must be "*" or an object such as {"AWS": ...}, not %s`, value.describe())
	}
	for i, kind := range value.keys {
		texts, err := value.items[i].strings(member(where, kind))
		if err != nil {
			return err
		}
		for _, text := range texts {
			s.principals = append(s.principals, parseEntry(kind, text))
		}
	}
	return nil
}

// parseActions compiles Action or NotAction. An action is service:name; policy
// variables do not exist in it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func (s *statement) parseActions(members map[string]node, place string) error {
	value, where, negated, ok, err := oneOf(members, "Action", place)
	if err != nil {
		return err
	}
	if !ok {
		return at(place, "has neither Action nor NotAction")
	}
	s.notAction = negated
	texts, err := value.strings(where)
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		return at(where, "is empty")
	}
	for _, text := range texts {
		s.actions = append(s.actions, compileAction(text)...)
	}
	return nil
}

// compileAction compiles an action pattern. AWS refuses a wildcard in the service, but
// for "*:*", and an action without a service, which could have been meant in two ways:
// matches of these are uncertain.
func compileAction(text string) []pattern {
	glob := wildcards(toLowerASCII(text))
	compiled := compilePattern(text, glob, true)
	service, _, found := strings.Cut(text, ":")
	if text == "*" || found {
		if strings.ContainsAny(service, "*?") && text != "*" && text != "*:*" {
			compiled.flaw = "has a wildcard in place of the service"
		}
		return []pattern{compiled}
	}
	named := compilePattern(text, everything+":"+glob, true)
	compiled.flaw = "is no action: it lacks the service and a colon"
	named.flaw = compiled.flaw
	return []pattern{compiled, named}
}

func (s *statement) parseResources(members map[string]node, place string, variables bool) error {
	value, where, negated, ok, err := oneOf(members, "Resource", place)
	if err != nil || !ok {
		return err
	}
	s.hasResource, s.notResource = true, negated
	texts, err := value.strings(where)
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		return at(where, "is empty")
	}
	for _, text := range texts {
		s.resources = append(s.resources, compileResource(text, variables))
	}
	return nil
}

// compileResource compiles a resource ARN and notes what AWS does not support in one:
// a wildcard as the service, and a variable before the fifth colon.
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-resourceelement
func compileResource(text string, variables bool) pattern {
	p := compileText(text, true, variables)
	if p.flaw != "" || text == "*" {
		return p
	}
	parts, isARN := arnParts(text)
	switch {
	case !strings.HasPrefix(text, "arn:"):
		p.flaw = `is neither an ARN nor "*"`
	case isARN && strings.ContainsAny(parts[2], "*?"):
		p.flaw = "has a wildcard in place of the service"
	case variables && isARN && strings.Contains(strings.Join(parts[:5], ":"), "${"):
		p.flaw = "has a policy variable before the fifth colon"
	}
	return p
}

func toLowerASCII(text string) string {
	lower := []byte(text)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	return string(lower)
}
