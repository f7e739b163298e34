// Package sweep finds what a run has in an account and deletes it, without
// Terraform and without a record: the second, independent way to clean up.
//
// A [Sweeper] reads one account, in one region or several, and its global services. [Sweeper.List] asks every kind for what is alive, decides whose it is
// by tag, by the VPC it lives in and, last, by name, and checks the answer
// against the tagging API. [Sweeper.Delete] removes such a list in dependency
// order and waits until it is gone.
//
// Two rules hold everywhere. What belongs to somebody else is never touched, even
// where that means that something of the run cannot be deleted: the error then
// says what holds it. And nothing is silently left out: a kind that cannot be
// listed is an error, and a tagged thing of a kind unknown here is a resource
// whose deletion is refused with its ARN.
//
// The package does not know labs, prices or the journal, and asks nobody for
// confirmation: its callers do.
package sweep
