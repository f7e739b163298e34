package backup

import (
	"labctl/checks"
	"labctl/labs"
)

// Further capabilities that the drills need.
const (
	restoreJobs     checks.Capability = "restore-jobs"
	restoredTables  checks.Capability = "restored-tables"
	tableDeletions  checks.Capability = "table-deletions"
	objectRetention checks.Capability = "object-retention"
	snapshotKeys    checks.Capability = "snapshot-keys"
)

// allDrills are the lab's drills. What each of them leaves is in its traces, which takeBack removes.
func allDrills() []labs.Drill {
	rows := &labs.Amount{Default: 500, Least: 20, Most: 50_000}
	return []labs.Drill{{
		ID:        "table-restore",
		Title:     "The orders are spoiled. Does the last backup bring back every row, and how soon?",
		Measures:  "Orders are made, backed up, then changed and deleted; the backup is restored to a new table and compared row by row; the time until the copy is known to be whole.",
		Objective: "No row is lost, and the copy is known to be whole within the table's labctl:rto, one hour.",
		Needs:     []checks.Capability{restoredTables, tableDeletions},
		Seeds:     rows,
		Run:       tableRestore,
		Restore:   takeBack,
	}, {
		ID:        "table-pitr",
		Title:     "A release spoiled the orders at 14:02. Do you get the table as it was at 14:01?",
		Measures:  "Orders are made, a moment is noted, they are changed and deleted; the table is restored to that moment and compared row by row. How old the newest moment is that can be restored, and whether moments outside of the window are refused.",
		Objective: "No row of that moment is lost, within one hour; were the table gone, at most its labctl:rpo, five minutes, would be.",
		Needs:     []checks.Capability{tableRecovery, restoredTables, tableDeletions},
		Seeds:     rows,
		Run:       tablePITR,
		Restore:   takeBack,
	}, {
		ID:        "object-undo",
		Title:     "Documents and drafts were overwritten and deleted. Do they come back byte for byte?",
		Measures:  "Objects are put into both buckets, overwritten and deleted, and brought back from their versions; the bytes that are lost.",
		Objective: "No byte is lost, within the buckets' labctl:rto, eight hours.",
		Needs:     []checks.Capability{objectRetention},
		Seeds:     &labs.Amount{Default: 8, Least: 2, Most: 500},
		Run:       objectUndo,
		Restore:   takeBack,
	}, {
		ID:        "locked-delete",
		Title:     "Is a filed document safe from somebody who may delete anything else?",
		Measures:  "A version whose lock has run out is deleted, which must work; then one that is locked, which must not; then its lock is made shorter.",
		Objective: "Refused, with AccessDenied, and every byte is still there.",
		Needs:     []checks.Capability{objectRetention},
		Run:       lockedDelete,
		Restore:   takeBack,
	}, {
		ID:        "volume-restore",
		Title:     "The search index's disk is gone. Does its backup make another one like it?",
		Measures:  "The newest recovery point is restored to a new volume (where there are no backup jobs: a snapshot); the time, and size, type, encryption and tags of both.",
		Objective: "As the original, within the volume's labctl:rto, eight hours, and no older than its labctl:rpo, 24 hours.",
		Needs:     []checks.Capability{snapshotKeys},
		Run:       volumeRestore,
		Restore:   takeBack,
	}, {
		ID:        "parity",
		Title:     "All rows are back. What does the restored table lack that the original has?",
		Measures:  "A backup is restored; each setting of the copy is compared with the original's, those that are lost are set again as a runbook would, and compared again.",
		Objective: "Each setting that is lost is known, and after the runbook the copy has them all.",
		Needs:     []checks.Capability{tableRecovery, restoredTables, tableDeletions},
		Run:       parity,
		Restore:   takeBack,
	}}
}
