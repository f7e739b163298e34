package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

type logGroupAPI interface {
	cloudwatchlogs.DescribeLogGroupsAPIClient
	ListTagsForResource(context.Context, *cloudwatchlogs.ListTagsForResourceInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.ListTagsForResourceOutput, error)
	DeleteLogGroup(context.Context, *cloudwatchlogs.DeleteLogGroupInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DeleteLogGroupOutput, error)
}

// logGroups are found by name, and by what the tagging API knows.
type logGroups struct{ api logGroupAPI }

func (h logGroups) list(ctx context.Context, also []string) ([]found, error) {
	groups, err := h.named(ctx, namePrefix)
	if err != nil {
		return nil, err
	}
	for _, name := range also {
		name = strings.TrimSuffix(name, ":*") // some ARNs of log groups end so
		if strings.HasPrefix(name, namePrefix) {
			continue
		}
		more, err := h.named(ctx, name)
		if err != nil {
			return nil, err
		}
		groups = append(groups, slices.DeleteFunc(more, func(g logstypes.LogGroup) bool { return aws.ToString(g.LogGroupName) != name })...)
	}
	return lookUp(groups, func(g logstypes.LogGroup) (found, error) {
		name, arn := aws.ToString(g.LogGroupName), strings.TrimSuffix(aws.ToString(g.Arn), ":*")
		out, err := h.api.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(arn)})
		if err != nil {
			return found{}, err
		}
		return found{id: name, name: name, arn: arn, tags: out.Tags}, nil
	})
}

func (h logGroups) named(ctx context.Context, prefix string) (groups []logstypes.LogGroup, err error) {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(h.api, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(prefix)})
	err = eachPage(ctx, pages, func(page *cloudwatchlogs.DescribeLogGroupsOutput) {
		groups = append(groups, page.LogGroups...)
	})
	return groups, err
}

func (h logGroups) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(id)})
	return err
}

type hostedZoneAPI interface {
	route53.ListHostedZonesAPIClient
	route53.ListResourceRecordSetsAPIClient
	GetHostedZone(context.Context, *route53.GetHostedZoneInput, ...func(*route53.Options)) (*route53.GetHostedZoneOutput, error)
	ListTagsForResource(context.Context, *route53.ListTagsForResourceInput, ...func(*route53.Options)) (*route53.ListTagsForResourceOutput, error)
	ChangeResourceRecordSets(context.Context, *route53.ChangeResourceRecordSetsInput, ...func(*route53.Options)) (*route53.ChangeResourceRecordSetsOutput, error)
	DeleteHostedZone(context.Context, *route53.DeleteHostedZoneInput, ...func(*route53.Options)) (*route53.DeleteHostedZoneOutput, error)
}

// hostedZones live, where they are private, in the VPCs that they are associated with.
type hostedZones struct{ api hostedZoneAPI }

func (h hostedZones) list(ctx context.Context, _ []string) ([]found, error) {
	var zones []r53types.HostedZone
	pages := route53.NewListHostedZonesPaginator(h.api, &route53.ListHostedZonesInput{})
	err := eachPage(ctx, pages, func(page *route53.ListHostedZonesOutput) { zones = append(zones, page.HostedZones...) })
	if err != nil {
		return nil, err
	}
	return lookUp(zones, func(z r53types.HostedZone) (found, error) { return h.found(ctx, z) })
}

func (h hostedZones) found(ctx context.Context, z r53types.HostedZone) (found, error) {
	id := strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/")
	tags, err := h.api.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{
		ResourceId: aws.String(id), ResourceType: r53types.TagResourceTypeHostedzone,
	})
	if err != nil {
		return found{}, err
	}
	f := found{id: id, name: strings.TrimSuffix(aws.ToString(z.Name), ".")}
	if tags.ResourceTagSet != nil {
		f.tags = tagsOf(tags.ResourceTagSet.Tags, func(t r53types.Tag) (*string, *string) { return t.Key, t.Value })
	}
	if f.tags[tagRun] != "" || z.Config == nil || !z.Config.PrivateZone {
		return f, nil
	}
	zone, err := h.api.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: aws.String(id)})
	if err != nil {
		return found{}, err
	}
	for _, v := range zone.VPCs {
		f.in = append(f.in, ids(v.VPCId)...)
	}
	return f, nil
}

// changesAtOnce is well below the 1,000 records that one request may change.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
const changesAtOnce = 500

// delete empties the zone first, but for the two records that are part of it.
func (h hostedZones) delete(ctx context.Context, id string, _ map[string]bool) error {
	zone, err := h.api.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: aws.String(id)})
	if err != nil {
		return err
	}
	var changes []r53types.Change
	pages := route53.NewListResourceRecordSetsPaginator(h.api, &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String(id)})
	err = eachPage(ctx, pages, func(page *route53.ListResourceRecordSetsOutput) {
		for _, r := range page.ResourceRecordSets {
			apex := zone.HostedZone != nil && aws.ToString(r.Name) == aws.ToString(zone.HostedZone.Name)
			if apex && (r.Type == r53types.RRTypeNs || r.Type == r53types.RRTypeSoa) {
				continue
			}
			changes = append(changes, r53types.Change{Action: r53types.ChangeActionDelete, ResourceRecordSet: &r})
		}
	})
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(changes, changesAtOnce) {
		_, err := h.api.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
			HostedZoneId: aws.String(id), ChangeBatch: &r53types.ChangeBatch{Changes: batch},
		})
		if err != nil {
			return err
		}
	}
	_, err = h.api.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: aws.String(id)})
	return err
}
