package backup

import "labctl/labs"

const scenario = `
A shop keeps its orders in a table and its documents (invoices, contracts, the drafts of both) in buckets, with a disk
beside them for the search. An order that is lost is a customer who has paid for nothing: of the orders at most five
minutes may be missing, and within an hour they have to be back. Of the documents a day may be missing, and they may take
a working day; but what was filed is kept for 35 days and nobody deletes it before, administrators included.

Two things have happened to firms of this size. Somebody came in with an administrator's stolen credentials, deleted the
backups first and the data after that, and sent a bill. And a release wrote wrong prices into old orders, which nobody
noticed for three days: by then the last good backup had been overwritten by the night's.

A backup is a restore that worked. Nobody has to believe in it: the drills lose something and bring it back, with a clock.

The budget is 3 USD a month.
`

const architectureDrawing = `
      workload role                          roles: backup, restore, break-glass
            | reads, writes; no backup           |
+-----------v----------------------------------+ |  +--------------------------+
| orders (DynamoDB)          RPO 5m  RTO 1h    | |  | backup plan, each 12 h   |
|   any second of the last 35 days (PITR)      | |  |   selects by two tags    |
|   protected from deletion                    <-+--+   starts within 1 h      |
| documents (S3)             RPO 24h RTO 8h    | |  |   done within 3 h        |
|   versions, each locked (governance)         | |  +------------|-------------+
| drafts (S3)                RPO 24h RTO 8h    | |               |
|   versions, kept 35 days once replaced       | |   failed, aborted, expired
| index (EBS)                RPO 24h RTO 8h    | |               |
+-----------|---- data key --------------------+ |  +------------v-------------+
            |                                    |  | rule -> alerts (SNS)     |
            | recovery points                    |  |           -> alerts (SQS)|
+-----------v----------------------------------+ |  +--------------------------+
| vault                     a key of its own   <-+
|   locked: kept 35 days or longer             |
|   policy: only break-glass deletes           |
+-----------|----------------------------------+
            | copies, kept 90 days
+-----------v------- second region ------------+
| offsite vault             AWS Backup's key   |
|   locked; policy: only break-glass deletes   |
+----------------------------------------------+
`

// The requirements by name, so that a check says which one it proves.
const (
	objectives = iota + 1
	coverage
	anySecond
	everyVersion
	noDeletion
	separateKeys
	elsewhere
	keeping
	telling
	budget
)

func requirements() []labs.Requirement {
	return []labs.Requirement{
		{Number: objectives, Text: "Whoever restores knows what was promised: everything that holds data says how much may be lost (RPO) and how long bringing it back may take (RTO), and a backup " +
			"that is young enough is there at every moment. Just before a backup is done, the newest one is as old as the interval and the time that this one takes: that sum is the data you lose."},
		{Number: coverage, Text: "Everything that holds data is backed up, also what was added last week. What no plan selects fails no job and sets off no alarm: it is missed on the day of the restore."},
		{Number: anySecond, Text: "The orders come back as they were at any second of the last 35 days, however late the corruption is found, and one mistaken call does not delete them. First wrong orders are " +
			"among the right ones, then the wrong ones are in every backup since; what is restored is a new table, and turning the shop over to it is a decision for people."},
		{Number: everyVersion, Text: "An object that is overwritten or deleted can be brought back, a filed document is locked against deletion, and no clean-up removes an old version before its time. " +
			"Undoing takes a minute as long as the version is there, and is impossible afterwards."},
		{Number: noDeletion, Text: "Whoever holds an administrator's credentials deletes no recovery point: only break-glass does, with a second factor that is minutes old. The workload, which the " +
			"intruder meets first, reaches data and no backup; the role that makes backups reads production and changes none of it."},
		{Number: separateKeys, Text: "The backups have another key than the data, and the role that restores can use it. Data and backups under one key are lost together when that key is disabled; a key that " +
			"nobody who restores may use is found out about on the day of the restore."},
		{Number: elsewhere, Text: "Copies are in another region, or in another account, with a retention of their own: they are what is left when the region, or the control of the account, is gone."},
		{Number: keeping, Text: "Recovery points are kept for 35 days or longer, and colder storage is used for no less than the 90 days that it is billed for."},
		{Number: telling, Text: "A backup that was not made reaches somebody. Jobs fail, are aborted and expire without anybody having asked for it, and all three leave the same gap; the longer it is not heard of, " +
			"the older the newest backup."},
		{Number: budget, Text: "The architecture costs at most 3 USD a month."},
	}
}
