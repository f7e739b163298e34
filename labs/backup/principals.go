package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/access"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// principals are all users and roles of the account but those that are spared, its root, a role that is not there yet, and
// whomever a policy names, by ARN or by tag: that somebody can be made. All of them may do everything as far as IAM is
// concerned. The role of a service's own is left out: nobody but the service can take it on, or make one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
func (a *architecture) principals(ctx context.Context, document *policy.Policy, spared []inventory.Identity) ([]policy.Input, error) {
	identities, err := a.inv.Identities(ctx)
	if err != nil {
		return nil, err
	}
	all, err := everything()
	if err != nil {
		return nil, err
	}
	var found []policy.Input
	known := map[string]bool{}
	for _, role := range spared {
		known[role.Arn] = true
	}
	for _, i := range slices.Concat(identities.Roles, identities.Users) {
		if known[i.Arn] || ofService(i.Arn) {
			continue
		}
		known[i.Arn] = true
		in, err := a.caller(ctx, i.Arn)
		if err != nil {
			return nil, err
		}
		found = append(found, in)
	}
	yetToBe := fmt.Sprintf("arn:aws:iam::%s:role/%s", a.inv.Account, access.Stranger)
	made := append([]string{fmt.Sprintf("arn:aws:iam::%s:root", a.inv.Account), yetToBe}, named(document, a.inv.Account)...)
	for _, arn := range made {
		principal, err := policy.ParsePrincipal(arn)
		if err != nil || known[arn] || ofService(arn) {
			continue // no user, role or account: nobody who could ask
		}
		known[arn] = true
		found = append(found, somebody(principal, nil))
	}
	for _, tags := range namedTags(document) {
		principal, err := policy.ParsePrincipal(yetToBe)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("naming a role of account %s", a.inv.Account), err)
		}
		found = append(found, somebody(principal, tags))
	}
	for n := range found {
		found[n].IdentityPolicies, found[n].PermissionsBoundary = []*policy.Policy{all}, nil
	}
	return found, nil
}

// ofService says whether a role is linked to a service.
func ofService(arn string) bool { return strings.Contains(arn, ":role/aws-service-role/") }

// somebody is the request of a principal of whom nothing is known but what is given.
func somebody(principal policy.Principal, known map[string][]string) policy.Input {
	return policy.Input{Request: policy.Request{Principal: principal, Context: access.Override(known, map[string][]string{
		"aws:SecureTransport": {"true"}, "aws:PrincipalIsAWSService": {"false"}, "aws:ViaAWSService": {"false"},
	})}}
}

// named are the principals of which a policy's conditions speak, with a name in the place of wildcards. A session is named
// by its role, as aws:PrincipalArn has it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
func named(document *policy.Policy, account string) []string {
	var found []string
	for _, m := range document.Mentions() {
		for _, c := range m.Conditions {
			if !strings.EqualFold(c.Key, "aws:PrincipalArn") {
				continue
			}
			for _, value := range c.Values {
				arn := access.Filled(strings.ReplaceAll(value, "::*:", "::"+account+":"))
				parts := strings.SplitN(arn, ":", 6)
				if len(parts) != 6 || parts[2] == "sts" {
					continue // no principal has such an ARN
				}
				if parts[5] == access.Stranger {
					parts[1], parts[5] = "aws", "role/"+access.Stranger
					arn = strings.Join(parts, ":")
				}
				found = append(found, arn)
			}
		}
	}
	return found
}

// namedTags are the tags of principals of which a policy's conditions speak, as the keys of a request: whoever makes a role
// can give it these.
func namedTags(document *policy.Policy) []map[string][]string {
	var found []map[string][]string
	for _, m := range document.Mentions() {
		most := 0
		for _, c := range m.Conditions {
			if isPrincipalTag(c.Key) {
				most = max(most, len(c.Values))
			}
		}
		for n := range most {
			tags := map[string][]string{}
			for _, c := range m.Conditions {
				if isPrincipalTag(c.Key) && len(c.Values) > 0 {
					tags[c.Key] = []string{access.Filled(c.Values[min(n, len(c.Values)-1)])}
				}
			}
			found = append(found, tags)
		}
	}
	return found
}

func isPrincipalTag(key string) bool {
	return strings.HasPrefix(strings.ToLower(key), "aws:principaltag/")
}

// secondFactor adds roles that break the glass without a second factor: stolen credentials alone must not do. Where there
// is no second factor the keys that speak of one say false in a session, and are not there with an access key.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
func (a *architecture) secondFactor(ctx context.Context, spared []inventory.Identity, o *checks.Offences) error {
	for _, role := range spared {
		trust, err := parse(role.TrustPolicy, "trust policy of "+role.Name)
		if err != nil {
			return err
		}
		everybody, err := a.principals(ctx, trust, []inventory.Identity{role})
		if err != nil {
			return err
		}
		for _, service := range runners() {
			everybody = append(everybody, policy.Input{Request: policy.Request{
				Principal: policy.Service(service), Context: map[string][]string{"aws:SecureTransport": {"true"}, "aws:SourceAccount": {a.inv.Account}},
			}})
		}
		var who []string
		reason := ""
		for _, in := range everybody {
			by, err := a.withoutFactor(in, target{arn: role.Arn, policy: trust})
			if err != nil {
				return err
			}
			if by != "" {
				who, reason = append(who, called(in.Principal)), by
			}
		}
		if len(who) > 0 {
			o.Add(fmt.Sprintf("Break-glass (role %s) is taken on without a second factor by %s: %s.", role.Name, some(who, len(everybody)), reason), role.Arn)
		}
	}
	return nil
}

// withoutFactor says why somebody without a second factor may take on a role; "" where they may not.
func (a *architecture) withoutFactor(in policy.Input, role target) (by string, err error) {
	for _, present := range [][]string{{"false"}, nil} {
		in.Context = access.Override(in.Context, map[string][]string{"aws:MultiFactorAuthPresent": present, "aws:MultiFactorAuthAge": nil})
		if by, err = allowed(a.to(in, "sts:AssumeRole", role)); err != nil || by != "" {
			return by, err
		}
	}
	return "", nil
}

// called is a principal's name.
func called(p policy.Principal) string {
	if name := lastPart(p.String()); name != access.Stranger {
		return name
	}
	return "a role yet to be made"
}

// runners are services that run, as a role, what somebody gives them: whoever may pass the role on needs nothing else.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
func runners() []string {
	var found []string
	for _, name := range []string{"cloudformation", "codebuild", "ec2", "ecs-tasks", "glue", "lambda", "sagemaker", "ssm", "states"} {
		found = append(found, name+".amazonaws.com")
	}
	return found
}
