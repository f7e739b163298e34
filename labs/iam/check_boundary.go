package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/access"
	"labctl/checks/policy"
	"labctl/labs/say"
)

// boundaryKey is the boundary that a new role gets, or that the role has whose policies are changed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PermissionsBoundary
const boundaryKey = "iam:PermissionsBoundary"

func decideBoundaryOn(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	approved, err := a.boundary(ctx)
	if err != nil {
		return nil, err
	}
	if approved == "" {
		o.Add(a.noBoundary())
		return nil, nil
	}
	for _, r := range a.roles {
		switch {
		case r.Boundary == nil:
			o.Add(fmt.Sprintf("Role %s has no permissions boundary.", r.Name), r.Arn)
		case r.Boundary.Name != approved:
			o.Add(fmt.Sprintf("Role %s has another boundary than the approved one: %s.", r.Name, r.Boundary.Name), r.Arn)
		}
	}
	return []string{fmt.Sprintf("All %d roles carry %s.", len(a.roles), lastPart(approved))}, nil
}

func (a *architecture) noBoundary() string {
	return fmt.Sprintf("No role carries a boundary that is tagged %s and %s=boundary: there is no approved one.", a.inv.Scope, roleTag)
}

func decideBoundaryRequired(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	approved, err := a.boundary(ctx)
	if err != nil {
		return nil, err
	}
	if approved == "" {
		o.Add(a.noBoundary())
		return nil, nil
	}
	var makers []string
	for _, r := range a.roles {
		in := a.by(r)
		targets := a.targets(r)
		wrong := withEach(in, boundaryKey, a.otherBoundaries(r, approved)...)
		refuse(o, eachOf(wrong, []string{"iam:CreateRole"}, targets["role"]), r.Name+" can make a role without the approved boundary", r.Arn)
		refuse(o, eachOf(wrong, []string{"iam:PutRolePolicy", "iam:AttachRolePolicy"}, targets["role"]), r.Name+" can give policies to a role without the approved boundary", r.Arn)
		refuse(o, eachOf(wrong, []string{"iam:CreateUser", "iam:PutUserPolicy", "iam:AttachUserPolicy"}, targets["user"]), r.Name+" can make a user, or give policies to one, without the approved boundary", r.Arn)
		if granted(each(with(in, keys{boundaryKey: {approved}}), []string{"iam:CreateRole"}, targets["role"])) {
			makers = append(makers, r.Name)
		}
	}
	if len(makers) == 0 {
		o.Add("Nobody can make roles, not even with the approved boundary: the teams cannot do their work.")
	}
	return []string{fmt.Sprintf("%s can make roles with %s, and nobody without it.", say.And(makers), lastPart(approved))}, nil
}

// targets are the roles and users that a role could try its hand on: those of the lab, those that its policies name, and
// ones that nobody names.
func (a *architecture) targets(by *role) map[string][]string {
	found := map[string][]string{}
	for _, kind := range []string{"role", "user"} {
		all := named(a.iamARN(a.inv.Account, kind+"/"), append(slices.Clone(by.permissions), by.limit)...)
		all = append(all, a.iamARN(a.inv.Account, kind+"/"+strangerName), a.iamARN(a.inv.Account, kind+"/app/"+strangerName))
		if kind == "role" {
			for _, r := range a.roles {
				all = append(all, r.Arn)
			}
		}
		slices.Sort(all)
		found[kind] = slices.Compact(all)
	}
	return found
}

// otherBoundaries are the boundaries but for the approved one that a caller could ask for: none, AWS's administrator
// policy, one that it made itself, and whatever else its policies name or leave open.
func (a *architecture) otherBoundaries(by *role, approved string) [][]string {
	found := [][]string{nil, {"arn:" + a.partition() + ":iam::aws:policy/AdministratorAccess"}, {a.iamARN(a.inv.Account, "policy/"+strangerName)}}
	for _, value := range valuesAsked(boundaryKey, append(slices.Clone(by.permissions), by.limit)...) {
		if value != approved && !slices.ContainsFunc(found, func(known []string) bool { return len(known) == 1 && known[0] == value }) {
			found = append(found, []string{value})
		}
	}
	return found
}

func decideBoundaryFrozen(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	approved, err := a.boundary(ctx)
	if err != nil {
		return nil, err
	}
	if approved == "" {
		o.Add(a.noBoundary())
		return nil, nil
	}
	for _, r := range a.roles {
		in := a.by(r)
		// A version that is not in force limits nobody, so that deleting one is not asked about.
		refuse(o, each(in, []string{"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy"}, []string{approved}), r.Name+" can change what the boundary says", r.Arn)
		targets := a.targets(r)
		carried := with(in, keys{boundaryKey: {approved}})
		refuse(o, each(carried, []string{"iam:DeleteRolePermissionsBoundary"}, targets["role"]), r.Name+" can take the boundary off a role", r.Arn)
		refuse(o, each(carried, []string{"iam:DeleteUserPermissionsBoundary"}, targets["user"]), r.Name+" can take the boundary off a user", r.Arn)
		others := withEach(in, boundaryKey, a.otherBoundaries(r, approved)[1:]...)
		refuse(o, eachOf(others, []string{"iam:PutRolePermissionsBoundary"}, targets["role"]), r.Name+" can put another boundary in the place of the approved one", r.Arn)
	}
	return []string{fmt.Sprintf("None of %d roles can edit %s, take it off or replace it.", len(a.roles), lastPart(approved))}, nil
}

const (
	lambdaService = "lambda.amazonaws.com" // what the teams' roles are for
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
	passedToKey = "iam:PassedToService"
)

func decidePassRole(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	app, pass := a.iamARN(a.inv.Account, "role/app/"), []string{"iam:PassRole"}
	var passers []string
	for _, r := range a.roles {
		in := a.by(r)
		toLambda := withEach(in, passedToKey, []string{lambdaService})
		toOthers := withEach(in, passedToKey, []string{"ec2.amazonaws.com"}, []string{"ecs-tasks.amazonaws.com"}, []string{"cloudformation.amazonaws.com"}, []string{strangerName + ".amazonaws.com"})
		for _, service := range valuesAsked(passedToKey, r.permissions...) {
			if service != lambdaService {
				toOthers = append(toOthers, with(in, keys{passedToKey: {service}}))
			}
		}
		inside, outside := parted(a.targets(r)["role"], app)
		refuse(o, eachOf(slices.Concat(toLambda, toOthers), pass, outside), r.Name+" can pass a role that is not under /app/", r.Arn)
		refuse(o, eachOf(toOthers, pass, inside), r.Name+" can pass a role to a service that is not Lambda", r.Arn)
		if granted(eachOf(toLambda, pass, inside)) {
			passers = append(passers, r.Name)
		}
	}
	if len(passers) == 0 {
		o.Add("Nobody can pass a role under /app/ to Lambda: the teams cannot run their functions.")
	}
	return []string{fmt.Sprintf("%s can pass roles under /app/ to Lambda, and nobody passes anything else.", say.And(passers))}, nil
}

// parted tells ARNs that begin with a prefix from those that do not.
func parted(arns []string, prefix string) (with, without []string) {
	for _, arn := range arns {
		if strings.HasPrefix(arn, prefix) {
			with = append(with, arn)
		} else {
			without = append(without, arn)
		}
	}
	return with, without
}

// valuesAsked are the values of a key that make policies' conditions hold, wildcards filled in.
func valuesAsked(key string, policies ...*policy.Policy) []string {
	var found []string
	for _, p := range policies {
		if p == nil {
			continue
		}
		for _, m := range p.Mentions() {
			for _, c := range m.Conditions {
				if !strings.EqualFold(c.Key, key) {
					continue
				}
				for _, value := range c.Values {
					found = append(found, access.Answers(c.Operator, value)...)
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
