package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

// taggedResource is one entry of the tagging API.
type taggedResource struct {
	arn    string
	kind   string // "service:type" of the ARN, or "service" where ARNs have no type
	id     string
	region string // whose tagging API listed it; global services are in that of us-east-1
	tags   map[string]string
}

type taggedResources []taggedResource

// taggedLister reads the Resource Groups Tagging API: the cross-check of the kinds.
// It is not enough by itself. It misses IAM, Elastic IPs and more, it lags behind by
// minutes, and it goes on listing what was terminated or deleted.
type taggedLister struct {
	api    tagging.GetResourcesAPIClient
	region string
}

func newTaggedLister(cfg aws.Config, region string) taggedLister {
	return taggedLister{api: tagging.NewFromConfig(cfg, func(o *tagging.Options) { o.Region = region }), region: region}
}

// readTags asks the tagging API of every region.
func (s *Sweeper) readTags(ctx context.Context) (all taggedResources, unread []KindError) {
	for _, lister := range s.tagged {
		tagged, err := lister.list(ctx)
		all = append(all, tagged...)
		if err != nil {
			unread = append(unread, KindError{Kind: "what the tagging API knows", Region: lister.region, Err: err})
		}
	}
	return all, unread
}

// list returns everything with a labctl:run tag, of whichever run.
func (l taggedLister) list(ctx context.Context) (taggedResources, error) {
	var all taggedResources
	pages := tagging.NewGetResourcesPaginator(l.api, &tagging.GetResourcesInput{
		TagFilters:       []types.TagFilter{{Key: aws.String(tagRun)}},
		ResourcesPerPage: aws.Int32(100),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return all, err
		}
		for _, m := range page.ResourceTagMappingList {
			t := parseTagged(m)
			t.region = l.region
			all = append(all, t)
		}
	}
	return all, nil
}

func parseTagged(m types.ResourceTagMapping) taggedResource {
	r := taggedResource{arn: aws.ToString(m.ResourceARN), tags: map[string]string{}}
	for _, t := range m.Tags {
		r.tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	a, err := arn.Parse(r.arn)
	if err != nil {
		r.kind, r.id = "resource", r.arn
		return r
	}
	r.kind, r.id = a.Service, a.Resource
	// The four forms: id, type/id, type/id/part and type:id.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
	if i := strings.IndexAny(a.Resource, "/:"); i >= 0 {
		r.kind, r.id = a.Service+":"+a.Resource[:i], a.Resource[i+1:]
	}
	return r
}

// parts are types whose resources end with the one that they are part of.
var parts = []string{
	"ec2:security-group-rule",            // with its security group
	"elasticloadbalancing:listener",      // with its load balancer
	"elasticloadbalancing:listener-rule", // likewise
	"backup:recovery-point",              // with its vault
}

// uncovered are the entries in scope that no kind covers. Whether they are still
// there is more than their ARN tells, so they count as there. Entries of the kinds
// do not: those kinds have looked.
func (s *Sweeper) uncovered(scope Scope, tagged taggedResources) []Resource {
	covered := slices.Clone(parts)
	for _, k := range slices.Concat(s.stages...) {
		covered = append(covered, k.arns...)
	}
	var resources []Resource
	for _, t := range tagged {
		run := t.tags[tagRun]
		again := slices.ContainsFunc(resources, func(r Resource) bool { return r.ARN == t.arn }) // in another region
		if !scope.includes(run) || slices.Contains(covered, t.kind) || again {
			continue
		}
		resources = append(resources, Resource{
			Kind: t.kind, ID: t.id, Name: t.tags["Name"], ARN: t.arn,
			Region: t.region, Run: run, Expires: found{tags: t.tags}.expires(),
		})
	}
	return resources
}

// of are the entries that a kind covers where it looks.
func (ts taggedResources) of(k kind) taggedResources {
	var covered taggedResources
	for _, t := range ts {
		if slices.Contains(k.arns, t.kind) && (k.region == "" || k.region == t.region) {
			covered = append(covered, t)
		}
	}
	return covered
}

// ids are the ids of the entries that a kind covers.
func (ts taggedResources) ids(k kind) []string {
	var ids []string
	for _, t := range ts.of(k) {
		ids = append(ids, t.id)
	}
	return ids
}

func (ts taggedResources) arn(k kind, id string) string {
	for _, t := range ts.of(k) {
		if t.id == id {
			return t.arn
		}
	}
	return ""
}

func (ts taggedResources) runs() []string {
	var runs []string
	for _, t := range ts {
		if run := t.tags[tagRun]; !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
	}
	return runs
}
