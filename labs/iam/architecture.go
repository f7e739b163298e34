package iam

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// roleTag is the tag that says what part something plays in the scenario.
const roleTag = "labctl:role"

// The parts that IAM roles play.
const (
	teamAdmin  = "team-admin"
	developer  = "developer"
	vendor     = "vendor"
	keyAdmin   = "key-admin"
	breakGlass = "break-glass"
	auditor    = "auditor"
)

// The parts of buckets and keys.
const (
	data = "data"
	logs = "logs"
)

// architecture is what is judged: what carries the scope's tag, found anew whenever a check asks; the inventory reads
// everything once.
type architecture struct {
	inv          *inventory.Inventory
	roles        []*role
	organization string         // that the account belongs to; "" for none
	everything   *policy.Policy // an identity policy that allows everything
}

// role is an IAM role of the lab with its policies compiled.
type role struct {
	inventory.Identity
	part        string
	principal   policy.Principal
	trust       *policy.Policy
	permissions []*policy.Policy
	limit       *policy.Policy // the permissions boundary's document
}

func readArchitecture(ctx context.Context, inv *inventory.Inventory) (*architecture, error) {
	everybody, err := inv.Identities(ctx)
	if err != nil {
		return nil, err
	}
	organization, err := inv.Organization(ctx)
	if err != nil {
		return nil, err
	}
	a := &architecture{inv: inv, organization: organization.Id}
	a.everything, err = parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, everythingName)
	if err != nil {
		return nil, err
	}
	for _, r := range everybody.Roles {
		if r.Tags[inv.Scope.Key] != inv.Scope.Value {
			continue
		}
		compiled, err := compile(r)
		if err != nil {
			return nil, err
		}
		a.roles = append(a.roles, compiled)
	}
	slices.SortFunc(a.roles, func(x, y *role) int { return cmp.Compare(x.Arn, y.Arn) })
	return a, nil
}

func compile(r inventory.Identity) (*role, error) {
	compiled := &role{Identity: r, part: r.Tags[roleTag]}
	var err error
	if compiled.principal, err = policy.ParsePrincipal(r.Arn); err != nil {
		return nil, fmt.Errorf("role %s: %w", r.Name, err)
	}
	if compiled.trust, err = parse(r.TrustPolicy, "trust policy of "+r.Name); err != nil {
		return nil, err
	}
	for _, document := range r.Policies {
		p, err := parse(document.Document, document.Name)
		if err != nil {
			return nil, err
		}
		compiled.permissions = append(compiled.permissions, p)
	}
	if r.Boundary != nil {
		compiled.limit, err = parse(r.Boundary.Document, "boundary "+lastPart(r.Boundary.Name))
	}
	return compiled, err
}

func parse(document, name string) (*policy.Policy, error) {
	parsed, err := policy.Parse([]byte(document))
	if err != nil {
		return nil, fmt.Errorf("the %s: %w", name, err)
	}
	return parsed.Named(name), nil
}

// lastPart is what follows the last slash of an ARN.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// part returns the roles that play a part.
func (a *architecture) part(name string) []*role {
	var found []*role
	for _, r := range a.roles {
		if r.part == name {
			found = append(found, r)
		}
	}
	return found
}

// partition is the second part of every ARN in the account.
func (a *architecture) partition() string {
	if len(a.roles) == 0 {
		return "aws"
	}
	return strings.Split(a.roles[0].Arn, ":")[1]
}

// iamARN names something of IAM in an account: role/x, policy/y, root.
func (a *architecture) iamARN(account, rest string) string {
	return fmt.Sprintf("arn:%s:iam::%s:%s", a.partition(), account, rest)
}

// boundary is the ARN of the approved boundary: the policy in the scope that is tagged as such and that roles carry.
func (a *architecture) boundary(ctx context.Context) (string, error) {
	for _, r := range a.roles {
		if r.Boundary == nil || strings.Contains(r.Boundary.Name, ":iam::aws:") {
			continue // a policy that AWS manages is nobody's own, and has no tags
		}
		tags, err := a.inv.PolicyTags(ctx, r.Boundary.Name)
		if err != nil {
			return "", err
		}
		if tags[a.inv.Scope.Key] == a.inv.Scope.Value && tags[roleTag] == "boundary" {
			return r.Boundary.Name, nil
		}
	}
	return "", nil
}

// bucket is a bucket of the lab, with what protects it.
type bucket struct {
	inventory.Bucket
	inventory.BucketGuard
	arn    string
	policy *policy.Policy // nil where it has none
}

// buckets are the lab's buckets that play a part; all of them where none is named.
func (a *architecture) buckets(ctx context.Context, part string) ([]bucket, error) {
	all, err := a.inv.Buckets(ctx)
	if err != nil {
		return nil, err
	}
	var found []bucket
	for _, b := range all {
		if part != "" && b.Tags[roleTag] != part {
			continue
		}
		one, err := a.bucket(ctx, b)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	slices.SortFunc(found, func(x, y bucket) int { return cmp.Compare(x.Name, y.Name) })
	return found, nil
}

func (a *architecture) bucket(ctx context.Context, b inventory.Bucket) (bucket, error) {
	one := bucket{Bucket: b, arn: fmt.Sprintf("arn:%s:s3:::%s", a.partition(), b.Name)}
	var err error
	if one.BucketGuard, err = a.inv.BucketGuard(ctx, b.Name); err != nil {
		return one, err
	}
	if one.Policy != "" {
		one.policy, err = parse(one.Policy, "bucket policy of "+b.Name)
	}
	return one, err
}

// key is a KMS key of the lab.
type key struct {
	inventory.Key
	policy *policy.Policy
}

func (k key) String() string {
	if len(k.Aliases) > 0 {
		return fmt.Sprintf("%s (%s)", k.KeyId, k.Aliases[0])
	}
	return k.KeyId
}

// kmsKeys are the lab's keys, without those that were replaced and wait for their deletion: what a Terraform that was
// interrupted has made is made anew, and a deleted key keeps its tags for the days that it waits.
func (a *architecture) kmsKeys(ctx context.Context) ([]key, error) {
	all, err := a.inv.Keys(ctx)
	if err != nil {
		return nil, err
	}
	var found []key
	for _, k := range all {
		if replaced(k, all) {
			continue
		}
		document, err := parse(k.Policy, "key policy of "+k.KeyId)
		if err != nil {
			return nil, err
		}
		found = append(found, key{Key: k, policy: document})
	}
	slices.SortFunc(found, func(x, y key) int { return cmp.Compare(x.Arn, y.Arn) })
	return found, nil
}

// replaced tells whether a key waits for its deletion, no alias leads to it any more, and another that can be used has its
// part.
func replaced(k inventory.Key, all []inventory.Key) bool {
	return k.KeyState == "PendingDeletion" && len(k.Aliases) == 0 && slices.ContainsFunc(all, func(other inventory.Key) bool {
		return other.KeyState == "Enabled" && other.Tags[roleTag] == k.Tags[roleTag]
	})
}

// keyCalled finds a key of the lab by the ways in which a bucket can name it: by id, ARN or alias.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
func keyCalled(all []key, name string) (key, bool) {
	n := slices.IndexFunc(all, func(k key) bool {
		return name == k.Arn || name == k.KeyId || slices.ContainsFunc(k.Aliases, func(alias string) bool {
			return name == alias || strings.HasSuffix(name, ":"+alias)
		})
	})
	if n < 0 {
		return key{}, false
	}
	return all[n], true
}

// need is what a property is about: something of a kind with a part.
type need struct {
	kind string // IAM role, S3 bucket, KMS key, trail
	part string // "" for any
}

// The kinds of needs.
const (
	aRole   = "IAM role"
	aBucket = "S3 bucket"
	aKey    = "KMS key"
	aTrail  = "trail"
)

// gaps says what must be there for a property to be about anything, and isn't: nothing is proved by an empty set.
func (a *architecture) gaps(ctx context.Context, needs []need) ([]string, error) {
	var missing []string
	for _, n := range needs {
		there, err := a.has(ctx, n)
		if err != nil {
			return nil, err
		}
		switch {
		case there:
		case n.part == "":
			missing = append(missing, fmt.Sprintf("No %s carries %s.", n.kind, a.inv.Scope))
		default:
			missing = append(missing, fmt.Sprintf("No %s carries both %s and %s=%s.", n.kind, a.inv.Scope, roleTag, n.part))
		}
	}
	return missing, nil
}

func (a *architecture) has(ctx context.Context, n need) (bool, error) {
	switch n.kind {
	case aRole:
		return n.part == "" && len(a.roles) > 0 || len(a.part(n.part)) > 0, nil
	case aBucket:
		found, err := a.inv.Buckets(ctx)
		return slices.ContainsFunc(found, func(b inventory.Bucket) bool { return n.part == "" || b.Tags[roleTag] == n.part }), err
	case aKey:
		found, err := a.inv.Keys(ctx)
		return slices.ContainsFunc(found, func(k inventory.Key) bool { return n.part == "" || k.Tags[roleTag] == n.part }), err
	default:
		found, err := a.inv.Trails(ctx)
		return len(found) > 0, err
	}
}

// judge makes a check's function: it reads the lab's roles, fails where something that the property is about is missing,
// and else lets decide collect what breaks the property. What decide returns is said when nothing does.
func judge(needs []need, decide func(context.Context, *architecture, *checks.Offences) ([]string, error)) func(context.Context, *inventory.Inventory) (checks.Finding, error) {
	return func(ctx context.Context, inv *inventory.Inventory) (checks.Finding, error) {
		a, err := readArchitecture(ctx, inv)
		if err != nil {
			return checks.Finding{}, err
		}
		missing, err := a.gaps(ctx, needs)
		if err != nil {
			return checks.Finding{}, err
		}
		if len(missing) > 0 {
			// The tagging API may not know yet of what was made a moment ago.
			return checks.Finding{Status: checks.Fail, Found: missing, Pending: true}, nil
		}
		var offences checks.Offences
		pass, err := decide(ctx, a, &offences)
		if err != nil {
			return checks.Finding{}, err
		}
		return offences.Finding(pass...), nil
	}
}
