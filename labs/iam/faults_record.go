package iam

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"labctl/checks/inventory"
	"labctl/labs"
)

// trailFault is a fault that consists of one setting of a trail changed. wanted finds a trail that has the setting.
func trailFault(fault labs.Fault, wanted func(inventory.Trail) bool, set func(ctx context.Context, api *cloudtrail.Client, arn string, broken bool) error) labs.Fault {
	const key = "trail"
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		trail, err := trailWith(ctx, live, wanted)
		if err != nil {
			return err
		}
		if err := record.Set(key, trail.TrailARN); err != nil {
			return err
		}
		return doing("changing trail "+trail.Name, set(ctx, cloudtrail.NewFromConfig(live.Config), trail.TrailARN, true))
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		arn := record.Get(key)
		if arn == "" {
			return nil
		}
		err := set(ctx, cloudtrail.NewFromConfig(live.Config), arn, false)
		return doing("changing trail "+arn+" back", labs.Unless(err, "TrailNotFoundException"))
	}
	return fault
}

func trailWith(ctx context.Context, live labs.Live, wanted func(inventory.Trail) bool) (inventory.Trail, error) {
	trails, err := live.Inventory.Trails(ctx)
	if err != nil {
		return inventory.Trail{}, err
	}
	for _, trail := range trails {
		if wanted(trail) {
			return trail, nil
		}
	}
	return inventory.Trail{}, labs.Lacks("no trail of the lab is as it should be")
}

func trailStopped() labs.Fault {
	return trailFault(labs.Fault{
		ID:     "trail-stopped",
		Title:  "The auditors ask about yesterday evening. There is a trail for all regions, and there is nothing about yesterday evening.",
		Answer: "The trail does not log: StopLogging was called.",
		Breaks: []string{"sec-trail"},
		Hints: []string{
			"The trail's configuration is flawless.",
			"A trail has a configuration and a status.",
			"Ask for the trail's status.",
		},
	}, func(trail inventory.Trail) bool { return trail.IsLogging }, func(ctx context.Context, api *cloudtrail.Client, arn string, broken bool) error {
		if broken {
			_, err := api.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: &arn})
			return err
		}
		_, err := api.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: &arn})
		return err
	})
}

func trailUnvalidated() labs.Fault {
	return trailFault(labs.Fault{
		ID:     "trail-unvalidated",
		Title:  "A lawyer asks how you know that nobody has edited this log file. Nobody knows.",
		Answer: "Log file validation of the trail is off: no digest files are written.",
		Breaks: []string{"sec-trail-integrity"},
		Hints: []string{
			"The files are encrypted, and locked once they are written.",
			"What would show that a file is missing, or is not the one that CloudTrail wrote?",
			"Look at the trail's setting for log file validation.",
		},
	}, func(trail inventory.Trail) bool { return trail.LogFileValidationEnabled }, func(ctx context.Context, api *cloudtrail.Client, arn string, broken bool) error {
		_, err := api.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: &arn, EnableLogFileValidation: aws.Bool(!broken)})
		return err
	})
}

// dataEventsWriteOnly keeps the management events complete: what is missing is who read the data.
func dataEventsWriteOnly() labs.Fault {
	const key = "selectors"
	type kept struct {
		Trail     string
		Selectors []trailtypes.EventSelector
	}
	put := func(ctx context.Context, live labs.Live, k kept) error {
		_, err := cloudtrail.NewFromConfig(live.Config).PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: &k.Trail, EventSelectors: k.Selectors})
		return doing("changing the event selectors of trail "+k.Trail, labs.Unless(err, "TrailNotFoundException"))
	}
	return labs.Fault{
		ID:     "data-events-write-only",
		Title:  "The record tells who wrote each object, and of nobody that they read one.",
		Answer: "The trail records write events of the data bucket's objects only.",
		Breaks: []string{"sec-data-events"},
		Hints: []string{
			"There are data events.",
			"An event reads or writes.",
			"Read the trail's event selectors.",
		},
		Inject: func(ctx context.Context, live labs.Live, record labs.Record) error {
			trail, err := trailWith(ctx, live, func(trail inventory.Trail) bool { return len(trail.EventSelectors) > 0 })
			if err != nil {
				return err
			}
			now, err := cloudtrail.NewFromConfig(live.Config).GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &trail.TrailARN})
			if err != nil {
				return doing("reading the event selectors of trail "+trail.Name, err)
			}
			if err := labs.Remember(record, key, kept{trail.TrailARN, now.EventSelectors}); err != nil {
				return err
			}
			return put(ctx, live, kept{trail.TrailARN, writesOnly(now.EventSelectors)})
		},
		Undo: func(ctx context.Context, live labs.Live, record labs.Record) error {
			var was kept
			if found, err := labs.Recall(record, key, &was); err != nil || !found {
				return err
			}
			return put(ctx, live, was)
		},
	}
}

// writesOnly splits each selector: management events as they were, data events of writes.
func writesOnly(selectors []trailtypes.EventSelector) []trailtypes.EventSelector {
	var found []trailtypes.EventSelector
	for _, s := range selectors {
		if len(s.DataResources) == 0 {
			found = append(found, s)
			continue
		}
		management, writes := s, s
		management.DataResources = nil
		writes.IncludeManagementEvents, writes.ReadWriteType = aws.Bool(false), trailtypes.ReadWriteTypeWriteOnly
		found = append(found, management, writes)
	}
	return found
}

func tamperTypo() labs.Fault {
	const key, right, wrong = "filter", "StopLogging", "StopLoging"
	put := func(ctx context.Context, live labs.Live, f logtypes.MetricFilter) error {
		_, err := cloudwatchlogs.NewFromConfig(live.Config).PutMetricFilter(ctx, &cloudwatchlogs.PutMetricFilterInput{
			LogGroupName: f.LogGroupName, FilterName: f.FilterName, FilterPattern: f.FilterPattern, MetricTransformations: f.MetricTransformations,
		})
		return doing("changing metric filter "+aws.ToString(f.FilterName), labs.Unless(err, "ResourceNotFoundException"))
	}
	return labs.Fault{
		ID:     "tamper-typo",
		Title:  "Somebody stopped the trail in an exercise, and the alarm stayed silent. A deleted key had set it off the week before.",
		Answer: "The pattern of the filter has a typo: " + wrong + " is no call of CloudTrail.",
		Breaks: []string{"sec-tamper-alarm"},
		Hints: []string{
			"The way from the metric to the pager works.",
			"Does the event get counted? Which part of the pattern should match it?",
			"Compare the names in the patterns with those in CloudTrail's API reference, letter by letter.",
		},
		Inject: func(ctx context.Context, live labs.Live, record labs.Record) error {
			f, err := filterNaming(ctx, live, right)
			if err != nil {
				return err
			}
			if err := labs.Remember(record, key, f); err != nil {
				return err
			}
			f.FilterPattern = aws.String(strings.ReplaceAll(aws.ToString(f.FilterPattern), right, wrong))
			return put(ctx, live, f)
		},
		Undo: func(ctx context.Context, live labs.Live, record labs.Record) error {
			var was logtypes.MetricFilter
			if found, err := labs.Recall(record, key, &was); err != nil || !found {
				return err
			}
			return put(ctx, live, was)
		},
	}
}

// filterNaming finds a metric filter on a trail's log group whose pattern has a word.
func filterNaming(ctx context.Context, live labs.Live, word string) (logtypes.MetricFilter, error) {
	trail, err := trailWith(ctx, live, func(trail inventory.Trail) bool { return logGroupOf(trail) != "" })
	if err != nil {
		return logtypes.MetricFilter{}, err
	}
	pages := cloudwatchlogs.NewDescribeMetricFiltersPaginator(cloudwatchlogs.NewFromConfig(live.Config), &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String(logGroupOf(trail))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return logtypes.MetricFilter{}, doing("reading metric filters", err)
		}
		for _, f := range page.MetricFilters {
			if strings.Contains(aws.ToString(f.FilterPattern), word) {
				return f, nil
			}
		}
	}
	return logtypes.MetricFilter{}, labs.Lacks("no metric filter looks for %s", word)
}
