package ha

import "labctl/checks"

// What a target must show beyond what every emulator of these services does. The local server's corrections have the same names.
const (
	subnetIPv6         checks.Capability = "subnet-ipv6"
	interfaceAddresses checks.Capability = "interface-addresses"
	groupUpdates       checks.Capability = "group-updates"
	groupZones         checks.Capability = "group-zones"
	groupTargets       checks.Capability = "group-targets"
	unhealthyMembers   checks.Capability = "unhealthy-members"
	groupActivities    checks.Capability = "scaling-activities"
	groupNotifications checks.Capability = "scaling-notifications"
	scalingPolicies    checks.Capability = "scaling-policies"
	templateVersions   checks.Capability = "template-versions"
	redrivePolicies    checks.Capability = "redrive-policies"

	// loadScaling is shown by a target whose alarms follow real load and make groups scale. The local server has no load.
	loadScaling checks.Capability = "scaling-from-load"
)

// allChecks are the lab's properties, in the order of its table.
func allChecks() []checks.Check {
	all := zoneChecks()
	all = append(all, healthChecks()...)
	all = append(all, scalingChecks()...)
	return append(all, partChecks()...)
}

func zoneChecks() []checks.Check {
	return []checks.Check{{
		ID:          "ha-asg-az",
		Title:       "The group spans at least two zones",
		Requirement: zoneLoss,
		Evidence:    checks.Config,
		Refs:        []string{"AutoScaling.2"},
		Expected:    "The Auto Scaling group has subnets in two or more Availability Zones.",
		Why:         "A group in one zone is as available as that zone, however many instances it has.",
		Hint:        "A group launches into its subnets and nowhere else. List them with their zones.",
		Decide:      judge(decideGroupZones),
	}, {
		ID:          "ha-az-match",
		Title:       "Every zone of the group is enabled on the load balancer",
		Requirement: zoneLoss,
		Evidence:    checks.Analysis,
		Refs:        []string{"ELB.13"},
		Expected:    "Each zone in which the group launches instances is one of the load balancer's, and a listener uses the group's target group.",
		Why:         "Targets in a zone that the load balancer does not serve are healthy, paid for, and get no visitor.",
		Hint:        "Compare two lists of zones: that of the group's subnets and that of the load balancer's.",
		Decide:      judge(decideZoneMatch),
	}, {
		ID:          "ha-static",
		Title:       "What survives the loss of any one zone still carries the needed capacity",
		Requirement: zoneLoss,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL11-BP05", "REL01-BP06"},
		Needs:       []checks.Capability{groupZones},
		Expected:    "Without any one zone, the instances that are there now and those of the minimum carry 16 requests/s, and those of the maximum 128, with nothing launched.",
		Why:         "In the minute after a zone is lost everybody launches instances: what you need then, you need to have.",
		Hint:        "Take the minimum, spread it over the zones, and take one zone away. Then do the same with the maximum.",
		Decide:      judge(decideStatic),
	}}
}

func healthChecks() []checks.Check {
	return []checks.Check{{
		ID:          "ha-elb-health",
		Title:       "The group uses the load balancer's health check with a sane grace period",
		Requirement: sickInstances,
		Evidence:    checks.Config,
		Refs:        []string{"AutoScaling.1"},
		Expected:    "The group's health check type includes ELB; its grace period is longer than an instance takes to answer (30 s) and no longer than a recovery may take (300 s).",
		Why:         "EC2 calls an instance healthy that runs and answers nobody; and during the grace period nobody asks.",
		Hint:        "Two settings of the group say whom it asks about an instance, and from when on.",
		Decide:      judge(decideHealthType),
	}, {
		ID:          "ha-health-depth",
		Title:       "The check asks a health path, accepts only 200, and notices within 30 seconds",
		Requirement: sickInstances,
		Evidence:    checks.Config,
		Refs:        []string{"REL11-BP01"},
		Expected:    "Each target group checks a path of its own over HTTP, accepts 200 and nothing else, and needs 30 seconds or less to call a target unhealthy.",
		Why:         "A check that accepts errors finds a server, not a service.",
		Hint:        "Which answers count as healthy? And how many failures, how far apart, until a target is out?",
		Decide:      judge(decideHealthDepth),
	}, {
		ID:          "ha-path",
		Title:       "The load balancer reaches targets in every zone, the internet reaches none of them directly",
		Requirement: visitors,
		Evidence:    checks.Analysis,
		Refs:        []string{"SEC05-BP02"},
		Needs:       []checks.Capability{interfaceAddresses},
		Expected: "Visitors reach a node of the load balancer in each of its subnets, every node reaches each instance, there now or launched next, on the target's and " +
			"on the health check's port, replies included; and no packet from the internet reaches an instance.",
		Why:  "When no target answers, the load balancer is up, the instances are up, and the site is down.",
		Hint: "Follow a visitor: listener, load balancer's group, route, instance's group, and back. Compare the ports on both sides of each step.",

		Decide: judge(decidePath),
	}, {
		ID:          "ha-processes",
		Title:       "No scaling process is suspended",
		Requirement: repairs,
		Evidence:    checks.Config,
		Refs:        []string{"REL11-BP03"},
		Needs:       []checks.Capability{groupUpdates},
		Expected:    "The group's list of suspended processes is empty.",
		Why:         "A suspended process is a repair that will not happen, and nothing looks wrong until it is needed.",
		Hint:        "A group has ten processes that can be suspended one by one.",
		Decide:      judge(decideProcesses),
	}}
}

func scalingChecks() []checks.Check {
	return []checks.Check{{
		ID:          "ha-headroom",
		Title:       "The maximum covers peak load over a unit's capacity",
		Requirement: ramp,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL07-BP03"},
		Expected:    "As many instances as the group may have carry 128 requests/s: 13 or more, of 10 requests/s each.",
		Why:         "The maximum is the capacity that you have at the peak, whatever the policy wants.",
		Hint:        "Divide the peak by what one instance carries and compare.",
		Decide:      judge(decideHeadroom),
	}, {
		ID:          "ha-policy",
		Title:       "The group tracks a metric that follows demand, with a warm-up shorter than the ramp, and may scale both ways",
		Requirement: ramp,
		Evidence:    checks.Config,
		Refs:        []string{"REL07-BP01"},
		Needs:       []checks.Capability{groupUpdates, scalingPolicies},
		Expected: "An enabled policy scales out by a metric that rises with demand and falls with capacity (requests per target, CPU, backlog per instance), with a warm-up below 10 minutes; " +
			"one with such a metric may scale in.",
		Why:  "A metric that does not fall when capacity is added cannot steer, and a group that never shrinks is a fixed bill.",
		Hint: "What happens to the metric when twice as many visitors come, and what when twice as many instances are there? Who may take instances away?",

		Decide: judge(decidePolicy),
	}, {
		ID:          "ha-sim",
		Title:       "An 8x ramp replayed through the group's own limits, warm-up and cooldown drains the queue without flapping",
		Requirement: ramp,
		Evidence:    checks.Analysis,
		Refs:        []string{"REL12-BP03"},
		Needs:       []checks.Capability{groupUpdates, scalingPolicies},
		Expected: "From 16 to 128 requests/s in 10 minutes: nothing waits any more 10 minutes after the sale has begun, the group never turns around without demand having done so, and a zone " +
			"lost at the peak leaves no demand uncarried.",
		Why:    "Scaling is a control loop: its delays add up, and the sum decides whether it follows a ramp or chases it.",
		Hint:   "Read the figure: when does capacity leave demand behind, and what was it waiting for? Limits, warm-up, cooldown and the policy all take part.",
		Decide: decideSim,
	}}
}

func partChecks() []checks.Check {
	return []checks.Check{{
		ID:          "ha-buffer",
		Title:       "Redrive after 3 to 10 receives, visibility at least six times the work time",
		Requirement: payment,
		Evidence:    checks.Config,
		Refs:        []string{"REL04-BP02", "REL05-BP04"},
		Expected:    "The queue of orders hides a message for 180 s or more (an order takes up to 30) and gives it up after 3 to 10 receives, to a queue that exists.",
		Why:         "A message that is visible again before its work is done is worked on twice, and one that is never given up is worked on for ever.",
		Hint:        "Two attributes of the queue: how long a received message stays hidden, and after how many receives it goes where.",
		Decide:      judgeParts(decideBuffer),
	}, {
		ID:          "ha-drain",
		Title:       "Deregistration delay of 20 to 120 s, lifecycle hooks that end",
		Requirement: leaving,
		Evidence:    checks.Config,
		Refs:        []string{"ELB.7 (analogue)"},
		Expected:    "Each target group lets a leaving target answer for 20 to 120 s, and each lifecycle hook of the group gives up within 300 s.",
		Why:         "Every scale-in ends somebody's connection: the delay decides whether before or after the answer.",
		Hint:        "It is an attribute of the target group; hooks belong to the Auto Scaling group.",
		Decide:      judge(decideDrain),
	}, {
		ID:          "ha-template",
		Title:       "Launch template with IMDSv2 required",
		Requirement: launching,
		Evidence:    checks.Config,
		Refs:        []string{"AutoScaling.9", "EC2.170"},
		Needs:       []checks.Capability{templateVersions},
		Expected:    "The group launches from a launch template, and the version that it uses requires session tokens of the instance metadata service.",
		Why:         "With IMDSv1 one forged request through the site is enough to fetch the role's credentials.",
		Hint:        "Which version of the template does the group launch, and what does that version say of the metadata service?",
		Decide:      judge(decideTemplate),
	}, {
		ID:          "ha-mixed",
		Title:       "At least two instance types",
		Requirement: launching,
		Evidence:    checks.Config,
		Refs:        []string{"AutoScaling.6"},
		Needs:       []checks.Capability{groupUpdates},
		Expected:    "The group's mixed instances policy names two instance types or more, or the attributes that a type needs.",
		Why:         "In the hour in which you need twenty instances of a type, so do others: a zone can run out of one.",
		Hint:        "Look at the overrides of the group's mixed instances policy.",
		Decide:      judge(decideMixed),
	}, {
		ID:          "ha-db",
		Title:       "The data layer survives a zone (regional table, or Multi-AZ) and is protected from deletion",
		Requirement: orders,
		Evidence:    checks.Config,
		Refs:        []string{"RDS.5", "DynamoDB.6"},
		Expected:    "The orders are in a DynamoDB table or in a Multi-AZ database, and deletion protection is on.",
		Why:         "Everything else here can be made again in minutes; the orders cannot be made again at all.",
		Hint:        "One call deletes a table. What would have to be switched off first?",
		Decide:      judgeParts(decideData),
	}, {
		ID:          "ha-notify",
		Title:       "Launch failures reach a subscribed queue",
		Requirement: telling,
		Evidence:    checks.Config,
		Refs:        []string{"REL11-BP06"},
		Needs:       []checks.Capability{groupNotifications},
		Expected:    "The group publishes EC2_INSTANCE_LAUNCH_ERROR to a topic, and a queue is subscribed to that topic, unfiltered, whose policy lets the topic deliver.",
		Why:         "A group that cannot launch looks like one that has nothing to do.",
		Hint:        "Follow the message: which events go to which topic, who has subscribed, what does the subscription filter, and whom does the queue let send?",
		Decide:      judge(decideNotify),
	}}
}
