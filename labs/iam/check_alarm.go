package iam

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/logpattern"
)

// event is a sample of what CloudTrail delivers to a log group: the members that filters look at.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
func event(source, name string) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/someone/s1","accountId":"111122223333"},`+
		`"eventTime":"2026-01-02T15:04:05Z","eventSource":%q,"eventName":%q,"awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"aws-cli/2",`+
		`"requestParameters":{"name":"trail"},"responseElements":null,"readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"eventCategory":"Management"}`, source, name)
}

// tampering are calls that must raise the alarm: those of Security Hub's controls CloudWatch.5 and CloudWatch.7 that take
// the record or its keys away.
func tampering() [][2]string {
	return [][2]string{
		{"cloudtrail.amazonaws.com", "StopLogging"}, {"cloudtrail.amazonaws.com", "DeleteTrail"}, {"cloudtrail.amazonaws.com", "UpdateTrail"},
		{"kms.amazonaws.com", "DisableKey"}, {"kms.amazonaws.com", "ScheduleKeyDeletion"},
	}
}

// ordinary are calls of every day. An alarm at each of them is one that nobody looks at.
func ordinary() [][2]string {
	return [][2]string{
		{"cloudtrail.amazonaws.com", "DescribeTrails"}, {"kms.amazonaws.com", "Decrypt"}, {"s3.amazonaws.com", "GetObject"},
		{"sts.amazonaws.com", "AssumeRole"}, {"ec2.amazonaws.com", "DescribeInstances"},
	}
}

func decideTamperAlarm(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	trails, err := a.inv.Trails(ctx)
	if err != nil {
		return nil, err
	}
	alarms, err := a.inv.Alarms(ctx)
	if err != nil {
		return nil, err
	}
	var watching []*watch
	var broken []string
	for _, trail := range trails {
		group := logGroupOf(trail)
		if group == "" {
			continue
		}
		filters, err := a.inv.MetricFilters(ctx, group)
		if err != nil {
			return nil, err
		}
		for _, filter := range filters {
			w, why := newWatch(filter, alarms)
			if why != "" {
				broken = append(broken, why)
				continue
			}
			watching = append(watching, w)
		}
	}
	if len(watching) == 0 {
		o.Add(strings.TrimSpace("No metric filter on the log group of a trail leads to an alarm that tells anybody. " + strings.Join(broken, " ")))
		return nil, nil
	}
	return judgeWatches(o, watching, broken)
}

// logGroupOf is the log group to which a trail delivers; "" for none.
func logGroupOf(trail inventory.Trail) string {
	_, name, _ := strings.Cut(trail.CloudWatchLogsLogGroupArn, ":log-group:")
	return strings.TrimSuffix(name, ":*")
}

func judgeWatches(o *checks.Offences, watching []*watch, broken []string) ([]string, error) {
	for _, call := range tampering() {
		caught := false
		for _, w := range watching {
			matched, err := w.sees(call)
			if err != nil {
				return nil, err
			}
			caught = caught || matched
		}
		if !caught {
			o.Add(strings.TrimSpace(fmt.Sprintf("A call of %s raises no alarm: no filter matches it. %s", call[1], strings.Join(broken, " "))))
		}
	}
	var told []string
	for _, w := range watching {
		for _, call := range ordinary() {
			matched, err := w.sees(call)
			if err != nil {
				return nil, err
			}
			if matched {
				o.Add(fmt.Sprintf("Filter %s matches %s as well, a call of every day.", w.filter.FilterName, call[1]))
			}
		}
		told = append(told, fmt.Sprintf("Filter %s raises alarm %s.", w.filter.FilterName, w.alarm))
	}
	return told, nil
}

// watch is a filter that leads to an alarm.
type watch struct {
	filter  inventory.MetricFilter
	pattern *logpattern.Pattern
	alarm   string
}

// newWatch follows a filter to its alarm. why says what is in the way.
func newWatch(filter inventory.MetricFilter, alarms []inventory.MetricAlarm) (w *watch, why string) {
	pattern, err := logpattern.Parse(filter.FilterPattern)
	if err != nil {
		return nil, fmt.Sprintf("Filter %s: %v.", filter.FilterName, err)
	}
	why = fmt.Sprintf("Filter %s feeds no metric that an alarm looks at.", filter.FilterName)
	for _, t := range filter.MetricTransformations {
		for _, alarm := range alarms {
			if alarm.Namespace != t.MetricNamespace || alarm.MetricName != t.MetricName || alarm.Namespace == "" {
				continue
			}
			if obstacle := alarmObstacle(alarm, t); obstacle != "" {
				why = fmt.Sprintf("Alarm %s %s.", alarm.AlarmName, obstacle)
				continue
			}
			return &watch{filter: filter, pattern: pattern, alarm: alarm.AlarmName}, ""
		}
	}
	return nil, why
}

func (w *watch) sees(call [2]string) (bool, error) {
	match, err := w.pattern.Match(event(call[0], call[1]))
	if err != nil {
		return false, fmt.Errorf("filter %s on a %s event: %w", w.filter.FilterName, call[1], err)
	}
	return match.Matched, nil
}

// alarmObstacle says why one data point of a metric does not set an alarm off; "" where it does.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-evaluation
func alarmObstacle(alarm inventory.MetricAlarm, t inventory.MetricTransformation) string {
	value, err := strconv.ParseFloat(t.MetricValue, 64)
	switch {
	case err != nil:
		return fmt.Sprintf("rests on a value of the event (%s), which says nothing about how many there are", t.MetricValue)
	case len(t.Dimensions) > 0 || len(alarm.Dimensions) > 0:
		return "looks at one dimension of the metric, not at all data points"
	case !alarm.ActionsEnabled || len(alarm.AlarmActions) == 0:
		return "tells nobody: it has no action that is enabled"
	}
	switch alarm.Statistic {
	case "Sum", "Maximum", "Minimum", "Average":
	case "SampleCount":
		value = 1
	default:
		return "looks at a percentile, which one data point need not move"
	}
	if !exceeds(value, alarm.ComparisonOperator, alarm.Threshold) {
		return fmt.Sprintf("does not go off at one event: %v is not %s %v", value, alarm.ComparisonOperator, alarm.Threshold)
	}
	needed := alarm.DatapointsToAlarm
	if needed == 0 {
		needed = alarm.EvaluationPeriods
	}
	if needed > 1 {
		return fmt.Sprintf("waits for %d periods with such events", needed)
	}
	return ""
}

func exceeds(value float64, operator string, threshold float64) bool {
	switch operator {
	case "GreaterThanOrEqualToThreshold":
		return value >= threshold
	case "GreaterThanThreshold":
		return value > threshold
	case "LessThanThreshold":
		return value < threshold
	case "LessThanOrEqualToThreshold":
		return value <= threshold
	default:
		return false
	}
}
