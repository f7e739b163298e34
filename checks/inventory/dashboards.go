package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"golang.org/x/sync/errgroup"
)

// Dashboard is a CloudWatch dashboard. Body is JSON.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type Dashboard struct {
	DashboardName string
	DashboardBody string
}

// Metric is a metric that has, or had until lately, data points.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
type Metric struct {
	Namespace  string
	MetricName string
	Dimensions map[string]string `json:",omitempty"`
}

// Dashboards reads the account's dashboards. They have no region and no tags.
func (i *Inventory) Dashboards(ctx context.Context) ([]Dashboard, error) {
	return i.watch.dashboards.get("the dashboards", func() ([]Dashboard, error) { return i.source.readDashboards(ctx) })
}

// Metrics reads the metrics of one namespace that have data.
func (i *Inventory) Metrics(ctx context.Context, namespace string) ([]Metric, error) {
	return i.watch.metrics.get(namespace, "the metrics of namespace", func() ([]Metric, error) { return i.source.readMetrics(ctx, namespace) })
}

func (l live) readDashboards(ctx context.Context) ([]Dashboard, error) {
	entries, err := all(ctx, cloudwatch.NewListDashboardsPaginator(l.cloudwatch, &cloudwatch.ListDashboardsInput{}), func(o *cloudwatch.ListDashboardsOutput) []types.DashboardEntry {
		return o.DashboardEntries
	})
	if err != nil {
		return nil, err
	}
	found := make([]Dashboard, len(entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, entry := range entries {
		group.Go(func() error {
			got, err := l.cloudwatch.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: entry.DashboardName})
			if err != nil {
				return unless(err, "ResourceNotFound", "DashboardNotFoundError") // it has gone meanwhile
			}
			found[n] = Dashboard{DashboardName: aws.ToString(entry.DashboardName), DashboardBody: aws.ToString(got.DashboardBody)}
			return nil
		})
	}
	err = group.Wait()
	return only(found, func(d Dashboard) bool { return d.DashboardName != "" }), err
}

func (l live) readMetrics(ctx context.Context, namespace string) ([]Metric, error) {
	metrics, err := all(ctx, cloudwatch.NewListMetricsPaginator(l.cloudwatch, &cloudwatch.ListMetricsInput{Namespace: &namespace}), func(o *cloudwatch.ListMetricsOutput) []types.Metric { return o.Metrics })
	if err != nil {
		return nil, err
	}
	found := make([]Metric, len(metrics))
	for n, metric := range metrics {
		found[n] = Metric{Namespace: aws.ToString(metric.Namespace), MetricName: aws.ToString(metric.MetricName), Dimensions: dimensions(metric.Dimensions)}
	}
	return found, nil
}

func (f Facts) readDashboards(context.Context) ([]Dashboard, error) { return f.Dashboards, nil }

func (f Facts) readMetrics(_ context.Context, namespace string) ([]Metric, error) {
	return only(f.Metrics, func(m Metric) bool { return m.Namespace == namespace }), nil
}
