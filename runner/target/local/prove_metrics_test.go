package local_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (a account) putData(namespace string, data ...types.MetricDatum) error {
	_, err := a.metrics.PutMetricData(a.ctx, &cloudwatch.PutMetricDataInput{Namespace: &namespace, MetricData: data})
	return err
}

func dimensions(pairs ...string) (all []types.Dimension) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, types.Dimension{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return all
}

func proveMetricData(t T, a account) {
	const namespace = "proven/data"
	name, now := aws.String("Latency"), time.Now()
	require.NoError(t, a.putData(namespace,
		types.MetricDatum{MetricName: name, Dimensions: dimensions("Route", "/a", "Zone", "1"), Values: []float64{1, 2}, Counts: []float64{3, 4}},
		types.MetricDatum{MetricName: name, Dimensions: dimensions("Zone", "1", "Route", "/a"), Value: aws.Float64(9), StorageResolution: aws.Int32(1)},
		types.MetricDatum{MetricName: name, Dimensions: dimensions("Route", "/b", "Zone", "1"), StatisticValues: &types.StatisticSet{
			SampleCount: aws.Float64(2), Sum: aws.Float64(10), Minimum: aws.Float64(4), Maximum: aws.Float64(6),
		}},
		types.MetricDatum{MetricName: name, Value: aws.Float64(1), Timestamp: aws.Time(now.Add(-13 * 24 * time.Hour))},
	))
	list := func(in cloudwatch.ListMetricsInput) (all [][]types.Dimension) {
		in.Namespace = aws.String(namespace)
		for _, m := range must[cloudwatch.ListMetricsOutput](t)(a.metrics.ListMetrics(a.ctx, &in)).Metrics {
			all = append(all, m.Dimensions)
		}
		return all
	}
	assert.Len(t, list(cloudwatch.ListMetricsInput{MetricName: name}), 3, "each combination of dimensions is a metric, whatever their order")
	filter := []types.DimensionFilter{{Name: aws.String("Route"), Value: aws.String("/a")}, {Name: aws.String("Zone")}}
	require.Len(t, list(cloudwatch.ListMetricsInput{Dimensions: filter}), 1)
	assert.ElementsMatch(t, dimensions("Route", "/a", "Zone", "1"), list(cloudwatch.ListMetricsInput{Dimensions: filter})[0])
	assert.Len(t, list(cloudwatch.ListMetricsInput{RecentlyActive: types.RecentlyActivePt3h}), 2)

	for problem, datum := range map[string]types.MetricDatum{
		"two weeks":    {MetricName: name, Value: aws.Float64(1), Timestamp: aws.Time(now.Add(-15 * 24 * time.Hour))},
		"two hours":    {MetricName: name, Value: aws.Float64(1), Timestamp: aws.Time(now.Add(3 * time.Hour))},
		"At least one": {MetricName: name},
	} {
		require.ErrorContains(t, a.putData(namespace, datum), problem)
	}
	requireCode(t, a.putData("AWS/EC2", types.MetricDatum{MetricName: name, Value: aws.Float64(1)}), "InvalidParameterValue")
}

func proveMetricStatistics(t T, a account) {
	const namespace = "proven/statistics"
	start := time.Now().Add(-time.Hour).Truncate(time.Hour)
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	put := func(metric string, at time.Time, unit types.StandardUnit, values ...float64) {
		require.NoError(t, a.putData(namespace,
			types.MetricDatum{MetricName: &metric, Timestamp: &at, Values: values, Unit: unit, Dimensions: dimensions("Route", "/a", "Zone", "1")},
			types.MetricDatum{MetricName: &metric, Timestamp: &at, Value: aws.Float64(1000), Unit: unit, Dimensions: dimensions("Route", "/b", "Zone", "1")},
		))
	}
	for minute, counts := range [][2]float64{{100, 0}, {200, 4}, {0, 0}, {50, 50}} {
		if counts[0] > 0 {
			put("Requests", at(minute).Add(10*time.Second), types.StandardUnitCount, counts[0])
		}
		if counts[1] > 0 {
			put("Errors", at(minute).Add(20*time.Second), types.StandardUnitCount, counts[1])
		}
	}
	latencies := make([]float64, 100)
	for i := range latencies {
		latencies[i] = float64(i + 1)
	}
	put("Latency", at(1), types.StandardUnitMilliseconds, latencies...)

	metric := func(id, name, stat string, period int32, returned bool) types.MetricDataQuery {
		return types.MetricDataQuery{Id: &id, ReturnData: &returned, MetricStat: &types.MetricStat{Stat: &stat, Period: &period, Metric: &types.Metric{
			Namespace: aws.String(namespace), MetricName: &name, Dimensions: dimensions("Zone", "1", "Route", "/a"),
		}}}
	}
	expression := func(id, text string) types.MetricDataQuery {
		return types.MetricDataQuery{Id: &id, Expression: &text, Label: aws.String("of " + id)}
	}
	get := func(queries ...types.MetricDataQuery) (map[string]types.MetricDataResult, error) {
		out, err := a.metrics.GetMetricData(a.ctx, &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(start.Add(5 * time.Second)), EndTime: aws.Time(at(4)), MetricDataQueries: queries, ScanBy: types.ScanByTimestampAscending,
		})
		results := map[string]types.MetricDataResult{}
		if err == nil {
			for _, r := range out.MetricDataResults {
				results[*r.Id] = r
			}
		}
		return results, err
	}
	got, err := get(metric("r", "Requests", "Sum", 60, true), metric("e", "Errors", "Sum", 60, false),
		expression("burn", "(1 - (r - e) / r) / 0.001"), expression("quiet", "IF(FILL(e, 0) > 3, 0, r)"), expression("all", "SUM(METRICS())"))
	require.NoError(t, err)
	assert.Equal(t, []float64{100, 200, 50}, got["r"].Values, "another route is another metric")
	assert.Equal(t, "Requests", *got["r"].Label)
	require.Len(t, got["r"].Timestamps, 3)
	assert.True(t, at(3).Equal(got["r"].Timestamps[2]), "a period begins with the minute")
	assert.InDeltaSlice(t, []float64{0, 20, 1000}, got["burn"].Values, 1e-6)
	assert.Equal(t, []float64{100, 0, 0}, got["quiet"].Values)
	assert.Equal(t, []float64{100, 204, 100}, got["all"].Values)
	assert.Equal(t, "of all", *got["all"].Label)
	assert.NotContains(t, got, "e")
	got, err = get(metric("p", "Latency", "p99", 300, true), metric("c", "Requests", "SampleCount", 300, true), metric("t", "Latency", "TM(:50)", 300, true))
	require.NoError(t, err)
	assert.Equal(t, [][]float64{{99}, {3}, {25.5}}, [][]float64{got["p"].Values, got["c"].Values, got["t"].Values})
	for _, unknown := range []string{"ANOMALY_DETECTION_BAND(r)", "r +", "missing"} {
		_, err = get(metric("r", "Requests", "Sum", 60, false), expression("x", unknown))
		requireCode(t, err, "ValidationError")
	}

	statistics := must[cloudwatch.GetMetricStatisticsOutput](t)(a.metrics.GetMetricStatistics(a.ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String(namespace), MetricName: aws.String("Latency"), Dimensions: dimensions("Route", "/a", "Zone", "1"), Period: aws.Int32(300),
		StartTime: &start, EndTime: aws.Time(at(10)), Statistics: []types.Statistic{types.StatisticMaximum}, ExtendedStatistics: []string{"p50", "p99"},
	}))
	require.Len(t, statistics.Datapoints, 1)
	point := statistics.Datapoints[0]
	assert.True(t, start.Equal(*point.Timestamp), "the periods begin at the start, not at the first point")
	assert.Equal(t, []any{100.0, map[string]float64{"p50": 50, "p99": 99}, types.StandardUnitMilliseconds}, []any{*point.Maximum, point.ExtendedStatistics, point.Unit})
	_, err = a.metrics.GetMetricStatistics(a.ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String(namespace), MetricName: aws.String("Latency"), Period: aws.Int32(60),
		StartTime: aws.Time(start.Add(-48 * time.Hour)), EndTime: &start, Statistics: []types.Statistic{types.StatisticSum},
	})
	requireCode(t, err, "InvalidParameterCombination")
}
