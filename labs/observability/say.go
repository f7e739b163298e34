package observability

import (
	"fmt"
	"strconv"
	"time"

	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
)

// minutes is a time: "4 minutes", or "1 h 20 min" where it is long.
func minutes(d time.Duration) string {
	n := int(d.Round(time.Minute) / time.Minute)
	switch {
	case n < 120:
		return typeset.Count(n, "minute")
	case n%60 == 0:
		return fmt.Sprintf("%d hours", n/60)
	default:
		return fmt.Sprintf("%d h %d min", n/60, n%60)
	}
}

// percent is a share of requests.
func percent(share float64) string {
	return strconv.FormatFloat(share*100, 'g', 4, 64) + " percent"
}

// metricName is a metric with its dimensions: Shop/Latency{Route=/payments}.
func metricName(m inventory.Metric) string {
	name := m.Namespace + "/" + m.MetricName
	if len(m.Dimensions) == 0 {
		return name
	}
	return name + "{" + dimensionList(m.Dimensions) + "}"
}
