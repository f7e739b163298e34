package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// decidePublicAccess adds up the flags of each bucket and of the account: S3 applies the stricter of the two.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func decidePublicAccess(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	all, err := a.buckets(ctx, "")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, b := range all {
		off := flagsOff(b.PublicAccessBlock, inventory.PublicAccessBlock{})
		if len(off) > 0 {
			account, err := a.inv.AccountPublicAccessBlock(ctx)
			if err != nil {
				return nil, err
			}
			off = flagsOff(b.PublicAccessBlock, account)
		}
		if len(off) > 0 {
			o.Add(fmt.Sprintf("Bucket %s: %s off.", b.Name, say.And(off)), b.arn)
		}
		names = append(names, b.Name)
	}
	return []string{fmt.Sprintf("All four flags are on for %s.", say.And(names))}, nil
}

func flagsOff(bucket, account inventory.PublicAccessBlock) []string {
	var off []string
	for _, flag := range []struct {
		on   bool
		name string
	}{
		{bucket.BlockPublicAcls || account.BlockPublicAcls, "BlockPublicAcls"},
		{bucket.BlockPublicPolicy || account.BlockPublicPolicy, "BlockPublicPolicy"},
		{bucket.IgnorePublicAcls || account.IgnorePublicAcls, "IgnorePublicAcls"},
		{bucket.RestrictPublicBuckets || account.RestrictPublicBuckets, "RestrictPublicBuckets"},
	} {
		if !flag.on {
			off = append(off, flag.name)
		}
	}
	return off
}

func decideNoKeys(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	everybody, err := a.inv.Identities(ctx)
	if err != nil {
		return nil, err
	}
	users := 0
	for _, user := range everybody.Users {
		if user.Tags[a.inv.Scope.Key] != a.inv.Scope.Value {
			continue
		}
		users++
		found, err := a.inv.AccessKeys(ctx, user.Name)
		if err != nil {
			return nil, err
		}
		for _, k := range found {
			o.Add(fmt.Sprintf("User %s has the access key %s (%s).", user.Name, k.AccessKeyId, strings.ToLower(k.Status)), user.Arn)
		}
	}
	return []string{fmt.Sprintf("%s carry %s, none of them with an access key; people and workloads use %s.", typeset.Count(users, "IAM user"), a.inv.Scope, typeset.Count(len(a.roles), "role"))}, nil
}

// decideAnalyzer looks at the analyzers for access from outside. Of their findings only those about the lab count.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html
func decideAnalyzer(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	analyzers, err := a.inv.Analyzers(ctx)
	if err != nil {
		return nil, err
	}
	own, err := a.resources(ctx)
	if err != nil {
		return nil, err
	}
	var active []string
	for _, analyzer := range analyzers {
		if analyzer.Status != "ACTIVE" || analyzer.Type != "ACCOUNT" && analyzer.Type != "ORGANIZATION" {
			continue
		}
		active = append(active, analyzer.Name)
		findings, err := a.inv.AccessFindings(ctx, analyzer.Arn)
		if err != nil {
			return nil, err
		}
		for _, f := range findings {
			if slices.Contains(own, f.Resource) {
				o.Add(fmt.Sprintf("Analyzer %s has an open finding: %s can be used from outside (finding %s).", analyzer.Name, f.Resource, f.Id), f.Resource)
			}
		}
	}
	if len(active) == 0 {
		o.AddPending(fmt.Sprintf("No analyzer for access from outside is active in %s.", a.inv.Region))
	}
	return []string{fmt.Sprintf("%s is active and has no open finding about the lab.", say.And(active))}, nil
}

// resources are the ARNs of what an analyzer can have findings about.
func (a *architecture) resources(ctx context.Context) ([]string, error) {
	var found []string
	for _, r := range a.roles {
		found = append(found, r.Arn)
	}
	keys, err := a.inv.Keys(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		found = append(found, k.Arn)
	}
	buckets, err := a.inv.Buckets(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range buckets {
		found = append(found, fmt.Sprintf("arn:%s:s3:::%s", a.partition(), b.Name))
	}
	return found, nil
}
