package observability

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"labctl/checks/alarm"
	"labctl/checks/inventory"
	"labctl/checks/logpattern"
)

// emitter is a metric filter that turns lines into data points.
type emitter struct {
	filter    inventory.MetricFilter
	transform inventory.MetricTransformation
	pattern   *logpattern.Pattern
	err       error // why what the filter does cannot be told
}

// point is what one line gives: a value of a metric.
type point struct {
	metric inventory.Metric
	unit   string
	value  float64
}

// emitters are the metric filters on the API's log groups.
func (a *architecture) emitters(ctx context.Context) ([]emitter, error) {
	return a.emittersOf(ctx, a.apiGroups())
}

func (a *architecture) emittersOf(ctx context.Context, groups []inventory.LogGroup) ([]emitter, error) {
	var found []emitter
	for _, group := range groups {
		filters, err := a.inv.MetricFilters(ctx, group.LogGroupName)
		if err != nil {
			return nil, err
		}
		for _, filter := range filters {
			pattern, err := logpattern.Parse(filter.FilterPattern)
			if err != nil {
				err = fmt.Errorf("the pattern of metric filter %s: %w", filter.FilterName, err)
			}
			for _, transform := range filter.MetricTransformations {
				found = append(found, emitter{filter, transform, pattern, err})
			}
		}
	}
	return found, nil
}

// feeds says whether the filter publishes a metric of a name, whatever its dimensions.
func (e emitter) feeds(namespace, name string) bool {
	return e.transform.MetricNamespace == namespace && e.transform.MetricName == name
}

// emit is what the filter makes of a line. A line that lacks the field of the value, or of a dimension, gives nothing.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
func (e emitter) emit(line string) (*point, error) {
	if e.err != nil {
		return nil, e.err
	}
	match, err := e.pattern.Match(line)
	if err != nil {
		return nil, fmt.Errorf("metric filter %s on %s: %w", e.filter.FilterName, line, err)
	}
	if !match.Matched {
		return nil, nil
	}
	text, present, err := e.value(line, e.transform.MetricValue)
	value, notANumber := strconv.ParseFloat(text, 64)
	if err != nil || !present || notANumber != nil {
		return nil, err
	}
	p := &point{metric: inventory.Metric{Namespace: e.transform.MetricNamespace, MetricName: e.transform.MetricName}, unit: e.transform.Unit, value: value}
	for name, reference := range e.transform.Dimensions {
		text, present, err := e.value(line, reference)
		if err != nil || !present {
			return nil, err
		}
		if p.metric.Dimensions == nil {
			p.metric.Dimensions = map[string]string{}
		}
		p.metric.Dimensions[name] = text
	}
	return p, nil
}

// value is a literal, or the field of the line that it refers to.
func (e emitter) value(line, reference string) (text string, present bool, err error) {
	if !strings.HasPrefix(reference, "$") {
		return reference, true, nil
	}
	text, present, err = e.pattern.Value(line, reference)
	if err != nil {
		return "", false, fmt.Errorf("%s of metric filter %s: %w", reference, e.filter.FilterName, err)
	}
	return text, present, nil
}

// crowd is a number of equal lines in a minute.
type crowd struct {
	line  string
	count int
}

// feeder turns minutes of lines into data points. What a filter makes of a line is worked out once.
type feeder struct {
	emitters []emitter
	seen     map[string][]*stream // of a line, for each emitter
	streams  map[string]*stream   // by metric, unit and value
	blind    map[string]error     // metrics of which nothing can be told, by namespace and name
}

// stream are the data points of one metric in one unit that have one value.
type stream struct {
	point
	data []alarm.Datum
}

func newFeeder(emitters []emitter) *feeder {
	return &feeder{emitters: emitters, seen: map[string][]*stream{}, streams: map[string]*stream{}, blind: map[string]error{}}
}

func (f *feeder) stream(p point) *stream {
	key := fmt.Sprint(metricName(p.metric), p.unit, p.value)
	if f.streams[key] == nil {
		f.streams[key] = &stream{point: p}
	}
	return f.streams[key]
}

// put adds values to the data point of a minute.
func (s *stream) put(at time.Time, count int) {
	if n := len(s.data); n > 0 && s.data[n-1].At.Equal(at) {
		count += int(s.data[n-1].Count)
		s.data = s.data[:n-1]
	}
	s.data = append(s.data, alarm.Values(at, s.value, float64(count)))
}

// points are what each filter makes of a line.
func (f *feeder) points(line string) []*stream {
	if known, ok := f.seen[line]; ok {
		return known
	}
	streams := make([]*stream, len(f.emitters))
	for n, e := range f.emitters {
		p, err := e.emit(line)
		if err != nil {
			f.blind[e.transform.MetricNamespace+"/"+e.transform.MetricName] = err
		}
		if p != nil {
			streams[n] = f.stream(*p)
		}
	}
	f.seen[line] = streams
	return streams
}

// minute publishes what the lines of a minute give. A filter that none of them matches publishes its default value, unless nothing
// was written at all.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
func (f *feeder) minute(at time.Time, lines []crowd) {
	matched := make([]bool, len(f.emitters))
	written := false
	for _, c := range lines {
		if c.count == 0 {
			continue
		}
		written = true
		for n, s := range f.points(c.line) {
			if s != nil {
				matched[n] = true
				s.put(at, c.count)
			}
		}
	}
	for n, e := range f.emitters {
		if written && !matched[n] && e.transform.DefaultValue != nil && len(e.transform.Dimensions) == 0 {
			m := inventory.Metric{Namespace: e.transform.MetricNamespace, MetricName: e.transform.MetricName}
			f.stream(point{m, e.transform.Unit, *e.transform.DefaultValue}).put(at, 1)
		}
	}
}

// data are the data points of all minutes so far.
func (f *feeder) data() *alarm.Data {
	data := alarm.NewData()
	for _, s := range f.streams {
		data.Put(alarm.Metric{Namespace: s.metric.Namespace, Name: s.metric.MetricName, Dimensions: s.metric.Dimensions}, s.unit, s.data...)
	}
	return data
}

// watched are the metrics that an alarm looks at, with the unit and the period that it asks for.
func watched(one inventory.MetricAlarm) []inventory.MetricStat {
	if one.Namespace != "" {
		stat := one.Statistic
		if stat == "" {
			stat = one.ExtendedStatistic
		}
		return []inventory.MetricStat{{Namespace: one.Namespace, MetricName: one.MetricName, Dimensions: one.Dimensions, Period: one.Period, Stat: stat, Unit: one.Unit}}
	}
	var found []inventory.MetricStat
	for _, query := range one.Metrics {
		if query.MetricStat != nil {
			found = append(found, *query.MetricStat)
		}
	}
	return found
}

// blindness says why what an alarm would do cannot be told; nil where it can.
func (f *feeder) blindness(alarms []inventory.MetricAlarm) error {
	var errs []error
	for _, one := range alarms {
		for _, m := range watched(one) {
			if err := f.blind[m.Namespace+"/"+m.MetricName]; err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// dimensionList is "Route=/payments, Method=GET", in order.
func dimensionList(dimensions map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(dimensions)) {
		parts = append(parts, name+"="+dimensions[name])
	}
	return strings.Join(parts, ", ")
}
