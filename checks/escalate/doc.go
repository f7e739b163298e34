// Package escalate answers whether a principal can give itself rights that it does not have, by any of the known ways.
//
// It is pure: the policies around the principal, and what is known of the account, go in; each known path comes out as
// open, closed or inconclusive, with the calls that make it and the statements that allow them. Every call is decided
// by the policy engine, conditions and resources included.
//
// A call is tried on targets that could matter: those which exist, where the account is known, and such as the policies'
// own Resource patterns describe, with one that no pattern names beside them ("any role, also one that is made later").
// What a caller chooses in a request (tags, the boundary of a role, its region) is tried with every value that the
// policies ask about; facts about the principal are as the caller of this package lists them. What allows an open path
// is therefore always a request that can be made, and is shown.
//
// A permissions boundary is a ceiling if its document lets nobody past it. Writing rights below such a ceiling is what
// boundaries are for, and no escalation: a call that is allowed only on what carries the principal's own boundary, or
// the one that its policies insist on, is held.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
//
// It does not report access that was given on purpose (a role that trusts the principal), knows no functions, instances
// or other bearers of roles, and counts no chain of several paths.
package escalate
