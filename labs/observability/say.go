package observability

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"labctl/checks/inventory"
)

// count is "1 alarm" or "2 alarms".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// list names things: "a, b"; or says that there are none.
func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// sentence ends with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// minutes is a time: "4 minutes", or "1 h 20 min" where it is long.
func minutes(d time.Duration) string {
	n := int(d.Round(time.Minute) / time.Minute)
	switch {
	case n < 120:
		return count(n, "minute")
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
