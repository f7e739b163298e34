package inventory

import (
	"context"
	"net/url"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	ownRead  = "arn:aws:iam::111122223333:policy/read"
	limit    = "arn:aws:iam::111122223333:policy/limit"
	readers  = "arn:aws:iam::111122223333:group/readers"
)

// fakeDetails answers page by page.
type fakeDetails struct {
	pages []*iam.GetAccountAuthorizationDetailsOutput
	asked []*iam.GetAccountAuthorizationDetailsInput
}

func (f *fakeDetails) GetAccountAuthorizationDetails(_ context.Context, in *iam.GetAccountAuthorizationDetailsInput, _ ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	f.asked = append(f.asked, in)
	return f.pages[len(f.asked)-1], nil
}

// fakePolicies has managed policies that the details leave out.
type fakePolicies struct {
	iamReader
	mu   sync.Mutex
	read []string
}

func (f *fakePolicies) GetPolicy(_ context.Context, in *iam.GetPolicyInput, _ ...func(*iam.Options)) (*iam.GetPolicyOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read = append(f.read, *in.PolicyArn)
	return &iam.GetPolicyOutput{Policy: &types.Policy{DefaultVersionId: aws.String("v7")}}, nil
}

func (f *fakePolicies) GetPolicyVersion(_ context.Context, in *iam.GetPolicyVersionInput, _ ...func(*iam.Options)) (*iam.GetPolicyVersionOutput, error) {
	return &iam.GetPolicyVersionOutput{PolicyVersion: &types.PolicyVersion{Document: encoded(`{"of":"` + *in.PolicyArn + " " + *in.VersionId + `"}`)}}, nil
}

func encoded(document string) *string { return aws.String(url.PathEscape(document)) }

func attached(arns ...string) []types.AttachedPolicy {
	var list []types.AttachedPolicy
	for _, arn := range arns {
		list = append(list, types.AttachedPolicy{PolicyArn: aws.String(arn)})
	}
	return list
}

func TestIdentitiesHaveAllPoliciesThatConcernThem(t *testing.T) {
	details := &fakeDetails{pages: []*iam.GetAccountAuthorizationDetailsOutput{
		{
			IsTruncated: true, Marker: aws.String("more"),
			UserDetailList: []types.UserDetail{{
				UserName: aws.String("alice"), Arn: aws.String("arn:aws:iam::111122223333:user/alice"), UserId: aws.String("AIDA1"),
				Tags:           []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}},
				UserPolicyList: []types.PolicyDetail{{PolicyName: aws.String("own"), PolicyDocument: encoded(`{"a":"b c"}`)}},
				GroupList:      []string{"readers"},
			}},
			Policies: []types.ManagedPolicyDetail{{Arn: aws.String(ownRead), PolicyVersionList: []types.PolicyVersion{
				{Document: encoded(`{"old":1}`)}, {Document: aws.String(`{"plain":"100%25"}`), IsDefaultVersion: true},
			}}},
		},
		{
			GroupDetailList: []types.GroupDetail{{
				GroupName: aws.String("readers"), Arn: aws.String(readers), AttachedManagedPolicies: attached(ownRead),
				GroupPolicyList: []types.PolicyDetail{{PolicyName: aws.String("extra"), PolicyDocument: encoded(`{}`)}},
			}},
			RoleDetailList: []types.RoleDetail{{
				RoleName: aws.String("app"), Arn: aws.String("arn:aws:iam::111122223333:role/x/app"), RoleId: aws.String("AROA1"),
				AssumeRolePolicyDocument: encoded(`{"trust":1}`), AttachedManagedPolicies: attached(readOnly, ownRead),
				PermissionsBoundary: &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String(limit)},
			}},
		},
	}}
	policies := &fakePolicies{}
	inv := &Inventory{source: live{iam: policies, accessClients: accessClients{details: details}}}

	got, err := inv.Identities(t.Context())
	require.NoError(t, err)
	_, err = inv.Identities(t.Context())
	require.NoError(t, err)

	assert.Len(t, details.asked, 2, "every page once")
	assert.NotContains(t, details.asked[0].Filter, types.EntityTypeAWSManagedPolicy)
	assert.ElementsMatch(t, []string{readOnly, limit}, policies.read, "only what the answer left out")
	assert.Equal(t, []Identity{{
		Name: "alice", Arn: "arn:aws:iam::111122223333:user/alice", Id: "AIDA1", Tags: map[string]string{"team": "red"},
		Policies: []PolicyDocument{{"own", `{"a":"b c"}`}, {"extra of group readers", `{}`}, {ownRead, `{"plain":"100%25"}`}},
		Attached: []string{ownRead}, Groups: []string{readers},
	}}, got.Users)
	assert.Equal(t, []Identity{{
		Name: "app", Arn: "arn:aws:iam::111122223333:role/x/app", Id: "AROA1", Tags: map[string]string{},
		Policies: []PolicyDocument{{readOnly, `{"of":"` + readOnly + ` v7"}`}, {ownRead, `{"plain":"100%25"}`}}, Attached: []string{readOnly, ownRead},
		Boundary: &PolicyDocument{limit, `{"of":"` + limit + ` v7"}`}, TrustPolicy: `{"trust":1}`,
	}}, got.Roles)
	assert.Equal(t, []ManagedPolicy{{Arn: ownRead, Document: `{"plain":"100%25"}`, Versions: 2}}, got.Policies)
}

// fakeQueues has one queue.
type fakeQueues struct{ policy string }

func (f fakeQueues) ListQueues(context.Context, *sqs.ListQueuesInput, ...func(*sqs.Options)) (*sqs.ListQueuesOutput, error) {
	return &sqs.ListQueuesOutput{QueueUrls: []string{"http://q/jobs"}}, nil
}

func (f fakeQueues) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	if *in.QueueName != "jobs" || *in.QueueOwnerAWSAccountId != "111122223333" {
		return nil, &sqstypes.QueueDoesNotExist{}
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: aws.String("http://q/jobs")}, nil
}

func (f fakeQueues) GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{"Policy": f.policy, "QueueArn": "arn:aws:sqs:us-east-1:111122223333:jobs"}}, nil
}

func TestThePolicyOfAQueueIsReadByItsARN(t *testing.T) {
	inv := &Inventory{source: live{accessClients: accessClients{queues: fakeQueues{`{"q":1}`}}}}
	got, err := inv.ResourcePolicy(t.Context(), "arn:aws:sqs:us-east-1:111122223333:jobs")
	require.NoError(t, err)
	assert.Equal(t, `{"q":1}`, got.Document)

	_, err = inv.ResourcePolicy(t.Context(), "arn:aws:sqs:us-east-1:111122223333:other")
	require.ErrorIs(t, err, ErrNotFound)

	_, err = inv.ResourcePolicy(t.Context(), "arn:aws:sns:us-east-1:111122223333:topic")
	require.ErrorIs(t, err, ErrNoReader)
}

func TestAnObjectHasThePolicyOfItsBucket(t *testing.T) {
	inv := Of(Facts{AccessFacts: AccessFacts{ResourcePolicies: []ResourcePolicy{{"arn:aws:s3:::b", "{}"}}}}, "111122223333", "us-east-1", Scope{})
	for _, arn := range []string{"arn:aws:s3:::b", "arn:aws:s3:::b/k", "arn:aws:s3:::b/k/l:m"} {
		got, err := inv.ResourcePolicy(t.Context(), arn)
		require.NoError(t, err, arn)
		assert.Equal(t, "arn:aws:s3:::b", got.Arn)
	}
}
