package engine

import (
	"time"

	"labctl/checks/alarm"
)

// queryQuestion has the queries of GetMetricData with the names of the API. Moments are milliseconds since the epoch.
type queryQuestion struct {
	Queries []metricDataQuery `json:"queries"`
	Points  []point           `json:"points"`
	From    int64             `json:"from"`
	To      int64             `json:"to"`
}

type metricDataQuery struct {
	ID         string `json:"Id"`
	Expression string
	Period     int
	ReturnData *bool // true unless it is said
	MetricStat *metricStat
}

type metricStat struct {
	Metric struct {
		Namespace  string
		MetricName string
		Dimensions []struct{ Name, Value string }
	}
	Period     int
	Stat, Unit string
}

// point is a data point of a metric.
type point struct {
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

type queryAnswer struct {
	refusal
	Series []series `json:"series"`
}

type series struct {
	ID     string    `json:"id"`
	At     []int64   `json:"at"`
	Values []float64 `json:"values"`
}

// query asks for time series, as GetMetricData does.
func query(q queryQuestion) queryAnswer {
	data := alarm.NewData()
	for _, p := range q.Points {
		data.Put(alarm.Metric{Namespace: p.Namespace, Name: p.Name, Dimensions: p.Dimensions}, p.Unit, alarm.Datum{
			At: time.UnixMilli(p.At), Count: p.Count, Sum: p.Sum, Minimum: p.Minimum, Maximum: p.Maximum,
		})
	}
	queries := make([]alarm.MetricDataQuery, len(q.Queries))
	for i, asked := range q.Queries {
		queries[i] = asked.read()
	}
	found, err := alarm.Query(queries, data, time.UnixMilli(q.From), time.UnixMilli(q.To))
	if err != nil {
		return queryAnswer{refusal: refuse(err)}
	}
	answer := queryAnswer{Series: make([]series, len(found))}
	for i, s := range found {
		answer.Series[i].ID = s.ID
		for _, p := range s.Points {
			answer.Series[i].At = append(answer.Series[i].At, p.At.UnixMilli())
			answer.Series[i].Values = append(answer.Series[i].Values, p.Value)
		}
	}
	return answer
}

func (q metricDataQuery) read() alarm.MetricDataQuery {
	read := alarm.MetricDataQuery{ID: q.ID, Expression: q.Expression, Period: q.Period, ReturnData: q.ReturnData == nil || *q.ReturnData}
	if q.MetricStat == nil {
		return read
	}
	dimensions := map[string]string{}
	for _, d := range q.MetricStat.Metric.Dimensions {
		dimensions[d.Name] = d.Value
	}
	read.MetricStat = &alarm.MetricStat{
		Metric: alarm.Metric{Namespace: q.MetricStat.Metric.Namespace, Name: q.MetricStat.Metric.MetricName, Dimensions: dimensions},
		Period: q.MetricStat.Period, Stat: q.MetricStat.Stat, Unit: q.MetricStat.Unit,
	}
	return read
}
