package sweep

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

type userAPI interface {
	iam.ListUsersAPIClient
	iam.ListUserTagsAPIClient
	iam.ListAccessKeysAPIClient
	iam.ListGroupsForUserAPIClient
	iam.ListUserPoliciesAPIClient
	iam.ListAttachedUserPoliciesAPIClient
	DeleteAccessKey(context.Context, *iam.DeleteAccessKeyInput, ...func(*iam.Options)) (*iam.DeleteAccessKeyOutput, error)
	DeleteLoginProfile(context.Context, *iam.DeleteLoginProfileInput, ...func(*iam.Options)) (*iam.DeleteLoginProfileOutput, error)
	RemoveUserFromGroup(context.Context, *iam.RemoveUserFromGroupInput, ...func(*iam.Options)) (*iam.RemoveUserFromGroupOutput, error)
	DeleteUserPolicy(context.Context, *iam.DeleteUserPolicyInput, ...func(*iam.Options)) (*iam.DeleteUserPolicyOutput, error)
	DetachUserPolicy(context.Context, *iam.DetachUserPolicyInput, ...func(*iam.Options)) (*iam.DetachUserPolicyOutput, error)
	DeleteUser(context.Context, *iam.DeleteUserInput, ...func(*iam.Options)) (*iam.DeleteUserOutput, error)
}

// users have no place in a lab; faults and learners make them.
type users struct{ api userAPI }

func (h users) list(ctx context.Context, _ []string) ([]found, error) {
	var named []types.User
	err := eachPage(ctx, iam.NewListUsersPaginator(h.api, &iam.ListUsersInput{}), func(page *iam.ListUsersOutput) {
		for _, u := range page.Users {
			if strings.HasPrefix(aws.ToString(u.UserName), namePrefix) {
				named = append(named, u)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return lookUp(named, func(u types.User) (found, error) {
		out, err := h.api.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: u.UserName}) // at most 50, one page
		if err != nil {
			return found{}, err
		}
		name := aws.ToString(u.UserName)
		return found{id: name, name: name, arn: aws.ToString(u.Arn), tags: iamTags(out.Tags)}, nil
	})
}

// delete takes away first what a user can be used with. A user with what is rarer, such as an
// MFA device, refuses to go.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
func (h users) delete(ctx context.Context, id string, _ map[string]bool) error {
	user := aws.String(id)
	for _, step := range []func(context.Context, *string) error{h.deleteCredentials, h.leaveGroups, h.dropPolicies} {
		if err := step(ctx, user); err != nil {
			return err
		}
	}
	_, err := h.api.DeleteUser(ctx, &iam.DeleteUserInput{UserName: user})
	return err
}

func (h users) deleteCredentials(ctx context.Context, user *string) error {
	var keys []types.AccessKeyMetadata
	err := eachPage(ctx, iam.NewListAccessKeysPaginator(h.api, &iam.ListAccessKeysInput{UserName: user}),
		func(page *iam.ListAccessKeysOutput) { keys = append(keys, page.AccessKeyMetadata...) })
	if err != nil {
		return err
	}
	for _, k := range keys {
		if _, err := h.api.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: user, AccessKeyId: k.AccessKeyId}); err != nil && !isGone(err) {
			return err
		}
	}
	if _, err := h.api.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: user}); err != nil && !isGone(err) {
		return err
	}
	return nil
}

func (h users) leaveGroups(ctx context.Context, user *string) error {
	var groups []types.Group
	err := eachPage(ctx, iam.NewListGroupsForUserPaginator(h.api, &iam.ListGroupsForUserInput{UserName: user}),
		func(page *iam.ListGroupsForUserOutput) { groups = append(groups, page.Groups...) })
	if err != nil {
		return err
	}
	for _, g := range groups {
		if _, err := h.api.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: user, GroupName: g.GroupName}); err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}

func (h users) dropPolicies(ctx context.Context, user *string) error {
	var inline []string
	err := eachPage(ctx, iam.NewListUserPoliciesPaginator(h.api, &iam.ListUserPoliciesInput{UserName: user}),
		func(page *iam.ListUserPoliciesOutput) { inline = append(inline, page.PolicyNames...) })
	if err != nil {
		return err
	}
	for _, name := range inline {
		if _, err := h.api.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: user, PolicyName: aws.String(name)}); err != nil && !isGone(err) {
			return err
		}
	}
	var attached []types.AttachedPolicy
	err = eachPage(ctx, iam.NewListAttachedUserPoliciesPaginator(h.api, &iam.ListAttachedUserPoliciesInput{UserName: user}),
		func(page *iam.ListAttachedUserPoliciesOutput) { attached = append(attached, page.AttachedPolicies...) })
	if err != nil {
		return err
	}
	for _, p := range attached {
		if _, err := h.api.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: user, PolicyArn: p.PolicyArn}); err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}
