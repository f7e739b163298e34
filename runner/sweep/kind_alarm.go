package sweep

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
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

// alarms are on metrics or on logs, and are found by name and by what the tagging API knows.
type alarms struct{ api alarmAPI }

func (h alarms) list(ctx context.Context, also []string) ([]found, error) {
	// Log alarms are asked for only where there may be one: beside their type no others are
	// returned, and not every server knows it.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
	named, err := namedAlarms(ctx, h.api, also, types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm)
	if err != nil {
		return nil, err
	}
	unseen := slices.DeleteFunc(slices.Clone(also), func(name string) bool {
		return slices.ContainsFunc(slices.Concat(named.metric, named.composite), func(f found) bool { return f.id == name })
	})
	if len(unseen) > 0 {
		more, err := namedAlarms(ctx, h.api, unseen, types.AlarmTypeLogAlarm)
		if err != nil {
			return nil, err
		}
		named.metric = append(named.metric, more.log...)
	}
	return alarmTags(ctx, h.api, named.metric)
}

func (h alarms) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{id}})
	return err
}

// compositeAlarms go before the alarms in their rules, which CloudWatch keeps as long as a
// composite alarm depends on them.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
type compositeAlarms struct{ api compositeAlarmAPI }

type compositeAlarmAPI interface {
	alarmAPI
	PutCompositeAlarm(context.Context, *cloudwatch.PutCompositeAlarmInput, ...func(*cloudwatch.Options)) (*cloudwatch.PutCompositeAlarmOutput, error)
}

func (h compositeAlarms) list(ctx context.Context, also []string) ([]found, error) {
	named, err := namedAlarms(ctx, h.api, also, types.AlarmTypeCompositeAlarm)
	if err != nil {
		return nil, err
	}
	return alarmTags(ctx, h.api, named.composite)
}

// operand is an alarm in a rule, by name or ARN, with or without quotes.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
var operand = regexp.MustCompile(`(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^\s"')]+))\s*\)`)

// delete waits for the composite alarms above it that go too. Where one of them is below it as
// well, which CloudWatch lets happen, nobody could begin: its own rule gives way then.
func (h compositeAlarms) delete(ctx context.Context, id string, doomed map[string]bool) error {
	all := map[string]types.CompositeAlarm{}
	pages := cloudwatch.NewDescribeAlarmsPaginator(h.api, &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}})
	err := eachPage(ctx, pages, func(page *cloudwatch.DescribeAlarmsOutput) {
		for _, a := range page.CompositeAlarms {
			all[aws.ToString(a.AlarmName)] = a
		}
	})
	if err != nil {
		return err
	}
	for name, a := range all {
		if !doomed[name] || name == id || !refersTo(a, id) {
			continue
		}
		if below(all, id, name) {
			_, err = h.api.PutCompositeAlarm(ctx, &cloudwatch.PutCompositeAlarmInput{AlarmName: aws.String(id), AlarmRule: aws.String("FALSE")})
		}
		return cmp.Or(err, fmt.Errorf("composite alarm %s refers to it: %w", name, errBusy))
	}
	_, err = h.api.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{id}})
	return err
}

// below tells whether an alarm refers to another, directly or through others.
func below(all map[string]types.CompositeAlarm, from, to string) bool {
	seen := map[string]bool{from: true}
	for next := []string{from}; len(next) > 0; next = next[1:] {
		for name := range all {
			if !refersTo(all[next[0]], name) || seen[name] {
				continue
			}
			if name == to {
				return true
			}
			seen[name] = true
			next = append(next, name)
		}
	}
	return false
}

func refersTo(a types.CompositeAlarm, name string) bool {
	is := func(ref string) bool { return ref == name || strings.HasSuffix(ref, ":alarm:"+name) }
	for _, match := range operand.FindAllStringSubmatch(aws.ToString(a.AlarmRule), -1) {
		if is(cmp.Or(match[1:]...)) {
			return true
		}
	}
	return is(aws.ToString(a.ActionsSuppressor))
}

// alarmsByType are alarms before their tags are known.
type alarmsByType struct{ metric, composite, log []found }

// namedAlarms are those of some types that have labctl's name or one of the others.
func namedAlarms(ctx context.Context, api alarmAPI, also []string, of ...types.AlarmType) (named alarmsByType, err error) {
	note := func(list *[]found, name, arn *string, units int) {
		if n := aws.ToString(name); strings.HasPrefix(n, namePrefix) || slices.Contains(also, n) {
			*list = append(*list, found{id: n, name: n, arn: aws.ToString(arn), units: units})
		}
	}
	pages := cloudwatch.NewDescribeAlarmsPaginator(api, &cloudwatch.DescribeAlarmsInput{AlarmTypes: of})
	err = eachPage(ctx, pages, func(page *cloudwatch.DescribeAlarmsOutput) {
		for _, a := range page.MetricAlarms {
			note(&named.metric, a.AlarmName, a.AlarmArn, metricsOf(a))
		}
		for _, a := range page.CompositeAlarms {
			note(&named.composite, a.AlarmName, a.AlarmArn, 0)
		}
		for _, a := range page.LogAlarms {
			note(&named.log, a.AlarmName, a.AlarmArn, 0)
		}
	})
	return named, err
}

// metricsOf counts the metrics that an alarm watches: each is billed.
// https://aws.amazon.com/cloudwatch/pricing/
func metricsOf(a types.MetricAlarm) (n int) {
	for _, q := range a.Metrics {
		if q.MetricStat != nil {
			n++
		}
	}
	return n
}

func alarmTags(ctx context.Context, api alarmAPI, named []found) ([]found, error) {
	return lookUp(named, func(f found) (found, error) {
		out, err := api.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String(f.arn)})
		if err != nil {
			return found{}, err
		}
		f.tags = tagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
		return f, nil
	})
}
