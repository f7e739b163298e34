package observability

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
	"labctl/labs"
	"labctl/labs/labtest"
)

// carryOutLive carries a drill out on a live lab, as the runner does, and returns its time line and a look at what is left in the queue.
//
//nolint:contextcheck // what a drill has left is looked at after its context has ended
func carryOutLive(ctx context.Context, t *testing.T, suite labtest.Suite, id string, change func(*labs.Live), tell func(labs.Moment)) (*labs.TimeLine, func() []notice, error) {
	t.Helper()
	d, ok := suite.Lab.Drill(id)
	require.True(t, ok)
	live := labs.Live{
		Config: suite.Config, Run: suite.Run, Tags: suite.Tags, Support: suite.Support, Clock: suite.Clock, Record: memory{},
		Inventory: inventory.New(suite.Config, suite.Account, inventory.Scope{Key: "labctl:run", Value: suite.Run}),
	}
	if change != nil {
		change(&live)
	}
	line := labs.NewTimeLine(func(m labs.Moment) {
		t.Logf("%6.1fs %s", m.After.Seconds(), m.Text)
		tell(m)
	})
	err := d.Run(ctx, live, line)
	after, done := labs.Afterwards(ctx)
	defer done()
	require.NoError(t, d.Restore(after, live, line))

	return line, func() []notice {
		plan, err := planDuty(t.Context(), live)
		require.NoError(t, err)
		require.NoError(t, pauseFor(t.Context(), hidden)) // what the drill has looked at can be seen again
		left, err := newExercise(accountSite{live}, plan, live, line).letters(t.Context(), plan.queue)
		require.NoError(t, err)
		return left
	}, err
}

// TestDrills carries every drill out on one live lab whose clock runs sixty times as fast.
func TestDrills(t *testing.T) {
	if testing.Short() {
		t.Skip("provisions the lab")
	}
	suite := labtest.Provision(t, New(), "--speed", "60")
	quiet := func(labs.Moment) {}
	topic := "arn:aws:sns:us-east-1:" + suite.Account + ":labctl-" + suite.Run + "-on-call"
	publish := func(text string) {
		_, err := sns.NewFromConfig(suite.Config).Publish(t.Context(), &sns.PublishInput{TopicArn: &topic, Message: &text})
		require.NoError(t, err)
	}
	publish("somebody's own words")
	// The lab pages from the beginning, as nobody sends it heartbeats: those pages may be there or not.
	own := func(left []notice) []notice {
		var found []notice
		for _, n := range left {
			if !strings.HasSuffix(n.Alarm, "-page-silence") {
				found = append(found, n)
			}
		}
		return found
	}
	whole := func(t *testing.T, line *labs.TimeLine, left func() []notice, measures int) {
		t.Helper()
		assert.Empty(t, line.LeftOut())
		assert.Len(t, line.Measures(), measures)
		for _, m := range line.Measures() {
			assert.True(t, m.Met, "%s: %s", m.Name, m.Found)
		}
		found := own(left())
		require.Len(t, found, 1)
		assert.Equal(t, "somebody's own words", found[0].Text)
	}
	t.Run("correlate", func(t *testing.T) {
		line, left, err := carryOutLive(t.Context(), t, suite, "correlate", nil, quiet)
		require.NoError(t, err)
		whole(t, line, left, 9)
	})
	t.Run("silence", func(t *testing.T) {
		line, left, err := carryOutLive(t.Context(), t, suite, "silence", nil, quiet)
		require.NoError(t, err)
		whole(t, line, left, 1)
	})
	t.Run("page, interrupted after it", func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		line, left, err := carryOutLive(ctx, t, suite, "page", nil, func(m labs.Moment) {
			if strings.HasPrefix(m.Text, "The outage is over") {
				interrupt()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		whole(t, line, left, 2)
	})
	t.Run("where nobody has subscribed, and no alarm is evaluated", func(t *testing.T) {
		api := sns.NewFromConfig(suite.Config)
		found, err := api.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
		require.NoError(t, err)
		require.Len(t, found.Subscriptions, 1)
		_, err = api.Unsubscribe(t.Context(), &sns.UnsubscribeInput{SubscriptionArn: found.Subscriptions[0].SubscriptionArn})
		require.NoError(t, err)
		line, _, err := carryOutLive(t.Context(), t, suite, "page", func(live *labs.Live) { live.Support = nil }, quiet)
		require.NoError(t, err)
		assert.Contains(t, line.LeftOut(), "not evaluated")
		require.Len(t, line.Measures(), 1)
		assert.False(t, line.Measures()[0].Met)

		_, err = api.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &topic, Protocol: aws.String("sqs"), Endpoint: found.Subscriptions[0].Endpoint})
		require.NoError(t, err)
		line, _, err = carryOutLive(t.Context(), t, suite, "page", func(live *labs.Live) { live.Support = nil }, quiet)
		require.NoError(t, err)
		assert.Contains(t, line.LeftOut(), "not evaluated")
		assert.True(t, line.Measures()[0].Met, "a test message arrives again")
	})
}
