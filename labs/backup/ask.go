package backup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"labctl/checks/access"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// everythingName is what the policy of those is called who may do everything on their own side.
const everythingName = "a policy that allows everything"

// everything is an administrator's policy.
func everything() (*policy.Policy, error) {
	return parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, everythingName)
}

func parse(document, name string) (*policy.Policy, error) {
	parsed, err := policy.Parse([]byte(document))
	if err != nil {
		return nil, fmt.Errorf("the %s: %w", name, err)
	}
	return parsed.Named(name), nil
}

// caller is what the requests of a user or role have in common: its policies, and what is known of it. Whether it has a
// second factor is left open: whoever steals a session steals that with it.
func (a *architecture) caller(ctx context.Context, arn string) (policy.Input, error) {
	in, err := access.Input(ctx, a.inv, access.Question{Principal: arn, Action: "sts:GetCallerIdentity", Resource: "*"})
	if err != nil {
		return in, err //nolint:wrapcheck // it says who was meant
	}
	in.Context = maps.Clone(in.Context)
	delete(in.Context, "aws:MultiFactorAuthPresent")
	return in, nil
}

// target is something that an action is about: its ARN, its tags and the policy that it has.
type target struct {
	arn    string
	tags   map[string]string
	policy *policy.Policy
}

// to is a request for an action on a target.
func (a *architecture) to(in policy.Input, action string, t target) policy.Input {
	in.Action, in.Resource, in.ResourceAccount, in.ResourcePolicy = action, t.arn, a.inv.Account, t.policy
	with := map[string][]string{"aws:ResourceAccount": {a.inv.Account}}
	if parts := strings.Split(t.arn, ":"); len(parts) > 3 && parts[3] != "" {
		with["aws:RequestedRegion"] = []string{parts[3]}
	}
	service, _, _ := strings.Cut(action, ":")
	if service == "kms" {
		with["kms:CallerAccount"] = []string{a.inv.Account}
	}
	for key, value := range t.tags {
		with["aws:ResourceTag/"+key] = []string{value}
		with[service+":ResourceTag/"+key] = []string{value}
	}
	in.Context = access.Override(in.Context, with)
	return in
}

// allowed says why a request is allowed, with whatever the caller can choose in it; "" where it is refused. What cannot be
// decided is an error.
func allowed(in policy.Input) (string, error) {
	var doubt error
	for asked := range access.Chosen(in) {
		switch decision := policy.Evaluate(asked); decision.Outcome {
		case policy.Allow:
			return why(decision), nil
		case policy.Inconclusive:
			doubt = fmt.Errorf("whether %s may %s on %s cannot be decided: %s", in.Principal, in.Action, in.Resource, decision.Explanation())
		}
	}
	return "", doubt
}

// denied says whether a request meets a Deny, whatever the caller chooses in it and whatever else is allowed.
func denied(in policy.Input) (bool, error) {
	var doubt error
	for asked := range access.Chosen(in) {
		switch decision := policy.Evaluate(asked); decision.Outcome {
		case policy.ExplicitDeny:
		case policy.Inconclusive:
			doubt = fmt.Errorf("whether %s may %s on %s cannot be decided: %s", in.Principal, in.Action, in.Resource, decision.Explanation())
		default:
			return false, nil
		}
	}
	return true, doubt
}

// why names the statements that allow.
func why(decision policy.Decision) string {
	var by []string
	for _, f := range decision.Details().Deciding {
		if f.Policy == everythingName {
			continue // the caller's own side, which the question takes for granted
		}
		if f.Layer == policy.ResourceBased || f.Layer == policy.IdentityBased {
			by = append(by, f.String())
		}
	}
	if len(by) == 0 {
		return "nothing denies it"
	}
	return "allowed by " + strings.Join(by, "; ")
}

// policyOf reads the policy that a resource has in a region; nil where it has none.
func policyOf(ctx context.Context, inv *inventory.Inventory, arn, name string) (*policy.Policy, error) {
	found, err := inv.ResourcePolicy(ctx, arn)
	if errors.Is(err, inventory.ErrNotFound) || err == nil && found.Document == "" {
		return nil, nil //nolint:nilnil // a policy that is not there
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what was read
	}
	return parse(found.Document, name)
}

// lastPart is what follows the last slash or colon of an ARN.
func lastPart(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }
