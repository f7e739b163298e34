package alarm

import (
	"slices"
	"strings"
)

// State is the state of an alarm (alarm-evaluation, "Metric alarm states").
type State string

// The states.
const (
	OK               State = "OK"
	InAlarm          State = "ALARM"
	InsufficientData State = "INSUFFICIENT_DATA"
)

// Metric is the identity of a metric: every combination of dimensions is a metric of its own (cloudwatch_concepts, "Dimensions").
type Metric struct {
	Namespace  string
	Name       string
	Dimensions map[string]string
}

// key is the metric as a string that no other metric has.
func (m Metric) key() string {
	parts := make([]string, 0, len(m.Dimensions))
	for name, value := range m.Dimensions {
		parts = append(parts, name+"\x00"+value)
	}
	slices.Sort(parts)
	return strings.Join(append([]string{m.Namespace, m.Name}, parts...), "\x00")
}

// Actions are what an alarm notifies when its state changes, by ARN (alarms-and-actions).
type Actions struct {
	ActionsEnabled          bool
	OKActions               []string
	AlarmActions            []string
	InsufficientDataActions []string
}

// of are the actions of a transition to a state.
func (a Actions) of(to State) []string {
	switch {
	case !a.ActionsEnabled:
		return nil
	case to == OK:
		return a.OKActions
	case to == InAlarm:
		return a.AlarmActions
	default:
		return a.InsufficientDataActions
	}
}

// Alarm is a metric alarm. It watches either one metric (the fields from Metric to Period) or the one of Metrics that returns data.
// Fields, values and units are those of PutMetricAlarm.
type Alarm struct {
	Name string
	ARN  string
	Actions

	Metric Metric
	// Statistic or ExtendedStatistic is set, not both.
	Statistic         string
	ExtendedStatistic string
	// Unit is empty where any unit will do.
	Unit string
	// Period is in seconds.
	Period int

	Metrics []MetricDataQuery

	EvaluationPeriods int
	// DatapointsToAlarm is 0 where it isn't set: then all evaluation periods must breach.
	DatapointsToAlarm  int
	Threshold          float64
	ComparisonOperator string
	// ThresholdMetricID names an anomaly detection band, which is not modelled.
	ThresholdMetricID string
	// TreatMissingData is missing, notBreaching, breaching or ignore; empty means missing.
	TreatMissingData string
	// EvaluateLowSampleCountPercentile is evaluate or ignore; empty means evaluate.
	EvaluateLowSampleCountPercentile string
}

// MetricDataQuery is a metric or an expression of an alarm on metric math.
type MetricDataQuery struct {
	ID string
	// Expression or MetricStat is set, not both.
	Expression string
	MetricStat *MetricStat
	// Period is that of an expression, in seconds; 0 where it isn't set.
	Period int
	// ReturnData is true for the one query that the alarm watches. Unlike in the API it has no default.
	ReturnData bool
}

// MetricStat is a statistic of a metric.
type MetricStat struct {
	Metric Metric
	// Period is in seconds.
	Period int
	// Stat is a statistic or an extended statistic.
	Stat string
	Unit string
}

// Composite is a composite alarm. Fields, values and units are those of PutCompositeAlarm.
type Composite struct {
	Name string
	ARN  string
	Actions

	AlarmRule string
	// ActionsSuppressor is the name or ARN of an alarm that withholds the actions while it is in ALARM; empty for none.
	ActionsSuppressor string
	// ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are in seconds.
	ActionsSuppressorWaitPeriod      int
	ActionsSuppressorExtensionPeriod int
}
