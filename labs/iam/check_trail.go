package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

func decideTrail(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	trails, err := a.inv.Trails(ctx)
	if err != nil {
		return nil, err
	}
	var wrong checks.Offences
	for _, trail := range trails {
		why := trailObstacle(trail)
		if why == "" {
			return []string{fmt.Sprintf("%s records every region and is logging.", trail.Name)}, nil
		}
		wrong.Add(fmt.Sprintf("Trail %s %s.", trail.Name, why), trail.TrailARN)
	}
	found := wrong.Finding()
	for n, sentence := range found.Found {
		o.Add(sentence, found.Resources[n])
	}
	return nil, nil
}

// trailObstacle says why a trail is no record of what happens in the account; "" where nothing is in the way.
// https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-1
func trailObstacle(trail inventory.Trail) string {
	switch {
	case !trail.IsLogging:
		return "is not logging"
	case !trail.IsMultiRegionTrail:
		return "records one region only"
	case !recordsManagement(trail):
		return "does not record all management events, reads and writes"
	case trail.LatestDeliveryError != "":
		return "cannot deliver: " + trail.LatestDeliveryError
	default:
		return ""
	}
}

func recordsManagement(trail inventory.Trail) bool {
	var covered directions
	for _, s := range trail.EventSelectors {
		if s.IncludeManagementEvents {
			covered = covered.and(directionsOf(s.ReadWriteType))
		}
	}
	for _, s := range trail.AdvancedEventSelectors {
		covered = covered.and(advanced(s, map[string]func(inventory.FieldSelector) bool{"eventCategory": equals("Management")}))
	}
	return covered.read && covered.write
}

func decideTrailIntegrity(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	trails, err := a.inv.Trails(ctx)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, trail := range trails {
		if !trail.LogFileValidationEnabled {
			o.Add(fmt.Sprintf("Trail %s writes no digests: a changed or missing log file is not noticed.", trail.Name), trail.TrailARN)
		}
		// CloudTrail takes no key but a customer's own.
		// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
		if trail.KmsKeyId == "" {
			o.Add(fmt.Sprintf("Trail %s encrypts its files with no key of the customer's.", trail.Name), trail.TrailARN)
		}
		told = append(told, fmt.Sprintf("%s writes digests and encrypts with %s.", trail.Name, trail.KmsKeyId))
	}
	return told, nil
}

// directions are what is recorded of two kinds of events.
type directions struct{ read, write bool }

func (d directions) and(other directions) directions {
	return directions{d.read || other.read, d.write || other.write}
}

func directionsOf(readWriteType string) directions {
	return directions{read: readWriteType != "WriteOnly", write: readWriteType != "ReadOnly"}
}

// decideDataEvents looks for logging trails that record reads and writes of every object in the data bucket.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
func decideDataEvents(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	trails, err := a.inv.Trails(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.buckets(ctx, data)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, b := range all {
		var covered directions
		for _, trail := range trails {
			covered = covered.and(recordsObjects(trail, b.arn))
		}
		for _, missing := range []struct {
			recorded bool
			what     string
		}{{covered.read, "reads"}, {covered.write, "writes"}} {
			if !missing.recorded {
				o.Add(fmt.Sprintf("No trail records the %s of every object in bucket %s.", missing.what, b.Name), b.arn)
			}
		}
		told = append(told, fmt.Sprintf("Reads and writes of every object in %s are recorded.", b.Name))
	}
	return told, nil
}

const objectType = "AWS::S3::Object"

func recordsObjects(trail inventory.Trail, bucketARN string) directions {
	var covered directions
	for _, s := range trail.EventSelectors {
		for _, r := range s.DataResources {
			if r.Type == objectType && slices.ContainsFunc(r.Values, func(value string) bool { return coversObjects(value, bucketARN) }) {
				covered = covered.and(directionsOf(s.ReadWriteType))
			}
		}
	}
	for _, s := range trail.AdvancedEventSelectors {
		covered = covered.and(advanced(s, map[string]func(inventory.FieldSelector) bool{
			"eventCategory":  equals("Data"),
			"resources.type": equals(objectType),
			"resources.ARN": func(f inventory.FieldSelector) bool {
				return len(f.Equals)+len(f.NotEquals)+len(f.EndsWith)+len(f.NotEndsWith)+len(f.NotStartsWith) == 0 &&
					slices.ContainsFunc(f.StartsWith, func(value string) bool { return coversObjects(value, bucketARN) })
			},
		}))
	}
	return covered
}

// coversObjects tells whether a prefix of ARNs covers all objects of a bucket: "arn:aws:s3" does for all buckets.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
func coversObjects(value, bucketARN string) bool {
	return value != "" && strings.HasPrefix(bucketARN+"/", value)
}

// advanced tells what an advanced event selector records of the events that tests describe. A field without a test makes
// the selector narrower in a way that is not known, so that it does not count.
func advanced(selector inventory.AdvancedEventSelector, tests map[string]func(inventory.FieldSelector) bool) directions {
	found, category := directions{true, true}, false
	for _, f := range selector.FieldSelectors {
		if f.Field == "readOnly" {
			found.read, found.write = equals("true")(f), equals("false")(f)
			continue
		}
		if test := tests[f.Field]; test == nil || !test(f) {
			return directions{}
		}
		category = category || f.Field == "eventCategory"
	}
	if !category {
		return directions{}
	}
	return found
}

func equals(value string) func(inventory.FieldSelector) bool {
	return func(f inventory.FieldSelector) bool {
		return slices.Contains(f.Equals, value) && len(f.NotEquals)+len(f.StartsWith)+len(f.NotStartsWith)+len(f.EndsWith)+len(f.NotEndsWith) == 0
	}
}

// logBuckets are the buckets that the lab's trails deliver to.
func (a *architecture) logBuckets(ctx context.Context) ([]bucket, error) {
	trails, err := a.inv.Trails(ctx)
	if err != nil {
		return nil, err
	}
	var found []bucket
	for _, trail := range trails {
		if slices.ContainsFunc(found, func(b bucket) bool { return b.Name == trail.S3BucketName }) {
			continue
		}
		b, err := a.bucket(ctx, inventory.Bucket{Name: trail.S3BucketName})
		if err != nil {
			return nil, err
		}
		found = append(found, b)
	}
	return found, nil
}

func decideLogStore(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	all, err := a.logBuckets(ctx)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, b := range all {
		if err := a.judgeLogStore(o, b); err != nil {
			return nil, err
		}
		told = append(told, fmt.Sprintf("Only a break-glass role can delete from %s, which is locked in %s mode.", b.Name, strings.ToLower(b.ObjectLock.Mode)))
	}
	return told, nil
}

// judgeLogStore asks who can delete: an administrator of the account, and every role of the lab. Of the lab's roles it
// also asks who can do away with what prevents deleting.
func (a *architecture) judgeLogStore(o *checks.Offences, b bucket) error {
	objects := []string{"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"}
	bucketwide := []string{"s3:PutLifecycleConfiguration"}
	settings := []string{"s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning", "s3:DeleteBucket"}
	admin, err := a.administrator(a.inv.Account)
	if err != nil {
		return err
	}
	refuseDeletes := func(name string, in policy.Input, ids ...string) {
		in = under(in, b.policy)
		refuse(o, each(in, objects, []string{b.object()}), fmt.Sprintf("%s can delete logs in bucket %s", name, b.Name), ids...)
		refuse(o, each(in, bucketwide, []string{b.arn}), fmt.Sprintf("%s can have logs in bucket %s expire", name, b.Name), ids...)
	}
	refuseDeletes("An administrator of the account", admin, b.arn)
	breakers := false
	for _, r := range a.roles {
		in := a.by(r)
		if r.part == breakGlass {
			breakers = breakers || granted(each(under(in, b.policy), []string{"s3:DeleteObjectVersion"}, []string{b.object()}))
			continue
		}
		refuseDeletes(r.Name, in, r.Arn, b.arn)
		refuse(o, each(under(in, b.policy), settings, []string{b.arn}), fmt.Sprintf("%s can do away with what protects bucket %s", r.Name, b.Name), r.Arn, b.arn)
	}
	if !breakers {
		o.Add(fmt.Sprintf("Not even a break-glass role can delete from bucket %s: what a court orders to remove stays.", b.Name), b.arn)
	}
	if b.Versioning != "Enabled" {
		o.Add(fmt.Sprintf("Bucket %s does not keep versions: an overwritten log is gone.", b.Name), b.arn)
	}
	if lock := b.ObjectLock; !lock.Enabled || lock.Mode == "" || lock.Days+lock.Years == 0 {
		o.Add(fmt.Sprintf("Bucket %s does not lock what is written to it: there is no default retention.", b.Name), b.arn)
	}
	return nil
}
