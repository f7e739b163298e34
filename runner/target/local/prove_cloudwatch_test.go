package local_test

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func proveCloudWatchProtocol(t T, a account) {
	alarm := &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("written"), AlarmDescription: aws.String("Ärger mit größeren Zahlen, \"quoted\" & escaped"),
		Namespace: aws.String("lab"), MetricName: aws.String("Tampering"), Statistic: types.StatisticSum, Period: aws.Int32(300),
		Dimensions:         []types.Dimension{{Name: aws.String("Trail"), Value: aws.String("one")}, {Name: aws.String("Region"), Value: aws.String("two")}},
		ComparisonOperator: types.ComparisonOperatorGreaterThanOrEqualToThreshold, Threshold: aws.Float64(0.5), EvaluationPeriods: aws.Int32(1),
		ActionsEnabled: aws.Bool(false), AlarmActions: []string{"arn:aws:sns:us-east-1:123456789012:pages"},
		Tags: []types.Tag{{Key: aws.String("at"), Value: aws.String("creation")}},
	}
	must[cloudwatch.PutMetricAlarmOutput](t)(a.metrics.PutMetricAlarm(a.ctx, alarm))
	out := must[cloudwatch.DescribeAlarmsOutput](t)(a.metrics.DescribeAlarms(a.ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"written"}}))
	require.Len(t, out.MetricAlarms, 1)
	read := out.MetricAlarms[0]
	assert.Equal(t, *alarm.AlarmDescription, *read.AlarmDescription)
	assert.ElementsMatch(t, alarm.Dimensions, read.Dimensions)
	assert.InDelta(t, 0.5, *read.Threshold, 0)
	assert.False(t, *read.ActionsEnabled)
	assert.Equal(t, alarm.AlarmActions, read.AlarmActions)
	assert.WithinDuration(t, time.Now(), *read.AlarmConfigurationUpdatedTimestamp, time.Minute)
	tags := must[cloudwatch.ListTagsForResourceOutput](t)(a.metrics.ListTagsForResource(a.ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: read.AlarmArn}))
	assert.Equal(t, alarm.Tags, tags.Tags)

	// Enough of it that the SDK compresses the request.
	now := time.Now().Truncate(time.Minute)
	datum := types.MetricDatum{
		MetricName: aws.String("Tampering"), Timestamp: &now, Value: aws.Float64(-2.25),
		Dimensions: []types.Dimension{{Name: aws.String("Trail"), Value: aws.String(strings.Repeat("long", 60))}},
	}
	data := make([]types.MetricDatum, 100)
	for i := range data {
		data[i] = datum
	}
	must[cloudwatch.PutMetricDataOutput](t)(a.metrics.PutMetricData(a.ctx, &cloudwatch.PutMetricDataInput{Namespace: aws.String("lab"), MetricData: data}))
	statistics := must[cloudwatch.GetMetricStatisticsOutput](t)(a.metrics.GetMetricStatistics(a.ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String("lab"), MetricName: datum.MetricName, Dimensions: datum.Dimensions, Period: aws.Int32(60),
		StartTime: aws.Time(now.Add(-time.Minute)), EndTime: aws.Time(now.Add(time.Minute)), Statistics: []types.Statistic{types.StatisticSum, types.StatisticSampleCount},
	}))
	require.Len(t, statistics.Datapoints, 1)
	assert.InDelta(t, -225, *statistics.Datapoints[0].Sum, 0)
	assert.InDelta(t, 100, *statistics.Datapoints[0].SampleCount, 0)
	assert.True(t, now.Equal(*statistics.Datapoints[0].Timestamp))

	_, err := a.metrics.GetDashboard(a.ctx, &cloudwatch.GetDashboardInput{DashboardName: aws.String("missing")})
	assert.ErrorContains(t, err, "ResourceNotFound")
	must[cloudwatch.DeleteAlarmsOutput](t)(a.metrics.DeleteAlarms(a.ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"written"}}))
	left := must[cloudwatch.DescribeAlarmsOutput](t)(a.metrics.DescribeAlarms(a.ctx, &cloudwatch.DescribeAlarmsInput{}))
	assert.Empty(t, left.MetricAlarms)
}
