package inventory

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// audit are the memos of what protects and records: buckets, keys, trails, alarms, analyzers.
type audit struct {
	guards        keyed[BucketGuard]
	accountBlock  memo[PublicAccessBlock]
	keys          memo[[]Key]
	trails        memo[[]Trail]
	metricFilters keyed[[]MetricFilter]
	alarms        memo[[]MetricAlarm]
	organization  memo[Organization]
	analyzers     memo[[]Analyzer]
	findings      keyed[[]AccessFinding]
	accessKeys    keyed[[]AccessKey]
	policyTags    keyed[map[string]string]
}

type auditSource interface {
	readBucketGuard(ctx context.Context, bucket string) (BucketGuard, error)
	readAccountBlock(ctx context.Context, account string) (PublicAccessBlock, error)
	readKeys(ctx context.Context, scope Scope) ([]Key, error)
	readTrails(ctx context.Context, scope Scope) ([]Trail, error)
	readMetricFilters(ctx context.Context, logGroup string) ([]MetricFilter, error)
	readAlarms(ctx context.Context) ([]MetricAlarm, error)
	readOrganization(ctx context.Context) (Organization, error)
	readAnalyzers(ctx context.Context) ([]Analyzer, error)
	readFindings(ctx context.Context, analyzer string) ([]AccessFinding, error)
	readAccessKeys(ctx context.Context, user string) ([]AccessKey, error)
	readPolicyTags(ctx context.Context, arn string) (map[string]string, error)
}

// AuditFacts are the part of Facts that is about protection and records.
type AuditFacts struct {
	BucketGuards             []BucketGuard
	AccountPublicAccessBlock PublicAccessBlock
	Keys                     []Key
	Trails                   []Trail
	MetricFilters            []MetricFilter
	MetricAlarms             []MetricAlarm
	Organization             Organization
	Analyzers                []Analyzer
	AccessFindings           []AccessFinding
	AccessKeys               []AccessKey
	PolicyTags               map[string]map[string]string // of IAM policies, by ARN
}

// auditClients read an account.
type auditClients struct {
	s3            *s3.Client
	s3control     *s3control.Client
	kms           *kms.Client
	trails        *cloudtrail.Client
	metricFilters cloudwatchlogs.DescribeMetricFiltersAPIClient
	alarms        cloudwatch.DescribeAlarmsAPIClient
	organizations *organizations.Client
	analyzers     *accessanalyzer.Client
	accessKeysOf  iam.ListAccessKeysAPIClient
	policyTagsOf  iam.ListPolicyTagsAPIClient
}

func newAuditClients(config aws.Config) auditClients {
	return auditClients{
		s3: s3.NewFromConfig(config, func(o *s3.Options) {
			o.UsePathStyle = config.BaseEndpoint != nil // bucket.localhost resolves nowhere
		}),
		s3control: s3control.NewFromConfig(config, func(o *s3control.Options) {
			if o.BaseEndpoint != nil {
				o.EndpointResolverV2 = plainEndpoint(*o.BaseEndpoint)
			}
		}),
		kms:           kms.NewFromConfig(config),
		trails:        cloudtrail.NewFromConfig(config),
		metricFilters: cloudwatchlogs.NewFromConfig(config),
		alarms:        cloudwatch.NewFromConfig(config),
		organizations: organizations.NewFromConfig(config),
		analyzers:     accessanalyzer.NewFromConfig(config),
		accessKeysOf:  iam.NewFromConfig(config),
		policyTagsOf:  iam.NewFromConfig(config),
	}
}

// plainEndpoint is an endpoint without the account id that S3 Control puts in front of a host name: an address takes none.
type plainEndpoint string

// ResolveEndpoint implements s3control.EndpointResolverV2.
func (e plainEndpoint) ResolveEndpoint(context.Context, s3control.EndpointParameters) (smithyendpoints.Endpoint, error) {
	uri, err := url.Parse(string(e))
	if err != nil {
		return smithyendpoints.Endpoint{}, err //nolint:wrapcheck // it quotes the address
	}
	return smithyendpoints.Endpoint{URI: *uri}, nil
}
