package sweep

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// IAM's lists carry no tags and the tagging API does not know IAM, so that the kinds in
// this file look up the tags of what has labctl's name: names tell where to look, tags
// still decide.

func iamTags(tags []types.Tag) map[string]string {
	return tagsOf(tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

type roleAPI interface {
	iam.ListRolesAPIClient
	iam.ListRolePoliciesAPIClient
	iam.ListAttachedRolePoliciesAPIClient
	ListRoleTags(context.Context, *iam.ListRoleTagsInput, ...func(*iam.Options)) (*iam.ListRoleTagsOutput, error)
	DeleteRolePolicy(context.Context, *iam.DeleteRolePolicyInput, ...func(*iam.Options)) (*iam.DeleteRolePolicyOutput, error)
	DetachRolePolicy(context.Context, *iam.DetachRolePolicyInput, ...func(*iam.Options)) (*iam.DetachRolePolicyOutput, error)
	DeleteRole(context.Context, *iam.DeleteRoleInput, ...func(*iam.Options)) (*iam.DeleteRoleOutput, error)
}

type roles struct{ api roleAPI }

func (h roles) list(ctx context.Context, _ []string) ([]found, error) {
	var named []types.Role
	err := eachPage(ctx, iam.NewListRolesPaginator(h.api, &iam.ListRolesInput{}), func(page *iam.ListRolesOutput) {
		for _, r := range page.Roles {
			if strings.HasPrefix(aws.ToString(r.RoleName), namePrefix) {
				named = append(named, r)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return lookUp(named, func(r types.Role) (found, error) {
		out, err := h.api.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: r.RoleName}) // at most 50, one page
		if err != nil {
			return found{}, err
		}
		name := aws.ToString(r.RoleName)
		return found{id: name, name: name, arn: aws.ToString(r.Arn), tags: iamTags(out.Tags)}, nil
	})
}

func (h roles) delete(ctx context.Context, id string, _ map[string]bool) error {
	role := aws.String(id)
	var inline []string
	err := eachPage(ctx, iam.NewListRolePoliciesPaginator(h.api, &iam.ListRolePoliciesInput{RoleName: role}),
		func(page *iam.ListRolePoliciesOutput) { inline = append(inline, page.PolicyNames...) })
	if err != nil {
		return err
	}
	for _, name := range inline {
		if _, err := h.api.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: role, PolicyName: aws.String(name)}); err != nil && !isGone(err) {
			return err
		}
	}
	var attached []types.AttachedPolicy
	err = eachPage(ctx, iam.NewListAttachedRolePoliciesPaginator(h.api, &iam.ListAttachedRolePoliciesInput{RoleName: role}),
		func(page *iam.ListAttachedRolePoliciesOutput) { attached = append(attached, page.AttachedPolicies...) })
	if err != nil {
		return err
	}
	for _, p := range attached {
		if _, err := h.api.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: role, PolicyArn: p.PolicyArn}); err != nil && !isGone(err) {
			return err
		}
	}
	_, err = h.api.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: role})
	return err
}

type instanceProfileAPI interface {
	iam.ListInstanceProfilesAPIClient
	iam.GetInstanceProfileAPIClient
	RemoveRoleFromInstanceProfile(context.Context, *iam.RemoveRoleFromInstanceProfileInput, ...func(*iam.Options)) (*iam.RemoveRoleFromInstanceProfileOutput, error)
	DeleteInstanceProfile(context.Context, *iam.DeleteInstanceProfileInput, ...func(*iam.Options)) (*iam.DeleteInstanceProfileOutput, error)
}

type instanceProfiles struct{ api instanceProfileAPI }

func (h instanceProfiles) list(ctx context.Context, _ []string) ([]found, error) {
	var named []types.InstanceProfile
	err := eachPage(ctx, iam.NewListInstanceProfilesPaginator(h.api, &iam.ListInstanceProfilesInput{}), func(page *iam.ListInstanceProfilesOutput) {
		for _, p := range page.InstanceProfiles {
			if strings.HasPrefix(aws.ToString(p.InstanceProfileName), namePrefix) {
				named = append(named, p)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return lookUp(named, func(p types.InstanceProfile) (found, error) {
		out, err := h.api.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: p.InstanceProfileName})
		if err != nil {
			return found{}, err
		}
		name := aws.ToString(p.InstanceProfileName)
		return found{id: name, name: name, arn: aws.ToString(p.Arn), tags: iamTags(out.InstanceProfile.Tags)}, nil
	})
}

func (h instanceProfiles) delete(ctx context.Context, id string, _ map[string]bool) error {
	out, err := h.api.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String(id)})
	if err != nil {
		return err
	}
	for _, r := range out.InstanceProfile.Roles {
		_, err := h.api.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: aws.String(id), RoleName: r.RoleName})
		if err != nil && !isGone(err) {
			return err
		}
	}
	_, err = h.api.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: aws.String(id)})
	return err
}

type policyAPI interface {
	iam.ListPoliciesAPIClient
	iam.ListPolicyVersionsAPIClient
	iam.ListEntitiesForPolicyAPIClient
	ListPolicyTags(context.Context, *iam.ListPolicyTagsInput, ...func(*iam.Options)) (*iam.ListPolicyTagsOutput, error)
	DeletePolicyVersion(context.Context, *iam.DeletePolicyVersionInput, ...func(*iam.Options)) (*iam.DeletePolicyVersionOutput, error)
	DeletePolicy(context.Context, *iam.DeletePolicyInput, ...func(*iam.Options)) (*iam.DeletePolicyOutput, error)
}

// policies are the customer managed ones. One that is still attached to somebody else's
// user, group or role, or is the boundary of one, refuses to go: it stays in force there.
type policies struct{ api policyAPI }

func (h policies) list(ctx context.Context, _ []string) ([]found, error) {
	var named []types.Policy
	pages := iam.NewListPoliciesPaginator(h.api, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal})
	err := eachPage(ctx, pages, func(page *iam.ListPoliciesOutput) {
		for _, p := range page.Policies {
			if strings.HasPrefix(aws.ToString(p.PolicyName), namePrefix) {
				named = append(named, p)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return lookUp(named, func(p types.Policy) (found, error) {
		out, err := h.api.ListPolicyTags(ctx, &iam.ListPolicyTagsInput{PolicyArn: p.Arn})
		if err != nil {
			return found{}, err
		}
		arn := aws.ToString(p.Arn)
		return found{id: arn, name: aws.ToString(p.PolicyName), arn: arn, tags: iamTags(out.Tags)}, nil
	})
}

func (h policies) delete(ctx context.Context, id string, _ map[string]bool) error {
	var older []types.PolicyVersion
	err := eachPage(ctx, iam.NewListPolicyVersionsPaginator(h.api, &iam.ListPolicyVersionsInput{PolicyArn: aws.String(id)}), func(page *iam.ListPolicyVersionsOutput) {
		for _, v := range page.Versions {
			if !v.IsDefaultVersion {
				older = append(older, v)
			}
		}
	})
	if err != nil {
		return err
	}
	for _, v := range older {
		if _, err := h.api.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: aws.String(id), VersionId: v.VersionId}); err != nil && !isGone(err) {
			return err
		}
	}
	_, err = h.api.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: aws.String(id)})
	return err
}

func (h policies) holders(ctx context.Context, id string) (string, error) {
	var held []string
	pages := iam.NewListEntitiesForPolicyPaginator(h.api, &iam.ListEntitiesForPolicyInput{PolicyArn: aws.String(id)})
	err := eachPage(ctx, pages, func(page *iam.ListEntitiesForPolicyOutput) {
		for _, u := range page.PolicyUsers {
			held = append(held, "user "+aws.ToString(u.UserName))
		}
		for _, g := range page.PolicyGroups {
			held = append(held, "group "+aws.ToString(g.GroupName))
		}
		for _, r := range page.PolicyRoles {
			held = append(held, "role "+aws.ToString(r.RoleName))
		}
	})
	if err != nil || len(held) == 0 {
		return "", err
	}
	return "it is attached to, or the boundary of: " + strings.Join(held, ", "), nil
}
