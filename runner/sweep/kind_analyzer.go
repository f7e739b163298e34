package sweep

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
)

type analyzerAPI interface {
	accessanalyzer.ListAnalyzersAPIClient
	DeleteAnalyzer(context.Context, *accessanalyzer.DeleteAnalyzerInput, ...func(*accessanalyzer.Options)) (*accessanalyzer.DeleteAnalyzerOutput, error)
}

// analyzers are those of IAM Access Analyzer, with their archive rules and findings.
type analyzers struct{ api analyzerAPI }

// list finds nothing where the target does not emulate the service at all.
func (h analyzers) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := accessanalyzer.NewListAnalyzersPaginator(h.api, &accessanalyzer.ListAnalyzersInput{})
	err = eachPage(ctx, pages, func(page *accessanalyzer.ListAnalyzersOutput) {
		for _, a := range page.Analyzers {
			all = append(all, found{id: aws.ToString(a.Name), name: aws.ToString(a.Name), arn: aws.ToString(a.Arn), tags: a.Tags})
		}
	})
	if isNotEmulated(err) {
		return nil, nil
	}
	return all, err
}

func (h analyzers) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteAnalyzer(ctx, &accessanalyzer.DeleteAnalyzerInput{AnalyzerName: aws.String(id)})
	return err
}
