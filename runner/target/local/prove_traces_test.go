package local_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func proveTraceGroups(t T, a account) {
	name, expression := aws.String("proven-group"), aws.String(`service("api") AND (fault = true OR responsetime > 1)`)
	create := &xray.CreateGroupInput{GroupName: name, FilterExpression: expression, Tags: []types.Tag{{Key: aws.String("role"), Value: aws.String("trace")}}}
	group := must[xray.CreateGroupOutput](t)(a.traces.CreateGroup(a.ctx, create)).Group
	assert.Equal(t, []any{*name, *expression, false}, []any{*group.GroupName, *group.FilterExpression, *group.InsightsConfiguration.InsightsEnabled})
	_, err := a.traces.CreateGroup(a.ctx, create)
	requireCode(t, err, "InvalidRequestException")
	_, err = a.traces.CreateGroup(a.ctx, &xray.CreateGroupInput{GroupName: aws.String("wrong"), FilterExpression: aws.String(`service("api"`)})
	requireCode(t, err, "InvalidRequestException")
	names := func() (all []string) {
		for _, g := range must[xray.GetGroupsOutput](t)(a.traces.GetGroups(a.ctx, &xray.GetGroupsInput{})).Groups {
			all = append(all, *g.GroupName)
		}
		return all
	}
	assert.Equal(t, []string{"Default", *name}, names())
	assert.Equal(t, map[string]string{"role": "trace"}, a.tagsOf(t, "xray:group", *group.GroupARN))
	proveTraceTags(t, a, *group.GroupARN)

	must[xray.UpdateGroupOutput](t)(a.traces.UpdateGroup(a.ctx, &xray.UpdateGroupInput{GroupARN: group.GroupARN, FilterExpression: aws.String("error"),
		InsightsConfiguration: &types.InsightsConfiguration{InsightsEnabled: aws.Bool(true)}}))
	read := must[xray.GetGroupOutput](t)(a.traces.GetGroup(a.ctx, &xray.GetGroupInput{GroupName: name})).Group
	assert.Equal(t, []any{"error", true, false}, []any{*read.FilterExpression, *read.InsightsConfiguration.InsightsEnabled, *read.InsightsConfiguration.NotificationsEnabled})
	must[xray.DeleteGroupOutput](t)(a.traces.DeleteGroup(a.ctx, &xray.DeleteGroupInput{GroupARN: group.GroupARN}))
	assert.Equal(t, []string{"Default"}, names())
	assert.Nil(t, a.tagsOf(t, "xray:group", *group.GroupARN))
	_, err = a.traces.GetGroup(a.ctx, &xray.GetGroupInput{GroupName: name})
	require.ErrorContains(t, err, "Group not found")
}

// proveTraceTags changes the tags of what has the tag role.
func proveTraceTags(t T, a account, arn string) {
	must[xray.TagResourceOutput](t)(a.traces.TagResource(a.ctx, &xray.TagResourceInput{ResourceARN: &arn, Tags: []types.Tag{{Key: aws.String("more"), Value: aws.String("yes")}}}))
	must[xray.UntagResourceOutput](t)(a.traces.UntagResource(a.ctx, &xray.UntagResourceInput{ResourceARN: &arn, TagKeys: []string{"role"}}))
	tags := must[xray.ListTagsForResourceOutput](t)(a.traces.ListTagsForResource(a.ctx, &xray.ListTagsForResourceInput{ResourceARN: &arn})).Tags
	require.Len(t, tags, 1)
	assert.Equal(t, "more", *tags[0].Key)
	_, err := a.traces.ListTagsForResource(a.ctx, &xray.ListTagsForResourceInput{ResourceARN: aws.String(arn + "-not")})
	requireCode(t, err, "ResourceNotFoundException")
}

func proveSamplingRules(t T, a account) {
	rule := func(name string, change ...func(*types.SamplingRule)) *xray.CreateSamplingRuleInput {
		r := &types.SamplingRule{
			RuleName: &name, Priority: aws.Int32(100), FixedRate: 0.05, ReservoirSize: 0, Version: aws.Int32(1), ServiceName: aws.String("api"), ServiceType: aws.String("*"),
			Host: aws.String("*"), HTTPMethod: aws.String("*"), URLPath: aws.String("*"), ResourceARN: aws.String("*"),
		}
		for _, c := range change {
			c(r)
		}
		return &xray.CreateSamplingRuleInput{SamplingRule: r, Tags: []types.Tag{{Key: aws.String("role"), Value: aws.String("trace")}}}
	}
	made := must[xray.CreateSamplingRuleOutput](t)(a.traces.CreateSamplingRule(a.ctx, rule("proven-rule"))).SamplingRuleRecord
	arn := *made.SamplingRule.RuleARN
	assert.WithinDuration(t, time.Now(), *made.CreatedAt, time.Minute)
	for name, wrong := range map[string]func(*types.SamplingRule){
		"the name is taken":    func(*types.SamplingRule) {},
		"the rate is above 1":  func(r *types.SamplingRule) { r.RuleName, r.FixedRate = aws.String("another"), 5 },
		"the priority is last": func(r *types.SamplingRule) { r.RuleName, r.Priority = aws.String("another"), aws.Int32(10_000) },
		"the version is 2":     func(r *types.SamplingRule) { r.RuleName, r.Version = aws.String("another"), aws.Int32(2) },
	} {
		_, err := a.traces.CreateSamplingRule(a.ctx, rule("proven-rule", wrong))
		requireCode(t, err, "InvalidRequestException")
		assert.NotContains(t, err.Error(), "InvalidRequestException: \n", name)
	}
	read := func() (names []string, first types.SamplingRule) {
		records := must[xray.GetSamplingRulesOutput](t)(a.traces.GetSamplingRules(a.ctx, &xray.GetSamplingRulesInput{})).SamplingRuleRecords
		for _, r := range records {
			names = append(names, *r.SamplingRule.RuleName)
		}
		return names, *records[0].SamplingRule
	}
	names, first := read()
	assert.Equal(t, []string{"proven-rule", "Default"}, names)
	assert.Equal(t, []any{0.05, int32(0), "api"}, []any{first.FixedRate, first.ReservoirSize, *first.ServiceName})
	assert.Equal(t, map[string]string{"role": "trace"}, a.tagsOf(t, "xray:sampling-rule", arn))
	proveTraceTags(t, a, arn)

	must[xray.UpdateSamplingRuleOutput](t)(a.traces.UpdateSamplingRule(a.ctx, &xray.UpdateSamplingRuleInput{SamplingRuleUpdate: &types.SamplingRuleUpdate{RuleName: aws.String("proven-rule"), FixedRate: aws.Float64(0)}}))
	_, first = read()
	assert.Equal(t, []any{0.0, int32(100)}, []any{first.FixedRate, *first.Priority})
	must[xray.DeleteSamplingRuleOutput](t)(a.traces.DeleteSamplingRule(a.ctx, &xray.DeleteSamplingRuleInput{RuleName: aws.String("proven-rule")}))
	names, _ = read()
	assert.Equal(t, []string{"Default"}, names)
	for _, gone := range []string{"proven-rule", "Default"} {
		_, err := a.traces.DeleteSamplingRule(a.ctx, &xray.DeleteSamplingRuleInput{RuleName: &gone})
		requireCode(t, err, "InvalidRequestException")
	}
}

// request writes the two segments of a request that began some seconds ago: one of the API, one of the service behind it.
func (a account) request(t T, ago int64, number int, seconds float64, more string) (trace string) {
	began := time.Now().Unix() - ago
	trace = fmt.Sprintf("1-%08x-%024x", began, number)
	documents := []string{
		fmt.Sprintf(`{"trace_id":"%s","id":"%016x","name":"proven-api","start_time":%d.5,"end_time":%f,"origin":"AWS::ECS::Container",
			"http":{"request":{"method":"POST","url":"https://api/payments"},"response":{"status":200}}%s}`, trace, number, began, float64(began)+0.5+seconds, more),
		fmt.Sprintf(`{"trace_id":"%s","id":"%016x","parent_id":"%016x","name":"proven-payments","start_time":%d.6,"end_time":%d.7,"fault":false,"annotations":{"order":"o-%d"}}`,
			trace, number+1000, number, began, began, number),
	}
	out := must[xray.PutTraceSegmentsOutput](t)(a.traces.PutTraceSegments(a.ctx, &xray.PutTraceSegmentsInput{TraceSegmentDocuments: documents}))
	require.Empty(t, out.UnprocessedTraceSegments)
	return trace
}

func proveTraceSummaries(t T, a account) {
	good := a.request(t, 60, 1, 0.2, "")
	failed := a.request(t, 50, 2, 0.3, `,"fault":true,"user":"u-7","annotations":{"paid":false}`)
	slow := a.request(t, 40, 3, 2.5, `,"annotations":{"order":"o-3","amount":12.5}`)
	a.request(t, 7200, 4, 9, `,"fault":true`)
	now := time.Now()
	find := func(expression string) ([]types.TraceSummary, error) {
		in := &xray.GetTraceSummariesInput{StartTime: aws.Time(now.Add(-10 * time.Minute)), EndTime: &now}
		if expression != "" {
			in.FilterExpression = &expression
		}
		out, err := a.traces.GetTraceSummaries(a.ctx, in)
		if err != nil {
			return nil, err
		}
		return slices.DeleteFunc(out.TraceSummaries, func(s types.TraceSummary) bool { return !slices.Contains([]string{good, failed, slow}, *s.Id) }), nil
	}
	for expression, want := range map[string][]string{
		"": {good, failed, slow},
		`service("proven-api") AND (fault = true OR responsetime > 1)`: {failed, slow},
		`fault`:                                   {failed},
		`!fault AND service("proven-payments")`:   {good, slow},
		`annotation.order = "o-3"`:                {slow},
		`annotation[order] BEGINSWITH "o-"`:       {good, failed, slow},
		`annotation.amount > 12`:                  {slow},
		`annotation.paid = false`:                 {failed},
		`service("proven-payments") { fault }`:    nil,
		`service("proven-api") { duration >= 2 }`: {slow},
		`service("nobody")`:                       nil,
		`http.method = "POST" AND user = "u-7"`:   {failed},
	} {
		found, err := find(expression)
		require.NoError(t, err, expression)
		var ids []string
		for _, s := range found {
			ids = append(ids, *s.Id)
		}
		assert.ElementsMatch(t, want, ids, expression)
	}
	for _, unknown := range []string{`edge("a", "b")`, `fault AND error OR throttle`, `responsetime > "long"`} {
		_, err := find(unknown)
		requireCode(t, err, "InvalidRequestException")
	}
	found, err := find(`annotation.amount = 12.5`)
	require.NoError(t, err)
	require.Len(t, found, 1)
	summary := found[0]
	assert.InDelta(t, 2.5, *summary.ResponseTime, 0.001)
	assert.Equal(t, []any{false, "proven-api", int32(200), 2}, []any{*summary.HasFault, *summary.EntryPoint.Name, *summary.Http.HttpStatus, len(summary.ServiceIds)})
	assert.Equal(t, &types.AnnotationValueMemberNumberValue{Value: 12.5}, summary.Annotations["amount"][0].AnnotationValue)

	out := must[xray.BatchGetTracesOutput](t)(a.traces.BatchGetTraces(a.ctx, &xray.BatchGetTracesInput{TraceIds: []string{failed, "1-00000000-000000000000000000000000"}}))
	assert.Equal(t, []string{"1-00000000-000000000000000000000000"}, out.UnprocessedTraceIds)
	require.Len(t, out.Traces, 1)
	require.Len(t, out.Traces[0].Segments, 2)
	var segment struct {
		ParentID string `json:"parent_id"`
		Name     string `json:"name"`
	}
	require.NoError(t, json.Unmarshal([]byte(*out.Traces[0].Segments[1].Document), &segment))
	assert.Equal(t, []string{*out.Traces[0].Segments[0].Id, "proven-payments"}, []string{segment.ParentID, segment.Name})
	assert.InDelta(t, 0.3, *out.Traces[0].Duration, 0.001)
}
