package alarm

import "time"

// Series is a time series that a query returns.
type Series struct {
	ID string
	// Points are those that exist, the oldest first.
	Points []Point
}

// maxPoints is how many data points a request can return (API_GetMetricData, "You can retrieve as many as 500 ... 100,800 data points").
const maxPoints = 100_800

// Query computes the queries that return data, as GetMetricData does: a point for each period from one moment up to, but not
// including, another. The first period begins at that moment. An expression that comes to an array of time series returns several
// series of its id. The error is an [InvalidError] or an [InconclusiveError].
func Query(queries []MetricDataQuery, data *Data, from, to time.Time) ([]Series, error) {
	read := make([]query, len(queries))
	common := 0
	for n, q := range queries {
		r, period, err := readQuery(q)
		if err != nil {
			return nil, err
		}
		if q.MetricStat != nil && period < 1 {
			return nil, invalid("the period of query %q is %d seconds", q.ID, period)
		}
		read[n], common = r, max(common, period)
	}
	var all []Series
	for _, q := range read {
		if !q.ReturnData {
			continue
		}
		period := common
		if q.MetricStat != nil {
			period = q.MetricStat.Period
		}
		series, err := retrieval{queries: read, data: data, from: from, to: to, period: period}.run(q)
		if err != nil {
			return nil, err
		}
		all = append(all, series...)
	}
	return all, nil
}

// retrieval computes queries that all have one period, in seconds.
type retrieval struct {
	queries  []query
	data     *Data
	from, to time.Time
	period   int
}

func (r retrieval) run(q query) ([]Series, error) {
	if r.period < 1 {
		return nil, invalid("the query %q has neither a metric nor a period", q.ID)
	}
	step := time.Duration(r.period) * time.Second
	length := int((r.to.Sub(r.from) + step - 1) / step)
	if length < 1 || length > maxPoints {
		return nil, invalid("the range gives %d data points: there must be at least 1, and at most %d", length, maxPoints)
	}
	s := &scope{length: length, period: float64(r.period), queries: r.queries, values: map[string]value{}}
	s.load = func(q query) ([]float64, error) { return r.load(q, length) }
	v, err := s.reference(q.ID)
	if err != nil {
		return nil, err
	}
	if v.shape == scalar {
		return nil, invalid("the query %q comes to a number, not to a time series", q.ID)
	}
	out := make([]Series, len(v.series))
	for n, values := range v.series {
		out[n].ID = q.ID
		for i, point := range values {
			if !missing(point) {
				out[n].Points = append(out[n].Points, Point{At: r.from.Add(step * time.Duration(i)), Value: point})
			}
		}
	}
	return out, nil
}

// load computes a metric for the range.
func (r retrieval) load(q query, length int) ([]float64, error) {
	if q.MetricStat.Period != r.period {
		return nil, inconclusive("expressions over metrics of different periods aren't modelled")
	}
	stream, err := r.data.stream(q.key, q.MetricStat.Unit)
	if err != nil {
		return nil, err
	}
	stream = within(stream, r.from, r.to)
	out := make([]float64, length)
	step := time.Duration(r.period) * time.Second
	for i := range out {
		out[i] = absent
		from := r.from.Add(step * time.Duration(i))
		points := within(stream, from, from.Add(step))
		if len(points) == 0 {
			continue
		}
		v, err := q.statistic.of(points)
		if err != nil {
			return nil, err
		}
		out[i] = finite(v)
	}
	return out, nil
}
