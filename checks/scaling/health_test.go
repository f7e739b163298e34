package scaling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// ec2-auto-scaling-health-checks, health-check-grace-period and understand-how-suspending-processes-affects-other-processes.
func TestUnhealthyInstancesAreReplacedAsAWSDoes(t *testing.T) {
	hang, stop := []Event{{At: 5*min1 + 10*second, Hang: 1}}, []Event{{At: 5*min1 + 10*second, Stop: 1}}
	// A new instance comes into service at 2:00, so that a grace period has something to apply to.
	young := func(s *Scenario) {
		s.Group.Min, s.Group.Desired = 1, 1
		s.Policies.Step = []Step{{Alarm: above(1), Type: ExactCapacity, Steps: []StepAdjustment{{ptr(0.0), nil, 2}}}}
		s.Demand = level(10)
	}
	for _, c := range []struct {
		name   string
		change func(*Scenario)
		// replaced are the decisions, left is what answers at the end.
		replaced []string
		left     int
	}{
		{"one that stopped is noticed at the next check", func(s *Scenario) { s.Events = stop },
			[]string{"6:00 replace 1 instance no longer running, taken out"}, 3},
		{"one that hangs is noticed once the load balancer has called it unhealthy", func(s *Scenario) {
			s.Events, s.Group.LoadBalancer.Detect = hang, 70*second
		}, []string{"7:00 replace 1 instance unhealthy for the load balancer, 1 instance taken out"}, 3},
		{"one that hangs is never noticed with health check type EC2", func(s *Scenario) {
			s.Events, s.Group.LoadBalancer.HealthCheck = hang, false
		}, []string{}, 2},
		{"one that hangs is never noticed without a load balancer", func(s *Scenario) { s.Events, s.Group.LoadBalancer = hang, nil },
			[]string{}, 2},
		{"one that stops is noticed with health check type EC2", func(s *Scenario) {
			s.Events, s.Group.LoadBalancer.HealthCheck = stop, false
		}, []string{"6:00 replace 1 instance no longer running, taken out"}, 3},
		{"one that hangs within its grace period is replaced after it", func(s *Scenario) {
			young(s)
			s.Group.HealthCheckGrace, s.Events = 20*min1, []Event{{At: 5 * min1, Hang: 2}} // the other one is old
		}, []string{
			"6:00 replace 1 instance unhealthy for the load balancer, 1 instance taken out",
			"22:00 replace 1 instance unhealthy for the load balancer, 1 instance taken out",
		}, 2},
		{"one that stops within its grace period is replaced at once", func(s *Scenario) {
			young(s)
			s.Group.HealthCheckGrace, s.Events = 20*min1, []Event{{At: 5 * min1, Stop: 2}}
		}, []string{"6:00 replace 2 instances no longer running, taken out"}, 2},
		{"a grace period shorter than the start kills each instance before it answers", func(s *Scenario) {
			young(s)
			s.Group.ReadyTime, s.Group.HealthCheckGrace, s.Duration = 3*min1, min1, 8*min1
		}, []string{
			"3:00 replace 1 instance unhealthy for the load balancer, 1 instance taken out",
			"5:00 replace 1 instance unhealthy for the load balancer, 1 instance taken out",
			"7:00 replace 1 instance unhealthy for the load balancer, 1 instance taken out",
		}, 1},
		{"those that hang are replaced one at a time, with a wait for each to warm up", func(s *Scenario) {
			s.Events = []Event{{At: 5*min1 + 10*second, Hang: 3}}
		}, []string{
			"6:00 replace 3 instances unhealthy for the load balancer, 1 instance taken out",
			"8:00 replace 2 instances unhealthy for the load balancer, 1 instance taken out",
			"10:00 replace 1 instance unhealthy for the load balancer, 1 instance taken out",
		}, 3},
		{"a large group replaces ten percent at a time", func(s *Scenario) {
			s.Group.Desired = 30
			s.Events = []Event{{At: 5*min1 + 10*second, Hang: 5}}
		}, []string{
			"6:00 replace 5 instances unhealthy for the load balancer, 3 instances taken out",
			"8:00 replace 2 instances unhealthy for the load balancer, 2 instances taken out",
		}, 30},
		{"it doesn't wait for a launch while above ninety percent", func(s *Scenario) {
			s.Group.Desired, s.Group.Max, s.Group.LaunchTime = 40, 40, 5*min1
			s.Events = []Event{{At: 5*min1 + 10*second, Stop: 1}, {At: 6*min1 + 10*second, Hang: 2}}
		}, []string{
			"6:00 replace 1 instance no longer running, taken out",
			"7:00 replace 2 instances unhealthy for the load balancer, 2 instances taken out",
		}, 40},
		{"with HealthCheck suspended nothing is noticed", func(s *Scenario) {
			s.Events, s.Group.Suspended = stop, []Process{HealthCheck}
		}, []string{}, 2},
		{"with ReplaceUnhealthy suspended nothing is replaced", func(s *Scenario) {
			s.Events, s.Group.Suspended = stop, []Process{ReplaceUnhealthy}
		}, []string{}, 2},
		{"with Terminate suspended nothing is replaced", func(s *Scenario) {
			s.Events, s.Group.Suspended = stop, []Process{Terminate}
		}, []string{}, 2},
		{"with Launch suspended it is taken out and nothing comes in its place", func(s *Scenario) {
			s.Events, s.Group.Suspended = stop, []Process{Launch}
		}, []string{"6:00 replace 1 instance no longer running, taken out"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scene(1, 3, 30)
			c.change(&s)
			series := run(t, s)
			assert.Equal(t, c.replaced, told(series, Replaced))
			assert.Equal(t, c.left, at(t, series, s.Duration).Answering)
		})
	}
}

func TestSuspendedProcessesStopScaling(t *testing.T) {
	for _, c := range []struct {
		process Process
		demand  float64
		want    []string
		blocked []string
	}{
		{AlarmNotification, 300, []string{}, []string{}},
		{AlarmNotification, 10, []string{}, []string{}},
		{Launch, 300, []string{}, []string{"3:00 blocked track: LoadPerInstance is 100 for a target of 50, with 3 instances warm, but the process Launch is suspended"}},
		{Launch, 10, []string{"15:00 3->1"}, []string{}},
		{Terminate, 300, []string{"3:00 3->6"}, []string{}},
		{Terminate, 10, []string{}, []string{"15:00 blocked track: LoadPerInstance is 3.3 for a target of 50, with 3 instances, but the process Terminate is suspended"}},
		{Process("ScheduledActions"), 300, []string{"3:00 3->6"}, []string{}},
	} {
		t.Run(string(c.process), func(t *testing.T) {
			s := scene(1, 3, 9)
			s.Group.Suspended = []Process{c.process}
			s.Policies.TargetTracking = []TargetTracking{tracking(50)}
			s.Demand, s.Duration = level(c.demand), 20*min1
			series := run(t, s)
			assert.Equal(t, c.want, resizes(series))
			assert.Equal(t, c.blocked, told(series, Blocked))
		})
	}
}

func TestAnEventAtTheEndAndOneOfMoreThanThereIsChangeWhatTheyCan(t *testing.T) {
	s := scene(1, 2, 3)
	s.Duration = 10 * min1
	s.Events = []Event{{At: 599 * second, Stop: 100}, {At: time.Hour, LoseZone: "a"}}
	series := run(t, s)
	assert.Equal(t, 0, at(t, series, 10*min1).Answering)
	assert.Equal(t, []Recovery{{At: 599, Event: "100 instances stopped", Before: 2, After: 0}}, series.Facts.Recoveries)
}
