package local_test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const policyName = "requests" // the same in each group

func (s site) trackRequests(disableScaleIn bool) {
	must[autoscaling.PutScalingPolicyOutput](s.t)(s.groups.PutScalingPolicy(s.ctx, &autoscaling.PutScalingPolicyInput{
		AutoScalingGroupName: &s.name, PolicyName: aws.String(policyName), PolicyType: aws.String("TargetTrackingScaling"),
		TargetTrackingConfiguration: &types.TargetTrackingConfiguration{
			TargetValue: aws.Float64(360), DisableScaleIn: &disableScaleIn,
			PredefinedMetricSpecification: &types.PredefinedMetricSpecification{
				PredefinedMetricType: types.MetricTypeALBRequestCountPerTarget, ResourceLabel: aws.String("app/site/1234/targetgroup/site/5678"),
			},
		},
	}))
}

func (s site) policies() []types.ScalingPolicy {
	return must[autoscaling.DescribePoliciesOutput](s.t)(s.groups.DescribePolicies(s.ctx, &autoscaling.DescribePoliciesInput{AutoScalingGroupName: &s.name})).ScalingPolicies
}

func (s site) alarms() []cloudwatchtypes.MetricAlarm {
	return must[cloudwatch.DescribeAlarmsOutput](s.t)(s.metrics.DescribeAlarms(s.ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String("TargetTracking-" + s.name),
	})).MetricAlarms
}

func proveScalingPolicies(t T, a account) {
	one, other := a.site(t, "scaling-policies-one"), a.site(t, "scaling-policies-other")
	for _, s := range []site{one, other} {
		s.group(0, 1)
		s.trackRequests(false)
	}
	require.Len(t, one.policies(), 1)
	policy := one.policies()[0]
	assert.True(t, *policy.Enabled)
	assert.Nil(t, policy.PredictiveScalingConfiguration)
	require.Len(t, policy.Alarms, 2)
	alarms := one.alarms()
	require.Len(t, alarms, 2)
	for _, alarm := range alarms {
		assert.Equal(t, []string{*policy.PolicyARN}, alarm.AlarmActions)
		assert.ElementsMatch(t, []cloudwatchtypes.Dimension{
			{Name: aws.String("LoadBalancer"), Value: aws.String("app/site/1234")}, {Name: aws.String("TargetGroup"), Value: aws.String("targetgroup/site/5678")},
		}, alarm.Dimensions)
		want := 360.0
		if strings.Contains(*alarm.AlarmName, "AlarmLow") {
			want = 324
		}
		assert.InDelta(t, want, *alarm.Threshold, 1e-9)
	}
	one.trackRequests(true)
	assert.Len(t, one.alarms(), 1, "nothing scales in")
	assert.Len(t, other.alarms(), 2)

	must[autoscaling.DeletePolicyOutput](t)(one.groups.DeletePolicy(one.ctx, &autoscaling.DeletePolicyInput{AutoScalingGroupName: &one.name, PolicyName: aws.String(policyName)}))
	assert.Empty(t, one.policies())
	assert.Empty(t, one.alarms())
	require.Len(t, other.policies(), 1, "another group's policy of that name")
	must[autoscaling.DeleteAutoScalingGroupOutput](t)(other.groups.DeleteAutoScalingGroup(other.ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &other.name}))
	assert.Empty(t, other.policies())
	assert.Empty(t, other.alarms())
}
