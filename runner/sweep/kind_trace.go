package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

type traceAPI interface {
	xray.GetGroupsAPIClient
	xray.GetSamplingRulesAPIClient
	xray.ListTagsForResourceAPIClient
	DeleteGroup(context.Context, *xray.DeleteGroupInput, ...func(*xray.Options)) (*xray.DeleteGroupOutput, error)
	DeleteSamplingRule(context.Context, *xray.DeleteSamplingRuleInput, ...func(*xray.Options)) (*xray.DeleteSamplingRuleOutput, error)
}

// traceDefault is the name of the group and the rule that X-Ray brings along.
const traceDefault = "Default"

// traceGroups are X-Ray's, with ARNs for ids. Their names are cut to 32 characters, so that
// their tags decide.
type traceGroups struct{ api traceAPI }

func (h traceGroups) list(ctx context.Context, also []string) ([]found, error) {
	var named []found
	err := eachPage(ctx, xray.NewGetGroupsPaginator(h.api, &xray.GetGroupsInput{}), func(page *xray.GetGroupsOutput) {
		for _, g := range page.Groups {
			name, arn := aws.ToString(g.GroupName), aws.ToString(g.GroupARN)
			if name != traceDefault && traceNamed(name, arn, also) {
				named = append(named, found{id: arn, name: name, arn: arn})
			}
		}
	})
	return traceTags(ctx, h.api, named, err)
}

func (h traceGroups) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteGroup(ctx, &xray.DeleteGroupInput{GroupARN: aws.String(id)})
	return h.goneOr(ctx, id, err)
}

// goneOr looks whether the group is gone: X-Ray has no error of its own for that.
// https://docs.aws.amazon.com/xray/latest/api/API_DeleteGroup.html
func (h traceGroups) goneOr(ctx context.Context, id string, err error) error {
	if code(err) != "InvalidRequestException" {
		return err
	}
	return unlessListed(ctx, h, id, err)
}

// samplingRules likewise; their ids are their names.
type samplingRules struct{ api traceAPI }

func (h samplingRules) list(ctx context.Context, also []string) ([]found, error) {
	var named []found
	err := eachPage(ctx, xray.NewGetSamplingRulesPaginator(h.api, &xray.GetSamplingRulesInput{}), func(page *xray.GetSamplingRulesOutput) {
		for _, r := range page.SamplingRuleRecords {
			if r.SamplingRule == nil {
				continue
			}
			name, arn := aws.ToString(r.SamplingRule.RuleName), aws.ToString(r.SamplingRule.RuleARN)
			if name != traceDefault && traceNamed(name, arn, also) {
				named = append(named, found{id: name, name: name, arn: arn})
			}
		}
	})
	return traceTags(ctx, h.api, named, err)
}

func (h samplingRules) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteSamplingRule(ctx, &xray.DeleteSamplingRuleInput{RuleName: aws.String(id)})
	if code(err) != "InvalidRequestException" {
		return err
	}
	return unlessListed(ctx, h, id, err)
}

// unlessListed is nil where a resource is gone.
func unlessListed(ctx context.Context, h handler, id string, err error) error {
	left, listErr := h.list(ctx, nil)
	if listErr == nil && !slices.ContainsFunc(left, func(f found) bool { return f.id == id }) {
		return nil
	}
	return err
}

// traceNamed tells whether a thing has labctl's name or is one that the tagging API knows,
// by the end of its ARN.
func traceNamed(name, arn string, also []string) bool {
	return strings.HasPrefix(name, namePrefix) || slices.ContainsFunc(also, func(id string) bool { return strings.HasSuffix(arn, "/"+id) })
}

// traceTags gives each its tags. A target without the service has none of them: X-Ray's own
// lists, which are about nothing that could be missing, are never answered with 404.
func traceTags(ctx context.Context, api traceAPI, named []found, err error) ([]found, error) {
	switch {
	case isNotEmulated(err), isUnknownCall(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return lookUp(named, func(f found) (found, error) {
		f.tags = map[string]string{}
		pages := xray.NewListTagsForResourcePaginator(api, &xray.ListTagsForResourceInput{ResourceARN: aws.String(f.arn)})
		err := eachPage(ctx, pages, func(page *xray.ListTagsForResourceOutput) {
			for k, v := range tagsOf(page.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }) {
				f.tags[k] = v
			}
		})
		return f, err
	})
}
