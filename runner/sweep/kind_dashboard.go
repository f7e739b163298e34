package sweep

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
)

type dashboardAPI interface {
	cloudwatch.ListDashboardsAPIClient
	DeleteDashboards(context.Context, *cloudwatch.DeleteDashboardsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DeleteDashboardsOutput, error)
}

// dashboards carry no tags: their names say whose they are. They belong to no region, and AWS
// shows all of them in each, under an ARN without one.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
type dashboards struct{ api dashboardAPI }

func (h dashboards) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := cloudwatch.NewListDashboardsPaginator(h.api, &cloudwatch.ListDashboardsInput{DashboardNamePrefix: aws.String(namePrefix)})
	err = eachPage(ctx, pages, func(page *cloudwatch.ListDashboardsOutput) {
		for _, d := range page.DashboardEntries {
			all = append(all, found{id: aws.ToString(d.DashboardName), name: aws.ToString(d.DashboardName), arn: aws.ToString(d.DashboardArn), untaggable: true})
		}
	})
	return all, err
}

func (h dashboards) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteDashboards(ctx, &cloudwatch.DeleteDashboardsInput{DashboardNames: []string{id}})
	return err
}
