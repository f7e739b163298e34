package local_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trail makes a trail, with a bucket of its name, and returns its ARN.
func (a account) trail(t T, name string) string {
	a.bucket(t, name)
	out := must[cloudtrail.CreateTrailOutput](t)(a.trails.CreateTrail(a.ctx, &cloudtrail.CreateTrailInput{
		Name: &name, S3BucketName: &name, TagsList: []types.Tag{{Key: aws.String("at"), Value: aws.String("creation")}},
	}))
	return *out.TrailARN
}

func (a account) logging(t T, trail string) bool {
	out := must[cloudtrail.GetTrailStatusOutput](t)(a.trails.GetTrailStatus(a.ctx, &cloudtrail.GetTrailStatusInput{Name: &trail}))
	return *out.IsLogging
}

func (a account) describeTrails(t T, names ...string) []string {
	out := must[cloudtrail.DescribeTrailsOutput](t)(a.trails.DescribeTrails(a.ctx, &cloudtrail.DescribeTrailsInput{TrailNameList: names}))
	var arns []string
	for _, trail := range out.TrailList {
		arns = append(arns, *trail.TrailARN)
	}
	return arns
}

func proveTrailNames(t T, a account) {
	one, other := a.trail(t, "named-one"), a.trail(t, "named-other")
	for _, trail := range []string{one, "named-one"} {
		must[cloudtrail.StartLoggingOutput](t)(a.trails.StartLogging(a.ctx, &cloudtrail.StartLoggingInput{Name: &trail}))
		assert.True(t, a.logging(t, trail))
		must[cloudtrail.StopLoggingOutput](t)(a.trails.StopLogging(a.ctx, &cloudtrail.StopLoggingInput{Name: &trail}))
		assert.False(t, a.logging(t, trail))
		assert.Equal(t, []string{one}, a.describeTrails(t, trail))
	}
	assert.ElementsMatch(t, []string{one, other}, a.describeTrails(t, "named-one", other, "nobody"))
	assert.Subset(t, a.describeTrails(t), []string{one, other})

	_, err := a.trails.CreateTrail(a.ctx, &cloudtrail.CreateTrailInput{Name: aws.String("named-one"), S3BucketName: aws.String("named-one")})
	assert.ErrorContains(t, err, "TrailAlreadyExistsException")
	must[cloudtrail.DeleteTrailOutput](t)(a.trails.DeleteTrail(a.ctx, &cloudtrail.DeleteTrailInput{Name: &one}))
	assert.NotContains(t, a.describeTrails(t), one)
	for _, trail := range []string{one, "named-one"} {
		_, err := a.trails.StartLogging(a.ctx, &cloudtrail.StartLoggingInput{Name: &trail})
		assert.ErrorContains(t, err, "TrailNotFoundException")
		_, err = a.trails.DeleteTrail(a.ctx, &cloudtrail.DeleteTrailInput{Name: &trail})
		assert.ErrorContains(t, err, "TrailNotFoundException")
	}
	tags := must[cloudtrail.ListTagsOutput](t)(a.trails.ListTags(a.ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{one, other}}))
	require.Len(t, tags.ResourceTagList, 2)
	assert.Empty(t, tags.ResourceTagList[0].TagsList)
	assert.Len(t, tags.ResourceTagList[1].TagsList, 1)
}

// assertSelectors compares what the trail answers with what it should.
func (a account) assertSelectors(t T, trail string, custom bool, basic []types.EventSelector, advanced []types.AdvancedEventSelector) {
	out := must[cloudtrail.GetEventSelectorsOutput](t)(a.trails.GetEventSelectors(a.ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &trail}))
	assert.Equal(t, basic, out.EventSelectors)
	assert.Equal(t, advanced, out.AdvancedEventSelectors)
	is := must[cloudtrail.GetTrailOutput](t)(a.trails.GetTrail(a.ctx, &cloudtrail.GetTrailInput{Name: &trail}))
	assert.Equal(t, custom, *is.Trail.HasCustomEventSelectors)
}

func proveTrailEventSelectors(t T, a account) {
	trail := a.trail(t, "selecting")
	management := types.EventSelector{
		ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true),
		DataResources: []types.DataResource{}, ExcludeManagementEventSources: []string{},
	}
	a.assertSelectors(t, trail, false, []types.EventSelector{management}, nil)

	data := []types.AdvancedEventSelector{{Name: aws.String("data"), FieldSelectors: []types.AdvancedFieldSelector{
		{Field: aws.String("eventCategory"), Equals: []string{"Data"}},
		{Field: aws.String("resources.type"), Equals: []string{"AWS::S3::Object"}},
	}}}
	must[cloudtrail.PutEventSelectorsOutput](t)(a.trails.PutEventSelectors(a.ctx, &cloudtrail.PutEventSelectorsInput{TrailName: &trail, AdvancedEventSelectors: data}))
	a.assertSelectors(t, trail, true, nil, data)

	objects := []types.DataResource{{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::data/"}}}
	must[cloudtrail.PutEventSelectorsOutput](t)(a.trails.PutEventSelectors(a.ctx, &cloudtrail.PutEventSelectorsInput{
		TrailName: &trail, EventSelectors: []types.EventSelector{{DataResources: objects}},
	}))
	reads := management
	reads.DataResources = objects
	a.assertSelectors(t, trail, true, []types.EventSelector{reads}, nil)
}

func (a account) metricFilters(t T, group string) []logtypes.MetricFilter {
	return must[cloudwatchlogs.DescribeMetricFiltersOutput](t)(a.logs.DescribeMetricFilters(a.ctx, &cloudwatchlogs.DescribeMetricFiltersInput{
		LogGroupName: &group,
	})).MetricFilters
}

func proveMetricFilters(t T, a account) {
	put := func(group, pattern string) error {
		_, err := a.logs.PutMetricFilter(a.ctx, &cloudwatchlogs.PutMetricFilterInput{
			LogGroupName: &group, FilterName: aws.String("tampering"), FilterPattern: &pattern,
			MetricTransformations: []logtypes.MetricTransformation{{
				MetricNamespace: aws.String("lab"), MetricName: aws.String("Tampering"), MetricValue: aws.String("1"),
			}},
		})
		return err
	}
	assert.ErrorContains(t, put("filtered", "{ $.a = 1 }"), "ResourceNotFoundException")
	for _, group := range []string{"filtered", "filtered-too"} {
		must[cloudwatchlogs.CreateLogGroupOutput](t)(a.logs.CreateLogGroup(a.ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group}))
		require.NoError(t, put(group, "{ $.a = 1 }"))
	}
	require.NoError(t, put("filtered", "{ $.b = 2 }"))
	require.Len(t, a.metricFilters(t, "filtered"), 1)
	assert.Equal(t, "{ $.b = 2 }", *a.metricFilters(t, "filtered")[0].FilterPattern)
	groups := must[cloudwatchlogs.DescribeLogGroupsOutput](t)(a.logs.DescribeLogGroups(a.ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("filtered")}))
	require.Len(t, groups.LogGroups, 2)
	assert.Equal(t, int32(1), *groups.LogGroups[0].MetricFilterCount)
	proveRefusedFilters(t, a, "filtered")

	must[cloudwatchlogs.DeleteLogGroupOutput](t)(a.logs.DeleteLogGroup(a.ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("filtered")}))
	assert.Empty(t, a.metricFilters(t, "filtered"))
	remove := &cloudwatchlogs.DeleteMetricFilterInput{LogGroupName: aws.String("filtered-too"), FilterName: aws.String("tampering")}
	must[cloudwatchlogs.DeleteMetricFilterOutput](t)(a.logs.DeleteMetricFilter(a.ctx, remove))
	assert.Empty(t, a.metricFilters(t, "filtered-too"))
	_, err := a.logs.DeleteMetricFilter(a.ctx, remove)
	assert.ErrorContains(t, err, "ResourceNotFoundException")
}
