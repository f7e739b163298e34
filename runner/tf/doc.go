// Package tf is the one place that runs Terraform: it finds or installs a binary, gives one run's directory a clean
// environment and a CLI configuration of its own, and turns Terraform's JSON log into typed events and errors.
//
// What it promises:
//   - The user's own TF_* and AWS_* settings, and a broken TF_CLI_CONFIG_FILE, reach neither Terraform nor its provider.
//   - A method returns only when its Terraform process has ended. A cancelled context interrupts Terraform once; it
//     begins nothing more, breaks off what is in flight, writes its state and gives the lock back. Breaking off is the
//     provider's doing: it aborts a call that it has sent, so a resource may exist that the state does not have. The
//     error names those.
//   - When labctl itself is killed on Linux, Terraform is killed with it, and its provider follows. The state then holds
//     every resource whose creation had ended: the local backend writes the state after each one, so no interval is
//     there to tune (TF_STATE_PERSIST_INTERVAL is for remote backends). What was in flight is not in it: that is what
//     the sweep by tag is for. The lock dies with the process.
//
// It does not know labs, targets or the journal, it does not decide what is safe to run, and it reads no live account.
package tf
