package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

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
	var zones []types.HostedZone
	pages := route53.NewListHostedZonesPaginator(h.api, &route53.ListHostedZonesInput{})
	err := eachPage(ctx, pages, func(page *route53.ListHostedZonesOutput) { zones = append(zones, page.HostedZones...) })
	if err != nil {
		return nil, err
	}
	return lookUp(zones, func(z types.HostedZone) (found, error) { return h.found(ctx, z) })
}

func (h hostedZones) found(ctx context.Context, z types.HostedZone) (found, error) {
	id := strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/")
	tags, err := h.api.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{
		ResourceId: aws.String(id), ResourceType: types.TagResourceTypeHostedzone,
	})
	if err != nil {
		return found{}, err
	}
	f := found{id: id, name: strings.TrimSuffix(aws.ToString(z.Name), ".")}
	if tags.ResourceTagSet != nil {
		f.tags = tagsOf(tags.ResourceTagSet.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
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
	var changes []types.Change
	pages := route53.NewListResourceRecordSetsPaginator(h.api, &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String(id)})
	err = eachPage(ctx, pages, func(page *route53.ListResourceRecordSetsOutput) {
		for _, r := range page.ResourceRecordSets {
			apex := zone.HostedZone != nil && aws.ToString(r.Name) == aws.ToString(zone.HostedZone.Name)
			if apex && (r.Type == types.RRTypeNs || r.Type == types.RRTypeSoa) {
				continue
			}
			changes = append(changes, types.Change{Action: types.ChangeActionDelete, ResourceRecordSet: &r})
		}
	})
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(changes, changesAtOnce) {
		_, err := h.api.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
			HostedZoneId: aws.String(id), ChangeBatch: &types.ChangeBatch{Changes: batch},
		})
		if err != nil {
			return err
		}
	}
	_, err = h.api.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: aws.String(id)})
	return err
}
