package networking

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks"
)

// The table of the lab's page.
var table = []struct {
	id       string
	evidence checks.Evidence
	refs     string
}{
	{"net-tiers-az", "config", "REL10-BP01; Config vpc subnet checks"},
	{"net-data-isolated", "analysis", "SEC05-BP02; no-unrestricted-route-to-igw"},
	{"net-edge-443", "analysis", "EC2.13; EC2.18; EC2.19"},
	{"net-app-db", "analysis", "SEC05-BP02"},
	{"net-sg-chain", "config+analysis", "SEC05-BP01"},
	{"net-nat-per-az", "analysis", "REL10-BP01; REL11-BP05"},
	{"net-default-sg", "config", "EC2.2; vpc-default-security-group-closed"},
	{"net-main-rt", "config", "SEC05-BP01"},
	{"net-blackhole", "analysis", "Reachability Analyzer code BAD_STATE_ROUTE"},
	{"net-gw-endpoint", "analysis", "SEC05-BP02"},
	{"net-endpoint-policy", "analysis", "SEC03-BP05; Prowler vpc_endpoint_connections_trust_boundaries"},
	{"net-if-endpoint", "config+analysis", "EC2.10; Prowler vpc_endpoint_multi_az_enabled"},
	{"net-env-split", "analysis", "SEC01-BP01; REL02-BP04"},
	{"net-peer-routes", "config+analysis", "Config vpc-peering least-privilege routing"},
	{"net-no-overlap", "analysis", "REL02-BP05"},
	{"net-headroom", "config", "REL02-BP03"},
	{"net-dns", "config", "vpc-peering-dns-resolution-check"},
	{"net-v6-egress", "analysis", "SEC05-BP02"},
	{"net-no-auto-public", "config", "EC2.15"},
	{"net-flow-logs", "config", "EC2.6"},
}

func TestTheChecksAreThoseOfTheTable(t *testing.T) {
	lab := New()
	require.Len(t, lab.Checks, len(table))
	for n, row := range table {
		check := lab.Checks[n]
		assert.Equal(t, row.id, check.ID)
		assert.Equal(t, row.evidence, check.Evidence, row.id)
		assert.Equal(t, row.refs, strings.Join(check.Refs, "; "), row.id)
	}
}
