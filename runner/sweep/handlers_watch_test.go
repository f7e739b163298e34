package sweep

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	xraytypes "github.com/aws/aws-sdk-go-v2/service/xray/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeComposites keeps the rules of composite alarms and deletes none that another refers to.
type fakeComposites struct {
	compositeAlarmAPI
	rules   map[string]string
	deleted []string
}

func (f *fakeComposites) DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	out := &cloudwatch.DescribeAlarmsOutput{}
	for name, rule := range f.rules {
		out.CompositeAlarms = append(out.CompositeAlarms, cloudwatchtypes.CompositeAlarm{AlarmName: &name, AlarmRule: &rule})
	}
	return out, nil
}

func (f *fakeComposites) DeleteAlarms(_ context.Context, in *cloudwatch.DeleteAlarmsInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.DeleteAlarmsOutput, error) {
	f.deleted = append(f.deleted, in.AlarmNames...)
	return nil, nil
}

func (f *fakeComposites) PutCompositeAlarm(_ context.Context, in *cloudwatch.PutCompositeAlarmInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.PutCompositeAlarmOutput, error) {
	f.rules[*in.AlarmName] = *in.AlarmRule
	return nil, nil
}

func TestACycleOfCompositeAlarmsIsBroken(t *testing.T) {
	f := &fakeComposites{rules: map[string]string{"a": `ALARM("b")`, "b": `ALARM("c")`, "c": `ALARM("a")`, "apart": `ALARM("c")`, "stranger": `ALARM("x")`}}
	doomed := map[string]bool{"a": true, "b": true, "c": true}
	require.ErrorIs(t, compositeAlarms{f}.delete(t.Context(), "c", doomed), errBusy)
	assert.Equal(t, map[string]string{"a": `ALARM("b")`, "b": `ALARM("c")`, "c": "FALSE", "apart": `ALARM("c")`, "stranger": `ALARM("x")`}, f.rules)
	require.NoError(t, compositeAlarms{f}.delete(t.Context(), "a", doomed), "nothing is above it now")
}

func TestACompositeAlarmWaitsForThoseAboveItThatGoToo(t *testing.T) {
	tests := []struct {
		name, rule string
		doomed     bool
		waits      bool
	}{
		{"by name in quotes", `ALARM("page") OR ALARM("other")`, true, true},
		{"by name without", `NOT OK( page )`, true, true},
		{"by ARN", `INSUFFICIENT_DATA(arn:aws:cloudwatch:us-east-1:1:alarm:page)`, true, true},
		{"a name that begins alike", `ALARM("page-fast")`, true, false},
		{"a name that ends alike", `ALARM("front-page")`, true, false},
		{"one that stays: CloudWatch is asked", `ALARM("page")`, false, false},
		{"no alarm at all", `FALSE`, true, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &fakeComposites{rules: map[string]string{"page": `ALARM("page")`, "top": test.rule}}
			err := compositeAlarms{f}.delete(t.Context(), "page", map[string]bool{"page": true, "top": test.doomed})
			assert.Equal(t, test.waits, isBusy(err), err)
			assert.Equal(t, test.waits, f.deleted == nil)
		})
	}
	assert.True(t, refersTo(cloudwatchtypes.CompositeAlarm{AlarmRule: aws.String("FALSE"), ActionsSuppressor: aws.String("page")}, "page"))
}

// fakeRules has a rule on each of two buses, one that a service manages, and one of a stranger.
type fakeRules struct {
	eventRuleAPI
	calls []string
}

func (f *fakeRules) ListEventBuses(_ context.Context, in *eventbridge.ListEventBusesInput, _ ...func(*eventbridge.Options)) (*eventbridge.ListEventBusesOutput, error) {
	if in.NextToken == nil {
		return &eventbridge.ListEventBusesOutput{EventBuses: []eventtypes.EventBus{{Name: aws.String("default")}}, NextToken: aws.String("more")}, nil
	}
	return &eventbridge.ListEventBusesOutput{EventBuses: []eventtypes.EventBus{{Name: aws.String("orders")}}}, nil
}

func (f *fakeRules) ListRules(_ context.Context, in *eventbridge.ListRulesInput, _ ...func(*eventbridge.Options)) (*eventbridge.ListRulesOutput, error) {
	rule := func(name string) eventtypes.Rule { return eventtypes.Rule{Name: &name, Arn: aws.String("arn:" + name)} }
	if *in.EventBusName == "orders" {
		return &eventbridge.ListRulesOutput{Rules: []eventtypes.Rule{rule("tagged"), rule("payroll")}}, nil
	}
	if in.NextToken == nil {
		managed := rule("labctl-a1-managed")
		managed.ManagedBy = aws.String("autoscaling.amazonaws.com")
		return &eventbridge.ListRulesOutput{Rules: []eventtypes.Rule{managed, rule("tagged")}, NextToken: aws.String("more")}, nil
	}
	return &eventbridge.ListRulesOutput{Rules: []eventtypes.Rule{rule("labctl-a1-alerts")}}, nil
}

func (f *fakeRules) ListTagsForResource(_ context.Context, in *eventbridge.ListTagsForResourceInput, _ ...func(*eventbridge.Options)) (*eventbridge.ListTagsForResourceOutput, error) {
	return &eventbridge.ListTagsForResourceOutput{Tags: []eventtypes.Tag{{Key: aws.String("of"), Value: in.ResourceARN}}}, nil
}

func (f *fakeRules) ListTargetsByRule(_ context.Context, in *eventbridge.ListTargetsByRuleInput, _ ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error) {
	if in.NextToken == nil {
		return &eventbridge.ListTargetsByRuleOutput{Targets: []eventtypes.Target{{Id: aws.String("one")}}, NextToken: aws.String("more")}, nil
	}
	return &eventbridge.ListTargetsByRuleOutput{Targets: []eventtypes.Target{{Id: aws.String("two")}}}, nil
}

func (f *fakeRules) RemoveTargets(_ context.Context, in *eventbridge.RemoveTargetsInput, _ ...func(*eventbridge.Options)) (*eventbridge.RemoveTargetsOutput, error) {
	if in.Force {
		return nil, apiError("ManagedRuleException")
	}
	for _, id := range in.Ids {
		f.calls = append(f.calls, "target "+id+" of "+*in.EventBusName+"/"+*in.Rule)
	}
	return nil, nil
}

func (f *fakeRules) DeleteRule(_ context.Context, in *eventbridge.DeleteRuleInput, _ ...func(*eventbridge.Options)) (*eventbridge.DeleteRuleOutput, error) {
	if in.Force {
		return nil, apiError("ManagedRuleException")
	}
	f.calls = append(f.calls, "rule "+*in.EventBusName+"/"+*in.Name)
	return nil, nil
}

func TestRulesOfEveryBusAreFoundAndThoseThatAServiceManagesNever(t *testing.T) {
	all, err := eventRules{&fakeRules{}}.list(t.Context(), []string{"orders/tagged", "labctl-a1-managed"})
	require.NoError(t, err)
	var ids []string
	for _, f := range all {
		ids = append(ids, f.id)
		assert.Equal(t, f.arn, f.tags["of"])
	}
	assert.ElementsMatch(t, []string{"labctl-a1-alerts", "orders/tagged"}, ids, "and the one named tagged on the default bus is somebody else's")
}

func TestARuleGoesAfterItsTargets(t *testing.T) {
	for id, want := range map[string]string{"alerts": "default/alerts", "orders/alerts": "orders/alerts", "aws.partner/x/alerts": "aws.partner/x/alerts"} {
		f := &fakeRules{}
		require.NoError(t, eventRules{f}.delete(t.Context(), id, nil))
		assert.Equal(t, []string{"target one of " + want, "target two of " + want, "rule " + want}, f.calls)
	}
}

// fakeTraces has X-Ray's own group and rule, a stranger's, and two of the run, of which one is
// named by nobody but its tag.
type fakeTraces struct {
	traceAPI
	listErr, deleteErr error
	gone               bool
}

func (f fakeTraces) GetGroups(context.Context, *xray.GetGroupsInput, ...func(*xray.Options)) (*xray.GetGroupsOutput, error) {
	out := &xray.GetGroupsOutput{}
	for _, name := range f.names() {
		out.Groups = append(out.Groups, xraytypes.GroupSummary{GroupName: &name, GroupARN: aws.String("arn:aws:xray:us-east-1:1:group/" + name + "/X1")})
	}
	return out, f.listErr
}

func (f fakeTraces) GetSamplingRules(context.Context, *xray.GetSamplingRulesInput, ...func(*xray.Options)) (*xray.GetSamplingRulesOutput, error) {
	out := &xray.GetSamplingRulesOutput{}
	for _, name := range f.names() {
		out.SamplingRuleRecords = append(out.SamplingRuleRecords, xraytypes.SamplingRuleRecord{
			SamplingRule: &xraytypes.SamplingRule{RuleName: &name, RuleARN: aws.String("arn:aws:xray:us-east-1:1:sampling-rule/" + name)},
		})
	}
	return out, f.listErr
}

func (f fakeTraces) names() []string {
	if f.gone {
		return []string{"Default"}
	}
	return []string{"Default", "labctl-a1-api", "tagged", "payroll"}
}

func (f fakeTraces) ListTagsForResource(context.Context, *xray.ListTagsForResourceInput, ...func(*xray.Options)) (*xray.ListTagsForResourceOutput, error) {
	return &xray.ListTagsForResourceOutput{Tags: []xraytypes.Tag{{Key: aws.String(tagRun), Value: aws.String("a1")}}}, nil
}

func (f fakeTraces) DeleteGroup(context.Context, *xray.DeleteGroupInput, ...func(*xray.Options)) (*xray.DeleteGroupOutput, error) {
	return nil, f.deleteErr
}

func (f fakeTraces) DeleteSamplingRule(context.Context, *xray.DeleteSamplingRuleInput, ...func(*xray.Options)) (*xray.DeleteSamplingRuleOutput, error) {
	return nil, f.deleteErr
}

func TestTracesGroupsAndRulesAreFoundByNameAndTagAndXRaysOwnNever(t *testing.T) {
	const group = "arn:aws:xray:us-east-1:1:group/"
	tests := []struct {
		h    handler
		also []string
		want []string
	}{
		{traceGroups{fakeTraces{}}, []string{"tagged/X1", "Default/X1"}, []string{group + "labctl-a1-api/X1", group + "tagged/X1"}},
		{samplingRules{fakeTraces{}}, []string{"tagged", "Default"}, []string{"labctl-a1-api", "tagged"}},
	}
	for _, test := range tests {
		all, err := test.h.list(t.Context(), test.also)
		require.NoError(t, err)
		var ids []string
		for _, f := range all {
			ids = append(ids, f.id)
			assert.Equal(t, "a1", f.tags[tagRun])
		}
		assert.ElementsMatch(t, test.want, ids)
	}
}

func TestOnlyATargetWithoutTheCallsHasNoGroupsAndRules(t *testing.T) {
	for status, fails := range map[int]bool{http.StatusNotImplemented: false, http.StatusNotFound: false, http.StatusForbidden: true, http.StatusInternalServerError: true} {
		answer := &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: apiError("No")}
		for _, h := range []handler{traceGroups{fakeTraces{listErr: answer}}, samplingRules{fakeTraces{listErr: answer}}} {
			all, err := h.list(t.Context(), nil)
			assert.Equal(t, fails, err != nil, status)
			assert.Empty(t, all)
		}
	}
}

func TestAGroupThatXRayCallsInvalidIsGoneOnlyWhenItIsListedNoMore(t *testing.T) {
	invalid := apiError("InvalidRequestException")
	for gone, want := range map[bool]error{true: nil, false: invalid} {
		api := fakeTraces{deleteErr: invalid, gone: gone}
		assert.Equal(t, want, traceGroups{api}.delete(t.Context(), "arn:aws:xray:us-east-1:1:group/labctl-a1-api/X1", nil))
		assert.Equal(t, want, samplingRules{api}.delete(t.Context(), "labctl-a1-api", nil))
	}
	assert.Equal(t, "ThrottledException", code(traceGroups{fakeTraces{deleteErr: apiError("ThrottledException"), gone: true}}.delete(t.Context(), "x", nil)))
}
