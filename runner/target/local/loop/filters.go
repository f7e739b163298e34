package loop

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"labctl/checks/alarm"
	"labctl/checks/logpattern"
)

// filters are the metric filters of all log groups. Rules are those of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html and
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html .
type filters struct {
	byGroup map[group][]*filter
	tell    func(about, problem string)
}

type group struct {
	Place
	name string
}

// filter is a metric filter at work.
type filter struct {
	Filter
	pattern *logpattern.Pattern // nil if there is none that can be applied
	// minutes are those in which lines came in. Where a line goes is told by its own time stamp.
	minutes map[time.Time]minute
}

// minute is what a filter saw in a minute.
type minute int

const (
	quiet    minute = iota // lines, and none that matched
	matched                // or could have: no default value is published
	reported               // the default value was published
)

// remembered is how long a filter knows what it saw in a minute: until no line is expected any more.
const remembered = 24 * time.Hour

// define sets the filters. Those that it had know what they saw.
func (f *filters) define(all []Filter) {
	old := f.byGroup
	f.byGroup = map[group][]*filter{}
	for _, d := range all {
		where := group{d.Place, d.Group}
		i := slices.IndexFunc(old[where], func(o *filter) bool { return reflect.DeepEqual(o.Filter, d) })
		if i >= 0 {
			f.byGroup[where] = append(f.byGroup[where], old[where][i])
			continue
		}
		made := &filter{Filter: d, minutes: map[time.Time]minute{}}
		if err := try(func() (err error) { made.pattern, err = logpattern.Parse(d.Pattern); return err }); err != nil {
			f.report(made, err)
		}
		f.byGroup[where] = append(f.byGroup[where], made)
	}
}

func (f *filters) report(of *filter, err error) {
	f.tell(fmt.Sprintf("metric filter %s of log group %s", of.Name, of.Group), err.Error())
}

// take applies the filters to lines. Equal values of a minute are one data point that counts several times.
func (f *filters) take(lines []Line) []Point {
	found := tally{}
	for _, line := range lines {
		for _, one := range f.byGroup[group{line.Place, line.Group}] {
			if one.pattern == nil {
				continue
			}
			if err := try(func() error { return one.apply(line, found) }); err != nil {
				f.report(one, err)
				var broken *panicError
				if errors.As(err, &broken) {
					one.pattern = nil
				}
			}
		}
	}
	return found.points()
}

// apply applies a filter to a line. A line on which the pattern cannot be decided counts as neither.
func (f *filter) apply(line Line, found tally) error {
	at := line.At.Truncate(time.Minute)
	match, err := f.pattern.Match(line.Message)
	if err == nil && !match.Matched {
		if _, seen := f.minutes[at]; !seen {
			f.minutes[at] = quiet
		}
		return nil
	}
	f.minutes[at] = matched
	if err != nil {
		return fmt.Errorf("a line with the time %s: %w", line.At.UTC().Format(time.RFC3339), err)
	}
	for _, t := range f.Transformations {
		value, ok, err := f.value(t.Value, line.Message)
		if err != nil {
			return err
		}
		dimensions, complete, err := f.dimensions(t, line.Message)
		if err != nil {
			return err
		}
		// What has no number or not all dimensions has no metric to go to; AWS's pages do not say what becomes of it.
		if ok && complete {
			found.add(Point{Place: f.Place, Metric: alarm.Metric{Namespace: t.Namespace, Name: t.Name, Dimensions: dimensions}, Unit: t.Unit}, at, value, 1)
		}
	}
	return nil
}

// value is a metric value: a number, or a reference to one in the line.
func (f *filter) value(text, message string) (value float64, ok bool, err error) {
	if strings.HasPrefix(text, "$") {
		if text, ok, err = f.pattern.Value(message, text); err != nil || !ok {
			return 0, false, err
		}
	}
	value, err = strconv.ParseFloat(strings.TrimSpace(text), 64)
	return value, err == nil && !math.IsNaN(value) && !math.IsInf(value, 0), nil
}

func (f *filter) dimensions(t Transformation, message string) (dimensions map[string]string, complete bool, err error) {
	dimensions = map[string]string{}
	for name, reference := range t.Dimensions {
		value, ok, err := f.pattern.Value(message, reference)
		if err != nil || !ok || value == "" {
			return nil, false, err
		}
		dimensions[name] = value
	}
	return dimensions, true, nil
}

// close publishes the default values of the minutes that are over: those in which lines came in and none matched
// (MonitoringLogData, "default value"). A metric with dimensions has no default value.
func (f *filters) close(until time.Time) []Point {
	found := tally{}
	for _, all := range f.byGroup {
		for _, one := range all {
			for at, saw := range one.minutes {
				switch {
				case at.Before(until.Add(-remembered)):
					delete(one.minutes, at)
				case saw == quiet && !at.Add(time.Minute).After(until):
					one.minutes[at] = reported
					one.defaults(at, found)
				}
			}
		}
	}
	return found.points()
}

func (f *filter) defaults(at time.Time, found tally) {
	for _, t := range f.Transformations {
		if t.Default != nil && len(t.Dimensions) == 0 {
			found.add(Point{Place: f.Place, Metric: alarm.Metric{Namespace: t.Namespace, Name: t.Name}, Unit: t.Unit}, at, *t.Default, 1)
		}
	}
}

// tally are data points in the making, by what tells them apart.
type tally map[string]Point

func (t tally) add(p Point, at time.Time, value, count float64) {
	key := fmt.Sprintln(p.Account, p.Region, p.Metric.Namespace, p.Metric.Name, p.Unit, at.Unix(), value)
	for _, name := range slices.Sorted(maps.Keys(p.Metric.Dimensions)) {
		key += fmt.Sprintf("%q=%q", name, p.Metric.Dimensions[name])
	}
	if known, ok := t[key]; ok {
		count += known.Count
	}
	p.Datum = alarm.Values(at, value, count)
	t[key] = p
}

// points are in the order of time.
func (t tally) points() []Point {
	return slices.SortedFunc(maps.Values(t), func(a, b Point) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Metric.Namespace+a.Metric.Name, b.Metric.Namespace+b.Metric.Name), cmp.Compare(a.Sum, b.Sum))
	})
}
