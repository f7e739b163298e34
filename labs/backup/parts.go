package backup

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"labctl/checks/inventory"
	"labctl/labs"
)

// backupTag says which selection something is for.
const backupTag = "labctl:backup"

// parts finds what a fault or a hook changes: by the run's tag and by role, in both of the lab's regions.
type parts struct {
	inv    *inventory.Inventory
	second string // the other region; "" for none
}

func partsOf(live labs.Live) parts { return parts{live.Inventory, live.SecondRegion} }

// plays says whether something of the run has the role.
func (p parts) plays(tags map[string]string, role string) bool {
	return tags[p.inv.Scope.Key] == p.inv.Scope.Value && tags[roleTag] == role
}

// pick is the first of a list that plays a role in the run.
func pick[T any](p parts, kind, role string, list []T, err error, tags func(T) map[string]string) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	n := slices.IndexFunc(list, func(item T) bool { return p.plays(tags(item), role) })
	if n < 0 {
		return none, labs.Lacks("no %s carries both %s and %s=%s", kind, p.inv.Scope, roleTag, role)
	}
	return list[n], nil
}

func (p parts) table(ctx context.Context) (inventory.Table, error) {
	list, err := p.inv.Tables(ctx)
	return pick(p, "table", roleOrders, list, err, func(t inventory.Table) map[string]string { return t.Tags })
}

// bucket is the name of a bucket.
func (p parts) bucket(ctx context.Context, role string) (string, error) {
	list, err := p.inv.Buckets(ctx)
	bucket, err := pick(p, "bucket", role, list, err, func(b inventory.Bucket) map[string]string { return b.Tags })
	return bucket.Name, err
}

func (p parts) volume(ctx context.Context) (inventory.Volume, error) {
	list, err := p.inv.Volumes(ctx)
	return pick(p, "volume", roleIndex, list, err, func(v inventory.Volume) map[string]string { return v.Tags })
}

func (p parts) plan(ctx context.Context) (inventory.BackupPlan, error) {
	list, err := p.inv.BackupPlans(ctx)
	return pick(p, "backup plan", rolePlan, list, err, func(b inventory.BackupPlan) map[string]string { return b.Tags })
}

func (p parts) role(ctx context.Context, part string) (inventory.Identity, error) {
	all, err := p.inv.Identities(ctx)
	if err != nil {
		return inventory.Identity{}, err
	}
	return pick(p, "role", part, all.Roles, nil, func(i inventory.Identity) map[string]string { return i.Tags })
}

func (p parts) rule(ctx context.Context) (inventory.EventRule, error) {
	list, err := p.inv.EventRules(ctx)
	return pick(p, "event rule", roleAlerts, list, err, func(r inventory.EventRule) map[string]string { return r.Tags })
}

func (p parts) queue(ctx context.Context) (inventory.Queue, error) {
	list, err := p.inv.Queues(ctx)
	return pick(p, "queue", roleAlerts, list, err, func(q inventory.Queue) map[string]string { return q.Tags })
}

// topic is the ARN of the topic that the rule publishes to.
func (p parts) topic(ctx context.Context) (string, error) {
	rule, err := p.rule(ctx)
	if err != nil {
		return "", err
	}
	for _, target := range rule.Targets {
		if strings.Contains(target.Arn, ":sns:") {
			return target.Arn, nil
		}
	}
	return "", labs.Lacks("rule %s has no topic as its target", rule.Name)
}

// vault is a backup vault and where it is.
type vault struct {
	Region, Name, ARN string
}

func (v vault) String() string { return "backup vault " + v.Name + " in " + v.Region }

// api is AWS Backup in the vault's region.
func (v vault) api(live labs.Live) *backup.Client {
	return backup.NewFromConfig(live.Config, func(o *backup.Options) { o.Region = v.Region })
}

// vaults are the run's vaults in both regions.
func (p parts) vaults(ctx context.Context) ([]vault, error) {
	var found []vault
	for _, region := range p.regions() {
		all, err := p.inv.In(region).BackupVaults(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range all {
			if v.Tags[p.inv.Scope.Key] == p.inv.Scope.Value {
				found = append(found, vault{region, v.BackupVaultName, v.BackupVaultArn})
			}
		}
	}
	return found, nil
}

func (p parts) regions() []string {
	if p.second == "" {
		return []string{p.inv.Region}
	}
	return []string{p.inv.Region, p.second}
}

// vault is the vault with a role, and how it is locked.
func (p parts) vault(ctx context.Context, role string) (vault, inventory.BackupVault, error) {
	region := p.inv.Region
	if role == roleOffsite && p.second != "" {
		region = p.second
	}
	list, err := p.inv.In(region).BackupVaults(ctx)
	found, err := pick(p, "backup vault", role, list, err, func(v inventory.BackupVault) map[string]string { return v.Tags })
	return vault{region, found.BackupVaultName, found.BackupVaultArn}, found, err
}

// buckets is S3 as the inventory asks it.
func buckets(live labs.Live) *s3.Client {
	return s3.NewFromConfig(live.Config, func(o *s3.Options) {
		o.UsePathStyle = live.Config.BaseEndpoint != nil // bucket.localhost resolves nowhere
	})
}
