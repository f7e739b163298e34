package backup

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"labctl/labs"
)

// The faults of who may do what.

// inlinePolicy is an inline policy of a role; without a document there is none of the name.
type inlinePolicy struct{ Role, Name, Document string }

func workloadDeletes() labs.Fault {
	return roleFault("housekeeping", labs.Fault{
		ID:     "workload-deletes",
		Title:  "The shop's function was taken over for an hour. What is missing is missing from the backups, too.",
		Answer: "A second inline policy allows the workload dynamodb:DeleteBackup.",
		Breaks: []string{"bk-roles"},
		Hints: []string{
			"The intruder had no other credentials than the function's.",
			"The policy that everybody knows is as it was. Is it the only one?",
			"List all policies of the workload role.",
		},
	}, func(ctx context.Context, p parts) (role string, statement map[string]any, err error) {
		workload, err := p.role(ctx, roleWorkload)
		return workload.Name, allowing("*", "dynamodb:ListBackups", "dynamodb:DeleteBackup"), err
	})
}

func backupOverwrites() labs.Fault {
	return roleFault("restore-too", labs.Fault{
		ID:     "backup-overwrites",
		Title:  "Since the backup role was given what restores need, too, one role does everything. Who wrote into the orders last night?",
		Answer: "A second inline policy allows the backup role to write into the table of the orders.",
		Breaks: []string{"bk-roles"},
		Twin:   true,
		Hints: []string{
			"The workload may do no more than before.",
			"Which role reaches everything, every night?",
			"labctl can says whether the backup role may change an order.",
		},
	}, func(ctx context.Context, p parts) (role string, statement map[string]any, err error) {
		who, err := p.role(ctx, roleBackup)
		if err != nil {
			return "", nil, err
		}
		table, err := p.table(ctx)
		return who.Name, allowing(table.TableArn, "dynamodb:BatchWriteItem", "dynamodb:PutItem"), err
	})
}

func restoreDenied() labs.Fault {
	return roleFault("least-privilege", labs.Fault{
		ID:     "restore-denied",
		Title:  "After a review of permissions no restore works. The vault key's policy allows it, to the letter.",
		Answer: "A second inline policy denies the restore role kms:Decrypt with the vault's key.",
		Breaks: []string{"bk-key-split"},
		Twin:   true,
		Hints: []string{
			"The key and its policy are as they were.",
			"An Allow is not all that counts.",
			"List all policies of the restore role, and look for a Deny.",
		},
	}, func(ctx context.Context, p parts) (role string, statement map[string]any, err error) {
		who, err := p.role(ctx, roleRestore)
		if err != nil {
			return "", nil, err
		}
		_, vault, err := p.vault(ctx, roleVault)
		denial := allowing(vault.EncryptionKeyArn, "kms:Decrypt", "kms:ReEncryptFrom")
		denial["Effect"] = "Deny"
		return who.Name, denial, err
	})
}

// allowing is a statement.
func allowing(resource string, actions ...string) map[string]any {
	return map[string]any{"Effect": "Allow", "Action": actions, "Resource": resource}
}

func policyText(statement map[string]any) string {
	text, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{statement}}) //nolint:errchkjson // plain texts
	return string(text)
}

// roleFault is a fault that consists of one more inline policy of a role.
func roleFault(name string, fault labs.Fault, plan func(context.Context, parts) (role string, statement map[string]any, err error)) labs.Fault {
	return swap(fault, func(ctx context.Context, p parts, _ labs.Live) (before, after inlinePolicy, err error) {
		role, statement, err := plan(ctx, p)
		return inlinePolicy{Role: role, Name: name}, inlinePolicy{role, name, policyText(statement)}, err
	}, func(ctx context.Context, live labs.Live, p inlinePolicy) error {
		var err error
		if api := iam.NewFromConfig(live.Config); p.Document == "" {
			_, err = api.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &p.Role, PolicyName: &p.Name})
		} else {
			_, err = api.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &p.Role, PolicyName: &p.Name, PolicyDocument: &p.Document})
		}
		if err := labs.Unless(err, "NoSuchEntity"); err != nil {
			return fmt.Errorf("changing policy %s of role %s: %w", p.Name, p.Role, err)
		}
		return nil
	})
}

// bucketPolicy is a bucket's policy; "" is none.
type bucketPolicy struct{ Bucket, Policy string }

// workloadDeletesVersions is about the drafts: in the documents' bucket the lock would refuse.
func workloadDeletesVersions() labs.Fault {
	return swap(labs.Fault{
		ID:     "workload-deletes-versions",
		Title:  "The shop's function was taken over, and drafts are gone with all their versions. The role's policies do not allow that, and never did.",
		Answer: "The policy of the drafts' bucket allows the workload role s3:DeleteObjectVersion.",
		Breaks: []string{"bk-roles"},
		Twin:   true,
		Hints: []string{
			"Within an account, one Allow is enough, wherever it stands.",
			"Not the role says it. Then the bucket may.",
			"Read the policy of the drafts' bucket.",
		},
	}, func(ctx context.Context, p parts, live labs.Live) (before, after bucketPolicy, err error) {
		bucket, err := p.bucket(ctx, roleDrafts)
		if err != nil {
			return before, after, err
		}
		workload, err := p.role(ctx, roleWorkload)
		if err != nil {
			return before, after, err
		}
		got, err := buckets(live).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &bucket})
		if err == nil {
			return before, after, labs.Lacks("bucket %s has a policy already: %s", bucket, aws.ToString(got.Policy))
		}
		if !labs.IsCode(err, "NoSuchBucketPolicy") {
			return before, after, fmt.Errorf("reading the policy of bucket %s: %w", bucket, err)
		}
		statement := allowing("arn:aws:s3:::"+bucket+"/*", "s3:DeleteObject", "s3:DeleteObjectVersion")
		statement["Principal"] = map[string]any{"AWS": workload.Arn}
		return bucketPolicy{Bucket: bucket}, bucketPolicy{bucket, policyText(statement)}, nil
	}, func(ctx context.Context, live labs.Live, p bucketPolicy) error {
		var err error
		if p.Policy == "" {
			_, err = buckets(live).DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: &p.Bucket})
		} else {
			_, err = buckets(live).PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &p.Bucket, Policy: &p.Policy})
		}
		if err := labs.Unless(err, "NoSuchBucket"); err != nil {
			return fmt.Errorf("changing the policy of bucket %s: %w", p.Bucket, err)
		}
		return nil
	})
}
