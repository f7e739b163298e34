package local_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pager is a rule whose target is a topic with a queue behind it; the three have one name.
type pager struct{ rule, topic, queue string }

func (a account) pager(t T, name, pattern string) pager {
	rule := must[eventbridge.PutRuleOutput](t)(a.events.PutRule(a.ctx, &eventbridge.PutRuleInput{Name: &name, EventPattern: &pattern}))
	topic := must[sns.CreateTopicOutput](t)(a.topics.CreateTopic(a.ctx, &sns.CreateTopicInput{Name: &name}))
	queue := must[sqs.CreateQueueOutput](t)(a.queues.CreateQueue(a.ctx, &sqs.CreateQueueInput{QueueName: &name}))
	must[sns.SubscribeOutput](t)(a.topics.Subscribe(a.ctx, &sns.SubscribeInput{
		TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:123456789012:" + name),
		Attributes: map[string]string{"RawMessageDelivery": "true"},
	}))
	must[eventbridge.PutTargetsOutput](t)(a.events.PutTargets(a.ctx, &eventbridge.PutTargetsInput{
		Rule: &name, Targets: []eventtypes.Target{{Id: aws.String("topic"), Arn: topic.TopicArn}},
	}))
	return pager{*rule.RuleArn, *topic.TopicArn, *queue.QueueUrl}
}

// allow lets EventBridge publish to the topic, for the rule.
func (a account) allow(t T, p pager, rule string) {
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"%s","Condition":{"ArnEquals":{"aws:SourceArn":"%s"}}}]}`, p.topic, rule)
	must[sns.SetTopicAttributesOutput](t)(a.topics.SetTopicAttributes(a.ctx, &sns.SetTopicAttributesInput{TopicArn: &p.topic, AttributeName: aws.String("Policy"), AttributeValue: &policy}))
}

// pages returns the details of the events that have arrived, and takes them off the queue.
func (a account) pages(t T, p pager) []map[string]any {
	var details []map[string]any
	for {
		out := must[sqs.ReceiveMessageOutput](t)(a.queues.ReceiveMessage(a.ctx, &sqs.ReceiveMessageInput{QueueUrl: &p.queue, MaxNumberOfMessages: 10}))
		if len(out.Messages) == 0 {
			return details
		}
		for _, m := range out.Messages {
			var event struct {
				Account, Time string
				Detail        map[string]any
			}
			require.NoError(t, json.Unmarshal([]byte(*m.Body), &event))
			assert.Equal(t, "123456789012", event.Account)
			_, err := time.Parse(time.RFC3339, event.Time)
			assert.NoError(t, err)
			details = append(details, event.Detail)
			must[sqs.DeleteMessageOutput](t)(a.queues.DeleteMessage(a.ctx, &sqs.DeleteMessageInput{QueueUrl: &p.queue, ReceiptHandle: m.ReceiptHandle}))
		}
	}
}

func (a account) send(t T, source, detail string) *eventbridge.PutEventsOutput {
	return must[eventbridge.PutEventsOutput](t)(a.events.PutEvents(a.ctx, &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{
		{Source: &source, DetailType: aws.String("Order"), Detail: &detail},
	}}))
}

func proveEventDelivery(t T, a account) {
	p := a.pager(t, "delivered", `{"source":["shop.delivery"],"detail":{"state":["LOST"]}}`)
	must[eventbridge.PutRuleOutput](t)(a.events.PutRule(a.ctx, &eventbridge.PutRuleInput{Name: aws.String("nightly"), ScheduleExpression: aws.String("rate(1 day)")}))
	must[eventbridge.PutTargetsOutput](t)(a.events.PutTargets(a.ctx, &eventbridge.PutTargetsInput{
		Rule: aws.String("nightly"), Targets: []eventtypes.Target{{Id: aws.String("topic"), Arn: &p.topic}},
	}))
	lost := func() { assert.Zero(t, a.send(t, "shop.delivery", `{"state":"LOST"}`).FailedEntryCount) }
	lost()
	assert.Empty(t, a.pages(t, p), "the topic's own policy lets no service publish")
	a.allow(t, p, "arn:aws:events:us-east-1:123456789012:rule/another")
	lost()
	assert.Empty(t, a.pages(t, p), "it lets another rule publish")
	a.allow(t, p, p.rule)
	lost()
	a.send(t, "shop.delivery", `{"state":"FOUND"}`)
	assert.Equal(t, []map[string]any{{"state": "LOST"}}, a.pages(t, p))
	must[eventbridge.DisableRuleOutput](t)(a.events.DisableRule(a.ctx, &eventbridge.DisableRuleInput{Name: aws.String("delivered")}))
	lost()
	assert.Empty(t, a.pages(t, p), "the rule is disabled")

	queued := aws.String("queued")
	must[eventbridge.PutRuleOutput](t)(a.events.PutRule(a.ctx, &eventbridge.PutRuleInput{Name: queued, EventPattern: aws.String(`{"source":["shop.delivery"]}`)}))
	must[eventbridge.PutTargetsOutput](t)(a.events.PutTargets(a.ctx, &eventbridge.PutTargetsInput{
		Rule: queued, Targets: []eventtypes.Target{{Id: queued, Arn: aws.String("arn:aws:sqs:us-east-1:123456789012:delivered")}},
	}))
	lost()
	assert.Equal(t, []map[string]any{{"state": "LOST"}}, a.pages(t, p))
	must[eventbridge.DisableRuleOutput](t)(a.events.DisableRule(a.ctx, &eventbridge.DisableRuleInput{Name: queued}))
	lost()
	assert.Empty(t, a.pages(t, p), "the rule before a queue is disabled too")
	out := a.send(t, "aws.backup", `{"state":"LOST"}`)
	assert.EqualValues(t, 1, out.FailedEntryCount)
	assert.Equal(t, "NotAuthorizedForSourceException", aws.ToString(out.Entries[0].ErrorCode))
}

func proveEventPatterns(t T, a account) {
	event := `{"id":"1","detail-type":"Order","source":"shop","account":"123456789012","time":"2030-01-02T03:04:05Z","region":"us-east-1","resources":[],"detail":{"state":"LOST","items":3}}`
	test := func(pattern, event string) (*eventbridge.TestEventPatternOutput, error) {
		return a.events.TestEventPattern(a.ctx, &eventbridge.TestEventPatternInput{EventPattern: &pattern, Event: &event})
	}
	for pattern, want := range map[string]bool{
		`{"detail":{"state":["LOST","FOUND"]}}`:                                       true,
		`{"detail":{"state":["lost"]}}`:                                               false,
		`{"detail":{"state":[{"prefix":"LO"}],"items":[{"numeric":[">",2,"<=",3]}]}}`: true,
		`{"detail":{"state":[{"anything-but":["LOST"]}]}}`:                            false,
		`{"detail":{"note":[{"exists":false}]}}`:                                      true,
	} {
		assert.Equal(t, want, must[eventbridge.TestEventPatternOutput](t)(test(pattern, event)).Result, pattern)
	}
	_, err := test(`{"detail":"LOST"}`, event)
	requireCode(t, err, "InvalidEventPatternException")
	_, err = test(`{"source":["shop"]}`, `{"source":"shop"}`)
	requireCode(t, err, "ValidationException")
}

func proveBackupEvents(t T, a account) {
	const vault = "events"
	p := a.pager(t, "failures", `{"source":["aws.backup"],"detail-type":["Backup Job State Change","Copy Job State Change"],"detail":{"state":["FAILED","ABORTED","EXPIRED"]}}`)
	a.allow(t, p, p.rule)
	arn, table, role := a.vault(t, vault), a.table(t, "events"), a.serviceRole(t, "events", "backup")
	a.lockVault(t, vault, 7)
	a.point(t, vault, table, role)
	assert.Empty(t, a.pages(t, p), "what went well pages nobody")
	failed := a.startBackup(t, vault, table, role, 1)
	require.Equal(t, types.BackupJobStateFailed, failed.State)
	details := a.pages(t, p)
	require.Len(t, details, 1)
	assert.Equal(t, *failed.BackupJobId, details[0]["backupJobId"])
	assert.Equal(t, arn, details[0]["backupVaultArn"])
	assert.Equal(t, table, details[0]["resourceArn"])
	assert.Contains(t, details[0]["statusMessage"], "shorter")
}
