package iam

import (
	"context"
	"fmt"
	"strings"

	"labctl/checks"
	"labctl/checks/access"
	"labctl/checks/policy"
)

// onObjects and onBucket are sample actions on the two kinds of resources that a bucket policy is about.
func onObjects() []string { return []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"} }
func onBucket() []string  { return []string{"s3:ListBucket", "s3:GetBucketLocation"} }

// object is an object in the bucket.
func (b bucket) object() string { return b.arn + "/document" }

// decideOrg asks the data bucket as outsiders, who must meet a deny: a bucket policy that merely grants them nothing holds
// until somebody adds a grant. And it asks as the lab's own roles and as services, who must not.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
func decideOrg(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	all, err := a.buckets(ctx, "")
	if err != nil {
		return nil, err
	}
	outsiders, err := a.outsideOrganization()
	if err != nil {
		return nil, err
	}
	var pass []string
	for _, b := range all {
		if b.Tags[roleTag] == data {
			denied(o, eachOf(underEach(outsiders, b.policy), onObjects(), []string{b.object()}), "Bucket "+b.Name+" does not refuse principals from outside the organization", b.arn)
			denied(o, eachOf(underEach(outsiders, b.policy), onBucket(), []string{b.arn}), "Bucket "+b.Name+" does not refuse principals from outside the organization", b.arn)
			a.sparesOwn(o, b)
			pass = append(pass, b.Name+" refuses whoever is from outside the organization, and serves the lab's own roles.")
		}
		a.sparesServices(o, b)
	}
	return append(pass, "AWS services are spared."), nil
}

// outsideOrganization are an administrator of another account, in another organization and in none, and a caller without
// credentials.
func (a *architecture) outsideOrganization() ([]policy.Input, error) {
	elsewhere, err := a.administrator(strangerAccount)
	if err != nil {
		return nil, err
	}
	return []policy.Input{elsewhere, with(elsewhere, keys{"aws:PrincipalOrgID": {"o-" + strings.ReplaceAll(strangerName, "-", "")}}), a.anonymous()}, nil
}

func (a *architecture) sparesOwn(o *checks.Offences, b bucket) {
	for _, r := range a.roles {
		if granted(each(under(a.by(r), b.policy), []string{"s3:GetObject"}, []string{b.object()})) {
			return
		}
	}
	o.Add(fmt.Sprintf("None of the lab's own roles can read bucket %s: the guard refuses everybody, or nobody has the permission.", b.Name), b.arn)
}

// sparesServices asks as services that deliver to buckets. They belong to no organization.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
func (a *architecture) sparesServices(o *checks.Offences, b bucket) {
	if b.policy == nil {
		return
	}
	for _, name := range []string{"cloudtrail.amazonaws.com", "logging.s3.amazonaws.com", "delivery.logs.amazonaws.com"} {
		in := to(under(a.service(name), b.policy), "s3:PutObject", b.object())
		if decision := policy.Evaluate(in); decision.Outcome == policy.ExplicitDeny || decision.Outcome == policy.Inconclusive {
			o.Add(fmt.Sprintf("Bucket %s refuses AWS services such as %s: what they deliver is lost. %s", b.Name, name, answer{decision, in}.why()), b.arn)
			return
		}
	}
}

// decideTLS asks over plain HTTP, as those who may do everything and as those who are nobody, on the bucket and on an object.
// https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html
func decideTLS(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	all, err := a.buckets(ctx, "")
	if err != nil {
		return nil, err
	}
	everybody, err := a.outsideOrganization()
	if err != nil {
		return nil, err
	}
	own, err := a.administrator(a.inv.Account)
	if err != nil {
		return nil, err
	}
	everybody = append(everybody, own)
	var pass []string
	for _, b := range all {
		var plain []policy.Input
		for _, in := range everybody {
			plain = append(plain, with(under(in, b.policy), keys{"aws:SecureTransport": {"false"}}))
		}
		denied(o, eachOf(plain, onBucket(), []string{b.arn}), "Bucket "+b.Name+" itself can be asked over plain HTTP", b.arn)
		denied(o, eachOf(plain, onObjects(), []string{b.object()}), "Objects in bucket "+b.Name+" travel over plain HTTP", b.arn)
		if !granted(each(under(own, b.policy), []string{"s3:GetObject"}, []string{b.object()})) {
			o.Add(fmt.Sprintf("Bucket %s refuses TLS as well: nobody can read it.", b.Name), b.arn)
		}
		pass = append(pass, fmt.Sprintf("%s and its objects refuse plain HTTP.", b.Name))
	}
	return pass, nil
}

// The headers of a write by which its author chooses how the object is encrypted.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
const (
	sseHeader         = "s3:x-amz-server-side-encryption"
	sseKeyHeader      = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	sseCustomerHeader = "s3:x-amz-server-side-encryption-customer-algorithm"
)

func decideSSEKey(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	all, err := a.buckets(ctx, "")
	if err != nil {
		return nil, err
	}
	known, err := a.kmsKeys(ctx)
	if err != nil {
		return nil, err
	}
	var pass []string
	for _, b := range all {
		own, ok := keyCalled(known, b.Encryption.KMSMasterKeyID)
		switch {
		case !strings.HasPrefix(b.Encryption.SSEAlgorithm, "aws:kms"):
			o.Add(fmt.Sprintf("Bucket %s encrypts with %s by default, not with a KMS key.", b.Name, orNothing(b.Encryption.SSEAlgorithm)), b.arn)
			continue
		case !ok:
			o.Add(fmt.Sprintf("Bucket %s encrypts by default with %s, which is no key of the lab.", b.Name, orNothing(b.Encryption.KMSMasterKeyID)), b.arn)
			continue
		}
		if b.Tags[roleTag] == data {
			if err := a.refusesOtherKeys(o, b, own, known); err != nil {
				return nil, err
			}
			pass = append(pass, fmt.Sprintf("%s encrypts with %s, and refuses writes with any other key.", b.Name, own))
		}
	}
	return pass, nil
}

func orNothing(text string) string {
	if text == "" {
		return "no key that it names"
	}
	return text
}

// refusesOtherKeys asks to write as somebody whose own policies allow everything.
func (a *architecture) refusesOtherKeys(o *checks.Offences, b bucket, own key, all []key) error {
	admin, err := a.administrator(a.inv.Account)
	if err != nil {
		return err
	}
	// All three headers are settled: what is not named is not sent.
	write := to(under(with(admin, keys{sseHeader: nil, sseKeyHeader: nil, sseCustomerHeader: nil}), b.policy), "s3:PutObject", b.object())
	others := []string{
		fmt.Sprintf("arn:%s:kms:%s:%s:key/%s", a.partition(), a.inv.Region, a.inv.Account, strangerName),
		fmt.Sprintf("arn:%s:kms:%s:%s:key/%s", a.partition(), a.inv.Region, strangerAccount, strangerName),
	}
	for _, k := range all {
		if k.Arn != own.Arn {
			others = append(others, k.Arn)
		}
	}
	for _, named := range valuesAsked(sseKeyHeader, b.policy) {
		if named != own.Arn && strings.HasPrefix(named, "arn:") {
			others = append(others, named)
		}
	}
	var withOthers, withManaged []policy.Input
	for _, algorithm := range []string{"aws:kms", "aws:kms:dsse"} {
		withManaged = append(withManaged, with(write, keys{sseHeader: {algorithm}}))
		for _, other := range others {
			withOthers = append(withOthers, with(write, keys{sseHeader: {algorithm}, sseKeyHeader: {other}}))
		}
	}
	put, objects := []string{"s3:PutObject"}, []string{b.object()}
	refuse(o, eachOf(withOthers, put, objects), fmt.Sprintf("Bucket %s takes objects encrypted with another key", b.Name), b.arn)
	refuse(o, eachOf(withManaged, put, objects), fmt.Sprintf("Bucket %s takes objects encrypted with the key that AWS manages", b.Name), b.arn)
	refuse(o, access.Chosen(with(write, keys{sseHeader: {"AES256"}})), fmt.Sprintf("Bucket %s takes objects encrypted with S3's own keys (AES256)", b.Name), b.arn)
	refuse(o, access.Chosen(with(write, keys{sseCustomerHeader: {"AES256"}})), fmt.Sprintf("Bucket %s takes objects encrypted with a key that the client brings (SSE-C)", b.Name), b.arn)
	if !granted(access.Chosen(write)) && !granted(access.Chosen(with(write, keys{sseHeader: {"aws:kms"}, sseKeyHeader: {own.Arn}}))) {
		o.Add(fmt.Sprintf("Bucket %s refuses writes with its own key as well: nobody can write.", b.Name), b.arn)
	}
	return nil
}
