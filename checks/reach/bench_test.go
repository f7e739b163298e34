package reach

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// large is a network of a VPC with that many subnets, security group rules and interfaces, in three tiers. Every interface of the data tier is
// guarded by rules that let many others in, but no interface of the app tier: a question that must look at every pair.
func large(subnets, rules, interfaces int) *builder {
	b := &builder{}
	b.vpc("vpc-1", "10.0.0.0/8")
	const perGroup = 20
	groups := max(rules/perGroup, 2)
	for i := range groups {
		var lines []string
		for j := range perGroup - 1 {
			lines = append(lines, fmt.Sprintf("in tcp/%d 10.200.%d.%d/32", 1000+j, i%250, j))
		}
		b.group(fmt.Sprintf("sg-%04d", i), "vpc-1", append(lines, "out all 0.0.0.0/0")...)
	}
	for i := range subnets {
		b.subnet(fmt.Sprintf("subnet-%04d", i), "vpc-1", string(rune('a'+i%3)), fmt.Sprintf("10.%d.%d.0/24", i/250, i%250))
		if i%20 == 0 {
			b.table(fmt.Sprintf("rtb-%04d", i), "vpc-1", []string{fmt.Sprintf("subnet-%04d", i)}, "10.100.0.0/16 pcx-1", "0.0.0.0/0 nat-1")
		}
	}
	for i := range interfaces {
		subnet := i * subnets / interfaces
		b.eni(fmt.Sprintf("eni-%04d", i), fmt.Sprintf("subnet-%04d", subnet), fmt.Sprintf("10.%d.%d.%d", subnet/250, subnet%250, 10+i%200),
			[]string{fmt.Sprintf("sg-%04d", i%groups)})
	}
	return b
}

// tiers are the subnets of a third of the network each.
func tiers(subnets int) (app, data Group) {
	var ids []string
	for i := range subnets {
		ids = append(ids, fmt.Sprintf("subnet-%04d", i))
	}
	return Subnets(ids[:subnets/3]...), Subnets(ids[subnets/3 : 2*subnets/3]...)
}

func BenchmarkTierToTier(b *testing.B) {
	for _, size := range []struct{ subnets, rules, interfaces int }{{20, 100, 10}, {200, 1000, 100}, {500, 2500, 250}, {1000, 5000, 500}, {2000, 10000, 1000}} {
		network := &large(size.subnets, size.rules, size.interfaces).Network
		app, data := tiers(size.subnets)
		name := fmt.Sprintf("subnets=%d,rules=%d,interfaces=%d", size.subnets, size.rules, size.interfaces)
		b.Run("index/"+name, func(b *testing.B) {
			for b.Loop() {
				New(network)
			}
		})
		e := New(network)
		b.Run("any/"+name, func(b *testing.B) {
			for b.Loop() {
				if leak, err := e.Any(Question{From: app, To: data}); err != nil || leak.Found {
					b.Fatal(leak, err)
				}
			}
		})
		b.Run("trace/"+name, func(b *testing.B) {
			q := Query{From: endpointOf(b, e, "eni-0000"), To: endpointOf(b, e, fmt.Sprintf("eni-%04d", size.interfaces-1)), Protocol: TCP, Ports: PortRange{5432, 5432}}
			for b.Loop() {
				e.Trace(q)
			}
		})
	}
}

// The answer for two subnets is that of the best pair of interfaces: where none works, all are tried.
func BenchmarkSubnetToSubnet(b *testing.B) {
	for _, interfaces := range []int{10, 50, 250, 500} {
		n := &builder{}
		n.vpc("vpc-1", "10.0.0.0/16")
		n.subnet("subnet-a", "vpc-1", "a", "10.0.0.0/23")
		n.subnet("subnet-b", "vpc-1", "a", "10.0.2.0/23")
		n.group("sg-a", "vpc-1", "out all 0.0.0.0/0")
		n.group("sg-b", "vpc-1", "in tcp/443 10.9.0.0/16")
		for i := range interfaces {
			n.eni(fmt.Sprintf("eni-a%d", i), "subnet-a", fmt.Sprintf("10.0.%d.%d", i/250, i%250+4), []string{"sg-a"})
			n.eni(fmt.Sprintf("eni-b%d", i), "subnet-b", fmt.Sprintf("10.0.%d.%d", 2+i/250, i%250+4), []string{"sg-b"})
		}
		e := New(&n.Network)
		q := Query{From: endpointOf(b, e, "subnet-a"), To: endpointOf(b, e, "subnet-b"), Protocol: TCP, Ports: PortRange{443, 443}}
		b.Run(fmt.Sprintf("interfaces=%d+%d", interfaces, interfaces), func(b *testing.B) {
			for b.Loop() {
				e.Trace(q)
			}
		})
	}
}

func endpointOf(t testing.TB, e *Engine, ref string) Endpoint {
	t.Helper()
	p, err := e.Endpoint(ref)
	require.NoError(t, err)
	return p
}

func TestATierToTierQuestionAboutALargeNetworkIsAnsweredWithinSeconds(t *testing.T) {
	start := time.Now()
	e := New(&large(2000, 10000, 1000).Network)
	app, data := tiers(2000)
	leak, err := e.Any(Question{From: app, To: data})
	require.NoError(t, err)
	assert.False(t, leak.Found)
	assert.Less(t, time.Since(start), 3*time.Second, "the aim is one second on an idle machine; this allows for a loaded one")
}
