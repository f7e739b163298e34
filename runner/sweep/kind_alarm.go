package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

type alarmAPI interface {
	cloudwatch.DescribeAlarmsAPIClient
	ListTagsForResource(context.Context, *cloudwatch.ListTagsForResourceInput, ...func(*cloudwatch.Options)) (*cloudwatch.ListTagsForResourceOutput, error)
	DeleteAlarms(context.Context, *cloudwatch.DeleteAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DeleteAlarmsOutput, error)
}

// alarms are on metrics, composite, or on logs, and are found by name and by what the tagging
// API knows.
type alarms struct{ api alarmAPI }

func (h alarms) list(ctx context.Context, also []string) ([]found, error) {
	// Without types only alarms on metrics are returned, and beside log alarms no others. Those
	// are asked for only where there may be one: not every server knows the type.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
	named, err := h.named(ctx, also, types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm)
	if err != nil {
		return nil, err
	}
	unseen := slices.DeleteFunc(slices.Clone(also), func(name string) bool {
		return slices.ContainsFunc(named, func(f found) bool { return f.id == name })
	})
	if len(unseen) > 0 {
		more, err := h.named(ctx, unseen, types.AlarmTypeLogAlarm)
		if err != nil {
			return nil, err
		}
		named = append(named, more...)
	}
	return lookUp(named, func(f found) (found, error) {
		out, err := h.api.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String(f.arn)})
		if err != nil {
			return found{}, err
		}
		f.tags = tagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
		return f, nil
	})
}

func (h alarms) named(ctx context.Context, also []string, of ...types.AlarmType) (named []found, err error) {
	note := func(name, arn *string) {
		if n := aws.ToString(name); strings.HasPrefix(n, namePrefix) || slices.Contains(also, n) {
			named = append(named, found{id: n, name: n, arn: aws.ToString(arn)})
		}
	}
	pages := cloudwatch.NewDescribeAlarmsPaginator(h.api, &cloudwatch.DescribeAlarmsInput{AlarmTypes: of})
	err = eachPage(ctx, pages, func(page *cloudwatch.DescribeAlarmsOutput) {
		for _, a := range page.MetricAlarms {
			note(a.AlarmName, a.AlarmArn)
		}
		for _, a := range page.CompositeAlarms {
			note(a.AlarmName, a.AlarmArn)
		}
		for _, a := range page.LogAlarms {
			note(a.AlarmName, a.AlarmArn)
		}
	})
	return named, err
}

func (h alarms) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{id}})
	return err
}
