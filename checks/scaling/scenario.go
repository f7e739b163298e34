package scaling

import "time"

// Scenario is everything that one replay needs. All times are relative to its start; they are cut to whole seconds.
type Scenario struct {
	Group    Group
	Policies Policies
	Service  Service
	Demand   Demand
	Events   []Event
	// Duration is how long to replay, at most 48 hours.
	Duration time.Duration
}

// Group is the Auto Scaling group. At the start its desired capacity is in service, warm and spread over the zones.
type Group struct {
	Min, Max, Desired int
	// Zones are the enabled Availability Zones. Where zones are equal, the first one named is chosen.
	Zones []string
	// LaunchTime is from the launch to InService: boot, registration with the load balancer and launch lifecycle hooks.
	LaunchTime time.Duration
	// ReadyTime is from InService until the application answers, and so passes the load balancer's health check.
	ReadyTime time.Duration
	// HealthCheckGrace is how long after InService a failed load balancer health check has no consequence.
	HealthCheckGrace time.Duration
	// DefaultInstanceWarmup is nil where it isn't enabled, which is AWS's default.
	DefaultInstanceWarmup *time.Duration
	// DefaultCooldown is 300 s in AWS unless set. It also is the warm-up of a policy where no warm-up is set anywhere.
	DefaultCooldown time.Duration
	// LoadBalancer is nil where the group isn't attached to a target group: workers that read a queue.
	LoadBalancer *LoadBalancer
	// DetailedMonitoring says that EC2 metrics come each minute; without it they come each 5 minutes.
	DetailedMonitoring bool
	// Suspended lists the processes that are suspended all the time.
	Suspended []Process
}

// LoadBalancer is what the attached target group adds to the group's behaviour.
type LoadBalancer struct {
	// HealthCheck says that the group's health check type includes ELB: it replaces what the load balancer calls unhealthy.
	HealthCheck bool
	// Detect is how long a target must fail before it is unhealthy: interval times unhealthy threshold.
	Detect time.Duration
	// DeregistrationDelay is how long a leaving target drains.
	DeregistrationDelay time.Duration
}

// Service is what one instance does. Units are whatever the demand is counted in: requests or messages.
type Service struct {
	// UnitCapacity is what one instance carries in a second, at 100 percent CPU.
	UnitCapacity float64
	// Buffer is how much work can wait; what exceeds it is dropped. Use [Unlimited] for a queue, 0 where nothing can wait.
	Buffer float64
	// BytesIn and BytesOut are the sizes of one request and of its answer. Only the network metrics need them.
	BytesIn, BytesOut float64
}

// Process is a scaling process that can be suspended (as-suspend-resume-processes). The names are AWS's; those that are not
// listed here (ScheduledActions, InstanceRefresh) may be given and change nothing.
type Process string

// The processes that the replay knows.
const (
	Launch            Process = "Launch"
	Terminate         Process = "Terminate"
	AddToLoadBalancer Process = "AddToLoadBalancer"
	AlarmNotification Process = "AlarmNotification"
	AZRebalance       Process = "AZRebalance"
	HealthCheck       Process = "HealthCheck"
	ReplaceUnhealthy  Process = "ReplaceUnhealthy"
)

// Event is something that happens to the group from outside, at a moment. One of its fields besides At is set.
type Event struct {
	At time.Duration
	// LoseZone names a zone: its instances stop running and nothing can be launched there.
	LoseZone string
	// RestoreZone names a lost zone that works again.
	RestoreZone string
	// Stop is a number of instances that stop running, oldest first, from the zone with the most.
	Stop int
	// Hang is a number of instances, chosen likewise, that keep running but no longer answer: only the load balancer's check sees it.
	Hang int
}
