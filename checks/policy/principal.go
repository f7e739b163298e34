package policy

import (
	"fmt"
	"strings"
)

type principalKind int8

const (
	anonymousPrincipal principalKind = iota
	accountPrincipal
	userPrincipal
	rolePrincipal
	sessionPrincipal
	servicePrincipal
)

// Principal is who makes a request, made by ParsePrincipal, Service or Anonymous.
//
// An account stands for the account itself, its root user: no identity policy
// limits it, and where a policy grants to the account the grant is its own. (STS
// refuses AssumeRole to root credentials; asked for an account, the engine
// answers whether the account is trusted.) A role ARN stands for any session of
// the role that has no session policy.
type Principal struct {
	kind      principalKind
	arn       string // as given; of a service its name
	partition string
	account   string
	name      string // of a role or session: the role's name without its path

	// What aws:PrincipalArn, aws:PrincipalAccount and aws:PrincipalType hold, and of a
	// service aws:PrincipalServiceName and aws:PrincipalIsAWSService.
	arnKey, accountKey, typeKey []string
	serviceKey, isServiceKey    []string
}

// Anonymous is a caller without credentials.
//
// aws:PrincipalAccount is "anonymous" for such a request and aws:PrincipalArn is
// absent: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func Anonymous() Principal {
	return Principal{accountKey: []string{"anonymous"}, typeKey: []string{"Anonymous"}}
}

// Service is an AWS service that calls under its own service principal, for
// example lambda.amazonaws.com.
func Service(name string) Principal {
	return Principal{kind: servicePrincipal, arn: name, serviceKey: []string{name}, isServiceKey: []string{"true"}}
}

// ParsePrincipal reads an account id, the ARN of an account's root, IAM user or
// role, or the ARN of an assumed-role session.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func ParsePrincipal(text string) (Principal, error) {
	if isAccountID(text) {
		return ParsePrincipal("arn:aws:iam::" + text + ":root")
	}
	parts, ok := arnParts(text)
	if !ok || parts[0] != "arn" || parts[3] != "" || !isAccountID(parts[4]) || strings.ContainsAny(text, "*?") {
		return Principal{}, fmt.Errorf("%q is no IAM user, role, role session or account", text)
	}
	p := Principal{arn: text, partition: parts[1], account: parts[4]}
	kind, rest, _ := strings.Cut(parts[5], "/")
	roleARN := text
	switch {
	case parts[2] == "iam" && parts[5] == "root":
		p.kind, p.typeKey = accountPrincipal, []string{"Account"}
	case parts[2] == "iam" && kind == "user" && lastSegment(rest) != "":
		p.kind, p.typeKey = userPrincipal, []string{"User"}
	case parts[2] == "iam" && kind == "role" && lastSegment(rest) != "":
		p.kind, p.typeKey = rolePrincipal, []string{"AssumedRole"}
		p.name = lastSegment(rest)
	case parts[2] == "sts" && kind == "assumed-role":
		name, session, found := strings.Cut(rest, "/")
		if !found || name == "" || session == "" {
			return Principal{}, fmt.Errorf("%q names no session: write assumed-role/ROLE/SESSION", text)
		}
		p.kind, p.name, p.typeKey = sessionPrincipal, name, []string{"AssumedRole"}
		roleARN = "arn:" + p.partition + ":iam::" + p.account + ":role/" + name
	default:
		return Principal{}, fmt.Errorf("%q is no IAM user, role, role session or account", text)
	}
	// aws:PrincipalArn of a session is the role's ARN. The session's own ARN does not
	// tell the role's path, so a role with a path needs the key in the context.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
	p.arnKey, p.accountKey = []string{roleARN}, []string{p.account}
	return p, nil
}

// String is the principal as the JSON of an Input writes it.
func (p Principal) String() string {
	if p.kind == anonymousPrincipal {
		return "anonymous"
	}
	return p.arn
}

// inAccount tells whether the principal belongs to an account, so that identity
// policies and service control policies have a say.
func (p *Principal) inAccount() bool {
	return p.kind != anonymousPrincipal && p.kind != servicePrincipal
}

// serviceLinked tells whether the principal is a service-linked role, which
// service and resource control policies do not restrict. The name prefix is
// reserved for them; a session ARN shows nothing else.
//   - https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp
//   - https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func (p *Principal) serviceLinked() bool {
	switch p.kind {
	case rolePrincipal:
		return strings.Contains(p.arn, ":role/aws-service-role/")
	case sessionPrincipal:
		return strings.HasPrefix(p.name, "AWSServiceRoleFor")
	default:
		return false
	}
}

func isAccountID(text string) bool {
	if len(text) != 12 {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

func lastSegment(path string) string {
	return path[strings.LastIndexByte(path, '/')+1:]
}
