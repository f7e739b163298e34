package alarm

import (
	"slices"
	"sort"
	"time"
)

// Datum is a data point as it was published: one value, or the statistic set of several.
type Datum struct {
	At                    time.Time
	Count                 float64
	Sum, Minimum, Maximum float64
}

// Value is a data point of one value.
func Value(at time.Time, value float64) Datum { return Values(at, value, 1) }

// Values is the data point of the same value, published count times.
func Values(at time.Time, value, count float64) Datum {
	return Datum{At: at, Count: count, Sum: value * count, Minimum: value, Maximum: value}
}

// Data are the data points of metrics. A metric filled by one goroutine must not be read by another at the same time.
type Data struct {
	metrics map[string]map[string][]Datum // metric, then unit: each is a stream of its own (cloudwatch_concepts, "Units")
}

// NewData holds no data yet.
func NewData() *Data { return &Data{metrics: map[string]map[string][]Datum{}} }

// Put publishes data points. No unit is the unit None (cloudwatch_concepts, "Units").
func (d *Data) Put(m Metric, unit string, points ...Datum) {
	if unit == "" {
		unit = "None"
	}
	key := m.key()
	if d.metrics[key] == nil {
		d.metrics[key] = map[string][]Datum{}
	}
	stream := d.metrics[key][unit]
	for _, p := range points {
		at := len(stream)
		for at > 0 && stream[at-1].At.After(p.At) {
			at--
		}
		stream = slices.Insert(stream, at, p)
	}
	d.metrics[key][unit] = stream
}

// Trim forgets the data points before a moment.
func (d *Data) Trim(before time.Time) {
	for _, units := range d.metrics {
		for unit, stream := range units {
			if units[unit] = slices.Clone(stream[first(stream, before):]); len(units[unit]) == 0 {
				delete(units, unit)
			}
		}
	}
}

// stream are the data points of a metric, in the order of time. Without a unit CloudWatch reads whichever unit there is; with several
// "the alarm's behavior is not defined and it behaves unpredictably" (PutMetricAlarm, Unit).
func (d *Data) stream(key, unit string) ([]Datum, error) {
	units := d.metrics[key]
	if unit != "" {
		return units[unit], nil
	}
	if len(units) > 1 {
		return nil, inconclusive("the metric is published with several units, and the alarm names none")
	}
	for _, stream := range units {
		return stream, nil
	}
	return nil, nil
}

// within are the data points of a stream from one moment up to, but not at, another.
func within(stream []Datum, from, to time.Time) []Datum {
	start := first(stream, from)
	return stream[start : start+first(stream[start:], to)]
}

func first(stream []Datum, notBefore time.Time) int {
	return sort.Search(len(stream), func(n int) bool { return !stream[n].At.Before(notBefore) })
}
