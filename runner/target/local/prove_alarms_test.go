package local_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func proveAlarmTypes(t T, a account) {
	for _, name := range []string{"types-one", "types-two"} {
		a.alarm(t, name)
	}
	requireCode(t, a.composite("types-page", `ALARM("types-one") AND NOT ALARM(types-missing)`), "ValidationError")
	assert.ErrorContains(t, a.composite("types-page", `ALARM("types-one") AND NOT ALARM(types-missing)`), "types-missing")
	requireCode(t, a.composite("types-page", "ALARM(types-one"), "ValidationError")
	requireCode(t, a.composite("types-one", "TRUE"), "ValidationError")
	suppressed := func(in *cloudwatch.PutCompositeAlarmInput) { in.ActionsSuppressor = aws.String("types-two") }
	requireCode(t, a.composite("types-page", "ALARM(types-one)", suppressed), "ValidationError")
	require.NoError(t, a.composite("types-page", `ALARM("types-one") AND NOT ALARM("`+alarmARN("types-two")+`")`, suppressed, func(in *cloudwatch.PutCompositeAlarmInput) {
		in.ActionsSuppressorWaitPeriod, in.ActionsSuppressorExtensionPeriod = aws.Int32(60), aws.Int32(120)
		in.AlarmDescription, in.OKActions = aws.String("both"), []string{"arn:aws:sns:us-east-1:123456789012:types"}
		in.Tags = []types.Tag{{Key: aws.String("role"), Value: aws.String("page")}}
	}))
	require.NoError(t, a.composite("types-over", "ALARM(types-page)"))

	both := []types.AlarmType{types.AlarmTypeCompositeAlarm, types.AlarmTypeMetricAlarm}
	prefix := aws.String("types-")
	for name, c := range map[string]struct {
		in               cloudwatch.DescribeAlarmsInput
		metric, composed []string
	}{
		"without a type":   {cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: prefix}, []string{"types-one", "types-two"}, nil},
		"of both types":    {cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: prefix, AlarmTypes: both}, []string{"types-one", "types-two"}, []string{"types-over", "types-page"}},
		"by name":          {cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"types-page", "types-two", "nobody"}, AlarmTypes: both}, []string{"types-two"}, []string{"types-page"}},
		"by action":        {cloudwatch.DescribeAlarmsInput{ActionPrefix: aws.String("arn:aws:sns:us-east-1:123456789012:types"), AlarmTypes: both}, nil, []string{"types-page"}},
		"by two filters":   {cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: prefix, StateValue: types.StateValueAlarm}, nil, nil},
		"children":         {cloudwatch.DescribeAlarmsInput{ChildrenOfAlarmName: aws.String("types-page")}, []string{"types-one", "types-two"}, nil},
		"children of over": {cloudwatch.DescribeAlarmsInput{ChildrenOfAlarmName: aws.String("types-over")}, nil, []string{"types-page"}},
		"parents":          {cloudwatch.DescribeAlarmsInput{ParentsOfAlarmName: aws.String("types-two")}, nil, []string{"types-page"}},
	} {
		metric, composed := namesOf(a.describeAlarms(t, &c.in))
		assert.Equal(t, c.metric, metric, name)
		assert.Equal(t, c.composed, composed, name)
	}
	page := a.describeAlarms(t, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"types-page"}, AlarmTypes: both}).CompositeAlarms[0]
	assert.Equal(t, `ALARM("types-one") AND NOT ALARM("`+alarmARN("types-two")+`")`, *page.AlarmRule)
	assert.Equal(t, []any{"both", "types-two", int32(60), int32(120), true}, []any{
		*page.AlarmDescription, *page.ActionsSuppressor, *page.ActionsSuppressorWaitPeriod, *page.ActionsSuppressorExtensionPeriod, *page.ActionsEnabled,
	})
	assert.Equal(t, map[string]string{"role": "page"}, a.tagsOf(t, "cloudwatch:alarm", alarmARN("types-page")))
	first := a.describeAlarms(t, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: prefix, AlarmTypes: both, MaxRecords: aws.Int32(3)})
	metric, composed := namesOf(a.describeAlarms(t, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: prefix, AlarmTypes: both, NextToken: first.NextToken, MaxRecords: aws.Int32(3)}))
	assert.Equal(t, []string{"types-two"}, append(metric, composed...))

	requireCode(t, a.deleteAlarms("types-one"), "ValidationError")
	requireCode(t, a.deleteAlarms("types-page"), "ValidationError")
	requireCode(t, a.deleteAlarms("types-over", "types-page"), "ValidationError")
	for _, name := range []string{"types-over", "types-page", "types-one", "types-two"} {
		require.NoError(t, a.deleteAlarms(name, "nobody"))
	}
	metric, composed = namesOf(a.describeAlarms(t, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: prefix, AlarmTypes: both}))
	assert.Empty(t, append(metric, composed...))
}

func namesOf(out *cloudwatch.DescribeAlarmsOutput) (metric, composite []string) {
	for _, alarm := range out.MetricAlarms {
		metric = append(metric, *alarm.AlarmName)
	}
	for _, alarm := range out.CompositeAlarms {
		composite = append(composite, *alarm.AlarmName)
	}
	return metric, composite
}

func proveAlarmActionsEnabled(t T, a account) {
	a.alarm(t, "enabled")
	require.NoError(t, a.composite("enabled-page", "ALARM(enabled)"))
	enabled := func() []bool {
		out := a.describeAlarms(t, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: []string{"enabled", "enabled-page"}, AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm, types.AlarmTypeMetricAlarm},
		})
		return []bool{*out.MetricAlarms[0].ActionsEnabled, *out.CompositeAlarms[0].ActionsEnabled}
	}
	assert.Equal(t, []bool{true, true}, enabled())
	must[cloudwatch.DisableAlarmActionsOutput](t)(a.metrics.DisableAlarmActions(a.ctx, &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{"enabled", "enabled-page"}}))
	assert.Equal(t, []bool{false, false}, enabled())
	must[cloudwatch.EnableAlarmActionsOutput](t)(a.metrics.EnableAlarmActions(a.ctx, &cloudwatch.EnableAlarmActionsInput{AlarmNames: []string{"enabled-page"}}))
	assert.Equal(t, []bool{false, true}, enabled())
}

func proveAlarmStates(t T, a account) {
	tagged := func(in *cloudwatch.PutMetricAlarmInput) {
		in.Tags = []types.Tag{{Key: aws.String("of"), Value: in.AlarmDescription}}
	}
	described := func(text string) func(*cloudwatch.PutMetricAlarmInput) {
		return func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmDescription = &text }
	}
	a.alarm(t, "states", described("one"), tagged)
	made := a.metricAlarm(t, "states")
	assert.Equal(t, types.StateValueInsufficientData, made.StateValue)
	assert.Equal(t, "Unchecked: Initial alarm creation", *made.StateReason)
	for _, state := range []types.StateValue{types.StateValueOk, types.StateValueAlarm} {
		a.setState(t, "states", state, "set to "+string(state))
		read := a.metricAlarm(t, "states")
		assert.Equal(t, state, read.StateValue)
		assert.Equal(t, []string{"set to " + string(state), `{"by":"hand"}`}, []string{*read.StateReason, *read.StateReasonData})
	}
	before := a.metricAlarm(t, "states")
	a.setState(t, "states", types.StateValueAlarm, "again")
	again := a.metricAlarm(t, "states")
	assert.Equal(t, "again", *again.StateReason)
	assert.Equal(t, *before.StateTransitionedTimestamp, *again.StateTransitionedTimestamp, "nothing was passed")
	assert.False(t, again.StateUpdatedTimestamp.Before(*before.StateUpdatedTimestamp))
	assert.WithinDuration(t, time.Now(), *again.StateUpdatedTimestamp, time.Minute)

	a.alarm(t, "states", described("two"), tagged)
	changed := a.metricAlarm(t, "states")
	assert.Equal(t, []any{types.StateValueAlarm, "again", "two"}, []any{changed.StateValue, *changed.StateReason, *changed.AlarmDescription})
	assert.Equal(t, map[string]string{"of": "one"}, a.tagsOf(t, "cloudwatch:alarm", alarmARN("states")), "tags are given at creation")
	require.NoError(t, a.deleteAlarms("states"))
	a.alarm(t, "states")
	assert.Equal(t, types.StateValueInsufficientData, a.metricAlarm(t, "states").StateValue)
	assert.Empty(t, a.tagsOf(t, "cloudwatch:alarm", alarmARN("states")))
	_, err := a.metrics.SetAlarmState(a.ctx, &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("nobody"), StateValue: types.StateValueOk, StateReason: aws.String("none")})
	requireCode(t, err, "ResourceNotFound")
}
