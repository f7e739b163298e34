package reach

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func FuzzDecode(f *testing.F) {
	var text bytes.Buffer
	require.NoError(f, Encode(&text, &lab().Network))
	f.Add(text.Bytes())
	for _, s := range []string{"", "null", "{}", `{"Vpcs":null}`, `{"Subnets":[{"SubnetId":"subnet-1","CidrBlock":"10.0.0.0/8"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Decode(bytes.NewReader(data))
		if err != nil {
			require.ErrorIs(t, err, ErrNotSnapshot)
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		e := New(n)
		for _, q := range refs(e) {
			e.Trace(q)
		}
		e.Blackholes()
	})
}

// refs are queries between the first few things in a network.
func refs(e *Engine) []Query {
	ids := []string{"internet"}
	ids = append(ids, firstFew(sortedKeys(e.hosts))...)
	ids = append(ids, firstFew(sortedKeys(e.subnets))...)
	ids = append(ids, firstFew(sortedKeys(e.nats))...)
	var ends []Endpoint
	for _, id := range ids {
		if p, err := e.Endpoint(id); err == nil {
			ends = append(ends, p)
		}
	}
	var out []Query
	for _, from := range ends {
		for _, to := range ends {
			out = append(out, Query{From: from, To: to, Protocol: TCP, Ports: PortRange{443, 443}})
		}
	}
	return out
}

func firstFew(ids []string) []string { return ids[:min(len(ids), 3)] }

// mutate changes a network in a random way: it removes, duplicates, redirects and contradicts.
func mutate(r *rand.Rand, b *builder) {
	targets := []string{"nat-a", "nat-b", "igw-prod", "eigw-prod", "pcx-prod-shared", "pcx-dev-shared", "vpce-s3", "tgw-1", "vgw-1", "eni-web-a", "eni-gone", "local", "nat-gone", "nat-1", "igw-1"}
	cidrs := []string{"0.0.0.0/0", "10.0.0.0/8", "10.16.0.0/16", "10.16.20.0/24", "10.17.0.0/24", "10.18.0.5/32", "10.1.0.0/16", "10.2.1.0/24", "52.218.0.0/20", "128.0.0.0/1", "::/0", "2001:db8:16:20::/64", "64:ff9b::/96", "pl-s3"}
	one := func(list []string) string { return list[r.IntN(len(list))] }
	table := &b.RouteTables[r.IntN(len(b.RouteTables))]
	acl := &b.NetworkAcls[r.IntN(len(b.NetworkAcls))]
	eni := &b.NetworkInterfaces[r.IntN(len(b.NetworkInterfaces))]
	group := b.SecurityGroups[r.IntN(len(b.SecurityGroups))].GroupId
	switch r.IntN(14) {
	case 0, 1, 2:
		table.Routes = append(table.Routes, parseRoute(one(cidrs)+" "+one(targets)))
	case 3:
		if len(table.Routes) > 0 {
			table.Routes = slices.Delete(table.Routes, 0, 1)
		}
	case 4:
		table.Associations = nil
	case 5:
		rules := []string{"in all 0.0.0.0/0", "in tcp/443 0.0.0.0/0", "in tcp/443 ::/0", "out all 0.0.0.0/0", "out all ::/0", "in udp 10.0.0.0/8", "in all sg-web", "in all pl-s3", "out all pl-gone", "in tcp/443 sg-gone", "out all sg-db", "in tcp/443 sg-prod"}
		b.groupRules(group, one(rules), one(rules))
	case 6:
		b.clearGroup(group)
	case 7, 8:
		entries := []string{"10 in allow all 0.0.0.0/0", "10 out allow all 0.0.0.0/0", "20 in deny tcp/1024-40000 0.0.0.0/0", "20 out deny tcp/50000-65535 10.0.0.0/8", "5 out allow all ::/0", "5 in allow all ::/0", "7 in deny udp 10.16.0.0/16"}
		b.aclEntries(acl.NetworkAclId, one(entries))
	case 9:
		acl.Associations = nil
	case 10:
		eni.Association = &InterfaceAssociation{PublicIp: "198.18.7.7"}
	case 11:
		eni.SubnetId = b.Subnets[r.IntN(len(b.Subnets))].SubnetId
	case 12:
		b.Subnets[r.IntN(len(b.Subnets))].SubnetId = "subnet-renamed"
		slices.SortFunc(b.Subnets, func(x, y Subnet) int { return strings.Compare(x.SubnetId, y.SubnetId) })
	case 13:
		if len(b.VpcPeeringConnections) > 0 {
			b.VpcPeeringConnections[0].RequesterVpcInfo.VpcId = "vpc-gone"
		}
	}
}

func FuzzTrace(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, uint8(seed%12))
	}
	f.Fuzz(func(t *testing.T, seed uint64, changes uint8) {
		r := rand.New(rand.NewPCG(seed, 1))
		b := lab()
		if seed%3 == 0 {
			b = hub()
		}
		for range changes % 16 {
			mutate(r, b)
		}
		checkEveryPair(t, r, b)
	})
}

func checkEveryPair(t *testing.T, r *rand.Rand, b *builder) {
	e := New(&b.Network)
	ids := append(sortedKeys(e.hosts), "internet", "203.0.113.7", "10.16.20.77", "10.99.0.1", "2001:db8:16:20::77")
	ids = append(ids, sortedKeys(e.subnets)...)
	for range 25 {
		from, err1 := e.Endpoint(ids[r.IntN(len(ids))])
		to, err2 := e.Endpoint(ids[r.IntN(len(ids))])
		if err1 != nil || err2 != nil {
			continue // an address that two mutated subnets hold
		}
		q := Query{From: from, To: to, Protocol: []Protocol{TCP, UDP, ICMP, AnyProtocol}[r.IntN(4)], Ports: PortRange{443, 443}}
		a := e.Trace(q)
		checkAnswer(t, a)
		checkAnyAgrees(t, e, q, a)
		checkMoreDenialNeverOpens(t, r, b, q, a)
	}
}

func checkAnswer(t *testing.T, a Answer) {
	t.Helper()
	require.Contains(t, []Verdict{Reachable, Partial, Unreachable}, a.Verdict)
	require.NotEmpty(t, a.Path)
	require.Equal(t, a.Verdict == Reachable, a.BlockedBy == nil)
	require.Equal(t, a.Verdict == Partial, len(a.Works) > 0)
	for _, h := range a.Path {
		require.NotEmpty(t, h.Explanation)
	}
	if a.BlockedBy != nil {
		require.NotEmpty(t, a.BlockedBy.Explanation)
		require.NotEmpty(t, a.BlockedBy.Change)
	}
}

// checkAnyAgrees asks the other question: where a connection works, some packet gets there.
func checkAnyAgrees(t *testing.T, e *Engine, q Query, a Answer) {
	t.Helper()
	from, to := q.From.Interfaces(), q.To.Interfaces()
	shared := slices.ContainsFunc(from, func(id string) bool { return slices.Contains(to, id) })
	if a.Verdict == Unreachable || len(from) == 0 || len(to) == 0 || shared {
		return // an interface reaches itself, which Any doesn't count
	}
	leak, err := e.Any(Question{From: Interfaces(from...), To: Interfaces(to...), ThroughInternet: true})
	require.NoError(t, err)
	require.True(t, leak.Found, "%s to %s: %s", q.From, q.To, told(a.Path))
	require.NotEmpty(t, leak.Path, "the witness %s gets through alone too", leak.Witness)
	if leak.Certain {
		require.Equal(t, Arrives, leak.Path[len(leak.Path)-1].Decision, "%s", leak.Witness)
	}
}

// checkMoreDenialNeverOpens adds a denial and takes an allowance away: neither may turn an answer for the better.
func checkMoreDenialNeverOpens(t *testing.T, r *rand.Rand, b *builder, q Query, before Answer) {
	t.Helper()
	if q.From.internet || q.To.internet {
		return // the address that stands for the internet is chosen by the rules
	}
	c := *b
	c.NetworkAcls, c.SecurityGroups = slices.Clone(b.NetworkAcls), slices.Clone(b.SecurityGroups)
	if r.IntN(2) == 0 {
		acl := &c.NetworkAcls[r.IntN(len(c.NetworkAcls))]
		acl.Entries = slices.Clone(acl.Entries)
		c.aclEntries(acl.NetworkAclId, []string{"1 in deny tcp/40000-41000 0.0.0.0/0", "1 out deny all 10.0.0.0/8", "1 in deny all ::/0"}[r.IntN(3)])
	} else {
		g := &c.SecurityGroups[r.IntN(len(c.SecurityGroups))]
		g.IpPermissions = nil
	}
	e := New(&c.Network)
	from, err1 := e.Endpoint(q.From.ref)
	to, err2 := e.Endpoint(q.To.ref)
	require.NoError(t, err1)
	require.NoError(t, err2)
	after := e.Trace(Query{From: from, To: to, Protocol: q.Protocol, Ports: q.Ports})
	rank := map[Verdict]int{Unreachable: 0, Partial: 1, Reachable: 2}
	require.LessOrEqual(t, rank[after.Verdict], rank[before.Verdict], "%s to %s\n%s\n%s", q.From, q.To, told(before.Path), told(after.Path))
}
