package iam

import "labctl/labs"

const scenario = `
Four teams share one account. Each creates the roles of its own workloads, because waiting for a central team has cost
more than it has saved; but no role that a team makes may do more than the boundary says, and no team may move the
boundary. Developers work on the functions of their own project and on no others.

A vendor reads the data from its own account. It does so for many customers, and must not be talked into doing it for
somebody else.

The auditors want a record that stands up: who read or wrote which object, in every region, in a store from which nobody
deletes, except in an emergency and then with a witness. Whoever touches the record sets off an alarm.

The people who administer the keys must not be able to decrypt, and those who decrypt must not be able to administer.
The budget is 5 USD a month.
`

const architectureDrawing = `
+-- the account: every role carries the boundary ----------------------------+
|                                                                            |
|  people, with a second factor             workloads, under /app/           |
|  +------------+ makes roles, with boundary  +----------------------------+ |
|  | team-admin |---------------------------->| app                        | |
|  +------------+                             |   only Lambda may assume   | |
|  +------------+ passes them, to Lambda only |   it, for this account     | |
|  | developer  |---------------------------->|                            | |
|  +------------+ and works on functions of   +------|---------------------+ |
|                 the own project                    | TLS, one key          |
|                                             +------v---------------------+ |
|  vendor's      external id    +--------+    | data bucket                | |
|  account -------------------->| vendor |--->|   own organization, TLS,   | |
|                               +--------+    |   one key, nothing public  | |
|                                       reads +---|---------------------|--+ |
|  +-----------+ administers, never uses          | encrypted with      |    |
|  | key-admin |---+                         +----v-----+               |    |
|  +-----------+   +------------------------>| data key |      every    |    |
|                  |                         +----------+      read and |    |
|                  |                         +----------+      write    |    |
|                  +------------------------>| logs key |               |    |
|                                            +----^-----+         +-----v--+ |
|  +---------+ reads                 +------------|-------+       | trail  | |
|  | auditor |---------------------->| log bucket         |<------| all    | |
|  +---------+                       |   locked, versions |       | regions| |
|  +-------------+ deletes, alone    |   nobody deletes   |       +-----|--+ |
|  | break-glass |------------------>+--------------------+             |    |
|  +-------------+                                                +-----v--+ |
|  SNS topic <--- alarm on tampering <------ metric filters ------| log    | |
|                                                                 | group  | |
|                                                                 +--------+ |
+----------------------------------------------------------------------------+
 Where the target has one: an Access Analyzer without open findings.
`

// The requirements by name, so that a check says which one it proves.
const (
	delegation = iota + 1
	rising
	partners
	projects
	dataGuarded
	dutiesApart
	record
	alarmed
	noLongTermKeys
	budget
)

func requirements() []labs.Requirement {
	return []labs.Requirement{
		{Number: delegation, Text: "Teams make the roles of their workloads themselves; every role carries the boundary, and nobody whom it limits can make one without it, edit it, or take it off."},
		{Number: rising, Text: "Nobody who administers a team can give themselves more rights than they have; roles are passed only from /app/, and only to Lambda."},
		{Number: partners, Text: "The vendor gets in with the external id that was agreed on, AWS services on behalf of this account, and nobody who is not named."},
		{Number: projects, Text: "Developers work on functions of their own project; nothing without a project can be worked on, and nobody chooses their own project."},
		{Number: dataGuarded, Text: "The data is served to the own organization and to AWS services, over TLS, encrypted with the data key, and never to the public."},
		{Number: dutiesApart, Text: "Administering keys and using them are two people's duties; keys rotate."},
		{Number: record, Text: "Every call in every region and every read and write of the data is on record, in files whose change is noticed and which nobody but break-glass can delete."},
		{Number: alarmed, Text: "Whoever stops the record or disables a key sets off an alarm that tells somebody."},
		{Number: noLongTermKeys, Text: "Nobody in the lab has credentials that do not expire, and nothing in it is open to strangers without somebody having looked at it."},
		{Number: budget, Text: "The architecture costs at most 5 USD a month."},
	}
}
