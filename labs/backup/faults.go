package backup

import "labctl/labs"

// allFaults are the lab's faults, in the order of the checks that they break.
func allFaults() []labs.Fault {
	return []labs.Fault{
		weeklyPlan(), slowCompletion(),
		tagInCapitals(), newDisk(),
		recoveryOff(), recoveryDay(),
		versionsSuspended(),
		noDefaultRetention(),
		versionsDay(), largeVersionsDay(),
		shortLock(), lockAboveJobs(), offsiteUnlocked(),
		policyRemoved(), policyExceptsAll(), lifecycleUndenied(),
		oneKey(), restoreCannotRead(), keyDisabled(), restoreDenied(),
		noCopies(), copiesForever(),
		workloadDeletes(), workloadDeletesVersions(), backupOverwrites(),
		weekOfRetention(),
		newestDeleted(),
		onlyCompleted(), ruleOff(), alertsFiltered(), queueRefuses(),
		protectionOff(),
	}
}
