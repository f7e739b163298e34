package sweep

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/stretchr/testify/require"
)

const (
	trustLambda = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	allowLogs   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"}]}`
)

// teamRole is what a delegate has made under a path, untagged: a role within a boundary of
// three versions, the first of which is the default again.
func (b *builder) teamRole() {
	ctx, t := b.t.Context(), b.t
	path := aws.String("/app/" + b.name("team") + "/")
	made, err := b.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(b.name("boundary")), Path: path, PolicyDocument: aws.String(allowLogs)})
	boundary := b.note("IAM policy", must(t, made, err).Policy.Arn)
	for range 2 {
		_, err = b.iam.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: &boundary, PolicyDocument: aws.String(allowLogs), SetAsDefault: true})
		require.NoError(t, err)
	}
	_, err = b.iam.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: &boundary, VersionId: aws.String("v1")})
	require.NoError(t, err)
	role := aws.String(b.name("team-role"))
	_, err = b.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: role, Path: path, AssumeRolePolicyDocument: aws.String(trustLambda), PermissionsBoundary: &boundary})
	require.NoError(t, err)
	b.note("IAM role", role)
}

// userWithKey has credentials and permissions of each sort, and the boundary of teamRole.
func (b *builder) userWithKey() {
	ctx, t := b.t.Context(), b.t
	user, group := aws.String(b.name("user")), aws.String("group-of-"+b.name("user"))
	_, err := b.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: user})
	require.NoError(t, err)
	b.note("IAM user", user)
	_, err = b.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: user})
	require.NoError(t, err)
	_, err = b.iam.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: user, Password: aws.String("not-a-Secret1")})
	require.NoError(t, err)
	_, err = b.iam.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: group}) // an account's own groups stay
	require.NoError(t, err)
	_, err = b.iam.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: user, GroupName: group})
	require.NoError(t, err)
	_, err = b.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: user, PolicyName: aws.String("inline"), PolicyDocument: aws.String(allowLogs)})
	require.NoError(t, err)
	_, err = b.iam.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: user, PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")})
	require.NoError(t, err)
}

// audit is a trail that writes to a locked bucket, a metric filter, an alarm and its topic.
func (b *builder) audit() {
	ctx, t := b.t.Context(), b.t
	bucket := b.lockedBucket()
	var tags []cloudtrailtypes.Tag
	var topicTags []snstypes.Tag
	var alarmTags []cloudwatchtypes.Tag
	for k, v := range b.tags("audit") {
		tags = append(tags, cloudtrailtypes.Tag{Key: aws.String(k), Value: aws.String(v)})
		topicTags = append(topicTags, snstypes.Tag{Key: aws.String(k), Value: aws.String(v)})
		alarmTags = append(alarmTags, cloudwatchtypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	trail := aws.String(b.name("trail"))
	_, err := b.trails.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: trail, S3BucketName: &bucket, IsMultiRegionTrail: aws.Bool(true), TagsList: tags})
	require.NoError(t, err)
	b.note("CloudTrail trail", trail)
	_, err = b.trails.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: trail})
	require.NoError(t, err)
	_, err = b.logs.PutMetricFilter(ctx, &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName: aws.String(b.name("flow")), FilterName: aws.String("tampering"), FilterPattern: aws.String("{ $.eventName = StopLogging }"),
		MetricTransformations: []logtypes.MetricTransformation{{MetricNamespace: aws.String("lab"), MetricName: aws.String("n"), MetricValue: aws.String("1")}},
	})
	require.NoError(t, err)
	topic, err := b.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String(b.name("pages")), Tags: topicTags})
	arn := b.note("SNS topic", must(t, topic, err).TopicArn)
	alarm := &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String(b.name("alarm")), AlarmActions: []string{arn}, Tags: alarmTags,
		Namespace: aws.String("lab"), MetricName: aws.String("n"), Statistic: cloudwatchtypes.StatisticSum, Period: aws.Int32(60),
		ComparisonOperator: cloudwatchtypes.ComparisonOperatorGreaterThanThreshold, Threshold: aws.Float64(0), EvaluationPeriods: aws.Int32(1),
	}
	_, err = b.metrics.PutMetricAlarm(ctx, alarm)
	require.NoError(t, err)
	b.note("CloudWatch alarm", alarm.AlarmName)
}

// lockedBucket denies everybody to delete its one object, which is locked besides.
func (b *builder) lockedBucket() string {
	ctx, t := b.t.Context(), b.t
	name := b.name("locked")
	_, err := b.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name, ObjectLockEnabledForBucket: aws.Bool(true)})
	require.NoError(t, err)
	b.note("S3 bucket", &name)
	_, err = b.s3.PutObjectLockConfiguration(ctx, &s3.PutObjectLockConfigurationInput{
		Bucket: &name, ObjectLockConfiguration: &s3types.ObjectLockConfiguration{
			ObjectLockEnabled: s3types.ObjectLockEnabledEnabled,
			Rule: &s3types.ObjectLockRule{DefaultRetention: &s3types.DefaultRetention{
				Mode: s3types.ObjectLockRetentionModeGovernance, Days: aws.Int32(1),
			}},
		},
	})
	require.NoError(t, err)
	_, err = b.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: &name, Key: aws.String("AWSLogs/1"), Body: strings.NewReader("{}"), ChecksumAlgorithm: s3types.ChecksumAlgorithmCrc32})
	require.NoError(t, err)
	_, err = b.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &name, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::` + name + `/*"}]}`)})
	require.NoError(t, err)
	return name
}
