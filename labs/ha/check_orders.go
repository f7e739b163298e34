package ha

import (
	"context"
	"errors"
	"fmt"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
)

// What the queue of orders has to say.
const (
	leastReceives, mostReceives = 3, 10
	// leastVisibility is six times the work, which is what AWS advises for the consumers that it runs itself.
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	leastVisibility = 6 * workTime
)

func decideBuffer(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	queues, err := a.inv.Queues(ctx)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, queue := range queues {
		if !a.plays(queue.Tags, roleOrders) {
			continue
		}
		arn := queue.QueueArn
		if hidden := seconds(queue.VisibilityTimeout); hidden < leastVisibility {
			o.Add(fmt.Sprintf("Queue %s shows an order again after %s, and the work on it takes up to %s: a second worker gets it meanwhile.", arn, hidden, workTime), arn)
		}
		switch n := queue.MaxReceiveCount; {
		case queue.DeadLetterTargetArn == "":
			o.Add(fmt.Sprintf("Queue %s has no dead-letter queue: an order that never can be paid is tried until it expires.", arn), arn)
		case n < leastReceives:
			o.Add(fmt.Sprintf("Queue %s gives an order up after %s: payment fails for longer.", arn, typeset.Count(n, "receive")), arn)
		case n > mostReceives:
			o.Add(fmt.Sprintf("Queue %s tries an order %d times before it gives it up: a poisoned one keeps workers busy.", arn, n), arn)
		}
		if err := a.judgeDeadLetters(ctx, o, queue); err != nil {
			return nil, err
		}
		told = append(told, fmt.Sprintf("Queue %s hides an order for %s and gives it up after %s, to %s.", arn, seconds(queue.VisibilityTimeout), typeset.Count(queue.MaxReceiveCount, "receive"), queue.DeadLetterTargetArn))
	}
	if len(told) == 0 {
		o.Add(a.nothing("queue", roleOrders))
	}
	return told, nil
}

func (a *architecture) judgeDeadLetters(ctx context.Context, o *checks.Offences, queue inventory.Queue) error {
	if queue.DeadLetterTargetArn == "" {
		return nil
	}
	dead, err := a.inv.Queue(ctx, queue.DeadLetterTargetArn)
	if errors.Is(err, inventory.ErrNotFound) {
		o.Add(fmt.Sprintf("Queue %s gives orders up to %s, which does not exist.", queue.QueueArn, queue.DeadLetterTargetArn), queue.QueueArn)
		return nil
	}
	if err != nil {
		return err
	}
	// A message keeps its age when it moves to the dead-letter queue of a standard queue.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
	if dead.MessageRetentionPeriod < queue.MessageRetentionPeriod {
		o.Add(fmt.Sprintf("Dead-letter queue %s keeps messages for %s, less than the %s of %s, and their age counts from when they were sent: orders may vanish on arrival.",
			dead.QueueArn, seconds(dead.MessageRetentionPeriod), seconds(queue.MessageRetentionPeriod), queue.QueueArn), dead.QueueArn)
	}
	return nil
}

func decideData(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	tables, err := a.inv.Tables(ctx)
	if err != nil {
		return nil, err
	}
	databases, err := a.inv.Databases(ctx)
	if err != nil {
		return nil, err
	}
	var told []string
	for _, table := range tables {
		if !a.plays(table.Tags, roleData) {
			continue
		}
		if !table.DeletionProtectionEnabled {
			o.Add(fmt.Sprintf("Table %s is not protected from deletion: one call, or one wrong apply, and the orders are gone.", table.TableName), table.TableArn)
		}
		told = append(told, fmt.Sprintf("Table %s is regional, kept in several zones by AWS, and protected from deletion.", table.TableName))
	}
	for _, database := range databases {
		if !a.plays(database.Tags, roleData) {
			continue
		}
		if !database.MultiAZ {
			o.Add(fmt.Sprintf("Database %s has no standby in another zone: with its zone it is gone until somebody restores it.", database.Identifier), database.Arn)
		}
		if !database.DeletionProtection {
			o.Add(fmt.Sprintf("Database %s is not protected from deletion.", database.Identifier), database.Arn)
		}
		told = append(told, fmt.Sprintf("Database %s has a standby in another zone and is protected from deletion.", database.Identifier))
	}
	if len(told) == 0 {
		o.Add(a.nothing("DynamoDB table or RDS database", roleData))
	}
	return told, nil
}
