package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	analyzertypes "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

func identityProbes() []probe {
	return []probe{
		{"boundary-policies", []string{"iam"}, boundaryPolicies},
		{"bucket-policies", []string{"s3"}, bucketPolicies},
		{"bucket-defaults", []string{"s3"}, bucketDefaults},
		{"key-rotation", []string{"kms"}, keyRotation},
		{"trail-names", []string{"cloudtrail", "s3"}, trailNames},
		{"trail-event-selectors", []string{"cloudtrail", "s3"}, trailEventSelectors},
		{"metric-filters", []string{"logs"}, metricFilters},
		{"cloudwatch-protocol", []string{"cloudwatch"}, cloudWatchProtocol},
		{"access-analyzer", []string{"accessanalyzer"}, accessAnalyzer},
	}
}

const (
	trustFlowLogs = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"vpc-flow-logs.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	readNothing   = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
)

// refusal is nil for an error with the code, and else says what was seen.
func refusal(err error, code, otherwise string) error {
	var answer smithy.APIError
	switch {
	case err == nil:
		return errors.New(otherwise)
	case errors.As(err, &answer) && strings.Contains(answer.ErrorCode(), code):
		return nil
	default:
		return err
	}
}

func trimStar(arn string) string { return strings.TrimSuffix(arn, ":*") }

func (b *bench) role(ctx context.Context, purpose string, boundary *string) (*string, error) {
	out, err := b.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: b.name(purpose), AssumeRolePolicyDocument: aws.String(trustFlowLogs), PermissionsBoundary: boundary,
		Tags: []types.Tag{{Key: aws.String(tagRun), Value: &b.run}},
	})
	if err != nil {
		return nil, err
	}
	return out.Role.Arn, nil
}

func boundaryPolicies(ctx context.Context, b *bench) error {
	policy, err := b.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: b.name("boundary"), PolicyDocument: aws.String(readNothing), Tags: []types.Tag{{Key: aws.String(tagRun), Value: &b.run}},
	})
	if err != nil {
		return err
	}
	if _, err := b.role(ctx, "bounded", policy.Policy.Arn); err != nil {
		return err
	}
	_, err = b.role(ctx, "unbound", aws.String(aws.ToString(policy.Policy.Arn)+"-missing"))
	if err := refusal(err, "NoSuchEntity", "a role takes a boundary that does not exist"); err != nil {
		return err
	}
	out, err := b.iam.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: policy.Policy.Arn, PolicyUsageFilter: types.PolicyUsageTypePermissionsBoundary})
	if err != nil {
		return err
	}
	if len(out.PolicyRoles) != 1 || aws.ToString(out.PolicyRoles[0].RoleName) != *b.name("bounded") {
		return errors.New("the roles that a boundary limits are not listed")
	}
	return nil
}

func (b *bench) bucket(ctx context.Context, purpose string, locked bool) (*string, error) {
	in := &s3.CreateBucketInput{Bucket: b.name(purpose), ObjectLockEnabledForBucket: &locked}
	if b.cfg.Region != "us-east-1" { // the one region that may not be named
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(b.cfg.Region)}
	}
	if _, err := b.s3.CreateBucket(ctx, in); err != nil {
		return nil, err
	}
	_, err := b.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: in.Bucket, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String(tagRun), Value: &b.run}}},
	})
	return in.Bucket, err
}

// bucketPolicies puts policies that do not concern the caller: they must not keep it out.
func bucketPolicies(ctx context.Context, b *bench) error {
	bucket, err := b.bucket(ctx, "policies", false)
	if err != nil {
		return err
	}
	key := aws.String("card")
	for _, statement := range []string{
		`"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalTag/labctl":"nobody"}}`,
		`"Principal":{"AWS":"arn:aws:iam::999988887777:root"}`,
	} {
		policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::` + *bucket + `/*",` + statement + `}]}`
		if _, err := b.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: &policy}); err != nil {
			return err
		}
		if _, err := b.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("4111")}); err != nil {
			return fmt.Errorf("a Deny that concerns somebody else keeps everybody out (%s)", statement)
		}
	}
	_, err = b.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(`{nope`)})
	return refusal(err, "MalformedPolicy", "a bucket takes a policy that is no JSON")
}

// bucketDefaults reads the encryption that every bucket has.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
func bucketDefaults(ctx context.Context, b *bench) error {
	bucket, err := b.bucket(ctx, "defaults", false)
	if err != nil {
		return err
	}
	out, err := b.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})
	if err != nil {
		return err
	}
	rules := out.ServerSideEncryptionConfiguration.Rules
	if len(rules) != 1 || rules[0].ApplyServerSideEncryptionByDefault == nil || rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != s3types.ServerSideEncryptionAes256 {
		return errors.New("a new bucket is not encrypted with AES256")
	}
	return nil
}

func keyRotation(ctx context.Context, b *bench) error {
	made, err := b.kms.CreateKey(ctx, &kms.CreateKeyInput{Description: b.name("rotation"), Tags: []kmstypes.Tag{{TagKey: aws.String(tagRun), TagValue: &b.run}}})
	if err != nil {
		return err
	}
	key := made.KeyMetadata.KeyId
	if _, err := b.kms.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: key, RotationPeriodInDays: aws.Int32(180)}); err != nil {
		return err
	}
	status := func() (bool, int32, error) {
		out, err := b.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: key})
		if err != nil {
			return false, 0, err
		}
		return out.KeyRotationEnabled, aws.ToInt32(out.RotationPeriodInDays), nil
	}
	if on, days, err := status(); err != nil || !on || days != 180 {
		return errors.Join(err, fmt.Errorf("the rotation of a key is read back as %t every %d days, not every 180", on, days))
	}
	if _, err := b.kms.DisableKeyRotation(ctx, &kms.DisableKeyRotationInput{KeyId: key}); err != nil {
		return err
	}
	if on, _, err := status(); err != nil || on {
		return errors.Join(err, errors.New("the rotation of a key cannot be turned off"))
	}
	return nil
}

func (b *bench) trail(ctx context.Context, purpose string) (name, arn *string, err error) {
	bucket, err := b.bucket(ctx, purpose, false)
	if err != nil {
		return nil, nil, err
	}
	out, err := b.trails.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: b.name(purpose), S3BucketName: bucket, TagsList: []trailtypes.Tag{{Key: aws.String(tagRun), Value: &b.run}}})
	if err != nil {
		return nil, nil, err
	}
	return b.name(purpose), out.TrailARN, nil
}

// trailNames starts and stops a trail by its ARN, as the provider does.
func trailNames(ctx context.Context, b *bench) error {
	name, arn, err := b.trail(ctx, "trail")
	if err != nil {
		return err
	}
	for _, by := range []*string{arn, name} {
		if _, err := b.trails.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: by}); err != nil {
			return err
		}
		out, err := b.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: by})
		if err != nil {
			return err
		}
		if !aws.ToBool(out.IsLogging) {
			return fmt.Errorf("trail %s does not log after it was started", aws.ToString(by))
		}
		found, err := b.trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{TrailNameList: []string{*by}})
		if err != nil {
			return err
		}
		if len(found.TrailList) != 1 {
			return fmt.Errorf("asked for one trail, the server describes %d", len(found.TrailList))
		}
	}
	none, err := b.trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{TrailNameList: []string{*name + "-missing"}})
	if err == nil && len(none.TrailList) > 0 {
		return errors.New("trails are not found by name: all are described")
	}
	return nil
}

func trailEventSelectors(ctx context.Context, b *bench) error {
	name, _, err := b.trail(ctx, "selectors")
	if err != nil {
		return err
	}
	first, err := b.trails.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: name})
	if err != nil {
		return err
	}
	if len(first.EventSelectors) != 1 || !aws.ToBool(first.EventSelectors[0].IncludeManagementEvents) {
		return errors.New("a new trail does not say that it records management events")
	}
	advanced := []trailtypes.AdvancedEventSelector{{Name: aws.String("data"), FieldSelectors: []trailtypes.AdvancedFieldSelector{
		{Field: aws.String("eventCategory"), Equals: []string{"Data"}}, {Field: aws.String("resources.type"), Equals: []string{"AWS::S3::Object"}},
	}}}
	if _, err := b.trails.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: name, AdvancedEventSelectors: advanced}); err != nil {
		return err
	}
	then, err := b.trails.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: name})
	if err != nil {
		return err
	}
	if len(then.AdvancedEventSelectors) != 1 || len(then.EventSelectors) != 0 {
		return errors.New("advanced event selectors do not take the place of the basic ones")
	}
	return nil
}

func metricFilters(ctx context.Context, b *bench) error {
	group := b.name("metric-filters")
	if _, err := b.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group, Tags: b.tags()}); err != nil {
		return err
	}
	put := func(group *string, pattern string) error {
		_, err := b.logs.PutMetricFilter(ctx, &cloudwatchlogs.PutMetricFilterInput{
			LogGroupName: group, FilterName: aws.String("tampering"), FilterPattern: &pattern,
			MetricTransformations: []logtypes.MetricTransformation{{MetricNamespace: b.name("metrics"), MetricName: aws.String("Tampering"), MetricValue: aws.String("1")}},
		})
		return err
	}
	for _, pattern := range []string{"{ $.a = 1 }", "{ $.b = 2 }"} {
		if err := put(group, pattern); err != nil {
			return err
		}
	}
	out, err := b.logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: group})
	if err != nil {
		return err
	}
	if len(out.MetricFilters) != 1 || aws.ToString(out.MetricFilters[0].FilterPattern) != "{ $.b = 2 }" {
		return fmt.Errorf("a metric filter that was put twice is there %d times", len(out.MetricFilters))
	}
	return refusal(put(b.name("no-such-group"), "x"), "ResourceNotFound", "a metric filter can be put on a log group that does not exist")
}

func cloudWatchProtocol(ctx context.Context, b *bench) error {
	alarm := &cloudwatch.PutMetricAlarmInput{
		AlarmName: b.name("alarm"), AlarmDescription: aws.String(`Ärger, "quoted" & escaped`), Namespace: b.name("metrics"), MetricName: aws.String("Tampering"),
		Statistic: metrictypes.StatisticSum, Period: aws.Int32(300), Threshold: aws.Float64(0.5), EvaluationPeriods: aws.Int32(1), ActionsEnabled: aws.Bool(false),
		ComparisonOperator: metrictypes.ComparisonOperatorGreaterThanOrEqualToThreshold, Tags: []metrictypes.Tag{{Key: aws.String(tagRun), Value: &b.run}},
		Dimensions: []metrictypes.Dimension{{Name: aws.String("Trail"), Value: aws.String("one")}},
	}
	if _, err := b.metrics.PutMetricAlarm(ctx, alarm); err != nil {
		return err
	}
	out, err := b.metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{*alarm.AlarmName}})
	if err != nil {
		return err
	}
	if len(out.MetricAlarms) != 1 {
		return errors.New("an alarm that was put is not there")
	}
	read := out.MetricAlarms[0]
	if aws.ToString(read.AlarmDescription) != *alarm.AlarmDescription || aws.ToBool(read.ActionsEnabled) || aws.ToFloat64(read.Threshold) != 0.5 || len(read.Dimensions) != 1 {
		return errors.New("an alarm is not read back as it was put")
	}
	tags, err := b.metrics.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: read.AlarmArn})
	if err != nil {
		return err
	}
	if len(tags.Tags) != 1 {
		return errors.New("the tags of an alarm are lost")
	}
	return nil
}

// accessAnalyzer makes an analyzer and waits for nothing: that the service is there is what a lab has to know.
func accessAnalyzer(ctx context.Context, b *bench) error {
	made, err := b.analyzers.CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{AnalyzerName: b.name("analyzer"), Type: analyzertypes.TypeAccount, Tags: b.tags()})
	if err != nil {
		return err
	}
	out, err := b.analyzers.GetAnalyzer(ctx, &accessanalyzer.GetAnalyzerInput{AnalyzerName: b.name("analyzer")})
	if err != nil {
		return err
	}
	if out.Analyzer == nil || aws.ToString(out.Analyzer.Arn) != aws.ToString(made.Arn) {
		return errors.New("an analyzer that was made is not there")
	}
	_, err = b.analyzers.ListFindings(ctx, &accessanalyzer.ListFindingsInput{AnalyzerArn: made.Arn})
	return err
}
