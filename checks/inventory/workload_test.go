package inventory

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAGroupSaysWhatItLaunchesAndWhere(t *testing.T) {
	spec := func(id string) *types.LaunchTemplateSpecification {
		return &types.LaunchTemplateSpecification{LaunchTemplateId: aws.String(id)}
	}
	const targets = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/1"
	group := groupOf(types.AutoScalingGroup{
		VPCZoneIdentifier: aws.String("subnet-1, subnet-2"),
		TargetGroupARNs:   []string{targets},
		TrafficSources:    []types.TrafficSourceIdentifier{{Identifier: aws.String(targets)}, {Identifier: aws.String(targets + "2")}, {Identifier: aws.String("arn:aws:vpc-lattice:us-east-1:1:x")}},
		MixedInstancesPolicy: &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{
			LaunchTemplateSpecification: spec("lt-1"),
			Overrides: []types.LaunchTemplateOverrides{
				{InstanceType: aws.String("t4g.nano")}, {InstanceType: aws.String("t4g.nano")}, {InstanceType: aws.String("t3.nano"), LaunchTemplateSpecification: spec("lt-2")},
			},
		}},
		SuspendedProcesses: []types.SuspendedProcess{{ProcessName: aws.String("Launch")}},
	})
	assert.Equal(t, []string{"subnet-1", "subnet-2"}, group.Subnets)
	assert.Equal(t, []string{targets, targets + "2"}, group.TargetGroupARNs, "each once, however it is attached, and nothing else")
	assert.Equal(t, []LaunchTemplateRef{{"lt-1", "$Default"}, {"lt-2", "$Default"}}, group.LaunchTemplates)
	assert.Equal(t, []string{"t4g.nano", "t3.nano"}, group.InstanceTypes)
	assert.Equal(t, []string{"Launch"}, group.SuspendedProcesses)
	assert.Nil(t, group.DefaultInstanceWarmup, "what is not enabled is not 0")
	assert.Empty(t, groupOf(types.AutoScalingGroup{}).Subnets)
}

func TestAPolicyIsEnabledUnlessItSaysOtherwise(t *testing.T) {
	assert.True(t, policyOf(types.ScalingPolicy{}).Enabled)
	assert.False(t, policyOf(types.ScalingPolicy{Enabled: aws.Bool(false)}).Enabled)
	tracking := policyOf(types.ScalingPolicy{TargetTrackingConfiguration: &types.TargetTrackingConfiguration{
		TargetValue: aws.Float64(5), CustomizedMetricSpecification: &types.CustomizedMetricSpecification{Namespace: aws.String("N"), MetricName: aws.String("m")},
	}})
	assert.Equal(t, "N/m", tracking.CustomMetric)
	assert.InDelta(t, 5, tracking.TargetValue, 0)
}

func TestAListenerForwardsByItsDefaultAndByWeights(t *testing.T) {
	var l Listener
	l.forward([]elbtypes.Action{
		{TargetGroupArn: aws.String("a")}, {TargetGroupArn: aws.String("a")}, {Type: elbtypes.ActionTypeEnumRedirect},
		{ForwardConfig: &elbtypes.ForwardActionConfig{TargetGroups: []elbtypes.TargetGroupTuple{{TargetGroupArn: aws.String("a")}, {TargetGroupArn: aws.String("b")}}}},
	})
	assert.Equal(t, []string{"a", "b"}, l.TargetGroups)
}

func TestFactsAnswerForTheWorkloadAsAnAccountDoes(t *testing.T) {
	scope := Scope{Key: "labctl:run", Value: "a"}
	inv := Of(Facts{WorkloadFacts: WorkloadFacts{
		Queues:                 []Queue{{QueueArn: "q1", Tags: map[string]string{"labctl:run": "a"}}, {QueueArn: "q2", Tags: map[string]string{"labctl:run": "b"}}, {QueueArn: "q3"}},
		Tables:                 []Table{{TableName: "t1", Tags: map[string]string{"labctl:run": "a"}}, {TableName: "t2"}},
		Subscriptions:          []Subscription{{TopicArn: "x", Endpoint: "q1"}, {TopicArn: "y", Endpoint: "q2"}},
		LaunchTemplateVersions: []LaunchTemplateVersion{{LaunchTemplateId: "lt-1", Asked: "$Default", VersionNumber: 2}},
		LifecycleHooks:         []LifecycleHook{{LifecycleHookName: "h", AutoScalingGroupName: "g"}},
	}}, "1", "us-east-1", scope)
	ctx := t.Context()
	queues, err := inv.Queues(ctx)
	require.NoError(t, err)
	assert.Len(t, queues, 1, "of the scope only")
	tables, err := inv.Tables(ctx)
	require.NoError(t, err)
	assert.Len(t, tables, 1, "of the scope only")
	other, err := inv.Queue(ctx, "q3")
	require.NoError(t, err)
	assert.Equal(t, "q3", other.QueueArn, "by its ARN whatever it carries")
	_, err = inv.Queue(ctx, "q4")
	require.ErrorIs(t, err, ErrNotFound)
	subscriptions, err := inv.Subscriptions(ctx, "x")
	require.NoError(t, err)
	assert.Len(t, subscriptions, 1)
	template, err := inv.LaunchTemplate(ctx, LaunchTemplateRef{"lt-1", "$Default"})
	require.NoError(t, err)
	assert.Equal(t, 2, template.VersionNumber)
	_, err = inv.LaunchTemplate(ctx, LaunchTemplateRef{"lt-1", "7"})
	require.ErrorIs(t, err, ErrNotFound)
	hooks, err := inv.LifecycleHooks(ctx, "other")
	require.NoError(t, err)
	assert.Empty(t, hooks)
}
