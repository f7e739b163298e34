package scaling

// checkHealth is the group's periodic health check, with the replacement of what it finds. Suspending HealthCheck ends the
// finding, suspending ReplaceUnhealthy or Terminate the replacing (understand-how-suspending-processes-affects-other-processes).
func (r *replay) checkHealth(t int) {
	if r.rules.suspended(HealthCheck) || r.rules.suspended(ReplaceUnhealthy) || r.rules.suspended(Terminate) {
		return
	}
	var gone, unhealthy []int
	for n, i := range r.fleet.instances {
		switch {
		case i.gone:
			gone = append(gone, n)
		case r.unhealthy(t, i):
			unhealthy = append(unhealthy, n)
		}
	}
	// What no longer runs is replaced immediately, also within the grace period (ec2-auto-scaling-health-checks).
	for _, n := range gone {
		r.fleet.terminate(t, n)
	}
	if len(gone) > 0 {
		r.note(t, Replaced, "%s no longer running, taken out", instances(len(gone)))
	}
	r.replaceUnhealthy(t, unhealthy)
}

// unhealthy says that the load balancer has called an instance unhealthy and that the group heeds it. It doesn't with health
// check type EC2, nor within the grace period, which starts with InService (health-check-grace-period).
func (r *replay) unhealthy(t int, i instance) bool {
	if !r.rules.replacesHung || !i.attached || i.state != inService || i.answers(t) || t < i.since+r.rules.grace {
		return false
	}
	failing := i.since
	if t >= i.hung {
		failing = max(i.since, i.hung)
	}
	return t >= failing+r.rules.detect
}

// replaceUnhealthy takes out instances that still run. The group does so with 10 percent of its desired capacity at a time, at
// least one, and waits for instances that come up and for the default instance warm-up while it is not above 90 percent
// (ec2-auto-scaling-health-checks, "How Amazon EC2 Auto Scaling minimizes downtime").
func (r *replay) replaceUnhealthy(t int, unhealthy []int) {
	if len(unhealthy) == 0 {
		return
	}
	warm := r.fleet.warm(t, r.rules.warmup)
	busy := r.fleet.census.pending > 0 || warm < r.fleet.census.inService
	if busy && warm*10 <= r.desired*9 {
		return
	}
	batch := unhealthy[:min(len(unhealthy), max(1, r.desired/10))]
	for _, n := range batch {
		r.fleet.terminate(t, n)
	}
	r.note(t, Replaced, "%s unhealthy for the load balancer, %s taken out", instances(len(unhealthy)), instances(len(batch)))
}
