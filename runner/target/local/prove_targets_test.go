package local_test

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func proveTargetHealth(t T, a account) {
	s := a.site(t, "target-health")
	targetGroup := s.targetGroup("1")
	s.group(2, 2, func(in *autoscaling.CreateAutoScalingGroupInput) { in.TargetGroupARNs = []string{targetGroup} })
	all := func(state types.TargetHealthStateEnum) bool {
		states := slices.Collect(maps.Values(s.health(targetGroup)))
		return slices.Equal([]types.TargetHealthStateEnum{state, state}, states)
	}
	require.True(t, all(types.TargetHealthStateEnumUnused), "no listener forwards to it")
	balancer := s.balancer(targetGroup)
	require.True(t, all(types.TargetHealthStateEnumInitial))
	eventually(t, func() bool { return all(types.TargetHealthStateEnumHealthy) })

	// Members are in the first two zones. Without the first one its member is unused.
	enable := func(subnets ...string) {
		must[elb.SetSubnetsOutput](t)(s.elb.SetSubnets(s.ctx, &elb.SetSubnetsInput{LoadBalancerArn: &balancer, Subnets: subnets}))
	}
	enable(s.subnets[1], s.subnets[2])
	assert.ElementsMatch(t, []types.TargetHealthStateEnum{types.TargetHealthStateEnumUnused, types.TargetHealthStateEnumHealthy}, slices.Collect(maps.Values(s.health(targetGroup))))
	enable(s.subnets[0], s.subnets[1])

	gone := s.members()[0]
	s.terminate(gone)
	assert.Equal(t, types.TargetHealthStateEnumDraining, s.health(targetGroup)[gone])
	eventually(t, func() bool { return all(types.TargetHealthStateEnumHealthy) })
	out := must[elb.DescribeTargetHealthOutput](t)(s.elb.DescribeTargetHealth(s.ctx, &elb.DescribeTargetHealthInput{
		TargetGroupArn: &targetGroup, Targets: []types.TargetDescription{{Id: &gone}},
	}))
	assert.Equal(t, types.TargetHealthReasonEnumNotRegistered, out.TargetHealthDescriptions[0].TargetHealth.Reason)
	_, err := s.elb.DeregisterTargets(s.ctx, &elb.DeregisterTargetsInput{TargetGroupArn: &targetGroup, Targets: []types.TargetDescription{{Id: &gone}}})
	require.NoError(t, err, "deregistering again changes nothing")
}

func proveTrafficSources(t T, a account) {
	s := a.site(t, "traffic-sources")
	targetGroup := s.targetGroup("0")
	s.group(1, 1, func(in *autoscaling.CreateAutoScalingGroupInput) { in.TargetGroupARNs = []string{targetGroup} })
	states := func() []string {
		of := must[autoscaling.DescribeTrafficSourcesOutput](t)(s.groups.DescribeTrafficSources(s.ctx, &autoscaling.DescribeTrafficSourcesInput{AutoScalingGroupName: &s.name}))
		require.Len(t, of.TrafficSources, 1)
		assert.Equal(t, targetGroup, *of.TrafficSources[0].Identifier)
		assert.Equal(t, "elbv2", *of.TrafficSources[0].Type)
		as := must[autoscaling.DescribeLoadBalancerTargetGroupsOutput](t)(s.groups.DescribeLoadBalancerTargetGroups(s.ctx, &autoscaling.DescribeLoadBalancerTargetGroupsInput{AutoScalingGroupName: &s.name}))
		return []string{*of.TrafficSources[0].State, *as.LoadBalancerTargetGroups[0].State}
	}
	assert.Equal(t, []string{"Added", "Added"}, states())
	s.balancer(targetGroup)
	eventually(t, func() bool { return slices.Equal([]string{"InService", "InService"}, states()) })
	sources := s.describe().TrafficSources
	require.Len(t, sources, 1)
	assert.Equal(t, aws.String(targetGroup), sources[0].Identifier)
}
