package ha

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
)

// mostDetection is how long a target may fail until the load balancer leaves it out.
const mostDetection = 30 * time.Second

func decideHealthType(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		name, grace := group.AutoScalingGroupName, seconds(group.HealthCheckGracePeriod)
		if !slices.Contains(healthTypes(group), "ELB") {
			o.Add(fmt.Sprintf("Group %s asks %s about an instance's health, not the load balancer.", name, group.HealthCheckType), name)
		}
		switch {
		case grace > instanceObjective:
			o.Add(fmt.Sprintf("Group %s ignores failed health checks for %s after a launch: an instance that never answers stays that long, and %s is what its recovery may take.", name, grace, instanceObjective), name)
		case grace < readyTime:
			o.Add(fmt.Sprintf("Group %s gives an instance %s to answer, and it takes %s: each launch would be replaced before it is ready.", name, grace, readyTime), name)
		}
		told = append(told, fmt.Sprintf("Group %s asks %s, %s after a launch.", name, group.HealthCheckType, grace))
	}
	return told, nil
}

// healthTypes are the kinds of health check of a group: several are separated by commas.
func healthTypes(group inventory.AutoScalingGroup) []string {
	types := strings.Split(group.HealthCheckType, ",")
	for n := range types {
		types[n] = strings.TrimSpace(types[n])
	}
	return types
}

// eachTarget judges every target group, and says where a group has none.
func (a *architecture) eachTarget(ctx context.Context, o *checks.Offences, judge func(inventory.TargetGroup) string) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		targets, err := a.targetGroupsOf(ctx, group)
		if err != nil {
			return nil, err
		}
		if len(targets) == 0 {
			o.Add(fmt.Sprintf("Group %s is attached to no target group: no load balancer knows its instances.", group.AutoScalingGroupName), group.AutoScalingGroupName)
		}
		for _, target := range targets {
			told = append(told, judge(target))
		}
	}
	return told, nil
}

func decideHealthDepth(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	return a.eachTarget(ctx, o, func(target inventory.TargetGroup) string {
		check, name := target.HealthCheck, target.TargetGroupName
		offend := func(format string, args ...any) {
			o.Add(fmt.Sprintf("Target group %s ", name)+fmt.Sprintf(format, args...), target.TargetGroupArn)
		}
		if !check.Enabled {
			offend("does not check its targets.")
			return ""
		}
		path, _, _ := strings.Cut(check.Path, "?")
		switch {
		case !strings.HasPrefix(check.Protocol, "HTTP"):
			offend("checks by %s, which any process that listens passes.", check.Protocol)
		case path == "" || path == "/":
			offend("asks for %q, the front page: it says that a server is there, and costs as much as a visitor.", check.Path)
		}
		if check.Matcher != "200" {
			offend("accepts the codes %s as healthy: an instance that answers with an error stays in service.", check.Matcher)
		}
		notices := detection(target)
		if notices > mostDetection {
			offend("needs %s to notice: %s, %d s apart. Until then each of its share of visitors gets an error.", notices, typeset.Count(check.UnhealthyThreshold, "failure"), check.IntervalSeconds)
		}
		return fmt.Sprintf("Target group %s asks %s for %s, accepts %s, and notices a failure within %s.", name, check.Protocol, check.Path, check.Matcher, notices)
	})
}

// detection is how long a target fails until it is unhealthy.
func detection(target inventory.TargetGroup) time.Duration {
	return seconds(target.HealthCheck.IntervalSeconds * target.HealthCheck.UnhealthyThreshold)
}

func decideProcesses(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, group := range a.groups {
		for _, process := range group.SuspendedProcesses {
			o.Add(fmt.Sprintf("Group %s has the process %s suspended.", group.AutoScalingGroupName, process), group.AutoScalingGroupName)
		}
		told = append(told, fmt.Sprintf("Group %s has no process suspended.", group.AutoScalingGroupName))
	}
	return told, nil
}

// What a leaving target gets: enough for the slowest answer, and no more than a replacement can wait for.
const (
	leastDrain, mostDrain = 20 * time.Second, 120 * time.Second
	mostHook              = instanceObjective
)

func decideDrain(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	told, err := a.eachTarget(ctx, o, func(target inventory.TargetGroup) string {
		delay := drainOf(target)
		switch {
		case delay < leastDrain:
			o.Add(fmt.Sprintf("Target group %s lets a leaving target answer for %s: what it has begun is broken off.", target.TargetGroupName, delay), target.TargetGroupArn)
		case delay > mostDrain:
			o.Add(fmt.Sprintf("Target group %s lets a leaving target drain for %s: each scale-in and each replacement waits for it.", target.TargetGroupName, delay), target.TargetGroupArn)
		}
		return fmt.Sprintf("Target group %s lets a leaving target answer for %s.", target.TargetGroupName, delay)
	})
	if err != nil {
		return nil, err
	}
	for _, group := range a.groups {
		hooks, err := a.inv.LifecycleHooks(ctx, group.AutoScalingGroupName)
		if err != nil {
			return nil, err
		}
		for _, hook := range hooks {
			if wait := seconds(hook.HeartbeatTimeout); wait > mostHook {
				o.Add(fmt.Sprintf("Lifecycle hook %s of group %s lets an instance wait for %s if nobody completes it; %s is what a recovery may take.", hook.LifecycleHookName, group.AutoScalingGroupName, wait, mostHook), group.AutoScalingGroupName)
			}
		}
		told = append(told, fmt.Sprintf("Group %s has %s.", group.AutoScalingGroupName, typeset.Count(len(hooks), "lifecycle hook")))
	}
	return told, nil
}

// drainOf is the deregistration delay; 300 s is what AWS takes where nothing is set.
func drainOf(target inventory.TargetGroup) time.Duration {
	n, err := strconv.Atoi(target.Attributes["deregistration_delay.timeout_seconds"])
	if err != nil {
		n = 300
	}
	return seconds(n)
}
