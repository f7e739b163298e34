package backup

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
)

// The fixtures are accounts as they were read from a local server after the run of that name was up: "reference" as it is,
// "archive" with archive_versions=true, "account" with copy_role, so that the copies go to another account. To make one
// again, bring the run up on an empty server (for the designs other than the reference, apply terraform/backup once more
// with the further variable) and
//
//	go test ./labs/backup -run TestSaveFixture -save reference -endpoint http://127.0.0.1:PORT
const (
	reference = "reference"
	archive   = "archive"
	twoOwners = "account"

	fixtureAccount = "123456789012"
	fixtureRegion  = "us-east-1"
	fixtureSecond  = "us-west-2"
)

var (
	save     = flag.String("save", "", "the fixture to save")
	endpoint = flag.String("endpoint", "", "where its run lives")
)

func TestSaveFixture(t *testing.T) {
	if *save == "" {
		t.Skip("saves a fixture when told to with -save")
	}
	facts, err := factsOf(t.Context(), inventory.New(aws.Config{
		Region: fixtureRegion, BaseEndpoint: endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}, fixtureAccount, runScope(*save)))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(fixturePath(*save), encode(t, facts), 0o600))
}

// reader reads facts one after the other, until the first error.
type reader struct {
	ctx context.Context //nolint:containedctx // it lives as long as one call of factsOf
	inv *inventory.Inventory
	err error
}

func read[T any](r *reader, into *T, from func(context.Context) (T, error)) {
	if r.err == nil {
		*into, r.err = from(r.ctx)
	}
}

func readOne[T any](r *reader, into *[]T, key string, from func(context.Context, string) (T, error)) {
	if r.err == nil {
		one, err := from(r.ctx, key)
		*into, r.err = append(*into, one), err
	}
}

// factsOf reads all that the checks read of an account, in both regions.
func factsOf(ctx context.Context, inv *inventory.Inventory) (inventory.Facts, error) {
	var f inventory.Facts
	r := &reader{ctx: ctx, inv: inv}
	read(r, &f.Tables, inv.Tables)
	read(r, &f.Buckets, inv.Buckets)
	read(r, &f.Volumes, inv.Volumes)
	read(r, &f.Databases, inv.Databases)
	read(r, &f.BackupPlans, inv.BackupPlans)
	read(r, &f.BackupOptIns, inv.BackupOptIns)
	read(r, &f.Keys, inv.Keys)
	read(r, &f.EventRules, inv.EventRules)
	var everybody *inventory.Identities
	read(r, &everybody, inv.Identities)
	if r.err != nil {
		return f, r.err
	}
	f.Identities = *everybody
	for _, plan := range f.BackupPlans {
		read(r, &f.BackupSelections, func(ctx context.Context) ([]inventory.BackupSelection, error) {
			return inv.BackupSelections(ctx, plan.BackupPlanId)
		})
	}
	r.readData(&f)
	r.readAlerts(&f)
	r.readVaults(&f)
	there := inventory.Facts{}
	second := &reader{ctx: ctx, inv: inv.In(fixtureSecond), err: r.err}
	second.readVaults(&there)
	f.Elsewhere = map[string]inventory.Facts{fixtureSecond: there}
	return f, second.err
}

// readData reads what belongs to what holds data.
func (r *reader) readData(f *inventory.Facts) {
	var arns []string
	for _, table := range f.Tables {
		arns = append(arns, table.TableArn)
		readOne(r, &f.ContinuousBackups, table.TableName, r.inv.ContinuousBackups)
		readOne(r, &f.ResourcePolicies, table.TableArn, r.inv.ResourcePolicy)
	}
	for _, bucket := range f.Buckets {
		arn := "arn:aws:s3:::" + bucket.Name
		arns = append(arns, arn)
		readOne(r, &f.BucketGuards, bucket.Name, r.inv.BucketGuard)
		readOne(r, &f.ResourcePolicies, arn, r.inv.ResourcePolicy)
		readOne(r, &f.BucketLifecycles, bucket.Name, func(ctx context.Context, name string) (inventory.BucketLifecycle, error) {
			rules, err := r.inv.Lifecycle(ctx, name)
			return inventory.BucketLifecycle{Bucket: name, Rules: rules}, err
		})
	}
	for _, volume := range f.Volumes {
		arns = append(arns, r.inv.VolumeARN(volume.VolumeId))
	}
	for _, arn := range arns {
		var points []inventory.RecoveryPoint
		read(r, &points, func(ctx context.Context) ([]inventory.RecoveryPoint, error) { return r.inv.RecoveryPoints(ctx, arn) })
		f.RecoveryPoints = append(f.RecoveryPoints, points...)
	}
}

// readAlerts reads what is behind the rules.
func (r *reader) readAlerts(f *inventory.Facts) {
	for _, rule := range f.EventRules {
		for _, target := range rule.Targets {
			readOne(r, &f.Topics, target.Arn, r.inv.Topic)
			read(r, &f.Subscriptions, func(ctx context.Context) ([]inventory.Subscription, error) {
				return r.inv.Subscriptions(ctx, target.Arn)
			})
		}
	}
	for _, s := range f.Subscriptions {
		readOne(r, &f.Queues, s.Endpoint, r.inv.Queue)
	}
}

// readVaults reads the vaults of a region, with policies and keys.
func (r *reader) readVaults(f *inventory.Facts) {
	read(r, &f.BackupVaults, r.inv.BackupVaults)
	for _, v := range f.BackupVaults {
		readOne(r, &f.ResourcePolicies, v.BackupVaultArn, r.inv.ResourcePolicy)
		if slices.ContainsFunc(f.Keys, func(k inventory.Key) bool { return k.Arn == v.EncryptionKeyArn }) {
			continue
		}
		readOne(r, &f.Keys, v.EncryptionKeyArn, r.inv.Key)
		if r.err == nil {
			key := &f.Keys[len(f.Keys)-1]
			key.Aliases, key.Tags = []string{backupKey}, map[string]string{}
		}
	}
}

func fixturePath(name string) string { return filepath.Join("testdata", name+".json") }

func runScope(run string) inventory.Scope { return inventory.Scope{Key: "labctl:run", Value: run} }

// encode writes facts, without the lists that are empty.
func encode(t *testing.T, facts inventory.Facts) []byte {
	t.Helper()
	data, err := json.Marshal(facts)
	require.NoError(t, err)
	var lists map[string]any
	require.NoError(t, json.Unmarshal(data, &lists))
	data, err = json.MarshalIndent(full(lists), "", " ")
	require.NoError(t, err)
	return append(data, '\n')
}

// full leaves out what says nothing. It keeps the tags of something that has none, which is not the same as not knowing them.
func full(from map[string]any) map[string]any {
	for name, value := range from {
		switch value := value.(type) {
		case nil:
			delete(from, name)
		case map[string]any:
			if name != "Tags" && len(full(value)) == 0 {
				delete(from, name)
			}
		case []any:
			for _, item := range value {
				if item, ok := item.(map[string]any); ok {
					full(item)
				}
			}
		}
	}
	return from
}

// account is a fixture that a test may change.
type account struct {
	inventory.Facts
	t   *testing.T
	run string
}

// load reads a fixture. Its newest recovery point is a minute old, and the rest is as much older as it was.
func load(t *testing.T, name string) *account {
	t.Helper()
	data, err := os.ReadFile(fixturePath(name))
	require.NoError(t, err)
	a := &account{t: t, run: name}
	require.NoError(t, json.Unmarshal(data, &a.Facts))
	var newest time.Time
	for _, p := range a.RecoveryPoints {
		if p.CreationDate.After(newest) {
			newest = p.CreationDate
		}
	}
	a.age(newest.Sub(time.Now().Add(-time.Minute)))
	return a
}

// age makes all recovery points older.
func (a *account) age(by time.Duration) {
	for n := range a.RecoveryPoints {
		a.RecoveryPoints[n].CreationDate = a.RecoveryPoints[n].CreationDate.Add(-by)
	}
	for n := range a.ContinuousBackups {
		latest := a.ContinuousBackups[n].LatestRestorableDateTime
		if latest != nil {
			a.ContinuousBackups[n].LatestRestorableDateTime = aws.Time(latest.Add(-by))
		}
	}
}

func (a *account) inventory() *inventory.Inventory {
	return inventory.Of(a.Facts, fixtureAccount, fixtureRegion, runScope(a.run))
}

// find returns the first item that is meant.
func find[T any](a *account, list []T, what string, is func(T) bool) *T {
	a.t.Helper()
	n := slices.IndexFunc(list, is)
	require.GreaterOrEqual(a.t, n, 0, "the fixture has no %s", what)
	return &list[n]
}

func (a *account) table() *inventory.Table   { return &a.Tables[0] }
func (a *account) volume() *inventory.Volume { return &a.Volumes[0] }
func (a *account) plan() *inventory.BackupPlan {
	return &a.BackupPlans[0]
}
func (a *account) rule() *inventory.BackupRule            { return &a.plan().Rules[0] }
func (a *account) selection() *inventory.BackupSelection  { return &a.BackupSelections[0] }
func (a *account) recovery() *inventory.ContinuousBackups { return &a.ContinuousBackups[0] }
func (a *account) eventRule() *inventory.EventRule        { return &a.EventRules[0] }
func (a *account) topic() *inventory.Topic                { return &a.Topics[0] }
func (a *account) queue() *inventory.Queue                { return &a.Queues[0] }
func (a *account) subscription() *inventory.Subscription  { return &a.Subscriptions[0] }
func (a *account) second() inventory.Facts                { return a.Elsewhere[fixtureSecond] }
func (a *account) vault() *inventory.BackupVault          { return &a.BackupVaults[0] }
func (a *account) offsite() *inventory.BackupVault        { return &a.second().BackupVaults[0] }
func (a *account) vaultPolicy() *inventory.ResourcePolicy {
	return a.policyOf(a.vault().BackupVaultArn)
}
func (a *account) offsitePolicy() *inventory.ResourcePolicy { return &a.second().ResourcePolicies[0] }

func (a *account) policyOf(arn string) *inventory.ResourcePolicy {
	a.t.Helper()
	return find(a, a.ResourcePolicies, "policy of "+arn, func(p inventory.ResourcePolicy) bool { return p.Arn == arn })
}

func (a *account) bucket(role string) *inventory.Bucket {
	a.t.Helper()
	return find(a, a.Buckets, "bucket "+role, func(b inventory.Bucket) bool { return b.Tags[roleTag] == role })
}

func (a *account) guard(role string) *inventory.BucketGuard {
	a.t.Helper()
	name := a.bucket(role).Name
	return find(a, a.BucketGuards, "bucket "+role, func(g inventory.BucketGuard) bool { return g.Bucket == name })
}

func (a *account) lifecycle(role string) *inventory.BucketLifecycle {
	a.t.Helper()
	name := a.bucket(role).Name
	return find(a, a.BucketLifecycles, "lifecycle "+role, func(l inventory.BucketLifecycle) bool { return l.Bucket == name })
}

func (a *account) role(part string) *inventory.Identity {
	a.t.Helper()
	return find(a, a.Identities.Roles, "role "+part, func(r inventory.Identity) bool { return r.Tags[roleTag] == part })
}

func (a *account) key(role string) *inventory.Key {
	a.t.Helper()
	return find(a, a.Keys, "key "+role, func(k inventory.Key) bool { return k.Tags[roleTag] == role })
}

// may gives a role one more statement.
func (a *account) may(part, effect, resource string, actions ...string) {
	role := a.role(part)
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{"Effect": effect, "Action": actions, "Resource": resource}})
	require.NoError(a.t, err)
	role.Policies = append(slices.Clone(role.Policies), inventory.PolicyDocument{Name: "more", Document: string(text)})
}

// rewrite replaces a part of a text that has to be there.
func (a *account) rewrite(text *string, old, with string) {
	a.t.Helper()
	require.Contains(a.t, *text, old)
	*text = strings.ReplaceAll(*text, old, with)
}

// stranger is the same architecture of somebody else in the same account, with the same roles, and broken in every way that
// a fault knows.
func stranger(t *testing.T) inventory.Facts {
	t.Helper()
	other := load(t, reference)
	for _, id := range brokenIDs() {
		mutations()[id](other)
	}
	other.age(60 * day)
	text := string(encode(t, other.Facts))
	for _, kind := range []string{"vol-", "key/", `"KeyId": "`, "backup-plan:", `"BackupPlanId": "`} {
		text = strings.ReplaceAll(text, kind, kind+"57a46e50")
	}
	text = strings.ReplaceAll(text, "labctl-"+reference, "labctl-stranger")
	text = strings.ReplaceAll(text, `"`+reference+`"`, `"stranger"`)
	var facts inventory.Facts
	require.NoError(t, json.Unmarshal([]byte(text), &facts))
	return facts
}

// add puts another's resources beside those of the account, and before them.
func (a *account) add(o inventory.Facts) {
	a.Facts = beside(o, a.Facts)
	if a.Elsewhere == nil {
		a.Elsewhere = map[string]inventory.Facts{}
	}
	for region, there := range o.Elsewhere {
		a.Elsewhere[region] = beside(there, a.Elsewhere[region])
	}
}

func beside(o, f inventory.Facts) inventory.Facts {
	f.Tables = append(o.Tables, f.Tables...)
	f.Buckets = append(o.Buckets, f.Buckets...)
	f.Volumes = append(o.Volumes, f.Volumes...)
	f.BucketGuards = append(o.BucketGuards, f.BucketGuards...)
	f.BucketLifecycles = append(o.BucketLifecycles, f.BucketLifecycles...)
	f.ContinuousBackups = append(o.ContinuousBackups, f.ContinuousBackups...)
	f.RecoveryPoints = append(o.RecoveryPoints, f.RecoveryPoints...)
	f.BackupPlans = append(o.BackupPlans, f.BackupPlans...)
	f.BackupSelections = append(o.BackupSelections, f.BackupSelections...)
	f.BackupVaults = append(o.BackupVaults, f.BackupVaults...)
	for n := range o.Keys {
		o.Keys[n].Aliases = nil // the account has one key of AWS Backup's
	}
	f.Keys = append(o.Keys, f.Keys...)
	f.ResourcePolicies = append(o.ResourcePolicies, f.ResourcePolicies...)
	f.Identities.Roles = append(o.Identities.Roles, f.Identities.Roles...)
	f.EventRules = append(o.EventRules, f.EventRules...)
	f.Topics = append(o.Topics, f.Topics...)
	f.Subscriptions = append(o.Subscriptions, f.Subscriptions...)
	f.Queues = append(o.Queues, f.Queues...)
	return f
}
