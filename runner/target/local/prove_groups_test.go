package local_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func proveGroupUpdates(t T, a account) {
	s := a.site(t, "group-updates")
	s.group(0, 4, func(in *autoscaling.CreateAutoScalingGroupInput) {
		in.MixedInstancesPolicy = &types.MixedInstancesPolicy{
			LaunchTemplate: &types.LaunchTemplate{
				LaunchTemplateSpecification: in.LaunchTemplate,
				Overrides:                   []types.LaunchTemplateOverrides{{InstanceType: aws.String("t4g.nano")}, {InstanceType: aws.String("t4g.micro")}},
			},
			InstancesDistribution: &types.InstancesDistribution{OnDemandBaseCapacity: aws.Int32(2)},
		}
		in.LaunchTemplate, in.DefaultInstanceWarmup, in.HealthCheckGracePeriod = nil, aws.Int32(60), aws.Int32(0)
	})
	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{MaxSize: aws.Int32(5)}))
	group := s.describe()
	require.NotNil(t, group.MixedInstancesPolicy)
	assert.Len(t, group.MixedInstancesPolicy.LaunchTemplate.Overrides, 2)
	assert.Equal(t, int32(2), *group.MixedInstancesPolicy.InstancesDistribution.OnDemandBaseCapacity)
	assert.Equal(t, int32(100), *group.MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity)
	assert.Equal(t, int32(60), *group.DefaultInstanceWarmup)
	assert.Equal(t, int32(300), *group.DefaultCooldown)
	assert.Zero(t, *group.HealthCheckGracePeriod)

	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{
		DefaultInstanceWarmup: aws.Int32(540), DefaultCooldown: aws.Int32(0), HealthCheckGracePeriod: aws.Int32(90), HealthCheckType: aws.String("ELB"),
		CapacityRebalance: aws.Bool(true), TerminationPolicies: []string{"OldestInstance"}, MaxInstanceLifetime: aws.Int32(86400),
	}))
	group = s.describe()
	assert.Equal(t, int32(540), *group.DefaultInstanceWarmup)
	assert.Zero(t, *group.DefaultCooldown)
	assert.Equal(t, int32(90), *group.HealthCheckGracePeriod)
	assert.True(t, *group.CapacityRebalance)
	assert.Equal(t, []string{"OldestInstance"}, group.TerminationPolicies)
	assert.Equal(t, int32(86400), *group.MaxInstanceLifetime)
	assert.Equal(t, int32(5), *group.MaxSize)

	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{
		DefaultInstanceWarmup: aws.Int32(-1), MaxInstanceLifetime: aws.Int32(0),
		LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: &s.template},
	}))
	group = s.describe()
	assert.Nil(t, group.DefaultInstanceWarmup)
	assert.Nil(t, group.MaxInstanceLifetime)
	assert.Nil(t, group.MixedInstancesPolicy)
}

func proveGroupLimits(t T, a account) {
	s := a.site(t, "group-limits")
	s.group(1, 3)
	_, err := s.groups.SetDesiredCapacity(s.ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &s.name, DesiredCapacity: aws.Int32(4)})
	require.ErrorContains(t, err, "ValidationError")
	_, err = s.groups.SetDesiredCapacity(s.ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &s.name, DesiredCapacity: aws.Int32(0)})
	require.ErrorContains(t, err, "ValidationError")
	require.ErrorContains(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{MinSize: aws.Int32(4)}), "ValidationError")
	require.ErrorContains(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{DesiredCapacity: aws.Int32(5)}), "ValidationError")
	_, err = s.groups.CreateAutoScalingGroup(s.ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: aws.String("group-limits-wrong"), MinSize: aws.Int32(2), MaxSize: aws.Int32(1), VPCZoneIdentifier: &s.subnets[0],
		LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: &s.template},
	})
	require.ErrorContains(t, err, "ValidationError")
	assert.Len(t, s.members(), 1)

	capacity := func() [2]int { g := s.describe(); return [2]int{int(*g.DesiredCapacity), len(g.Instances)} }
	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{MinSize: aws.Int32(2)}))
	assert.Equal(t, [2]int{2, 2}, capacity())
	s.desire(3)
	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{MaxSize: aws.Int32(2)}))
	assert.Equal(t, [2]int{2, 2}, capacity())
	member := s.members()[0]
	_, err = s.groups.TerminateInstanceInAutoScalingGroup(s.ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
		InstanceId: &member, ShouldDecrementDesiredCapacity: aws.Bool(true),
	})
	require.ErrorContains(t, err, "ValidationError")
	policy := must[autoscaling.PutScalingPolicyOutput](t)(s.groups.PutScalingPolicy(s.ctx, &autoscaling.PutScalingPolicyInput{
		AutoScalingGroupName: &s.name, PolicyName: aws.String("more"), AdjustmentType: aws.String("ChangeInCapacity"), ScalingAdjustment: aws.Int32(9),
	}))
	must[autoscaling.ExecutePolicyOutput](t)(s.groups.ExecutePolicy(s.ctx, &autoscaling.ExecutePolicyInput{PolicyName: policy.PolicyARN}))
	assert.Equal(t, [2]int{2, 2}, capacity())
}

func proveGroupZones(t T, a account) {
	s := a.site(t, "group-zones")
	s.group(0, 9)
	for _, step := range []struct {
		desired int32
		want    [3]int
	}{{3, [3]int{1, 1, 1}}, {6, [3]int{2, 2, 2}}, {3, [3]int{1, 1, 1}}} {
		s.desire(step.desired)
		assert.Equal(t, step.want, s.inZones())
	}
	before := s.members()
	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{VPCZoneIdentifier: aws.String(strings.Join(s.subnets[:2], ","))}))
	lost := s.inZones()
	assert.Zero(t, lost[2], "%v", lost)
	assert.Equal(t, 3, lost[0]+lost[1])
	kept := slices.DeleteFunc(s.members(), func(id string) bool { return !slices.Contains(before, id) })
	assert.Len(t, kept, 2, "who was in place has stayed")
	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{VPCZoneIdentifier: aws.String(strings.Join(s.subnets, ","))}))
	assert.Equal(t, [3]int{1, 1, 1}, s.inZones())
}

func proveGroupTargets(t T, a account) {
	s := a.site(t, "group-targets")
	targetGroup := s.targetGroup("0")
	s.group(0, 4, func(in *autoscaling.CreateAutoScalingGroupInput) { in.TargetGroupARNs = []string{targetGroup} })
	same := func(size int, after string) {
		members := s.members()
		assert.Len(t, members, size, after)
		assert.ElementsMatch(t, members, slices.Collect(maps.Keys(s.health(targetGroup))), after)
	}
	s.desire(3)
	same(3, "scaling out")
	s.terminate(s.members()[0])
	same(3, "a termination")
	s.desire(2)
	same(2, "scaling in")
	must[autoscaling.DetachInstancesOutput](t)(s.groups.DetachInstances(s.ctx, &autoscaling.DetachInstancesInput{
		AutoScalingGroupName: &s.name, InstanceIds: s.members()[:1], ShouldDecrementDesiredCapacity: aws.Bool(true),
	}))
	same(1, "a detachment")
	must[autoscaling.DetachLoadBalancerTargetGroupsOutput](t)(s.groups.DetachLoadBalancerTargetGroups(s.ctx, &autoscaling.DetachLoadBalancerTargetGroupsInput{
		AutoScalingGroupName: &s.name, TargetGroupARNs: []string{targetGroup},
	}))
	assert.Empty(t, s.health(targetGroup))
	must[autoscaling.AttachLoadBalancerTargetGroupsOutput](t)(s.groups.AttachLoadBalancerTargetGroups(s.ctx, &autoscaling.AttachLoadBalancerTargetGroupsInput{
		AutoScalingGroupName: &s.name, TargetGroupARNs: []string{targetGroup},
	}))
	same(1, "attaching the target group")
	must[autoscaling.DeleteAutoScalingGroupOutput](t)(s.groups.DeleteAutoScalingGroup(s.ctx, &autoscaling.DeleteAutoScalingGroupInput{
		AutoScalingGroupName: &s.name, ForceDelete: aws.Bool(true),
	}))
	assert.Empty(t, s.health(targetGroup))
}

func (s site) setHealth(instance string, respectGrace *bool) {
	must[autoscaling.SetInstanceHealthOutput](s.t)(s.groups.SetInstanceHealth(s.ctx, &autoscaling.SetInstanceHealthInput{
		InstanceId: &instance, HealthStatus: aws.String("Unhealthy"), ShouldRespectGracePeriod: respectGrace,
	}))
}

func proveUnhealthyMembers(t T, a account) {
	s := a.site(t, "unhealthy-members")
	s.group(3, 3, func(in *autoscaling.CreateAutoScalingGroupInput) { in.HealthCheckGracePeriod = aws.Int32(600) })
	members := s.members()
	s.setHealth(members[0], nil)
	s.setHealth(members[1], aws.Bool(false))
	must[ec2.StopInstancesOutput](t)(s.ec2.StopInstances(s.ctx, &ec2.StopInstancesInput{InstanceIds: members[2:]}))
	now := s.members()
	assert.Len(t, now, 3)
	assert.Contains(t, now, members[0], "it is in its grace period")
	assert.NotContains(t, now, members[1])
	assert.NotContains(t, now, members[2])
	assert.Equal(t, "terminated", string(s.instance(members[1]).State.Name))
	assert.Equal(t, "terminated", string(s.instance(members[2]).State.Name))

	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{HealthCheckGracePeriod: aws.Int32(1)}))
	s.setHealth(members[0], nil)
	eventually(t, func() bool { return !slices.Contains(s.members(), members[0]) })
	assert.Len(t, s.members(), 3)
	_, err := s.groups.SetInstanceHealth(s.ctx, &autoscaling.SetInstanceHealthInput{InstanceId: aws.String("i-0123"), HealthStatus: aws.String("Unhealthy")})
	require.ErrorContains(t, err, "ValidationError")
}

func (s site) suspend(processes ...string) {
	must[autoscaling.SuspendProcessesOutput](s.t)(s.groups.SuspendProcesses(s.ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: &s.name, ScalingProcesses: processes}))
}

func (s site) resume() {
	must[autoscaling.ResumeProcessesOutput](s.t)(s.groups.ResumeProcesses(s.ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: &s.name}))
}

func proveSuspendedProcesses(t T, a account) {
	s := a.site(t, "suspended-processes")
	targetGroup := s.targetGroup("0")
	s.group(0, 6, func(in *autoscaling.CreateAutoScalingGroupInput) {
		in.TargetGroupARNs, in.DesiredCapacity = []string{targetGroup}, aws.Int32(3)
	})
	s.suspend("Launch")
	suspended := s.describe().SuspendedProcesses
	require.Len(t, suspended, 1)
	assert.Equal(t, "Launch", *suspended[0].ProcessName)
	assert.Contains(t, *suspended[0].SuspensionReason, "User suspended at 20")
	s.terminate(s.members()[0])
	s.desire(4)
	assert.Len(t, s.members(), 2)
	s.resume()
	assert.Empty(t, s.describe().SuspendedProcesses)
	assert.Len(t, s.members(), 4)

	s.suspend("Terminate")
	s.desire(2)
	assert.Len(t, s.members(), 4)
	s.resume()
	assert.Len(t, s.members(), 2)

	sick := s.members()[0]
	s.suspend("ReplaceUnhealthy")
	s.setHealth(sick, aws.Bool(false))
	assert.Contains(t, s.members(), sick)
	s.resume()
	assert.NotContains(t, s.members(), sick)

	s.suspend("AddToLoadBalancer")
	s.desire(4)
	assert.Len(t, s.health(targetGroup), 2)
	s.resume()
	assert.Len(t, s.health(targetGroup), 2, "who was launched meanwhile is not added")

	s.suspend("AZRebalance")
	require.NoError(t, s.update(&autoscaling.UpdateAutoScalingGroupInput{VPCZoneIdentifier: aws.String(s.subnets[0])}))
	assert.NotEqual(t, [3]int{4, 0, 0}, s.inZones())
	s.resume()
	assert.Equal(t, [3]int{4, 0, 0}, s.inZones())
}
