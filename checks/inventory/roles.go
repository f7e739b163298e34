package inventory

import (
	"context"
	"errors"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// Role is an IAM role with every policy that says what it may do. Documents are plain JSON.
type Role struct {
	RoleName    string
	Arn         string
	TrustPolicy string
	Policies    []PolicyDocument // inline and attached
	Boundary    *PolicyDocument
}

// PolicyDocument is a policy and what to call it: the name of an inline policy, the ARN of a managed one.
type PolicyDocument struct {
	Name     string
	Document string
}

// iamReader is what reading a role takes of IAM. *iam.Client is one.
type iamReader interface {
	iam.ListRolePoliciesAPIClient
	iam.ListAttachedRolePoliciesAPIClient
	GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
	GetRolePolicy(context.Context, *iam.GetRolePolicyInput, ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error)
	GetPolicy(context.Context, *iam.GetPolicyInput, ...func(*iam.Options)) (*iam.GetPolicyOutput, error)
	GetPolicyVersion(context.Context, *iam.GetPolicyVersionInput, ...func(*iam.Options)) (*iam.GetPolicyVersionOutput, error)
}

// Role reads one role by name; where there is none the error wraps ErrNotFound.
func (i *Inventory) Role(ctx context.Context, name string) (Role, error) {
	return i.roles.get(name, "IAM role", func() (Role, error) { return i.source.readRole(ctx, name) })
}

func (l live) readRole(ctx context.Context, name string) (Role, error) {
	got, err := l.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)})
	var missing *types.NoSuchEntityException
	switch {
	case errors.As(err, &missing):
		return Role{}, ErrNotFound
	case err != nil:
		return Role{}, err
	}
	role := Role{RoleName: name, Arn: aws.ToString(got.Role.Arn)}
	if role.TrustPolicy, err = plain(got.Role.AssumeRolePolicyDocument); err != nil {
		return Role{}, err
	}
	if role.Policies, err = l.readInlinePolicies(ctx, name); err != nil {
		return Role{}, err
	}
	attached, err := l.readAttachedPolicies(ctx, name)
	if err != nil {
		return Role{}, err
	}
	role.Policies = append(role.Policies, attached...)
	if boundary := got.Role.PermissionsBoundary; boundary != nil {
		document, err := l.readManagedPolicy(ctx, boundary.PermissionsBoundaryArn)
		if err != nil {
			return Role{}, err
		}
		role.Boundary = &document
	}
	return role, nil
}

func (l live) readInlinePolicies(ctx context.Context, role string) ([]PolicyDocument, error) {
	names, err := all(ctx, iam.NewListRolePoliciesPaginator(l.iam, &iam.ListRolePoliciesInput{RoleName: aws.String(role)}), func(o *iam.ListRolePoliciesOutput) []string { return o.PolicyNames })
	if err != nil {
		return nil, err
	}
	found := make([]PolicyDocument, len(names))
	for n, name := range names {
		got, err := l.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: aws.String(role), PolicyName: aws.String(name)})
		if err != nil {
			return nil, err
		}
		document, err := plain(got.PolicyDocument)
		if err != nil {
			return nil, err
		}
		found[n] = PolicyDocument{Name: name, Document: document}
	}
	return found, nil
}

func (l live) readAttachedPolicies(ctx context.Context, role string) ([]PolicyDocument, error) {
	attached, err := all(ctx, iam.NewListAttachedRolePoliciesPaginator(l.iam, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String(role)}), func(o *iam.ListAttachedRolePoliciesOutput) []types.AttachedPolicy { return o.AttachedPolicies })
	if err != nil {
		return nil, err
	}
	found := make([]PolicyDocument, len(attached))
	for n, policy := range attached {
		if found[n], err = l.readManagedPolicy(ctx, policy.PolicyArn); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (l live) readManagedPolicy(ctx context.Context, arn *string) (PolicyDocument, error) {
	got, err := l.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
	if err != nil {
		return PolicyDocument{}, err
	}
	version, err := l.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: got.Policy.DefaultVersionId})
	if err != nil {
		return PolicyDocument{}, err
	}
	document, err := plain(version.PolicyVersion.Document)
	return PolicyDocument{Name: aws.ToString(arn), Document: document}, err
}

// plain undoes the URL encoding (RFC 3986) in which IAM returns documents.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
func plain(document *string) (string, error) {
	return url.PathUnescape(aws.ToString(document))
}
