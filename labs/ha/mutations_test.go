package ha

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"labctl/checks/inventory"
)

// mutations change a fixture as the fault with the same id changes the live lab.
func mutations() map[string]func(*account) {
	return map[string]func(*account){
		"one-subnet": func(a *account) {
			g := a.group()
			g.Subnets, g.AvailabilityZones = g.Subnets[:1], g.AvailabilityZones[:1]
			for n := range g.Members {
				g.Members[n].AvailabilityZone = a.zoneOf(g.Subnets[0])
			}
		},
		"balancer-zone-off": func(a *account) {
			off := a.zoneOf(a.group().Subnets[0])
			b := a.balancer()
			b.Zones = slices.DeleteFunc(b.Zones, func(z inventory.BalancerZone) bool { return z.ZoneName == off })
		},
		"minimum-halved":        func(a *account) { a.group().MinSize /= 2 },
		"health-type-ec2":       func(a *account) { a.group().HealthCheckType = "EC2" },
		"grace-hour":            func(a *account) { a.group().HealthCheckGracePeriod = 3600 },
		"matcher-wide":          func(a *account) { a.target().HealthCheck.Matcher = "200-499" },
		"launch-suspended":      func(a *account) { a.suspend("Launch") },
		"replacement-suspended": func(a *account) { a.suspend("ReplaceUnhealthy") },
		"maximum-desired":       func(a *account) { a.group().MaxSize = a.group().DesiredCapacity },
		"scale-in-off":          func(a *account) { a.ScalingPolicies[0].DisableScaleIn = true },
		"long-warmup":           func(a *account) { a.group().DefaultInstanceWarmup = aws.Int(540) },
		"short-visibility":      func(a *account) { a.queue(roleOrders).VisibilityTimeout = 5 },
		"no-drain":              func(a *account) { a.target().Attributes["deregistration_delay.timeout_seconds"] = "0" },
		"metadata-optional":     func(a *account) { a.LaunchTemplateVersions[0].HTTPTokens = "optional" },
		"one-type":              func(a *account) { a.group().InstanceTypes = a.group().InstanceTypes[:1] },
		"protection-off":        func(a *account) { a.Tables[0].DeletionProtectionEnabled = false },
		"subscription-dropped":  func(a *account) { a.Subscriptions = nil },
		"network-out": func(a *account) {
			p := &a.ScalingPolicies[0]
			p.PredefinedMetric, p.TargetValue = "ASGAverageNetworkOut", 5*60*instanceRate/2*answerBytes
		},
		"target-port-closed": func(a *account) {
			rule := &a.securityGroup(roleApp).IpPermissions[0]
			rule.FromPort, rule.ToPort = aws.Int(8081), aws.Int(8081)
		},
		"subscription-filtered": func(a *account) {
			a.Subscriptions = slices.Clone(a.Subscriptions)
			for n := range a.Subscriptions {
				a.Subscriptions[n].FilterPolicy, a.Subscriptions[n].FilterScope = `{"severity":["page"]}`, "MessageAttributes"
			}
		},
	}
}

func (a *account) zoneOf(subnet string) string {
	for _, s := range a.Network.Subnets {
		if s.SubnetId == subnet {
			return s.AvailabilityZone
		}
	}
	return ""
}

func (a *account) suspend(process string) {
	a.group().SuspendedProcesses = append(a.group().SuspendedProcesses, process)
}

// brokenIDs are the ids of the mutations, in order.
func brokenIDs() []string { return slices.Sorted(maps.Keys(mutations())) }
