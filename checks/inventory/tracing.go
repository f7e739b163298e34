package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"golang.org/x/sync/errgroup"
)

// SamplingRule says which share of the requests that it matches is traced. The texts have wildcards * and ?.
// https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
type SamplingRule struct {
	RuleName      string
	Priority      int // the lowest counts first
	FixedRate     float64
	ReservoirSize int // requests a second that are traced whatever the rate
	ServiceName   string
	ServiceType   string
	Host          string
	HTTPMethod    string
	URLPath       string
	ResourceARN   string
	Attributes    map[string]string `json:",omitempty"`
}

// TraceGroup is a collection of traces that a filter expression selects.
// https://docs.aws.amazon.com/xray/latest/api/API_Group.html
type TraceGroup struct {
	GroupName        string
	GroupARN         string
	FilterExpression string
	Tags             map[string]string
}

// SamplingRules reads the region's sampling rules: a request is compared with all of them, whoever made them.
func (i *Inventory) SamplingRules(ctx context.Context) ([]SamplingRule, error) {
	return i.watch.samplingRules.get("the sampling rules of "+i.Region, func() ([]SamplingRule, error) { return i.source.readSamplingRules(ctx) })
}

// TraceGroups reads the region's groups of traces, with their tags.
func (i *Inventory) TraceGroups(ctx context.Context) ([]TraceGroup, error) {
	return i.watch.traceGroups.get("the trace groups of "+i.Region, func() ([]TraceGroup, error) { return i.source.readTraceGroups(ctx) })
}

func (l live) readSamplingRules(ctx context.Context) ([]SamplingRule, error) {
	records, err := all(ctx, xray.NewGetSamplingRulesPaginator(l.xray, &xray.GetSamplingRulesInput{}), func(o *xray.GetSamplingRulesOutput) []types.SamplingRuleRecord {
		return o.SamplingRuleRecords
	})
	if err != nil {
		return nil, err
	}
	var found []SamplingRule
	for _, record := range records {
		rule := record.SamplingRule
		if rule == nil {
			continue
		}
		found = append(found, SamplingRule{
			RuleName: aws.ToString(rule.RuleName), Priority: number(rule.Priority), FixedRate: rule.FixedRate, ReservoirSize: int(rule.ReservoirSize),
			ServiceName: aws.ToString(rule.ServiceName), ServiceType: aws.ToString(rule.ServiceType), Host: aws.ToString(rule.Host),
			HTTPMethod: aws.ToString(rule.HTTPMethod), URLPath: aws.ToString(rule.URLPath), ResourceARN: aws.ToString(rule.ResourceARN), Attributes: rule.Attributes,
		})
	}
	return found, nil
}

func (l live) readTraceGroups(ctx context.Context) ([]TraceGroup, error) {
	groups, err := all(ctx, xray.NewGetGroupsPaginator(l.xray, &xray.GetGroupsInput{}), func(o *xray.GetGroupsOutput) []types.GroupSummary { return o.Groups })
	if err != nil {
		return nil, err
	}
	found := make([]TraceGroup, len(groups))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, summary := range groups {
		found[n] = TraceGroup{GroupName: aws.ToString(summary.GroupName), GroupARN: aws.ToString(summary.GroupARN), FilterExpression: aws.ToString(summary.FilterExpression)}
		group.Go(func() error {
			got, err := l.xray.ListTagsForResource(ctx, &xray.ListTagsForResourceInput{ResourceARN: summary.GroupARN})
			if err != nil {
				return unless(err, "ResourceNotFoundException") // it has gone meanwhile
			}
			found[n].Tags = map[string]string{}
			for _, tag := range got.Tags {
				found[n].Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			return nil
		})
	}
	return found, group.Wait()
}

func (f Facts) readSamplingRules(context.Context) ([]SamplingRule, error) {
	return f.SamplingRules, nil
}

func (f Facts) readTraceGroups(context.Context) ([]TraceGroup, error) { return f.TraceGroups, nil }
