package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// MetricFilter turns log events into data points of metrics.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricFilter.html
type MetricFilter struct {
	FilterName            string
	LogGroupName          string
	FilterPattern         string
	MetricTransformations []MetricTransformation
}

// MetricTransformation is the metric that a filter feeds, and the value of a data point.
type MetricTransformation struct {
	MetricNamespace string
	MetricName      string
	MetricValue     string // a number, or a field of the event
	Dimensions      map[string]string
}

// MetricAlarm is a CloudWatch alarm on one metric, or on an expression where Namespace is empty.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
type MetricAlarm struct {
	AlarmName          string
	AlarmArn           string
	Namespace          string
	MetricName         string
	Dimensions         map[string]string
	Statistic          string // Sum, Average, ...; "" for a percentile
	Period             int    // seconds
	ComparisonOperator string
	Threshold          float64
	EvaluationPeriods  int
	DatapointsToAlarm  int // 0 means all of the evaluation periods
	ActionsEnabled     bool
	AlarmActions       []string
}

// MetricFilters reads the metric filters of one log group.
func (i *Inventory) MetricFilters(ctx context.Context, logGroup string) ([]MetricFilter, error) {
	return i.audit.metricFilters.get(logGroup, "the metric filters of log group", func() ([]MetricFilter, error) { return i.source.readMetricFilters(ctx, logGroup) })
}

// Alarms reads the region's alarms on metrics.
func (i *Inventory) Alarms(ctx context.Context) ([]MetricAlarm, error) {
	return i.audit.alarms.get("the alarms of "+i.Region, func() ([]MetricAlarm, error) { return i.source.readAlarms(ctx) })
}

func (l live) readMetricFilters(ctx context.Context, logGroup string) ([]MetricFilter, error) {
	filters, err := all(ctx, cloudwatchlogs.NewDescribeMetricFiltersPaginator(l.metricFilters, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: &logGroup}), func(o *cloudwatchlogs.DescribeMetricFiltersOutput) []logtypes.MetricFilter { return o.MetricFilters })
	if err != nil {
		return nil, unless(err, "ResourceNotFoundException")
	}
	var found []MetricFilter
	for _, filter := range filters {
		if aws.ToString(filter.LogGroupName) != logGroup {
			continue
		}
		f := MetricFilter{FilterName: aws.ToString(filter.FilterName), LogGroupName: logGroup, FilterPattern: aws.ToString(filter.FilterPattern)}
		for _, t := range filter.MetricTransformations {
			f.MetricTransformations = append(f.MetricTransformations, MetricTransformation{
				MetricNamespace: aws.ToString(t.MetricNamespace), MetricName: aws.ToString(t.MetricName),
				MetricValue: aws.ToString(t.MetricValue), Dimensions: t.Dimensions,
			})
		}
		found = append(found, f)
	}
	return found, nil
}

func (l live) readAlarms(ctx context.Context) ([]MetricAlarm, error) {
	alarms, err := all(ctx, cloudwatch.NewDescribeAlarmsPaginator(l.alarms, &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}}), func(o *cloudwatch.DescribeAlarmsOutput) []types.MetricAlarm { return o.MetricAlarms })
	if err != nil {
		return nil, err
	}
	found := make([]MetricAlarm, len(alarms))
	for n, alarm := range alarms {
		found[n] = MetricAlarm{
			AlarmName: aws.ToString(alarm.AlarmName), AlarmArn: aws.ToString(alarm.AlarmArn),
			Namespace: aws.ToString(alarm.Namespace), MetricName: aws.ToString(alarm.MetricName),
			Statistic: string(alarm.Statistic), Period: int(aws.ToInt32(alarm.Period)),
			ComparisonOperator: string(alarm.ComparisonOperator), Threshold: aws.ToFloat64(alarm.Threshold),
			EvaluationPeriods: int(aws.ToInt32(alarm.EvaluationPeriods)), DatapointsToAlarm: int(aws.ToInt32(alarm.DatapointsToAlarm)),
			ActionsEnabled: aws.ToBool(alarm.ActionsEnabled), AlarmActions: alarm.AlarmActions,
		}
		for _, d := range alarm.Dimensions {
			if found[n].Dimensions == nil {
				found[n].Dimensions = map[string]string{}
			}
			found[n].Dimensions[aws.ToString(d.Name)] = aws.ToString(d.Value)
		}
	}
	return found, nil
}

func (f Facts) readMetricFilters(_ context.Context, logGroup string) ([]MetricFilter, error) {
	var found []MetricFilter
	for _, filter := range f.MetricFilters {
		if filter.LogGroupName == logGroup {
			found = append(found, filter)
		}
	}
	return found, nil
}

func (f Facts) readAlarms(context.Context) ([]MetricAlarm, error) { return f.MetricAlarms, nil }
