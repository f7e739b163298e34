package local_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/target/local"
)

// proof shows through the SDK that a correction is in force.
type proof struct {
	name  string // the correction's
	check func(t T, a account)
}

var proofs = []proof{
	{"subnet-ipv6", proveSubnetIPv6},
	{"interface-addresses", proveInterfaceAddresses},
	{"elastic-addresses", proveElasticAddresses},
	{"nat-gateways", proveNATGateways},
	{"instance-interfaces", proveInstanceInterfaces},
	{"interface-endpoints", proveInterfaceEndpoints},
	{"gateway-endpoints", proveGatewayEndpoints},
	{"route-state", proveRouteState},
	{"route-associations", proveRouteAssociations},
	{"network-acl-entries", proveNetworkACLEntries},
	{"default-security-group", proveDefaultSecurityGroup},
	{"security-group-rules", proveSecurityGroupRules},
	{"peering-connections", provePeeringConnections},
	{"flow-log-delivery", proveFlowLogDelivery},
	{"prefix-lists", provePrefixLists},
	{"creation-tags", proveCreationTags},
	{"filters", proveFilters},
	{"transit-gateways", proveTransitGateways},
	{"transit-gateway-attachments", proveTransitGatewayAttachments},
	{"transit-gateway-routes", proveTransitGatewayRoutes},
	{"private-zones", provePrivateZones},
	{"deletions", proveDeletions},
	{"deleted-tags", proveDeletedTags},
	{"trail-names", proveTrailNames},
	{"trail-event-selectors", proveTrailEventSelectors},
	{"metric-filters", proveMetricFilters},
	{"user-boundaries", proveUserBoundaries},
	{"boundary-policies", proveBoundaryPolicies},
	{"iam-deletions", proveIAMDeletions},
	{"trust-policies", proveTrustPolicies},
	{"key-policies", proveKeyPolicies},
	{"key-rotation", proveKeyRotation},
	{"bucket-policies", proveBucketPolicies},
	{"bucket-defaults", proveBucketDefaults},
	{"cloudwatch-protocol", proveCloudWatchProtocol},
	{"template-versions", proveTemplateVersions},
	{"template-tags", proveTemplateTags},
	{"template-launches", proveTemplateLaunches},
	{"group-updates", proveGroupUpdates},
	{"group-limits", proveGroupLimits},
	{"group-zones", proveGroupZones},
	{"group-targets", proveGroupTargets},
	{"unhealthy-members", proveUnhealthyMembers},
	{"scaling-activities", proveScalingActivities},
	{"scaling-notifications", proveScalingNotifications},
	{"suspended-processes", proveSuspendedProcesses},
	{"scaling-policies", proveScalingPolicies},
	{"target-health", proveTargetHealth},
	{"traffic-sources", proveTrafficSources},
	{"redrive-policies", proveRedrivePolicies},
	{"standby-zones", proveStandbyZones},
	{"backup-tags", proveBackupTags},
	{"backup-vaults", proveBackupVaults},
	{"backup-plans", proveBackupPlans},
	{"backup-selections", proveBackupSelections},
	{"vault-policies", proveVaultPolicies},
	{"recovery-points", proveRecoveryPoints},
	{"backup-jobs", proveBackupJobs},
	{"copy-jobs", proveCopyJobs},
	{"restore-jobs", proveRestoreJobs},
	{"protected-resources", proveProtectedResources},
	{"table-recovery", proveTableRecovery},
	{"restored-tables", proveRestoredTables},
	{"table-tags", proveTableTags},
	{"table-deletions", proveTableDeletions},
	{"suspended-versioning", proveSuspendedVersioning},
	{"object-retention", proveObjectRetention},
	{"lifecycle-rules", proveLifecycleRules},
	{"snapshot-keys", proveSnapshotKeys},
	{"event-delivery", proveEventDelivery},
	{"event-patterns", proveEventPatterns},
	{"backup-events", proveBackupEvents},
	{"alarm-types", proveAlarmTypes},
	{"alarm-actions-enabled", proveAlarmActionsEnabled},
	{"alarm-states", proveAlarmStates},
	{"alarm-history", proveAlarmHistory},
	{"alarm-notifications", proveAlarmNotifications},
	{"metric-data", proveMetricData},
	{"metric-statistics", proveMetricStatistics},
	{"log-event-times", proveLogEventTimes},
	{"log-patterns", proveLogPatterns},
	{"trace-groups", proveTraceGroups},
	{"sampling-rules", proveSamplingRules},
	{"trace-summaries", proveTraceSummaries},
}

func TestCorrections(t *testing.T) {
	t.Parallel()
	info, err := newManager(t).Ensure(t.Context())
	require.NoError(t, err)
	var listed, proven []string
	for _, c := range info.Corrections {
		listed = append(listed, c.Name)
		assert.NotEmpty(t, c.AWS, c.Name)
		assert.NotEmpty(t, c.Proven, c.Name)
		assert.True(t, strings.HasPrefix(c.Page, "https://docs.aws.amazon.com/"), c.Name)
		assert.True(t, info.Corrected(c.Name))
	}
	for _, p := range proofs {
		proven = append(proven, p.name)
	}
	for _, p := range loopProofs {
		proven = append(proven, p.name)
	}
	assert.ElementsMatch(t, listed, proven, "each correction has its proof")
	assert.ElementsMatch(t, listed, local.CorrectionNames(), "what is claimed without a server is what a server has")
	for _, p := range proofs {
		t.Run(p.name, func(t *testing.T) { p.check(t, newAccount(t.Context(), info.Endpoint)) })
	}
}

func TestEachProofFailsWithoutItsCorrection(t *testing.T) {
	t.Parallel()
	python := otherMoto(t)
	m := newManager(t, func(o *local.Options) { o.Supervisor = append(o.Supervisor, "--instead", python) })
	info, err := m.Ensure(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "5.2.99", info.MotoVersion)
	assert.Empty(t, info.Corrections, "a moto of another version runs uncorrected, and says so")
	for _, p := range append(slices.Clone(proofs), loopsAsProofs()...) {
		assert.True(t, p.fails(newAccount(t.Context(), info.Endpoint)), "%s is proven on a moto that was not corrected", p.name)
	}
}

// otherMoto returns a Python whose moto says that it is of another version. It is a
// virtual environment around the Python that the tests run with.
func otherMoto(t *testing.T) string {
	t.Helper()
	base := local.NewManager(local.Options{CacheDir: t.TempDir(), Env: os.Environ()}).Probe(t.Context())
	require.NoError(t, base.Problem)
	dir := filepath.Join(t.TempDir(), "venv")
	out, err := exec.Command(base.Python, "-m", "venv", "--without-pip", "--system-site-packages", dir).CombinedOutput()
	require.NoError(t, err, string(out))
	packages, err := filepath.Glob(filepath.Join(dir, "lib", "python3*", "site-packages"))
	require.NoError(t, err)
	require.Len(t, packages, 1)
	require.NoError(t, os.WriteFile(filepath.Join(packages[0], "sitecustomize.py"),
		[]byte("import moto\nmoto.__version__ = '5.2.99'\n"), 0o600))
	return filepath.Join(dir, "bin", "python3")
}
