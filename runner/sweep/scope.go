package sweep

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// The tags that labctl puts on what it makes, and how the names of it begin:
// labctl-<run>-<purpose>.
const (
	tagRun     = "labctl:run"
	tagExpires = "labctl:expires"
	namePrefix = "labctl-"
)

// Scope says whose resources are meant: those of one run, or those of every run.
type Scope struct {
	// Run is the id of the run. What carries the tag labctl:run=<Run> is in
	// scope, what lives inside a VPC that is, and what carries no labctl:run tag
	// but a name that begins with labctl-<Run>-.
	Run string

	// Every, instead of Run, takes in all runs, by their tags and VPCs. A name counts
	// then only if it is that of a run in OtherRuns, or if the thing cannot carry tags
	// and the run's tag is seen on something else.
	Every bool

	// OtherRuns are further runs that the caller knows. They protect: the name
	// labctl-a1-b-logs is not one of run a1 if there is a run a1-b. Runs whose
	// tags are seen in the account protect their names in the same way.
	OtherRuns []string
}

// ErrScope says that a Scope names no run, or both one and all.
var ErrScope = errors.New("a sweep needs either the id of a run or every run")

func (s Scope) validate() error {
	if (s.Run == "") == !s.Every {
		return ErrScope
	}
	return nil
}

func (s Scope) includes(run string) bool {
	return run != "" && (s.Every || run == s.Run)
}

// found is one live thing in the account, anybody's, as a kind lists it.
type found struct {
	id      string
	name    string
	arn     string // where the API gives one
	region  string // set by the Sweeper; "" for a global service
	tags    map[string]string
	variant string // see Resource
	units   int    // see Resource

	// untaggable says that it cannot carry tags: its place or its name says whose it is.
	untaggable bool

	// part says that it goes with its owner and is no resource of its own, such as
	// a default security group. It is listed because other things may live in it.
	part bool
	// madeBy is the id of what made it and takes it away again, such as the Auto
	// Scaling group of an instance.
	madeBy string
	// in are the ids, or the ARNs where ids are names, of what holds it, usually its
	// VPC: it belongs to a run when all of them do.
	in []string
	// ties are the ids of what it connects: it belongs to a run when one of them
	// does, because it cannot outlive any of them. A peering between a VPC of the
	// run and a stranger's is such a case. Deleting the VPC in the console deletes
	// it too: https://docs.aws.amazon.com/vpc/latest/peering/delete-vpc-peering-connection.html
	ties []string
}

func (f found) expires() time.Time {
	t, err := time.Parse(time.RFC3339, f.tags[tagExpires])
	if err != nil {
		return time.Time{} // no deadline that anybody could read
	}
	return t
}

// owners decides which run everything in the account belongs to.
type owners struct {
	scope Scope
	byID  map[string][]found // and by ARN; two regions may have the same id
	known []string           // runs whose names may be longer than scope.Run
}

func newOwners(scope Scope, all []found, taggedRuns []string) *owners {
	o := &owners{scope: scope, byID: map[string][]found{}, known: append([]string{scope.Run}, scope.OtherRuns...)}
	o.known = append(o.known, taggedRuns...)
	for _, f := range all {
		o.byID[f.id] = append(o.byID[f.id], f)
		if f.arn != "" && f.arn != f.id {
			o.byID[f.arn] = append(o.byID[f.arn], f)
		}
		if run := f.tags[tagRun]; run != "" {
			o.known = append(o.known, run)
		}
	}
	return o
}

// run is the run that a thing belongs to, or "". The order matters: a tag is a
// statement, a place is a fact about something that nobody tagged, and a name
// decides only where neither exists.
func (o *owners) run(f found) string {
	if run := f.tags[tagRun]; run != "" {
		return run
	}
	if run, decided := o.runOfHolders(f); decided {
		return run
	}
	for _, id := range f.ties {
		if run := o.runOfID("", id); o.scope.includes(run) { // also across regions
			return run
		}
	}
	return o.runOfName(f)
}

// runOfHolders answers for a thing that lives in others. A holder of another run
// decides as much as one of this run does: what is in it is not ours by name.
func (o *owners) runOfHolders(f found) (run string, decided bool) {
	var outside bool
	for _, id := range f.in {
		switch r := o.runOfID(f.region, id); {
		case r == "":
			outside = true
		case !o.scope.includes(r):
			return r, true
		default:
			run = r
		}
	}
	if run == "" {
		return "", false
	}
	if outside { // shared with a stranger: his as well, so not ours to delete
		return "", true
	}
	return run, true
}

// runOfID asks what has the id in the region or in none; region "" is anywhere.
func (o *owners) runOfID(region, id string) string {
	for _, f := range o.byID[id] {
		if region == "" || f.region == "" || f.region == region {
			return o.run(f)
		}
	}
	return ""
}

// runOfName takes the longest known run that fits, so that run a1 does not claim
// what run a1-b has named.
func (o *owners) runOfName(f found) string {
	var best string
	for _, run := range o.known {
		if len(run) > len(best) && strings.HasPrefix(f.name, namePrefix+run+"-") {
			best = run
		}
	}
	if o.scope.Every && !f.untaggable && !slices.Contains(o.scope.OtherRuns, best) {
		return ""
	}
	return best
}
