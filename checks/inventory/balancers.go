package inventory

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// TargetGroup is a group of targets and how a load balancer checks them. Times are seconds.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html
type TargetGroup struct {
	TargetGroupArn   string
	TargetGroupName  string
	Protocol         string
	Port             int
	TargetType       string // instance, ip, lambda, alb
	VpcId            string
	LoadBalancerArns []string
	HealthCheck      HealthCheck
	Attributes       map[string]string // deregistration_delay.timeout_seconds and others
}

// HealthCheck is how a load balancer finds out whether a target answers.
type HealthCheck struct {
	Enabled            bool
	Protocol           string
	Port               string // a number, or "traffic-port"
	Path               string
	Matcher            string // HTTP codes: "200", "200-299", "200,302"
	IntervalSeconds    int
	TimeoutSeconds     int
	HealthyThreshold   int
	UnhealthyThreshold int
}

// LoadBalancer is a load balancer with its listeners.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
type LoadBalancer struct {
	LoadBalancerArn  string
	LoadBalancerName string
	DNSName          string
	Scheme           string // internet-facing or internal
	Type             string // application, network, gateway
	State            string // active
	VpcId            string
	SecurityGroups   []string
	Zones            []BalancerZone
	Listeners        []Listener
}

// BalancerZone is a zone that is enabled on a load balancer, by its name, and the subnet that its nodes stand in there.
type BalancerZone struct{ ZoneName, SubnetId string }

// Listener is a port that a load balancer listens on, and the target groups that it or one of its rules forwards to.
type Listener struct {
	ListenerArn  string
	Port         int
	Protocol     string
	TargetGroups []string
}

// TargetGroup reads one target group; where there is none the error wraps ErrNotFound.
func (i *Inventory) TargetGroup(ctx context.Context, arn string) (TargetGroup, error) {
	return i.workload.targetGroups.get(arn, "target group", func() (TargetGroup, error) { return i.source.readTargetGroup(ctx, arn) })
}

// LoadBalancer reads one load balancer; where there is none the error wraps ErrNotFound.
func (i *Inventory) LoadBalancer(ctx context.Context, arn string) (LoadBalancer, error) {
	return i.workload.balancers.get(arn, "load balancer", func() (LoadBalancer, error) { return i.source.readBalancer(ctx, arn) })
}

func (l live) readTargetGroup(ctx context.Context, arn string) (TargetGroup, error) {
	got, err := l.balancing.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{arn}})
	if err != nil {
		return TargetGroup{}, missing(err, "TargetGroupNotFound")
	}
	if len(got.TargetGroups) == 0 {
		return TargetGroup{}, ErrNotFound
	}
	group := got.TargetGroups[0]
	found := TargetGroup{
		TargetGroupArn: arn, TargetGroupName: aws.ToString(group.TargetGroupName), Protocol: string(group.Protocol), Port: number(group.Port),
		TargetType: string(group.TargetType), VpcId: aws.ToString(group.VpcId), LoadBalancerArns: group.LoadBalancerArns,
		HealthCheck: HealthCheck{
			Enabled: aws.ToBool(group.HealthCheckEnabled), Protocol: string(group.HealthCheckProtocol), Port: aws.ToString(group.HealthCheckPort),
			Path: aws.ToString(group.HealthCheckPath), IntervalSeconds: number(group.HealthCheckIntervalSeconds), TimeoutSeconds: number(group.HealthCheckTimeoutSeconds),
			HealthyThreshold: number(group.HealthyThresholdCount), UnhealthyThreshold: number(group.UnhealthyThresholdCount),
		},
		Attributes: map[string]string{},
	}
	if group.Matcher != nil {
		found.HealthCheck.Matcher = aws.ToString(group.Matcher.HttpCode)
	}
	attributes, err := l.balancing.DescribeTargetGroupAttributes(ctx, &elasticloadbalancingv2.DescribeTargetGroupAttributesInput{TargetGroupArn: &arn})
	if err != nil {
		return found, missing(err, "TargetGroupNotFound")
	}
	for _, a := range attributes.Attributes {
		found.Attributes[aws.ToString(a.Key)] = aws.ToString(a.Value)
	}
	return found, nil
}

func (l live) readBalancer(ctx context.Context, arn string) (LoadBalancer, error) {
	got, err := l.balancing.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
	if err != nil {
		return LoadBalancer{}, missing(err, "LoadBalancerNotFound")
	}
	if len(got.LoadBalancers) == 0 {
		return LoadBalancer{}, ErrNotFound
	}
	balancer := got.LoadBalancers[0]
	found := LoadBalancer{
		LoadBalancerArn: arn, LoadBalancerName: aws.ToString(balancer.LoadBalancerName), DNSName: aws.ToString(balancer.DNSName),
		Scheme: string(balancer.Scheme), Type: string(balancer.Type), VpcId: aws.ToString(balancer.VpcId), SecurityGroups: balancer.SecurityGroups,
	}
	if balancer.State != nil {
		found.State = string(balancer.State.Code)
	}
	for _, zone := range balancer.AvailabilityZones {
		found.Zones = append(found.Zones, BalancerZone{aws.ToString(zone.ZoneName), aws.ToString(zone.SubnetId)})
	}
	found.Listeners, err = l.readListeners(ctx, arn)
	return found, err
}

func (l live) readListeners(ctx context.Context, balancer string) ([]Listener, error) {
	listeners, err := all(ctx, elasticloadbalancingv2.NewDescribeListenersPaginator(l.balancing, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: &balancer}), func(o *elasticloadbalancingv2.DescribeListenersOutput) []types.Listener {
		return o.Listeners
	})
	if err != nil {
		return nil, missing(err, "LoadBalancerNotFound")
	}
	found := make([]Listener, len(listeners))
	for n, listener := range listeners {
		found[n] = Listener{ListenerArn: aws.ToString(listener.ListenerArn), Port: number(listener.Port), Protocol: string(listener.Protocol)}
		found[n].forward(listener.DefaultActions)
		rules, err := all(ctx, elasticloadbalancingv2.NewDescribeRulesPaginator(l.balancing, &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: listener.ListenerArn}), func(o *elasticloadbalancingv2.DescribeRulesOutput) []types.Rule { return o.Rules })
		if err != nil {
			return nil, missing(err, "ListenerNotFound")
		}
		for _, rule := range rules {
			found[n].forward(rule.Actions)
		}
	}
	return found, nil
}

// forward adds the target groups that actions forward to.
func (l *Listener) forward(actions []types.Action) {
	add := func(arn *string) {
		if arn != nil && !slices.Contains(l.TargetGroups, *arn) {
			l.TargetGroups = append(l.TargetGroups, *arn)
		}
	}
	for _, action := range actions {
		add(action.TargetGroupArn)
		if action.ForwardConfig != nil {
			for _, target := range action.ForwardConfig.TargetGroups {
				add(target.TargetGroupArn)
			}
		}
	}
}

func (f Facts) readTargetGroup(_ context.Context, arn string) (TargetGroup, error) {
	return pick(f.TargetGroups, func(g TargetGroup) bool { return g.TargetGroupArn == arn })
}

func (f Facts) readBalancer(_ context.Context, arn string) (LoadBalancer, error) {
	return pick(f.LoadBalancers, func(b LoadBalancer) bool { return b.LoadBalancerArn == arn })
}
