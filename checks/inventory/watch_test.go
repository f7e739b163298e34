package inventory

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	events "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnAlarmOnAnExpressionHasItsQueries(t *testing.T) {
	alarm := alarmOf(types.MetricAlarm{
		AlarmName: aws.String("burn"), AlarmDescription: aws.String("Owner: payments."), Threshold: aws.Float64(14.4), EvaluationPeriods: aws.Int32(3),
		TreatMissingData: aws.String("notBreaching"), EvaluateLowSampleCountPercentile: aws.String("ignore"), ActionsEnabled: aws.Bool(true),
		Metrics: []types.MetricDataQuery{
			{Id: aws.String("rate"), Expression: aws.String("errors / requests")},
			{Id: aws.String("errors"), ReturnData: aws.Bool(false), MetricStat: &types.MetricStat{
				Metric: &types.Metric{Namespace: aws.String("Shop"), MetricName: aws.String("Errors"), Dimensions: []types.Dimension{{Name: aws.String("Route"), Value: aws.String("/a")}}},
				Period: aws.Int32(300), Stat: aws.String("Sum"), Unit: types.StandardUnitCount,
			}},
		},
	})
	assert.Equal(t, MetricAlarm{
		AlarmName: "burn", AlarmDescription: "Owner: payments.", Threshold: 14.4, EvaluationPeriods: 3, TreatMissingData: "notBreaching", LowSamples: "ignore",
		ActionsEnabled: true, Metrics: []MetricDataQuery{
			{Id: "rate", Expression: "errors / requests", ReturnData: true}, // which is what a query that says nothing does
			{Id: "errors", MetricStat: &MetricStat{Namespace: "Shop", MetricName: "Errors", Dimensions: map[string]string{"Route": "/a"}, Period: 300, Stat: "Sum", Unit: "Count"}},
		},
	}, alarm)
}

func TestATargetSaysWhetherItGetsTheEventItself(t *testing.T) {
	target := events.Target{Id: aws.String("t"), Arn: aws.String("arn:q"), RoleArn: aws.String("arn:r")}
	assert.Equal(t, EventTarget{Id: "t", Arn: "arn:q", RoleArn: "arn:r"}, eventTargetOf(target))
	for name, transformed := range map[string]events.Target{
		"a constant":  {Input: aws.String(`{"a":1}`)},
		"a part":      {InputPath: aws.String("$.detail")},
		"a rewriting": {InputTransformer: &events.InputTransformer{}},
	} {
		assert.True(t, eventTargetOf(transformed).Transformed, name)
	}
}

func TestWhatCarriesAnotherTagIsNotOfTheScope(t *testing.T) {
	mine, theirs := map[string]string{"labctl:run": "a"}, map[string]string{"labctl:run": "b"}
	facts := Facts{
		LogGroups: []LogGroup{{LogGroupName: "mine", Tags: mine}, {LogGroupName: "theirs", Tags: theirs}, {LogGroupName: "nobody's"}},
		WatchFacts: WatchFacts{
			AlarmTags:  map[string]map[string]string{"arn:mine": mine, "arn:theirs": theirs},
			Topics:     []Topic{{TopicArn: "arn:topic", Tags: mine}, {TopicArn: "arn:other", Tags: theirs}},
			EventRules: []EventRule{{Name: "mine", Tags: mine}, {Name: "theirs", Tags: theirs}},
			Metrics:    []Metric{{Namespace: "Shop", MetricName: "Errors"}, {Namespace: "Other", MetricName: "Errors"}},
		},
	}
	inv := Of(facts, "123456789012", "us-east-1", Scope{Key: "labctl:run", Value: "a"})
	groups, err := inv.ScopeLogGroups(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []LogGroup{{LogGroupName: "mine", Tags: mine}}, groups)
	alarms, err := inv.AlarmTags(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]map[string]string{"arn:mine": mine}, alarms)
	assert.Len(t, facts.AlarmTags, 2, "the facts stay as they are")
	topics, err := inv.TopicTags(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]map[string]string{"arn:topic": mine}, topics)
	rules, err := inv.EventRules(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []EventRule{{Name: "mine", Tags: mine}}, rules)
	metrics, err := inv.Metrics(t.Context(), "Shop")
	require.NoError(t, err)
	assert.Len(t, metrics, 1)
}

func TestAKeyIsFoundByItsIdItsARNAndItsAlias(t *testing.T) {
	facts := Facts{AuditFacts: AuditFacts{Keys: []Key{{KeyId: "1234", Arn: "arn:key/1234", Aliases: []string{"alias/pages"}}}}}
	inv := Of(facts, "123456789012", "us-east-1", Scope{})
	for _, ref := range []string{"1234", "arn:key/1234", "alias/pages"} {
		key, err := inv.Key(t.Context(), ref)
		require.NoError(t, err, ref)
		assert.Equal(t, "1234", key.KeyId)
	}
	_, err := inv.Key(t.Context(), "alias/other")
	require.ErrorIs(t, err, ErrNotFound)
}
