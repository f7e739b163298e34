package iam

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	analyzertypes "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"labctl/labs"
)

// faultTag marks what a fault made, so that its undo finds it whatever became of the record.
const faultTag = "labctl:fault"

func userWithKey() labs.Fault {
	const id = "user-with-key"
	return labs.Fault{
		ID:     id,
		Title:  "A script that was to run for one day is still running, months after its author left.",
		Answer: "There is an IAM user with an access key in the lab.",
		Breaks: []string{"sec-no-keys"},
		Hints: []string{
			"No role's session lasts for months.",
			"What does not expire?",
			"List the IAM users, and their access keys.",
		},
		Inject: func(ctx context.Context, live labs.Live, record labs.Record) error {
			name := "labctl-" + live.Run + "-report"
			if err := record.Set("user", name); err != nil {
				return err
			}
			tags := []types.Tag{{Key: aws.String(faultTag), Value: aws.String(id)}}
			for key, value := range live.Tags {
				tags = append(tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
			}
			api := awsiam.NewFromConfig(live.Config)
			if _, err := api.CreateUser(ctx, &awsiam.CreateUserInput{UserName: &name, Tags: tags}); err != nil {
				return doing("creating user "+name, err)
			}
			_, err := api.CreateAccessKey(ctx, &awsiam.CreateAccessKeyInput{UserName: &name})
			return doing("creating an access key of user "+name, err)
		},
		Undo: func(ctx context.Context, live labs.Live, record labs.Record) error {
			name := record.Get("user")
			if name == "" {
				return nil
			}
			return doing("removing user "+name, removeUser(ctx, awsiam.NewFromConfig(live.Config), name, id))
		},
	}
}

// removeUser removes a user that a fault made, and its keys. A user of that name that is somebody else's stays.
func removeUser(ctx context.Context, api *awsiam.Client, name, fault string) error {
	got, err := api.GetUser(ctx, &awsiam.GetUserInput{UserName: &name})
	var missing *types.NoSuchEntityException
	switch {
	case errors.As(err, &missing):
		return nil
	case err != nil:
		return err //nolint:wrapcheck // the caller says what it was for
	}
	own := false
	for _, tag := range got.User.Tags {
		own = own || aws.ToString(tag.Key) == faultTag && aws.ToString(tag.Value) == fault
	}
	if !own {
		return nil
	}
	keys, err := api.ListAccessKeys(ctx, &awsiam.ListAccessKeysInput{UserName: &name})
	if err != nil {
		return err //nolint:wrapcheck // the caller says what it was for
	}
	for _, key := range keys.AccessKeyMetadata {
		if _, err := api.DeleteAccessKey(ctx, &awsiam.DeleteAccessKeyInput{UserName: &name, AccessKeyId: key.AccessKeyId}); labs.Unless(err, "NoSuchEntity") != nil {
			return err //nolint:wrapcheck // the caller says what it was for
		}
	}
	_, err = api.DeleteUser(ctx, &awsiam.DeleteUserInput{UserName: &name})
	return labs.Unless(err, "NoSuchEntity")
}

// analyzerDeleted can be made only where the target has Access Analyzer. The analyzer's findings are made anew by itself
// after the undo; what was archived by hand and not by a rule is open again.
func analyzerDeleted() labs.Fault {
	const key = "analyzer"
	type kept struct {
		Name  string
		Type  analyzertypes.Type
		Tags  map[string]string
		Rules []analyzertypes.InlineArchiveRule
	}
	return labs.Fault{
		ID:     "analyzer-deleted",
		Title:  "The weekly report about access from outside has been empty for a month. It used to have one archived line.",
		Answer: "The Access Analyzer was deleted.",
		Breaks: []string{"sec-analyzer"},
		Hints: []string{
			"The vendor still has access from outside.",
			"Who would tell you?",
			"List the analyzers of the region.",
		},
		Inject: func(ctx context.Context, live labs.Live, record labs.Record) error {
			api := accessanalyzer.NewFromConfig(live.Config)
			analyzer, err := ownAnalyzer(ctx, api, live.Run)
			if err != nil {
				return err
			}
			rules, err := archiveRules(ctx, api, aws.ToString(analyzer.Name))
			if err != nil {
				return err
			}
			if err := labs.Remember(record, key, kept{aws.ToString(analyzer.Name), analyzer.Type, analyzer.Tags, rules}); err != nil {
				return err
			}
			_, err = api.DeleteAnalyzer(ctx, &accessanalyzer.DeleteAnalyzerInput{AnalyzerName: analyzer.Name})
			return doing("deleting analyzer "+aws.ToString(analyzer.Name), err)
		},
		Undo: func(ctx context.Context, live labs.Live, record labs.Record) error {
			var was kept
			if found, err := labs.Recall(record, key, &was); err != nil || !found {
				return err
			}
			_, err := accessanalyzer.NewFromConfig(live.Config).CreateAnalyzer(ctx, &accessanalyzer.CreateAnalyzerInput{
				AnalyzerName: &was.Name, Type: was.Type, Tags: was.Tags, ArchiveRules: was.Rules,
			})
			return doing("creating analyzer "+was.Name, labs.Unless(err, "ConflictException"))
		},
	}
}

// ownAnalyzer is the analyzer that the lab made: one that was there before is not the lab's to delete.
func ownAnalyzer(ctx context.Context, api *accessanalyzer.Client, run string) (analyzertypes.AnalyzerSummary, error) {
	pages := accessanalyzer.NewListAnalyzersPaginator(api, &accessanalyzer.ListAnalyzersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return analyzertypes.AnalyzerSummary{}, doing("reading analyzers", err)
		}
		for _, analyzer := range page.Analyzers {
			if analyzer.Tags["labctl:run"] == run {
				return analyzer, nil
			}
		}
	}
	return analyzertypes.AnalyzerSummary{}, labs.Lacks("no analyzer was made with the run")
}

func archiveRules(ctx context.Context, api *accessanalyzer.Client, analyzer string) ([]analyzertypes.InlineArchiveRule, error) {
	var found []analyzertypes.InlineArchiveRule
	pages := accessanalyzer.NewListArchiveRulesPaginator(api, &accessanalyzer.ListArchiveRulesInput{AnalyzerName: &analyzer})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, doing("reading the archive rules of analyzer "+analyzer, err)
		}
		for _, rule := range page.ArchiveRules {
			found = append(found, analyzertypes.InlineArchiveRule{RuleName: rule.RuleName, Filter: rule.Filter})
		}
	}
	return found, nil
}
