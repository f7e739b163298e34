package inventory

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"
)

// access are the memos of who may do what.
type access struct {
	identities       memo[*Identities]
	resourcePolicies memo[[]ResourcePolicy]
	resourcePolicy   keyed[ResourcePolicy]
}

type accessSource interface {
	readIdentities(ctx context.Context) (*Identities, error)
	readResourcePolicy(ctx context.Context, arn string) (ResourcePolicy, error)
	readResourcePolicies(ctx context.Context) ([]ResourcePolicy, error)
}

// AccessFacts are the part of Facts that is about who may do what.
type AccessFacts struct {
	Identities       Identities
	ResourcePolicies []ResourcePolicy
}

// accessClients read who may do what in an account, beside the clients that others use too.
type accessClients struct {
	details iam.GetAccountAuthorizationDetailsAPIClient
	queues  queueReader
}

func newAccessClients(config aws.Config) accessClients {
	return accessClients{details: iam.NewFromConfig(config), queues: sqs.NewFromConfig(config)}
}

// Identities are all users, roles and groups of the account, with the policies that give them rights or limit them.
type Identities struct {
	Users    []Identity
	Roles    []Identity
	Groups   []Group
	Policies []ManagedPolicy // the customer managed ones, attached or not
}

// Identity is an IAM user or role. Documents are plain JSON.
type Identity struct {
	Name        string
	Arn         string
	Id          string // AIDA... or AROA..., part of aws:userid
	Tags        map[string]string
	Policies    []PolicyDocument // inline and attached, and of a user those of its groups
	Attached    []string         // ARNs of the managed policies among them
	Boundary    *PolicyDocument
	TrustPolicy string   // of a role
	Groups      []string // ARNs, of a user
}

// Group is an IAM group.
type Group struct {
	Name     string
	Arn      string
	Policies []PolicyDocument
	Attached []string
}

// ManagedPolicy is a customer managed policy with the version that is in force.
type ManagedPolicy struct {
	Arn      string
	Document string
	Versions int
}

// Identities reads everybody at once, which takes few calls even in a large account.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
func (i *Inventory) Identities(ctx context.Context) (*Identities, error) {
	return i.access.identities.get("the users, roles, groups and policies of account "+i.Account, func() (*Identities, error) { return i.source.readIdentities(ctx) })
}

func (l live) readIdentities(ctx context.Context) (*Identities, error) {
	var users []types.UserDetail
	var roles []types.RoleDetail
	var groups []types.GroupDetail
	r := identityReader{live: l, documents: map[string]string{}, found: &Identities{}}
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(l.details, &iam.GetAccountAuthorizationDetailsInput{
		// Without a filter the answer holds every policy that AWS manages, attached or not.
		Filter: []types.EntityType{types.EntityTypeUser, types.EntityTypeRole, types.EntityTypeGroup, types.EntityTypeLocalManagedPolicy},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err //nolint:wrapcheck // the SDK's errors name the call
		}
		users, roles, groups = append(users, page.UserDetailList...), append(roles, page.RoleDetailList...), append(groups, page.GroupDetailList...)
		for _, policy := range page.Policies {
			r.keep(policy)
		}
	}
	if err := r.readMissing(ctx, users, roles, groups); err != nil {
		return nil, err
	}
	for _, group := range groups {
		r.addGroup(group)
	}
	for _, user := range users {
		r.addUser(user)
	}
	for _, role := range roles {
		r.addRole(role)
	}
	return r.found, nil
}

// identityReader puts together what the answers refer to by name.
type identityReader struct {
	live
	documents map[string]string // of managed policies, by ARN
	found     *Identities
}

func (r *identityReader) keep(policy types.ManagedPolicyDetail) {
	arn := aws.ToString(policy.Arn)
	kept := ManagedPolicy{Arn: arn, Versions: len(policy.PolicyVersionList)}
	for _, version := range policy.PolicyVersionList {
		if version.IsDefaultVersion && aws.ToString(version.Document) != "" {
			kept.Document = decoded(version.Document)
			r.documents[arn] = kept.Document
		}
	}
	r.found.Policies = append(r.found.Policies, kept)
}

// readMissing reads the managed policies that are attached and were not in the answer: those of AWS, and where a server
// leaves out the list of policies also the others.
func (r *identityReader) readMissing(ctx context.Context, users []types.UserDetail, roles []types.RoleDetail, groups []types.GroupDetail) error {
	var named []string
	name := func(attached []types.AttachedPolicy, boundary *types.AttachedPermissionsBoundary) {
		named = append(named, arnsOf(attached)...)
		if boundary != nil {
			named = append(named, aws.ToString(boundary.PermissionsBoundaryArn))
		}
	}
	for _, user := range users {
		name(user.AttachedManagedPolicies, user.PermissionsBoundary)
	}
	for _, role := range roles {
		name(role.AttachedManagedPolicies, role.PermissionsBoundary)
	}
	for _, group := range groups {
		name(group.AttachedManagedPolicies, nil)
	}
	slices.Sort(named)
	absent := slices.DeleteFunc(slices.Compact(named), func(arn string) bool { return r.documents[arn] != "" })
	var mu sync.Mutex
	reads, ctx := errgroup.WithContext(ctx)
	reads.SetLimit(8)
	for _, arn := range absent {
		reads.Go(func() error {
			document, err := r.readManagedPolicy(ctx, aws.String(arn))
			mu.Lock()
			defer mu.Unlock()
			r.documents[arn] = document.Document
			return err
		})
	}
	return reads.Wait()
}

func (r *identityReader) addGroup(group types.GroupDetail) {
	name := aws.ToString(group.GroupName)
	r.found.Groups = append(r.found.Groups, Group{
		Name: name, Arn: aws.ToString(group.Arn), Attached: arnsOf(group.AttachedManagedPolicies),
		Policies: r.policies(group.GroupPolicyList, group.AttachedManagedPolicies, " of group "+name),
	})
}

func (r *identityReader) addUser(user types.UserDetail) {
	id := Identity{
		Name: aws.ToString(user.UserName), Arn: aws.ToString(user.Arn), Id: aws.ToString(user.UserId), Tags: tagMap(user.Tags),
		Policies: r.policies(user.UserPolicyList, user.AttachedManagedPolicies, ""), Attached: arnsOf(user.AttachedManagedPolicies),
		Boundary: r.boundary(user.PermissionsBoundary),
	}
	for _, group := range r.found.Groups {
		if slices.Contains(user.GroupList, group.Name) {
			id.Groups = append(id.Groups, group.Arn)
			id.Policies = append(id.Policies, group.Policies...)
			id.Attached = append(id.Attached, group.Attached...)
		}
	}
	r.found.Users = append(r.found.Users, id)
}

func (r *identityReader) addRole(role types.RoleDetail) {
	r.found.Roles = append(r.found.Roles, Identity{
		Name: aws.ToString(role.RoleName), Arn: aws.ToString(role.Arn), Id: aws.ToString(role.RoleId), Tags: tagMap(role.Tags),
		Policies: r.policies(role.RolePolicyList, role.AttachedManagedPolicies, ""), Attached: arnsOf(role.AttachedManagedPolicies),
		Boundary: r.boundary(role.PermissionsBoundary), TrustPolicy: decoded(role.AssumeRolePolicyDocument),
	})
}

// policies names inline policies by their name, with of whom they are where that is not the identity itself.
func (r *identityReader) policies(inline []types.PolicyDetail, attached []types.AttachedPolicy, whose string) []PolicyDocument {
	var found []PolicyDocument
	for _, policy := range inline {
		found = append(found, PolicyDocument{Name: aws.ToString(policy.PolicyName) + whose, Document: decoded(policy.PolicyDocument)})
	}
	for _, arn := range arnsOf(attached) {
		found = append(found, PolicyDocument{Name: arn, Document: r.documents[arn]})
	}
	return found
}

func (r *identityReader) boundary(attached *types.AttachedPermissionsBoundary) *PolicyDocument {
	if attached == nil || attached.PermissionsBoundaryArn == nil {
		return nil
	}
	arn := aws.ToString(attached.PermissionsBoundaryArn)
	return &PolicyDocument{Name: arn, Document: r.documents[arn]}
}

func arnsOf(attached []types.AttachedPolicy) []string {
	var arns []string
	for _, policy := range attached {
		arns = append(arns, aws.ToString(policy.PolicyArn))
	}
	return arns
}

func tagMap(tags []types.Tag) map[string]string {
	found := map[string]string{}
	for _, tag := range tags {
		found[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return found
}

// decoded undoes the URL encoding of a document. A document that does not begin with an escape is plain, whatever
// percent signs are in it.
func decoded(document *string) string {
	text := aws.ToString(document)
	if !strings.HasPrefix(text, "%") {
		return text
	}
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text // whoever parses it will say what is wrong
}

func (f Facts) readIdentities(context.Context) (*Identities, error) { return &f.Identities, nil }
