package scaling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// The table of as-scaling-simple-step, "Scaling adjustment types".
func TestAdjustmentsRoundAsAWSDoes(t *testing.T) {
	for _, c := range []struct {
		name                          string
		kind                          AdjustmentType
		capacity, adjustment, atLeast int
		want                          int
	}{
		{"a change is added", ChangeInCapacity, 3, 5, 0, 8},
		{"a change is removed", ChangeInCapacity, 8, -3, 0, 5},
		{"there is no negative capacity", ChangeInCapacity, 2, -5, 0, 0},
		{"exact capacity", ExactCapacity, 3, 5, 0, 5},
		{"ten percent of ten", PercentChangeInCapacity, 10, 10, 0, 11},
		{"12.7 more are 12", PercentChangeInCapacity, 127, 10, 0, 139},
		{"0.67 more are 1", PercentChangeInCapacity, 67, 1, 0, 68},
		{"0.58 fewer are 1", PercentChangeInCapacity, 58, -1, 0, 57},
		{"6.67 fewer are 6", PercentChangeInCapacity, 667, -1, 0, 661},
		{"at least two", PercentChangeInCapacity, 4, 25, 2, 6},
		{"at least two fewer", PercentChangeInCapacity, 8, -10, 2, 6},
		{"the least change is not for other types", ChangeInCapacity, 4, 1, 2, 5},
		{"no percent is no change", PercentChangeInCapacity, 4, 0, 2, 4},
	} {
		assert.Equal(t, c.want, c.kind.apply(c.capacity, c.adjustment, c.atLeast), c.name)
	}
}

// outSteps and inSteps are those of the example of as-scaling-simple-step, "Step adjustments", on a threshold of 50.
func outSteps() []StepAdjustment {
	return []StepAdjustment{{ptr(0.0), ptr(10.0), 0}, {ptr(10.0), ptr(20.0), 10}, {ptr(20.0), nil, 30}}
}

func inSteps() []StepAdjustment {
	return []StepAdjustment{{ptr(-10.0), ptr(0.0), 0}, {ptr(-20.0), ptr(-10.0), -10}, {nil, ptr(-20.0), -30}}
}

func TestABreachFallsIntoOneStep(t *testing.T) {
	for _, c := range []struct {
		name   string
		steps  []StepAdjustment
		breach float64
		want   int
		found  bool
	}{
		{"at the threshold", outSteps(), 0, 0, true},
		{"the upper bound is exclusive above the threshold", outSteps(), 9.99, 0, true},
		{"the lower bound is inclusive above the threshold", outSteps(), 10, 10, true},
		{"no upper bound", outSteps(), 1000, 30, true},
		{"below the steps", outSteps(), -1, 0, false},
		{"the upper bound is inclusive below the threshold", inSteps(), -10, -10, true},
		{"the lower bound is exclusive below the threshold", inSteps(), -20, -30, true},
		{"within a step below the threshold", inSteps(), -19.9, -10, true},
		{"no lower bound", inSteps(), -50, -30, true},
		{"above the steps", inSteps(), 1, 0, false},
	} {
		p := stepper{policy: Step{Steps: c.steps}}
		got, found := p.adjustment(c.breach)
		assert.Equal(t, c.found, found, c.name)
		assert.Equal(t, c.want, got, c.name)
	}
}

func stepping() Scenario {
	s := scene(1, 10, 30)
	s.Policies.Step = []Step{
		{Name: "out", Alarm: above(50), Type: PercentChangeInCapacity, Steps: outSteps()},
		{Name: "in", Alarm: below(50), Type: PercentChangeInCapacity, Steps: inSteps()},
	}
	s.Demand = level(500)
	return s
}

// The worked example of as-scaling-simple-step, "Step adjustments" and "Instance warm-up".
func TestStepScalingFollowsAWSsExample(t *testing.T) {
	warming := stepping()
	warming.Group.LaunchTime = time.Hour
	warming.Demand = jump(500, 5*min1, 600, 6*min1, 620, 8*min1, 700)
	series := run(t, warming)
	assert.Equal(t, []string{"6:00 10->11", "9:00 11->13"}, resizes(series),
		"the metric of 62 is in the same step while the instance comes up, that of 70 adds 3 to 10, of which 1 is there already")

	warm := stepping()
	warm.Demand = jump(500, 5*min1, 600, 8*min1, 770, 9*min1, 500) // 11 warm from 8:00 on; 70 each
	assert.Equal(t, []string{"6:00 10->11", "9:00 11->14"}, resizes(run(t, warm))[:2], "30 percent of 11 is 3.3, rounded down")

	in := stepping()
	in.Group.Desired = 14
	in.Demand = jump(700, 5*min1, 14*40, 6*min1, 13*29, 7*min1, 500)
	assert.Equal(t, []string{"6:00 14->13", "7:00 13->10"}, resizes(run(t, in))[:2], "10 percent of 14 is 1.4, 30 percent of 13 is 3.9")
}

func TestStepAndSimplePoliciesKeepAWSsRules(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Scenario)
		want   []string
	}{
		{"two of three points invoke a policy that wants two of three", func(s *Scenario) {
			alarm := above(60)
			alarm.EvaluationPeriods, alarm.DatapointsToAlarm = 3, 2
			s.Policies.Step = []Step{{Alarm: alarm, Type: ExactCapacity, Steps: []StepAdjustment{{ptr(0.0), nil, 12}}}}
			s.Demand = jump(500, 4*min1, 700, 5*min1, 500, 6*min1, 700, 7*min1, 500)
		}, []string{"7:00 10->12"}},
		{"a period of five minutes is looked at each five minutes", func(s *Scenario) {
			alarm := above(60)
			alarm.Period = 5 * min1
			s.Policies.Step = []Step{{Alarm: alarm, Type: ExactCapacity, Steps: []StepAdjustment{{ptr(0.0), nil, 12}}}}
			s.Demand = jump(500, 6*min1, 800)
		}, []string{"10:00 10->12"}},
		{"an alarm that stays invokes the policy each minute", func(s *Scenario) {
			s.Group.LoadBalancer = nil // nothing drains
			s.Policies.Step = []Step{{Alarm: below(60), Type: ChangeInCapacity, Steps: []StepAdjustment{{nil, ptr(0.0), -1}}}}
			s.Demand = level(100)
		}, []string{"1:00 10->9", "2:00 9->8", "3:00 8->7"}},
		{"a simple policy waits for the launch and then for the default cooldown", func(s *Scenario) {
			s.Policies.Simple = []Simple{{Alarm: above(60), Type: ChangeInCapacity, Adjustment: 1}}
			s.Demand = level(2000) // 1:00, in service 2:00, cooldown until 7:00
		}, []string{"1:00 10->11", "7:00 11->12", "13:00 12->13"}},
		{"the policy's cooldown comes before the group's", func(s *Scenario) {
			s.Policies.Simple = []Simple{{Alarm: above(60), Type: ChangeInCapacity, Adjustment: 1, Cooldown: ptr(2 * min1)}}
			s.Demand = level(2000)
		}, []string{"1:00 10->11", "4:00 11->12", "7:00 12->13"}},
		{"the cooldown starts when the last instance has drained", func(s *Scenario) {
			s.Group.LoadBalancer.DeregistrationDelay = 3 * min1
			s.Policies.Simple = []Simple{{Alarm: below(60), Type: ChangeInCapacity, Adjustment: -1}}
			s.Demand = level(100) // 1:00, drained 4:00, cooldown until 9:00
		}, []string{"1:00 10->9", "9:00 9->8"}},
		{"step scaling has no cooldown", func(s *Scenario) {
			s.Group.DefaultCooldown = time.Hour
			s.Policies.Step = []Step{{Alarm: above(60), Type: ChangeInCapacity, Steps: []StepAdjustment{{ptr(0.0), nil, 1}}}}
			s.Demand = level(2000) // 1:00, in service 2:00, warm 3:00
		}, []string{"1:00 10->11", "3:00 11->12", "5:00 12->13"}},
		{"step scaling in waits for the warm-up", func(s *Scenario) {
			s.Group.DefaultInstanceWarmup, s.Group.Min = ptr(10*min1), 1
			s.Policies.Step = []Step{
				{Alarm: above(60), Type: ChangeInCapacity, Steps: []StepAdjustment{{ptr(0.0), nil, 1}}},
				{Alarm: below(40), Type: ExactCapacity, Steps: []StepAdjustment{{nil, ptr(0.0), 5}}},
			}
			s.Demand = jump(700, min1, 100) // in service at 2:00, warm at 12:00
		}, []string{"1:00 10->11", "12:00 11->5"}},
		{"instances that drain still count for step scaling", func(s *Scenario) {
			s.Group.Desired, s.Group.LoadBalancer.DeregistrationDelay = 8, 3*min1
			s.Policies.Step = []Step{{Alarm: below(60), Type: PercentChangeInCapacity, Steps: []StepAdjustment{{nil, ptr(0.0), -50}}}}
		}, []string{"1:00 8->4", "4:00 4->2"}},
		{"a health check replacement delays a simple policy", func(s *Scenario) {
			s.Policies.Simple = []Simple{{Alarm: above(60), Type: ChangeInCapacity, Adjustment: 1}}
			s.Demand = jump(500, 2*min1, 2000)
			s.Events = []Event{{At: 90 * second, Stop: 1}} // replaced 2:00, in service 3:00, cooldown until 8:00
		}, []string{"8:00 10->11"}},
		{"of two policies the one with the larger capacity scales out", func(s *Scenario) {
			s.Policies.Step = []Step{{Alarm: above(60), Type: ExactCapacity, Steps: []StepAdjustment{{ptr(0.0), nil, 12}}}}
			s.Policies.Simple = []Simple{{Alarm: above(60), Type: ChangeInCapacity, Adjustment: 4}}
			s.Demand = jump(700, min1, 500)
		}, []string{"1:00 10->14"}},
		{"of two policies the one that leaves more scales in", func(s *Scenario) { // "25 percent of 8 = 2"
			s.Group.Desired = 8
			s.Policies.Simple = []Simple{
				{Alarm: below(40), Type: ChangeInCapacity, Adjustment: -3},
				{Alarm: below(40), Type: PercentChangeInCapacity, Adjustment: -25},
			}
			s.Demand = jump(300, min1, 500)
		}, []string{"1:00 8->6"}},
		{"scaling out wins over scaling in", func(s *Scenario) {
			s.Policies.Simple = []Simple{
				{Alarm: above(60), Type: ChangeInCapacity, Adjustment: 1}, {Alarm: above(60), Type: ChangeInCapacity, Adjustment: -5},
			}
			s.Demand = jump(700, min1, 500)
		}, []string{"1:00 10->11"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scene(1, 10, 30)
			c.change(&s)
			got := resizes(run(t, s))
			assert.Equal(t, c.want, got[:min(len(got), len(c.want))])
		})
	}
}

// as-scale-based-on-demand, examples 1 and 2.
func TestPoliciesStayWithinTheLimitsOfTheGroup(t *testing.T) {
	out := scene(1, 2, 3)
	out.Policies.Simple = []Simple{{Name: "out", Alarm: above(60), Type: ChangeInCapacity, Adjustment: 3}}
	out.Demand = level(1000)
	series := run(t, out)
	assert.Equal(t, []string{"1:00 2->3"}, resizes(series))
	assert.Equal(t, []string{
		"2:00 blocked out: LoadPerInstance is 500 for a threshold of 60: +3, but the cooldown lasts until 7:00",
		"7:00 blocked out: LoadPerInstance is 333 for a threshold of 60: +3, but the maximum is 3",
	}, told(series, Blocked))

	in := scene(2, 3, 9)
	in.Policies.Simple = []Simple{{Name: "in", Alarm: below(60), Type: ChangeInCapacity, Adjustment: -2}}
	assert.Equal(t, []string{"1:00 3->2"}, resizes(run(t, in)))
}
