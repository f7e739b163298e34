package ha

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs"
)

// message is one that was received: Receipt is what deleting it takes.
type message struct{ Body, Receipt string }

// mailbox is what the drill asks of a queue.
type mailbox interface {
	waiting(ctx context.Context, queue string) (int, error)
	send(ctx context.Context, queue, body string) error
	// receive gets up to ten messages and hides them for some seconds.
	receive(ctx context.Context, queue string, hidden int) ([]message, error)
	remove(ctx context.Context, queue, receipt string) error
}

// exercise is orders that are sent and worked on.
type exercise struct {
	box      mailbox
	line     *labs.TimeLine
	record   labs.Record
	orders   string // URL
	dead     string // URL
	receives int    // after which a message is given up
	mark     string // what every body begins with
	hidden   int    // seconds for which a received message is hidden: a drill need not wait as long as a worker may
	pause    time.Duration
}

const (
	goodOrders = 5
	pause      = 500 * time.Millisecond // between two receives
)

func poison(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	a := &architecture{inv: live.Inventory}
	queues, err := a.inv.Queues(ctx)
	if err != nil {
		return err
	}
	for _, queue := range queues {
		if !a.plays(queue.Tags, roleOrders) || queue.DeadLetterTargetArn == "" {
			continue
		}
		dead, err := a.inv.Queue(ctx, queue.DeadLetterTargetArn)
		if err != nil {
			return err
		}
		e := newExercise(accountMailbox{sqs.NewFromConfig(live.Config)}, line, queue, dead, live.Run)
		e.record = live.Record
		return e.run(ctx)
	}
	return labs.Lacks("no queue of orders with a dead-letter queue")
}

func newExercise(box mailbox, line *labs.TimeLine, queue, dead inventory.Queue, run string) *exercise {
	return &exercise{
		box: box, line: line, orders: queue.QueueUrl, dead: dead.QueueUrl, receives: queue.MaxReceiveCount,
		mark: "labctl drill " + run + " " + strconv.FormatInt(time.Now().UnixNano(), 36) + ": ", hidden: 1, pause: pause,
	}
}

func (e *exercise) run(ctx context.Context) error {
	// Whatever waits is somebody's order: a drill must not receive it.
	for _, queue := range []string{e.orders, e.dead} {
		n, err := e.box.waiting(ctx, queue)
		if err != nil {
			return err
		}
		if n > 0 {
			return &labs.ControlError{Control: "finding the queues empty", Err: labs.Lacks("%s wait in %s", typeset.Count(n, "message"), queue)}
		}
	}
	if err := labs.Remember(e.record, messagesSent, sent{Orders: e.orders, Dead: e.dead, Mark: e.mark}); err != nil {
		return err
	}
	poisoned := e.mark + "poisoned"
	e.line.Say("Sending %d good orders and a poisoned one.", goodOrders)
	for n := range goodOrders {
		if n == goodOrders/2 {
			if err := e.box.send(ctx, e.orders, poisoned); err != nil {
				return err
			}
		}
		if err := e.box.send(ctx, e.orders, fmt.Sprintf("%sgood %d", e.mark, n)); err != nil {
			return err
		}
	}
	done, tries, err := e.work(ctx, poisoned)
	if err != nil {
		return err
	}
	if len(done) == 0 {
		return &labs.ControlError{Control: "working on a good order", Err: labs.Lacks("none of %d was received", goodOrders)}
	}
	twice := 0
	for _, n := range done {
		twice += n - 1
	}
	ended, err := e.ended(ctx, poisoned)
	if err != nil {
		return err
	}
	e.line.Outcome("good orders done", fmt.Sprint(len(done)), fmt.Sprint(goodOrders))
	e.line.Outcome("good orders done twice", fmt.Sprint(twice), "0")
	e.line.Outcome(fmt.Sprintf("the poisoned order after %s", typeset.Count(tries, "receive")), ended, inDeadLetters)
	lost := goodOrders - len(done)
	if ended == nowhere {
		lost++
	}
	e.line.Outcome("messages lost", fmt.Sprint(lost), "0")
	return nil
}

// work receives as a worker does: a good order is deleted, the poisoned one is not. It ends when the poisoned one has not
// come for a while, which is longer than a message is hidden.
func (e *exercise) work(ctx context.Context, poisoned string) (done map[string]int, tries int, err error) {
	done = map[string]int{}
	quiet := 0
	for rounds := 0; quiet < 6 && rounds < 40*max(e.receives, 1); rounds++ {
		got, err := e.box.receive(ctx, e.orders, e.hidden)
		if err != nil {
			return nil, 0, err
		}
		quiet++
		for _, m := range got {
			quiet = 0
			if m.Body == poisoned {
				tries++
				e.line.Say("The poisoned order, try %d: it cannot be paid.", tries)
				continue
			}
			done[m.Body]++
			if err := e.box.remove(ctx, e.orders, m.Receipt); err != nil {
				return nil, 0, err
			}
			e.line.Say("Done: %s.", strings.TrimPrefix(m.Body, e.mark))
		}
		if err := wait(ctx, e.pause); err != nil {
			return nil, 0, err
		}
	}
	return done, tries, nil
}

// Where the poisoned order may end.
const (
	inDeadLetters = "in the dead-letter queue"
	inOrders      = "still among the orders"
	nowhere       = "nowhere"
)

func (e *exercise) ended(ctx context.Context, poisoned string) (string, error) {
	for _, place := range []struct{ queue, name string }{{e.dead, inDeadLetters}, {e.orders, inOrders}} {
		for range 4 {
			got, err := e.box.receive(ctx, place.queue, e.hidden)
			if err != nil {
				return "", err
			}
			for _, m := range got {
				if m.Body == poisoned {
					return place.name, nil
				}
			}
			if err := wait(ctx, e.pause); err != nil {
				return "", err
			}
		}
	}
	return nowhere, nil
}

// messagesSent is where the record has what the drill put into which queues.
const messagesSent = "messages"

// sent is how the drill's messages are found among others.
type sent struct{ Orders, Dead, Mark string }

// takeOut takes the messages of a drill out of both queues.
func takeOut(ctx context.Context, box mailbox, record labs.Record, line *labs.TimeLine) error {
	var s sent
	if found, err := labs.Recall(record, messagesSent, &s); err != nil || !found {
		return err
	}
	e := &exercise{box: box, line: line, orders: s.Orders, dead: s.Dead, mark: s.Mark, hidden: 1, pause: pause}
	return labs.Unless(e.tidy(ctx), "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
}

func (e *exercise) tidy(ctx context.Context) error {
	removed := 0
	for _, queue := range []string{e.orders, e.dead} {
		for quiet := 0; quiet < 4; quiet++ {
			got, err := e.box.receive(ctx, queue, e.hidden)
			if err != nil {
				return fmt.Errorf("taking the drill's messages out of %s: %w", queue, err)
			}
			for _, m := range got {
				if !strings.HasPrefix(m.Body, e.mark) {
					continue
				}
				quiet = -1
				removed++
				if err := e.box.remove(ctx, queue, m.Receipt); err != nil {
					return fmt.Errorf("taking the drill's messages out of %s: %w", queue, err)
				}
			}
			if err := wait(ctx, e.pause); err != nil {
				return err
			}
		}
	}
	e.line.Say("Taken out of the queues again: %s.", typeset.Count(removed, "message"))
	return nil
}

// accountMailbox is SQS.
type accountMailbox struct{ api *sqs.Client }

func (b accountMailbox) waiting(ctx context.Context, queue string) (int, error) {
	got, err := b.api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}})
	if err != nil {
		return 0, fmt.Errorf("counting the messages of %s: %w", queue, err)
	}
	sum := 0
	for name, text := range got.Attributes {
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0, fmt.Errorf("%s of %s: %w", name, queue, err)
		}
		sum += n
	}
	return sum, nil
}

func (b accountMailbox) send(ctx context.Context, queue, body string) error {
	if _, err := b.api.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body}); err != nil {
		return fmt.Errorf("sending to %s: %w", queue, err)
	}
	return nil
}

func (b accountMailbox) receive(ctx context.Context, queue string, hidden int) ([]message, error) {
	const most = 10
	got, err := b.api.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &queue, MaxNumberOfMessages: most, VisibilityTimeout: int32(hidden), WaitTimeSeconds: 1, //nolint:gosec // a second or two
	})
	if err != nil {
		return nil, fmt.Errorf("receiving from %s: %w", queue, err)
	}
	found := make([]message, len(got.Messages))
	for n, m := range got.Messages {
		found[n] = message{aws.ToString(m.Body), aws.ToString(m.ReceiptHandle)}
	}
	return found, nil
}

func (b accountMailbox) remove(ctx context.Context, queue, receipt string) error {
	if _, err := b.api.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: &receipt}); err != nil {
		return fmt.Errorf("deleting from %s: %w", queue, err)
	}
	return nil
}
