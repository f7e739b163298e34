package loop

import (
	"time"

	"labctl/checks/alarm"
)

// The JSON of the private endpoints. Times are milliseconds since 1970; definitions have the names of the AWS API, whose case
// encoding/json does not mind.

type wirePlace struct {
	Account string `json:"account"`
	Region  string `json:"region"`
}

// wirePoint is a data point, and what all entries of a feed have in common with one.
type wirePoint struct {
	wirePlace
	Namespace  string            `json:"namespace"`
	Name       string            `json:"name"`
	Dimensions map[string]string `json:"dimensions"`
	Unit       string            `json:"unit"`
	At         int64             `json:"at"`
	Count      float64           `json:"count"`
	Sum        float64           `json:"sum"`
	Minimum    float64           `json:"minimum"`
	Maximum    float64           `json:"maximum"`
}

type wireTransition struct {
	wirePlace
	Alarm      string         `json:"alarm"`
	State      alarm.State    `json:"state"`
	Reason     string         `json:"reason"`
	ReasonData string         `json:"reasonData"` // left to the server
	At         int64          `json:"at"`
	Actions    []string       `json:"actions"`
	Withheld   alarm.Withheld `json:"withheld"`
}

type feedAnswer struct {
	Cursor      int64            `json:"cursor"`
	Revision    int64            `json:"revision"`
	Entries     []wireEntry      `json:"entries"`
	More        bool             `json:"more"`
	Definitions *wireDefinitions `json:"definitions"`
}

type wireEntry struct {
	Kind string `json:"kind"` // point, line or set
	wirePoint
	Emitted  bool        `json:"emitted"`
	Group    string      `json:"group"`
	Message  string      `json:"message"`
	Alarm    string      `json:"alarm"`
	State    alarm.State `json:"state"`
	Reason   string      `json:"reason"`
	Notified bool        `json:"notified"`
}

type wireDefinitions struct {
	Alarms     []wireAlarm     `json:"alarms"`
	Composites []wireComposite `json:"composites"`
	Filters    []wireFilter    `json:"filters"`
}

type wireActions struct {
	AlarmName, AlarmArn                              string
	ActionsEnabled                                   bool
	OKActions, AlarmActions, InsufficientDataActions []string
	StateValue                                       alarm.State
}

type wireDimension struct{ Name, Value string }

type wireAlarm struct {
	wirePlace
	wireActions
	Namespace, MetricName, Statistic, ExtendedStatistic, Unit                                 string
	Dimensions                                                                                []wireDimension
	Period, EvaluationPeriods, DatapointsToAlarm                                              int
	Threshold                                                                                 float64
	ComparisonOperator, ThresholdMetricId, TreatMissingData, EvaluateLowSampleCountPercentile string //nolint:revive // the API's names
	Metrics                                                                                   []wireQuery
}

type wireQuery struct {
	Id, Expression string //nolint:revive // the API's name
	Period         int
	ReturnData     bool
	MetricStat     *wireStat
}

type wireStat struct {
	Metric struct {
		Namespace, MetricName string
		Dimensions            []wireDimension
	}
	Period     int
	Stat, Unit string
}

type wireComposite struct {
	wirePlace
	wireActions
	AlarmRule, ActionsSuppressor                                  string
	ActionsSuppressorWaitPeriod, ActionsSuppressorExtensionPeriod int
}

type wireFilter struct {
	wirePlace
	FilterName, FilterPattern, LogGroupName string
	MetricTransformations                   []struct {
		MetricName, MetricNamespace, MetricValue, Unit string
		DefaultValue                                   *float64
		Dimensions                                     map[string]string
	}
}

func toWire(p Point) wirePoint {
	dimensions := p.Metric.Dimensions
	if dimensions == nil {
		dimensions = map[string]string{}
	}
	return wirePoint{
		wirePlace: wirePlace(p.Place), Namespace: p.Metric.Namespace, Name: p.Metric.Name, Dimensions: dimensions, Unit: p.Unit,
		At: p.At.UnixMilli(), Count: p.Count, Sum: p.Sum, Minimum: p.Minimum, Maximum: p.Maximum,
	}
}

func (p wirePoint) point() Point {
	return Point{
		Place: Place(p.wirePlace), Unit: p.Unit,
		Metric: alarm.Metric{Namespace: p.Namespace, Name: p.Name, Dimensions: p.Dimensions},
		Datum:  alarm.Datum{At: moment(p.At), Count: p.Count, Sum: p.Sum, Minimum: p.Minimum, Maximum: p.Maximum},
	}
}

func moment(milliseconds int64) time.Time { return time.UnixMilli(milliseconds).UTC() }

func (a feedAnswer) feed() Feed {
	f := Feed{Cursor: a.Cursor, Revision: a.Revision, More: a.More}
	for _, e := range a.Entries {
		place := Place(e.wirePlace)
		switch e.Kind {
		case "point":
			if !e.Emitted { // the loop has its own already
				f.Points = append(f.Points, e.point())
			}
		case "line":
			f.Lines = append(f.Lines, Line{Place: place, Group: e.Group, At: moment(e.At), Message: e.Message})
		case "set":
			f.Sets = append(f.Sets, Set{Place: place, Alarm: e.Alarm, State: e.State, Reason: e.Reason, At: moment(e.At), Notified: e.Notified})
		}
	}
	if a.Definitions != nil {
		d := a.Definitions.definitions()
		f.Definitions = &d
	}
	return f
}

func (w wireDefinitions) definitions() Definitions {
	d := Definitions{Alarms: map[Place][]alarm.Alarm{}, Composites: map[Place][]alarm.Composite{}, States: map[Place]map[string]alarm.State{}}
	known := func(place Place, a wireActions) {
		if d.States[place] == nil {
			d.States[place] = map[string]alarm.State{}
		}
		d.States[place][a.AlarmName] = a.StateValue
	}
	for _, a := range w.Alarms {
		place := Place(a.wirePlace)
		known(place, a.wireActions)
		d.Alarms[place] = append(d.Alarms[place], a.alarm())
	}
	for _, c := range w.Composites {
		place := Place(c.wirePlace)
		known(place, c.wireActions)
		d.Composites[place] = append(d.Composites[place], alarm.Composite{
			Name: c.AlarmName, ARN: c.AlarmArn, Actions: c.actions(), AlarmRule: c.AlarmRule, ActionsSuppressor: c.ActionsSuppressor,
			ActionsSuppressorWaitPeriod: c.ActionsSuppressorWaitPeriod, ActionsSuppressorExtensionPeriod: c.ActionsSuppressorExtensionPeriod,
		})
	}
	for _, f := range w.Filters {
		filter := Filter{Place: Place(f.wirePlace), Name: f.FilterName, Pattern: f.FilterPattern, Group: f.LogGroupName}
		for _, t := range f.MetricTransformations {
			filter.Transformations = append(filter.Transformations, Transformation{
				Namespace: t.MetricNamespace, Name: t.MetricName, Value: t.MetricValue, Unit: t.Unit, Default: t.DefaultValue, Dimensions: t.Dimensions,
			})
		}
		d.Filters = append(d.Filters, filter)
	}
	return d
}

func (a wireActions) actions() alarm.Actions {
	return alarm.Actions{
		ActionsEnabled: a.ActionsEnabled, OKActions: a.OKActions, AlarmActions: a.AlarmActions, InsufficientDataActions: a.InsufficientDataActions,
	}
}

func (a wireAlarm) alarm() alarm.Alarm {
	out := alarm.Alarm{
		Name: a.AlarmName, ARN: a.AlarmArn, Actions: a.actions(),
		Statistic: a.Statistic, ExtendedStatistic: a.ExtendedStatistic, Unit: a.Unit, Period: a.Period,
		EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm, Threshold: a.Threshold,
		ComparisonOperator: a.ComparisonOperator, ThresholdMetricID: a.ThresholdMetricId, TreatMissingData: a.TreatMissingData,
		EvaluateLowSampleCountPercentile: a.EvaluateLowSampleCountPercentile,
	}
	if a.MetricName != "" {
		out.Metric = alarm.Metric{Namespace: a.Namespace, Name: a.MetricName, Dimensions: dimensions(a.Dimensions)}
	}
	for _, q := range a.Metrics {
		query := alarm.MetricDataQuery{ID: q.Id, Expression: q.Expression, Period: q.Period, ReturnData: q.ReturnData}
		if q.MetricStat != nil {
			query.MetricStat = &alarm.MetricStat{
				Metric: alarm.Metric{Namespace: q.MetricStat.Metric.Namespace, Name: q.MetricStat.Metric.MetricName, Dimensions: dimensions(q.MetricStat.Metric.Dimensions)},
				Period: q.MetricStat.Period, Stat: q.MetricStat.Stat, Unit: q.MetricStat.Unit,
			}
		}
		out.Metrics = append(out.Metrics, query)
	}
	return out
}

func dimensions(all []wireDimension) map[string]string {
	out := map[string]string{}
	for _, d := range all {
		out[d.Name] = d.Value
	}
	return out
}
