package local_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	trustEC2   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	trustNoOne = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}`
	readObject = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
)

func (a account) policy(t T, name string) string {
	return *must[iam.CreatePolicyOutput](t)(a.iam.CreatePolicy(a.ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: aws.String(readObject)})).Policy.Arn
}

func (a account) role(t T, name string, boundary *string) {
	must[iam.CreateRoleOutput](t)(a.iam.CreateRole(a.ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trustEC2), PermissionsBoundary: boundary}))
}

func (a account) user(t T, name string, boundary *string) *types.User {
	return must[iam.CreateUserOutput](t)(a.iam.CreateUser(a.ctx, &iam.CreateUserInput{UserName: &name, PermissionsBoundary: boundary})).User
}

// assertUserBoundary reads the boundary with each call that returns it, and the list, which does not.
func (a account) assertUserBoundary(t T, name string, boundary *string) {
	var want *types.AttachedPermissionsBoundary
	if boundary != nil {
		want = &types.AttachedPermissionsBoundary{
			PermissionsBoundaryArn: boundary, PermissionsBoundaryType: types.PermissionsBoundaryAttachmentTypePolicy,
		}
	}
	assert.Equal(t, want, must[iam.GetUserOutput](t)(a.iam.GetUser(a.ctx, &iam.GetUserInput{UserName: &name})).User.PermissionsBoundary)
	details := must[iam.GetAccountAuthorizationDetailsOutput](t)(a.iam.GetAccountAuthorizationDetails(a.ctx, &iam.GetAccountAuthorizationDetailsInput{
		Filter: []types.EntityType{types.EntityTypeUser},
	}))
	for _, u := range details.UserDetailList {
		if *u.UserName == name {
			assert.Equal(t, want, u.PermissionsBoundary)
		}
	}
	for _, u := range must[iam.ListUsersOutput](t)(a.iam.ListUsers(a.ctx, &iam.ListUsersInput{})).Users {
		assert.Nil(t, u.PermissionsBoundary)
	}
}

func proveUserBoundaries(t T, a account) {
	one, other := a.policy(t, "user-boundary-one"), a.policy(t, "user-boundary-other")
	user := aws.String("bounded")
	made := a.user(t, *user, &one)
	require.NotNil(t, made.PermissionsBoundary)
	assert.Equal(t, one, *made.PermissionsBoundary.PermissionsBoundaryArn)
	a.assertUserBoundary(t, *user, &one)
	must[iam.PutUserPermissionsBoundaryOutput](t)(a.iam.PutUserPermissionsBoundary(a.ctx, &iam.PutUserPermissionsBoundaryInput{UserName: user, PermissionsBoundary: &other}))
	a.assertUserBoundary(t, *user, &other)
	must[iam.DeleteUserPermissionsBoundaryOutput](t)(a.iam.DeleteUserPermissionsBoundary(a.ctx, &iam.DeleteUserPermissionsBoundaryInput{UserName: user}))
	a.assertUserBoundary(t, *user, nil)
	assert.Nil(t, a.user(t, "unbounded", nil).PermissionsBoundary)
	_, err := a.iam.PutUserPermissionsBoundary(a.ctx, &iam.PutUserPermissionsBoundaryInput{UserName: aws.String("nobody"), PermissionsBoundary: &one})
	assert.ErrorContains(t, err, "NoSuchEntity")
}

// entities lists whom a policy concerns in the usage given, "" for both.
func (a account) entities(t T, policy string, usage types.PolicyUsageType) (names []string) {
	out := must[iam.ListEntitiesForPolicyOutput](t)(a.iam.ListEntitiesForPolicy(a.ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: &policy, PolicyUsageFilter: usage}))
	for _, u := range out.PolicyUsers {
		names = append(names, "user "+*u.UserName)
	}
	for _, r := range out.PolicyRoles {
		names = append(names, "role "+*r.RoleName)
	}
	return names
}

func proveBoundaryPolicies(t T, a account) {
	missing := aws.String("arn:aws:iam::123456789012:policy/missing")
	boundary := a.policy(t, "boundary")
	a.role(t, "limited", &boundary)
	a.role(t, "attached", nil)
	must[iam.AttachRolePolicyOutput](t)(a.iam.AttachRolePolicy(a.ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("attached"), PolicyArn: &boundary}))
	a.user(t, "limited", &boundary)

	_, err := a.iam.CreateRole(a.ctx, &iam.CreateRoleInput{RoleName: aws.String("missing"), AssumeRolePolicyDocument: aws.String(trustEC2), PermissionsBoundary: missing})
	assert.ErrorContains(t, err, "NoSuchEntity")
	_, err = a.iam.PutRolePermissionsBoundary(a.ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("limited"), PermissionsBoundary: missing})
	assert.ErrorContains(t, err, "NoSuchEntity")
	_, err = a.iam.CreateUser(a.ctx, &iam.CreateUserInput{UserName: aws.String("missing"), PermissionsBoundary: missing})
	assert.ErrorContains(t, err, "NoSuchEntity")
	_, err = a.iam.PutUserPermissionsBoundary(a.ctx, &iam.PutUserPermissionsBoundaryInput{UserName: aws.String("limited"), PermissionsBoundary: missing})
	assert.ErrorContains(t, err, "NoSuchEntity")

	assert.ElementsMatch(t, []string{"user limited", "role limited"}, a.entities(t, boundary, types.PolicyUsageTypePermissionsBoundary))
	assert.ElementsMatch(t, []string{"role attached"}, a.entities(t, boundary, types.PolicyUsageTypePermissionsPolicy))
	assert.ElementsMatch(t, []string{"user limited", "role limited", "role attached"}, a.entities(t, boundary, ""))
	policy := must[iam.GetPolicyOutput](t)(a.iam.GetPolicy(a.ctx, &iam.GetPolicyInput{PolicyArn: &boundary})).Policy
	assert.Equal(t, int32(2), aws.ToInt32(policy.PermissionsBoundaryUsageCount))
	assert.Equal(t, int32(1), *policy.AttachmentCount)
}

func proveIAMDeletions(t T, a account) {
	policy, user := a.policy(t, "in-use"), aws.String("in-use")
	a.role(t, *user, &policy)
	must[iam.AttachRolePolicyOutput](t)(a.iam.AttachRolePolicy(a.ctx, &iam.AttachRolePolicyInput{RoleName: user, PolicyArn: &policy}))
	must[iam.CreatePolicyVersionOutput](t)(a.iam.CreatePolicyVersion(a.ctx, &iam.CreatePolicyVersionInput{PolicyArn: &policy, PolicyDocument: aws.String(readObject), SetAsDefault: true}))
	a.user(t, *user, nil)
	key := must[iam.CreateAccessKeyOutput](t)(a.iam.CreateAccessKey(a.ctx, &iam.CreateAccessKeyInput{UserName: user})).AccessKey.AccessKeyId
	must[iam.CreateLoginProfileOutput](t)(a.iam.CreateLoginProfile(a.ctx, &iam.CreateLoginProfileInput{UserName: user, Password: aws.String("not-a-Secret1")}))
	must[iam.CreateGroupOutput](t)(a.iam.CreateGroup(a.ctx, &iam.CreateGroupInput{GroupName: user}))
	must[iam.AddUserToGroupOutput](t)(a.iam.AddUserToGroup(a.ctx, &iam.AddUserToGroupInput{GroupName: user, UserName: user}))

	deletePolicy := func() error {
		_, err := a.iam.DeletePolicy(a.ctx, &iam.DeletePolicyInput{PolicyArn: &policy})
		return err
	}
	deleteUser := func() error {
		_, err := a.iam.DeleteUser(a.ctx, &iam.DeleteUserInput{UserName: user})
		return err
	}
	assertRefusedUntil(t, deletePolicy,
		func() error {
			_, err := a.iam.DetachRolePolicy(a.ctx, &iam.DetachRolePolicyInput{RoleName: user, PolicyArn: &policy})
			return err
		},
		func() error {
			_, err := a.iam.DeleteRolePermissionsBoundary(a.ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: user})
			return err
		},
		func() error {
			_, err := a.iam.DeletePolicyVersion(a.ctx, &iam.DeletePolicyVersionInput{PolicyArn: &policy, VersionId: aws.String("v1")})
			return err
		})
	assertRefusedUntil(t, deleteUser,
		func() error {
			_, err := a.iam.DeleteAccessKey(a.ctx, &iam.DeleteAccessKeyInput{UserName: user, AccessKeyId: key})
			return err
		},
		func() error {
			_, err := a.iam.DeleteLoginProfile(a.ctx, &iam.DeleteLoginProfileInput{UserName: user})
			return err
		},
		func() error {
			_, err := a.iam.RemoveUserFromGroup(a.ctx, &iam.RemoveUserFromGroupInput{GroupName: user, UserName: user})
			return err
		})
}

// assertRefusedUntil tries the deletion before each step, and after the last.
func assertRefusedUntil(t T, deletion func() error, steps ...func() error) {
	for _, step := range steps {
		assert.ErrorContains(t, deletion(), "DeleteConflict")
		require.NoError(t, step())
	}
	require.NoError(t, deletion())
}

func proveTrustPolicies(t T, a account) {
	role := aws.String("trusting")
	a.role(t, *role, nil)
	for _, document := range []string{trustNoOne, `{"Version":"2012-10-17","Statement":[]}`, `{nope`} {
		_, err := a.iam.CreateRole(a.ctx, &iam.CreateRoleInput{RoleName: aws.String("trusts-nobody"), AssumeRolePolicyDocument: &document})
		assert.ErrorContains(t, err, "MalformedPolicyDocument", document)
		_, err = a.iam.UpdateAssumeRolePolicy(a.ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: role, PolicyDocument: &document})
		assert.ErrorContains(t, err, "MalformedPolicyDocument", document)
	}
	must[iam.UpdateAssumeRolePolicyOutput](t)(a.iam.UpdateAssumeRolePolicy(a.ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: role, PolicyDocument: aws.String(trustEC2)}))
}
