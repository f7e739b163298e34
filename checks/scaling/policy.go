package scaling

import "time"

// Policies are the dynamic scaling policies of a group. A disabled policy is left out.
type Policies struct {
	TargetTracking []TargetTracking
	Step           []Step
	Simple         []Simple
}

// Metric names a CloudWatch metric, or a custom one of a kind that AWS's pages describe.
type Metric string

// The metrics that can be replayed. All but BacklogPerInstance and LoadPerInstance have the names of AWS's predefined metrics.
const (
	// RequestCountPerTarget counts the requests of a period over the targets that answer: 100 a second make 6000 a minute.
	RequestCountPerTarget Metric = "ALBRequestCountPerTarget"
	// AverageCPU is in percent and can't exceed 100, however much work waits.
	AverageCPU Metric = "ASGAverageCPUUtilization"
	// AverageNetworkIn and AverageNetworkOut are bytes of a period and instance.
	AverageNetworkIn  Metric = "ASGAverageNetworkIn"
	AverageNetworkOut Metric = "ASGAverageNetworkOut"
	// BacklogPerInstance is the custom metric of as-using-sqs-queue: waiting work over instances in service.
	BacklogPerInstance Metric = "BacklogPerInstance"
	// LoadPerInstance is a custom metric: requests a second over instances that answer.
	LoadPerInstance Metric = "LoadPerInstance"
)

// TargetTracking keeps a metric near a target (as-scaling-target-tracking). AWS manages its alarms.
type TargetTracking struct {
	Name           string
	Metric         Metric
	Target         float64
	DisableScaleIn bool
	// Warmup is the policy's EstimatedInstanceWarmup, nil where it isn't set.
	Warmup *time.Duration
}

// Alarm is the CloudWatch alarm that invokes a step or simple policy.
type Alarm struct {
	Metric     Metric
	Threshold  float64
	Comparison Comparison
	// Period is a multiple of a minute.
	Period time.Duration
	// DatapointsToAlarm of the last EvaluationPeriods must breach; 0 means all of them.
	EvaluationPeriods, DatapointsToAlarm int
}

// Comparison is how an alarm compares the metric with its threshold, in CloudWatch's words.
type Comparison string

// The comparisons.
const (
	GreaterThanThreshold          Comparison = "GreaterThanThreshold"
	GreaterThanOrEqualToThreshold Comparison = "GreaterThanOrEqualToThreshold"
	LessThanThreshold             Comparison = "LessThanThreshold"
	LessThanOrEqualToThreshold    Comparison = "LessThanOrEqualToThreshold"
)

// AdjustmentType is how the number of an adjustment is meant (as-scaling-simple-step, "Scaling adjustment types").
type AdjustmentType string

// The adjustment types.
const (
	ChangeInCapacity        AdjustmentType = "ChangeInCapacity"
	ExactCapacity           AdjustmentType = "ExactCapacity"
	PercentChangeInCapacity AdjustmentType = "PercentChangeInCapacity"
)

// Step adjusts the capacity by the size of the breach (as-scaling-simple-step).
type Step struct {
	Name  string
	Alarm Alarm
	Type  AdjustmentType
	Steps []StepAdjustment
	// MinAdjustmentMagnitude is the least change of a PercentChangeInCapacity.
	MinAdjustmentMagnitude int
	// Warmup is the policy's EstimatedInstanceWarmup, nil where it isn't set.
	Warmup *time.Duration
}

// StepAdjustment is the change for a range of the metric. Bounds are relative to the alarm's threshold; nil is infinity.
type StepAdjustment struct {
	Lower, Upper *float64
	Adjustment   int
}

// Simple makes one adjustment, then waits for it to complete and for a cooldown (ec2-auto-scaling-scaling-cooldowns).
type Simple struct {
	Name                   string
	Alarm                  Alarm
	Type                   AdjustmentType
	Adjustment             int
	MinAdjustmentMagnitude int
	// Cooldown is nil where the group's default cooldown applies.
	Cooldown *time.Duration
}
