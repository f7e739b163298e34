package iam

import (
	"fmt"
	"strings"

	"labctl/checks/policy"
)

// everythingName is what the policy of those is called who may do everything on their own side.
const everythingName = "a policy that allows everything"

// why says in a sentence what decided: who asks for what, the statements that grant or deny it, and on which conditions.
// `labctl can` tells the rest: what limits the request, and what would change the answer.
func why(decision policy.Decision, action, resource, principal string) string {
	request := fmt.Sprintf("%s on %s by %s", action, resource, principal)
	var statements []string
	for _, f := range decision.Details().Deciding {
		if f.Policy == everythingName {
			continue // the caller's own side, which a sample request takes for granted
		}
		if f.Layer == policy.ResourceBased || f.Layer == policy.IdentityBased || decision.Outcome != policy.Allow {
			statements = append(statements, statementText(f))
		}
	}
	by := strings.Join(statements, "; ")
	switch decision.Outcome {
	case policy.Allow:
		if by == "" {
			return fmt.Sprintf("%s is allowed: nothing on the resource's side denies it.", request)
		}
		return fmt.Sprintf("%s is allowed by %s.", request, by)
	case policy.ExplicitDeny:
		return fmt.Sprintf("%s is denied by %s.", request, by)
	case policy.ImplicitDeny:
		return fmt.Sprintf("No statement denies %s: whoever adds an allow opens it.", request)
	default:
		return decision.Explanation()
	}
}

// statementText names a statement and what it asks for.
func statementText(f policy.Finding) string {
	var held []string
	for _, c := range f.Conditions {
		held = append(held, c.String())
	}
	if len(held) == 0 {
		return f.String()
	}
	return f.String() + ", where " + strings.Join(held, " and ")
}
