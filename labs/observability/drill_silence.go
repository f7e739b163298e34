package observability

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"labctl/checks/report/typeset"
	"labctl/labs"
	"labctl/labs/say"
)

// silence writes ordinary traffic and waits for nobody to be woken. That no page comes proves nothing where none could: first a
// message has to arrive, the alarms need data, and the window has to suffice for the page of an outage.
func (e *exercise) silence(ctx context.Context) error {
	if !e.evaluated() {
		e.line.Partial("Alarms are not evaluated on this target: that none of them pages proves nothing. Carried out was the rest of the way: a test message from the topic to the queue.")
		if err := e.tellOld(ctx); err != nil {
			return err
		}
		if err := e.note(); err != nil {
			return err
		}
		arrived, err := e.testMessage(ctx)
		if err == nil {
			e.line.Outcome("a test message from the topic to the queue", arrival(arrived), arrival(true))
		}
		return err
	}
	if err := e.tellTime(quieting + outageObjective); err != nil {
		return err
	}
	if !e.duty.foresees || e.duty.foreseen.after > outageObjective {
		return &labs.ControlError{Control: "waiting for as long as the page of an outage takes", Err: fmt.Errorf("by their definitions the alarms page at no outage within %s", minutes(outageObjective))}
	}
	if err := e.prepare(ctx); err != nil {
		return err
	}
	if err := e.alive(ctx); err != nil {
		return err
	}
	began := e.clock.Now()
	lasts := outageObjective + e.delay()
	e.line.Say("Writing ordinary traffic for %s; an outage would page after %s.", shortly(lasts), minutes(e.duty.foreseen.after))
	woken, err := e.falsePages(ctx, began, lasts)
	if err != nil {
		return err
	}
	states, err := e.site.states(ctx, e.duty.watched)
	if err != nil {
		return err
	}
	for _, name := range e.duty.watched {
		if states[name].State == withoutData {
			return &labs.ControlError{Control: "having data in the alarms all the while", Err: fmt.Errorf("%s has none at the end", name)}
		}
	}
	found := "none"
	if len(woken) > 0 {
		found = strings.Join(woken, "; ")
	}
	e.line.Outcome("false pages in "+shortly(lasts).String()+" of ordinary traffic", found, "none")
	return nil
}

// delay is how late a page may be that is not late: what a local AWS takes for it, and a look into the queue.
func (e *exercise) delay() time.Duration { return 2 * time.Second * time.Duration(e.speed()) }

// alive is the positive control: what is published arrives.
func (e *exercise) alive(ctx context.Context) error {
	arrived, err := e.testMessage(ctx)
	if err == nil && !arrived {
		err = errors.New("it did not arrive")
		if way, wayErr := e.duty.way(ctx); wayErr == nil && way != "" {
			err = fmt.Errorf("it did not arrive: %s", strings.TrimSuffix(way, "."))
		}
	}
	if err != nil {
		return &labs.ControlError{Control: "sending a test message through the topic to the queue", Err: err}
	}
	e.line.Say("Control: a test message through the topic arrived in the queue, and %s that page are content and have data.", typeset.Count(len(e.duty.pagers), "alarm"))
	return nil
}

// falsePages are the pages that come while all is well. They stay in the queue, for whoever asks why.
func (e *exercise) falsePages(ctx context.Context, began time.Time, lasts time.Duration) ([]string, error) {
	var found []string
	seen := map[string]bool{}
	err := e.during(ctx, healthyTraffic, func(ctx context.Context) error {
		_, err := e.await(ctx, "Waiting for no page", lasts, func(ctx context.Context) (bool, error) {
			got, err := e.letters(ctx, e.duty.queue)
			for _, n := range got {
				if n.wakes(e.duty.pagers, began) && !seen[n.ID] {
					seen[n.ID] = true
					found = append(found, fmt.Sprintf("%s after %s", n.Alarm, shortly(n.At.Sub(began))))
					e.line.Say("A page, and nothing is wrong: %s is in ALARM: %s", n.Alarm, say.Sentence(n.Reason))
				}
			}
			return false, err
		})
		return err
	})
	return found, err
}
