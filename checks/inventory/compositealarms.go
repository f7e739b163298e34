package inventory

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// CompositeAlarm is a CloudWatch alarm over other alarms. Times are seconds.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_CompositeAlarm.html
type CompositeAlarm struct {
	AlarmName               string
	AlarmArn                string
	AlarmDescription        string
	AlarmRule               string
	ActionsEnabled          bool
	AlarmActions            []string
	OKActions               []string `json:",omitempty"`
	InsufficientDataActions []string `json:",omitempty"`

	ActionsSuppressor                string `json:",omitempty"`
	ActionsSuppressorWaitPeriod      int    `json:",omitempty"`
	ActionsSuppressorExtensionPeriod int    `json:",omitempty"`
}

// CompositeAlarms reads the region's alarms over other alarms.
func (i *Inventory) CompositeAlarms(ctx context.Context) ([]CompositeAlarm, error) {
	return i.watch.composites.get("the composite alarms of "+i.Region, func() ([]CompositeAlarm, error) { return i.source.readComposites(ctx) })
}

// AlarmTags reads the tags of the region's alarms that carry the scope's tag, of both kinds, by ARN.
func (i *Inventory) AlarmTags(ctx context.Context) (map[string]map[string]string, error) {
	return i.watch.alarmTags.get("the alarms tagged "+i.Scope.String(), func() (map[string]map[string]string, error) { return i.source.readAlarmTags(ctx, i.Scope) })
}

func (l live) readComposites(ctx context.Context) ([]CompositeAlarm, error) {
	alarms, err := all(ctx, cloudwatch.NewDescribeAlarmsPaginator(l.cloudwatch, &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}}), func(o *cloudwatch.DescribeAlarmsOutput) []types.CompositeAlarm {
		return o.CompositeAlarms
	})
	if err != nil {
		return nil, err
	}
	found := make([]CompositeAlarm, len(alarms))
	for n, alarm := range alarms {
		found[n] = CompositeAlarm{
			AlarmName: aws.ToString(alarm.AlarmName), AlarmArn: aws.ToString(alarm.AlarmArn), AlarmDescription: aws.ToString(alarm.AlarmDescription),
			AlarmRule: aws.ToString(alarm.AlarmRule), ActionsEnabled: aws.ToBool(alarm.ActionsEnabled),
			AlarmActions: alarm.AlarmActions, OKActions: alarm.OKActions, InsufficientDataActions: alarm.InsufficientDataActions,
			ActionsSuppressor:                aws.ToString(alarm.ActionsSuppressor),
			ActionsSuppressorWaitPeriod:      number(alarm.ActionsSuppressorWaitPeriod),
			ActionsSuppressorExtensionPeriod: number(alarm.ActionsSuppressorExtensionPeriod),
		}
	}
	return found, nil
}

func (l live) readAlarmTags(ctx context.Context, scope Scope) (map[string]map[string]string, error) {
	return l.readTagsOf(ctx, scope, "cloudwatch:alarm")
}

// readTagsOf reads the tags of the region's resources of one type that carry the scope's tag, by ARN.
func (l live) readTagsOf(ctx context.Context, scope Scope, kind string) (map[string]map[string]string, error) {
	marked, err := l.readTagged(ctx, scope, kind)
	found := map[string]map[string]string{}
	for _, resource := range marked {
		found[resource.arn] = resource.tags
	}
	return found, err
}

func (f Facts) readComposites(context.Context) ([]CompositeAlarm, error) {
	return f.CompositeAlarms, nil
}

func (f Facts) readAlarmTags(_ context.Context, scope Scope) (map[string]map[string]string, error) {
	found := maps.Clone(f.AlarmTags)
	maps.DeleteFunc(found, func(_ string, tags map[string]string) bool { return tags[scope.Key] != scope.Value })
	return found, nil
}
