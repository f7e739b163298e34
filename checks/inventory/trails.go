package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"golang.org/x/sync/errgroup"
)

// Trail is a CloudTrail trail that carries the scope's tag, under the field names of the API.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html
type Trail struct {
	Name                      string
	TrailARN                  string
	Tags                      map[string]string
	IsMultiRegionTrail        bool
	LogFileValidationEnabled  bool
	KmsKeyId                  string
	S3BucketName              string
	CloudWatchLogsLogGroupArn string
	CloudWatchLogsRoleArn     string

	IsLogging           bool
	LatestDeliveryError string // of the last delivery to the bucket; "" where it went well

	EventSelectors         []EventSelector
	AdvancedEventSelectors []AdvancedEventSelector
}

// EventSelector is a basic event selector.
type EventSelector struct {
	ReadWriteType           string // All, ReadOnly, WriteOnly
	IncludeManagementEvents bool
	DataResources           []DataResource
}

// DataResource says of which resources a basic event selector records the data events.
type DataResource struct {
	Type   string
	Values []string
}

// AdvancedEventSelector is a set of tests that an event must pass, all of them, to be recorded.
type AdvancedEventSelector struct{ FieldSelectors []FieldSelector }

// FieldSelector is one test of an advanced event selector.
type FieldSelector struct {
	Field                                                               string
	Equals, NotEquals, StartsWith, NotStartsWith, EndsWith, NotEndsWith []string
}

// Trails reads the trails whose home is the region and that carry the scope's tag.
func (i *Inventory) Trails(ctx context.Context) ([]Trail, error) {
	return i.audit.trails.get("the trails tagged "+i.Scope.String(), func() ([]Trail, error) { return i.source.readTrails(ctx, i.Scope) })
}

func (l live) readTrails(ctx context.Context, scope Scope) ([]Trail, error) {
	described, err := l.trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)})
	if err != nil || len(described.TrailList) == 0 {
		return nil, err //nolint:wrapcheck // the SDK's errors name the call
	}
	tags, err := l.readTrailTags(ctx, described.TrailList)
	if err != nil {
		return nil, err
	}
	var found []Trail
	for _, trail := range described.TrailList {
		if of := tags[aws.ToString(trail.TrailARN)]; of[scope.Key] == scope.Value {
			found = append(found, trailOf(trail, of))
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for n := range found {
		group.Go(func() error { return l.readTrailStatus(ctx, &found[n]) })
		group.Go(func() error { return l.readEventSelectors(ctx, &found[n]) })
	}
	return found, group.Wait()
}

func trailOf(trail types.Trail, tags map[string]string) Trail {
	return Trail{
		Name: aws.ToString(trail.Name), TrailARN: aws.ToString(trail.TrailARN), Tags: tags,
		IsMultiRegionTrail: aws.ToBool(trail.IsMultiRegionTrail), LogFileValidationEnabled: aws.ToBool(trail.LogFileValidationEnabled),
		KmsKeyId: aws.ToString(trail.KmsKeyId), S3BucketName: aws.ToString(trail.S3BucketName),
		CloudWatchLogsLogGroupArn: aws.ToString(trail.CloudWatchLogsLogGroupArn), CloudWatchLogsRoleArn: aws.ToString(trail.CloudWatchLogsRoleArn),
	}
}

// readTrailTags reads the tags of trails, twenty at a time.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html
func (l live) readTrailTags(ctx context.Context, trails []types.Trail) (map[string]map[string]string, error) {
	const most = 20
	tags := map[string]map[string]string{}
	for start := 0; start < len(trails); start += most {
		var arns []string
		for _, trail := range trails[start:min(start+most, len(trails))] {
			arns = append(arns, aws.ToString(trail.TrailARN))
		}
		lists, err := all(ctx, cloudtrail.NewListTagsPaginator(l.trails, &cloudtrail.ListTagsInput{ResourceIdList: arns}), func(o *cloudtrail.ListTagsOutput) []types.ResourceTag { return o.ResourceTagList })
		if err != nil {
			return nil, err
		}
		for _, list := range lists {
			of := map[string]string{}
			for _, tag := range list.TagsList {
				of[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			tags[aws.ToString(list.ResourceId)] = of
		}
	}
	return tags, nil
}

func (l live) readTrailStatus(ctx context.Context, trail *Trail) error {
	status, err := l.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &trail.TrailARN})
	if err != nil {
		return err //nolint:wrapcheck // the SDK's errors name the call
	}
	trail.IsLogging, trail.LatestDeliveryError = aws.ToBool(status.IsLogging), aws.ToString(status.LatestDeliveryError)
	return nil
}

func (l live) readEventSelectors(ctx context.Context, trail *Trail) error {
	got, err := l.trails.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &trail.TrailARN})
	if err != nil {
		return err //nolint:wrapcheck // the SDK's errors name the call
	}
	for _, s := range got.EventSelectors {
		selector := EventSelector{
			ReadWriteType: string(s.ReadWriteType),
			// What a selector does not say is the default.
			// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
			IncludeManagementEvents: s.IncludeManagementEvents == nil || *s.IncludeManagementEvents,
		}
		if selector.ReadWriteType == "" {
			selector.ReadWriteType = string(types.ReadWriteTypeAll)
		}
		for _, r := range s.DataResources {
			selector.DataResources = append(selector.DataResources, DataResource{Type: aws.ToString(r.Type), Values: r.Values})
		}
		trail.EventSelectors = append(trail.EventSelectors, selector)
	}
	for _, s := range got.AdvancedEventSelectors {
		var selector AdvancedEventSelector
		for _, f := range s.FieldSelectors {
			selector.FieldSelectors = append(selector.FieldSelectors, FieldSelector{
				Field: aws.ToString(f.Field), Equals: f.Equals, NotEquals: f.NotEquals, StartsWith: f.StartsWith,
				NotStartsWith: f.NotStartsWith, EndsWith: f.EndsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		trail.AdvancedEventSelectors = append(trail.AdvancedEventSelectors, selector)
	}
	return nil
}

func (f Facts) readTrails(_ context.Context, scope Scope) ([]Trail, error) {
	return within(f.Trails, scope, func(t Trail) map[string]string { return t.Tags }), nil
}
