package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// watch are the memos of what watches and tells: log groups, alarms over alarms, topics, rules, dashboards, traces.
type watch struct {
	scopeLogGroups memo[[]LogGroup]
	composites     memo[[]CompositeAlarm]
	alarmTags      memo[map[string]map[string]string]
	topicTags      memo[map[string]map[string]string]
	topic          keyed[Topic]
	key            keyed[Key]
	rules          memo[[]EventRule]
	dashboards     memo[[]Dashboard]
	metrics        keyed[[]Metric]
	samplingRules  memo[[]SamplingRule]
	traceGroups    memo[[]TraceGroup]
}

type watchSource interface {
	readScopeLogGroups(ctx context.Context, scope Scope) ([]LogGroup, error)
	readComposites(ctx context.Context) ([]CompositeAlarm, error)
	readAlarmTags(ctx context.Context, scope Scope) (map[string]map[string]string, error)
	readTopicTags(ctx context.Context, scope Scope) (map[string]map[string]string, error)
	readTopic(ctx context.Context, arn string) (Topic, error)
	readKeyByRef(ctx context.Context, ref string) (Key, error)
	readRules(ctx context.Context, scope Scope) ([]EventRule, error)
	readDashboards(ctx context.Context) ([]Dashboard, error)
	readMetrics(ctx context.Context, namespace string) ([]Metric, error)
	readSamplingRules(ctx context.Context) ([]SamplingRule, error)
	readTraceGroups(ctx context.Context) ([]TraceGroup, error)
}

// WatchFacts are the part of Facts that is about what watches and tells.
type WatchFacts struct {
	CompositeAlarms []CompositeAlarm
	AlarmTags       map[string]map[string]string // of alarms of both kinds, by ARN
	Topics          []Topic
	EventRules      []EventRule
	Dashboards      []Dashboard
	Metrics         []Metric // that have data
	SamplingRules   []SamplingRule
	TraceGroups     []TraceGroup
}

// watchClients read an account.
type watchClients struct {
	cloudwatch *cloudwatch.Client
	events     *eventbridge.Client
	xray       *xray.Client
}

func newWatchClients(config aws.Config) watchClients {
	return watchClients{
		cloudwatch: cloudwatch.NewFromConfig(config),
		events:     eventbridge.NewFromConfig(config),
		xray:       xray.NewFromConfig(config),
	}
}
