package iam

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
)

const (
	account = "123456789012"
	region  = "us-east-1"
	prefix  = "labctl-t1" // of every name in the fixture
)

// fixture is an account that a check can be run on, read from testdata/reference.json: what an inventory read of the
// reference architecture on the local server.
type fixture struct {
	inventory.Facts
	t     *testing.T
	scope inventory.Scope
}

func load(t *testing.T) *fixture {
	t.Helper()
	text, err := os.ReadFile("testdata/reference.json")
	require.NoError(t, err)
	f := &fixture{t: t, scope: inventory.Scope{Key: "labctl:run", Value: "t1"}}
	require.NoError(t, json.Unmarshal(text, &f.Facts))
	f.Analyzers = []inventory.Analyzer{{Name: prefix + "-analyzer", Arn: f.analyzer(), Type: "ACCOUNT", Status: "ACTIVE"}}
	return f
}

// inventory is a new inventory of the account.
func (f *fixture) inventory() *inventory.Inventory {
	facts := f.Facts
	// An account has one policy for each resource, however it is asked.
	facts.ResourcePolicies = nil
	for _, g := range facts.BucketGuards {
		facts.ResourcePolicies = append(facts.ResourcePolicies, inventory.ResourcePolicy{Arn: "arn:aws:s3:::" + g.Bucket, Document: g.Policy})
	}
	for _, k := range facts.Keys {
		facts.ResourcePolicies = append(facts.ResourcePolicies, inventory.ResourcePolicy{Arn: k.Arn, Document: k.Policy})
	}
	return inventory.Of(facts, account, region, f.scope)
}

// find returns the only item that is meant.
func find[T any](f *fixture, list []T, what string, is func(T) bool) *T {
	f.t.Helper()
	n := slices.IndexFunc(list, is)
	require.GreaterOrEqual(f.t, n, 0, "the fixture has no %s", what)
	return &list[n]
}

func (f *fixture) role(part string) *inventory.Identity {
	f.t.Helper()
	return find(f, f.Identities.Roles, part, func(r inventory.Identity) bool { return r.Tags[roleTag] == part })
}

func (f *fixture) guard(part string) *inventory.BucketGuard {
	f.t.Helper()
	return find(f, f.BucketGuards, part+" bucket", func(g inventory.BucketGuard) bool { return strings.Contains(g.Bucket, "-"+part+"-") })
}

func (f *fixture) key(part string) *inventory.Key {
	f.t.Helper()
	return find(f, f.Keys, part+" key", func(k inventory.Key) bool { return k.Tags[roleTag] == part })
}

// boundaryARN is the approved boundary's.
func (f *fixture) boundaryARN() string { return f.role("app").Boundary.Name }

// permissions is the role's policy.
func (f *fixture) permissions(part string) *string { return &f.role(part).Policies[0].Document }

// rewrite changes each statement of a document.
func (f *fixture) rewrite(text *string, change func(statement)) {
	f.t.Helper()
	d, err := readDocument(*text)
	require.NoError(f.t, err)
	for _, s := range d.statements() {
		change(s)
	}
	*text = d.String()
}

// sid changes the statement with the Sid.
func (f *fixture) sid(text *string, sid string, change func(statement)) {
	f.t.Helper()
	found := false
	f.rewrite(text, func(s statement) {
		if s["Sid"] == sid {
			found = true
			change(s)
		}
	})
	require.True(f.t, found, "no statement %s in %s", sid, *text)
}

// drop takes a statement out.
func (f *fixture) drop(text *string, sid string) {
	f.t.Helper()
	d, err := readDocument(*text)
	require.NoError(f.t, err)
	var left []any
	for _, s := range d.statements() {
		if s["Sid"] != sid {
			left = append(left, map[string]any(s))
		}
	}
	require.Less(f.t, len(left), len(d.statements()), "no statement %s", sid)
	d["Statement"] = left
	*text = d.String()
}

// add appends a statement.
func (f *fixture) add(text *string, statementJSON string) {
	f.t.Helper()
	d, err := readDocument(*text)
	require.NoError(f.t, err)
	var s statement
	require.NoError(f.t, json.Unmarshal([]byte(f.filled(statementJSON)), &s))
	d.add(s)
	*text = d.String()
}

// filled puts the fixture's names in the place of words in capitals.
func (f *fixture) filled(text string) string {
	return strings.NewReplacer(
		"ACCOUNT", account, "DATA_KEY", f.key(data).Arn, "LOGS_KEY", f.key(logs).Arn,
		"DATA_BUCKET", "arn:aws:s3:::"+f.guard(data).Bucket, "LOGS_BUCKET", "arn:aws:s3:::"+f.guard(logs).Bucket,
		"TEAM_ROLES", "arn:aws:iam::"+account+":role/app/t1/"+prefix+"-*", "BOUNDARY", f.boundaryARN(),
		"ROLE_", "arn:aws:iam::"+account+":role/"+prefix+"-",
	).Replace(text)
}

// document is a policy of statements, with names filled in.
func (f *fixture) document(statements ...string) string {
	return f.filled(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

// stranger adds what somebody else has in the same account: unlike the lab's in every way that a check looks at, and with
// labctl's own tags of another run.
func (f *fixture) stranger() {
	other := load(f.t)
	breakEverything(other)
	rename := func(text string) string {
		return strings.NewReplacer(prefix, "labctl-x9", "/app/t1/", "/app/x9/", "/t1/", "/x9/").Replace(text)
	}
	text, err := json.Marshal(other.Facts)
	require.NoError(f.t, err)
	var theirs inventory.Facts
	plain := strings.NewReplacer(`"labctl:run":"t1"`, `"labctl:run":"x9"`, other.key(data).KeyId, "0badc0de-0000-4000-8000-000000000001", other.key(logs).KeyId, "0badc0de-0000-4000-8000-000000000002").Replace(rename(string(text)))
	require.NoError(f.t, json.Unmarshal([]byte(plain), &theirs))
	f.Identities.Roles = append(f.Identities.Roles, theirs.Identities.Roles...)
	f.Identities.Users = append(f.Identities.Users, theirs.Identities.Users...)
	f.Identities.Policies = append(f.Identities.Policies, theirs.Identities.Policies...)
	f.Buckets = append(f.Buckets, theirs.Buckets...)
	f.BucketGuards = append(f.BucketGuards, theirs.BucketGuards...)
	f.Keys = append(f.Keys, theirs.Keys...)
	f.Trails = append(f.Trails, theirs.Trails...)
	f.MetricFilters = append(f.MetricFilters, theirs.MetricFilters...)
	f.MetricAlarms = append(f.MetricAlarms, theirs.MetricAlarms...)
	f.AccessKeys = append(f.AccessKeys, theirs.AccessKeys...)
	f.AccessFindings = append(f.AccessFindings, inventory.AccessFinding{Analyzer: f.analyzer(), Id: "f-1", Resource: "arn:aws:s3:::" + theirs.Buckets[0].Name, Status: "ACTIVE"})
	for arn, tags := range theirs.PolicyTags {
		f.PolicyTags[arn] = tags
	}
}

// analyzer is the ARN of the account's analyzer, as load makes it.
func (f *fixture) analyzer() string {
	return "arn:aws:access-analyzer:" + region + ":" + account + ":analyzer/" + prefix
}

// breakEverything does to an account what all faults do, one after the other.
func breakEverything(f *fixture) {
	for _, fault := range New().Faults {
		mutations()[fault.ID](f)
	}
}
