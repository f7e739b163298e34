package escalate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"labctl/checks/policy"
)

const (
	account  = "111122223333"
	devRole  = "arn:aws:iam::111122223333:role/dev"
	devUser  = "arn:aws:iam::111122223333:user/dev"
	boundary = "arn:aws:iam::111122223333:policy/team-boundary"
)

func parse(t testing.TB, statements ...string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse([]byte(`{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ",") + `]}`))
	require.NoError(t, err)
	return p
}

func allow(resource string, actions ...string) string {
	return statement("Allow", resource, "", actions)
}

func deny(resource string, actions ...string) string { return statement("Deny", resource, "", actions) }

// when adds a condition to a statement.
func when(made, operator, key string, values ...string) string {
	return strings.TrimSuffix(made, "}") + fmt.Sprintf(`, "Condition": {%q: {%q: ["%s"]}}}`, operator, key, strings.Join(values, `","`))
}

func statement(effect, resource, condition string, actions []string) string {
	return fmt.Sprintf(`{"Effect": %q, "Action": ["%s"], "Resource": %q%s}`, effect, strings.Join(actions, `","`), resource, condition)
}

// subject is a principal with one policy of the given statements.
func subject(t testing.TB, arn string, statements ...string) Subject {
	t.Helper()
	who, err := policy.ParsePrincipal(arn)
	require.NoError(t, err)
	s := Subject{Input: policy.Input{Request: policy.Request{Principal: who}}}
	if len(statements) > 0 {
		s.IdentityPolicies = []*policy.Policy{parse(t, statements...).Named("mine")}
	}
	s.Context = map[string][]string{}
	if name, ok := strings.CutPrefix(arn, "arn:aws:iam::"+account+":user/"); ok {
		s.Context["aws:username"] = []string{name}
	}
	return s
}

// bounded gives a subject a boundary that is a ceiling: everything, but nothing that would get past it.
func bounded(t testing.TB, s Subject) Subject {
	s.PermissionsBoundary = ceiling(t)
	s.BoundaryARN = boundary
	return s
}

func ceiling(t testing.TB) *policy.Policy {
	return parse(t,
		allow("*", "*"),
		deny("*", "iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"),
		when(deny("*", "iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutUserPolicy", "iam:AttachUserPolicy",
			"iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary"), "StringNotEquals", "iam:PermissionsBoundary", boundary),
		deny(boundary, "iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy"),
	)
}

func result(t testing.TB, report Report, id string) Result {
	t.Helper()
	for _, r := range report.Results {
		if r.ID == id {
			return r
		}
	}
	require.Fail(t, "no such path", id)
	return Result{}
}

func ids(results []Result) []string {
	found := []string{}
	for _, r := range results {
		found = append(found, r.ID)
	}
	return found
}
