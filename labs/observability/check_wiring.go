package observability

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// shortest is the shortest period that fits a metric filter: it publishes once a minute.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
const shortest = 60

// decideWiring compares what each alarm looks at with what is published.
func decideWiring(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	p, err := a.publications(ctx)
	if err != nil {
		return nil, err
	}
	looked := 0
	var unknown error
	for _, one := range a.alarms {
		if query := searching(one); query != "" {
			unknown = errors.Join(unknown, fmt.Errorf("what alarm %s looks at cannot be told: %s", one.AlarmName, query))
		}
		for _, m := range watched(one) {
			looked++
			why, err := p.obstacle(ctx, m)
			if err != nil {
				return nil, fmt.Errorf("alarm %s: %w", one.AlarmName, err)
			}
			if why != "" {
				o.Add(fmt.Sprintf("Alarm %s looks at %s: %s", one.AlarmName, metricName(metricIn(m)), why), one.AlarmName)
			}
		}
	}
	if unknown != nil && len(o.Finding().Found) == 0 {
		return nil, unknown
	}
	return []string{fmt.Sprintf("All of %s in %s are published under that name, in that unit and often enough.", typeset.Count(looked, "metric"), typeset.Count(len(a.alarms), "alarm"))}, nil
}

// query is an expression that finds its metrics itself: a search, or a query of Metrics Insights.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (SEARCH)
var query = regexp.MustCompile(`(?i)^\s*SELECT\b|\bSEARCH\s*\(`)

// searching is the first expression of an alarm that finds its metrics itself; "" where all of them are named.
func searching(one inventory.MetricAlarm) string {
	for _, q := range one.Metrics {
		if query.MatchString(q.Expression) {
			return q.Expression
		}
	}
	return ""
}

func metricIn(m inventory.MetricStat) inventory.Metric {
	return inventory.Metric{Namespace: m.Namespace, MetricName: m.MetricName, Dimensions: m.Dimensions}
}

// publications are the metrics that the live filters make of the API's lines, with their units.
type publications struct {
	inv   *inventory.Inventory
	units map[string]map[string]bool // by metricName
	named map[string][]string        // metrics by namespace and name
	by    map[string]map[string]bool // the names of their dimensions, by namespace and name
	blind map[string]error           // by namespace and name
}

func (a *architecture) publications(ctx context.Context) (*publications, error) {
	emitters, err := a.emitters(ctx)
	if err != nil {
		return nil, err
	}
	p := &publications{inv: a.inv, units: map[string]map[string]bool{}, named: map[string][]string{}, by: map[string]map[string]bool{}, blind: map[string]error{}}
	lines := append(failures(), append(answers(), others()...)...)
	for _, e := range emitters {
		name := e.transform.MetricNamespace + "/" + e.transform.MetricName
		if len(e.transform.Dimensions) == 0 {
			p.add(name, inventory.Metric{Namespace: e.transform.MetricNamespace, MetricName: e.transform.MetricName}, e.transform.Unit)
			continue // what it matches is the question of obs-filter
		}
		for _, s := range lines {
			point, err := e.emit(s.line)
			if err != nil {
				p.blind[name] = err
			}
			if point != nil {
				p.add(name, point.metric, point.unit)
			}
		}
	}
	return p, nil
}

func (p *publications) add(name string, m inventory.Metric, unit string) {
	if unit == "" {
		unit = "None"
	}
	full := metricName(m)
	if p.units[full] == nil {
		p.units[full] = map[string]bool{}
		p.named[name] = append(p.named[name], full)
		if p.by[name] == nil {
			p.by[name] = map[string]bool{}
		}
		p.by[name][dimensionNames(m.Dimensions)] = true
	}
	p.units[full][unit] = true
}

func dimensionNames(dimensions map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(dimensions)), ",")
}

// obstacle says why a metric that is looked at has no data; "" where it has.
func (p *publications) obstacle(ctx context.Context, m inventory.MetricStat) (string, error) {
	full := metricName(metricIn(m))
	if units := p.units[full]; units != nil {
		have := slices.Sorted(maps.Keys(units))
		switch {
		case m.Unit != "" && !units[m.Unit]:
			return fmt.Sprintf("it asks for the unit %s, and the data is in %s.", m.Unit, say.List(have)), nil
		case m.Unit == "" && len(have) > 1:
			return fmt.Sprintf("it names no unit, and the data is in several: %s.", say.List(have)), nil
		case m.Period < shortest:
			return fmt.Sprintf("its period is %d s, and there is a value each %d s.", m.Period, shortest), nil
		}
		return "", nil
	}
	return p.elsewhere(ctx, m)
}

// elsewhere looks for a metric that no filter publishes: a program may, or a service of AWS.
func (p *publications) elsewhere(ctx context.Context, m inventory.MetricStat) (string, error) {
	name := m.Namespace + "/" + m.MetricName
	named := p.named[name]
	if len(named) > 0 && p.blind[name] == nil && !p.by[name][dimensionNames(m.Dimensions)] {
		// CloudWatch lists a metric for two weeks after its last value: what a filter published once is no longer published.
		// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
		return "nobody publishes that; there is " + someOf(named) + ".", nil
	}
	metrics, err := p.inv.Metrics(ctx, m.Namespace)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(metrics, func(known inventory.Metric) bool { return metricName(known) == metricName(metricIn(m)) }) {
		return "", nil
	}
	if strings.HasPrefix(m.Namespace, "AWS/") {
		return p.ofService(ctx, m)
	}
	if err := p.blind[name]; err != nil {
		return "", err
	}
	if len(named) > 0 {
		return "nobody publishes that; there is " + someOf(named) + ".", nil
	}
	return "nobody publishes that.", nil
}

// A service publishes a metric once there is something to tell, so that one without data is not one that does not exist. These are
// the services whose metrics an on-call architecture looks at.
//
// https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
func documented() map[string]struct {
	dimension string
	metrics   []string
} {
	type service = struct {
		dimension string
		metrics   []string
	}
	return map[string]service{
		"AWS/SNS": {"TopicName", []string{
			"NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed", "NumberOfNotificationsFilteredOut",
			"NumberOfNotificationsRedrivenToDlq", "NumberOfNotificationsFailedToRedriveToDlq", "PublishSize",
		}},
		"AWS/SQS": {"QueueName", []string{
			"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
			"NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted", "NumberOfEmptyReceives", "SentMessageSize",
		}},
		"AWS/Events": {"RuleName", []string{"Invocations", "FailedInvocations", "TriggeredRules", "MatchedEvents", "ThrottledRules", "DeadLetterInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq"}},
	}
}

func (p *publications) ofService(ctx context.Context, m inventory.MetricStat) (string, error) {
	service, known := documented()[m.Namespace]
	if !known {
		return "", fmt.Errorf("whether %s is published cannot be told: it has no data yet, and labctl does not know that service's metrics", metricName(metricIn(m)))
	}
	name, named := m.Dimensions[service.dimension]
	if !slices.Contains(service.metrics, m.MetricName) || !named || len(m.Dimensions) != 1 {
		return fmt.Sprintf("%s publishes no such metric; its dimension is %s.", m.Namespace, service.dimension), nil
	}
	arn := func(service string) string {
		return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, p.inv.Region, p.inv.Account, name)
	}
	var err error
	switch m.Namespace {
	case "AWS/SNS":
		_, err = p.inv.Topic(ctx, arn("sns"))
	case "AWS/SQS":
		_, err = p.inv.Queue(ctx, arn("sqs"))
	}
	if errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("there is no %s.", name), nil
	}
	return "", err
}
