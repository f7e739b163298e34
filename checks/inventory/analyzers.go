package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
)

// Analyzer is an Access Analyzer.
type Analyzer struct {
	Name   string
	Arn    string
	Type   string // ACCOUNT or ORGANIZATION look for access from outside
	Status string // ACTIVE
}

// AccessFinding is something that an analyzer has found and nobody has dealt with.
type AccessFinding struct {
	Analyzer string // ARN
	Id       string
	Resource string // ARN
	Status   string // ACTIVE
}

// Analyzers reads the region's analyzers.
func (i *Inventory) Analyzers(ctx context.Context) ([]Analyzer, error) {
	return i.audit.analyzers.get("the access analyzers of "+i.Region, func() ([]Analyzer, error) { return i.source.readAnalyzers(ctx) })
}

// AccessFindings reads the open findings of one analyzer.
func (i *Inventory) AccessFindings(ctx context.Context, analyzerARN string) ([]AccessFinding, error) {
	return i.audit.findings.get(analyzerARN, "the findings of analyzer", func() ([]AccessFinding, error) { return i.source.readFindings(ctx, analyzerARN) })
}

func (l live) readAnalyzers(ctx context.Context) ([]Analyzer, error) {
	analyzers, err := all(ctx, accessanalyzer.NewListAnalyzersPaginator(l.analyzers, &accessanalyzer.ListAnalyzersInput{}), func(o *accessanalyzer.ListAnalyzersOutput) []types.AnalyzerSummary { return o.Analyzers })
	if err != nil {
		return nil, err
	}
	found := make([]Analyzer, len(analyzers))
	for n, a := range analyzers {
		found[n] = Analyzer{Name: aws.ToString(a.Name), Arn: aws.ToString(a.Arn), Type: string(a.Type), Status: string(a.Status)}
	}
	return found, nil
}

func (l live) readFindings(ctx context.Context, analyzerARN string) ([]AccessFinding, error) {
	findings, err := all(ctx, accessanalyzer.NewListFindingsV2Paginator(l.analyzers, &accessanalyzer.ListFindingsV2Input{
		AnalyzerArn: &analyzerARN,
		Filter:      map[string]types.Criterion{"status": {Eq: []string{string(types.FindingStatusActive)}}},
	}), func(o *accessanalyzer.ListFindingsV2Output) []types.FindingSummaryV2 { return o.Findings })
	if err != nil {
		return nil, err
	}
	found := make([]AccessFinding, len(findings))
	for n, f := range findings {
		found[n] = AccessFinding{Analyzer: analyzerARN, Id: aws.ToString(f.Id), Resource: aws.ToString(f.Resource), Status: string(f.Status)}
	}
	return found, nil
}

func (f Facts) readAnalyzers(context.Context) ([]Analyzer, error) { return f.Analyzers, nil }

func (f Facts) readFindings(_ context.Context, analyzerARN string) ([]AccessFinding, error) {
	var found []AccessFinding
	for _, finding := range f.AccessFindings {
		if finding.Analyzer == analyzerARN {
			found = append(found, finding)
		}
	}
	return found, nil
}
