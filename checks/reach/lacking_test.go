package reach

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatTheSnapshotLacks(t *testing.T) {
	runTraces(t, lab, []traceCase{
		{name: "a route to a prefix list that it doesn't hold is said to be left out", change: func(b *builder) {
			b.addRoute("rtb-app-a", "pl-ghost vpce-s3")
		}, ask: "10.16.10.5 198.51.100.7 tcp/443", want: Reachable, says: "The snapshot doesn't hold prefix list pl-ghost"},
	})
	runTraces(t, hub, []traceCase{
		{name: "an attachment's security group references are on by default", change: func(b *builder) {
			b.clearGroup("sg-shared")
			b.groupRules("sg-shared", "in tcp/443 sg-prod")
			for i := range b.TransitGatewayVpcAttachments {
				b.TransitGatewayVpcAttachments[i].Options.SecurityGroupReferencingSupport = ""
			}
		}, ask: "eni-prod eni-shared tcp/443", want: Reachable},
		{name: "a transit gateway's are off by default", change: func(b *builder) {
			b.clearGroup("sg-shared")
			b.groupRules("sg-shared", "in tcp/443 sg-prod")
			b.TransitGateways[0].Options.SecurityGroupReferencingSupport = ""
		}, ask: "eni-prod eni-shared tcp/443", want: Unreachable, blocked: "security-group sg-shared forward"},
	})
}

func TestTheFinalRuleOfANetworkACLIsNoneThatCouldBeRemoved(t *testing.T) {
	b := lab()
	// The CLI prints the rule * with the number 32767, for IPv6 32768.
	b.aclEntries("acl-data", "32767 in deny all 0.0.0.0/0", "32767 out deny all 0.0.0.0/0", "32768 in deny all ::/0", "32768 out deny all ::/0")
	b.groupRules("sg-db", "in tcp/22 0.0.0.0/0")
	a := ask(t, New(&b.Network), "eni-app-a eni-db-a tcp/22")
	assert.Equal(t, Unreachable, a.Verdict)
	assert.Contains(t, a.BlockedBy.Explanation, "the final rule *")
	assert.NotContains(t, a.BlockedBy.Change, "32767")
}
