package alarm

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
)

// statistic turns the data points of a period into one.
type statistic struct {
	// of is the value of data points, of which there is at least one; NaN where they have none.
	of func([]Datum) (float64, error)
	// samples is how many samples a percentile needs to be significant; 0 for other statistics.
	samples float64
}

var (
	percentilePattern = regexp.MustCompile(`^p(\d{1,2}(?:\.\d{1,10})?|100)$`)
	boundsPattern     = regexp.MustCompile(`^(TM|TC|TS|WM|PR)\((\d*(?:\.\d+)?):(\d*(?:\.\d+)?)\)$`)
)

// parseStatistic reads a statistic (Statistics-definitions). Trimmed statistics with bounds in percent are inconclusive: what happens to a
// sample on the bound is not documented.
func parseStatistic(name string) (statistic, error) {
	switch name {
	case "SampleCount":
		return simple(func(t Datum) float64 { return t.Count }), nil
	case "Sum":
		return simple(func(t Datum) float64 { return t.Sum }), nil
	case "Average":
		return simple(func(t Datum) float64 { return t.Sum / t.Count }), nil
	case "Minimum":
		return simple(func(t Datum) float64 { return t.Minimum }), nil
	case "Maximum":
		return simple(func(t Datum) float64 { return t.Maximum }), nil
	}
	if match := percentilePattern.FindStringSubmatch(name); match != nil {
		percent, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			return statistic{}, inconclusive("the statistic %q: %v", name, err)
		}
		return percentile(percent / 100), nil
	}
	if match := boundsPattern.FindStringSubmatch(name); match != nil && match[2]+match[3] != "" {
		low, high := math.Inf(-1), math.Inf(1)
		for n, bound := range []*float64{&low, &high} {
			if text := match[n+2]; text != "" {
				value, err := strconv.ParseFloat(text, 64)
				if err != nil {
					return statistic{}, inconclusive("the statistic %q: %v", name, err)
				}
				*bound = value
			}
		}
		return bounded(match[1], low, high), nil
	}
	return statistic{}, inconclusive("the statistic %q isn't modelled", name)
}

// simple is a statistic of the totals of a period.
func simple(value func(total Datum) float64) statistic {
	return statistic{of: func(points []Datum) (float64, error) {
		total := points[0]
		for _, p := range points[1:] {
			total.Count += p.Count
			total.Sum += p.Sum
			total.Minimum = min(total.Minimum, p.Minimum)
			total.Maximum = max(total.Maximum, p.Maximum)
		}
		return value(total), nil
	}}
}

// percentile is the largest of the lowest part of the samples (Statistics-definitions, "Percentiles versus trimmed mean").
func percentile(part float64) statistic {
	s := statistic{of: func(points []Datum) (float64, error) {
		points, err := raw(points)
		if err != nil {
			return 0, err
		}
		slices.SortFunc(points, func(a, b Datum) int { return cmp.Compare(a.Minimum, b.Minimum) })
		// The tolerance is for what is lost in the product: p99 of 100 samples is the 99th, not the 100th.
		rank, seen := samples(points)*part-1e-9, 0.0
		for _, p := range points {
			if seen += p.Count; seen >= rank {
				return p.Minimum, nil
			}
		}
		return points[len(points)-1].Minimum, nil
	}}
	// percentiles-with-low-samples
	switch {
	case part >= 0.5 && part < 1:
		s.samples = 10 / (1 - part)
	case part > 0 && part < 0.5:
		s.samples = 10 / part
	}
	return s
}

// bounded is a statistic of the samples above one bound and up to another (Statistics-definitions: the lower bound is excluded, the
// upper one included).
func bounded(kind string, low, high float64) statistic {
	return statistic{of: func(points []Datum) (float64, error) {
		points, err := raw(points)
		if err != nil {
			return 0, err
		}
		var count, sum, clamped float64
		for _, p := range points {
			clamped += min(max(p.Minimum, low), high) * p.Count
			if p.Minimum > low && p.Minimum <= high {
				count += p.Count
				sum += p.Sum
			}
		}
		all := samples(points)
		return map[string]float64{"TM": sum / count, "TC": count, "TS": sum, "WM": clamped / all, "PR": count / all * 100}[kind], nil
	}}
}

// raw are the data points as samples. CloudWatch has no such statistic of statistic sets whose values differ, nor of negative values
// (Statistics-definitions, "Requirements"); what an alarm then does isn't documented.
func raw(points []Datum) ([]Datum, error) {
	for _, p := range points {
		if p.Minimum != p.Maximum {
			return nil, inconclusive("the statistic needs each value, and a statistic set was published")
		}
		if p.Minimum < 0 {
			return nil, inconclusive("the statistic isn't available for negative values")
		}
	}
	return slices.Clone(points), nil
}

func samples(points []Datum) float64 {
	count := 0.0
	for _, p := range points {
		count += p.Count
	}
	return count
}
