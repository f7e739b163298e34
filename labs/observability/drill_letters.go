package observability

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"labctl/checks/report/typeset"
)

// letter is a message in the queue. Receipt is what deleting it takes.
type letter struct{ ID, Body, Receipt string }

// notice is what a letter says: of an alarm, or of somebody who has published to the topic.
type notice struct {
	letter
	Text        string // what was published
	Alarm       string // "" where no alarm has
	State       string // its new state
	At          time.Time
	Reason      string
	Description string
}

// stamp is the form of times in what alarms publish.
const stamp = "2006-01-02T15:04:05.000-0700"

// read reads a letter: SNS puts what was published into an envelope, unless the subscription is for raw messages.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
func read(l letter) notice {
	n := notice{letter: l, Text: l.Body}
	var envelope struct{ Type, Message string }
	if json.Unmarshal([]byte(l.Body), &envelope) == nil && envelope.Type == "Notification" {
		n.Text = envelope.Message
	}
	var told struct{ AlarmName, AlarmDescription, NewStateValue, NewStateReason, StateChangeTime string }
	if json.Unmarshal([]byte(n.Text), &told) == nil && told.AlarmName != "" {
		if at, err := time.Parse(stamp, told.StateChangeTime); err == nil {
			n.Alarm, n.State, n.At, n.Reason, n.Description = told.AlarmName, told.NewStateValue, at, told.NewStateReason, told.AlarmDescription
		}
	}
	return n
}

// wakes says that an alarm of a list has come into ALARM since a moment.
func (n notice) wakes(alarms []string, since time.Time) bool {
	return n.State == inAlarm && slices.Contains(alarms, n.Alarm) && !n.At.Before(since)
}

const (
	// hidden is how long a letter that is nobody's business stays out of sight of the next look: time enough to see what lies
	// behind it, and short enough for whoever else reads the queue.
	hidden = 5 * time.Second
	// mostLooks bounds a look into a queue: ten letters at a time.
	mostLooks = 200
)

// letters looks through the whole queue.
func (e *exercise) letters(ctx context.Context, queue string) ([]notice, error) {
	var found []notice
	seen := map[string]bool{}
	for range mostLooks {
		got, err := e.site.receive(ctx, queue)
		if err != nil {
			return nil, err
		}
		fresh := false
		for _, l := range got {
			if !seen[l.ID] {
				seen[l.ID], fresh = true, true
				found = append(found, read(l))
			}
		}
		if !fresh {
			break
		}
	}
	return found, nil
}

// tellOld says what lies in the queue from before, so that nobody takes it for the drill's.
func (e *exercise) tellOld(ctx context.Context) error {
	old, err := e.letters(ctx, e.duty.queue)
	if err != nil || len(old) == 0 {
		return err
	}
	slices.SortFunc(old, func(x, y notice) int { return x.At.Compare(y.At) })
	var told []string
	for _, n := range old {
		if n.Alarm != "" {
			told = append(told, fmt.Sprintf("%s %s at %s", n.Alarm, n.State, n.At.UTC().Format("15:04:05")))
		}
	}
	const shown = 3
	if more := len(old) - shown; len(told) > shown {
		told = append(told[len(told)-shown:], fmt.Sprintf("%d more", more))
	}
	what := ""
	if len(told) > 0 {
		what = " (" + strings.Join(told, "; ") + ")"
	}
	e.line.Say("From before the drill there lies in the queue, and stays there: %s%s.", typeset.Count(len(old), "message"), what)
	return nil
}
