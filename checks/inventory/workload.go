package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// workload are the memos of what carries load: groups of instances, load balancers, queues, tables and databases.
type workload struct {
	groups        memo[[]AutoScalingGroup]
	policies      memo[[]ScalingPolicy]
	hooks         keyed[[]LifecycleHook]
	notifications keyed[[]GroupNotification]
	templates     keyed[LaunchTemplateVersion]
	targetGroups  keyed[TargetGroup]
	balancers     keyed[LoadBalancer]
	queues        memo[[]Queue]
	queue         keyed[Queue]
	subscriptions keyed[[]Subscription]
	tables        memo[[]Table]
	databases     memo[[]Database]
}

type workloadSource interface {
	readGroups(ctx context.Context) ([]AutoScalingGroup, error)
	readPolicies(ctx context.Context) ([]ScalingPolicy, error)
	readHooks(ctx context.Context, group string) ([]LifecycleHook, error)
	readNotifications(ctx context.Context, group string) ([]GroupNotification, error)
	readTemplate(ctx context.Context, ref LaunchTemplateRef) (LaunchTemplateVersion, error)
	readTargetGroup(ctx context.Context, arn string) (TargetGroup, error)
	readBalancer(ctx context.Context, arn string) (LoadBalancer, error)
	readScopeQueues(ctx context.Context, scope Scope) ([]Queue, error)
	readQueueByARN(ctx context.Context, arn string) (Queue, error)
	readSubscriptions(ctx context.Context, topic string) ([]Subscription, error)
	readTables(ctx context.Context, scope Scope) ([]Table, error)
	readDatabases(ctx context.Context) ([]Database, error)
}

// WorkloadFacts are the part of Facts that is about what carries load.
type WorkloadFacts struct {
	AutoScalingGroups      []AutoScalingGroup
	ScalingPolicies        []ScalingPolicy
	LifecycleHooks         []LifecycleHook
	GroupNotifications     []GroupNotification
	LaunchTemplateVersions []LaunchTemplateVersion
	TargetGroups           []TargetGroup
	LoadBalancers          []LoadBalancer
	Queues                 []Queue
	Subscriptions          []Subscription
	Tables                 []Table
	Databases              []Database
}

// workloadClients read an account.
type workloadClients struct {
	scaling   *autoscaling.Client
	templates ec2.DescribeLaunchTemplateVersionsAPIClient
	balancing *elasticloadbalancingv2.Client
	topics    *sns.Client
	dynamodb  *dynamodb.Client
	rds       *rds.Client
}

func newWorkloadClients(config aws.Config) workloadClients {
	return workloadClients{
		scaling:   autoscaling.NewFromConfig(config),
		templates: ec2.NewFromConfig(config),
		balancing: elasticloadbalancingv2.NewFromConfig(config),
		topics:    sns.NewFromConfig(config),
		dynamodb:  dynamodb.NewFromConfig(config),
		rds:       rds.NewFromConfig(config),
	}
}

// only keeps what is meant.
func only[T any](list []T, is func(T) bool) []T {
	var found []T
	for _, item := range list {
		if is(item) {
			found = append(found, item)
		}
	}
	return found
}

// number is an int of the SDK, 0 where it says nothing.
func number(n *int32) int { return int(aws.ToInt32(n)) }

// maybe is an int of the SDK that may be absent.
func maybe(n *int32) *int {
	if n == nil {
		return nil
	}
	return aws.Int(int(*n))
}
