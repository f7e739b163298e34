package observability

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"labctl/checks/inventory"
	"labctl/labs"
)

// swap is [labs.Swap] with a plan that reads the architecture.
func swap[T any](fault labs.Fault, plan func(context.Context, *architecture, labs.Live) (before, after T, err error), put func(context.Context, labs.Live, T) error) labs.Fault {
	return labs.Swap(fault, func(ctx context.Context, live labs.Live) (before, after T, err error) {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return before, after, err
		}
		return plan(ctx, a, live)
	}, put)
}

// alarmFault is a fault that consists of the definition of an alarm on metrics.
func alarmFault(fault labs.Fault, pick func(*architecture) (inventory.MetricAlarm, error), change func(*inventory.MetricAlarm) error) labs.Fault {
	return swap(fault, func(_ context.Context, a *architecture, _ labs.Live) (before, after inventory.MetricAlarm, err error) {
		if before, err = pick(a); err != nil {
			return before, after, err
		}
		after = before
		after.Dimensions, after.Metrics = maps.Clone(before.Dimensions), slices.Clone(before.Metrics)
		return before, after, change(&after)
	}, putAlarm)
}

// putAlarm saves a whole definition, which is the only way to change one. Tags stay as they are.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func putAlarm(ctx context.Context, live labs.Live, one inventory.MetricAlarm) error {
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName: &one.AlarmName, AlarmDescription: said(one.AlarmDescription), ActionsEnabled: &one.ActionsEnabled,
		AlarmActions: one.AlarmActions, OKActions: one.OKActions, InsufficientDataActions: one.InsufficientDataActions,
		ComparisonOperator: types.ComparisonOperator(one.ComparisonOperator), Threshold: &one.Threshold,
		EvaluationPeriods: size(one.EvaluationPeriods), TreatMissingData: said(one.TreatMissingData),
		EvaluateLowSampleCountPercentile: said(one.LowSamples),
	}
	if one.DatapointsToAlarm > 0 {
		in.DatapointsToAlarm = size(one.DatapointsToAlarm)
	}
	if one.Namespace != "" {
		in.Namespace, in.MetricName, in.Dimensions, in.Period = &one.Namespace, &one.MetricName, dimensions(one.Dimensions), size(one.Period)
		in.Statistic, in.ExtendedStatistic, in.Unit = types.Statistic(one.Statistic), said(one.ExtendedStatistic), types.StandardUnit(one.Unit)
	}
	for _, query := range one.Metrics {
		q := types.MetricDataQuery{Id: &query.Id, Expression: said(query.Expression), ReturnData: &query.ReturnData}
		if query.Period > 0 {
			q.Period = size(query.Period)
		}
		if stat := query.MetricStat; stat != nil {
			q.MetricStat = &types.MetricStat{
				Metric: &types.Metric{Namespace: &stat.Namespace, MetricName: &stat.MetricName, Dimensions: dimensions(stat.Dimensions)},
				Period: size(stat.Period), Stat: &stat.Stat, Unit: types.StandardUnit(stat.Unit),
			}
		}
		in.Metrics = append(in.Metrics, q)
	}
	if _, err := cloudwatch.NewFromConfig(live.Config).PutMetricAlarm(ctx, in); err != nil {
		return fmt.Errorf("changing alarm %s: %w", one.AlarmName, err)
	}
	return nil
}

// compositeFault is a fault that consists of the definition of a composite alarm.
func compositeFault(fault labs.Fault, pick func(*architecture) (inventory.CompositeAlarm, error), change func(*architecture, *inventory.CompositeAlarm) error) labs.Fault {
	return swap(fault, func(_ context.Context, a *architecture, _ labs.Live) (before, after inventory.CompositeAlarm, err error) {
		if before, err = pick(a); err != nil {
			return before, after, err
		}
		after = before
		return before, after, change(a, &after)
	}, putComposite)
}

func putComposite(ctx context.Context, live labs.Live, one inventory.CompositeAlarm) error {
	in := &cloudwatch.PutCompositeAlarmInput{
		AlarmName: &one.AlarmName, AlarmDescription: said(one.AlarmDescription), ActionsEnabled: &one.ActionsEnabled, AlarmRule: &one.AlarmRule,
		AlarmActions: one.AlarmActions, OKActions: one.OKActions, InsufficientDataActions: one.InsufficientDataActions,
	}
	if one.ActionsSuppressor != "" {
		in.ActionsSuppressor = &one.ActionsSuppressor
		in.ActionsSuppressorWaitPeriod, in.ActionsSuppressorExtensionPeriod = size(one.ActionsSuppressorWaitPeriod), size(one.ActionsSuppressorExtensionPeriod)
	}
	if _, err := cloudwatch.NewFromConfig(live.Config).PutCompositeAlarm(ctx, in); err != nil {
		return fmt.Errorf("changing alarm %s: %w", one.AlarmName, err)
	}
	return nil
}

// said is a text, nil where there is none: the API refuses some empty ones.
func said(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func size(n int) *int32 { return aws.Int32(int32(n)) } //nolint:gosec // periods, and numbers of them

func dimensions(of map[string]string) []types.Dimension {
	var found []types.Dimension
	for _, name := range slices.Sorted(maps.Keys(of)) {
		found = append(found, types.Dimension{Name: aws.String(name), Value: aws.String(of[name])})
	}
	return found
}
