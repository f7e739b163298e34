package alarm

import (
	"testing"
	"time"
)

// BenchmarkEvaluation is a burn-rate alarm over six hours, with data for each minute.
func BenchmarkEvaluation(b *testing.B) {
	data := NewData()
	for n := range 24 * 60 {
		data.Put(requests, "Count", Values(minute(-n), 1, 1000))
		data.Put(errs, "Count", Values(minute(-n), 1, 3))
	}
	e := evaluator(b, burn("slow", 6, 6*time.Hour))
	for b.Loop() {
		if _, err := e.Evaluate(data, noon, OK); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDefinition is what a control loop pays for telling a monitor the same alarms again.
func BenchmarkDefinition(b *testing.B) {
	alarms := []Alarm{burn("fast", 14.4, time.Hour), burn("slow", 6, 6*time.Hour), above(2, 3)}
	composites := []Composite{{Name: "page", AlarmRule: "ALARM(fast) OR ALARM(slow)"}}
	m := NewMonitor()
	for b.Loop() {
		m.Define(alarms, composites)
	}
}
