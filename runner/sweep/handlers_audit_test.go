package sweep

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	analyzertypes "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeAnalyzers has one analyzer, or answers an error.
type fakeAnalyzers struct {
	analyzerAPI
	err error
}

func (f fakeAnalyzers) ListAnalyzers(context.Context, *accessanalyzer.ListAnalyzersInput, ...func(*accessanalyzer.Options)) (*accessanalyzer.ListAnalyzersOutput, error) {
	return &accessanalyzer.ListAnalyzersOutput{Analyzers: []analyzertypes.AnalyzerSummary{{
		Name: aws.String("labctl-a1-analyzer"), Arn: aws.String("arn:aws:access-analyzer:eu-west-1:1:analyzer/labctl-a1-analyzer"),
		Tags: map[string]string{tagRun: "a1"},
	}}}, f.err
}

func TestAnalyzersAreListedWithTheirTags(t *testing.T) {
	all, err := analyzers{fakeAnalyzers{}}.list(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, []found{{
		id: "labctl-a1-analyzer", name: "labctl-a1-analyzer",
		arn: "arn:aws:access-analyzer:eu-west-1:1:analyzer/labctl-a1-analyzer", tags: map[string]string{tagRun: "a1"},
	}}, all)
}

func TestOnlyATargetWithoutTheServiceHasNoAnalyzers(t *testing.T) {
	for status, fails := range map[int]bool{http.StatusNotImplemented: false, http.StatusForbidden: true, http.StatusInternalServerError: true} {
		answer := &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: apiError("No")}
		all, err := analyzers{fakeAnalyzers{err: fmt.Errorf("listing: %w", answer)}}.list(t.Context(), nil)
		assert.Equal(t, fails, err != nil, status)
		assert.Empty(t, all)
	}
}

// fakeTrails has so many trails and tells of the tags of so many at a time.
type fakeTrails struct {
	trailAPI
	trails int
}

func (f fakeTrails) DescribeTrails(_ context.Context, in *cloudtrail.DescribeTrailsInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.DescribeTrailsOutput, error) {
	if *in.IncludeShadowTrails {
		return nil, apiError("TrailsOfOtherRegionsAndAccounts")
	}
	out := &cloudtrail.DescribeTrailsOutput{}
	for i := range f.trails {
		name := fmt.Sprintf("trail-%02d", i)
		out.TrailList = append(out.TrailList, cloudtrailtypes.Trail{Name: &name, TrailARN: aws.String("arn:" + name)})
	}
	return out, nil
}

func (f fakeTrails) ListTags(_ context.Context, in *cloudtrail.ListTagsInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.ListTagsOutput, error) {
	if len(in.ResourceIdList) > 20 {
		return nil, apiError("InvalidParameterCombinationException")
	}
	out := &cloudtrail.ListTagsOutput{}
	for _, arn := range in.ResourceIdList {
		out.ResourceTagList = append(out.ResourceTagList, cloudtrailtypes.ResourceTag{
			ResourceId: aws.String(arn), TagsList: []cloudtrailtypes.Tag{{Key: aws.String(tagRun), Value: aws.String(arn)}},
		})
	}
	return out, nil
}

func TestEachTrailHasItsOwnTags(t *testing.T) {
	all, err := trails{fakeTrails{trails: 41}}.list(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, all, 41)
	for _, f := range all {
		assert.Equal(t, "arn:"+f.id, f.tags[tagRun])
	}
}

// fakeAlarms has one alarm of each type with labctl's name and one without.
type fakeAlarms struct{ compositeAlarmAPI }

func (fakeAlarms) DescribeAlarms(_ context.Context, in *cloudwatch.DescribeAlarmsInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	arn := func(name string) *string { return aws.String("arn:" + name) }
	out := &cloudwatch.DescribeAlarmsOutput{}
	if slices.Contains(in.AlarmTypes, cloudwatchtypes.AlarmTypeLogAlarm) {
		out.LogAlarms = []cloudwatchtypes.LogAlarm{
			{AlarmName: aws.String("labctl-a1-log"), AlarmArn: arn("labctl-a1-log")}, {AlarmName: aws.String("tagged-log"), AlarmArn: arn("tagged-log")},
			{AlarmName: aws.String("payroll-log"), AlarmArn: arn("payroll-log")},
		}
		return out, nil
	}
	out.MetricAlarms = []cloudwatchtypes.MetricAlarm{
		{AlarmName: aws.String("labctl-a1-metric"), AlarmArn: arn("labctl-a1-metric")}, {AlarmName: aws.String("payroll"), AlarmArn: arn("payroll")},
	}
	if slices.Contains(in.AlarmTypes, cloudwatchtypes.AlarmTypeCompositeAlarm) {
		out.CompositeAlarms = []cloudwatchtypes.CompositeAlarm{{AlarmName: aws.String("tagged-composite"), AlarmArn: arn("tagged-composite")}}
	}
	return out, nil
}

func (fakeAlarms) ListTagsForResource(_ context.Context, in *cloudwatch.ListTagsForResourceInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.ListTagsForResourceOutput, error) {
	return &cloudwatch.ListTagsForResourceOutput{Tags: []cloudwatchtypes.Tag{{Key: aws.String("of"), Value: in.ResourceARN}}}, nil
}

func TestAlarmsOfEveryTypeAreFoundByNameAndByWhatTheTaggingAPIKnows(t *testing.T) {
	tests := []struct {
		name       string
		also       []string
		alarms     []string
		composites []string
	}{
		{"it knows none", nil, []string{"labctl-a1-metric"}, nil},
		{"it knows what is listed", []string{"labctl-a1-metric", "tagged-composite"}, []string{"labctl-a1-metric"}, []string{"tagged-composite"}},
		{"it knows one more", []string{"tagged-log"}, []string{"labctl-a1-metric", "labctl-a1-log", "tagged-log"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for want, h := range map[*[]string]handler{&test.alarms: alarms{fakeAlarms{}}, &test.composites: compositeAlarms{fakeAlarms{}}} {
				all, err := h.list(t.Context(), test.also)
				require.NoError(t, err)
				var names []string
				for _, f := range all {
					names = append(names, f.id)
					assert.Equal(t, "arn:"+f.id, f.tags["of"])
				}
				assert.ElementsMatch(t, *want, names)
			}
		})
	}
}

func TestEachMetricOfAnAlarmIsBilled(t *testing.T) {
	metric, expression := cloudwatchtypes.MetricDataQuery{MetricStat: &cloudwatchtypes.MetricStat{}}, cloudwatchtypes.MetricDataQuery{Expression: aws.String("a/b")}
	assert.Equal(t, 2, metricsOf(cloudwatchtypes.MetricAlarm{Metrics: []cloudwatchtypes.MetricDataQuery{metric, metric, expression}}))
}

// fakePolicy is attached to a role and a group, and limits a user.
type fakePolicy struct{ policyAPI }

func (fakePolicy) ListEntitiesForPolicy(context.Context, *iam.ListEntitiesForPolicyInput, ...func(*iam.Options)) (*iam.ListEntitiesForPolicyOutput, error) {
	return &iam.ListEntitiesForPolicyOutput{
		PolicyUsers:  []iamtypes.PolicyUser{{UserName: aws.String("payroll")}},
		PolicyGroups: []iamtypes.PolicyGroup{{GroupName: aws.String("admins")}},
		PolicyRoles:  []iamtypes.PolicyRole{{RoleName: aws.String("deploy")}},
	}, nil
}

func TestAPolicySaysWhoHoldsIt(t *testing.T) {
	held, err := policies{fakePolicy{}}.holders(t.Context(), "arn:aws:iam::1:policy/p")
	require.NoError(t, err)
	assert.Equal(t, "it is attached to, or the boundary of: user payroll, group admins, role deploy", held)
}
