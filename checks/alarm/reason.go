package alarm

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// reason words a verdict as CloudWatch does in the state reason of alarms.
func (e *Evaluator) reason(v verdict, points []Point, few bool) string {
	switch {
	case few:
		return "The state is kept: the percentile has too few samples."
	case v.retained:
		return "The state is kept: missing data is ignored."
	case v.state == InsufficientData:
		return fmt.Sprintf("Insufficient Data: %s unknown.", were(v.filled, "datapoint"))
	case v.filled > 0 && (e.missingData() == "breaching" || e.missingData() == "notBreaching"):
		return e.filledReason(v)
	}
	matching, not, need, change := []string{}, "", e.need, "OK -> ALARM"
	if v.state == OK {
		not, need, change = "not ", e.of-e.need+1, "ALARM -> OK"
	}
	for _, i := range v.evaluated {
		if e.breaches(points[i].Value) == (v.state == InAlarm) {
			matching = append(matching, fmt.Sprintf("%s (%s)", javaDouble(points[i].Value), points[i].At.UTC().Format("02/01/06 15:04:05")))
		}
	}
	verb := "were"
	if len(matching) == 1 {
		verb = "was"
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints [%s] %s %s%s the threshold (%s) (minimum %s for %s transition).",
		len(matching), e.of, strings.Join(matching, ", "), verb, not, e.words(), javaDouble(e.alarm.Threshold), plural(need, "datapoint"), change)
}

// filledReason is the reason where made-up data points counted.
func (e *Evaluator) filledReason(v verdict) string {
	as := map[string]string{"breaching": "Breaching", "notBreaching": "NonBreaching"}[e.missingData()]
	received := were(len(v.evaluated), "datapoint") + " received"
	if len(v.evaluated) == 0 {
		received = "no datapoints were received"
	}
	return fmt.Sprintf("Threshold Crossed: %s for %s and %s treated as [%s].", received, plural(e.of, "period"), were(v.filled, "missing datapoint"), as)
}

func (e *Evaluator) words() string {
	return map[string]string{
		"GreaterThanThreshold":          "greater than",
		"GreaterThanOrEqualToThreshold": "greater than or equal to",
		"LessThanThreshold":             "less than",
		"LessThanOrEqualToThreshold":    "less than or equal to",
	}[e.alarm.ComparisonOperator]
}

func plural(count int, noun string) string {
	if count == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", count, noun)
}

func were(count int, noun string) string {
	if count == 1 {
		return plural(count, noun) + " was"
	}
	return plural(count, noun) + " were"
}

// javaDouble writes a number as CloudWatch does: 1.0, 0.014, 1.0E-4.
func javaDouble(v float64) string {
	if size := math.Abs(v); size != 0 && (size < 1e-3 || size >= 1e7) {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
		sign := strings.TrimSuffix(exponent[:1], "+")
		return withPoint(mantissa) + "E" + sign + strings.TrimLeft(exponent[1:], "0")
	}
	return withPoint(strconv.FormatFloat(v, 'f', -1, 64))
}

func withPoint(digits string) string {
	if strings.Contains(digits, ".") {
		return digits
	}
	return digits + ".0"
}
