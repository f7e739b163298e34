package inventory

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/reach"
)

// counted is a source that counts its reads.
type counted struct {
	Facts
	err   error
	reads atomic.Int64
}

func (c *counted) readFlowLogs(context.Context) ([]FlowLog, error) {
	c.reads.Add(1)
	return c.FlowLogs, c.err
}

func (c *counted) readRole(ctx context.Context, name string) (Role, error) {
	c.reads.Add(1)
	return c.Facts.readRole(ctx, name)
}

func TestEachReadIsMadeOnceWhoeverAsks(t *testing.T) {
	source := &counted{Facts: Facts{FlowLogs: []FlowLog{{FlowLogId: "fl-1"}}, Roles: []Role{{RoleName: "a"}, {RoleName: "b"}}}}
	inv := &Inventory{source: source}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			logs, err := inv.FlowLogs(t.Context())
			assert.NoError(t, err)
			assert.Len(t, logs, 1)
			for _, name := range []string{"a", "b"} {
				role, err := inv.Role(t.Context(), name)
				assert.NoError(t, err)
				assert.Equal(t, name, role.RoleName)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 3, source.reads.Load())
}

func TestAnErrorIsSharedAndSaysWhatWasRead(t *testing.T) {
	denied := errors.New("denied")
	source := &counted{err: denied}
	inv := &Inventory{source: source, Region: "us-east-1"}
	for range 2 {
		_, err := inv.FlowLogs(t.Context())
		require.ErrorIs(t, err, denied)
		assert.ErrorContains(t, err, "reading the flow logs of us-east-1")
	}
	assert.EqualValues(t, 1, source.reads.Load())

	_, err := inv.Role(t.Context(), "gone")
	require.ErrorIs(t, err, ErrNotFound)
	assert.ErrorContains(t, err, "IAM role gone")
}

func TestFactsAnswerLikeAnAccount(t *testing.T) {
	facts, err := DecodeFacts([]byte(`{"Vpcs":[{"VpcId":"vpc-1"}],"VpcDNS":[{"VpcId":"vpc-1","EnableDnsSupport":true}],"Buckets":[{"Name":"b"}],"LogGroups":[{"LogGroupName":"g"}]}`))
	require.NoError(t, err)
	inv := Of(facts, "123456789012", "us-east-1", Scope{"k", "v"})

	network, err := inv.Network(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "vpc-1", network.Vpcs[0].VpcId)
	dns, err := inv.VPCDNS(t.Context(), "vpc-1")
	require.NoError(t, err)
	assert.True(t, dns.EnableDnsSupport)
	assert.False(t, dns.EnableDnsHostnames)
	buckets, err := inv.Buckets(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []Bucket{{Name: "b"}}, buckets)
	_, err = inv.LogGroup(t.Context(), "g")
	require.NoError(t, err)
	_, err = inv.LogGroup(t.Context(), "other")
	require.ErrorIs(t, err, ErrNotFound)
	assert.Zero(t, inv.Calls())

	_, err = DecodeFacts([]byte(`[]`))
	require.Error(t, err)
	_, err = DecodeFacts([]byte(`{"Vpcs":[{}]}`))
	require.ErrorIs(t, err, reach.ErrNotSnapshot)
}

func TestCallsAreCountedRetriesIncluded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer server.Close()
	inv := New(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 2,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}, "123456789012", Scope{})
	_, err := inv.VPCDNS(t.Context(), "vpc-1")
	require.Error(t, err)
	assert.EqualValues(t, 2, inv.Calls())
}

// fakeIAM is an account with one role, which has an inline policy, an attached one and a boundary.
type fakeIAM struct{ iamReader }

func document(text string) *string { return aws.String(url.QueryEscape(text)) }

func (fakeIAM) GetRole(_ context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	if *in.RoleName != "delivery" {
		return nil, &types.NoSuchEntityException{}
	}
	return &iam.GetRoleOutput{Role: &types.Role{
		Arn: aws.String("arn:aws:iam::123456789012:role/delivery"), AssumeRolePolicyDocument: document(`{"trust":1}`),
		PermissionsBoundary: &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String("arn:boundary")},
	}}, nil
}

func (fakeIAM) ListRolePolicies(_ context.Context, in *iam.ListRolePoliciesInput, _ ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error) {
	if in.Marker == nil {
		return &iam.ListRolePoliciesOutput{PolicyNames: []string{"one"}, IsTruncated: true, Marker: aws.String("more")}, nil
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: []string{"two"}}, nil
}

func (fakeIAM) GetRolePolicy(_ context.Context, in *iam.GetRolePolicyInput, _ ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error) {
	return &iam.GetRolePolicyOutput{PolicyDocument: document(`{"inline":"` + *in.PolicyName + `"}`)}, nil
}

func (fakeIAM) ListAttachedRolePolicies(context.Context, *iam.ListAttachedRolePoliciesInput, ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error) {
	return &iam.ListAttachedRolePoliciesOutput{AttachedPolicies: []types.AttachedPolicy{{PolicyArn: aws.String("arn:attached")}}}, nil
}

func (fakeIAM) GetPolicy(context.Context, *iam.GetPolicyInput, ...func(*iam.Options)) (*iam.GetPolicyOutput, error) {
	return &iam.GetPolicyOutput{Policy: &types.Policy{DefaultVersionId: aws.String("v3")}}, nil
}

func (fakeIAM) GetPolicyVersion(_ context.Context, in *iam.GetPolicyVersionInput, _ ...func(*iam.Options)) (*iam.GetPolicyVersionOutput, error) {
	return &iam.GetPolicyVersionOutput{PolicyVersion: &types.PolicyVersion{Document: document(*in.PolicyArn + "@" + *in.VersionId)}}, nil
}

func TestARoleIsReadWithEveryPolicyThatLimitsOrAllowsIt(t *testing.T) {
	role, err := live{iam: fakeIAM{}}.readRole(t.Context(), "delivery")
	require.NoError(t, err)
	assert.Equal(t, Role{
		RoleName: "delivery", Arn: "arn:aws:iam::123456789012:role/delivery", TrustPolicy: `{"trust":1}`,
		Policies: []PolicyDocument{{"one", `{"inline":"one"}`}, {"two", `{"inline":"two"}`}, {"arn:attached", "arn:attached@v3"}},
		Boundary: &PolicyDocument{"arn:boundary", "arn:boundary@v3"},
	}, role)

	_, err = live{iam: fakeIAM{}}.readRole(t.Context(), "other")
	require.ErrorIs(t, err, ErrNotFound)
}

type fakeLogs struct{ groups []logtypes.LogGroup }

func (f fakeLogs) DescribeLogGroups(context.Context, *cloudwatchlogs.DescribeLogGroupsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	return &cloudwatchlogs.DescribeLogGroupsOutput{LogGroups: f.groups}, nil
}

func TestALogGroupIsFoundByItsWholeName(t *testing.T) {
	l := live{logs: fakeLogs{[]logtypes.LogGroup{{LogGroupName: aws.String("flow-old"), Arn: aws.String("arn:old:*")}, {LogGroupName: aws.String("flow"), Arn: aws.String("arn:flow:*")}}}}
	group, err := l.readLogGroup(t.Context(), "flow")
	require.NoError(t, err)
	assert.Equal(t, LogGroup{LogGroupName: "flow", Arn: "arn:flow"}, group)
	_, err = l.readLogGroup(t.Context(), "flo")
	require.ErrorIs(t, err, ErrNotFound)
}

type fakeTagging struct {
	asked *resourcegroupstaggingapi.GetResourcesInput
}

func (f *fakeTagging) GetResources(_ context.Context, in *resourcegroupstaggingapi.GetResourcesInput, _ ...func(*resourcegroupstaggingapi.Options)) (*resourcegroupstaggingapi.GetResourcesOutput, error) {
	f.asked = in
	var found []tagtypes.ResourceTagMapping
	for _, arn := range []string{"arn:aws:s3:::records", "arn:aws:s3:us-east-1:123456789012:accesspoint/records"} {
		found = append(found, tagtypes.ResourceTagMapping{ResourceARN: aws.String(arn)})
	}
	return &resourcegroupstaggingapi.GetResourcesOutput{ResourceTagMappingList: found}, nil
}

func TestBucketsAreFoundByTheScopesTag(t *testing.T) {
	tagging := &fakeTagging{}
	buckets, err := live{tagging: tagging}.readBuckets(t.Context(), Scope{"team", "payments"})
	require.NoError(t, err)
	assert.Equal(t, []Bucket{{Name: "records", Tags: map[string]string{}}}, buckets)
	assert.Equal(t, []tagtypes.TagFilter{{Key: aws.String("team"), Values: []string{"payments"}}}, tagging.asked.TagFilters)
}
