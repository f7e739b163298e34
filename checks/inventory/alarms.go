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
	MetricValue     string   // a number, or a field of the event
	DefaultValue    *float64 `json:",omitempty"` // nil where nothing is published without a match
	Unit            string   // "" or None where it has none
	Dimensions      map[string]string
}

// MetricAlarm is a CloudWatch alarm on one metric, or on one of Metrics where Namespace is empty.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
type MetricAlarm struct {
	AlarmName          string
	AlarmArn           string
	AlarmDescription   string `json:",omitempty"`
	Namespace          string
	MetricName         string
	Dimensions         map[string]string
	Statistic          string // Sum, Average, ...; "" for a percentile
	ExtendedStatistic  string `json:",omitempty"` // a percentile and the like
	Unit               string `json:",omitempty"`
	Period             int    // seconds
	ComparisonOperator string
	Threshold          float64
	ThresholdMetricId  string `json:",omitempty"` // of an anomaly detection band
	EvaluationPeriods  int
	DatapointsToAlarm  int    // 0 means all of the evaluation periods
	TreatMissingData   string `json:",omitempty"` // "" means missing
	LowSamples         string `json:",omitempty"` // EvaluateLowSampleCountPercentile
	ActionsEnabled     bool
	AlarmActions       []string
	OKActions          []string `json:",omitempty"`

	InsufficientDataActions []string          `json:",omitempty"`
	Metrics                 []MetricDataQuery `json:",omitempty"`
}

// MetricDataQuery is a metric or an expression of an alarm on metric math.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
type MetricDataQuery struct {
	Id         string
	Expression string      `json:",omitempty"`
	MetricStat *MetricStat `json:",omitempty"`
	Period     int         `json:",omitempty"` // seconds, of an expression
	ReturnData bool
}

// MetricStat is a statistic of a metric.
type MetricStat struct {
	Namespace  string
	MetricName string
	Dimensions map[string]string `json:",omitempty"`
	Period     int               // seconds
	Stat       string
	Unit       string `json:",omitempty"`
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
				MetricValue: aws.ToString(t.MetricValue), DefaultValue: t.DefaultValue, Unit: string(t.Unit), Dimensions: t.Dimensions,
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
		found[n] = alarmOf(alarm)
	}
	return found, nil
}

func alarmOf(alarm types.MetricAlarm) MetricAlarm {
	of := MetricAlarm{
		AlarmName: aws.ToString(alarm.AlarmName), AlarmArn: aws.ToString(alarm.AlarmArn), AlarmDescription: aws.ToString(alarm.AlarmDescription),
		Namespace: aws.ToString(alarm.Namespace), MetricName: aws.ToString(alarm.MetricName), Dimensions: dimensions(alarm.Dimensions),
		Statistic: string(alarm.Statistic), ExtendedStatistic: aws.ToString(alarm.ExtendedStatistic), Unit: string(alarm.Unit),
		Period: number(alarm.Period), ComparisonOperator: string(alarm.ComparisonOperator),
		Threshold: aws.ToFloat64(alarm.Threshold), ThresholdMetricId: aws.ToString(alarm.ThresholdMetricId),
		EvaluationPeriods: number(alarm.EvaluationPeriods), DatapointsToAlarm: number(alarm.DatapointsToAlarm),
		TreatMissingData: aws.ToString(alarm.TreatMissingData), LowSamples: aws.ToString(alarm.EvaluateLowSampleCountPercentile),
		ActionsEnabled: aws.ToBool(alarm.ActionsEnabled), AlarmActions: alarm.AlarmActions, OKActions: alarm.OKActions,
		InsufficientDataActions: alarm.InsufficientDataActions,
	}
	for _, query := range alarm.Metrics {
		q := MetricDataQuery{Id: aws.ToString(query.Id), Expression: aws.ToString(query.Expression), Period: number(query.Period)}
		// What a query does not say is true. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
		q.ReturnData = query.ReturnData == nil || *query.ReturnData
		if stat := query.MetricStat; stat != nil {
			q.MetricStat = &MetricStat{
				Namespace: aws.ToString(stat.Metric.Namespace), MetricName: aws.ToString(stat.Metric.MetricName), Dimensions: dimensions(stat.Metric.Dimensions),
				Period: number(stat.Period), Stat: aws.ToString(stat.Stat), Unit: string(stat.Unit),
			}
		}
		of.Metrics = append(of.Metrics, q)
	}
	return of
}

// dimensions are nil where there are none.
func dimensions(list []types.Dimension) map[string]string {
	var found map[string]string
	for _, d := range list {
		if found == nil {
			found = map[string]string{}
		}
		found[aws.ToString(d.Name)] = aws.ToString(d.Value)
	}
	return found
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
