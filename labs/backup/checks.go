package backup

import "labctl/checks"

// What a target must show beyond what every emulator of these services does. The local server's corrections have the same names.
const (
	backupTags          checks.Capability = "backup-tags"
	backupPlans         checks.Capability = "backup-plans"
	backupVaults        checks.Capability = "backup-vaults"
	backupSelections    checks.Capability = "backup-selections"
	vaultPolicies       checks.Capability = "vault-policies"
	backupJobs          checks.Capability = "backup-jobs"
	recoveryPoints      checks.Capability = "recovery-points"
	tableRecovery       checks.Capability = "table-recovery"
	lifecycleRules      checks.Capability = "lifecycle-rules"
	suspendedVersioning checks.Capability = "suspended-versioning"
)

// allChecks are the lab's properties, in the order of its table.
func allChecks() []checks.Check {
	all := objectiveChecks()
	all = append(all, dataChecks()...)
	all = append(all, vaultChecks()...)
	return append(all, planChecks()...)
}
