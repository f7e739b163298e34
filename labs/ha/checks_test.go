package ha

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/reach"
	"labctl/labs/labtest"
)

func judgedAll(t *testing.T, a *account) map[string]checks.Finding {
	t.Helper()
	return labtest.Judge(t, New(), a.inventory)
}

func notPassing(t *testing.T, a *account) []string {
	t.Helper()
	return labtest.Failing(t, New(), a.inventory)
}

func accounts() labtest.Accounts[*account] {
	return labtest.Accounts[*account]{
		Lab: New(), Designs: []string{reference, stepwise, twoZones, database}, Mutations: mutations(),
		Load: load, Inventory: (*account).inventory,
		Stranger: func(t *testing.T) *account { return &account{Facts: stranger(t), t: t, run: "stranger"} },
		Add:      func(t *testing.T, a *account) { a.add(stranger(t)) },
	}
}

func TestEveryCorrectDesignPassesEveryCheck(t *testing.T) { accounts().EveryDesignPasses(t) }

func TestTheStrangerIsBroken(t *testing.T) { accounts().TheStrangerIsBroken(t) }

func TestEachMutationBreaksExactlyTheChecksThatItsFaultNames(t *testing.T) {
	accounts().EachFaultBreaksWhatItNames(t, reference)
}

func TestAStrangerInTheAccountHidesNoFault(t *testing.T) {
	accounts().EachFaultBreaksWhatItNamesBesideAStranger(t, reference)
}

func TestWithoutTheTagsNothingPasses(t *testing.T) {
	accounts().NothingPasses(t, reference, map[string]func(*account){
		"nothing carries the scope's tag": func(a *account) { a.run = "nobody" },
		"nothing carries a role": func(a *account) {
			delete(a.group().Tags, roleTag)
			delete(a.queue(roleOrders).Tags, roleTag)
			delete(a.Tables[0].Tags, roleTag)
		},
		"the account is empty": func(a *account) { a.Facts = inventory.Facts{Network: &reach.Network{}} },
	})
}

func TestAHandBuiltDesignIsJudgedByAnyTag(t *testing.T) {
	a := load(t, reference)
	for _, tags := range []map[string]string{a.group().Tags, a.queue(roleOrders).Tags, a.queue("dead-letter").Tags, a.queue("events").Tags, a.Tables[0].Tags} {
		delete(tags, "labctl:run")
		tags["project"] = "tickets"
	}
	inv := inventory.Of(a.Facts, fixtureAccount, fixtureRegion, inventory.Scope{Key: "project", Value: "tickets"})
	for _, check := range New().Checks {
		finding, err := check.Decide(t.Context(), inv)
		require.NoError(t, err, check.ID)
		assert.Equal(t, checks.Pass, finding.Status, "%s: %v", check.ID, finding.Found)
	}
}

func TestTheReplayIsDrawnAndListed(t *testing.T) {
	for _, fault := range []string{"", "long-warmup"} {
		a := load(t, reference)
		if fault != "" {
			mutations()[fault](a)
		}
		finding := judgedAll(t, a)["ha-sim"]
		require.NotEmpty(t, finding.Figure)
		for _, line := range finding.Figure {
			assert.LessOrEqual(t, len([]rune(line)), plotWidth)
		}
		text, err := json.Marshal(finding.Series)
		require.NoError(t, err)
		for _, name := range []string{"demand", "capacity", "backlog", "decisions"} {
			assert.Contains(t, string(text), `"`+name+`"`)
		}
	}
}

// variant is a change of the reference that a check has to see through, whichever way.
type variant struct {
	check, name string
	change      func(*account)
	status      checks.Status
	says        string
}

func TestChecksJudgeThePropertyAndNotItsUsualShape(t *testing.T) {
	for _, v := range append(append(capacityVariants(), pathVariants()...), partVariants()...) {
		t.Run(v.check+" "+v.name, func(t *testing.T) {
			a := load(t, reference)
			v.change(a)
			finding := judgedAll(t, a)[v.check]
			assert.Equal(t, v.status, finding.Status, "%v", finding.Found)
			assert.Contains(t, strings.Join(finding.Found, "\n"), v.says)
		})
	}
}

func capacityVariants() []variant {
	return []variant{
		{"ha-static", "all instances in one of three zones", func(a *account) {
			for n := range a.group().Members {
				a.group().Members[n].AvailabilityZone = "us-east-1a"
			}
		}, checks.Fail, "in service now 0 are left"},
		{"ha-static", "an unhealthy instance does not count", func(a *account) {
			a.group().Members[0].HealthStatus = "Unhealthy"
		}, checks.Fail, "in service now 1 is left"},
		{"ha-static", "more than needed", func(a *account) { a.group().MinSize, a.group().MaxSize = 6, 40 }, checks.Pass, "minimum of 6"},
		{"ha-elb-health", "with two kinds of check", func(a *account) { a.group().HealthCheckType = "EC2,ELB" }, checks.Pass, "EC2,ELB"},
		{"ha-elb-health", "no grace at all", func(a *account) { a.group().HealthCheckGracePeriod = 0 }, checks.Fail, "replaced before it is ready"},
		{"ha-health-depth", "the front page", func(a *account) { a.target().HealthCheck.Path = "/" }, checks.Fail, "front page"},
		{"ha-health-depth", "TCP only", func(a *account) { a.target().HealthCheck.Protocol = "TCP" }, checks.Fail, "any process"},
		{"ha-health-depth", "slow to notice", func(a *account) { a.target().HealthCheck.UnhealthyThreshold = 5 }, checks.Fail, "needs 50s"},
		{"ha-health-depth", "each 5 s, six times", func(a *account) {
			a.target().HealthCheck.IntervalSeconds, a.target().HealthCheck.UnhealthyThreshold = 5, 6
		}, checks.Pass, "within 30s"},
		{"ha-headroom", "just enough", func(a *account) { a.group().MaxSize = 13 }, checks.Pass, "130 requests/s"},
		{"ha-headroom", "one too few", func(a *account) { a.group().MaxSize = 12 }, checks.Fail, "120 requests/s"},
		{"ha-policy", "none", func(a *account) { a.ScalingPolicies = nil }, checks.Fail, "no enabled policy"},
		{"ha-policy", "disabled", func(a *account) { a.ScalingPolicies[0].Enabled = false }, checks.Fail, "no enabled policy"},
		{"ha-policy", "by CPU", func(a *account) {
			a.ScalingPolicies[0].PredefinedMetric, a.ScalingPolicies[0].TargetValue = "ASGAverageCPUUtilization", 50
		}, checks.Pass, "ASGAverageCPUUtilization"},
		{"ha-policy", "by a metric that nobody knows", func(a *account) {
			a.ScalingPolicies[0].PredefinedMetric, a.ScalingPolicies[0].CustomMetric = "", "Tickets/Mood"
		}, checks.Error, "Tickets/Mood"},
		{"ha-sim", "by a metric that nobody knows", func(a *account) {
			a.ScalingPolicies[0].PredefinedMetric, a.ScalingPolicies[0].CustomMetric = "", "Tickets/Mood"
		}, checks.Error, "cannot be replayed"},
		{"ha-policy", "a warm-up as long as the ramp", func(a *account) { a.group().DefaultInstanceWarmup = aws.Int(600) }, checks.Fail, "warm up"},
		{"ha-policy", "without a warm-up the cooldown counts", func(a *account) {
			a.group().DefaultInstanceWarmup, a.group().DefaultCooldown = nil, 900
		}, checks.Fail, "15m0s"},
		{"ha-sim", "instances too busy to lose a zone", func(a *account) { a.ScalingPolicies[0].TargetValue = 580 }, checks.Fail, "at the peak"},
		{"ha-sim", "no policy", func(a *account) { a.ScalingPolicies = nil }, checks.Fail, "never drains"},
		{"ha-sim", "large enough without any", func(a *account) { a.ScalingPolicies, a.group().MinSize, a.group().DesiredCapacity = nil, 21, 21 }, checks.Pass, "nothing ever waits"},
	}
}

func pathVariants() []variant {
	rule := func(a *account, role string) *reach.IpPermission { return &a.securityGroup(role).IpPermissions[0] }
	return []variant{
		{"ha-path", "the instances' group admits the balancer's subnets instead", func(a *account) {
			r := rule(a, roleApp)
			r.UserIdGroupPairs, r.IpRanges = nil, []reach.IpRange{{CidrIp: "10.64.0.0/21"}}
		}, checks.Pass, "none of these"},
		{"ha-path", "the balancer's group lets no visitor in", func(a *account) { rule(a, "balancer").IpRanges[0].CidrIp = "10.0.0.0/8" }, checks.Fail, "Visitors cannot reach"},
		{"ha-path", "the balancer may not open connections", func(a *account) { a.securityGroup("balancer").IpPermissionsEgress = nil }, checks.Fail, "cannot reach"},
		{"ha-path", "the health check asks another port", func(a *account) { a.target().HealthCheck.Port = "9090" }, checks.Fail, "tcp/9090, which the health check takes"},
		{"ha-path", "the public subnets lead nowhere", func(a *account) {
			for n, table := range a.Network.RouteTables {
				a.Network.RouteTables[n].Routes = slices.DeleteFunc(table.Routes, func(r reach.Route) bool { return strings.HasPrefix(r.GatewayId, "igw-") })
			}
		}, checks.Fail, "Visitors cannot reach"},
		{"ha-path", "a network ACL holds the replies back", func(a *account) {
			for n := range a.Network.NetworkAcls {
				acl := &a.Network.NetworkAcls[n]
				acl.Entries = append(acl.Entries, reach.NetworkACLEntry{RuleNumber: 1, Egress: true, RuleAction: "deny", Protocol: "6", CidrBlock: "10.64.0.0/16", PortRange: &reach.PortRange{From: 32768, To: 65535}})
			}
		}, checks.Fail, "on the way back"},
		{"ha-path", "the instances are on the internet and open to it", func(a *account) {
			r := rule(a, roleApp)
			r.Ipv6Ranges = []reach.Ipv6Range{{CidrIpv6: "::/0"}}
			for n := range a.Network.RouteTables {
				for m := range a.Network.RouteTables[n].Routes {
					route := &a.Network.RouteTables[n].Routes[m]
					if route.DestinationIpv6CidrBlock == "::/0" {
						route.EgressOnlyInternetGatewayId, route.GatewayId = "", a.Network.InternetGateways[0].InternetGatewayId
					}
				}
			}
		}, checks.Fail, "directly"},
		{"ha-path", "no listener", func(a *account) { a.balancer().Listeners = nil }, checks.Fail, "No listener"},
		{"ha-az-match", "no listener", func(a *account) { a.balancer().Listeners = nil }, checks.Fail, "No listener"},
		{"ha-az-match", "no target group", func(a *account) { a.group().TargetGroupARNs = nil }, checks.Fail, "No listener"},
		{"ha-az-match", "a zone more on the balancer", func(a *account) {
			a.balancer().Zones = append(a.balancer().Zones, inventory.BalancerZone{ZoneName: "us-east-1f", SubnetId: "subnet-0f"})
		}, checks.Pass, "serves all zones"},
		{"ha-drain", "a hook that nobody completes", func(a *account) {
			a.LifecycleHooks = []inventory.LifecycleHook{{LifecycleHookName: "warm", AutoScalingGroupName: a.group().AutoScalingGroupName, HeartbeatTimeout: 3600}}
		}, checks.Fail, "hook warm"},
		{"ha-drain", "a hook that ends", func(a *account) {
			a.LifecycleHooks = []inventory.LifecycleHook{{LifecycleHookName: "warm", AutoScalingGroupName: a.group().AutoScalingGroupName, HeartbeatTimeout: 60}}
		}, checks.Pass, "1 lifecycle hook"},
	}
}

func partVariants() []variant {
	return []variant{
		{"ha-buffer", "no dead-letter queue", func(a *account) { a.queue(roleOrders).DeadLetterTargetArn = "" }, checks.Fail, "no dead-letter queue"},
		{"ha-buffer", "a dead-letter queue that is gone", func(a *account) { a.queue(roleOrders).DeadLetterTargetArn += "-gone" }, checks.Fail, "does not exist"},
		{"ha-buffer", "one receive", func(a *account) { a.queue(roleOrders).MaxReceiveCount = 1 }, checks.Fail, "after 1 receive"},
		{"ha-buffer", "a thousand receives", func(a *account) { a.queue(roleOrders).MaxReceiveCount = 1000 }, checks.Fail, "1000 times"},
		{"ha-buffer", "dead letters that expire", func(a *account) { a.queue("dead-letter").MessageRetentionPeriod = 3600 }, checks.Fail, "vanish"},
		{"ha-template", "a launch configuration", func(a *account) { a.group().LaunchTemplates, a.group().LaunchConfiguration = nil, "old" }, checks.Fail, `"old"`},
		{"ha-template", "nothing said of tokens", func(a *account) { a.LaunchTemplateVersions[0].HTTPTokens = "" }, checks.Fail, "not set"},
		{"ha-template", "no metadata service at all", func(a *account) {
			a.LaunchTemplateVersions[0].HTTPTokens, a.LaunchTemplateVersions[0].HTTPEndpoint = "", "disabled"
		}, checks.Pass, "version 1"},
		{"ha-mixed", "types by their attributes", func(a *account) { a.group().InstanceTypes, a.group().AttributeBased = nil, true }, checks.Pass, "attributes"},
		{"ha-db", "a database without a standby", func(a *account) {
			a.Databases = []inventory.Database{{Identifier: "orders", DeletionProtection: true, Tags: a.Tables[0].Tags}}
			a.Tables = nil
		}, checks.Fail, "no standby"},
		{"ha-db", "a cluster in two zones", func(a *account) {
			a.Databases = []inventory.Database{{Identifier: "orders", Cluster: true, MultiAZ: true, DeletionProtection: true, Tags: a.Tables[0].Tags}}
			a.Tables = nil
		}, checks.Pass, "standby"},
		{"ha-notify", "only launches that work are told", func(a *account) {
			a.GroupNotifications = slices.DeleteFunc(a.GroupNotifications, func(n inventory.GroupNotification) bool { return n.NotificationType == launchError })
		}, checks.Fail, "tells nobody"},
		{"ha-notify", "the queue refuses the topic", func(a *account) { a.queue("events").Policy = "" }, checks.Fail, "does not let topic"},
		{"ha-notify", "an e-mail address only", func(a *account) { a.Subscriptions[0].Protocol = "email" }, checks.Fail, "No queue is subscribed"},
		{"ha-notify", "not confirmed", func(a *account) { a.Subscriptions[0].SubscriptionArn = "PendingConfirmation" }, checks.Fail, "not confirmed"},
		{"ha-notify", "a filter on the body", func(a *account) {
			a.Subscriptions[0].FilterPolicy, a.Subscriptions[0].FilterScope = `{"Event":["x"]}`, "MessageBody"
		}, checks.Error, "cannot be decided"},
	}
}
