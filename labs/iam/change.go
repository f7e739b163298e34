package iam

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"labctl/labs"
)

// doing says what was being done when an error happened.
func doing(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// s3Client is S3 as the inventory asks it.
func s3Client(live labs.Live) *s3.Client {
	return s3.NewFromConfig(live.Config, func(o *s3.Options) {
		o.UsePathStyle = live.Config.BaseEndpoint != nil // bucket.localhost resolves nowhere
	})
}

// place is where a policy document stands, and what it says.
type place struct {
	Kind     placeKind
	Owner    string // role, bucket or key
	Name     string // of a role's inline policy
	Document string
}

type placeKind string

const (
	rolePolicy   placeKind = "policy of role"
	trustPolicy  placeKind = "trust policy of role"
	bucketPolicy placeKind = "policy of bucket"
	keyPolicy    placeKind = "policy of key"
)

// put makes the document the one in force.
func (p place) put(ctx context.Context, live labs.Live) error {
	var err error
	switch p.Kind {
	case rolePolicy:
		_, err = awsiam.NewFromConfig(live.Config).PutRolePolicy(ctx, &awsiam.PutRolePolicyInput{RoleName: &p.Owner, PolicyName: &p.Name, PolicyDocument: &p.Document})
	case trustPolicy:
		_, err = awsiam.NewFromConfig(live.Config).UpdateAssumeRolePolicy(ctx, &awsiam.UpdateAssumeRolePolicyInput{RoleName: &p.Owner, PolicyDocument: &p.Document})
	case bucketPolicy:
		_, err = s3Client(live).PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &p.Owner, Policy: &p.Document})
	case keyPolicy:
		_, err = kms.NewFromConfig(live.Config).PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &p.Owner, PolicyName: aws.String("default"), Policy: &p.Document})
	}
	if err := labs.Unless(err, "NoSuchEntity", "NoSuchBucket", "NotFoundException"); err != nil {
		return fmt.Errorf("changing the %s %s: %w", p.Kind, p.Owner, err)
	}
	return nil
}

// edit changes a policy document, and says whether there was anything to change.
type edit func(a *architecture, d document) bool

// documentFault is a fault that consists of one policy document edited. plan lists the documents to look at: the first in
// which the edit finds something is changed.
func documentFault(fault labs.Fault, plan func(context.Context, *architecture) ([]place, error), change edit) labs.Fault {
	const key = "document"
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		places, err := plan(ctx, a)
		if err != nil {
			return err
		}
		for _, was := range places {
			edited, err := readDocument(was.Document)
			if err != nil {
				return err
			}
			if !change(a, edited) {
				continue
			}
			if err := labs.Remember(record, key, was); err != nil {
				return err
			}
			now := was
			now.Document = edited.String()
			return now.put(ctx, live)
		}
		return labs.Lacks("no policy says what fault %s would change", fault.ID)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var was place
		if found, err := labs.Recall(record, key, &was); err != nil || !found {
			return err
		}
		return was.put(ctx, live)
	}
	return fault
}

// permissionsOf are the inline policies of the roles that play a part. An attached one is left alone: others may use it.
func permissionsOf(part string) func(context.Context, *architecture) ([]place, error) {
	return func(_ context.Context, a *architecture) ([]place, error) {
		var found []place
		for _, r := range a.part(part) {
			for _, p := range r.Policies {
				if !strings.HasPrefix(p.Name, "arn:") {
					found = append(found, place{Kind: rolePolicy, Owner: r.Name, Name: p.Name, Document: p.Document})
				}
			}
		}
		return found, nil
	}
}

// trustOf are the trust policies of the roles that play a part.
func trustOf(part string) func(context.Context, *architecture) ([]place, error) {
	return func(_ context.Context, a *architecture) ([]place, error) {
		var found []place
		for _, r := range a.part(part) {
			found = append(found, place{Kind: trustPolicy, Owner: r.Name, Document: r.TrustPolicy})
		}
		return found, nil
	}
}

// policyOfBucket is the policy of the buckets that play a part.
func policyOfBucket(part string) func(context.Context, *architecture) ([]place, error) {
	return func(ctx context.Context, a *architecture) ([]place, error) {
		all, err := a.buckets(ctx, part)
		var found []place
		for _, b := range all {
			if b.Policy != "" {
				found = append(found, place{Kind: bucketPolicy, Owner: b.Name, Document: b.Policy})
			}
		}
		return found, err
	}
}

// policyOfKey is the policy of the keys that play a part.
func policyOfKey(part string) func(context.Context, *architecture) ([]place, error) {
	return func(ctx context.Context, a *architecture) ([]place, error) {
		all, err := a.kmsKeys(ctx)
		var found []place
		for _, k := range all {
			if k.Tags[roleTag] == part {
				found = append(found, place{Kind: keyPolicy, Owner: k.KeyId, Document: k.Policy})
			}
		}
		return found, err
	}
}

// eachStatement applies a change to every statement of a document, and says whether it was made anywhere.
func eachStatement(change func(a *architecture, s statement) bool) edit {
	return func(a *architecture, d document) bool {
		changed := false
		for _, s := range d.statements() {
			changed = change(a, s) || changed
		}
		return changed
	}
}

// adding appends a statement.
func adding(s func(a *architecture) statement) edit {
	return func(a *architecture, d document) bool {
		d.add(s(a))
		return true
	}
}

// both makes two edits, the second where the first found something.
func both(first, second edit) edit {
	return func(a *architecture, d document) bool { return first(a, d) && second(a, d) }
}

func allowing(resource string, actions ...string) statement {
	return statement{"Effect": "Allow", "Action": actions, "Resource": resource}
}
