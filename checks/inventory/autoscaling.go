package inventory

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// AutoScalingGroup is an EC2 Auto Scaling group. Times are seconds.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
type AutoScalingGroup struct {
	AutoScalingGroupName   string
	AutoScalingGroupARN    string
	MinSize                int
	MaxSize                int
	DesiredCapacity        int
	Subnets                []string // ids; the VPCZoneIdentifier
	AvailabilityZones      []string // names
	TargetGroupARNs        []string // however they are attached
	HealthCheckType        string   // EC2, or a list such as "EC2,ELB"
	HealthCheckGracePeriod int
	DefaultCooldown        int
	DefaultInstanceWarmup  *int // nil where it is not enabled
	SuspendedProcesses     []string
	LaunchConfiguration    string // the name of one, for groups that predate launch templates
	LaunchTemplates        []LaunchTemplateRef
	InstanceTypes          []string // that a mixed instances policy names
	AttributeBased         bool     // EC2 chooses among all types with the attributes that the policy names
	Members                []GroupMember
	Tags                   map[string]string
}

// LaunchTemplateRef names a version of a launch template: a number, $Default or $Latest.
type LaunchTemplateRef struct{ LaunchTemplateId, Version string }

// GroupMember is an instance of a group.
type GroupMember struct {
	InstanceId       string
	AvailabilityZone string
	LifecycleState   string // InService, Pending, Terminating:Wait ...
	HealthStatus     string // Healthy or Unhealthy
}

// ScalingPolicy is a dynamic scaling policy of a group. Times are seconds.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html
type ScalingPolicy struct {
	PolicyARN               string
	PolicyName              string
	AutoScalingGroupName    string
	PolicyType              string // TargetTrackingScaling, StepScaling, SimpleScaling, PredictiveScaling
	Enabled                 bool
	EstimatedInstanceWarmup *int

	// Of target tracking: a predefined metric, or one of the account's own. A metric that is computed from several has no name.
	PredefinedMetric string
	CustomMetric     string // namespace/name
	TargetValue      float64
	DisableScaleIn   bool

	// Of step and simple scaling.
	AdjustmentType         string
	MinAdjustmentMagnitude int
	Steps                  []ScalingStep
	ScalingAdjustment      int
	Cooldown               *int
}

// ScalingStep is the adjustment for a range of the breach, relative to the alarm's threshold; nil is infinity.
type ScalingStep struct {
	Lower, Upper *float64
	Adjustment   int
}

// LifecycleHook makes instances wait when they come or go.
type LifecycleHook struct {
	LifecycleHookName    string
	AutoScalingGroupName string
	LifecycleTransition  string // autoscaling:EC2_INSTANCE_LAUNCHING or _TERMINATING
	HeartbeatTimeout     int    // seconds
	DefaultResult        string // CONTINUE or ABANDON
}

// GroupNotification says that events of one type of a group go to a topic.
type GroupNotification struct{ AutoScalingGroupName, NotificationType, TopicARN string }

// AutoScalingGroups reads the region's groups.
func (i *Inventory) AutoScalingGroups(ctx context.Context) ([]AutoScalingGroup, error) {
	return i.workload.groups.get("the Auto Scaling groups of "+i.Region, func() ([]AutoScalingGroup, error) { return i.source.readGroups(ctx) })
}

// ScalingPolicies reads the scaling policies of the region's groups.
func (i *Inventory) ScalingPolicies(ctx context.Context) ([]ScalingPolicy, error) {
	return i.workload.policies.get("the scaling policies of "+i.Region, func() ([]ScalingPolicy, error) { return i.source.readPolicies(ctx) })
}

// LifecycleHooks reads the hooks of one group.
func (i *Inventory) LifecycleHooks(ctx context.Context, group string) ([]LifecycleHook, error) {
	return i.workload.hooks.get(group, "the lifecycle hooks of", func() ([]LifecycleHook, error) { return i.source.readHooks(ctx, group) })
}

// GroupNotifications reads where the events of one group go.
func (i *Inventory) GroupNotifications(ctx context.Context, group string) ([]GroupNotification, error) {
	return i.workload.notifications.get(group, "the notifications of", func() ([]GroupNotification, error) { return i.source.readNotifications(ctx, group) })
}

func (l live) readGroups(ctx context.Context) ([]AutoScalingGroup, error) {
	groups, err := all(ctx, autoscaling.NewDescribeAutoScalingGroupsPaginator(l.scaling, &autoscaling.DescribeAutoScalingGroupsInput{}), func(o *autoscaling.DescribeAutoScalingGroupsOutput) []types.AutoScalingGroup {
		return o.AutoScalingGroups
	})
	if err != nil {
		return nil, err
	}
	found := make([]AutoScalingGroup, len(groups))
	for n, group := range groups {
		found[n] = groupOf(group)
	}
	return found, nil
}

func groupOf(group types.AutoScalingGroup) AutoScalingGroup {
	g := AutoScalingGroup{
		AutoScalingGroupName: aws.ToString(group.AutoScalingGroupName), AutoScalingGroupARN: aws.ToString(group.AutoScalingGroupARN),
		MinSize: number(group.MinSize), MaxSize: number(group.MaxSize), DesiredCapacity: number(group.DesiredCapacity),
		AvailabilityZones: group.AvailabilityZones, TargetGroupARNs: slices.Clone(group.TargetGroupARNs),
		HealthCheckType: aws.ToString(group.HealthCheckType), HealthCheckGracePeriod: number(group.HealthCheckGracePeriod),
		DefaultCooldown: number(group.DefaultCooldown), DefaultInstanceWarmup: maybe(group.DefaultInstanceWarmup),
		LaunchConfiguration: aws.ToString(group.LaunchConfigurationName), Tags: map[string]string{},
	}
	for _, subnet := range strings.Split(aws.ToString(group.VPCZoneIdentifier), ",") {
		if subnet = strings.TrimSpace(subnet); subnet != "" {
			g.Subnets = append(g.Subnets, subnet)
		}
	}
	for _, traffic := range group.TrafficSources {
		if arn := aws.ToString(traffic.Identifier); strings.Contains(arn, ":targetgroup/") && !slices.Contains(g.TargetGroupARNs, arn) {
			g.TargetGroupARNs = append(g.TargetGroupARNs, arn)
		}
	}
	for _, process := range group.SuspendedProcesses {
		g.SuspendedProcesses = append(g.SuspendedProcesses, aws.ToString(process.ProcessName))
	}
	for _, tag := range group.Tags {
		g.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	for _, instance := range group.Instances {
		g.Members = append(g.Members, GroupMember{
			InstanceId: aws.ToString(instance.InstanceId), AvailabilityZone: aws.ToString(instance.AvailabilityZone),
			LifecycleState: string(instance.LifecycleState), HealthStatus: aws.ToString(instance.HealthStatus),
		})
	}
	g.addLaunch(group)
	return g
}

// addLaunch collects what the group launches: its own template, and what a mixed instances policy puts in its place.
func (g *AutoScalingGroup) addLaunch(group types.AutoScalingGroup) {
	add := func(spec *types.LaunchTemplateSpecification) {
		if spec == nil {
			return
		}
		ref := LaunchTemplateRef{LaunchTemplateId: aws.ToString(spec.LaunchTemplateId), Version: aws.ToString(spec.Version)}
		if ref.Version == "" {
			ref.Version = "$Default" // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateSpecification.html
		}
		if ref.LaunchTemplateId != "" && !slices.Contains(g.LaunchTemplates, ref) {
			g.LaunchTemplates = append(g.LaunchTemplates, ref)
		}
	}
	add(group.LaunchTemplate)
	if group.MixedInstancesPolicy == nil || group.MixedInstancesPolicy.LaunchTemplate == nil {
		return
	}
	add(group.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification)
	for _, override := range group.MixedInstancesPolicy.LaunchTemplate.Overrides {
		add(override.LaunchTemplateSpecification)
		if name := aws.ToString(override.InstanceType); name != "" && !slices.Contains(g.InstanceTypes, name) {
			g.InstanceTypes = append(g.InstanceTypes, name)
		}
		g.AttributeBased = g.AttributeBased || override.InstanceRequirements != nil
	}
}

func (l live) readPolicies(ctx context.Context) ([]ScalingPolicy, error) {
	policies, err := all(ctx, autoscaling.NewDescribePoliciesPaginator(l.scaling, &autoscaling.DescribePoliciesInput{}), func(o *autoscaling.DescribePoliciesOutput) []types.ScalingPolicy { return o.ScalingPolicies })
	if err != nil {
		return nil, err
	}
	found := make([]ScalingPolicy, len(policies))
	for n, policy := range policies {
		found[n] = policyOf(policy)
	}
	return found, nil
}

func policyOf(policy types.ScalingPolicy) ScalingPolicy {
	p := ScalingPolicy{
		PolicyARN: aws.ToString(policy.PolicyARN), PolicyName: aws.ToString(policy.PolicyName),
		AutoScalingGroupName: aws.ToString(policy.AutoScalingGroupName), PolicyType: aws.ToString(policy.PolicyType),
		Enabled: policy.Enabled == nil || *policy.Enabled, EstimatedInstanceWarmup: maybe(policy.EstimatedInstanceWarmup),
		AdjustmentType: aws.ToString(policy.AdjustmentType), MinAdjustmentMagnitude: number(policy.MinAdjustmentMagnitude),
		ScalingAdjustment: number(policy.ScalingAdjustment), Cooldown: maybe(policy.Cooldown),
	}
	for _, step := range policy.StepAdjustments {
		p.Steps = append(p.Steps, ScalingStep{Lower: step.MetricIntervalLowerBound, Upper: step.MetricIntervalUpperBound, Adjustment: number(step.ScalingAdjustment)})
	}
	if tracking := policy.TargetTrackingConfiguration; tracking != nil {
		p.TargetValue, p.DisableScaleIn = aws.ToFloat64(tracking.TargetValue), aws.ToBool(tracking.DisableScaleIn)
		if metric := tracking.PredefinedMetricSpecification; metric != nil {
			p.PredefinedMetric = string(metric.PredefinedMetricType)
		}
		if metric := tracking.CustomizedMetricSpecification; metric != nil && metric.MetricName != nil {
			p.CustomMetric = aws.ToString(metric.Namespace) + "/" + aws.ToString(metric.MetricName)
		}
	}
	return p
}

func (l live) readHooks(ctx context.Context, group string) ([]LifecycleHook, error) {
	got, err := l.scaling.DescribeLifecycleHooks(ctx, &autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: &group})
	if err != nil {
		return nil, err //nolint:wrapcheck // the SDK's errors name the call
	}
	var found []LifecycleHook
	for _, hook := range got.LifecycleHooks {
		found = append(found, LifecycleHook{
			LifecycleHookName: aws.ToString(hook.LifecycleHookName), AutoScalingGroupName: group, LifecycleTransition: aws.ToString(hook.LifecycleTransition),
			HeartbeatTimeout: number(hook.HeartbeatTimeout), DefaultResult: aws.ToString(hook.DefaultResult),
		})
	}
	return found, nil
}

func (l live) readNotifications(ctx context.Context, group string) ([]GroupNotification, error) {
	pages := autoscaling.NewDescribeNotificationConfigurationsPaginator(l.scaling, &autoscaling.DescribeNotificationConfigurationsInput{AutoScalingGroupNames: []string{group}})
	list, err := all(ctx, pages, func(o *autoscaling.DescribeNotificationConfigurationsOutput) []types.NotificationConfiguration {
		return o.NotificationConfigurations
	})
	if err != nil {
		return nil, err
	}
	var found []GroupNotification
	for _, n := range list {
		found = append(found, GroupNotification{aws.ToString(n.AutoScalingGroupName), aws.ToString(n.NotificationType), aws.ToString(n.TopicARN)})
	}
	return found, nil
}

func (f Facts) readGroups(context.Context) ([]AutoScalingGroup, error) {
	return f.AutoScalingGroups, nil
}
func (f Facts) readPolicies(context.Context) ([]ScalingPolicy, error) { return f.ScalingPolicies, nil }

func (f Facts) readHooks(_ context.Context, group string) ([]LifecycleHook, error) {
	return only(f.LifecycleHooks, func(h LifecycleHook) bool { return h.AutoScalingGroupName == group }), nil
}

func (f Facts) readNotifications(_ context.Context, group string) ([]GroupNotification, error) {
	return only(f.GroupNotifications, func(n GroupNotification) bool { return n.AutoScalingGroupName == group }), nil
}
