package scaling

import (
	"slices"
	"time"
)

// minute is what happened within one minute, as sums over its seconds.
type minute struct {
	arrived, served, backlog float64
	answering, inService     int
}

// meter collects what CloudWatch would know.
type meter struct {
	service Service
	minutes []minute
	current minute
}

func (m *meter) add(arrived, served, backlog float64, c census) {
	m.current.arrived += arrived
	m.current.served += served
	m.current.backlog += backlog
	m.current.answering += c.answering
	m.current.inService += c.inService
}

// close ends the minute.
func (m *meter) close() {
	m.minutes = append(m.minutes, m.current)
	m.current = minute{}
}

// point is the data point of the period that just ended; false means that there is no data.
//
// AWS leaves instances that warm up out of what a group's metrics aggregate (ec2-auto-scaling-default-instance-warmup). As every
// instance that answers carries the same share, the average is the same with and without them.
func (m *meter) point(metric Metric, period int) (float64, bool) {
	var sum minute
	for _, one := range m.minutes[max(0, len(m.minutes)-period):] {
		sum.arrived += one.arrived
		sum.served += one.served
		sum.backlog += one.backlog
		sum.answering += one.answering
		sum.inService += one.inService
	}
	seconds := float64(period * 60)
	switch metric {
	case RequestCountPerTarget:
		// "emits zeros for periods with no associated data" (as-scaling-target-tracking)
		return ratio(sum.arrived*seconds, sum.answering), true
	case AverageCPU:
		return ratio(sum.served/m.service.UnitCapacity*100, sum.answering), sum.answering > 0
	case AverageNetworkIn:
		return ratio(sum.arrived*m.service.BytesIn*seconds, sum.answering), sum.answering > 0
	case AverageNetworkOut:
		return ratio(sum.served*m.service.BytesOut*seconds, sum.answering), sum.answering > 0
	case LoadPerInstance:
		return ratio(sum.arrived, sum.answering), sum.answering > 0
	default: // BacklogPerInstance; validate lets no other pass
		return ratio(sum.backlog, sum.inService), sum.inService > 0
	}
}

func ratio(sum float64, count int) float64 {
	if count == 0 {
		return 0
	}
	return sum / float64(count)
}

// period is the number of minutes between two data points of the metric.
// EC2 sends its metrics each 5 minutes unless detailed monitoring is on (as-scaling-target-tracking, "Monitoring Amazon EC2 metrics").
func (g Group) period(m Metric) int {
	ec2 := m == AverageCPU || m == AverageNetworkIn || m == AverageNetworkOut
	if ec2 && !g.DetailedMonitoring {
		return 5
	}
	return 1
}

// watch is a CloudWatch alarm: need of the last of data points must breach.
type watch struct {
	metric   Metric
	period   int // minutes
	need, of int
	breaches func(float64) bool
	history  []bool
	value    float64 // of the last data point
	fresh    bool    // the last period had data
}

func newWatch(a Alarm) *watch {
	need := a.DatapointsToAlarm
	if need == 0 {
		need = a.EvaluationPeriods
	}
	return &watch{
		metric: a.Metric, period: int(a.Period / time.Minute), need: need, of: a.EvaluationPeriods,
		breaches: func(v float64) bool { return a.Comparison.holds(v, a.Threshold) },
	}
}

func (c Comparison) holds(value, threshold float64) bool {
	switch c {
	case GreaterThanThreshold:
		return value > threshold
	case GreaterThanOrEqualToThreshold:
		return value >= threshold
	case LessThanThreshold:
		return value < threshold
	default:
		return value <= threshold
	}
}

// observe takes the data point of a period that ended with this minute.
func (w *watch) observe(m *meter) {
	if len(m.minutes)%w.period != 0 {
		return
	}
	value, ok := m.point(w.metric, w.period)
	if w.fresh = ok; !ok {
		return
	}
	w.value = value
	w.history = append(w.history, w.breaches(value))
	if len(w.history) > w.of {
		w.history = slices.Delete(w.history, 0, 1)
	}
}

// alarm says that the alarm is in ALARM. It then invokes the policy each minute, whatever its period
// (https://repost.aws/knowledge-center/autoscaling-policy-cloudwatch-alarm).
func (w *watch) alarm() bool {
	breaching := 0
	for _, b := range w.history {
		if b {
			breaching++
		}
	}
	return breaching >= w.need
}
