package observability

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"labctl/checks/inventory"
	"labctl/labs"
)

// The faults of what is kept and of what is counted.

// kept is how a log group keeps its events.
type kept struct {
	Group string
	Days  int // 0 for ever
}

func neverExpire() labs.Fault {
	return swap(labs.Fault{
		ID:     "never-expire",
		Title:  "The bill for logs is a little higher each month, with the same traffic.",
		Answer: "The retention of the API's log group was taken away: its events never expire.",
		Breaks: []string{"obs-retention"},
		Hints: []string{
			"Nothing new is written; what was written stays.",
			"Not every log group has the same answer to the question when an event may go.",
			"Look at the retention of each log group. What does it mean where there is none?",
		},
	}, func(_ context.Context, a *architecture, _ labs.Live) (before, after kept, err error) {
		group, err := a.apiGroup()
		return kept{group.LogGroupName, group.RetentionInDays}, kept{group.LogGroupName, 0}, err
	}, func(ctx context.Context, live labs.Live, k kept) error {
		api := cloudwatchlogs.NewFromConfig(live.Config)
		var err error
		if k.Days == 0 {
			_, err = api.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: &k.Group})
		} else {
			_, err = api.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &k.Group, RetentionInDays: size(k.Days)})
		}
		if err != nil {
			return fmt.Errorf("changing the retention of log group %s: %w", k.Group, err)
		}
		return nil
	})
}

// apiGroup is the API's log group.
func (a *architecture) apiGroup() (inventory.LogGroup, error) {
	groups := a.apiGroups()
	if len(groups) == 0 {
		return inventory.LogGroup{}, labs.Lacks("%s", a.nothing("log group", roleAPI))
	}
	return groups[0], nil
}

// awake is a key, enabled or not.
type awake struct {
	Key string // its id
	Is  bool
}

func keyAsleep() labs.Fault {
	return swap(labs.Fault{
		ID:     "key-asleep",
		Title:  "Since noon the logs have no new lines, old ones cannot be read, and it is very quiet.",
		Answer: "The key of the log groups, which is the topic's too, is disabled.",
		Breaks: []string{"obs-retention", "obs-topic-key"},
		Twin:   true,
		Hints: []string{
			"Retention, and the key that each log group and the topic names, are as they should be.",
			"What have the log groups and the topic in common?",
			"Look at the state of the key.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after awake, err error) {
		group, err := a.apiGroup()
		if err != nil {
			return before, after, err
		}
		key, err := a.inv.Key(ctx, group.KmsKeyId)
		return awake{key.KeyId, true}, awake{key.KeyId, false}, err
	}, func(ctx context.Context, live labs.Live, k awake) error {
		api := kms.NewFromConfig(live.Config)
		var err error
		if k.Is {
			_, err = api.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &k.Key})
		} else {
			_, err = api.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &k.Key})
		}
		if err != nil {
			return fmt.Errorf("switching key %s: %w", k.Key, err)
		}
		return nil
	})
}

// filterFault is a fault that consists of the filter that counts failed requests.
func filterFault(fault labs.Fault, change func(*inventory.MetricFilter) error) labs.Fault {
	return swap(fault, func(ctx context.Context, a *architecture, _ labs.Live) (before, after inventory.MetricFilter, err error) {
		if before, err = a.failureFilter(ctx); err != nil {
			return before, after, err
		}
		after = before
		after.MetricTransformations = slices.Clone(before.MetricTransformations)
		return before, after, change(&after)
	}, putFilter)
}

// failureFilter is the filter that counts failed requests.
func (a *architecture) failureFilter(ctx context.Context) (inventory.MetricFilter, error) {
	emitters, err := a.emitters(ctx)
	if err != nil {
		return inventory.MetricFilter{}, err
	}
	for _, t := range a.tallies(emitters) {
		if !t.failed() {
			continue
		}
		for _, e := range emitters {
			if e.filter.FilterName == t.filters[0] {
				return e.filter, nil
			}
		}
	}
	return inventory.MetricFilter{}, labs.Lacks("no metric filter of %s counts failed requests as it is", a.inv.Scope)
}

func putFilter(ctx context.Context, live labs.Live, filter inventory.MetricFilter) error {
	in := &cloudwatchlogs.PutMetricFilterInput{LogGroupName: &filter.LogGroupName, FilterName: &filter.FilterName, FilterPattern: &filter.FilterPattern}
	for _, t := range filter.MetricTransformations {
		in.MetricTransformations = append(in.MetricTransformations, types.MetricTransformation{
			MetricNamespace: aws.String(t.MetricNamespace), MetricName: aws.String(t.MetricName), MetricValue: aws.String(t.MetricValue),
			DefaultValue: t.DefaultValue, Unit: types.StandardUnit(t.Unit), Dimensions: t.Dimensions,
		})
	}
	if _, err := cloudwatchlogs.NewFromConfig(live.Config).PutMetricFilter(ctx, in); err != nil {
		return fmt.Errorf("changing metric filter %s: %w", filter.FilterName, err)
	}
	return nil
}

func wrongCase() labs.Fault {
	return filterFault(labs.Fault{
		ID:     "wrong-case",
		Title:  "A customer reports that nothing works. The dashboard shows a hundred percent.",
		Answer: "The pattern of the filter that counts failed requests looks for a level that is spelt in another way than the API spells it (Error for ERROR), or for a status that no answer has.",
		Breaks: []string{"obs-filter", "obs-sli", "obs-burn", "obs-replay"},
		Hints: []string{
			"The lines of the failed requests are in the log group.",
			"Everything behind the first step works, on numbers that are wrong.",
			"Put a line of a failed request beside the pattern of the filter. Patterns tell large letters from small ones.",
		},
	}, func(filter *inventory.MetricFilter) error {
		was := filter.FilterPattern
		filter.FilterPattern = strings.NewReplacer(`"ERROR"`, `"Error"`, ">= 500", ">= 600").Replace(was)
		if filter.FilterPattern == was {
			return labs.Lacks("the pattern %s of filter %s speaks neither of the level ERROR nor of a status of 500", was, filter.FilterName)
		}
		return nil
	})
}

func noDefault() labs.Fault {
	return filterFault(labs.Fault{
		ID:     "no-default",
		Title:  "The graph of errors has gaps, and nobody can say whether they are good or bad news.",
		Answer: "The filter that counts failed requests has no default value any more: where no request fails it publishes nothing.",
		Breaks: []string{"obs-filter-zero"},
		Hints: []string{
			"The gaps are in the best hours.",
			"Requests are counted in those hours, errors are not: not even none of them.",
			"Compare the metric transformations of the filters.",
		},
	}, func(filter *inventory.MetricFilter) error {
		for n := range filter.MetricTransformations {
			filter.MetricTransformations[n].DefaultValue = nil
		}
		return nil
	})
}

// userDimension adds a filter beside the others; the undo deletes it.
func userDimension() labs.Fault {
	const suffix = "-by-user"
	type added struct {
		Filter inventory.MetricFilter
		There  bool
	}
	return swap(labs.Fault{
		ID:     "user-dimension",
		Title:  "CloudWatch costs 400 USD more this month. Traffic, alarms and logs are as ever.",
		Answer: "There is one more metric filter: it counts requests with the user as a dimension, so that each user is a metric.",
		Breaks: []string{"obs-cardinality"},
		Hints: []string{
			"What has no limit here, and is billed by the piece?",
			"A metric is a name and a combination of dimensions.",
			"List the metric filters with their dimensions.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after added, err error) {
		filter, err := a.failureFilter(ctx)
		if err != nil {
			return before, after, err
		}
		own := inventory.MetricTransformation{
			MetricNamespace: filter.MetricTransformations[0].MetricNamespace, MetricName: "RequestsByUser", MetricValue: "1", Unit: "Count",
			Dimensions: map[string]string{"User": "$.user_id"},
		}
		extra := inventory.MetricFilter{
			FilterName: filter.LogGroupName + suffix, LogGroupName: filter.LogGroupName, FilterPattern: `{ $.event = "request" }`,
			MetricTransformations: []inventory.MetricTransformation{own},
		}
		return added{extra, false}, added{extra, true}, nil
	}, func(ctx context.Context, live labs.Live, a added) error {
		if a.There {
			return putFilter(ctx, live, a.Filter)
		}
		_, err := cloudwatchlogs.NewFromConfig(live.Config).DeleteMetricFilter(ctx, &cloudwatchlogs.DeleteMetricFilterInput{LogGroupName: &a.Filter.LogGroupName, FilterName: &a.Filter.FilterName})
		if err := labs.Unless(err, "ResourceNotFoundException"); err != nil {
			return fmt.Errorf("deleting metric filter %s: %w", a.Filter.FilterName, err)
		}
		return nil
	})
}
