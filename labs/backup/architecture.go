package backup

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"labctl/checks"
	"labctl/checks/inventory"
)

// roleTag is the tag that says what part something plays.
const roleTag = "labctl:role"

// The parts that are looked for.
const (
	roleOrders     = "orders"
	roleDocuments  = "documents"
	roleDrafts     = "drafts"
	roleIndex      = "index"
	roleVault      = "vault"
	roleOffsite    = "offsite"
	rolePlan       = "plan"
	roleAlerts     = "alerts"
	roleWorkload   = "workload"
	roleBackup     = "backup"
	roleRestore    = "restore"
	roleBreakGlass = "break-glass"
)

// The tags in which what holds data carries its objectives: a number with m, h or d.
const (
	rpoTag  = "labctl:rpo"
	rtoTag  = "labctl:rto"
	keepTag = "labctl:keep"
)

// ceilings are what the scenario grants at most, whatever a tag says: a table holds orders unless labctl:role says
// otherwise.
func (r resource) ceilings() (rpo, rto time.Duration) {
	if r.Kind == kindTable && (r.Tags[roleTag] == roleOrders || r.Tags[roleTag] == "") {
		return 5 * time.Minute, time.Hour
	}
	return 24 * time.Hour, 8 * time.Hour
}

// keepDays is how long the scenario keeps what was deleted or overwritten, whatever a tag says.
const keepDays = 35

const day = 24 * time.Hour

// kind is a kind of resource that holds data.
type kind string

// The kinds of what holds data.
const (
	kindTable    kind = "table"
	kindBucket   kind = "bucket"
	kindVolume   kind = "volume"
	kindDatabase kind = "database"
)

// resource is something that holds data.
type resource struct {
	Kind kind
	Name string
	Arn  string
	Tags map[string]string

	RPO  time.Duration // 0 where it is not stated
	RTO  time.Duration // 0 where it is not stated
	Keep time.Duration // the scenario's where it is not stated, and where less is
}

func (r resource) String() string { return fmt.Sprintf("%s %s", r.Kind, r.Name) }

// architecture is what is judged: what holds data and carries the scope's tag. Plans, vaults and roles are read when a
// check asks for them; the inventory reads everything once.
type architecture struct {
	inv      *inventory.Inventory
	stateful []resource
}

func readArchitecture(ctx context.Context, inv *inventory.Inventory) (*architecture, error) {
	var tables, buckets, volumes, databases []resource
	a := &architecture{inv: inv}
	group, ctx := errgroup.WithContext(ctx)
	for into, read := range map[*[]resource]func(context.Context) ([]resource, error){
		&tables: a.readTables, &buckets: a.readBuckets, &volumes: a.readVolumes, &databases: a.readDatabases,
	} {
		group.Go(func() (err error) {
			*into, err = read(ctx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, list := range [][]resource{tables, buckets, volumes, databases} {
		a.stateful = append(a.stateful, list...)
	}
	return a, nil
}

func (a *architecture) readTables(ctx context.Context) ([]resource, error) {
	list, err := a.inv.Tables(ctx)
	var found []resource
	for _, t := range list {
		found = append(found, stateful(kindTable, t.TableName, t.TableArn, t.Tags))
	}
	return found, err
}

func (a *architecture) readBuckets(ctx context.Context) ([]resource, error) {
	list, err := a.inv.Buckets(ctx)
	var found []resource
	for _, b := range list {
		found = append(found, stateful(kindBucket, b.Name, "arn:aws:s3:::"+b.Name, b.Tags))
	}
	return found, err
}

func (a *architecture) readVolumes(ctx context.Context) ([]resource, error) {
	list, err := a.inv.Volumes(ctx)
	var found []resource
	for _, v := range list {
		found = append(found, stateful(kindVolume, v.VolumeId, a.inv.VolumeARN(v.VolumeId), v.Tags))
	}
	return found, err
}

func (a *architecture) readDatabases(ctx context.Context) ([]resource, error) {
	list, err := a.inv.Databases(ctx)
	var found []resource
	for _, d := range list {
		if a.inScope(d.Tags) {
			found = append(found, stateful(kindDatabase, d.Identifier, d.Arn, d.Tags))
		}
	}
	return found, err
}

func stateful(kind kind, name, arn string, tags map[string]string) resource {
	r := resource{Kind: kind, Name: name, Arn: arn, Tags: tags}
	r.RPO, _ = parseObjective(tags[rpoTag])
	r.RTO, _ = parseObjective(tags[rtoTag])
	keep, _ := parseObjective(tags[keepTag])
	r.Keep = max(keep, keepDays*day)
	return r
}

// parseObjective reads a time as the tags have it: 5m, 24h, 35d.
func parseObjective(text string) (time.Duration, bool) {
	units := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": day}
	for unit, length := range units {
		if digits, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.Atoi(digits)
			return time.Duration(n) * length, err == nil && n > 0
		}
	}
	return 0, false
}

// inScope says whether tags have the scope's.
func (a *architecture) inScope(tags map[string]string) bool {
	return tags[a.inv.Scope.Key] == a.inv.Scope.Value
}

// plays says whether something carries the scope's tag and the role.
func (a *architecture) plays(tags map[string]string, role string) bool {
	return a.inScope(tags) && tags[roleTag] == role
}

// nothing says that no resource of a kind is there to judge: nothing is proved by an empty set.
func (a *architecture) nothing(kind, role string) string {
	return fmt.Sprintf("No %s carries both %s and %s=%s.", kind, a.inv.Scope, roleTag, role)
}

// of are the resources of a kind.
func (a *architecture) of(kind kind) []resource {
	var found []resource
	for _, r := range a.stateful {
		if r.Kind == kind {
			found = append(found, r)
		}
	}
	return found
}

// rolesOf are the IAM roles that play a part.
func (a *architecture) rolesOf(ctx context.Context, part string) ([]inventory.Identity, error) {
	everybody, err := a.inv.Identities(ctx)
	if err != nil {
		return nil, err
	}
	var found []inventory.Identity
	for _, role := range everybody.Roles {
		if a.plays(role.Tags, part) {
			found = append(found, role)
		}
	}
	return found, nil
}

// decider judges an architecture: it adds what is wrong to the offences, and returns what a pass says.
type decider func(context.Context, *architecture, *checks.Offences) ([]string, error)

// judge makes a check's function of one that judges the architecture, in which something holds data.
func judge(decide decider) func(context.Context, *inventory.Inventory) (checks.Finding, error) {
	return func(ctx context.Context, inv *inventory.Inventory) (checks.Finding, error) {
		a, err := readArchitecture(ctx, inv)
		if err != nil {
			return checks.Finding{}, err
		}
		if len(a.stateful) == 0 {
			return checks.Failed(fmt.Sprintf("No table, bucket, volume or database carries %s.", inv.Scope)), nil
		}
		return judged(ctx, a, decide)
	}
}

func judged(ctx context.Context, a *architecture, decide decider) (checks.Finding, error) {
	var offences checks.Offences
	passed, err := decide(ctx, a, &offences)
	if err != nil {
		return checks.Finding{}, err
	}
	finding := offences.Finding(passed...)
	if finding.Status == checks.Pass && len(passed) == 0 {
		return checks.Finding{}, fmt.Errorf("nothing was found to judge") // no check passes for lack of anything to look at
	}
	return finding, nil
}
